"""Every session of the table gets its label and kind, within a history and alone."""

from __future__ import annotations

import functools

import pytest

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.label import label_session
from intervaldetect.records import SessionEvidence, SessionLabel
from intervaldetect.session_features import from_json, to_json
from tests.label.table import ATHLETES, expected, history, rows_of
from tests.structure.sessions import TABLE, Session

ActivityResult = list[tuple[Session | None, SessionEvidence, SessionLabel, SessionLabel]]


@functools.cache
def judged(number: int) -> ActivityResult:
    """An athlete's sessions, judged within the history and each alone."""
    trained = history(ATHLETES[number], seed=number + 1)
    # As a store keeps it, so that the second pass says the same.
    evidence = [from_json(to_json(item)) for _, item in trained]
    within = thresholds_over_time(evidence)
    return [
        (
            session,
            item,
            label_session(item, state.thresholds),
            label_session(item, thresholds_over_time([item])[0].thresholds),
        )
        for (session, _), item, state in zip(trained, evidence, within, strict=True)
    ]


def of_row(row: Session) -> tuple[SessionLabel, SessionLabel]:
    number = ATHLETES.index(row.plan.athlete)
    return next(found[2:] for found in judged(number) if found[0] is row)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_with_history_every_row_has_its_label_and_kind(row: Session) -> None:
    found, _ = of_row(row)
    assert (found.label, found.kind) == expected(row), found.evidence
    assert sum(found.probabilities.values()) == pytest.approx(1.0)


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_alone_a_row_may_stay_between_threshold_and_vo2_and_is_never_easy(row: Session) -> None:
    _, found = of_row(row)
    label, kind = expected(row)
    assert found.label in {label, None}, found.evidence
    assert found.probabilities["easy"] < 0.15
    if found.label is not None:
        assert found.kind == kind
    else:
        assert "no label" in found.evidence[0]
        assert any(sentence.startswith("Could be ") for sentence in found.evidence)


def test_every_row_belongs_to_an_athlete_of_the_table() -> None:
    assert sum(len(rows_of(athlete)) for athlete in ATHLETES) == len(TABLE)


@pytest.mark.parametrize("number", range(len(ATHLETES)))
def test_easy_runs_of_these_athletes_are_easy(number: int) -> None:
    easy = [found for found in judged(number) if found[0] is None]
    assert len(easy) == 8
    assert all(within.label in {"easy", None} for _, _, within, _ in easy)
    assert sum(within.label == "easy" for _, _, within, _ in easy) >= 7
    assert all(alone.label in {"easy", None} for _, _, _, alone in easy)


def test_the_set_of_a_session_of_one_set_is_labelled_as_the_session() -> None:
    of_one_set = [
        within for _, item, within, _ in judged(0) if {rep.set for rep in item.reps} == {1}
    ]
    assert of_one_set
    for within in of_one_set:
        assert within.set_labels == ((within.label, within.probabilities),)
