"""How long each value was held, and values thinned to a few: what a signal looks like from afar."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

MOST_BINS = 100_000
"""What lies beyond, no value of a runner, is left out."""


@kernel
def time_held(
    time: Floats, rate: Floats, speed: Floats, valid: Bools, paused: Bools, width: float
) -> tuple[Floats, Floats]:
    """Seconds at each heart rate and in each bin of speed.

    Parameters
    ----------
    time, rate : (n + 1,) float64
        Rising, in s; bpm. An interval has the heart rate of its end.
    speed : (n,) float64
        m/s.
    valid, paused : (n,) bool
        Pauses do not count; speed counts where it is valid.
    width : float
        Of a bin of speed, in m/s.

    Returns
    -------
    by_rate, by_speed : (r,) float64, (s,) float64
        At place k, seconds at the rounded rate k, and at speeds from k widths on. Values below 0
        and from `MOST_BINS` on are left out.
    """
    n = speed.size
    highest, fastest = 0.0, 0.0
    for i in range(n):
        if math.isfinite(rate[i + 1]):
            highest = max(highest, rate[i + 1])
        if math.isfinite(speed[i]):
            fastest = max(fastest, speed[i])
    by_rate = np.zeros(min(int(min(highest, MOST_BINS)) + 2, MOST_BINS))
    by_speed = np.zeros(min(int(min(fastest / width, MOST_BINS)) + 2, MOST_BINS))
    for i in range(n):
        if paused[i]:
            continue
        seconds = time[i + 1] - time[i]
        if math.isfinite(rate[i + 1]):
            _count(by_rate, np.rint(rate[i + 1]), seconds)
        if valid[i] and math.isfinite(speed[i]):
            # What rounding left just below the edge of its bin belongs above it.
            _count(by_speed, math.floor(speed[i] / width + 1e-9), seconds)
    return by_rate, by_speed


@helper
def _count(bins: Floats, place: float, seconds: float) -> None:
    if 0.0 <= place < bins.size:
        bins[int(place)] += seconds


@kernel
def thinned(
    time: Floats, speed: Floats, rate: Floats, valid: Bools, paused: Bools, points: int
) -> tuple[Floats, Floats, Floats]:
    """Mean speed and heart rate over stretches of about equal length, by whole intervals.

    Parameters
    ----------
    time, rate : (n + 1,) float64
        Rising, in s; bpm. An interval has the heart rate of its end.
    speed : (n,) float64
        m/s; counts where it is valid and not paused.
    valid, paused : (n,) bool
    points : int
        Above 0.

    Returns
    -------
    start, mean_speed, mean_rate : (k,) float64
        At most so many points, and n. NaN where nothing is known in a stretch.
    """
    n = speed.size
    start, mean_speed, mean_rate = np.empty(points), np.empty(points), np.empty(points)
    step = (time[n] - time[0]) / points if points > 0 else 0.0
    found = k = first = 0
    while first < n and found < points:
        # A stretch begins with the first interval at or after one or more of the moments.
        while k < points and step * k + time[0] <= time[first]:
            k += 1
        until = step * k + time[0] if k < points else np.inf
        end = first + 1
        while end < n and time[end] < until:
            end += 1
        metres = moving = beats = beating = 0.0
        # From the second interval on, and the first at last: to the bit what numpy sums.
        for place in range(first + 1, end + 1):
            i = place if place < end else first
            seconds = time[i + 1] - time[i]
            if valid[i] and not paused[i] and math.isfinite(speed[i]):
                metres += speed[i] * seconds
                moving += seconds
            if math.isfinite(rate[i + 1]):
                beats += rate[i + 1] * seconds
                beating += seconds
        start[found] = time[first]
        mean_speed[found] = metres / moving if moving > 0.0 else np.nan
        mean_rate[found] = beats / beating if beating > 0.0 else np.nan
        found += 1
        first = end
    return start[:found], mean_speed[:found], mean_rate[:found]
