"""Slow twins of the change-point kernels: every cut is tried, every cost summed afresh."""

from __future__ import annotations

import math
from itertools import pairwise


def known(value, weight):
    return math.isfinite(value) and math.isfinite(weight) and weight > 0


def least_weight(weights, min_weight):
    """A sum of float weights may fall a rounding error short of the minimum."""
    return min_weight - 1e-12 * sum(weights)


def segment_cost(values, weights):
    """Weighted sum of squares around the weighted mean."""
    weight = math.fsum(weights)
    mean = math.fsum(w * v for v, w in zip(values, weights, strict=True)) / weight
    return math.fsum(w * (v - mean) ** 2 for v, w in zip(values, weights, strict=True))


def cut_cost(values, weights, changes, penalty, min_weight):
    """Cost of one cut into segments; infinite where a segment is too light."""
    edges = [0, *changes, len(values)]
    cost = penalty * len(changes)
    least = least_weight(
        [w for v, w in zip(values, weights, strict=True) if known(v, w)], min_weight
    )
    for start, end in pairwise(edges):
        pairs = [
            (v, w)
            for v, w in zip(values[start:end], weights[start:end], strict=True)
            if known(v, w)
        ]
        if changes and sum(w for _, w in pairs) < least:
            return math.inf
        if pairs:
            cost += segment_cost([v for v, _ in pairs], [w for _, w in pairs])
    return cost


def potts_l2(values, weights, penalty, min_weight):
    """Least cost of any cut and one cut that has it, by quadratic dynamic programming."""
    index = [i for i, (v, w) in enumerate(zip(values, weights, strict=True)) if known(v, w)]
    v = [values[i] for i in index]
    w = [weights[i] for i in index]
    if not index:
        return 0.0, []
    least = least_weight(w, min_weight)
    best: dict[int, tuple[float, list[int]]] = {0: (-penalty, [])}
    for j in range(1, len(index) + 1):
        options = []
        for i in range(j):
            if i in best and (sum(w[i:j]) >= least or (i == 0 and j == len(index))):
                cost, changes = best[i]
                options.append(
                    (cost + penalty + segment_cost(v[i:j], w[i:j]), changes + [i] * (i > 0))
                )
        if options:
            best[j] = min(options)
    cost, changes = best[len(index)]
    return cost, [index[c] for c in changes]
