"""Speed of the intervals between samples: from a distance counter, without pauses, on slopes."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel
from intervaldetect.kernels.grade import cost_ratio_of
from intervaldetect.kernels.interpolation import interpolate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@kernel
def counted_speed(time: Floats, distance: Floats) -> tuple[Floats, float, float]:
    """Speed by the distance gained; samples without distance share the next gain.

    Parameters
    ----------
    time, distance : (n + 1,) float64
        Rising s; m, NaN where not known.

    Returns
    -------
    speed : (n,) float64
        In m/s, NaN before the first and after the last distance, and where the counter fell.
    covered_s : float
        Seconds with a speed.
    fastest : float
        In m/s, at least 0.
    """
    speed = np.full(max(time.size - 1, 0), np.nan)
    covered_s = fastest = 0.0
    known = -1
    for i in range(time.size):
        if not math.isfinite(distance[i]):
            continue
        if known >= 0:
            share = (distance[i] - distance[known]) / (i - known)
            before = distance[known]
            for k in range(known, i):
                after = distance[i] if k + 1 == i else share * (k + 1 - known) + distance[known]
                seconds = time[k + 1] - time[k]
                if after - before >= 0.0:
                    speed[k] = (after - before) / seconds
                    fastest = max(fastest, speed[k])
                if math.isfinite(speed[k]):
                    covered_s += seconds
                before = after
        known = i
    return speed, covered_s, fastest


@kernel
def without_pauses(
    time: Floats, speed: Floats, start_s: Floats, end_s: Floats, hole_s: float, standing: float
) -> tuple[Floats, Bools, float]:
    """Take out intervals of which more than half is paused, and long ones without progress.

    Parameters
    ----------
    time : (n + 1,) float64
        Rising, in s.
    speed : (n,) float64
        In m/s, NaN where not known.
    start_s, end_s : (p,) float64
        Pauses.
    hole_s, standing : float
        A longer interval that is no faster is a pause as well.

    Returns
    -------
    speed : (n,) float64
        NaN in pauses.
    paused : (n,) bool
    fastest : float
        In m/s, at least 0.
    """
    n = speed.size
    stopped, paused, kept = np.zeros(n), np.empty(n, np.bool_), np.empty(n)
    for p in range(start_s.size):
        for i in range(max(np.searchsorted(time, start_s[p]) - 1, 0), n):
            if time[i] >= end_s[p]:
                break
            stopped[i] += max(min(end_s[p], time[i + 1]) - max(start_s[p], time[i]), 0.0)
    fastest = 0.0
    for i in range(n):
        seconds = time[i + 1] - time[i]
        hole = seconds > hole_s and not speed[i] > standing
        paused[i] = stopped[i] > 0.5 * seconds or hole
        kept[i] = np.nan if paused[i] else speed[i]
        if not paused[i] and speed[i] > fastest:
            fastest = speed[i]
    return kept, paused, fastest


@kernel
def on_slopes(
    time: Floats, speed: Floats, altitude: Floats, half_s: float, least_m: float, least: int
) -> tuple[Floats, Floats, Floats]:
    """Way, grade, and the speed that would cost as much on the level.

    Parameters
    ----------
    time, altitude : (n + 1,) float64
        Rising s; m, NaN where not known.
    speed : (n,) float64
        In m/s; what is not finite leads nowhere.
    half_s, least_m : float
        The grade is that from so long before the middle of an interval to so long after, over
        more way than this.
    least : int
        At least 1; fewer known altitudes say nothing.

    Returns
    -------
    distance : (n + 1,) float64
        In m.
    grade : (n,) float64
        Within 0.45 on either side; NaN where not known.
    level_speed : (n,) float64
        In m/s, as on the level where the grade is not known.
    """
    n = speed.size
    distance, times, levels = np.zeros(n + 1), np.empty(n + 1), np.empty(n + 1)
    known, way = 0, 0.0
    for i in range(n):
        if math.isfinite(speed[i]):
            way += speed[i] * (time[i + 1] - time[i])
        distance[i + 1] = way
    for i in range(n + 1):
        if math.isfinite(altitude[i]):
            times[known], levels[known] = time[i], altitude[i]
            known += 1
    grade, level_speed = np.empty(n), np.empty(n)
    for i in range(n):
        grade[i], level_speed[i] = np.nan, speed[i]
    if known < least:
        return distance, grade, level_speed
    if known <= n:
        levels = interpolate(time, times[:known], levels[:known])
    # By the second, within each interval; nothing is gained beyond the last sample.
    gain, climb = np.zeros(n + 1), np.zeros(n + 1)
    for i in range(n):
        seconds = time[i + 1] - time[i]
        gain[i] = (distance[i + 1] - distance[i]) / seconds
        climb[i] = (levels[i + 1] - levels[i]) / seconds
    a = b = 0
    for i in range(n):
        middle = 0.5 * (time[i + 1] + time[i])
        ahead, behind = middle + half_s, middle - half_s
        while a < n and time[a + 1] <= ahead:
            a += 1
        while b < n and time[b + 1] <= behind:
            b += 1
        after, before = ahead - time[a], max(behind - time[b], 0.0)
        run = (gain[a] * after + distance[a]) - (gain[b] * before + distance[b])
        if run > least_m:
            rise = (climb[a] * after + levels[a]) - (climb[b] * before + levels[b])
            grade[i] = min(max(rise / max(run, 1.0), -0.45), 0.45)
            level_speed[i] = speed[i] * cost_ratio_of(grade[i])
    return distance, grade, level_speed
