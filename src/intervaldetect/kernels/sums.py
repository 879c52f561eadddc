"""Running sums of what is known, in one pass, and means of ranges from them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels import _plain
from intervaldetect.kernels._jit import kernel, kernel_beside

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def running_sums(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sum weights and weighted values from the first on.

    Parameters
    ----------
    values, weights : (n,) float64
        A value that is not finite counts nothing, nor does its weight.

    Returns
    -------
    weight, total : (n + 1,) float64
        Sums over the first 0, 1, ... n values, added in order.
    """
    n = min(values.size, weights.size)
    weight, total = np.empty(n + 1), np.empty(n + 1)
    weight_so_far = total_so_far = 0.0
    weight[0] = total[0] = 0.0
    for i in range(n):
        if math.isfinite(values[i]):
            weight_so_far += weights[i]
            total_so_far += weights[i] * values[i]
        weight[i + 1], total[i + 1] = weight_so_far, total_so_far
    return weight, total


@kernel
def counted(time: Floats, values: Floats, paused: Bools, pause_s: float) -> tuple[Floats, Floats]:
    """Values of intervals and the seconds each counts for: a pause is 0 for a while, a gap nothing.

    Parameters
    ----------
    time : (n + 1,) float64
        In s.
    values : (n,) float64
        What is not finite is not known.
    paused : (n,) bool
    pause_s : float
        A pause counts for no more.

    Returns
    -------
    values, seconds : (n,) float64
    """
    n = paused.size
    found, seconds = np.zeros(n), np.zeros(n)
    for i in range(n):
        if paused[i]:
            seconds[i] = min(time[i + 1] - time[i], pause_s)
        elif math.isfinite(values[i]):
            found[i], seconds[i] = values[i], time[i + 1] - time[i]
    return found, seconds


@kernel
def block_means(
    values: Floats, weights: Floats, least: float, block_s: float
) -> tuple[int, Floats]:
    """Weighted means over blocks of counted seconds.

    Parameters
    ----------
    values, weights : (n,) float64
    least : float
        Only larger values count.
    block_s : float
        Above 0.

    Returns
    -------
    blocks : int
        How many there are, those in the middle of one long interval included.
    (k,) float64
        Means of the blocks in which an interval ends.
    """
    n = min(values.size, weights.size)
    means = np.empty(n)
    found, block, elapsed, weight, total = 0, -1, 0.0, 0.0, 0.0
    for i in range(n):
        if not (weights[i] > 0.0 and values[i] > least):
            continue
        elapsed += weights[i]
        here = int(elapsed / block_s)
        if here != block and block >= 0:
            means[found] = total / weight
            found += 1
            weight = total = 0.0
        block = here
        weight += weights[i]
        total += weights[i] * values[i]
    if block >= 0:
        means[found] = total / weight
        found += 1
    return block + 1, means[:found]


@kernel_beside(_plain.best_means)
def best_means(total: Floats, known: Floats, steps: Ints, least: Floats, span: Floats) -> Floats:
    """Highest mean over any so many values in a row, for each of some numbers of values.

    Parameters
    ----------
    total, known : (n + 1,) float64
        Running sums of the values, and of how much of each is known.
    steps : (k,) int64
        At least 1.
    least : (k,) float64
        Windows of which less is known are left out.
    span : (k,) float64
        What a total is divided by; 0 for what is known of the window.

    Returns
    -------
    (k,) float64
        NaN without a window that counts.
    """
    means = np.empty(steps.size)
    for k in range(steps.size):
        best, n = np.nan, steps[k]
        for i in range(total.size - n):
            sure = known[i + n] - known[i]
            if sure >= least[k]:
                mean = (total[i + n] - total[i]) / (span[k] if span[k] > 0.0 else sure)
                if not best >= mean:
                    best = mean
        means[k] = best
    return means


@kernel
def mean_and_deviation(values: Floats) -> tuple[float, float]:
    """Mean and standard deviation of what is known.

    Parameters
    ----------
    values : (n,) float64
        What is not finite is not known.

    Returns
    -------
    float, float
        NaN where nothing is known.
    """
    count, total, squares = 0, 0.0, 0.0
    for i in range(values.size):
        if math.isfinite(values[i]):
            count += 1
            total += values[i]
    if count == 0:
        return np.nan, np.nan
    mean = total / count
    for i in range(values.size):
        if math.isfinite(values[i]):
            squares += (values[i] - mean) ** 2
    return mean, math.sqrt(squares / count)
