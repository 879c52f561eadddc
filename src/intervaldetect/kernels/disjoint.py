"""The best disjoint ones among nested ranges, exactly, in one walk."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def best_disjoint(first: Ints, last: Ints, scores: Floats) -> Ints:
    """Choose disjoint ranges with the highest sum of positive scores.

    Parameters
    ----------
    first, last : (q,) int64
        Ranges ``[first, last)``, any two nested or disjoint, parents before their children and
        otherwise from left to right.
    scores : (q,) float64

    Returns
    -------
    (k,) int64
        Which are chosen, from left to right. A parent has to be better than all within it.
    """
    count = first.size
    worth = np.zeros(count)
    taken = np.zeros(count, np.bool_)
    # Settled subtrees, the leftmost on top: walking backwards, every child comes before its parent.
    roots = np.empty(count, np.int64)
    depth = 0
    for q in range(count - 1, -1, -1):
        total = 0.0
        while depth > 0 and first[roots[depth - 1]] < last[q]:
            depth -= 1
            total += worth[roots[depth]]
        taken[q] = scores[q] > max(total, 0.0)
        worth[q] = scores[q] if taken[q] else total
        roots[depth] = q
        depth += 1
    chosen = np.empty(count, np.int64)
    found, end = 0, 0
    for q in range(count):
        if taken[q] and (found == 0 or first[q] >= end):
            chosen[found] = q
            found += 1
            end = last[q]
    return chosen[:found]
