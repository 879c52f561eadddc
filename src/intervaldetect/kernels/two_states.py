"""The likeliest way through two states: in a rep, or not."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@kernel
def likeliest_spans(inside: Floats, start: Floats, end: Floats) -> Ints:
    """Return the disjoint spans with the highest score.

    A span ``[i, j)`` scores ``inside[i:j].sum() + start[i] + end[j]`` (Viterbi 1967 with two
    states).

    Parameters
    ----------
    inside : (n,) float64
    start, end : (n + 1,) float64

    Returns
    -------
    (k, 2) int64
        First and past-the-last index, in order.
    """
    n = inside.size
    began = np.zeros(n + 1, np.int64)  # where the best span that covers i - 1 began
    ended = np.zeros(n + 1, np.int64)  # where the last span ended on the best way to outside at i
    out = 0.0
    within = -np.inf
    last = 0
    for i in range(n):
        ended[i] = last
        fresh = out + start[i]
        if fresh > within:
            within = fresh
            began[i + 1] = i
        else:
            began[i + 1] = began[i]
        within += inside[i]
        if within + end[i + 1] > out:
            out = within + end[i + 1]
            last = i + 1
    ended[n] = last
    count = 0
    at = ended[n]
    while at > 0:
        count += 1
        at = ended[began[at]]
    spans = np.empty((count, 2), np.int64)
    at = ended[n]
    while at > 0:
        count -= 1
        spans[count, 0] = began[at]
        spans[count, 1] = at
        at = ended[began[at]]
    return spans
