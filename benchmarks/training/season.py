"""The training view end to end on fixtures/season: from files to weeks, doubles and series.

    python benchmarks/training/season.py [FOLDER]

Detection and labels are those of this checkout, within the season's history. Printed are the double
days found and missed, the series against the true families, and threshold minutes week by week.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from intervaldetect.training import (
    History,
    double_threshold_days,
    read_history,
    series_steps,
    training_weeks,
)

ROOT = Path(__file__).resolve().parents[2]
TIMEZONE = "Europe/Oslo"


def local(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["start_time"]) + timedelta(seconds=row["utc_offset_s"])


def doubles(history: History, truth: list[dict[str, Any]]) -> None:
    counts = Counter(local(row).date() for row in truth if row["label"] == "threshold")
    true = {day for day, count in counts.items() if count >= 2}
    found = set(double_threshold_days(history)["day"])
    print(f"double days: {len(true & found)} of {len(true)} found, {len(found - true)} false")


def series(history: History, truth: list[dict[str, Any]]) -> None:
    files = {
        activity: path.rpartition("/")[2]
        for activity, path in history.runs.select("activity", "path").iter_rows()
    }
    family = {}
    for number, activity in (
        series_steps(history, min_sessions=1).select("series", "activity").iter_rows()
    ):
        family[files[activity]] = number
    mine = [row["file"] for row in truth if row["kind"] == "vo2_intervals"]
    numbers = {family.get(file) for file in mine}
    others = [file for file, number in family.items() if number in numbers and file not in mine]
    whole = len(numbers) == 1 and None not in numbers
    told = "whole" if whole else f"in {numbers}"
    print(f"the {len(mine)}-session series: {told}, {len(others)} strangers in it")


def weeks(history: History, truth: list[dict[str, Any]]) -> None:
    true: dict[str, float] = defaultdict(float)
    for row in truth:
        if row["label"] != "threshold":
            continue
        reps = row["reps"][:3] if row["kind"] == "mixed" else row["reps"]
        true[f"{local(row):%G-W%V}"] += sum(end - start for start, end in reps)
    found = training_weeks(history)
    print(f"{'week':9}{'true min':>9}{'found':>8}{'error':>8}{'VO2':>7}{'other':>7}")
    for row in found.iter_rows(named=True):
        minutes, said = true[row["week"]] / 60.0, row["threshold_work_s"] / 60.0
        error = said / minutes - 1.0 if minutes else float("nan")
        print(
            f"{row['week']:9}{minutes:9.1f}{said:8.1f}{error:8.1%}"
            f"{row['vo2_work_s'] / 60.0:7.1f}{row['other_work_s'] / 60.0:7.1f}"
        )
    total, said = sum(true.values()), found["threshold_work_s"].sum()
    print(f"{'all':9}{total / 60.0:9.1f}{said / 60.0:8.1f}{said / total - 1.0:8.1%}")


def labels(history: History, truth: list[dict[str, Any]]) -> None:
    said = {
        path.rpartition("/")[2]: label
        for path, label in history.runs.select("path", "label").iter_rows()
    }
    counts = Counter((row["label"], said[row["file"]]) for row in truth if row["label"] is not None)
    print(
        "labels (true, said): "
        + ", ".join(f"{a}/{b} {n}" for (a, b), n in sorted(counts.items(), key=str))
    )


def main() -> None:
    season = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "fixtures" / "season"
    truth = [json.loads(line) for line in (season / "truth.jsonl").read_text().splitlines()]
    with tempfile.TemporaryDirectory() as scratch:
        subprocess.run(
            [sys.executable, "-c", "from intervaldetect.cli import main; main()", "batch",
             str(season), "-o", scratch, "--quiet", "--jobs", "1"],
            check=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        history = read_history(scratch, timezone=TIMEZONE)
        labels(history, truth)
        doubles(history, truth)
        series(history, truth)
        weeks(history, truth)


if __name__ == "__main__":
    main()
