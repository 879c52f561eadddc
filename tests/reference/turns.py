"""Every number of stretches and every share of a period, one after the other."""

from __future__ import annotations

import numpy as np


def gain_of(weight, total, count, share):
    """Squares times seconds that so many faster stretches explain."""
    whole = weight[-1]
    period = whole / (count - 1 + share)
    starts = np.arange(count) * period
    ends = starts + share * period
    faster = sum(np.interp(ends, weight, total) - np.interp(starts, weight, total))
    seconds = count * share * period
    step = faster / seconds - (total[-1] - faster) / (whole - seconds)
    return seconds * (whole - seconds) / whole * step**2 if step > 0.0 else 0.0


def best_gain(weight, total, fewest, most, shares):
    counts = range(fewest, most + 1)
    return max((gain_of(weight, total, n, share) for n in counts for share in shares), default=0.0)
