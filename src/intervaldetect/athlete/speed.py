"""Critical speed from best efforts, for comparison with the threshold speed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from intervaldetect.records import Floats
from intervaldetect.session_features import BEST_DISTANCES_M

# Distance covered above critical speed, and the error of a single best effort.
RESERVE_M, RESERVE_SPREAD_M, EFFORT_ERROR = 170.0, 60.0, 0.012
MIN_EFFORTS, MIN_LONGEST_M = 3, 1500.0


def critical_speed(best_times_s: Sequence[float | None] | Floats) -> tuple[float, float] | None:
    """Fit the slope of distance on time over best efforts.

    Least squares weighted by the error of an effort, with a prior on the distance covered above
    critical speed (170 m, spread 60 m) that settles it where the distances are alike.

    Parameters
    ----------
    best_times_s : sequence of float or None
        Best time over each of ``BEST_DISTANCES_M``; None or NaN where there is none.

    Returns
    -------
    (speed, standard_error) in m/s, or None with fewer than three distances or none from 1500 m.
    """
    time = np.array([math.nan if value is None else value for value in best_times_s], np.float64)
    known = np.isfinite(time)
    distance, time = np.array(BEST_DISTANCES_M)[known], time[known]
    if distance.size < MIN_EFFORTS or distance[-1] < MIN_LONGEST_M:
        return None
    weight = 1.0 / (EFFORT_ERROR * distance) ** 2
    prior = 1.0 / RESERVE_SPREAD_M**2
    a, b, c = (weight * time**2).sum(), (weight * time).sum(), weight.sum() + prior
    x = (weight * time * distance).sum()
    y = (weight * distance).sum() + prior * RESERVE_M
    determinant = a * c - b * b
    speed = (c * x - b * y) / determinant
    reserve = (a * y - b * x) / determinant
    misfit = float((weight * (distance - reserve - speed * time) ** 2).sum())
    scale = max(1.0, misfit / max(distance.size - 1, 1))
    return float(speed), float(math.sqrt(scale * c / determinant))
