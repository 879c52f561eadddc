"""The distance of an activity over time, second by second."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Activity, Floats
from intervaldetect.score.matching import Span

HALF_WINDOW_S = 2
REACH_S = 30


@dataclass(frozen=True, slots=True, eq=False)
class Distance:
    """Metres run at whole elapsed seconds, and the speed over five of them."""

    metres: Floats
    speed_mps: Floats

    @classmethod
    def of(cls, activity: Activity) -> Distance | None:
        """Return the distance of an activity; None where the file has none."""
        time, metres = activity.columns["time"], activity.columns["distance"]
        known = np.isfinite(metres)
        if known.sum() < 30:
            return None
        seconds = np.arange(0.0, float(time[-1]) + 1.0)
        gone = np.interp(seconds, time[known], np.maximum.accumulate(metres[known]))
        padded = np.pad(gone, HALF_WINDOW_S, mode="edge")
        speed = (padded[2 * HALF_WINDOW_S :] - padded[: -2 * HALF_WINDOW_S]) / (2 * HALF_WINDOW_S)
        return cls(gone, speed)

    def between(self, start_s: float, end_s: float) -> float:
        """Return the metres run from one moment to another."""
        a, b = np.interp((start_s, end_s), np.arange(self.metres.size), self.metres)
        return float(b - a)

    def standing_s(self, start_s: float, end_s: float, below_mps: float) -> float:
        """Return the seconds slower than a speed, the edges left out."""
        inside = self.speed_mps[int(start_s) + 4 : max(int(end_s) - 4, 0)]
        return float((inside < below_mps).sum())

    def crossing_error_s(self, edge_s: float, level_mps: float, *, rising: bool) -> float:
        """Return how far from an edge the speed crosses a level; at most 30 s."""
        first = max(int(edge_s) - REACH_S, 0)
        above = self.speed_mps[first : int(edge_s) + REACH_S + 1] >= level_mps
        crossed = above[1:] & ~above[:-1] if rising else ~above[1:] & above[:-1]
        places = np.flatnonzero(crossed) + first + 0.5
        return float(np.abs(places - edge_s).min()) if places.size else float(REACH_S)

    def faster_than(self, level_mps: float) -> tuple[Span, ...]:
        """Return the stretches run at a speed or faster."""
        edges = np.flatnonzero(np.diff(np.pad(self.speed_mps >= level_mps, 1).astype(np.int8)))
        return tuple((float(a), float(b)) for a, b in edges.reshape(-1, 2))
