"""Running sums by summing every beginning anew."""

from __future__ import annotations

import math


def running_sums(values, weights):
    known = [
        (w, w * v) if math.isfinite(v) else (0.0, 0.0) for v, w in zip(values, weights, strict=True)
    ]
    return [[sum(pair[k] for pair in known[:end]) for end in range(len(known) + 1)] for k in (0, 1)]


def _mean(values, weights):
    known = [(v, w) for v, w in zip(values, weights, strict=True) if math.isfinite(v)]
    weight = sum(w for _, w in known)
    return sum(v * w for v, w in known) / weight if weight > 0.0 else math.nan


def best_mean(total, known, steps, least, span):
    """Highest mean of any window, each looked at by itself."""
    windows = [(total[i + steps] - total[i], known[i + steps] - known[i])
               for i in range(len(total) - steps)]  # fmt: skip
    means = [gain / (span or sure) for gain, sure in windows if sure >= least]
    return max(means, default=math.nan)


def block_means(values, weights, least, block_s):
    """Means of the intervals that end in each block of seconds, and how many blocks there are."""
    counted = [(v, w) for v, w in zip(values, weights, strict=True) if w > 0 and v > least]
    blocks: dict[int, list[tuple[float, float]]] = {}
    for k, pair in enumerate(counted):
        end = sum(w for _, w in counted[: k + 1])
        blocks.setdefault(int(end / block_s), []).append(pair)
    means = [sum(v * w for v, w in b) / sum(w for _, w in b) for b in blocks.values()]
    return max(blocks, default=-1) + 1, means
