"""Efforts that are owed to the ground: faster on every descent, and no harder."""

from __future__ import annotations

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Bools, Floats, Ints, Pieces, Signal
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import STANDING, Prefix

LEAST_SIDE_S, MOST_SIDE_S = 60.0, 300.0
FASTER = 0.05
"""Log speed by which efforts have to be faster than what lies around them for this to be asked."""
LEFT = 0.3
"""Share of that which is left of efforts in grade-adjusted speed where they were run as such."""
KNOWN = 0.8
BESIDE_S = 30.0
"""Running there has to be beside an effort to compare it with; most efforts have to have it."""


def due_to_ground(signal: Signal, pieces: Pieces, candidates: Candidates, chosen: Ints) -> bool:
    """Say if the efforts are faster than the running around them only because they lead downhill.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
        Cut in plain speed.
    candidates : Candidates
        Of the same pieces.
    chosen : (k,) int64
        Those taken for reps.

    Returns
    -------
    bool
        False also where no slope is known.
    """
    running: Bools = (pieces.values > STANDING) & (pieces.weights > 0.0) & ~signal.paused
    if not running.any() or float(np.isfinite(signal.grade[running]).mean()) < KNOWN:
        return False
    start, end = candidates.start_s[chosen], candidates.end_s[chosen]
    middle = 0.5 * (signal.time_s[1:] + signal.time_s[:-1])
    place = np.searchsorted(start, middle, "right") - 1
    inside: Bools = (place >= 0) & (middle < end[place])
    seconds = np.diff(signal.time_s)
    faster, harder = (
        _over_surroundings(middle, values, seconds * running, inside, start, end)
        for values in (signal.speed_mps, signal.adjusted_speed_mps)
    )
    return bool(faster > FASTER and harder < LEFT * faster)


def _over_surroundings(
    middle: Floats, values: Floats, seconds: Floats, inside: Bools, start: Floats, end: Floats
) -> float:
    """Return how much faster efforts are than beside them: median of logs, 0 where few can tell."""
    side = np.clip((end - start) / 2.0, LEAST_SIDE_S, MOST_SIDE_S)
    a, i, j, b = (np.searchsorted(middle, edge) for edge in (start - side, start, end, end + side))
    within = Prefix(values, seconds * inside).mean(i, j)
    beside = Prefix(values, seconds * ~inside)
    weight, total = (sums[b] - sums[a] for sums in (beside.weight, beside.total))
    known = (weight >= BESIDE_S) & np.isfinite(within)
    if 2 * np.count_nonzero(known) <= known.size:
        return 0.0
    return median(np.log(within[known] * weight[known] / total[known]))
