"""A first, readable judgement of intensity from rep length, recovery, heart rate and speed.

Each rule adds log-odds towards threshold or VO2; the numbers follow Haugen 2021 (PMC8363530):
threshold reps of 3-10 min with 1-2 min recovery at 83-87 % of HRmax, VO2 reps of 1-4 min above
88-93 %, and Bakken's short threshold reps with recoveries of at most two thirds of the work.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from intervaldetect.records import (
    Estimate,
    Kind,
    Label,
    Segment,
    SessionLabel,
    Signal,
    Thresholds,
    Workout,
)

ABSTAIN_BELOW = 0.55
LONG_S = 5400.0


def label_session(signal: Signal, workout: Workout, thresholds: Thresholds) -> SessionLabel:
    """Judge the dominant intensity of a session.

    Parameters
    ----------
    signal : Signal
    workout : Workout
        Of the same signal.
    thresholds : Thresholds
        What is known of the athlete; every part may be None.

    Returns
    -------
    SessionLabel
        ``label`` None where the best probability is below 0.55; probabilities are given all the
        same.
    """
    reps = [segment for segment in workout.segments if segment.role == "rep"]
    if workout.sets and reps:
        log_odds, evidence = _rep_log_odds(reps, workout, thresholds)
    else:
        log_odds, evidence = _continuous_log_odds(signal, thresholds)
    probabilities = _softmax(log_odds)
    best = max(probabilities, key=lambda label: probabilities[label])
    sure = probabilities[best] >= ABSTAIN_BELOW
    if not sure:
        first, second = sorted(probabilities, key=lambda x: -probabilities[x])[:2]
        evidence = [*evidence, f"Between {first} and {second}: no label is given."]
    label: Label | None = best if sure else None
    return SessionLabel(
        label=label,
        kind=_kind(signal, workout, best),
        probabilities=probabilities,
        set_labels=tuple((label, probabilities) for _ in workout.sets),
        evidence=tuple(evidence),
    )


def _rep_log_odds(
    reps: Sequence[Segment], workout: Workout, thresholds: Thresholds
) -> tuple[dict[Label, float], list[str]]:
    seconds = float(np.median([rep.end_s - rep.start_s for rep in reps]))
    rests = [
        segment.end_s - segment.start_s
        for segment in workout.segments
        if segment.role == "recovery"
    ]
    ratio = float(np.median(rests)) / seconds if rests else 0.0
    evidence = [f"Reps of {seconds:.0f} s with recovery {ratio:.2f} of the work."]
    # Short recovery for the length of the rep keeps the lactate down: threshold.
    vo2 = 2.2 * (ratio - 0.55) - 0.9 * math.log(seconds / 200.0)
    end_hr = [rep.end_hr_bpm for rep in reps if rep.end_hr_bpm is not None]
    highest = thresholds.max_hr_bpm
    if end_hr and highest is not None:
        share = float(np.median(end_hr)) / highest.value
        weight = 0.03 / math.hypot(0.03, highest.standard_error / highest.value)
        vo2 += weight * 30.0 * (share - 0.895)
        evidence.append(f"Heart rate at the end of a rep {100 * share:.0f} % of the highest known.")
    speed = [rep.mean_speed_mps for rep in reps if rep.mean_speed_mps is not None]
    if speed and thresholds.threshold_speed_mps is not None:
        vo2 += _speed_log_odds(float(np.median(speed)), thresholds.threshold_speed_mps, seconds)
        relative = float(np.median(speed)) / thresholds.threshold_speed_mps.value
        evidence.append(f"Reps at {relative:.2f} of threshold speed.")
    return {"easy": -2.5, "threshold": 0.0, "vo2": vo2}, evidence


def _speed_log_odds(speed: float, threshold: Estimate, seconds: float) -> float:
    """Bakken's ceiling of sub-threshold pace by rep length, blurred by the threshold's error."""
    ceiling = float(np.interp(seconds, (60.0, 180.0, 360.0, 480.0), (1.07, 1.04, 1.02, 1.0)))
    blur = math.hypot(0.02, threshold.standard_error / threshold.value)
    return 2.0 * (speed / threshold.value - ceiling - 0.01) / blur


def _continuous_log_odds(
    signal: Signal, thresholds: Thresholds
) -> tuple[dict[Label, float], list[str]]:
    highest = thresholds.max_hr_bpm
    hr = signal.heart_rate_bpm[np.isfinite(signal.heart_rate_bpm)]
    if hr.size == 0 or highest is None:
        return {"easy": 1.5, "threshold": 0.0, "vo2": -2.0}, ["No efforts and no heart rate."]
    share = float(np.median(hr)) / highest.value
    evidence = [f"No reps; median heart rate {100 * share:.0f} % of the highest known."]
    weight = 0.03 / math.hypot(0.03, highest.standard_error / highest.value)
    return {"easy": 1.0 + weight * 40.0 * (0.83 - share), "threshold": 0.0, "vo2": -2.0}, evidence


def _softmax(log_odds: dict[Label, float]) -> dict[Label, float]:
    top = max(log_odds.values())
    raised = {label: math.exp(value - top) for label, value in log_odds.items()}
    total = sum(raised.values())
    return {label: value / total for label, value in raised.items()}


def _kind(signal: Signal, workout: Workout, best: Label) -> Kind:
    if not workout.sets:
        if workout.shape == "strides":
            return "strides"
        if best == "easy":
            return "long" if signal.time_s[-1] >= LONG_S else "easy"
        return "steady"
    if workout.shape == "tempo":
        return "tempo"
    return "vo2_intervals" if best == "vo2" else "threshold_intervals"
