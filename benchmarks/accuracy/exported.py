"""What an athlete's exported thresholds are worth: each file of `run` with its own athlete's file.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.exported EVIDENCE [--write]

EVIDENCE is what ``left_out.py`` keeps. An athlete's runs are estimated together, the thresholds
written as ``intervaldetect athlete --export`` writes them and read again; then every run is judged
alone, once without the file and once with it. Runs that make the thresholds are among those judged,
as they are for somebody who exports them and analyses old files anew. ``--write`` puts the table
into ``docs/accuracy-labels.md``.
"""

from __future__ import annotations

import argparse
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.accuracy.labels_report import REPORT, table
from benchmarks.accuracy.left_out import LeftOut, cached
from benchmarks.accuracy.page import put_section
from intervaldetect.athlete import read_athlete, thresholds_over_time, to_toml
from intervaldetect.label import label_session
from intervaldetect.records import Label, Thresholds

SETS = ("run", "run2")


@dataclass(frozen=True, slots=True)
class Judged:
    """One run judged alone: its truth, whether work is claimed, its label and the likeliest."""

    run: LeftOut
    claimed: bool
    label: Label | None
    likeliest: Label


def exported(runs: Sequence[LeftOut]) -> Thresholds:
    """Return what is read from the athlete file that a history exports."""
    dated = thresholds_over_time([run.evidence for run in runs])
    last = max(dated, key=lambda state: state.time).thresholds
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "athlete.toml"
        path.write_text(to_toml(last), encoding="utf-8")
        return read_athlete(path).thresholds


def judged(run: LeftOut, given: Thresholds | None) -> Judged:
    """Judge a run by itself and by what was given."""
    known = thresholds_over_time([run.evidence], given=given)[0].thresholds
    evidence = run.decided(known)
    label = label_session(evidence, known)
    likeliest = max(label.probabilities, key=label.probabilities.__getitem__)
    return Judged(run, evidence.claimed, label.label, likeliest)


def both_ways(found: Iterable[LeftOut]) -> tuple[list[Judged], list[Judged]]:
    """Judge every run without its athlete's file, and with it."""
    by_athlete: dict[str, list[LeftOut]] = defaultdict(list)
    for run in found:
        if run.row["set"] in SETS:
            by_athlete[run.row["athlete"]].append(run)
    without, with_file = [], []
    for runs in by_athlete.values():
        given = exported(runs)
        without += [judged(run, None) for run in runs]
        with_file += [judged(run, given) for run in runs]
    return without, with_file


def _figures(name: str, of: str, items: Sequence[Judged]) -> list[object]:
    mine = [item for item in items if item.run.row["set"] == of]
    planned = [item.claimed for item in mine if item.run.row["structured"] is True]
    plain = [item.claimed for item in mine if item.run.row["structured"] is False]
    known = [item for item in mine if item.run.row["label"]]
    said = [item for item in known if item.label is not None]
    right = sum(item.label == item.run.row["label"] for item in said)
    best = sum(item.likeliest == item.run.row["label"] for item in known)
    return [
        of, name, f"{sum(planned)} of {len(planned)}", f"{sum(plain)} of {len(plain)}",
        f"{right / len(said):.3f}", f"{len(said) / len(known):.3f}", f"{best / len(known):.3f}",
    ]  # fmt: skip


def report(found: Iterable[LeftOut]) -> str:
    """Return the table."""
    without, with_file = both_ways(found)
    rows = [
        _figures(name, of, items)
        for of in SETS
        for name, items in (("alone", without), ("with the athlete's file", with_file))
    ]
    head = ["runs of", "judged", "workouts found", "plain runs given one", "right of answered",
            "answered", "right of all"]  # fmt: skip
    return table(head, rows)


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("evidence", type=Path)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    text = report(cached(options.evidence))
    print(text)
    if options.write:
        put_section("exported", text, REPORT)


if __name__ == "__main__":
    main()
