"""Effect and load against plain sums; continuous and intervals on one scale; what followed."""

from __future__ import annotations

import sqlite3
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from intervaldetect.errors import ParameterError
from intervaldetect.output.curves import step_load
from intervaldetect.simulate import Plan
from intervaldetect.store import DATABASE
from intervaldetect.training import History, read_history, session_costs, training_blocks
from intervaldetect.training.column import known_sum
from intervaldetect.training.history import REP_FAMILIES
from tests.training.truth import TrueRun, athlete_at, write_runs
from tests.training.two_years import OSLO, RISE

MONDAY = datetime(2025, 6, 2, 8, tzinfo=OSLO)


def plan(text: str, **more: Any) -> Plan:
    return Plan(text, label="threshold", athlete=athlete_at(5.0), **more)


def costs_of(folder: Path, *plans: Plan, **more: Any) -> list[dict[str, Any]]:
    runs = [
        TrueRun(MONDAY + timedelta(days=number), each, **more) for number, each in enumerate(plans)
    ]
    write_runs(folder, runs)
    return session_costs(read_history(folder)).to_dicts()


# --- effect and load -----------------------------------------------------------------------------


def slow_fade(value: float, begin: float, full: float, fading: float, end: float) -> float:
    if value <= begin or value >= end:
        return 0.0
    if value < full:
        return (value - begin) / (full - begin)
    return 1.0 if value <= fading else (end - value) / (end - fading)


def slow_force(speed: float) -> float:
    return 1.2 + 1.3 * (min(max(speed, 1.5), 6.0) - 1.5) / 4.5


def slow_effort(folder: Path, activity: int) -> tuple[float, float, float]:
    db = sqlite3.connect(folder / DATABASE)
    ((heart, speed),) = db.execute(
        "SELECT threshold_hr_bpm, threshold_speed_mps FROM activities WHERE activity = ?",
        (activity,),
    )
    by_heart = by_speed = load = 0.0
    for channel, low, seconds in db.execute(
        "SELECT channel, low, seconds FROM histograms WHERE activity = ?", (activity,)
    ):
        if channel == "heart_rate_bpm":
            by_heart += seconds * slow_fade(low / heart, 0.92, 0.94, 1.02, 1.06)
        elif channel == "graded_speed_dmps":
            middle = (low + 0.5) / 10.0
            by_speed += seconds * slow_fade(middle / speed, 0.88, 0.94, 1.07, 1.13)
        else:
            load += seconds
    db.close()
    return by_heart, by_speed, load


def test_effect_and_load_are_plain_sums_over_the_histograms(season_history: History) -> None:
    rows = session_costs(season_history).to_dicts()
    assert rows
    for row in rows:
        by_heart, by_speed, load = slow_effort(season_history.folder, row["activity"])
        assert row["effect_hr_s"] == pytest.approx(by_heart, abs=0.1)
        assert row["effect_speed_s"] == pytest.approx(by_speed, abs=0.1)
        assert row["effect_s"] == pytest.approx((by_heart + by_speed) / 2.0, abs=0.1)
        assert row["load_steps"] == pytest.approx(load, rel=1e-6)


def test_load_grows_with_speed_and_with_time() -> None:
    speed = np.array([0.0, 0.3, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0])
    load = step_load(speed)
    assert load[0] == load[1] == 0.0
    assert (np.diff(load[1:]) > 0.0).all()
    assert load[4] == pytest.approx(2.63 + 0.12 * 0.4)  # steps as they are at 3 m/s
    per_km = step_load(np.array([5.4]))[0] / 5.4 / (step_load(np.array([3.0]))[0] / 3.0)
    assert per_km == pytest.approx(2.5, abs=0.05)


def test_load_is_more_downhill_and_less_uphill() -> None:
    """Gottschall & Kram 2005: at equal ground speed impact rises downhill and falls uphill."""
    down, level, up, unknown = step_load(np.full(4, 3.0), np.array([-0.08, 0.0, 0.08, np.nan]))
    assert 1.2 * level < down < 2.0 * level
    assert 0.5 * level < up < 0.8 * level
    assert unknown == level


def test_load_does_not_fall_above_six_metres_a_second() -> None:
    speed = np.array([5.0, 6.0, 7.0, 8.0])
    assert (np.diff(step_load(speed) / speed) > 0.0).all()


def test_continuous_and_intervals_of_equal_work_on_one_scale(tmp_path: Path) -> None:
    one, many, both = costs_of(
        tmp_path,
        plan("40:00 @ 3:25/km", kind="tempo"),
        plan("10 x 4:00 @ 3:25/km (1:00 jog)", kind="threshold_intervals"),
        plan("20:00 @ 3:25/km + 5 x 4:00 @ 3:25/km (1:00 jog)", kind="mixed"),
    )
    assert [row["form"] for row in (one, many, both)] == ["continuous", "intervals", "both"]
    assert [row["threshold_work_s"] for row in (one, many, both)] == pytest.approx([2400.0] * 3)
    assert [row["continuous_s"] for row in (one, many, both)] == pytest.approx(
        [2400.0, 0.0, 1200.0]
    )
    assert [row["longest_piece_s"] for row in (one, many, both)] == pytest.approx(
        [2400.0, 240.0, 1200.0]
    )
    assert [row["recovery_share"] for row in (one, many)] == pytest.approx([0.0, 540.0 / 2940.0])
    assert one["band_work_s"] == many["band_work_s"] == pytest.approx(2400.0)
    # The same work at the same speed: the same time near threshold, by speed exactly so.
    assert one["effect_speed_s"] == pytest.approx(many["effect_speed_s"], rel=0.03)
    assert one["load_steps"] == pytest.approx(many["load_steps"], rel=0.10)


def test_an_easy_run_has_load_but_no_effect(tmp_path: Path) -> None:
    easy = Plan(run_type="easy", athlete=athlete_at(5.0))
    ((row,), (fast,)) = (
        costs_of(tmp_path / "a", easy),
        costs_of(tmp_path / "b", plan("10000 m @ 3:20")),
    )
    assert row["effect_s"] == pytest.approx(0.0, abs=1.0)
    assert row["form"] is None
    assert row["recovery_share"] is None
    assert row["load_steps"] > 5000.0
    assert fast["effect_s"] > 1800.0


def test_without_heart_rate_effect_rests_on_speed_and_without_threshold_on_nothing(
    tmp_path: Path,
) -> None:
    tempo = plan("40:00 @ 3:25/km", kind="tempo")
    (row,) = costs_of(tmp_path / "a", tempo, heart=False)
    assert row["effect_hr_s"] is None
    assert row["effect_s"] == row["effect_speed_s"] == pytest.approx(2400.0, rel=0.02)
    (row,) = costs_of(tmp_path / "b", tempo, heart=False, threshold_known=False)
    assert row["effect_s"] is None
    assert row["band_work_s"] is None
    assert row["load_steps"] is not None


# --- blocks --------------------------------------------------------------------------------------


def test_blocks_tile_the_weeks_and_sum_what_the_runs_sum(years: History) -> None:
    costs = session_costs(years)
    for weeks in (1, 4, 6):
        blocks = training_blocks(years, weeks=weeks)
        assert blocks["monday"].diff().drop_nulls().unique().to_list() == [timedelta(weeks=weeks)]
        assert blocks["runs"].sum() == costs.height
        for name in ("continuous_s", "interval_s", "effect_s", "load_steps"):
            assert blocks[name].sum() == pytest.approx(costs[name].sum())


def test_blocks_begin_on_the_same_mondays_whatever_came_before(years: History) -> None:
    later = years.runs.filter(pl.col("day") >= date(2024, 7, 1))
    part = History(later, (), years.folder, None)
    whole = training_blocks(years)
    assert set(training_blocks(part)["monday"]) <= set(whole["monday"])


def test_what_followed_is_the_true_rise_within_its_error(years: History) -> None:
    blocks = training_blocks(years).filter(pl.col("change").is_not_null())
    assert blocks.height >= 20
    true = RISE * 28 / 728
    z = ((blocks["change"] - true) / blocks["change_error"]).to_numpy()
    assert np.abs(z).max() < 3.0
    assert abs(z.mean()) < 0.5
    assert (blocks["compared_families"] >= 1).all()


def test_families_are_compared_with_themselves_alone(tmp_path: Path) -> None:
    """Short fast reps in one block and long slow ones in the next say nothing of fitness."""
    short = plan("20 x 400 m @ 1:15 (0:30 stand)", kind="threshold_intervals")
    long = plan("4 x 8:00 @ 3:25/km (1:00 jog)", kind="threshold_intervals")
    first = datetime(2025, 6, 9, 8, tzinfo=OSLO)
    runs = [TrueRun(first + timedelta(days=2 * n), short) for n in range(3)]
    runs += [TrueRun(first + timedelta(days=28 + 2 * n), long) for n in range(3)]
    write_runs(tmp_path, runs)
    blocks = training_blocks(read_history(tmp_path), weeks=4)
    assert min(blocks["interval_s"]) > 0.0
    assert blocks["change"].to_list() == [None, None]
    assert blocks["compared_families"].to_list() == [0, 0]
    write_runs(tmp_path, [TrueRun(first + timedelta(days=40), short)])
    blocks = training_blocks(read_history(tmp_path), weeks=4)
    assert blocks["compared_families"].to_list() == [1, 0]
    assert blocks["change"][0] == pytest.approx(0.0, abs=0.005)


def test_block_length_is_checked(season_history: History) -> None:
    for weeks in (0, 53):
        with pytest.raises(ParameterError, match=f"weeks cannot be {weeks}"):
            training_blocks(season_history, weeks=weeks)


def test_work_of_a_set_is_the_sum_of_its_reps(years: History) -> None:
    seconds = pl.col("seconds")
    families = {
        f"{name}_s": seconds.filter((seconds > low) & (seconds <= high)).sum()
        for name, (low, high) in REP_FAMILIES.items()
    }
    summed = (
        years.reps.group_by("activity", "set")
        .agg(
            seconds.sum(),
            known_sum(pl.col("distance_m")),
            known_s=seconds.filter(pl.col("distance_m").is_not_null()).sum(),
            longest_s=seconds.max(),
            recovery_s=pl.col("recovery_s").sum(),
            label=pl.col("label").first(),
            **families,
        )
        .sort("activity", "set")
    )
    assert summed.height > 20
    assert max(summed["set"]) > 1
    assert_frame_equal(years.work.sort("activity", "set"), summed, check_column_order=False)
