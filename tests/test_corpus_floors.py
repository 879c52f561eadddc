"""Floors of detection on the corpus: what ships, laps hidden, on a seeded part of the runs.

What ships has seen these athletes, so that the figures flatter; `docs/accuracy.md` has those of
athletes left out. Here a change that costs a good part of them is caught.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from tests.effort import sampled

ONE_IN = 8
SETS = {"run": "truth.jsonl", "run2": "run2_truth.jsonl"}
FOUND, FALSE, HIT, PRECISE = 0.88, 0.06, 0.87, 0.92
OVERLAP = 0.75


class Counts(NamedTuple):
    """Reps of the truth, of those found, and both; workouts and plain runs, and those claimed."""

    true: int
    said: int
    hit: int
    workouts: int
    found: int
    plain: int
    false: int


def overlap(one: tuple[float, float], other: tuple[float, float]) -> float:
    both = min(one[1], other[1]) - max(one[0], other[0])
    return max(both, 0.0) / (max(one[1], other[1]) - min(one[0], other[0]))


def count(row: dict[str, Any], reps: list[tuple[float, float]], claimed: bool) -> Counts:
    """Count one run; efforts that nobody lapped neither help nor harm."""
    truth, ignore = row["reps"] or [], row["ignore"] or []
    hit = sum(any(overlap(true, rep) >= OVERLAP for rep in reps) for true in truth)
    inside = [
        r for r in reps if any(min(r[1], b) - max(r[0], a) > 0.5 * (r[1] - r[0]) for a, b in ignore)
    ]
    said = len([rep for rep in reps if rep not in inside]) if truth else 0
    structured, plain = row["structured"] is True, row["structured"] is False
    return Counts(
        len(truth), said, hit, structured, structured and claimed, plain, plain and claimed
    )


@pytest.mark.corpus
def test_detection_keeps_its_floors(corpus: Path) -> None:
    rows = [
        (name, json.loads(line))
        for name, file in SETS.items()
        for line in (corpus / file).read_text(encoding="utf-8").splitlines()
    ]
    counts = []
    for name, row in sampled(rows, ONE_IN):
        workout = analyse(read_activity(corpus / name / row["file"]), laps="ignore").workout
        reps = [(s.start_s, s.end_s) for s in workout.segments if s.role == "rep"]
        counts.append(count(row, reps, bool(workout.sets)))
    total = Counts(*map(sum, zip(*counts, strict=True)))
    assert total.workouts > 20
    assert total.found >= FOUND * total.workouts, total
    assert total.false <= max(1, FALSE * total.plain), total
    assert total.hit >= HIT * total.true, total
    assert total.hit >= PRECISE * total.said, total
