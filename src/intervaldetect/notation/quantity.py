"""What the printer and the parser share: units, and when ``@ 2:10`` means the time of a rep."""

from __future__ import annotations

MILE_M = 1609.344
KM_M = 1000.0
MIN_SPEED_MPS, MAX_SPEED_MPS = 0.5, 12.0

# Fastest speeds held over a distance (m, m/s), men's world records rounded up; nothing a runner
# writes down is quicker, so a "rep time" beyond it must have been meant as a pace.
_FASTEST: tuple[tuple[float, float], ...] = (
    (200.0, 10.5),
    (400.0, 9.3),
    (800.0, 8.0),
    (1609.0, 7.3),
    (5000.0, 6.7),
    (42195.0, 5.9),
)
SLOWEST_REP_MPS = 2.2


def fastest_mps(distance_m: float) -> float:
    """Return an upper bound in m/s for running ``distance_m``."""
    low_m, low_mps = _FASTEST[0]
    if distance_m <= low_m:
        return low_mps
    for high_m, high_mps in _FASTEST[1:]:
        if distance_m <= high_m:
            share = (distance_m - low_m) / (high_m - low_m)
            return low_mps + share * (high_mps - low_mps)
        low_m, low_mps = high_m, high_mps
    return low_mps


def is_running_speed(speed_mps: float) -> bool:
    """Say whether a speed is one that the notation reads."""
    return MIN_SPEED_MPS <= speed_mps <= MAX_SPEED_MPS


def reads_as_rep_time(distance_m: float, seconds: float) -> bool:
    """Tell whether ``distance_m @ seconds`` means the time of the rep rather than a pace per km."""
    return SLOWEST_REP_MPS <= distance_m / seconds <= fastest_mps(distance_m)
