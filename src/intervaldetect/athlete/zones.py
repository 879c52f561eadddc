"""A runner's own zones, by pace, heart rate or power, and the time spent in them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from intervaldetect.records import Floats, Signal, ZoneTime

Basis = Literal["pace", "heart_rate", "power"]


@dataclass(frozen=True, slots=True)
class Zones:
    """Zones from easy to hard.

    ``bounds`` lie between them, ascending, in m/s, bpm or W as ``basis`` says; a value on a bound
    belongs to the zone above it. ``names`` has one entry more than ``bounds``; ``name`` is what
    the scale is called wherever it is printed.
    """

    name: str
    basis: Basis
    bounds: tuple[float, ...]
    names: tuple[str, ...]

    def seconds_in(self, values: Floats, seconds: Floats) -> dict[str, float]:
        """Return the seconds in each zone; values that are not known belong to none.

        Parameters
        ----------
        values : (n,) float64
            Speeds in m/s, heart rates or powers; or the lower edges of a histogram's bins.
        seconds : (n,) float64
        """
        known = np.isfinite(values)
        zone = np.searchsorted(np.array(self.bounds), values[known], side="right")
        total = np.bincount(zone, weights=seconds[known], minlength=len(self.names))
        return {name: float(spent) for name, spent in zip(self.names, total, strict=True)}


def zone_times(signal: Signal, zones: Zones | None) -> tuple[ZoneTime, ...]:
    """Return the time of an activity in each zone, nothing where what they go by is not known."""
    if zones is None:
        return ()
    spent = time_in_zones(signal, zones)
    if not any(spent.values()):
        return ()
    lower = (None, *zones.bounds)
    return tuple(
        ZoneTime(zones.name, zones.basis, name, border, seconds)
        for border, (name, seconds) in zip(lower, spent.items(), strict=True)
    )


def time_in_zones(signal: Signal, zones: Zones) -> dict[str, float]:
    """Return the seconds of an activity in each zone, pauses left out; speed is grade-adjusted."""
    seconds = np.where(signal.paused, 0.0, np.diff(signal.time_s))
    if zones.basis == "pace":
        values = np.where(signal.valid, signal.adjusted_speed_mps, np.nan)
    elif zones.basis == "heart_rate":
        values = signal.heart_rate_bpm[1:]
    else:
        values = signal.power_w[1:]
    return zones.seconds_in(values, seconds)
