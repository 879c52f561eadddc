"""Positions that are none: written where there was no fix, or held while the receiver was blind."""

from __future__ import annotations

import numpy as np

from intervaldetect.read.held import held
from intervaldetect.read.pauses import EARTH_RADIUS_M
from intervaldetect.records import Bools, Floats, Problem

LEAP_M, MAX_HELD_S = 5.0, 120.0
"""The step behind is at least so long; over a longer time the way made may be anything."""


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
    false = np.zeros(latitude.size, dtype=np.bool_)
    finite = np.isfinite(latitude)
    north, east = np.diff(latitude[finite]), np.diff(longitude[finite])
    same = (north == 0.0) & (east == 0.0)
    if not (same[1:] & same[:-1]).any():  # as in most files; so many are `MIN_HELD`
        return false
    known = np.flatnonzero(finite)
    metres = np.radians(np.hypot(north, east * np.cos(np.radians(latitude[known[1:]]))))
    gone = np.concatenate(([0.0], np.cumsum(EARTH_RADIUS_M * metres)))
    false[known] = held(time[known], gone, longest_s=MAX_HELD_S, least_m=LEAP_M)[0]
    return false
