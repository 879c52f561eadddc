"""The median of an array; numpy's own takes ten times as long for few values, and loads more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

MIN_FOR_HISTOGRAM = 500
"""Fewer values are sorted as a whole: quicker than to count them by a histogram."""


def median(values: NDArray[np.float64]) -> float:
    """Return the median, the mean of the middle two where their number is even.

    Parameters
    ----------
    values : (n,) float64
        At least one, all known.
    """
    below, above = order_statistics(values, ((values.size - 1) // 2, values.size // 2))
    return 0.5 * (below + above)


def order_statistics(values: NDArray[np.float64], ranks: Sequence[int]) -> list[float]:
    """Return the values that stand at some ranks once all are in order.

    Parameters
    ----------
    values : (n,) float64
        All known.
    ranks : sequence of int, length k
        Below n.

    Returns
    -------
    list of float, length k
    """
    if values.size < MIN_FOR_HISTOGRAM:
        ordered = values.copy()
        ordered.sort()
        return [ordered.item(rank) for rank in ranks]
    from intervaldetect.kernels.order import at_ranks  # noqa: PLC0415 - loads numba

    found: list[float] = at_ranks(values, np.array(ranks, dtype=np.int64)).tolist()
    return found
