"""Which neighbouring reps make one set: the parting that takes the fewest words.

Reps fall into runs of one size. Runs stand as sets of their own, or together make a ladder, blocks
of alternating sizes or one uneven set; each costs as much as it takes to say, and the cheapest
parting of the whole session is taken (a shortest path over the borders between runs).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from statistics import fmean, median

from intervaldetect.structure.sets import (
    MAX_RUNGS,
    Effort,
    block_length,
    goes_on,
    measured,
)

LADDER_COST = 0.35
"""Words for each rung, over those for a set: a pyramid is a ladder, three sets of two are not."""
MIN_RUNGS = 3
"""Fewer reps of different size are sets of one."""
BLOCK_COST = 0.5
"""Words for ``n x (...)``, over those for a set."""
UNEVEN_COST = 1.5
"""Words for a set of reps that are alike only by and large."""
UNEVEN_LOG = 0.25
"""How far from their median reps of an uneven set may be, in log size."""
SPEED_STEP_LOG = 0.12
"""Change of speed that parts reps of one size into two sets, in log speed."""
MIN_BESIDE_STEP = 3
"""Reps on both sides of it: the first two of a set are often run in."""
MAX_RUNS, MAX_REPS, MAX_LIKE = 60, 200, 40
"""Runs that are tried as one set, reps among which a step is sought, and reps that a next one is
compared with: the work grows with the number of reps, whatever the file holds."""
LARGE_STEP_LOG = 0.2
"""Change of speed that parts even one rep from the others."""


def group_efforts(efforts: Sequence[Effort]) -> list[list[int]]:
    """Part efforts, in time order, into sets.

    Returns
    -------
    list of list of int
        Indices, in order; each set is of one size, a ladder, or blocks of several sizes.
    """
    runs = [part for run in _runs(efforts) for part in _by_speed(efforts, run)]
    borders = [0, *(stop for _, stop in runs)]
    best = [0.0] + [math.inf] * len(runs)
    before = [0] * (len(runs) + 1)
    for last in range(1, len(runs) + 1):
        for first in range(max(0, last - MAX_RUNS), last):
            cost = best[first] + _cost(efforts, borders[first : last + 1])
            if cost < best[last] - 1e-9:
                best[last], before[last] = cost, first
    groups: list[list[int]] = []
    last = len(runs)
    while last:
        groups.append(list(range(borders[before[last]], borders[last])))
        last = before[last]
    return groups[::-1]


def _runs(efforts: Sequence[Effort]) -> Iterator[tuple[int, int]]:
    """Yield stretches of one size, each as long as it can be."""
    first = 0
    for stop in range(1, len(efforts) + 1):
        if stop == len(efforts) or not goes_on(
            efforts[stop], efforts[max(first, stop - MAX_LIKE) : stop]
        ):
            yield first, stop
            first = stop


def _by_speed(efforts: Sequence[Effort], run: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Part a run where the speed steps up or down for good."""
    first, stop = run
    speeds = [math.log(v) for each in efforts[first:stop] if (v := each.speed_mps)]
    if len(speeds) < max(stop - first, 2) or len(speeds) > MAX_REPS:
        yield run
        return
    at = max(range(1, len(speeds)), key=lambda k: _step(speeds, k))
    slow, fast = sorted((speeds[:at], speeds[at:]), key=fmean)
    step = fmean(fast) - fmean(slow)
    many = min(len(slow), len(fast)) >= MIN_BESIDE_STEP
    # A set run faster and faster has no such gap.
    if step < (SPEED_STEP_LOG if many else LARGE_STEP_LOG) or min(fast) - max(slow) < step / 2:
        yield run
        return
    yield from _by_speed(efforts, (first, first + at))
    yield from _by_speed(efforts, (first + at, stop))


def _step(speeds: Sequence[float], at: int) -> float:
    """Return how much of the scatter a step explains."""
    before, after = speeds[:at], speeds[at:]
    return len(before) * len(after) * (fmean(after) - fmean(before)) ** 2


def _cost(efforts: Sequence[Effort], borders: Sequence[int]) -> float:
    """Return the fewest words for neighbouring runs as one set, in those of a plain set."""
    if len(borders) == 2:
        return 1.0
    members = efforts[borders[0] : borders[-1]]
    if len(members) < MIN_RUNGS:
        return math.inf
    runs = [b - a for a, b in itertools.pairwise(borders)]
    rungs = sum(size if size < MIN_RUNGS else 2 * size for size in runs)  # a set is no ladder
    cost = 1.0 + LADDER_COST * rungs
    single = min(runs) == 1
    if single and len(borders) > MIN_RUNGS and _uneven(members):
        cost = min(cost, UNEVEN_COST)
    if len(members) <= MAX_RUNGS * len(borders):
        length = block_length(members)
        if length is not None:
            cost = min(cost, 1.0 + BLOCK_COST + LADDER_COST * length)
    return cost


def _uneven(efforts: Sequence[Effort]) -> bool:
    """Whether reps are alike by and large, in time or in distance."""
    return any(
        max(values) < math.exp(UNEVEN_LOG) * median(values) < math.exp(2 * UNEVEN_LOG) * min(values)
        for basis in ("time", "distance")
        if (values := measured(efforts, basis))
    )
