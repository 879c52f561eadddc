"""What drawn sessions are labelled by stays what it was; `python -m tests.worked` renews it.

Compared to six digits. The shipped coefficients are not among it: a model made by hand stands for
them, and the rules.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from intervaldetect.label import classifiers, judge_features, label_session
from intervaldetect.label.classifiers import MODELS, Logistic
from intervaldetect.label.features import session_features, set_features
from intervaldetect.label.rules import RULES
from intervaldetect.records import SessionEvidence, Thresholds
from tests.drawn import drawn
from tests.label.made import KNOWN, reps, session
from tests.worked import RENEW, near, plain, written

SESSIONS = 110


def of_names(names: tuple[str, ...]) -> Logistic:
    """A model made by hand: each feature counts for one label, in turn, by its place."""
    sizes = np.array([k % 5 + 1.0 for k in range(len(names))], np.float64)
    mean = np.array([0.1 * size for size in sizes], np.float64)
    rows = np.zeros((3, len(names)))
    rows[np.arange(len(names)) % 3, np.arange(len(names))] = sizes / 8.0
    return Logistic(names, mean, mean + 0.5, rows, np.zeros(3), 1.5, 0.55, 0.05)


MADE = {name: of_names(names) for name, names in MODELS.items()}


def thresholds_for(number: int) -> Thresholds:
    """Thresholds as sure as usual, given, hardly known, or not at all, by turns."""
    speed, rate, highest = KNOWN.threshold_speed_mps, KNOWN.threshold_hr_bpm, KNOWN.max_hr_bpm
    assert speed is not None
    assert highest is not None
    return (
        KNOWN,
        KNOWN,
        replace(KNOWN, threshold_speed_mps=replace(speed, source="given", rests_on=None)),
        Thresholds(
            replace(speed, standard_error=0.2, source="prior", rests_on=None), rate, highest
        ),
        Thresholds(None, rate, replace(highest, standard_error=8.0, source="given")),
        Thresholds(replace(speed, sessions=2), None, None),
        Thresholds(),
    )[number % 7]


def features(evidence: SessionEvidence, number: int) -> list[Any]:
    """The features of a session and of its sets."""
    known = thresholds_for(number)
    found = [session_features(evidence, known)]
    found += [set_features(evidence, k, known) for k in sorted({r.set for r in evidence.reps})]
    return [
        [list(f.values.values()), f.speed_error, f.hr_error, f.known_history, f.threshold_known, r]
        for f in found
        for r in [f.reps]
    ]


def judged(evidence: SessionEvidence, number: int) -> list[Any]:
    """Rules and a model made by hand on a session, and its label and kind by the rules."""
    known = thresholds_for(number)
    found = session_features(evidence, known)
    whole, part = (
        judge_features(found, evidence, of_set=of_set, models=MADE) for of_set in (False, True)
    )
    label = label_session(evidence, known, classifier="rules")
    return [
        RULES.judge(found.values), whole, part,
        label.label, label.kind, label.probabilities, label.set_labels,
    ]  # fmt: skip


def made() -> dict[str, list[Any]]:
    return {
        "features": [features(drawn(number), number) for number in range(SESSIONS)],
        "judged": [judged(drawn(number), number) for number in range(SESSIONS)],
    }


@pytest.mark.parametrize("number", range(SESSIONS))
def test_a_session_has_the_features_that_were_written_down(number: int) -> None:
    now = plain(features(drawn(number), number))
    assert now == near(written("label")["features"][number]), RENEW


@pytest.mark.parametrize("number", range(SESSIONS))
def test_a_session_is_judged_as_was_written_down(number: int) -> None:
    now = plain(judged(drawn(number), number))
    assert now == near(written("label")["judged"][number]), RENEW


def test_each_of_several_sets_is_judged_by_the_model_of_sets(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(classifiers, "shipped_models", lambda: MADE)
    two = session([*reps(4, 360.0, 60.0, 1.0, 0.88), *(
        replace(rep, set=2) for rep in reps(4, 180.0, 120.0, 1.09, 0.94)
    )])  # fmt: skip
    found = label_session(two, KNOWN).set_labels
    assert len(found) == 2
    for number, (_, chances) in enumerate(found, 1):
        of_set = set_features(two, number, KNOWN)
        assert chances == judge_features(of_set, two, of_set=True, models=MADE).probabilities
        assert chances != judge_features(of_set, two, models=MADE).probabilities
