"""What spares the suite seconds a test: batches of one job without workers, one compilation."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.batch import folder as batch_folder
from intervaldetect.batch.pool import WorkerPool
from intervaldetect.batch.prepare import compile_all
from intervaldetect.job import Settings, Task
from intervaldetect.kernels import _jit, compilation

MOST_S = 300.0
"""Longer than this no worker waits for what another one compiles."""


class NearPool:
    """What `WorkerPool` does for one job, in this process: nothing is started, nothing killed."""

    preparing = False

    def __init__(self, settings: Settings, analyse: Callable[[Task, Settings], Any]) -> None:
        self.settings = settings
        self.analyse = analyse

    def __enter__(self) -> NearPool:
        return self

    def __exit__(self, *_: object) -> None:
        """Nothing was started."""

    def expect(self, count: int) -> None:
        """Nothing has to be started."""

    def work(self, tasks: Sequence[Task], on_wait: Callable[[], None]) -> Iterator[Any]:
        for task in tasks:
            yield self.analyse(task, self.settings)
            on_wait()


def pool(settings: Settings, analyse: Callable[[Task, Settings], Any], **how: Any) -> Any:
    """Give workers where more than one is asked for."""
    if how["jobs"] > 1:
        return WorkerPool(settings, analyse, **how)
    return NearPool(settings, analyse)


@contextmanager
def one_job_near() -> Iterator[None]:
    """Let `run_batch` with one job analyse in this process."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batch_folder, "WorkerPool", pool)
        yield


@contextmanager
def alone(name: str, folder: Path) -> Iterator[None]:
    """Hold others of this run of the suite back who ask for the same name."""
    with (folder / f"{name}.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def compile_in_parts(worker: str, count: int, folder: Path) -> None:
    """Compile half of the kernels in each of the first two workers; all load what is kept.

    Who has done its part waits for the other's: without it the same would be compiled twice.
    """
    number = int(worker.removeprefix("gw"))
    if compilation.at_hand() or not _jit.JIT_ENABLED or count < len(PARTS):
        return
    if number < len(PARTS):
        PARTS[number]()
        (folder / f"{number}.compiled").touch()
    ready = [folder / f"{part}.compiled" for part in range(len(PARTS))]
    _wait_for(ready)
    if number == 0:
        compile_all()  # the little that is left, and the note that all is done


def _wait_for(files: Sequence[Path]) -> None:
    end = time.monotonic() + MOST_S
    while time.monotonic() < end and not all(file.exists() for file in files):
        time.sleep(0.1)


def _reading() -> None:
    from intervaldetect.read import read_activities

    for file in _files():
        read_activities(file)


def _analysing() -> None:
    from intervaldetect.pipeline import analyse

    analyse(_run().to_activity())


def _run() -> Any:
    from intervaldetect.simulate import Plan, simulate

    plan = Plan("6 x 400 m @ 1:28 (1:00 jog)", warmup_s=300.0, cooldown_s=200.0, terrain="hilly")
    return simulate(plan, seed=1)


def _files() -> Iterable[bytes]:
    from intervaldetect.simulate.files import to_bytes

    run = _run()
    return [to_bytes(run, form) for form in ("fit", "gpx", "tcx")]


PARTS: tuple[Callable[[], None], ...] = (_reading, _analysing)
