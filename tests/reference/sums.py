"""Running sums by summing every beginning anew."""

from __future__ import annotations

import math


def running_sums(values, weights):
    known = [
        (w, w * v) if math.isfinite(v) else (0.0, 0.0) for v, w in zip(values, weights, strict=True)
    ]
    return [[sum(pair[k] for pair in known[:end]) for end in range(len(known) + 1)] for k in (0, 1)]
