"""Efforts that are faster than easy running is: told by the speed itself, whatever lies around.

All else is judged against the rest of the activity, which says nothing where a tempo run was
recorded without its warm-up, or where long stops and slopes lie between a few long efforts.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.records import Bools, Estimate, Ints, Pieces, Signal
from intervaldetect.structure.block import SLOW_SHARE, slow_share
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.choice import best_disjoint
from intervaldetect.structure.continuous import HARDLY_FASTER, WHOLE_SHARE
from intervaldetect.structure.evidence import STANDING, Prefix

HARD_MPS = 5.0
"""3:20/km. The best men run easily at 3:45 to 4:30/km; only the long runs of the world's best are
as fast as this, those of marathoners 75 min and longer (Haugen 2022,
doi 10.1186/s40798-022-00438-7, table 2)."""
SHARE_OF_GIVEN = 0.95
"""Where the athlete has given a threshold, of which easy running is at most 0.87 (Daniels)."""
LEAST_S, MOST_S = 180.0, 4500.0
RECOVERY, RECOVERY_S = 0.85, 45.0
"""What is so slow for so long parts two efforts."""
WORK_S = 600.0
"""Less hard running in all is no session of its own."""


def hard_speed(threshold: Estimate | None) -> float:
    """Return the speed in m/s from which sustained running is hard, by a given threshold if any."""
    return HARD_MPS if threshold is None else SHARE_OF_GIVEN * threshold.value


def find_hard(signal: Signal, pieces: Pieces, candidates: Candidates, hard_mps: float) -> Ints:
    """Find the efforts that are hard whatever surrounds them.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
        Cut in speed, plain or grade-adjusted.
    candidates : Candidates
        Of these pieces.
    hard_mps : float
        Speed on the level from which running is hard.

    Returns
    -------
    (k,) int64
        Disjoint candidates in time order, each even and of three minutes at least; none where they
        come to less than ten minutes.
    """
    long = (candidates.seconds >= LEAST_S) & (candidates.seconds <= MOST_S)
    hard = long & (candidates.effort * pieces.reference >= hard_mps)
    if hard.any():
        hard &= _is_fast(signal, pieces, candidates, hard_mps)
    for q in np.flatnonzero(hard):
        hard[q] = slow_share(pieces, candidates, int(q)) <= SLOW_SHARE and not _has_recovery(
            pieces, candidates, int(q)
        )
    found = best_disjoint(candidates, np.where(hard, candidates.seconds, -1.0))
    enough = float(candidates.seconds[found].sum()) >= WORK_S
    return found if enough and _stand_out(pieces, candidates, found, hard_mps) else found[:0]


def _is_fast(signal: Signal, pieces: Pieces, candidates: Candidates, hard_mps: float) -> Bools:
    """Whether the mean speed is hard as it was run and, where the ground is known, on the level."""
    first, last = pieces.start[candidates.first], pieces.end[candidates.last - 1]
    seconds = np.where(signal.paused | ~signal.valid, 0.0, pieces.weights)
    plain, level = (
        Prefix(speed, seconds).mean(first, last)
        for speed in (signal.speed_mps, signal.adjusted_speed_mps)
    )
    # Downhill it is not hard; on the level, noise of the altitude alone may make it seem so.
    return np.asarray((plain >= hard_mps) & ~(level < hard_mps))


def _has_recovery(pieces: Pieces, candidates: Candidates, q: int) -> bool:
    inside = slice(candidates.first[q], candidates.last[q])
    slow = pieces.level[inside] < RECOVERY * candidates.effort[q]
    return bool((slow & (pieces.seconds[inside] >= RECOVERY_S)).any())


def _stand_out(pieces: Pieces, candidates: Candidates, found: Ints, hard_mps: float) -> bool:
    """Whether these efforts are the whole run, all of it hard, or clearly faster than the rest."""
    weight = np.where(pieces.level > STANDING, pieces.seconds, 0.0)
    whole, total = float(weight.sum()), float(weight @ pieces.level)
    seconds = float(candidates.seconds[found].sum())
    inside = float(candidates.seconds[found] @ candidates.effort[found])
    if seconds >= WHOLE_SHARE * whole or total * pieces.reference >= hard_mps * whole:
        return True
    return (total - inside) / (whole - seconds) <= HARDLY_FASTER * inside / seconds


def overlap_s(candidates: Candidates, one: Ints, other: Ints) -> float:
    """Return how long two lists of disjoint candidates lie over each other, in s."""
    start, end = candidates.start_s, candidates.end_s
    both = np.minimum(end[one, None], end[other]) - np.maximum(start[one, None], start[other])
    return float(np.maximum(both, 0.0).sum())
