"""What is no planned work and yet has a name: strides, and a run that rises from start to end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

import numpy as np

from intervaldetect.records import Floats, Pieces, Signal
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.laps import Snapped

MIN_STRIDE_S, MAX_STRIDE_S = 8.0, 27.0
MIN_SHORT_REPS = 8
"""So many efforts as short as strides are a session."""
MICRO_REST, SPRINT_REST_S = 1.5, 120.0
"""Recovery over effort up to which, and recovery from which on, a few short efforts are reps."""
ODD_LENGTH = 1.5
"""So many times as long as the others, an effort is none of them."""
FEW_REPS, LITTLE_WORK_S = 2, 120.0
MIN_STRIDES = 3
"""Fewer quick moments are chance."""
FASTER = 1.1
"""A stride is at least so much faster than the running beside it."""
BESIDE_S = 30.0
STANDING, RUNNING = 0.5, 0.6
"""Effort from which a piece is moving, and running."""
RISE = 0.1
RISE_SHARE = 0.35
"""A progression rises by so much from its first to its last third; a line explains so much."""


def part_strides(reps: Sequence[Snapped]) -> tuple[list[Snapped], list[Snapped]]:
    """Part strides from reps.

    Efforts before the first longer one are strides, where the longer ones are most of the work and
    the others are usually as short as strides. So are a few by themselves, unless their recoveries
    are as short as they are (micro-intervals), or of two minutes and more (sprints; Haugen 2021,
    PMC8363530, gives 0:30 to 15 min for zones 6 and 7).

    Returns
    -------
    strides, reps : list of Snapped
    """
    seconds = [rep.end_s - rep.start_s for rep in reps]
    longer = [k for k, each in enumerate(seconds) if each > 2 * MAX_STRIDE_S]
    if longer and 2 * sum(seconds[k] for k in longer) > sum(seconds):
        before = longer[0] if _usual(seconds[: longer[0]]) <= MAX_STRIDE_S else 0
        return list(reps[:before]), list(reps[before:])
    usual = _usual(seconds)
    if len(reps) >= MIN_SHORT_REPS or usual > MAX_STRIDE_S:
        return [], list(reps)
    odd = [each > max(MAX_STRIDE_S, ODD_LENGTH * usual) for each in seconds]
    if 2 * sum(each for each, is_odd in zip(seconds, odd, strict=True) if is_odd) > sum(seconds):
        return [], list(reps)
    # A moment's quicker running beside strides is neither.
    quick = [rep for rep, is_odd in zip(reps, odd, strict=True) if not is_odd]
    rest = _usual([after.start_s - before.end_s for before, after in itertools.pairwise(quick)])
    if len(quick) > 1 and (rest <= MICRO_REST * usual or rest >= SPRINT_REST_S):
        return [], quick
    return quick, []


def _usual(seconds: Sequence[float]) -> float:
    return median(seconds) if seconds else 0.0


def too_little(reps: Sequence[Snapped]) -> bool:
    """Say if one or two efforts are too little work for a session, whatever they look like."""
    return len(reps) <= FEW_REPS and sum(rep.end_s - rep.start_s for rep in reps) < LITTLE_WORK_S


def find_strides(
    signal: Signal, pieces: Pieces, reps: Sequence[Snapped], known: Sequence[Snapped] = ()
) -> list[tuple[float, float]]:
    """Find short quick efforts before and after the reps; between them they are part of it.

    Parameters
    ----------
    signal, pieces
    reps : sequence of Snapped
    known : sequence of Snapped
        Strides that were told from reps already.

    Returns
    -------
    list of (start_s, end_s)
        Disjoint, in time order; of those not known, none where there are fewer than three in all.
    """
    candidates = find_candidates(signal, pieces)
    short = (candidates.seconds >= MIN_STRIDE_S) & (candidates.seconds <= MAX_STRIDE_S)
    found: list[tuple[float, float]] = []
    total, weight = _running_totals(pieces)
    for q in np.flatnonzero(short & (candidates.effort > RUNNING)):
        first, last = pieces.start[candidates.first[q]], pieces.end[candidates.last[q] - 1]
        beside = max(
            _mean_beside(total, weight, int(first), -1), _mean_beside(total, weight, int(last), 1)
        )
        start, end = float(candidates.start_s[q]), float(candidates.end_s[q])
        outside = not reps or end <= reps[0].start_s or start >= reps[-1].end_s
        apart = start < end and not (found and found[-1][1] > start)
        new = not any(each.start_s < end and start < each.end_s for each in known)
        if outside and apart and new and candidates.effort[q] >= FASTER * beside:
            found.append((start, end))
    more = found if len(found) + len(known) >= MIN_STRIDES else []
    return sorted([*((each.start_s, each.end_s) for each in known), *more])


def _running_totals(pieces: Pieces) -> tuple[Floats, Floats]:
    moving = np.where(pieces.values > STANDING, pieces.weights, 0.0)
    total = np.concatenate(([0.0], np.cumsum(moving * np.nan_to_num(pieces.values))))
    return total, np.concatenate(([0.0], np.cumsum(moving)))


def _mean_beside(total: Floats, weight: Floats, at: int, side: int) -> float:
    """Return the mean effort of the half minute of running before or after an interval."""
    if side < 0:
        other = int(weight.searchsorted(weight[at] - BESIDE_S, "left"))
        first, last = min(other, at), at
    else:
        other = int(weight.searchsorted(weight[at] + BESIDE_S, "left"))
        first, last = at, min(max(other, at), weight.size - 1)
    seconds = weight[last] - weight[first]
    return float((total[last] - total[first]) / seconds) if seconds > 0 else 0.0


def rises(pieces: Pieces) -> bool:
    """Say if a run gets faster from its start to its end: a progression."""
    running = np.where(pieces.level > RUNNING, pieces.seconds, 0.0)
    whole = float(running.sum())
    if whole <= 0.0:
        return False
    middle = np.cumsum(running) - running / 2
    early, late = middle < whole / 3, middle > 2 * whole / 3
    if not running[early].any() or not running[late].any():
        return False
    before, after = (
        float(running[part] @ pieces.level[part] / running[part].sum()) for part in (early, late)
    )
    if after < (1.0 + RISE) * before:
        return False
    x = middle - running @ middle / whole
    y = pieces.level - running @ pieces.level / whole
    explained = float(running @ (x * y)) ** 2 / max(
        float((running @ x**2) * (running @ y**2)), 1e-12
    )
    return explained > RISE_SHARE
