"""Stores that cannot answer: a sentence says so, and every table has its columns all the same."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from intervaldetect.errors import ParameterError, StoreError
from intervaldetect.simulate import Plan
from intervaldetect.store import DATABASE, Store
from intervaldetect.training import (
    History,
    double_threshold_days,
    intensity_distribution,
    read_history,
    series_steps,
    session_costs,
    side_by_side,
    training_blocks,
    training_series,
    training_weeks,
)
from intervaldetect.training.columns import TABLES, Columns
from tests.training.truth import TrueRun, write_runs
from tests.training.two_years import OSLO

VIEWS: dict[str, Callable[[History], pl.DataFrame]] = {
    "training_weeks": training_weeks,
    "intensity_distribution": intensity_distribution,
    "double_threshold_days": double_threshold_days,
    "session_costs": session_costs,
    "training_series": training_series,
    "series_steps": series_steps,
    "training_blocks": training_blocks,
    "History.runs": lambda history: history.runs,
    "History.reps": lambda history: history.reps,
}
REPS = Plan("4 x 6:00 @ 3:15/km (1:00 jog)", kind="threshold_intervals", label="threshold")
MONDAY = datetime(2025, 6, 2, 8, tzinfo=OSLO)


def dtypes(columns: Columns) -> dict[str, pl.DataType]:
    return dict(pl.DataFrame(schema={n: c.dtype for n, c in columns.items()}).schema)


def all_empty(history: History) -> None:
    for name, view in VIEWS.items():
        assert view(history).is_empty(), name
        assert dict(view(history).schema) == dtypes(TABLES[name]), name


def test_an_empty_store(tmp_path: Path) -> None:
    Store.create(tmp_path).close()
    history = read_history(tmp_path, timezone="Europe/Oslo")
    assert len(history.remarks) == 1
    assert "holds no activity yet" in history.remarks[0]
    all_empty(history)
    assert side_by_side(training_weeks(history), intensity_distribution(history)).is_empty()


def test_a_store_of_rides_only(tmp_path: Path) -> None:
    rides = [TrueRun(MONDAY + timedelta(days=n), REPS, sport="cycling") for n in range(3)]
    walk = TrueRun(MONDAY + timedelta(days=4), Plan(run_type="easy"), sport="walking")
    write_runs(tmp_path, [*rides, walk])
    history = read_history(tmp_path)
    (remark,) = history.remarks
    assert remark.endswith("holds 4 activities, none of them a run (3 cycling, 1 walking).")
    all_empty(history)


def test_rides_beside_runs_are_left_out(tmp_path: Path) -> None:
    run = TrueRun(MONDAY, REPS)
    ride = TrueRun(MONDAY + timedelta(hours=9), REPS, sport="cycling")
    unsaid = TrueRun(MONDAY + timedelta(days=1), REPS, sport=None)
    write_runs(tmp_path, [run, ride, unsaid])
    history = read_history(tmp_path)
    assert history.runs["sport"].to_list() == ["running", None]
    assert double_threshold_days(history).is_empty()
    assert training_weeks(history)["threshold_work_s"].to_list() == pytest.approx([2880.0])
    assert "1 file names no sport, taken as running." in history.remarks


def test_no_heart_rate_anywhere(tmp_path: Path) -> None:
    write_runs(tmp_path, [TrueRun(MONDAY + timedelta(days=n), REPS, heart=False) for n in range(3)])
    history = read_history(tmp_path)
    assert any("No run has a heart rate" in remark for remark in history.remarks)
    spread = intensity_distribution(history).filter(pl.col("method") == "heart_rate")
    assert spread["zone"].unique().to_list() == [0]
    assert spread["share"].to_list() == [None]
    assert training_series(history)["change"].to_list() == [None]
    assert series_steps(history)["end_hr_bpm"].to_list() == [None] * 3
    assert training_weeks(history)["threshold_work_s"].to_list() == pytest.approx([3 * 1440.0])
    assert training_blocks(history)["change"].to_list() == [None]


def test_no_thresholds_anywhere(tmp_path: Path) -> None:
    write_runs(tmp_path, [TrueRun(MONDAY, REPS, threshold_known=False)])
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("UPDATE recordings SET max_hr_bpm = 190")
    db.commit()
    db.close()
    history = read_history(tmp_path)
    assert "No threshold pace is known, so there is no intensity by speed." in history.remarks
    assert any("87.5 % of the highest heart rate" in remark for remark in history.remarks)
    spread = intensity_distribution(history)
    assert spread.filter(pl.col("method") == "speed")["zone"].to_list() == [0]
    assert spread.filter((pl.col("method") == "heart_rate") & (pl.col("zone") > 0)).height > 0
    (week,) = training_weeks(history).to_dicts()
    assert week["threshold_speed_mps"] is week["threshold_speed_low_mps"] is None


def test_runs_without_distance_or_labels(tmp_path: Path) -> None:
    write_runs(tmp_path, [TrueRun(MONDAY + timedelta(days=n), REPS) for n in range(3)])
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("UPDATE recordings SET distance_m = NULL, label = NULL, timer_s = NULL")
    for name in ("distance_m", "mean_speed_mps", "grade_adjusted_speed_mps"):
        db.execute(f"UPDATE segments SET {name} = NULL")
        db.execute(
            f"UPDATE rep_lists SET {name} = (SELECT json_group_array(NULL) FROM json_each(start_s))"
        )
    db.execute("UPDATE sets SET label = NULL")
    db.execute("DELETE FROM histogram_parts")
    db.commit()
    db.close()
    history = read_history(tmp_path)
    assert "3 of 3 runs have no label" in " ".join(history.remarks)
    (week,) = training_weeks(history).to_dicts()
    assert (week["threshold_work_s"], week["quality_sessions"], week["effect_s"]) == (0.0, 0, None)
    assert week["other_work_s"] == pytest.approx(3 * 1440.0)
    assert week["distance_m"] is week["timer_s"] is week["unlabelled_m"] is None
    assert week["easy_m"] == 0.0
    assert "3 of 3 runs have no distance and are left out of sums." in history.remarks
    assert double_threshold_days(history).is_empty()
    steps = series_steps(history)
    assert steps["series"].to_list() == [1, 1, 1]
    assert steps["rep_speed_mps"].to_list() == [None] * 3
    for view in VIEWS.values():
        view(history)


def test_another_version(tmp_path: Path) -> None:
    write_runs(tmp_path, [TrueRun(MONDAY + timedelta(days=n), REPS) for n in range(2)])
    db = sqlite3.connect(tmp_path / DATABASE)
    db.execute("UPDATE recordings SET made_by = '0.0.1+old settings' WHERE activity ="
               " (SELECT min(activity) FROM activities)")  # fmt: skip
    db.commit()
    assert any("2 versions of the analysis" in r for r in read_history(tmp_path).remarks)
    db.execute("PRAGMA user_version = 99")
    db.close()
    with pytest.raises(StoreError, match="made by a newer version"):
        read_history(tmp_path)


def test_no_store_and_a_broken_one(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no store here"):
        read_history(tmp_path)
    (tmp_path / DATABASE).write_bytes(b"no database at all" * 100)
    with pytest.raises(StoreError):
        read_history(tmp_path)


def test_unknown_names(season_history: History) -> None:
    with pytest.raises(ParameterError, match="athlete cannot be 'bo'; it must be me"):
        read_history(season_history.folder, athlete="bo")
    for zone in ("Europe/Nowhere", "", "../etc/passwd", "\0"):
        with pytest.raises(ParameterError, match="IANA name"):
            read_history(season_history.folder, timezone=zone)


def test_an_unknown_athlete_of_an_empty_store(tmp_path: Path) -> None:
    Store.create(tmp_path).close()
    with pytest.raises(ParameterError, match="the store is empty"):
        read_history(tmp_path, athlete="me")


def test_every_view_has_its_columns(season_history: History) -> None:
    for name, view in VIEWS.items():
        frame = view(season_history)
        assert frame.height > 0, name
        assert dict(frame.schema) == dtypes(TABLES[name]), name


def test_a_new_file_is_seen_at_once_and_changes_only_what_it_touches(tmp_path: Path) -> None:
    runs = [TrueRun(MONDAY + timedelta(days=n), REPS) for n in range(10)]
    write_runs(tmp_path / "a", runs[:9])
    before = training_weeks(read_history(tmp_path / "a"))
    with Store.open(tmp_path / "a") as store:
        from tests.training.truth import MAKER, analysis_of, result_of

        store.put(result_of(analysis_of(runs[9], 9)), MAKER)
    write_runs(tmp_path / "b", runs)
    grown, whole = read_history(tmp_path / "a"), read_history(tmp_path / "b")
    for name, view in VIEWS.items():
        assert view(grown).equals(view(whole)), name
    after = training_weeks(grown)
    assert after.filter(pl.col("monday") < MONDAY.date() + timedelta(days=7)).equals(
        before.filter(pl.col("monday") < MONDAY.date() + timedelta(days=7))
    )
