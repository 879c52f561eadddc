"""Whether what is said of itself is so: probabilities, confidence of reps, errors of edges."""

from __future__ import annotations

import itertools
from collections import defaultdict
from collections.abc import Iterator, Sequence
from statistics import fmean, median
from types import ModuleType
from typing import Any

from benchmarks.accuracy.scoring import Predictions, Row, decimals, table

BOUNDS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
BINS = 10
FEWEST_REPS = 5
"""Of fewer an athlete's habit is not known."""
SIDES = ("start", "end")
Claims = list[tuple[float, bool]]


def beliefs(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Write the section."""
    planned = [
        (found[row["file"]]["structured_probability"], bool(row["structured"]))
        for row in rows
        if row["structured"] is not None and row["file"] in found
    ]
    reps: Claims = []
    for row, own, pairs in _matched(judge, rows, found, 0.75):
        right = {j for _, j in pairs}
        kept = judge.drop_ignored(_spans(own), pairs, row.get("ignore") or [])
        reps += [(own[j]["confidence"], j in right) for j in kept]
    lines = []
    for low, high in itertools.pairwise(BOUNDS):
        cells = []
        for told in (planned, reps):
            inside = [ok for p, ok in told if low <= p < high or high == p == 1.0]
            cells += [f"{len(inside)}", decimals(fmean(inside)) if inside else "-"]
        lines.append((f"{low:.1f}-{high:.1f}", *cells))
    head = ("probability said", "sessions", "planned work", "reps", "right at IoU .75")
    return (
        "## What it says of itself\n\n"
        f"{table(head, lines)}\n\n"
        "Expected calibration error on athletes left out, over ten bins: "
        f"{decimals(calibration_error(planned))} of `structured_probability`, "
        f"{decimals(calibration_error(reps))} of the confidence of reps; .05 is the most allowed.\n"
        f"Probabilities of runs without a claim are printed as at most .6.\n\n"
        f"{_edges(judge, rows, found)}"
    )


def calibration_error(told: Claims) -> float:
    """Return the mean gap between what is said and what is so, over ten bins of probability."""
    bins: dict[int, Claims] = defaultdict(list)
    for p, ok in told:
        bins[min(int(p * BINS), BINS - 1)].append((p, ok))
    gaps = [
        len(inside) * abs(fmean(p for p, _ in inside) - fmean(ok for _, ok in inside))
        for inside in bins.values()
    ]
    return sum(gaps) / max(len(told), 1)


def _edges(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Say how many edges lie within the error stated, as they are and apart from habit."""
    off: dict[str, list[list[tuple[float, float]]]] = defaultdict(lambda: [[], []])
    for row, own, pairs in _matched(judge, rows, found, 0.5):
        for i, j in pairs:
            for k, side in enumerate(SIDES):
                error = own[j][f"{side}_s"] - row["reps"][i][k]
                off[row["athlete"]][k].append((error, own[j][f"{side}_error_s"]))
    plain = [abs(e) <= s for sides in off.values() for side in sides for e, s in side]
    by_athlete = []
    for sides in off.values():
        if len(sides[0]) >= FEWEST_REPS:
            habits = [median(e for e, _ in side) for side in sides]
            by_athlete.append(
                [abs(e - h) <= s for side, h in zip(sides, habits, strict=True) for e, s in side]
            )
    free = [inside for each in by_athlete for inside in each]
    return (
        f"Edges within the standard error stated: {decimals(fmean(free))} apart from each "
        f"athlete's habit, {decimals(fmean(map(fmean, by_athlete)))} macro by athlete "
        f"({len(by_athlete)} with {FEWEST_REPS} reps and more), {decimals(fmean(plain))} with the "
        "habit; .68 is meant."
    )


def _matched(
    judge: ModuleType, rows: Sequence[Row], found: Predictions, level: float
) -> Iterator[tuple[Row, list[dict[str, Any]], list[tuple[int, int]]]]:
    for row in rows:
        if row["reps"] and row["file"] in found:
            own = [s for s in found[row["file"]]["segments"] if s["role"] == "rep"]
            yield row, own, judge.match(row["reps"], _spans(own), level)


def _spans(segments: Sequence[dict[str, Any]]) -> list[tuple[float, float]]:
    return [(s["start_s"], s["end_s"]) for s in segments]
