"""Laps and workout steps as a watch would write them for a simulated run."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from intervaldetect.notation.quantity import KM_M, MILE_M
from intervaldetect.records import Floats, Lap, WorkoutStep
from intervaldetect.simulate.plan import Piece, Plan

Cut = tuple[float, str | None, int | None]
"""When a lap begins, its intensity and its step."""
_INTENSITY = {"warmup": "warmup", "rep": "active", "recovery": "rest", "cooldown": "cooldown"}


def laps_of(
    plan: Plan,
    pieces: list[Piece],
    edges: Floats,
    columns: dict[str, Floats],
    pauses: list[tuple[float, float]],
    random: np.random.Generator,
) -> tuple[Lap, ...]:
    """Cut the activity into laps; presses fall on whole seconds, within about one of the truth."""
    end = float(columns["time"][-1])
    cuts: list[Cut] = []
    if plan.laps in ("manual", "steps"):
        cuts = _effort_cuts(plan, pieces, edges, random)
    elif plan.laps in ("auto_km", "auto_mile"):
        cuts = _distance_cuts(columns, KM_M if plan.laps == "auto_km" else MILE_M)
    cuts = [(0.0, *_first(plan)), *[cut for cut in cuts if 1.0 < cut[0] < end - 1.0]]
    trigger = {"manual": "manual", "steps": "manual", "none": None}.get(plan.laps, "distance")
    laps: list[Lap] = []
    for index, (start, intensity, step) in enumerate(cuts):
        stop = cuts[index + 1][0] if index + 1 < len(cuts) else end
        standing = sum(max(0.0, min(stop, b) - max(start, a)) for a, b in pauses)
        metres = np.interp([start, stop], columns["time"], columns["distance"])
        laps.append(
            Lap(
                start,
                stop,
                distance_m=round(float(metres[1] - metres[0]), 2),
                timer_s=stop - start - standing,
                trigger=trigger if index + 1 < len(cuts) else "session_end",
                intensity=intensity,
                step=step,
            )
        )
    return tuple(laps)


def _distance_cuts(columns: dict[str, Floats], unit_m: float) -> list[Cut]:
    whole = int(columns["distance"][-1] // unit_m)
    marks = np.searchsorted(columns["distance"], unit_m * np.arange(1, whole + 1))
    return [(float(columns["time"][mark]), None, None) for mark in marks]


def _first(plan: Plan) -> tuple[str | None, int | None]:
    if plan.laps != "steps":
        return None, None
    return ("warmup", 0) if plan.warmup_s > 0 else ("active", 0)


def _effort_cuts(
    plan: Plan, pieces: list[Piece], edges: Floats, random: np.random.Generator
) -> list[Cut]:
    """Press at every start and end of a rep; steps also name what comes."""
    numbers = _step_numbers(plan)
    cuts: list[Cut] = []
    number_of_set = 1
    for index, (before, piece) in enumerate(pairwise(pieces), 1):
        if not _is_pressed(before.role, piece.role):
            continue
        at = float(np.round(edges[index] + 0.4 * random.normal()))
        if cuts and at <= cuts[-1][0]:
            continue
        number_of_set = piece.set or number_of_set
        if plan.laps == "steps":
            role = piece.role if piece.role in _INTENSITY else "recovery"
            step = numbers.get((number_of_set, role), numbers.get((0, role)))
            cuts.append((at, _INTENSITY[role], step))
        else:
            cuts.append((at, None, None))
    return cuts


def _is_pressed(before: str, role: str) -> bool:
    """Whether the lap button is pressed between two pieces."""
    return "rep" in (before, role) or (role == "cooldown" and before != "cooldown")


def _step_numbers(plan: Plan) -> dict[tuple[int, str], int]:
    """Step index of (set, role); set 0 holds warm-up and cool-down."""
    numbers: dict[tuple[int, str], int] = {}
    place = 0
    for step in steps_of(plan):
        if step.name in ("warmup", "cooldown"):
            numbers[0, step.name] = step.index
        elif step.name in ("rep", "recovery"):
            if step.name == "rep":
                place += 1
            numbers[place, step.name] = step.index
    return numbers


def steps_of(plan: Plan) -> tuple[WorkoutStep, ...]:
    """Write the plan as workout steps: rep, recovery and a repeat per set."""
    steps: list[WorkoutStep] = []
    if plan.warmup_s > 0:
        steps.append(_step(0, "warmup", "open", None, "warmup"))
    for each in plan.sets():
        first = len(steps)
        size = each.rep_distance_m if each.rep_basis == "distance" else each.rep_duration_s
        kind = each.rep_basis if size is not None else "open"
        steps.append(_step(first, "rep", kind, size, "active"))
        if each.count == 1:
            continue
        rest = each.recovery_distance_m if each.recovery_basis == "distance" else each.recovery_s
        steps.append(_step(first + 1, "recovery", each.recovery_basis or "open", rest, "rest"))
        steps.append(
            WorkoutStep(
                first + 2,
                duration_type="repeat_until_steps_cmplt",
                duration_value=float(first),
                target_value=float(each.count),
            )
        )
    if plan.cooldown_s > 0:
        steps.append(_step(len(steps), "cooldown", "open", None, "cooldown"))
    return tuple(steps)


def _step(index: int, name: str, kind: str, value: float | None, intensity: str) -> WorkoutStep:
    return WorkoutStep(
        index,
        name=name,
        duration_type=kind,
        duration_value=value,
        target_type="open",
        intensity=intensity,
    )
