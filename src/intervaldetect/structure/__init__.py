"""Pieces -> Workout: which stretches were reps, what lay between them, and what it amounts to."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.notation import format_workout
from intervaldetect.records import Activity, Pieces, Problem, Signal, Workout, WorkoutSet
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.choice import STRIDE_S, Choice, Weights, shipped_weights
from intervaldetect.structure.continuous import plain_shape
from intervaldetect.structure.ground import due_to_ground
from intervaldetect.structure.hard import hard_speed
from intervaldetect.structure.hint import Plan, due_to_plan, follow_plan
from intervaldetect.structure.laps import Snapped
from intervaldetect.structure.reading import (
    Reading,
    place_together,
    read_streams,
    weigh_laps,
)
from intervaldetect.structure.sets import Effort, describe_set, group_efforts, recovery_style
from intervaldetect.structure.tiling import Ruler, Span, fill, long_pauses
from intervaldetect.structure.view import CLAIM_LOG_ODDS, choose_view
from intervaldetect.structure.wording import (
    Plain,
    evidence_against,
    evidence_for,
    evidence_of_plan,
)

__all__ = ["Laps", "Plan", "Weights", "hard_speed", "plain_workout", "structure_workout"]

RAMP_S = 6.0
MANY_SHORT = 6
MICRO_REST, SPRINT_REST_S = 1.5, 120.0
TEMPO_S = 480.0
FROM_STREAMS = frozenset({"stream", "plan"})
NOT_CLAIMED = 0.45
"""Highest probability given where strides, a progression or one even run explain the efforts."""

Laps = Literal["ignore", "auto"]
MIN_REP_S, MAX_REP_S = 5.0, 86400.0
MIN_REP_M = 25.0
FEW_REPS, LITTLE_WORK_S = 2, 120.0
"""One or two efforts of so little work in all are no session, whatever they look like."""


def structure_workout(
    activity: Activity,
    signal: Signal,
    pieces: Pieces,
    *,
    hills: Pieces | None = None,
    closer: Callable[[], Pieces] | None = None,
    laps: Laps = "auto",
    weights: Weights | None = None,
    plan: Plan = (),
    hard_mps: float | None = None,
) -> Workout:
    """Find the reps and say what workout they make.

    Parameters
    ----------
    activity : Activity
        Gives laps and workout steps; its samples are not looked at again.
    signal, pieces
        The activity cleaned and cut.
    hills : Pieces, optional
        On hilly ground, the activity cut in grade-adjusted speed: decides where the plain speed
        is not sure of its efforts.
    closer : callable, optional
        Gives the activity cut at a lower price per change; asked where a set may have more reps.
    laps : {"auto", "ignore"}
        Whether the file's own manual laps and steps may sharpen what the streams show.
    weights : Weights, optional
        Coefficients of the choice; the shipped ones by default.
    plan : sequence of PlannedEffort
        A hint, see `intervaldetect.structure.hint`; efforts it brought in have ``source`` plan.
    hard_mps : float, optional
        Speed from which sustained running is hard, see `intervaldetect.structure.hard`; None in
        other sports.

    Returns
    -------
    Workout
        Segments tile ``[0, elapsed_s)``; no sets and no text where no planned efforts are claimed.
    """
    if laps not in ("ignore", "auto"):
        raise ParameterError("laps", laps, "ignore or auto")
    weights = (weights or shipped_weights()).of(signal)
    pieces, candidates, choice = choose_view(signal, pieces, hills, closer, weights, hard_mps)
    whole_s = float(signal.time_s[-1])
    ruler, pauses = Ruler(signal), long_pauses(signal)
    plain_choice = choice
    if plan:
        choice = follow_plan(candidates, weights, choice, plan, ruler.distance_m)
    due = due_to_plan(choice, plain_choice)
    reading = read_streams(signal, pieces, candidates, choice, due)
    if laps == "auto":
        reading = weigh_laps(reading, activity, ruler, whole_s)
    strides, reps = _part_strides(reading)
    reps = _of_a_size(reps, ruler)
    plain = None if reading.named else _explained(signal, pieces, candidates, choice, reps)
    if not reps or plain is not None or reading.log_odds <= CLAIM_LOG_ODDS:
        spans = [
            Span("stride", s.start_s, s.end_s, confidence=s.confidence, source=s.source)
            for s in strides
        ]
        return Workout(
            segments=ruler.segments(fill(spans, pauses, whole_s)),
            shape="strides" if strides else (plain if plain == "progression" else "steady"),
            structured_probability=min(reading.probability, NOT_CLAIMED),
            evidence=(
                *evidence_against(reading, len(candidates), plain, len(strides)),
                *reading.evidence,
                *evidence_of_plan(ruler, (), plan),
            ),
            problems=_problems(pieces),
        )
    if reading.used == "none":
        placed = place_together(signal, reps)
        reps = placed if len(_of_a_size(placed, ruler)) == len(placed) else reps
        strides = _beside(strides, reps)
    efforts = _efforts(ruler, [(s.start_s, s.end_s) for s in reps])
    groups = group_efforts(efforts)
    adjusted = pieces.channel == "adjusted_speed"
    sets = tuple(_describe(ruler, efforts, group, groups, adjusted) for group in groups)
    spans = _spans(reps, strides, groups)
    return Workout(
        segments=ruler.segments(fill(spans, pauses, whole_s)),
        sets=sets,
        text=format_workout(sets),
        shape=_shape(efforts),
        structured_probability=reading.probability,
        laps_used=reading.used,
        evidence=(
            *evidence_for(reading, len(efforts)),
            *reading.evidence,
            *evidence_of_plan(ruler, reps, plan),
        ),
        problems=_problems(pieces),
    )


def plain_workout(signal: Signal, reason: str) -> Workout:
    """Measure an activity in which no reps can be sought, and say why."""
    spans = fill((), long_pauses(signal), float(signal.time_s[-1]))
    ruler = Ruler(signal)
    return Workout(ruler.segments(spans), evidence=(reason,))


def _explained(
    signal: Signal,
    pieces: Pieces,
    candidates: Candidates,
    choice: Choice,
    reps: Sequence[Snapped],
) -> Plain | None:
    """Say what explains the efforts without a plan, None where nothing does."""
    if not reps:
        return None
    shape = plain_shape(pieces, candidates, choice.chosen)
    if choice.hard:
        return "progression" if shape == "progression" else None
    if len(reps) <= FEW_REPS and sum(s.end_s - s.start_s for s in reps) < LITTLE_WORK_S:
        return "little"
    if pieces.channel == "speed" and due_to_ground(signal, pieces, candidates, choice.chosen):
        return "ground"
    return shape


def _part_strides(reading: Reading) -> tuple[list[Snapped], list[Snapped]]:
    """Tell strides from reps: short efforts beside longer ones, or alone with middling recoveries.

    Many short efforts are reps with recoveries as short as they are (micro-intervals) or of two
    minutes and more (sprints; Haugen 2021 gives 0:30 to 15 min for zones 6 and 7).
    """
    found = reading.efforts
    if reading.named:
        return [s for s in found if s.source in FROM_STREAMS], [
            s for s in found if s.source not in FROM_STREAMS
        ]
    short = [s for s in found if s.end_s - s.start_s <= STRIDE_S]
    longer = [s for s in found if s.end_s - s.start_s > STRIDE_S]
    if longer and any(s.end_s - s.start_s > 2 * STRIDE_S for s in longer):
        return short, longer
    if longer or not short:
        return [], list(found)
    rests = [after.start_s - before.end_s for before, after in itertools.pairwise(short)]
    efforts = [s.end_s - s.start_s for s in short]
    if len(short) < MANY_SHORT:
        return short, []
    rest = median(rests)
    micro, sprints = rest <= MICRO_REST * median(efforts), rest >= SPRINT_REST_S
    return ([], short) if micro or sprints else (short, [])


def _of_a_size(reps: Sequence[Snapped], ruler: Ruler) -> list[Snapped]:
    """Leave out what is too short or too long to be written down as a rep."""
    return [
        rep
        for rep in reps
        if MIN_REP_S <= rep.end_s - rep.start_s <= MAX_REP_S
        and not (ruler.distance_m(rep.start_s, rep.end_s) or MIN_REP_M) < MIN_REP_M
    ]


def _beside(strides: Sequence[Snapped], reps: Sequence[Snapped]) -> list[Snapped]:
    """Cut strides off where a rep was moved over them."""
    starts, ends = [rep.start_s for rep in reps], [rep.end_s for rep in reps]
    cut: list[Snapped] = []
    for stride in strides:
        after = bisect_right(starts, 0.5 * (stride.start_s + stride.end_s))
        start_s = max(stride.start_s, ends[after - 1] if after else 0.0)
        end_s = min(stride.end_s, starts[after] if after < len(starts) else math.inf)
        if end_s > start_s:
            cut.append(replace(stride, start_s=start_s, end_s=end_s))
    return cut


def _efforts(
    ruler: Ruler, spans: Sequence[tuple[float, float]], *, adjusted: bool = False
) -> list[Effort]:
    distances, seconds = ruler.lengths(spans, adjusted=adjusted)
    return [
        Effort(start_s, end_s, distance_m, moving_s)
        for (start_s, end_s), distance_m, moving_s in zip(spans, distances, seconds, strict=True)
    ]


def _describe(
    ruler: Ruler,
    efforts: Sequence[Effort],
    group: Sequence[int],
    groups: Sequence[Sequence[int]],
    adjusted: bool,
) -> WorkoutSet:
    """Describe a set; downhill it is the effort that tells whether a recovery was a jog."""
    members = [efforts[k] for k in group]
    between = [(a.end_s, b.start_s) for a, b in itertools.pairwise(members)]
    gaps = _efforts(ruler, between)
    told = _efforts(ruler, [(m.start_s, m.end_s) for m in members], adjusted=adjusted)
    speeds = [m.speed_mps for m in told if m.speed_mps is not None]
    usual = median(speeds) if speeds else None
    middles = _efforts(ruler, [_middle(*span) for span in between], adjusted=adjusted)
    described = describe_set(members, gaps, [recovery_style(gap, usual) for gap in middles])
    if group is groups[-1]:
        return described
    return replace(described, set_recovery_s=efforts[group[-1] + 1].start_s - members[-1].end_s)


def _middle(start_s: float, end_s: float) -> tuple[float, float]:
    """Leave out the slowing down and speeding up at both ends of a recovery."""
    ramp_s = min(RAMP_S, (end_s - start_s) / 3.0)
    return start_s + ramp_s, end_s - ramp_s


def _spans(
    reps: Sequence[Snapped],
    strides: Sequence[Snapped],
    groups: Sequence[Sequence[int]],
) -> list[Span]:
    """Reps and the recoveries between them, with strides cut in, in time order."""
    spans: list[Span] = []
    begins = [stride.start_s for stride in strides]
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
            cursor = rep.end_s
            for stride in itertools.islice(strides, bisect_left(begins, cursor), None):
                if stride.end_s > reps[k + 1].start_s:
                    break
                if stride.start_s >= cursor:
                    spans.append(Span("recovery", cursor, stride.start_s, number, rank))
                    spans.append(Span("stride", stride.start_s, stride.end_s))
                    cursor = stride.end_s
            spans.append(Span("recovery", cursor, reps[k + 1].start_s, number, rank))
    outside = [s for s in strides if s.end_s <= reps[0].start_s or s.start_s >= reps[-1].end_s]
    spans += [Span("stride", s.start_s, s.end_s, source=s.source) for s in outside]
    return sorted(spans, key=lambda span: span.start_s)


def _shape(efforts: Sequence[Effort]) -> str:
    if len(efforts) <= 2 and all(e.seconds >= TEMPO_S for e in efforts):
        return "tempo"
    return "intervals"


def _problems(pieces: Pieces) -> tuple[Problem, ...]:
    if not pieces.bounded:
        return ()
    return (Problem("search_bounded", "the change-point search met its bound"),)
