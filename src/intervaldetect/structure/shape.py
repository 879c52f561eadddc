"""What is no planned work and yet has a name: strides, and a run that rises from start to end."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from statistics import median

import numpy as np

from intervaldetect.records import Floats, Ints, Pieces, Signal
from intervaldetect.structure.readings import MIN_REP_S
from intervaldetect.structure.sets import MIN_ALIKE
from intervaldetect.structure.tiling import LITTLE_S, Span

MAX_STRIDE_S = 27.0
MIN_SHORT_REPS = 8
"""So many efforts as short as strides are a session."""
MICRO_REST, SPRINT_REST_S = 1.5, 120.0
"""Recovery over effort up to which, and recovery from which on, a few short efforts are reps."""
FASTER = 1.1
"""A stride over the running beside it, the last third of a progression over the first."""
BESIDE_S = 30.0
STANDING, RUNNING = 0.5, 0.6
"""Effort from which somebody moves, and runs, over the activity's typical one."""
RISE_SHARE = 0.35
"""So much of what a progression's speed varies is a line."""


def part_strides(reps: Sequence[Span]) -> tuple[list[Span], list[Span]]:
    """Part strides from reps.

    Efforts before the first longer one are strides, where the longer ones are most of the work and
    the others are usually as short as strides. So are a few by themselves, unless their recoveries
    are as short as they are (micro-intervals), or of two minutes and more (sprints; Haugen 2021,
    PMC8363530, gives 0:30 to 15 min for zones 6 and 7); a longer moment beside those is neither.
    Returns strides and reps.
    """
    seconds = [rep.end_s - rep.start_s for rep in reps]
    longer = [k for k, each in enumerate(seconds) if each > 2 * MAX_STRIDE_S]
    if 2 * sum(seconds[k] for k in longer) > sum(seconds):
        before = longer[0] if _usual(seconds[: longer[0]]) <= MAX_STRIDE_S else 0
        return list(reps[:before]), list(reps[before:])
    usual = _usual(seconds)
    if len(reps) >= MIN_SHORT_REPS or usual > MAX_STRIDE_S:
        return [], list(reps)
    quick = [rep for k, rep in enumerate(reps) if k not in longer]
    rest = _usual([after.start_s - before.end_s for before, after in itertools.pairwise(quick)])
    if len(quick) > 1 and (rest <= MICRO_REST * usual or rest >= SPRINT_REST_S):
        return [], quick
    return quick, []


def _usual(seconds: Sequence[float]) -> float:
    return median(seconds) if seconds else 0.0


def too_little(reps: Sequence[Span]) -> bool:
    """Say if one or two efforts are too little work for a session."""
    return len(reps) < MIN_ALIKE and sum(rep.end_s - rep.start_s for rep in reps) < LITTLE_S


def find_strides(
    signal: Signal, pieces: Pieces, reps: Sequence[Span], known: Sequence[Span] = ()
) -> list[Span]:
    """Find short quick efforts before and after the reps; between them they are part of it.

    ``known`` are strides that were told from reps already. Returns disjoint spans in time order; of
    those not known, none where there are fewer than three in all.
    """
    from intervaldetect.kernels.maxtree import max_tree  # noqa: PLC0415 - loads numba
    from intervaldetect.kernels.sums import running_sums  # noqa: PLC0415 - as above

    first, last, _, _ = max_tree(pieces.level)  # every stretch faster than what surrounds it
    i, j = pieces.start[first], pieces.end[last - 1]
    weight, total = running_sums(pieces.values, pieces.weights)
    seconds = weight[j] - weight[i]
    effort = (total[j] - total[i]) / np.maximum(seconds, 1e-9)
    moving = np.where(pieces.values > STANDING, pieces.weights, 0.0)
    weight, total = running_sums(pieces.values, moving)
    beside = np.maximum(
        _mean(total, weight, weight.searchsorted(weight[i] - BESIDE_S), i),
        _mean(total, weight, j, weight.searchsorted(weight[j] + BESIDE_S)),
    )
    # Where the record starts, stops or pauses, the edge is that moment and no lag applies.
    stopped = np.concatenate(([True], signal.paused, [True]))
    start = np.maximum(signal.time_s[i] - np.where(stopped[i], 0.0, signal.start_lag_s), 0.0)
    end = signal.time_s[j] - np.where(stopped[j + 1], 0.0, signal.end_lag_s)
    quick = (seconds >= MIN_REP_S) & (seconds <= MAX_STRIDE_S) & (start < end)
    quick &= (effort > RUNNING) & (effort >= FASTER * beside)
    for each in known:
        quick &= (end <= each.start_s) | (start >= each.end_s)
    found: list[Span] = []
    for span in zip(start[quick].tolist(), end[quick].tolist(), strict=True):
        stride = Span("stride", *span)
        if _around(stride, reps) and not (found and found[-1].end_s > stride.start_s):
            found.append(stride)
    more = found if len(found) + len(known) >= MIN_ALIKE else []
    told = [Span("stride", k.start_s, k.end_s) for k in known if _around(k, reps)]
    return sorted([*told, *more], key=lambda span: span.start_s)


def _around(stride: Span, reps: Sequence[Span]) -> bool:
    """Whether a stride lies before or after all reps; between two it is part of the recovery."""
    return not reps or stride.end_s <= reps[0].start_s or stride.start_s >= reps[-1].end_s


def _mean(total: Floats, weight: Floats, first: Ints, last: Ints) -> Floats:
    """Return the mean effort of ranges of intervals, 0 of none."""
    last = np.minimum(last, weight.size - 1)
    seconds = weight[last] - weight[first]
    mean: Floats = (total[last] - total[first]) / np.maximum(seconds, 1e-9)
    return mean


def rises(pieces: Pieces) -> bool:
    """Say if a run gets faster from its start to its end: a progression."""
    running = np.where(pieces.level > RUNNING, pieces.seconds, 0.0)
    middle = np.cumsum(running) - running / 2
    whole = running.sum()
    early, late = running * (middle < whole / 3), running * (middle > 2 * whole / 3)
    if not early.any() or not late.any():
        return False
    before, after = (part @ pieces.level / part.sum() for part in (early, late))
    if after < FASTER * before:
        return False
    (xx, xy), (_, yy) = np.cov(middle, pieces.level, aweights=running)
    return bool(xy**2 > RISE_SHARE * xx * yy)
