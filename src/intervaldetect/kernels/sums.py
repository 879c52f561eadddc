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
    weight, total = np.empty(n + 1), np.empty(n + 1)
    weight_so_far = total_so_far = 0.0
    weight[0] = total[0] = 0.0
    for i in range(n):
        if math.isfinite(values[i]):
            weight_so_far += weights[i]
            total_so_far += weights[i] * values[i]
        weight[i + 1], total[i + 1] = weight_so_far, total_so_far
    return weight, total
