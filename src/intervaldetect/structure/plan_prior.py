"""A plan as a hint: it helps to choose between hypotheses and never makes a rep.

A reading gains a stated weight in log-odds by the share of the plan it holds. Whether the session
was planned work is judged without it, and a plan of which little is found has no say.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from intervaldetect.records import Floats
from intervaldetect.structure.readings import Reading

PLAN_LOG_ODDS = 1.5
"""What a reading that holds the whole plan gains, in log-odds."""
SIZE_SCALE = 0.1
"""A size off by this share (as a logarithm) counts 1/e; twice as much is no match."""
HAD_A_SAY = 0.4
"""Share of the plan from which on it has a say."""


class PlannedEffort(Protocol):
    """One effort of a plan; None is left open."""

    @property
    def distance_m(self) -> float | None:
        """Length, where the plan gives one."""

    @property
    def duration_s(self) -> float | None:
        """Duration, where the plan gives one."""


Plan = Sequence[PlannedEffort]
Distance = Callable[[float, float], float | None]


def favour(readings: Sequence[Reading], plan: Plan, distance_m: Distance) -> Floats:
    """Return what a plan adds to the score of each reading (r,), in log-odds."""
    out = np.zeros(len(readings))
    for k, reading in enumerate(readings if plan else ()):
        spans = list(zip(reading.start_s.tolist(), reading.end_s.tolist(), strict=True))
        share = planned_share(spans, plan, distance_m)
        out[k] = PLAN_LOG_ODDS * share if share >= HAD_A_SAY else 0.0
    return out


def due_to_plan(reading: Reading, unaided: Reading | None) -> list[bool]:
    """Return for each rep of a reading whether it is in none that is taken without the plan."""
    if unaided is None or unaided is reading:
        return [False] * len(reading)
    return [
        not bool(((unaided.start_s < end) & (unaided.end_s > start)).any())
        for start, end in zip(reading.start_s.tolist(), reading.end_s.tolist(), strict=True)
    ]


def planned_share(spans: Sequence[tuple[float, float]], plan: Plan, distance_m: Distance) -> float:
    """Return the share of a plan for whose efforts there is one of their size, in any order."""
    found: Counter[tuple[float | None, float | None]] = Counter()
    for span in spans:
        sizes = {(each.distance_m, each.duration_s): each for each in plan}
        like = {size: _likeness(span, [each], distance_m) for size, each in sizes.items()}
        best = max(like, key=lambda size: like[size])
        found[best] += like[best] > 0.0
    planned = Counter((each.distance_m, each.duration_s) for each in plan)
    return sum((found & planned).values()) / len(plan)


def plan_sentence(
    spans: Sequence[tuple[float, float]], helped: int, plan: Plan, distance_m: Distance
) -> str:
    """Say how much of a plan was run: ``spans`` are the reps, ``helped`` counts those due to it."""
    share = planned_share(spans, plan, distance_m)
    head = f"The plan has {len(plan)} reps; {round(share * len(plan))} of their size were run"
    if share < HAD_A_SAY:
        return f"{head}: the plan was not carried out and was not used."
    if not helped:
        return f"{head}. They are found without it."
    return f"{head}. {helped} of the reps found are due to the plan."


def _likeness(span: tuple[float, float], plan: Plan, distance_m: Distance) -> float:
    """Return how like in size a span is to the planned effort nearest to it, 0 to 1."""
    seconds, metres = span[1] - span[0], distance_m(*span)
    best = 0.0
    for each in plan:
        planned, own = each.distance_m, metres
        if each.duration_s is not None:
            planned, own = each.duration_s, seconds
        if planned and own and planned > 0.0 and own > 0.0:
            off = abs(math.log(own / planned)) / SIZE_SCALE
            best = max(best, math.exp(-(off**2)) if off < 2.0 else 0.0)
    return best
