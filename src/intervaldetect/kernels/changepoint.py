"""Exact change-points in the mean of a weighted signal.

`potts_l2` minimises, over all ways of cutting the samples into segments,

    sum over segments of (weighted squares around the segment's weighted mean) + penalty * changes

by optimal partitioning [1]_ with functional pruning [2]_: for every value the mean of the running
segment could have, only the best last change is kept. The list of these stays short (tens) whether
or not the signal has changes, so the time is near linear where PELT [3]_ turns quadratic.

A minimum segment weight keeps the pruning exact because a change joins the list only once it is
admissible, one minimum later: whatever it dominates from then on, it dominates for ever.

.. [1] Jackson et al. 2005, An algorithm for optimal partitioning of data on an interval,
   IEEE Signal Processing Letters 12, doi 10.1109/LSP.2001.838216
.. [2] Maidstone, Hocking, Rigaill, Fearnhead 2017, On optimal multiple changepoint algorithms for
   large data, Statistics and Computing 27, doi 10.1007/s11222-016-9636-3
.. [3] Killick, Fearnhead, Eckley 2012, Optimal detection of changepoints with a linear
   computational cost, JASA 107, doi 10.1080/01621459.2012.737745
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels import _plain
from intervaldetect.kernels._jit import helper, kernel, kernel_beside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OK = 0
BOUNDED = 1
"""The candidate bound was met: the cut is admissible and near the optimum, not proven optimal."""
BAD_INPUT = 2
LANES = 8
"""Values that one step of the processor holds, where it has wide ones."""


@kernel_beside(_plain.potts_l2)
def potts_l2(
    values: Floats, weights: Floats, penalty: float, min_weight: float, max_candidates: int
) -> tuple[int, Ints]:
    """Cut a signal where its mean changes.

    Parameters
    ----------
    values : (n,) float64
        One value per interval, any unit. Not finite means not known: the interval counts nothing.
    weights : (n,) float64
        Duration of each interval; one that is not positive and finite counts nothing.
    penalty : float
        Price of one change, in value**2 * weight; not negative.
    min_weight : float
        Least known weight of a segment. A signal with less in all is one segment.
    max_candidates : int
        Bound on the list of candidate changes, at least 2; 64 is rarely met.

    Returns
    -------
    status : int
        `OK`, `BOUNDED` or `BAD_INPUT` (lengths differ, a parameter out of range).
    changes : (k,) int64
        Index of the first interval of each segment but the first, increasing. Intervals that count
        nothing belong to the segment before them.
    """
    n = values.size
    if weights.size != n or not penalty >= 0.0 or not min_weight >= 0.0 or max_candidates < 2:
        return BAD_INPUT, np.empty(0, np.int64)
    index, total_weight, total, total_square, low, high = _prefix_sums(values, weights)
    m = index.size
    if m < 2 or low == high:
        return OK, np.empty(0, np.int64)

    # Differences of prefix sums must not lose a segment of exactly the minimum to rounding.
    least_weight = min_weight - 1e-12 * total_weight[m]
    # best[j]: least cost of the first j known intervals, a penalty paid for every segment.
    best = np.full(m + 1, np.inf)
    last = np.zeros(m + 1, np.int64)
    best[0] = 0.0
    # The list tiles the range of means: candidate owner[k] is best on [start[k], start[k + 1]).
    # It is rewritten from one row to the other; exchanging arrays would count references.
    start = np.empty((2, 2 * max_candidates + 2))
    owner = np.empty((2, 2 * max_candidates + 1), np.int64)
    # Side by side for each listed candidate: best cost, weight, sum and squares up to it, and room
    # for its cost and the bounds of its means. Loops over these rows are a few wide steps and go on
    # to the end of a step: beyond the list stands what is old or zero, and nobody looks at it.
    listed = np.zeros((7, _whole(2 * max_candidates + 1)))
    row = 0
    start[0, 0], start[0, 1], owner[0, 0] = low, high, 0
    length = 1
    _list(owner[row], length, best, total_weight, total, total_square, listed)
    status = OK
    entering = 1
    for j in range(1, m + 1):
        while entering < j and total_weight[j] - total_weight[entering] >= least_weight:
            if best[entering] < np.inf:
                sums = (
                    best[entering], total_weight[entering], total[entering], total_square[entering],
                )  # fmt: skip
                length = _enter(entering, sums, listed, start, owner, length, row)
                row = 1 - row
                if length > max_candidates:
                    status = BOUNDED
                    length = _thin(start[row], owner[row], length, max_candidates)
                _list(owner[row], length, best, total_weight, total, total_square, listed)
            entering += 1
        if total_weight[j] >= least_weight:
            cost, k = _cheapest(total_weight[j], total[j], listed, length)
            best[j], last[j] = cost + total_square[j] + penalty, owner[row, k]
    if best[m] == np.inf:
        return status, np.empty(0, np.int64)
    return status, _walk_back(last, index)


@kernel
def _prefix_sums(
    values: Floats, weights: Floats
) -> tuple[Ints, Floats, Floats, Floats, float, float]:
    """Index the known intervals; sum weights, values and squares, centred against cancellation."""
    n = values.size
    index = np.empty(n, np.int64)
    m = 0
    weight_sum = 0.0
    centre = 0.0
    for i in range(n):
        if math.isfinite(values[i]) and math.isfinite(weights[i]) and weights[i] > 0.0:
            index[m] = i
            m += 1
            weight_sum += weights[i]
            centre += (values[i] - centre) * (weights[i] / weight_sum)
    total_weight = np.zeros(m + 1)
    total = np.zeros(m + 1)
    total_square = np.zeros(m + 1)
    low, high = np.inf, -np.inf
    for k in range(m):
        value = values[index[k]] - centre
        weight = weights[index[k]]
        total_weight[k + 1] = total_weight[k] + weight
        total[k + 1] = total[k] + weight * value
        total_square[k + 1] = total_square[k] + weight * value * value
        low = min(low, value)
        high = max(high, value)
    return index[:m], total_weight, total, total_square, low, high


@kernel
def _list(
    owner: Ints,
    length: int,
    best: Floats,
    total_weight: Floats,
    total: Floats,
    total_square: Floats,
    listed: Floats,
) -> None:
    """Copy best cost, weight, sum and squares up to each listed candidate into the first rows."""
    for k in range(length):
        i = owner[k]
        listed[0, k], listed[1, k] = best[i], total_weight[i]
        listed[2, k], listed[3, k] = total[i], total_square[i]


@helper
def _whole(length: int) -> int:
    """Round a length up to whole steps."""
    return (length + LANES - 1) // LANES * LANES


@kernel
def _cheapest(total_weight: float, total: float, listed: Floats, length: int) -> tuple[float, int]:
    """Least cost over the listed last changes, without squares and penalty, and its place."""
    best, weights, sums, squares, costs = listed[0], listed[1], listed[2], listed[3], listed[4]
    for k in range(_whole(length)):
        sum_ij = total - sums[k]
        costs[k] = best[k] - squares[k] - sum_ij * sum_ij / (total_weight - weights[k])
    cost, place = np.inf, 0
    for k in range(length):
        if costs[k] < cost:
            cost, place = costs[k], k
    return cost, place


@kernel
def _enter(
    j: int,
    sums: tuple[float, float, float, float],
    listed: Floats,
    start: Floats,
    owner: Ints,
    length: int,
    row: int,
) -> int:
    """Give candidate ``j`` all means where starting afresh at ``j`` beats the running segment.

    Against the segment since ``i`` that is outside ``mean +- sqrt(d / w)``: w, mean and d are the
    segment's weight, its mean and what the best cost up to ``j``, first of ``sums``, exceeds its
    own by. The list is read from one row of ``start`` and ``owner`` and written to the other.
    """
    new = 1 - row
    best, weights, totals, squares = listed[0], listed[1], listed[2], listed[3]
    lefts, rights = listed[5], listed[6]
    for k in range(_whole(length)):
        weight = sums[1] - weights[k]
        sum_ij = sums[2] - totals[k]
        mean = sum_ij / weight
        slack = sums[0] - best[k] - (sums[3] - squares[k] - sum_ij * mean)
        radius = math.sqrt(max(slack, 0.0) / weight)
        lefts[k], rights[k] = mean - radius, mean + radius
    # What is left of the old ones is disjoint and rising; ``j`` takes the room between them.
    out = 0
    reached, end = start[row, 0], start[row, length]
    for k in range(length):
        left, right = max(start[row, k], lefts[k]), min(start[row, k + 1], rights[k])
        if left < right:
            if reached < left:
                owner[new, out], start[new, out] = j, reached
                out += 1
            owner[new, out], start[new, out] = owner[row, k], left
            out += 1
            reached = right
    if reached < end:
        owner[new, out], start[new, out] = j, reached
        out += 1
    start[new, out] = end
    return out


@kernel
def _thin(start: Floats, owner: Ints, length: int, keep: int) -> int:
    """Drop the narrowest pieces in place, each given to a neighbour, until ``keep`` are left."""
    while length > keep:
        narrowest = 0
        for k in range(1, length):
            if start[k + 1] - start[k] < start[narrowest + 1] - start[narrowest]:
                narrowest = k
        # The first piece goes to its right neighbour, any other to its left.
        edge = max(narrowest, 1)
        for k in range(narrowest, length - 1):
            owner[k] = owner[k + 1]
        for k in range(edge, length):
            start[k] = start[k + 1]
        length -= 1
    return length


@kernel
def _walk_back(last: Ints, index: Ints) -> Ints:
    """List the changes of the best cut, in order, as indices into the full signal."""
    count = 0
    j = last[index.size]
    while j > 0:
        count += 1
        j = last[j]
    changes = np.empty(count, np.int64)
    j = last[index.size]
    while j > 0:
        count -= 1
        changes[count] = index[j]
        j = last[j]
    return changes
