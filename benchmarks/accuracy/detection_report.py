"""Everything that is measured of detection on the corpus, as the page ``docs/accuracy.md``.

    INTERVALDETECT_CORPUS=... python benchmarks/accuracy/detection_report.py --write
        [--score score.py] [--peer-python PYTHON]

Predicts every run with weights fitted without its athlete, with the shipped weights, with laps, and
with four plain baselines, and scores all of them with the corpus's own score. ``--peer-python``
names an interpreter that has sport-activities-features (it pins an old gpxpy, so it cannot live
beside this project). About five minutes on one core; set OMP_NUM_THREADS=1.
"""

from __future__ import annotations

import argparse
import importlib.util
import itertools
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from baselines import device_laps, heart_rate_bar, prediction, predictions, speed_bar, two_levels
from detection import left_out
from detection_fit import corpus, real_samples, simulated_samples, truth_rows
from worst_files import WHY

from intervaldetect.contract import to_dict
from intervaldetect.errors import IntervalDetectError
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activities
from intervaldetect.records import Activity
from intervaldetect.structure.choice import Weights, shipped_weights

PAGE = Path(__file__).resolve().parents[2] / "docs" / "accuracy.md"
Row = Mapping[str, Any]
Predictions = dict[str, dict[str, Any]]
OURS, SHIPPED, WITH_LAPS = (
    "athletes left out",
    "shipped weights, athletes seen",
    "with `--laps auto`",
)
LENGTHS_S = ((0, 45), (45, 120), (120, 300), (300, 600), (600, 1e9))
BELIEFS = (0.0, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
WORST = 10

HEAD = """# Accuracy of detection

    INTERVALDETECT_CORPUS=... python benchmarks/accuracy/detection_report.py --write

writes this page. Truth is the reps that athletes marked with the lap button; laps are hidden from
the detector unless said otherwise. *Athletes left out* are the figures that count: each file is
read with weights fitted without any file of its athlete. *Shipped weights* have seen these
athletes. The prototype's figures are quoted from the measurements that the project started from.
Labels have [a page of their own](accuracy-labels.md).
"""

LIMITS = """## What limits it

- **Tempo runs without easy running on both sides** look like the steady runs of other athletes, of
  which the corpus has many: only the athlete's threshold tells them apart. They are found where the
  threshold is given, where they are faster than 3:20/km, or by a clear step at their start; else
  label and kind say so (`tempo`), and no reps are claimed.
- **Edges.** Athletes press before or after they start, some 2 s early, some 2 s late, each rather
  steadily; half a minute after a start in a few sessions. Where neither reps nor recoveries are of
  round size nothing tells. [Simulated](accuracy-simulated.md) edges, whose truth is known, are off
  by 0.2 s in FIT.
- **Hills.** Three files of one athlete have their presses on the way down.
- **Strides or reps.** Sets of 15-20 s with a minute between are taken for strides, as which they
  are run more often.
- **GPX without distance** is read by its speed field, which the device smooths: edges 3.6 s off.
- **Laps** with `--laps auto` are believed where they alternate fast and slow; on plain runs
  somebody pressed them so as well.
- Ten athletes of the corpus have reps, three of them few. Other athletes are the test.

Simulated sessions have [a page of their own](accuracy-simulated.md).
"""

PROTOTYPE = {
    "rep_f1_iou50": ".76", "rep_f1_iou75": ".73", "rep_f1_iou90": ".66",
    "rep_f1_iou75_macro_by_athlete": ".60", "edge_error_median_s": "1.6", "edge_error_p90_s": "6",
    "main_set_count_exact": ".33", "files_perfect": ".40", "false_workouts": "8",
    "structured_found": ".65",
}  # fmt: skip
FLOORS = {
    "rep_f1_iou50": ".94", "rep_f1_iou75": ".91", "rep_f1_iou90": ".83",
    "rep_f1_iou75_macro_by_athlete": ".88", "edge_error_median_s": "1.3", "edge_error_p90_s": "4",
    "start_bias_s": "1", "end_bias_s": "1", "main_set_count_exact": ".75", "files_perfect": ".68",
    "false_workouts": "2", "structured_found": ".95",
}  # fmt: skip
MEASURES = {
    "rep_f1_iou50": "rep F1 at IoU .5",
    "rep_f1_iou75": "rep F1 at IoU .75",
    "rep_f1_iou90": "rep F1 at IoU .9",
    "rep_f1_iou75_macro_by_athlete": "the same at .75, macro by athlete",
    "edge_error_median_s": "edge error, median (s)",
    "edge_error_p90_s": "edge error, p90 (s)",
    "start_bias_s": "bias of starts (s)",
    "end_bias_s": "bias of ends (s)",
    "main_set_count_exact": "main set count exact",
    "files_perfect": "files perfect at IoU .75",
    "false_workouts": "plain runs given a workout",
    "structured_found": "true workouts found",
}


def main() -> int:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--score", type=Path, help="the corpus's score.py")
    parser.add_argument("--peer-python", type=Path, help="has sport-activities-features")
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    options = parser.parse_args()
    judge = _module(options.score or corpus().parent / "score" / "score.py")
    page = report(judge, options.peer_python)
    print(page)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")
    return 0


def report(judge: ModuleType, peer_python: Path | None) -> str:
    """Predict and score everything, and write the page."""
    rows = truth_rows()
    samples = real_samples() + simulated_samples()
    parts = {row["file"]: read_activities(corpus() / "run" / row["file"]) for row in rows}
    first = {file: activities[0] for file, activities in parts.items()}
    folds = {sample.athlete: weights for sample, weights in left_out(samples)}
    shipped = shipped_weights()
    without = {row["file"]: folds.get(row["athlete"], shipped) for row in rows}
    ways: dict[str, Predictions] = {
        OURS: predict(parts, without),
        SHIPPED: predict(parts, dict.fromkeys(parts, shipped)),
        WITH_LAPS: predict(parts, without, laps="auto"),
    }
    plain = {
        "bar on speed": predictions(speed_bar, first),
        "KernelCPD, two levels": predictions(two_levels, first),
        "device laps as they are": predictions(device_laps, first),
    }
    if peer_python is not None:
        beats = heart_rate_bar(first, peer_python)
        plain["bar on heart rate"] = {file: prediction(file, s) for file, s in beats.items()}
    ours = ways[OURS]
    return "\n".join(
        [
            HEAD,
            _overall(judge, rows, {**ways, **plain}),
            _groups(judge, rows, ours, "By athlete", lambda row: str(row["athlete"])),
            _groups(judge, rows, ours, "By kind of session", lambda row: str(row["kind"] or "-")),
            _groups(judge, rows, ours, "By device", _maker),
            _lengths(judge, rows, ours),
            _other_formats(judge, rows, ours, folds, shipped),
            _without_sensors(judge, rows, parts, without, ours),
            _beliefs(judge, rows, ours),
            _worst(judge, rows, ours),
            LIMITS,
        ]
    )


def predict(
    parts: Mapping[str, Sequence[Activity]], weights: Mapping[str, Weights], laps: str = "ignore"
) -> Predictions:
    """Analyse every file; of several parts the one with the most reps counts, as in the score."""
    out: Predictions = {}
    for file, activities in parts.items():
        lines = []
        for activity in activities:
            try:
                found = analyse(activity, laps=laps, weights=weights[file])  # type: ignore[arg-type]
            except IntervalDetectError:
                continue
            lines.append(to_dict(found))
        if lines:
            out[file] = max(lines, key=lambda line: len(_reps(line)))
    return out


def _reps(line: Row) -> list[tuple[float, float]]:
    return [(s["start_s"], s["end_s"]) for s in line["segments"] if s["role"] == "rep"]


def _overall(judge: ModuleType, rows: Sequence[Row], ways: Mapping[str, Predictions]) -> str:
    scores = {name: judge.score(rows, found) for name, found in ways.items()}
    head = ["| laps hidden | prototype | floor | " + " | ".join(scores) + " |"]
    head.append("|---" * (len(scores) + 3) + "|")
    for key, name in MEASURES.items():
        cells = [_cell(key, score) for score in scores.values()]
        head.append(
            f"| {name} | {PROTOTYPE.get(key, '')} | {FLOORS[key]} | " + " | ".join(cells) + " |"
        )
    score = next(iter(scores.values()))
    counts = (
        f"\n{score['rep_files']} files with {score['reps']} reps, {score['structured']} workouts, "
        f"{score['negatives']} plain runs."
    )
    return "\n".join([*head, counts, ""])


def _cell(key: str, score: Row) -> str:
    value = score[key]
    if value is None:
        return ""
    if key == "false_workouts":
        return f"{round(value * score['negatives'])}"
    if key.endswith("_s"):
        return f"{value:.1f}"
    return f"{value:.3f}".lstrip("0") if value < 1 else "1"


def _groups(
    judge: ModuleType, rows: Sequence[Row], found: Predictions, title: str, of: Callable[[Row], str]
) -> str:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[of(row)].append(row)
    lines = [
        f"## {title}",
        "",
        "| | files | reps | F1 .5 / .75 / .9 | files perfect | edges (s) "
        "| workouts found | plain runs with one |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name in sorted(groups, key=lambda name: -len(groups[name])):
        score = judge.score(groups[name], found)
        f1 = " / ".join(_cell(f"rep_f1_iou{level}", score) for level in (50, 75, 90))
        has = bool(score["reps"])
        told = round((score["structured_found"] or 0) * score["structured"])
        false = round((score["false_workouts"] or 0) * score["negatives"])
        lines.append(
            f"| {name} | {len(groups[name])} | {score['reps'] or ''} | {f1 if has else ''} "
            f"| {_cell('files_perfect', score) if has else ''} "
            f"| {_cell('edge_error_median_s', score) if has else ''} "
            f"| {_of(told, score['structured'])} | {_of(false, score['negatives'])} |"
        )
    return "\n".join([*lines, ""])


def _of(part: int, whole: int) -> str:
    return f"{part} of {whole}" if whole else ""


def _maker(row: Row) -> str:
    """Name the device as the corpus does; rare ones together by their maker."""
    name = str(row["device"] or "unknown")
    return name if name in COMMON else f"{name.split(maxsplit=1)[0]}, others"


COMMON: set[str] = {
    "coros 804", "coros 802", "garmin fr255", "garmin fr265_large", "garmin fr935",
    "garmin vivo_active4_oled_asia", "garmin vivoactive3",
}  # fmt: skip


def _lengths(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Recall by the length of the true rep, precision by that of the found one."""
    lines = [
        "## By length of rep",
        "",
        "| length | reps | found at IoU .5 / .75 / .9 | of those claimed, right at .75 |",
        "|---|---|---|---|",
    ]
    for low, high in LENGTHS_S:
        true = claimed = right = 0
        hits = dict.fromkeys((0.5, 0.75, 0.9), 0)
        for row in rows:
            if not row["reps"]:
                continue
            reps = [tuple(rep) for rep in row["reps"]]
            spans = _reps(found[row["file"]]) if row["file"] in found else []
            true += sum(low <= b - a < high for a, b in reps)
            for level in hits:
                pairs = judge.match(reps, spans, level)
                hits[level] += sum(low <= reps[i][1] - reps[i][0] < high for i, _ in pairs)
                if level == 0.75:
                    kept = judge.drop_ignored(spans, pairs, row.get("ignore") or [])
                    claimed += sum(low <= spans[j][1] - spans[j][0] < high for j in kept)
                    right += sum(low <= spans[j][1] - spans[j][0] < high for _, j in pairs)
        name = f"{low}-{high:.0f} s" if high < 1e8 else f"{low} s and more"
        shares = " / ".join(_share(hit, true) for hit in hits.values())
        lines.append(f"| {name} | {true} | {shares} | {_share(right, claimed)} |")
    return "\n".join([*lines, ""])


def _share(part: int, whole: int) -> str:
    return f"{part / whole:.2f}" if whole else "-"


def _other_formats(
    judge: ModuleType,
    rows: Sequence[Row],
    ours: Predictions,
    folds: Mapping[str, Weights],
    shipped: Weights,
) -> str:
    """GPX twins beside the FIT files they were exported from, and rides by power."""
    lines = [
        "## Other formats, and rides",
        "",
        "| | files | reps | F1 .5 / .75 / .9 |",
        "|---|---|---|---|",
    ]
    for folder, name in (("gpx", "GPX, exported from FIT"), ("ride", "rides by power")):
        truth = truth_rows(f"{folder}_truth.jsonl")
        parts = {row["file"]: read_activities(corpus() / folder / row["file"]) for row in truth}
        twins = {row["file"]: _twin(row, rows) or row for row in truth}
        weights = {file: folds.get(twin["athlete"], shipped) for file, twin in twins.items()}
        lines.append(_format_row(judge, name, truth, predict(parts, weights)))
        if folder == "gpx":
            known = [twin for file, twin in twins.items() if twin["file"] != file]
            lines.append(_format_row(judge, "the same sessions in FIT", known, ours))
    return "\n".join([*lines, ""])


def _without_sensors(
    judge: ModuleType,
    rows: Sequence[Row],
    parts: Mapping[str, Sequence[Activity]],
    weights: Mapping[str, Weights],
    ours: Predictions,
) -> str:
    """The same files as a watch without heart rate, or without cadence, would have written them."""
    lines = [
        "## Without a sensor",
        "",
        "Every file again, with what one sensor recorded left out.",
        "",
        "| | F1 .5 / .75 / .9 | at .75, macro | main set count exact | workouts found "
        "| plain runs with one |",
        "|---|---|---|---|---|---|",
    ]
    for name, sensor in (
        ("as recorded", None),
        ("without heart rate", "heart_rate"),
        ("without cadence", "cadence"),
        ("without altitude", "altitude"),
    ):
        found = ours
        if sensor is not None:
            poorer = {
                file: [_without(activity, sensor) for activity in activities]
                for file, activities in parts.items()
            }
            found = predict(poorer, weights)
        score = judge.score(rows, found)
        f1 = " / ".join(_cell(f"rep_f1_iou{level}", score) for level in (50, 75, 90))
        told = round(score["structured_found"] * score["structured"])
        false = round(score["false_workouts"] * score["negatives"])
        lines.append(
            f"| {name} | {f1} | {_cell('rep_f1_iou75_macro_by_athlete', score)} "
            f"| {_cell('main_set_count_exact', score)} | {_of(told, score['structured'])} "
            f"| {_of(false, score['negatives'])} |"
        )
    return "\n".join([*lines, ""])


def _without(activity: Activity, sensor: str) -> Activity:
    unknown = np.full_like(activity.columns[sensor], np.nan)
    return replace(activity, columns={**activity.columns, sensor: unknown})


def _format_row(judge: ModuleType, name: str, truth: Sequence[Row], found: Predictions) -> str:
    full = [{"main_count": None, "main_reps": None, **row} for row in truth]
    score = judge.score(full, found)
    f1 = " / ".join(_cell(f"rep_f1_iou{level}", score) for level in (50, 75, 90))
    return f"| {name} | {len(full)} | {score['reps']} | {f1} |"


def _twin(row: Row, rows: Iterable[Row]) -> Row | None:
    """Return the FIT run with the same reps, to two seconds; the export names another athlete."""
    for other in rows:
        reps = other["reps"] or []
        if len(reps) == len(row["reps"]) and np.allclose(reps, row["reps"], atol=2.0):
            return other
    return None


def _beliefs(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    """Whether probabilities and errors of edges mean what they say."""
    claims: list[tuple[float, bool]] = []
    reps: list[tuple[float, bool]] = []
    edges: list[tuple[str, bool]] = []
    for row in rows:
        line = found.get(row["file"])
        if line is None:
            continue
        if row["structured"] is not None:
            claims.append((line["structured_probability"], bool(row["structured"])))
        if not row["reps"]:
            continue
        own = [s for s in line["segments"] if s["role"] == "rep"]
        spans = [(s["start_s"], s["end_s"]) for s in own]
        true = [tuple(rep) for rep in row["reps"]]
        pairs = judge.match(true, spans, 0.75)
        right = {j for _, j in pairs}
        kept = judge.drop_ignored(spans, pairs, row.get("ignore") or [])
        reps += [(own[j]["confidence"], j in right) for j in kept]
        for i, j in pairs:
            for side, name in enumerate(("start", "end")):
                off = abs(spans[j][side] - true[i][side])
                edges.append((row["athlete"], off <= own[j][f"{name}_error_s"]))
    lines = [
        "## What it says of itself",
        "",
        "| probability said | sessions | planned work | reps | right at IoU .75 |",
        "|---|---|---|---|---|",
    ]
    for low, high in itertools.pairwise(BELIEFS):
        a, b = (
            [ok for p, ok in told if low <= p < high or (high == p == 1.0)]
            for told in (claims, reps)
        )
        lines.append(
            f"| {low:.1f}-{high:.1f} | {len(a)} | {_share(sum(a), len(a))} "
            f"| {len(b)} | {_share(sum(b), len(b))} |"
        )
    by_athlete = defaultdict(list)
    for athlete, inside in edges:
        by_athlete[athlete].append(inside)
    macro = float(np.mean([np.mean(each) for each in by_athlete.values()]))
    lines += [
        "",
        f"Edges within the standard error stated: {np.mean([ok for _, ok in edges]):.2f} of all, "
        f"{macro:.2f} macro by athlete; .68 is meant.",
        "",
    ]
    return "\n".join(lines)


def _worst(judge: ModuleType, rows: Sequence[Row], found: Predictions) -> str:
    lines = [
        "## The ten worst files",
        "",
        "| file | reps | found | F1 at .75 | why |",
        "|---" * 5 + "|",
    ]
    for each in judge.score(rows, found, worst=WORST)["worst_files"]:
        name = Path(each["file"]).stem
        lines.append(
            f"| {name} | {each['reps']} | {each['found']} | {each['f1_iou75']:.2f} "
            f"| {WHY.get(name, 'not looked into')} |"
        )
    return "\n".join([*lines, ""])


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None:
        sys.exit(f"{path} is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


if __name__ == "__main__":
    sys.exit(main())
