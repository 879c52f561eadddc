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


def dumps(summary: Mapping[str, Any]) -> str:
    """Return a printed object as one line of JSON; NaN raises ValueError."""
    return _ENCODER.encode(summary)


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
