"""Efforts that are owed to the ground: faster on every descent, and no harder."""

from __future__ import annotations

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Bools, Floats, Ints, Pieces, Signal
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import STANDING

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
    edges = candidates.start_s[chosen], candidates.end_s[chosen]
    seconds = np.where(running, signal.time_s[1:] - signal.time_s[:-1], 0.0)
    faster = _over_surroundings(signal.time_s, signal.speed_mps, seconds, *edges)
    if faster <= FASTER:
        return False
    harder = _over_surroundings(signal.time_s, signal.adjusted_speed_mps, seconds, *edges)
    return harder < LEFT * faster


def _over_surroundings(
    time: Floats, values: Floats, seconds: Floats, start: Floats, end: Floats
) -> float:
    """Return how much faster efforts are than beside them: median of logs, 0 where few can tell."""
    from intervaldetect.kernels.measure import inside_and_beside  # noqa: PLC0415 - loads numba

    side = np.minimum(np.maximum((end - start) / 2.0, LEAST_SIDE_S), MOST_SIDE_S)
    within, weight, total = inside_and_beside(time, values, seconds, start, end, side)
    known = (weight >= BESIDE_S) & np.isfinite(within)
    if 2 * np.count_nonzero(known) <= known.size:
        return 0.0
    return median(np.log(within[known] * weight[known] / total[known]))
