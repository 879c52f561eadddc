"""Slow twin of the shortest window: every pair of samples, and what is too much cut off one end."""

from __future__ import annotations

import numpy as np


def shortest_window(
    time: np.ndarray, travelled: np.ndarray, doubtful: np.ndarray, distance: float, doubt_s: float
) -> float:
    """Return the shortest duration, infinity where no window counts."""
    best = np.inf
    for first in range(time.size - 1):
        for last in range(first + 1, time.size):
            over = travelled[last] - travelled[first] - distance
            if over < 0:
                continue
            for begin, end in (
                (time[first], moved(time, travelled, last, last - 1, over)),
                (moved(time, travelled, first, first + 1, over), time[last]),
            ):
                if begin is None or end is None:
                    continue
                doubt = np.interp(end, time, doubtful) - np.interp(begin, time, doubtful)
                if doubt <= doubt_s:
                    best = min(best, end - begin)
    return float(best)


def moved(
    time: np.ndarray, travelled: np.ndarray, index: int, towards: int, metres: float
) -> float | None:
    """Time so many metres from a sample towards its neighbour, None where it lies further."""
    gap = abs(travelled[towards] - travelled[index])
    if metres > gap or gap == 0.0:
        return None
    return float(time[index] + (time[towards] - time[index]) * metres / gap)
