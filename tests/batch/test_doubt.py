"""A run in doubt is read the other way once a threshold is known, and back: nothing is lost."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from intervaldetect import structure
from intervaldetect.batch.one_file import analyse_source
from intervaldetect.batch.relabel import judge_history
from intervaldetect.job import Settings, Task
from intervaldetect.label import claims
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import Estimate, Thresholds
from intervaldetect.store import Store
from tests.output.faults import faults

FIXTURES = Path(__file__).parents[2] / "fixtures" / "season"
SESSION = FIXTURES / "2025-10-28-0710-morning-run.fit.gz"


def task() -> Task:
    (source,) = iter_sources(SESSION)
    return Task(source)


def given(speed_mps: float) -> Thresholds:
    return Thresholds(threshold_speed_mps=Estimate(speed_mps, 0.05, "given"))


@pytest.fixture
def all_in_doubt(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take every run for doubtful, and let the threshold alone decide."""
    monkeypatch.setattr(structure, "DOUBTFUL_LOG_ODDS", 50.0)
    monkeypatch.setattr(claims, "shipped_weight", lambda: 20.0)


def stored(store: Store) -> dict[str, Any]:
    """Return the one printed object, its rows held against it."""
    summary: dict[str, Any] = json.loads(next(iter(store.summaries())))
    assert faults(summary) == ()
    rows = store.query("SELECT role, start_s, end_s FROM segments ORDER BY number")
    assert rows == [(s["role"], s["start_s"], s["end_s"]) for s in summary["segments"]]
    assert store.query("SELECT count FROM sets") == [(item["count"],) for item in summary["sets"]]
    assert store.query("SELECT workout, structured_probability FROM activities") == [
        (summary["workout"], summary["structured_probability"])
    ]
    return summary


@pytest.mark.usefixtures("all_in_doubt")
def test_a_stored_run_is_read_the_other_way_and_back(tmp_path: Path) -> None:
    result = analyse_source(task(), Settings(laps="ignore"), judge=False)
    (judged,) = result.activities
    text = judged.summary["workout"]
    assert text is not None
    assert judged.other is not None
    with Store.create(tmp_path) as store:
        store.put(result, "maker")
        assert judge_history(store, "me", "maker", given=given(7.5)) == 1
        plain = stored(store)
        assert (plain["workout"], plain["sets"]) == (None, [])
        assert plain["structured_probability"] < 0.3
        assert "of the known threshold speed" in " ".join(plain["evidence"])
        assert judge_history(store, "me", "maker", given=given(7.5)) == 0

        fast = judged.summary["sets"][0]["rep_speed_mps"]
        assert fast is not None
        assert judge_history(store, "me", "maker", given=given(fast)) == 1
        planned = stored(store)
        assert planned["workout"] == text
        assert planned["segments"] == judged.summary["segments"]
        assert planned["label"] is not None


@pytest.mark.usefixtures("all_in_doubt")
@pytest.mark.parametrize(("speed_mps", "claimed"), [(7.5, False), (3.0, True)])
def test_a_file_alone_heeds_a_threshold_that_was_given(speed_mps: float, claimed: bool) -> None:
    settings = Settings(laps="ignore", thresholds=given(speed_mps))
    (judged,) = analyse_source(task(), settings).activities
    assert (judged.summary["workout"] is not None) is claimed
    assert faults(judged.summary) == ()


def test_a_clear_run_is_kept_one_way_only() -> None:
    (judged,) = analyse_source(task(), Settings(laps="ignore")).activities
    assert judged.summary["structured_probability"] > 0.9
    assert judged.other is None
