"""Running sums of what is known, in one pass."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]


@kernel
def running_sums(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sum weights and weighted values from the first on.

    Parameters
    ----------
    values, weights : (n,) float64
        A value that is not finite counts nothing, nor does its weight.

    Returns
    -------
    weight, total : (n + 1,) float64
        Sums over the first 0, 1, ... n values, added in order.
    """
    n = min(values.size, weights.size)
    weight, total = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        weight[i + 1], total[i + 1] = weight[i], total[i]
        if math.isfinite(values[i]):
            weight[i + 1] += weights[i]
            total[i + 1] += weights[i] * values[i]
    return weight, total
