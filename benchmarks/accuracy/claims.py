"""Fit how a known threshold decides doubtful runs, and show what it changes.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.claims FOLDER [--write]

FOLDER is that of ``detection.py``. Every run of the corpus is read with the nets and the judge that
saw nobody of its fold, within its athlete's history up to its own date; the weight is fitted on
four folds and applied to the fifth. ``--write`` puts the one fitted on all into
``src/intervaldetect/label/claims.json`` and the table into ``docs/accuracy.md``.
"""

from __future__ import annotations

import argparse
import functools
import json
import math
import multiprocessing
import pickle
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.corpus_runs import path_of, truth_rows
from benchmarks.accuracy.models import FOLDS, digest, model_of
from benchmarks.accuracy.page import put_section
from intervaldetect import structure
from intervaldetect.athlete import thresholds_over_time
from intervaldetect.errors import IntervalDetectError
from intervaldetect.label.claims import distance_from_level, overturned
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import SessionEvidence
from intervaldetect.session_features import from_json, to_json

CLAIMS = Path(__file__).resolve().parents[2] / "src" / "intervaldetect" / "label" / "claims.json"
TRIED = np.arange(0.0, 3.0, 0.01)
"""Weights among which the likeliest is taken."""
IN_DOUBT = 5.0
"""Log-odds up to which runs are fitted on: farther from even than a threshold can overturn."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A run as the streams alone decide it, and the other way where it is in doubt."""

    row: dict[str, Any]
    first: SessionEvidence
    other: SessionEvidence | None


@dataclass(frozen=True, slots=True)
class Doubtful:
    """A run with a truth: what the streams say, and how far its efforts lie above the level."""

    row: dict[str, Any]
    claimed: bool
    log_odds: float
    distance: float | None


def _seen(folder: Path, row: dict[str, Any]) -> tuple[dict[str, Any], str, str | None] | None:
    structure.DOUBTFUL_LOG_ODDS = IN_DOUBT
    try:
        found = analyse(
            read_activity(path_of(row)),
            laps="ignore",
            model=model_of(folder, row["fold"]),
            judge=False,
        )
    except IntervalDetectError:
        return None
    assert found.evidence is not None
    return row, to_json(found.evidence), None if found.other is None else to_json(found.other)


def gather(folder: Path, jobs: int) -> list[Seen]:
    """Read every run of the corpus, or take what was kept."""
    kept = folder / f"seen-{digest()}.pkl"
    if not kept.exists():
        with multiprocessing.Pool(jobs) as pool:
            found = pool.map(functools.partial(_seen, folder), truth_rows(), chunksize=8)
        kept.write_bytes(pickle.dumps([each for each in found if each is not None]))
    return [
        Seen(row, from_json(first), None if other is None else from_json(other))
        for row, first, other in pickle.loads(kept.read_bytes())
    ]


def doubtful(seen: Iterable[Seen]) -> list[Doubtful]:
    """Hold the efforts of every run with a truth against what was known on its day."""
    by_athlete: dict[str, list[Seen]] = defaultdict(list)
    for each in seen:
        by_athlete[each.row["athlete"]].append(each)
    out = []
    for runs in by_athlete.values():
        dated = thresholds_over_time([run.first for run in runs], start_up=False)
        for run, state in zip(runs, dated, strict=True):
            if run.row["structured"] is None:
                continue
            planned = run.first if run.first.claimed else run.other
            distance = None
            if run.other is not None and planned is not None:
                distance = distance_from_level(planned, state.thresholds)
            out.append(Doubtful(run.row, run.first.claimed, run.first.log_odds, distance))
    return out


def fit(runs: Sequence[Doubtful]) -> float:
    """Fit the weight by maximum likelihood, what the streams say taken as it is."""
    known = [run for run in runs if run.distance is not None]
    names = [run.row["athlete"] for run in known]
    weight = np.array(
        [(0.5 if r.row.get("weak") else 1.0) / names.count(r.row["athlete"]) ** 0.5 for r in known]
    )
    said = np.array([run.log_odds for run in known])
    distance = np.array([run.distance for run in known], dtype=np.float64)
    planned = np.array([run.row["structured"] for run in known], dtype=np.float64)
    odds = said + TRIED[:, None] * distance
    loss = np.logaddexp(0.0, odds) - planned * odds
    return float(TRIED[int(np.argmin(loss @ weight))])


def decided(run: Doubtful, weight: float) -> bool:
    """Whether planned work is claimed with the threshold heeded."""
    if run.distance is None:
        return run.claimed
    chance = 1.0 / (1.0 + math.exp(-(run.log_odds + weight * run.distance)))
    return run.claimed != overturned(chance, claimed=run.claimed)


def table(runs: Sequence[Doubtful]) -> str:
    """Return found and false workouts by the streams alone, and with the thresholds."""
    weights = {fold: fit([run for run in runs if run.row["fold"] != fold]) for fold in FOLDS}
    ways = {
        "by the streams alone": [run.claimed for run in runs],
        "with the threshold of the day": [decided(run, weights[run.row["fold"]]) for run in runs],
    }
    lines = [
        "| athletes left out | workouts found | plain runs given one | weak |",
        "|---|---|---|---|",
    ]
    for name, said in ways.items():
        of = {
            kind: [each for each, run in zip(said, runs, strict=True) if _kind(run) == kind]
            for kind in ("structured", "plain", "weak")
        }
        cells = " | ".join(f"{sum(of[k])} of {len(of[k])}" for k in of)
        lines.append(f"| {name} | {cells} |")
    counted = sum(run.distance is not None for run in runs)
    lines.append("")
    lines.append(
        f"{counted} of the {len(runs)} runs had log-odds nearer to even than {IN_DOUBT:g} on a "
        "day for which earlier runs of the athlete had fixed a threshold."
    )
    return "\n".join(lines)


def _kind(run: Doubtful) -> str:
    if run.row["structured"]:
        return "structured"
    return "weak" if run.row.get("weak") else "plain"


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    runs = doubtful(gather(options.folder, options.jobs))
    text = table(runs)
    print(text)
    weight = fit(runs)
    print(f"weight {weight:.2f}")
    if options.write:
        data = {
            "about": f"{len(runs)} runs of the corpus, by benchmarks/accuracy/claims.py",
            "weight": round(weight, 2),
        }
        CLAIMS.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
        put_section("claims", text)


if __name__ == "__main__":
    main()
