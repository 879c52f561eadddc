"""Positions that are none: written where there was no fix, or held while the receiver was blind."""

from __future__ import annotations

from math import cos, isnan, radians

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.held import held
from intervaldetect.read.reconcile.cells import METRES_PER_DEGREE
from intervaldetect.records import Bools, Floats, Ints, Problem

LEAP_M, MAX_HELD_S = 8.0, 120.0
"""The step behind is at least so long; over a longer time the way made may be anything."""


ASTRAY_MPS, ASTRAY_TIMES, ASTRAY_SHARE = 12.0, 3.0, 0.5
"""A step there and a step back are each so fast, and so many times as fast as usual; what lies
between them is at most this share of both."""

MOST_LEAPS = 8
"""So many leaps may follow one another before one is back."""


def without_false_fixes(table: dict[str, Floats]) -> list[Problem]:
    """Make positions null, in place, where the receiver knew none.

    Zeros in both coordinates are no place where anybody runs. Positions held for seconds, after
    which one is where running on would have led, are those of a receiver that had lost its fix:
    the way from the last true position to the next was run all along. Positions from which one
    leaps back to the way are astray.

    Parameters
    ----------
    table : dict of name to (n,) float64
        Elapsed ``time`` in s, ``distance``, ``latitude`` and ``longitude`` in degrees.

    Returns
    -------
    list of Problem
        ``position_zero``, ``position_astray`` and ``position_held``, with their counts.
    """
    latitude, longitude = table["latitude"], table["longitude"]
    if _goes_on(table["distance"], latitude, longitude):
        return []
    problems: list[Problem] = []
    for code, text, marked in (
        ("position_zero", "positions at 0, 0 were removed: the receiver had no fix", _zero),
        ("position_held", "positions that stood still during running were removed", _held),
        ("position_astray", "positions far off the route for seconds were removed", _astray),
    ):
        false = marked(table["time"], latitude, longitude)
        count = int(np.count_nonzero(false))
        if count:
            latitude[false] = longitude[false] = np.nan
            problems.append(Problem(code, text, count))
    return problems


def _goes_on(distance: Floats, latitude: Floats, longitude: Floats) -> bool:
    """Whether all is known and there is no leap to be looked at, as in most files.

    Where there is a counter, positions are asked for little but a map: leaps to the north do. Over
    a gap one leaps from the last that is known to the next.
    """
    if latitude.size < 2 or latitude[0] == 0.0:
        return False
    north = np.diff(latitude)
    widest = max(float(north.max()), -float(north.min()))
    gaps = isnan(widest)
    if gaps:
        known = np.isfinite(latitude)
        latitude, longitude = latitude[known], longitude[known]
        if latitude.size < 2 or latitude[0] == 0.0:
            return False
        north = np.diff(latitude)
        widest = max(float(north.max()), -float(north.min()))
    if gaps or not distance[-1] > distance[0]:
        east = np.diff(longitude)
        widest += max(float(east.max()), -float(east.min())) * cos(radians(float(latitude[0])))
    return widest < LEAP_M / METRES_PER_DEGREE


def _zero(_: Floats, latitude: Floats, longitude: Floats) -> Bools:
    zero: Bools = latitude == 0.0
    return np.asarray(zero & (longitude == 0.0)) if zero.any() else zero


def _astray(time: Floats, latitude: Floats, longitude: Floats) -> Bools:
    """Mark positions between a leap off the way and the leap back to it."""
    false = np.zeros(latitude.size, dtype=np.bool_)
    finite = np.isfinite(latitude)
    at = time[finite]
    north, east = np.diff(latitude[finite]), np.diff(longitude[finite])
    seconds = np.maximum(np.diff(at), 1.0)
    degrees = ASTRAY_MPS / METRES_PER_DEGREE * seconds
    fast = np.flatnonzero(np.abs(north) + np.abs(east) > degrees)
    known = np.flatnonzero(finite)
    leapt_m = _apart(latitude, longitude, known[fast], known[fast + 1])
    if np.count_nonzero(leapt_m > ASTRAY_MPS * seconds[fast]) < 2:
        return false
    metres = _apart(latitude, longitude, known[:-1], known[1:])
    fastest = max(ASTRAY_MPS, ASTRAY_TIMES * middle(metres / seconds))
    leapt = metres > fastest * seconds
    leaps = np.flatnonzero(leapt)
    if leaps.size < 2 or 2 * leaps.size > metres.size:
        return false  # there is no way back, or no way is left to be off
    one, other = _pairs(leaps.size, MOST_LEAPS)
    there, back = leaps[one], leaps[other]
    on_the_way = ~np.concatenate(([False], leapt, [False]))  # who leaps on and on is in a car
    kept = on_the_way[there] & on_the_way[back + 2]
    there, back = there[kept], back[kept]
    off_s = at[back + 1] - at[there]
    chord = _apart(latitude, longitude, known[there], known[back + 1])
    home = (chord <= ASTRAY_SHARE * np.minimum(metres[there], metres[back])) & (
        (chord <= fastest * off_s) & (off_s <= MAX_HELD_S)
    )
    used = np.zeros(metres.size, dtype=np.bool_)
    shortest = np.argsort(off_s[home], kind="stable")
    pairs = np.column_stack((there[home], back[home]))[shortest]
    for first, last in pairs.tolist():
        if not used[first : last + 1].any():
            used[first : last + 1] = True
            false[known[first + 1 : last + 1]] = True
    return false


def _apart(latitude: Floats, longitude: Floats, one: Ints, other: Ints) -> Floats:
    """Give the metres between pairs of places."""
    east = (longitude[other] - longitude[one]) * np.cos(np.radians(latitude[other]))
    return np.asarray(METRES_PER_DEGREE * np.hypot(latitude[other] - latitude[one], east))


def _pairs(count: int, most: int) -> tuple[Ints, Ints]:
    """Pair each of so many places with each of the next ``most``."""
    one = np.repeat(np.arange(count), most)
    other = one + np.tile(np.arange(1, most + 1), count)
    return one[other < count], other[other < count]


def _held(time: Floats, latitude: Floats, longitude: Floats) -> Bools:
    """Mark all but the first of the equal positions after which one leaps to where one ran on."""
    false = np.zeros(latitude.size, dtype=np.bool_)
    finite = np.isfinite(latitude)
    north, east = np.diff(latitude[finite]), np.diff(longitude[finite])
    same = (north == 0.0) & (east == 0.0)
    if not (same[1:] & same[:-1]).any():  # as in most files; so many are `MIN_HELD`
        return false
    known = np.flatnonzero(finite)
    metres = _apart(latitude, longitude, known[:-1], known[1:])
    gone = np.concatenate(([0.0], np.cumsum(metres)))
    false[known] = held(time[known], gone, longest_s=MAX_HELD_S, least_m=LEAP_M)[0]
    return false
