"""Zeros that are no values: channels without any, and single ones of a sensor that lost contact."""

from __future__ import annotations

import numpy as np

from intervaldetect.records import Bools, Floats, Problem

INVALID_CADENCE = 255.0
"""FIT's mark of no cadence, which exporters copy as a number."""

OTHER_MARKS, MARK_APART, MIN_MARKS = (127.0, 254.0), 0.85, 3
"""Marks of other types; they are none where cadences nearly as high occur beside them."""

PER_SECOND_BELOW = 5.0
"""Turns a minute are never all so few; turns a second are."""

INVALID_SPEEDS = (65.535, 65.5)
"""FIT's mark of no speed, as exporters copy it in m/s, to three digits or to one."""

INVALID_ALTITUDE, FAR_M = -500.0, 30.0
"""FIT's altitude of nothing; and how far off those beside it a zero is none either."""

SLOWEST_MPS, SLOWEST_SPM = 1.0, 40.0
LONGEST_S = 4.0
"""Nobody stops and runs on within so many seconds."""


def empty_channels(table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, what is a mark of no value or a zero throughout."""
    problems: list[Problem] = []
    cadence = table["cadence"]
    mark = _mark_in(cadence)
    if mark is not None:
        marks = cadence == mark
        table["cadence"] = np.where(marks, np.nan, cadence)
        text = f"a cadence of {mark:.0f} means none"
        problems.append(Problem("cadence_invalid", text, int(np.count_nonzero(marks))))
    if 0.5 < np.fmax.reduce(table["cadence"], initial=0.0) < PER_SECOND_BELOW:
        table["cadence"] = 60.0 * table["cadence"]
        problems.append(Problem("cadence_unit", "the cadence is that of a second; times 60"))
    problems += _without_marks(table)
    for name in ("distance", "speed", "cadence", "power"):
        values = table[name]
        if values.size > 1 and _is_zero(values):
            table[name] = np.full(values.size, np.nan)
            known = int(np.count_nonzero(np.isfinite(values)))
            problems.append(Problem(f"{name}_empty", f"{name} of 0 throughout is none", known))
    return problems


def _without_marks(table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, speeds and altitudes that stand for none."""
    problems: list[Problem] = []
    speed, altitude = table["speed"], table["altitude"]
    if np.fmax.reduce(speed, initial=0.0) >= min(INVALID_SPEEDS):
        marks = (speed == INVALID_SPEEDS[0]) | (speed == INVALID_SPEEDS[1])
        if marks.any():
            table["speed"] = np.where(marks, np.nan, speed)
            text = "a speed of 65.5 m/s marks a missing value"
            problems.append(Problem("speed_invalid", text, int(np.count_nonzero(marks))))
    if not np.fmin.reduce(altitude, initial=np.inf) <= 0.0:
        return problems
    marks = altitude == INVALID_ALTITUDE
    zero = altitude == 0.0
    if zero.any() and _all_far(altitude, zero):
        marks |= zero
    if marks.any():
        table["altitude"] = np.where(marks, np.nan, altitude)
        text = "altitudes of 0 or -500 m far from those beside them were removed"
        problems.append(Problem("altitude_dropouts", text, int(np.count_nonzero(marks))))
    return problems


def _all_far(altitude: Floats, zero: Bools) -> bool:
    """Whether each stretch of zeros begins and ends with a leap that nobody climbs in a step."""
    known = np.isfinite(altitude)
    values, zeros = altitude[known], zero[known]
    edges = np.flatnonzero(zeros[1:] != zeros[:-1])
    leaps = np.abs(values[edges + 1] - values[edges])
    return bool(edges.size and leaps.min() > FAR_M)


def _is_zero(values: Floats) -> bool:
    """Whether all that is known of a channel is zeros."""
    highest = np.fmax.reduce(values, initial=np.nan)
    return bool(highest == 0.0 and np.fmin.reduce(values, initial=np.nan) == 0.0)


def _mark_in(cadence: Floats) -> float | None:
    """Give the number that stands for no cadence, if there is one."""
    highest = np.fmax.reduce(cadence, initial=0.0)
    if highest >= INVALID_CADENCE and (cadence == INVALID_CADENCE).any():
        return INVALID_CADENCE
    if highest not in OTHER_MARKS:
        return None
    others = np.fmax.reduce(cadence[cadence < highest], initial=0.0)
    marks = int(np.count_nonzero(cadence == highest))
    return float(highest) if marks >= MIN_MARKS and 0.0 < others < MARK_APART * highest else None


def speed_zeros(time: Floats, table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, zeros of the speed between two that move, seconds apart."""
    single = _single_zeros(time, table["speed"], SLOWEST_MPS)
    if not single.any():
        return []
    table["speed"] = np.where(single, np.nan, table["speed"])
    text = "single zeros of the speed were taken as drop-outs"
    return [Problem("speed_dropouts", text, int(np.count_nonzero(single)))]


def zeros_on_foot(table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, zeros of cadence and power for a second or two; riders coast."""
    problems: list[Problem] = []
    for name in ("cadence", "power"):
        single = _single_zeros(table["time"], table[name], SLOWEST_SPM)
        if single.any():
            table[name] = np.where(single, np.nan, table[name])
            text = f"single zeros of the {name} were taken as drop-outs"
            problems.append(Problem(f"{name}_dropouts", text, int(np.count_nonzero(single))))
    return problems


def _single_zeros(time: Floats, values: Floats, least: float) -> Bools:
    """Mark zeros between two values of ``least`` and more that are close in time."""
    zero: Bools = values == 0.0
    if not zero.any():
        return zero
    single = np.zeros(values.size, dtype=np.bool_)
    edges = np.flatnonzero(zero[1:] != zero[:-1]) + 1
    if zero[0]:  # nothing is known of what was before
        edges = edges[1:]
    if edges.size < 2:
        return single
    starts, ends = edges[: edges.size // 2 * 2 : 2], edges[1::2]
    near = time[ends] - time[starts - 1] <= LONGEST_S
    near &= (values[starts - 1] >= least) & (values[ends] >= least)
    for start, end in zip(starts[near].tolist(), ends[near].tolist(), strict=True):
        single[start:end] = True
    return single
