"""Developer fields of a FIT record: which channel each stands for, and in which unit.

A watch app describes its fields in the file, by a native number, a name and a unit, of which any
may be missing. Descriptions count wherever in the file they stand. Which of several sources of one
channel is taken is decided by :func:`take_channels`, for every FIT reader alike.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from intervaldetect.kernels import fit_layout as layout
from intervaldetect.read.clock import middle
from intervaldetect.read.fit_messages import Message, number_in, text_in
from intervaldetect.read.fit_scan import field_of
from intervaldetect.records import Floats, Problem

if TYPE_CHECKING:
    from intervaldetect.read.fit_light import Walk

DEVELOPER_INDEX, FIELD_NUMBER, BASE_TYPE, NAME, SCALE, OFFSET, UNITS = 0, 1, 2, 3, 6, 7, 8
NATIVE_MESSAGE, NATIVE_FIELD = 14, 15
"""Fields of a field_description."""

CHANNEL_OF: Mapping[int, str] = {
    2: "altitude", 78: "altitude", 3: "heart_rate", 4: "cadence", 52: "cadence", 5: "distance",
    6: "speed", 73: "speed", 7: "power", 13: "temperature",
}  # fmt: skip
"""The channel of a native field that a developer field may stand for."""

_LENGTH = {
    "m": 1.0, "meter": 1.0, "meters": 1.0, "metre": 1.0, "metres": 1.0, "km": 1000.0,
    "kilometer": 1000.0, "kilometers": 1000.0, "kilometre": 1000.0, "kilometres": 1000.0,
    "mi": 1609.344, "mile": 1609.344, "miles": 1609.344, "ft": 0.3048, "feet": 0.3048,
    "yd": 0.9144, "yards": 0.9144, "dm": 0.1, "cm": 0.01,
    "centimeters": 0.01, "mm": 0.001,
}  # fmt: skip
_SPEED = {
    "m/s": 1.0, "mps": 1.0, "m*s-1": 1.0, "ms-1": 1.0, "meters/second": 1.0, "meter/second": 1.0,
    "km/h": 1 / 3.6, "kmh": 1 / 3.6, "kph": 1 / 3.6, "kmph": 1 / 3.6, "km/hr": 1 / 3.6,
    "kmh-1": 1 / 3.6, "kilometers/hour": 1 / 3.6, "mph": 0.44704, "mi/h": 0.44704,
    "mi/hr": 0.44704, "miles/hour": 0.44704, "kn": 1852 / 3600, "kt": 1852 / 3600,
    "kts": 1852 / 3600, "knot": 1852 / 3600, "knots": 1852 / 3600, "m/min": 1 / 60,
    "ft/s": 0.3048, "mm/s": 0.001, "cm/s": 0.01,
}  # fmt: skip
_TURNS = frozenset({"rpm", "spm", "strides/min", "steps/min", "stepsperminute", "step/min"})
_BEATS = frozenset({"bpm", "beats/min", "beatsperminute"})
_WATTS = frozenset({"w", "watt", "watts"})
NAMED: Mapping[str, tuple[str, frozenset[str]]] = {
    "power": ("power", _WATTS),
    "running power": ("power", _WATTS),
    "run power": ("power", _WATTS),
    "rp power": ("power", _WATTS),
    "stryd power": ("power", _WATTS),
    "cadence": ("cadence", _TURNS),
    "run cadence": ("cadence", _TURNS),
    "running cadence": ("cadence", _TURNS),
    "heart rate": ("heart_rate", _BEATS),
    "heartrate": ("heart_rate", _BEATS),
    "hr": ("heart_rate", _BEATS),
    "speed": ("speed", frozenset(_SPEED)),
    "run speed": ("speed", frozenset(_SPEED)),
    "running speed": ("speed", frozenset(_SPEED)),
    "distance": ("distance", frozenset(_LENGTH)),
    "run distance": ("distance", frozenset(_LENGTH)),
    "running distance": ("distance", frozenset(_LENGTH)),
}
"""Names that stand for a channel without a native number, and the units that bear them out."""

FACTOR_OF: Mapping[str, Mapping[str, float]] = {
    "distance": _LENGTH,
    "altitude": _LENGTH,
    "speed": _SPEED,
    "power": {"kw": 1000.0},
}
"""What a value in a stated unit is times to be in that of its channel; an unknown unit is none."""

FULL_SHARE = 0.5
"""A source with this share of the values that the fullest one has is no worse."""

_NO_SIGNS = str.maketrans({" ": None, ".": None, "^": None, "\u00b7": None})
"""Units are compared without what parts or raises their letters: ``km . h^-1`` is ``kmh-1``."""

Key = tuple[int, int]

ALIKE = (0.8, 1.25)
"""Sources whose medians are in this ratio measure the same, so that one fills gaps of the other."""


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a described field is: its channel, what to do with a raw value, and who says so."""

    channel: str
    factor: float
    less: float
    stated: bool
    name: str
    key: Key


@dataclass(frozen=True, slots=True)
class Candidate:
    """A developer field that may fill a channel; ``values`` has a place for every record."""

    meaning: Meaning
    values: Floats


def meaning_of(description: Message) -> Meaning | None:
    """Say which channel a field_description speaks of; None for any other field."""
    message = number_in(description, NATIVE_MESSAGE)
    if message is not None and message != layout.RECORD:
        return None
    name = text_in(description, NAME) or ""
    unit = (text_in(description, UNITS) or "").lower().translate(_NO_SIGNS)
    native = number_in(description, NATIVE_FIELD)
    channel = None if native is None else CHANNEL_OF.get(int(native))
    stated = channel is not None
    if native is None:
        plain = " ".join(name.lower().replace("_", " ").split())
        channel, units = NAMED.get(plain, (None, frozenset()))
        if unit not in units:
            channel = None
    if channel is None or (channel == "speed" and unit.startswith("min/")):
        return None  # a pace is no multiple of a speed
    factor = FACTOR_OF.get(channel, {}).get(unit, 1.0)
    scale = number_in(description, SCALE) or 1.0
    offset = number_in(description, OFFSET) or 0.0
    return Meaning(channel, factor / scale, offset * factor, stated, name, key_of(description))


def candidates_of(data: bytes, found: Walk, described: Sequence[Message]) -> list[Candidate]:
    """Decode the developer fields of a walk over ``data`` that stand for a channel.

    ``described`` are the field_descriptions that it noted, in file order.

    A field described twice is what the last description before its definition says it is, or the
    first one where all come later.
    """
    if not found.rows or not any(map(meaning_of, described)):
        return []
    bodies = found.notes[found.notes[:, 2] == layout.DESCRIPTION, 0].tolist()
    by_field: dict[Key, list[tuple[int, Message]]] = {}
    for body, message in zip(bodies, described, strict=False):
        by_field.setdefault(key_of(message), []).append((body, message))
    columns: dict[Meaning, Floats] = {}
    defined = found.places[1]
    changes = np.flatnonzero(np.diff(defined, prepend=-1))
    for defined_at in dict.fromkeys(defined[changes].tolist()):
        for meaning, field in _meant(data, defined_at, by_field):
            values = field_of(data, found.places, field) * meaning.factor - meaning.less
            before = columns.get(meaning)
            if before is not None:
                values = np.where(np.isnan(values), before, values)
            columns[meaning] = values
    return [Candidate(meaning, values) for meaning, values in columns.items()]


def _meant(
    data: bytes, defined_at: int, by_field: Mapping[Key, Sequence[tuple[int, Message]]]
) -> Iterable[tuple[Meaning, tuple[int, int, int, int, int]]]:
    """Yield what the developer fields of a definition mean, and how `field_of` finds them."""
    for key, where, width in _developer_fields(data, defined_at):
        message = _valid_at(by_field.get(key, ()), defined_at)
        meaning = None if message is None else meaning_of(message)
        if message is None or meaning is None:
            continue
        kind = _whole(message, BASE_TYPE) & 0x1F
        size = int(layout.WIDTH[kind]) if kind < layout.KINDS else 0
        if size and width % size == 0:
            big = int(data[defined_at + 2] != 0)
            yield meaning, (defined_at, where, kind, width // size, big)


def key_of(description: Message) -> Key:
    """Say which field a description describes: its developer's number and its own."""
    return _whole(description, DEVELOPER_INDEX), _whole(description, FIELD_NUMBER)


def _whole(message: Message, key: int) -> int:
    value = number_in(message, key)
    return -1 if value is None else int(value)


def _developer_fields(data: bytes, at: int) -> Iterable[tuple[Key, int, int]]:
    """Yield (developer, number), offset in the message and size of each of the definition's."""
    if not data[at] & 0x20:
        return
    count = data[at + 5]
    where = sum(data[at + 7 : at + 6 + 3 * count : 3])
    first = at + 7 + 3 * count
    for i in range(data[first - 1]):
        number, width, index = data[first + 3 * i : first + 3 * i + 3]
        yield (index, number), where, width
        where += width


def _valid_at(described: Sequence[tuple[int, Message]], at: int) -> Message | None:
    before = [message for body, message in described if body < at]
    if before:
        return before[-1]
    return described[0][1] if described else None


def _worth(channel: str, values: Floats) -> int:
    """Count what a source has to say; altitude and temperature may well be zero or less."""
    said = np.isfinite(values) if channel in {"altitude", "temperature"} else values > 0.0
    return int(np.count_nonzero(said))


def take_channels(
    columns: MutableMapping[str, Floats], candidates: Sequence[Candidate]
) -> list[Problem]:
    """Fill channels from developer fields, in place, and say which were taken over the native one.

    The native field counts, then those that name it, then those named like it: the first that has
    values. Zeros throughout are none. What is missing in it is filled from others that measure
    the same; a distance never is, because two counters need not start together.
    """
    problems: list[Problem] = []
    for channel in dict.fromkeys(candidate.meaning.channel for candidate in candidates):
        fields = [c for c in candidates if c.meaning.channel == channel]
        fields.sort(key=lambda candidate: not candidate.meaning.stated)
        native = columns.get(channel)
        sources = [*([] if native is None else [native]), *(c.values for c in fields)]
        worth = [_worth(channel, values) for values in sources]
        if not max(worth):
            continue
        best = next(i for i, count in enumerate(worth) if count >= FULL_SHARE * max(worth))
        columns[channel] = sources[best].copy()
        if channel != "distance":
            _fill_from(columns[channel], sources[:best] + sources[best + 1 :])
        if native is not None and best and np.isfinite(native).any():
            field = fields[best - 1]
            text = f"{channel} taken from the developer field {field.meaning.name!r}"
            message = f"{text}: the native field has {worth[0]} values, it has {worth[best]}"
            problems.append(Problem("channel_switched", message))
    return problems


def _fill_from(taken: Floats, others: Sequence[Floats]) -> None:
    for other in others:
        _fill(taken, other)


def _fill(taken: Floats, other: Floats) -> None:
    gaps = np.isnan(taken) & np.isfinite(other)
    if not gaps.any():
        return
    both = (taken > 0.0) & (other > 0.0)
    if both.any():
        ratio = middle(other[both]) / middle(taken[both])
        if not ALIKE[0] <= ratio <= ALIKE[1]:
            return
    taken[gaps] = other[gaps]
