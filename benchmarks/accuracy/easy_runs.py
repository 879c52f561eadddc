"""Easy runs alone say nothing of the threshold, however many there are: none is labelled hard.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.easy_runs EVIDENCE ATHLETE...

EVIDENCE is that of ``left_out.py``. The runs of each athlete that readers call easy are repeated at
new dates to 48, as if nothing else were ever run; so are the simulated seasons of somebody who runs
only easily, and 24 days of two easy runs each, simulated, recorded and read.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.accuracy.bodies import season
from benchmarks.accuracy.left_out import cached
from benchmarks.accuracy.simulated_training import FIRST_DAY, draw_athlete, evidence_of
from intervaldetect.athlete import thresholds_over_time
from intervaldetect.label import label_session
from intervaldetect.records import SessionEvidence
from intervaldetect.simulate import Plan, simulate

MANY, EVERY_DAYS, DOUBLES, SEASONS = 48, 2, 24, 8


def labels_of(runs: Sequence[SessionEvidence]) -> Counter[str]:
    """Count the labels of a history."""
    states = thresholds_over_time(runs)
    found = (label_session(run, s.thresholds).label for run, s in zip(runs, states, strict=True))
    return Counter(label or "no label" for label in found)


def repeated(runs: Sequence[SessionEvidence]) -> list[SessionEvidence]:
    """Return the runs at new dates, over and over."""
    return [
        replace(runs[k % len(runs)], start_time=FIRST_DAY + timedelta(days=EVERY_DAYS * k))
        for k in range(MANY)
    ]


def easy_doubles(seed: int = 1) -> list[SessionEvidence]:
    """Simulate, record and read two easy runs on each of 24 days."""
    random = np.random.Generator(np.random.PCG64(seed))
    athlete = draw_athlete(random)
    found = []
    for number in range(2 * DOUBLES):
        start = FIRST_DAY + timedelta(days=number // 2, hours=10 * (number % 2))
        plan = Plan(
            run_type="easy", athlete=athlete, start_time=start,
            duration_s=float(random.uniform(1500.0, 2700.0)),
        )  # fmt: skip
        found.append(evidence_of(simulate(plan, seed=number).to_activity()))
    return found


def main() -> None:
    found = cached(Path(sys.argv[1]))
    for athlete in sys.argv[2:]:
        mine = [
            item.evidence
            for item in found
            if item.row["athlete"] == athlete and item.row["label"] == "easy"
        ]
        print(f"{athlete}: {len(mine)} easy runs to {MANY}: {dict(labels_of(repeated(mine)))}")
    for seed in range(SEASONS):
        runs = [done.evidence for done in season("easy only", seed).done]
        print(f"season {seed} of easy runs alone: {dict(labels_of(runs))}")
    print(f"{DOUBLES} easy doubles: {dict(labels_of(easy_doubles()))}")


if __name__ == "__main__":
    main()
