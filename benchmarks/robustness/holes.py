"""Holes in FIT files: how many records that were not touched are kept, how many are invented.

    python -m benchmarks.robustness.holes

10,000 holes of 1 to 64 bytes, one a file, anywhere behind the header, in simulated runs of 600
records: overwritten with zeros, with noise, or cut out. A record counts as touched if a byte of it
lies in the hole. Kept are records that come out in every value as from the sound file; invented are
other rows, but for as many as records were touched. A row is not invented but thinner if nothing is
wrong with it but that values are null. The plain-Python walker of the tests says what the sound
file holds. With FIT files as arguments their records are taken.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from benchmarks.robustness.seeds import simulated_truth
from intervaldetect.read.fit import decode_records
from tests.read import build
from tests.reference import fit as slow

RECORDS = 600
KINDS = ("zeros", "noise", "cut out")


@dataclass
class Count:
    holes: int = 0
    untouched: int = 0
    kept: int = 0
    invented: int = 0
    thinner: int = 0
    worst: list[tuple[float, int, int]] = field(default_factory=list)


def redefined(truth: build.Truth) -> bytes:
    """Write as many devices do: definitions again and again, other messages between."""
    fit = build.begin(build.Fit())
    for i in range(truth.time.size):
        if i % 100 == 0:
            fit.define(2, 20, build.RECORD)
            fit.define(4, 140, [(253, 1, build.UINT32), (2, 9, build.UINT16)])
        if i % 60 == 30:
            fit.data(4, build.record_values(truth, i)[0], [None, 7])
        fit.data(2, *build.record_values(truth, i))
    return build.end(fit, truth).bytes()


def layouts() -> dict[str, bytes]:
    truth = simulated_truth(RECORDS)
    made: dict[str, Callable[[build.Truth], bytes]] = {
        name: lambda t, make=make: make(t).bytes() for name, make in build.FIT_VARIANTS.items()
    }
    return {"redefined": redefined(truth), **{name: make(truth) for name, make in made.items()}}


def holed(data: bytes, at: int, length: int, kind: str, rng: np.random.Generator) -> bytes:
    filling = {
        "zeros": bytes(length),
        "noise": rng.integers(0, 256, length, dtype=np.uint8).tobytes(),
        "cut out": b"",
    }[kind]
    return data[:at] + filling + data[at + length :]


def is_thinner(row: np.ndarray, by_time: dict[float, np.ndarray]) -> bool:
    """Whether a row has the values of the record of its time, as far as it has any."""
    true = by_time.get(row[0])
    return true is not None and bool(((row == true) | np.isnan(row)).all())


def measure(data: bytes, kind: str, holes: int, rng: np.random.Generator) -> Count:
    found = slow.records(data)
    ends = np.array([end for end, _ in found])
    true = Counter(np.array(row).tobytes() for _, row in found)
    by_time = {row[0]: np.array(row) for _, row in found}
    count = Count()
    for _ in range(holes):
        length = int(rng.integers(1, 65))
        at = int(rng.integers(data[0], len(data) - 2 - length))
        table = np.array(list(decode_records(holed(data, at, length, kind, rng)).values()))
        rows = Counter(column.tobytes() for column in table.T)
        first, last = np.searchsorted(ends, (at, at + length - 1), side="right")
        touched = int(min(last, ends.size - 1) - first + 1) if first < ends.size else 0
        lost = (true - rows).total()
        untouched = ends.size - touched
        kept = min(untouched, ends.size - lost)
        others = [np.frombuffer(row) for row in (rows - true).elements()]
        thinner = sum(is_thinner(row, by_time) for row in others)
        invented = max(0, len(others) - thinner - touched)
        count.holes += 1
        count.untouched += untouched
        count.kept += kept
        count.invented += invented
        count.thinner += thinner
        count.worst.append((kept / untouched, at, length))
    return count


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--holes", type=int, default=10_000, help="in all")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    files = {path.name: path.read_bytes() for path in options.files} or layouts()
    each = -(-options.holes // (len(files) * len(KINDS)))
    sums = {kind: Count() for kind in KINDS}
    titles = f"{'kept':>9}{'under 95 %':>12}{'thinner':>9}{'invented':>10}"
    print(f"{'layout':14}{'hole':9}{'holes':>7}{titles}")
    for name, data in files.items():
        for kind in KINDS:
            count = measure(data, kind, each, np.random.default_rng(options.seed))
            poor = sum(share < 0.95 for share, _, _ in count.worst)
            share = 100 * count.kept / count.untouched
            print(
                f"{name:14}{kind:9}{count.holes:7}{share:8.2f}%{poor:12}{count.thinner:9}{count.invented:10}"
                f"   worst {min(count.worst)[0]:.2f} at {min(count.worst)[1:]}"
            )
            total = sums[kind]
            total.holes += count.holes
            total.untouched += count.untouched
            total.kept += count.kept
            total.invented += count.invented
    for kind, total in sums.items():
        share, odds = 100 * total.kept / total.untouched, 1e4 * total.invented / total.untouched
        print(f"{kind}: {share:.2f} % kept, {odds:.2f} invented in 10,000 ({total.holes} holes)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
