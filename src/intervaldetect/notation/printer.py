"""Sets to text. Values are rounded to what a runner would write: whole seconds, whole metres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.notation.quantity import KM_M, MILE_M, is_running_speed, reads_as_rep_time
from intervaldetect.records import WorkoutSet

Units = Literal["km", "mi"]

TEXT_CHARS = 64
"""Length at which a text for people stops: two sets with their paces and recoveries."""
USUAL_MPS = 4.0
"""Speed of a rep by distance where none is told, to weigh it against reps by time."""
WHOLE_RUNGS = 8
"""A ladder of no more sizes is written in full: pyramids are."""
MIN_RUNGS = 3
"""Sizes of a ladder that are written, however long they are."""


@dataclass(frozen=True, slots=True)
class _Style:
    """How speeds are written."""

    units: Units
    as_speed: bool

    @property
    def per_m(self) -> float:
        """Metres of a unit of distance."""
        return KM_M if self.units == "km" else MILE_M


def format_workout(
    sets: Sequence[WorkoutSet],
    *,
    units: Units = "km",
    between_sets: bool = False,
    at_most: int | None = None,
    as_speed: bool = False,
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
    at_most : int, optional
        Stop before the set with which the text would be longer than this, and say how many more
        there are: ``... + 2 more sets``. At least the set with the most running is printed. A long
        ladder ends in ``+ 5 more``.
    as_speed : bool
        Print speeds in km/h or mi/h instead of paces and rep times, as riders do.

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
    style = _Style(units, as_speed)
    if at_most is not None:
        return _short_text([_set_text(each, style, at_most) for each in sets], sets, at_most)
    pieces: list[str] = []
    for index, each in enumerate(sets):
        pieces.append(_set_text(each, style))
        if between_sets and each.set_recovery_s is not None and index + 1 < len(sets):
            pieces.append(f"({clock(each.set_recovery_s)})")
    return " + ".join(pieces)


def _short_text(pieces: Sequence[str], sets: Sequence[WorkoutSet], at_most: int) -> str:
    """Join the sets that find room, the longest among them, and count the others."""
    if not pieces:
        return ""
    main = max(range(len(sets)), key=lambda k: _work(sets[k]))
    first, last = 0, 0
    while first <= main >= last:
        last = first + 1
        while last < len(pieces) and len(" + ".join(pieces[first : last + 1])) <= at_most:
            last += 1
        first += last <= main
    others = len(pieces) - (last - first)
    more = [f"{others} more {'set' if others == 1 else 'sets'}"] if others else []
    return " + ".join([*pieces[first:last], *more])


def _work(each: WorkoutSet) -> float:
    """Return the seconds of running in a set, estimated where no speed is known."""
    if each.rep_basis == "time":
        return sum(each.rep_durations_s or [each.count * (each.rep_duration_s or 0.0)])
    metres = sum(each.rep_distances_m or [each.count * (each.rep_distance_m or 0.0)])
    return metres / (each.rep_speed_mps or USUAL_MPS)


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


def _set_text(each: WorkoutSet, style: _Style, at_most: int | None = None) -> str:
    """Write one set; of a ladder as many sizes as find room, and how many are left out."""
    ladder = _ladder(each)
    if ladder is None or each.blocks > 1 or len(ladder) <= WHOLE_RUNGS:
        return _whole_text(each, ladder, style)
    shown = len(ladder)
    text = _whole_text(each, ladder, style)
    while at_most is not None and len(text) > at_most and shown > MIN_RUNGS:
        shown -= 1
        text = _whole_text(each, ladder[:shown], style)
    return text


def _whole_text(each: WorkoutSet, ladder: Sequence[float] | None, style: _Style) -> str:
    blocks = each.blocks if each.count % each.blocks == 0 else 1  # a rep was left out
    per_block = each.count // blocks
    recovery = _recovery_text(each, style) if each.count > 1 else ""
    if blocks > 1:
        if ladder is not None:
            inner = _ladder_text(ladder[:per_block], each.rep_basis)
        else:
            inner = f"{per_block} x {_size_text(each)}" if per_block > 1 else _size_text(each)
        pause = f" ({clock(each.block_recovery_s)})" if each.block_recovery_s is not None else ""
        return f"{blocks} x ({inner}{_speed_text(each, style)}{recovery}){pause}"
    if ladder is not None:
        left_out = each.count - len(ladder)
        more = f" + {left_out} more" if left_out > 0 else ""
        inner = f"({_ladder_text(ladder, each.rep_basis)}{more})"
    else:
        inner = f"{each.count} x {_size_text(each)}" if each.count > 1 else _size_text(each)
    return f"{inner}{_speed_text(each, style)}{recovery}"


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


def _speed_text(each: WorkoutSet, style: _Style) -> str:
    speed = each.rep_speed_mps
    if speed is None or speed <= 0.0:
        return ""
    metres = each.rep_distance_m if each.rep_basis == "distance" else None
    timed = metres is not None and not style.as_speed and _ladder(each) is None
    if metres is not None and timed and metres <= MILE_M + 1e-6:
        per_m = style.per_m
        # A pace is read back as written; if that is a rep time, it is written as one at once.
        for mps in (speed, per_m / max(round(per_m / speed), 1)):
            seconds = round(metres / mps)
            if seconds > 0 and reads_as_rep_time(metres, seconds):
                return f" @ {clock(seconds)}" if is_running_speed(metres / seconds) else ""
    return f" {_at_speed(speed, style)}".rstrip()


def _at_speed(speed_mps: float, style: _Style) -> str:
    """Format a speed, by itself or as a pace; what the notation does not read is left out."""
    if style.as_speed:
        told = round(speed_mps * 3600.0 / style.per_m, 1)
        read = told * style.per_m / 3600.0
        return f"@ {told:.1f} {style.units}/h" if is_running_speed(read) else ""
    seconds = round(style.per_m / speed_mps) if speed_mps > 0.0 else 0
    known = seconds and is_running_speed(style.per_m / seconds)
    return f"@ {clock(seconds)}/{style.units}" if known else ""


def _recovery_text(each: WorkoutSet, style: _Style) -> str:
    parts: list[str] = []
    if each.recovery_basis == "distance" and each.recovery_distance_m is not None:
        parts.append(distance_text(each.recovery_distance_m))
    elif each.recovery_basis == "time" and each.recovery_s is not None:
        parts.append(clock(each.recovery_s))
    if each.recovery_style is not None:
        parts.append(each.recovery_style)
    if each.recovery_speed_mps is not None and (pace := _at_speed(each.recovery_speed_mps, style)):
        parts.append(pace)
    return f" ({' '.join(parts)})" if parts else ""
