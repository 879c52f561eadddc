"""What every part of the detection is worth: each switched off, by athletes left out.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.ablation FOLDER
        [--before FILE] [--write] [--jobs 2]

FOLDER is that of `benchmarks.accuracy.detection`; nets are not trained again, the judge is fitted
anew in every row. Readings are judged, and edges placed together, as in the pipeline; laps, strides
and words have no part. FILE holds what an earlier version printed of these runs (``summary --json
--laps ignore``): its reps join as one more generator, scored on athletes that version had not seen.
``--moved`` moves constants of the readings, the judge and the edges by a fifth, down and up: those
named, or all, which takes half an hour. Rows are kept in FOLDER. ``--write`` puts the tables into
``docs/accuracy.md``.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import itertools
import json
import multiprocessing
import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from benchmarks.accuracy.corpus_runs import truth_rows
from benchmarks.accuracy.detection import SIMULATED_COUNT, SIMULATED_SEED
from benchmarks.accuracy.judge_fit import Case, fit, judged_case, signal_of, spans_of, taken
from benchmarks.accuracy.models import FOLDS, NO_FOLD, digest, net_file, nets_of, seeds_in
from benchmarks.accuracy.net.sessions import simulated
from benchmarks.accuracy.page import put_section
from benchmarks.accuracy.scoring import Predictions, prediction, reps_of, score_module
from benchmarks.accuracy.scoring import short_figures as figures
from benchmarks.accuracy.scoring import table as markdown
from intervaldetect.records import Signal
from intervaldetect.structure import edges, judge, readings, sets
from intervaldetect.structure.frames import find_frames
from intervaldetect.structure.judge import FEATURES, NOTHING, describe
from intervaldetect.structure.net import Layers, Posterior, infer
from intervaldetect.structure.readings import Reading, propose

GENERATORS = ("evened", "filled")
GROUPS = {
    "size and number": ("count", "work", "share", "little", "longest"),
    "posterior inside": ("inside_sure",),
    "edges": ("edges", "edge_worst"),
    "evenness": ("spread_seconds", "spread_gap", "uneven", "singles"),
    "speed against what is beside": ("contrast", "over_easy_worst"),
    "planned session, by the net": ("planned",),
    "what speaks for nothing": ("most",),
}
HEAD = ("", "F1 .5 / .75 / .9", "macro", "plain runs given a workout", "workouts found")
BEFORE = "before"
MOVED = (
    "readings.LEANINGS", "readings.SPAN_COSTS", "readings.EDGE_WEIGHT", "readings.EDGE_FLOOR",
    "readings.EDGE_USUAL", "readings.LARGEST_LOG_ODDS", "readings.NEAR_FRAMES",
    "readings.MIN_REP_S", "readings.MIN_RECOVERY_S", "readings.EVEN_LOG", "readings.DUE_REACH",
    "readings.SLOWEST_MEMBER", "judge.BESIDE_S", "judge.LITTLE_S",
    "judge.LEAST_UNEVEN", "judge.MOST_UNEVEN", "sets.SAME_SET", "sets.MIN_ALIKE", "sets.EDGE_S",
    "edges.SMOOTH_S", "edges.REACH_S", "edges.STEP_S", "edges.CLEAR_S", "edges.SHORT_SHARE",
    "edges.INSIDE_S", "edges.OUTSIDE_S", "edges.LEAST_OUTSIDE_S", "edges.LEAST_STEP_MPS",
    "edges.AT_PAUSE_S", "edges.SHARE", "edges.LATE_S", "edges.EDGE_REACH_S", "edges.TIMED_S",
    "edges.MEASURED_M", "edges.ODD_SIZES", "edges.DEVICE", "edges.SCALE_LOG_ODDS",
    "edges.SAME_SCALE", "edges.MOST_SCALE", "edges.RARE",
)  # fmt: skip
"""Constants that are moved; of those of sets what readings, judge and edges take from there."""
FACTORS = (0.8, 1.2)
MOVED_HEAD = ("moved by a fifth", "down: F1 .9, found, false", "up: F1 .9, found, false")
MOVED_TEXT = """Constants of the readings, the judge and the edges moved by a fifth, a count by one;
the judge fitted anew. What has no row here was not moved."""


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """A run ready to be read: by all its nets, and by the first alone."""

    row: dict[str, Any]
    signal: Signal
    both: Posterior
    one: Posterior


@dataclass(frozen=True, slots=True)
class Variant:
    """One row: what is proposed, which features count, what happens to edges."""

    name: str
    one_net: bool = False
    no_crossing: bool = False
    no_round_sizes: bool = False
    without_generator: str | None = None
    without_features: tuple[str, ...] = ()
    with_before: bool = False
    unseen_only: bool = False
    moved: tuple[str, float] | None = None


def variants(*, before: bool, moved: Sequence[str] = ()) -> Iterator[Variant]:
    """List the rows of the table."""
    yield Variant("as it is")
    for name in GENERATORS:
        yield Variant(f"no readings `{name}`", without_generator=name)
    for name, features in GROUPS.items():
        yield Variant(f"judge without: {name}", without_features=features)
    others = tuple({*FEATURES, *NOTHING[1:]} - {f for group in GROUPS.values() for f in group})
    if others:
        yield Variant(f"judge without: {', '.join(sorted(others))}", without_features=others)
    yield Variant("edges not placed together at round sizes", no_round_sizes=True)
    yield Variant("edges not moved to where the speed has them", no_crossing=True)
    yield Variant("one net in place of two", one_net=True)
    if before:
        yield Variant("as it is, athletes the earlier version had not seen", unseen_only=True)
        yield Variant(
            "the same, its readings as one more generator", with_before=True, unseen_only=True
        )
    for constant, factor in itertools.product(moved, FACTORS):
        yield Variant(f"`{constant}` x {factor}", moved=(constant, factor))


@contextlib.contextmanager
def moving(moved: tuple[str, float] | None) -> Iterator[None]:
    """Scale a constant wherever readings, judge and edges know it; nothing for None."""
    with contextlib.ExitStack() as stack:
        if moved is not None:
            owner, _, name = moved[0].partition(".")
            own = {"readings": readings, "judge": judge, "edges": edges, "sets": sets}[owner]
            value = getattr(own, name)
            for module in (readings, judge, edges, sets):
                if getattr(module, name, None) is value:
                    stack.enter_context(mock.patch.object(module, name, scaled(value, moved[1])))
        yield


def scaled(value: Any, factor: float) -> Any:
    """Scale a number, or those of a tuple or of a mapping; a count moves by one at least."""
    if isinstance(value, dict):
        return {key: scaled(each, factor) for key, each in value.items()}
    if isinstance(value, tuple):
        return tuple(scaled(each, factor) for each in value)
    if isinstance(value, int):
        step = -1 if factor < 1.0 else 1
        return value + step * max(1, round(value * abs(factor - 1.0)))
    return value * factor


def prepare(folder: Path, jobs: int) -> list[Run]:
    """Read all runs and ask the nets, or take both from where they are kept."""
    nets = [net_file(folder, fold, seed) for fold in FOLDS for seed in seeds_in(folder)]
    file = folder / f"runs-{digest(nets)}.pkl"
    if not file.exists():
        work = functools.partial(_run, folder)
        with multiprocessing.Pool(jobs) as pool:
            found = [r for r in pool.imap(work, truth_rows(), chunksize=4) if r is not None]
        nets_0 = _nets(folder, FOLDS[0], seeds_in(folder))
        made = simulated(SIMULATED_COUNT, SIMULATED_SEED)
        found += [_asked(row, signal, nets_0) for row, signal in made]
        file.write_bytes(pickle.dumps(found))
    loaded: list[Run] = pickle.loads(file.read_bytes())
    return loaded


def _run(folder: Path, row: dict[str, Any]) -> Run | None:
    signal = signal_of(row)
    if signal is None:
        return None
    return _asked(row, signal, _nets(folder, row["fold"], seeds_in(folder)))


def _asked(row: dict[str, Any], signal: Signal, nets: Sequence[Layers]) -> Run:
    frames = find_frames(signal)
    return Run(row, signal, infer(frames, nets), infer(frames, nets[:1]))


_nets = functools.cache(nets_of)


def case_of(variant: Variant, before: Predictions, run: Run) -> Case:
    """Propose and describe the readings of a run as a variant does."""
    with moving(variant.moved):
        return _case_of(variant, before, run)


def _case_of(variant: Variant, before: Predictions, run: Run) -> Case:
    posterior = run.one if variant.one_net else run.both
    if variant.no_crossing:
        with mock.patch.object(readings, "time_edges", lambda _, start, end, *_more: (start, end)):
            proposed = propose(run.signal, posterior)
    else:
        proposed = propose(run.signal, posterior)
    proposed = [r for r in proposed if r.generator != variant.without_generator]
    if variant.with_before and (spans := reps_of(before.get(run.row["file"], {"segments": []}))):
        proposed.append(Reading(BEFORE, *np.array(spans).T))
    return judged_case(run.row, describe(run.signal, posterior, proposed))


def masked(case: Case, without: Sequence[str]) -> Case:
    """Return a case in which some features say nothing."""
    features, nothing = case.described.features.copy(), case.described.nothing.copy()
    features[:, [k for k, name in enumerate(FEATURES) if name in without]] = 0.0
    nothing[[k for k, name in enumerate(NOTHING) if name in without]] = 0.0
    return replace(case, described=replace(case.described, features=features, nothing=nothing))


class Ablation:
    """The runs, and the cases of each way to propose readings."""

    def __init__(self, runs: Sequence[Run], before: Predictions, jobs: int) -> None:
        self.runs = {run.row["file"]: run for run in runs}
        self.before, self.jobs = before, jobs
        self.rows = [run.row for run in runs if run.row["fold"] != NO_FOLD]
        seen = {row["athlete"] for row in self.rows if row["set"] == "run"}
        self.unseen = [row for row in self.rows if row["athlete"] not in seen]
        self.judge = score_module(None)
        self._cases = functools.cache(self._described)

    def _described(self, proposing: Variant) -> list[Case]:
        work = functools.partial(case_of, proposing, self.before)
        if self.jobs == 1:
            return list(map(work, self.runs.values()))
        with multiprocessing.Pool(self.jobs) as pool:
            return pool.map(work, self.runs.values(), chunksize=8)

    def row(self, variant: Variant) -> str:
        """Return the figures of a variant, by judges fitted without each fold."""
        proposing = replace(
            variant, name="", no_round_sizes=False, without_features=(), unseen_only=False
        )
        cases = self._cases(proposing)
        if variant.without_features:
            cases = [masked(case, variant.without_features) for case in cases]
        found: Predictions = {}
        for fold in FOLDS:
            weights = fit([case for case in cases if case.row["fold"] != fold])
            for case in cases:
                if case.row["fold"] == fold:
                    file = case.row["file"]
                    found[file] = prediction(file, self._taken(variant, case, weights))
        return figures(self.judge, self.unseen if variant.unseen_only else self.rows, found)

    def _taken(self, variant: Variant, case: Case, weights: Any) -> list[tuple[float, float]]:
        reading = taken(case, weights)
        if reading is None:
            return []
        if variant.no_round_sizes:
            return spans_of(reading)
        signal = self.runs[case.row["file"]].signal
        with moving(variant.moved):
            start, end, _, _ = edges.round_sizes(signal, reading.start_s, reading.end_s)
        return list(zip(start.tolist(), end.tolist(), strict=True))


def results(folder: Path, before: Predictions, moved: Sequence[str], jobs: int) -> dict[str, str]:
    """Compute the rows that are not kept yet; returns all that are."""
    nets = [net_file(folder, fold, seed) for fold in FOLDS for seed in seeds_in(folder)]
    kept = folder / f"ablation-{digest(nets)}.json"
    rows: dict[str, str] = json.loads(kept.read_text("utf-8")) if kept.exists() else {}
    wanted = list(variants(before=bool(before), moved=moved))
    missing = [v for v in wanted if v.name not in rows]
    if missing:
        ablation = Ablation(prepare(folder, jobs), before, jobs)
        for variant in missing:
            rows[variant.name] = ablation.row(variant)
            print(f"| {variant.name} | {rows[variant.name]} |", flush=True)
            kept.write_text(json.dumps(rows), encoding="utf-8")
    every = variants(before=bool(before), moved=MOVED)
    return {v.name: rows[v.name] for v in every if v.name in rows}


def read_before(file: Path | None) -> Predictions:
    """Read what an earlier version printed, by file."""
    if file is None:
        return {}
    lines = map(json.loads, file.read_text(encoding="utf-8").splitlines())
    best: Predictions = {}
    more: Callable[[Any], int] = lambda line: len(reps_of(line))  # noqa: E731 - one use
    for line in lines:
        name = Path(line["path"]).name
        best[name] = max(line, best.get(name, line), key=more)
    return best


def tables(rows: Mapping[str, str]) -> str:
    """Write the table of what is switched off, and that of constants moved."""
    cells = {name: told.split(" | ") for name, told in rows.items()}
    off = [(name, *of) for name, of in cells.items() if not name.startswith("`")]
    moved = []
    for constant in MOVED:
        both = [cells[name] for f in FACTORS if (name := f"`{constant}` x {f}") in cells]
        if len(both) == len(FACTORS):
            told = (f"{f1.split(' / ')[2]}, {found}, {false}" for f1, _, false, found in both)
            moved.append((f"`{constant}`", *told))
    if not moved:
        return markdown(HEAD, off)
    return "\n\n".join((markdown(HEAD, off), MOVED_TEXT, markdown(MOVED_HEAD, moved)))


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--before", type=Path, help="what an earlier version printed")
    parser.add_argument("--moved", nargs="*", help="all where none is named")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="write into docs/accuracy.md")
    options = parser.parse_args()
    moved = options.moved or (() if options.moved is None else MOVED)
    rows = results(options.folder, read_before(options.before), moved, options.jobs)
    text = tables(rows)
    print(text)
    if options.write:
        put_section("ablation", text)


if __name__ == "__main__":
    main()
