"""Mutated inputs through `analyse`: only documented errors, only the contract, no hang, no memory.

    python -m benchmarks.robustness.analyse --inputs 100000
    python -m benchmarks.robustness.analyse --inputs 20000 --keep
    python -m benchmarks.robustness.analyse --show 1234

Of four inputs one is a damaged file (`damage.py`), one a mutated activity that is written as a file
and read back, and two are mutated activities handed over in memory (`mutants.py`): laps, steps,
pauses, clocks, totals and channels. What comes out is printed and held against the contract
(`tests.contract_faults`), with the file's laps and every eighth time without. Inputs run in forked
children whose CPU time and memory are limited; what ends a child is a finding.

Each finding is printed, and with ``--keep`` the first of its kind stored, as soon as it is found.
What is kept in ``finds/`` the suite analyses again, and later runs mutate it further: the same seed
makes the same inputs as long as the same finds are kept. Exit status 1 if anything is found.
"""

# ruff: noqa: PLC0415 - how numba compiles is settled before anything imports it

from __future__ import annotations

import argparse
import gc
import json
import sys
import tempfile
import time
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.robustness import mutants
from benchmarks.robustness.damage import damaged
from benchmarks.robustness.fuzz import BATCH, Result, Runner, Tally, settle
from intervaldetect import errors
from intervaldetect.kernels import _jit
from intervaldetect.records import Activity
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx

MEMORY_BYTES = 400 << 20
"""What a child may use over the 200 MB that the warm process has."""
DEAF = 8
WRITERS: dict[str, Callable[[Activity], bytes]] = {
    "fit": encode_fit, "gpx": encode_gpx, "tcx": encode_tcx,
}  # fmt: skip
REFUSED = (errors.MissingChannel, errors.TooShort)
UNREADABLE = (
    errors.ReadError, errors.UnknownFormat, errors.CorruptFile, errors.NoRecords,
    errors.LimitExceeded,
)  # fmt: skip


class Input(NamedTuple):
    """A file's bytes, or an activity to analyse as it is."""

    content: bytes | Activity
    laps: str


def outcome(item: Input) -> str:
    """Read if need be, analyse and print; returns what kind of end it came to."""
    from intervaldetect.read import read_activities

    try:
        if isinstance(item.content, Activity):
            return analysed(item.content, item.laps)
        try:
            activities = read_activities(item.content, path="input")
        except UNREADABLE as error:
            wrapped = f"{type(error.__cause__).__name__} while" in str(error)
            return f"FOUND wrapped {str(error)[:200]}" if wrapped else type(error).__name__
        ends = [analysed(activity, item.laps) for activity in activities]
        return next((end for end in ends if end.startswith("FOUND")), ends[0])
    except MemoryError:
        return "FOUND memory bound"
    except Exception as error:  # noqa: BLE001 - whatever escapes is what is looked for
        frame = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(frame.filename).name}:{frame.lineno}"
        return f"FOUND undocumented {type(error).__name__} {where}: {str(error)[:160]}"


def analysed(activity: Activity, laps: Any) -> str:
    from intervaldetect.output.curves import views_of
    from intervaldetect.output.summary import to_dict
    from intervaldetect.pipeline import analyse
    from tests.output.faults import faults

    try:
        analysis = analyse(activity, laps=laps)
    except REFUSED as error:
        return type(error).__name__
    views_of(analysis.signal)
    summary = to_dict(analysis)
    found = faults(summary)
    if laps == "ignore" and summary["laps_used"] != "none":
        found = (*found, "laps used that were to be ignored")
    if found:
        return f"FOUND contract, {found[0]}"
    return f"analysed, {summary['laps_used']}, {'reps' if summary['sets'] else 'no reps'}"


class Analyser(Runner):
    """Makes inputs and analyses them in children."""

    memory_bytes = MEMORY_BYTES

    def __init__(self, number: int, cpu_s: float) -> None:
        super().__init__(number, cpu_s)
        self.bases = mutants.bases()

    def input(self, index: int) -> tuple[Input, str]:
        laps = "ignore" if index % DEAF == 7 else "auto"
        if index % 4 == 0:
            data, done = damaged(self.number, index, self.seeds)
            return Input(data, laps), f"damaged {done}"
        activity, done = mutants.mutant(self.number, index, self.bases)
        if index % 4 == 1 and (data := written(activity, index // 4)) is not None:
            return Input(data, laps), f"written {done}"
        return Input(activity, laps), f"mutant {done}"

    def outcome(self, data: Any) -> tuple[str, str]:
        return outcome(data), ""

    def warm(self) -> None:
        warnings.simplefilter("error")  # a number that is none was computed with
        _jit.compile_kernels()
        for _, activity in self.bases:
            outcome(Input(activity, "auto"))
        for seed in self.seeds:
            outcome(Input(seed.data, "auto"))
        for index in range(-120, 0):
            outcome(self.input(index)[0])
        gc.collect()
        gc.freeze()


def written(activity: Activity, index: int) -> bytes | None:
    """Write an activity in one of the formats; None where it cannot be written."""
    if len(activity) > 3000:
        return None
    try:
        return WRITERS[("fit", "tcx", "fit", "gpx")[index % 4]](activity)
    except Exception:  # noqa: BLE001 - what a writer refuses is handed over in memory
        return None


# --- the whole ---------------------------------------------------------------------------------


def keep(runner: Analyser, result: Result, folder: Path, kept: set[str]) -> None:
    """Store the first find of every kind."""
    kind = kind_of(result.end)
    if kind in kept:
        return
    kept.add(kind)
    item, _ = runner.input(result.index)
    folder.mkdir(parents=True, exist_ok=True)
    stem = folder / f"{runner.number}-{result.index}"
    if isinstance(item.content, Activity):
        text = json.dumps(mutants.packed(item.content, kind))
        stem.with_suffix(".json").write_text(text + "\n", "utf-8")
    else:
        stem.with_suffix(".bin").write_bytes(item.content)


def kind_of(end: str) -> str:
    return end.removeprefix("FOUND ").split(":")[0]


def fuzz(
    runner: Analyser, first: int, inputs: int, *, progress: bool, folder: Path | None
) -> Tally:
    """Analyse inputs; prints each finding, and keeps it in ``folder``, when its batch ends."""
    tally, kept = Tally(), set[str]()
    begin = time.monotonic()
    for start in range(first, first + inputs, BATCH):
        for result in runner.read(range(start, min(first + inputs, start + BATCH))).values():
            note(tally, result, runner)
            if not result.end.startswith("FOUND"):
                continue
            print(f"  {tally.findings[-1]}", flush=True)
            if folder is not None:
                keep(runner, result, folder, kept)
        if progress and (start - first) // BATCH % 4 == 3:
            spent = time.monotonic() - begin
            print(
                f"{tally.inputs} inputs, {len(tally.findings)} findings, {spent:.0f} s", flush=True
            )
    return tally


def note(tally: Tally, result: Result, runner: Analyser) -> None:
    tally.inputs += 1
    tally.outcomes[kind_of(result.end)] += 1
    if result.end.startswith("FOUND"):
        done = runner.input(result.index)[1]
        tally.findings.append(f"{result.index} ({done}): {result.end.removeprefix('FOUND ')}")
    if result.cpu_s > tally.longest_s:
        tally.longest_s, tally.longest = result.cpu_s, result.index


def report(tally: Tally) -> None:
    for end, count in tally.outcomes.most_common():
        print(f"  {count:7d}  {end}")
    print(f"  the dearest, {tally.longest}, {tally.longest_s:.3f} s")
    print(f"{len(tally.findings)} findings")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--inputs", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0, help="input to begin with")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kernels", choices=("checked", "fast", "interpreted"), default="fast")
    parser.add_argument("--cpu", type=float, default=10.0, help="s per input")
    parser.add_argument("--cache", help="where checked kernels are kept")
    parser.add_argument(
        "--keep", nargs="?", type=Path, const=mutants.FINDS, metavar="FOLDER",
        help="store the first find of each kind, in finds/ if no folder is named",
    )  # fmt: skip
    parser.add_argument("--show", type=int, metavar="INDEX", help="analyse one input here")
    parser.add_argument("--quiet", action="store_true", help="print the result only")
    options = parser.parse_args()
    settle(
        options.kernels,
        options.cache or str(Path(tempfile.gettempdir()) / "intervaldetect-fuzz-cache"),
    )
    runner = Analyser(options.seed, options.cpu)
    if options.show is not None:
        item, done = runner.input(options.show)
        print(done)
        print(outcome(item))
        return 0
    runner.warm()
    tally = fuzz(
        runner, options.first, options.inputs, progress=not options.quiet, folder=options.keep
    )
    print(f"{tally.inputs} inputs of seed {options.seed}, kernels {options.kernels}")
    report(tally)
    return 1 if tally.findings else 0


if __name__ == "__main__":
    sys.exit(main())
