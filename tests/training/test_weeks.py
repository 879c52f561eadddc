"""Weeks against the truth, and distributions against plain sums over histograms."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.simulate import Plan
from intervaldetect.store import DATABASE, Store
from intervaldetect.training import (
    BY_HEART_RATE,
    BY_SPEED,
    History,
    Scale,
    intensity_distribution,
    read_history,
    side_by_side,
    training_weeks,
)
from tests.training.truth import TrueRun, athlete_at, write_runs
from tests.training.two_years import OSLO, WEEKS, Calendar, true_threshold_seconds

REPS = Plan("4 x 6:00 @ 3:15/km (1:00 jog)", kind="threshold_intervals", label="threshold")
EASY = Plan(run_type="easy", duration_s=1800.0)


def test_weekly_threshold_minutes_of_two_years_are_true(years: History, calendar: Calendar) -> None:
    true = true_threshold_seconds(calendar.runs)
    weeks = training_weeks(years)
    assert weeks.height == WEEKS
    for week, seconds in weeks.select("week", "threshold_work_s").iter_rows():
        assert seconds == pytest.approx(true.get(week, 0.0), rel=0.02), week


def test_weekly_threshold_minutes_of_the_season_are_true(
    season_history: History, season_truth: list[dict[str, Any]]
) -> None:
    true: dict[str, float] = defaultdict(float)
    for row in season_truth:
        if row["label"] != "threshold":
            continue
        local = datetime.fromisoformat(row["start_time"]) + timedelta(seconds=row["utc_offset_s"])
        main = [row["reps"][index] for index in row["main_reps"]]
        if row["kind"] == "mixed":  # its 3 x 10 min are threshold, its main set by count is not
            main = row["reps"][:3]
        true[f"{local:%G-W%V}"] += sum(end - start for start, end in main)
    weeks = training_weeks(season_history)
    assert weeks.height == 10
    for week, seconds in weeks.select("week", "threshold_work_s").iter_rows():
        assert seconds == pytest.approx(true[week], rel=0.02), week


def test_sums_over_all_weeks_are_sums_over_all_runs(years: History) -> None:
    weeks, runs = training_weeks(years), years.runs
    assert weeks["runs"].sum() == runs.height
    for name in ("distance_m", "timer_s"):
        assert weeks[name].sum() == pytest.approx(runs[name].sum())
        unit = name[-2:]
        parts = [
            weeks[f"{part}{unit}"].sum() for part in ("easy", "threshold", "vo2", "unlabelled")
        ]
        assert sum(parts) == pytest.approx(runs[name].sum())
    work = sum(weeks[f"{name}_work_s"].sum() for name in ("threshold", "vo2", "other"))
    assert work == pytest.approx(years.reps["seconds"].sum())
    assert weeks["quality_sessions"].sum() == runs.filter(pl.col("label") != "easy").height


def test_weeks_without_a_run_are_rows_of_zeros(years: History) -> None:
    weeks = training_weeks(years)
    gaps = weeks.filter(pl.col("runs") == 0)
    assert gaps["week"].to_list() == ["2024-W51", "2024-W52", "2025-W01"]
    assert gaps["threshold_work_s"].to_list() == [0.0, 0.0, 0.0]
    assert gaps["threshold_speed_mps"].to_list() == [None, None, None]
    assert weeks["monday"].diff().drop_nulls().unique().to_list() == [timedelta(days=7)]


def test_the_work_of_a_week_by_hand(tmp_path: Path) -> None:
    mixed = Plan(
        "3 x 10:00 @ 3:20/km (2:00 jog) + 8 x 200 m @ 0:34 (1:00 walk)",
        kind="mixed", label="threshold", temperature_c=21.0,
    )  # fmt: skip
    vo2 = Plan("5 x 800 m @ 2:10 (3:00 jog)", kind="vo2_intervals", label="vo2", temperature_c=31.0)
    tempo = Plan("10000 m @ 3:20/km", kind="tempo", label="threshold", temperature_c=14.0)
    doubtful = Plan("6 x 2:00 @ 3:05/km (1:30 jog)", kind="fartlek", label=None)
    write_runs(
        tmp_path,
        [
            TrueRun(datetime(2025, 6, 2, 8, tzinfo=OSLO), mixed, set_labels=("threshold", "vo2")),
            TrueRun(datetime(2025, 6, 3, 8, tzinfo=OSLO), vo2),
            TrueRun(datetime(2025, 6, 5, 8, tzinfo=OSLO), tempo),
            TrueRun(datetime(2025, 6, 6, 8, tzinfo=OSLO), doubtful),
            TrueRun(datetime(2025, 6, 8, 23, 50, tzinfo=OSLO), EASY),
        ],
    )
    (week,) = training_weeks(read_history(tmp_path)).to_dicts()
    assert week["week"] == "2025-W23"
    assert week["threshold_work_s"] == pytest.approx(3 * 600 + 10 * 200, rel=0.01)
    assert week["threshold_work_m"] == pytest.approx(3 * 3000 + 10000, rel=0.01)
    assert week["threshold_recovery_s"] == pytest.approx(2 * 120)
    assert week["vo2_work_s"] == pytest.approx(8 * 34 + 5 * 130, rel=0.01)
    assert week["vo2_work_m"] == pytest.approx(8 * 200 + 5 * 800)
    assert week["other_work_s"] == pytest.approx(6 * 120)
    assert week["longest_piece_s"] == pytest.approx(2000, rel=0.01)
    assert (week["quality_sessions"], week["threshold_sessions"], week["vo2_sessions"]) == (3, 2, 1)
    assert week["unlabelled_s"] > 0.0
    assert week["temperature_c"] == pytest.approx((21.0 + 31.0 + 14.0) / 3)
    assert week["hot_sessions"] == 1
    assert week["threshold_speed_mps"] - week["threshold_speed_low_mps"] == pytest.approx(
        1.96 * 0.012 * 5.4, rel=0.01
    )
    assert week["threshold_speed_high_mps"] - week["threshold_speed_mps"] == pytest.approx(
        1.96 * 0.012 * 5.4, rel=0.01
    )


def test_a_set_that_abstains_counts_apart_unless_it_is_the_only_one(tmp_path: Path) -> None:
    two_sets = Plan("3 x 10:00 @ 3:20/km (2:00) + 4 x 3:00 @ 3:05/km (1:00)", label="threshold")
    one_set = Plan("3 x 10:00 @ 3:20/km (2:00)", label="threshold")
    first = TrueRun(datetime(2025, 6, 2, 8, tzinfo=OSLO), two_sets, set_labels=("threshold", None))
    second = TrueRun(datetime(2025, 6, 9, 8, tzinfo=OSLO), one_set, set_labels=(None,))
    write_runs(tmp_path, [first, second])
    weeks = training_weeks(read_history(tmp_path))
    assert weeks["threshold_work_s"].to_list() == pytest.approx([1800.0, 1800.0])
    assert weeks["other_work_s"].to_list() == pytest.approx([720.0, 0.0])


def test_an_easy_session_has_no_threshold_work(tmp_path: Path) -> None:
    two_sets = Plan("2 x 10:00 @ 3:50/km (2:00) + 4 x 3:00 @ 3:05/km (1:00)", label="easy")
    run = TrueRun(datetime(2025, 6, 2, 8, tzinfo=OSLO), two_sets, set_labels=("threshold", "vo2"))
    write_runs(tmp_path, [run])
    week = training_weeks(read_history(tmp_path)).row(0, named=True)
    assert week["quality_sessions"] == week["threshold_work_s"] == week["vo2_work_s"] == 0
    assert week["other_work_s"] == pytest.approx(2 * 600.0 + 4 * 180.0)


# --- distributions -------------------------------------------------------------------------------


def slow_zones(folder: Path, scale: Scale) -> dict[int, list[float]]:
    """Sum the histogram of every activity bin by bin."""
    channel = {"heart_rate": "heart_rate_bpm", "speed": "graded_speed_dmps"}[scale.channel]
    column = {"heart_rate": "threshold_hr_bpm", "speed": "threshold_speed_mps"}[scale.channel]
    found: dict[int, list[float]] = {}
    db = sqlite3.connect(folder / DATABASE)
    for activity, threshold in db.execute(f"SELECT activity, {column} FROM activities"):
        zones = [0.0] * len(scale.zones)
        bins = db.execute(
            "SELECT low, seconds FROM histograms WHERE activity = ? AND channel = ?",
            (activity, channel),
        ).fetchall()
        for low, seconds in bins:
            value = low if scale.channel == "heart_rate" else (low + 0.5) / 10.0
            limits = [b * threshold if scale.relative else b for b in scale.borders]
            zones[sum(value >= limit for limit in limits)] += seconds
        if bins:
            found[activity] = zones
    db.close()
    return found


OWN = Scale("my zones", "heart_rate", (130.0, 150.0, 165.0, 175.0), tuple("abcde"), relative=False)
OWN_SPEED = Scale("my paces", "speed", (3.5, 5.0), ("slow", "mid", "fast"), relative=False)


@pytest.mark.parametrize("scale", [BY_HEART_RATE, BY_SPEED, OWN, OWN_SPEED], ids=lambda s: s.name)
def test_zones_are_those_of_plain_sums(season_history: History, scale: Scale) -> None:
    from intervaldetect.training.scales import zone_seconds

    slow = slow_zones(season_history.folder, scale)
    found = zone_seconds(season_history, scale)
    assert set(found["activity"]) == set(slow)
    for activity, zone, seconds in found.drop("scale").iter_rows():
        assert seconds == pytest.approx(slow[activity][zone - 1], abs=0.05)


def test_zones_by_critical_speed_are_those_of_a_line_through_three_efforts(
    season_history: History,
) -> None:
    """Once more by numpy: best times of 16 weeks, the slope, every second of every bin."""
    runs = season_history.runs.to_dicts()
    with Store.open(season_history.folder) as store:
        efforts = store.query(
            "SELECT activity, distance_m, duration_s FROM best_efforts WHERE graded"
        )
        bins = store.query(
            "SELECT activity, low, seconds FROM histograms WHERE channel = 'graded_speed_dmps'"
        )
    seconds: dict[tuple[object, int], float] = {}
    speeds: dict[object, float] = {}
    for week in sorted({run["monday"] for run in runs}):
        before = {
            r["activity"] for r in runs if timedelta(0) <= week - r["monday"] < timedelta(112)
        }
        best = [
            min(t for activity, metres, t in efforts if metres == far and activity in before)
            for far in (400.0, 800.0, 5000.0)
        ]
        speeds[week] = np.polyfit(best, (400.0, 800.0, 5000.0), 1)[0]
        mine = {run["activity"] for run in runs if run["monday"] == week}
        for activity, low, held in bins:
            if activity in mine:
                share = (low + 0.5) / 10.0 / speeds[week]
                zone = 1 + (share >= 0.823) + (share >= 1.0)
                seconds[week, zone] = seconds.get((week, zone), 0.0) + held
    weeks = training_weeks(season_history)
    told = dict(weeks.select("monday", "critical_speed_mps").rows())
    enough = {week: speed for week, speed in speeds.items() if speed >= 0.9 * 5.4}
    assert 0 < len(enough) < len(speeds), "the first week has no hard 5000 m yet"
    assert {week: told[week] for week in enough} == pytest.approx(enough)
    assert {told[week] for week in speeds.keys() - enough.keys()} == {None}
    spread = intensity_distribution(season_history).filter(
        (pl.col("method") == "critical_speed") & (pl.col("zone") > 0)
    )
    for monday, zone, value in spread.select("monday", "zone", "seconds").iter_rows():
        assert value == pytest.approx(seconds.get((monday, zone), 0.0), abs=0.05)
    assert "82.3 and 100 % of critical speed" in spread["scale"][0]


def test_easy_running_alone_tells_no_critical_speed(tmp_path: Path) -> None:
    easy = Plan(run_type="easy", duration_s=3000.0, athlete=athlete_at(5.0))
    write_runs(tmp_path, [TrueRun(datetime(2025, 6, 2, 8, tzinfo=OSLO), easy)])
    history = read_history(tmp_path)
    assert training_weeks(history)["critical_speed_mps"].to_list() == [None]
    told = intensity_distribution(history).filter(pl.col("method") == "critical_speed")
    assert told["zone"].to_list() == [0]


def test_four_distributions_account_for_all_the_time(season_history: History) -> None:
    weeks = training_weeks(season_history)
    spread = intensity_distribution(season_history)
    assert spread["method"].unique(maintain_order=True).to_list() == [
        "heart_rate",
        "speed",
        "critical_speed",
        "session_goal",
    ]
    total = spread.group_by("week", "method").agg(pl.col("seconds").sum())
    for week, _, seconds in total.iter_rows():
        timer = weeks.filter(pl.col("week") == week)["timer_s"][0]
        assert seconds == pytest.approx(timer, rel=1e-3)
    known = spread.filter(pl.col("zone") > 0).group_by("week", "method").agg(pl.col("share").sum())
    assert known["share"].to_list() == pytest.approx([1.0] * known.height)
    goal = spread.filter((pl.col("method") == "session_goal") & (pl.col("zone") == 2))
    assert goal["seconds"].sum() == pytest.approx(weeks["threshold_s"].sum())
    assert "94 and 100 % of threshold heart rate" in spread["scale"][0]


def test_the_third_zone_is_larger_by_speed_than_by_heart_rate(season_history: History) -> None:
    """As Bellinger 2020 found of runners: heart rate is too late for short fast reps."""
    spread = intensity_distribution(season_history)
    share = spread.group_by("method", "zone").agg(pl.col("seconds").sum())
    seconds = {(method, zone): value for method, zone, value in share.iter_rows()}
    assert seconds["heart_rate", 2] > seconds["speed", 2]
    assert seconds["speed", 3] > 1.5 * seconds["heart_rate", 3]


def test_own_zones_are_used_and_named(season_history: History) -> None:
    spread = intensity_distribution(season_history, by_heart_rate=OWN)
    mine = spread.filter((pl.col("method") == "heart_rate") & (pl.col("zone") > 0))
    assert set(mine["zone_name"]) <= set("abcde")
    told = "my zones (a / b / c / d / e): borders at 130 and 150 and 165 and 175 bpm"
    assert mine["scale"][0] == told
    wide = side_by_side(training_weeks(season_history), spread)
    assert wide["heart_rate_zone_5_s"].sum() == pytest.approx(
        mine.filter(pl.col("zone") == 5)["seconds"].sum()
    )
    assert wide.height == 10


def test_scales_are_checked() -> None:
    with pytest.raises(ParameterError, match="ascending"):
        Scale("bad", "speed", (5.0, 4.0), ("a", "b", "c"))
    with pytest.raises(ParameterError, match="ascending"):
        Scale("bad", "speed", (4.0, 5.0), ("a", "b"))


def test_a_scale_by_the_wrong_channel_is_refused(season_history: History) -> None:
    with pytest.raises(ParameterError, match="a scale by heart_rate"):
        intensity_distribution(season_history, by_heart_rate=BY_SPEED)
