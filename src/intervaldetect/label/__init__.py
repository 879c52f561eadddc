"""SessionEvidence and Thresholds -> SessionLabel: easy, threshold or VO2, with the reasons.

A label needs the stored evidence of a session and what is known of the athlete, nothing else: the
batch's second pass judges a session again without its file.
"""

from __future__ import annotations

from dataclasses import replace

from intervaldetect.evidence import NO_HEART_RATE, is_run
from intervaldetect.label.classifiers import (
    LABELS,
    SURE_DESPITE_DOUBT,
    Classifier,
    Verdict,
    predict,
)
from intervaldetect.label.explain import reasons
from intervaldetect.label.features import session_features, set_features
from intervaldetect.label.kinds import session_kind
from intervaldetect.records import NOT_STATED, SessionEvidence, SessionLabel, Thresholds

__all__ = ["NOT_JUDGED", "label_session"]

NEVER_SURE = 1.01
_EVEN = dict.fromkeys(LABELS, 1.0 / len(LABELS))
NOT_JUDGED = SessionLabel(
    None, None, _EVEN, evidence=("Not labelled yet: the athlete's history is still to be judged.",)
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
    if not is_run(evidence):
        sentence = f"Not labelled: intensity is judged for runs, this is {evidence.sport}."
        return SessionLabel(None, None, _EVEN, evidence=(sentence,))
    features = session_features(evidence, thresholds)
    verdict = _cautious(predict(features, classifier=classifier), evidence, thresholds)
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


def _cautious(verdict: Verdict, evidence: SessionEvidence, thresholds: Thresholds) -> Verdict:
    """Ask for more where the recording is in doubt; without heart rate a model knows it already.

    Values that lead to a threshold nobody has are no ground for a label.
    """
    if any(note.startswith(NOT_STATED) for note in thresholds.notes):
        return replace(verdict, abstain_below=NEVER_SURE)
    if all(doubt == NO_HEART_RATE for doubt in evidence.doubts):
        return verdict
    return replace(verdict, abstain_below=max(verdict.abstain_below, SURE_DESPITE_DOUBT))


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
        _cautious(
            predict(set_features(evidence, number, thresholds), classifier=classifier, of_set=True),
            evidence,
            thresholds,
        )
        for number in range(1, count + 1)
    ]
