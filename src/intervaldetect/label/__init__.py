"""SessionEvidence and Thresholds -> SessionLabel: easy, threshold or VO2, with the reasons.

A label needs the stored evidence of a session and what is known of the athlete, nothing else: the
batch's second pass judges a session again without its file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from intervaldetect.label.classifiers import (
    LABELS,
    Classifier,
    Logistic,
    Verdict,
    predict,
)
from intervaldetect.label.explain import reasons
from intervaldetect.label.features import Features, session_features, set_features
from intervaldetect.label.kinds import WALK_RUN, session_kind
from intervaldetect.records import NOT_STATED, SessionEvidence, SessionLabel, Thresholds
from intervaldetect.session_features import NO_HEART_RATE, is_run

__all__ = ["NOT_JUDGED", "judge_features", "label_session"]

LEAST_RUNNING_S, MIN_WORK_S = 600.0, 300.0
"""Less running than the first, with less work than the second, is no session to judge."""
SUSTAINED = -0.105
"""Log over threshold speed: a plain run is threshold only where 20 min were surely run above it."""
EASY_SPEED, EASY_HR = -0.13, 0.82
"""Log over threshold speed, and share of the highest heart rate, below which work is not hard."""
SLOWEST_MPS, FASTEST_MPS = 0.8, 8.0
SURE_DESPITE_DOUBT = 0.75
"""Least probability of a label where the recording is in doubt."""
NEVER = 1.01

_EQUAL_ODDS = dict.fromkeys(LABELS, 1.0 / len(LABELS))
NOT_JUDGED = SessionLabel(
    None,
    None,
    _EQUAL_ODDS,
    evidence=("Not labelled yet: the athlete's history is still to be judged.",),
)
"""What stands in a store between the first pass of a batch and the second."""


def label_session(
    evidence: SessionEvidence, thresholds: Thresholds, *, classifier: Classifier | None = None
) -> SessionLabel:
    """Judge the dominant intensity of a session, and that of each of its sets.

    Parameters
    ----------
    evidence : SessionEvidence
        From `evidence.session_evidence`, or stored.
    thresholds : Thresholds
        What is known of the athlete at that time; every part may be None.
    classifier : {"fitted", "rules"}, optional
        By default fitted, and rules where neither speed nor heart rate is known.

    Returns
    -------
    SessionLabel
        ``label`` is None where the best probability is below the level of the classifier; the two
        candidates and the reason then stand in ``evidence``. ``kind`` is given all the same.
    """
    why_not = _not_to_be_judged(evidence)
    if why_not is not None:
        return SessionLabel(None, None, _EQUAL_ODDS, evidence=(f"Not labelled: {why_not}.",))
    features = session_features(evidence, thresholds)
    verdict = judge_features(features, evidence, classifier=classifier)
    if any(note.startswith(NOT_STATED) for note in thresholds.notes):
        # Values that lead to a threshold nobody has are no ground for a label.
        verdict = replace(verdict, abstain_below=NEVER)
    sets = _sets(evidence, thresholds, verdict, classifier)
    kind = session_kind(
        evidence, features, verdict.ranked()[0], [each.ranked()[0] for each in sets]
    )
    return SessionLabel(
        label=verdict.label,
        kind=kind,
        probabilities=verdict.probabilities,
        set_labels=tuple((each.label, each.probabilities) for each in sets),
        evidence=reasons(evidence, features, thresholds, verdict),
    )


def _not_to_be_judged(evidence: SessionEvidence) -> str | None:
    if not is_run(evidence):
        return f"intensity is judged for runs, this is {evidence.sport}"
    typical = evidence.typical_speed_mps
    if typical is not None and not SLOWEST_MPS <= typical <= FASTEST_MPS:
        return f"a typical speed of {typical:.3g} m/s is no running"
    # In a jog-walk the jogging is no work that would make a short recording a session.
    walked = evidence.walk_share >= WALK_RUN
    work_s = 0.0 if walked else sum(rep.duration_s for rep in evidence.reps)
    if evidence.moving_s < LEAST_RUNNING_S and work_s < MIN_WORK_S:
        return f"{evidence.moving_s / 60.0:.0f} min of running is too little to judge"
    return None


def judge_features(
    features: Features,
    evidence: SessionEvidence,
    *,
    classifier: Classifier | None = None,
    of_set: bool = False,
    models: Mapping[str, Logistic] | None = None,
) -> Verdict:
    """Judge a session, or one set of it; how sure a label has to be follows from what it rests on.

    More is asked for where the recording is in doubt (without heart rate a model knows it already).
    A run without reps is threshold or VO2 only where it shows sustained work near a threshold
    that is known.
    """
    verdict = predict(features, classifier=classifier, of_set=of_set, models=models)
    least = verdict.abstain_below
    if any(doubt != NO_HEART_RATE for doubt in evidence.doubts):
        least = max(least, SURE_DESPITE_DOUBT)
    if verdict.ranked()[0] != "easy" and (
        _plainly_easy(features) or (features.reps is None and not _sustained(features))
    ):
        least = NEVER
    return replace(verdict, abstain_below=least)


def _plainly_easy(features: Features) -> bool:
    """Whether speed is surely far below threshold, and heart rate nothing against it.

    Where threshold speed is not known, whether heart rate surely is.
    """
    speed, rate = features.values["effort_speed"], features.values["effort_hr"]
    if not features.threshold_known and rate * (1.0 + features.hr_error) < EASY_HR:
        return True
    return speed + features.speed_error < EASY_SPEED and not rate >= EASY_HR


def _sustained(features: Features) -> bool:
    """Whether 20 min were run near the threshold, which has to be known."""
    fastest = features.values["effort_speed"]
    return features.threshold_known and fastest - features.speed_error >= SUSTAINED


def _sets(
    evidence: SessionEvidence,
    thresholds: Thresholds,
    whole: Verdict,
    classifier: Classifier | None,
) -> list[Verdict]:
    """Judge the sets; a single set is judged with all that is known of its session."""
    count = max((rep.set for rep in evidence.reps), default=0)
    if count == 1:
        return [whole]
    return [
        judge_features(
            set_features(evidence, number, thresholds),
            evidence,
            classifier=classifier,
            of_set=True,
        )
        for number in range(1, count + 1)
    ]
