"""A bucket -> a Parquet dataset, on Dask: the local batch's function, run over chunks of files.

Every step writes whole files whose names follow from what they hold, so a worker may die at any
moment and its chunk is done anew. Below the address of the results lie

- ``files/athlete=NAME/*.parquet``: one row a file and activity, as the file alone tells it; this is
  the ledger by which the next run skips what is known;
- ``activities/athlete=NAME/part.parquet``: the printed objects, judged within the athlete's
  history, every session once; written anew for athletes with new files only;
- ``judged/athlete=NAME``: which files that history was made of.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from intervaldetect.batch.dataset import (
    as_parquet,
    file_system,
    is_local,
    ledger,
    partition,
    partitions,
    results_of,
    rows_of,
    write_whole,
)
from intervaldetect.batch.folder import available_cores, tasks_below
from intervaldetect.batch.one_file import analyse_source, analysis_version
from intervaldetect.batch.progress import Progress
from intervaldetect.batch.relabel import judge_history
from intervaldetect.batch.second_pass import settle_history
from intervaldetect.errors import IntervalDetectError, ParameterError, ReadError
from intervaldetect.job import FileResult, Settings, Status, Task
from intervaldetect.output.export import export_summaries
from intervaldetect.read.archive import SUFFIXES, Source
from intervaldetect.read.unzip import too_large
from intervaldetect.records import Problem, Thresholds
from intervaldetect.store import Store

CHUNK = 300
Analyse = Callable[[Task, Settings], FileResult]


@dataclass(frozen=True, slots=True)
class RemoteSource(Source):
    """One file behind an fsspec address, read whole."""

    def read(self) -> tuple[bytes, tuple[Problem, ...]]:
        """Give the bytes; `ReadError` where they cannot be had."""
        if self.size is not None and self.size > self.limits.file_bytes:
            raise too_large(self.path, self.limits.file_bytes)
        try:
            system, path = file_system(self.file)
            return system.cat_file(path), ()
        except Exception as error:
            raise ReadError(self.path, "open", f"{type(error).__name__}: {error}") from error


@dataclass(frozen=True, slots=True)
class ChunkCount:
    """What became of a chunk: path, status and reasons of each file."""

    told: tuple[tuple[str, str, tuple[str, ...]], ...]


def run_on_dask(
    folder: str,
    results: str,
    *,
    scheduler: str | None = None,
    workers: int | None = None,
    settings: Settings | None = None,
    athlete: str = "me",
    athlete_from_folder: bool = False,
    chunk: int = CHUNK,
    analyse: Analyse = analyse_source,
    on_progress: Callable[[Progress], None] = lambda _: None,
    on_refusal: Callable[[str], None] = lambda _: None,
) -> Progress:
    """Take everything below an address into a Parquet dataset, on the workers of a scheduler.

    Parameters
    ----------
    folder, results : str
        fsspec addresses, or paths that every worker sees. Archives are opened on paths only.
    scheduler : str, optional
        Address of a Dask scheduler, ``tcp://HOST:PORT``; without one a cluster is started on this
        machine and stopped in the end.
    workers : int, optional
        Worker processes of a cluster that is started here; all cores unless given.
    settings, athlete, athlete_from_folder, on_progress, on_refusal
        As for `intervaldetect.batch.folder.run_batch`.
    chunk : int
        Files a task.
    analyse : callable
        A picklable stand-in for `analyse_source`, for tests.

    Raises
    ------
    ParameterError
        Thresholds are given where folders name the athletes.
    IntervalDetectError
        The extra ``dask`` is not installed, or the scheduler or the addresses cannot be used.
    """
    settings = settings or Settings()
    if athlete_from_folder and settings.thresholds != Thresholds():
        raise ParameterError("thresholds", "given", "none where folders name the athletes")
    _require_dask()
    count = _Count(Progress(), on_refusal)
    maker = f"{analysis_version()} {settings.digest()}"
    known, latest = ledger(results)
    tasks = _tasks(folder, athlete, by_folder=athlete_from_folder)
    new = [task for task in tasks if count.is_new(task, known, maker)]
    on_progress(count.progress)
    new.sort(key=lambda task: (task.athlete, task.source.path))
    first = partial(
        analyse_chunk, settings=settings, results=results, run=latest + 1, analyse=analyse
    )
    with _connected(scheduler, workers) as client:
        chunks = [tuple(new[at : at + chunk]) for at in range(0, len(new), chunk)]
        for done in _spread(client, first, chunks):
            for path, status, reasons in done.told:
                count.add(path, status, reasons)  # type: ignore[arg-type]  # one of Status
            on_progress(count.progress)
        second = partial(judge_athlete, results=results, maker=maker, given=settings.thresholds)
        names = partitions(results)
        for future in client.map(second, names, pure=False, retries=2):
            future.result()
    return count.progress


def _require_dask() -> None:
    if find_spec("distributed") is None:
        raise IntervalDetectError("--engine dask needs intervaldetect[dask]")


@contextmanager
def _connected(scheduler: str | None, workers: int | None) -> Iterator[Any]:
    """Give a client of a scheduler, or of a cluster that lives as long as the client."""
    from distributed import Client, LocalCluster

    with ExitStack() as stack:
        if scheduler is None:
            address = stack.enter_context(
                LocalCluster(
                    n_workers=workers or available_cores(), threads_per_worker=1,
                    host="127.0.0.1", dashboard_address=None,
                )
            )  # fmt: skip
        else:
            address = scheduler
        try:
            client = stack.enter_context(Client(address, set_as_default=False))
        except (OSError, ValueError) as error:
            raise IntervalDetectError(f"no scheduler at {scheduler}: {error}") from error
        yield client


@dataclass(frozen=True, slots=True)
class _Count:
    """How far it is, and who is told what was refused."""

    progress: Progress
    on_refusal: Callable[[str], None]

    def add(
        self, path: str, status: Status, reasons: Iterable[str], *, known: bool = False
    ) -> None:
        for reason in reasons if status != "other" else ():
            self.on_refusal(f"{path}: {reason}")
        self.progress.count(status, known=known)

    def is_new(self, task: Task, known: Mapping[str, Any], maker: str) -> bool:
        """Whether a file has to be analysed; others are counted at once."""
        source = task.source
        if not source.likely:
            self.progress.other += 1
            return False
        self.progress.total += 1
        if source.refusal is not None:
            self.on_refusal(str(source.refusal))
            self.progress.count("refused")
            return False
        row = known.get(source.path)
        made = (task.athlete, source.size, source.modified, task.made_by(maker))
        if row is None or row[:4] != made:
            return True
        self.add(source.path, row[4], row[5], known=True)
        return False


def _spread(
    client: Any, first: Callable[..., ChunkCount], chunks: Iterable[tuple[Task, ...]]
) -> Iterator[ChunkCount]:
    """Run chunks in any order; one that kills its workers is halved until the file is found.

    A scheduler blames a dead worker on every chunk that waited there, so what is left of the
    halving is tried again by itself before it is refused.
    """
    from distributed import KilledWorker, as_completed

    by_future = {client.submit(first, part, pure=False, retries=1): part for part in chunks}
    waiting = as_completed(list(by_future), loop=client.loop)
    suspects: list[tuple[Task, ...]] = []
    for future in waiting:
        part = by_future.pop(future)
        try:
            yield future.result()
        except KilledWorker:
            if len(part) == 1:
                suspects.append(part)
                continue
            half = len(part) // 2
            for piece in (part[:half], part[half:]):
                again = client.submit(first, piece, pure=False, retries=1)
                by_future[again] = piece
                waiting.add(again)
    for part in suspects:
        try:
            yield client.submit(first, part, pure=False, retries=1).result()
        except KilledWorker:
            reason = "every worker process died on this file (analyse)"
            refused = FileResult(part[0], "refused", None, (), (reason,))
            yield first(part, analyse=partial(_refuse, refused))


def _refuse(result: FileResult, _: Task, __: Settings) -> FileResult:
    return result


# --- the first pass ------------------------------------------------------------------------------


def analyse_chunk(
    tasks: Sequence[Task],
    *,
    settings: Settings,
    results: str,
    run: int,
    analyse: Analyse = analyse_source,
) -> ChunkCount:
    """Analyse some files and write what they tell; the same chunk gives the same files again."""
    maker = f"{analysis_version()} {settings.digest()}"
    told: list[tuple[str, str, tuple[str, ...]]] = []
    for athlete, group in groupby(tasks, key=lambda task: task.athlete):
        mine = list(group)
        found = [analyse(task, settings) for task in mine]
        rows = [row for result in found for row in rows_of(result, maker)]
        named = repr([(task.source.path, task.source.size, task.source.modified) for task in mine])
        digest = hashlib.sha256(named.encode()).hexdigest()[:16]
        name = f"{results}/files/{partition(athlete)}/{run:06d}-{digest}.parquet"
        write_whole(name, as_parquet(rows))
        told += [(result.task.source.path, result.status, result.reasons) for result in found]
    return ChunkCount(tuple(told))


# --- the second pass -----------------------------------------------------------------------------


def judge_athlete(name: str, *, results: str, maker: str, given: Thresholds) -> int:
    """Judge an athlete's whole history with the code of the local batch; the number of sessions.

    Works through a store of its own in a temporary folder, so both engines say the same.
    """
    system, root = file_system(results)
    files = sorted(system.glob(f"{root}/files/{name}/*.parquet"))
    inside = "\n".join([maker, *(Path(file).name for file in files)])
    state = hashlib.sha256(inside.encode()).hexdigest()
    mark = f"{root}/judged/{name}"
    if system.exists(mark) and system.cat_file(mark).decode() == state:
        return 0
    athlete = unquote(name.removeprefix("athlete="))
    with tempfile.TemporaryDirectory() as folder, Store.create(folder) as store:
        for result in results_of(system, files, athlete):
            store.put(result, maker)
        settle_history(store, athlete, maker, partial(judge_history, given=given))
        target = Path(folder) / "part.parquet"
        count = export_summaries(store.summaries(), "parquet", path=target)
        write_whole(f"{results}/activities/{name}/part.parquet", target.read_bytes())
    write_whole(f"{results}/judged/{name}", state.encode())
    return count


# --- addresses -----------------------------------------------------------------------------------


def _tasks(folder: str, athlete: str, *, by_folder: bool) -> Iterator[Task]:
    """Yield every file below an address with its athlete."""
    system, root = file_system(folder)
    if is_local(system):
        if not Path(root).exists():
            raise ParameterError("folder", folder, "a folder, archive or file that exists")
        yield from tasks_below(Path(root), athlete, by_folder=by_folder)
        return
    found = system.find(root, detail=True)
    if not found:
        raise ParameterError("folder", folder, "an address with files below it")
    for path, info in sorted(found.items()):
        address = system.unstrip_protocol(path)
        inside = path.removeprefix(root).strip("/").split("/")
        yield Task(
            RemoteSource(
                address, info.get("size"), _modified(info), likely=_likely(path), file=address
            ),
            inside[0] if by_folder and len(inside) > 1 else athlete,
        )


def _likely(path: str) -> bool:
    return Path(path.lower().removesuffix(".gz")).suffix in SUFFIXES


def _modified(info: Mapping[str, Any]) -> float | None:
    for key in ("mtime", "LastModified", "modified", "created"):
        told = info.get(key)
        if told is not None:
            return float(told.timestamp() if hasattr(told, "timestamp") else told)
    return None
