"""Real easy runs with stops, strides and hills spliced in: how many are given a workout.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.spliced FOLDER [--seeds 3] [--write]

FOLDER is that of ``detection.py``: each run is read with the nets and the judge that saw nobody of
its fold. The runs are those of `run` and `run2` that two readers call easy or long without planned
work; every one is changed in each way of `WAYS`, its own noise and heart rate left as they are.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from benchmarks.accuracy.corpus_runs import path_of, truth_rows
from benchmarks.accuracy.models import model_of
from benchmarks.accuracy.page import put_section
from intervaldetect.errors import IntervalDetectError
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import Activity, Floats

KINDS = ("easy", "long", "recovery")
STRIDE_S, BETWEEN_S = 20.0, 70.0


def with_stops(activity: Activity, rng: np.random.Generator) -> Activity:
    """Stand still five times, for 20 to 90 s, the clock running."""
    return _at_speed(
        activity, [(at, rng.uniform(20, 90), 0.0) for at in _moments(activity, rng, 5)]
    )


def with_strides(activity: Activity, rng: np.random.Generator) -> Activity:
    """Run five strides of 20 s in the last fifth, each 1.3 to 1.5 times as fast."""
    whole = float(activity.columns["time"][-1])
    first = rng.uniform(0.75, 0.85) * whole
    starts = first + np.arange(5) * (STRIDE_S + BETWEEN_S)
    return _at_speed(activity, [(at, STRIDE_S, rng.uniform(1.3, 1.5)) for at in starts])


def with_hills(activity: Activity, rng: np.random.Generator) -> Activity:
    """Go up and down by 2 to 4 %, a minute to five a hill, slower up and faster down."""
    time = activity.columns["time"]
    period, grade = rng.uniform(120, 600), rng.uniform(0.02, 0.04)
    wave = np.sin(2 * np.pi * time / period)
    moved = np.diff(activity.columns["distance"], prepend=0.0)
    factor = 1.0 - 3.0 * grade * wave
    changed = _with_speed(activity, factor)
    climbed = np.nancumsum(moved * factor * grade * wave)
    altitude = np.nan_to_num(activity.columns["altitude"], nan=100.0) + climbed
    return replace(changed, columns={**changed.columns, "altitude": altitude})


WAYS: dict[str, Callable[[Activity, np.random.Generator], Activity]] = {
    "as recorded": lambda activity, _: activity,
    "stops": with_stops,
    "strides": with_strides,
    "hills": with_hills,
}


def _moments(activity: Activity, rng: np.random.Generator, count: int) -> list[float]:
    whole = float(activity.columns["time"][-1])
    return sorted(rng.uniform(0.1, 0.9, count) * whole)


def _at_speed(activity: Activity, spans: list[tuple[float, float, float]]) -> Activity:
    """Change the speed of spans: begin, seconds, and how many times as fast."""
    time = activity.columns["time"]
    factor = np.ones(time.size)
    for start, seconds, times in spans:
        factor[(time >= start) & (time < start + seconds)] = times
    return _with_speed(activity, factor)


def _with_speed(activity: Activity, factor: Floats) -> Activity:
    """Move as many times as fast; positions, which would contradict, are left out."""
    columns = dict(activity.columns)
    moved = np.diff(np.nan_to_num(columns["distance"]), prepend=0.0) * factor
    columns["distance"] = np.where(np.isnan(columns["distance"]), np.nan, np.cumsum(moved))
    columns["speed"] = columns["speed"] * factor
    for name in ("latitude", "longitude"):
        columns[name] = np.full(factor.size, np.nan)
    return replace(activity, columns=columns)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="write into docs/accuracy.md")
    options = parser.parse_args()
    rows = [
        row
        for row in truth_rows("run", "run2")
        if row["structured"] is False and row["kind"] in KINDS
    ]
    given, runs = dict.fromkeys(WAYS, 0), 0
    for row in rows:
        try:
            activity = read_activity(path_of(row))
        except IntervalDetectError:
            continue
        if np.isnan(activity.columns["distance"]).mean() > 0.5:
            continue
        runs += 1
        for name, change in WAYS.items():
            claims = []
            for seed in range(options.seeds if name != "as recorded" else 1):
                changed = change(activity, np.random.default_rng(seed))
                found = analyse(changed, laps="ignore", model=model_of(options.folder, row["fold"]))
                claims.append(bool(found.workout.sets))
            given[name] += sum(claims)
    lines = ["| changed by | runs | given a workout |", "|---|---|---|"]
    for name, count in given.items():
        many = runs * (options.seeds if name != "as recorded" else 1)
        lines.append(f"| {name} | {many} | {count} |")
    text = "\n".join(lines)
    print(text)
    if options.write:
        put_section("spliced", text)


if __name__ == "__main__":
    main()
