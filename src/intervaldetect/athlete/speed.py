"""Threshold speed: critical speed from best efforts, and what single sessions imply of it.

Three lines of evidence, each with its error:

*Best efforts.* Critical speed is the slope of distance on time over the best efforts of a trailing
window (Smyth & Muniz-Pumares 2020, doi 10.1249/mss.0000000000002412). Training seldom holds efforts
that were all a runner had, so the slope is nearly a lower bound.

*Heart rate.* The speed at which a session's efforts would meet the threshold heart rate.

*Structure.* What reps of this length with this recovery are usually run at.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

import numpy as np

from intervaldetect.athlete.heart import interpolate
from intervaldetect.evidence import BEST_DISTANCES_M
from intervaldetect.records import Floats, RepEvidence, SessionEvidence

# Critical speed over threshold speed: 1.01-1.04 where the efforts were all-out.
CRITICAL_OVER_THRESHOLD = 1.02
# Distance covered above critical speed, and the error of a single best effort.
RESERVE_M, RESERVE_SPREAD_M, EFFORT_ERROR = 170.0, 60.0, 0.012
MIN_EFFORTS, MIN_LONGEST_M = 3, 1500.0
# Relative change of heart rate per relative change of speed, around threshold, and its error.
HR_PER_SPEED, HR_PER_SPEED_ERROR = 0.85, 0.25
HR_DELAY_S, HR_TAU_S = 8.0, 33.0
MIN_REP_S, UNSETTLED_S, MIN_STRUCTURE_S = 40.0, 80.0, 40.0
# Speed of reps over threshold speed by their length. Sub-threshold after Bakken; with long
# recoveries after Daniels' interval and repetition paces and Haugen 2021 (PMC8363530).
REP_S = (60.0, 180.0, 360.0, 600.0, 1200.0, 2400.0, 4800.0)
SHORT_RECOVERY_SPEED = (1.07, 1.04, 1.02, 1.00, 0.99, 0.975, 0.95)
LONG_RECOVERY_SPEED = (1.18, 1.09, 1.05, 1.02, 1.00, 0.975, 0.95)
SHORT_RECOVERY, LONG_RECOVERY = 0.5, 0.9
# Reps hardly faster than the running around them tell no more than an easy run does.
LEAST_CONTRAST = 1.10
EASY_SPEED, EASY_SPREAD = 0.78, 0.12


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


def speed_at_heart_rate(evidence: SessionEvidence) -> tuple[float, float] | None:
    """Mean log speed of a session's efforts and mean log heart rate at which they would settle.

    A rep too short for the heart rate to settle is extrapolated by its rise (delay 8 s, time
    constant 33 s). Without reps the steady 20 min, or 5 min, with the highest heart rate count.
    """
    pairs = [pair for rep in evidence.reps if (pair := _settled(rep)) is not None]
    if not evidence.reps and evidence.steady:
        speed, rate, _ = evidence.steady[-1]
        pairs = [(speed, rate, 1.0)]
    total = sum(weight for _, _, weight in pairs)
    if not total:
        return None
    return (
        sum(weight * math.log(speed) for speed, _, weight in pairs) / total,
        sum(weight * math.log(rate) for _, rate, weight in pairs) / total,
    )


def _settled(rep: RepEvidence) -> tuple[float, float, float] | None:
    if rep.duration_s < MIN_REP_S or not rep.speed_mps or not rep.end_hr_bpm:
        return None
    if rep.duration_s < UNSETTLED_S and (rep.recovery_s or 0.0) > rep.duration_s:
        return None  # each of them starts from rest and ends before the heart has caught up
    start = rep.start_hr_bpm or rep.end_hr_bpm
    reached = 1.0 - math.exp(-(rep.duration_s - HR_DELAY_S) / HR_TAU_S)
    rate = rep.end_hr_bpm + max(rep.end_hr_bpm - start, 0.0) * (1.0 / reached - 1.0)
    return rep.speed_mps, rate, min(rep.duration_s, 600.0)


def speed_by_structure(evidence: SessionEvidence) -> tuple[float, float] | None:
    """Log threshold speed that reps of this length and recovery imply, and its error."""
    implied, weight = 0.0, 0.0
    for rep in evidence.reps if _stand_out(evidence) else ():
        if rep.speed_mps and rep.duration_s >= MIN_STRUCTURE_S:
            relative = usual_speed(rep.duration_s, rep.recovery_s)
            implied += rep.duration_s * math.log(rep.speed_mps / relative)
            weight += rep.duration_s
    if weight:
        return implied / weight, 0.05 if weight >= 360.0 else 0.08
    if evidence.typical_speed_mps:
        return math.log(evidence.typical_speed_mps / EASY_SPEED), EASY_SPREAD
    return None


def _stand_out(evidence: SessionEvidence) -> bool:
    """Whether the reps are clearly faster than the running around them, as far as that is known."""
    speeds = [rep.speed_mps for rep in evidence.reps if rep.speed_mps]
    easy = evidence.easy_speed_mps
    return bool(speeds) and (easy is None or statistics.median(speeds) >= LEAST_CONTRAST * easy)


def usual_speed(duration_s: float, recovery_s: float | None) -> float:
    """Return what reps are usually run at, over threshold speed, by length and recovery."""
    short = interpolate(duration_s, REP_S, SHORT_RECOVERY_SPEED)
    if recovery_s is None:
        return short
    long = interpolate(duration_s, REP_S, LONG_RECOVERY_SPEED)
    share = (recovery_s / duration_s - SHORT_RECOVERY) / (LONG_RECOVERY - SHORT_RECOVERY)
    return short + min(max(share, 0.0), 1.0) * (long - short)
