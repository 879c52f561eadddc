"""A FIT file with the messages and fields that detection needs, and no others."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from intervaldetect.errors import CorruptFile
from intervaldetect.read import fit_messages as messages
from intervaldetect.read.fit_developer import (
    BASE_TYPE,
    DEVELOPER_INDEX,
    FACTOR_OF,
    FIELD_NUMBER,
    NAME,
    NAMED,
    NATIVE_FIELD,
    NATIVE_MESSAGE,
    OFFSET,
    SCALE,
    UNITS,
    meaning_of,
)
from intervaldetect.write.fit_walk import TIMESTAMP, Chunk, Definition, Message, chunks

DAY = 315619200
"""2000-01-01T00:00:00Z in FIT seconds, when every scrubbed recording begins, give or take 32 s."""
FIRST_DATE = 0x10000000
"""Smaller time stamps count from the start of the device, not from 1989."""
STAMP_STEP = 32
"""Compressed headers carry the last five bits of a time, which a shift has to leave as they are."""
SEA_LEVEL = 2500
"""The lowest altitude of a scrubbed recording: 0 m in FIT's 0.2 m above -500 m."""
RECORD, DEVELOPER_ID, STRING = 20, 207, 7
ALTITUDES = (2, 78)

KEPT: Mapping[int, frozenset[int]] = {
    messages.FILE_ID: frozenset({0, 1, 2, 4}),
    messages.SPORT: frozenset({0, 1}),
    messages.SESSION: frozenset({0, 1, 2, 5, 6, 7, 8, 9, 24, 25, 26, 28, 137, 188, 253, 254}),
    messages.LAP: frozenset({0, 1, 2, 7, 8, 9, 23, 24, 25, 71, 253, 254}),
    RECORD: frozenset({2, 3, 4, 5, 6, 7, 8, 13, 52, 53, 73, 78, 253}),
    messages.EVENT: frozenset({0, 1, 4, 253}),
    messages.DEVICE_INFO: frozenset({0, 2, 4, 253}),
    messages.WORKOUT: frozenset({4, 6}),
    messages.WORKOUT_STEP: frozenset({1, 2, 3, 4, 5, 6, 7, 254}),
    messages.ACTIVITY: frozenset({0, 1, 2, 3, 4, 253}),
    messages.HR: frozenset({0, 1, 6, 9, 10, 253}),
    messages.DESCRIPTION: frozenset({0, 1, 2, 3, 6, 7, 8, 14, 15}),
    DEVELOPER_ID: frozenset({3}),
}
"""Fields by message. Text goes from all but descriptions, whose words are then looked at."""

DATES: Mapping[int, frozenset[int]] = {
    messages.FILE_ID: frozenset({4}),
    messages.SESSION: frozenset({2}),
    messages.LAP: frozenset({2}),
}
"""Fields with a date, besides the time stamp of every message."""

WORDS = frozenset(
    {*NAMED, *(unit for _, units in NAMED.values() for unit in units)}
    | {unit for units in FACTOR_OF.values() for unit in units}
)
"""What a developer field may be called, or have for a unit, and stay so: no names of people."""

_LETTERS = {1: "B", 2: "H", 4: "I"}
_DESCRIBED = (DEVELOPER_INDEX, FIELD_NUMBER, BASE_TYPE, SCALE, OFFSET, NATIVE_MESSAGE, NATIVE_FIELD)

Key = tuple[int, int]


@dataclass(frozen=True, slots=True)
class _Shift:
    """What is taken from every date in s, and from every altitude in its raw unit."""

    seconds: int
    altitude: int


@dataclass(frozen=True, slots=True)
class _Cut:
    """A definition made smaller: its new bytes, what is copied, and which numbers are shifted.

    ``copied`` are byte ranges of an old message; ``dates`` and ``altitudes`` are (offset, width)
    in the new one, ``texts`` likewise.
    """

    definition: Definition
    copied: tuple[tuple[int, int], ...]
    dates: tuple[int, ...]
    altitudes: tuple[tuple[int, int], ...]
    texts: tuple[tuple[int, int], ...]


def scrub_fit(data: bytes, path: str) -> bytes:
    """Take positions, the altitude's offset, serial numbers, names and dates out of a FIT file.

    Parameters
    ----------
    data : bytes
        The unpacked file.
    path : str
        For errors.

    Returns
    -------
    bytes
        The messages and fields of `KEPT`, in their order, with sizes and checksums made right. The
        first record is on 2000-01-01, the lowest altitude is 0 m. Developer fields stay where they
        stand for a channel other than altitude.

    Raises
    ------
    CorruptFile
        The file is damaged: what cannot be read in full cannot be vouched for.
    """
    parts = list(chunks(data, path))
    shift = _Shift(_seconds(parts, path), _lowest(parts) - SEA_LEVEL)
    return b"".join(_scrubbed(part, shift).raw() for part in parts)


def _seconds(parts: Iterable[Chunk], path: str) -> int:
    stamps = [
        (message.definition.number, stamp)
        for part in parts
        for message in part.messages
        if message.is_data and not message.compressed
        if (stamp := message.definition.integer(message.raw, TIMESTAMP)) is not None
    ]
    of_records = (stamp for number, stamp in stamps if number == RECORD)
    first = next(of_records, stamps[0][1] if stamps else None)
    if first is None:
        raise CorruptFile(path, "scrub", "no time stamp in it", offset=0)
    return (first - DAY) // STAMP_STEP * STAMP_STEP if first >= FIRST_DATE else 0


def _lowest(parts: Iterable[Chunk]) -> int:
    known = (
        value
        for part in parts
        for message in part.messages
        if message.is_data and message.definition.number == RECORD
        for field in ALTITUDES
        if (value := message.definition.integer(message.raw, field)) is not None
    )
    return min(known, default=SEA_LEVEL)


def _scrubbed(part: Chunk, shift: _Shift) -> Chunk:
    wanted = frozenset(_developer_fields(part))
    ticking = any(message.is_data and message.compressed for message in part.messages)
    cuts: dict[int, _Cut | None] = {}
    out: list[Message] = []
    for message in part.messages:
        key = id(message.definition)
        if not message.is_data:
            cuts[key] = cut = _cut(message.definition, wanted, ticking=ticking)
            if cut is not None:
                out.append(Message(cut.definition.raw, cut.definition, is_data=False))
            continue
        cut = cuts[key]
        if cut is not None and _stays(message, wanted):
            out.append(Message(_moved(message.raw, cut, shift), cut.definition, is_data=True))
    size = 14 if len(part.header) >= 14 else 12
    return Chunk(bytes([size]) + part.header[1:size], tuple(out))


def _stays(message: Message, wanted: frozenset[Key]) -> bool:
    """Whether a message is kept: of descriptions, those of fields that are."""
    if message.definition.number != messages.DESCRIPTION:
        return True
    return _key(message) in wanted


def _developer_fields(part: Chunk) -> Iterator[Key]:
    """Yield the developer fields that stand for a channel, but for altitudes."""
    for message in part.messages:
        if message.is_data and message.definition.number == messages.DESCRIPTION:
            described: dict[int, object] = {
                field: message.definition.integer(message.raw, field) for field in _DESCRIBED
            }
            for field in (NAME, UNITS):
                described[field] = _text(message, field)
            meaning = meaning_of(described)
            if meaning is not None and meaning.channel != "altitude":
                yield _key(message)


def _key(message: Message) -> Key:
    index, number = (
        message.definition.integer(message.raw, field) for field in (DEVELOPER_INDEX, FIELD_NUMBER)
    )
    return -1 if index is None else index, -1 if number is None else number


def _text(message: Message, field: int) -> str | None:
    if field not in message.definition.fields:
        return None
    at, size = message.definition.fields[field]
    return message.raw[at : at + size].split(b"\0")[0].decode("utf-8", "replace")


def _cut(definition: Definition, wanted: frozenset[Key], *, ticking: bool) -> _Cut | None:
    """Make a definition smaller; None where nothing of its messages is kept.

    ``ticking`` says that later messages count their time from the stamps of all before them.
    """
    raw = definition.raw
    fields = KEPT.get(definition.number, frozenset({TIMESTAMP}) if ticking else frozenset())
    dated = DATES.get(definition.number, frozenset()) | {TIMESTAMP}
    triples, copied, at, new = b"", [], 1, 1
    dates, altitudes, texts = list[int](), list[tuple[int, int]](), list[tuple[int, int]]()
    for place in range(6, 6 + 3 * raw[5], 3):
        number, size, base = raw[place : place + 3]
        if number in fields and _is_sound(definition.number, number, size, base & 0x1F, dated):
            triples += raw[place : place + 3]
            copied.append((at, at + size))
            if number in dated:
                dates.append(new)
            elif definition.number == RECORD and number in ALTITUDES:
                altitudes.append((new, size))
            elif base & 0x1F == STRING:
                texts.append((new, size))
            new += size
        at += size
    developer, ranges, new = _cut_developer(raw, wanted, at, new)
    if not triples and not ticking:
        return None
    smaller = _definition_bytes(raw, triples, developer)
    anew = Definition(smaller, definition.number, definition.order, new, {})
    return _Cut(anew, (*copied, *ranges), tuple(dates), tuple(altitudes), tuple(texts))


def _definition_bytes(raw: bytes, triples: bytes, developer: bytes) -> bytes:
    head = raw[0] if developer else raw[0] & ~0x20
    tail = bytes([len(developer) // 3]) + developer if developer else b""
    return bytes([head]) + raw[1:5] + bytes([len(triples) // 3]) + triples + tail


def _is_sound(message: int, number: int, size: int, base: int, dated: frozenset[int]) -> bool:
    """Whether a field can be kept: numbers to be shifted have their usual type, text is rare."""
    if number in dated:
        return (size, base) == (4, 6)
    if message == RECORD and number in ALTITUDES:
        return (size, base) in {(2, 4), (4, 6)}
    return base != STRING or message == messages.DESCRIPTION


def _cut_developer(
    raw: bytes, wanted: frozenset[Key], at: int, new: int
) -> tuple[bytes, list[tuple[int, int]], int]:
    kept, ranges = b"", list[tuple[int, int]]()
    if not raw[0] & 0x20 or int.from_bytes(raw[3:5], "big" if raw[2] else "little") != RECORD:
        return kept, ranges, new
    first = 7 + 3 * raw[5]
    for place in range(first, first + 3 * raw[first - 1], 3):
        number, size, index = raw[place : place + 3]
        if (index, number) in wanted:
            kept += raw[place : place + 3]
            ranges.append((at, at + size))
            new += size
        at += size
    return kept, ranges, new


def _moved(raw: bytes, cut: _Cut, shift: _Shift) -> bytes:
    """Copy what is kept of a message, its dates and altitudes shifted, unknown words blanked."""
    body = bytearray(raw[:1] + b"".join(raw[a:b] for a, b in cut.copied))
    order = cut.definition.order
    for at in cut.dates:
        (value,) = struct.unpack_from(order + "I", body, at)
        if FIRST_DATE <= value < 0xFFFFFFFF:
            least = max(value - shift.seconds, FIRST_DATE)
            struct.pack_into(order + "I", body, at, min(least, 0xFFFFFFFE))
    for at, size in cut.altitudes:
        (value,) = struct.unpack_from(order + _LETTERS[size], body, at)
        invalid = (1 << 8 * size) - 1
        if value != invalid:
            moved = min(max(value - shift.altitude, 0), invalid - 1)
            struct.pack_into(order + _LETTERS[size], body, at, moved)
    for at, size in cut.texts:
        text = bytes(body[at : at + size]).split(b"\0")[0].decode("utf-8", "replace").lower()
        known = {" ".join(text.replace("_", " ").split()), text.replace(" ", "").rstrip(".")}
        body[at : at + size] = (text.encode() if known & WORDS else b"").ljust(size, b"\0")[:size]
    return bytes(body)
