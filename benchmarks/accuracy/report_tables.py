"""Tables of ``docs/accuracy.md`` by athlete, kind, device, length of rep, and of other formats."""

from __future__ import annotations

import ast
import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from statistics import median
from types import ModuleType

import numpy as np

import intervaldetect.structure
from benchmarks.accuracy.corpus_runs import corpus
from benchmarks.accuracy.models import model_of
from benchmarks.accuracy.scoring import (
    Predictions,
    Row,
    activities_of,
    cell,
    count_of,
    f1_cells,
    false_of,
    groups,
    known,
    reps_of,
    table,
)
from intervaldetect.errors import IntervalDetectError
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activities
from intervaldetect.records import Activity

LENGTHS_S = ((0, 45), (45, 120), (120, 300), (300, 600), (600, 1e9))
PARTS = ((0.0, 0.5, "stood or walked"), (0.5, 0.75, "jogged"), (0.75, 0.85, "brisk"),
         (0.85, 9.0, "float of .85 and more"))  # fmt: skip
"""Recoveries by their speed over that of the reps."""
FEWEST_RUNS = 8
"""Groups of fewer runs are shown together."""


def by_group(
    judge: ModuleType,
    rows: Sequence[Row],
    found: Predictions,
    title: str,
    of: Callable[[Row], str],
    *,
    keep_reps: bool = False,
) -> str:
    """Write a table with a line for each group, for small ones if they have reps to be shown."""
    named = groups(rows, of)
    small = [
        name
        for name, own in named.items()
        if len(own) < FEWEST_RUNS and not (keep_reps and _reps(own))
    ]
    others = [row for name in small for row in named.pop(name)]
    if others:
        named[f"{len(small)} others"] = others
    lines = []
    for name, own in named.items():
        score = judge.score(own, found)
        has = bool(score["reps"])
        lines.append(
            (
                name,
                f"{len(own)}",
                f"{score['reps'] or ''}",
                f1_cells(score) if has else "",
                cell(score, "files_perfect") if has else "",
                cell(score, "edge_error_habit_free_median_s") if has else "",
                count_of(score["structured_found"], score["structured"]),
                false_of(judge, own, found),
            )
        )
    head = ("", "files", "reps", "F1 .5 / .75 / .9", "files perfect", "edges, habit-free (s)",
            "workouts found", "plain runs with one")  # fmt: skip
    return f"## {title}\n\n{table(head, lines)}"


def _reps(rows: Iterable[Row]) -> int:
    return sum(len(row["reps"] or ()) for row in rows)


def kind_of(row: Row) -> str:
    """Name the kind of session that readers saw, or what is known by rule."""
    if row["kind"]:
        return str(row["kind"])
    if row["set"] != "run3":
        return "not agreed"
    known_as = {True: "steps or laps carried out", False: "smooth", None: "unlabelled"}
    return f"`run3`: {known_as[row['structured']]}"


def device_of(row: Row) -> str:
    """Name the maker's device in one spelling."""
    text = str(row.get("device") or "unknown").lower().replace("_", " ")
    within = re.search(r"\['(.+)'\]", text)
    words = (within[1] if within else text).removeprefix("development ").split()
    return " ".join(word for k, word in enumerate(words) if word not in words[:k])


def by_length(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Write how many reps of each length are found, by the speed of the recoveries beside them."""
    hits: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for row in rows:
        if not row["reps"] or row["file"] not in found:
            continue
        spans = reps_of(found[row["file"]])
        part = _index(PARTS, recovery_share(row))
        reps = [tuple(rep) for rep in row["reps"]]
        right = {level: dict(judge.match(reps, spans, level / 100)) for level in (75, 90)}
        for k, (start, end) in enumerate(reps):
            counted = hits[_index(LENGTHS_S, end - start), part]
            counted["reps"] += 1
            for level, pairs in right.items():
                counted[f"{level}"] += k in pairs
    lines = []
    for length, (low, high) in enumerate(LENGTHS_S):
        cells = []
        for part in (*range(len(PARTS)), len(PARTS)):
            counted = hits[length, part]
            n = counted["reps"]
            shares = " / ".join(f"{counted[f'{lv}'] / n:.2f}" for lv in (75, 90)) if n else ""
            cells.append(f"{shares} of {n}" if n else "")
        name = f"{low}-{high:.0f} s" if high < 1e8 else f"{low} s and more"
        lines.append((name, *cells))
    head = ("reps", *(name for _, _, name in PARTS), "no recovery")
    return (
        "## By length of rep and speed of recovery\n\n"
        "Share of the true reps found at IoU .75 / .9, by their own length and the median speed of "
        "the session's recoveries over that of its reps (under .5, .5-.75, .75-.85, more).\n\n"
        f"{table(head, lines)}"
    )


def _index(bounds: Sequence[tuple[float, ...]], value: float | None) -> int:
    if value is None:
        return len(bounds)
    return next((k for k, (low, high, *_) in enumerate(bounds) if low <= value < high), len(bounds))


def recovery_share(row: Row) -> float | None:
    """Return the speed of a session's recoveries over that of its reps, None of a single rep."""
    if row.get("contrast"):
        return 1.0 / float(row["contrast"])
    return row.get("recovery_share")


def other_formats(judge: ModuleType, rows: Sequence[Row], ours: Predictions, folder: Path) -> str:
    """Compare GPX twins with the FIT files they were exported from, and show rides by power."""
    lines = []
    for name, title in (("gpx", "GPX, exported from FIT"), ("ride", "rides by power")):
        text = (corpus() / f"{name}_truth.jsonl").read_text(encoding="utf-8")
        truth = known(json.loads(line) for line in text.splitlines())
        twins = {row["file"]: _twin(row, rows) for row in truth}
        found = {
            row["file"]: line
            for row in truth
            if (line := _predicted(corpus() / name / row["file"], folder, twins[row["file"]]))
        }
        lines.append(_format_line(judge, title, truth, found))
        if name == "gpx":
            same = [twin for twin in twins.values() if twin is not None]
            lines.append(_format_line(judge, "the same sessions in FIT", same, ours))
    head = ("", "files", "reps", "F1 .5 / .75 / .9")
    return f"## Other formats, and rides\n\n{table(head, lines)}"


def _predicted(path: Path, folder: Path, twin: Row | None) -> dict[str, object] | None:
    """Analyse a file with what was learned without its athlete, where that is known."""
    model = None if twin is None else model_of(folder, twin["fold"])
    lines = []
    for activity in read_activities(path):
        try:
            lines.append(to_dict(analyse(activity, laps="ignore", model=model, judge=False)))
        except IntervalDetectError:
            continue
    return max(lines, key=lambda line: len(reps_of(line))) if lines else None


def _format_line(
    judge: ModuleType, name: str, truth: Sequence[Row], found: Predictions
) -> tuple[str, ...]:
    score = judge.score(truth, found)
    return name, f"{len(truth)}", f"{score['reps']}", f1_cells(score)


def _twin(row: Row, rows: Iterable[Row]) -> Row | None:
    """Return the FIT run with the same reps, to two seconds; the export names another athlete."""
    for other in rows:
        reps = other["reps"] or []
        if row["reps"] and len(reps) == len(row["reps"]) and np.allclose(reps, row["reps"], atol=2):
            return other
    return None


def unfitted_constants() -> str:
    """List the constants of ``structure/`` by module; none of them was fitted by fold."""
    lines = []
    for file in sorted(Path(intervaldetect.structure.__file__).parent.glob("*.py")):
        names = [
            target.id
            for node in ast.parse(file.read_text(encoding="utf-8")).body
            if isinstance(node, ast.Assign | ast.AnnAssign)
            for name in (node.targets if isinstance(node, ast.Assign) else [node.target])
            for target in (name.elts if isinstance(name, ast.Tuple) else [name])
            if isinstance(target, ast.Name) and target.id.isupper() and target.id[0] != "_"
        ]
        if names:
            lines.append(f"- `{file.stem}`: {', '.join(f'`{name}`' for name in names)}")
    return "\n".join(lines)


def with_recovery_shares(rows: Sequence[Row]) -> list[Row]:
    """Add how fast the recoveries were, over the reps, where the truth does not say it."""
    out = []
    for row in rows:
        share = None
        if len(row["reps"] or ()) > 1 and not row.get("contrast"):
            share = max((_share(a, row["reps"]) for a in activities_of(row)[:1]), default=None)
        out.append({**row, "recovery_share": share})
    return out


def _share(activity: Activity, reps: Sequence[Sequence[float]]) -> float:
    columns = activity.columns
    known_at = np.isfinite(columns["distance"])
    time, metres = columns["time"][known_at], columns["distance"][known_at]
    edges = np.array(reps, dtype=np.float64).ravel()
    if time.size < 2:
        return 0.0
    speed = np.diff(np.interp(edges, time, metres)) / np.maximum(np.diff(edges), 1.0)
    return median(speed[1::2].tolist()) / max(median(speed[::2].tolist()), 0.1)
