"""From files to the views: the shipped season through one batch, held against its truth."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from intervaldetect.training import (
    History,
    double_threshold_days,
    read_history,
    series_steps,
    training_weeks,
)

Truth = list[dict[str, Any]]
_PACE = re.compile(r"(.+) @ (\d+):(\d\d)(/km)?( \(.+\))?")


@pytest.fixture(scope="module")
def found(season_store: Path) -> History:
    """The season as reps and labels were found from its files."""
    return read_history(season_store, timezone="Europe/Oslo")


@pytest.fixture(scope="module")
def steps(found: History) -> pl.DataFrame:
    """Every session with reps, in its family, beside the file it is from."""
    files = found.runs.select("activity", file=pl.col("path").str.split("/").list.last())
    return series_steps(found, min_sessions=1).join(files, on="activity")


def local(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["start_time"]) + timedelta(seconds=row["utc_offset_s"])


def read_text(workout: str) -> tuple[str, int, str | None]:
    """Return a workout without its pace, the seconds of that pace, and its recovery."""
    read = _PACE.fullmatch(workout)
    assert read, workout
    what, minutes, seconds, by_km, recovery = read.groups()
    return what + (by_km or ""), 60 * int(minutes) + int(seconds), recovery


def test_every_double_day_and_only_those(found: History, season_truth: Truth) -> None:
    sessions = Counter(local(row).date() for row in season_truth if row["label"] == "threshold")
    true = {day for day, count in sessions.items() if count >= 2}
    assert len(true) == 9
    days = double_threshold_days(found)
    assert days["day"].to_list() == sorted(true)
    assert days["evening_faster"].all()


def test_the_ten_sessions_are_one_series_and_alone(
    steps: pl.DataFrame, season_truth: Truth
) -> None:
    true = [row for row in season_truth if row["kind"] == "vo2_intervals"]
    number = steps.filter(pl.col("file") == true[0]["file"])["series"].item()
    series = steps.filter(pl.col("series") == number).sort("step")
    assert series["file"].to_list() == [row["file"] for row in true]
    assert series["label"].to_list() == ["vo2"] * 10
    for said, row in zip(series["workout"], true, strict=True):
        (what, pace, rest), (true_what, true_pace, true_rest) = map(
            read_text, (said, row["workout"])
        )
        assert (what, rest) == (true_what, true_rest)
        assert abs(pace - true_pace) <= 1
    assert series["recovery_kept"].all()


def test_weekly_threshold_minutes_are_true(found: History, season_truth: Truth) -> None:
    true: dict[str, float] = defaultdict(float)
    for row in season_truth:
        if row["label"] == "threshold":
            # Of the mixed session its 3 x 10 min are threshold, the 200s after them are not.
            reps = row["reps"][:3] if row["kind"] == "mixed" else row["reps"]
            true[f"{local(row):%G-W%V}"] += sum(end - start for start, end in reps)
    weeks = training_weeks(found)
    assert weeks.height == 10
    for week, seconds in weeks.select("week", "threshold_work_s").iter_rows():
        # Of one session a threshold piece of the warm-up is read as a rep.
        assert seconds == pytest.approx(true[week], rel=0.06), week


@pytest.mark.parametrize(
    ("start", "sessions"),
    [(("25 x 400 m",), 8), (("4 x 6:00",), 9), (("10 x 1000 m", "15 x 1000 m"), 6)],
)
def test_threshold_families_are_whole_and_alone(
    steps: pl.DataFrame, season_truth: Truth, start: tuple[str, ...], sessions: int
) -> None:
    true = [row["file"] for row in season_truth if (row["workout"] or "").startswith(start)]
    assert len(true) == sessions
    numbers = steps.filter(pl.col("file").is_in(true))["series"].unique()
    family = steps.filter(pl.col("series").is_in(numbers.to_list()))
    assert numbers.len() == 1
    assert family["file"].to_list() == true
    assert sum(workout.startswith(start) for workout in family["workout"]) >= sessions - 1
    assert family["label"].to_list() == ["threshold"] * sessions
