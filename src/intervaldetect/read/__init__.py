"""Bytes of watch files -> :class:`~intervaldetect.records.Activity`.

The format is told by content, never by suffix; ``.gz`` is unpacked on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib import import_module
from typing import Literal

from intervaldetect.errors import CorruptFile, NoRecords, ParameterError, ReadError
from intervaldetect.kernels.compilation import count
from intervaldetect.read.build import RawPart, build_activities
from intervaldetect.read.no_activity import as_no_activity, refuse_course
from intervaldetect.read.source import Loaded, Source, load
from intervaldetect.read.sports import sport_named
from intervaldetect.read.tracks import join_tracks, without_copies
from intervaldetect.records import Activity, Format

Reader = Literal["native", "reference"]
PartsReader = Callable[[bytes, str], list[RawPart]]

READERS: dict[tuple[Reader, Format], tuple[str, str]] = {
    ("native", "fit"): ("intervaldetect.read.fit", "read_parts"),
    ("native", "gpx"): ("intervaldetect.read.gpx", "read_gpx"),
    ("native", "tcx"): ("intervaldetect.read.tcx", "read_tcx"),
    ("reference", "fit"): ("intervaldetect.read.reference_fit", "read_fit"),
    ("reference", "gpx"): ("intervaldetect.read.reference", "read_gpx"),
    ("reference", "tcx"): ("intervaldetect.read.reference", "read_tcx"),
}
"""(Reader, format) -> module and function ``(data, path) -> list[RawPart]``; loaded when needed."""


def read_activities(
    source: Source,
    *,
    path: str | None = None,
    reader: Reader = "native",
    timezone: str | None = None,
    activity_type: str | None = None,
) -> tuple[Activity, ...]:
    """Read every activity of one file.

    Parameters
    ----------
    source : str, PathLike, bytes or binary file object
        A FIT, GPX or TCX file, plain or gzipped.
    path : str, optional
        The name that errors and ``Activity.path`` carry, where ``source`` has none.
    reader : {"native", "reference"}
        The package's own scanners, or fitparse, gpxpy and lxml as a second opinion.
    timezone : str, optional
        IANA name of the zone of local times in files that name none.
    activity_type : str, optional
        What an export's table calls the sport of a file that says none.

    Returns
    -------
    tuple of Activity
        One per part (chained file, multisport session, track, TCX activity), at least one.

    Raises
    ------
    ReadError
        The file cannot be opened, is no activity, or holds none. Its subclasses
        ``UnknownFormat``, ``CorruptFile``, ``NoRecords`` and ``LimitExceeded`` say which.
    ParameterError
        ``reader`` or ``source`` is not one of the above.
    """
    loaded = load(source, path)
    count(len(loaded.data))
    refuse_course(loaded)
    try:
        parts = _parts(loaded, reader)
        if activity_type is not None:
            parts = with_sport(parts, activity_type)
        if len(parts) > 1:
            parts = without_copies(parts, whole=loaded.format == "fit")
            parts = join_tracks(parts) if loaded.format == "gpx" else parts
        return build_activities(
            parts,
            path=loaded.path,
            sha256=loaded.sha256,
            form=loaded.format,
            timezone=timezone,
        )
    except NoRecords as error:
        raise as_no_activity(error, loaded) from error


def read_activity(
    source: Source, *, path: str | None = None, reader: Reader = "native"
) -> Activity:
    """Read the one activity of a file; of several parts, the one with the most samples.

    Parameters, errors: as :func:`read_activities`.
    """
    return max(read_activities(source, path=path, reader=reader), key=len)


def with_sport(parts: Sequence[RawPart], named: str) -> list[RawPart]:
    """Give the parts that say no sport the one that is named elsewhere."""
    sport, sub_sport = sport_named(named)
    return [
        replace(part, sport=sport, sub_sport=part.sub_sport or sub_sport)
        if sport is not None and part.sport in UNSAID
        else part
        for part in parts
    ]


UNSAID = frozenset({None, "generic", "all", "unknown"})
"""Sports that say nothing."""


def _parts(loaded: Loaded, reader: Reader) -> list[RawPart]:
    if (reader, loaded.format) not in READERS:
        raise ParameterError("reader", reader, "'native' or 'reference'")
    module, name = READERS[reader, loaded.format]
    read_parts: PartsReader = getattr(import_module(module), name)
    try:
        parts = read_parts(loaded.data, loaded.path)
    except (ReadError, MemoryError):
        raise
    except Exception as error:
        reason = f"{type(error).__name__} while decoding: {error}"
        raise CorruptFile(loaded.path, "decode", reason) from error
    if loaded.problems:
        problems = loaded.problems
        parts = [
            replace(part, integrity="partial", problems=(*problems, *part.problems))
            for part in parts
        ]
    return parts
