"""An activity as TCX with laps and Garmin's activity extension."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from xml.sax.saxutils import escape

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.records import Activity, Lap
from intervaldetect.write.encode_gpx import plain, stamp, stretches

_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    "<TrainingCenterDatabase "
    'xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" '
    'xmlns:ns3="http://www.garmin.com/xmlschemas/ActivityExtension/v2">\n <Activities>\n'
)
_TRIGGERS = {"manual": "Manual", "distance": "Distance", "time": "Time"}
_RESTING = ("rest", "recovery")


def encode_tcx(activity: Activity) -> bytes:
    """Write an activity as TCX: its laps, and in each lap one track per stretch without a stop.

    Parameters
    ----------
    activity : Activity
        Without laps, one lap holds everything. TCX has no temperature.

    Returns
    -------
    bytes
        UTF-8.

    Raises
    ------
    ParameterError
        The activity has no sample.
    """
    if len(activity) == 0:
        raise ParameterError("activity", activity.path, "an activity with samples")
    end = float(activity.columns["time"][-1])
    laps = activity.laps or (Lap(0.0, end),)
    sport = {"running": "Running", "cycling": "Biking"}.get(activity.sport or "", "Other")
    lines = [
        _HEAD,
        f'  <Activity Sport="{sport}">\n   <Id>{stamp(activity.start_time, 0.0)}</Id>\n',
    ]
    for index, lap in enumerate(laps):
        lines += _lap(activity, lap, last=index + 1 == len(laps))
    if activity.name:
        lines.append(f"   <Notes>{escape(activity.name)}</Notes>\n")
    lines.append("  </Activity>\n </Activities>\n</TrainingCenterDatabase>\n")
    return "".join(lines).encode()


def _lap(activity: Activity, lap: Lap, *, last: bool) -> list[str]:
    time = activity.columns["time"]
    first = int(np.searchsorted(time, lap.start_s))
    stop = time.size if last else int(np.searchsorted(time, lap.end_s))
    seconds = lap.timer_s if lap.timer_s is not None else lap.end_s - lap.start_s
    metres = lap.distance_m
    if metres is None:
        covered = activity.columns["distance"][first:stop]
        covered = covered[np.isfinite(covered)]
        metres = float(covered[-1] - covered[0]) if covered.size else 0.0
    intensity = "Resting" if lap.intensity in _RESTING else "Active"
    lines = [
        f'   <Lap StartTime="{stamp(activity.start_time, lap.start_s)}">\n',
        f"    <TotalTimeSeconds>{plain(seconds)}</TotalTimeSeconds>\n",
        f"    <DistanceMeters>{plain(round(metres, 2))}</DistanceMeters>\n",
        "    <Calories>0</Calories>\n",
        f"    <Intensity>{intensity}</Intensity>\n",
        f"    <TriggerMethod>{_TRIGGERS.get(lap.trigger or '', 'Manual')}</TriggerMethod>\n",
    ]
    for begin, finish in stretches(activity):
        points = [_point(activity, index) for index in range(max(begin, first), min(finish, stop))]
        if points:
            lines += ["    <Track>\n", *points, "    </Track>\n"]
    lines.append("   </Lap>\n")
    return lines


def _point(activity: Activity, index: int) -> str:
    values = {name: float(values[index]) for name, values in activity.columns.items()}
    known = {name: value for name, value in values.items() if np.isfinite(value)}
    cycling = activity.sport == "cycling"
    if "cadence" in known and not cycling:
        known["run_cadence"] = known.pop("cadence") / 2.0
    time = f"<Time>{stamp(activity.start_time, values['time'])}</Time>"
    own = _position(known) + _elements(known, _OWN)
    inner = _elements(known, _EXTENDED)
    if inner:
        inner = f"<Extensions><ns3:TPX>{inner}</ns3:TPX></Extensions>"
    return f"     <Trackpoint>{time}{own}{inner}</Trackpoint>\n"


def _position(known: Mapping[str, float]) -> str:
    if not {"latitude", "longitude"} <= known.keys():
        return ""
    return (
        f"<Position><LatitudeDegrees>{known['latitude']:.8f}</LatitudeDegrees>"
        f"<LongitudeDegrees>{known['longitude']:.8f}</LongitudeDegrees></Position>"
    )


_OWN: tuple[tuple[str, Callable[[float], str]], ...] = (
    ("altitude", lambda v: f"<AltitudeMeters>{plain(v)}</AltitudeMeters>"),
    ("distance", lambda v: f"<DistanceMeters>{plain(v)}</DistanceMeters>"),
    ("heart_rate", lambda v: f"<HeartRateBpm><Value>{round(v)}</Value></HeartRateBpm>"),
    ("cadence", lambda v: f"<Cadence>{round(v)}</Cadence>"),
)
_EXTENDED: tuple[tuple[str, Callable[[float], str]], ...] = (
    ("speed", lambda v: f"<ns3:Speed>{plain(v)}</ns3:Speed>"),
    ("run_cadence", lambda v: f"<ns3:RunCadence>{round(v)}</ns3:RunCadence>"),
    ("power", lambda v: f"<ns3:Watts>{round(v)}</ns3:Watts>"),
)


def _elements(
    known: Mapping[str, float], elements: Sequence[tuple[str, Callable[[float], str]]]
) -> str:
    """Write the elements whose values are known, in the order of the schema."""
    return "".join(element(known[name]) for name, element in elements if name in known)
