"""The second opinion on GPX and TCX: gpxpy and lxml behind the readers' protocol.

Slow and independent of the native scanners. That on FIT stands in ``reference_fit``.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from math import isnan, nan
from typing import Any

import gpxpy
import numpy as np

from intervaldetect.columns import NAMES
from intervaldetect.errors import NoRecords
from intervaldetect.read import lxml_reader
from intervaldetect.read.build import RawPart
from intervaldetect.read.xml_names import (
    GPX_CHANNELS,
    no_track_points,
    refuse_doctype,
    sport_named,
    to_plain,
)
from intervaldetect.records import Problem


def read_gpx(data: bytes, path: str) -> list[RawPart]:
    """Decode GPX over gpxpy; over lxml where gpxpy refuses the file."""
    plain = to_plain(data)
    refuse_doctype(plain, path)
    try:
        gpx = gpxpy.parse(plain)
    except Exception as error:  # noqa: BLE001 - gpxpy lets errors of its parsers through
        parts = lxml_reader.read_gpx(data, path)
        switch = Problem("reader_switched", f"gpxpy gave up ({error}); read over lxml")
        return [replace(part, problems=(*part.problems, switch)) for part in parts]
    if not any(segment.points for track in gpx.tracks for segment in track.segments):
        reason = no_track_points(len(gpx.waypoints), len(gpx.routes))
        raise NoRecords(path, "decode", reason)
    return [_gpx_part(track, gpx) for track in gpx.tracks]


def read_tcx(data: bytes, path: str) -> list[RawPart]:
    """Decode TCX over lxml."""
    return lxml_reader.read_tcx(data, path)


def _gpx_part(track: Any, gpx: Any) -> RawPart:
    rows: list[list[float]] = []
    breaks: list[int] = []
    offset: float | None = None
    for segment in track.segments:
        breaks.append(len(rows))
        for point in segment.points:
            values = dict.fromkeys(NAMES, nan)
            if point.time is not None:
                moment = point.time
                if moment.tzinfo is None:
                    moment = moment.replace(tzinfo=UTC)
                values["time"] = moment.timestamp()
                zone = moment.utcoffset()
                if offset is None and zone:
                    offset = zone.total_seconds()
            values["latitude"], values["longitude"] = point.latitude, point.longitude
            if point.elevation is not None:
                values["altitude"] = point.elevation
            if point.speed is not None:
                values["speed"] = point.speed
            for extension in point.extensions:
                for element in extension.iter():
                    _take_extension(element, values)
            rows.append([values[name] for name in NAMES])
    table = np.array(rows, dtype=np.float64).reshape(len(rows), len(NAMES))
    sport, sub_sport = sport_named(track.type)
    return RawPart(
        stamps=table[:, 0],
        columns={name: table[:, i] for i, name in enumerate(NAMES) if i},
        breaks=breaks,
        name=_text(track.name) or _text(gpx.name),
        description=_text(track.description) or _text(gpx.description),
        sport=sport,
        sub_sport=sub_sport,
        utc_offset_s=offset,
    )


def _take_extension(element: Any, values: dict[str, float]) -> None:
    if not isinstance(element.tag, str):
        return
    name = element.tag.rsplit("}", 1)[-1].rsplit(":", 1)[-1].lower()
    channel = GPX_CHANNELS.get(name)
    if channel is None or not isnan(values[channel]):
        return
    try:
        values[channel] = float(element.text or "")
    except ValueError:
        return


def _text(value: str | None) -> str | None:
    return (value or "").strip() or None
