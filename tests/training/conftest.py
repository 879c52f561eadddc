"""Stores that the training tests share: two simulated years, and the season's truth."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.records import Label
from intervaldetect.simulate import Plan
from intervaldetect.training import History, read_history
from tests.training.truth import TrueRun, athlete_at, write_runs
from tests.training.two_years import Calendar, two_years

PLAIN = {"easy", "long", "recovery", "steady", "progression", "strides"}


@pytest.fixture(scope="session")
def calendar() -> Calendar:
    """What is true of the two years."""
    return two_years()


@pytest.fixture(scope="session")
def years(calendar: Calendar, tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("years")
    write_runs(folder, calendar.runs)
    return read_history(folder, timezone="Europe/Oslo")


@pytest.fixture(scope="session")
def season_truth(season: Path) -> list[dict[str, Any]]:
    lines = (season / "truth.jsonl").read_text("utf-8").splitlines()
    return [json.loads(line) for line in lines]


@pytest.fixture(scope="session")
def season_history(
    season_truth: list[dict[str, Any]], tmp_path_factory: pytest.TempPathFactory
) -> History:
    """The season as it would stand in a store if every rep and label were found right."""
    folder = tmp_path_factory.mktemp("season")
    write_runs(folder, [true_run(row) for row in season_truth])
    return read_history(folder, timezone="Europe/Oslo")


def true_run(row: dict[str, Any]) -> TrueRun:
    start = datetime.fromisoformat(row["start_time"])
    local = start.astimezone(timezone(timedelta(seconds=row["utc_offset_s"])))
    told: dict[str, Any] = {"label": row["label"], "kind": row["kind"], "name": row["name"]}
    if row["workout"]:
        told["workout"] = row["workout"]
    else:
        told["run_type"] = row["kind"] if row["kind"] in PLAIN else "easy"
    plan = Plan(
        athlete=athlete_at(5.4),
        temperature_c=row["temperature_c"],
        hill_grade=0.07 if row["kind"] == "hills" else 0.0,
        **told,
    )
    labels: tuple[Label | None, ...] | None = (
        ("threshold", "vo2") if row["kind"] == "mixed" else None
    )
    recorded = ".fit" in row["file"]
    return TrueRun(
        local, plan, local_known=recorded, set_labels=labels if row["kind"] == "mixed" else None
    )
