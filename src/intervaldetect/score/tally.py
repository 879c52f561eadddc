"""The figures of a score, counted over files."""

from __future__ import annotations

import statistics
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from intervaldetect.score.matching import Pairs, Span, count_found, match
from intervaldetect.score.rows import Prediction, Truth

LEVELS = (0.5, 0.75, 0.9)
MIN_HABIT_REPS = 5
"""Matched reps of an athlete from which on the median shift of the edges is a habit."""
BINS = 10

Rows = Sequence[tuple[Truth, Prediction]]


@dataclass(slots=True)
class _Count:
    """Matched, found and true reps."""

    matched: int = 0
    found: int = 0
    true: int = 0

    def add(self, matched: int, found: int, true: int) -> None:
        self.matched += matched
        self.found += found
        self.true += true

    @property
    def f1(self) -> float:
        return _f1(self.matched, self.found, self.true)


@dataclass(slots=True)
class _Reps:
    """What is counted over the files whose reps are known."""

    levels: dict[float, _Count] = field(default_factory=lambda: {each: _Count() for each in LEVELS})
    athletes: defaultdict[str, _Count] = field(default_factory=lambda: defaultdict(_Count))
    start_errors: list[float] = field(default_factory=list)
    end_errors: list[float] = field(default_factory=list)
    files: list[tuple[float, str, int, int]] = field(default_factory=list)
    perfect: int = 0


def score(truths: Sequence[Truth], predictions: Mapping[str, Prediction]) -> dict[str, Any]:
    """Hold predictions against truth.

    Parameters
    ----------
    truths : sequence of Truth
    predictions : mapping of str to Prediction
        By file name. A file without a prediction counts as wrong: no reps found, and for a plain
        run a false workout.

    Returns
    -------
    dict
        The figures by name, as docs/benchmark.md lists them; None where nothing was to be scored.
        ``file_scores`` has F1 at 0.75, name, true and found reps of each file, the worst first.
    """
    missing = [truth.file for truth in truths if truth.file not in predictions]
    rows = [(truth, _predicted(truth, predictions)) for truth in truths]
    return {
        "files": len(truths),
        "missing_predictions": len(missing),
        **_rep_figures([row for row in rows if row[0].reps]),
        **_habit_free([row for row in rows if row[0].reps and row[0].file in predictions]),
        **_main_counts([row for row in rows if row[0].reps and row[0].main_count]),
        **_claims(rows),
        **_labels([row for row in rows if row[0].label]),
    }


def _predicted(truth: Truth, predictions: Mapping[str, Prediction]) -> Prediction:
    nothing = Prediction(workout="none printed" if truth.structured is False else None)
    return predictions.get(truth.file, nothing)


def _rep_figures(rows: Rows) -> dict[str, Any]:
    tally = _Reps()
    for truth, prediction in rows:
        _add_file(tally, truth, prediction.reps)
    edges = [abs(error) for error in tally.start_errors + tally.end_errors]
    at_75 = tally.levels[0.75]
    by_athlete = [count.f1 for count in tally.athletes.values()]
    return {
        "rep_files": len(rows),
        "reps": at_75.true,
        **{f"rep_f1_iou{100 * level:.0f}": round(c.f1, 4) for level, c in tally.levels.items()},
        "rep_precision_iou75": round(at_75.matched / max(at_75.found, 1), 4),
        "rep_recall_iou75": round(at_75.matched / max(at_75.true, 1), 4),
        "rep_f1_iou75_macro_by_athlete": _mean(by_athlete, 4),
        "edge_error_median_s": _quantile(edges, 0.5),
        "edge_error_p90_s": _quantile(edges, 0.9),
        "start_bias_s": _median(tally.start_errors),
        "end_bias_s": _median(tally.end_errors),
        "files_perfect": _share(tally.perfect, len(rows)),
        "file_scores": sorted(tally.files),
    }


def _add_file(tally: _Reps, truth: Truth, found: Sequence[Span]) -> None:
    """Count the reps of one file at each level; edges are taken where reps overlap by half."""
    reps = truth.reps or ()
    for level, count in tally.levels.items():
        pairs = match(reps, found, level)
        counted = count_found(found, pairs, truth.ignore)
        count.add(len(pairs), counted, len(reps))
        if level == 0.5:
            tally.start_errors += _errors(reps, found, pairs, 0)
            tally.end_errors += _errors(reps, found, pairs, 1)
        if level == 0.75:
            tally.athletes[truth.athlete].add(len(pairs), counted, len(reps))
            f1 = _f1(len(pairs), counted, len(reps))
            tally.files.append((f1, truth.file, len(reps), len(found)))
            tally.perfect += len(pairs) == counted == len(reps)


def _errors(reps: Sequence[Span], found: Sequence[Span], pairs: Pairs, edge: int) -> list[float]:
    return [found[j][edge] - reps[i][edge] for i, j in pairs]


def _habit_free(rows: Rows) -> dict[str, Any]:
    """Match again with each athlete's median shift of starts and of ends taken out."""
    count, edges = _Count(), list[float]()
    by_athlete = sorted(rows, key=lambda row: row[0].athlete)
    for _, group in groupby(by_athlete, key=lambda row: row[0].athlete):
        own = list(group)
        start, end = _habit(own)
        for truth, prediction in own:
            reps = [(a + start, b + end) for a, b in truth.reps or ()]
            found = prediction.reps
            pairs = match(reps, found, 0.9)
            count.add(len(pairs), count_found(found, pairs, truth.ignore), len(reps))
            loose = match(reps, found, 0.5)
            both = _errors(reps, found, loose, 0) + _errors(reps, found, loose, 1)
            edges += [abs(error) for error in both]
    return {
        "rep_f1_iou90_habit_free": round(count.f1, 4),
        "edge_error_habit_free_median_s": _quantile(edges, 0.5),
        "edge_error_habit_free_p90_s": _quantile(edges, 0.9),
    }


def _habit(rows: Rows) -> tuple[float, float]:
    """Return by how much one athlete's lap button, or beep, is early or late."""
    starts, ends = list[float](), list[float]()
    for truth, prediction in rows:
        reps = truth.reps or ()
        pairs = match(reps, prediction.reps, 0.5)
        starts += _errors(reps, prediction.reps, pairs, 0)
        ends += _errors(reps, prediction.reps, pairs, 1)
    if len(starts) < MIN_HABIT_REPS:
        return 0.0, 0.0
    return statistics.median(starts), statistics.median(ends)


def _main_counts(rows: Rows) -> dict[str, Any]:
    right = sum(truth.main_count in prediction.counts for truth, prediction in rows)
    return {"main_set_count_exact": _share(right, len(rows))}


def _claims(rows: Rows) -> dict[str, Any]:
    """Count the workouts claimed of plain runs and of structured ones."""
    plain = [p.workout is not None for t, p in rows if t.structured is False]
    planned = [p.workout is not None for t, p in rows if t.structured is True]
    return {
        "negatives": len(plain),
        "false_workouts": _share(sum(plain), len(plain)),
        "structured": len(planned),
        "structured_found": _share(sum(planned), len(planned)),
    }


def _labels(rows: Rows) -> dict[str, Any]:
    answered = [(t.label, p.label, p) for t, p in rows if p.label is not None]
    right = sum(true == given for true, given, _ in answered)
    confusion = Counter((truth.label, prediction.label) for truth, prediction in rows)
    chances = [
        (float(prediction.probabilities[given]), true == given)
        for true, given, prediction in answered
        if prediction.probabilities and given in prediction.probabilities
    ]
    return {
        "labelled": len(rows),
        "label_coverage": _share(len(answered), len(rows)),
        "label_accuracy_answered": _share(right, len(answered)),
        "label_accuracy_all": _share(right, len(rows)),
        "label_ece": _calibration_error(chances),
        "confusion": {f"{a} -> {b}": n for (a, b), n in sorted(confusion.items(), key=str)},
    }


def _calibration_error(chances: Sequence[tuple[float, bool]]) -> float | None:
    """Return the expected calibration error over ten bins of the stated probability."""
    bins: defaultdict[int, list[tuple[float, bool]]] = defaultdict(list)
    for chance, right in chances:
        bins[next((b for b in range(BINS) if chance < (b + 1) / BINS), BINS - 1)].append(
            (chance, right)
        )
    if not chances:
        return None
    gaps = (
        abs(sum(chance for chance, _ in cell) - sum(right for _, right in cell))
        for cell in bins.values()
    )
    return round(sum(gaps) / len(chances), 4)


def _f1(matched: int, found: int, true: int) -> float:
    return 2 * matched / (found + true) if found + true else 1.0


def _quantile(values: Sequence[float], share: float) -> float | None:
    if not values:
        return None
    ordered = sorted(values)
    return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))], 2)


def _median(values: Sequence[float]) -> float | None:
    return round(statistics.median(values), 2) if values else None


def _mean(values: Iterable[float], digits: int) -> float | None:
    kept = list(values)
    return round(statistics.fmean(kept), digits) if kept else None


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
