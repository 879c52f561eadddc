"""Long efforts that are no reps: runs at one speed, with or without faster stretches, or rising."""

from __future__ import annotations

from typing import Literal

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Bools, Floats, Ints, Pieces
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import STANDING

LONG_EFFORT_S = 480.0
WHOLE_SHARE = 0.88
"""A single effort over this share of the running has nothing beside it to stand out from."""
FEW, LONG_PIECE_S = 3, 240.0
HARDLY_SLOWER = 0.88
"""Running between two or three long efforts that is longer than they are and as fast as this share
of theirs is no recovery."""
HARDLY_FASTER = 0.9
"""All the running outside them over a few long efforts, from which on they are the same run."""
RAMP_SHARE = 0.95
"""A steady rise that explains this much of what the effort's step explains is a progression."""


def plain_shape(
    pieces: Pieces, candidates: Candidates, chosen: Ints
) -> Literal["steady", "progression"] | None:
    """Say if a few long efforts are no more than a steady run or a progression.

    Parameters
    ----------
    pieces : Pieces
    candidates : Candidates
        Of the same pieces.
    chosen : (k,) int64
        The candidates taken for reps.

    Returns
    -------
    str or None
        None where the efforts stand out by an edge, or are many or short.
    """
    if _without_recoveries(candidates, pieces, chosen):
        return "steady"
    if not 1 <= chosen.size <= 2 or candidates.seconds[chosen].min() < LONG_EFFORT_S:
        return None
    running = pieces.level > STANDING
    weight = np.where(running, pieces.seconds, 0.0)
    if candidates.seconds[chosen].sum() > WHOLE_SHARE * weight.sum():
        return "steady"
    middle = np.cumsum(pieces.seconds) - pieces.seconds / 2
    inside = np.zeros(pieces.level.size, dtype=np.bool_)
    for first, last in zip(candidates.first[chosen], candidates.last[chosen], strict=True):
        inside[first:last] = True
    after = middle > middle[inside][-1]
    cooled_down = weight[after].sum() > 0.1 * weight.sum()
    # A cool-down would hide the rise before it.
    upto = np.where(after, 0.0, weight)
    step, rise = _explained(pieces, inside, upto), _explained(pieces, middle, upto)
    if not cooled_down and rise > 0 and rise > RAMP_SHARE * max(step, 0.0):
        return "progression"
    return None


def _without_recoveries(candidates: Candidates, pieces: Pieces, chosen: Ints) -> bool:
    """Whether what parts a few long efforts is neither short nor slow, or all else is as fast."""
    if not 2 <= chosen.size <= FEW or candidates.seconds[chosen].min() < LONG_PIECE_S:
        return False
    outside = np.ones(pieces.level.size, dtype=np.bool_)
    for first, last in zip(candidates.first[chosen], candidates.last[chosen], strict=True):
        outside[first:last] = False
    usual = median(candidates.effort[chosen])
    running = np.where(outside & (pieces.level > STANDING), pieces.seconds, 0.0)
    if running @ pieces.level > HARDLY_FASTER * usual * running.sum():
        return True
    between = slice(candidates.first[chosen[0]], candidates.last[chosen[-1]])
    seconds = np.where(outside, pieces.seconds, 0.0)[between]
    if seconds.sum() < (chosen.size - 1) * median(candidates.seconds[chosen]):
        return False
    return bool(seconds @ pieces.level[between] > HARDLY_SLOWER * usual * seconds.sum())


def _explained(pieces: Pieces, against: Bools | Floats, weight: Floats) -> float:
    """Signed share of the variance of the level that a straight line in ``against`` explains."""
    total = weight.sum()
    x = against.astype(np.float64)
    x = x - weight @ x / total
    y = pieces.level - weight @ pieces.level / total
    spread = float(weight @ x**2) * float(weight @ y**2)
    together = float(weight @ (x * y))
    return float(np.sign(together) * together**2 / spread) if spread > 0 else 0.0
