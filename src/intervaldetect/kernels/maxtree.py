"""Every stretch of a sequence that stands out above some cut: the nodes of its max-tree."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def max_tree(level: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Maximal runs of pieces above some cut, found with a stack, in linear time.

    Parameters
    ----------
    level : (p,) float64
        Finite, not negative.

    Returns
    -------
    first, last : (q,) int64
        Half-open, q at most p; in order of ``first``, what holds others before them.
    top, below : (q,) float64
        A run exists for every cut in ``(below, top]``: ``top`` is its slowest piece, ``below`` the
        faster of its two neighbours (-1 where it has none).
    """
    count = level.size
    first, last = np.empty(count, np.int64), np.empty(count, np.int64)
    top, below = np.empty(count), np.empty(count)
    begins, heights = np.empty(count + 1, np.int64), np.empty(count + 1)
    depth = found = 0
    for index in range(count + 1):
        value = level[index] if index < count else -1.0
        begin = index
        while depth > 0 and heights[depth - 1] > value:
            depth -= 1
            begin = begins[depth]
            first[found], last[found] = begin, index
            top[found] = heights[depth]
            below[found] = max(value, heights[depth - 1] if depth > 0 else -1.0)
            found += 1
        if depth == 0 or heights[depth - 1] < value:
            begins[depth], heights[depth] = begin, value
            depth += 1
    order = np.argsort(first[:found] * (count + 1) - last[:found])
    return first[order], last[order], top[order], below[order]
