"""A plan as a hint: it helps to choose between hypotheses and never makes a rep.

A reading gains a stated weight in log-odds by the share of the plan it holds. Whether the session
was planned work is judged without it, and a plan of which little is found has no say.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from typing import Protocol

import numpy as np

from intervaldetect.records import Floats
from intervaldetect.structure.readings import Reading
from intervaldetect.structure.sets import SAME_SET
from intervaldetect.structure.tiling import Measure, Span

PLAN_LOG_ODDS = 1.5
"""What a reading that holds the whole plan gains, in log-odds."""
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


def favour(readings: Sequence[Reading], plan: Plan, distance_m: Measure) -> Floats:
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


def planned_share(spans: Sequence[tuple[float, float]], plan: Plan, distance_m: Measure) -> float:
    """Return the share of a plan for whose efforts there is one of their size, in any order."""
    planned = Counter((each.distance_m, each.duration_s) for each in plan)
    found: Counter[tuple[float | None, float | None]] = Counter()
    for span in spans:
        metres, seconds = distance_m(*span), span[1] - span[0]
        off = {size: _off(size, metres, seconds) for size in planned}
        best = min(off, key=lambda size: off[size])
        found[best] += off[best] < SAME_SET
    return sum((found & planned).values()) / len(plan)


def evidence_of_plan(reps: Sequence[Span], plan: Plan, distance_m: Measure) -> tuple[str, ...]:
    """Say how much of a plan was run, and how many reps are due to it; nothing without one."""
    if not plan:
        return ()
    share = planned_share([(rep.start_s, rep.end_s) for rep in reps], plan, distance_m)
    head = f"The plan has {len(plan)} reps; {round(share * len(plan))} of their size were run"
    helped = sum(rep.source == "plan" for rep in reps)
    if share < HAD_A_SAY:
        return (f"{head}: the plan was not carried out and was not used.",)
    if not helped:
        return (f"{head}. They are found without it.",)
    return (f"{head}. {helped} of the reps found are due to the plan.",)


def _off(size: tuple[float | None, float | None], metres: float | None, seconds: float) -> float:
    """Return how far in log size a span is from a planned effort: by time, where one is planned."""
    planned_m, planned_s = size
    planned, own = (planned_m, metres) if planned_s is None else (planned_s, seconds)
    return abs(math.log(own / planned)) if planned and own else math.inf
