"""Time at each value and thinned values, the plain numpy way."""

from __future__ import annotations

import numpy as np


def time_held(time, rate, speed, valid, paused, width):
    """Bins that hold anything -> seconds, for heart rate and for speed."""
    seconds = np.diff(time)
    running = valid & ~paused & np.isfinite(speed)
    known = np.isfinite(rate[1:]) & ~paused
    steps = np.floor(speed[running] / width + 1e-9)
    return (
        _histogram(np.round(rate[1:][known]), seconds[known]),
        _histogram(steps, seconds[running]),
    )


def _histogram(bins, weights):
    if not bins.size:
        return {}
    seconds = np.bincount(bins.astype(np.int64), weights=weights)
    return {int(k): float(seconds[k]) for k in np.flatnonzero(seconds)}


def thinned(time, speed, rate, valid, paused, points):
    if not speed.size:
        return time[:0], speed[:0], rate[:0]
    seconds = np.diff(time)
    grid = np.linspace(time[0], time[-1], points, endpoint=False)
    edges = np.searchsorted(time[:-1], grid)
    edges = edges[(edges < speed.size) & np.append(True, edges[1:] > edges[:-1])]
    shown = np.where(~paused & valid, speed, np.nan)
    return time[edges], _means(shown, seconds, edges), _means(rate[1:], seconds, edges)


def _means(values, weights, edges):
    known = np.isfinite(values)
    total = np.add.reduceat(np.where(known, values * weights, 0.0), edges)
    weight = np.add.reduceat(np.where(known, weights, 0.0), edges)
    mean = np.full(edges.size, np.nan)
    np.divide(total, weight, out=mean, where=weight > 0)
    return mean
