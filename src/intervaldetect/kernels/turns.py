"""The regular alternation of two levels that explains most of a signal."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

Floats = NDArray[np.float64]


@kernel
def regular_turns(
    weight: Floats, total: Floats, fewest: int, most: int, shares: Floats
) -> tuple[float, int, int]:
    """Find how many faster stretches, and which share of a period each, explain most.

    The first begins and the last ends with the signal; all are of one length, and so are the slower
    ones between them.

    Parameters
    ----------
    weight, total : (n + 1,) float64
        Running sums of seconds, from 0 on, and of seconds times value; linear in between.
    fewest, most : int
        Numbers of faster stretches that are tried; at least 2.
    shares : (m,) float64
        Faster stretch over period, below 1.

    Returns
    -------
    gain : float
        Squares times seconds that are explained, 0 where nothing is.
    count, share : int
        Number of faster stretches, and index into ``shares``; -1 for nothing.
    """
    whole = weight[-1]
    best, best_count, best_share = 0.0, -1, -1
    for count in range(fewest, most + 1):
        for k in range(shares.size):
            period = whole / (count - 1 + shares[k])
            length = shares[k] * period
            faster = 0.0
            j = 0
            for i in range(count):
                start = i * period
                j = _place(weight, start, j)
                low = _at(weight, total, start, j)
                j = _place(weight, start + length, j)
                faster += _at(weight, total, start + length, j) - low
            seconds = count * shares[k] * period
            step = faster / seconds - (total[-1] - faster) / (whole - seconds)
            if step > 0.0:
                gain = seconds * (whole - seconds) / whole * step**2
                if gain > best:
                    best, best_count, best_share = gain, count, k
    return best, best_count, best_share


@helper
def _place(weight: Floats, moment: float, j: int) -> int:
    """Last index of no more than a moment, looked for from ``j`` on in steps that double."""
    last, step = weight.size - 1, 1
    while j + step <= last and weight[j + step] <= moment:
        j += step
        step *= 2
    while step > 0:
        if j + step <= last and weight[j + step] <= moment:
            j += step
        step //= 2
    return j


@helper
def _at(weight: Floats, total: Floats, moment: float, j: int) -> float:
    if j >= weight.size - 1 or weight[j] == moment:
        return float(total[j])
    slope = (total[j + 1] - total[j]) / (weight[j + 1] - weight[j])
    return float(slope * (moment - weight[j]) + total[j])
