"""Damaged files by the hundred thousand: only documented errors, no hang, no crash, no memory.

    python -m benchmarks.robustness.fuzz --inputs 200000
    python -m benchmarks.robustness.fuzz --inputs 5000 --kernels interpreted
    python -m benchmarks.robustness.fuzz --show 1234 > input.bin

Simulated files of at most 20 kB are damaged (`damage.py`) and read in forked children whose CPU
time (per input) and memory are limited. Every input is read twice: in order by the compiled
scanners, and in another order, after other files, by the scanner without numba where it serves;
one in 64 also alone in a process. All must give the same bits. An input that brings down its child
is read again alone, and the batch goes on behind it. The same seed makes the same inputs.

``--kernels checked`` (the default) compiles with NUMBA_BOUNDSCHECK=1 into a cache of its own.
Exit status 1 if anything is found.
"""

from __future__ import annotations

import argparse
import gc
import hashlib
import json
import os
import random
import resource
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

# None of these imports numba: how it compiles is settled before.
from benchmarks.robustness.damage import damaged
from benchmarks.robustness.seeds import seeds
from intervaldetect import errors, read
from intervaldetect.kernels import _jit
from intervaldetect.read import fit_scan
from intervaldetect.records.channels import CHANNELS, NAMES

BATCH = 500
ALONE = 64
MEMORY_BYTES = 64 << 20
"""What a child may use over what the warm process has."""


@dataclass
class Tally:
    """What came out: outcomes, findings, and the dearest input."""

    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    longest_s: float = 0.0
    longest: int = -1
    inputs: int = 0
    alone: int = 0


def outcome(data: bytes) -> tuple[str, str]:
    """Read an input; returns what kind of end it came to and a digest of all that came out."""
    allowed = {
        errors.ReadError, errors.NotAnActivity, errors.UnknownFormat, errors.CorruptFile,
        errors.NoRecords, errors.LimitExceeded,
    }  # fmt: skip
    try:
        activities = read.read_activities(data, path="input")
    except MemoryError:
        return "FOUND memory bound", ""
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        name, text = type(error).__name__, str(error)
        cause = error.__cause__
        if type(error) not in allowed:
            return f"FOUND undocumented {name}: {text[:200]}", text
        if cause is not None and f"{type(cause).__name__} while" in text:
            return f"FOUND wrapped {text[:200]}", text
        return name, text
    faults = [fault for activity in activities for fault in faults_of(activity)]
    if faults:
        return f"FOUND {faults[0]}", ""
    worst = max(activity.integrity for activity in activities)  # repaired > partial > intact
    return f"read, {worst}", digest(activities)


def faults_of(activity: Any) -> Iterator[str]:
    """Say what no reader may deliver."""
    if tuple(activity.columns) != NAMES:
        yield f"columns {tuple(activity.columns)}"
    if len({values.shape for values in activity.columns.values()}) != 1 or not len(activity):
        yield "columns of unequal length, or empty"
    time_s = activity.columns["time"]
    if not np.isfinite(time_s).all() or time_s[0] != 0 or (np.diff(time_s) < 0).any():
        yield "time that falls or is not known"
    for channel in CHANNELS:
        values = activity.columns[channel.name]
        known = values[~np.isnan(values)]
        if known.size and not (known.min() >= channel.low and known.max() <= channel.high):
            yield f"{channel.name} out of its range"
    for each in (*activity.laps, *activity.pauses):
        if not each.start_s <= each.end_s:
            yield f"{type(each).__name__} from {each.start_s} to {each.end_s}"
    for problem in activity.problems:
        if problem.count < 1:
            yield f"problem {problem.code} with count {problem.count}"
    if activity.integrity != "intact" and not activity.problems:
        yield f"{activity.integrity} without a problem"


def digest(activities: Sequence[Any]) -> str:
    """Digest every bit of what was read."""
    found = hashlib.blake2b(digest_size=16)
    for each in activities:
        for name, values in each.columns.items():
            found.update(name.encode() + values.tobytes())
        found.update(
            repr((
                each.sha256, each.format, each.part, each.integrity, each.start_time, each.laps,
                each.pauses, each.steps, each.events, each.session, each.name, each.description,
                each.sport, each.sub_sport, each.device, each.utc_offset_s, each.problems,
            )).encode()
        )  # fmt: skip
    return found.hexdigest()


# --- children ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Result:
    """How one reading of one input ended."""

    index: int
    end: str
    digest: str
    cpu_s: float


class Runner:
    """Makes inputs and reads them in children."""

    def __init__(self, number: int, cpu_s: float) -> None:
        self.number = number
        self.cpu_s = cpu_s
        self.seeds = seeds()

    memory_bytes = MEMORY_BYTES

    def input(self, index: int) -> tuple[Any, str]:
        return damaged(self.number, index, self.seeds)

    def outcome(self, data: Any) -> tuple[str, str]:
        return outcome(data)

    def warm(self) -> None:
        """Load and compile all there is, so that no input pays for it."""
        _jit.compile_kernels()
        for light in (True, False):
            with mock.patch.object(fit_scan, "compiled", lambda light=light: not light):
                self.try_out()
        gc.collect()
        gc.freeze()

    def try_out(self) -> None:
        for seed in self.seeds:
            outcome(seed.data)
            outcome(seed.data[: len(seed.data) // 2])
            outcome(seed.data[:99] + bytes(9) + seed.data[108:])
        for index in range(-40, 0):
            outcome(self.input(index)[0])

    def read(self, indices: Sequence[int], *, light: bool = False) -> dict[int, Result]:
        """Read inputs in one child after the other, until all have come to some end."""
        results: dict[int, Result] = {}
        rest = list(indices)
        while rest:
            found, status = self.fork(rest, light=light)
            results.update((result.index, result) for result in found)
            rest = rest[len(found) :]
            if rest and status:
                index = rest.pop(0)
                results[index] = self.fatal(index, status, light=light)
        return results

    def fatal(self, index: int, status: int, *, light: bool) -> Result:
        """Read again alone what ended a child."""
        found, again = self.fork([index], light=light)
        where = "alone too" if not found else "but not alone"
        name = signal.Signals(os.WTERMSIG(again if not found else status)).name
        return Result(index, f"FOUND {name}, {where}", "", self.cpu_s)

    def fork(self, indices: Sequence[int], *, light: bool) -> tuple[list[Result], int]:
        """Read inputs in one child; returns the results it sent and its wait status."""
        receive, send = os.pipe()
        child = os.fork()
        if not child:
            os.close(receive)
            self.work(indices, send, light=light)
        os.close(send)
        with open(receive, "rb") as stream:  # noqa: PTH123 - a descriptor, not a path
            lines = stream.read().split(b"\n")
        status = os.waitpid(child, 0)[1]
        return [Result(*json.loads(line)) for line in lines[:-1]], status

    def work(self, indices: Sequence[int], send: int, *, light: bool) -> None:
        """Be the child: limits first, then input after input; never returns."""
        code = 70
        try:
            if light:
                fit_scan.compiled = lambda: False
            pages = int(Path("/proc/self/statm").read_text().split()[0])
            bound = pages * resource.getpagesize() + self.memory_bytes
            resource.setrlimit(resource.RLIMIT_AS, (bound, bound))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGPROF, signal.SIG_DFL)
            for index in indices:
                data, _ = self.input(index)
                before = time.process_time()
                signal.setitimer(signal.ITIMER_PROF, self.cpu_s)
                end, mark = self.outcome(data)
                signal.setitimer(signal.ITIMER_PROF, 0.0)
                spent = time.process_time() - before
                os.write(send, json.dumps((index, end, mark, round(spent, 6))).encode() + b"\n")
            code = 0
        finally:
            os._exit(code)


# --- the whole ---------------------------------------------------------------------------------


def fuzz(runner: Runner, start: int, inputs: int, progress: bool) -> Tally:
    tally = Tally()
    begin = time.monotonic()
    for first in range(start, start + inputs, BATCH):
        indices = list(range(first, min(start + inputs, first + BATCH)))
        shuffled = random.Random(first).sample(indices, len(indices))
        forwards, otherwise = runner.read(indices), runner.read(shuffled, light=True)
        for index in indices:
            results = [forwards[index], otherwise[index]]
            if index % ALONE == 0:
                results.append(runner.read([index])[index])
                tally.alone += 1
            note(tally, index, results, runner)
        if progress and (first - start) // BATCH % 20 == 19:
            spent = time.monotonic() - begin
            print(f"{tally.inputs} inputs, {len(tally.findings)} findings, {spent:.0f} s")
    return tally


def note(tally: Tally, index: int, results: Sequence[Result], runner: Runner) -> None:
    tally.inputs += 1
    ends = [result.end for result in results]
    bad = next((end for end in ends if end.startswith("FOUND")), None)
    if bad is None and len({(result.end, result.digest) for result in results}) > 1:
        bad = f"FOUND results that differ: {ends}"
    if bad is not None:
        tally.outcomes[bad.removeprefix("FOUND ").split(":")[0]] += 1
        tally.findings.append(f"{index} ({runner.input(index)[1]}): {bad.removeprefix('FOUND ')}")
    else:
        tally.outcomes[ends[0]] += 1
    for result in results:
        if result.cpu_s > tally.longest_s:
            tally.longest_s, tally.longest = result.cpu_s, index


def settle(kernels: str, cache: str) -> None:
    """Choose how kernels run, before anything imports numba."""
    assert "numba" not in sys.modules
    os.environ["OMP_NUM_THREADS"] = os.environ["OPENBLAS_NUM_THREADS"] = "1"
    if kernels == "checked":
        os.environ["NUMBA_BOUNDSCHECK"] = "1"
        os.environ["NUMBA_CACHE_DIR"] = cache
    elif kernels == "interpreted":
        os.environ["NUMBA_DISABLE_JIT"] = "1"


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="input to begin with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kernels", choices=("checked", "fast", "interpreted"), default="checked")
    parser.add_argument("--cpu", type=float, help="s per input; default 1, interpreted 60")
    parser.add_argument("--cache", help="where checked kernels are kept")
    parser.add_argument("--show", type=int, metavar="INDEX", help="write one input to stdout")
    parser.add_argument("--quiet", action="store_true", help="print the result only")
    options = parser.parse_args()
    cache = options.cache or str(Path(tempfile.gettempdir()) / "intervaldetect-fuzz-cache")
    settle(options.kernels, cache)
    runner = Runner(options.seed, options.cpu or (60.0 if options.kernels == "interpreted" else 1))
    if options.show is not None:
        data, done = runner.input(options.show)
        sys.stdout.buffer.write(data)
        print(done, file=sys.stderr)
        return 0
    runner.warm()
    tally = fuzz(runner, options.first, options.inputs, not options.quiet)
    begun = f" from {options.first} on" if options.first else ""
    print(f"{tally.inputs} inputs of seed {options.seed}{begun}, kernels {options.kernels}")
    for end, count in tally.outcomes.most_common():
        print(f"  {count:7d}  {end}")
    print(
        f"  {tally.alone} of them also alone; the dearest, {tally.longest}, {tally.longest_s:.3f} s"
    )
    print(f"{len(tally.findings)} findings")
    for finding in tally.findings[:40]:
        print(f"  {finding}")
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
