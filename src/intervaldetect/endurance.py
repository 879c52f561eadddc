"""Races: their distances, and the speed that can be held for a time over that of one hour."""

from __future__ import annotations

import math

ENDURANCE_ERROR = 0.008
"""How far people differ from the curve of what can be held, per factor e of time."""
RACES_M = (3000.0, 5000.0, 8046.7, 10000.0, 15000.0, 16093.4, 21097.5, 42195.0)
RACE_TOLERANCE = 0.02
"""A watch's 5 km may be a race of 4985 m or of 5060 m."""


def all_out_share(seconds: float) -> float:
    """Return the speed that can be held for some time over that of one hour.

    Daniels & Gilbert 1979: the share of the highest oxygen uptake that can be held for t min;
    speed goes nearly as uptake does, less what is spent standing still.
    """
    return 1.0 + 1.04 * (_held(seconds / 60.0) / _held(60.0) - 1.0)


def _held(minutes: float) -> float:
    slow, quick = math.exp(-0.012778 * minutes), math.exp(-0.1932605 * minutes)
    return 0.8 + 0.1894393 * slow + 0.2989558 * quick
