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
import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import numpy as np

from intervaldetect.batch.folder import tasks_below
from intervaldetect.batch.one_file import analyse_source, analysis_version
from intervaldetect.batch.progress import Progress
from intervaldetect.batch.relabel import judge_history
from intervaldetect.errors import IntervalDetectError, ParameterError, ReadError
from intervaldetect.job import ActivityResult, FileResult, Settings, Status, Task
from intervaldetect.output.curves import BestEffort, Places, Views
from intervaldetect.output.export import export_summaries
from intervaldetect.output.line import dumps
from intervaldetect.read.archive import SUFFIXES, Source
from intervaldetect.read.unzip import too_large
from intervaldetect.records import Floats, Problem, Thresholds
from intervaldetect.store import Store
from intervaldetect.store.duplicates import settle_duplicates

if TYPE_CHECKING:
    import polars as pl

CHUNK = 300
LOCAL = ("file", "local")
KEYS = ("path", "size", "modified", "sha256", "status", "reasons", "made_by")
COLUMNS = (*KEYS, "summary", "evidence", "other", "views")
Analyse = Callable[[Task, Settings], FileResult]


@dataclass(frozen=True, slots=True)
class RemoteSource(Source):
    """One file behind an fsspec address, read whole."""

    def read(self) -> tuple[bytes, tuple[Problem, ...]]:
        """Give the bytes; `ReadError` where they cannot be had."""
        if self.size is not None and self.size > self.limits.file_bytes:
            raise too_large(self.path, self.limits.file_bytes)
        try:
            system, path = _system(self.file)
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
    scheduler: str,
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
    scheduler : str
        Address of a Dask scheduler, ``tcp://HOST:PORT``.
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
    connect = _client()
    count = _Count(Progress(), on_refusal)
    maker = f"{analysis_version()} {settings.digest()}"
    known, latest = _ledger(results)
    tasks = _tasks(folder, athlete, by_folder=athlete_from_folder)
    new = [task for task in tasks if count.is_new(task, known, maker)]
    on_progress(count.progress)
    new.sort(key=lambda task: (task.athlete, task.source.path))
    first = partial(
        analyse_chunk, settings=settings, results=results, run=latest + 1, analyse=analyse
    )
    try:
        client = connect(scheduler, set_as_default=False)
    except (OSError, ValueError) as error:
        raise IntervalDetectError(f"no scheduler at {scheduler}: {error}") from error
    with client:
        chunks = [tuple(new[at : at + chunk]) for at in range(0, len(new), chunk)]
        for done in _spread(client, first, chunks):
            for path, status, reasons in done.told:
                count.add(path, status, reasons)  # type: ignore[arg-type]  # one of Status
            on_progress(count.progress)
        second = partial(judge_athlete, results=results, maker=maker, given=settings.thresholds)
        names = _athletes(results)
        for future in client.map(second, names, pure=False, retries=2):
            future.result()
    return count.progress


def _client() -> Any:
    try:
        from distributed import Client
    except ImportError as error:
        raise IntervalDetectError("--engine dask needs intervaldetect[dask]") from error
    return Client


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
        rows = [row for result in found for row in _rows(result, maker)]
        named = repr([(task.source.path, task.source.size, task.source.modified) for task in mine])
        digest = hashlib.sha256(named.encode()).hexdigest()[:16]
        name = f"{results}/files/{_partition(athlete)}/{run:06d}-{digest}.parquet"
        _write(name, _frame(rows))
        told += [(result.task.source.path, result.status, result.reasons) for result in found]
    return ChunkCount(tuple(told))


def _rows(result: FileResult, maker: str) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each activity of a file, or one for a file without."""
    task, source = result.task, result.task.source
    reasons = json.dumps(result.reasons, ensure_ascii=False)
    key = (source.path, source.size, source.modified, result.sha256, result.status, reasons)
    made = task.made_by(maker)
    for judged in result.activities:
        texts = (dumps(judged.summary), judged.evidence, judged.other, _views_text(judged.views))
        yield (*key, made, *texts)
    if not result.activities:
        yield (*key, made, None, None, None, None)


def _views_text(views: Views) -> str:
    def known(values: Floats) -> list[float | None]:
        return [value if math.isfinite(value) else None for value in values.tolist()]

    efforts = [(e.distance_m, e.graded, e.duration_s, e.start_s) for e in views.best_efforts]
    traces = (views.trace_time_s, views.trace_speed_mps, views.trace_heart_rate_bpm)
    return json.dumps(
        {
            "best_efforts": efforts,
            "heart_rate_bpm": list(views.heart_rate.items()),
            "graded_speed_dmps": list(views.speed.items()),
            "load_steps": views.load_steps,
            "trace": [known(values) for values in traces],
            "places": views.places and [known(values) for values in views.places],
        },
        separators=(",", ":"),
    )


def _views_of(text: str) -> Views:
    told = json.loads(text)
    time, speed, rate = _arrays(told["trace"])
    return Views(
        best_efforts=tuple(BestEffort(*effort) for effort in told["best_efforts"]),
        heart_rate=dict(told["heart_rate_bpm"]),
        speed=dict(told["graded_speed_dmps"]),
        trace_time_s=time,
        trace_speed_mps=speed,
        trace_heart_rate_bpm=rate,
        load_steps=told.get("load_steps"),
        places=Places(*_arrays(told["places"])) if told.get("places") else None,
    )


def _arrays(told: Sequence[Sequence[float | None]]) -> Iterator[Floats]:
    return (np.array(values, dtype=np.float64) for values in told)


# --- the second pass -----------------------------------------------------------------------------


def judge_athlete(name: str, *, results: str, maker: str, given: Thresholds) -> int:
    """Judge an athlete's whole history with the code of the local batch; the number of sessions.

    Works through a store of its own in a temporary folder, so both engines say the same.
    """
    system, root = _system(results)
    files = sorted(system.glob(f"{root}/files/{name}/*.parquet"))
    inside = "\n".join([maker, *(Path(file).name for file in files)])
    state = hashlib.sha256(inside.encode()).hexdigest()
    mark = f"{root}/judged/{name}"
    if system.exists(mark) and system.cat_file(mark).decode() == state:
        return 0
    athlete = unquote(name.removeprefix("athlete="))
    with tempfile.TemporaryDirectory() as folder, Store.create(folder) as store:
        for result in _results(system, files, athlete):
            store.put(result, maker)
        settle_duplicates(store, athlete)
        judge_history(store, athlete, maker, given=given)
        target = Path(folder) / "part.parquet"
        count = export_summaries(store.summaries(), "parquet", path=target)
        _write(f"{results}/activities/{name}/part.parquet", target.read_bytes())
    _write(f"{results}/judged/{name}", state.encode())
    return count


def _results(system: Any, files: Sequence[str], athlete: str) -> Iterator[FileResult]:
    """Yield what is known of each file; a later run's word replaces an earlier one's."""
    current: dict[str, str] = {}
    for file in files:
        for (path,) in _read(system, file, ("path",)).iter_rows():
            current[path] = file
    for file in files:
        rows = _read(system, file, COLUMNS).iter_rows(named=True)
        for path, group in groupby(rows, key=lambda row: row["path"]):
            if current[path] != file:
                continue
            parts = list(group)
            row = parts[0]
            judged = tuple(
                ActivityResult(
                    json.loads(part["summary"]),
                    _views_of(part["views"]),
                    part["evidence"],
                    part["other"],
                )
                for part in parts
                if part["summary"] is not None
            )
            source = Source(path, row["size"], row["modified"])
            yield FileResult(Task(source, athlete), row["status"], row["sha256"], judged)


# --- addresses -----------------------------------------------------------------------------------


def _system(address: str) -> tuple[Any, str]:
    """Return the file system of an address, and the path within."""
    try:
        from fsspec.core import url_to_fs
    except ImportError as error:
        raise IntervalDetectError("--engine dask needs intervaldetect[dask]") from error
    try:
        system, path = url_to_fs(address)
    except (ImportError, ValueError) as error:  # s3fs and the like are extras
        raise IntervalDetectError(f"{address}: {error}") from error
    return system, path


def _tasks(folder: str, athlete: str, *, by_folder: bool) -> Iterator[Task]:
    """Yield every file below an address with its athlete."""
    system, root = _system(folder)
    if _is_local(system):
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


def _is_local(system: Any) -> bool:
    protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
    return bool(set(protocols) & set(LOCAL))


def _likely(path: str) -> bool:
    return Path(path.lower().removesuffix(".gz")).suffix in SUFFIXES


def _modified(info: Mapping[str, Any]) -> float | None:
    for key in ("mtime", "LastModified", "modified", "created"):
        told = info.get(key)
        if told is not None:
            return float(told.timestamp() if hasattr(told, "timestamp") else told)
    return None


def _partition(athlete: str) -> str:
    return f"athlete={quote(athlete, safe='')}"


def _athletes(results: str) -> list[str]:
    system, root = _system(results)
    folders = system.glob(f"{root}/files/athlete=*")
    return sorted({str(folder).rstrip("/").rpartition("/")[2] for folder in folders})


def _ledger(results: str) -> tuple[dict[str, tuple[Any, ...]], int]:
    """Return what is known of every file met, and the number of the last run."""
    system, root = _system(results)
    known: dict[str, tuple[Any, ...]] = {}
    latest = 0
    files = defaultdict(list)
    for file in system.glob(f"{root}/files/athlete=*/*.parquet"):
        files[Path(file).name].append(str(file))
    for name in sorted(files):
        latest = max(latest, int(name.partition("-")[0]))
        for file in files[name]:
            athlete = unquote(Path(file).parent.name.removeprefix("athlete="))
            for row in _read(system, file, KEYS).iter_rows(named=True):
                told = (row["size"], row["modified"], row["made_by"], row["status"])
                known[row["path"]] = (athlete, *told, json.loads(row["reasons"]))
    return known, latest


def _frame(rows: list[tuple[Any, ...]]) -> bytes:
    import polars as pl

    kinds = {name: pl.String() for name in COLUMNS} | {"size": pl.Int64(), "modified": pl.Float64()}
    target = BytesIO()
    pl.DataFrame(rows, schema=kinds, orient="row").write_parquet(target)
    return target.getvalue()


def _read(system: Any, file: str, columns: Sequence[str]) -> pl.DataFrame:
    import polars as pl

    return pl.read_parquet(BytesIO(system.cat_file(file)), columns=list(columns))


def _write(address: str, data: bytes) -> None:
    """Write a file whole or not at all; an object store does so by itself."""
    system, path = _system(address)
    if not _is_local(system):
        system.pipe_file(path, data)
        return
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as beside:
        beside.write(data)
    Path(beside.name).replace(target)
