"""The Parquet dataset that the Dask engine fills: addresses, its files, what they say of a run.

Files are written whole under names that follow from what they hold; `intervaldetect.batch.dask`
lists the folders.
"""

from __future__ import annotations

import json
import math
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import numpy as np

from intervaldetect.errors import IntervalDetectError
from intervaldetect.job import ActivityResult, FileResult, Task
from intervaldetect.output.curves import BestEffort, Places, Views
from intervaldetect.output.line import dumps
from intervaldetect.read.archive import Source
from intervaldetect.records import Floats

if TYPE_CHECKING:
    import polars as pl


LOCAL = ("file", "local")
KEYS = ("path", "size", "modified", "sha256", "status", "reasons", "made_by")
COLUMNS = (*KEYS, "summary", "evidence", "other", "views")


def rows_of(result: FileResult, maker: str) -> Iterator[tuple[Any, ...]]:
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


def results_of(system: Any, files: Sequence[str], athlete: str) -> Iterator[FileResult]:
    """Yield what is known of each file; a later run's word replaces an earlier one's."""
    current: dict[str, str] = {}
    for file in files:
        for (path,) in read_columns(system, file, ("path",)).iter_rows():
            current[path] = file
    for file in files:
        rows = read_columns(system, file, COLUMNS).iter_rows(named=True)
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


def file_system(address: str) -> tuple[Any, str]:
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


def is_local(system: Any) -> bool:
    """Whether a file system of fsspec is this machine's own."""
    protocols = (system.protocol,) if isinstance(system.protocol, str) else system.protocol
    return bool(set(protocols) & set(LOCAL))


def partition(athlete: str) -> str:
    """Return the name of an athlete's folder."""
    return f"athlete={quote(athlete, safe='')}"


def partitions(results: str) -> list[str]:
    """Return the names of all athletes' folders, in order."""
    system, root = file_system(results)
    folders = system.glob(f"{root}/files/athlete=*")
    return sorted({str(folder).rstrip("/").rpartition("/")[2] for folder in folders})


def ledger(results: str) -> tuple[dict[str, tuple[Any, ...]], int]:
    """Return what is known of every file met, and the number of the last run."""
    system, root = file_system(results)
    known: dict[str, tuple[Any, ...]] = {}
    latest = 0
    files = defaultdict(list)
    for file in system.glob(f"{root}/files/athlete=*/*.parquet"):
        files[Path(file).name].append(str(file))
    for name in sorted(files):
        latest = max(latest, int(name.partition("-")[0]))
        for file in files[name]:
            athlete = unquote(Path(file).parent.name.removeprefix("athlete="))
            for row in read_columns(system, file, KEYS).iter_rows(named=True):
                made = (row["size"], row["modified"], row["made_by"], row["status"])
                known[row["path"]] = (athlete, *made, json.loads(row["reasons"]))
    return known, latest


def as_parquet(rows: list[tuple[Any, ...]]) -> bytes:
    """Return rows of `COLUMNS` as the bytes of a Parquet file."""
    import polars as pl

    kinds = {name: pl.String() for name in COLUMNS} | {"size": pl.Int64(), "modified": pl.Float64()}
    target = BytesIO()
    pl.DataFrame(rows, schema=kinds, orient="row").write_parquet(target)
    return target.getvalue()


def read_columns(system: Any, file: str, columns: Sequence[str]) -> pl.DataFrame:
    """Read some columns of a Parquet file whole."""
    import polars as pl

    return pl.read_parquet(BytesIO(system.cat_file(file)), columns=list(columns))


def write_whole(address: str, data: bytes) -> None:
    """Write a file whole or not at all; an object store does so by itself."""
    system, path = file_system(address)
    if not is_local(system):
        system.pipe_file(path, data)
        return
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".", delete=False) as beside:
        beside.write(data)
    Path(beside.name).replace(target)
