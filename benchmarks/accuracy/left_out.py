"""What the package finds in the labelled runs of the corpus, its reps found by nets that never saw them.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.left_out NETS CASES CACHE

NETS holds the nets of every fold (`benchmarks.accuracy.net.train`), CASES the described readings of
`benchmarks.accuracy.judge_fit`, on which a judge is fitted for each fold without it. CACHE gets the
evidence of every run of `run` and `run2`, laps hidden, for ``labels.py`` and ``thresholds.py``.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.accuracy.corpus_runs import path_of, truth_rows
from intervaldetect.errors import IntervalDetectError
from intervaldetect.evidence import from_json, to_json
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import SessionEvidence
from intervaldetect.structure import Model

SETS = ("run", "run2")


class LeftOut(NamedTuple):
    """A run of the corpus: its truth, its evidence, and the workout found."""

    row: dict[str, Any]
    evidence: SessionEvidence
    text: str | None


def models(nets: Path, cases: Path) -> dict[int, Model]:
    """Return the nets of each fold with a judge fitted on the other folds."""
    from benchmarks.accuracy import judge_fit  # noqa: PLC0415 (needs torch)

    sys.modules["__main__"].Case = judge_fit.Case  # type: ignore[attr-defined]
    known = pickle.loads(cases.read_bytes())
    folds = sorted({case.row["fold"] for case in known})
    return {
        fold: Model(
            tuple(judge_fit.nets_of(nets, fold, (0,))),
            judge_fit.fit([case for case in known if case.row["fold"] != fold]),
        )
        for fold in folds
    }


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
    return [LeftOut(row, from_json(text), workout) for row, text, workout in pickle.loads(path.read_bytes())]


def main() -> None:
    nets, cases, cache = map(Path, sys.argv[1:4])
    found = gather(models(nets, cases))
    cache.write_bytes(pickle.dumps([(item.row, to_json(item.evidence), item.text) for item in found]))
    print(f"{len(found)} runs")


if __name__ == "__main__":
    main()
