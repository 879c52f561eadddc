"""Weighted quantiles by sorting everything."""

from __future__ import annotations

import math


def value_at_share(values, weights, above, share):
    counted = sorted((v, w) for v, w in zip(values, weights, strict=True) if w > 0 and v > above)
    if not counted:
        return math.nan
    goal, reached = share * sum(weight for _, weight in counted), 0.0
    for value, weight in counted:
        reached += weight
        if reached >= goal:
            return value
    return counted[-1][0]
