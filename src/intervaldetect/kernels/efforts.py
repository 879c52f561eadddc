"""The shortest time over a distance, by two pointers over a running total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]


@kernel
def shortest_window(
    time: Floats, travelled: Floats, doubtful: Floats, distance: float, doubt_s: float
) -> tuple[float, float]:
    """Find the shortest window over a distance, with linear growth between samples.

    The best window begins or ends on a sample; both kinds are tried, each sample once.

    Parameters
    ----------
    time : array of float64, shape (n,)
        Strictly increasing, in s.
    travelled, doubtful : array of float64, shape (n,)
        Running totals from 0 on, never falling: m, and s that do not count as running.
    distance : float
        Above 0, in m.
    doubt_s : float
        Windows with more doubtful time are left out.

    Returns
    -------
    (float, float)
        Duration and start in s; infinity and NaN where no window counts.
    """
    count = time.size
    best, begin = np.inf, np.nan
    after = 1
    for index in range(count):
        goal = travelled[index] + distance
        while after < count and travelled[after] < goal:
            after += 1
        if after >= count:
            break
        if time[after - 1] - time[index] >= best:
            continue  # as most do: the window ends after that sample
        share = (goal - travelled[after - 1]) / (travelled[after] - travelled[after - 1])
        end = time[after - 1] + share * (time[after] - time[after - 1])
        doubt = doubtful[after - 1] + share * (doubtful[after] - doubtful[after - 1])
        if end - time[index] < best and doubt - doubtful[index] <= doubt_s:
            best, begin = end - time[index], time[index]
    before = 0
    for index in range(count):
        goal = travelled[index] - distance
        if goal < 0.0:
            continue
        while before + 1 < count and travelled[before + 1] <= goal:
            before += 1
        if before + 1 >= count:
            break
        if time[index] - time[before + 1] >= best:
            continue
        share = (goal - travelled[before]) / (travelled[before + 1] - travelled[before])
        start = time[before] + share * (time[before + 1] - time[before])
        doubt = doubtful[before] + share * (doubtful[before + 1] - doubtful[before])
        if time[index] - start < best and doubtful[index] - doubt <= doubt_s:
            best, begin = time[index] - start, start
    return best, begin
