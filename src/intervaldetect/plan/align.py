"""Planned and detected reps in order, each beside the other, joined or in parts where need be.

A global alignment after Needleman & Wunsch 1970 (doi 10.1016/0022-2836(70)90057-4) with one-to-many
matches. A match costs the log ratio of sizes; between two matches the time that passed is compared
with the recoveries planned, so that of equal reps the one is missed where the long gap lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import NamedTuple

from intervaldetect.plan.planned import PlannedRep
from intervaldetect.records import Segment

SIZE_SCALE = 0.12
"""A size that is off by this share (as a logarithm) costs 1."""
GAP_COST = 3.0
"""Cost of a missed or an extra rep."""
JOIN_COST = 1.0
"""Cost of each further rep in a merge or a split."""
TIME_SCALE, MAX_TIME_COST = 0.5, 1.5
"""As ``SIZE_SCALE``, for the time between two reps; and the most it may cost."""
MAX_JOINED_REPS = 3
MAX_JOIN_ERROR_LOG, MAX_PART_GAP_SHARE = 0.25, 0.25
"""Joined reps match in size within this logarithm; the parts of one lie no further apart than this
share of it."""
MAX_SKIPPED_REPS = 6
JOG_MPS = 2.5
"""Speed assumed for what was run between merged reps where the plan gives none."""

Group = tuple[tuple[PlannedRep, ...], tuple[Segment, ...]]
"""Planned reps and the found ones that they became; one side is empty for missed and extra reps."""
NOTHING = (-1, -1)
JOINS = (
    (1, 1),
    *((k, 1) for k in range(2, MAX_JOINED_REPS + 1)),
    *((1, k) for k in range(2, MAX_JOINED_REPS + 1)),
)
"""How many planned reps meet how many found ones."""
_LESS = 1e-9
"""Of equal costs the first stays."""


class _Match(NamedTuple):
    """A match that ends at a pair (planned, done), with all costs up to it."""

    cost: float
    before: tuple[int, int]
    size: tuple[int, int]


def align(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> list[Group]:
    """Return matched groups in order; every planned and every found rep stands in one."""
    table = _Table(plan, done)
    table.fill()
    return list(_in_order(plan, done, table.matches()))


@dataclass(frozen=True, slots=True)
class _Table:
    """The best alignment whose last match ends at planned ``i`` and done ``j``, by ``(i, j)``."""

    plan: Sequence[PlannedRep]
    done: Sequence[Segment]
    best: dict[tuple[int, int], _Match] = field(default_factory=dict)

    def fill(self) -> None:
        # Starts come in order, so an entry is only read once it is final.
        for i, j, (a, b) in product(range(len(self.plan)), range(len(self.done)), JOINS):
            if i + a > len(self.plan) or j + b > len(self.done):
                continue
            own = _match_cost(self.plan[i : i + a], self.done[j : j + b])
            if own > 4 * GAP_COST:
                continue
            cost, before = self.up_to(i, j)
            end = (i + a - 1, j + b - 1)
            if end not in self.best or cost + own < self.best[end].cost:
                self.best[end] = _Match(cost + own, before, (a, b))

    def up_to(self, i: int, j: int) -> tuple[float, tuple[int, int]]:
        """Return the least cost of what lies before a match at ``(i, j)``, and the match before."""
        most = abs(len(self.plan) - len(self.done)) + MAX_SKIPPED_REPS
        cost, before = GAP_COST * (i + j), NOTHING
        for p, q in product(range(max(0, i - 1 - most), i), range(max(0, j - 1 - most), j)):
            match = self.best.get((p, q))
            if match is None:
                continue
            skipped = GAP_COST * (i - p - 1 + j - q - 1)
            total = match.cost + skipped + _time_cost(self.plan, p, i, self.done, q, j)
            if total < cost - _LESS:
                cost, before = total, (p, q)
        return cost, before

    def matches(self) -> list[tuple[slice, slice]]:
        """Return the matches of the best alignment of all, in order."""
        n, m = len(self.plan), len(self.done)
        whole, last = GAP_COST * (n + m), NOTHING
        for (i, j), match in self.best.items():
            total = match.cost + GAP_COST * (n - i - 1 + m - j - 1)
            if total < whole - _LESS:
                whole, last = total, (i, j)
        found: list[tuple[slice, slice]] = []
        while last != NOTHING:
            (i, j), match = last, self.best[last]
            a, b = match.size
            found.append((slice(i + 1 - a, i + 1), slice(j + 1 - b, j + 1)))
            last = match.before
        return found[::-1]


def _in_order(
    plan: Sequence[PlannedRep], done: Sequence[Segment], matches: Sequence[tuple[slice, slice]]
) -> Iterator[Group]:
    """Yield the matches and, before each, the reps that were missed and those that are extra."""
    i = j = 0
    for planned, found in matches:
        yield from _alone(plan[i : planned.start], done[j : found.start])
        yield tuple(plan[planned]), tuple(done[found])
        i, j = planned.stop, found.stop
    yield from _alone(plan[i:], done[j:])


def _alone(missed: Sequence[PlannedRep], extra: Sequence[Segment]) -> Iterator[Group]:
    yield from (((rep,), ()) for rep in missed)
    yield from (((), (segment,)) for segment in extra)


def _match_cost(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> float:
    ratio = _ratio(plan, done)
    joined = JOIN_COST * (len(plan) + len(done) - 2)
    if joined and (ratio is None or abs(math.log(ratio)) > MAX_JOIN_ERROR_LOG):
        return math.inf
    longest = (1.0 + MAX_PART_GAP_SHARE) * lasted_s(done)
    if len(done) > 1 and done[-1].end_s - done[0].start_s > longest:
        return math.inf
    return joined + (abs(math.log(ratio)) / SIZE_SCALE if ratio else GAP_COST / 2)


def _ratio(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> float | None:
    """Return the size done over the size planned; None where either is not known."""
    metres, seconds = covered_m(done), lasted_s(done)
    planned_m = sum_if_known([rep.distance_m or None for rep in plan])
    if planned_m is not None and metres:
        return metres / (planned_m + sum(_recovery_m(rep) for rep in plan[:-1]))
    planned_s = sum_if_known([rep.seconds or None for rep in plan])
    if planned_s is not None and seconds > 0.0:
        return seconds / (planned_s + sum(_recovery_s(rep) or 0.0 for rep in plan[:-1]))
    return None


def _recovery_m(rep: PlannedRep) -> float:
    return rep.recovery_distance_m or (rep.recovery_s or 0.0) * JOG_MPS


def _recovery_s(rep: PlannedRep) -> float | None:
    if rep.recovery_s is None and rep.recovery_distance_m is not None:
        return rep.recovery_distance_m / JOG_MPS
    return rep.recovery_s


def covered_m(done: Sequence[Segment]) -> float | None:
    """Return the metres of segments together, None where one does not know its own."""
    return sum_if_known([each.distance_m for each in done])


def lasted_s(done: Sequence[Segment]) -> float:
    """Return the seconds of segments together."""
    return sum(each.end_s - each.start_s for each in done)


def sum_if_known(values: Sequence[float | None]) -> float | None:
    """Return the sum of values, None where one of them is not known."""
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None


def _time_cost(
    plan: Sequence[PlannedRep], p: int, i: int, done: Sequence[Segment], q: int, j: int
) -> float:
    """Compare the time between two matches with what the plan has between them."""
    if j != q + 1:
        return 0.0
    planned = 0.0
    for k in range(p, i):
        rest = _recovery_s(plan[k])
        if rest is None:
            return MAX_TIME_COST / 2 if i - p > 1 else 0.0
        planned += rest + ((plan[k].seconds or 0.0) if k > p else 0.0)
    gap = max(done[j].start_s - done[q].end_s, 1.0)
    return min(abs(math.log(gap / max(planned, 1.0))) / TIME_SCALE, MAX_TIME_COST)
