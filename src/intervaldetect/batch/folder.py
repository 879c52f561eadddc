"""A folder -> a store, on one machine: skip what is known, analyse what is new, judge histories.

Two passes. The first analyses each new file on its own, in processes that may die; the second
judges each athlete whose history changed as a whole. Killed at any moment, the next batch takes up
where this one stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from intervaldetect.batch.one_file import analyse_to_rows, analysis_version, content_hash
from intervaldetect.batch.pool import STALL_S, WorkerPool
from intervaldetect.batch.progress import Progress
from intervaldetect.batch.relabel import judge_history
from intervaldetect.batch.second_pass import SecondPass, settle_history
from intervaldetect.corrections.find import read_store_text
from intervaldetect.errors import ParameterError
from intervaldetect.job import FileResult, Settings, Status, Task
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import Thresholds
from intervaldetect.store import Store
from intervaldetect.store.gone import drop_gone
from intervaldetect.store.lock import store_lock
from intervaldetect.store.schema import FileRows, file_rows


def run_batch(
    folder: str | os.PathLike[str],
    store_folder: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    athlete: str = "me",
    athlete_from_folder: bool = False,
    jobs: int | None = None,
    stall_s: float = STALL_S,
    second_pass: SecondPass | None = None,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_refusal: Callable[[str], None] = lambda _: None,
) -> Progress:
    """Take everything below a folder into a store.

    Parameters
    ----------
    folder : path
        A folder, a zip archive or one file; nothing is written there.
    store_folder : path
        Where the store is or shall be.
    settings : Settings, optional
        What changes results.
    athlete : str
        Whose activities these are.
    athlete_from_folder : bool
        Instead name each file's athlete by the first folder below ``folder``.
    jobs : int, optional
        Worker processes, by default one for each core this process may use.
    stall_s : float
        A worker silent for longer on one file is stopped.
    second_pass : callable, optional
        Judges an athlete's activities within their history, by default `judge_history`.
    on_progress, on_refusal : callable
        Told how far it is; told ``PATH: what is wrong (stage, ...)`` for each refused file.

    Returns
    -------
    Progress
        The closing count.

    Raises
    ------
    ParameterError
        ``folder`` does not exist or is the store itself; thresholds are given, which are one
        athlete's, and folders name several.
    StoreError
        The store cannot be used, or another process is writing it.
    """
    root, target = Path(folder), Path(store_folder)
    settings = settings or Settings()
    _check(root, target, settings, athlete_from_folder=athlete_from_folder)
    settings = replace(settings, corrections=read_store_text(target))
    run = _Run(settings, on_progress, on_refusal)
    jobs = jobs or available_cores()
    with store_lock(target), Store.create(target) as store:
        with WorkerPool(
            settings,
            partial(analyse_to_rows, made_by=run.maker),
            jobs=jobs,
            stall_s=stall_s,
        ) as team:
            run.take_in(store, tasks_below(root, athlete, by_folder=athlete_from_folder), team)
        run.progress.gone = len(drop_gone(store, root, run.met))
        judge = second_pass or partial(judge_history, given=settings.thresholds, jobs=jobs)
        for name in store.stale_athletes():
            # What was given is of this batch's athletes; others wait for a batch of their own.
            if name in run.athletes or store.is_made_by(name, run.maker):
                settle_history(store, name, run.maker, judge)
                store.settled(name)
    on_progress(run.progress)
    return run.progress


def _check(root: Path, target: Path, settings: Settings, *, athlete_from_folder: bool) -> None:
    if not root.exists():
        raise ParameterError("folder", str(root), "a folder, archive or file that exists")
    if root.resolve() == target.resolve():
        raise ParameterError("store", str(target), "a folder other than the one read")
    if athlete_from_folder and settings.thresholds != Thresholds():
        raise ParameterError("thresholds", "given", "none where folders name the athletes")


def available_cores() -> int:
    """Return the number of cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class _Run:
    """One batch: its settings, its counts and whom it tells."""

    def __init__(
        self,
        settings: Settings,
        on_progress: Callable[[Progress], None],
        on_refusal: Callable[[str], None],
    ) -> None:
        self.maker = f"{analysis_version()} {settings.digest()}"
        self.progress = Progress()
        self.athletes: set[str] = set()
        self.met: set[str] = set()
        self.on_progress = on_progress
        self.on_refusal = on_refusal

    def take_in(self, store: Store, tasks: Iterable[Task], team: WorkerPool[FileRows]) -> None:
        """Analyse what is new among some files, and write it."""
        new = []
        with store.together() as keep:  # to look up one file in a transaction of its own is slow
            for task in tasks:
                if self.is_new(store, task):
                    new.append(task)
                    team.expect(len(new))
                    self.progress.found = len(new)
                    self.on_progress(self.progress)
                keep()
        self.progress.total += len(new)
        self.progress.begin("reading")
        self.on_progress(self.progress)
        with store.together() as keep:

            def wait() -> None:
                keep()
                self.progress.begin("preparing" if team.preparing else "reading")
                self.on_progress(self.progress)

            for result in team.work(new, wait):
                # Only of a file that no worker survived there are no rows yet.
                file = file_rows(result, self.maker) if isinstance(result, FileResult) else result
                store.put_rows(file, self.maker)
                self.tell(file.status, file.task, file.reasons)

    def is_new(self, store: Store, task: Task) -> bool:
        """Whether a file has to be analysed; counts it where not."""
        source = task.source
        self.met.add(source.path)
        if not source.likely:
            self.progress.other += 1
            return False
        self.athletes.add(task.athlete)
        if source.refusal is not None:
            self.progress.total += 1
            text = str(source.refusal).removeprefix(f"{source.refusal.path}: ")
            self.tell("refused", task, (text,))
            return False
        known = store.ledger.known(source.path)
        if known is not None and (
            known.made_by != task.made_by(self.maker)
            or (known.athlete, known.size, known.modified)
            != (task.athlete, source.size, source.modified)
        ):
            known = None
        if known is None and store.ledger.twin(task, self.maker) is not None:
            sha256 = content_hash(source)
            known = store.adopt(task, sha256, self.maker) if sha256 else None
        if known is None:
            return True
        self.progress.total += 1
        self.tell(known.status, task, known.reasons, known=True)
        return False

    def tell(
        self, status: Status, task: Task, reasons: tuple[str, ...], *, known: bool = False
    ) -> None:
        for reason in reasons if status != "other" else ():
            self.on_refusal(f"{task.source.path}: {reason}")
        self.progress.count(status, known=known)
        self.on_progress(self.progress)


def tasks_below(root: Path, athlete: str, *, by_folder: bool) -> Iterator[Task]:
    """Yield every file below a folder with its athlete."""
    root = root.absolute()
    for source in iter_sources(root):
        whose = athlete
        if by_folder:
            inside = Path(source.path.partition("!/")[0]).parts[len(root.parts) :]
            whose = inside[0] if len(inside) > 1 else athlete
        yield Task(source, whose)
