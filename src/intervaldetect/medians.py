"""The median of an array; numpy's own takes ten times as long for few values, and loads more."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def median(values: NDArray[np.float64]) -> float:
    """Return the median, the mean of the middle two where their number is even.

    Parameters
    ----------
    values : (n,) float64
        At least one, all known.
    """
    ordered = np.sort(values)
    half = ordered.size // 2
    return 0.5 * float(ordered[(ordered.size - 1) // 2] + ordered[half])
