"""Speed and heart rate as lines: evened out, broken where the watch stood, thinned in shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intervaldetect.records import Bools, Floats, Signal

SHORTEST_WINDOW_S, LONGEST_WINDOW_S = 9.0, 120.0
WINDOWS_ACROSS = 1000.0
BUCKETS = 700
# Without a sample for so long a line breaks, whatever the device made of the time between.
SPEED_BREAK_S, HR_BREAK_S = 20.0, 30.0
# A stored mean over a stretch this much longer than its neighbours spans a hole.
HOLE_RATIO = 2.5
HOLE_S = 20.0
# Fewer known samples of a channel are not worth a line.
MIN_BESIDE = 30


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a picture draws, n points in time order; NaN breaks the line.

    ``distance_m`` is what was run up to a point; positions are not part of it. ``window_s`` is
    the time of which a speed is the mean, None where it varies. The last three are None where
    they are not known.
    """

    time_s: Floats
    distance_m: Floats
    speed_mps: Floats
    heart_rate_bpm: Floats
    window_s: float | None = None
    altitude_m: Floats | None = None
    cadence_spm: Floats | None = None
    power_w: Floats | None = None

    @property
    def has_speed(self) -> bool:
        """Whether there is a speed to draw."""
        return bool(np.isfinite(self.speed_mps).any())

    @property
    def has_heart_rate(self) -> bool:
        """Whether there is a heart rate to draw."""
        return bool(np.isfinite(self.heart_rate_bpm).any())

    def distance_at(self, time_s: float) -> float:
        """Return the distance run at a time, in metres."""
        return float(np.interp(time_s, self.time_s, self.distance_m)) if self.time_s.size else 0.0


def trace_of_signal(signal: Signal) -> Trace:
    """Return the lines of a cleaned activity, one point in the middle of each of n intervals.

    Parameters
    ----------
    signal : Signal
        n intervals on n + 1 sample times.

    Returns
    -------
    Trace
        n points, not thinned.
    """
    time = signal.time_s
    middle = (time[:-1] + time[1:]) / 2
    window = window_of(float(time[-1] - time[0]))
    broken = signal.paused | (np.diff(time) > SPEED_BREAK_S)
    rate = _between(time, signal.heart_rate_bpm, middle, signal.paused)
    if window > SHORTEST_WINDOW_S:
        rate = _windowed(time, rate, np.isnan(rate), window)
    return Trace(
        time_s=middle,
        distance_m=(signal.distance_m[:-1] + signal.distance_m[1:]) / 2,
        speed_mps=_windowed(time, np.where(broken, np.nan, signal.speed_mps), broken, window),
        heart_rate_bpm=rate,
        window_s=window,
        altitude_m=_beside(signal, signal.altitude_m, middle, window),
        cadence_spm=_beside(signal, signal.cadence_spm, middle, window),
        power_w=_beside(signal, signal.power_w, middle, window),
    )


def _beside(signal: Signal, values: Floats, middle: Floats, window: float) -> Floats | None:
    """Return a channel evened out over the window, None where it says nothing."""
    known = values[np.isfinite(values)]
    if known.size < MIN_BESIDE or float(np.ptp(known)) == 0.0:
        return None
    drawn = _between(signal.time_s, values, middle, signal.paused)
    return _windowed(signal.time_s, drawn, np.isnan(drawn), window)


def window_of(elapsed_s: float) -> float:
    """Return the time, in whole seconds, of which speed is shown as the mean.

    One second of distance is too coarse to read, and the noise of a day would cover its picture.
    """
    wanted = round(elapsed_s / WINDOWS_ACROSS)
    return float(min(max(wanted, SHORTEST_WINDOW_S), LONGEST_WINDOW_S))


def trace_of_means(
    time_s: Sequence[float],
    speed_mps: Sequence[float | None],
    heart_rate_bpm: Sequence[float | None],
    elapsed_s: float,
) -> Trace:
    """Return the lines of a stored trace: means over stretches that begin at ``time_s``.

    Parameters
    ----------
    time_s, speed_mps, heart_rate_bpm : sequence of length n
        As a store holds them; None where not known.
    elapsed_s : float
        End of the last stretch.

    Returns
    -------
    Trace
        At least n points; a stretch that spans a hole becomes its beginning and a break.
    """
    start = np.asarray(time_s, dtype=np.float64)
    if not start.size:
        return Trace(start, start, start, start)
    length = np.diff(np.append(start, max(elapsed_s, start[-1])))
    speed = np.array([np.nan if v is None else v for v in speed_mps], dtype=np.float64)
    rate = np.array([np.nan if v is None else v for v in heart_rate_bpm], dtype=np.float64)
    usual = float(np.median(length))
    hole = length > max(HOLE_RATIO * usual, HOLE_S)
    window = window_of(float(elapsed_s))
    run = np.where(np.isfinite(speed), speed, 0.0) * np.where(hole, usual, length)
    if usual < window:
        edges = np.append(start, start[-1] + length[-1])
        evened = _windowed(edges, np.where(hole, np.nan, speed), hole, window)
        speed = np.where(hole, speed, evened)
    point = start + np.where(hole, usual, length) / 2
    distance = np.cumsum(run) - run / 2
    after = np.flatnonzero(hole) + 1
    return Trace(
        np.insert(point, after, (start + length / 2)[hole]),
        np.insert(distance, after, distance[hole]),
        np.insert(speed, after, np.nan),
        np.insert(rate, after, np.nan),
        window if usual < window else None,
    )


def thin(trace: Trace, buckets: int = BUCKETS) -> Trace:
    """Keep of each bucket of time the first and last point and the extremes of both lines.

    That is M4 (Jugel et al. 2014, doi 10.14778/2732951.2732953): drawn on as many pixels as there
    are buckets the lines look as before. A break within a bucket is kept too.

    Parameters
    ----------
    trace : Trace
    buckets : int
        The result has at most nine points for each.

    Returns
    -------
    Trace
        The same, where thinning would not shorten it.
    """
    if trace.time_s.size <= 4 * buckets:
        return trace
    edges = np.linspace(trace.time_s[0], trace.time_s[-1], buckets, endpoint=False)
    starts = np.unique(np.searchsorted(trace.time_s, edges))
    ends = np.append(starts[1:], trace.time_s.size)
    keep = np.zeros(trace.time_s.size, dtype=np.bool_)
    keep[starts] = keep[ends - 1] = True
    beside = (trace.altitude_m, trace.cadence_spm, trace.power_w)
    for values in (trace.speed_mps, trace.heart_rate_bpm):
        known = np.isfinite(values)
        for sign in (1.0, -1.0):
            keep[_least(np.where(known, sign * values, np.inf), starts, ends)] = True
        keep[_least(known.astype(np.float64), starts, ends)] = True
    return Trace(
        trace.time_s[keep],
        trace.distance_m[keep],
        trace.speed_mps[keep],
        trace.heart_rate_bpm[keep],
        trace.window_s,
        *(None if values is None else values[keep] for values in beside),
    )


def rounded(values: Floats, decimals: int) -> list[float | int | None]:
    """Return numbers for JSON: whole ones as int, None where not known."""
    number = int if decimals == 0 else float
    known = np.isfinite(values).tolist()
    told = np.where(known, values, 0.0).round(decimals).tolist()
    return [number(value) if k else None for value, k in zip(told, known, strict=True)]


def _least(values: Floats, starts: NDArray[np.intp], ends: NDArray[np.intp]) -> NDArray[np.intp]:
    """Index of the first least value of each bucket ``[start, end)``."""
    least = np.repeat(np.minimum.reduceat(values, starts), ends - starts)
    index = np.flatnonzero(values == least)
    bucket = np.searchsorted(starts, index, "right")
    return index[np.diff(bucket, prepend=-1) > 0]


def _windowed(time: Floats, values: Floats, broken: Bools, window_s: float) -> Floats:
    """Mean over the window around the middle of each interval; NaN where the line breaks."""
    length = np.diff(time)
    known = np.isfinite(values)
    total = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0) * length)))
    counted = np.concatenate(([0.0], np.cumsum(np.where(known, length, 0.0))))
    middle = (time[:-1] + time[1:]) / 2
    low, high = middle - window_s / 2, middle + window_s / 2
    seconds = np.interp(high, time, counted) - np.interp(low, time, counted)
    gained = np.interp(high, time, total) - np.interp(low, time, total)
    mean = np.full(values.size, np.nan)
    # A window known for less than a third tells of its edges only.
    np.divide(gained, seconds, out=mean, where=(seconds > window_s / 3) & ~broken)
    return mean


def _between(time: Floats, values: Floats, wanted: Floats, paused: Bools) -> Floats:
    """Values between samples, NaN in pauses and where known samples lie too far apart."""
    index = np.flatnonzero(np.isfinite(values))
    if not index.size:
        return np.full(wanted.size, np.nan)
    known = time[index]
    after = np.searchsorted(known, wanted)
    inside = (after > 0) & (after < known.size)
    gap = np.full(wanted.size, np.inf)
    gap[inside] = (known[after.clip(0, known.size - 1)] - known[after - 1])[inside]
    drawn = np.interp(wanted, known, values[index])
    return np.where((gap <= HR_BREAK_S) & ~paused, drawn, np.nan)
