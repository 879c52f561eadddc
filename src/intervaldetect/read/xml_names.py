"""What GPX and TCX readers share: element names, sports, times, the guard against DTDs."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from math import isfinite, nan

from intervaldetect.errors import CorruptFile
from intervaldetect.read.build import RawLap, RawPart
from intervaldetect.read.lap_totals import in_order, lengths_from_totals
from intervaldetect.records import Integrity, Problem

GPX_CHANNELS: dict[str, str] = {
    "ele": "altitude",
    "speed": "speed",
    "hr": "heart_rate",
    "heartrate": "heart_rate",
    "heart_rate": "heart_rate",
    "heart-rate": "heart_rate",
    "heartratebpm": "heart_rate",
    "bpm": "heart_rate",
    "pulse": "heart_rate",
    "cad": "cadence",
    "cadence": "cadence",
    "runcadence": "cadence",
    "run_cadence": "cadence",
    "rpm": "cadence",
    "spm": "cadence",
    "atemp": "temperature",
    "temp": "temperature",
    "temperature": "temperature",
    "power": "power",
    "watts": "power",
    "powerinwatts": "power",
    "distance": "distance",
}
"""Local name in lower case of a child of ``trkpt``, at any depth -> channel; the first one counts.

Units are those of the Garmin track-point extension, Cluetrust gpxdata and the plain names that
Strava, Suunto and others write: m, m/s, bpm, 1/min, degC, W.
"""

TCX_CHANNELS: dict[tuple[str, str], str] = {
    ("position", "latitudedegrees"): "latitude",
    ("position", "longitudedegrees"): "longitude",
    ("trackpoint", "altitudemeters"): "altitude",
    ("trackpoint", "distancemeters"): "distance",
    ("heartratebpm", "value"): "heart_rate",
    ("trackpoint", "heartratebpm"): "heart_rate",
    ("trackpoint", "cadence"): "cadence",
    ("tpx", "runcadence"): "cadence",
    ("tpx", "speed"): "speed",
    ("tpx", "watts"): "power",
    ("extensions", "runcadence"): "cadence",
    ("extensions", "cadence"): "cadence",
    ("extensions", "speed"): "speed",
    ("extensions", "watts"): "power",
    ("extensions", "power"): "power",
}
"""(Parent, local name) in lower case, within ``Trackpoint`` -> channel; the first one counts."""

ZEROED = frozenset({"speed", "heart_rate", "cadence", "power"})
"""Channels of which a value of zero gives way to a second one of the same point."""

TCX_INTENSITY = {"active": "active", "resting": "rest"}
TCX_TRIGGER = {
    "manual": "manual",
    "distance": "distance",
    "time": "time",
    "location": "position_lap",
    "heartrate": "heart_rate",
}

_NUMBER = re.compile(r"([+-]?)(\d{1,3}(?:[. \u00a0\u202f'\u2019]\d{3})+|\d*),(\d+)")
_GROUPED = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+\.\d*")
_WITH_UNIT = re.compile(
    r"([+-]?[\d.,'\u2019]*\d)\s*(?:bpm|[rs]pm|1/min|watts?|W|km/h|kmh|mph|m/s|k?m|mi|ft|\u00b0?C)",
    re.IGNORECASE,
)
"""A number with commas between thousands, and one with its unit behind it."""


def parse_value(text: str) -> tuple[float, bool]:
    """Parse a number; NaN if it is none. The second tells whether it has a decimal comma.

    A unit behind it is left out: which one it is, the rest of the file says.
    """
    with contextlib.suppress(ValueError):
        value = float(text)
        return (value if isfinite(value) else nan), False
    text = text.strip()
    with_unit = _WITH_UNIT.fullmatch(text)
    if with_unit is not None:
        return parse_value(with_unit[1])
    if _GROUPED.fullmatch(text):
        return float(text.replace(",", "")), True
    match = _NUMBER.fullmatch(text)
    if match is None:
        return nan, False
    sign, whole, decimals = match.groups()
    return float(f"{sign}{re.sub('[^0-9]', '', whole) or '0'}.{decimals}"), True


REPORTS = {
    "unreadable_values": "values that are no numbers were made null",
    "unreadable_times": "times that are no times were left out",
    "merged_points": "points that ran together were left out",
    "decimal_commas": "values with commas were read as numbers",
    "unusual_times": "times not written as XML does were read by their parts",
}
"""Codes of problems with points, and what they say."""

HARMLESS = frozenset({"decimal_commas", "unusual_times"})
"""Those that cost nothing."""


def reports(counts: Mapping[str, int]) -> tuple[Problem, ...]:
    """Give the problems of some counts by code."""
    return tuple(Problem(code, REPORTS[code], count) for code, count in counts.items())


def integrity(counts: Mapping[str, int]) -> Integrity:
    """Tell whether something was lost."""
    return "intact" if counts.keys() <= HARMLESS else "repaired"


ZONE_NAMES = frozenset(
    {
        "starttimezone", "timezone", "time_zone", "timezonename", "timezoneid", "tz",
        "timezoneoffset", "utcoffset", "utc_offset", "timeoffset",
    }
)  # fmt: skip
"""Elements, in lower case and without their prefix, that name the local zone."""


def no_track_points(waypoints: int, routes: int) -> str:
    """Say what a GPX file without track points holds instead."""
    others = [
        f"{count} {name}{'s' if count > 1 else ''}"
        for count, name in ((waypoints, "waypoint"), (routes, "route"))
        if count
    ]
    return f"no track points{', only ' + ' and '.join(others) if others else ''}"


_UTF16_STARTS = {
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
    b"<\x00": "utf-16-le",
    b"\x00<": "utf-16-be",
}
_ENCODING = re.compile(rb"""(<\?xml[^>]*?)\s+encoding\s*=\s*("[^"]*"|'[^']*')""")


def to_plain(data: bytes) -> bytes:
    """Transcode UTF-16 to UTF-8 and drop marks and blanks that stand before ``<?xml``.

    Where the encoding that is declared is none, or one of two bytes, which a text read byte by
    byte cannot be, the declaration goes as well: some writers name that of their own memory.
    """
    codec = _UTF16_STARTS.get(data[:2])
    if codec is not None:
        data = data.decode(codec, "replace").encode()
    data = data.lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    declared = _ENCODING.match(data)
    if declared is not None and (codec is not None or not _is_possible(declared.group(2)[1:-1])):
        data = _ENCODING.sub(rb"\1", data, count=1)
    return data


def _is_possible(encoding: bytes) -> bool:
    """Whether a text whose markup is ASCII can be in an encoding of this name."""
    try:
        return "<".encode(encoding.decode("ascii")) == b"<"
    except (LookupError, UnicodeError, ValueError):
        return False


_COMMENT = re.compile(rb"<!--.*?-->", re.DOTALL)
_ELEMENT = re.compile(rb"<[A-Za-z_]")
_DOCTYPE = re.compile(rb"<!\s*(doctype|entity)", re.IGNORECASE)


def refuse_doctype(data: bytes, path: str) -> None:
    """Refuse a document type declaration: no activity needs one, every XML bomb does."""
    for head in (data[:4096], data):
        prolog = _COMMENT.sub(b"", head)
        element = _ELEMENT.search(prolog)
        if element is not None:
            prolog = prolog[: element.start()]
        if _DOCTYPE.search(prolog):
            raise CorruptFile(path, "decode", "a document type declaration is not allowed", line=1)
        if element is not None:
            return


MIN_OVERLAP_S = 2.0
"""Laps that begin so long before the one before them ends belong to another set."""

MIN_COVERED = 0.9


def one_set(laps: Sequence[RawLap]) -> list[int]:
    """Choose among laps that a file lists twice, automatic ones after those that were pressed.

    Returns
    -------
    list of int
        Places of the laps to keep: all of them unless they overlap; else of the set, among those
        that cover most of the time, that was pressed, then of the one with most laps.
    """
    sets = _sets_of(laps)
    if sets is None:
        return list(range(len(laps)))
    covered = [sum(laps[k].timer_s or 0.0 for k in one) for one in sets]
    enough = [
        one for one, time in zip(sets, covered, strict=True) if time >= MIN_COVERED * max(covered)
    ]
    return max(enough, key=lambda one: (_is_pressed([laps[k] for k in one]), len(one)))


def _sets_of(laps: Sequence[RawLap]) -> list[list[int]] | None:
    """Begin a set where a lap overlaps the one before; None if one has no start or no length."""
    sets: list[list[int]] = [[]]
    end = float("-inf")
    for place, lap in enumerate(laps):
        if lap.start is None or lap.timer_s is None or not lap.timer_s >= 0.0:
            return None
        if lap.start < end - max(MIN_OVERLAP_S, 0.01 * lap.timer_s):
            sets.append([])
        sets[-1].append(place)
        end = lap.start + lap.timer_s
    return sets


def _is_pressed(laps: Sequence[RawLap]) -> bool:
    return sum(lap.trigger == "manual" for lap in laps) > 0.5 * len(laps)


def with_laps(
    part: RawPart, laps: Sequence[RawLap], last_points: Sequence[float | None]
) -> RawPart:
    """Give a part its laps with their ends, and the totals that come from them."""
    laps, last_points, ordered = in_order(laps, last_points)
    laps, moved = _with_own_starts(laps, last_points)
    distance = part.columns.get("distance")
    laps, told = lengths_from_totals(laps, last_points, part.stamps, distance)
    kept = one_set(laps)
    bounded = bounded_laps([laps[k] for k in kept], [last_points[k] for k in kept])
    timers = [lap.timer_s for lap in bounded if lap.timer_s is not None]
    metres = [lap.distance_m for lap in bounded if lap.distance_m is not None]
    problems = (*part.problems, *ordered, *told)
    if moved:
        message = "laps that all name one start begin behind the points of the lap before"
        problems = (*problems, Problem("laps_start_wrong", message, moved))
    if len(kept) < len(laps):
        message = "laps that overlap the others were left out"
        problems = (*problems, Problem("laps_overlap", message, len(laps) - len(kept)))
    session = replace(
        part.session,
        timer_s=sum(timers) if timers else None,
        distance_m=sum(metres) if metres else None,
    )
    return replace(part, laps=bounded, session=session, problems=problems)


def _with_own_starts(
    laps: Sequence[RawLap], last_points: Sequence[float | None]
) -> tuple[Sequence[RawLap], int]:
    """Let laps of one and the same start begin where the points of the lap before end."""
    ends = [end for end in last_points if end is not None]
    if (
        len(laps) < 2
        or len(ends) < len(laps)
        or len({lap.start for lap in laps}) > 1
        or any(one >= two for one, two in pairwise(ends))
    ):
        return laps, 0
    later = [lap._replace(start=end) for lap, end in zip(laps[1:], ends, strict=False)]
    return [laps[0], *later], len(later)


def bounded_laps(laps: Sequence[RawLap], last_points: Sequence[float | None]) -> list[RawLap]:
    """Give each TCX lap an end.

    ``TotalTimeSeconds`` leaves pauses out, so a lap lasts to its last point if that is later, but
    never past the start of the next lap. ``last_points`` holds the unix time of each lap's last
    point, None for a lap without one.
    """
    bounded: list[RawLap] = []
    for index, lap in enumerate(laps):
        ends = [last_points[index]]
        if lap.start is not None and lap.timer_s is not None:
            ends.append(lap.start + lap.timer_s)
        known = [end for end in ends if end is not None]
        end = max(known) if known else None
        following = laps[index + 1].start if index + 1 < len(laps) else None
        if end is not None and following is not None and lap.start is not None:
            end = min(end, following) if following > lap.start else end
        bounded.append(lap._replace(end=end))
    return bounded
