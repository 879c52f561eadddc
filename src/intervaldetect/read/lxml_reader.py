"""GPX and TCX over libxml2, hardened: the reader for whatever the byte scanners do not understand.

No document type, no entities but the five of XML, no network, libxml2's own limits on depth and
token length. A document that breaks off gives every complete point before the break.
"""

from __future__ import annotations

import contextlib
import inspect
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite, isnan, nan

import numpy as np
from lxml import etree

from intervaldetect.errors import CorruptFile, NoRecords
from intervaldetect.read.build import RawLap, RawPart
from intervaldetect.read.moments import offset_of, parse_time, zone_named
from intervaldetect.read.sports import sport_named
from intervaldetect.read.xml_names import (
    GPX_CHANNELS,
    TCX_CHANNELS,
    TCX_INTENSITY,
    TCX_TRIGGER,
    ZEROED,
    ZONE_NAMES,
    integrity,
    no_track_points,
    parse_value,
    refuse_doctype,
    reports,
    to_plain,
    with_laps,
)
from intervaldetect.records import Floats, Problem, Session
from intervaldetect.records.channels import NAMES

_COLUMN = {name: index for index, name in enumerate(NAMES)}
_BLOCK = 1 << 16


_GPX_POINT = re.compile(rb"</(?:[\w.-]+:)?trkpt\s*>")
_TCX_POINT = re.compile(rb"</(?:[\w.-]+:)?Trackpoint\s*>")


def read_gpx(data: bytes, path: str) -> list[RawPart]:
    """Decode GPX 1.0 and 1.1: one part per track."""
    return _read(data, path, _Gpx, _GPX_POINT)


def read_tcx(data: bytes, path: str) -> list[RawPart]:
    """Decode TCX: one part per activity, those of multisport sessions included."""
    return _read(data, path, _Tcx, _TCX_POINT)


def _read(
    data: bytes, path: str, new: type[_Gpx] | type[_Tcx], point: re.Pattern[bytes]
) -> list[RawPart]:
    data = to_plain(data)
    refuse_doctype(data, path)
    handler = new()
    damage: SyntaxError | None = None
    try:
        _feed(data, handler, recover=False)
    except etree.XMLSyntaxError as error:
        # lxml's own error carries a log that does not pickle, and workers send errors.
        damage = SyntaxError(" ".join(str(error.msg).split()))  # some end in a new line
        damage.lineno = error.lineno
    if damage is not None:
        return _before_damage(data, path, new(), point, damage)
    parts = handler.parts()
    if not any(part.stamps.size for part in parts):
        raise NoRecords(path, "decode", handler.without_points())
    return parts


def _before_damage(
    data: bytes, path: str, handler: _Gpx | _Tcx, point: re.Pattern[bytes], damage: SyntaxError
) -> list[RawPart]:
    """Read the complete points before the damage.

    libxml2 closes what is open at the end: cut behind the last complete point, so that a half
    point never counts.
    """
    end = 0
    for match in point.finditer(data):
        end = match.end()
    with contextlib.suppress(etree.XMLSyntaxError, UnicodeDecodeError):
        _feed(_REFERENCE.sub(_no_surrogate, data[:end]), handler, recover=True)
    parts = handler.parts()
    if not any(part.stamps.size for part in parts):
        reason = f"not well-formed: {damage.msg}"
        raise CorruptFile(path, "decode", reason, line=damage.lineno or None) from damage
    message = f"not well-formed from line {damage.lineno} on: {damage.msg}"
    problem = Problem("xml_damaged", message)
    parts[-1] = replace(parts[-1], integrity="partial", problems=(*parts[-1].problems, problem))
    return parts


def _feed(data: bytes, handler: _Gpx | _Tcx, *, recover: bool) -> None:
    parser = etree.XMLParser(
        target=handler,  # type: ignore[arg-type]  # the stubs ask for their own base class
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=recover,
        remove_comments=True,
        remove_pis=True,
    )
    for start in range(0, len(data), _BLOCK):
        parser.feed(data[start : start + _BLOCK])
    parser.close()


_REFERENCE = re.compile(rb"&#(?:[xX]0*([dD][89a-fA-F][0-9a-fA-F]{2})|0*(5[5-7][0-9]{3}));")


def _no_surrogate(match: re.Match[bytes]) -> bytes:
    """Replace a reference to half a character: libxml2 mends it to bytes that are no UTF-8."""
    code = int(match[1], 16) if match[1] else int(match[2])
    return b"&#xFFFD;" if 0xD800 <= code < 0xE000 else match[0]


class _LocalNames(dict[str, str]):
    """Local names in lower case by tag; a document has few different tags, and many of each."""

    def __missing__(self, tag: str) -> str:
        self[tag] = name = tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()
        return name


@dataclass(slots=True)
class _Points:
    """Samples of one part, collected row by row in the order of ``columns.NAMES``."""

    rows: list[list[float]] = field(default_factory=list)
    breaks: list[int] = field(default_factory=list)
    row: list[float] | None = None
    spoilt: bool = False
    utc_offset_s: float | None = None
    zoned: bool | None = None
    problems: dict[str, int] = field(default_factory=dict)

    def begin(self) -> None:
        self.row = [nan] * len(NAMES)
        self.spoilt = False

    def put(self, channel: str, text: str) -> None:
        """Set one value of the open point; the first of a channel counts that is not zero."""
        index = _COLUMN[channel]
        if self.row is None or not text.strip():
            return
        if self.row[index] == self.row[index]:
            if channel in ZEROED and self.row[index] == 0.0:
                value, _ = parse_value(text)
                if not isnan(value) and value != 0.0:
                    self.row[index] = value
            return
        self.row[index], comma = parse_value(text)
        if comma or isnan(self.row[index]):
            self._count("decimal_commas" if comma else "unreadable_values")

    def _count(self, code: str) -> None:
        self.problems[code] = self.problems.get(code, 0) + 1

    def stamp(self, text: str) -> None:
        """Set the time of the open point; a second one means that two points ran together."""
        if self.row is None:
            return
        parsed = parse_time(text)
        if parsed is None:
            self._count("unreadable_times")
            return
        if not parsed.usual:
            self._count("unusual_times")
        self.spoilt |= self.row[0] == self.row[0]
        self.row[0] = parsed.unix
        if self.zoned is None:
            self.zoned = parsed.zoned
        if self.utc_offset_s is None:
            self.utc_offset_s = parsed.offset_s

    def end(self) -> None:
        if self.row is not None and not self.spoilt:
            self.rows.append(self.row)
        elif self.row is not None:
            self._count("merged_points")
        self.row = None

    def table(self) -> tuple[Floats, dict[str, Floats]]:
        table = np.array(self.rows, dtype=np.float64).reshape(len(self.rows), len(NAMES))
        columns = {name: table[:, _COLUMN[name]] for name in NAMES[1:]}
        return table[:, 0], columns


class _Gpx:
    """Parser target for GPX."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._local = _LocalNames()
        self.data = self._text.append  # no method around it: it is called most
        self._tracks: list[tuple[_Points, dict[str, str]]] = []
        self._about: dict[str, str] = {}
        self.others: dict[str, int] = {}

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = self._local[tag]
        self._path.append(name)
        self._text.clear()
        if name == "gpx":
            self._about["creator"] = attributes.get("creator", "")
        elif name in {"wpt", "rte"}:
            self.others[name] = self.others.get(name, 0) + 1
        elif name == "trk":
            self._tracks.append((_Points(), {}))
        elif self._tracks and name == "trkseg":
            points = self._tracks[-1][0]
            points.breaks.append(len(points.rows))
        elif self._tracks and name == "trkpt":
            points = self._tracks[-1][0]
            points.begin()
            for key, channel in (("lat", "latitude"), ("lon", "longitude")):
                points.put(channel, attributes.get(key, ""))

    def end(self, tag: str) -> None:
        name = self._local[tag]
        text = "".join(self._text).strip()
        self._text.clear()
        if self._path:
            self._path.pop()
        parent = self._path[-1] if self._path else ""
        points = self._tracks[-1][0] if self._tracks else None
        if points is not None and name == "trkpt":
            points.end()
        elif points is not None and points.row is not None:
            if name == "time" and parent == "trkpt":
                points.stamp(text)
            elif name in GPX_CHANNELS:
                points.put(GPX_CHANNELS[name], text)
        elif text:
            self._tell(parent, name, text)

    def _tell(self, parent: str, name: str, text: str) -> None:
        """Take what stands beside points: of a track, or of the whole file."""
        about = self._tracks[-1][1] if self._tracks and "trk" in self._path else self._about
        if name in ZONE_NAMES and zone_named(text) is not None:
            about.setdefault(ZONE, text)
        elif parent in {"trk", "gpx", "metadata"}:
            about.setdefault(name, text)
            offset = offset_of(text) if name == "time" else None
            if offset is not None:
                about.setdefault(ZONE, offset)

    def close(self) -> None:
        return None

    def without_points(self) -> str:
        return no_track_points(self.others.get("wpt", 0), self.others.get("rte", 0))

    def parts(self) -> list[RawPart]:
        """Give the tracks found so far."""
        found: list[RawPart] = []
        for points, about in self._tracks:
            stamps, columns = points.table()
            sport, sub_sport = sport_named(about.get("type"), self._about.get("creator"))
            found.append(
                RawPart(
                    stamps=stamps,
                    columns=columns,
                    breaks=points.breaks,
                    name=about.get("name") or self._about.get("name"),
                    description=about.get("desc") or self._about.get("desc"),
                    sport=sport,
                    sub_sport=sub_sport,
                    utc_offset_s=points.utc_offset_s,
                    zoned=points.zoned is not False,
                    zone=about.get(ZONE) or self._about.get(ZONE),
                    integrity=integrity(points.problems),
                    problems=reports(points.problems),
                )
            )
        return found


@dataclass(slots=True)
class _TcxActivity:
    points: _Points = field(default_factory=_Points)
    laps: list[dict[str, str]] = field(default_factory=list)
    last_points: list[float | None] = field(default_factory=list)
    about: dict[str, str] = field(default_factory=dict)


class _Tcx:
    """Parser target for TCX."""

    def __init__(self) -> None:
        self._path: list[str] = []
        self._text: list[str] = []
        self._local = _LocalNames()
        self.data = self._text.append  # no method around it: it is called most
        self._activities: list[_TcxActivity] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = self._local[tag]
        self._path.append(name)
        self._text.clear()
        if name == "activity":
            self._activities.append(_TcxActivity())
            self._activities[-1].about["sport"] = attributes.get("Sport", "")
        if not self._activities:
            return
        activity = self._activities[-1]
        if name == "lap" and self._path[-2:-1] == ["activity"]:
            activity.laps.append({"starttime": attributes.get("StartTime", "")})
            activity.last_points.append(None)
        elif name == "track":
            activity.points.breaks.append(len(activity.points.rows))
        elif name == "trackpoint":
            activity.points.begin()

    def end(self, tag: str) -> None:
        name = self._local[tag]
        text = "".join(self._text).strip()
        self._text.clear()
        if self._path:
            self._path.pop()
        parent = self._path[-1] if self._path else ""
        if not self._activities:
            return
        activity = self._activities[-1]
        points = activity.points
        if name == "trackpoint":
            points.end()
            if activity.laps and points.rows and isfinite(points.rows[-1][0]):
                activity.last_points[-1] = points.rows[-1][0]
        elif points.row is not None:
            channel = TCX_CHANNELS.get((parent, name))
            if name == "time" and parent == "trackpoint":
                points.stamp(text)
            elif channel is not None:
                points.put(channel, text)
        elif parent == "lap" and activity.laps:
            activity.laps[-1].setdefault(name, text)
        elif text:
            self._tell(parent, name, text)

    def _tell(self, parent: str, name: str, text: str) -> None:
        about = self._activities[-1].about
        zone = offset_of(text) if (parent, name) == ("activity", "id") else None
        if name in ZONE_NAMES and zone_named(text) is not None:
            zone = text
        if zone is not None:
            about.setdefault(ZONE, zone)
        elif (parent, name) in _TCX_ABOUT:
            about.setdefault(_TCX_ABOUT[parent, name], text)

    def close(self) -> None:
        return None

    def without_points(self) -> str:
        if not self._activities:
            return "no activities: a course, a workout or an empty file"
        return "no track points in any activity"

    def parts(self) -> list[RawPart]:
        """Give the activities found so far."""
        return [_tcx_part(activity) for activity in self._activities]


for _handler in (_Gpx, _Tcx):  # lxml asks for it with every document, which costs as much as 5 kB
    _handler.start.__signature__ = inspect.signature(_handler.start)  # type: ignore[union-attr]


_UNIT_ID = re.compile(r"\(?unit\s*id\s*:?\s*\d+\)?", re.IGNORECASE)
"""Garmin's early exports write the serial number into the name; it never leaves the reader."""

ZONE = "zone"
"""Where the local zone is kept among what a document tells of an activity."""

_TCX_ABOUT = {
    ("activity", "notes"): "description",
    ("creator", "name"): "device",
    ("plan", "name"): "workout",
}


def _tcx_part(activity: _TcxActivity) -> RawPart:
    stamps, columns = activity.points.table()
    about = activity.about
    sport, sub_sport = sport_named(about["sport"])
    part = RawPart(
        stamps=stamps,
        columns=columns,
        breaks=activity.points.breaks,
        session=Session(workout_name=about.get("workout")),
        description=about.get("description"),
        sport=sport,
        sub_sport=sub_sport,
        device=_UNIT_ID.sub("", about.get("device", "")).strip() or None,
        utc_offset_s=activity.points.utc_offset_s,
        zoned=activity.points.zoned is not False,
        zone=about.get(ZONE),
        integrity=integrity(activity.points.problems),
        problems=reports(activity.points.problems),
    )
    return with_laps(part, [_tcx_lap(lap) for lap in activity.laps], activity.last_points)


def _tcx_lap(lap: Mapping[str, str]) -> RawLap:
    start = parse_time(lap["starttime"])
    return RawLap(
        start=None if start is None else start.unix,
        end=None,
        distance_m=_number(lap.get("distancemeters")),
        timer_s=_number(lap.get("totaltimeseconds")),
        trigger=TCX_TRIGGER.get(lap.get("triggermethod", "").lower()),
        intensity=TCX_INTENSITY.get(lap.get("intensity", "").lower()),
    )


def _number(text: str | None) -> float | None:
    with contextlib.suppress(ValueError):
        value = float(text or "")
        return value if isfinite(value) else None
    return None
