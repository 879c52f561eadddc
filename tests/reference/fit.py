"""The slow twin of the FIT scanner: plain loops over the bytes, one record at a time.

It knows no damage: it reads messages until one is cut or cannot be understood.
"""

from __future__ import annotations

import struct
from math import isfinite, nan

COLUMNS = 10
EPOCH = 631065600

# name, letter for struct, size, invalid value
BASE_TYPES = {
    0: ("enum", "B", 1, 0xFF),
    1: ("sint8", "b", 1, 0x7F),
    2: ("uint8", "B", 1, 0xFF),
    3: ("sint16", "h", 2, 0x7FFF),
    4: ("uint16", "H", 2, 0xFFFF),
    5: ("sint32", "i", 4, 0x7FFFFFFF),
    6: ("uint32", "I", 4, 0xFFFFFFFF),
    8: ("float32", "f", 4, None),
    9: ("float64", "d", 8, None),
    10: ("uint8z", "B", 1, 0),
    11: ("uint16z", "H", 2, 0),
    12: ("uint32z", "I", 4, 0),
    13: ("byte", "B", 1, 0xFF),
}

# field of a record -> column, and how to turn the number into the column's unit
CHANNELS = {
    0: (1, lambda v: v * (180.0 / 2**31)),
    1: (2, lambda v: v * (180.0 / 2**31)),
    2: (3, lambda v: v / 5.0 - 500.0),
    3: (6, float),
    4: (7, float),
    5: (4, lambda v: v / 100.0),
    6: (5, lambda v: v / 1000.0),
    7: (8, float),
    13: (9, float),
    52: (7, lambda v: v / 256.0),
    73: (5, lambda v: v / 1000.0),
    78: (3, lambda v: v / 5.0 - 500.0),
}
ENHANCED = (52, 73, 78)


def crc16(data: bytes) -> int:
    """CRC-16/ARC, a bit at a time."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0xA001 if crc & 1 else 0)
    return crc


def records(data: bytes) -> list[tuple[int, list[float]]]:
    """Every complete record of every chained file: where it ends, and its columns."""
    found: list[tuple[int, list[float]]] = []
    at = 0
    while data[at + 8 : at + 12] == b".FIT":
        first = at + data[at]
        size = int.from_bytes(data[at + 4 : at + 8], "little")
        found += _messages(data, first, min(first + size, len(data)))
        at = first + size + 2
    return found


def _messages(data: bytes, at: int, end: int) -> list[tuple[int, list[float]]]:
    definitions: dict[int, dict] = {}
    stamp = 0
    metres = 0
    found: list[tuple[int, list[float]]] = []
    while at < end:
        header = data[at]
        if header & 0x80 == 0 and header & 0x40:
            definition = _definition(data, at, end)
            if definition is None:
                return found
            definitions[header & 0x0F] = definition
            at += definition["length"]
            continue
        local = header >> 5 & 3 if header & 0x80 else header & 0x0F
        definition = definitions.get(local)
        if definition is None or at + 1 + definition["size"] > end:
            return found
        body = data[at + 1 : at + 1 + definition["size"]]
        at += 1 + definition["size"]
        fields = _fields(body, definition)
        time = nan
        if header & 0x80:
            stamp += (header & 0x1F) - stamp & 0x1F
            time = stamp
        told = fields.get(253)
        if isinstance(told, int):
            stamp = time = told
        if definition["number"] == 20:
            row, metres = _row(fields, metres)
            row[0] = time + EPOCH
            found.append((at, row))
    return found


def _definition(data: bytes, at: int, end: int) -> dict | None:
    if at + 6 > end:
        return None
    order = ">" if data[at + 2] else "<"
    length = 6 + 3 * data[at + 5]
    fields = [tuple(data[i : i + 3]) for i in range(at + 6, at + length, 3)]
    extra: list[tuple[int, ...]] = []
    if data[at] & 0x20:
        if at + length >= end:
            return None
        count = data[at + length]
        extra = [tuple(data[at + length + 1 + 3 * i :][:3]) for i in range(count)]
        length += 1 + 3 * count
    if at + length > end:
        return None
    return {
        "order": order,
        "number": struct.unpack(order + "H", data[at + 3 : at + 5])[0],
        "fields": fields,
        "developer": extra,
        "length": length,
        "size": sum(f[1] for f in fields) + sum(f[1] for f in extra),
    }


def _value(raw: bytes, kind: int, order: str) -> float | int | None:
    """The number, or the first valid one of an array; None where there is none."""
    if kind not in BASE_TYPES:
        return None
    _, letter, size, invalid = BASE_TYPES[kind]
    if not raw or len(raw) % size:
        return None
    for (value,) in struct.iter_unpack(order + letter, raw):
        if value != invalid and isfinite(value):
            return value
    return None


def _fields(body: bytes, definition: dict) -> dict[int, object]:
    fields: dict[int, object] = {}
    at = 0
    for key, size, base in definition["fields"]:
        raw = body[at : at + size]
        at += size
        value = raw if key == 8 else _value(raw, base & 0x1F, definition["order"])
        if fields.get(key) is None:
            fields[key] = value
    return fields


def _row(fields: dict, metres: int) -> tuple[list[float], int]:
    row = [nan] * COLUMNS
    packed = fields.get(8)
    if packed and len(packed) >= 3 and packed[:3] != b"\xff\xff\xff":
        row[5] = (packed[0] + (packed[1] & 0x0F) * 256) / 100.0
        metres += (packed[1] // 16 + packed[2] * 16 - metres) % 4096
        row[4] = metres / 16.0
    plain = [key for key in CHANNELS if key not in ENHANCED]
    for key in plain:
        if fields.get(key) is not None:
            column, convert = CHANNELS[key]
            row[column] = convert(fields[key])
    if fields.get(53) is not None:
        row[7] += fields[53] / 128.0
    for key in ENHANCED:
        if fields.get(key) is not None:
            column, convert = CHANNELS[key]
            row[column] = convert(fields[key])
    return row, metres


def field_of(data: bytes, places: list[tuple[int, int]], field: tuple[int, ...]) -> list[float]:
    """Decode one field of the records at (begin, definition); NaN where there is none."""
    defined_at, where, kind, items, big = field
    size = BASE_TYPES[kind][2] if kind in BASE_TYPES else 0
    out = []
    for at, definition in places:
        raw = data[at + 1 + where :][: size * items]
        value = _value(raw, kind, ">" if big else "<") if definition == defined_at else None
        out.append(nan if value is None else float(value))
    return out
