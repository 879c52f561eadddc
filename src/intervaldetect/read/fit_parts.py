"""Decoded FIT messages -> parts: sessions, laps, steps, events and devices, for every FIT reader.

A FIT decoder delivers one :class:`FitContent` per chained file. What the messages mean is decided
here once, so that native and reference readers can only differ in decoding.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from intervaldetect.channels import BY_NAME
from intervaldetect.errors import NoRecords, NotAnActivity
from intervaldetect.read import fit_devices
from intervaldetect.read import fit_profile as profile
from intervaldetect.read.build import RawEvent, RawLap, RawPart
from intervaldetect.read.clock import JUMP_S
from intervaldetect.read.fit_developer import Candidate, take_channels
from intervaldetect.read.fit_messages import (
    ACTIVITY,
    CORRELATION,
    DEVICE_INFO,
    EVENT,
    FILE_ID,
    HR,
    LAP,
    MESSAGE_INDEX,
    SESSION,
    SPORT,
    TIMESTAMP,
    WORKOUT,
    WORKOUT_STEP,
    Message,
    number_in,
    text_in,
)
from intervaldetect.records import Floats, Integrity, Problem, Session, WorkoutStep

STRAY_S = 60.0
"""Samples out of order by no more than this do not hinder the split into sessions."""

MAX_COMPARED = 64
"""No device writes so many sessions; only the last ones are looked through for repeats."""

ACTIVITY_FILE = 4

HR_AGE_S = 3.0
"""A record takes the last heart rate of hr messages that is not older than this."""


@dataclass(frozen=True, slots=True)
class FitContent:
    """What one file of a chain holds: record columns, messages of ``WANTED``, developer fields."""

    stamps: Floats
    columns: Mapping[str, Floats]
    messages: Mapping[int, Sequence[Message]]
    integrity: Integrity = "intact"
    problems: tuple[Problem, ...] = ()
    developer: tuple[Candidate, ...] = ()


@dataclass(slots=True)
class _Span:
    """Raw session and the range of records it owns."""

    message: Message
    first: int
    last: int
    start: float | None = None
    problems: list[Problem] = field(default_factory=list)


def fit_parts(contents: Sequence[FitContent], path: str) -> list[RawPart]:
    """Split chained files and their sessions into parts.

    Raises
    ------
    NoRecords
        There is no record message; the message says what kind of file it is.
    NotAnActivity
        The file says that it is of another kind, and no sensor speaks against that.
    """
    filled = [content for content in contents if content.stamps.size]
    _refuse_others(contents, filled, path)
    beats = hr_samples([m for content in contents for m in content.messages.get(HR, ())])
    parts = [part for content in filled for part in _parts_of(content, beats)]
    lost = [content for content in contents if not content.stamps.size and content.problems]
    if lost:  # no part tells of these but the first
        parts[0] = _with_problems_of(parts[0], lost)
    return parts


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
    kind = _int(file_ids[0], 0) if file_ids else None
    return None if kind in {None, ACTIVITY_FILE} else profile.FILE.get(kind or 0)


def _has_sensors(content: FitContent) -> bool:
    """Whether somebody was there: a course has a way and times, but no heart rate."""
    return any(
        bool((content.columns[name] > 0.0).any())
        for name in ("heart_rate", "cadence", "power")
        if name in content.columns
    )


def _without_records(contents: Sequence[FitContent]) -> str:
    kinds = [_int(file_id, 0) for content in contents for file_id in content.messages.get(0, ())]
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
    _fill_heart_rate(columns, content.stamps, *beats)
    spans = _spans(content)
    file_ids = messages.get(FILE_ID, ())
    created = _stamp(file_ids[0], 4) if file_ids else None
    device = _device(file_ids, messages.get(DEVICE_INFO, ()))
    steps = tuple(_step(m, i) for i, m in enumerate(messages.get(WORKOUT_STEP, ())))
    workout = next(filter(None, (text_in(m, 8) for m in messages.get(WORKOUT, ()))), None)
    offset = _utc_offset(messages.get(ACTIVITY, ()), 5)
    if offset is None:
        offset = _utc_offset(messages.get(CORRELATION, ()), 3)
    laps = [(_raw_lap(message), message) for message in messages.get(LAP, ())]
    events = [_raw_event(message) for message in messages.get(EVENT, ())]
    spans[0].problems += _said_to_be_another(file_ids)

    parts: list[RawPart] = []
    begins = [-np.inf, *(span.start for span in spans[1:]), np.inf]
    for span, begin, end in zip(spans, begins[:-1], begins[1:], strict=True):
        own = slice(span.first, span.last)
        problems = [*content.problems, *switched, *span.problems]
        own_laps = [pair for pair in laps if _within(_moment(pair[0]), begin, end)]
        sport, sub_sport = _sport(span.message, messages.get(SPORT, ()), own_laps)
        parts.append(
            RawPart(
                stamps=content.stamps[own],
                columns=_own_columns(columns, own),
                laps=[lap for lap, _ in own_laps],
                events=[e for e in events if e is not None and _within(e.time, begin, end)],
                steps=steps,
                session=_session(span.message, workout),
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
    kind = _int(file_ids[0], 0) if file_ids else None
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


def _moment(lap: RawLap) -> float | None:
    """Give a time by which a lap belongs to a session: its start, or where that should be."""
    if lap.start is None or lap.end is None or lap.stamp is None:
        return lap.start or lap.end
    if abs(lap.end - lap.stamp) <= STRAY_S:
        return lap.start
    return lap.stamp - (lap.end - lap.start)


def _within(time: float | None, begin: float | None, end: float | None) -> bool:
    low = -np.inf if begin is None else begin
    high = np.inf if end is None else end
    return time is None or low <= time < high


def _spans(content: FitContent) -> list[_Span]:
    """Give each session the records from its start to the start of the next."""
    size = int(content.stamps.size)
    sessions = _distinct(content.messages.get(SESSION, ()))
    if len(sessions) < 2:
        return [_Span(sessions[0] if sessions else {}, 0, size)]
    known = _starts(sessions)
    distinct = len({start for start, _ in known}) == len(sessions)
    timed = content.stamps[np.isfinite(content.stamps)]
    steps = np.diff(timed)
    ordered = bool(steps.size == 0 or (steps.min() >= -STRAY_S and steps.max() <= JUMP_S))
    if distinct and ordered:
        return _split(content.stamps, sessions, known)
    span = _Span(_united(sessions, timed), 0, size)
    reason = "the clock was set between sessions" if distinct else "sessions start together"
    message = f"{reason}; read as one"
    span.problems.append(Problem("sessions_not_split", message, len(sessions)))
    return [span]


def _split(
    stamps: Floats, sessions: Sequence[Message], known: Sequence[tuple[float, int]]
) -> list[_Span]:
    """Cut records at the starts of the sessions; ``known`` are these, in order."""
    filled = np.maximum.accumulate(np.where(np.isfinite(stamps), stamps, -np.inf))
    cuts = [0, *(int(np.searchsorted(filled, start)) for start, _ in known[1:]), stamps.size]
    spans = [
        _Span(sessions[index], first, last, start)
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
    starts = [_stamp(message, 2) for message in sessions]
    sports = {number_in(message, 5) for message in sessions}
    if len(set(starts)) < len(starts) == len(sports):
        starts = [_start_by_end(message) for message in sessions]
    return sorted((start, i) for i, start in enumerate(starts) if start is not None)


def _start_by_end(session: Message) -> float | None:
    """Return the end of a session less its length, where both are known; else its start."""
    end, length = _stamp(session, TIMESTAMP), _scaled(session, 7, 1000.0)
    return _stamp(session, 2) if end is None or length is None else end - length


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


# --- single messages ---------------------------------------------------------------------------


def _int(message: Message, key: int) -> int | None:
    value = number_in(message, key)
    return int(value) if value is not None and math.isfinite(value) else None


def _scaled(message: Message, key: int, scale: float) -> float | None:
    value = number_in(message, key)
    return None if value is None else value / scale


def _stamp(message: Message, key: int) -> float | None:
    value = number_in(message, key)
    return None if value is None else value + profile.EPOCH


def _name(table: Mapping[int, str], message: Message, key: int) -> str | None:
    value = _int(message, key)
    return None if value is None else table.get(value)


def _raw_lap(message: Message) -> RawLap:
    start, stamp = _stamp(message, 2), _stamp(message, TIMESTAMP)
    elapsed = _scaled(message, 7, 1000.0)
    if start is None and stamp is not None and elapsed is not None:
        start = stamp - elapsed
    end = start + elapsed if start is not None and elapsed is not None else stamp
    step = _int(message, 71)
    return RawLap(
        start=start,
        end=end,
        distance_m=_scaled(message, 9, 100.0),
        timer_s=_scaled(message, 8, 1000.0),
        trigger=_name(profile.LAP_TRIGGER, message, 24),
        intensity=_name(profile.INTENSITY, message, 23),
        step=None if step is None else step & 0x0FFF,
        stamp=stamp if message.get(2) is not None and elapsed is not None else None,
    )


def _raw_event(message: Message) -> RawEvent | None:
    time, event = _stamp(message, TIMESTAMP), _int(message, 0)
    if time is None or event is None:
        return None
    name = profile.EVENT.get(event)
    if name is None:
        return None
    rate = number_in(message, 3) if name == "recovery_hr" else None
    known = _between(rate, BY_NAME["heart_rate"].low, BY_NAME["heart_rate"].high)
    return RawEvent(time, name, _name(profile.EVENT_TYPE, message, 1), known)


def _session(message: Message, workout: str | None) -> Session:
    return Session(
        timer_s=_scaled(message, 8, 1000.0),
        elapsed_s=_scaled(message, 7, 1000.0),
        distance_m=_scaled(message, 9, 100.0),
        aerobic_training_effect=_scaled(message, 24, 10.0),
        anaerobic_training_effect=_scaled(message, 137, 10.0),
        benefit=_name(profile.BENEFIT, message, 188),
        workout_name=workout,
        rpe=_between(_scaled(message, 193, 10.0), 0.0, 10.0),
        feel=_between(number_in(message, 192), 0.0, 100.0),
    )


def _between(value: float | None, low: float, high: float) -> float | None:
    """Return what a runner told the device, None where it is none of the steps there are."""
    return value if value is not None and low <= value <= high else None


def _sport(
    session: Message, sports: Sequence[Message], laps: Sequence[tuple[RawLap, Message]]
) -> tuple[str | None, str | None]:
    sport = _name(profile.SPORT, session, 5)
    sub_sport = _name(profile.SUB_SPORT, session, 6)
    if sport is None and sports:
        sport = _name(profile.SPORT, sports[0], 0)
        sub_sport = _name(profile.SUB_SPORT, sports[0], 1)
    if sport is None:
        named = (_name(profile.SPORT, message, 25) for _, message in laps)
        sport = next((name for name in named if name), None)
    return sport, sub_sport


def _device(file_ids: Sequence[Message], infos: Sequence[Message]) -> str | None:
    """Maker and product of the recording device; never its serial number."""
    makers = [(m, 1, 2, 8) for m in file_ids[:1]]
    makers += [(m, 2, 4, 27) for m in infos if _int(m, 0) == 0]
    for message, maker_key, product_key, name_key in makers:
        number, product = _int(message, maker_key), _int(message, product_key)
        maker = None if number is None else fit_devices.manufacturer(number)
        name = text_in(message, name_key)
        if name is None and maker == "garmin" and product is not None:
            name = fit_devices.garmin_product(product)
        words = [word for word in (maker, name) if word]
        if words and (name or message is makers[-1][0]):
            return " ".join(words)
    return None


def _utc_offset(messages: Sequence[Message], key: int) -> float | None:
    """Local time, which stands in field ``key``, less UTC, to the quarter of an hour."""
    for message in messages:
        local, utc = number_in(message, key), number_in(message, TIMESTAMP)
        if local is None or utc is None:
            continue
        quarter = round((local - utc) / 900.0) * 900.0
        if abs(local - utc - quarter) <= 60.0 and -43200.0 <= quarter <= 50400.0:
            return quarter
    return None


def _step(message: Message, position: int) -> WorkoutStep:
    """Bring a workout step to SI units; zones and percentages are named as such."""
    index = _int(message, MESSAGE_INDEX)
    duration_type, duration_value = _step_duration(message)
    target_type, low, high = _step_target(message)
    return WorkoutStep(
        index=position if index is None else index & 0x0FFF,
        name=text_in(message, 0),
        duration_type=duration_type,
        duration_value=duration_value,
        target_type=target_type,
        target_value=_step_repeats(message),
        target_low=low,
        target_high=high,
        intensity=_name(profile.INTENSITY, message, 7),
    )


_TIMES, _DISTANCE, _HEART_RATES, _POWERS = {0, 28, 31}, 1, {2, 3}, {14, 15}
_SPEED_TARGETS, _BPM_TARGETS, _WATT_TARGETS = {0, 12}, {1, 13}, {4, 7, 8, 9, 10}
_UNTIL_SCALES = {7: 1000.0, 8: 100.0}
"""Kinds of duration that repeat until a time or a distance."""


def _step_duration(message: Message) -> tuple[str | None, float | None]:
    """Return what ends a step, and its value; of heart rate and power a percentage is named so."""
    kind, value = _int(message, 1), number_in(message, 2)
    name = None if kind is None else profile.STEP_DURATION.get(kind)
    if kind in _TIMES:
        return name, _scaled(message, 2, 1000.0)
    if kind == _DISTANCE:
        return name, _scaled(message, 2, 100.0)
    if kind in _HEART_RATES | _POWERS and value is not None:
        excess = 100.0 if kind in _HEART_RATES else 1000.0
        return (name, value - excess) if value > excess else (f"{name}_percent", value)
    return name, value


def _step_target(message: Message) -> tuple[str | None, float | None, float | None]:
    """Return what a step aims at, and the range; a percentage is named so."""
    kind, low, high = _int(message, 3), number_in(message, 5), number_in(message, 6)
    name = None if kind is None else profile.STEP_TARGET.get(kind)
    if kind in _SPEED_TARGETS:
        return name, _scaled(message, 5, 1000.0), _scaled(message, 6, 1000.0)
    if kind not in _BPM_TARGETS | _WATT_TARGETS or not (low or high):
        return name, low, high
    excess = 100.0 if kind in _BPM_TARGETS else 1000.0
    if max(low or 0.0, high or 0.0) <= excess:
        return f"{name}_percent", low, high
    return name, _less(low, excess), _less(high, excess)


def _step_repeats(message: Message) -> float | None:
    """Return how often steps are repeated, or until what time or distance."""
    scale = _UNTIL_SCALES.get(_int(message, 1) or 0)
    return number_in(message, 4) if scale is None else _scaled(message, 4, scale)


def _less(value: float | None, excess: float) -> float | None:
    return None if value is None else value - excess


# --- heart rate from a strap that recorded by itself ---------------------------------------------


def _fill_heart_rate(
    columns: dict[str, Floats], stamps: Floats, times: Floats, beats: Floats
) -> None:
    """Fill records without heart rate from hr messages, which may stand in a file of their own."""
    if not times.size:
        return
    own = columns.get("heart_rate")
    values = np.full(stamps.size, np.nan) if own is None else own.copy()
    at = np.searchsorted(times, stamps, side="right") - 1
    usable = (np.isnan(values) | (values == 0.0)) & (at >= 0)
    usable[usable] = stamps[usable] - times[at[usable]] <= HR_AGE_S
    values[usable] = beats[at[usable]]
    columns["heart_rate"] = values


def hr_samples(messages: Sequence[Message]) -> tuple[Floats, Floats]:
    """Give times (unix s, rising) and bpm of hr messages.

    A message with a timestamp anchors the strap's own clock of 1/1024 s (32 bits, rolling over);
    packed 12-bit times count on from the last full one.
    """
    times: list[float] = []
    beats: list[float] = []
    anchor: float | None = None
    origin = clock = 0
    for message in messages:
        ticks = [int(v) for v in _items(message.get(9)) if isinstance(v, int | float)]
        stamp = number_in(message, TIMESTAMP)
        if stamp is not None and ticks:
            anchor = stamp + profile.EPOCH + (_scaled(message, 0, 32768.0) or 0.0)
            origin = clock = ticks[0]
        if anchor is None:
            continue
        ticks = ticks or list(_unpacked(message, clock))
        for tick, rate in zip(ticks, _items(message.get(6)), strict=False):
            if isinstance(rate, int | float) and rate:
                times.append(anchor + ((tick - origin) & 0xFFFFFFFF) / 1024.0)
                beats.append(float(rate))
        if ticks:
            clock = ticks[-1]
    order = np.argsort(np.array(times), kind="stable")
    return np.array(times)[order], np.array(beats)[order]


def _unpacked(message: Message, clock: int) -> Iterator[int]:
    """Yield ticks that were packed, two 12-bit ends in three bytes, counting on from ``clock``."""
    packed = [v for v in _items(message.get(10)) if isinstance(v, int)]
    for low, middle, top in zip(packed[::3], packed[1::3], packed[2::3], strict=False):
        for value in (low | (middle & 0x0F) << 8, middle >> 4 | top << 4):
            clock += (value - clock) & 0xFFF
            yield clock


def _items(value: object) -> tuple[object, ...]:
    if value is None:
        return ()
    return value if isinstance(value, tuple) else (value,)
