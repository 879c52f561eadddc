"""What a slope costs a runner, and how steep the ground is."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

Floats = NDArray[np.float64]

CLIMB_NOISE_M = 3.0
"""So much climb is within an altimeter's error."""
LEAST_WAY_M = 30.0
STEEPEST = 0.3


@kernel
def cost_ratios(grade: Floats) -> Floats:
    """Energy cost of running on each grade over the cost on the level.

    Parameters
    ----------
    grade : (n,) float64

    Returns
    -------
    (n,) float64
    """
    ratio = np.empty(grade.size)
    for i in range(grade.size):
        ratio[i] = cost_ratio_of(grade[i])
    return ratio


@helper
def cost_ratio_of(grade: float) -> float:
    """Cost of Minetti et al. 2002, J/kg/m, over its value on the level; clipped as measured."""
    g = grade
    if g > 0.45:
        g = 0.45
    elif g < -0.45:
        g = -0.45
    # 155.4 g^5 - 30.4 g^4 - 43.3 g^3 + 46.3 g^2 + 19.5 g + 3.6 without powers, which are slow.
    return (((((155.4 * g - 30.4) * g - 43.3) * g + 46.3) * g + 19.5) * g + 3.6) / 3.6


@kernel
def grades_between(climb: Floats, way: Floats) -> Floats:
    """Grade of stretches, their climb shrunk by an altimeter's error; 0 over a short way.

    Parameters
    ----------
    climb, way : (n,) float64
        In m.

    Returns
    -------
    (n,) float64
    """
    grade = np.empty(climb.size)
    for i in range(climb.size):
        grade[i] = grade_between(climb[i], way[i])
    return grade


@helper
def grade_between(climb: float, way: float) -> float:
    """Grade of one stretch, as `grades_between`."""
    if not way > LEAST_WAY_M:
        return 0.0
    grade = min(max(abs(climb) - CLIMB_NOISE_M, 0.0) / way, STEEPEST)
    return grade if climb >= 0.0 else -grade
