"""Everything that is measured of detection on the corpus, as the page ``docs/accuracy.md``.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.detection_report FOLDER [--write]
        [--before FILE] [--peer-python PYTHON] [--chiptime-python PYTHON] [--jobs 2]

FOLDER is that of `benchmarks.accuracy.detection`. Every run is predicted by the whole pipeline with
the nets and the judge of its fold, with what ships, with laps and with a sensor left out, and by
plain baselines; all are scored with the corpus's own score. FILE holds what an earlier version
printed of the same runs. ``--peer-python`` and ``--chiptime-python`` name interpreters that have
sport-activities-features and chiptime. Predictions are kept in FOLDER.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import ModuleType

from benchmarks.accuracy.ablation import read_before
from benchmarks.accuracy.baselines import BASELINES, chiptime, heart_rate_bar, run_baseline
from benchmarks.accuracy.beliefs import beliefs
from benchmarks.accuracy.corpus_runs import SETS, truth_rows
from benchmarks.accuracy.models import ALL, FOLDS, digest, judge_file, net_file, seeds_in
from benchmarks.accuracy.page import PAGE, section
from benchmarks.accuracy.report_tables import (
    by_group,
    by_length,
    device_of,
    kind_of,
    other_formats,
    unfitted_constants,
    with_recovery_shares,
)
from benchmarks.accuracy.report_texts import HEAD, LIMITS, PROTOCOL
from benchmarks.accuracy.scoring import (
    Predictions,
    Row,
    Way,
    cell,
    count_of,
    false_of,
    known,
    predict,
    score_module,
    short_figures,
    table,
)

MEASURES = {
    "rep_f1_iou50": ("rep F1 at IoU .5", ".95", ".97"),
    "rep_f1_iou75": ("rep F1 at IoU .75", ".92", ".95"),
    "rep_f1_iou90": ("rep F1 at IoU .9", ".86", ".90"),
    "rep_f1_iou90_habit_free": ("the same, free of habit", ".88", ".93"),
    "rep_f1_iou75_macro_by_athlete": ("at .75, macro by athlete", ".91", ".94"),
    "rep_precision_iou75": ("precision at .75", "", ""),
    "rep_recall_iou75": ("recall at .75", "", ""),
    "edge_error_median_s": ("edge error, median (s)", "", ""),
    "edge_error_p90_s": ("edge error, p90 (s)", "", ""),
    "edge_error_habit_free_median_s": ("the same free of habit, median (s)", "0.9", "0.7"),
    "edge_error_habit_free_p90_s": ("the same free of habit, p90 (s)", "3.5", "2"),
    "start_bias_s": ("bias of starts (s)", "", ""),
    "end_bias_s": ("bias of ends (s)", "", ""),
    "main_set_count_exact": ("main set count exact", ".80", ".90"),
    "files_perfect": ("files perfect at IoU .75", ".75", ".85"),
    "false": ("plain runs given a workout", ".03", ".01"),
    "structured_found": ("true workouts found", ".96", ".99"),
}
SHORT_HEAD = ("", "F1 .5 / .75 / .9", "macro", "plain runs given a workout", "workouts found")
SENSORS = {"heart rate": "heart_rate", "cadence": "cadence", "altitude": "altitude"}

QUOTED = (
    (
        "bar on heart rate, on `run`",
        ".277 / .054 / .005",
        ".035",
        "46 of 51",
        ".950",
        "42.0 / 74.0",
    ),
    ("chiptime 0.9, on `run`", ".567 / .473 / .311", ".50", "0 of 51", ".35", ""),
)
"""The two other packages as measured 2026-11-29, where no interpreter is given that has them."""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--score", type=Path, help="the corpus's score.py")
    parser.add_argument("--before", type=Path, help="what an earlier version printed")
    parser.add_argument("--peer-python", type=Path, help="has sport-activities-features")
    parser.add_argument("--chiptime-python", type=Path, help="has chiptime")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write docs/accuracy.md")
    options = parser.parse_args()
    page = Report(options).page()
    print(page)
    if options.write:
        PAGE.write_text(page, encoding="utf-8")


class Report:
    """The page, and the predictions it rests on."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.folder: Path = options.folder
        self.judge: ModuleType = score_module(options.score)
        self.rows = with_recovery_shares(known(truth_rows()))
        learned = [
            *(net_file(self.folder, f, s) for f in (*FOLDS, ALL) for s in seeds_in(self.folder)),
            *(judge_file(self.folder, f) for f in (*FOLDS, ALL)),
        ]
        self.state = digest(learned)

    def predicted(self, name: str, way: Way, rows: Sequence[Row] | None = None) -> Predictions:
        """Predict in one way."""
        kept = self.folder / f"found-{name}-{self.state}.jsonl"
        print(f"predicting: {name}", flush=True)
        return predict(rows or self.rows, way, kept, self.options.jobs)

    def page(self) -> str:
        """Write the page."""
        ours = self.predicted("left-out", Way(self.folder))
        parts = [
            HEAD,
            self._overall(ours),
            self._ways(ours),
            self._before(ours),
            by_group(
                self.judge,
                self.rows,
                ours,
                "By athlete",
                lambda row: str(row["athlete"]),
                keep_reps=True,
            ),
            by_group(self.judge, self.rows, ours, "By kind of session", kind_of),
            by_length(self.judge, self.rows, ours),
            by_group(self.judge, self.rows, ours, "By device", device_of),
            self._sensors(ours),
            other_formats(self.judge, self.rows, ours, self.folder),
            beliefs(self.judge, self.rows, ours),
            PROTOCOL.format(
                claims=section("claims"),
                spliced=section("spliced"),
                ablation=section("ablation"),
                constants=unfitted_constants(),
            ),
            LIMITS,
        ]
        return "\n\n".join(part.strip() for part in parts if part) + "\n"

    def _overall(self, ours: Predictions) -> str:
        """Return the figures of athletes left out, together and by set."""
        of_set = {name: [row for row in self.rows if row["set"] == name] for name in SETS}
        columns = {"together": self.rows, **of_set}
        scores = {name: self.judge.score(rows, ours) for name, rows in columns.items()}
        lines = []
        for key, (name, floor, aim) in MEASURES.items():
            if key == "false":
                cells = [false_of(self.judge, rows, ours) for rows in columns.values()]
            else:
                cells = [cell(score, key) for score in scores.values()]
            lines.append((name, floor, aim, *cells))
        counted = [
            f"{s['files']} runs, {s['structured']} workouts, {s['reps']} reps"
            for s in scores.values()
        ]
        lines.append(("of", "", "", *counted))
        head = ("laps hidden, athletes left out", "floor", "aim", *(f"`{n}`" for n in of_set))
        return table((*head[:3], "together", *head[3:]), lines)

    def _ways(self, ours: Predictions) -> str:
        """Return ours, what ships, with laps, and the baselines."""
        found: Mapping[str, Predictions] = {
            "athletes left out": ours,
            "shipped weights, athletes seen": self.predicted("shipped", Way()),
            "athletes left out, with `--laps auto`": self.predicted(
                "laps", Way(self.folder, laps="auto")
            ),
            **{
                name: run_baseline(self.rows, find, self.folder / f"baseline-{name}.jsonl")
                for name, find in BASELINES.items()
            },
        }
        lines = [(name, *self._cells(self.rows, each)) for name, each in found.items()]
        lines += self._peers()
        return (
            "## Beside other ways\n\n"
            "The same runs. None of the baselines was tuned on them; laps are hidden from all but "
            "two, which say so.\n\n" + table((*SHORT_HEAD, "edges (s)"), lines)
        )

    def _peers(self) -> list[tuple[str, ...]]:
        """Return the baselines that live in interpreters of their own, on `run`."""
        rows = [row for row in self.rows if row["set"] == "run"]
        asked = (
            (heart_rate_bar, self.options.peer_python),
            (chiptime, self.options.chiptime_python),
        )
        lines = []
        for quoted, (ask, python) in zip(QUOTED, asked, strict=True):
            if python is None:
                lines.append(quoted)
            else:
                lines.append((quoted[0], *self._cells(rows, ask(rows, python, self.folder))))
        return lines

    def _cells(self, rows: Sequence[Row], found: Predictions) -> list[str]:
        score = self.judge.score(rows, found)
        edges = f"{cell(score, 'edge_error_median_s')} / {cell(score, 'edge_error_p90_s')}"
        return [*short_figures(self.judge, rows, found).split(" | "), edges]

    def _before(self, ours: Predictions) -> str:
        before = read_before(self.options.before)
        if not before:
            return ""
        seen = {row["athlete"] for row in self.rows if row["set"] == "run"}
        rows = [row for row in self.rows if row["athlete"] not in seen]
        lines = [
            (name, *self._cells(rows, found))
            for name, found in (("now", ours), ("the cascade of rules before", before))
        ]
        return (
            "## Beside the cascade of rules that it replaced\n\n"
            f"On the {len({row['athlete'] for row in rows})} athletes of `run2` and `run3` that "
            "neither had seen.\n\n" + table((*SHORT_HEAD, "edges (s)"), lines)
        )

    def _sensors(self, ours: Predictions) -> str:
        rows = [row for row in self.rows if row["set"] != "run3"]
        found = {"as recorded": ours}
        for name, column in SENSORS.items():
            way = Way(self.folder, without=column)
            found[f"without {name}"] = self.predicted(f"without-{column}", way, rows)
        lines = []
        for name, each in found.items():
            score = self.judge.score(rows, each)
            exact = cell(score, "main_set_count_exact")
            *cells, _ = short_figures(self.judge, rows, each).split(" | ")
            told = count_of(score["structured_found"], score["structured"])
            lines.append((name, *cells, told, exact))
        return (
            "## Without a sensor\n\nEvery file of `run` and `run2` again, with what one sensor "
            "recorded left out.\n\n" + table((*SHORT_HEAD, "main set count exact"), lines)
        )


if __name__ == "__main__":
    main()
