"""What was measured in each of many stretches of one signal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def grown(time: Floats, total: Floats, start_s: Floats, end_s: Floats) -> Floats:
    """How much a running total grew over each stretch, linear between samples.

    Parameters
    ----------
    time, total : (n,) float64
        Rising times in s; at least one.
    start_s, end_s : (q,) float64
        Beyond the samples the total stays as it is.

    Returns
    -------
    (q,) float64
    """
    growth = np.empty(start_s.size)
    for k in range(start_s.size):
        growth[k] = total_at(time, total, end_s[k]) - total_at(time, total, start_s[k])
    return growth


@kernel
def growths(
    time: Floats, totals: tuple[Floats, Floats, Floats, Floats], start_s: Floats, end_s: Floats
) -> Floats:
    """`grown` of four running totals at once (4, q)."""
    found = np.empty((4, start_s.size))
    for k in range(4):
        found[k] = grown(time, totals[k], start_s, end_s)
    return found


@kernel
def averages(
    time: Floats,
    beats: Floats,
    steps: Floats,
    watts: Floats,
    start_s: Floats,
    end_s: Floats,
    end_window_s: float,
) -> Floats:
    """Means of what sensors told in each stretch.

    Parameters
    ----------
    time, beats, steps, watts : (n,) float64
        Samples; what is not finite is not known.
    start_s, end_s : (q,) float64
        Half-open stretches.
    end_window_s : float
        The end of a stretch is so many of its last seconds, and the sample that ends it.

    Returns
    -------
    (5, q) float64
        Mean and highest heart rate, its mean at the end, mean cadence and power; NaN where nothing
        is known.
    """
    first, last = np.searchsorted(time, start_s), np.searchsorted(time, end_s)
    late = np.searchsorted(time, np.maximum(end_s - end_window_s, start_s))
    found = np.empty((5, start_s.size))
    found[0], found[1] = mean_and_highest(beats, first, last)
    found[2] = mean_and_highest(beats, late, np.minimum(last + 1, time.size))[0]
    found[3] = mean_and_highest(steps, first, last)[0]
    found[4] = mean_and_highest(watts, first, last)[0]
    return found


@helper
def total_at(time: Floats, total: Floats, moment: float) -> float:
    """Interpolate a running total between samples; beyond them it stays as it is."""
    low, high = 0, time.size
    while low < high:
        middle = (low + high) // 2
        if time[middle] <= moment:
            low = middle + 1
        else:
            high = middle
    return total_before(time, total, moment, low)


@helper
def total_before(time: Floats, total: Floats, moment: float, after: int) -> float:
    """`total_at` where the first sample after the moment is known."""
    if after == 0:
        return float(total[0])
    before = after - 1
    past = moment - time[before]
    if past == 0.0 or after == time.size:
        return float(total[before])
    rise = total[after] - total[before]
    return float(rise / (time[after] - time[before]) * past + total[before])


@helper
def first_after(time: Floats, moment: float, near: int) -> int:
    """First sample after a moment, looked for from one nearby on."""
    while near < time.size and time[near] <= moment:
        near += 1
    while near > 0 and time[near - 1] > moment:
        near -= 1
    return near


@kernel
def mean_and_highest(values: Floats, first: Ints, last: Ints) -> tuple[Floats, Floats]:
    """Mean and highest known value of each range of samples.

    Parameters
    ----------
    values : (n,) float64
        What is not finite is not known.
    first, last : (q,) int64
        Half-open, within 0 to n.

    Returns
    -------
    mean, highest : (q,) float64
        NaN where nothing is known.
    """
    mean, highest = np.full(first.size, np.nan), np.full(first.size, np.nan)
    for k in range(first.size):
        total, count, top = 0.0, 0, -np.inf
        for i in range(first[k], last[k]):
            if math.isfinite(values[i]):
                total += values[i]
                count += 1
                top = max(top, values[i])
        if count > 0:
            mean[k], highest[k] = total / count, top
    return mean, highest


@kernel
def running_totals(time: Floats, paused: Bools, adjusted: Floats) -> tuple[Floats, Floats, Floats]:
    """Seconds outside pauses, seconds of known speed and way by it, up to each sample.

    Parameters
    ----------
    time : (n + 1,) float64
        In s.
    paused : (n,) bool
    adjusted : (n,) float64
        Speed in m/s; what is not finite is not known.

    Returns
    -------
    moving, known, way : (n + 1,) float64
    """
    n = paused.size
    moving, known, way = np.zeros(n + 1), np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        seconds = time[i + 1] - time[i]
        moving[i + 1], known[i + 1], way[i + 1] = moving[i], known[i], way[i]
        if not paused[i]:
            moving[i + 1] += seconds
        if math.isfinite(adjusted[i]):
            known[i + 1] += seconds
            way[i + 1] += seconds * adjusted[i]
    return moving, known, way
