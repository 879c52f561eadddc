"""A recorded FIT file with its laps replaced; every other message keeps its bytes.

Messages that describe the laps themselves follow: the number of laps in the session, and where
several sessions share a file, the numbers of the laps behind. All laps of a session stand in one
place, before its session message. Developer fields of the old laps go with them.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from intervaldetect.errors import CorruptFile, ParameterError
from intervaldetect.records import Activity, Floats, Lap
from intervaldetect.write.fit_bytes import BASE_TYPES, BaseType, fit_seconds
from intervaldetect.write.fit_walk import TIMESTAMP, Chunk, Definition, Message, chunks

LOCAL = 15
"""Local message type of the new laps; what the file defined there is defined again."""
SESSION, LAP, RECORD = 18, 19, 20
MESSAGE_INDEX, START_TIME, FIRST_LAP, NUM_LAPS = 254, 2, 25, 26
_INTENSITY = {
    "active": 0, "rest": 1, "warmup": 2, "cooldown": 3, "recovery": 4, "interval": 5, "other": 6,
}  # fmt: skip
_TRIGGER = {"manual": 0, "time": 1, "distance": 2, "session_end": 7}
_SPORT = {"generic": 0, "running": 1, "cycling": 2, "walking": 11, "hiking": 17}

_LAP_FIELDS: tuple[tuple[int, BaseType], ...] = (
    (253, "uint32"), (2, "uint32"), (3, "sint32"), (4, "sint32"), (5, "sint32"), (6, "sint32"),
    (7, "uint32"), (8, "uint32"), (9, "uint32"), (110, "uint32"), (111, "uint32"), (254, "uint16"),
    (13, "uint16"), (14, "uint16"), (19, "uint16"), (20, "uint16"), (0, "enum"), (1, "enum"),
    (15, "uint8"), (16, "uint8"), (17, "uint8"), (18, "uint8"), (23, "enum"), (24, "enum"),
    (25, "enum"),
)  # fmt: skip


def rewrite_fit(data: bytes, activity: Activity, laps: Sequence[Lap]) -> bytes:
    """Replace the laps of one activity in the bytes of its FIT file.

    Parameters
    ----------
    data : bytes
        The unpacked file that ``activity`` was read from.
    activity : Activity
        Names the session, and gives the totals of the laps.
    laps : sequence of Lap
        In time order, on whole seconds.

    Returns
    -------
    bytes
        The file anew with sizes and checksums made right. All messages but laps keep their bytes
        and their order; in sessions the number of laps follows.

    Raises
    ------
    CorruptFile
        The file is damaged, or its times cannot be told without the laps that go.
    ParameterError
        There is no lap, or the activity is not of this file.
    """
    if not laps:
        raise ParameterError("laps", laps, "at least one lap")
    start = fit_seconds(activity.start_time)
    wanted = np.unique(np.round(activity.columns["time"]).astype(np.int64) + start)
    parts = list(chunks(data, activity.path))
    distances: dict[int, int] = {}
    for number, chunk in enumerate(parts):
        stamps = np.array(_record_times(chunk), np.int64)
        if np.isin(wanted, stamps).all():
            span = (stamps >= wanted[0]) & (stamps <= wanted[-1])
            distances[number] = abs(int(span.sum()) - len(activity))
    if distances:  # chained files may cover the same hour
        number = min(distances, key=lambda each: distances[each])
        parts[number] = _rewritten(parts[number], activity, laps, start)
        return b"".join(part.raw() for part in parts)
    reason = "an activity of this file whose clock needed no repair"
    raise ParameterError("activity", activity.path, reason)


def is_rewritten(data: bytes, path: str) -> bool:
    """Tell whether all laps of a FIT file were written by `rewrite_fit`.

    Such laps say what was found before; judged anew, they would count as if pressed by hand.
    """
    try:
        laps = [
            message.definition.raw
            for chunk in chunks(data, path)
            for message in chunk.messages
            if message.is_data and message.definition.number == LAP
        ]
    except CorruptFile:
        return False
    return bool(laps) and all(raw == _DEFINITION.raw for raw in laps)


def _times(messages: Sequence[Message]) -> list[int | None]:
    """Return the time stamp of each data message, those in compressed headers unpacked."""
    last: int | None = None
    out: list[int | None] = []
    for message in messages:
        stamp = None
        if message.is_data and message.compressed:
            if last is not None:
                stamp = last = last + (((message.raw[0] & 0x1F) - last) & 0x1F)
        elif message.is_data:
            stamp = message.definition.integer(message.raw, TIMESTAMP)
            last = stamp if stamp is not None else last
        out.append(stamp)
    return out


def _record_times(chunk: Chunk) -> list[int]:
    times = _times(chunk.messages)
    return [
        time
        for message, time in zip(chunk.messages, times, strict=True)
        if message.definition.number == RECORD and time is not None
    ]


def _rewritten(chunk: Chunk, activity: Activity, laps: Sequence[Lap], start: int) -> Chunk:
    own, begin, end = _own_session(_data_of(chunk, SESSION), activity, start)
    old = _data_of(chunk, LAP)
    gone = [message for message in old if begin <= _start_of(message) < end]
    first = min(map(_index, gone), default=sum(_start_of(message) < begin for message in old))
    new = [
        _lap_message(activity, lap, first + index, start + round(lap.start_s), start)
        for index, lap in enumerate(laps)
    ]
    lost = {id(message) for message in gone}
    emitter = _Emitter()
    before = _place(chunk.messages, own)
    for message in chunk.messages:
        if message is before:
            emitter.put_all(new)
        if message is own:
            emitter.put(_patched(message, NUM_LAPS, len(laps)))
        elif message.definition.number != LAP or (message.is_data and id(message) not in lost):
            emitter.put(_renumbered(message, first, len(laps) - len(gone)))
    if own is None:
        emitter.put_all(new)
    _check_times(chunk, emitter.out, activity.path)
    return Chunk(chunk.header, tuple(emitter.out))


def _data_of(chunk: Chunk, number: int) -> list[Message]:
    return [each for each in chunk.messages if each.is_data and each.definition.number == number]


def _renumbered(message: Message, first: int, more: int) -> Message:
    """Count laps behind the first new one, and sessions that begin there, by ``more`` further."""
    if not message.is_data:
        return message
    if message.definition.number == LAP:
        index = _index(message)
        return _patched(message, MESSAGE_INDEX, index + more * (index >= first))
    if message.definition.number == SESSION:
        at = message.definition.integer(message.raw, FIRST_LAP)
        return message if at is None or at <= first else _patched(message, FIRST_LAP, at + more)
    return message


def _own_session(
    sessions: Sequence[Message], activity: Activity, start: int
) -> tuple[Message | None, float, float]:
    """Return the session message of an activity and the span of times its laps start in."""
    if not sessions:
        return None, -np.inf, np.inf
    joined = any(problem.code == "sessions_not_split" for problem in activity.problems)
    if len(sessions) == 1 or joined:
        return sessions[0], -np.inf, np.inf
    ordered = sorted(sessions, key=_start_of)
    begins = [_start_of(message) for message in ordered]
    place = max((k for k, begin in enumerate(begins) if begin <= start), default=0)
    begin = -np.inf if place == 0 else begins[place]
    end = begins[place + 1] if place + 1 < len(begins) else np.inf
    return ordered[place], begin, end


def _place(messages: Sequence[Message], own: Message | None) -> Message | None:
    """Return what the new laps go before: a session, with the definition right before it."""
    place: Message | None = None
    for message in messages:
        if message is own:
            return place or own
        if message.definition.number == LAP:
            continue
        if message.is_data:
            place = None
        elif own is not None and message.definition.local == own.definition.local:
            place = message
    return None


def _start_of(message: Message) -> float:
    started = message.definition.integer(message.raw, START_TIME)
    if started is None:
        started = message.definition.integer(message.raw, TIMESTAMP)
    return float(started or 0)


def _index(message: Message) -> int:
    return message.definition.integer(message.raw, MESSAGE_INDEX) or 0


def _patched(message: Message, field: int, value: int) -> Message:
    raw = message.definition.patched(message.raw, field, value)
    return Message(raw, message.definition, is_data=True)


class _Emitter:
    """Puts messages in a row and sees to it that each meets its own definition."""

    def __init__(self) -> None:
        self.out: list[Message] = []
        self._defined: dict[int, bytes] = {}

    def put(self, message: Message) -> None:
        """Put a message; a definition that a lap has displaced comes back before its data."""
        definition = message.definition
        if message.is_data and self._defined.get(definition.local) != definition.raw:
            self._define(definition)
        if not message.is_data:
            self._defined[definition.local] = definition.raw
        self.out.append(message)

    def put_all(self, messages: Iterable[Message]) -> None:
        for message in messages:
            self.put(message)

    def _define(self, definition: Definition) -> None:
        self._defined[definition.local] = definition.raw
        self.out.append(Message(definition.raw, definition, is_data=False))


def _check_times(chunk: Chunk, out: Sequence[Message], path: str) -> None:
    """Refuse what would move a time stamp in a compressed header, which counts from the last."""
    before, after = _times(chunk.messages), _times(out)
    kept = [t for m, t in zip(chunk.messages, before, strict=True) if m.is_data and m.compressed]
    now = [t for m, t in zip(out, after, strict=True) if m.is_data and m.compressed]
    if kept != now:
        reason = "compressed time stamps count from its laps, so they cannot be replaced"
        raise CorruptFile(path, "write", reason)


def _lap_definition() -> Definition:
    raw = struct.pack("<BBBHB", 0x40 | LOCAL, 0, 0, LAP, len(_LAP_FIELDS))
    places: dict[int, tuple[int, int]] = {}
    at = 1
    for field, base in _LAP_FIELDS:
        code, letter, _ = BASE_TYPES[base]
        size = struct.calcsize(letter)
        raw += bytes((field, size, code))
        places[field] = (at, size)
        at += size
    return Definition(raw, LAP, "<", at, places)


_DEFINITION = _lap_definition()


def _lap_message(activity: Activity, lap: Lap, index: int, begin: int, start: int) -> Message:
    values = _totals(activity, lap) | {
        253: start + round(lap.end_s),
        254: index,
        0: 9,
        1: 1,
        2: begin,
        7: round((lap.end_s - lap.start_s) * 1000.0),
        8: round((lap.end_s - lap.start_s if lap.timer_s is None else lap.timer_s) * 1000.0),
        23: _INTENSITY.get(lap.intensity or ""),
        24: _TRIGGER.get(lap.trigger or ""),
        25: _SPORT.get(activity.sport or "generic", 254),
    }
    raw = bytes([LOCAL])
    for field, base in _LAP_FIELDS:
        _, letter, invalid = BASE_TYPES[base]
        value = values.get(field)
        low, high = (-(2**31), 2**31 - 2) if letter == "i" else (0, invalid - 1)
        fits = value is not None and low <= value <= high
        raw += struct.pack("<" + letter, value if fits else invalid)
    return Message(raw, _DEFINITION, is_data=True)


def _totals(activity: Activity, lap: Lap) -> dict[int, int | None]:
    """Recompute the totals of a lap from the samples in it; None where the file has nothing."""
    columns = activity.columns
    time = columns["time"]
    inside = slice(*np.searchsorted(time, (lap.start_s, lap.end_s)).tolist())
    legs = 1.0 if activity.sport == "cycling" else 2.0
    seconds = lap.timer_s if lap.timer_s is not None else lap.end_s - lap.start_s
    mean = None
    if lap.distance_m is not None and seconds > 0.0:
        mean = round(1000.0 * lap.distance_m / seconds)
    fastest = _scaled(columns["speed"][inside], np.max, 1000.0)
    out: dict[int, int | None] = {
        9: None if lap.distance_m is None else round(100.0 * lap.distance_m),
        13: mean,
        110: mean,
        14: fastest,
        111: fastest,
        15: _scaled(columns["heart_rate"][inside], np.mean),
        16: _scaled(columns["heart_rate"][inside], np.max),
        17: _scaled(columns["cadence"][inside], np.mean, 1.0 / legs),
        18: _scaled(columns["cadence"][inside], np.max, 1.0 / legs),
        19: _scaled(columns["power"][inside], np.mean),
        20: _scaled(columns["power"][inside], np.max),
    }
    turns = 2.0**31 / 180.0
    located = np.isfinite(columns["latitude"][inside]) & np.isfinite(columns["longitude"][inside])
    for place, field in ((0, 3), (-1, 5)):
        for name, offset in (("latitude", 0), ("longitude", 1)):
            known = columns[name][inside][located]
            out[field + offset] = round(float(known[place]) * turns) if known.size else None
    return out


def _scaled(values: Floats, fold: Callable[[Floats], float], scale: float = 1.0) -> int | None:
    known = values[np.isfinite(values)]
    return round(float(fold(known)) * scale) if known.size else None
