"""Laps on elapsed time, their starts held against their ends.

Whether they overlap or leave the recording is seen to where an activity is analysed.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from intervaldetect.read.clock import Clock
from intervaldetect.records import Lap, Problem

if TYPE_CHECKING:
    from intervaldetect.read.build import RawLap

ROUNDING_S = 5.0
"""Start, length and end of a lap are rounded, and written a little late."""

OUTSIDE_S = 60.0
"""A lap may start so long before the first record, and end so long after the last."""

QUARTER_S, MAX_ZONE_S = 900.0, 15 * 3600.0
"""Laps off by whole quarters of an hour are in local time, or in another one."""

SESSION_END = "session_end"
MAX_OVERLAP = 0.1
"""Laps that lie over one another for a smaller share of their time are only rounded."""

DAY_S = 86400.0
"""Laps further outside the file than this are of another one."""

MIN_LENGTH_SHARE = 0.02
"""A lap of so small a share of the time until it was written has its length in another unit."""

MIN_STANDING_S = 5.0
"""A lap without way that is shorter is a button pressed twice."""


def place_laps(
    laps: Sequence[RawLap], clock: Clock, whole_s: float
) -> tuple[tuple[Lap, ...], list[Problem]]:
    """Put laps on elapsed time; a lap without a start begins where the one before it ended.

    A start that its lap's end and length contradict, and that lies before the recording or inside
    the lap before, is the end less the length.
    """
    built: list[Lap] = []
    counts = dict.fromkeys(_MESSAGES, 0)
    previous: float | None = 0.0
    laps, counts["laps_shifted"] = _in_zone(laps, clock, whole_s)
    for lap in laps:
        start, end, repaired = _edges(lap, clock, previous)
        end, lengthened = _ended(lap, clock, start, end, whole_s)
        counts["laps_end_wrong"] += lengthened
        if start is None or end is None or not -DAY_S <= start <= end <= whole_s + DAY_S:
            counts["laps_left_out"] += 1
            continue
        distance = _number(lap.distance_m)
        counts["laps_start_wrong"] += repaired
        counts["laps_too_long"] += end - start > whole_s + OUTSIDE_S
        counts["laps_standing"] += distance == 0.0 and end - start >= MIN_STANDING_S
        timer = _number(lap.timer_s)
        built.append(Lap(start, end, distance, timer, lap.trigger, lap.intensity, lap.step))
        previous = end
    if counts["laps_standing"] == len(built):  # laps that know no distance at all
        counts["laps_standing"] = 0
    built, counts["laps_overlap"] = _of_one_kind(built)
    return tuple(built), [
        Problem(code, _MESSAGES[code], count) for code, count in counts.items() if count
    ]


_MESSAGES = {
    "laps_overlap": "laps of another kind that overlap the others were left out",
    "laps_left_out": "laps without usable times",
    "laps_start_wrong": "laps whose start was wrong begin by their end and length",
    "laps_end_wrong": "laps whose length was wrong end when they were written",
    "laps_shifted": "laps in another time zone than the samples were brought to theirs",
    "laps_too_long": "laps are longer than the recording",
    "laps_standing": "laps without any distance: standing still, or a stopped timer",
}


def _of_one_kind(laps: list[Lap]) -> tuple[list[Lap], int]:
    """Choose between laps by the button and automatic ones that a device counts side by side.

    Returns the laps to keep, those that were pressed if there are some, and how many were left out.
    """
    kinds = {lap.trigger for lap in laps} - {SESSION_END}
    if len(kinds) < 2 or not _overlap(laps):
        return laps, 0
    sets = {kind: [lap for lap in laps if lap.trigger == kind] for kind in kinds}
    if any(_overlap(one) for one in sets.values()):
        return laps, 0
    pressed = len(sets.get("manual", ())) > 1
    chosen = "manual" if pressed else max(kinds, key=lambda kind: _covered(sets[kind]))
    last = [lap for lap in laps if lap.trigger == SESSION_END]
    keys = {chosen} if _overlap([*sets[chosen], *last]) else {chosen, SESSION_END}
    kept = [lap for lap in laps if lap.trigger in keys]
    return kept, len(laps) - len(kept)


def _covered(laps: Sequence[Lap]) -> float:
    return sum(lap.end_s - lap.start_s for lap in laps)


def _overlap(laps: Sequence[Lap]) -> bool:
    """Whether laps lie over one another for more than rounding explains."""
    over, end = 0.0, -math.inf
    for lap in sorted(laps, key=lambda lap: lap.start_s):
        over += max(min(end, lap.end_s) - lap.start_s, 0.0)
        end = max(end, lap.end_s)
    return over > max(ROUNDING_S, MAX_OVERLAP * _covered(laps))


def _in_zone(laps: Sequence[RawLap], clock: Clock, whole_s: float) -> tuple[Sequence[RawLap], int]:
    """Bring laps that all lie outside the recording by one offset of a time zone back into it."""
    known = [_number(lap.start) for lap in laps]
    starts = [clock.to_elapsed(start) for start in known if start is not None]
    if not starts or len(starts) < len(laps):
        return laps, 0
    off = _zone_off(min(starts), max(starts), whole_s)
    if off is None or _any_written(laps, clock, whole_s):
        return laps, 0
    return [_moved(lap, off) for lap in laps], len(laps)


def _zone_off(first: float, last: float, whole_s: float) -> float | None:
    """Return the whole quarters of an hour by which laps lie outside, None where they do not."""
    off = round(first / QUARTER_S) * QUARTER_S
    inside = first < whole_s and last > -OUTSIDE_S
    if inside or not 0.0 < abs(off) <= MAX_ZONE_S or abs(first - off) > ROUNDING_S:
        return None
    return off if last - off <= whole_s else None


def _any_written(laps: Sequence[RawLap], clock: Clock, whole_s: float) -> bool:
    """Whether a lap was written within the recording, so that only its start is off."""
    stamps = [_number(lap.stamp) for lap in laps]
    written = [clock.to_elapsed(stamp) for stamp in stamps if stamp is not None]
    return any(-OUTSIDE_S <= at <= whole_s + OUTSIDE_S for at in written)


def _moved(lap: RawLap, off: float) -> RawLap:
    start, end, stamp = (
        None if value is None else value - off for value in (lap.start, lap.end, lap.stamp)
    )
    return lap._replace(start=start, end=end, stamp=stamp)


def _ended(
    lap: RawLap, clock: Clock, start: float | None, end: float | None, whole_s: float
) -> tuple[float | None, bool]:
    """End a lap when it was written where its own length is none, or leads beyond the recording."""
    stamp = _number(lap.stamp)
    if start is None or end is None or stamp is None:
        return end, False
    written = clock.to_elapsed(stamp)
    none = end - start <= MIN_LENGTH_SHARE * (written - start)
    wrong = end <= start or none or end > whole_s + OUTSIDE_S
    if wrong and start + ROUNDING_S < written <= whole_s + OUTSIDE_S:
        return written, True
    return end, False


def _edges(
    lap: RawLap, clock: Clock, previous: float | None
) -> tuple[float | None, float | None, bool]:
    """Give start and end in elapsed seconds, and whether the start was repaired."""
    first, last, stamp = _number(lap.start), _number(lap.end), _number(lap.stamp)
    start = previous if first is None else clock.to_elapsed(first)
    end = None if last is None else clock.to_elapsed(last)
    if first is None or last is None or stamp is None or start is None:
        return start, end, False
    written, seconds = clock.to_elapsed(stamp), last - first
    begin = written - seconds
    if seconds > 0.0 and _begins_wrong(start, begin, written, max(previous or 0.0, 0.0)):
        return begin, written, True
    return start, end, False


def _begins_wrong(start: float, begin: float, written: float, before: float) -> bool:
    """Whether a start is none where the lap was written, and the one by its length would fit."""
    wrong = start < -OUTSIDE_S or start < before - ROUNDING_S or start >= written
    return wrong and begin >= before - ROUNDING_S and abs(begin - start) > ROUNDING_S


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None
