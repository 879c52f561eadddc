"""Which clock the times of a FIT file are from: seconds since 1989 or since 1970, UTC or local.

Records, sessions, laps and events are stamped by one clock. Some writers count the records from
the epoch of Unix, or stamp them in local time while the rest of the file is in UTC.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from intervaldetect.read.fit_messages import (
    ACTIVITY,
    CORRELATION,
    EVENT,
    FILE_ID,
    HR,
    LAP,
    SESSION,
    TIMESTAMP,
    Message,
    number_in,
)
from intervaldetect.read.fit_profile import EPOCH
from intervaldetect.records import Floats, Problem

LATEST_UNIX = 2019686400.0
"""2034-01-01. A time beyond, taken as seconds since 1970, is of 2014 or later: nobody has recorded
it yet, and the writer counted from 1970. Files of the years from 2034 on need another rule."""

TIMES: Mapping[int, tuple[int, ...]] = {
    FILE_ID: (4,),
    SESSION: (2, TIMESTAMP),
    LAP: (2, TIMESTAMP),
    EVENT: (TIMESTAMP,),
    ACTIVITY: (5, TIMESTAMP),
    HR: (TIMESTAMP,),
    CORRELATION: (1, 3, TIMESTAMP),
}
"""The fields of each message that are times."""

QUARTER_S, MAX_ZONE_S = 900.0, 15 * 3600.0
"""Offsets from UTC are whole quarters of an hour."""

ROUNDING_S, LATE_S = 10.0, 120.0
"""Records begin within so many seconds of their session, and end so near to when it was written."""

Messages = Mapping[int, Sequence[Message]]


def settle_clocks(stamps: Floats, messages: Messages) -> tuple[Floats, Messages, list[Problem]]:
    """Bring records and messages to one clock, that of UTC.

    Parameters
    ----------
    stamps : (n,) float64
        Of the records, unix s if they count from 1989; NaN where there is none.
    messages : mapping of int to sequence of Message
        The rare messages by global number, times in s since 1989.

    Returns
    -------
    stamps : (n,) float64
    messages : mapping of int to sequence of Message
    problems : list of Problem
        ``clock_epoch`` and ``records_shifted`` where something was moved.
    """
    problems: list[Problem] = []
    if stamps.size and stamps[-1] >= LATEST_UNIX and stamps[0] >= LATEST_UNIX:
        stamps = stamps - EPOCH
        text = "record times count seconds from 1970, not from 1989; the dates were corrected"
        problems.append(Problem("clock_epoch", text, int(stamps.size)))
    kinds = [kind for kind in TIMES if _counts_from_1970(kind, messages.get(kind, ()))]
    if kinds:
        moved = {kind: [_since_1989(m, TIMES[kind]) for m in messages[kind]] for kind in kinds}
        messages = {**messages, **moved}
        text = "session, lap or event times count seconds from 1970; the dates were corrected"
        problems.append(Problem("clock_epoch", text, sum(map(len, moved.values()))))
    off = _local(stamps, messages)
    if off:
        stamps = stamps - off
        text = f"record times are local, {off / 3600.0:+g} h off the rest of the file"
        problems.append(Problem("records_shifted", f"{text}; converted to UTC", int(stamps.size)))
    return stamps, messages, problems


def _counts_from_1970(kind: int, messages: Sequence[Message]) -> bool:
    """Whether the first time that messages of a kind name is beyond all that were recorded."""
    times = (number_in(m, key) for m in messages for key in TIMES[kind])
    first = next((time for time in times if time is not None), 0.0)
    return LATEST_UNIX <= first + EPOCH < LATEST_UNIX + EPOCH


def _since_1989(message: Message, keys: Sequence[int]) -> Message:
    def moved(value: float | None) -> float | None:
        late = value is not None and value + EPOCH >= LATEST_UNIX
        return value - EPOCH if late and value is not None else value

    return {**message, **{key: moved(number_in(message, key)) for key in keys if key in message}}


def _local(stamps: Floats, messages: Messages) -> float:
    """Return by how many seconds records alone are in local time; 0 where nothing says so.

    Both ends of the session must be off by one offset of a time zone; and either the file names
    that offset, or it was created when the session began or ended.
    """
    sessions = messages.get(SESSION, ())
    if not stamps.size or not sessions:
        return 0.0
    start, end = number_in(sessions[0], 2), number_in(sessions[-1], TIMESTAMP)
    if start is None or end is None:
        return 0.0
    late = float(stamps[0]) - EPOCH - start
    off = 0.0 if math.isnan(late) else round(late / QUARTER_S) * QUARTER_S
    behind = float(stamps[-1]) - EPOCH - end
    if not 0.0 < abs(off) <= MAX_ZONE_S or abs(late - off) > ROUNDING_S:
        return 0.0
    if not abs(behind - off) <= LATE_S:
        return 0.0
    named = [_named_offset(message) for message in messages.get(ACTIVITY, ())]
    if any(named):
        return off if off in named else 0.0
    created = next((number_in(m, 4) for m in messages.get(FILE_ID, ())), None)
    beside = created is not None and min(abs(created - start), abs(created - end)) <= LATE_S
    return off if beside else 0.0


def _named_offset(activity: Message) -> float | None:
    """Local time less UTC, both by the activity message, to the quarter of an hour."""
    local, utc = number_in(activity, 5), number_in(activity, TIMESTAMP)
    return None if local is None or utc is None else round((local - utc) / QUARTER_S) * QUARTER_S
