"""Running and heart rate on a grid, the plain numpy way."""

from __future__ import annotations

import numpy as np


def running_sum(values):
    return np.concatenate((np.zeros(1), np.cumsum(values)))


def ground_on_grid(grid, time, distance, speed, valid, paused):
    seconds = np.diff(time)
    known = running_sum(np.where(valid | paused, seconds, 0.0))
    moving_s = float(seconds[valid & (speed > 0.5)].sum())
    way = np.interp(grid, time, distance)
    return way, np.interp(grid, time, known), moving_s, bool(valid.any())


def altitude_on_grid(grid, time, altitude, least):
    known = np.isfinite(altitude)
    if known.sum() < least:
        return grid[:0], 0.0
    level = np.interp(grid, time[known], altitude[known])
    rough = np.abs(level[2:] - 2.0 * level[1:-1] + level[:-2])
    return level, float(rough.mean()) if rough.size else 0.0


def level_gain(way, altitude, half):
    gain = np.diff(way)
    if not altitude.size:
        return gain, running_sum(gain), 0.0
    index = np.arange(way.size - 1)
    behind, ahead = np.maximum(index - half, 0), np.minimum(index + half, way.size - 1)
    grade = grades_between(altitude[ahead] - altitude[behind], way[ahead] - way[behind])
    gain = gain * cost_ratios(grade)
    return gain, running_sum(gain), float(np.abs(grade).mean()) if grade.size else 0.0


def grades_between(climb, way):
    sure = np.sign(climb) * np.maximum(np.abs(climb) - 3.0, 0.0)
    return np.where(way > 30.0, np.clip(sure / np.maximum(way, 1.0), -0.3, 0.3), 0.0)


def cost_ratios(grade):
    g = np.clip(grade, -0.45, 0.45)
    return (155.4 * g**5 - 30.4 * g**4 - 43.3 * g**3 + 46.3 * g**2 + 19.5 * g + 3.6) / 3.6


def good_rates(time, rate, cadence, most, most_off, long_s):
    known = np.isfinite(rate)
    good = known & (rate <= most)
    near = (np.abs(rate - cadence) <= most_off) & (cadence > 120.0)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], near.view(np.int8), [0]))))
    locked = np.zeros(near.size, dtype=np.bool_)
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if time[end - 1] - time[start] >= long_s:
            locked[start:end] = True
    return good, locked & good, int(known.sum())


def rate_on_grid(grid, time, rate, good, paused, gap_s):
    values, seconds = np.where(good, rate, 0.0), np.diff(time)
    counted = np.where(good[1:] & good[:-1] & (seconds <= gap_s), seconds, 0.0)
    total = running_sum(0.5 * (values[1:] + values[:-1]) * counted)
    known = running_sum(counted)
    told = np.interp(grid, time, total), np.interp(grid, time, known)
    return (*told, float(counted[~paused].sum()), float(seconds[~paused].sum()))


def mean_rates(total, seconds):
    known = np.diff(seconds)
    return np.diff(total)[known > 0] / known[known > 0]


def steadiest(total, seconds, gained, known, steps, late, least_s, least_m):
    n = steps
    if total.size <= n + late:
        return np.nan, np.nan
    beating = seconds[n + late :] - seconds[late:-n]
    gain = gained[n:-late] - gained[: -n - late]
    running = known[n:-late] - known[: -n - late]
    good = (beating >= least_s) & (running >= least_s) & (gain > least_m)
    if not good.any():
        return np.nan, np.nan
    rate = np.where(good, total[n + late :] - total[late:-n], 0.0) / np.maximum(beating, 1.0)
    best = int(rate.argmax())
    return float(gain[best]), float(rate[best])
