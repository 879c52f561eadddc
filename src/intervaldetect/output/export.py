"""A store -> JSON Lines, JSON, CSV or Parquet; files are written beside and renamed.

The columns of the tables follow the printed object's JSON Schema, so they are the same for every
store. Parquet keeps the nesting, CSV holds nested values as JSON.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from intervaldetect.errors import IntervalDetectError, ParameterError
from intervaldetect.output.line import printable
from intervaldetect.output.safe import for_spreadsheet
from intervaldetect.output.summary import schema

if TYPE_CHECKING:
    import polars as pl

ExportFormat = Literal["jsonl", "json", "csv", "parquet"]
FORMATS: tuple[ExportFormat, ...] = ("jsonl", "json", "csv", "parquet")
CHUNK = 1000


def export_summaries(
    summaries: Iterable[str],
    form: ExportFormat,
    *,
    stream: IO[bytes] | None = None,
    path: str | os.PathLike[str] | None = None,
    raw: bool = False,
) -> int:
    """Write printed objects to a stream or a file.

    Parameters
    ----------
    summaries : iterable of str
        JSON texts as `Store.summaries` gives them.
    form : {"jsonl", "json", "csv", "parquet"}
        ``jsonl`` is exactly these objects, one per line.
    stream : binary file object, optional
    path : path, optional
        One of the two; Parquet needs a path. A file, also one that a link leads to, is replaced as
        a whole; a device or a pipe is written.
    raw : bool
        Whether text in CSV stays as it is; else an apostrophe is put before what a spreadsheet
        would take for a formula.

    Returns
    -------
    int
        Number of activities written.

    Raises
    ------
    ParameterError
        An unknown format, or Parquet without a path.
    IntervalDetectError
        The file cannot be written; what stood there before is untouched.
    """
    if form not in FORMATS:
        raise ParameterError("format", form, f"one of {', '.join(FORMATS)}")
    counted = _Counted(summaries)
    writers: dict[str, Callable[[Iterable[str], IO[bytes]], None]] = {
        "jsonl": _jsonl,
        "json": _json,
        "csv": partial(_csv, raw=raw),
        "parquet": _parquet,
    }
    write = writers[form]
    if path is not None:
        with _replacing(Path(path)) as target:
            write(counted, target)
    elif stream is None or form == "parquet":
        raise ParameterError("output", None, f"a file to write {form} to")
    else:
        write(counted, stream)
    return counted.count


class _Counted:
    """An iterable that knows how much of it was taken."""

    def __init__(self, items: Iterable[str]) -> None:
        self.items = items
        self.count = 0

    def __iter__(self) -> Iterator[str]:
        for item in self.items:
            self.count += 1
            yield item


@contextmanager
def _replacing(path: Path) -> Iterator[IO[bytes]]:
    """Give a file beside ``path`` that takes its place once it is complete.

    A link stays, what it leads to is replaced; a device or a pipe is written itself.
    """
    beside: str | None = None
    try:
        path = path.resolve() if path.is_symlink() else path
        if path.exists() and not path.is_file():
            with path.open("wb") as target:
                yield target
            return
        with tempfile.NamedTemporaryFile(
            dir=path.parent, prefix=f".{path.name[:64]}.", delete=False
        ) as target:
            beside = target.name
            yield target
            target.flush()
            os.fsync(target.fileno())
        umask = os.umask(0)
        os.umask(umask)
        Path(beside).chmod(0o666 & ~umask)
        Path(beside).replace(path)
    except BrokenPipeError:  # whoever reads a pipe has enough
        raise
    except (OSError, RuntimeError) as error:  # the second: links that lead in a circle
        reason = getattr(error, "strerror", None) or str(error)
        raise IntervalDetectError(f"{printable(str(path))}: cannot be written: {reason}") from error
    finally:
        if beside is not None:
            with suppress(OSError):
                Path(beside).unlink()


def _jsonl(summaries: Iterable[str], target: IO[bytes]) -> None:
    for text in summaries:
        target.write(text.encode() + b"\n")


def _json(summaries: Iterable[str], target: IO[bytes]) -> None:
    before = b"[\n"
    for text in summaries:
        target.write(before + text.encode())
        before = b",\n"
    target.write(b"\n]\n" if before == b",\n" else b"[]\n")


def _csv(summaries: Iterable[str], target: IO[bytes], *, raw: bool) -> None:
    import polars as pl

    columns: dict[str, Any] = {}
    for name, kind in _columns().items():
        if isinstance(kind, pl.Struct):
            columns.update(
                {_flat_name(name, field.name): _flat_type(field.dtype) for field in kind.fields}
            )
        else:
            columns[name] = _flat_type(kind)
    for index, frame in enumerate(_frames(summaries, columns, _flat if raw else _defused)):
        target.write(frame.write_csv(include_header=index == 0).encode())


def _parquet(summaries: Iterable[str], target: IO[bytes]) -> None:
    import polars as pl

    frames = _frames(summaries, _columns(), lambda summary: summary)
    pl.concat(frames).write_parquet(target)


def _frames(
    summaries: Iterable[str],
    columns: dict[str, Any],
    row: Callable[[dict[str, Any]], dict[str, Any]],
) -> Iterator[pl.DataFrame]:
    """Yield tables of up to ``CHUNK`` rows with the same columns, at least one table."""
    import polars as pl

    texts = iter(summaries)
    first = list(islice(texts, CHUNK))
    rest = iter(lambda: list(islice(texts, CHUNK)), [])
    for chunk in chain([first], rest):
        yield pl.DataFrame([row(json.loads(text)) for text in chunk], schema=columns)


def _columns() -> dict[str, Any]:
    """Return the polars type of each key of the printed object."""
    described = schema()
    return {name: _type(part, described) for name, part in described["properties"].items()}


def _type(part: dict[str, Any], described: dict[str, Any]) -> Any:
    import polars as pl

    if "$ref" in part:
        return _type(described["$defs"][part["$ref"].rpartition("/")[2]], described)
    if "oneOf" in part:
        return _type(part["oneOf"][0], described)
    if "const" in part:
        return pl.Int64()
    kind = part.get("type", "string")  # an enumeration of names has no type
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        fields = {name: _type(inner, described) for name, inner in part["properties"].items()}
        return pl.Struct(fields)
    if kind == "array":
        return pl.List(_type(part["items"], described))
    return {
        "string": pl.String(),
        "integer": pl.Int64(),
        "number": pl.Float64(),
        "boolean": pl.Boolean(),
    }[kind]


_PREFIXES = {
    "probabilities": "p_", "device_said": "device_", "runner_said": "runner_",
    "durability": "durability_",
}  # fmt: skip


def _flat_name(name: str, field: str) -> str:
    return f"{_PREFIXES.get(name, '')}{field}"


def _flat_type(kind: Any) -> Any:
    """Return the type of a column: lists are written as JSON, of a threshold its value."""
    import polars as pl

    if isinstance(kind, pl.List):
        return pl.String()
    return pl.Float64() if isinstance(kind, pl.Struct) else kind


def _defused(summary: dict[str, Any]) -> dict[str, Any]:
    """Flatten as `_flat`; text that a spreadsheet would compute stays text."""
    return {
        name: for_spreadsheet(value) if isinstance(value, str) else value
        for name, value in _flat(summary).items()
    }


def _flat(summary: dict[str, Any]) -> dict[str, Any]:
    """Spread structs over columns (of a threshold its value), write lists as JSON."""
    flat: dict[str, Any] = {}
    for name, value in summary.items():
        if isinstance(value, dict):
            for field, inner in value.items():
                told = inner["value"] if isinstance(inner, dict) else inner
                flat[_flat_name(name, field)] = _flat_value(told)
        else:
            flat[name] = _flat_value(value)
    return flat


def _flat_value(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, list) else value
