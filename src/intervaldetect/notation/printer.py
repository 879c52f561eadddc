"""Sets to text. Values are rounded to what a runner would write: whole seconds, whole metres."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.notation.quantity import KM_M, MILE_M, reads_as_rep_time
from intervaldetect.records import WorkoutSet

Units = Literal["km", "mi"]


def format_workout(
    sets: Sequence[WorkoutSet], *, units: Units = "km", between_sets: bool = False
) -> str:
    """Write sets in runner's shorthand.

    Parameters
    ----------
    sets : sequence of WorkoutSet
        In the order they are run.
    units : {"km", "mi"}
        Unit of the paces. Distances keep their own unit: quarter miles are printed as ``mi``,
        everything else as ``m``.
    between_sets : bool
        Also print the recovery between two sets, as ``... + (4:00) + ...``.

    Returns
    -------
    str
        Empty for no sets. ``parse_workout`` reads it back to equal sets if the numbers were as
        round as they are printed.

    Raises
    ------
    ParameterError
        A set has no size for its reps, or ``units`` is unknown.

    Examples
    --------
    >>> from intervaldetect.records import WorkoutSet
    >>> format_workout([WorkoutSet(6, "distance", rep_distance_m=800.0, rep_speed_mps=800 / 130,
    ...                            recovery_basis="time", recovery_s=180.0)])
    '6 x 800 m @ 2:10 (3:00)'
    """
    if units not in ("km", "mi"):
        raise ParameterError("units", units, "km or mi")
    pieces: list[str] = []
    for index, each in enumerate(sets):
        pieces.append(_set_text(each, units))
        if between_sets and each.set_recovery_s is not None and index + 1 < len(sets):
            pieces.append(f"({clock(each.set_recovery_s)})")
    return " + ".join(pieces)


def clock(seconds: float) -> str:
    """Format seconds as ``m:ss``, from one hour on as ``h:mm:ss``."""
    whole = max(0, round(seconds))
    minutes, secs = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{secs:02d}" if hours else f"{minutes}:{secs:02d}"


def distance_text(metres: float) -> str:
    """Format a distance: quarter miles as ``0.25 mi``, anything else in whole metres."""
    quarters = round(metres / (MILE_M / 4))
    if quarters and abs(quarters * MILE_M / 4 - metres) < 1e-6:
        return f"{quarters / 4:g} mi"
    return f"{round(metres)} m"


def pace_text(speed_mps: float, units: Units = "km") -> str:
    """Format a speed in m/s as a pace: ``3:35/km`` or ``5:46/mi``."""
    return f"{clock((KM_M if units == 'km' else MILE_M) / speed_mps)}/{units}"


def _set_text(each: WorkoutSet, units: Units) -> str:
    blocks = each.blocks if each.count % each.blocks == 0 else 1  # a rep was left out
    per_block = each.count // blocks
    ladder = _ladder(each)
    recovery = _recovery_text(each, units) if each.count > 1 else ""
    if blocks > 1:
        if ladder is not None:
            inner = _ladder_text(ladder[:per_block], each.rep_basis)
        else:
            inner = f"{per_block} x {_size_text(each)}" if per_block > 1 else _size_text(each)
        pause = f" ({clock(each.block_recovery_s)})" if each.block_recovery_s is not None else ""
        return f"{blocks} x ({inner}{_speed_text(each, units)}{recovery}){pause}"
    if ladder is not None:
        inner = f"({_ladder_text(ladder, each.rep_basis)})"
    else:
        inner = f"{each.count} x {_size_text(each)}" if each.count > 1 else _size_text(each)
    return f"{inner}{_speed_text(each, units)}{recovery}"


def _ladder(each: WorkoutSet) -> tuple[float, ...] | None:
    return each.rep_distances_m if each.rep_basis == "distance" else each.rep_durations_s


def _size_text(each: WorkoutSet) -> str:
    size = each.rep_distance_m if each.rep_basis == "distance" else each.rep_duration_s
    if size is None:
        raise ParameterError("sets", each, f"sets with a {each.rep_basis} for their reps")
    return distance_text(size) if each.rep_basis == "distance" else clock(size)


def _ladder_text(sizes: Sequence[float], basis: str) -> str:
    if basis == "time":
        return " + ".join(clock(size) for size in sizes)
    texts = [distance_text(size) for size in sizes]
    if all(text.endswith(" m") for text in texts):
        return " + ".join(text.removesuffix(" m") for text in texts) + " m"
    return " + ".join(texts)


def _speed_text(each: WorkoutSet, units: Units) -> str:
    speed = each.rep_speed_mps
    if speed is None or speed <= 0.0:
        return ""
    metres = each.rep_distance_m if each.rep_basis == "distance" else None
    if metres is not None and _ladder(each) is None and metres <= MILE_M + 1e-6:
        seconds = round(metres / speed)
        if seconds > 0 and reads_as_rep_time(metres, seconds):
            return f" @ {clock(seconds)}"
    return f" @ {pace_text(speed, units)}"


def _recovery_text(each: WorkoutSet, units: Units) -> str:
    parts: list[str] = []
    if each.recovery_basis == "distance" and each.recovery_distance_m is not None:
        parts.append(distance_text(each.recovery_distance_m))
    elif each.recovery_basis == "time" and each.recovery_s is not None:
        parts.append(clock(each.recovery_s))
    if each.recovery_style is not None:
        parts.append(each.recovery_style)
    if each.recovery_speed_mps is not None:
        parts.append(f"@ {pace_text(each.recovery_speed_mps, units)}")
    return f" ({' '.join(parts)})" if parts else ""
