"""Signal -> what later views need so that they never reopen a file.

Best efforts, histograms and a thinned trace; none of them holds a position or an elevation. Those
are taken from the activity by `places_of`, where they are asked for.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from intervaldetect.records import Activity, Floats, Signal

EFFORT_DISTANCES_M = (400.0, 800.0, 1000.0, 1500.0, 1609.344, 3000.0, 5000.0)
TRACE_POINTS = 1000
PLACE_POINTS = 1000
SPEED_BIN_MPS = 0.1
# A window with more of it not running than this is no effort of a runner.
DOUBTFUL_S = 2.0


class BestEffort(NamedTuple):
    """The shortest time over a distance; ``graded`` distances count as if on the level."""

    distance_m: float
    graded: bool
    duration_s: float
    start_s: float


class Places(NamedTuple):
    """Where an activity went and how high: k <= 1,000 samples as recorded, in order of time.

    ``latitude_deg`` and ``longitude_deg`` in WGS 84, ``altitude_m`` above sea level; NaN where not
    known.
    """

    time_s: Floats
    latitude_deg: Floats
    longitude_deg: Floats
    altitude_m: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Views:
    """Derived views of one signal.

    ``heart_rate`` maps bpm to seconds, ``speed`` maps the lower edge of a 0.1 m/s bin (in tenths
    of m/s) of grade-adjusted speed to seconds. The trace has at most 1,000 points on bin means.
    """

    best_efforts: tuple[BestEffort, ...]
    heart_rate: dict[int, float]
    speed: dict[int, float]
    trace_time_s: Floats
    trace_speed_mps: Floats
    trace_heart_rate_bpm: Floats
    places: Places | None = None


def views_of(signal: Signal) -> Views:
    """Derive all views of a cleaned activity.

    Parameters
    ----------
    signal : Signal
        n intervals on n + 1 sample times.
    """
    from intervaldetect.kernels.views import thinned, time_held  # noqa: PLC0415 - loads numba

    masks = (signal.valid, signal.paused)
    channels = (signal.time_s, signal.heart_rate_bpm, signal.speed_mps, signal.adjusted_speed_mps)
    time, rate, speed, graded = channels
    by_rate, by_speed = time_held(time, rate, graded, *masks, SPEED_BIN_MPS)
    trace = thinned(time, speed, rate, *masks, min(speed.size, TRACE_POINTS))
    return Views(best_efforts(signal), _histogram(by_rate), _histogram(by_speed), *trace)


def places_of(activity: Activity) -> Places | None:
    """Return the samples of an activity that have a place or an altitude, evenly thinned.

    The first and the last are among them; None where there is no such sample.
    """
    columns = activity.columns
    latitude, longitude, altitude = (
        columns[name] for name in ("latitude", "longitude", "altitude")
    )
    known = np.flatnonzero(np.isfinite(latitude) | np.isfinite(altitude))
    if not known.size:
        return None
    if known.size > PLACE_POINTS:
        known = known[np.linspace(0, known.size - 1, PLACE_POINTS).astype(np.int64)]
    return Places(columns["time"][known], latitude[known], longitude[known], altitude[known])


def best_efforts(signal: Signal) -> tuple[BestEffort, ...]:
    """Return the shortest elapsed time over each of ``EFFORT_DISTANCES_M``, plain and graded.

    Distance grows linearly within an interval, so the best window starts or ends on a sample time;
    both are tried. Windows with more than 2 s of invalid, unpaused signal do not count.
    """
    from intervaldetect.kernels.efforts import shortest_windows  # noqa: PLC0415 - loads numba

    found: list[BestEffort] = []
    for graded, speed in ((False, signal.speed_mps), (True, signal.adjusted_speed_mps)):
        windows = shortest_windows(
            signal.time_s,
            speed,
            signal.valid,
            signal.paused,
            np.array(EFFORT_DISTANCES_M),
            DOUBTFUL_S,
        )
        found += (
            BestEffort(distance, graded, duration_s, start_s)
            for distance, duration_s, start_s in zip(
                EFFORT_DISTANCES_M, *map(np.ndarray.tolist, windows), strict=True
            )
            if duration_s < math.inf
        )
    return tuple(found)


def _histogram(seconds: Floats) -> dict[int, float]:
    found = np.flatnonzero(seconds)
    return {
        index: value if value.is_integer() else round(value, 1)
        for index, value in zip(found.tolist(), seconds[found].tolist(), strict=True)
    }
