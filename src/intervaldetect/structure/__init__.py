"""Pieces -> Workout: which stretches were reps, what lay between them, and what it amounts to."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from typing import Literal

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.notation import format_workout
from intervaldetect.records import Activity, Pieces, Problem, Signal, Workout, WorkoutSet
from intervaldetect.structure.alternation import TURN_LOG_ODDS, take_turns
from intervaldetect.structure.block import find_block
from intervaldetect.structure.candidates import Candidates, find_candidates
from intervaldetect.structure.choice import (
    STRIDE_S,
    Choice,
    Weights,
    choose,
    shipped_weights,
    with_block,
)
from intervaldetect.structure.closer import shows_more, worth_it
from intervaldetect.structure.continuous import plain_shape
from intervaldetect.structure.ground import due_to_ground
from intervaldetect.structure.hills import sharpen
from intervaldetect.structure.hint import Plan, due_to_plan, follow_plan, plan_sentence
from intervaldetect.structure.laps import Snapped
from intervaldetect.structure.reading import (
    Reading,
    place_together,
    read_streams,
    weigh_laps,
)
from intervaldetect.structure.sets import Effort, describe_set, group_efforts, recovery_style
from intervaldetect.structure.tiling import Ruler, Span, fill, long_pauses

__all__ = ["Laps", "Plan", "Weights", "plain_workout", "structure_workout"]

RAMP_S = 6.0
MANY_SHORT = 6
SPRINT_REST_S = 120.0
TEMPO_S = 480.0
FROM_STREAMS = frozenset({"stream", "plan"})
CLAIM_LOG_ODDS = 0.4
"""Planned work is claimed from a probability of 0.6 on: a workout never run does more harm."""
PERHAPS_LOG_ODDS = 0.85
SURE_LOG_ODDS = 2.0
NOT_CLAIMED = 0.45
"""Highest probability given where strides, a progression or one even run explain the efforts."""

Laps = Literal["ignore", "auto"]
Plain = Literal["steady", "progression", "ground", "little"]
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

    Returns
    -------
    Workout
        Segments tile ``[0, elapsed_s)``; no sets and no text where no planned efforts are claimed.
    """
    if laps not in ("ignore", "auto"):
        raise ParameterError("laps", laps, "ignore or auto")
    weights = weights or shipped_weights()
    pieces, candidates, choice = _look(signal, pieces, hills, closer, weights)
    if choice.session_log_odds <= CLAIM_LOG_ODDS:
        block = find_block(signal, pieces, candidates)
        if block is not None:
            choice = with_block(candidates, weights, choice, block)
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
    plain: Plain | None = None
    if reps and not reading.named:
        plain = plain_shape(pieces, candidates, choice.chosen)
        if pieces.channel == "speed" and due_to_ground(signal, pieces, candidates, choice.chosen):
            plain = "ground"
        if len(reps) <= FEW_REPS and sum(s.end_s - s.start_s for s in reps) < LITTLE_WORK_S:
            plain = "little"
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
                *_evidence_against(reading, len(candidates), plain, len(strides)),
                *reading.evidence,
                *_evidence_of_plan(ruler, (), plan),
            ),
            problems=_problems(pieces),
        )
    if reading.used == "none":
        reps = place_together(signal, reps)
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
            *_evidence_for(reading, efforts),
            *reading.evidence,
            *_evidence_of_plan(ruler, reps, plan),
        ),
        problems=_problems(pieces),
    )


def _look(
    signal: Signal,
    pieces: Pieces,
    hills: Pieces | None,
    closer: Callable[[], Pieces] | None,
    weights: Weights,
) -> tuple[Pieces, Candidates, Choice]:
    """Choose among the pieces, or among others of the same activity that show more."""
    candidates = find_candidates(signal, pieces)
    choice = choose(candidates, weights)
    if hills is not None:
        climbs = find_candidates(signal, hills)
        again, climbs = choose(climbs, weights), sharpen(climbs, candidates)
        unsure = choice.session_log_odds < SURE_LOG_ODDS
        if unsure or shows_more(candidates, choice, climbs, again):
            return hills, climbs, again
    claimed = choice.session_log_odds > CLAIM_LOG_ODDS
    turns = take_turns(pieces, candidates, choice.chosen) if claimed else None
    if turns is not None and turns.faster.size > choice.chosen.size:
        level = find_candidates(signal, turns.pieces)
        named = (level.last - level.first == 1) & np.isin(level.first, turns.faster)
        again = choose(level, weights, favour=np.where(named, TURN_LOG_ODDS, 0.0))
        sure = max(choice.session_log_odds, again.session_log_odds)
        return turns.pieces, level, replace(again, session_log_odds=sure)
    if closer is not None and worth_it(candidates, choice):
        fine = closer()
        level = find_candidates(signal, fine)
        again = choose(level, weights)
        if shows_more(candidates, choice, level, again):
            return fine, level, again
    return pieces, candidates, choice


def plain_workout(signal: Signal, reason: str) -> Workout:
    """Measure an activity in which no reps can be sought, and say why."""
    spans = fill((), long_pauses(signal), float(signal.time_s[-1]))
    ruler = Ruler(signal)
    return Workout(ruler.segments(spans), evidence=(reason,))


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
    micro, sprints = rest <= 1.25 * median(efforts), rest >= SPRINT_REST_S
    return ([], short) if micro or sprints else (short, [])


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
            for stride in strides:
                if rep.end_s <= stride.start_s and stride.end_s <= reps[k + 1].start_s:
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


def _evidence_for(reading: Reading, efforts: Sequence[Effort]) -> tuple[str, ...]:
    many = f"{len(efforts)} efforts stand out from what surrounds them"
    sentence = (
        f"{'One effort stands out from what surrounds it' if len(efforts) == 1 else many}; "
        f"planned work with probability {reading.probability:.2f}."
    )
    if reading.log_odds < PERHAPS_LOG_ODDS:
        return (sentence, "Perhaps only: the efforts differ little from the rest of the run.")
    return (sentence,)


def _evidence_of_plan(ruler: Ruler, reps: Sequence[Snapped], plan: Plan) -> tuple[str, ...]:
    if not plan:
        return ()
    spans = [(rep.start_s, rep.end_s) for rep in reps]
    helped = sum(rep.source == "plan" for rep in reps)
    return (plan_sentence(spans, helped, plan, ruler.distance_m),)


def _evidence_against(
    reading: Reading, candidates: int, plain: Plain | None, strides: int
) -> tuple[str, ...]:
    found = len(reading.efforts)
    if found and strides == found:
        return (f"{strides} efforts of at most {STRIDE_S:.0f} s with long recoveries: strides.",)
    if plain == "progression":
        return ("The speed rises through the run: a progression, not an effort with an edge.",)
    if plain == "ground":
        return (f"{found} faster stretches follow the ground: on the level they were no harder.",)
    if plain == "little":
        many = (
            f"{found - strides} faster stretches" if found - strides > 1 else "One faster stretch"
        )
        return (f"{many} of less than two minutes in all: too little for a session.",)
    if plain == "steady":
        if found > 1:
            return ("A few faster stretches, with long and hardly slower running between them.",)
        return ("One even effort fills the activity: nothing beside it to be a recovery.",)
    if not found:
        stretches = "stretches" if candidates != 1 else "stretch"
        return (f"None of {candidates} faster {stretches} looks like a rep.",)
    return (
        f"{found} faster stretches, but planned work has a probability of only "
        f"{reading.probability:.2f}.",
    )


def _problems(pieces: Pieces) -> tuple[Problem, ...]:
    if not pieces.bounded:
        return ()
    return (Problem("search_bounded", "the change-point search met its bound"),)
