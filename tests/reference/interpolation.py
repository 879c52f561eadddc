"""Interpolation and the shortest time over a distance, each moment by itself."""

from __future__ import annotations

import math


def interpolate(moments, x, y):
    return [_at(moment, x, y) for moment in moments]


def _at(moment, x, y):
    if moment < x[0]:
        return y[0]
    j = max(k for k in range(len(x)) if x[k] <= moment)
    if j == len(x) - 1 or x[j] == moment:
        return y[j]
    return (y[j + 1] - y[j]) / (x[j + 1] - x[j]) * (moment - x[j]) + y[j]


def shortest_time(time, travelled, known, distance, lacking):
    best = math.inf
    for i in range(len(time)):
        if travelled[i] > travelled[-1] - distance:
            continue
        end = _at(travelled[i] + distance, travelled, time)
        took = end - time[i]
        if lacking < 0.0 or _at(end, time, known) - known[i] >= took - lacking:
            best = min(best, took)
    return best if math.isfinite(best) else math.nan
