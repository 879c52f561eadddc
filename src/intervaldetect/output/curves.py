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
# Tissue suffers from magnitude far more than from number (Edwards 2018, doi
# 10.1249/JES.0000000000000163; Firminger 2020, doi 10.1249/mss.0000000000002287), hence a power of
# the force. The fourth power is an assumption of this package: no exponent is known for muscle.
FORCE_EXPONENT, REFERENCE_MPS = 4, 3.0
FORCE_PER_GRADE, STEEPEST = 1.2, 0.2
_WALK_MPS, _WALK_FORCE, _RUN_MPS, _RUN_FORCE, FASTEST_MPS = 1.5, 1.2, 6.0, 2.5, 9.0
_STEP_MPS, _STEPS, _MORE_STEPS = 2.6, 2.63, 0.12
# Slower than this nobody is on the way.
_STANDING_MPS = 0.5
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
    of m/s) of grade-adjusted speed to seconds. ``load_steps`` is the muscular load (`step_load`),
    None where no speed is known. The trace has at most 1,000 points on bin means.
    """

    best_efforts: tuple[BestEffort, ...]
    heart_rate: dict[int, float]
    speed: dict[int, float]
    trace_time_s: Floats
    trace_speed_mps: Floats
    trace_heart_rate_bpm: Floats
    load_steps: float | None = None
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
    return Views(
        best_efforts(signal),
        _histogram(by_rate),
        _histogram(by_speed),
        *trace,
        muscular_load(signal),
    )


def muscular_load(signal: Signal) -> float | None:
    """Return the steps of a run, each weighed by its peak force over that at 3 m/s on the level."""
    known = signal.valid & ~signal.paused & np.isfinite(signal.speed_mps)
    if not known.any():
        return None
    seconds = np.diff(signal.time_s)[known]
    return float(seconds @ step_load(signal.speed_mps[known], signal.grade[known]))


def step_load(speed_mps: Floats, grade: Floats | float = 0.0) -> Floats:
    """Return muscular load per second of running, in steps at 3 m/s on the level.

    Steps, each weighed by the fourth power of its peak vertical force: 1.2 body weights at 1.5 m/s,
    rising linearly to 2.5 at 6 m/s and on to what is no running (Keller 1996,
    10.1016/0268-0033(95)00068-2); 2.63 steps/s at 2.6 m/s (van Oeveren 2017, doi
    10.1371/journal.pone.0184273) and about 3.0 at 5.7 m/s (PMC8523042). Downhill the force is
    higher, uphill lower: at 9 degrees impact peaks change by half, active peaks hardly (Gottschall
    & Kram 2005, doi 10.1016/j.jbiomech.2004.04.029); 1.2 % of force a per cent of grade is between.

    Parameters
    ----------
    speed_mps : array
        Over the ground; below 0.5 m/s there is no load.
    grade : array or float
        Rise over distance, NaN where not known; beyond 0.2 either way it counts as 0.2.
    """
    slope = np.clip(np.nan_to_num(np.asarray(grade, dtype=np.float64)), -STEEPEST, STEEPEST)
    force = _peak_force(speed_mps) * (1.0 - FORCE_PER_GRADE * slope)
    relative = force / _peak_force(np.float64(REFERENCE_MPS))
    steps = _STEPS + _MORE_STEPS * (speed_mps - _STEP_MPS)
    load = np.maximum(steps, 0.0) * relative**FORCE_EXPONENT
    return np.asarray(np.where(speed_mps < _STANDING_MPS, 0.0, load), dtype=np.float64)


def _peak_force(speed_mps: Floats | np.float64) -> Floats:
    share = (np.clip(speed_mps, _WALK_MPS, FASTEST_MPS) - _WALK_MPS) / (_RUN_MPS - _WALK_MPS)
    return np.asarray(_WALK_FORCE + share * (_RUN_FORCE - _WALK_FORCE), dtype=np.float64)


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
