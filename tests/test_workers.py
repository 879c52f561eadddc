"""Workers that die, stall or never start cost what they must and no more."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import pytest

from intervaldetect.errors import IntervalDetectError
from intervaldetect.ingest import FileResult, Settings, Task
from intervaldetect.read.archive import Source
from intervaldetect.workers import analyse_tasks


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


def by_name(results: list[FileResult]) -> dict[str, str]:
    return {Path(result.task.source.path).name: result.status for result in results}


@pytest.mark.parametrize("jobs", [1, 2])
def test_every_file_is_answered_once(jobs: int) -> None:
    names = [f"file-{number}" for number in range(41)]
    results = list(analyse_tasks(tasks(*names), Settings(), jobs=jobs, analyse=misbehave))
    assert sorted(result.task.source.path for result in results) == sorted(names)
    assert {result.status for result in results} == {"read"}


def test_a_file_that_kills_its_worker_costs_itself_only(tmp_path: Path) -> None:
    names = ["one", "dies", "two", "exits", "three", str(tmp_path / "dies-once"), "prints"]
    results = list(analyse_tasks(tasks(*names), Settings(), jobs=2, analyse=misbehave))
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
    results = list(
        analyse_tasks(
            tasks("one", "stalls", "two"), Settings(), jobs=1, stall_s=0.3, analyse=misbehave
        )
    )
    assert by_name(results) == {"one": "read", "stalls": "refused", "two": "read"}
    (reason,) = [result.reasons[0] for result in results if result.reasons]
    assert reason.startswith("no result within")


def test_workers_that_never_start_end_the_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("intervaldetect.workers._work", os.abort)
    with pytest.raises(IntervalDetectError, match="end at once"):
        list(analyse_tasks(tasks("one"), Settings(), jobs=1, analyse=misbehave))


def test_giving_up_early_leaves_no_process() -> None:
    import multiprocessing

    stream = analyse_tasks(tasks(*"abcdefgh"), Settings(), jobs=2, analyse=misbehave)
    next(stream)
    stream.close()
    assert multiprocessing.active_children() == []
