"""Signal -> what later views need so that they never reopen a file.

Best efforts, histograms and a thinned trace; none of them holds a position or an elevation.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from intervaldetect.records import Bools, Floats, Signal

EFFORT_DISTANCES_M = (400.0, 800.0, 1000.0, 1500.0, 1609.344, 3000.0, 5000.0)
TRACE_POINTS = 1000
SPEED_BIN_MPS = 0.1
# A window with more of it not running than this is no effort of a runner.
DOUBTFUL_S = 2.0


class BestEffort(NamedTuple):
    """The shortest time over a distance; ``graded`` distances count as if on the level."""

    distance_m: float
    graded: bool
    duration_s: float
    start_s: float


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


def views_of(signal: Signal) -> Views:
    """Derive all views of a cleaned activity.

    Parameters
    ----------
    signal : Signal
        n intervals on n + 1 sample times.
    """
    duration = np.diff(signal.time_s)
    running = signal.valid & ~signal.paused & np.isfinite(signal.adjusted_speed_mps)
    heart_rate = signal.heart_rate_bpm[1:]
    known = np.isfinite(heart_rate) & ~signal.paused
    tenths = np.floor(signal.adjusted_speed_mps[running] / SPEED_BIN_MPS + 1e-9)
    time, speed, rate = _trace(signal, duration)
    return Views(
        best_efforts=best_efforts(signal),
        heart_rate=_histogram(np.round(heart_rate[known]), duration[known]),
        speed=_histogram(tenths, duration[running]),
        trace_time_s=time,
        trace_speed_mps=speed,
        trace_heart_rate_bpm=rate,
    )


def best_efforts(signal: Signal) -> tuple[BestEffort, ...]:
    """Return the shortest elapsed time over each of ``EFFORT_DISTANCES_M``, plain and graded.

    Distance grows linearly within an interval, so the best window starts or ends on a sample time;
    both are tried. Windows with more than 2 s of invalid, unpaused signal do not count.
    """
    from intervaldetect.kernels.efforts import shortest_window  # noqa: PLC0415 - loads numba
    from intervaldetect.kernels.sums import running_sums  # noqa: PLC0415 - as above

    duration = np.diff(signal.time_s)
    doubtful = running_sums(duration, (~(signal.valid | signal.paused)).astype(np.float64))[1]
    found: list[BestEffort] = []
    for graded, speed in ((False, signal.speed_mps), (True, signal.adjusted_speed_mps)):
        usable = signal.valid & ~signal.paused
        _, travelled = running_sums(np.where(usable, speed, 0.0), duration)
        for distance in EFFORT_DISTANCES_M:
            if travelled[-1] < distance:
                break
            duration_s, start_s = shortest_window(
                signal.time_s, travelled, doubtful, distance, DOUBTFUL_S
            )
            if np.isfinite(duration_s):
                found.append(BestEffort(distance, graded, duration_s, start_s))
    return tuple(found)


def _histogram(bins: Floats, weights: Floats) -> dict[int, float]:
    if not bins.size:
        return {}
    seconds = np.bincount(bins.astype(np.int64), weights=weights)
    found = np.flatnonzero(seconds)
    return {
        index: round(value, 1)
        for index, value in zip(found.tolist(), seconds[found].tolist(), strict=True)
    }


def _trace(signal: Signal, duration: Floats) -> tuple[Floats, Floats, Floats]:
    """Thin speed and heart rate to time-weighted means over at most ``TRACE_POINTS`` stretches."""
    count = duration.size
    if not count:
        return signal.time_s[:0], signal.speed_mps[:0], signal.heart_rate_bpm[:0]
    points = min(count, TRACE_POINTS)
    grid = np.linspace(signal.time_s[0], signal.time_s[-1], points, endpoint=False)
    edges = np.searchsorted(signal.time_s[:-1], grid)
    edges = edges[(edges < count) & np.append(True, edges[1:] > edges[:-1])]
    shown: Bools = ~signal.paused & signal.valid
    return (
        signal.time_s[edges],
        _means(np.where(shown, signal.speed_mps, np.nan), duration, edges),
        _means(signal.heart_rate_bpm[1:], duration, edges),
    )


def _means(values: Floats, weights: Floats, edges: NDArray[np.intp]) -> Floats:
    known = np.isfinite(values)
    total = np.add.reduceat(np.where(known, values * weights, 0.0), edges)
    weight = np.add.reduceat(np.where(known, weights, 0.0), edges)
    mean = np.full(edges.size, np.nan)
    np.divide(total, weight, out=mean, where=weight > 0)
    return mean
