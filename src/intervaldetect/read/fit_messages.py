"""The rare messages of a FIT file (laps, sessions, events), decoded where they were noted."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from struct import Struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from intervaldetect.read import fit_profile as profile

Message = Mapping[int, object]
"""Field number -> raw value: int, float, str, a tuple of them, or None where invalid."""

FILE_ID, SPORT, SESSION, LAP, EVENT, DEVICE_INFO = 0, 12, 18, 19, 21, 23
WORKOUT, WORKOUT_STEP, ACTIVITY, HR, CORRELATION = 26, 27, 34, 132, 162
DESCRIPTION = 206
TIMESTAMP, MESSAGE_INDEX = 253, 254

WANTED: Mapping[int, tuple[int, ...]] = {
    FILE_ID: (0, 1, 2, 4, 8),
    SPORT: (0, 1),
    SESSION: (2, 5, 6, 7, 8, 9, 24, 137, 188, 192, 193, TIMESTAMP),
    LAP: (2, 7, 8, 9, 23, 24, 25, 71, TIMESTAMP),
    EVENT: (0, 1, 3, TIMESTAMP),
    DEVICE_INFO: (0, 2, 4, 27),
    WORKOUT: (8,),
    WORKOUT_STEP: (0, 1, 2, 3, 4, 5, 6, 7, MESSAGE_INDEX),
    ACTIVITY: (5, TIMESTAMP),
    HR: (0, 1, 6, 9, 10, TIMESTAMP),
    CORRELATION: (1, 3, TIMESTAMP),
    DESCRIPTION: (0, 1, 2, 3, 6, 7, 8, 14, 15),
}
"""The fields of each message, by number, that anything here looks at."""

MAX_MESSAGES = 20_000
"""Of one kind; no device writes so many laps, events or beats in one activity."""

_TYPES: tuple[tuple[str, int, object], ...] = (
    ("B", 1, 0xFF),
    ("b", 1, 0x7F),
    ("B", 1, 0xFF),
    ("h", 2, 0x7FFF),
    ("H", 2, 0xFFFF),
    ("i", 4, 0x7FFFFFFF),
    ("I", 4, 0xFFFFFFFF),
    ("s", 1, None),
    ("f", 4, None),
    ("d", 8, None),
    ("B", 1, 0),
    ("H", 2, 0),
    ("I", 4, 0),
    ("B", 1, 0xFF),
    ("q", 8, 0x7FFFFFFFFFFFFFFF),
    ("Q", 8, 0xFFFFFFFFFFFFFFFF),
    ("Q", 8, 0),
)
"""Letter of ``struct``, width and invalid value of a base type, by its number."""

_STRING, _FLOATS, _BYTE = 7, (8, 9), 13


class Plan(NamedTuple):
    """How to unpack the wanted fields of one definition: all at once."""

    unpack: Struct
    keys: tuple[int, ...]
    invalid: tuple[object, ...]
    others: tuple[tuple[int, int, Struct | None, object], ...]


def decode_messages(data: bytes, notes: Iterable[Sequence[int]]) -> dict[int, list[Message]]:
    """Decode noted messages by global number, in file order.

    Parameters
    ----------
    data : bytes
        The file.
    notes : iterable of (int, int, int, int)
        As ``kernels.fit.scan`` notes them: body, definition, global number, stamp or -1.
    """
    messages: dict[int, list[Message]] = {}
    plans: dict[int, Plan] = {}
    for body, defined_at, number, stamp in notes:
        plan = plans.get(defined_at)
        if plan is None:
            end = defined_at + 6 + 3 * data[defined_at + 5]
            plan = plans[defined_at] = _plan_of(data[defined_at:end], number)
        message = take_message(data, body, plan)
        if stamp >= 0 and message.get(TIMESTAMP) is None:
            message[TIMESTAMP] = stamp
        messages.setdefault(number, []).append(message)
    return messages


def bounded(notes: NDArray[np.int64]) -> tuple[NDArray[np.int64], int]:
    """Keep the first ``MAX_MESSAGES`` of each kind, and count the others."""
    if notes.shape[0] <= MAX_MESSAGES:
        return notes, 0
    kinds = notes[:, 2]
    kept = np.sort(
        np.concatenate([np.flatnonzero(kinds == kind)[:MAX_MESSAGES] for kind in np.unique(kinds)])
    )
    return notes[kept], int(notes.shape[0] - kept.size)


def take_message(data: bytes, body: int, plan: Plan) -> dict[int, object]:
    """Decode the message whose body begins at ``body``."""
    message: dict[int, object] = {
        key: None if value == invalid else value
        for key, invalid, value in zip(
            plan.keys, plan.invalid, plan.unpack.unpack_from(data, body), strict=True
        )
    }
    for key, kind, items, invalid in plan.others:
        message[key] = _other(message[key], kind, items, invalid)
    return message


@lru_cache(maxsize=256)
def _plan_of(definition: bytes, number: int) -> Plan:
    """Plan for one definition; files of one device share theirs."""
    return plan_message(definition, 0, WANTED[number])


def plan_message(data: bytes, at: int, wanted: Sequence[int]) -> Plan:
    """Read the definition at ``at``: how to decode the fields ``wanted`` of its messages."""
    order = ">" if data[at + 2] else "<"
    layout: list[str] = [order]
    keys: list[int] = []
    invalids: list[object] = []
    others: list[tuple[int, int, Struct | None, object]] = []
    skipped = 0
    for i in range(data[at + 5]):
        key, width, base = data[at + 6 + 3 * i : at + 9 + 3 * i]
        kind = base & 0x1F
        fits = kind < len(_TYPES) and width > 0 and width % _TYPES[kind][1] == 0
        if key not in wanted or key in keys or not fits:
            skipped += width
            continue
        letter, size, invalid = _TYPES[kind]
        layout.append(f"{skipped}x")
        skipped = 0
        keys.append(key)
        if kind == _STRING or width != size:
            items = None if kind == _STRING else Struct(f"{order}{width // size}{letter}")
            layout.append(f"{width}s")
            others.append((key, kind, items, invalid))
            invalids.append(None)
        else:
            layout.append(letter)
            invalids.append(invalid)
            if kind in _FLOATS:
                others.append((key, kind, None, None))
    return Plan(Struct("".join(layout)), tuple(keys), tuple(invalids), tuple(others))


def _other(value: object, kind: int, items: Struct | None, invalid: object) -> object:
    """Turn the bytes of a string or an array into what they stand for."""
    if not isinstance(value, bytes):  # a lone float
        return None if value != value else value  # noqa: PLR0124 - only NaN differs from itself
    if kind == _STRING or items is None:
        return value.split(b"\0", 1)[0].decode("utf-8", "replace") or None
    if kind == _BYTE:  # one value in several bytes: invalid only as a whole
        return None if value.count(0xFF) == len(value) else tuple(value)
    return tuple(None if item == invalid else item for item in items.unpack(value))


def number_in(message: Message, key: int) -> float | None:
    """Give a field as a number, of an array the first valid item; None where there is none."""
    value = message.get(key)
    if value is None:
        return None
    if type(value) is int:  # as nearly all are
        return float(value)
    if isinstance(value, tuple):
        value = next((item for item in value if item is not None), None)
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        return None
    return float(value)


def text_in(message: Message, key: int) -> str | None:
    """Give a field as a printable text, None where there is none."""
    value = message.get(key)
    if isinstance(value, tuple):
        value = next((item for item in value if isinstance(item, str)), None)
    if not isinstance(value, str):
        return None
    value = value.strip()
    return value if value and value.isprintable() and "\ufffd" not in value else None


def whole_in(message: Message, key: int) -> int | None:
    """Give a field as a whole number, None where there is none."""
    number = message.get(key)
    if number is None or type(number) is int:
        return number
    value = number_in(message, key)
    return int(value) if value is not None and math.isfinite(value) else None


def scaled_in(message: Message, key: int, scale: float) -> float | None:
    """Give a field in its unit, of which it counts ``scale`` parts; None where there is none."""
    value = message.get(key)
    if type(value) is int:
        return value / scale
    number = number_in(message, key)
    return None if number is None else number / scale


def stamp_in(message: Message, key: int) -> float | None:
    """Give a field that is a time in unix seconds, None where there is none."""
    value = message.get(key)
    if type(value) is int:
        return float(value + profile.EPOCH)
    number = number_in(message, key)
    return None if number is None else number + profile.EPOCH


def name_in(table: Mapping[int, str], message: Message, key: int) -> str | None:
    """Give the name of what a field says, None where it says nothing or nothing known."""
    value = whole_in(message, key)
    return None if value is None else table.get(value)
