"""A plan held against what was done: which reps were run, missed, cut short, merged, added.

Planned and detected reps are aligned in order (a global alignment after Needleman & Wunsch 1970,
doi 10.1016/0022-2836(70)90057-4, with one-to-many matches). A match costs the log ratio
of sizes; between two matches the time that passed is compared with the recoveries planned, so that
of equal reps the one is missed where the long gap lies.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from intervaldetect.errors import ParameterError
from intervaldetect.records import Segment, Workout, WorkoutSet

Status = Literal["done", "cut_short", "long", "missed", "extra", "merged", "split"]
Executed = Literal["yes", "partly", "no"]

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
TOLERANCE, EDGES_S = 0.1, 6.0
"""A rep is as planned within this share of its size, or within what its two edges may be off."""
EXECUTED_SHARE, PARTLY_SHARE = 0.8, 0.4
MAX_HARMLESS_EXTRA = 2
"""So many efforts beyond the plan, say in the warm-up, never unmake it."""
JOG_MPS = 2.5
"""Speed assumed for what was run between merged reps where the plan gives none."""


@dataclass(frozen=True, slots=True)
class PlannedRep:
    """One rep of a plan and the recovery behind it; None is left open by the plan."""

    set: int
    rep: int
    distance_m: float | None = None
    duration_s: float | None = None
    speed_mps: float | None = None
    recovery_s: float | None = None
    recovery_distance_m: float | None = None

    @property
    def seconds(self) -> float | None:
        """How long it lasts, from its pace where it is a distance."""
        if self.duration_s is not None or not self.distance_m or not self.speed_mps:
            return self.duration_s
        return self.distance_m / self.speed_mps


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
        planned = sum(len(each.planned) for each in self.reps)
        met = float(sum(len(each.planned) for each in self.reps if each.done))
        joined = sum(len(each.planned) for each in self.reps if each.status in {"merged", "split"})
        extra = sum(each.status == "extra" for each in self.reps)
        if 2 * joined > met or extra > max(MAX_HARMLESS_EXTRA, planned):
            return "no"
        met -= 0.5 * sum(each.status == "cut_short" for each in self.reps)
        share = met / planned if planned else 0.0
        if share >= EXECUTED_SHARE and extra <= max(MAX_HARMLESS_EXTRA, planned // 2):
            return "yes"
        return "partly" if share >= PARTLY_SHARE else "no"

    @cached_property
    def verdict(self) -> str:
        """One or two sentences: how much of the plan was run, and what differs."""
        planned = sum(len(each.planned) for each in self.reps)
        met = sum(len(each.planned) for each in self.reps if each.done)
        if not any(each.done for each in self.reps):
            return "The plan was not carried out: no reps were found."
        heads = {"yes": "As planned", "partly": "Partly as planned", "no": "Not this plan"}
        head = heads[self.executed]
        named = [text for status in _WORDS for text in self._named(status)]
        if self.executed == "yes" and named:
            head = "As planned, but for what follows"
        parts = [f"{head}: {met} of {planned} reps.", *named]
        paces = [each.pace_s_per_km for each in self.reps if each.pace_s_per_km is not None]
        if paces and self.executed != "no":
            mean = sum(paces) / len(paces)
            way = "slower" if mean > 0 else "faster"
            near = abs(mean) < 0.5
            parts.append("On pace." if near else f"{abs(mean):.0f} s/km {way} than planned.")
        return " ".join(parts)

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


def planned_reps(sets: Sequence[WorkoutSet]) -> tuple[PlannedRep, ...]:
    """Spell out a workout rep by rep.

    Parameters
    ----------
    sets : sequence of WorkoutSet
        As ``parse_workout`` and ``parse_icu`` return them.

    Returns
    -------
    tuple of PlannedRep
        The last rep of a block has the recovery between blocks behind it, that of a set the
        recovery between sets; the last of all none.
    """
    out: list[PlannedRep] = []
    for number, each in enumerate(sets, 1):
        per_block = each.count // each.blocks if each.count % each.blocks == 0 else each.count
        for k in range(each.count):
            rest_s, rest_m = each.recovery_s, each.recovery_distance_m
            rest_s, rest_m = (None, rest_m) if each.recovery_basis == "distance" else (rest_s, None)
            if k + 1 == each.count:
                rest_s, rest_m = each.set_recovery_s, None
                if number == len(sets):
                    rest_s = None
            elif (k + 1) % per_block == 0 and each.block_recovery_s is not None:
                rest_s, rest_m = each.block_recovery_s, None
            metres, seconds = each.rep_distance_m, each.rep_duration_s
            if each.rep_distances_m is not None:
                metres = each.rep_distances_m[k]
            if each.rep_durations_s is not None:
                seconds = each.rep_durations_s[k]
            timed = each.rep_basis == "time"
            out.append(
                PlannedRep(
                    number,
                    k + 1,
                    None if timed else metres,
                    seconds if timed else None,
                    each.rep_speed_mps,
                    rest_s,
                    rest_m,
                )
            )
    return tuple(out)


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
    done = [segment for segment in workout.segments if segment.role == "rep"]
    if not done and max((rep.seconds or 60.0) for rep in plan) <= 30.0:
        done = [segment for segment in workout.segments if segment.role == "stride"]
    steps = _align(plan, done)
    checks: list[RepCheck] = []
    for number, (own, met) in enumerate(steps):
        following = next((m for _, m in steps[number + 1 :] if m), ())
        checks.append(_judged(own, met, following))
    return PlanCheck(tuple(checks))


_Step = tuple[tuple[PlannedRep, ...], tuple[Segment, ...]]


def _align(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> list[_Step]:
    """Return matched groups in order, one side empty for what is missed or extra."""
    n, m = len(plan), len(done)
    most = abs(n - m) + MAX_SKIPPED_REPS
    # cost and origin of the best alignment whose last match ends at planned i and done j
    best: dict[tuple[int, int], tuple[float, tuple[int, int], tuple[int, int]]] = {}
    for i in range(n):
        for j in range(m):
            for a, b in [(1, 1), *((k, 1) for k in range(2, MAX_JOINED_REPS + 1))] + [
                (1, k) for k in range(2, MAX_JOINED_REPS + 1)
            ]:
                if i + a > n or j + b > m:
                    continue
                own = _match_cost(plan[i : i + a], done[j : j + b])
                if own > 4 * GAP_COST:
                    continue
                cost, origin = GAP_COST * (i + j), (-1, -1)
                for p in range(max(0, i - 1 - most), i):
                    for q in range(max(0, j - 1 - most), j):
                        if (p, q) not in best:
                            continue
                        skipped = GAP_COST * (i - p - 1 + j - q - 1)
                        between = _time_cost(plan, p, i, done, q, j)
                        total = best[p, q][0] + skipped + between
                        if total < cost - 1e-9:
                            cost, origin = total, (p, q)
                here = (i + a - 1, j + b - 1)
                # Later starts come later, so an entry is only read once it is final: p < i, q < j.
                if here not in best or cost + own < best[here][0]:
                    best[here] = (cost + own, origin, (a, b))
    whole = GAP_COST * (n + m)
    last = (-1, -1)
    for (i, j), (cost, _, _) in best.items():
        total = cost + GAP_COST * (n - i - 1 + m - j - 1)
        if total < whole - 1e-9:
            whole, last = total, (i, j)
    return _traced(plan, done, best, last)


def _traced(
    plan: Sequence[PlannedRep],
    done: Sequence[Segment],
    best: Mapping[tuple[int, int], tuple[float, tuple[int, int], tuple[int, int]]],
    last: tuple[int, int],
) -> list[_Step]:
    matches: list[tuple[int, int, int, int]] = []
    while last != (-1, -1):
        _, origin, (a, b) = best[last]
        matches.append((last[0] + 1 - a, last[0] + 1, last[1] + 1 - b, last[1] + 1))
        last = origin
    out: list[_Step] = []
    i = j = 0
    for p, after_p, q, after_q in [*reversed(matches), (len(plan), 0, len(done), 0)]:
        out += [((each,), ()) for each in plan[i:p]]
        out += [((), (each,)) for each in done[j:q]]
        if p < len(plan):
            out.append((tuple(plan[p:after_p]), tuple(done[q:after_q])))
        i, j = after_p, after_q
    return out


def _match_cost(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> float:
    ratio = _ratio(plan, done)
    joined = JOIN_COST * (len(plan) + len(done) - 2)
    if joined and (ratio is None or abs(math.log(ratio)) > MAX_JOIN_ERROR_LOG):
        return math.inf
    if len(done) > 1 and done[-1].end_s - done[0].start_s > (1.0 + MAX_PART_GAP_SHARE) * _lasted(
        done
    ):
        return math.inf
    return joined + (abs(math.log(ratio)) / SIZE_SCALE if ratio else GAP_COST / 2)


def _ratio(plan: Sequence[PlannedRep], done: Sequence[Segment]) -> float | None:
    """Return the size done over the size planned; None where either is not known."""
    metres, seconds = _covered(done), _lasted(done)
    if all(rep.distance_m for rep in plan) and metres:
        between = [
            rep.recovery_distance_m or (rep.recovery_s or 0.0) * JOG_MPS for rep in plan[:-1]
        ]
        return metres / (sum(rep.distance_m or 0.0 for rep in plan) + sum(between))
    if all(rep.seconds for rep in plan) and seconds > 0.0:
        rests = [rep.recovery_s or (rep.recovery_distance_m or 0.0) / JOG_MPS for rep in plan[:-1]]
        return seconds / (sum(rep.seconds or 0.0 for rep in plan) + sum(rests))
    return None


def _covered(done: Sequence[Segment]) -> float | None:
    known = [each.distance_m for each in done if each.distance_m is not None]
    return sum(known) if len(known) == len(done) else None


def _lasted(done: Sequence[Segment]) -> float:
    return sum(each.end_s - each.start_s for each in done)


def _time_cost(
    plan: Sequence[PlannedRep], p: int, i: int, done: Sequence[Segment], q: int, j: int
) -> float:
    """Compare the time between two matches with what the plan has between them."""
    if j != q + 1:
        return 0.0
    planned = 0.0
    for k in range(p, i):
        rest = plan[k].recovery_s
        if rest is None and plan[k].recovery_distance_m is not None:
            rest = (plan[k].recovery_distance_m or 0.0) / JOG_MPS
        if rest is None:
            return MAX_TIME_COST / 2 if i - p > 1 else 0.0
        planned += rest + ((plan[k].seconds or 0.0) if k > p else 0.0)
    gap = max(done[j].start_s - done[q].end_s, 1.0)
    return min(abs(math.log(gap / max(planned, 1.0))) / TIME_SCALE, MAX_TIME_COST)


def _judged(
    plan: tuple[PlannedRep, ...], done: tuple[Segment, ...], following: tuple[Segment, ...]
) -> RepCheck:
    if not done:
        return RepCheck("missed", plan)
    if not plan:
        return RepCheck("extra", (), done)
    metres, seconds = _covered(done), _lasted(done)
    planned_m = _sum([rep.distance_m for rep in plan])
    planned_s = _sum([rep.seconds for rep in plan])
    status: Status = "done"
    if len(plan) > 1:
        status = "merged"
    elif len(done) > 1:
        status = "split"
    elif planned_m is not None and metres is not None:
        room = max(TOLERANCE * planned_m, EDGES_S * metres / max(seconds, 1.0))
        status = _by_size(metres - planned_m, room)
    elif planned_s is not None:
        status = _by_size(seconds - planned_s, max(TOLERANCE * planned_s, EDGES_S))
    speed = plan[0].speed_mps
    pace = None
    if speed and metres and len({rep.speed_mps for rep in plan}) == 1 and status != "merged":
        pace = 1000.0 * seconds / metres - 1000.0 / speed
    rest = None
    if following and plan[-1].recovery_s is not None:
        rest = following[0].start_s - done[-1].end_s - plan[-1].recovery_s
    return RepCheck(
        status,
        plan,
        done,
        None if planned_m is None or metres is None else metres - planned_m,
        None if planned_s is None else seconds - planned_s,
        pace,
        rest,
    )


def _by_size(difference: float, room: float) -> Status:
    if abs(difference) <= room:
        return "done"
    return "long" if difference > 0 else "cut_short"


def _sum(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
