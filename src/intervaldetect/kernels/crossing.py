"""Where the speed beside the edges of efforts crosses its share of the step between two levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel
from intervaldetect.kernels.measure import first_after, total_at, total_before

Bools = NDArray[np.bool_]
Floats = NDArray[np.float64]


@kernel
def crossings(
    time: Floats,
    distance: Floats,
    edge_s: Floats,
    inside: tuple[float, Floats],
    outside: tuple[Floats, Floats],
    towards: float,
    search: tuple[float, float, float],
    share: float,
    least_step: float,
    least_s: float,
) -> Floats:
    """Find the crossing nearest to each edge.

    Parameters
    ----------
    time, distance : (n,) float64
        Rising s, and m.
    edge_s : (q,) float64
    inside : float, (q,) float64
    outside : (q,) float64, (q,) float64
        The levels inside and outside are measured from so many s off the edge to so many.
    towards : float
        1 where the effort lies after the edge, -1 where before.
    search : float, float, float
        How far from the edge, in which steps, and over which half width speed is taken (s).
    share : float
        Of the step from outside to inside that is done at a crossing.
    least_step : float
        In m/s; there is no crossing at a smaller one.
    least_s : float
        A level over less is not known, and then there is no crossing.

    Returns
    -------
    (q,) float64
        Seconds from each edge towards its effort, NaN without a crossing.
    """
    reach_s, step_s, half_s = search
    places = int(2.0 * reach_s / step_s) + 1
    found = np.full(edge_s.size, np.nan)
    for k in range(edge_s.size):
        edge = edge_s[k]
        level = _level(time, distance, edge, towards, inside[0], inside[1][k], least_s)
        beside = _level(time, distance, edge, -towards, outside[0][k], outside[1][k], least_s)
        step = level - beside
        if not step > least_step:
            continue
        before = np.nan
        ahead = behind = np.searchsorted(time, edge - towards * reach_s)
        for place in range(places):
            offset = -reach_s + step_s * place
            moment = edge + towards * offset
            ahead = first_after(time, moment + half_s, ahead)
            behind = first_after(time, moment - half_s, behind)
            gone = total_before(time, distance, moment + half_s, ahead)
            gone -= total_before(time, distance, moment - half_s, behind)
            done = (gone / (2.0 * half_s) - beside) / step
            if before < share <= done:
                at = offset - step_s + step_s * (share - before) / (done - before)
                if not abs(found[k]) <= abs(at):
                    found[k] = at
            before = done
    return found


@kernel
def at_stop(time: Floats, paused: Bools, edge_s: Floats, near_s: float) -> Bools:
    """Whether the record starts, ends or pauses within a moment of each edge.

    Parameters
    ----------
    time : (n + 1,) float64
        Rising, in s.
    paused : (n,) bool
        By intervals.
    edge_s : (q,) float64
    near_s : float
        Below which one is at the other.

    Returns
    -------
    (q,) bool
    """
    n = paused.size
    stopped = np.zeros(edge_s.size, np.bool_)
    for k in range(edge_s.size):
        for i in range(np.searchsorted(time, edge_s[k] - near_s), n + 1):
            away = abs(time[i] - edge_s[k])
            if time[i] > edge_s[k] and away >= near_s:
                break
            stops = i in (0, n) or paused[i] or paused[i - 1]
            if stops and away < near_s:
                stopped[k] = True
    return stopped


@helper
def _level(
    time: Floats,
    distance: Floats,
    edge: float,
    towards: float,
    near_s: float,
    far_s: float,
    least_s: float,
) -> float:
    """Mean speed of a stretch on one side of an edge, within the samples."""
    near = min(max(edge + towards * near_s, time[0]), time[-1])
    far = min(max(edge + towards * far_s, time[0]), time[-1])
    if abs(far - near) < least_s:
        return np.nan
    gone = total_at(time, distance, far) - total_at(time, distance, near)
    return float(gone / (far - near))
