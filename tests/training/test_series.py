"""Families and series: whole, alone, and with what moved."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.simulate import Plan
from intervaldetect.training import (
    History,
    family_of,
    read_history,
    series_steps,
    training_series,
)
from intervaldetect.training.families import Features, link
from tests.training.truth import TrueRun, athlete_at, write_runs
from tests.training.two_years import OSLO, RISE, SERIES, Calendar

VO2 = {"kind": "vo2_intervals", "label": "vo2"}
THRESHOLD = {"kind": "threshold_intervals", "label": "threshold"}


def weekly(*plans: Plan, days: int = 7, **more: Any) -> list[TrueRun]:
    start = datetime(2025, 3, 1, 10, tzinfo=OSLO)
    return [
        TrueRun(start + timedelta(days=days * number), plan, **more)
        for number, plan in enumerate(plans)
    ]


def history_of(folder: Path, runs: list[TrueRun]) -> History:
    write_runs(folder, runs)
    return read_history(folder)


def partition(history: History) -> dict[Any, set[datetime]]:
    starts = dict(history.runs.select("activity", "start_time").iter_rows())
    found: dict[Any, set[datetime]] = defaultdict(set)
    for athlete, series, activity in (
        series_steps(history, min_sessions=1).select("athlete", "series", "activity").iter_rows()
    ):
        found[athlete, series].add(starts[activity])
    return found


def test_two_years_fall_into_their_true_families(years: History, calendar: Calendar) -> None:
    true: dict[str, set[datetime]] = defaultdict(set)
    for run in calendar.runs:
        if run.family is not None:
            true[run.family].add(run.start.astimezone(UTC))
    found = partition(years)
    assert sorted(map(sorted, found.values())) == sorted(map(sorted, true.values()))
    assert training_series(years).height == sum(len(family) > 1 for family in true.values())


def test_the_ten_sessions_of_the_season_are_one_series_and_alone(
    season_history: History, season_truth: list[dict[str, Any]]
) -> None:
    true = [row["workout"] for row in season_truth if row["kind"] == "vo2_intervals"]
    assert len(true) == 10
    steps = series_steps(season_history)
    (mine,) = steps.filter(pl.col("workout") == true[0])["series"].to_list()
    series = steps.filter(pl.col("series") == mine)
    assert series["workout"].to_list() == true
    assert series["moved"].to_list() == [
        None, "count, distance", "count", "count, distance, speed", "count", "count, distance",
        "speed", "count, speed", "speed", "speed",
    ]  # fmt: skip
    assert series["days_since"].to_list() == [None, *[7] * 9]
    assert series["recovery_s"].to_list() == pytest.approx([180.0] * 10)
    assert series["recovery_kept"].all()


@pytest.mark.parametrize("seed", range(6))
def test_the_series_stays_whole_and_alone_when_detection_errs(tmp_path: Path, seed: int) -> None:
    """A rep missed or added, lengths and recoveries off by a few percent, two labels withheld."""
    random = np.random.Generator(np.random.PCG64(seed))
    unlabelled = random.choice(10, 2, replace=False)
    runs = []
    for week, (count, metres, seconds) in enumerate(SERIES):
        length = round(metres * float(random.uniform(0.97, 1.03)))
        rest = round(180 * float(random.uniform(0.95, 1.05)))
        count += int(random.integers(-1, 2))
        pace, pause = (f"{time // 60}:{time % 60:02d}" for time in (seconds, rest))
        text = f"{count} x {length} m @ {pace} ({pause})"
        vo2 = Plan(text, kind="vo2_intervals", label=None if week in unlabelled else "vo2")
        quarters = Plan("25 x 400 m @ 1:08 (0:30)", **THRESHOLD)  # type: ignore[arg-type]
        hills = Plan("12 x 1:00 (1:30)", kind="hills", label="vo2", hill_grade=0.07)
        for day, plan in ((0, vo2), (3, quarters), (5, hills)):
            start = datetime(2025, 3, 1, 10, tzinfo=OSLO) + timedelta(days=7 * week + day)
            runs.append(TrueRun(start, plan, family="vo2" if plan is vo2 else None))
    found = partition(history_of(tmp_path, runs))
    true = {run.start.astimezone(UTC) for run in runs if run.family}
    assert true in found.values()
    assert len(found) == 3


def test_families_of_the_season(season_history: History) -> None:
    series = training_series(season_history)
    found = {
        (row["first_workout"].partition(" @")[0], row["sessions"]) for row in series.to_dicts()
    }
    # 15 x 1 km and 10 x 1 km are one family, so are 10 miles and 10 km in one piece.
    assert found == {
        ("4 x 6:00", 9), ("25 x 400 m", 8), ("10 x 1000 m", 6), ("6 x 500 m", 10), ("10 mi", 3),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "one"),
    [
        ("6 x 500 m @ 1:15 (3:00)", "4 x 600 m @ 1:30 (3:00)", True),
        ("15 x 1000 m @ 3:00 (1:00)", "10 x 1000 m @ 3:06 (1:00)", True),
        ("25 x 400 m @ 1:08 (0:30)", "20 x 400 m @ 1:07 (0:35)", True),
        ("10 x 3:00 @ 3:06/km (1:00)", "10 x 1000 m @ 3:06 (1:00)", True),
        ("5 x 6:00 @ 3:15/km (1:00)", "4 x 8:00 @ 3:17/km (1:00)", True),
        ("10 mi @ 3:10/km", "10000 m @ 3:08/km", True),
        ("25 x 400 m @ 1:08 (0:30)", "30 x 0:45 @ 2:58/km (0:15)", False),
        ("4 x 6:00 @ 3:15/km (1:00)", "10 x 1000 m @ 3:06 (1:00)", False),
        ("10 x 1000 m @ 3:06 (1:00)", "10 x 1000 m @ 3:06 (3:00)", False),
        ("25 x 400 m @ 1:08 (0:30)", "10 x 1000 m @ 3:06 (1:00)", False),
        ("2 x 20:00 @ 3:20/km (2:00)", "10 mi @ 3:10/km", False),
        ("10 x 1000 m @ 3:06 (1:00)", "(1000 + 2000 + 3000 + 1000 m) @ 3:06/km (1:00)", False),
    ],
)  # fmt: skip
def test_what_a_family_is(tmp_path: Path, first: str, second: str, one: bool) -> None:
    for number, pair in enumerate(((first, second), (second, first))):
        plans = [Plan(text, **THRESHOLD) for text in pair]  # type: ignore[arg-type]
        families = family_of(history_of(tmp_path / str(number), weekly(*plans)))
        assert (families["family"].n_unique() == 1) is one


def test_intensity_parts_families_but_a_withheld_label_does_not(tmp_path: Path) -> None:
    text = "8 x 3:00 @ 3:06/km (1:30)"
    apart = weekly(Plan(text, **THRESHOLD), Plan(text, **VO2))  # type: ignore[arg-type]
    assert family_of(history_of(tmp_path / "a", apart))["family"].to_list() == [1, 2]
    kept = weekly(Plan(text, **VO2), Plan(text), Plan(text, **VO2))  # type: ignore[arg-type]
    assert family_of(history_of(tmp_path / "b", kept))["family"].to_list() == [1, 1, 1]


def test_hills_are_no_series_with_the_same_on_the_level(tmp_path: Path) -> None:
    text = "8 x 3:00 @ 3:06/km (1:30)"
    plans = [Plan(text, kind=kind, label="vo2") for kind in ("vo2_intervals", "hills") * 2]
    families = family_of(history_of(tmp_path, weekly(*plans)))
    assert families["family"].to_list() == [1, 2, 1, 2]


def test_a_series_is_left_after_four_months_unless_taken_up_as_it_was(tmp_path: Path) -> None:
    same = [Plan("6 x 800 m @ 2:10 (3:00)", **VO2)] * 2  # type: ignore[arg-type]
    moved = [same[0], Plan("5 x 1000 m @ 2:45 (3:00)", **VO2)]  # type: ignore[arg-type]
    for name, plans, days, families in (
        ("a", moved, 30, [1, 1]), ("b", moved, 150, [1, 2]),
        ("c", same, 150, [1, 1]), ("d", same, 450, [1, 2]),
    ):  # fmt: skip
        history = history_of(tmp_path / name, weekly(*plans, days=days))
        assert family_of(history)["family"].to_list() == families, name


def test_later_sessions_never_regroup_earlier_ones() -> None:
    random = np.random.Generator(np.random.PCG64(3))
    n = 300
    whole = Features(
        day=np.cumsum(random.uniform(0.5, 6.0, n)),
        scaled=random.normal(0.0, 0.5, (n, 5)),
        length=random.normal(5.0, 0.6, n),
        distance=np.where(random.random(n) < 0.5, np.nan, random.normal(6.0, 0.5, n)),
        odds=random.dirichlet((1.0, 4.0, 4.0), n),
        continuous=random.random(n) < 0.2,
    )
    families = link(whole)
    assert families.max() > 10
    for size in (1, 50, 173, 299):
        part = Features(*(getattr(whole, name)[:size] for name in Features.__slots__))
        assert link(part).tolist() == families[:size].tolist()
    assert families.tolist() == slow_link(whole)


def slow_link(f: Features) -> list[int]:
    """The rule in plain loops: active families first, then resting ones, nearest first."""
    members: list[list[int]] = []
    found = []
    for i in range(f.day.size):
        best: tuple[int, float, float] | None = None
        choice = -1
        for number, family in enumerate(members):
            gap = float(f.day[i] - f.day[family[-1]])
            near = min(slow_distance(f, i, j) for j in family[-3:])
            active = gap <= 112.0
            if gap > 400.0 or near > (1.0 if active else 0.4):
                continue
            rank = (0 if active else 1, near, gap)
            if best is None or rank < best:
                best, choice = rank, number
        if choice < 0:
            members.append([])
            choice = len(members) - 1
        members[choice].append(i)
        found.append(choice + 1)
    return found


def slow_distance(f: Features, i: int, j: int) -> float:
    if f.continuous[i] != f.continuous[j]:
        return float("inf")
    by_distance = f.distance[i] - f.distance[j]
    size = f.length[i] - f.length[j] if np.isnan(by_distance) else by_distance
    total = (size / (0.65 if f.continuous[i] else 0.32)) ** 2
    total += sum(float(d) ** 2 for d in f.scaled[i] - f.scaled[j] if not np.isnan(d))
    total += (0.5 * float(np.abs(f.odds[i] - f.odds[j]).sum()) / 0.9) ** 2
    return float(np.sqrt(total))


# --- steps ---------------------------------------------------------------------------------------


def test_pace_at_equal_heart_rate_follows_threshold_speed(years: History) -> None:
    """Over two years threshold rises by 6 %; every series has to say so within its error."""
    series = training_series(years).filter(pl.col("sessions") >= 8)
    assert series.height >= 8
    for row in series.to_dicts():
        days = (row["last_day"] - row["first_day"]).days
        true = RISE * days / 728.0
        assert abs(row["change"] - true) < 2.6 * row["change_error"], row["first_workout"]
    long = series.filter(pl.col("sessions") >= 20)
    assert (long["change_error"] < 0.02).all()


def test_equal_pace_by_hand(tmp_path: Path) -> None:
    plans = [Plan("5 x 6:00 @ 3:20/km (1:00)", **THRESHOLD)] * 3  # type: ignore[arg-type]
    runs = [
        replace(run, day_hr=hr) for run, hr in zip(weekly(*plans), (0, 0.02, -0.02), strict=True)
    ]
    steps = series_steps(history_of(tmp_path, runs))
    rate = steps["settled_hr_bpm"].to_list()
    assert steps["equal_hr_bpm"].unique().to_list() == [pytest.approx(rate[0], abs=0.1)]
    for row in steps.to_dicts():
        away = np.log(row["equal_hr_bpm"] / row["settled_hr_bpm"])
        assert row["speed_at_equal_hr_mps"] == pytest.approx(
            row["rep_speed_mps"] * np.exp(away / 0.85), rel=1e-3
        )
        error = np.hypot(0.018 / 0.85, 0.25 / 0.85**2 * away)
        assert row["speed_at_equal_hr_error_mps"] == pytest.approx(
            row["speed_at_equal_hr_mps"] * error, rel=0.02
        )


def test_heat_widens_the_error_and_moves_nothing(tmp_path: Path) -> None:
    plans = [
        Plan("5 x 6:00 @ 3:20/km (1:00)", temperature_c=warm, **THRESHOLD)  # type: ignore[arg-type]
        for warm in (14.0, 30.0, None)
    ]
    steps = series_steps(history_of(tmp_path, weekly(*plans)))
    assert steps["heat_flag"].to_list() == [False, True, None]
    assert steps["temperature_c"].to_list() == [14.0, 30.0, None]
    speed = steps["speed_at_equal_hr_mps"].to_list()
    assert speed[1] == pytest.approx(speed[0], rel=0.01)
    cool, hot, unknown = steps["speed_at_equal_hr_error_mps"].to_list()
    assert hot == pytest.approx(2.0 * cool, rel=0.02)
    assert unknown == pytest.approx(cool, rel=0.02)


def test_a_short_rep_is_carried_to_where_its_heart_rate_would_settle(tmp_path: Path) -> None:
    """Raw end heart rates of 500s and 800s at one speed differ; settled ones hardly do."""
    texts = ("6 x 500 m @ 1:15 (3:00)", "6 x 800 m @ 2:00 (3:00)")
    runs = weekly(*(Plan(text, **VO2) for text in texts))  # type: ignore[arg-type]
    steps = series_steps(history_of(tmp_path, runs), min_sessions=1)
    raw = steps["end_hr_bpm"].to_list()
    settled = steps["settled_hr_bpm"].to_list()
    assert raw[1] - raw[0] > 2.0
    assert abs(settled[1] - settled[0]) < 0.5 * (raw[1] - raw[0])
    errors = steps["speed_at_equal_hr_error_mps"].to_list()
    assert errors[0] > errors[1]


def test_drift_and_recoveries_of_a_session(tmp_path: Path) -> None:
    slower = Plan("4 x 6:00 @ 3:20/km (1:00)", first_rep_slower=0.10, **THRESHOLD)  # type: ignore[arg-type]
    steps = series_steps(history_of(tmp_path, weekly(slower, slower)))
    # A first rep slower by d lifts the fitted line of four by 0.9 d of the mean.
    assert steps["speed_drift"].to_list() == pytest.approx([0.09, 0.09], abs=0.02)
    assert min(steps["hr_drift_bpm"]) > 0.0
    assert steps["recovery_kept"].all()
    blocks = Plan("3 x (4 x 400 m @ 1:10 (0:45)) (3:00)", **THRESHOLD)  # type: ignore[arg-type]
    (row,) = series_steps(
        history_of(tmp_path / "blocks", weekly(blocks)), min_sessions=1
    ).to_dicts()
    assert row["recovery_s"] == pytest.approx(45.0)
    assert row["recovery_kept"] is True


def test_uneven_recoveries_are_not_kept(tmp_path: Path) -> None:
    import sqlite3

    from intervaldetect.store import DATABASE

    plan = Plan("6 x 3:00 @ 3:10/km (1:00)", **THRESHOLD)  # type: ignore[arg-type]
    history_of(tmp_path, weekly(plan, plan))
    db = sqlite3.connect(tmp_path / DATABASE)
    (late,) = db.execute("SELECT activity FROM activities ORDER BY start_time DESC").fetchone()
    db.execute(
        "UPDATE rep_lists SET start_s = json_set(start_s, '$[3]',"
        " json_extract(start_s, '$[3]') + 25) WHERE activity = ?",
        (late,),
    )
    db.commit()
    db.close()
    assert series_steps(read_history(tmp_path))["recovery_kept"].to_list() == [True, False]


def test_one_piece_has_neither_drift_nor_recovery(tmp_path: Path) -> None:
    tempo = Plan("10000 m @ 3:20/km", kind="tempo", label="threshold")
    steps = series_steps(history_of(tmp_path, weekly(tempo, tempo)))
    for name in ("recovery_s", "speed_drift", "hr_drift_bpm", "recovery_kept"):
        assert steps[name].to_list() == [None, None]
    assert steps["count"].to_list() == [1, 1]


def test_a_ladder_has_no_drift(tmp_path: Path) -> None:
    ladder = Plan("(1:00 + 2:00 + 3:00 + 2:00 + 1:00) @ 3:05/km (1:00)", **THRESHOLD)  # type: ignore[arg-type]
    (row,) = series_steps(history_of(tmp_path, weekly(ladder)), min_sessions=1).to_dicts()
    assert row["speed_drift"] is row["hr_drift_bpm"] is None
    assert row["count"] == 5


def test_change_is_a_weighted_straight_line(years: History) -> None:
    steps = series_steps(years)
    rows = training_series(years).to_dicts()
    assert rows
    for row in rows:
        mine = steps.filter(pl.col("series") == row["series"])
        x = (mine["day"] - mine["day"].min()).dt.total_days().to_numpy().astype(float)
        speed = mine["speed_at_equal_hr_mps"].to_numpy()
        error = mine["speed_at_equal_hr_error_mps"].to_numpy() / speed
        design = np.stack([np.ones(x.size), x], axis=1) / error[:, None]
        line, *_ = np.linalg.lstsq(design, np.log(speed) / error, rcond=None)
        residual = np.log(speed) / error - design @ line
        scale = max(1.0, float(residual @ residual) / (x.size - 2))
        covariance = np.linalg.inv(design.T @ design) * scale
        change = np.expm1(line[1] * x.max())
        assert row["change"] == pytest.approx(change, abs=1e-6)
        assert row["change_error"] == pytest.approx(
            np.sqrt(covariance[1, 1]) * x.max() * (1.0 + change), rel=1e-4
        )


def test_two_sessions_make_no_line(tmp_path: Path) -> None:
    plan = Plan("6 x 3:00 @ 3:10/km (1:00)", athlete=athlete_at(5.2), **THRESHOLD)  # type: ignore[arg-type]
    (row,) = training_series(history_of(tmp_path, weekly(plan, plan))).to_dicts()
    assert (row["sessions"], row["change"], row["change_error"]) == (2, None, None)


def test_series_never_cross_athletes(tmp_path: Path) -> None:
    plan = Plan("6 x 3:00 @ 3:10/km (1:00)", **THRESHOLD)  # type: ignore[arg-type]
    ada, bo = weekly(plan, plan, athlete="ada"), weekly(plan, plan, plan, athlete="bo")
    history = history_of(tmp_path, [*ada, *bo])
    found = training_series(history)
    assert found.select("athlete", "series", "sessions").rows() == [("ada", 1, 2), ("bo", 1, 3)]
    alone = read_history(tmp_path, athlete="bo")
    assert training_series(alone).equals(found.filter(pl.col("athlete") == "bo"))


def test_min_sessions_is_checked(season_history: History) -> None:
    with pytest.raises(ParameterError, match="min_sessions cannot be 0"):
        series_steps(season_history, min_sessions=0)
    assert training_series(season_history, min_sessions=9)["sessions"].min() == 9
