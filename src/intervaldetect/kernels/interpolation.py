"""Linear interpolation at rising moments, in one pass; every value is that of ``np.interp``."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels import _plain
from intervaldetect.kernels._jit import helper, kernel, kernel_beside

Floats = NDArray[np.float64]


@helper
def _after(x: Floats, y: Floats, j: int, moment: float) -> float:
    """Value at a moment of at least ``x[j]``, and below ``x[j + 1]`` if there is one."""
    if j >= x.size - 1 or x[j] == moment:
        return float(y[j])
    return float((y[j + 1] - y[j]) / (x[j + 1] - x[j]) * (moment - x[j]) + y[j])


@kernel_beside(_plain.interpolate)
def interpolate(moments: Floats, x: Floats, y: Floats) -> Floats:
    """Interpolate between points, the first and last value beyond them.

    Parameters
    ----------
    moments : (q,) float64
        Never falling.
    x, y : (n,) float64
        At least one point, finite; ``x`` never falls.

    Returns
    -------
    (q,) float64
    """
    values = np.empty(moments.size)
    j = 0
    for k in range(moments.size):
        moment = moments[k]
        while j + 1 < x.size and x[j + 1] <= moment:
            j += 1
        values[k] = y[0] if moment < x[0] else _after(x, y, j, moment)
    return values


@kernel
def shortest_times(
    time: Floats, travelled: Floats, known: Floats, distances: Floats, lacking: float
) -> Floats:
    """Shortest time over each distance from any of the given moments on.

    Parameters
    ----------
    time : (n,) float64
        Rising, in s.
    travelled, known : (n,) float64
        Running totals, never falling: m, and s of which the speed is known.
    distances : (d,) float64
        Above 0, in m.
    lacking : float
        Windows that lack more seconds are left out; below 0 for not looking.

    Returns
    -------
    (d,) float64
        NaN without a window that counts.
    """
    shortest = np.empty(distances.size)
    for d in range(distances.size):
        shortest[d] = _shortest_time(time, travelled, known, distances[d], lacking)
    return shortest


@kernel
def _shortest_time(
    time: Floats, travelled: Floats, known: Floats, distance: float, lacking: float
) -> float:
    best, last = np.inf, time.size - 1
    far, j, k = last, 0, 0
    for i in range(time.size):
        if travelled[i] > travelled[last] - distance:
            break
        goal = travelled[i] + distance
        # What has not come so far by `far` takes longer than the best, as most windows do.
        while far < last and time[far] - time[i] < best:
            far += 1
        if travelled[far] < goal:
            continue
        while j < last and travelled[j + 1] <= goal:
            j += 1
        end = _after(travelled, time, j, goal)
        took = end - time[i]
        if best <= took:
            continue
        if lacking >= 0.0:
            # The end of a standing window may lie before that of the one before it.
            while k > 0 and time[k] > end:
                k -= 1
            while k < last and time[k + 1] <= end:
                k += 1
            if _after(time, known, k, end) - known[i] < took - lacking:
                continue
        best, far = took, min(j + 1, last)
    return best if best < np.inf else np.nan
