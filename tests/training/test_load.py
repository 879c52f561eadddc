"""Load, fitness, fatigue and form, once more in plain Python."""

from __future__ import annotations

import math
import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.simulate import Plan
from intervaldetect.store import DATABASE, Store
from intervaldetect.training import History, load_days, load_weeks, read_history, session_loads
from intervaldetect.training.load import NO_MEASURE, NOT_KNOWN
from tests.training.truth import MAKER, TrueRun, analysis_of, athlete_at, result_of, write_runs
from tests.training.two_years import OSLO

MONDAY = datetime(2025, 6, 2, 8, tzinfo=OSLO)
WHO = athlete_at(5.0)
REPS = Plan(
    "3 x 10:00 @ 3:20/km (2:00 jog)", kind="threshold_intervals", label="threshold", athlete=WHO
)
EASY = Plan(run_type="easy", duration_s=3600.0, athlete=WHO)
RECOVERY = Plan(run_type="recovery", duration_s=2400.0, athlete=WHO)


def history_of(folder: Path, *runs: TrueRun) -> History:
    write_runs(folder, runs)
    return read_history(folder, timezone="Europe/Oslo")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    plans = {0: REPS, 1: EASY, 3: RECOVERY, 4: REPS, 20: EASY, 60: RECOVERY}
    runs = [TrueRun(MONDAY + timedelta(days=day), plan) for day, plan in plans.items()]
    evening = TrueRun(MONDAY + timedelta(days=4, hours=9), EASY)
    return history_of(tmp_path_factory.mktemp("load"), *runs, evening)


def bins_of(history: History, channel: str) -> dict[int, list[tuple[int, float]]]:
    told: dict[int, list[tuple[int, float]]] = {}
    with closing(sqlite3.connect(history.folder / DATABASE)) as connection:
        for activity, low, seconds in connection.execute(
            "SELECT activity, low, seconds FROM histograms WHERE channel = ?", (channel,)
        ):
            told.setdefault(activity, []).append((low, seconds))
    return told


def test_load_counts_every_second_at_its_speed(history: History) -> None:
    speeds = bins_of(history, "graded_speed_dmps")
    rows = session_loads(history).to_dicts()
    assert rows
    for row in rows:
        expected = sum(
            seconds * min((low + 0.5) / 10.0 / 5.0, 1.3) ** 4
            for low, seconds in speeds[row["activity"]]
        )
        assert row["load"] == pytest.approx(expected / 36.0)
        assert row["load_from"] == "speed"
        assert row["withheld"] is None


def test_an_hour_at_threshold_is_a_hundred(tmp_path: Path) -> None:
    hour = Plan(
        "60:00 @ 3:20/km", kind="tempo", label="threshold", athlete=WHO, warmup_s=0.0,
        cooldown_s=0.0,
    )  # fmt: skip
    (row,) = session_loads(history_of(tmp_path, TrueRun(MONDAY, hour))).to_dicts()
    assert row["load"] == pytest.approx(100.0, rel=0.06)  # bins of 0.1 m/s


def test_reps_rank_above_an_easy_hour_above_a_recovery_run(history: History) -> None:
    loads = session_loads(history)["load"].to_list()
    reps, easy, recovery = loads[0], loads[1], loads[2]
    assert reps > 1.4 * easy
    assert easy > 1.4 * recovery


def test_a_file_split_in_two_sums_to_the_whole(tmp_path: Path) -> None:
    whole = analysis_of(TrueRun(MONDAY, REPS), 1)
    signal = whole.signal
    middle = int(np.searchsorted(signal.time_s, 1800.0))
    parts = []
    for number, (a, b) in enumerate(((0, middle), (middle, signal.speed_mps.size))):
        inside = slice(a, b)
        part = replace(
            signal,
            **{
                name: getattr(signal, name)[inside]
                for name in ("speed_mps", "adjusted_speed_mps", "grade", "valid", "paused")
            },
            **{
                name: getattr(signal, name)[a : b + 1]
                for name in (
                    "time_s", "distance_m", "altitude_m", "heart_rate_bpm", "cadence_spm", "power_w"
                )
            },
        )  # fmt: skip
        activity = replace(
            whole.activity, sha256=f"{number}" * 64, path=f"/part{number}.fit",
            start_time=whole.activity.start_time + timedelta(seconds=float(signal.time_s[a])),
        )  # fmt: skip
        parts.append(replace(whole, signal=part, activity=activity))

    def load(folder: Path, *analyses: Any) -> float:
        with Store.create(folder) as store:
            for analysis in analyses:
                store.put(result_of(analysis), MAKER)
        return float(session_loads(read_history(folder))["load"].sum())

    assert load(tmp_path / "b", *parts) == pytest.approx(load(tmp_path / "a", whole), rel=1e-3)


def test_fitness_fatigue_and_form_by_hand(history: History) -> None:
    by_day: dict[date, float] = {}
    for row in session_loads(history).to_dicts():
        by_day[row["day"]] = by_day.get(row["day"], 0.0) + row["load"]
    days = load_days(history, fitness_days=30.0, fatigue_days=5.0).to_dicts()
    assert len(days) == 61
    fitness = fatigue = 0.0
    form = None
    for number, row in enumerate(days):
        load = by_day.get(row["day"], 0.0)
        fitness += (load - fitness) * (1.0 - math.exp(-1.0 / 30.0))
        fatigue += (load - fatigue) * (1.0 - math.exp(-1.0 / 5.0))
        assert row["load"] == pytest.approx(load)
        assert row["fitness"] == pytest.approx(fitness)
        assert row["fatigue"] == pytest.approx(fatigue)
        assert row["form"] == (form if form is None else pytest.approx(form))
        assert row["settled"] is (number >= 30)
        form = fitness - fatigue
    weeks = load_weeks(history).to_dicts()
    assert weeks[0]["load"] == pytest.approx(
        sum(load for day, load in by_day.items() if day < date(2025, 6, 9))
    )
    assert weeks[0]["runs"] == 5
    assert weeks[1]["load"] == 0.0
    last = load_days(history).to_dicts()[-1]
    assert [weeks[-1][name] for name in ("fitness", "form")] == [last["fitness"], last["form"]]


def test_load_is_withheld_until_the_threshold_is_known(tmp_path: Path) -> None:
    history = history_of(
        tmp_path,
        TrueRun(MONDAY, EASY, threshold_known=False),
        TrueRun(MONDAY + timedelta(days=1), EASY),
    )
    first, second = session_loads(history).to_dicts()
    assert (first["load"], first["load_from"], first["withheld"]) == (None, None, NOT_KNOWN)
    assert second["load"] is not None
    days = load_days(history).to_dicts()
    assert (days[0]["load"], days[0]["runs_without_load"]) == (None, 1)
    assert days[0]["fitness"] == 0.0


def test_heart_rate_stands_for_a_missing_speed(history: History, tmp_path: Path) -> None:
    whole = analysis_of(TrueRun(MONDAY, REPS), 1)
    blind = np.full(whole.signal.speed_mps.size, np.nan)
    signal = replace(whole.signal, speed_mps=blind, adjusted_speed_mps=blind)
    deaf = replace(signal, heart_rate_bpm=np.full(signal.time_s.size, np.nan))
    for folder, given in (("a", signal), ("b", deaf)):
        with Store.create(tmp_path / folder) as store:
            store.put(result_of(replace(whole, signal=given)), MAKER)
    (row,) = session_loads(read_history(tmp_path / "a")).to_dicts()
    rates = bins_of(read_history(tmp_path / "a"), "heart_rate_bpm")[row["activity"]]
    expected = sum(seconds * min(low / 168.0, 1.3) ** 5 for low, seconds in rates) / 36.0
    assert (row["load"], row["load_from"]) == (pytest.approx(expected), "heart_rate")
    (row,) = session_loads(read_history(tmp_path / "b")).to_dicts()
    assert (row["load"], row["withheld"]) == (None, NO_MEASURE)


@pytest.mark.parametrize("days", [(7.0, 42.0), (42.0, 0.0), (400.0, 7.0), (7.0, 7.0)])
def test_time_constants_that_make_no_sense(history: History, days: tuple[float, float]) -> None:
    with pytest.raises(ParameterError, match="fatigue the shorter"):
        load_days(history, fitness_days=days[0], fatigue_days=days[1])
