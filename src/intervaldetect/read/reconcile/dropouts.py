"""Zeros that are no values: channels without any, and single ones of a sensor that lost contact."""

from __future__ import annotations

import numpy as np

from intervaldetect.records import Bools, Floats, Problem

INVALID_CADENCE = 255.0
"""FIT's mark of no cadence, which exporters copy as a number."""

SLOWEST_MPS, SLOWEST_SPM = 1.0, 40.0
LONGEST_S = 4.0
"""Nobody stops and runs on within so many seconds."""


def empty_channels(table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, what is a mark of no value or a zero throughout."""
    problems: list[Problem] = []
    cadence = table["cadence"]
    marks = cadence == INVALID_CADENCE
    if marks.any():
        table["cadence"] = np.where(marks, np.nan, cadence)
        text = "a cadence of 255 means none"
        problems.append(Problem("cadence_invalid", text, int(np.count_nonzero(marks))))
    for name in ("distance", "speed", "cadence", "power"):
        values = table[name]
        lowest = np.fmin.reduce(values, initial=np.nan)
        highest = np.fmax.reduce(values, initial=np.nan)
        if lowest == highest == 0.0 and values.size > 1:
            table[name] = np.full(values.size, np.nan)
            known = int(np.count_nonzero(np.isfinite(values)))
            problems.append(Problem(f"{name}_empty", f"{name} of 0 throughout is none", known))
    return problems


def speed_zeros(time: Floats, table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, single zeros of the speed between two that move."""
    single = _single_zeros(time, table["speed"], SLOWEST_MPS)
    if not single.any():
        return []
    table["speed"] = np.where(single, np.nan, table["speed"])
    text = "single zeros of the speed were taken as drop-outs"
    return [Problem("speed_dropouts", text, int(np.count_nonzero(single)))]


def zeros_on_foot(table: dict[str, Floats]) -> list[Problem]:
    """Make null, in place, single zeros of cadence and power; on a ride these are coasting."""
    problems: list[Problem] = []
    for name in ("cadence", "power"):
        single = _single_zeros(table["time"], table[name], SLOWEST_SPM)
        if single.any():
            table[name] = np.where(single, np.nan, table[name])
            text = f"single zeros of the {name} were taken as drop-outs"
            problems.append(Problem(f"{name}_dropouts", text, int(np.count_nonzero(single))))
    return problems


def _single_zeros(time: Floats, values: Floats, least: float) -> Bools:
    """Mark zeros whose neighbours on both sides, close in time, are above ``least``."""
    single = np.zeros(values.size, dtype=np.bool_)
    zero = values[1:-1] == 0.0
    if zero.any():
        near = time[2:] - time[:-2] <= LONGEST_S
        single[1:-1] = zero & (values[:-2] >= least) & (values[2:] >= least) & near
    return single
