"""Workers that die, stall or never start cost what they must and no more."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.batch.pool import STALL_S, WorkerPool
from intervaldetect.errors import IntervalDetectError
from intervaldetect.job import FileResult, Settings, Task
from intervaldetect.read.archive import Source


def tasks(*names: str) -> list[Task]:
    return [Task(Source(name)) for name in names]


def misbehave(task: Task, _: Settings) -> FileResult:
    """Do as the file's name says; a name with a folder remembers there that it was tried."""
    name = Path(task.source.path).name
    if name == "dies":
        os.kill(os.getpid(), signal.SIGKILL)
    if name == "exits":
        os._exit(3)
    if name == "stalls":
        time.sleep(60)
    if name == "dies-once" and not (mark := Path(task.source.path)).exists():
        mark.write_text("tried")
        os._exit(3)
    if name == "prints":
        os.write(1, b"noise from a library")
    return FileResult(task, "read", "a" * 64)


def analyse_tasks(
    given: list[Task], *, jobs: int, stall_s: float = STALL_S
) -> Iterator[FileResult]:
    with WorkerPool(Settings(), misbehave, jobs=jobs, stall_s=stall_s) as team:
        yield from team.work(given)


def by_name(results: list[FileResult]) -> dict[str, str]:
    return {Path(result.task.source.path).name: result.status for result in results}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_file_is_answered_once(jobs: int) -> None:
    names = [f"file-{number}" for number in range(41)]
    results = list(analyse_tasks(tasks(*names), jobs=jobs))
    assert sorted(result.task.source.path for result in results) == sorted(names)
    assert {result.status for result in results} == {"read"}


def test_a_file_that_kills_its_worker_costs_itself_only(tmp_path: Path) -> None:
    names = ["one", "dies", "two", "exits", "three", str(tmp_path / "dies-once"), "prints"]
    results = list(analyse_tasks(tasks(*names), jobs=2))
    assert by_name(results) == {
        "one": "read",
        "two": "read",
        "three": "read",
        "prints": "read",
        "dies-once": "read",
        "dies": "refused",
        "exits": "refused",
    }
    (reasons,) = {result.reasons for result in results if result.status == "refused"}
    assert reasons == ("the worker process died on this file, 2 times (analyse)",)


def test_a_file_that_stalls_its_worker_costs_itself_only() -> None:
    results = list(analyse_tasks(tasks("one", "stalls", "two"), jobs=1, stall_s=1.0))
    assert by_name(results) == {"one": "read", "stalls": "refused", "two": "read"}
    (reason,) = [result.reasons[0] for result in results if result.reasons]
    assert reason.startswith("no result within")


def test_workers_that_never_start_end_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intervaldetect.batch.pool._work", os.abort)
    with pytest.raises(IntervalDetectError, match="end at once"):
        list(analyse_tasks(tasks("one"), jobs=1))


def test_workers_may_be_started_ahead() -> None:
    import multiprocessing

    with WorkerPool(Settings(), misbehave, jobs=2) as team:
        for count in (0, 1, 5):
            team.expect(count)
            assert len(multiprocessing.active_children()) == min(count, 2)
        ahead = {process.pid for process in multiprocessing.active_children()}
        results = list(team.work(tasks(*"abcdefgh")))
        assert {process.pid for process in multiprocessing.active_children()} == ahead
    assert sorted(by_name(results)) == list("abcdefgh")
    assert multiprocessing.active_children() == []


def test_one_started_ahead_that_died_is_replaced() -> None:
    with WorkerPool(Settings(), misbehave, jobs=1) as team:
        team.expect(1)
        team.workers[0].process.kill()
        team.workers[0].process.join()
        assert by_name(list(team.work(tasks("one")))) == {"one": "read"}


def test_giving_up_early_leaves_no_process() -> None:
    import multiprocessing

    stream: Any = analyse_tasks(tasks(*"abcdefgh"), jobs=2)
    next(stream)
    stream.close()
    assert multiprocessing.active_children() == []
