"""Processes that analyse files and may die or stall without taking the batch along.

A file that kills or stalls its worker is tried once more, alone, and then refused; the other files
of its chunk go on in a fresh worker.
"""

from __future__ import annotations

import gc
import os
import signal
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Generic, Self, TypeVar

from intervaldetect.batch.prepare import make_ready
from intervaldetect.errors import IntervalDetectError
from intervaldetect.job import FileResult, Settings, Task
from intervaldetect.kernels.compilation import one_thread, wanted

CHUNK = 16
STALL_S = 60.0
# A worker's first file may find the machine busy starting others: so much more patience for it.
FIRST_FACTOR = 5.0
PREPARING = "preparing"
"""What a worker says before it compiles, once on a machine; `None` says that it is ready."""
PREPARE_S = 3600.0
START_S = 60.0
TRIES = 2
FILES_PER_WORKER = 2
"""To start a worker takes as long as two usual files."""
FRUITLESS_STARTS = 3
GARBAGE = 50_000
"""New objects after which a worker looks for cycles: analysing a file leaves hardly any."""
Result = TypeVar("Result")
Analyse = Callable[[Task, Settings], Result]


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    chunk: deque[Task] = field(default_factory=deque)
    heard: float = field(default_factory=time.monotonic)
    ready: bool = False
    preparing: bool = False
    answered: int = 0


class WorkerPool(Generic[Result]):
    """Worker processes and what is still to be done; a context manager, which ends them.

    Parameters
    ----------
    settings : Settings
    analyse : callable
        Picklable: `analyse_source`, or what makes more of it.
    jobs : int
        Number of worker processes.
    stall_s : float
        A worker silent for longer on one file is stopped.
    """

    def __init__(
        self, settings: Settings, analyse: Analyse[Result], *, jobs: int, stall_s: float = STALL_S
    ) -> None:
        self.settings = settings
        self.analyse = analyse
        self.jobs = jobs
        self.stall_s = stall_s
        self.waiting: deque[deque[Task]] = deque()
        self.workers: list[_Worker] = []
        self.tries: dict[str, int] = {}
        self.fruitless = 0
        self.compiled = False
        self.context = get_context("spawn")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for worker in self.workers:
            worker.pipe.close()
            worker.process.kill()
        for worker in self.workers:
            worker.process.join()
        self.workers.clear()

    @property
    def preparing(self) -> bool:
        """Whether a worker is compiling, which happens once on a machine."""
        return any(worker.preparing for worker in self.workers)

    def expect(self, count: int) -> None:
        """Start workers for so many tasks to come: starting takes them a second or two."""
        while len(self.workers) < min(self.jobs, -(-count // FILES_PER_WORKER)):
            self._start()

    def work(
        self, tasks: Sequence[Task], on_wait: Callable[[], None] = lambda: None
    ) -> Iterator[Result | FileResult]:
        """Yield the result of every task, in the order in which they are done.

        A file that no worker survives has a `FileResult` of its own, which refuses it. ``on_wait``
        is called at least every second while nothing arrives.

        Raises
        ------
        IntervalDetectError
            Workers end before they can take their first file.
        """
        self.compiled = wanted(sum(task.source.size or 0 for task in tasks))
        self.jobs = max(1, min(self.jobs, -(-len(tasks) // FILES_PER_WORKER)))
        size = max(1, min(CHUNK, len(tasks) // (4 * self.jobs)))
        starts = range(0, len(tasks), size)
        self.waiting.extend(deque(tasks[start : start + size]) for start in starts)
        while self._busy():
            self._hire()
            yield from self._listen(timeout=1.0)
            on_wait()

    def _busy(self) -> bool:
        return bool(self.waiting) or any(worker.chunk for worker in self.workers)

    def _hire(self) -> None:
        """Start workers while there is work for them, and hand a chunk to each idle one."""
        for worker in self.workers:
            if worker.ready and not worker.chunk and self.waiting:
                self._assign(worker)
        idle = sum(not worker.chunk for worker in self.workers)
        while len(self.workers) < self.jobs and idle < len(self.waiting):
            self._start()
            idle += 1

    def _listen(self, timeout: float) -> Iterator[Result | FileResult]:
        """Yield what arrives within the timeout; replace workers that died or stalled."""
        by_pipe = {worker.pipe: worker for worker in self.workers}
        for pipe in wait(list(by_pipe), timeout):
            worker = by_pipe[pipe]  # type: ignore[index]  # wait() gives back what it was given
            try:
                result: Result | None = worker.pipe.recv()
            except (EOFError, OSError):
                yield from self._lost(worker, "the worker process died on this file")
            else:
                yield from self._heard(worker, result)
        now = time.monotonic()
        for worker in list(self.workers):
            limit = self._patience_s(worker)
            if (worker.chunk or not worker.ready) and now - worker.heard > limit:
                worker.process.kill()
                yield from self._lost(worker, f"no result within {limit:.0f} s")

    def _heard(self, worker: _Worker, result: Result | None) -> Iterator[Result]:
        """Take what a worker sent: a result, that it is ready, or that it prepares."""
        worker.heard = time.monotonic()
        worker.ready = True
        worker.preparing = result == PREPARING
        self.fruitless = 0
        if worker.preparing:
            return
        if result is not None:
            worker.chunk.popleft()
            worker.answered += 1
            yield result
        if not worker.chunk and self.waiting:
            self._assign(worker)

    def _patience_s(self, worker: _Worker) -> float:
        """Return how long a worker may be silent: longer at its start, and while it prepares."""
        if worker.preparing:
            return PREPARE_S
        limit = self.stall_s if worker.answered else FIRST_FACTOR * self.stall_s
        return limit if worker.ready else max(limit, START_S)

    def _start(self) -> None:
        ours, theirs = self.context.Pipe()
        process = self.context.Process(
            target=_work, args=(theirs, self.settings, self.analyse), daemon=True
        )
        with one_thread():
            process.start()
        theirs.close()
        self.workers.append(_Worker(process, ours))

    def _assign(self, worker: _Worker) -> None:
        worker.chunk = self.waiting.popleft()
        worker.heard = time.monotonic()
        try:
            worker.pipe.send((self.compiled, list(worker.chunk)))
        except OSError:  # it died while idle; listen() notices and gives the chunk back
            return

    def _lost(self, worker: _Worker, reason: str) -> Iterator[FileResult]:
        self.workers.remove(worker)
        worker.pipe.close()
        worker.process.join()
        if not worker.ready:
            self.fruitless += 1
            if self.fruitless >= FRUITLESS_STARTS:
                code = worker.process.exitcode
                raise IntervalDetectError(f"worker processes end at once (exit code {code})")
        if not worker.chunk:
            return
        suspect, rest = worker.chunk[0], worker.chunk
        path = suspect.source.path
        self.tries[path] = self.tries.get(path, 0) + 1
        rest.popleft()
        if rest:
            self.waiting.appendleft(rest)
        if self.tries[path] < TRIES:
            self.waiting.append(deque([suspect]))
        else:
            yield FileResult(suspect, "refused", None, (), (f"{reason}, {TRIES} times (analyse)",))


def _work(pipe: Connection, settings: Settings, analyse: Analyse[Result]) -> None:
    """Answer chunks of tasks one result at a time until the parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    with open(os.devnull, "w") as nowhere:  # noqa: PTH123 - a device, not a path
        os.dup2(nowhere.fileno(), 1)  # what a library prints must not mix with the results
    gc.set_threshold(GARBAGE)
    try:
        pipe.send(None)
        while True:
            compiled, chunk = pipe.recv()
            for task in chunk:
                if compiled:
                    make_ready(lambda: pipe.send(PREPARING))
                pipe.send(analyse(task, settings))
    except (EOFError, OSError):
        return
