"""SessionEvidence and Thresholds -> the named features a label rests on.

Evidence is stored without any threshold; everything relative to the athlete is made here, at the
moment of judging. A speed feature is the log of a speed over threshold speed, a heart-rate feature
a share of the highest heart rate; both move with the error of the threshold they are taken over.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from intervaldetect.records import Estimate, RepEvidence, SessionEvidence, Thresholds
from intervaldetect.session_features import work_reps

NAN = math.nan
Over = Literal["speed", "max_hr", "nothing"]


class Feature(NamedTuple):
    """One feature: its name, unit, what it is taken over, and what it says."""

    name: str
    unit: str
    over: Over
    meaning: str


FEATURES: tuple[Feature, ...] = (
    Feature("reps", "0 or 1", "nothing", "whether planned efforts are claimed"),
    Feature("typical_speed", "log", "speed", "median running speed"),
    Feature("speed_1min", "log", "speed", "fastest minute"),
    Feature("speed_20min", "log", "speed", "fastest 20 min"),
    Feature("rep_speed", "log", "speed", "median speed of the reps, by time; null without reps"),
    Feature("effort_speed", "log", "speed", "the same, or of the fastest 20 (5) min without reps"),
    Feature("median_hr", "share", "max_hr", "median heart rate"),
    Feature("hr_5min", "share", "max_hr", "highest 5 min"),
    Feature("rep_hr", "share", "max_hr", "median rate at the end of the reps; null without reps"),
    Feature("effort_hr", "share", "max_hr", "the same, or the highest 20 (5) min without reps"),
    Feature("duration", "log", "nothing", "time in motion over 50 min"),
    Feature("rep_length", "log", "nothing", "median length of the reps over 3 min, by time"),
    Feature("recovery", "log", "nothing", "recovery over length of the reps"),
    Feature("work", "log", "nothing", "time in reps over 20 min"),
    Feature("very_short", "log", "nothing", "length of the reps over 45 s, where below"),
    Feature("dense_short", "log", "nothing", "shortness of reps with little recovery between"),
    Feature(
        "strides", "0 to 1", "nothing", "whether the reps are as short, and as close, as strides"
    ),
    Feature("race", "log", "nothing", "25 min over its time, of a whole even hard run; 0 else"),
    Feature("structured", "probability", "nothing", "that planned efforts were carried out"),
    Feature("surely_structured", "probability", "nothing", "the same above 0.8"),
    Feature("no_heart_rate", "0 or 1", "nothing", "whether heart rate is missing"),
    Feature("rep_rise", "share", "max_hr", "median rise of heart rate within the reps"),
    Feature("rep_climb", "share", "max_hr", "end rate of the last third of reps over the first's"),
    Feature("longest", "log", "nothing", "longest effort, or run without reps, over 20 min"),
)
# What the fitted models see: features that most folds keep when every fold drops, one after
# another, what helps least on the athletes of the others (stability selection, Meinshausen &
# Buehlmann 2010; `benchmarks.accuracy.label_features`), and the sum of the work, which tells a long
# series of kilometres, of which the corpus has none. Rules, kinds and reasons use the rest.
OF_REPS = (
    "rep_length", "work", "very_short", "dense_short", "rep_rise", "rep_climb", "longest",
)  # fmt: skip
FITTED_NAMES: tuple[str, ...] = (
    "reps", "speed_1min", "speed_20min", "effort_speed", "hr_5min", "duration", *OF_REPS, "race",
    "structured", "surely_structured",
)  # fmt: skip
# What belongs to a set of reps alone, for sessions of several sets.
SET_NAMES: tuple[str, ...] = ("rep_speed", "rep_hr", *OF_REPS)

EASY_RECOVERY_S = 10.0
SINGLE_REP, MOST_RECOVERY = -1.5, 1.5
# Strides are reps of 12-25 s with a minute or less between; four and more with two minutes and
# more are sprints. Between the two bounds a rep, or a recovery, is partly either.
STRIDE_S, NO_STRIDE_S = 19.0, 27.0
STRIDE_REST_S, SPRINT_REST_S, FEWEST_SPRINTS = 75.0, 135.0, 4
# Heart rate follows 8 s late with a time constant of 33 s: of shorter reps with full recoveries
# it says nothing, and is taken to be between the labels.
BLIND_REP_S, SEEN_REP_S, BETWEEN_HR = 20.0, 60.0, 0.88
# A whole even run at the speed and heart rate of a race: over 25 min it is run near threshold.
RACE_MIN_S, RACE_MIDDLE_S, RACE_SPREAD = 600.0, 1500.0, 0.08
RACE_SPEED, RACE_HR, MOST_RACE = -0.04, 0.87, 0.5


@dataclass(frozen=True, slots=True)
class Features:
    """Feature values by name, NaN where not known, and the errors of what they are taken over.

    ``speed_error`` is the relative standard error of threshold speed, ``hr_error`` that of the
    highest heart rate. ``known_history`` says whether the thresholds rest on more than this file;
    ``reps`` sums up the reps; ``threshold_known`` says whether the threshold speed was given, or
    rests on hard runs.
    """

    values: dict[str, float]
    speed_error: float
    hr_error: float
    known_history: bool
    reps: Reps | None = None
    threshold_known: bool = False


@dataclass(frozen=True, slots=True)
class Reps:
    """Reps summed up; medians are weighted by duration, so that long reps are not outvoted."""

    count: int
    work_s: float
    length_s: float
    recovery_s: float | None
    speed_mps: float | None
    end_hr_bpm: float | None
    grade: float | None
    rise_bpm: float | None
    climb_bpm: float | None
    longest_s: float


def sum_up(reps: Sequence[RepEvidence]) -> Reps | None:
    """Sum up reps, None without any."""
    if not reps:
        return None
    seconds = [rep.duration_s for rep in reps]
    return Reps(
        count=len(reps),
        work_s=sum(seconds),
        length_s=_median(seconds, seconds) or 0.0,
        recovery_s=_median([rep.recovery_s for rep in reps], seconds),
        speed_mps=_median([rep.speed_mps for rep in reps], seconds),
        end_hr_bpm=_median([rep.end_hr_bpm for rep in reps], seconds),
        grade=_median([rep.grade for rep in reps], seconds),
        rise_bpm=_median([_rise(rep) for rep in reps], seconds),
        climb_bpm=_climb(reps),
        longest_s=max(seconds),
    )


def _rise(rep: RepEvidence) -> float | None:
    if rep.start_hr_bpm is None or rep.end_hr_bpm is None:
        return None
    return rep.end_hr_bpm - rep.start_hr_bpm


def _climb(reps: Sequence[RepEvidence]) -> float | None:
    """End heart rate of the last third of the reps minus that of the first."""
    ends = [rep.end_hr_bpm for rep in reps if rep.end_hr_bpm is not None]
    third = len(ends) // 3
    if not third:
        return None
    return sum(ends[-third:]) / third - sum(ends[:third]) / third


def session_features(evidence: SessionEvidence, thresholds: Thresholds) -> Features:
    """Return the features of a session, over what is known of the athlete."""
    return _features(evidence, work_reps(evidence), thresholds)


def set_features(evidence: SessionEvidence, number: int, thresholds: Thresholds) -> Features:
    """Return the features of one set of a session, counted from 1."""
    reps = [rep for rep in evidence.reps if rep.set == number]
    return _features(evidence, reps, thresholds)


def _features(
    evidence: SessionEvidence, chosen: Sequence[RepEvidence], thresholds: Thresholds
) -> Features:
    reps = sum_up(chosen)
    speed, highest = thresholds.threshold_speed_mps, thresholds.max_hr_bpm
    threshold = speed.value if speed else NAN
    maximum = highest.value if highest else NAN
    one, _, five, _, twenty, _, _ = evidence.speed_curve_mps
    _, hr_five, hr_twenty, _ = evidence.hr_curve_bpm
    median_hr = evidence.median_hr_bpm
    values = {
        "reps": float(reps is not None),
        "typical_speed": _log(evidence.typical_speed_mps, threshold),
        "speed_1min": _log(one, threshold),
        "speed_20min": _log(twenty, threshold),
        "rep_speed": NAN,
        "effort_speed": _log(twenty or five, threshold),
        "median_hr": _share(median_hr, maximum),
        "hr_5min": _share(hr_five, maximum),
        "rep_hr": NAN,
        "effort_hr": _share(hr_twenty or hr_five, maximum),
        "duration": math.log(max(evidence.moving_s, 60.0) / 3000.0),
        "rep_length": NAN,
        "recovery": NAN,
        "work": NAN,
        "very_short": 0.0,
        "dense_short": 0.0,
        "strides": 0.0,
        "race": 0.0,
        "structured": evidence.structured_probability,
        "surely_structured": max(evidence.structured_probability - 0.8, 0.0),
        "no_heart_rate": float(median_hr is None or not highest),
        "rep_rise": NAN,
        "rep_climb": NAN,
        "longest": math.log(max(evidence.moving_s, 60.0) / 1200.0),
    }
    if reps is None:
        values["race"] = _race(evidence, values)
    else:
        values.update(_of_reps(reps, threshold, maximum))
    return Features(
        values=values,
        speed_error=speed.standard_error / speed.value if speed else 0.0,
        hr_error=highest.standard_error / highest.value if highest else 0.0,
        known_history=knows_history(thresholds),
        reps=reps,
        threshold_known=is_known(speed),
    )


def knows_history(thresholds: Thresholds) -> bool:
    """Whether threshold speed was given, or rests on hard runs of a history."""
    speed = thresholds.threshold_speed_mps
    if speed is None or not is_known(speed):
        return thresholds.max_hr_bpm is not None and thresholds.max_hr_bpm.source == "given"
    return speed.source == "given" or (speed.source == "history" and (speed.sessions or 0) >= 3)


def is_known(estimate: Estimate | None) -> bool:
    """Whether an estimate was given, or rests on hard runs."""
    return estimate is not None and (estimate.source == "given" or estimate.rests_on is not None)


def _of_reps(reps: Reps, threshold: float, maximum: float) -> dict[str, float]:
    length = math.log(max(reps.length_s, 5.0) / 180.0)
    recovery, rest = SINGLE_REP, 9.0
    if reps.recovery_s is not None:
        rest = reps.recovery_s / max(reps.length_s, 5.0)
        recovery = min(math.log(rest + EASY_RECOVERY_S / max(reps.length_s, 5.0)), MOST_RECOVERY)
    # From 0 at seven tenths of the work to 1 at three tenths.
    density = _between(0.7 - rest, 0.0, 0.4)
    speed = _log(reps.speed_mps, threshold)
    rate = _told_by_rate(_share(reps.end_hr_bpm, maximum), reps)
    open_share = _openness(reps)
    return {
        "rep_speed": speed,
        "effort_speed": speed,
        "rep_hr": rate,
        "effort_hr": rate,
        "rep_length": length,
        "recovery": recovery,
        "work": math.log(max(reps.work_s, 10.0) / 1200.0),
        "very_short": min(0.0, math.log(max(reps.length_s, 5.0) / 45.0)),
        "dense_short": density * max(0.0, -length),
        "strides": _between(NO_STRIDE_S - reps.length_s, 0.0, NO_STRIDE_S - STRIDE_S)
        * (1.0 - open_share),
        "rep_rise": _share(reps.rise_bpm, maximum),
        "rep_climb": _share(reps.climb_bpm, maximum),
        "longest": math.log(max(reps.longest_s, 5.0) / 1200.0),
    }


def _between(value: float, low: float, high: float) -> float:
    """Return where a value lies between two, from 0 to 1."""
    return min(max((value - low) / (high - low), 0.0), 1.0)


def _openness(reps: Reps) -> float:
    """Return, from 0 to 1, whether recoveries are those of sprints and not of strides."""
    if reps.count < FEWEST_SPRINTS or reps.recovery_s is None:
        return 0.0
    return _between(reps.recovery_s, STRIDE_REST_S, SPRINT_REST_S)


def _told_by_rate(rate: float, reps: Reps) -> float:
    """Return the heart rate of reps, the nearer to one that tells nothing the shorter they are."""
    if (reps.recovery_s or 0.0) <= reps.length_s:
        return rate
    told = _between(reps.length_s, BLIND_REP_S, SEEN_REP_S)
    return told * rate + (1.0 - told) * BETWEEN_HR


def _race(evidence: SessionEvidence, values: dict[str, float]) -> float:
    """Return the log of 25 min over the time of a run that is a race; 0 where it is none."""
    spread = evidence.speed_spread
    even = spread is not None and spread <= RACE_SPREAD and evidence.moving_s >= RACE_MIN_S
    if not even or not values["typical_speed"] >= RACE_SPEED or not values["median_hr"] >= RACE_HR:
        return 0.0
    over = math.log(RACE_MIDDLE_S / evidence.moving_s)
    return min(max(over, -MOST_RACE), MOST_RACE)


def _log(value: float | None, over: float) -> float:
    return math.log(value / over) if value and value > 0.0 and over > 0.0 else NAN


def _share(value: float | None, over: float | None) -> float:
    return value / over if value is not None and over and over > 0.0 else NAN


def _median(values: Sequence[float | None], weights: Sequence[float]) -> float | None:
    """Weighted median of the known values."""
    known = sorted((v, w) for v, w in zip(values, weights, strict=True) if v is not None)
    half = 0.5 * sum(weight for _, weight in known)
    reached = 0.0
    for value, weight in known:
        reached += weight
        if reached >= half:
            return value
    return None
