"""A plan held against what was done: which reps were run, missed, cut short, merged, added."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from intervaldetect.errors import ParameterError
from intervaldetect.plan.align import align, covered_m, lasted_s, sum_if_known
from intervaldetect.plan.planned import PlannedRep
from intervaldetect.records import Segment, Workout

Status = Literal["done", "cut_short", "long", "missed", "extra", "merged", "split"]
Executed = Literal["yes", "partly", "no"]

TOLERANCE, EDGES_S = 0.1, 6.0
"""A rep is as planned within this share of its size, or within what its two edges may be off."""
EXECUTED_SHARE, PARTLY_SHARE = 0.8, 0.4
MAX_HARMLESS_EXTRA = 2
"""So many efforts beyond the plan, say in the warm-up, never unmake it."""


@dataclass(frozen=True, slots=True)
class RepCheck:
    """What became of a planned rep, or of several that were merged; or a rep beyond the plan.

    Differences are done minus planned, None where the plan leaves it open; ``pace_s_per_km`` below
    zero is faster than planned. ``recovery_s`` compares what follows the rep.
    """

    status: Status
    planned: tuple[PlannedRep, ...] = ()
    done: tuple[Segment, ...] = ()
    distance_m: float | None = None
    duration_s: float | None = None
    pace_s_per_km: float | None = None
    recovery_s: float | None = None


@dataclass(frozen=True)
class PlanCheck:
    """A plan against an activity: every rep in order, and a plain verdict."""

    reps: tuple[RepCheck, ...]

    @cached_property
    def executed(self) -> Executed:
        """Whether the plan was run: ``yes`` from 80 % of its reps on, ``partly`` from 40 %.

        A rep cut short or too long counts half. Where most reps only fit joined or in parts, or
        more were run beyond the plan than it has, another session was run.
        """
        planned, met = self._planned, self._met
        joined = sum(len(each.planned) for each in self.reps if each.status in {"merged", "split"})
        extra, cut_short = self._count("extra"), self._count("cut_short")
        if 2 * joined > met or extra > max(MAX_HARMLESS_EXTRA, planned):
            return "no"
        share = (met - 0.5 * cut_short) / planned if planned else 0.0
        if share >= EXECUTED_SHARE and extra <= max(MAX_HARMLESS_EXTRA, planned // 2):
            return "yes"
        return "partly" if share >= PARTLY_SHARE else "no"

    @property
    def _planned(self) -> int:
        return sum(len(each.planned) for each in self.reps)

    @property
    def _met(self) -> int:
        return sum(len(each.planned) for each in self.reps if each.done)

    def _count(self, status: Status) -> int:
        return sum(each.status == status for each in self.reps)

    @cached_property
    def verdict(self) -> str:
        """One or two sentences: how much of the plan was run, and what differs."""
        if not any(each.done for each in self.reps):
            return "The plan was not carried out: no reps were found."
        heads = {"yes": "As planned", "partly": "Partly as planned", "no": "Not this plan"}
        head = heads[self.executed]
        named = [text for status in _WORDS for text in self._named(status)]
        if self.executed == "yes" and named:
            head = "As planned, with exceptions"
        counted = f"{head}: {self._met} of {self._planned} reps."
        return " ".join([counted, *named, *self._on_pace()])

    def _on_pace(self) -> Iterator[str]:
        paces = [each.pace_s_per_km for each in self.reps if each.pace_s_per_km is not None]
        if not paces or self.executed == "no":
            return
        mean = sum(paces) / len(paces)
        direction = "slower" if mean > 0 else "faster"
        near = abs(mean) < 0.5
        yield "On pace." if near else f"{abs(mean):.0f} s/km {direction} than planned."

    def _named(self, status: Status) -> Iterator[str]:
        met = [each for each in self.reps if each.status == status]
        if met and status == "extra":
            yield f"{len(met)} extra."
        elif met:
            numbers = [f"{p.set}.{p.rep}" for each in met for p in each.planned]
            yield f"{_WORDS[status]}: {', '.join(numbers)}."

    def to_dict(self) -> dict[str, Any]:
        """Return everything as JSON values; times in s, distances in m, speeds in m/s."""
        return {
            "executed": self.executed,
            "verdict": self.verdict,
            "reps": [
                {
                    "status": each.status,
                    "planned": [
                        {name: getattr(p, name) for name in PlannedRep.__slots__}
                        for p in each.planned
                    ],
                    "done": [
                        {name: _rounded(getattr(s, name)) for name in _SHOWN} for s in each.done
                    ],
                    "difference": {name: _rounded(getattr(each, name)) for name in _DIFFERENCES},
                }
                for each in self.reps
            ],
        }


_WORDS: Mapping[Status, str] = {
    "missed": "Missed", "cut_short": "Cut short", "long": "Longer than planned",
    "merged": "Run as one", "split": "Run in parts", "extra": "Extra",
}  # fmt: skip
_SHOWN = ("set", "rep", "start_s", "end_s", "distance_m", "mean_speed_mps", "end_hr_bpm")
_DIFFERENCES = ("distance_m", "duration_s", "pace_s_per_km", "recovery_s")


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)


def check_plan(plan: Sequence[PlannedRep], workout: Workout) -> PlanCheck:
    """Align a plan with the reps that were found.

    Parameters
    ----------
    plan : sequence of PlannedRep
        From `planned_reps` or `intervaldetect.plan.sources.reps_of_steps`.
    workout : Workout
        Its segments of role ``rep`` count, and strides where the plan is for efforts as short.

    Returns
    -------
    PlanCheck
        Every planned and every found rep stands in it once.

    Raises
    ------
    ParameterError
        The plan has no rep.

    Examples
    --------
    >>> from intervaldetect.notation import parse_workout
    >>> from intervaldetect.records import Segment, Workout
    >>> reps = [Segment("rep", t, t + 130, distance_m=800) for t in (600, 910, 1530)]
    >>> plan = planned_reps(parse_workout("4 x 800 m @ 2:10 (3:00)"))
    >>> print(check_plan(plan, Workout(tuple(reps))).verdict)
    Partly as planned: 3 of 4 reps. Missed: 1.3. On pace.
    """
    if not plan:
        raise ParameterError("plan", plan, "a plan with at least one rep")
    steps = align(plan, _efforts(plan, workout))
    checks: list[RepCheck] = []
    for number, (own, met) in enumerate(steps):
        following = next((m for _, m in steps[number + 1 :] if m), ())
        checks.append(_judged(own, met, following))
    return PlanCheck(tuple(checks))


def _efforts(plan: Sequence[PlannedRep], workout: Workout) -> list[Segment]:
    """Return the reps that were found; without any, the strides where the plan is as short."""
    reps = [segment for segment in workout.segments if segment.role == "rep"]
    if reps or max((rep.seconds or 60.0) for rep in plan) > 30.0:
        return reps
    return [segment for segment in workout.segments if segment.role == "stride"]


def _judged(
    plan: tuple[PlannedRep, ...], done: tuple[Segment, ...], following: tuple[Segment, ...]
) -> RepCheck:
    if not done:
        return RepCheck("missed", plan)
    if not plan:
        return RepCheck("extra", (), done)
    status = _status(plan, done)
    speeds = {rep.speed_mps for rep in plan}
    return RepCheck(
        status,
        plan,
        done,
        _difference(covered_m(done), sum_if_known([rep.distance_m for rep in plan])),
        _difference(lasted_s(done), sum_if_known([rep.seconds for rep in plan])),
        _pace_difference(speeds, done) if status != "merged" else None,
        _recovery_difference(plan, done, following),
    )


def _status(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> Status:
    """Say whether a rep is of the planned size, by distance where that is known, else by time."""
    if len(plan) > 1:
        return "merged"
    if len(done) > 1:
        return "split"
    metres, seconds = covered_m(done), lasted_s(done)
    planned_m, planned_s = plan[0].distance_m, plan[0].seconds
    if planned_m is not None and metres is not None:
        edges_m = EDGES_S * metres / max(seconds, 1.0)
        return _by_size(metres - planned_m, max(TOLERANCE * planned_m, edges_m))
    if planned_s is not None:
        return _by_size(seconds - planned_s, max(TOLERANCE * planned_s, EDGES_S))
    return "done"


def _by_size(difference: float, room: float) -> Status:
    if abs(difference) <= room:
        return "done"
    return "long" if difference > 0 else "cut_short"


def _pace_difference(speeds: set[float | None], done: Sequence[Segment]) -> float | None:
    """Return how many seconds a km slower than planned reps of one speed were."""
    speed, metres = next(iter(speeds)), covered_m(done)
    if len(speeds) > 1 or not speed or not metres:
        return None
    return 1000.0 * lasted_s(done) / metres - 1000.0 / speed


def _recovery_difference(
    plan: Sequence[PlannedRep], done: Sequence[Segment], following: Sequence[Segment]
) -> float | None:
    planned = plan[-1].recovery_s
    if not following or planned is None:
        return None
    return following[0].start_s - done[-1].end_s - planned


def _difference(done: float | None, planned: float | None) -> float | None:
    return None if done is None or planned is None else done - planned
