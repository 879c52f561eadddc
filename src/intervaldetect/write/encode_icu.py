"""What intervals.icu takes: the intervals of an activity as JSON, and workout text."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.records import Analysis, Segment, WorkoutSet

_WORK = frozenset({"rep", "stride"})


def encode_icu(analysis: Analysis) -> bytes:
    """Write the segments as intervals.icu shows the intervals of an activity.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    bytes
        A JSON object: ``icu_intervals`` with one object per segment, ``icu_groups`` with one per
        set, and ``workout`` with the sets as workout text (None without sets). Times are elapsed
        seconds, ``start_index`` and ``end_index`` count samples of the file, speeds are m/s.
    """
    time = analysis.activity.columns["time"]
    intervals = [_interval(segment, time) for segment in analysis.workout.segments]
    sets = analysis.workout.sets
    groups = [
        {"id": f"set {number}", "count": each.count, "average_speed": _round(each.rep_speed_mps)}
        for number, each in enumerate(sets, 1)
    ]
    text = workout_text(sets) if sets else None
    whole = {"icu_intervals": intervals, "icu_groups": groups, "workout": text}
    return json.dumps(whole, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n"


def _interval(segment: Segment, time: np.ndarray[Any, np.dtype[np.float64]]) -> dict[str, Any]:
    numbered = segment.set is not None and segment.role == "rep"
    first, last = np.searchsorted(time, (segment.start_s, segment.end_s)).tolist()
    return {
        "type": "WORK" if segment.role in _WORK else "RECOVERY",
        "label": f"{segment.role} {segment.set}.{segment.rep}" if numbered else segment.role,
        "group_id": f"set {segment.set}" if numbered else None,
        "start_index": first,
        "end_index": last,
        "start_time": _round(segment.start_s),
        "end_time": _round(segment.end_s),
        "elapsed_time": _round(segment.end_s - segment.start_s),
        "moving_time": _round(segment.moving_s),
        "distance": _round(segment.distance_m),
        "average_speed": _round(segment.mean_speed_mps),
        "gap": _round(segment.grade_adjusted_speed_mps),
        "average_heartrate": _round(segment.mean_hr_bpm),
        "max_heartrate": _round(segment.max_hr_bpm),
        "average_cadence": _round(segment.mean_cadence_spm),
        "average_watts": _round(segment.mean_power_w),
    }


def _round(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else round(float(value), 3)


def workout_text(sets: Sequence[WorkoutSet]) -> str:
    """Write sets in the syntax of intervals.icu, in which ``m`` is minutes.

    Parameters
    ----------
    sets : sequence of WorkoutSet
        A set in blocks is written block by block where the recoveries differ.

    Returns
    -------
    str
        ``intervaldetect.notation.parse_icu`` reads sizes, counts, paces and recoveries back.
        A recovery of unknown length is left out, since every step has a length there.

    Raises
    ------
    ParameterError
        No set, or a set whose reps have no size.

    Examples
    --------
    >>> from intervaldetect.notation import parse_workout
    >>> print(workout_text(parse_workout("6 x 800 m @ 2:10 (3:00 jog)")))
    6x
    - 0.8km 2:42/km Pace
    - 3m jog intensity=rest
    """
    if not sets:
        raise ParameterError("sets", sets, "at least one set")
    blocks: list[str] = []
    for index, each in enumerate(sets):
        blocks += _set_blocks(each)
        if each.set_recovery_s is not None and index + 1 < len(sets):
            blocks.append(f"- {_time(each.set_recovery_s)} intensity=rest")
    return "\n\n".join(blocks)


def _set_blocks(each: WorkoutSet) -> list[str]:
    by_distance = each.rep_basis == "distance"
    sizes = each.rep_distances_m if by_distance else each.rep_durations_s
    size = each.rep_distance_m if by_distance else each.rep_duration_s
    repeats = each.blocks if each.count % each.blocks == 0 else 1
    if sizes is not None:
        return [_ladder(each, sizes, repeats)]
    if size is None:
        raise ParameterError("sets", each, f"sets with a {each.rep_basis} for their reps")
    return _uniform(each, size, repeats)


def _ladder(each: WorkoutSet, sizes: Sequence[float], repeats: int) -> str:
    """Write reps of several sizes one by one, once for all blocks."""
    rest, steps = _rest(each), list[str]()
    active = "" if rest or each.rep_speed_mps is not None else " intensity=active"
    for size in sizes[: each.count // repeats]:
        steps += [_effort(each, size) + active, *rest]
    if repeats > 1 and each.block_recovery_s is not None:
        steps[len(steps) - len(rest) :] = [f"- {_time(each.block_recovery_s)} intensity=rest"]
    return "\n".join([f"{repeats}x", *steps])


def _uniform(each: WorkoutSet, size: float, repeats: int) -> list[str]:
    """Write reps of one size as one repeat, or block by block with the pause between them."""
    rest, effort = _rest(each), _effort(each, size)
    if each.count == 1:
        return [effort + (" intensity=active" if each.rep_speed_mps is None else "")]
    if repeats == 1 or each.block_recovery_s is None:
        return ["\n".join([f"{each.count}x", effort, *rest])]
    block = "\n".join([f"{each.count // repeats}x", effort, *rest])
    pause = f"- {_time(each.block_recovery_s)} intensity=rest"
    return [block, *[piece for _ in range(repeats - 1) for piece in (pause, block)]]


def _effort(each: WorkoutSet, size: float) -> str:
    length = f"{round(size / 1000.0, 5):g}km" if each.rep_basis == "distance" else _time(size)
    if each.rep_speed_mps is None or each.rep_speed_mps <= 0.0:
        return f"- {length}"
    return f"- {length} {_pace(each.rep_speed_mps)}"


def _pace(speed_mps: float) -> str:
    minutes, seconds = divmod(round(1000.0 / speed_mps), 60)
    return f"{minutes}:{seconds:02d}/km Pace"


def _rest(each: WorkoutSet) -> list[str]:
    if each.recovery_basis == "distance" and each.recovery_distance_m is not None:
        length = f"{round(each.recovery_distance_m / 1000.0, 5):g}km"
    elif each.recovery_s is not None:
        length = _time(each.recovery_s)
    else:
        return []  # a step has a length there, and this one is not known
    style = f" {each.recovery_style}" if each.recovery_style not in {None, "paused"} else ""
    return [f"- {length}{style} intensity=rest"]


def _time(seconds: float) -> str:
    minutes, rest = divmod(max(1, round(seconds)), 60)
    return (f"{minutes}m" if minutes else "") + (f"{rest}s" if rest else "")
