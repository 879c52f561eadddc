"""A plan as a FIT workout file, which watches take; and the next session from one that was run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from intervaldetect.errors import ParameterError
from intervaldetect.plan.planned import PlannedRep
from intervaldetect.records import WorkoutSet
from intervaldetect.write.fit_bytes import Field, FitWriter, fit_seconds

MAX_PATTERN = 4
"""Reps that repeat together, such as 2000 m and 150 m, are looked for up to so many."""
PACE_RANGE = 0.02
"""A target of pace is this share of the speed to either side."""
CEILING_RANGE_BPM = 20
"""A target of heart rate reaches from so much below its ceiling up to it."""
MAX_STEPS, MAX_NAME = 1000, 40
_FILE_ID, _WORKOUT, _STEP = 0, 26, 27
_RUNNING, _WORKOUT_FILE, _DEVELOPMENT, _CAPABILITIES = 1, 5, 255, 0x20
_TIME, _DISTANCE, _OPEN, _REPEAT = 0, 1, 5, 6
_SPEED_TARGET, _HEART_RATE_TARGET, _NO_TARGET = 0, 1, 2
_ACTIVE, _REST, _WARMUP, _COOLDOWN = 0, 1, 2, 3
_BPM_OFFSET = 100


@dataclass(frozen=True, slots=True)
class _Step:
    """Duration kind and value, target kind, low and high, intensity, all as FIT numbers."""

    duration: int
    value: int | None
    target: int = _NO_TARGET
    low: int | None = None
    high: int | None = None
    intensity: int | None = _ACTIVE
    times: int | None = None


def encode_workout(
    reps: Sequence[PlannedRep],
    name: str,
    *,
    created: datetime,
    ceiling_bpm: float | None = None,
    around: bool = True,
) -> bytes:
    """Write a plan as a FIT workout file.

    Parameters
    ----------
    reps : sequence of PlannedRep
        As `planned_reps` gives them. A recovery of unknown length ends by the lap button.
    name : str
        Shown by the watch; cut to 40 characters.
    created : datetime
        Stands in the file; with the same one the same bytes come out.
    ceiling_bpm : float, optional
        Aim at a heart rate up to this in place of pace.
    around : bool
        Begin with a warm-up and end with a cool-down, both until the lap button.

    Returns
    -------
    bytes
        Equal reps in sequence are a repeat; behind the last rep of all the repeat has its recovery.
        `reps_of_steps` reads sizes, speeds (to 1 mm/s) and recoveries back.

    Raises
    ------
    ParameterError
        No rep, a rep without a size, or more than 1000 steps.
    """
    if not reps:
        raise ParameterError("reps", reps, "at least one rep")
    pairs = [(_effort(each, ceiling_bpm), _recovery(each)) for each in reps]
    steps = [_Step(_OPEN, None, intensity=_WARMUP)] if around else []
    _add_efforts(steps, pairs)
    if around:
        steps.append(_Step(_OPEN, None, intensity=_COOLDOWN))
    if len(steps) > MAX_STEPS:
        raise ParameterError("reps", len(reps), f"a plan of at most {MAX_STEPS} steps")
    writer = FitWriter()
    writer.message(
        _FILE_ID,
        [Field(0, "enum", _WORKOUT_FILE), Field(1, "uint16", _DEVELOPMENT), Field(2, "uint16", 0),
         Field(3, "uint32z", None), Field(4, "uint32", fit_seconds(created))],
    )  # fmt: skip
    writer.message(
        _WORKOUT,
        [Field(4, "enum", _RUNNING), Field(5, "uint32z", _CAPABILITIES),
         Field(6, "uint16", len(steps)), Field(8, "string", name[:MAX_NAME])],
    )  # fmt: skip
    for index, step in enumerate(steps):
        writer.message(_STEP, _fields(index, step))
    return writer.to_bytes()


def _fields(index: int, step: _Step) -> list[Field]:
    custom = step.target != _NO_TARGET
    return [
        Field(254, "uint16", index),
        Field(1, "enum", step.duration),
        Field(2, "uint32", step.value),
        Field(3, "enum", None if step.times else step.target),
        Field(4, "uint32", step.times or (0 if custom else None)),
        Field(5, "uint32", step.low),
        Field(6, "uint32", step.high),
        Field(7, "enum", step.intensity),
    ]


def _effort(rep: PlannedRep, ceiling_bpm: float | None) -> _Step:
    if rep.distance_m is None and rep.duration_s is None:
        raise ParameterError("reps", rep, "reps with a distance or a time")
    size = _sized(rep.duration_s, rep.distance_m)
    if ceiling_bpm is not None:
        high = round(ceiling_bpm) + _BPM_OFFSET
        return replace(size, target=_HEART_RATE_TARGET, low=high - CEILING_RANGE_BPM, high=high)
    if rep.speed_mps is None:
        return size
    middle = round(1000.0 * rep.speed_mps)
    aside = round(PACE_RANGE * middle)
    return replace(size, target=_SPEED_TARGET, low=middle - aside, high=middle + aside)


def _recovery(rep: PlannedRep) -> _Step:
    return replace(_sized(rep.recovery_s, rep.recovery_distance_m), intensity=_REST)


def _sized(seconds: float | None, metres: float | None) -> _Step:
    if seconds is not None:
        return _Step(_TIME, round(1000.0 * seconds))
    return _Step(_OPEN, None) if metres is None else _Step(_DISTANCE, round(100.0 * metres))


def _add_efforts(steps: list[_Step], pairs: Sequence[tuple[_Step, _Step]]) -> None:
    """Append efforts and recoveries, those in sequence that repeat as repeats."""
    at = 0
    while at < len(pairs):
        length, times = max(
            ((n, _times(pairs, at, n)) for n in range(1, MAX_PATTERN + 1)),
            key=lambda pattern: (pattern[0] * pattern[1] if pattern[1] > 1 else 1, -pattern[0]),
        )
        if times == 1:
            length = 1
        first = len(steps)
        for effort, recovery in pairs[at : at + length]:
            steps.append(effort)
            if at + length * times < len(pairs) or times > 1:
                steps.append(recovery)
        if times > 1:
            repeat = _Step(_REPEAT, first, intensity=None, times=times)
            steps.append(repeat)
        at += length * times


def _times(pairs: Sequence[tuple[_Step, _Step]], at: int, length: int) -> int:
    """Count how often the next reps repeat; behind the last of all any recovery will do."""
    times = 1
    while (first := at + times * length) + length <= len(pairs):
        block, pattern = list(pairs[first : first + length]), pairs[at : at + length]
        if first + length == len(pairs):
            block[-1] = (block[-1][0], pattern[-1][1])
        if block != list(pattern):
            break
        times += 1
    return times


def plus_one_rep(sets: Sequence[WorkoutSet]) -> tuple[WorkoutSet, ...]:
    """Return a workout with one more rep in its main set, the one with the most reps.

    Of a set in blocks every block gets one, of a ladder the last size comes once more.
    """
    if not sets:
        raise ParameterError("sets", sets, "at least one set")
    main = max(range(len(sets)), key=lambda k: (sets[k].count, -k))
    each = sets[main]
    blocks = each.blocks if each.count % each.blocks == 0 else 1
    longer = replace(
        each,
        count=each.count + blocks,
        rep_distances_m=_one_more(each.rep_distances_m, blocks),
        rep_durations_s=_one_more(each.rep_durations_s, blocks),
    )
    return (*sets[:main], longer, *sets[main + 1 :])


def _one_more(sizes: tuple[float, ...] | None, blocks: int) -> tuple[float, ...] | None:
    if sizes is None:
        return None
    per_block = len(sizes) // blocks
    cut = [sizes[k * per_block : (k + 1) * per_block] for k in range(blocks)]
    return tuple(size for block in cut for size in (*block, block[-1]))


def at_pace(sets: Sequence[WorkoutSet], speed_mps: float) -> tuple[WorkoutSet, ...]:
    """Return a workout with another speed for all of its reps."""
    return tuple(replace(each, rep_speed_mps=speed_mps) for each in sets)
