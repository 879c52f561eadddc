"""Signal -> Workout: which stretches were reps, what lay between them, and what it amounts to.

A net says for every moment how likely it lies in a rep; generators propose readings of the run; one
judge takes the likeliest; its stretches become sets.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.notation import TEXT_CHARS, format_workout
from intervaldetect.records import (
    CLAIMED,
    Activity,
    Pieces,
    Problem,
    Segment,
    Signal,
    Workout,
    WorkoutSet,
)
from intervaldetect.structure.explanations import evidence_against, evidence_for, evidence_of_plan
from intervaldetect.structure.frames import Effort as FrameEffort
from intervaldetect.structure.frames import find_frames
from intervaldetect.structure.grouping import group_efforts
from intervaldetect.structure.judge import Verdict, Weights, decide, describe
from intervaldetect.structure.lap_fusion import Efforts, place_together, weigh_laps
from intervaldetect.structure.laps import Snapped
from intervaldetect.structure.net import Layers, infer
from intervaldetect.structure.plan_prior import Plan, due_to_plan, favour
from intervaldetect.structure.readings import propose
from intervaldetect.structure.sets import Effort, describe_set, recovery_style
from intervaldetect.structure.shape import find_strides, part_strides, rises, too_little
from intervaldetect.structure.tiling import Ruler, Span, easy_speed, fill, long_pauses

__all__ = ["Laps", "Model", "Plan", "plain_workout", "structure_workout"]

RAMP_S = 6.0
TEMPO_S = 480.0
MIN_REP_S, MAX_REP_S = 5.0, 86400.0
MIN_REP_M, MAX_REP_M = 25.0, 299990.0
"""What is shorter or longer is not written down as a rep."""
MAX_PLACED = 500
"""More reps stay where the speed has them: nobody counts so many, and the chain is long."""
DOUBTFUL_LOG_ODDS = 5.0
"""Nearer to even odds of planned work, the athlete's thresholds may decide otherwise."""

Laps = Literal["ignore", "auto"]


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """What was learned: the nets and the judge's weights; None takes those that are shipped."""

    nets: tuple[Layers, ...] | None = None
    judge: Weights | None = None


def structure_workout(
    activity: Activity,
    signal: Signal,
    pieces: Pieces,
    *,
    laps: Laps = "auto",
    model: Model | None = None,
    plan: Plan = (),
) -> Workout:
    """Find the reps and say what workout they make.

    Parameters
    ----------
    activity : Activity
        Gives laps and workout steps; its samples are not looked at again.
    signal, pieces
        The activity cleaned and cut.
    laps : {"auto", "ignore"}
        Whether the file's own manual laps and steps may sharpen what the streams show.
    model : Model, optional
        The shipped one by default.
    plan : sequence of PlannedEffort
        A hint, see `intervaldetect.structure.plan_prior`.

    Returns
    -------
    Workout
        Segments tile ``[0, elapsed_s)``; no sets and no text where no planned efforts are claimed.
    """
    if laps not in ("ignore", "auto"):
        raise ParameterError("laps", laps, "ignore or auto")
    model = model or Model()
    whole_s = float(signal.time_s[-1])
    ruler = Ruler(signal)
    channel: FrameEffort = "power" if pieces.channel == "power" else "speed"
    posterior = infer(find_frames(signal, channel), model.nets)
    described = describe(signal, posterior, propose(signal, posterior))
    bonus = favour(described.readings, plan, ruler.distance_m)
    verdict = decide(described, model.judge, bonus)
    found = _from_streams(verdict)
    if laps == "auto":
        found = weigh_laps(found, activity, ruler, whole_s)
    found = replace(found, reps=_of_a_size(found.reps, ruler))
    likely = found.named or found.probability >= CLAIMED
    quick: Sequence[Snapped] = ()
    if not found.named:
        quick, taken = part_strides(found.reps)
        found = replace(found, reps=() if too_little(taken) else tuple(taken))
    doubtful = bool(found.reps) and not found.named and abs(found.log_odds) < DOUBTFUL_LOG_ODDS
    claimed = bool(found.reps) and likely
    run = _Run(signal, pieces, ruler, plan)
    planned = _planned(run, found, quick) if claimed or doubtful else None
    if claimed and not doubtful and planned is not None:
        return planned
    plain = _nothing_claimed(run, found, quick if likely else ())
    if planned is None:
        return plain
    return replace(planned, other=plain) if claimed else replace(plain, other=planned)


@dataclass(frozen=True, slots=True, eq=False)
class _Run:
    """What both ways to read a run need of it."""

    signal: Signal
    pieces: Pieces
    ruler: Ruler
    plan: Plan

    def segments(self, spans: Sequence[Span]) -> tuple[Segment, ...]:
        """Measure segments that tile the run."""
        whole_s = float(self.signal.time_s[-1])
        return self.ruler.segments(fill(spans, long_pauses(self.signal), whole_s))


def _planned(run: _Run, found: Efforts, quick: Sequence[Snapped]) -> Workout:
    """Describe a run as the workout that its reps make."""
    ruler = run.ruler
    reps = _placed(run.signal, found, ruler)
    strides = find_strides(run.signal, run.pieces, reps, quick)
    edges = [(s.start_s, s.end_s) for s in reps]
    efforts = _efforts(ruler, edges)
    groups = group_efforts(efforts)
    easy = easy_speed(ruler, edges, float(run.signal.time_s[-1]))
    sets = tuple(_describe(ruler, efforts, group, groups, easy) for group in groups)
    return Workout(
        segments=run.segments(_spans(reps, strides, groups)),
        sets=sets,
        text=format_workout(sets, at_most=TEXT_CHARS),
        shape=_shape(efforts),
        structured_probability=found.probability,
        laps_used=found.used,
        evidence=(
            *evidence_for(found, len(efforts)),
            *found.evidence,
            *evidence_of_plan(ruler, reps, run.plan),
        ),
        problems=_problems(run.pieces),
        log_odds=found.log_odds,
    )


def plain_workout(signal: Signal, reason: str) -> Workout:
    """Measure an activity in which no reps can be sought, and say why."""
    spans = fill((), long_pauses(signal), float(signal.time_s[-1]))
    ruler = Ruler(signal)
    return Workout(ruler.segments(spans), evidence=(reason,))


def _from_streams(verdict: Verdict) -> Efforts:
    reading = verdict.reading
    if reading is None:
        return Efforts((), verdict.log_odds)
    owed = due_to_plan(reading, verdict.unaided)
    reps = tuple(
        Snapped(start, end, start_error, end_error, "plan" if due else "stream", confidence)
        for due, start, end, start_error, end_error, confidence in zip(
            owed, reading.start_s.tolist(), reading.end_s.tolist(), verdict.start_error_s.tolist(),
            verdict.end_error_s.tolist(), verdict.confidence.tolist(), strict=True,
        )
    )  # fmt: skip
    return Efforts(reps, verdict.log_odds)


def _nothing_claimed(run: _Run, found: Efforts, quick: Sequence[Snapped]) -> Workout:
    """Describe a run without planned work."""
    strides = find_strides(run.signal, run.pieces, (), quick)
    rising = rises(run.pieces)
    return Workout(
        segments=run.segments([Span("stride", start, end) for start, end in strides]),
        shape="strides" if strides else "progression" if rising else "steady",
        structured_probability=min(found.probability, CLAIMED),
        evidence=(
            *evidence_against(found, len(strides), rising=rising),
            *found.evidence,
            *evidence_of_plan(run.ruler, (), run.plan),
        ),
        problems=_problems(run.pieces),
        log_odds=found.log_odds,
    )


def _of_a_size(reps: Sequence[Snapped], ruler: Ruler) -> tuple[Snapped, ...]:
    """Leave out what is too short or too long to be written down as a rep."""
    return tuple(
        rep
        for rep in reps
        if MIN_REP_S <= rep.end_s - rep.start_s <= MAX_REP_S
        and MIN_REP_M <= (ruler.distance_m(rep.start_s, rep.end_s) or MIN_REP_M) <= MAX_REP_M
    )


def _placed(signal: Signal, found: Efforts, ruler: Ruler) -> tuple[Snapped, ...]:
    """Place reps together where no press says when they were and each stays one."""
    if found.used != "none" or len(found.reps) > MAX_PLACED:
        return found.reps
    placed = tuple(place_together(signal, found.reps))
    return placed if len(_of_a_size(placed, ruler)) == len(placed) else found.reps


def _efforts(ruler: Ruler, spans: Sequence[tuple[float, float]]) -> list[Effort]:
    distances, seconds = ruler.lengths(spans)
    return [
        Effort(start_s, end_s, distance_m, moving_s)
        for (start_s, end_s), distance_m, moving_s in zip(spans, distances, seconds, strict=True)
    ]


def _describe(
    ruler: Ruler,
    efforts: Sequence[Effort],
    group: Sequence[int],
    groups: Sequence[Sequence[int]],
    easy_mps: float | None,
) -> WorkoutSet:
    members = [efforts[k] for k in group]
    between = [(a.end_s, b.start_s) for a, b in itertools.pairwise(members)]
    gaps = _efforts(ruler, between)
    speeds = [m.speed_mps for m in members if m.speed_mps is not None]
    usual = median(speeds) if speeds else None
    middles = _efforts(ruler, [_middle(*span) for span in between])
    styles = [recovery_style(gap, usual, easy_mps) for gap in middles]
    described = describe_set(members, gaps, styles)
    if group is groups[-1]:
        return described
    return replace(described, set_recovery_s=efforts[group[-1] + 1].start_s - members[-1].end_s)


def _middle(start_s: float, end_s: float) -> tuple[float, float]:
    """Leave out the slowing down and speeding up at both ends of a recovery."""
    ramp_s = min(RAMP_S, (end_s - start_s) / 3.0)
    return start_s + ramp_s, end_s - ramp_s


def _spans(
    reps: Sequence[Snapped],
    strides: Sequence[tuple[float, float]],
    groups: Sequence[Sequence[int]],
) -> list[Span]:
    """Reps, the recoveries between them and the strides around them, in time order."""
    spans: list[Span] = []
    place = {k: (n, r) for n, group in enumerate(groups, 1) for r, k in enumerate(group, 1)}
    for k, rep in enumerate(reps):
        number, rank = place[k]
        spans.append(
            Span(
                "rep", rep.start_s, rep.end_s, number, rank, rep.confidence, rep.source,
                rep.start_error_s, rep.end_error_s,
            )
        )  # fmt: skip
        if k + 1 < len(reps):
            spans.append(Span("recovery", rep.end_s, reps[k + 1].start_s, number, rank))
    # A stride between two reps lies in the recovery there.
    spans += [
        Span("stride", start, end)
        for start, end in strides
        if not reps or end <= reps[0].start_s or start >= reps[-1].end_s
    ]
    return sorted(spans, key=lambda span: span.start_s)


def _shape(efforts: Sequence[Effort]) -> str:
    if len(efforts) <= 2 and all(e.seconds >= TEMPO_S for e in efforts):
        return "tempo"
    return "intervals"


def _problems(pieces: Pieces) -> tuple[Problem, ...]:
    if not pieces.bounded:
        return ()
    return (Problem("search_bounded", "the change-point search met its bound"),)
