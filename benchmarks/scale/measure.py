"""Run a command: its time, its CPU time, and the most memory that it and its children held."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

EVERY_S = 1.0  # to ask takes 15 ms of a core
PROGRAM = "from intervaldetect.cli import main; main()"


class Run(NamedTuple):
    """What one command took; ``peak_mb`` counts shared pages once (PSS)."""

    seconds: float
    cpu_s: float
    peak_mb: float
    status: int
    told: str


def batch(folder: Path, store: Path, *more: str) -> list[str]:
    """Return the command of a batch."""
    return [sys.executable, "-c", PROGRAM, "batch", str(folder), "-o", str(store), "--quiet", *more]


def run(command: Sequence[str]) -> Run:
    """Run a command to its end."""
    started = time.perf_counter()
    before = os.times()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as process:
        peak = 0.0
        while process.poll() is None:
            peak = max(peak, _memory_mb(process.pid))
            time.sleep(EVERY_S if time.perf_counter() - started > 2 else 0.02)
        told = process.stdout.read().decode() if process.stdout else ""
    after = os.times()
    cpu = after.children_user + after.children_system
    cpu -= before.children_user + before.children_system
    return Run(time.perf_counter() - started, cpu, peak, process.returncode, told)


def _memory_mb(root: int) -> float:
    return sum(_share_kb(process) for process in family(root)) / 1024


def family(root: int) -> list[int]:
    """Return a process and everything below it."""
    found, pending = [], [root]
    while pending:
        process = pending.pop()
        found.append(process)
        try:
            tasks = list(Path(f"/proc/{process}/task").iterdir())
            for task in tasks:
                pending += [int(child) for child in (task / "children").read_text().split()]
        except OSError:  # it has just ended
            continue
    return found


def _share_kb(process: int) -> int:
    try:
        for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1])
    except OSError:
        pass
    return 0
