"""Which neighbouring reps make one set: the parting that takes the fewest words.

Reps fall into runs of one size. Runs stand as sets of their own, or together make a ladder, blocks
of alternating sizes or one uneven set; each costs as much as it takes to say, and the cheapest
parting of the whole session is taken (a shortest path over the borders between runs).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from statistics import median

import numpy as np

from intervaldetect.records import WorkoutSet
from intervaldetect.structure.edges import CLEAR_S
from intervaldetect.structure.readings import EVEN_LOG
from intervaldetect.structure.sets import (
    MIN_ALIKE,
    SAME_SET,
    Effort,
    block_length,
    describe_set,
    goes_on,
    measured,
    median_speed,
    recovery_style,
)
from intervaldetect.structure.tiling import Ruler, easy_speed

LADDER_COST = 0.35
"""Words for each rung, and for ``n x (...)``, over those for a set: a pyramid is a ladder, three
sets of two are not."""
UNEVEN_COST = 1.5
"""Words for a set of reps that are alike only by and large."""
UNEVEN_LOG = 0.25
"""How far from their median reps of an uneven set may be, in log size."""
MAX_BACK = 60
"""Runs tried as one set, and reps that a next one is compared with: work grows with the reps."""


def describe_session(
    ruler: Ruler, efforts: Sequence[Effort]
) -> tuple[list[list[int]], tuple[WorkoutSet, ...]]:
    """Part efforts, in time order, into sets as `group_efforts` does, and say what each was."""
    if not efforts:
        return [], ()
    groups, easy = group_efforts(efforts), easy_speed(ruler, efforts)
    between = [(a.end_s, b.start_s) for a, b in itertools.pairwise(efforts)]
    gaps = ruler.efforts(between)
    # Slowing down and speeding up do not say how a recovery was spent.
    ramps = [min(CLEAR_S, gap.seconds / 3.0) for gap in gaps]
    middles = ruler.efforts([(a + r, b - r) for (a, b), r in zip(between, ramps, strict=True)])
    sets = []
    for first, last in ((group[0], group[-1]) for group in groups):
        members = efforts[first : last + 1]
        styles = [recovery_style(gap, median_speed(members), easy) for gap in middles[first:last]]
        described = describe_set(members, gaps[first:last], styles)
        after_s = gaps[last].seconds if last < len(gaps) else None
        sets.append(replace(described, set_recovery_s=after_s))
    return groups, tuple(sets)


def group_efforts(efforts: Sequence[Effort]) -> list[list[int]]:
    """Part efforts, in time order, into sets: the indices of each, in order.

    A set is of one size, a ladder, or blocks of several sizes.
    """
    borders = [0, *(stop for run in _runs(efforts) for stop in _by_speed(efforts, *run))]
    best = [(0.0, 0)]
    for last in range(1, len(borders)):
        ways = (
            (round(best[first][0] + _cost(efforts, borders[first : last + 1]), 9), first)
            for first in range(max(0, last - MAX_BACK), last)
        )
        best.append(min(ways))
    groups: list[list[int]] = []
    last = len(borders) - 1
    while last:
        first = best[last][1]
        groups.append(list(range(borders[first], borders[last])))
        last = first
    return groups[::-1]


def _runs(efforts: Sequence[Effort]) -> Iterator[tuple[int, int]]:
    """Yield stretches of one size, each as long as it can be."""
    first = 0
    for stop in range(1, len(efforts) + 1):
        before = efforts[max(first, stop - MAX_BACK) : stop]
        if stop == len(efforts) or not goes_on(efforts[stop], before):
            yield first, stop
            first = stop


def _by_speed(efforts: Sequence[Effort], first: int, stop: int) -> Iterator[int]:
    """Part a run where the speed steps up or down for good; yield where each part stops."""
    speeds = np.log([speed for e in efforts[first:stop] if (speed := e.speed_mps)])
    n = stop - first
    if speeds.size < n or n < 2:
        yield stop
        return
    before = np.arange(1, n)
    total = speeds.cumsum()
    means = total[:-1] / before, (total[-1] - total[:-1]) / (n - before)
    at = 1 + int(np.argmax(before * (n - before) * (means[1] - means[0]) ** 2))
    slow, fast = sorted((speeds[:at], speeds[at:]), key=np.mean)
    step = fast.mean() - slow.mean()
    many = min(at, n - at) >= MIN_ALIKE  # the first two of a set are often run in
    # A set run faster and faster has no such gap.
    if step < (EVEN_LOG if many else SAME_SET) or fast.min() - slow.max() < step / 2:
        yield stop
        return
    yield from _by_speed(efforts, first, first + at)
    yield from _by_speed(efforts, first + at, stop)


def _cost(efforts: Sequence[Effort], borders: Sequence[int]) -> float:
    """Return the fewest words for neighbouring runs as one set, in those of a plain set."""
    if len(borders) == 2:
        return 1.0
    members = efforts[borders[0] : borders[-1]]
    if len(members) < MIN_ALIKE:
        return math.inf
    runs = [b - a for a, b in itertools.pairwise(borders)]
    rungs = sum(size if size < MIN_ALIKE else 2 * size for size in runs)  # a set is no ladder
    cost = 1.0 + LADDER_COST * rungs
    if min(runs) == 1 and len(borders) > MIN_ALIKE and _uneven(members):
        cost = min(cost, UNEVEN_COST)
    length = block_length(members)
    if length is not None:
        cost = min(cost, 1.0 + LADDER_COST * (1 + length))
    return cost


def _uneven(efforts: Sequence[Effort]) -> bool:
    """Whether reps are alike by and large, in time or in distance."""
    return any(
        max(values) < math.exp(UNEVEN_LOG) * median(values) < math.exp(2 * UNEVEN_LOG) * min(values)
        for values in measured(efforts).values()
    )
