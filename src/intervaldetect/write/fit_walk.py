"""The messages of a FIT file as byte ranges, without decoding what they do not need."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from intervaldetect.errors import CorruptFile
from intervaldetect.write.fit_bytes import crc16

TIMESTAMP = 253


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition message: its bytes, and where its fields lie in a data message."""

    raw: bytes
    number: int
    order: str
    size: int
    fields: dict[int, tuple[int, int]]

    @property
    def local(self) -> int:
        """The local message type it defines."""
        return self.raw[0] & 0x0F

    def integer(self, data: bytes, field: int) -> int | None:
        """Return an unsigned integer of a data message, None if absent or invalid."""
        if field not in self.fields:
            return None
        at, size = self.fields[field]
        letter = {1: "B", 2: "H", 4: "I"}.get(size)
        if letter is None:
            return None
        (value,) = struct.unpack_from(self.order + letter, data, at)
        return None if value == (1 << 8 * size) - 1 else int(value)

    def patched(self, data: bytes, field: int, value: int) -> bytes:
        """Return a data message with one unsigned field set, unchanged where it has none."""
        if self.integer(data, field) is None:
            return data
        at, size = self.fields[field]
        packed = struct.pack(self.order + {1: "B", 2: "H", 4: "I"}[size], value)
        return data[:at] + packed + data[at + size :]


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its bytes, and for data its definition (None: it is a definition itself)."""

    raw: bytes
    definition: Definition
    is_data: bool

    @property
    def compressed(self) -> bool:
        """Whether the header carries five bits of time."""
        return bool(self.raw[0] & 0x80)


@dataclass(frozen=True, slots=True)
class Chunk:
    """One FIT file of a chain: header and messages."""

    header: bytes
    messages: tuple[Message, ...]

    def raw(self) -> bytes:
        """Return the bytes of the file, sizes and checksums made right."""
        body = b"".join(message.raw for message in self.messages)
        head = self.header[:4] + struct.pack("<I", len(body)) + self.header[8:12]
        if len(self.header) >= 14:
            unchecked = self.header[12:14] == b"\0\0"
            head += b"\0\0" if unchecked else struct.pack("<H", crc16(head))
            head += self.header[14:]
        return head + body + struct.pack("<H", crc16(head + body))


def chunks(data: bytes, path: str) -> Iterator[Chunk]:
    """Yield the chained files of FIT bytes.

    Raises
    ------
    CorruptFile
        Something is cut, damaged or unreadable, or a checksum is wrong: what cannot be read in
        full cannot be kept in full.
    """
    start = 0
    while start < len(data):
        size = data[start]
        if size < 12 or data[start + 8 : start + 12] != b".FIT":
            raise CorruptFile(path, "write", "no FIT header here", offset=start)
        (length,) = struct.unpack_from("<I", data, start + 4)
        first, end = start + size, start + size + length
        if end + 2 > len(data):
            raise CorruptFile(path, "write", "the file is cut", offset=len(data))
        (crc,) = struct.unpack_from("<H", data, end)
        if crc16(data[start:end]) != crc:
            raise CorruptFile(path, "write", "the checksum is wrong", offset=end)
        yield Chunk(data[start:first], tuple(_messages(data, first, end, path)))
        start = end + 2


def _messages(data: bytes, at: int, end: int, path: str) -> Iterator[Message]:
    defined: dict[int, Definition] = {}
    while at < end:
        head = data[at]
        is_data = bool(head & 0x80) or not head & 0x40
        definition = defined.get((head >> 5) & 3 if head & 0x80 else head & 0x0F)
        if not is_data:
            size = _definition_size(data, at, end, path)
        elif definition is not None:
            size = definition.size
        else:
            raise CorruptFile(path, "write", "a message without definition", offset=at)
        if at + size > end:
            raise CorruptFile(path, "write", "a message is cut", offset=at)
        raw = data[at : at + size]
        if not is_data:
            definition = _definition(raw)
            defined[definition.local] = definition
        assert definition is not None
        yield Message(raw, definition, is_data)
        at += size


def _definition_size(data: bytes, at: int, end: int, path: str) -> int:
    if at + 6 > end:
        raise CorruptFile(path, "write", "a definition is cut", offset=at)
    size = 6 + 3 * data[at + 5]
    if data[at] & 0x20:  # developer fields follow
        size += 1 + 3 * data[at + size] if at + size < end else 1
    return size


def _definition(raw: bytes) -> Definition:
    order = ">" if raw[2] else "<"
    (number,) = struct.unpack_from(order + "H", raw, 3)
    fields: dict[int, tuple[int, int]] = {}
    size, at = 1, 6
    for _ in range(raw[5]):
        fields[raw[at]] = (size, raw[at + 1])
        size += raw[at + 1]
        at += 3
    if raw[0] & 0x20:
        size += sum(raw[at + 2 + 3 * k] for k in range(raw[at]))
    return Definition(raw, number, order, size, fields)
