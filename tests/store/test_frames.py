"""Frames of a store and of an analysis, and what a notebook shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.pipeline import analyse
from intervaldetect.records import Analysis
from intervaldetect.simulate import Plan, simulate
from intervaldetect.store import Store


def test_sessions_reps_and_weeks(season_store: Path) -> None:
    with Store.open(season_store) as store:
        sessions, reps, weeks = (store.frame(name) for name in ("sessions", "reps", "weeks"))
        with pytest.raises(ParameterError, match="sessions, reps, weeks"):
            store.frame("days")  # type: ignore[arg-type]
    assert sessions.height == 63
    assert weeks["sessions"].sum() == 63
    assert weeks["distance_m"].sum() == pytest.approx(sessions["distance_m"].sum())
    for label in ("easy", "threshold", "vo2"):
        known = int((sessions["label"] == label).sum())
        assert 0 < weeks[f"{label}_sessions"].sum() == known
    assert weeks["week"].to_list()[0] == "2025-W36"
    assert weeks["monday"].dt.weekday().unique().to_list() == [1]
    assert set(reps["activity"]) <= set(sessions["activity"])
    assert (reps["end_s"] > reps["start_s"]).all()
    assert hasattr(reps, "__arrow_c_stream__")


@pytest.fixture(scope="module")
def found() -> Analysis:
    return analyse(simulate(Plan("6 x 800 m @ 2:10 (3:00 jog)", name="<b>x"), seed=3).to_activity())


def test_the_reps_of_an_analysis(found: Analysis) -> None:
    reps = found.reps()
    assert reps.height == 6
    assert reps["rep"].to_list() == [1, 2, 3, 4, 5, 6]
    assert reps["recovery_s"].null_count() == 1
    assert reps["recovery_s"].drop_nulls().is_between(170, 190).all()


def test_one_line_reprs_hold_no_position(found: Analysis) -> None:
    for value in (found, found.activity, found.signal):
        assert "\n" not in repr(value)
        assert len(repr(value)) < 120
    assert "6 x 800 m" in repr(found)


def test_a_notebook_shows_trace_reps_and_reasons(found: Analysis) -> None:
    html = found._repr_html_()
    assert html.count("<rect") == 6
    assert html.count("<tr>") == 7
    assert "<polyline" in html
    assert found.label.evidence[0].split()[0] in html
    assert "script" not in html
    latitude = found.activity.columns["latitude"][100]
    assert f"{latitude:.3f}" not in html


def test_an_analysis_without_reps_has_an_empty_frame() -> None:
    easy = analyse(simulate(Plan(run_type="easy", duration_s=1200.0), seed=3).to_activity())
    assert easy.reps().is_empty()
    assert "<table" not in easy._repr_html_()
