"""Batches that are killed, doubled or run out of disk, for the suite and the long benchmark."""

from __future__ import annotations

import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from intervaldetect.store import DATABASE, Store

PROGRAM = "from intervaldetect.cli import main; main()"
UNUSABLE = 3
Content = dict[str, list[tuple[object, ...]]]


def content(store: Path) -> Content:
    """Every row of every table, in an order of their own."""
    db = sqlite3.connect(store / DATABASE)
    names = [name for (name,) in db.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {name: sorted(db.execute(f"SELECT * FROM {name}"), key=repr) for name in names}
    db.close()
    return found


def start(
    folder: Path, store: Path, *, jobs: int = 1, limit: int | None = None
) -> subprocess.Popen[str]:
    """Start a batch; ``limit`` is the largest file it may write, in bytes."""
    program = PROGRAM
    if limit is not None:
        program = (
            f"import resource as r; r.setrlimit(r.RLIMIT_FSIZE, ({limit}, {limit})); {PROGRAM}"
        )
    command = [sys.executable, "-c", program, "batch", str(folder), "-o", str(store), "--quiet"]
    return subprocess.Popen(
        [*command, "--jobs", str(jobs)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def finish(batch: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a batch; its status and what it said."""
    _, told = batch.communicate(timeout=3600)
    return batch.returncode, told


def rows(store: Path) -> int:
    """How many files the ledger of a store holds, also while it is written."""
    try:
        db = sqlite3.connect(f"{(store / DATABASE).as_uri()}?mode=ro", uri=True, timeout=5.0)
        try:
            return int(db.execute("SELECT count(*) FROM sources").fetchone()[0])
        finally:
            db.close()
    except sqlite3.Error:
        return 0


def kill_at_random(
    folder: Path,
    store: Path,
    expected: Content,
    *,
    kills: int,
    jobs: int,
    seed: int,
    within_s: float,
    in_start: float = 1.0,
    on_kill: Callable[[int, int], None] = lambda _hits, _done: None,
) -> tuple[int, int]:
    """Kill batches at random moments, take them up again, compare each store that gets done.

    A kill comes within ``within_s`` of the start, and but for a share of ``in_start`` of the first
    new file instead: starting takes seconds, in which nothing is written. ``on_kill`` is told the
    counts so far.

    Returns
    -------
    tuple of int
        Kills that hit a running batch, and stores that were completed and found equal.
    """
    chance = random.Random(seed)
    hits = done = 0
    while hits < kills or not done:
        batch = start(folder, store, jobs=jobs)
        if hits < kills:
            if chance.random() >= in_start:
                _wait_for_more(batch, store)
            try:
                batch.wait(chance.uniform(0.0, within_s))
            except subprocess.TimeoutExpired:
                batch.send_signal(signal.SIGKILL)
                hits += 1
                on_kill(hits, done)
        status, told = finish(batch)
        assert status in (0, -signal.SIGKILL), told
        if status == 0:
            compare(store, expected)
            shutil.rmtree(store)
            done += 1
    return hits, done


def _wait_for_more(batch: subprocess.Popen[str], store: Path) -> None:
    """Wait until a batch has stored a file, or has ended."""
    before = rows(store)
    while batch.poll() is None and rows(store) <= before:
        time.sleep(0.02)


def compare(store: Path, expected: Content) -> None:
    """Say which table differs, and that nothing lies about."""
    found = content(store)
    assert found.keys() == expected.keys()
    for name, wanted in expected.items():
        assert found[name] == wanted, f"{name}: {len(found[name])} rows, expected {len(wanted)}"
    assert {path.name for path in store.iterdir()} <= {DATABASE, "intervaldetect.lock"}


def run_two(folder: Path, store: Path, expected: Content, *, wait_s: float) -> int:
    """Start two batches on one store; how many were refused. The store must be that of one."""
    first = start(folder, store)
    time.sleep(wait_s)
    second = start(folder, store)
    ends = [finish(first), finish(second)]
    refused = [told for status, told in ends if status == UNUSABLE]
    assert sorted(status for status, _ in ends) in ([0, 0], [0, UNUSABLE]), ends
    assert all("in use by process" in told for told in refused), refused
    compare(store, expected)
    shutil.rmtree(store)
    return len(refused)


def fill_up(
    folder: Path, store: Path, expected: Content, fill: Callable[[], tuple[int, str]],
    relieve: Callable[[], None],
) -> int:  # fmt: skip
    """Run out of disk: a clean stop, what was stored stays readable, the next batch completes it.

    Returns
    -------
    int
        How many files were in the store when the disk was full.
    """
    status, told = fill()
    assert status == UNUSABLE, (status, told)
    assert "Traceback" not in told, told
    assert "store unusable" in told, told
    stored = rows(store)
    if stored:
        with Store.open(store) as opened:
            whole = {text for (text,) in opened.query("SELECT path FROM sources")}
            assert len(list(opened.summaries())) == len(whole)
    relieve()
    status, told = finish(start(folder, store))
    assert status == 0, told
    compare(store, expected)
    shutil.rmtree(store, ignore_errors=True)
    return stored


def size_of(store: Path) -> int:
    """Bytes of a store."""
    return (store / DATABASE).stat().st_size
