"""Predictions by the real pipeline, kept in a folder, and the corpus's own score of them."""

from __future__ import annotations

import functools
import importlib.util
import json
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any, Literal

import numpy as np

from benchmarks.accuracy.corpus_runs import corpus, path_of
from benchmarks.accuracy.models import model_of
from intervaldetect.errors import IntervalDetectError
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activities
from intervaldetect.records import Activity
from intervaldetect.structure import Model

Row = dict[str, Any]
Predictions = dict[str, dict[str, Any]]
KEPT = ("path", "workout", "sets", "segments", "structured_probability")
LEVELS = (50, 75, 90)


@dataclass(frozen=True, slots=True)
class Way:
    """How runs are predicted.

    ``folder`` holds what was learned without each fold, None takes what ships; ``without`` is a
    sensor whose recordings are left out.
    """

    folder: Path | None = None
    laps: Literal["ignore", "auto"] = "ignore"
    without: str | None = None


def predict(rows: Sequence[Row], way: Way, kept: Path, jobs: int = 2) -> Predictions:
    """Predict runs, by file; what ``kept`` holds is not predicted again."""
    found: Predictions = {}
    if kept.exists():
        with kept.open(encoding="utf-8") as lines:
            found = {line["file"]: line["found"] for line in map(json.loads, lines)}
    missing = [row for row in rows if row["file"] not in found]
    if missing:
        kept.parent.mkdir(parents=True, exist_ok=True)
        work = functools.partial(_predict, way)
        with kept.open("a", encoding="utf-8") as out, multiprocessing.Pool(jobs) as pool:
            for row, line in zip(missing, pool.imap(work, missing, chunksize=4), strict=True):
                found[row["file"]] = line
                out.write(json.dumps({"file": row["file"], "found": line}) + "\n")
                out.flush()
    return {row["file"]: line for row in rows if (line := found[row["file"]]) is not None}


def _predict(way: Way, row: Row) -> dict[str, Any] | None:
    """Analyse a file; of several parts the one with the most reps counts, as in the score."""
    model = None if way.folder is None else model_of(way.folder, row["fold"])
    lines = [line for a in activities_of(row) if (line := _analysed(a, way, model)) is not None]
    return max(lines, key=lambda line: len(reps_of(line))) if lines else None


def activities_of(row: Row) -> list[Activity]:
    """Read the file of a row, none where that fails."""
    try:
        return list(read_activities(path_of(row)))
    except IntervalDetectError:
        return []


def _analysed(activity: Activity, way: Way, model: Model | None) -> dict[str, Any] | None:
    if way.without is not None:
        unknown = np.full_like(activity.columns[way.without], np.nan)
        activity = replace(activity, columns={**activity.columns, way.without: unknown})
    try:
        told = to_dict(analyse(activity, laps=way.laps, model=model, judge=False))
    except IntervalDetectError:
        return None
    return {key: told[key] for key in KEPT}


def prediction(file: str, spans: Iterable[tuple[float, float]]) -> dict[str, Any]:
    """Return spans as a line of ``summary --json``: a workout is claimed where there are any."""
    reps = [{"role": "rep", "start_s": a, "end_s": b} for a, b in spans]
    return {
        "path": file,
        "segments": reps,
        "workout": f"{len(reps)} efforts" if reps else None,
        "sets": [{"count": len(reps)}] if reps else [],
    }


def reps_of(line: Mapping[str, Any]) -> list[tuple[float, float]]:
    """Return the reps of a prediction."""
    return [(s["start_s"], s["end_s"]) for s in line["segments"] if s["role"] == "rep"]


def score_module(path: Path | None) -> ModuleType:
    """Load the corpus's score, by default from beside the corpus."""
    path = path or corpus().parent / "score" / "score.py"
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def known(rows: Iterable[Row]) -> list[Row]:
    """Return rows with every key that the score reads."""
    return [{"label": None, "kind": None, "main_count": None, **row} for row in rows]


def strong(row: Row) -> bool:
    """Whether a run is known to be plain by more than a rule."""
    return row["structured"] is False and not row.get("weak")


def cell(score: Mapping[str, Any], key: str) -> str:
    """Write a figure of the score for a table."""
    value = score.get(key)
    if value is None:
        return ""
    if key.endswith("_s"):
        return f"{value:.1f}"
    return decimals(value)


def decimals(value: float) -> str:
    """Write a share to three decimals without its zero."""
    return f"{value:.3f}".lstrip("0") if value < 0.9995 else "1"


def f1_cells(score: Mapping[str, Any]) -> str:
    """Write F1 at the three levels."""
    return " / ".join(cell(score, f"rep_f1_iou{level}") for level in LEVELS)


def count_of(share: float | None, whole: int) -> str:
    """Write a share of some as a count, empty of none."""
    return f"{round((share or 0.0) * whole)} of {whole}" if whole else ""


def false_of(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Count plain runs given a workout, those that are plain by a rule only apart."""
    parts = []
    for is_strong, mark in ((True, ""), (False, " weak")):
        plain = [r for r in rows if r["structured"] is False and strong(r) is is_strong]
        if plain:
            score = judge.score(plain, found)
            parts.append(count_of(score["false_workouts"], score["negatives"]) + mark)
    return ", ".join(parts)


def short_figures(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Return F1, macro, false workouts and workouts found, as cells of a table."""
    score = judge.score(known(rows), found)
    return (
        f"{f1_cells(score)} | {cell(score, 'rep_f1_iou75_macro_by_athlete')} "
        f"| {false_of(judge, rows, found)} | {cell(score, 'structured_found')}"
    )


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Write a table in Markdown."""
    rows = ["| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    rows += ["| " + " | ".join(line) + " |" for line in lines]
    return "\n".join(rows)


def groups(rows: Iterable[Row], of: Callable[[Row], str]) -> dict[str, list[Row]]:
    """Sort rows into groups, the largest first."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(of(row), []).append(row)
    return dict(sorted(found.items(), key=lambda item: -len(item[1])))
