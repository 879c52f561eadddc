"""Zip archives read in place: an honest directory first, then one member at a time.

Only stored and deflated members are unpacked, always within :class:`Limits`; an archive inside
another is held in memory. A member damaged or cut gives what is whole of it.

The format: PKWARE APPNOTE 6.3.10. Overlapping entries: Fifield 2019, A better zip bomb, 13th
USENIX WOOT.
"""

from __future__ import annotations

import io
import os
import struct
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

from intervaldetect.errors import CorruptFile, LimitExceeded, ReadError
from intervaldetect.read.salvage import inflate_before_damage
from intervaldetect.records import Problem

HEAD_BYTES = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What an archive may cost; each limit has its own reason when it is met.

    Parameters
    ----------
    file_bytes : int
        Unpacked size of one file.
    nested_bytes : int
        Unpacked size of an archive inside an archive, which is held in memory.
    total_bytes : int
        Unpacked size of everything in one archive, those inside it included.
    ratio, free_bytes : int
        A file may unpack to ``free_bytes`` and ``ratio`` times its packed size.
    entries : int
        Files in one archive.
    depth : int
        Archives inside one another; 1 is an archive in a folder.
    folders : int
        Folders inside one another.
    """

    file_bytes: int = 256 << 20
    nested_bytes: int = 1 << 30
    total_bytes: int = 64 << 30
    ratio: int = 64
    free_bytes: int = 8 << 20
    entries: int = 200_000
    depth: int = 3
    folders: int = 64


DEFAULT = Limits()


@dataclass(frozen=True, slots=True)
class Member:
    """Where a file lies in a zip archive."""

    offset: int
    packed: int
    size: int
    crc: int
    method: int


class _Window(io.RawIOBase):
    """The bytes ``[start, start + size)`` of a file, as a file of their own."""

    def __init__(self, stream: IO[bytes], start: int, size: int) -> None:
        self._stream = stream
        self._start = start
        self._size = size
        self._at = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = (0, self._at, self._size)[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: Any) -> int:
        self._stream.seek(self._start + self._at)
        data = self._stream.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def close(self) -> None:
        self._stream.close()
        super().close()


def directory(
    file: str, within: tuple[Member, ...], path: str, limits: Limits
) -> list[zipfile.ZipInfo]:
    """List an archive in the order of its data, once its directory is known to be honest.

    Parameters
    ----------
    file : str
        The archive in the file system.
    within : tuple of Member
        Where in it the archive to be listed lies; empty for the file itself.
    path : str
        What to call it in errors.
    limits : Limits
        Bounds on entries and nested bytes.

    Raises
    ------
    CorruptFile
        The directory is missing or damaged.
    LimitExceeded
        Too many entries, or entries that overlap.
    """
    with _container(file, within, path, limits) as stream:
        try:
            size, entries = _directory_size(stream, path)
            # An entry takes 46 bytes and a name; 512 on average is no list of names.
            if entries > limits.entries or size > limits.entries * 512:
                raise LimitExceeded(path, "unpack", f"more than {limits.entries} entries")
            with zipfile.ZipFile(stream) as archive:
                infos = archive.infolist()
                end = archive.start_dir
        except (zipfile.BadZipFile, NotImplementedError, ValueError, struct.error) as error:
            raise CorruptFile(path, "unpack", f"damaged zip archive: {error}") from error
        except OSError as error:
            raise ReadError(path, "open", error.strerror or "cannot be read") from error
    if len(infos) > limits.entries:
        raise LimitExceeded(path, "unpack", f"more than {limits.entries} entries")
    infos.sort(key=lambda info: info.header_offset)
    edges = [info.header_offset for info in infos[1:]] + [end]
    for info, edge in zip(infos, edges, strict=True):
        if info.header_offset + _HEADER + info.compress_size > edge:
            reason = "entries overlap one another"
            raise LimitExceeded(path, "unpack", reason, offset=info.header_offset)
    return infos


_HEADER = 30
_END = struct.Struct("<4s4H2LH")
_LOCATOR = struct.Struct("<4sLQL")
_END64 = struct.Struct("<4sQ2H2L4Q")


def _directory_size(stream: IO[bytes], path: str) -> tuple[int, int]:
    """Bytes and entries of the central directory as the archive's end states them."""
    size = stream.seek(0, os.SEEK_END)
    start = stream.seek(max(0, size - 65557))
    tail = stream.read(65557)
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or at + _END.size > len(tail):
        raise CorruptFile(path, "unpack", "zip archive without its directory: cut short?")
    _, _, _, _, entries, directory, _, _ = _END.unpack_from(tail, at)
    if at >= _LOCATOR.size and tail.startswith(b"PK\x06\x07", at - _LOCATOR.size):
        _, _, where, _ = _LOCATOR.unpack_from(tail, at - _LOCATOR.size)
        # The end record may stand before its stated place where something was prepended.
        for place in (start + at - _LOCATOR.size - _END64.size, where):
            if 0 <= place <= size - _END64.size:
                stream.seek(place)
                fields = _END64.unpack(stream.read(_END64.size))
                if fields[0] == b"PK\x06\x06":
                    return int(fields[8]), int(fields[7])
    return int(directory), int(entries)


def place(info: zipfile.ZipInfo) -> Member:
    """Say where a member lies."""
    return Member(
        info.header_offset, info.compress_size, info.file_size, info.CRC, info.compress_type
    )


def refuse_member(info: zipfile.ZipInfo, path: str) -> ReadError | None:
    """Say why a member cannot be unpacked at all."""
    if info.flag_bits & 0x1:
        return ReadError(path, "unpack", "is encrypted")
    if info.compress_type not in {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}:
        return ReadError(path, "unpack", f"is packed by method {info.compress_type}, not supported")
    return None


def too_large(path: str, most: int) -> LimitExceeded:
    """Say that a file is larger than allowed."""
    return LimitExceeded(path, "unpack", f"larger than {most >> 20} MiB", offset=most)


def extract(
    file: str, members: tuple[Member, ...], path: str, limits: Limits
) -> tuple[bytes, tuple[Problem, ...]]:
    """Unpack the innermost of nested members, at most ``limits.file_bytes``."""
    with _container(file, members[:-1], path, limits) as stream:
        return _inflate(stream, members[-1], path, limits, limits.file_bytes)


def _container(file: str, within: tuple[Member, ...], path: str, limits: Limits) -> IO[bytes]:
    """Open the file, or the archive that lies at ``within``: in place if stored, else in memory."""
    try:
        if not within:
            return Path(file).open("rb")
        if within[-1].method != zipfile.ZIP_STORED:
            return io.BytesIO(_unpacked(file, within, limits))
        outer = _container(file, within[:-1], path, limits)
        _seek_data(outer, within[-1], path)
        return io.BufferedReader(_Window(outer, outer.tell(), within[-1].packed))
    except OSError as error:
        raise ReadError(path, "open", error.strerror or "cannot be opened") from error
    except ReadError as error:
        raise type(error)(path, error.stage, error.reason, offset=error.offset) from error


@lru_cache(maxsize=1)
def _unpacked(file: str, within: tuple[Member, ...], limits: Limits) -> bytes:
    """Unpack an archive that lies inside others; the files in it are read one after another."""
    with _container(file, within[:-1], file, limits) as stream:
        data, problems = _inflate(stream, within[-1], file, limits, limits.nested_bytes)
    if problems:
        raise CorruptFile(file, "unpack", problems[0].message)
    return data


def head(file: str, members: tuple[Member, ...], path: str, limits: Limits) -> bytes:
    """Give the first bytes of a member, nothing where it is damaged."""
    member = members[-1]
    with _container(file, members[:-1], path, limits) as stream:
        try:
            _seek_data(stream, member, path)
            packed = stream.read(min(HEAD_BYTES, member.packed))
            if member.method == zipfile.ZIP_STORED:
                return packed
            return zlib.decompressobj(-15).decompress(packed, HEAD_BYTES)
        except (zlib.error, CorruptFile):
            return b""


def _seek_data(stream: IO[bytes], member: Member, path: str) -> None:
    """Go to a member's packed data, behind the header that stands before it."""
    stream.seek(member.offset)
    header = stream.read(_HEADER)
    if len(header) < _HEADER or header[:4] != b"PK\x03\x04":
        raise CorruptFile(path, "unpack", "no file where the directory says", offset=member.offset)
    stream.seek(sum(struct.unpack("<2H", header[26:])), os.SEEK_CUR)


def _inflate(
    stream: IO[bytes], member: Member, path: str, limits: Limits, most: int
) -> tuple[bytes, tuple[Problem, ...]]:
    """Unpack one member within the limits; what a damaged one holds before the damage counts."""
    allowed = limits.free_bytes + limits.ratio * member.packed
    if member.size > most:
        raise too_large(path, most)
    if member.size > allowed:
        reason = f"unpacks {member.packed} bytes to more than {limits.ratio} times as many"
        raise LimitExceeded(path, "unpack", reason)
    data = bytearray()
    stored = member.method == zipfile.ZIP_STORED
    machine = zlib.decompressobj(-15)
    left = member.packed
    try:
        _seek_data(stream, member, path)
        # One byte more than stated is enough to see that the directory lies.
        while left and len(data) <= member.size:
            chunk = stream.read(min(1 << 20, left))
            before = machine.copy()
            room = member.size + 1 - len(data)
            data += chunk[:room] if stored else machine.decompress(chunk, room)
            left = left - len(chunk) if chunk else 0
    except zlib.error as error:
        data += inflate_before_damage(before, chunk, room)
        if not data:
            raise CorruptFile(path, "unpack", f"damaged zip member: {error}") from error
        return bytes(data), (Problem("zip_damaged", f"zip member damaged: {error}"),)
    except OSError as error:
        raise ReadError(path, "unpack", error.strerror or "cannot be read") from error
    if len(data) > member.size:
        raise CorruptFile(path, "unpack", "unpacks to more than the archive's directory says")
    if len(data) < member.size:
        return bytes(data), (Problem("zip_cut", "zip member cut short"),)
    if zlib.crc32(data) != member.crc:
        return bytes(data), (Problem("zip_checksum", "zip member fails its checksum"),)
    return bytes(data), ()
