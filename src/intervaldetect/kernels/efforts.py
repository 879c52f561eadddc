"""The shortest time over each of some distances, by running totals over the samples."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

BLOCK = 32
"""So many intervals are ruled out at a time."""
SLACK_M = 1e-6
"""More than rounding adds to a running total: what lies nearer to a distance is looked at."""
SLACK_S = 1e-6


@kernel
def shortest_windows(
    time: Floats, speed: Floats, valid: Bools, paused: Bools, distances: Floats, doubt_s: float
) -> tuple[Floats, Floats]:
    """Find the shortest window over each distance, with linear growth between samples.

    Parameters
    ----------
    time : (n + 1,) float64
        Strictly increasing, in s.
    speed : (n,) float64
        In m/s; what is not finite, not valid or paused travels nothing.
    valid, paused : (n,) bool
        Time that is neither is doubtful.
    distances : (d,) float64
        Above 0, in m.
    doubt_s : float
        Windows with more doubtful time are left out.

    Returns
    -------
    duration, start : (d,) float64
        In s; infinity and NaN where no window counts.
    """
    n = speed.size
    travelled, doubtful = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        seconds = time[i + 1] - time[i]
        moves = valid[i] and not paused[i] and math.isfinite(speed[i])
        travelled[i + 1] = travelled[i] + (seconds * speed[i] if moves else 0.0)
        doubtful[i + 1] = doubtful[i] + (0.0 if valid[i] or paused[i] else seconds)
    duration, start = np.full(distances.size, np.inf), np.full(distances.size, np.nan)
    for k in range(distances.size):
        if travelled[n] >= distances[k]:
            duration[k], start[k] = shortest_window(
                time, travelled, doubtful, distances[k], doubt_s
            )
    return duration, start


@kernel
def shortest_window(
    time: Floats, travelled: Floats, doubtful: Floats, distance: float, doubt_s: float
) -> tuple[float, float]:
    """Find the shortest window over a distance, with linear growth between samples.

    The best window begins or ends on a sample. Those that begin on one are tried first;
    those that end on one only where they begin in an interval that may still hold a better one.

    Parameters
    ----------
    time : (n,) float64
        Strictly increasing, in s.
    travelled, doubtful : (n,) float64
        Running totals from 0 on, never falling: m, and s that do not count as running.
    distance : float
        Above 0, in m.
    doubt_s : float
        Windows with more doubtful time are left out.

    Returns
    -------
    (float, float)
        Duration and start in s; infinity and NaN where no window counts.
    """
    best, begin, chances, ends = _from_samples(time, travelled, doubtful, distance, doubt_s)
    for k in range(chances.size):
        before, last = chances[k], ends[k]
        while last - 1 > before and travelled[last - 1] - distance >= travelled[before]:
            last -= 1  # by what rounding makes of it
        while last < time.size and time[last] - time[before + 1] < best:
            goal = travelled[last] - distance
            if goal >= travelled[before + 1]:
                break
            if goal >= travelled[before]:
                share = (goal - travelled[before]) / (travelled[before + 1] - travelled[before])
                start = time[before] + share * (time[before + 1] - time[before])
                doubt = doubtful[before] + share * (doubtful[before + 1] - doubtful[before])
                if time[last] - start < best and doubtful[last] - doubt <= doubt_s:
                    best, begin = time[last] - start, start
            last += 1
    return best, begin


@kernel
def _from_samples(
    time: Floats, travelled: Floats, doubtful: Floats, distance: float, doubt_s: float
) -> tuple[float, float, Ints, Ints]:
    """Find the shortest window that begins on a sample.

    Beside its duration and start, the samples from which up to the next one any window at all may
    begin that is shorter than the best so far, and for each the first sample a distance away.
    """
    final = time.size - 1
    best, begin = _short_enough(time, travelled, doubtful, distance, doubt_s), np.nan
    chances, ends = np.empty(time.size, np.int64), np.empty(time.size, np.int64)
    found, block, far = 0, 0, 0
    while block < final:
        far = _far_enough(time, best, block, far)
        if _hopeless(time, travelled, distance, best, block, far):
            block, far = block + BLOCK, far + BLOCK
            continue
        for first in range(block, min(block + BLOCK, final)):
            far = _far_enough(time, best, first, far)
            if travelled[far] - travelled[first] < distance - SLACK_M:
                continue
            after = _reaching(travelled, travelled[first] + distance, first + 1, far)
            chances[found], ends[found] = first, after
            found += 1
            took = _from_sample(time, travelled, doubtful, first, after, distance, doubt_s)
            if took < best:
                best, begin = took, time[first]
        block += BLOCK
    return best, begin, chances[:found], ends[:found]


@kernel
def _short_enough(
    time: Floats, travelled: Floats, doubtful: Floats, distance: float, doubt_s: float
) -> float:
    """Hardly more than the best of a few windows: no longer one need be looked at."""
    best, final, after = np.inf, time.size - 1, 1
    for first in range(0, final, BLOCK):
        goal = travelled[first] + distance
        if travelled[final] < goal:
            break
        after = min(after + BLOCK, final)
        while travelled[after - 1] >= goal:
            after -= 1
        while travelled[after] < goal:
            after += 1
        took = _from_sample(time, travelled, doubtful, first, after, distance, doubt_s)
        best = min(best, took + SLACK_S)
    return best


@helper
def _far_enough(time: Floats, best: float, first: int, far: int) -> int:
    """First sample as far from the one after ``first`` as the best window is long, or the last.

    What begins before that one and ends after it takes longer.
    """
    far = min(far, time.size - 1)
    while far < time.size - 1 and time[far] - time[first + 1] < best:
        far += 1
    while far > first + 1 and time[far - 1] - time[first + 1] >= best:
        far -= 1
    return far


@helper
def _hopeless(
    time: Floats, travelled: Floats, distance: float, best: float, first: int, far: int
) -> bool:
    """Whether no window that begins in any of a block of intervals can be the best.

    To look at all of them is many times faster than to look at one after the other.
    """
    if first + BLOCK >= time.size or far + BLOCK > time.size:
        return False
    begin, end = time[first + 1 : first + 1 + BLOCK], time[far : far + BLOCK]
    done, goes = travelled[first : first + BLOCK], travelled[far : far + BLOCK]
    chances = 0
    for k in range(BLOCK):
        chances += (end[k] - begin[k] < best) | (goes[k] - done[k] >= distance - SLACK_M)
    return chances == 0


@helper
def _from_sample(
    time: Floats,
    travelled: Floats,
    doubtful: Floats,
    first: int,
    after: int,
    distance: float,
    doubt_s: float,
) -> float:
    """Length of the window from a sample into the interval that ends at ``after``; or infinity."""
    goal = travelled[first] + distance
    if travelled[after] < goal:
        return np.inf
    share = (goal - travelled[after - 1]) / (travelled[after] - travelled[after - 1])
    end = time[after - 1] + share * (time[after] - time[after - 1])
    doubt = doubtful[after - 1] + share * (doubtful[after] - doubtful[after - 1])
    return float(end - time[first]) if doubt - doubtful[first] <= doubt_s else np.inf


@helper
def _reaching(travelled: Floats, goal: float, low: int, high: int) -> int:
    """First place from ``low`` on whose total reaches a goal, or else ``high``."""
    while low < high:
        middle = (low + high) // 2
        if travelled[middle] < goal:
            low = middle + 1
        else:
            high = middle
    return low
