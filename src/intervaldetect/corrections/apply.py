"""Corrections put in place: reps measured and described anew, labels set by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from intervaldetect.corrections.parse import REFUSED, Corrections
from intervaldetect.errors import ReadError
from intervaldetect.notation import TEXT_CHARS, format_workout
from intervaldetect.records import (
    Activity,
    Problem,
    Said,
    Segment,
    SessionEvidence,
    SessionLabel,
    Signal,
    Workout,
    WorkoutSet,
)
from intervaldetect.structure.grouping import describe_session
from intervaldetect.structure.sets import Effort
from intervaldetect.structure.tiling import Ruler, Span, with_recoveries

SAME_EDGE_S = 0.06
"""Edges are written in tenths of a second; nearer than this they are the detector's own."""


def apply_corrections(
    activity: Activity, signal: Signal, workout: Workout, corrections: Corrections
) -> Workout:
    """Put the corrected reps in place of the detected ones.

    Parameters
    ----------
    activity : Activity
    signal : Signal
        Measures the corrected reps.
    workout : Workout
        As detected. Reps whose edges are not changed keep their source.
    corrections : Corrections

    Returns
    -------
    Workout
        Changed reps have ``source="override"``; sets and text are made anew. If the corrections do
        not fit the activity they are left out as a whole, and a `Problem` says why.
    """
    try:
        return _applied(activity, signal, workout, corrections)
    except ReadError as error:
        problem = Problem(REFUSED, str(error))
        return replace(workout, problems=(*workout.problems, problem))


def _applied(
    activity: Activity, signal: Signal, workout: Workout, corrections: Corrections
) -> Workout:
    if corrections.sha256 not in {None, activity.sha256}:
        raise _misfit(corrections, "sha256 is of another recording", "sha256")
    if corrections.part != activity.part:
        return workout
    found = [(s.start_s, s.end_s) for s in workout.segments if s.role == "rep"]
    edges = _corrected_edges(corrections, float(signal.time_s[-1]), found)
    for number in (*corrections.speeds_mps, *corrections.distances_m, *corrections.lactate_mmol):
        if number > len(edges):
            raise _misfit(corrections, f"there is no rep {number} of {len(edges)}", f"rep {number}")
    sized = corrections.speeds_mps or corrections.distances_m
    moved = len(edges) != len(found) or any(_same(workout, *edge) is None for edge in edges)
    return _rebuilt(signal, workout, corrections, edges) if sized or moved else workout


def _misfit(corrections: Corrections, reason: str, key: str) -> ReadError:
    return ReadError(corrections.path, "override", reason, line=corrections.lines.get(key))


def _corrected_edges(
    corrections: Corrections, whole_s: float, found: list[tuple[float, float]]
) -> list[tuple[float, float]]:
    """Return the start and end of each rep as listed, or as found where none are listed."""
    if corrections.reps is None:
        return found
    for _, end_s, line in corrections.reps:
        if end_s > whole_s + 1.0:
            reason = f"a rep ends at {end_s:.1f} s, the recording at {whole_s:.1f} s"
            raise ReadError(corrections.path, "override", reason, line=line)
    return [(start, min(end, whole_s)) for start, end, _ in corrections.reps]


def _rebuilt(
    signal: Signal, workout: Workout, corrections: Corrections, edges: Sequence[tuple[float, float]]
) -> Workout:
    ruler = Ruler(signal)
    efforts = [
        _with_given_size(effort, corrections, number)
        for number, effort in enumerate(ruler.efforts(edges), 1)
    ]
    groups, sets = describe_session(ruler, efforts)
    measured = ruler.segments(_spans(workout, efforts, groups, edges))
    segments = [
        segment if _as_before(workout, segment) else replace(segment, source="override")
        for segment in _with_given_sizes(measured, corrections, efforts)
    ]
    before = sum(segment.role == "rep" for segment in workout.segments)
    changed = sum(segment.source == "override" for segment in segments if segment.role == "rep")
    reps_given = corrections.reps is not None
    return replace(
        workout,
        segments=tuple(segments),
        sets=sets,
        text=format_workout(sets, at_most=TEXT_CHARS) if sets else None,
        shape=_shape(workout, sets),
        structured_probability=float(bool(sets)) if reps_given else workout.structured_probability,
        evidence=(
            *workout.evidence,
            f"Corrected by hand: {len(efforts)} reps in place of {before}, {changed} of them new.",
        ),
    )


def _shape(workout: Workout, sets: Sequence[WorkoutSet]) -> str:
    if not sets:
        return "steady"
    return workout.shape if workout.sets else "intervals"


def _spans(
    workout: Workout,
    efforts: Sequence[Effort],
    groups: Sequence[Sequence[int]],
    edges: Sequence[tuple[float, float]],
) -> list[Span]:
    """Return reps, the recoveries between them and the strides around them."""
    reps = with_recoveries([_rep_span(workout, effort) for effort in efforts], groups)
    around = [s for s in workout.segments if s.role == "stride" and _free(s, edges)]
    strides = [Span("stride", s.start_s, s.end_s, source=s.source) for s in around]
    return [*reps, *strides]


def _rep_span(workout: Workout, effort: Effort) -> Span:
    """Return the span of a rep; one whose edges are as detected keeps its source and errors."""
    own = _same(workout, effort.start_s, effort.end_s)
    span = Span("rep", effort.start_s, effort.end_s, confidence=1.0, source="override")
    if own is None:
        return span
    return replace(
        span,
        confidence=own.confidence,
        source=own.source,
        start_error_s=own.start_error_s,
        end_error_s=own.end_error_s,
    )


def _with_given_sizes(
    segments: Iterable[Segment], corrections: Corrections, efforts: Sequence[Effort]
) -> Iterator[Segment]:
    """Put the pace or the distance that was given in place of what was measured."""
    numbers = {effort.start_s: number for number, effort in enumerate(efforts, 1)}
    for segment in segments:
        number = numbers.get(segment.start_s, 0) if segment.role == "rep" else 0
        if number in corrections.speeds_mps or number in corrections.distances_m:
            effort = efforts[number - 1]
            segment = replace(
                segment,
                distance_m=effort.distance_m,
                mean_speed_mps=effort.speed_mps,
                grade_adjusted_speed_mps=None,
                source="override",
            )
        yield segment


def _with_given_size(effort: Effort, corrections: Corrections, number: int) -> Effort:
    distance = corrections.distances_m.get(number, effort.distance_m)
    if number in corrections.speeds_mps:
        distance = corrections.speeds_mps[number] * effort.moving_s
    return replace(effort, distance_m=distance)


def _as_before(workout: Workout, segment: Segment) -> bool:
    """Tell whether a segment has the role and the edges that a detected one has."""
    return any(
        each.role == segment.role
        and abs(each.start_s - segment.start_s) <= SAME_EDGE_S
        and abs(each.end_s - segment.end_s) <= SAME_EDGE_S
        for each in workout.segments
    ) and (segment.source != "override")


def _same(workout: Workout, start_s: float, end_s: float) -> Segment | None:
    """Return the detected rep with these edges."""
    for segment in workout.segments:
        near = abs(segment.start_s - start_s) <= SAME_EDGE_S
        if segment.role == "rep" and near and abs(segment.end_s - end_s) <= SAME_EDGE_S:
            return segment
    return None


def _free(stride: Segment, edges: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a stride lies before or after all reps, or there are none."""
    return not edges or stride.end_s <= edges[0][0] or stride.start_s >= edges[-1][1]


def with_remarks(
    evidence: SessionEvidence, corrections: Corrections, activity: Activity, workout: Workout
) -> SessionEvidence:
    """Note the label given by hand, and what else was said of a session, one sentence each.

    Nothing where `apply_corrections` has refused them (a problem of ``workout``).
    """
    if not _is_of(corrections, activity, workout):
        return evidence
    remarks = [f"Lactate after rep {n}: {v:g} mmol/l." for n, v in corrections.lactate_mmol.items()]
    if corrections.rpe is not None:
        remarks.append(f"Perceived exertion {corrections.rpe:g} of 10.")
    if corrections.feeling is not None:
        remarks.append(f"Feeling {corrections.feeling} of 10.")
    if corrections.note:
        remarks.append(f"Note: {' '.join(corrections.note.split())}")
    return replace(
        evidence,
        label_by_hand=corrections.label,
        kind_by_hand=corrections.kind,
        remarks_by_hand=tuple(remarks),
    )


def said_of(corrections: Corrections, activity: Activity, workout: Workout) -> Said:
    """Return what was said of a session beside its reps, nothing where it is refused."""
    if not _is_of(corrections, activity, workout):
        return Said()
    note = " ".join(corrections.note.split()) if corrections.note else None
    lactate = tuple(sorted(corrections.lactate_mmol.items()))
    return Said(corrections.rpe, corrections.feeling, note or None, lactate)


def _is_of(corrections: Corrections, activity: Activity, workout: Workout) -> bool:
    """Whether corrections are of this recording, and were not refused."""
    if any(problem.code == REFUSED for problem in workout.problems):
        return False
    ours = (corrections.sha256 or activity.sha256) == activity.sha256
    return corrections.part == activity.part and ours


def label_by_hand(label: SessionLabel, evidence: SessionEvidence) -> SessionLabel:
    """Put what a person said of a session on its label; as it was where nobody said anything."""
    given = evidence.label_by_hand
    kind = evidence.kind_by_hand
    sentences = [] if given is None else [f"Labelled {given} by hand."]
    if kind is not None:
        sentences.append(f"Kind set to {kind} by hand.")
    said = (*label.evidence, *sentences, *evidence.remarks_by_hand)
    return replace(label, label=given or label.label, kind=kind or label.kind, evidence=said)
