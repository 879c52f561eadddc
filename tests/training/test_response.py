"""Recovery, durability and what was said, once more in plain Python."""

from __future__ import annotations

import json
import statistics
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intervaldetect.records import Event, Said
from intervaldetect.simulate import Plan
from intervaldetect.store import Store
from intervaldetect.training import (
    History,
    load_weeks,
    read_history,
    recovery_reps,
    recovery_sessions,
    session_durability,
    session_loads,
)
from intervaldetect.training.response import OLDER
from tests.training.truth import MAKER, TrueRun, analysis_of, athlete_at, result_of
from tests.training.two_years import OSLO

MONDAY = datetime(2025, 6, 2, 8, tzinfo=OSLO)
WHO = athlete_at(5.0)
T: dict[str, Any] = {"kind": "threshold_intervals", "label": "threshold", "athlete": WHO}
PLANS = (
    Plan("4 x 8:00 @ 3:20/km (2:00 jog)", **T),
    Plan("10 x 1:00 @ 3:00/km (0:45 jog)", **T),
    Plan(run_type="long", duration_s=6600.0, athlete=WHO),
    Plan(run_type="easy", duration_s=2400.0, athlete=WHO),
)
LACTATE = ((1, 2.1), (3, 2.9))


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("response")
    with Store.create(folder) as store:
        for day, plan in enumerate(PLANS):
            made = analysis_of(TrueRun(MONDAY + timedelta(days=day), plan), day, grid_s=5.0)
            activity = made.activity
            if day < 3:
                session = replace(activity.session, rpe=6.0, feel=75.0)
                activity = replace(activity, session=session)
            if day == 0:
                events = (Event(2900.0, "recovery_hr", "marker", 118.0),)
                said = Said(7.0, 8, "windy, [b]hot", LACTATE)
                made = replace(made, said=said)
                activity = replace(activity, events=events)
            store.put(result_of(replace(made, activity=activity)), MAKER)
    return read_history(folder, timezone="Europe/Oslo")


def summaries(history: History) -> list[dict[str, Any]]:
    with Store.open(history.folder) as store:
        return [json.loads(text) for text in store.summaries()]


def reps_of(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [segment for segment in summary["segments"] if segment["role"] == "rep"]


def test_drops_are_those_of_the_printed_object(history: History) -> None:
    printed = [rep for summary in summaries(history) for rep in reps_of(summary)]
    rows = recovery_reps(history).to_dicts()
    for name in ("hr_drop_30s_bpm", "hr_drop_60s_bpm"):
        assert [row[name] for row in rows] == [rep[name] for rep in printed]
    first = rows[0]
    assert first["hr_drop_60s_bpm"] > first["hr_drop_30s_bpm"] > 0.0
    short = [row for row in rows if row["day"] == MONDAY.date() + timedelta(days=1)]
    assert len(short) == 10
    assert [row["hr_drop_60s_bpm"] is None for row in short] == [True] * 9 + [False]


def test_sessions_have_the_median_and_the_fitted_slope(history: History) -> None:
    sessions = recovery_sessions(history).to_dicts()
    assert [row["reps"] for row in sessions] == [4, 10]
    for row, summary in zip(sessions, summaries(history), strict=False):
        for seconds in ("30s", "60s"):
            told = [rep[f"hr_drop_{seconds}_bpm"] for rep in reps_of(summary)]
            known = [(n, value) for n, value in enumerate(told, 1) if value is not None]
            assert row[f"known_{seconds}"] == len(known)
            assert row[f"hr_drop_{seconds}_bpm"] == pytest.approx(
                statistics.median(value for _, value in known)
            )
            numbers, drops = zip(*known, strict=True)
            slope = None if len(known) < 3 else np.polyfit(numbers, drops, 1)[0]
            assert row[f"trend_{seconds}_bpm"] == (
                None if slope is None else pytest.approx(slope, abs=1e-9)
            )
    assert [row["device_recovery_hr_bpm"] for row in sessions] == [118.0, None]


def test_durability_is_inside_reps_over_long_runs_and_withheld_elsewhere(history: History) -> None:
    rows = session_durability(history).to_dicts()
    assert [row["scope"] for row in rows] == ["reps", None, "run", None]
    assert [row["withheld"] is None for row in rows] == [True, False, True, False]
    for row, summary in zip(rows, summaries(history), strict=True):
        assert row["decoupling"] == summary["durability"]["decoupling"]
    long = rows[2]
    fresh, hour, more = summaries(history)[2]["durability"]["parts"]
    for part, name in ((hour, "60"), (more, "90")):
        at_one_rate = (part["hr_bpm"] / fresh["hr_bpm"]) ** (-1.0 / 0.85)
        expected = part["speed_mps"] / fresh["speed_mps"] * at_one_rate - 1.0
        assert long[f"speed_change_{name}_min"] == pytest.approx(expected, abs=1e-9)
    assert long["band"] == "low"
    assert rows[0]["band"] is None, "the bands are those of runs"


def test_session_rpe_is_minutes_times_exertion_the_runner_first(history: History) -> None:
    rows = session_loads(history).to_dicts()
    assert [(row["rpe"], row["rpe_from"]) for row in rows] == [
        (7.0, "runner"), (6.0, "device"), (6.0, "device"), (None, None),
    ]  # fmt: skip
    loads = [
        None if summary["device_said"]["rpe"] is None else rpe * summary["timer_s"] / 60.0
        for rpe, summary in zip((7.0, 6.0, 6.0, 0.0), summaries(history), strict=True)
    ]
    assert [row["rpe_load"] for row in rows] == pytest.approx(loads)
    (week,) = load_weeks(history).to_dicts()
    assert week["runs_with_rpe"] == 3
    assert week["rpe_load"] == pytest.approx(sum(load for load in loads if load))
    first = rows[0]
    assert (first["device_feel"], first["runner_feeling"]) == (75.0, 8)
    assert first["runner_note"] == "windy, [b]hot"
    assert json.loads(first["runner_lactate"]) == [
        {"rep": rep, "mmol": value} for rep, value in LACTATE
    ]


def test_a_store_of_before_keeps_its_thresholds_and_says_what_it_lacks(tmp_path: Path) -> None:
    made = result_of(analysis_of(TrueRun(MONDAY, PLANS[0]), 0))
    (judged,) = made.activities
    summary: Any = {
        key: value
        for key, value in judged.summary.items()
        if key not in {"durability", "device_said", "runner_said"}
    }
    summary["segments"] = [
        {key: value for key, value in segment.items() if not key.startswith("hr_drop")}
        for segment in summary["segments"]
    ]
    with Store.create(tmp_path) as store:
        store.put(replace(made, activities=(replace(judged, summary=summary),)), MAKER)
    history = read_history(tmp_path)
    assert session_durability(history)["withheld"].to_list() == [OLDER]
    assert recovery_sessions(history)["withheld"].null_count() == 0
    assert session_loads(history)["rpe_load"].to_list() == [None]
