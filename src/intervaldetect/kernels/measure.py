"""What was measured in each of many stretches of one signal."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

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
    if low == 0:
        return float(total[0])
    before = low - 1
    past = moment - time[before]
    if past == 0.0 or low == time.size:
        return float(total[before])
    rise = total[low] - total[before]
    return float(rise / (time[low] - time[before]) * past + total[before])


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
