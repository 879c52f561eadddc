"""The stages in reading order: clean, segment, structure, label."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.clean import clean_activity
from intervaldetect.clean.borders import within_borders
from intervaldetect.corrections.apply import (
    apply_corrections,
    label_by_hand,
    said_of,
    with_remarks,
)
from intervaldetect.corrections.parse import Corrections
from intervaldetect.errors import MissingChannel, ParameterError
from intervaldetect.kernels.compilation import count
from intervaldetect.kernels.sums import mean_and_deviation
from intervaldetect.label import NOT_JUDGED, label_session
from intervaldetect.label.claims import reconsider
from intervaldetect.records import (
    Activity,
    Analysis,
    Said,
    SessionEvidence,
    Signal,
    Thresholds,
    Workout,
)
from intervaldetect.segment import segment_signal
from intervaldetect.session_features import HEAT_C
from intervaldetect.session_features.gather import session_evidence
from intervaldetect.structure import (
    Laps,
    Model,
    Plan,
    in_speeds,
    plain_workout,
    structure_workout,
)

BYTES_PER_SAMPLE = 80
"""To analyse a sample takes plain kernels as long as to read so many bytes of a file."""


def analyse(
    activity: Activity,
    *,
    laps: Laps = "auto",
    thresholds: Thresholds | None = None,
    athlete: str = "me",
    model: Model | None = None,
    corrections: Corrections | None = None,
    plan: Plan = (),
    judge: bool = True,
) -> Analysis:
    """Say what one activity was.

    Parameters
    ----------
    activity : Activity
    laps : {"auto", "ignore"}
        Whether the file's own laps and steps may have a say.
    thresholds : Thresholds, optional
        What is known of the athlete; what is missing comes from the file and a prior.
    athlete : str
    model : Model, optional
        What was learned of reps; the shipped one by default.
    corrections : Corrections, optional
        What a person has corrected; applied last.
    plan : sequence of PlannedEffort
        A hint of a stated weight to the choice of reps, such as `check.planned_reps` returns it.
    judge : bool
        Whether to estimate thresholds and to label by this file alone; a batch, which judges by
        the athlete's history later, has no use for that.

    Returns
    -------
    Analysis

    Raises
    ------
    ParameterError
        ``activity`` is something else, such as a path.
    TooShort, MissingChannel
        The activity holds too little to say anything.
    """
    if not isinstance(activity, Activity):
        raise ParameterError("activity", activity, "an Activity, such as read_activity(path) gives")
    count(BYTES_PER_SAMPLE * len(activity))
    activity = within_borders(activity)
    signal = clean_activity(activity)
    workout = _workout(activity, signal, laps, model, plan)
    return describe(
        activity, signal, workout,
        thresholds=thresholds, athlete=athlete, corrections=corrections, judge=judge,
    )  # fmt: skip


def describe(
    activity: Activity,
    signal: Signal,
    workout: Workout,
    *,
    thresholds: Thresholds | None = None,
    athlete: str = "me",
    corrections: Corrections | None = None,
    judge: bool = True,
    known: Thresholds | None = None,
) -> Analysis:
    """Say what an activity was whose reps are detected, as often as its corrections change.

    Parameters
    ----------
    activity, signal, workout
        As `analyse` keeps them in its result where it neither corrects nor judges.
    thresholds, athlete, corrections, judge
        As for `analyse`.
    known : Thresholds, optional
        What the athlete's history says; then nothing is estimated from this file.

    Returns
    -------
    Analysis
    """
    if corrections is not None:
        workout = replace(apply_corrections(activity, signal, workout, corrections), other=None)
    if activity.sport == "cycling":
        workout = in_speeds(workout)
    temperature, _ = mean_and_deviation(activity.columns["temperature"])
    mean_c = None if math.isnan(temperature) else temperature
    evidence, other = (
        None if each is None else session_evidence(activity, signal, each, temperature_c=mean_c)
        for each in (workout, workout.other)
    )
    assert evidence is not None
    if corrections is not None:
        evidence = with_remarks(evidence, corrections, activity, workout)
    said = Said() if corrections is None else said_of(corrections, activity, workout)
    label = NOT_JUDGED
    if judge:
        known = known or thresholds_over_time([evidence], given=thresholds)[0].thresholds
        workout, evidence = _reconsidered(workout, evidence, other, known)
        label = label_session(evidence, known)
    label = label_by_hand(label, evidence)
    return Analysis(
        activity=activity,
        signal=signal,
        workout=workout,
        label=label,
        thresholds=known or Thresholds(),
        athlete=athlete,
        temperature_c=mean_c,
        heat_flag=None if mean_c is None else mean_c >= HEAT_C,
        problems=(*activity.problems, *signal.problems, *workout.problems),
        evidence=evidence,
        other=other,
        said=said,
    )


def _reconsidered(
    workout: Workout, first: SessionEvidence, other: SessionEvidence | None, known: Thresholds
) -> tuple[Workout, SessionEvidence]:
    """Decide a doubtful run again by thresholds that were given."""
    anew = None if other is None else reconsider(first, other, known)
    if anew is None or workout.other is None:
        return workout, first
    chosen = workout if anew.claimed == first.claimed else workout.other
    chance = anew.structured_probability
    return replace(chosen, structured_probability=chance, evidence=anew.findings), anew


def _workout(
    activity: Activity, signal: Signal, laps: Laps, model: Model | None, plan: Plan
) -> Workout:
    on_wheels = activity.sport == "cycling" and bool(np.isfinite(signal.power_w).any())
    try:
        pieces = segment_signal(signal, channel="power" if on_wheels else "speed")
    except MissingChannel as error:
        return plain_workout(signal, f"No reps sought: {error}.")
    return structure_workout(activity, signal, pieces, laps=laps, model=model, plan=plan)
