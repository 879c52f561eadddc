"""The reasons of a label in sentences with numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from intervaldetect.label.classifiers import Verdict
from intervaldetect.label.features import Features, Reps, is_known
from intervaldetect.records import Estimate, Label, SessionEvidence, Thresholds
from intervaldetect.session_features import HEAT_C, NO_HEART_RATE

NAMES: dict[Label, str] = {"easy": "easy", "threshold": "threshold", "vo2": "VO2"}
WIDE_SPEED, WIDE_HR = 0.04, 0.04
UNLIKE = 0.25


def reasons(
    evidence: SessionEvidence, features: Features, thresholds: Thresholds, verdict: Verdict
) -> tuple[str, ...]:
    """Say what a session was judged by, what it was judged to be, and what is in doubt."""
    reps = features.reps
    facts = _of_reps(reps, thresholds) if reps else _of_run(evidence, thresholds)
    best, second = verdict.ranked()[:2]
    said = ", ".join(facts) if facts else "neither speed nor heart rate is known"
    sentences = [f"{said[:1].upper()}{said[1:]}: {_conclusion(verdict, best, second)}."]
    if verdict.label is None:
        sentences.append(_why_not(evidence, features, thresholds, best, second))
    if evidence.doubts:
        sentences.append(f"In doubt: {'; '.join(evidence.doubts)}.")
    if evidence.treadmill:
        sentences.append("Treadmill: speed is less reliable.")
    if evidence.temperature_c is not None and evidence.temperature_c >= HEAT_C:
        sentences.append(
            f"At {evidence.temperature_c:.0f} degrees C heart rate runs higher for the same speed."
        )
    if evidence.benefit:
        sentences.append(f"The watch itself called it {evidence.benefit} (for comparison).")
    return tuple(sentences)


def _conclusion(verdict: Verdict, best: Label, second: Label) -> str:
    chance = _chance(verdict.probabilities[best])
    how = " by rule of thumb" if verdict.classifier == "rules" else ""
    if verdict.label is None:
        other = _chance(verdict.probabilities[second])
        return f"between {NAMES[best]} ({chance}) and {NAMES[second]} ({other}){how}, no label"
    return f"{NAMES[best]} ({chance}){how}"


def _chance(probability: float) -> str:
    return "over 99 %" if probability > 0.995 else f"{100 * probability:.0f} %"


def _of_reps(reps: Reps, thresholds: Thresholds) -> list[str]:
    facts = []
    speed, highest = _known(thresholds.threshold_speed_mps), thresholds.max_hr_bpm
    what = f"{reps.count} reps" if reps.count > 1 else "one effort"
    length = _clock(reps.length_s)
    alike = abs(reps.work_s - reps.count * reps.length_s) <= UNLIKE * reps.work_s
    # The length is a median by work, which a dozen short reps after three long ones do not move.
    size = f"of {length}" if alike else f"(half of the work in those of {length} or more)"
    if reps.speed_mps and speed:
        share = 100.0 * reps.speed_mps / speed.value
        facts.append(f"{what} {size} at {share:.0f} % of {_speed(speed)}")
    else:
        facts.append(f"{what} {size}")
    if reps.end_hr_bpm and highest:
        facts.append(f"end heart rate {_share(reps.end_hr_bpm, highest, thresholds)}")
    if reps.recovery_s is not None:
        share = 100.0 * reps.recovery_s / max(reps.length_s, 1.0)
        facts.append(f"recoveries {share:.0f} % as long as the reps")
    facts.append(f"{reps.work_s / 60.0:.0f} min of work")
    return facts


def _of_run(evidence: SessionEvidence, thresholds: Thresholds) -> list[str]:
    facts = []
    speed, highest = _known(thresholds.threshold_speed_mps), thresholds.max_hr_bpm
    if evidence.typical_speed_mps and speed:
        share = 100.0 * evidence.typical_speed_mps / speed.value
        facts.append(f"run at {share:.0f} % of {_speed(speed)}")
        twenty = evidence.speed_curve_mps[4]
        if twenty and twenty > evidence.typical_speed_mps:
            facts.append(f"fastest 20 min at {100.0 * twenty / speed.value:.0f} % of it")
    if evidence.median_hr_bpm and highest:
        facts.append(f"median heart rate {_share(evidence.median_hr_bpm, highest, thresholds)}")
    return facts


def _known(speed: Estimate | None) -> Estimate | None:
    """Return a threshold that something hard has shown; shares of a guess are not said."""
    return speed if is_known(speed) else None


def _speed(speed: Estimate) -> str:
    seconds = 1000.0 / speed.value
    error = seconds * speed.standard_error / speed.value
    return f"your threshold pace, {_clock(seconds)}/km ± {max(error, 1.0):.0f} s ({_source(speed)})"


def _share(rate: float, highest: Estimate, thresholds: Thresholds) -> str:
    """Say a heart rate as a share of the highest; its source only where it is another."""
    error = f" ± {highest.standard_error:.0f}" if highest.standard_error >= 1.0 else ""
    speed = thresholds.threshold_speed_mps
    told = speed is not None and speed.source == highest.source
    source = "" if told else f" ({_source(highest)})"
    share = f"{100 * rate / highest.value:.0f} %"
    return f"{share} of your highest {highest.value:.0f}{error} bpm{source}"


def _source(estimate: Estimate) -> str:
    if estimate.source == "history" and estimate.sessions:
        return f"history, {estimate.sessions} runs"
    return {"file": "from this run alone", "prior": "a guess for any runner"}.get(
        estimate.source, estimate.source
    )


def _why_not(
    evidence: SessionEvidence,
    features: Features,
    thresholds: Thresholds,
    best: Label,
    second: Label,
) -> str:
    """Return the main reason for not giving a label."""
    causes: list[str] = []
    if features.values["no_heart_rate"]:
        causes.append("there is no heart rate")
    if not features.threshold_known:
        causes.append("no hard run was seen that shows your threshold")
    elif not features.known_history:
        causes.append("nothing is known of the athlete beyond this file")
    else:
        causes += _wide(thresholds)
    if evidence.claimed and evidence.structured_probability < 0.8:
        causes.append("it is not certain that efforts were planned")
    if any(doubt != NO_HEART_RATE for doubt in evidence.doubts):
        causes.append("the recording is in doubt")
    if not causes:
        causes.append(_contradiction(features))
    return f"Could be {NAMES[best]} or {NAMES[second]}: {_and(causes)}."


def _wide(thresholds: Thresholds) -> list[str]:
    causes = []
    speed, highest = thresholds.threshold_speed_mps, thresholds.max_hr_bpm
    if speed and speed.standard_error > WIDE_SPEED * speed.value:
        share = 100 * speed.standard_error / speed.value
        causes.append(f"threshold speed is known to {share:.0f} % only")
    if highest and highest.standard_error > WIDE_HR * highest.value:
        causes.append(f"the highest heart rate is known to {highest.standard_error:.0f} bpm only")
    return causes


def _contradiction(features: Features) -> str:
    speed, rate = features.values["effort_speed"], features.values["effort_hr"]
    if math.isnan(speed) or math.isnan(rate):
        return "speed or heart rate is missing"
    if speed > 0.02 and rate < 0.86:
        return "the speed is high for so low a heart rate"
    if speed < -0.05 and rate > 0.91:
        return "the heart rate is high for so low a speed"
    return "speed, heart rate and structure are borderline"


def _and(causes: Sequence[str]) -> str:
    return causes[0] if len(causes) == 1 else f"{', '.join(causes[:-1])} and {causes[-1]}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
