"""The median of an array; numpy's own takes ten times as long for few values, and loads more."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

FEW = 200


def median(values: NDArray[np.float64]) -> float:
    """Return the median, the mean of the middle two where their number is even.

    Parameters
    ----------
    values : (n,) float64
        At least one, all known.
    """
    below, above = at_places(values, ((values.size - 1) // 2, values.size // 2))
    return 0.5 * (float(below) + float(above))


def at_places(values: NDArray[np.float64], places: Sequence[int]) -> NDArray[np.float64]:
    """Return the values that stand at some places once all are in order.

    Parameters
    ----------
    values : (n,) float64
        All known.
    places : sequence of int, length k
        Below n.

    Returns
    -------
    (k,) float64
    """
    wanted = np.array(places, dtype=np.int64)
    if values.size < FEW:
        return np.sort(values)[wanted]
    from intervaldetect.kernels.order import at_ranks  # noqa: PLC0415 - loads numba

    return at_ranks(values, wanted)
