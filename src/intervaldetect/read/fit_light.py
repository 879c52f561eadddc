"""The scanner while kernels are not compiled: plain FIT files, over numpy.

Loading numba and the compiled scanner costs as much CPU as decoding five hundred files, so whoever
reads one file should not pay for it. This gear walks the messages in plain Python and gathers each
column at once. It knows well-formed files; damage, time
in headers and other rarities it leaves to the kernels, by returning None.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels import fit_layout as layout
from intervaldetect.records import Floats

FOLDS = (512, 128, 32, 8, 2)
"""Words that one call of NumPy folds: wide first, then narrow for what is left."""
_STRING, _LONG = 7, 14
"""Base types that hold no number: text, and from this one on 64-bit integers, which none uses."""


@dataclass(slots=True)
class Walk:
    """What one pass over the messages gave.

    ``status`` and ``at``: why (``kernels.fit_layout``) and where it ended; ``columns`` has the
    shape (COLUMNS, n), ``notes`` (m, 4), ``places`` (2, n): where each record begins and where it
    was defined; ``skipped`` bytes in ``gaps`` stretches were left out; ``ticked`` if records have
    the time in their header.
    """

    status: int
    at: int
    columns: Floats
    notes: NDArray[np.int64]
    places: NDArray[np.int64]
    skipped: int = 0
    gaps: int = 0
    ticked: bool = False

    @property
    def rows(self) -> int:
        """Count the records."""
        return int(self.columns.shape[1])


def crc16(words: NDArray[np.uint64]) -> int:
    """CRC-16/ARC, folded as in ``kernels.fit.crc16``; the words are overwritten."""
    done = 0
    for block in FOLDS:
        while done + 17 * block <= words.size:
            folded = words[done : done + block]
            for ahead in (1, 14, 16):
                words[done + ahead * block : done + (ahead + 1) * block] ^= folded
            done += block
    table: list[int] = layout.CRC.tolist()
    crc = 0
    for byte in words[done:].tobytes():
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


_Step = tuple[int, int, int, tuple[float, float, float]]
"""Offset in the message, base type, row of FIELDS, and its factor, divisor and subtrahend."""


@dataclass(slots=True)
class _Definition:
    at: int
    number: int
    order: str
    size: int
    steps: list[_Step]
    places: list[int] = field(default_factory=list)


class _Walker:
    """What is known in the middle of a walk."""

    def __init__(self, data: bytes, wanted: NDArray[np.bool_]) -> None:
        self.data = data
        self.wanted = wanted
        self.records: list[_Definition] = []
        self.noted: list[_Definition] = []

    def sink(self, definition: _Definition) -> Callable[[int], None] | None:
        """Say what to do with the messages of a definition."""
        if definition.number == layout.RECORD:
            self.records.append(definition)
        elif definition.number < self.wanted.size and self.wanted[definition.number]:
            self.noted.append(definition)
        else:
            return None
        return definition.places.append

    def define(self, at: int, end: int) -> tuple[_Definition | None, int]:
        """Read a definition; None for one with anything that only the kernels know."""
        data = self.data
        fields = data[at + 5] if at + 6 <= end else 0
        size = 6 + 3 * fields
        developer = b""  # the sizes of its fields
        if data[at] & 0x20:
            count = data[at + size] if at + size < end else 0
            developer = data[at + size + 2 : at + size + 1 + 3 * count : 3]
            size += 1 + 3 * count
        if at + size > end or data[at + 2] > 1:
            return None, size
        number = int.from_bytes(data[at + 3 : at + 5], "big" if data[at + 2] else "little")
        found: list[tuple[int, int, _Step]] = []
        offset = 0
        for i in range(fields):
            key, width, base = data[at + 6 + 3 * i : at + 9 + 3 * i]
            row = _ROW_OF.get(key, -1) if number == layout.RECORD else -1
            if row >= 0:
                if not _plain(base & 0x1F, width, row):
                    return None, size
                unit = tuple(layout.UNITS[row].tolist())
                step = (offset, base & 0x1F, row, unit)
                found.append((int(layout.FIELDS[row, 1]), -i, step))
            offset += width
        offset += sum(developer)
        if len(found) > layout.MOST_STEPS:
            return None, size
        # Later passes win; of several fields with one number the first, which is decoded last.
        steps = [step for _, _, step in sorted(found)]
        return _Definition(at, number, ">" if data[at + 2] else "<", offset, steps), size


_ROW_OF = {int(key): row for row, key in enumerate(layout.FIELDS[:, 0])}


def _plain(kind: int, width: int, row: int) -> bool:
    if layout.FIELDS[row, 3] == layout.SPEED_DISTANCE:
        return width == 3 and kind == layout.BYTE
    return kind < layout.KINDS and width == layout.WIDTH[kind] and (width <= 4 and kind != 7)


def walk(data: bytes, first: int, end: int, wanted: NDArray[np.bool_]) -> Walk | None:
    """Pass over well-formed messages, as ``kernels.fit.scan`` does; None if that must do it."""
    walker = _Walker(data, wanted)
    sizes = [0] * 256
    sinks: list[Callable[[int], None] | None] = [None] * 256
    at = first
    while at < end:
        header = data[at]
        size = sizes[header]
        if size:
            sink = sinks[header]
            if sink is not None:
                sink(at)
            at += size
            continue
        if header & 0xD0 != 0x40:
            return None
        definition, size = walker.define(at, end)
        if definition is None:
            return None
        sink = walker.sink(definition)
        for alias in range(header & 0x0F, 0x40, 0x10):  # reserved bits of a data header say nothing
            sizes[alias] = 1 + definition.size
            sinks[alias] = sink
        at += size
    if at != end:
        return None
    notes = sorted((at + 1, d.at, d.number, -1) for d in walker.noted for at in d.places)
    groups = [definition for definition in walker.records if definition.places]
    columns = _columns(data, groups)
    if columns is None:
        return None
    noted = np.array(notes, np.int64).reshape(len(notes), 4)
    return Walk(layout.DONE, end, columns, noted, _places(groups))


def _places(groups: list[_Definition]) -> NDArray[np.int64]:
    """Where each record begins and where it was defined, in file order."""
    table = np.array(
        [
            [at for group in groups for at in group.places],
            [group.at for group in groups for _ in group.places],
        ],
        np.int64,
    )
    return table if len(groups) < 2 else table[:, np.argsort(table[0], kind="stable")]


def _columns(data: bytes, groups: list[_Definition]) -> Floats | None:
    """Decode all records, a field of one definition at a time."""
    everywhere = [np.array(group.places, np.int64) for group in groups]
    out = np.full((layout.COLUMNS, sum(places.size for places in everywhere)), np.nan)
    buffer = np.frombuffer(data, np.uint8)
    order = np.sort(np.concatenate(everywhere)) if len(groups) > 1 else None
    for group, places in zip(groups, everywhere, strict=True):
        rows = slice(None) if order is None else np.searchsorted(order, places)
        table = out[:, rows]
        for offset, kind, row, unit in group.steps:
            if layout.FIELDS[row, 3] == layout.SPEED_DISTANCE:
                if order is not None:  # the running distance would go on from group to group
                    return None
                _unpack(buffer, places + 1 + offset, table)
            else:
                field = (kind, group.order, int(layout.FIELDS[row, 2]))
                adds = bool(layout.FIELDS[row, 3] == layout.ADD)
                _decode(buffer, places + 1 + offset, field, unit, table, adds=adds)
        out[:, rows] = table
    return out


def _decode(
    buffer: NDArray[np.uint8],
    places: NDArray[np.int64],
    field: tuple[int, str, int],
    unit: tuple[float, float, float],
    table: Floats,
    *,
    adds: bool,
) -> None:
    """Decode one field (base type, byte order, column) at ``places``, as the kernels do."""
    kind, order, column = field
    value, valid = _values(buffer, places, kind, order)
    scaled = value * unit[0] / unit[1] - unit[2]
    if adds:
        scaled = table[column] + scaled
    table[column][valid] = scaled[valid]


def _values(
    buffer: NDArray[np.uint8], places: NDArray[np.int64], kind: int, order: str
) -> tuple[NDArray[np.int64] | Floats, NDArray[np.bool_]]:
    """Numbers of base type ``kind`` at ``places``, and which of them are valid."""
    width = int(layout.WIDTH[kind])
    raw = buffer[places[:, None] + np.arange(width)]
    value: NDArray[np.int64] | Floats
    if kind in {layout.FLOAT32, layout.FLOAT64}:
        with np.errstate(invalid="ignore"):  # a signalling NaN
            value = raw.view(f"{order}f{width}")[:, 0].astype(np.float64)
        valid = np.isfinite(value)
    else:
        value = raw.view(f"{order}u{width}")[:, 0].astype(np.int64)
        valid = value != layout.INVALID_OF[kind]
        half = layout.HALF_OF[kind]
        value = np.where(value >= half, value - 2 * half, value)
    return value, valid


def field_of(
    data: bytes, places: NDArray[np.int64], field: tuple[int, int, int, int, int]
) -> Floats:
    """Decode a field of records, as ``kernels.fit_numbers.column_of`` does."""
    defined_at, where, kind, items, big = field
    out = np.full(places.shape[1], np.nan)
    if kind == _STRING or kind >= _LONG:
        return out
    buffer = np.frombuffer(data, np.uint8)
    rows = np.flatnonzero(places[1] == defined_at)
    for item in range(items):
        rows = rows[np.isnan(out[rows])]  # of an array the first valid item counts
        at = places[0, rows] + 1 + where + item * int(layout.WIDTH[kind])
        value, valid = _values(buffer, at, kind, ">" if big else "<")
        out[rows[valid]] = value[valid]
    return out


def _unpack(buffer: NDArray[np.uint8], places: NDArray[np.int64], table: Floats) -> None:
    """Unpack field 8: 12 bits of speed (1/100 m/s), 12 bits of running distance (1/16 m)."""
    low, middle, high = (buffer[places + i].astype(np.int64) for i in range(3))
    valid = (low & middle & high) != 0xFF
    table[5][valid] = (low + (middle & 0x0F) * 256)[valid] / 100.0
    distance = (middle // 16 + high * 16)[valid]
    table[4][valid] = np.cumsum(np.diff(distance, prepend=0) & 0xFFF) / 16.0
