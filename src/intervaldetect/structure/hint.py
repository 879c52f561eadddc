"""A plan as a hint: it helps to choose between hypotheses and never makes a rep.

Stretches of a planned size gain a stated weight in log-odds. Whether the session was planned work
is judged without it, and a plan of which little is found has no say.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np

from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.choice import Choice, Weights, choose

PLAN_LOG_ODDS = 1.5
"""The most a planned size adds to the log-odds of a stretch that has it."""
SIZE_SCALE = 0.1
"""A size off by this share (as a logarithm) keeps 1/e of the weight; twice as much is no match."""
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


def follow_plan(
    candidates: Candidates, weights: Weights, plain: Choice, plan: Plan, distance_m: Distance
) -> Choice:
    """Choose again with the plan as a hint.

    Parameters
    ----------
    candidates : Candidates
    weights : Weights
    plain : Choice
        What is chosen without the plan.
    plan : sequence of PlannedEffort
    distance_m : callable
        Distance in m between two elapsed times, None where it is not known.

    Returns
    -------
    Choice
        ``plain`` itself where less than 40 % of the plan is found, or where it is as sure and shows
        as much of the plan without a hint.
    """
    spans = list(zip(candidates.start_s.tolist(), candidates.end_s.tolist(), strict=True))
    favour = np.array([PLAN_LOG_ODDS * _likeness(span, plan, distance_m) for span in spans])
    hinted = choose(candidates, weights, favour=favour)
    with_hint, without = (
        planned_share([spans[q] for q in each.chosen], plan, distance_m) for each in (hinted, plain)
    )
    as_sure = plain.session_log_odds >= hinted.session_log_odds
    return plain if with_hint < HAD_A_SAY or (as_sure and without >= with_hint) else hinted


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
    """Say what became of a plan: ``spans`` are the reps claimed, ``helped`` those due to it."""
    share = planned_share(spans, plan, distance_m)
    head = f"The plan names {len(plan)} efforts, {round(share * len(plan))} of their size were run"
    if share < HAD_A_SAY:
        return f"{head}: the plan was not carried out and had no say."
    if not helped:
        return f"{head}; they show without it."
    return f"{head}; {helped} of the reps found stand out by its weight of {PLAN_LOG_ODDS} only."


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


def due_to_plan(hinted: Choice, plain: Choice) -> frozenset[int]:
    """Return the candidates that only the hint brought in."""
    return frozenset(hinted.chosen.tolist()) - frozenset(plain.chosen.tolist())
