"""Signal -> Workout: which stretches were reps, what lay between them, and what it amounts to.

A net says for every moment how likely it lies in a rep; generators propose readings of the run; one
judge takes the likeliest; its stretches become sets.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.notation import TEXT_CHARS, format_workout
from intervaldetect.records import (
    CLAIMED,
    Activity,
    Pieces,
    Problem,
    Signal,
    Workout,
)
from intervaldetect.structure.explanations import evidence_against, evidence_for
from intervaldetect.structure.frames import find_frames
from intervaldetect.structure.grouping import describe_session
from intervaldetect.structure.judge import Verdict, Weights, decide, describe
from intervaldetect.structure.lap_fusion import Efforts, place_together, weigh_laps
from intervaldetect.structure.net import Layers, infer
from intervaldetect.structure.plan_prior import Plan, due_to_plan, evidence_of_plan, favour
from intervaldetect.structure.readings import propose
from intervaldetect.structure.shape import find_strides, part_strides, rises, too_little
from intervaldetect.structure.tiling import Ruler, Span, with_recoveries

__all__ = ["Laps", "Model", "Plan", "in_speeds", "plain_workout", "structure_workout"]

TEMPO_S = 480.0
MIN_REP_S, MAX_REP_S = 5.0, 86400.0
MIN_REP_M, MAX_REP_M = 25.0, 299990.0
"""What is shorter or longer is not written down as a rep."""
MAX_PLACED = 500
"""More reps stay where the speed has them: nobody counts so many, and the chain is long."""
DOUBTFUL_LOG_ODDS = 2.0
"""Nearer to even odds of planned work, the athlete's thresholds may decide otherwise; what they add
at most (``label/claims.json``) overturns nothing beyond."""

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
    ruler = Ruler(signal)
    frames = find_frames(signal, "power" if pieces.channel == "power" else "speed")
    posterior = infer(frames, model.nets)
    described = describe(signal, posterior, propose(signal, posterior))
    bonus = favour(described.readings, plan, ruler.distance_m)
    found = _from_streams(decide(described, model.judge, bonus))
    if laps == "auto":
        found = weigh_laps(found, activity, ruler)
    found = replace(found, reps=_of_a_size(found.reps, ruler))
    likely = found.named or found.probability >= CLAIMED
    quick: Sequence[Span] = ()
    if not found.named:
        quick, reps = part_strides(found.reps)
        found = replace(found, reps=() if too_little(reps) else tuple(reps))
    doubtful = bool(found.reps) and not found.named and abs(found.log_odds) < DOUBTFUL_LOG_ODDS
    claimed = bool(found.reps) and likely
    planned = _planned(ruler, pieces, found, quick, plan) if claimed or doubtful else None
    if claimed and not doubtful and planned is not None:
        return planned
    plain = _nothing_claimed(ruler, pieces, found, quick if likely else (), plan)
    if planned is None:
        return plain
    return replace(planned, other=plain) if claimed else replace(plain, other=planned)


def _planned(
    ruler: Ruler, pieces: Pieces, found: Efforts, quick: Sequence[Span], plan: Plan
) -> Workout:
    """Describe a run as the workout that its reps make."""
    reps = _placed(found, ruler)
    strides = find_strides(ruler.signal, pieces, reps, quick)
    efforts = ruler.efforts([(rep.start_s, rep.end_s) for rep in reps])
    groups, sets = describe_session(ruler, efforts)
    tempo = len(efforts) <= 2 and all(e.seconds >= TEMPO_S for e in efforts)
    return Workout(
        segments=ruler.segments([*with_recoveries(reps, groups), *strides]),
        sets=sets,
        text=format_workout(sets, at_most=TEXT_CHARS),
        shape="tempo" if tempo else "intervals",
        structured_probability=found.probability,
        laps_used=found.used,
        evidence=(
            *evidence_for(found, len(efforts)),
            *found.evidence,
            *evidence_of_plan(reps, plan, ruler.distance_m),
        ),
        problems=_problems(pieces),
        log_odds=found.log_odds,
    )


def in_speeds(workout: Workout) -> Workout:
    """Write the text of a ride with speeds, as riders do, both ways it may be read."""
    text = format_workout(workout.sets, at_most=TEXT_CHARS, as_speed=True) if workout.text else None
    other = None if workout.other is None else in_speeds(workout.other)
    return replace(workout, text=text, other=other)


def plain_workout(signal: Signal, reason: str) -> Workout:
    """Measure an activity in which no reps can be sought, and say why."""
    return Workout(Ruler(signal).segments(()), evidence=(reason,))


def _from_streams(verdict: Verdict) -> Efforts:
    reading = verdict.reading
    if reading is None:
        return Efforts((), verdict.log_odds)
    owed = due_to_plan(reading, verdict.unaided)
    reps = tuple(
        Span(
            "rep", start, end, confidence=confidence, source="plan" if due else "stream",
            start_error_s=start_error, end_error_s=end_error,
        )
        for due, start, end, start_error, end_error, confidence in zip(
            owed, reading.start_s.tolist(), reading.end_s.tolist(), verdict.start_error_s.tolist(),
            verdict.end_error_s.tolist(), verdict.confidence.tolist(), strict=True,
        )
    )  # fmt: skip
    return Efforts(reps, verdict.log_odds)


def _nothing_claimed(
    ruler: Ruler, pieces: Pieces, found: Efforts, quick: Sequence[Span], plan: Plan
) -> Workout:
    """Describe a run without planned work."""
    strides = find_strides(ruler.signal, pieces, (), quick)
    rising = rises(pieces)
    return Workout(
        segments=ruler.segments(strides),
        shape="strides" if strides else "progression" if rising else "steady",
        structured_probability=min(found.probability, CLAIMED),
        evidence=(
            *evidence_against(found, len(strides), rising=rising),
            *found.evidence,
            *evidence_of_plan((), plan, ruler.distance_m),
        ),
        problems=_problems(pieces),
        log_odds=found.log_odds,
    )


def _of_a_size(reps: Sequence[Span], ruler: Ruler) -> tuple[Span, ...]:
    """Leave out what is too short or too long to be written down as a rep."""
    return tuple(
        rep
        for rep in reps
        if MIN_REP_S <= rep.end_s - rep.start_s <= MAX_REP_S
        and MIN_REP_M <= (ruler.distance_m(rep.start_s, rep.end_s) or MIN_REP_M) <= MAX_REP_M
    )


def _placed(found: Efforts, ruler: Ruler) -> tuple[Span, ...]:
    """Place reps together where no press says when they were and each stays one."""
    if found.used != "none" or len(found.reps) > MAX_PLACED:
        return found.reps
    placed = tuple(place_together(ruler.signal, found.reps))
    return placed if len(_of_a_size(placed, ruler)) == len(placed) else found.reps


def _problems(pieces: Pieces) -> tuple[Problem, ...]:
    if not pieces.bounded:
        return ()
    return (Problem("search_bounded", "the change-point search reached its limit"),)
