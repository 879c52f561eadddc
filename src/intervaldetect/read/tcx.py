"""TCX: the native reader. One part per activity."""

from __future__ import annotations

import re
from collections.abc import Mapping
from itertools import pairwise
from math import isfinite

import numpy as np

from intervaldetect.kernels import xml_marks
from intervaldetect.read import lxml_reader, xml_scan
from intervaldetect.read.build import RawLap, RawPart
from intervaldetect.read.moments import parse_time
from intervaldetect.read.xml_names import (
    TCX_CHANNELS,
    TCX_INTENSITY,
    TCX_TRIGGER,
    with_laps,
)
from intervaldetect.records import Floats

VOCABULARY = xml_scan.Vocabulary(
    {
        "trainingcenterdatabase": xml_marks.ROOT,
        "activities": xml_marks.WRAPPER,
        "multisportsession": xml_marks.WRAPPER,
        "firstsport": xml_marks.WRAPPER,
        "nextsport": xml_marks.WRAPPER,
        "activity": xml_marks.TRACK,
        "lap": xml_marks.LAP,
        "track": xml_marks.SEGMENT,
        "trackpoint": xml_marks.POINT,
    },
    {(parent, name): channel for (parent, name), channel in TCX_CHANNELS.items()},
    "time",
    ("totaltimeseconds", "distancemeters", "intensity", "triggermethod"),
)


def read_tcx(data: bytes, path: str) -> list[RawPart]:
    """Decode TCX with its laps and the speed, cadence and power of the activity extension.

    Parameters
    ----------
    data : bytes
        The file; UTF-16 and blanks before the document are allowed.
    path : str
        What to call it in errors.

    Returns
    -------
    list of RawPart
        One per activity, those of multisport sessions included. A document that breaks off gives
        every complete point before the break.

    Raises
    ------
    CorruptFile
        Not well-formed before the first point, or with a document type declaration.
    """
    found = xml_scan.read(data, path, VOCABULARY, lxml_reader.read_tcx)
    if found is None:
        return lxml_reader.read_tcx(data, path)
    if any(len(part.laps) + len(track.fields) != len(track.laps) for track, part in found):
        return lxml_reader.read_tcx(data, path)
    return [_with_laps(track, part) for track, part in found]


_ATTRIBUTE = re.compile(rb"""\s([^\s=]+)\s*=\s*("[^"]*"|'[^']*')""")


def _with_laps(track: xml_scan.Track, part: RawPart) -> RawPart:
    """Complete the laps and the totals that come from them."""
    edges = [*track.laps, part.stamps.size]
    last_points = [_last(part.stamps[start:end]) for start, end in pairwise(edges)]
    laps = part.laps or [_lap(tag, texts) for tag, texts in track.fields]
    return with_laps(part, laps, last_points)


def _lap(tag: bytes, texts: Mapping[str, str]) -> RawLap:
    attributes = {name: value[1:-1] for name, value in _ATTRIBUTE.findall(tag)}
    start = parse_time(attributes.get(b"StartTime", b"").decode("ascii"))
    return RawLap(
        start=None if start is None else start.unix,
        end=None,
        distance_m=_number(texts.get("distancemeters")),
        timer_s=_number(texts.get("totaltimeseconds")),
        trigger=TCX_TRIGGER.get(texts.get("triggermethod", "").lower()),
        intensity=TCX_INTENSITY.get(texts.get("intensity", "").lower()),
    )


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "")
    except ValueError:
        return None
    return value if isfinite(value) else None


def _last(stamps: Floats) -> float | None:
    """Give the last of the unix times that there is."""
    if stamps.size and isfinite(stamps[-1]):
        return float(stamps[-1])
    known = np.flatnonzero(np.isfinite(stamps))
    return float(stamps[known[-1]]) if known.size else None
