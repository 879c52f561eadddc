"""Decoded FIT messages -> parts: sessions, laps, steps, events and devices, for every FIT reader.

A FIT decoder delivers one :class:`FitContent` per chained file. What the messages mean is decided
here once, so that native and reference readers can only differ in decoding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.errors import NoRecords, NotAnActivity
from intervaldetect.read import fit_profile as profile
from intervaldetect.read.build import RawPart
from intervaldetect.read.fit_clocks import settle_clocks
from intervaldetect.read.fit_developer import Candidate, take_channels
from intervaldetect.read.fit_facts import (
    device_of,
    raw_event,
    raw_lap,
    session_of,
    sport_of,
    utc_offset,
)
from intervaldetect.read.fit_heart import fill_heart_rate, hr_samples
from intervaldetect.read.fit_messages import (
    ACTIVITY,
    CORRELATION,
    DEVICE_INFO,
    EVENT,
    FILE_ID,
    HR,
    LAP,
    SESSION,
    SPORT,
    WORKOUT,
    WORKOUT_STEP,
    Message,
    stamp_in,
    text_in,
    whole_in,
)
from intervaldetect.read.fit_sessions import is_within, moment_of, spans_of
from intervaldetect.read.fit_steps import step_of
from intervaldetect.read.lap_totals import in_order, lengths_from_totals
from intervaldetect.records import Floats, Integrity, Problem

ACTIVITY_FILE = 4


@dataclass(frozen=True, slots=True)
class FitContent:
    """What one file of a chain holds: record columns, messages of ``WANTED``, developer fields."""

    stamps: Floats
    columns: Mapping[str, Floats]
    messages: Mapping[int, Sequence[Message]]
    integrity: Integrity = "intact"
    problems: tuple[Problem, ...] = ()
    developer: tuple[Candidate, ...] = ()


def fit_parts(contents: Sequence[FitContent], path: str) -> list[RawPart]:
    """Split chained files and their sessions into parts.

    Raises
    ------
    NoRecords
        There is no record message; the message says what kind of file it is.
    NotAnActivity
        The file says that it is of another kind, and no sensor speaks against that.
    """
    contents = [_on_one_clock(content) for content in contents]
    filled = [content for content in contents if content.stamps.size]
    _refuse_others(contents, filled, path)
    beats = hr_samples([m for content in contents for m in content.messages.get(HR, ())])
    parts = [part for content in filled for part in _parts_of(content, beats)]
    lost = [content for content in contents if not content.stamps.size and content.problems]
    if lost:  # no part tells of these but the first
        parts[0] = _with_problems_of(parts[0], lost)
    return parts


def _on_one_clock(content: FitContent) -> FitContent:
    stamps, messages, problems = settle_clocks(content.stamps, content.messages)
    if not problems:
        return content
    told = (*content.problems, *problems)
    return replace(content, stamps=stamps, messages=messages, problems=told)


def _refuse_others(contents: Sequence[FitContent], filled: Sequence[FitContent], path: str) -> None:
    """Raise what a file is if it has no records, or says that it is none and has no sensors.

    ``filled`` are those of its contents that have records.
    """
    others = {_other_kind(content) for content in contents}
    if not filled:
        error = NoRecords if None in others else NotAnActivity
        raise error(path, "decode", _without_records(contents))
    if None not in others and not any(_has_sensors(content) for content in filled):
        names = ", ".join(sorted(str(name) for name in others))
        raise NotAnActivity(path, "decode", f"not an activity but a FIT file of type {names}")


_SEVERITY: tuple[Integrity, ...] = ("intact", "repaired", "partial")


def _with_problems_of(part: RawPart, lost: Sequence[FitContent]) -> RawPart:
    problems = tuple(problem for content in lost for problem in content.problems)
    grades = (part.integrity, *(content.integrity for content in lost))
    worst = max(grades, key=_SEVERITY.index)
    return replace(part, problems=(*part.problems, *problems), integrity=worst)


def _other_kind(content: FitContent) -> str | None:
    """Name the kind of a file that calls itself anything but an activity."""
    file_ids = content.messages.get(FILE_ID, ())
    kind = whole_in(file_ids[0], 0) if file_ids else None
    return None if kind in {None, ACTIVITY_FILE} else profile.FILE.get(kind or 0)


def _has_sensors(content: FitContent) -> bool:
    """Whether somebody was there: a course has a way and times, but no heart rate."""
    return any(
        bool((content.columns[name] > 0.0).any())
        for name in ("heart_rate", "cadence", "power")
        if name in content.columns
    )


def _without_records(contents: Sequence[FitContent]) -> str:
    file_ids = [m for content in contents for m in content.messages.get(FILE_ID, ())]
    kinds = [whole_in(file_id, 0) for file_id in file_ids]
    names = [profile.FILE.get(kind, f"type {kind}") for kind in kinds if kind is not None]
    cut = any(content.integrity == "partial" for content in contents)
    damage = "; the file is cut or damaged" if cut else ""
    if not names:
        return f"no record messages, and no file_id that says what the file is{damage}"
    return f"a FIT file of type {', '.join(dict.fromkeys(names))} without record messages{damage}"


def _parts_of(content: FitContent, beats: tuple[Floats, Floats]) -> list[RawPart]:
    messages = content.messages
    columns = dict(content.columns)
    switched = take_channels(columns, content.developer)
    fill_heart_rate(columns, content.stamps, *beats)
    spans = spans_of(content.stamps, messages.get(SESSION, ()))
    file_ids = messages.get(FILE_ID, ())
    created = stamp_in(file_ids[0], 4) if file_ids else None
    device = device_of(file_ids, messages.get(DEVICE_INFO, ()))
    steps = tuple(step_of(m, i) for i, m in enumerate(messages.get(WORKOUT_STEP, ())))
    workout = next(filter(None, (text_in(m, 8) for m in messages.get(WORKOUT, ()))), None)
    offset = utc_offset(messages.get(ACTIVITY, ()), 5)
    if offset is None:
        offset = utc_offset(messages.get(CORRELATION, ()), 3)
    lap_messages = messages.get(LAP, ())
    said, lap_messages, ordered = in_order([raw_lap(m) for m in lap_messages], lap_messages)
    written = [lap.stamp for lap in said]
    mended, totals = lengths_from_totals(said, written, content.stamps, columns.get("distance"))
    laps = list(zip(mended, lap_messages, strict=True))
    events = [raw_event(message) for message in messages.get(EVENT, ())]
    spans[0].problems += [*_said_to_be_another(file_ids), *ordered, *totals]

    parts: list[RawPart] = []
    begins = [-np.inf, *(span.start for span in spans[1:]), np.inf]
    for span, begin, end in zip(spans, begins[:-1], begins[1:], strict=True):
        own = slice(span.first, span.last)
        problems = [*content.problems, *switched, *span.problems]
        own_laps = [pair for pair in laps if is_within(moment_of(pair[0]), begin, end)]
        sport, sub_sport = sport_of(span.message, messages.get(SPORT, ()), own_laps)
        parts.append(
            RawPart(
                stamps=content.stamps[own],
                columns=_own_columns(columns, own),
                laps=[lap for lap, _ in own_laps],
                events=[e for e in events if e is not None and is_within(e.time, begin, end)],
                steps=steps,
                session=session_of(span.message, workout),
                sport=sport,
                sub_sport=sub_sport,
                device=device,
                utc_offset_s=offset,
                fallback_start=created,
                integrity=content.integrity,
                problems=tuple(problems),
            )
        )
    return parts


def _said_to_be_another(file_ids: Sequence[Message]) -> list[Problem]:
    kind = whole_in(file_ids[0], 0) if file_ids else None
    if kind in {None, ACTIVITY_FILE}:
        return []
    what = profile.FILE.get(kind or 0, f"type {kind}")
    return [Problem("not_an_activity", f"the file calls itself a {what}")]


def _own_columns(columns: Mapping[str, Floats], own: slice) -> dict[str, Floats]:
    """Give the records of one session; a distance that counts on from the last one starts anew."""
    cut = {name: values[own] for name, values in columns.items()}
    distance = columns.get("distance")
    if distance is None or not own.start:
        return cut
    before, after = distance[: own.start], cut["distance"]
    before, known = before[np.isfinite(before)], after[np.isfinite(after)]
    if before.size and known.size and before[-1] > 0.0 and known[0] >= before[-1]:
        cut["distance"] = after - before[-1]
    return cut
