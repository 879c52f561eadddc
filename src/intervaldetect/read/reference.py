"""The second opinion on GPX and TCX: gpxpy and lxml behind the readers' protocol.

Slow and independent of the native scanners. That on FIT stands in ``reference_fit``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any

import gpxpy
import numpy as np

from intervaldetect.errors import NoRecords
from intervaldetect.read import lxml_reader
from intervaldetect.read.build import RawPart
from intervaldetect.read.moments import offset_of, zone_named
from intervaldetect.read.sports import sport_named
from intervaldetect.read.xml_names import (
    GPX_CHANNELS,
    ZEROED,
    ZONE_NAMES,
    no_track_points,
    parse_value,
    refuse_doctype,
    to_plain,
)
from intervaldetect.records import Problem
from intervaldetect.records.channels import NAMES


def read_gpx(data: bytes, path: str) -> list[RawPart]:
    """Decode GPX over gpxpy; over lxml where gpxpy refuses the file."""
    plain = to_plain(data)
    refuse_doctype(plain, path)
    try:
        gpx = gpxpy.parse(plain)
    except Exception as error:  # noqa: BLE001 - gpxpy lets errors of its parsers through
        return _over_lxml(data, path, f"gave up ({error})")
    if not any(segment.points for track in gpx.tracks for segment in track.segments):
        reason = no_track_points(len(gpx.waypoints), len(gpx.routes))
        raise NoRecords(path, "decode", reason)
    if not any(_times(track) for track in gpx.tracks):
        return _over_lxml(data, path, "found no times")
    return [_gpx_part(track, gpx) for track in gpx.tracks]


def _times(track: Any) -> list[datetime]:
    """Return the times of a track's points, where they have any."""
    points = (point for segment in track.segments for point in segment.points)
    return [point.time for point in points if point.time is not None]


def _over_lxml(data: bytes, path: str, why: str) -> list[RawPart]:
    switch = Problem("reader_switched", f"gpxpy {why}; read over lxml")
    parts = lxml_reader.read_gpx(data, path)
    return [replace(part, problems=(*part.problems, switch)) for part in parts]


def read_tcx(data: bytes, path: str) -> list[RawPart]:
    """Decode TCX over lxml."""
    return lxml_reader.read_tcx(data, path)


def _gpx_part(track: Any, gpx: Any) -> RawPart:
    rows: list[list[float]] = []
    breaks: list[int] = []
    for segment in track.segments:
        breaks.append(len(rows))
        rows += [_row(point) for point in segment.points]
    times = _times(track)
    zones = (moment.utcoffset() for moment in times)
    offset = next((zone.total_seconds() for zone in zones if zone), None)
    zoned = not times or times[0].tzinfo is not None
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
    sport, sub_sport = sport_named(track.type, gpx.creator)
    return RawPart(
        stamps=table[:, 0],
        columns={name: table[:, i] for i, name in enumerate(NAMES) if i},
        breaks=breaks,
        name=_text(track.name) or _text(gpx.name),
        description=_text(track.description) or _text(gpx.description),
        sport=sport,
        sub_sport=sub_sport,
        utc_offset_s=offset,
        zoned=zoned,
        zone=_zone(track, gpx),
    )


def _row(point: Any) -> list[float]:
    """Return the values of a point by channel; a time without a zone is taken for UTC."""
    values = dict.fromkeys(NAMES, nan)
    if point.time is not None:
        moment = point.time
        values["time"] = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    values["latitude"], values["longitude"] = point.latitude, point.longitude
    if point.elevation is not None:
        values["altitude"] = point.elevation
    if point.speed is not None:
        values["speed"] = point.speed
    for element in (found for extension in point.extensions for found in extension.iter()):
        _take_extension(element, values)
    return [values[name] for name in NAMES]


def _zone(track: Any, gpx: Any) -> str | None:
    """Find the zone that a track or the file names, or the offset of the file's own time."""
    beside = (*track.extensions, *gpx.extensions, *gpx.metadata_extensions)
    for element in (found for extension in beside for found in extension.iter()):
        text = (element.text or "").strip()
        if _local(element) in ZONE_NAMES and text and zone_named(text) is not None:
            return text
    return offset_of(gpx.time.isoformat()) if gpx.time is not None else None


def _local(element: Any) -> str:
    name = element.tag if isinstance(element.tag, str) else ""
    return name.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()


def _take_extension(element: Any, values: dict[str, float]) -> None:
    channel = GPX_CHANNELS.get(_local(element))
    if channel is None:
        return
    value, _ = parse_value(element.text or "")
    if isnan(values[channel]) or (
        channel in ZEROED and values[channel] == 0.0 and not isnan(value)
    ):
        values[channel] = value


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
