"""Running statistics on irregular sample times, over centred windows ``[t - h, t + h]``.

Order statistics keep the window sorted and pay one insertion and one removal per sample; means come
from prefix sums. Values that are not finite are not there: they neither count nor spoil a window.
Sample times must not decrease; a window without a known value gives NaN.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MAD_TO_SIGMA = 1.4826022185056018
"""Standard deviation of a normal distribution over its median absolute deviation."""


@kernel
def rolling_median(values: Floats, times: Floats, half_width_s: float) -> Floats:
    """Median of the known values within ``half_width_s`` of each sample.

    Parameters
    ----------
    values, times : (n,) float64
        Samples and their times in s, of equal length.
    half_width_s : float
        Half the window; both ends belong to it.

    Returns
    -------
    (n,) float64
    """
    return rolling_quantile(values, times, half_width_s, 0.5)


@kernel
def rolling_quantile(values: Floats, times: Floats, half_width_s: float, q: float) -> Floats:
    """Quantile ``q`` (0..1) of each window, linear between order statistics (Hyndman-Fan 7)."""
    n = min(values.size, times.size)
    result = np.full(n, np.nan)
    window = np.empty(_widest(values, times, half_width_s))
    size = first = end = 0
    for i in range(n):
        first, end, size = _slide(values, times, half_width_s, i, window, first, end, size)
        if size > 0:
            result[i] = _quantile(window, size, q)
    return result


@kernel
def hampel(
    values: Floats, times: Floats, half_width_s: float, n_sigmas: float, min_scale: float
) -> tuple[Floats, Bools]:
    """Replace outliers by the median of their window (Hampel 1974, doi 10.2307/2285666).

    Parameters
    ----------
    values, times : (n,) float64
        Samples and their times in s, of equal length.
    half_width_s : float
        Half the window, s.
    n_sigmas : float
        A value farther than this many scales from the window's median is an outlier; the scale is
        1.4826 times the median absolute deviation.
    min_scale : float
        Least scale, in units of ``values``; keeps a flat window from calling every step an outlier.

    Returns
    -------
    filtered : (n,) float64
        The values, outliers replaced; NaN and infinities as they came.
    outlier : (n,) bool
    """
    n = min(values.size, times.size)
    filtered = values[:n].copy()
    outlier = np.zeros(n, np.bool_)
    window = np.empty(_widest(values, times, half_width_s))
    size = first = end = 0
    for i in range(n):
        first, end, size = _slide(values, times, half_width_s, i, window, first, end, size)
        if size > 0 and math.isfinite(values[i]):
            median = _quantile(window, size, 0.5)
            distance = abs(values[i] - median)
            # Most samples lie within the least scale: no need to know how wide the window spreads.
            if distance > n_sigmas * min_scale:
                scale = MAD_TO_SIGMA * _spread(window, size, median)
                if distance > n_sigmas * scale:
                    filtered[i] = median
                    outlier[i] = True
    return filtered, outlier


@kernel
def rolling_mean(values: Floats, weights: Floats, times: Floats, half_width_s: float) -> Floats:
    """Weighted mean of the known values within ``half_width_s`` of each sample.

    Parameters
    ----------
    values, weights, times : (n,) float64
        Samples, their weights (durations; ones for the plain mean) and their times in s.
    half_width_s : float
        Half the window, s.

    Returns
    -------
    (n,) float64
        Accurate to rounding of the whole signal's weighted range, not of the window's: clean
        values that are orders of magnitude out before averaging.
    """
    n = min(values.size, times.size, weights.size)
    weight_sum = 0.0
    centre = 0.0
    for i in range(n):
        if _weighs(values[i], weights[i]):
            weight_sum += weights[i]
            centre += (values[i] - centre) * (weights[i] / weight_sum)
    total = np.zeros(n + 1)
    total_weight = np.zeros(n + 1)
    count = np.zeros(n + 1, np.int64)
    for i in range(n):
        known = _weighs(values[i], weights[i])
        weight = weights[i] if known else 0.0
        total_weight[i + 1] = total_weight[i] + weight
        total[i + 1] = total[i] + (weight * (values[i] - centre) if known else 0.0)
        count[i + 1] = count[i] + (1 if known else 0)
    result = np.full(n, np.nan)
    first = end = 0
    for i in range(n):
        while end < n and times[end] <= times[i] + half_width_s:
            end += 1
        while first < end and times[first] < times[i] - half_width_s:
            first += 1
        if count[end] > count[first]:
            weight = total_weight[end] - total_weight[first]
            if weight > 0.0:
                result[i] = centre + (total[end] - total[first]) / weight
    return result


@kernel
def _weighs(value: float, weight: float) -> bool:
    return math.isfinite(value) and math.isfinite(weight) and weight > 0.0


@kernel
def _widest(values: Floats, times: Floats, half_width_s: float) -> int:
    """Most known values any window holds: the room a sorted window needs."""
    n = min(values.size, times.size)
    widest = size = first = end = 0
    for i in range(n):
        while end < n and times[end] <= times[i] + half_width_s:
            size += 1 if math.isfinite(values[end]) else 0
            end += 1
        widest = max(widest, size)
        while first < end and times[first] < times[i] - half_width_s:
            size -= 1 if math.isfinite(values[first]) else 0
            first += 1
    return widest


@kernel
def _slide(
    values: Floats,
    times: Floats,
    half_width_s: float,
    i: int,
    window: Floats,
    first: int,
    end: int,
    size: int,
) -> tuple[int, int, int]:
    """Move the sorted window on to sample ``i``: insert what enters, drop what leaves."""
    n = min(values.size, times.size)
    while end < n and times[end] <= times[i] + half_width_s:
        value = values[end]
        if math.isfinite(value):
            k = size
            while k > 0 and window[k - 1] > value:
                window[k] = window[k - 1]
                k -= 1
            window[k] = value
            size += 1
        end += 1
    while first < end and times[first] < times[i] - half_width_s:
        value = values[first]
        if math.isfinite(value):
            low, high = 0, size
            while low < high:
                middle = (low + high) // 2
                if window[middle] < value:
                    low = middle + 1
                else:
                    high = middle
            size -= 1
            for k in range(low, size):
                window[k] = window[k + 1]
        first += 1
    return first, end, size


@kernel
def _quantile(window: Floats, size: int, q: float) -> float:
    position = q * (size - 1)
    below = min(max(int(position), 0), size - 1)
    above = min(below + 1, size - 1)
    fraction = position - below
    return float(window[below] * (1.0 - fraction) + window[above] * fraction)


@kernel
def _spread(window: Floats, size: int, median: float) -> float:
    """Median absolute deviation of a sorted window: walk outwards from its middle."""
    right = 0
    while right < size and window[right] < median:
        right += 1
    left = right - 1
    nearer = farther = 0.0
    for _ in range(size // 2 + 1):
        nearer = farther
        if right >= size or (left >= 0 and median - window[left] <= window[right] - median):
            farther = median - window[left]
            left -= 1
        else:
            farther = window[right] - median
            right += 1
    return farther if size % 2 == 1 else 0.5 * (nearer + farther)
