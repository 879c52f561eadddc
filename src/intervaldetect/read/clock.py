"""Clock repair: absolute time stamps as a device wrote them -> elapsed seconds that never fall.

A watch clock is set by GPS in mid-activity, starts at power-on, steps back or leaps by years. What
is left of it afterwards is the order of the samples and the steps between them; both are kept.
"""

from __future__ import annotations

import functools
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

import numpy as np

from intervaldetect.records import Floats, Problem
from intervaldetect.records.channels import BY_NAME

JUMP_S = 7 * 86400.0
"""A forward step longer than this is the clock being set, whatever else the file says."""

UNEXPLAINED_JUMP_S = 86400.0
"""The same where neither a stop of the timer nor a new track segment explains the step."""

FIX_JUMP_S = 900.0
"""The same where the first position of the file follows: the receiver sets the clock."""

STRAY_SAMPLES = 5
"""Up to so many samples out of order are strays; more of them are a clock set back."""

POWER_ON_UNIX = 631065600.0 + 0x10000000
"""Stamps before this (1998-07) are seconds since power-on, not a date."""


@dataclass(frozen=True)
class Clock:
    """Elapsed times of the samples, and how to map other stamps of the same device to them.

    ``runs`` holds, per stretch of consistent clock, first and last raw stamp (unix s) and what to
    subtract from a raw stamp to get elapsed seconds.
    """

    elapsed_s: Floats
    start_unix: float
    runs: tuple[tuple[float, float, float], ...]
    problems: tuple[Problem, ...] = ()

    def to_elapsed(self, stamp: float) -> float:
        """Map an absolute stamp (unix s) to elapsed seconds by the nearest stretch of clock."""
        if len(self.runs) == 1:
            return stamp - self.runs[0][2]
        low, high, shift = self._table
        off = np.maximum(np.maximum(low - stamp, stamp - high), 0.0)
        return stamp - float(shift[int(off.argmin())])

    @functools.cached_property
    def _table(self) -> Floats:
        """Return the runs as rows, for a file may have as many as samples, and as many laps."""
        return np.array(self.runs, dtype=np.float64).T


def repair(
    stamps: Floats,
    fallback_start: float | None = None,
    *,
    stops: Sequence[int] = (),
    first_fix: int = 0,
) -> Clock:
    """Turn finite unix stamps, shape ``(n,)``, n > 0, in file order, into a :class:`Clock`.

    Stray samples get the time between their neighbours; after a step back or a leap the samples go
    on one typical step later. The longest consistent stretch decides the absolute start;
    ``fallback_start`` serves when that stretch counts from power-on. ``stops`` are the samples
    before which the timer stood, ``first_fix`` is the first sample with a position.
    """
    steps = np.diff(stamps)
    rising = steps.size == 0 or steps.min() >= 0.0
    if rising and (steps.size == 0 or steps.max() <= FIX_JUMP_S):  # no limit is lower
        return _date(_as_given(stamps), fallback_start)
    limits = _limits(steps, stops, first_fix)
    sound = rising and bool((steps <= limits).all())
    clock = _as_given(stamps) if sound else _repair_runs(stamps, steps, limits)
    return _date(clock, fallback_start)


def _as_given(stamps: Floats) -> Clock:
    start = float(stamps[0])
    return Clock(_rounded(stamps - start), start, ((start, float(stamps[-1]), start),))


def _limits(steps: Floats, stops: Sequence[int], first_fix: int) -> Floats:
    """Give for each step the seconds from which on it is the clock being set."""
    limits = np.full(steps.size, UNEXPLAINED_JUMP_S)
    if 0 < first_fix <= steps.size:
        limits[first_fix - 1] = FIX_JUMP_S
    limits[[k - 1 for k in stops if 0 < k <= steps.size]] = JUMP_S
    return limits


def _rounded(elapsed: Floats) -> Floats:
    # A double holds unix time to 0.2 microseconds: what lies below is noise of the difference.
    return np.round(elapsed, 6)


def _date(clock: Clock, fallback_start: float | None) -> Clock:
    if clock.start_unix >= POWER_ON_UNIX:
        return clock
    known = fallback_start is not None and fallback_start >= POWER_ON_UNIX
    problem = Problem(
        "clock_not_set",
        "the clock counts from power-on; "
        + ("the start is the file's time of creation" if known else "the date is not known"),
        int(clock.elapsed_s.size),
    )
    start = fallback_start if known and fallback_start is not None else clock.start_unix
    return Clock(clock.elapsed_s, start, clock.runs, (*clock.problems, problem))


def _repair_runs(stamps: Floats, steps: Floats, limits: Floats) -> Clock:
    stray = strays(stamps)
    kept = np.flatnonzero(~stray)
    raw = stamps[kept]
    usual = steps[(steps > 0) & (steps <= 60)]
    step = middle(usual) if usual.size else 1.0

    raw_steps = np.diff(raw)
    back, leap = raw_steps < 0, raw_steps > limits[kept[1:] - 1]
    bounds = np.concatenate(([0], np.flatnonzero(back | leap) + 1, [raw.size]))
    elapsed = np.empty_like(stamps)
    runs: list[tuple[float, float, float]] = []
    begin = 0.0
    for first, last in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
        shift = float(raw[first]) - begin
        elapsed[kept[first:last]] = raw[first:last] - shift
        runs.append((float(raw[first]), float(raw[last - 1]), shift))
        begin = float(raw[last - 1]) - shift + step
    if stray.any():
        elapsed[stray] = np.interp(np.flatnonzero(stray), kept, elapsed[kept])
    zero = float(elapsed[0])
    if zero != 0.0:
        elapsed -= zero
        runs = [(low, high, shift + zero) for low, high, shift in runs]

    elapsed = _rounded(elapsed)
    sizes = np.diff(bounds)
    dated = np.array([low >= POWER_ON_UNIX for low, _, _ in runs])
    main = int(np.argmax(np.where(dated, sizes, 0) if dated.any() else sizes))
    problems = [
        Problem(code, message, int(count))
        for code, message, count in (
            (
                "clock_stray",
                "samples out of order; given the time of their neighbours",
                stray.sum(),
            ),
            ("clock_step_back", "the clock was set back; the samples go on from there", back.sum()),
            (
                "clock_jump",
                "the clock leapt forward; the leap was taken out",
                leap.sum(),
            ),
        )
        if count
    ]
    return Clock(elapsed, runs[main][2], tuple(runs), tuple(problems))


def strays(stamps: Floats) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """Mark the few samples that stand in the way of an ordered clock.

    At every step back either the tail before it or the head after it is out of order; the shorter
    of both is, if it is short. A lone sample years away from both its neighbours is one, too.
    """
    stray = np.zeros(stamps.size, dtype=np.bool_)
    values = stamps.tolist()
    stray[_lone(values)] = True
    order = [i for i in range(len(values)) if not stray[i]]
    good: list[int] = []
    position = 0
    while position < len(order):
        index = order[position]
        if not good or values[index] >= values[good[-1]]:
            good.append(index)
            position += 1
            continue
        late = (values[place] > values[index] for place in reversed(good[-_FEW:]))
        tail = sum(takewhile(bool, late))
        early = (values[place] < values[good[-1]] for place in order[position : position + _FEW])
        head = sum(takewhile(bool, early))
        at_end = position + head == len(order)
        if head <= tail and head <= STRAY_SAMPLES and not at_end:
            stray[order[position : position + head]] = True
            position += head
        elif tail <= STRAY_SAMPLES and tail < len(good):
            stray[good[-tail:]] = True
            del good[-tail:]
        else:
            good = [index]
            position += 1
    return stray


_FEW = STRAY_SAMPLES + 1


def _lone(values: list[float]) -> list[int]:
    """Return the samples years away from both their neighbours, which follow one another."""
    return [
        i
        for i in range(1, len(values) - 1)
        if abs(values[i] - values[i - 1]) > JUMP_S
        and abs(values[i + 1] - values[i]) > JUMP_S
        and 0 <= values[i + 1] - values[i - 1] <= JUMP_S
    ]


def middle(values: Floats) -> float:
    """Give the (upper) median; np.median would load numpy.ma, a fifth of the time to start."""
    half = values.size // 2
    return float(np.partition(values, half)[half])


def usual_step(steps: Floats) -> float:
    """Give the (upper) median of the steps above zero; 0 where none is.

    Most files keep one step nearly throughout: then counting bears that out, and nothing is sorted.
    """
    rising = steps[steps > 0.0]
    if not rising.size:
        return 0.0
    half = rising.size // 2
    likely = float(rising[half])
    if np.count_nonzero(rising < likely) <= half < np.count_nonzero(rising <= likely):
        return likely
    return middle(rising)


def trim(elapsed_s: Floats) -> int:
    """Count the samples within the longest time an activity may take (``columns.CHANNELS``)."""
    limit = BY_NAME["time"].high
    return bisect_right(elapsed_s, limit) if elapsed_s[-1] > limit else int(elapsed_s.size)
