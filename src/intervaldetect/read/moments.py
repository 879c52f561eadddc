"""Times and zones as texts of XML files write them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import NamedTuple
from zoneinfo import ZoneInfo


class Moment(NamedTuple):
    """A time: unix seconds; its offset from UTC in s, None for UTC itself and where none is given.

    ``zoned`` says whether a zone is given, ``usual`` whether the text is ISO 8601.
    """

    unix: float
    offset_s: float | None
    zoned: bool
    usual: bool = True


def parse_time(text: str) -> Moment | None:
    """Parse a time; None if it is none. A time without a zone is taken as UTC."""
    text = text.strip().replace("\u2212", "-")  # a minus sign that is none of ASCII
    if _UNIX.fullmatch(text):
        value = float(text)
        return Moment(value / 1000.0 if value > 1e11 else value, None, zoned=True, usual=False)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return _unusual(text)
    if "T" not in text and " " not in text:
        return None
    return _moment(moment, text)


def _moment(moment: datetime, text: str, *, usual: bool = True) -> Moment:
    if moment.tzinfo is None:
        return Moment(moment.replace(tzinfo=UTC).timestamp(), None, zoned=False, usual=usual)
    offset = moment.utcoffset()
    zone = None if offset is None or text.endswith(("Z", "z")) else offset.total_seconds()
    return Moment(moment.timestamp(), zone or None, zoned=True, usual=usual)


_CLOCK = (
    r"[T\s,]+(?P<hour>\d{1,2}):(?P<minute>\d{1,2})"
    r"(?::(?P<second>\d{1,2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp])?(?:\.?[Mm]\.?)?\s*(?P<zone>Z|z|(?:UTC|GMT)?(?:[+-]\d\d?(?::?\d\d){0,2})?)"
    r"[Zz]*(?:\[[\w/+-]+\])?"
)
_YEAR_FIRST = re.compile(
    r"(?P<year>\d{4})[-/.\u5e74](?P<month>\d{1,2})[-/.\u6708](?P<day>\d{1,2})\u65e5?" + _CLOCK
)
_YEAR_LAST = re.compile(r"(?P<first>\d{1,2})[-/.](?P<then>\d{1,2})[-/.](?P<year>\d{4})" + _CLOCK)
_YEAR_SHORT = re.compile(r"(?P<first>\d{1,2})[/.](?P<then>\d{1,2})[/.](?P<year>\d\d)" + _CLOCK)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WEEKDAY = r"(?:[A-Za-z]{3,9}\.?,?\s+)?"
_NAME = r"(?P<name>[A-Za-z]{3,9})\.?"
_NAMED = (
    re.compile(_WEEKDAY + _NAME + r"\s+(?P<day>\d{1,2}),?\s+(?P<year>\d{4})" + _CLOCK),
    re.compile(_WEEKDAY + r"(?P<day>\d{1,2})[\s-]" + _NAME + r"[\s-](?P<year>\d{4})" + _CLOCK),
    re.compile(_WEEKDAY + _NAME + r"\s+(?P<day>\d{1,2})" + _CLOCK + r"\s+(?P<year>\d{4})"),
)
"""Months by name: `May 18, 2024 6:00:00 AM`, `Sat, 18 May 2024 06:00:00 +0000` and that of Java,
`Sat May 18 06:00:00 UTC 2024`."""

_FORMS = (_YEAR_FIRST, _YEAR_LAST, _YEAR_SHORT, *_NAMED)
_UNIX = re.compile(r"\d{9,10}(?:\.\d{1,9})?|\d{12,13}")


def _unusual(text: str) -> Moment | None:
    """Parse a time that is not ISO 8601: slashes, dots, names of months, a blank and a zone."""
    found = (form.fullmatch(text) for form in _FORMS)
    match = next((each for each in found if each is not None), None)
    try:
        if match is not None:
            return _moment(_from_parts(match.groupdict()), match["zone"], usual=False)
    except (ValueError, OverflowError):
        pass
    return None


def _from_parts(parts: dict[str, str | None]) -> datetime:
    """Put a moment together; raises ValueError where the parts are none."""
    month, day = _month_and_day(parts)
    zone = zone_named(parts["zone"] or "")
    year = _whole(parts["year"])
    return datetime(year + 2000 * (year < 100), month, day, tzinfo=zone) + _time_of_day(parts)


def _whole(digits: str | None) -> int:
    return int(digits or 0)


def _month_and_day(parts: Mapping[str, str | None]) -> tuple[int, int]:
    if "first" in parts:
        first, then = _whole(parts["first"]), _whole(parts["then"])
        # Day first, as most of the world writes; month first where that alone makes a date.
        month_first = then > 12 or (first <= 12 and parts["half"] is not None)
        return (first, then) if month_first else (then, first)
    if name := parts.get("name"):
        return _MONTHS.index(name[:3].lower()) + 1, _whole(parts["day"])
    return _whole(parts["month"]), _whole(parts["day"])


def _time_of_day(parts: Mapping[str, str | None]) -> timedelta:
    hour, minute, second = (_whole(parts[name]) for name in ("hour", "minute", "second"))
    half = parts["half"]
    if half is not None:
        if not 1 <= hour <= 12:
            raise ValueError(hour)
        hour = hour % 12 + (12 if half in "Pp" else 0)
    if hour > 24 or minute > 59 or second > 60 or (hour == 24 and minute + second > 0):
        raise ValueError(hour)
    micros = int((parts["part"] or "0").ljust(6, "0")[:6])
    return timedelta(hours=hour, minutes=minute, seconds=second, microseconds=micros)


_OFFSET = re.compile(r"(?:UTC|GMT)?\s*([+-]?)(\d{1,2})(?::?(\d\d))?(?::?(\d\d))?")
_SECONDS = re.compile(r"[+-]?\d{3,5}(?:\.0*)?")
MAX_OFFSET_S = 15 * 3600


def zone_named(text: str) -> tzinfo | None:
    """Give the zone of an IANA name, an offset such as ``+02:00``, or seconds; None if unknown."""
    text = text.strip()
    if text.upper() in {"Z", "UTC", "GMT"}:
        return UTC
    seconds = _offset_s(text)
    if seconds is not None:
        return timezone(timedelta(seconds=seconds)) if abs(seconds) <= MAX_OFFSET_S else None
    try:
        return ZoneInfo(text) if text else None
    except (ValueError, OSError, LookupError):  # a name unknown, or of no file of zones
        return None


def _offset_s(text: str) -> float | None:
    """Return the seconds ahead of UTC that ``3600`` or ``+01:00`` say; None for a name."""
    if _SECONDS.fullmatch(text) and ":" not in text and abs(float(text)) % 900 == 0:
        return float(text)
    match = _OFFSET.fullmatch(text)
    if match is None:
        return None
    hours, minutes, seconds = (_whole(part) for part in match.groups()[1:])
    return (hours * 3600 + minutes * 60 + seconds) * (-1 if match[1] == "-" else 1)


_ENDING = re.compile(r"\d([+-]\d\d(?::?\d\d){1,2})$")


def offset_of(text: str) -> str | None:
    """Give the offset from UTC at the end of a time, as it is written; None for UTC and none."""
    match = _ENDING.search(text.strip()) if ":" in text else None
    return match[1] if match and match[1].strip("+-0:") else None
