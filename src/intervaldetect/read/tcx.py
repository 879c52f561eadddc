"""TCX: the native reader. One part per activity."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.kernels import xml
from intervaldetect.read import lxml_reader, xml_scan
from intervaldetect.read.build import RawPart
from intervaldetect.read.xml_names import TCX_CHANNELS, bounded_laps

VOCABULARY = xml_scan.Vocabulary(
    {
        "trainingcenterdatabase": xml.ROOT,
        "activity": xml.TRACK,
        "lap": xml.LAP,
        "track": xml.SEGMENT,
        "trackpoint": xml.POINT,
    },
    {pair: channel for pair, channel in TCX_CHANNELS.items()},
    "time",
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
    parts: list[RawPart] = []
    for track, part in found:
        starts = [*track.firsts(xml.LAP), part.stamps.size]
        if len(starts) != len(part.laps) + 1:
            return lxml_reader.read_tcx(data, path)
        last_points = [_last(part, *edges) for edges in zip(starts, starts[1:], strict=False)]
        parts.append(replace(part, laps=bounded_laps(part.laps, last_points)))
    return parts


def _last(part: RawPart, start: int, end: int) -> float | None:
    """Unix time of the last point of a lap that has one."""
    known = np.flatnonzero(np.isfinite(part.stamps[start:end]))
    return float(part.stamps[start + known[-1]]) if known.size else None
