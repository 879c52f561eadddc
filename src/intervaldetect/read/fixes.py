"""Positions that are none: written where there was no fix, or held while the receiver was blind."""

from __future__ import annotations

import numpy as np

from intervaldetect.read.pauses import EARTH_RADIUS_M
from intervaldetect.records import Bools, Floats, Ints, Problem

MIN_HELD = 2
"""So many repeats of a position are held; a single one may be the rounding of a slow walk."""

LEAP_M, LEAP_TIMES, MAX_HELD_S = 5.0, 2.0, 120.0
"""The step behind is at least so long, and so many times as fast as usual; over a longer time the
way made may be anything."""

BESIDE = 60
ALIKE = (0.4, 2.5)
"""The way since the position was held is run where its speed is so near to that of the steps
beside it."""


def without_false_fixes(table: dict[str, Floats]) -> list[Problem]:
    """Make positions null, in place, where the receiver knew none.

    Zeros in both coordinates are no place where anybody runs. Positions held for seconds, after
    which one is where running on would have led, are those of a receiver that had lost its fix:
    the way from the last true position to the next was run all along.

    Parameters
    ----------
    table : dict of name to (n,) float64
        Elapsed ``time`` in s, ``latitude`` and ``longitude`` in degrees.

    Returns
    -------
    list of Problem
        ``position_zero`` and ``position_held``, with their counts.
    """
    latitude, longitude = table["latitude"], table["longitude"]
    problems: list[Problem] = []
    for code, text, marked in (
        ("position_zero", "positions of 0, 0 are none", _zero),
        ("position_held", "positions held while one ran on were made null", _held),
    ):
        false = marked(table["time"], latitude, longitude)
        count = int(np.count_nonzero(false))
        if count:
            latitude[false] = longitude[false] = np.nan
            problems.append(Problem(code, text, count))
    return problems


def _zero(_: Floats, latitude: Floats, longitude: Floats) -> Bools:
    zero: Bools = latitude == 0.0
    return np.asarray(zero & (longitude == 0.0)) if zero.any() else zero


def _held(time: Floats, latitude: Floats, longitude: Floats) -> Bools:
    """Mark all but the first of the equal positions after which one leaps to where one ran on."""
    known = np.flatnonzero(np.isfinite(latitude))
    false = np.zeros(latitude.size, dtype=np.bool_)
    if known.size <= MIN_HELD:
        return false
    at, north, east = time[known], np.diff(latitude[known]), np.diff(longitude[known])
    same = (north == 0.0) & (east == 0.0)
    edges: Ints = np.flatnonzero(np.diff(same.view(np.int8), prepend=0, append=0))
    first, last = edges[::2], edges[1::2]  # positions first..last are equal, last + 1 is another
    long = (last - first >= MIN_HELD) & (last < same.size)
    first, last = first[long], last[long]
    if not first.size:
        return false
    metres = np.radians(np.hypot(north, east * np.cos(np.radians(latitude[known[1:]]))))
    gone = np.concatenate(([0.0], np.cumsum(EARTH_RADIUS_M * metres)))
    held_m, held_s = gone[last + 1] - gone[first], at[last + 1] - at[first]
    before, after = np.maximum(first - BESIDE, 0), np.minimum(last + 1 + BESIDE, known.size - 1)
    beside_s = np.maximum(at[after] - at[before] - held_s, 1e-9)
    usual = (gone[after] - gone[before] - held_m) / beside_s
    share = held_m / held_s / np.maximum(usual, 1e-9)
    leap = held_m > np.maximum(LEAP_M, LEAP_TIMES * usual * (at[last + 1] - at[last]))
    run_on = leap & (held_s <= MAX_HELD_S) & (share >= ALIKE[0]) & (share <= ALIKE[1])
    for start, end in zip(first[run_on].tolist(), last[run_on].tolist(), strict=True):
        false[known[start + 1 : end + 1]] = True
    return false
