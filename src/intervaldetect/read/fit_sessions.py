"""Sessions of a FIT file: which of them there are, and which records and laps belong to each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from intervaldetect.read.build import RawLap
from intervaldetect.read.clock import JUMP_S
from intervaldetect.read.fit_messages import (
    TIMESTAMP,
    Message,
    number_in,
    scaled_in,
    stamp_in,
)
from intervaldetect.records import Floats, Problem

STRAY_S = 60.0
"""Samples out of order by no more than this do not hinder the split into sessions."""

MAX_COMPARED = 64
"""No device writes so many sessions; only the last ones are looked through for repeats."""


@dataclass(slots=True)
class Span:
    """Raw session and the range of records it owns."""

    message: Message
    first: int
    last: int
    start: float | None = None
    problems: list[Problem] = field(default_factory=list)


def moment_of(lap: RawLap) -> float | None:
    """Give a time by which a lap belongs to a session: its start, or where that should be."""
    if lap.start is None or lap.end is None or lap.stamp is None:
        return lap.start or lap.end
    if abs(lap.end - lap.stamp) <= STRAY_S:
        return lap.start
    return lap.stamp - (lap.end - lap.start)


def is_within(time: float | None, begin: float | None, end: float | None) -> bool:
    """Whether a time, if it is known, lies in ``[begin, end)``; None is without bound."""
    low = -np.inf if begin is None else begin
    high = np.inf if end is None else end
    return time is None or low <= time < high


def spans_of(stamps: Floats, sessions: Sequence[Message]) -> list[Span]:
    """Give each session the records from its start to the start of the next.

    Parameters
    ----------
    stamps : (n,) float64
        Of the records, unix s, in file order; NaN where there is none.
    sessions : sequence of Message
        As in the file, repeats among them.
    """
    size = int(stamps.size)
    sessions = _distinct(sessions)
    if len(sessions) < 2:
        return [Span(sessions[0] if sessions else {}, 0, size)]
    known = _starts(sessions)
    distinct = len({start for start, _ in known}) == len(sessions)
    timed = stamps[np.isfinite(stamps)]
    steps = np.diff(timed)
    ordered = bool(steps.size == 0 or (steps.min() >= -STRAY_S and steps.max() <= JUMP_S))
    if distinct and ordered:
        return _split(stamps, sessions, known)
    span = Span(_united(sessions, timed), 0, size)
    reason = "the clock was set between sessions" if distinct else "sessions start together"
    message = f"{reason}; read as one"
    span.problems.append(Problem("sessions_not_split", message, len(sessions)))
    return [span]


def _split(
    stamps: Floats, sessions: Sequence[Message], known: Sequence[tuple[float, int]]
) -> list[Span]:
    """Cut records at the starts of the sessions; ``known`` are these, in order."""
    filled = np.maximum.accumulate(np.where(np.isfinite(stamps), stamps, -np.inf))
    cuts = [0, *(int(np.searchsorted(filled, start)) for start, _ in known[1:]), stamps.size]
    spans = [
        Span(sessions[index], first, last, start)
        for (start, index), first, last in zip(known, cuts[:-1], cuts[1:], strict=True)
        if last > first
    ]
    empty = len(known) - len(spans)
    if empty:
        spans[0].problems.append(
            Problem("sessions_without_records", "sessions of the file hold no records", empty)
        )
    return spans


def _distinct(sessions: Sequence[Message]) -> list[Message]:
    """Leave out sessions that were written twice."""
    kept: list[Message] = []
    for message in sessions:
        if message not in kept[-MAX_COMPARED:]:
            kept.append(message)
    return kept


def _starts(sessions: Sequence[Message]) -> list[tuple[float, int]]:
    """Give the starts that are known, with their sessions, in order.

    Sessions of different sports that claim one start are told apart by their ends.
    """
    starts = [stamp_in(message, 2) for message in sessions]
    sports = {number_in(message, 5) for message in sessions}
    if len(set(starts)) < len(starts) == len(sports):
        starts = [_start_by_end(message) for message in sessions]
    return sorted((start, i) for i, start in enumerate(starts) if start is not None)


def _start_by_end(session: Message) -> float | None:
    """Return the end of a session less its length, where both are known; else its start."""
    end, length = stamp_in(session, TIMESTAMP), scaled_in(session, 7, 1000.0)
    return stamp_in(session, 2) if end is None or length is None else end - length


def _united(sessions: Sequence[Message], stamps: Floats) -> Message:
    """Make one session of several: totals add up, or count on from one to the next.

    The times that fit the records better say which.
    """
    united = dict(sessions[0])
    whole_s = float(stamps.max() - stamps.min()) if stamps.size else 0.0
    told = [[number_in(message, key) for message in sessions] for key in (7, 8, 9)]
    known = [[value for value in values if value is not None] for values in told]
    times = next((values for values in known[:2] if values), [])
    adds_up = abs(sum(times) / 1000.0 - whole_s) <= abs(max(times, default=0.0) / 1000.0 - whole_s)
    for key, all_of, values in zip((7, 8, 9), told, known, strict=True):
        if not values or (adds_up and len(values) < len(all_of)):
            united[key] = None
        else:
            united[key] = sum(values) if adds_up else max(values)
    return united
