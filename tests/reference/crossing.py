"""Crossings of all edges at once, over a grid of moments."""

from __future__ import annotations

import numpy as np


def crossings(time, distance, edge_s, inside, outside, towards, search, share, least_step, least_s):
    def mean_speed(side, near_s, far_s):
        a = np.clip(edge_s + side * near_s, time[0], time[-1])
        b = np.clip(edge_s + side * far_s, time[0], time[-1])
        gone = np.interp(b, time, distance) - np.interp(a, time, distance)
        return gone / np.where(np.abs(b - a) < least_s, np.nan, b - a)

    level, beside = mean_speed(towards, *inside), mean_speed(-towards, *outside)
    reach_s, step_s, half_s = search
    offset = np.arange(-reach_s, reach_s + step_s / 2, step_s)
    moment = edge_s[:, None] + towards * offset
    ahead, behind = (np.interp(moment + s, time, distance) for s in (half_s, -half_s))
    step = np.where(level - beside > least_step, level - beside, np.nan)
    done = ((ahead - behind) / (2 * half_s) - beside[:, None]) / step[:, None]
    crosses = (done[:, :-1] < share) & (done[:, 1:] >= share)
    rise = np.where(crosses, done[:, 1:] - done[:, :-1], 1.0)
    at = offset[:-1] + step_s * (share - done[:, :-1]) / rise
    away = np.where(crosses, np.abs(at), np.inf)
    row, nearest = np.arange(edge_s.size), away.argmin(axis=1)
    return np.where(np.isfinite(away[row, nearest]), at[row, nearest], np.nan)


def at_stop(time, paused, edge_s, near_s):
    stop = np.flatnonzero(paused)
    bounds = np.concatenate((time[stop], time[stop + 1], time[[0, -1]]))
    return (np.abs(edge_s[:, None] - bounds) < near_s).any(axis=1)
