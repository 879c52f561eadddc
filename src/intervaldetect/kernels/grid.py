"""Running and heart rate as running totals on a regular grid: any window is one subtraction."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel
from intervaldetect.kernels.grade import cost_ratio_of, grade_between
from intervaldetect.kernels.interpolation import interpolate

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

RUNNING_CADENCE = 120.0
"""Steps per minute; below, heart rate and cadence are alike by chance."""


@kernel
def ground_on_grid(
    grid: Floats, time: Floats, distance: Floats, speed: Floats, valid: Bools, paused: Bools
) -> tuple[Floats, Floats, float, bool]:
    """Way and known time up to each moment, and for how long somebody moved.

    Parameters
    ----------
    grid : (q,) float64
        Rising moments, in s.
    time, distance : (n + 1,) float64
        Rising s and m.
    speed : (n,) float64
        In m/s.
    valid, paused : (n,) bool
        Time that is either is known.

    Returns
    -------
    way, known : (q,) float64
        In m and s.
    moving_s : float
        Valid time faster than 0.5 m/s.
    any_speed : bool
        Whether any interval is valid.
    """
    sums = np.zeros(time.size)
    moving_s, any_speed = 0.0, False
    for i in range(speed.size):
        seconds = time[i + 1] - time[i]
        sums[i + 1] = sums[i] + (seconds if valid[i] or paused[i] else 0.0)
        if valid[i]:
            any_speed = True
            if speed[i] > 0.5:
                moving_s += seconds
    return interpolate(grid, time, distance), interpolate(grid, time, sums), moving_s, any_speed


@kernel
def altitude_on_grid(
    grid: Floats, time: Floats, altitude: Floats, least: int
) -> tuple[Floats, float]:
    """Altitude at each moment, and the mean size of its second differences.

    Parameters
    ----------
    grid : (q,) float64
        Rising moments, in s.
    time, altitude : (n,) float64
        Rising s, and m.
    least : int
        At least 1; fewer known altitudes say nothing.

    Returns
    -------
    altitude : (q,) float64
        Empty where too few are known.
    roughness : float
        In m, 0 where there is none.
    """
    times, values = np.empty(time.size), np.empty(time.size)
    count = 0
    for i in range(time.size):
        if math.isfinite(altitude[i]):
            times[count], values[count] = time[i], altitude[i]
            count += 1
    if count < least:
        return values[:0], 0.0
    level = interpolate(grid, times[:count], values[:count])
    total = 0.0
    for k in range(2, level.size):
        total += abs(level[k] - 2.0 * level[k - 1] + level[k - 2])
    return level, total / (level.size - 2) if level.size > 2 else 0.0


@kernel
def level_gain(way: Floats, altitude: Floats, half: int) -> tuple[Floats, Floats, float]:
    """How far each step of a grid would have led on the level.

    Parameters
    ----------
    way, altitude : (q,) float64
        In m at moments of a regular grid; no altitude at all for taking the ground as level.
    half : int
        The grade of a step is that from so many moments before it to so many after.

    Returns
    -------
    gain : (q - 1,) float64
        In m.
    total : (q,) float64
        Its running sum from 0 on.
    steepness : float
        Mean size of the grade.
    """
    last = way.size - 1
    gain, total = np.empty(max(last, 0)), np.zeros(way.size)
    steepness = 0.0
    for k in range(last):
        gain[k] = way[k + 1] - way[k]
        if altitude.size > 0:
            behind, ahead = max(k - half, 0), min(k + half, last)
            grade = grade_between(altitude[ahead] - altitude[behind], way[ahead] - way[behind])
            gain[k] *= cost_ratio_of(grade)
            steepness += abs(grade)
        total[k + 1] = total[k] + gain[k]
    return gain, total, steepness / last if last > 0 else 0.0


@kernel
def rate_on_grid(
    grid: Floats, time: Floats, rate: Floats, good: Bools, paused: Bools, gap_s: float
) -> tuple[Floats, Floats, float, float]:
    """Beats per minute times seconds, and seconds, up to each moment.

    Parameters
    ----------
    grid : (q,) float64
        Rising moments, in s.
    time, rate : (n + 1,) float64
        Rising s, and bpm.
    good : (n + 1,) bool
        Samples that count; an interval between two of them does.
    paused : (n,) bool
    gap_s : float
        Longer intervals do not count.

    Returns
    -------
    total, seconds : (q,) float64
    counted_s, awake_s : float
        Seconds outside pauses, those that count and all.
    """
    total, sums = np.zeros(time.size), np.zeros(time.size)
    counted_s = awake_s = 0.0
    for i in range(paused.size):
        seconds = time[i + 1] - time[i]
        counts = good[i] and good[i + 1] and seconds <= gap_s
        total[i + 1], sums[i + 1] = total[i], sums[i]
        if counts:
            total[i + 1] += 0.5 * (rate[i + 1] + rate[i]) * seconds
            sums[i + 1] += seconds
        if not paused[i]:
            awake_s += seconds
            counted_s += seconds if counts else 0.0
    return interpolate(grid, time, total), interpolate(grid, time, sums), counted_s, awake_s


@kernel
def mean_rates(total: Floats, seconds: Floats) -> Floats:
    """Heart rate of each step of the grid of which anything is known.

    Parameters
    ----------
    total, seconds : (q,) float64
        From `rate_on_grid`.

    Returns
    -------
    (k,) float64
        In bpm.
    """
    rates = np.empty(max(total.size - 1, 0))
    count = 0
    for k in range(rates.size):
        known = seconds[k + 1] - seconds[k]
        if known > 0.0:
            rates[count] = (total[k + 1] - total[k]) / known
            count += 1
    return rates[:count]


@kernel
def good_rates(
    time: Floats, rate: Floats, cadence: Floats, most: float, most_off: float, long_s: float
) -> tuple[Bools, Bools, int]:
    """Tell heart rates that may be true from what a bad strap made up.

    Parameters
    ----------
    time, rate, cadence : (n,) float64
        Rising s, bpm, and steps per minute.
    most : float
        No heart rate is above.
    most_off, long_s : float
        Heart rate no farther off a running cadence for so long may be the cadence.

    Returns
    -------
    good, locked : (n,) bool
        Known and not above ``most``; of these, those inside a stretch that may be the cadence.
    known : int
        How many are known at all.
    """
    n = time.size
    good, locked = np.empty(n, np.bool_), np.zeros(n, np.bool_)
    known, first = 0, 0
    for i in range(n):
        finite = math.isfinite(rate[i])
        known += finite
        good[i] = finite and rate[i] <= most
        near = abs(rate[i] - cadence[i]) <= most_off and cadence[i] > RUNNING_CADENCE
        if near and i + 1 < n:
            continue
        # A stretch lasts from `first` to the last sample that is near.
        end = i + 1 if near else i
        if end > first and time[end - 1] - time[first] >= long_s:
            locked[first:end] = good[first:end]
        first = i + 1
    return good, locked, known


@kernel
def steadiest(
    total: Floats,
    seconds: Floats,
    gained: Floats,
    known: Floats,
    steps: int,
    late: int,
    least_s: float,
    least_m: float,
) -> tuple[float, float]:
    """Find the window with the highest heart rate, and the speed of the one a little before it.

    Parameters
    ----------
    total, seconds : (q,) float64
        Running totals of `rate_on_grid`.
    gained, known : (q,) float64
        Running totals of the way in m, and of the known time in s.
    steps, late : int
        How long a window is and how much later that of heart rate begins, in steps of the grid.
    least_s, least_m : float
        So much must be known of both, and more than so much way lies in a window.

    Returns
    -------
    gain, rate : float
        Way within the window in m, and mean bpm; NaN without one.
    """
    gain = rate = np.nan
    for i in range(total.size - steps - late):
        beating = seconds[i + late + steps] - seconds[i + late]
        way = gained[i + steps] - gained[i]
        running = known[i + steps] - known[i]
        if beating >= least_s and running >= least_s and way > least_m:
            mean = (total[i + late + steps] - total[i + late]) / max(beating, 1.0)
            if not rate >= mean:
                gain, rate = way, mean
    return gain, rate
