"""A score in words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any


def score_lines(result: Mapping[str, Any], worst: int = 0) -> Iterator[str]:
    """Yield the lines that say a score to people; what was not scored is left out.

    Parameters
    ----------
    result : mapping
        As `score` returns it.
    worst : int
        How many of the files with the lowest F1 are listed.
    """
    yield _row("files", str(result["files"]), _without(result["missing_predictions"]))
    if result["rep_files"]:
        yield from _rep_lines(result)
    if result["structured"]:
        yield _row("workouts found", _percent(result["structured_found"]), result["structured"])
    if result["negatives"]:
        yield _row("false workouts", _percent(result["false_workouts"]), result["negatives"])
    if result["labelled"]:
        answered = result["label_accuracy_answered"]
        yield _row("labels given", _percent(result["label_coverage"]), result["labelled"])
        if answered is not None:
            yield _row("of these right", _percent(answered))
    for f1, name, true, found in result["file_scores"][:worst]:
        yield f"  F1 {f1:.2f}  {true} true, {found} found  {name}"


def _rep_lines(result: Mapping[str, Any]) -> Iterator[str]:
    for level in (50, 75, 90):
        note = f"{result['reps']} reps in {result['rep_files']} files" if level == 50 else None
        yield _row(f"rep F1, overlap {level} %", f"{result[f'rep_f1_iou{level}']:.3f}", note)
    yield _row("precision at 75 %", f"{result['rep_precision_iou75']:.3f}")
    yield _row("recall at 75 %", f"{result['rep_recall_iou75']:.3f}")
    yield _row("F1 at 75 %, by athlete", f"{result['rep_f1_iou75_macro_by_athlete']:.3f}")
    if result["edge_error_median_s"] is not None:
        p90 = f"90 % within {result['edge_error_p90_s']:g} s"
        yield _row("edge error, median", f"{result['edge_error_median_s']:g} s", p90)
    if result["main_set_count_exact"] is not None:
        yield _row("main set's count right", _percent(result["main_set_count_exact"]))
    yield _row("files without an error", _percent(result["files_perfect"]))


def _row(name: str, value: str, note: object = None) -> str:
    tail = "" if note is None else f"  of {note}" if isinstance(note, int) else f"  {note}"
    return f"{name:<24}{value:>8}{tail}"


def _without(missing: int) -> str | None:
    return f"{missing} without a prediction, counted as wrong" if missing else None


def _percent(share: float) -> str:
    return f"{100.0 * share:.1f} %"
