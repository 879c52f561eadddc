"""The rules of `measure` against the corpus's truth, which other code made of the same laps.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.lap_rules

A session agrees where both have the same number of reps and all match at 90 %. Prints those that do
not, then how many do, and how often reps are told of runs that the corpus has none for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from intervaldetect.errors import IntervalDetectError
from intervaldetect.read import read_activities
from intervaldetect.score.lap_truth import LapTruth, lap_truth
from intervaldetect.score.matching import match
from intervaldetect.score.rows import Truth, read_truth


def told(folder: Path, truth: Truth) -> LapTruth:
    """Return what the laps of a file tell; of several parts, the one with the most reps."""
    try:
        found = [lap_truth(activity) for activity in read_activities(folder / truth.file)]
    except IntervalDetectError as error:
        return LapTruth(reason=str(error))
    return max(found, key=lambda each: len(each.reps))


def agreement(corpus: Path, one_in: int = 1) -> tuple[int, int, list[str]]:
    """Return the sessions that agree, all sessions, and a line for each of the others."""
    sessions = [each for each in read_truth(corpus / "run3_truth.jsonl") if each.reps][::one_in]
    lines = list(_differing(corpus / "run3", sessions))
    return len(sessions) - len(lines), len(sessions), lines


def _differing(folder: Path, sessions: list[Truth]) -> Iterator[str]:
    for truth in sessions:
        own, reps = told(folder, truth), truth.reps or ()
        if not len(match(reps, own.reps, 0.9)) == len(reps) == len(own.reps):
            yield f"{truth.athlete}: {len(reps)} reps, by rule {len(own.reps)} {own.reason or ''}"


def main() -> None:
    """Print the table."""
    corpus = Path(os.environ["INTERVALDETECT_CORPUS"])
    agreed, sessions, lines = agreement(corpus)
    print(*lines, sep="\n")
    print(f"{agreed} of {sessions} sessions agree ({100.0 * agreed / sessions:.1f} %)")
    others = [each for each in read_truth(corpus / "run3_truth.jsonl") if not each.reps][::10]
    more = sum(bool(told(corpus / "run3", each).reps) for each in others)
    print(f"reps told of {more} of {len(others)} other runs")


if __name__ == "__main__":
    main()
