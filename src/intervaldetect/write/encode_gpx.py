"""An activity as GPX 1.1 with Garmin's track point extension."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from itertools import pairwise
from xml.sax.saxutils import escape

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.records import Activity

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<gpx creator="intervaldetect" version="1.1" xmlns="http://www.topografix.com/GPX/1/1" '
    'xmlns:gpxtpx="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">\n'
)


def encode_gpx(activity: Activity) -> bytes:
    """Write an activity as GPX: one track, one segment per stretch between timer stops.

    GPX has neither distance nor speed nor laps: positions carry everything. Samples without a
    position cannot be written.

    Parameters
    ----------
    activity : Activity
        Cadence is written per leg for runs, as Garmin does.

    Returns
    -------
    bytes
        UTF-8.

    Raises
    ------
    ParameterError
        No sample has a position.
    """
    columns = activity.columns
    located = np.isfinite(columns["latitude"]) & np.isfinite(columns["longitude"])
    if not located.any():
        raise ParameterError("activity", activity.path, "an activity with positions, for GPX")
    lines = [
        _HEAD,
        f" <metadata><time>{stamp(activity.start_time, 0.0)}</time></metadata>\n <trk>\n",
    ]
    if activity.name:
        lines.append(f"  <name>{escape(activity.name)}</name>\n")
    if activity.description:
        lines.append(f"  <desc>{escape(activity.description)}</desc>\n")
    if activity.sport:
        lines.append(f"  <type>{escape(activity.sport)}</type>\n")
    for first, last in stretches(activity):
        points = [_point(activity, index) for index in range(first, last) if located[index]]
        if points:
            lines += ["  <trkseg>\n", *points, "  </trkseg>\n"]
    lines.append(" </trk>\n</gpx>\n")
    return "".join(lines).encode()


def stretches(activity: Activity) -> list[tuple[int, int]]:
    """Return sample ranges ``[first, last)`` between the timer stops."""
    time = activity.columns["time"]
    cuts = [int(np.searchsorted(time, pause.start_s, side="right")) for pause in activity.pauses]
    edges = [0, *cuts, int(time.size)]
    return [(a, b) for a, b in pairwise(edges) if b > a]


def stamp(start: datetime, offset_s: float) -> str:
    """Format a time as RFC 3339 UTC, with milliseconds only where there are any."""
    moment = start + timedelta(milliseconds=round(offset_s * 1000.0))
    style = "milliseconds" if moment.microsecond else "seconds"
    return moment.replace(tzinfo=None).isoformat(timespec=style) + "Z"


def plain(value: float) -> str:
    """Format a number in full precision, without a trailing ``.0``."""
    return repr(float(value)).removesuffix(".0")


def _point(activity: Activity, index: int) -> str:
    at = {name: float(values[index]) for name, values in activity.columns.items()}
    text = f'   <trkpt lat="{at["latitude"]:.8f}" lon="{at["longitude"]:.8f}">'
    if np.isfinite(at["altitude"]):
        text += f"<ele>{plain(at['altitude'])}</ele>"
    text += f"<time>{stamp(activity.start_time, at['time'])}</time>"
    text += _extensions(at, legs=1.0 if activity.sport == "cycling" else 2.0)
    return text + "</trkpt>\n"


def _extensions(at: Mapping[str, float], *, legs: float) -> str:
    """Write what GPX itself has no place for; cadence is that of one leg."""
    inner = ""
    if np.isfinite(at["temperature"]):
        inner += f"<gpxtpx:atemp>{plain(at['temperature'])}</gpxtpx:atemp>"
    if np.isfinite(at["heart_rate"]):
        inner += f"<gpxtpx:hr>{round(at['heart_rate'])}</gpxtpx:hr>"
    if np.isfinite(at["cadence"]):
        inner += f"<gpxtpx:cad>{round(at['cadence'] / legs)}</gpxtpx:cad>"
    power = f"<power>{round(at['power'])}</power>" if np.isfinite(at["power"]) else ""
    if inner:
        inner = f"<gpxtpx:TrackPointExtension>{inner}</gpxtpx:TrackPointExtension>"
    return f"<extensions>{power}{inner}</extensions>" if power or inner else ""
