"""Values at their place in rising order, found by a histogram instead of by sorting all."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels import _plain
from intervaldetect.kernels._jit import helper, kernel_beside

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

BINS = 1024
TINY = 1e-290
"""A range of which no share can be taken."""


@kernel_beside(_plain.value_at_share)
def value_at_share(values: Floats, weights: Floats, above: float, share: float) -> float:
    """Value up to which a share of the weight lies, of values above a bound.

    Parameters
    ----------
    values, weights : (n,) float64
        What weighs nothing does not count; values are finite.
    above : float
        Only larger values count; minus infinity for all.
    share : float
        From 0 to 1; half gives the weighted median.

    Returns
    -------
    float
        The least value at which the weight of it and of all smaller ones reaches the share; NaN
        where nothing counts.
    """
    n = min(values.size, weights.size)
    low, high, whole = np.inf, -np.inf, 0.0
    for i in range(n):
        if weights[i] > 0.0 and values[i] > above:
            low, high = min(low, values[i]), max(high, values[i])
            whole += weights[i]
    if not low < high:
        return high if low == high else np.nan
    goal = share * whole
    # Only the values of one bin have to be put in order: first find that bin.
    scale = BINS / (high - low) if high - low > TINY else 0.0
    in_bin = np.zeros(BINS)
    for i in range(n):
        if weights[i] > 0.0 and values[i] > above:
            in_bin[_bin(values[i], low, scale)] += weights[i]
    place, reached = 0, 0.0
    while place < BINS - 1 and reached + in_bin[place] < goal:
        reached += in_bin[place]
        place += 1
    kept, kept_weight, count = np.empty(n), np.empty(n), 0
    for i in range(n):
        if weights[i] > 0.0 and values[i] > above and _bin(values[i], low, scale) == place:
            kept[count], kept_weight[count] = values[i], weights[i]
            count += 1
    order = np.argsort(kept[:count], kind="mergesort")
    value = low
    for k in range(count):
        value = kept[order[k]]
        reached += kept_weight[order[k]]
        if reached >= goal:
            break
    return value


@kernel_beside(_plain.at_ranks)
def at_ranks(values: Floats, ranks: Ints) -> Floats:
    """Values that stand at some places once all are in rising order.

    Parameters
    ----------
    values : (n,) float64
        At least one, all known.
    ranks : (k,) int64
        From 0 to n - 1.

    Returns
    -------
    (k,) float64
    """
    low, high = values[0], values[0]
    for value in values:
        low, high = min(low, value), max(high, value)
    found = np.full(ranks.size, low)
    if not low < high:
        return found
    scale = BINS / (high - low) if high - low > TINY else 0.0
    in_bin = np.zeros(BINS, np.int64)
    for value in values:
        in_bin[_bin(value, low, scale)] += 1
    kept = np.empty(values.size)
    sorted_bin, before, count = -1, 0, 0
    for k in range(ranks.size):
        place, reached = 0, 0
        while place < BINS - 1 and reached + in_bin[place] <= ranks[k]:
            reached += in_bin[place]
            place += 1
        if place != sorted_bin:
            sorted_bin, before, count = place, reached, 0
            for value in values:
                if _bin(value, low, scale) == place:
                    kept[count] = value
                    count += 1
            kept[:count] = np.sort(kept[:count])
        found[k] = kept[ranks[k] - before]
    return found


@helper
def _bin(value: float, low: float, scale: float) -> int:
    """Place of a value in the histogram; all share the first where its range has no scale."""
    if not value >= low:
        return 0  # no number: it has no place, but shall not be written beyond the bins
    return min(int((value - low) * scale), BINS - 1) if scale > 0.0 else 0
