"""Estimates that no runner can have are not stated, and nothing is labelled by them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.athlete.bounds import within_bounds
from intervaldetect.label import label_session
from intervaldetect.records import NOT_STATED, Estimate, SessionEvidence, Thresholds


def a_session(typical_mps: float) -> SessionEvidence:
    return SessionEvidence(
        start_time=datetime(2026, 5, 1, 8, tzinfo=UTC),
        elapsed_s=3000.0,
        moving_s=3000.0,
        speed_curve_mps=(typical_mps,) * 7,
        hr_curve_bpm=(None,) * 4,
        best_times_s=(None,) * 6,
        typical_speed_mps=typical_mps,
        sport="running",
    )


def thresholds_of(session: SessionEvidence) -> Thresholds:
    return thresholds_over_time([session])[0].thresholds


@pytest.mark.parametrize("typical_mps", [0.4, 12.0])
def test_speeds_that_are_no_running_move_no_threshold_out_of_bounds_and_get_no_label(typical_mps):
    session = a_session(typical_mps)
    known = thresholds_of(session)
    assert known.threshold_speed_mps is None or 1.0 <= known.threshold_speed_mps.value <= 8.0
    label = label_session(session, known)
    assert label.label is None
    assert "is no running" in label.evidence[0]


def test_an_impossible_threshold_is_not_stated_and_the_label_abstains():
    notes: list[str] = []
    assert within_bounds("threshold_speed_mps", Estimate(9.1, 0.2, "history"), notes) is None
    assert notes[0].startswith(NOT_STATED)
    assert "9.1 m/s is outside 1 to 8" in notes[0]
    known = Thresholds(None, None, Estimate(190.0, 3.0, "given"), tuple(notes))
    assert label_session(a_session(3.0), known).label is None


def test_a_possible_threshold_is_stated():
    known = thresholds_of(a_session(3.0))
    assert known.threshold_speed_mps is not None
    assert not any(note.startswith(NOT_STATED) for note in known.notes)
