"""Train, fit and keep what finds reps, by the protocol that ``docs/accuracy.md`` describes.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.detection FOLDER [--write] [--small]

Everything made is kept in FOLDER, and what is there is not made again: run it anew after a break.
For each of five folds of athletes nets are trained without it (``net-K-S.npz``, two seeds), every
run is described with the nets of its own fold (``cases-K-*.pkl``), and a judge is fitted on the
other four folds and on simulated runs (``judge-K.json``); the same once on all (``net-all-S.npz``,
``judge-all.json``), which ``--write`` puts into the package with its provenance, and with what
PyTorch makes of ten simulated runs, to which the tests hold the package. At most 90 minutes on two
cores. ``--small``, of one seed, fewer steps and every second run, takes a quarter of an hour, has a
folder of its own and writes nothing.
"""

from __future__ import annotations

import argparse
import functools
import multiprocessing
import pickle
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.accuracy.corpus_runs import truth_rows
from benchmarks.accuracy.judge_fit import Case, case_of, fit, signal_of, spans_of, taken, to_json
from benchmarks.accuracy.models import ALL, FOLDS, digest, judge_file, net_file, nets_of
from benchmarks.accuracy.net.sessions import simulated
from benchmarks.accuracy.net.train import STEPS, gather, train_one
from benchmarks.accuracy.scoring import prediction, score_module, short_figures
from benchmarks.accuracy.shipping import ship

SEEDS = (0, 1)
SMALL_STEPS = 800
JUDGE_VERSION = "10"
SIMULATED_COUNT, SIMULATED_SEED = 300, 2
"""Simulated runs that the judges see beside the real ones, others than the nets were trained on."""


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is made, and where it is kept."""

    folder: Path
    seeds: tuple[int, ...] = SEEDS
    steps: int = STEPS
    every: int = 1
    jobs: int = 2

    def rows(self) -> list[dict[str, Any]]:
        """Return the truth of the runs that have a part."""
        return truth_rows()[:: self.every]


def train_nets(protocol: Protocol) -> None:
    """Train what nets are missing, each in a process of one thread."""
    wanted = [
        (fold, seed)
        for seed in protocol.seeds
        for fold in (*FOLDS, ALL)
        if not net_file(protocol.folder, fold, seed).exists()
    ]
    if not wanted:
        return
    sessions = gather(protocol.folder, protocol.every)
    work = functools.partial(_train, sessions, protocol)
    with multiprocessing.Pool(protocol.jobs, maxtasksperchild=1) as pool:
        pool.map(work, wanted, chunksize=1)


def _train(sessions: list[Any], protocol: Protocol, job: tuple[int | str, int]) -> None:
    torch.set_num_threads(1)
    train_one(sessions, protocol.folder, *job, protocol.steps)


def describe_cases(protocol: Protocol) -> list[Case]:
    """Describe every run with nets that saw nobody of its fold, where that is not kept."""
    files = {
        fold: protocol.folder / f"cases-{fold}-{digest(_net_files(protocol, fold))}.pkl"
        for fold in FOLDS
    }
    missing = [fold for fold in FOLDS if not files[fold].exists()]
    if missing:
        work = functools.partial(_case, protocol)
        with multiprocessing.Pool(protocol.jobs) as pool:
            for fold in missing:
                rows = [row for row in protocol.rows() if row["fold"] == fold]
                found = [c for c in pool.imap(work, rows, chunksize=4) if c is not None]
                files[fold].write_bytes(pickle.dumps(found))
                print(f"fold {fold}: {len(found)} of {len(rows)} runs described", flush=True)
    return [case for file in files.values() for case in pickle.loads(file.read_bytes())]


def _net_files(protocol: Protocol, fold: int) -> list[Path]:
    return [net_file(protocol.folder, fold, seed) for seed in protocol.seeds]


def _case(protocol: Protocol, row: dict[str, Any]) -> Case | None:
    signal = signal_of(row)
    if signal is None:
        return None
    return case_of(row, signal, _nets(protocol.folder, row["fold"], protocol.seeds))


_nets = functools.cache(nets_of)


def describe_simulated(protocol: Protocol) -> list[Case]:
    """Describe simulated runs, which are in no fold, with the nets of the first."""
    nets = _net_files(protocol, FOLDS[0])
    file = protocol.folder / f"cases-simulated-{digest(nets)}.pkl"
    if not file.exists():
        runs = simulated(SIMULATED_COUNT // protocol.every, SIMULATED_SEED)
        loaded = _nets(protocol.folder, FOLDS[0], protocol.seeds)
        file.write_bytes(pickle.dumps([case_of(row, signal, loaded) for row, signal in runs]))
    cases: list[Case] = pickle.loads(file.read_bytes())
    return cases


def fit_judges(protocol: Protocol, cases: Sequence[Case]) -> None:
    """Fit a judge without each fold, and one on all."""
    for fold in (*FOLDS, ALL):
        others = [case for case in cases if case.row["fold"] != fold]
        text = to_json(fit(others, JUDGE_VERSION)) + "\n"
        judge_file(protocol.folder, fold).write_text(text, encoding="utf-8")


def left_out_figures(cases: Sequence[Case], made: Sequence[Case] = ()) -> str:
    """Score the reading taken of every run by a judge fitted without its fold."""
    judges = {f: fit([*(c for c in cases if c.row["fold"] != f), *made]) for f in FOLDS}
    found = {}
    for case in cases:
        reading = taken(case, judges[case.row["fold"]])
        file = case.row["file"]
        found[file] = prediction(file, [] if reading is None else spans_of(reading))
    return short_figures(score_module(None), [case.row for case in cases], found)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", type=int, nargs="+", default=list(SEEDS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--small", action="store_true", help="a quarter of an hour, for daily work")
    parser.add_argument("--write", action="store_true", help="write what the package ships")
    options = parser.parse_args()
    protocol = Protocol(options.folder, tuple(options.seeds), jobs=options.jobs)
    if options.small:
        small = options.folder / "small"
        protocol = Protocol(small, SEEDS[:1], SMALL_STEPS, every=2, jobs=options.jobs)
    train_nets(protocol)
    cases = describe_cases(protocol)
    made = describe_simulated(protocol)
    fit_judges(protocol, [*cases, *made])
    print(left_out_figures(cases, made))
    if options.write and not options.small:
        ship(protocol.folder, protocol.seeds, protocol.steps, protocol.rows())


if __name__ == "__main__":
    main()
