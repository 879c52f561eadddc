"""What the second pass of a batch costs: duplicates, local time, thresholds, labels, writing.

    python benchmarks/scale/second_pass.py FOLDER|STORE [--runs 5] [--jobs N] [--parts]

A folder of recordings is taken in first, without the second pass; a store without one can be given
instead. The pass is run several times over a copy, each in this process, so that the first also
loads what it needs; the least is what counts on a machine that is shared. ``--parts`` says what
the functions of the pass cost, each with what it calls; with more jobs only those in this process
are counted, and only seconds are to be compared. The last line is a digest of all rows of
the store after the pass: equal before and after a change that shall change no result.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sqlite3
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from intervaldetect.batch import folder as batch_folder
from intervaldetect.batch import one_session, relabel, second_pass
from intervaldetect.store import DATABASE, Store

PARTS: tuple[tuple[Any, str], ...] = (
    (second_pass, "settle_duplicates"), (second_pass, "settle_local_time"),
    (relabel, "from_json"), (relabel, "thresholds_in_order"), (one_session, "_label"),
    (one_session, "_decided"), (one_session, "relabelled"), (one_session, "loads_outline"),
    (Store, "relabel"), (Store, "reread"),
)  # fmt: skip


def main() -> None:
    """Run the pass as often as asked for and print its cost."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--parts", action="store_true")
    parser.add_argument("--by-folder", action="store_true", help="one athlete for each folder")
    given = parser.parse_args()
    spent: dict[str, float] = defaultdict(float)
    if given.parts:
        for where, name in PARTS:
            setattr(where, name, timed(getattr(where, name), name, spent))
    with tempfile.TemporaryDirectory() as name:
        first = given.path
        if not (first / DATABASE).is_file():
            first = Path(name) / "first"
            take_in(given.path, first, by_folder=given.by_folder)
        store = Path(name) / "store"
        passes = [one_pass(first, store, spent, given.jobs) for _ in range(given.runs)]
        count = sqlite3.connect(store / DATABASE).execute("SELECT count(*) FROM recordings")
        ((activities,),) = count.fetchall()
        ms = [1000.0 * cpu / activities for cpu, _, _ in passes]
        wall = min(wall for _, wall, _ in passes)
        print(f"{activities} activities: {min(ms):.2f} ms of CPU each at least, {max(ms):.2f} at"
              f" most; {wall:.2f} s in all")  # fmt: skip
        for part in passes[0][2]:
            print(f"{part:24}{1000.0 * min(each[2][part] for each in passes) / activities:8.3f}")
        print(digest(store))


def take_in(folder: Path, store: Path, *, by_folder: bool) -> None:
    """Make a store of a folder as it is before the second pass."""
    settled = Store.settled
    batch_folder.settle_history = lambda *_: None  # type: ignore[assignment]
    Store.settled = lambda *_: None  # type: ignore[method-assign,assignment]
    batch_folder.run_batch(folder, store, athlete_from_folder=by_folder)
    Store.settled = settled  # type: ignore[method-assign]


def timed(function: Callable[..., Any], name: str, spent: dict[str, float]) -> Callable[..., Any]:
    """Return a function that adds the CPU seconds of each call."""

    def call(*given: Any, **named: Any) -> Any:
        started = time.process_time()
        try:
            return function(*given, **named)
        finally:
            spent[name] += time.process_time() - started

    return call


def one_pass(
    first: Path, target: Path, spent: dict[str, float], jobs: int
) -> tuple[float, float, dict[str, float]]:
    """Judge all athletes of a copy; CPU seconds, seconds, and CPU seconds of the parts."""
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(first, target)
    spent.clear()
    judge = partial(relabel.judge_history, jobs=jobs)
    with Store.create(target) as store:
        ((maker,),) = store.query("SELECT DISTINCT made_by FROM recordings")
        cpu, wall = time.process_time(), time.perf_counter()
        for name in store.stale_athletes():
            second_pass.settle_history(store, name, maker, judge)
            store.settled(name)
        return time.process_time() - cpu, time.perf_counter() - wall, dict(spent)


def digest(folder: Path) -> str:
    """Return a digest of every row of every table."""
    found = hashlib.sha256()
    db = sqlite3.connect(folder / DATABASE)
    for (table,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1"):
        for row in sorted(map(repr, db.execute(f"SELECT * FROM {table}"))):
            found.update(row.encode())
    return found.hexdigest()[:16]


if __name__ == "__main__":
    main()
