"""Estimates that no runner can have are not stated, and nothing is labelled by them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.label import label_session
from intervaldetect.records import NOT_STATED, SessionEvidence, Thresholds


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
def test_an_impossible_threshold_is_not_stated_and_the_label_abstains(typical_mps):
    session = a_session(typical_mps)
    known = thresholds_of(session)
    assert known.threshold_speed_mps is None
    assert known.threshold_hr_bpm is not None
    (note,) = [note for note in known.notes if note.startswith(NOT_STATED)]
    assert "m/s is outside 1 to 8" in note
    assert label_session(session, known).label is None


def test_a_possible_threshold_is_stated():
    known = thresholds_of(a_session(3.0))
    assert known.threshold_speed_mps is not None
    assert not known.notes
