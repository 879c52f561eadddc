"""Where the speed beside the edges of efforts crosses its share of the step between two levels."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel
from intervaldetect.kernels.measure import total_at

Floats = NDArray[np.float64]


@kernel
def crossings(
    time: Floats,
    distance: Floats,
    edge_s: Floats,
    inside: tuple[float, Floats],
    outside: tuple[float, Floats],
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
    inside, outside : float, (q,) float64
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
        beside = _level(time, distance, edge, -towards, outside[0], outside[1][k], least_s)
        step = level - beside
        if not step > least_step:
            continue
        before = np.nan
        for place in range(places):
            offset = -reach_s + step_s * place
            moment = edge + towards * offset
            gone = total_at(time, distance, moment + half_s)
            gone -= total_at(time, distance, moment - half_s)
            done = (gone / (2.0 * half_s) - beside) / step
            if before < share <= done:
                at = offset - step_s + step_s * (share - before) / (done - before)
                if not abs(found[k]) <= abs(at):
                    found[k] = at
            before = done
    return found


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
