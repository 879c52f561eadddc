"""A printed object as a line of JSON, and its texts and times; without numpy, unlike `summary`."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intervaldetect.records import Label

LABELS: tuple[Label, ...] = ("easy", "threshold", "vo2")
_ENCODER = json.JSONEncoder(ensure_ascii=False, allow_nan=False, check_circular=False)


class Unread(str):
    """A part of a printed object that was left as JSON text; `dumps` writes it as it is."""

    __slots__ = ()


def dumps(summary: Mapping[str, Any]) -> str:
    """Return a printed object as one line of JSON; NaN raises ValueError."""
    segments = summary.get("segments")
    if not isinstance(segments, Unread):
        return _ENCODER.encode(summary)
    # A quote within a text is escaped, so that nothing else can look like this key.
    text = _ENCODER.encode({**summary, "segments": None})
    return text.replace('"segments": null', f'"segments": {segments}', 1)


def loads_outline(text: str) -> dict[str, Any]:
    """Return what `dumps` wrote with its segments, three quarters of it, left as text.

    Segments are flat and hold no text of anybody's, so that the first bracket closes them.

    Parameters
    ----------
    text : str
        A printed object, or several under one key each.

    Returns
    -------
    dict
        Wherever ``segments`` is a list there, it is `Unread`.
    """
    kept: list[Unread] = []
    parts, done = [], 0
    while (begin := text.find('"segments": [', done)) >= 0:
        end = text.index("]", begin) + 1
        kept.append(Unread(text[begin + 12 : end]))
        parts += [text[done : begin + 12], "null"]
        done = end
    loaded: dict[str, Any] = json.loads("".join(parts) + text[done:])
    left = iter(kept)
    for part in (loaded, *loaded.values()):
        if isinstance(part, dict) and part.get("segments", 0) is None:
            part["segments"] = next(left)
    return loaded


def segments_of(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the segments of a printed object, left as text or not."""
    segments: Any = summary["segments"]
    read: list[dict[str, Any]] = json.loads(segments) if isinstance(segments, Unread) else segments
    return read


def format_time(moment: datetime) -> str:
    """Return a moment as RFC 3339 in UTC, with milliseconds only where they are not zero."""
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    spec = "milliseconds" if utc.microsecond >= 1000 else "seconds"
    return utc.isoformat(timespec=spec).replace("+00:00", "Z")


def local_time(summary: Mapping[str, Any]) -> datetime:
    """Return the local start of a printed object, UTC where the offset is not known."""
    start = datetime.fromisoformat(summary["start_time"])
    return start + timedelta(seconds=summary["utc_offset_s"] or 0.0)


def printable(path: str) -> str:
    """Return a path that any UTF-8 reader takes; what UTF-8 cannot hold is written as an escape."""
    return path.encode("utf-8", "backslashreplace").decode("utf-8")
