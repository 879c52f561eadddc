"""Kill batches by the hundred, run two at once, fill the disk; every store must end up the same.

    python benchmarks/scale/kills.py [--files 1000] [--kills 300] [--pairs 50] [--full 20]

A batch is killed with signal 9 at a random moment and started again until it is through; then its
store is compared row for row with one that was never interrupted, and another begins. A kill comes
within ``--within`` seconds of the first new file, one in five of the start, so that a long batch is
killed many times on its way.
Disks are small tmpfs, which only root can mount; that step is skipped elsewhere. The long form is
``--files 10000 --kills 1000 --pairs 0 --full 0``, or two of ``--kills 500 --jobs 1``, other seeds,
side by side: most of the time goes by while a batch starts.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mix import make_small

from tests.batch.killing import (
    Content,
    content,
    fill_up,
    finish,
    kill_at_random,
    run_two,
    size_of,
    start,
)

MEGABYTE = 1 << 20
IN_START = 0.2


def main() -> None:
    """Do what was asked for and print what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--kills", type=int, default=300)
    parser.add_argument("--pairs", type=int, default=50)
    parser.add_argument("--full", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--within", type=float, default=6.0)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        root = Path(name)
        folder, whole, store = root / "runs", root / "whole", root / "store"
        make_small(folder, given.files)
        assert finish(start(folder, whole, jobs=given.jobs))[0] == 0
        started = time.perf_counter()
        assert finish(start(folder, root / "again", jobs=given.jobs))[0] == 0
        takes_s = time.perf_counter() - started
        expected = content(whole)
        print(
            f"{given.files} files, {takes_s:.1f} s a batch, load {os.getloadavg()[0]:.1f}",
            flush=True,
        )
        if given.kills:
            hits, done = kill_at_random(
                folder, store, expected, kills=given.kills, jobs=given.jobs, seed=given.seed,
                within_s=min(takes_s, given.within), in_start=IN_START, on_kill=_tell,
            )  # fmt: skip
            print(f"{hits} kills, {done} stores completed, all equal row for row", flush=True)
        chance = random.Random(given.seed)
        waits = [chance.uniform(0.0, takes_s) for _ in range(given.pairs)]
        if waits:
            refused = Counter(run_two(folder, store, expected, wait_s=wait) for wait in waits)
            print(f"{given.pairs} pairs at once, {refused[1]} refused, all equal", flush=True)
        if given.full:
            _disks(root / "disk", folder, size_of(whole), expected, given.full)


def _tell(hits: int, done: int) -> None:
    if hits % 50 == 0:
        print(f"  {hits} kills so far, {done} stores completed", flush=True)


def _disks(disk: Path, folder: Path, size: int, expected: Content, points: int) -> None:
    """Fill disks of different sizes; the log beside the database needs room as well."""
    stored = []
    for point in range(points):
        room = int(0.1 * MEGABYTE + size * (point + 0.5) / points)
        disk.mkdir(exist_ok=True)
        mount = ["mount", "-t", "tmpfs", "-o", f"size={room}", "tmpfs", str(disk)]
        if subprocess.run(mount, check=False, capture_output=True).returncode:
            print("no tmpfs can be mounted here: full disks are left out")
            return
        try:
            relieve = ["mount", "-o", f"remount,size={4 * size + 64 * MEGABYTE}", str(disk)]
            stored.append(
                fill_up(
                    folder, disk / "store", expected,
                    lambda: finish(start(folder, disk / "store")),
                    lambda relieve=relieve: subprocess.run(relieve, check=True) and None,
                )
            )  # fmt: skip
        finally:
            subprocess.run(["umount", str(disk)], check=False)
    print(f"{points} disks filled with {stored} files stored; all resumed, all equal")


if __name__ == "__main__":
    main()
