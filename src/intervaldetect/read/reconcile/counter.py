"""The distance counter: way since the last point, drop-outs, restarts, an offset, coarse steps.

Nothing here knows the unit but `without_jumps`; a counter in miles is mended like one in metres.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.held import MIN_HELD, held
from intervaldetect.read.reconcile.cells import quantile
from intervaldetect.records import Bools, Floats, Problem

FALLING_SHARE = 0.15
"""No running total falls as often; ways since the last point do at nearly every other one."""

FASTEST_STEP_MPS = 60.0
"""What gains more in a step has jumped (``columns``: the highest speed)."""

MIN_RESTART_STEPS = 5.0
"""A counter that fell to under half, by so many usual steps, has started again."""

OFFSET_STEPS = 60.0
"""A counter that begins beyond so many usual steps goes on from something before this file."""

STEPS_ALIKE, MIN_DIPS = 20.0, 3
RISING_SHARE = 0.05
"""A total is seldom further below its highest so far than this share of the whole; steps are."""

LONGEST_STEP_S = 20.0

MAX_JUMPS = 10
"""More leaps than these are the way a device counts, if its total bears that out."""

SAME_TOTAL = 0.02
"""Totals of one device that differ by a smaller share are the same."""

LEAP_M, LATEST_S = 12.0, 300.0
"""Nobody moves so far in a second; a counter that stands for longer waits for no receiver."""

MIN_ADDENDS = 60
"""A sum of fewer ways agrees with a total by chance."""

ADDED_UP = Problem("distance_steps", "the distance is counted from the last point; added up")


def running_total(
    time: Floats, distance: Floats, total: float | None
) -> tuple[Floats, list[Problem]]:
    """Bring any kind of distance channel to a running total from the first record on.

    Parameters
    ----------
    time, distance : (n,) float64
        Elapsed s; any unit, NaN where not known.
    total : float or None
        What session or laps say of the whole, in the same unit as far as anybody knows.

    Returns
    -------
    distance : (n,) float64
    problems : list of Problem
    """
    finite = np.isfinite(distance)
    values = distance[finite]
    if values.size < 2:
        return distance, []
    gains = np.diff(values)
    falls = int(np.count_nonzero(gains < 0.0))
    if not falls and values[0] <= 0.0:
        return distance, []
    known = np.flatnonzero(finite)
    problems: list[Problem] = []
    if falls > MIN_DIPS and not (gains > 0.0).any():
        text = f"the distance counts down from {values[0]:.6g}; turned round"
        return _spread(distance, known, values[0] - values), [Problem("distance_falls", text)]
    if falls > 1 and (_add_up(values, total) or _are_steps(values, gains, total)):
        return _spread(distance, known, np.cumsum(values)), [ADDED_UP]
    if falls:
        stray = _strays(values)
        if stray.any() and falls < FALLING_SHARE * values.size:
            problems.append(_dropped(stray))
            known, values = known[~stray], values[~stray]
        values, told = _without_falls(time[known], values, total)
        problems += told
    usual = _usual_gain(values)
    if usual and values[0] > OFFSET_STEPS * usual and not _is_total(values[-1], total):
        text = f"the distance began at {values[0]:.6g}; counted from the first record"
        problems.append(Problem("distance_offset", text))
        values = values - values[0]
    if not problems:
        return distance, []
    return _spread(distance, known, values), problems


def any_leap(distance: Floats) -> bool:
    """Whether a running total (m) gains more than a step between two samples, as few do."""
    gains = np.diff(distance[np.isfinite(distance)])
    return bool(gains.size and gains.max() > min(LEAP_M, FASTEST_STEP_MPS))


def without_jumps(
    time: Floats, distance: Floats, total: float | None
) -> tuple[Floats, Problem | None]:
    """Take out of a running total (m) what no one can have moved between two samples.

    Where that is so again and again and the whole is that of the session, it is how this device
    counts, not a leap.
    """
    known = np.flatnonzero(np.isfinite(distance))
    if known.size < 3:
        return distance, None
    values = distance[known]
    gains, seconds = np.diff(values), np.diff(time[known])
    jumps = gains > FASTEST_STEP_MPS * np.maximum(seconds, 1.0)
    if not jumps.any():
        return distance, None
    if np.count_nonzero(jumps) > MAX_JUMPS and _is_total(values[-1], total):
        text = "the distance leaps again and again, yet ends at the total; left as it is"
        return distance, Problem("witnesses_disagree", text, int(jumps.sum()))
    usual = _usual_gain(values)
    excess = np.where(jumps, gains - usual, 0.0)
    values = values - np.concatenate(([0.0], np.cumsum(excess)))
    text = f"the distance leapt by {excess.sum():.0f} m between samples; taken out"
    return _spread(distance, known, values), Problem("distance_jump", text, int(jumps.sum()))


def late_counts(
    time: Floats, distance: Floats, total: float | None
) -> tuple[Floats, Problem | None]:
    """Make null a running total (m) that stands until it leaps to where one ran on.

    So it is where the first fix is late, or was lost. The samples share the next gain, unless the
    total says that the leap is none.
    """
    known = np.flatnonzero(np.isfinite(distance))
    if known.size <= MIN_HELD:
        return distance, None
    values = distance[known]
    late, leaps = held(time[known], values, longest_s=LATEST_S, least_m=LEAP_M)
    if not leaps.size:
        return distance, None
    leapt = float(np.diff(values)[leaps].sum())
    if total is not None and abs(values[-1] - leapt - total) < abs(values[-1] - total):
        return distance, None
    spread = distance.copy()
    spread[known[late]] = np.nan
    text = f"the distance stood still, then jumped by {leapt:.0f} m; spread over that time"
    return spread, Problem("distance_late", text, int(leaps.size))


def fine_steps(time: Floats, distance: Floats, speed: Floats) -> tuple[Floats, Problem | None]:
    """Even out a counter that stands for samples and then leaps, as treadmills count 0.01 mi.

    A counter is coarse where most leaps do not follow the one before at the very next sample. Where
    the speed field covers the file, it says how the way between two leaps was run; else that is
    at one speed.

    Parameters
    ----------
    time, distance, speed : (n,) float64
        Elapsed s, any unit each; NaN where not known.
    """
    finite = np.isfinite(distance)
    values = distance[finite]
    grows = values[1:] > values[:-1]
    count = np.count_nonzero(grows)
    in_a_row = np.count_nonzero(grows[1:] & grows[:-1])
    if values.size < 10 or count < 5 or in_a_row > (count - 1) // 2:
        return distance, None
    known, leaps = np.flatnonzero(finite), np.flatnonzero(grows) + 1
    step = middle(np.diff(values)[leaps - 1])
    ticks = np.concatenate(([known[0]], known[leaps]))
    counted = distance[ticks]
    fine = np.full(distance.size, np.nan)
    inside = slice(int(ticks[0]), int(ticks[-1]) + 1)
    gone = time
    covered = np.isfinite(speed[inside])
    if np.count_nonzero(covered) > 0.9 * covered.size:
        gone = np.concatenate(([0.0], np.cumsum(np.nan_to_num(speed[1:]) * np.diff(time))))
        gone = gone + 1e-6 * time  # so that it rises while nothing moves
    fine[inside] = np.interp(gone[inside], gone[ticks], counted)
    text = f"the distance grows in steps of {step:.4g}; evened out between them"
    return fine, Problem("distance_coarse", text, int(leaps.size))


def _spread(distance: Floats, known: np.ndarray, values: Floats) -> Floats:
    """Put values back in their places; NaN elsewhere."""
    placed = np.full(distance.size, np.nan)
    placed[known] = values
    return placed


def _are_steps(values: Floats, gains: Floats, total: float | None) -> bool:
    """Whether values go up and down about one size, as steps do and no total does."""
    if _is_total(float(values.max()), total):
        return False
    if middle(_below_highest(values)) < RISING_SHARE:
        return False  # two counters that take turns fall often, yet both rise all the way
    falling = gains < 0.0
    dips = falling & (values[1:] > 0.5 * values[:-1])
    level = abs(float(values[-1] - values[1])) < 0.5 * float(np.abs(gains[1:]).sum())
    above = values[values > 0.0]
    alike = bool(above.size) and quantile(above, 0.9) < STEPS_ALIKE * middle(above)
    often = np.count_nonzero(falling) > FALLING_SHARE * gains.size
    return alike and level and bool(often or np.count_nonzero(dips) >= MIN_DIPS)


def _add_up(values: Floats, total: float | None) -> bool:
    """Whether the values sum to the total, in m, km or mi, which no running total does."""
    if total is None or total <= 0.0 or values.size < MIN_ADDENDS:
        return False
    whole = float(values.sum())
    return any(abs(whole * unit - total) <= SAME_TOTAL * total for unit in (1.0, 1e3, 1609.344))


def _below_highest(values: Floats) -> Floats:
    """Give how far values lie below the highest so far, as shares of the whole."""
    highest = np.maximum.accumulate(values)
    whole = float(highest[-1]) - quantile(values, RISING_SHARE)
    return np.asarray((highest - values) / max(whole, 1e-9))


def _usual_gain(values: Floats) -> float:
    gains = np.diff(values)
    above = gains[gains > 0.0]
    return middle(above) if above.size else 0.0


def _is_total(last: float, total: float | None) -> bool:
    return total is not None and abs(last - total) <= SAME_TOTAL * total


def _strays(values: Floats) -> Bools:
    """Mark zeros within a running total, and single values that leave its order."""
    places = np.arange(values.size)
    above = values > 0.0
    before = np.maximum.accumulate(np.where(above, values, 0.0))
    following = np.minimum.accumulate(np.where(above, places, values.size)[::-1])[::-1]
    after = np.append(values, np.inf)[following]  # zeros at the end are no new start
    last = np.append(values, 0.0)[np.maximum.accumulate(np.where(above, places, 0))]
    stray = ~above & (before > 0.0) & (after >= last)
    inner = np.zeros(values.size, dtype=np.bool_)
    left, mid, right = values[:-2], values[1:-1], values[2:]
    low = (mid < left) & (right >= left)
    # A single value that is too high shows as a fall behind it, to no less than before it.
    high = (mid > right) & (right >= left) & ~np.append(low[1:], False)
    inner[1:-1] = low | high
    return np.asarray(stray | inner)


def _dropped(stray: Bools) -> Problem:
    text = "single distances that leave the order of the counter were left out"
    return Problem("distance_dropouts", text, int(np.count_nonzero(stray)))


def _without_falls(
    time: Floats, values: Floats, total: float | None
) -> tuple[Floats, list[Problem]]:
    """Join a counter that started again; of two that take turns to the total, take the higher."""
    falls = int(np.count_nonzero(np.diff(values) < 0.0))
    if (
        falls > 1
        and _is_total(values[-1], total)
        and values[-1] >= values.max()
        and falls >= FALLING_SHARE * values.size
        and _below_highest(values).max() < RISING_SHARE
    ):
        text = "the distance falls again and again; the highest so far was taken"
        return np.maximum.accumulate(values), [Problem("distance_dropouts", text, falls)]
    values, restarts = _joined(time, values)
    if not restarts:
        return values, []
    text = "the distance started again in mid-file; joined"
    return values, [Problem("distance_restarts", text, restarts)]


def _joined(time: Floats, values: Floats) -> tuple[Floats, int]:
    """Go on counting where the counter started again, by the speed before and after."""
    gains, seconds = np.diff(values), np.diff(time)
    usual = _usual_gain(values)
    new = values[1:]
    again = (new < 0.5 * values[:-1]) & (gains < -MIN_RESTART_STEPS * usual)
    at = np.flatnonzero(again)
    if not at.size:
        return values, 0
    rates = np.where((gains >= 0.0) & (seconds > 0.0), gains / np.maximum(seconds, 1e-9), np.nan)
    beside = np.stack((rates[np.maximum(at - 1, 0)], rates[np.minimum(at + 1, rates.size - 1)]))
    rate = np.where(np.isfinite(beside), beside, 0.0).sum(0) / np.maximum(
        np.isfinite(beside).sum(0), 1
    )
    likely = np.where(seconds[at] <= LONGEST_STEP_S, rate * seconds[at], new[at])
    excess = np.zeros(values.size)
    excess[at + 1] = likely - gains[at]
    return values + np.cumsum(excess), int(at.size)
