"""Slow twins of the rolling kernels: every window is collected and computed afresh."""

from __future__ import annotations

import math
import statistics


def window(values, times, half_width_s, i):
    """Known values within the window of sample ``i``."""
    low, high = times[i] - half_width_s, times[i] + half_width_s
    return [v for v, t in zip(values, times, strict=True) if low <= t <= high and math.isfinite(v)]


def rolling_median(values, times, half_width_s):
    return [
        statistics.median(w) if (w := window(values, times, half_width_s, i)) else math.nan
        for i in range(len(values))
    ]


def rolling_quantile(values, times, half_width_s, q):
    result = []
    for i in range(len(values)):
        w = sorted(window(values, times, half_width_s, i))
        if not w:
            result.append(math.nan)
            continue
        position = q * (len(w) - 1)
        below = math.floor(position)
        above = min(below + 1, len(w) - 1)
        result.append(w[below] + (position - below) * (w[above] - w[below]))
    return result


def hampel(values, times, half_width_s, n_sigmas, min_scale):
    filtered, outlier = list(values), [False] * len(values)
    for i, value in enumerate(values):
        w = window(values, times, half_width_s, i)
        if not math.isfinite(value):
            continue
        median = statistics.median(w)
        spread = statistics.median(abs(x - median) for x in w)
        scale = max(spread / statistics.NormalDist().inv_cdf(0.75), min_scale)
        if abs(value - median) > n_sigmas * scale:
            filtered[i], outlier[i] = median, True
    return filtered, outlier


def rolling_mean(values, weights, times, half_width_s):
    result = []
    for i in range(len(values)):
        low, high = times[i] - half_width_s, times[i] + half_width_s
        pairs = [
            (v, w)
            for v, w, t in zip(values, weights, times, strict=True)
            if low <= t <= high and math.isfinite(v) and math.isfinite(w) and w > 0
        ]
        weight = math.fsum(w for _, w in pairs)
        result.append(math.fsum(v * w for v, w in pairs) / weight if pairs else math.nan)
    return result
