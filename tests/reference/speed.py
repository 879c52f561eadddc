"""Speed of intervals, the plain numpy way."""

from __future__ import annotations

import numpy as np


def counted_speed(time, distance):
    seconds = np.diff(time)
    known = np.flatnonzero(np.isfinite(distance))
    gain = np.full(seconds.size, np.nan)
    if known.size >= 2:
        index = np.arange(distance.size)
        gain = np.diff(np.interp(index, known, distance[known], left=np.nan, right=np.nan))
        gain[gain < 0] = np.nan
    speed = gain / seconds
    covered_s = float(seconds[np.isfinite(speed)].sum())
    return speed, covered_s, float(np.nanmax(speed, initial=0.0))


def without_pauses(time, speed, start_s, end_s, hole_s, standing):
    seconds, stopped = np.diff(time), np.zeros(speed.size)
    for start, end in zip(start_s, end_s, strict=True):
        stopped += np.clip(np.minimum(end, time[1:]) - np.maximum(start, time[:-1]), 0.0, None)
    paused = (stopped > 0.5 * seconds) | ((seconds > hole_s) & ~(speed > standing))
    kept = np.where(paused, np.nan, speed)
    return kept, paused, float(np.nanmax(kept, initial=0.0))


def on_slopes(time, speed, altitude, half_s, least_m, least):
    steps = np.where(np.isfinite(speed), speed, 0.0) * np.diff(time)
    distance = np.concatenate(([0.0], np.cumsum(steps)))
    known = np.isfinite(altitude)
    if known.sum() < least:
        return distance, np.full(speed.size, np.nan), speed
    levels = np.interp(time, time[known], altitude[known])
    middle = 0.5 * (time[1:] + time[:-1])
    ahead, behind = middle + half_s, middle - half_s
    rise = np.interp(ahead, time, levels) - np.interp(behind, time, levels)
    run = np.interp(ahead, time, distance) - np.interp(behind, time, distance)
    grade = np.where(run > least_m, rise / np.maximum(run, 1.0), np.nan)
    g = np.clip(grade, -0.45, 0.45)
    cost = ((((155.4 * g - 30.4) * g - 43.3) * g + 46.3) * g + 19.5) * g + 3.6
    return distance, g, speed * np.where(np.isnan(g), 1.0, cost / 3.6)
