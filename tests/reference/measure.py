"""Growth, means and highest values of stretches, each by itself."""

from __future__ import annotations

import itertools
import math


def grown(time, total, start_s, end_s):
    return [
        _at(time, total, end) - _at(time, total, start)
        for start, end in zip(start_s, end_s, strict=True)
    ]


def _at(time, total, moment):
    if moment <= time[0]:
        return total[0]
    for k in range(1, len(time)):
        if moment < time[k]:
            share = (moment - time[k - 1]) / (time[k] - time[k - 1])
            return total[k - 1] + share * (total[k] - total[k - 1])
    return total[-1]


def mean_and_highest(values, first, last):
    mean, highest = [], []
    for i, j in zip(first, last, strict=True):
        known = [value for value in values[i:j] if math.isfinite(value)]
        mean.append(sum(known) / len(known) if known else math.nan)
        highest.append(max(known, default=math.nan))
    return mean, highest


def running_totals(time, paused, adjusted):
    moving, known, way = [0.0], [0.0], [0.0]
    for k, seconds in enumerate(b - a for a, b in itertools.pairwise(time)):
        sure = math.isfinite(adjusted[k])
        moving.append(moving[-1] + (0.0 if paused[k] else seconds))
        known.append(known[-1] + (seconds if sure else 0.0))
        way.append(way[-1] + (seconds * adjusted[k] if sure else 0.0))
    return moving, known, way
