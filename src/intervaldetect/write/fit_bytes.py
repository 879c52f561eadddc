"""The FIT container: header, definitions, data messages, CRC. It knows no message by name."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

FIT_EPOCH = datetime(1989, 12, 31, tzinfo=UTC)
_PROTOCOL, _PROFILE = 0x10, 2132
_HEADER_SIZE = 14

BaseType = Literal[
    "enum", "sint8", "uint8", "sint16", "uint16", "sint32", "uint32", "string", "uint8z",
    "uint16z", "uint32z",
]  # fmt: skip

# Number in definitions, struct code, value that means "nothing".
BASE_TYPES: dict[BaseType, tuple[int, str, int]] = {
    "enum": (0x00, "B", 0xFF),
    "sint8": (0x01, "b", 0x7F),
    "uint8": (0x02, "B", 0xFF),
    "sint16": (0x83, "h", 0x7FFF),
    "uint16": (0x84, "H", 0xFFFF),
    "sint32": (0x85, "i", 0x7FFFFFFF),
    "uint32": (0x86, "I", 0xFFFFFFFF),
    "string": (0x07, "s", 0),
    "uint8z": (0x0A, "B", 0),
    "uint16z": (0x8B, "H", 0),
    "uint32z": (0x8C, "I", 0),
}


class Field(NamedTuple):
    """One field of a message: definition number, base type, scaled integer, text or None."""

    number: int
    base: BaseType
    value: int | str | None


def _crc_table() -> tuple[int, ...]:
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xA001 if crc & 1 else 0)
        table.append(crc)
    return tuple(table)


_TABLE = _crc_table()


def crc16(data: bytes, crc: int = 0) -> int:
    """Return the CRC-16 of the FIT protocol (reflected polynomial 0xA001, initial value 0)."""
    table = _TABLE
    for byte in data:
        crc = (crc >> 8) ^ table[(crc ^ byte) & 0xFF]
    return crc


def fit_seconds(moment: datetime) -> int:
    """Return whole seconds since the FIT epoch, 1989-12-31 UTC."""
    return round((moment - FIT_EPOCH).total_seconds())


class FitWriter:
    """Collect messages and give the bytes of one FIT file, little-endian.

    A message shape that was written before uses its definition again; up to 16 shapes stay defined
    at a time, the oldest makes room.
    """

    def __init__(self) -> None:
        self._chunks: list[bytes] = []
        self._shapes: dict[tuple[object, ...], int] = {}

    def message(self, number: int, fields: Sequence[Field]) -> None:
        """Append one message; None becomes the field's invalid value, a string its UTF-8 bytes."""
        sizes: list[tuple[int, int, int]] = []
        payload = b""
        for field in fields:
            code, letter, invalid = BASE_TYPES[field.base]
            if field.base == "string":
                raw = str(field.value or "").encode()[:254] + b"\0"
            else:
                raw = struct.pack("<" + letter, invalid if field.value is None else field.value)
            sizes.append((field.number, len(raw), code))
            payload += raw
        local = self._define(number, sizes)
        self._chunks.append(bytes([local]) + payload)

    def table(
        self, number: int, columns: Iterable[tuple[int, BaseType, NDArray[np.int64]]]
    ) -> NDArray[np.void]:
        """Pack columns of scaled integers into messages of one shape, ready for ``append``.

        Returns
        -------
        ndarray of void, shape (n,)
            One data message per row, its header byte first.
        """
        columns = list(columns)
        sizes = [
            (field, struct.calcsize(BASE_TYPES[base][1]), BASE_TYPES[base][0])
            for field, base, _ in columns
        ]
        local = self._define(number, sizes)
        names = [("header", "u1")] + [
            (f"f{field}", "<" + np.dtype(BASE_TYPES[base][1]).str[1:]) for field, base, _ in columns
        ]
        rows = np.zeros(columns[0][2].size, dtype=names)
        rows["header"] = local
        for field, _, values in columns:
            rows[f"f{field}"] = values
        return rows

    def append(self, rows: NDArray[np.void]) -> None:
        """Append packed rows."""
        if rows.size:
            self._chunks.append(rows.tobytes())

    def to_bytes(self) -> bytes:
        """Return header, messages and CRC."""
        body = b"".join(self._chunks)
        head = struct.pack("<BBHI4s", _HEADER_SIZE, _PROTOCOL, _PROFILE, len(body), b".FIT")
        head += struct.pack("<H", crc16(head))
        return head + body + struct.pack("<H", crc16(head + body))

    def _define(self, number: int, sizes: Sequence[tuple[int, int, int]]) -> int:
        key = (number, *sizes)
        if key in self._shapes:
            return self._shapes[key]
        if len(self._shapes) < 16:
            local = len(self._shapes)
        else:
            local = self._shapes.pop(next(iter(self._shapes)))
        self._shapes[key] = local
        head = struct.pack("<BBBHB", 0x40 | local, 0, 0, number, len(sizes))
        self._chunks.append(head + b"".join(bytes(size) for size in sizes))
        return local
