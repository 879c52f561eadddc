"""The shortest time over a distance, by two pointers over a running total."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]

BLOCK = 32
"""So many windows are ruled out at a time."""


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
    after, far, index = 1, 0, 0
    while index < count and after < count:
        far = max(far, after)
        while best < np.inf and far < count and time[far] - time[index] < best:
            far += 1
        if _hopeless(time, travelled, distance, best, index, far):
            after, index = max(after, far + BLOCK - 1), index + BLOCK
            continue
        for first in range(index, min(index + BLOCK, count)):
            goal = travelled[first] + distance
            while after < count and travelled[after] < goal:
                after += 1
            if after >= count:
                break
            if time[after - 1] - time[first] >= best:
                continue  # as most do: the window ends after that sample
            share = (goal - travelled[after - 1]) / (travelled[after] - travelled[after - 1])
            end = time[after - 1] + share * (time[after] - time[after - 1])
            doubt = doubtful[after - 1] + share * (doubtful[after] - doubtful[after - 1])
            if end - time[first] < best and doubt - doubtful[first] <= doubt_s:
                best, begin = end - time[first], time[first]
        index += BLOCK
    before, near = 0, 0
    for index in range(0, count, BLOCK):
        near = max(near, before)
        while near + 1 < index and time[index] - time[near + 1] >= best:
            near += 1
        if _hopeless(time, travelled, distance, best, near, index):
            continue
        for last in range(index, min(index + BLOCK, count)):
            goal = travelled[last] - distance
            if goal < 0.0:
                continue
            while travelled[before + 1] <= goal:
                before += 1
            if time[last] - time[before + 1] >= best:
                continue
            share = (goal - travelled[before]) / (travelled[before + 1] - travelled[before])
            start = time[before] + share * (time[before + 1] - time[before])
            doubt = doubtful[before] + share * (doubtful[before + 1] - doubtful[before])
            if time[last] - start < best and doubtful[last] - doubt <= doubt_s:
                best, begin = time[last] - start, start
    return best, begin


@kernel
def _hopeless(
    time: Floats, travelled: Floats, distance: float, best: float, first: int, last: int
) -> bool:
    """Whether the windows of a block, as long as the best or longer, all fall short.

    Window ``k`` goes from sample ``first + k`` to ``last + k``. To look at all of them is many
    times faster than to look for the end of each.
    """
    if not best < np.inf or last <= first or last + BLOCK > time.size:
        return False
    begin, end = time[first : first + BLOCK], time[last : last + BLOCK]
    done, goes = travelled[first : first + BLOCK], travelled[last : last + BLOCK]
    chances = 0
    for k in range(BLOCK):
        chances += (end[k] - begin[k] < best) | (goes[k] - done[k] >= distance)
    return chances == 0
