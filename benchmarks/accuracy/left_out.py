"""Evidence of the labelled runs of the corpus, their reps found by nets that never saw them.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.left_out NETS CACHE

NETS holds the nets of every fold (`benchmarks.accuracy.net.train`). CACHE gets the
evidence of every run of `run` and `run2`, laps hidden, for ``labels.py``.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.accuracy.corpus_runs import folds, path_of, truth_rows
from intervaldetect.errors import IntervalDetectError
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import SessionEvidence
from intervaldetect.session_features import from_json, to_json
from intervaldetect.structure import Model
from intervaldetect.structure.net import Layers, load_net

SETS = ("run", "run2")
SEEDS = (0,)


class LeftOut(NamedTuple):
    """A run of the corpus: its truth, its evidence, and the workout found."""

    row: dict[str, Any]
    evidence: SessionEvidence
    text: str | None


def models(nets: Path) -> dict[int, Model]:
    """Return the model of each fold: nets that never saw its athletes, and the shipped judge.

    The judge's few weights are fitted on what left-out nets say of all athletes; against a judge
    fitted without the fold the difference was not measured.
    """
    return {
        fold: Model(tuple(_net(nets / f"net-{fold}-{seed}.npz") for seed in SEEDS))
        for fold in range(len(folds()))
    }


def _net(path: Path) -> Layers:
    with np.load(path) as arrays:
        return load_net({name: arrays[name] for name in arrays.files})


def gather(by_fold: dict[int, Model]) -> list[LeftOut]:
    """Analyse every run of the labelled sets with the model of its fold, laps hidden."""
    found = []
    for row in truth_rows(*SETS):
        try:
            analysis = analyse(
                read_activity(path_of(row)), laps="ignore", model=by_fold[row["fold"]], judge=False
            )
        except IntervalDetectError as error:
            print(f"{row['set']} {row['file']}: {error}", file=sys.stderr)
            continue
        assert analysis.evidence is not None
        evidence = from_json(to_json(analysis.evidence))  # as a store keeps it
        found.append(LeftOut(row, evidence, analysis.workout.text))
    return found


def cached(path: Path) -> list[LeftOut]:
    """Return what `main` wrote."""
    return [
        LeftOut(row, from_json(text), workout)
        for row, text, workout in pickle.loads(path.read_bytes())
    ]


def main() -> None:
    nets, cache = map(Path, sys.argv[1:3])
    found = gather(models(nets))
    cache.write_bytes(
        pickle.dumps([(item.row, to_json(item.evidence), item.text) for item in found])
    )
    print(f"{len(found)} runs")


if __name__ == "__main__":
    main()
