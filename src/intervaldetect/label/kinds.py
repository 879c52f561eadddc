"""What kind of session it was, once its intensity is judged: readable rules."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

from intervaldetect.endurance import RACE_TOLERANCE, RACES_M, all_out_share
from intervaldetect.label.features import Features, Reps
from intervaldetect.records import Kind, Label, SessionEvidence

LONG_S = 5400.0
RECOVERY_S, RECOVERY_SPEED, RECOVERY_HR = 2700.0, math.log(0.72), 0.70
STEADY_SPEED, STEADY_HR = math.log(0.86), 0.76
TEMPO_S, MOST_TEMPO_BLOCKS = 480.0, 2
# Fastest 20 min of a tempo without a block of its own; slower runs are steady or, rising, more.
TEMPO_SPEED, RISING = math.log(0.94), 0.06
HILL_GRADE = 0.03
SPEED_S, SPEED_RECOVERY = 50.0, 1.2
STRIDE_S, STRIDES_WORK_S = 30.0, 300.0
# Somebody who walks so much of an easy run alternates walking and running; a hike is no run.
WALK_RUN, HIKE = 0.15, 0.9
# A race fills the recording, evenly, at the speed that can be held for its length.
RACE_S, RACE_SHARE, RACE_SPREAD = 600.0, 0.85, 0.07
RACE_SPEED, RACE_HR = math.log(0.98), 0.855
# Or it is one effort over the distance of a race, nearly as fast as can be held for its time.
HELD, HELD_HR = 0.03, 0.90
# Efforts as uneven as this in length, and in recovery, follow no plan.
FARTLEK_EFFORTS, FARTLEK_SPREAD = 4, 0.30


def session_kind(
    evidence: SessionEvidence,
    features: Features,
    label: Label,
    set_labels: Sequence[Label],
) -> Kind:
    """Name the kind of session.

    Parameters
    ----------
    evidence : SessionEvidence
    features : Features
        Of the whole session.
    label : {"easy", "threshold", "vo2"}
        The likeliest, also where no label is given.
    set_labels : sequence of label
        The likeliest of each set.
    """
    reps = features.reps
    if _is_race(evidence, features, reps, label):
        return "race"
    if reps is not None and (reps.grade or 0.0) >= HILL_GRADE and reps.count > 1:
        return "hills"
    if label == "easy" and WALK_RUN <= evidence.walk_share <= HIKE and not _are_strides(reps):
        return "walk_run"
    if reps is None or (label == "easy" and reps.work_s > STRIDES_WORK_S):
        return _without_reps(evidence, features, label)
    if label == "easy":
        return "strides" if _are_strides(reps) else _without_reps(evidence, features, label)
    if len(set(set_labels)) > 1 and _worth(evidence, set_labels):
        return "mixed"
    if reps.count <= MOST_TEMPO_BLOCKS and reps.length_s >= TEMPO_S and label == "threshold":
        return "tempo"
    if _is_fartlek(evidence):
        return "fartlek"
    if label == "threshold":
        return "threshold_intervals"
    rest = (reps.recovery_s or 0.0) / max(reps.length_s, 1.0)
    return "speed" if reps.length_s <= SPEED_S and rest >= SPEED_RECOVERY else "vo2_intervals"


def _are_strides(reps: Reps | None) -> bool:
    return reps is not None and reps.longest_s <= STRIDE_S


def _without_reps(evidence: SessionEvidence, features: Features, label: Label) -> Kind:
    # Where reps stand in the text, strides beside them do not name the session.
    strides = evidence.strides > 0 and not evidence.claimed
    reps = features.reps
    if evidence.shape == "strides" and label == "easy" and (reps is None or _are_strides(reps)):
        return "strides"
    if evidence.shape == "progression":
        return "progression"
    if label != "easy" and not features.values["speed_20min"] < TEMPO_SPEED:
        return "tempo"
    if label != "easy":
        return _brisk(evidence)
    if strides:
        return "strides"
    if evidence.moving_s >= LONG_S:
        return "long"
    speed, rate = features.values["typical_speed"], features.values["median_hr"]
    slow = speed <= RECOVERY_SPEED and not rate > RECOVERY_HR
    if slow and evidence.moving_s <= RECOVERY_S:
        return "recovery"
    if speed >= STEADY_SPEED and not rate < STEADY_HR:
        return "steady"
    return "easy"


def _brisk(evidence: SessionEvidence) -> Kind:
    """Name a run that is harder than easy and slower than a tempo, however long it is."""
    rising = evidence.speed_trend is not None and evidence.speed_trend >= RISING
    return "progression" if rising else "steady"


def _is_race(
    evidence: SessionEvidence, features: Features, reps: Reps | None, label: Label
) -> bool:
    """Whether the whole recording is one hard, even effort."""
    if label == "easy" or evidence.moving_s < RACE_S:
        return False
    if reps is not None and _is_raced(reps, features):
        return True
    if reps is not None and (reps.count > 1 or reps.work_s < RACE_SHARE * evidence.elapsed_s):
        return False
    if evidence.walk_share >= WALK_RUN:
        return False
    spread, values = evidence.speed_spread, features.values
    even = spread is not None and spread <= RACE_SPREAD
    fast = values["typical_speed"] >= RACE_SPEED - 0.05 * max(0.0, values["duration"])
    return even and fast and not values["median_hr"] < RACE_HR


def _is_raced(reps: Reps, features: Features) -> bool:
    """Whether the only rep, between warm-up and cool-down, was a race."""
    if reps.count > 1 or reps.length_s < RACE_S or reps.speed_mps is None:
        return False
    metres = reps.speed_mps * reps.length_s
    if not any(abs(metres / race - 1.0) <= RACE_TOLERANCE for race in RACES_M):
        return False
    held = math.log(all_out_share(reps.length_s)) - HELD
    values = features.values
    fast = features.threshold_known and values["rep_speed"] >= held
    return fast and not values["rep_hr"] < HELD_HR


def _is_fartlek(evidence: SessionEvidence) -> bool:
    lengths = [rep.duration_s for rep in evidence.reps]
    rests = [rep.recovery_s for rep in evidence.reps if rep.recovery_s is not None]
    if len(lengths) < FARTLEK_EFFORTS:
        return False
    return evidence.shape == "fartlek" or (
        _spread(lengths) > FARTLEK_SPREAD and _spread(rests) > FARTLEK_SPREAD
    )


def _spread(values: Sequence[float]) -> float:
    """Return the standard deviation over the mean; `statistics` takes fifty times as long."""
    mean = statistics.fmean(values)
    variance = statistics.fmean([(value - mean) ** 2 for value in values])
    return math.sqrt(variance) / max(mean, 1.0)


def _worth(evidence: SessionEvidence, set_labels: Sequence[Label]) -> bool:
    """Whether at least two intensities hold a tenth of the work each."""
    work: dict[Label, float] = {}
    for rep in evidence.reps:
        if 1 <= rep.set <= len(set_labels):
            label = set_labels[rep.set - 1]
            work[label] = work.get(label, 0.0) + rep.duration_s
    total = sum(work.values())
    return sum(share >= 0.1 * total for share in work.values()) > 1
