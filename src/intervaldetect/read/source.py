"""Bytes from a path, bytes or file object: bounded, unpacked, and named for what they are."""

from __future__ import annotations

import codecs
import hashlib
import os
import re
import stat
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from intervaldetect.errors import CorruptFile, LimitExceeded, ParameterError, ReadError
from intervaldetect.errors import UnknownFormat as Unknown
from intervaldetect.read.salvage import inflate_before_damage
from intervaldetect.records import Format, Problem

MAX_BYTES = 256 << 20
"""No file of one activity comes near this size."""

MAX_RATIO = 64
"""Track XML packs to a tenth, at best to a thirtieth; beyond this it is a bomb."""

FREE_BYTES = 8 << 20
"""Unpacked bytes that are always granted, whatever the ratio."""

_STEP = 1 << 16

Source = str | os.PathLike[str] | bytes | BinaryIO


@dataclass(frozen=True, slots=True)
class Loaded:
    """The bytes of one file: unpacked ``data``, its name, and the hash of the bytes as stored."""

    path: str
    sha256: str
    data: bytes
    format: Format
    problems: tuple[Problem, ...] = ()


def load(source: Source, path: str | None = None) -> Loaded:
    """Read, hash, unpack and sniff one file.

    Raises
    ------
    ReadError
        It cannot be opened or read (stage ``open``).
    LimitExceeded
        It is larger than ``MAX_BYTES``, packed or unpacked, or packed beyond ``MAX_RATIO``.
    UnknownFormat
        It is not FIT, GPX or TCX; the message says what it is.
    """
    if isinstance(source, bytes | bytearray | memoryview):
        name, stored = path or "<bytes>", bytes(source)
    elif isinstance(source, str | os.PathLike):
        name = path or os.fspath(source)
        stored = _read_path(Path(source), name)
    elif callable(getattr(source, "read", None)):
        name = path or str(getattr(source, "name", "<stream>"))
        stored = _read_stream(source, name)
    else:
        raise ParameterError("source", source, "a path, bytes or a binary file object")
    if len(stored) > MAX_BYTES:
        raise LimitExceeded(name, "open", f"larger than {MAX_BYTES >> 20} MiB", offset=MAX_BYTES)
    data = stored
    problems: tuple[Problem, ...] = ()
    if stored[:2] == b"\x1f\x8b":
        data, problems = gunzip(stored, name)
    return Loaded(name, hashlib.sha256(stored).hexdigest(), data, sniff(data, name), problems)


def _read_path(path: Path, name: str) -> bytes:
    try:
        mode = path.stat().st_mode
        if stat.S_ISDIR(mode):
            raise ReadError(name, "open", "is a directory")
        if not stat.S_ISREG(mode):
            raise ReadError(name, "open", "is not a regular file")
        with path.open("rb") as stream:
            return stream.read(MAX_BYTES + 1)
    except FileNotFoundError as error:
        raise ReadError(name, "open", "no such file") from error
    except OSError as error:
        raise ReadError(name, "open", error.strerror or "cannot be opened") from error
    except ValueError as error:  # a NUL in the name
        raise ReadError(name, "open", str(error)) from error


def _read_stream(stream: BinaryIO, name: str) -> bytes:
    try:
        data = stream.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise ReadError(name, "open", f"cannot be read: {error}") from error
    if not isinstance(data, bytes):
        raise ParameterError("source", stream, "a file object opened in binary mode")
    return data


def gunzip(packed: bytes, path: str) -> tuple[bytes, tuple[Problem, ...]]:
    """Unpack a gzip file, all its members, never more than the limits allow.

    A cut or damaged end costs what lies behind it and is reported; everything before it counts.
    """
    chunks: list[bytes] = []
    size = at = 0
    limit = FREE_BYTES
    while packed[at : at + 2] == b"\x1f\x8b":
        unpacker = zlib.decompressobj(wbits=31)
        pending = b""
        while not unpacker.eof:
            if not pending:
                pending = packed[at : at + _STEP]
                at += len(pending)
            before = unpacker.copy()
            try:
                chunk = unpacker.decompress(pending, 1 << 20)
            except zlib.error as error:
                chunks.append(inflate_before_damage(before, pending, limit - size))
                if not size + len(chunks[-1]):
                    raise CorruptFile(path, "unpack", f"damaged gzip data: {error}") from error
                return b"".join(chunks), (Problem("gzip_damaged", f"gzip data damaged: {error}"),)
            pending = unpacker.unconsumed_tail
            # By what was consumed, so that a bomb is refused before it has grown.
            limit = min(MAX_BYTES, FREE_BYTES + MAX_RATIO * (at - len(pending)))
            chunks.append(chunk)
            size += len(chunk)
            if size > limit:
                reason = f"unpacks to more than {limit >> 20} MiB ({len(packed)} bytes packed)"
                raise LimitExceeded(path, "unpack", reason, offset=at - len(pending))
            if not chunk and not pending and at >= len(packed):
                break
        if not unpacker.eof:
            if not size:
                raise CorruptFile(path, "unpack", "gzip data cut short", offset=len(packed))
            return b"".join(chunks), (Problem("gzip_cut", "gzip data cut short"),)
        at -= len(unpacker.unused_data)
    if any(packed[at:]):  # zeros are padding
        message = f"from byte {at} on no more gzip data"
        return b"".join(chunks), (Problem("bytes_left_out", message, len(packed) - at),)
    return b"".join(chunks), ()


_ROOT = re.compile(rb"<(?![?!])(?:[\w.-]+:)?([\w.-]+)")
_MARKUP = re.compile(
    rb"<!--.*?(?:-->|\Z)|<\?.*?(?:\?>|\Z)|<!DOCTYPE[^>\[]*", re.DOTALL | re.IGNORECASE
)
_KNOWN_BYTES: tuple[tuple[bytes, str], ...] = (
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"\x1f\x8b", "gzip inside gzip"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"7z\xbc\xaf", "a 7-zip archive"),
    (b"Rar!", "a RAR archive"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"%PDF", "a PDF document"),
    (b"SQLite format 3", "an SQLite database"),
    (b"PAR1", "a Parquet file"),
    (b"\x7fELF", "a program"),
    (b"MZ", "a Windows program"),
)


def sniff(data: bytes, path: str) -> Format:
    """Tell the format by content; raise UnknownFormat that names what it is instead."""
    if not data:
        raise Unknown(path, "sniff", "the file is empty (0 bytes)")
    if data[8:12] == b".FIT":
        return "fit"
    for magic, what in _KNOWN_BYTES:
        if data.startswith(magic):
            raise Unknown(path, "sniff", f"not an activity but {what}")
    if _is_pickle(data):
        raise Unknown(path, "sniff", "not an activity but a Python pickle (never loaded)")
    if not any(data[:4096]) and not any(data):
        raise Unknown(path, "sniff", f"nothing but {len(data)} zero bytes")
    head = _as_utf8(data[: 1 << 16]).lstrip(b"\xef\xbb\xbf \t\r\n\x00")
    if head.startswith(b"<"):
        return _sniff_xml(head, path)
    if _looks_like_fit(data):
        return "fit"
    raise Unknown(path, "sniff", f"not an activity but {_kind_of(head)}")


def _is_pickle(data: bytes) -> bool:
    versions = {b"\x02", b"\x03", b"\x04", b"\x05"}
    return data[0] == 0x80 and data[1:2] in versions and b"." in data[-2:]


def _kind_of(head: bytes) -> str:
    if not _is_text(head):
        return "binary data of unknown kind"
    return "JSON or other text" if head[:1] in {b"{", b"["} else "plain text"


def _sniff_xml(head: bytes, path: str) -> Format:
    root = _ROOT.search(_MARKUP.sub(b"", head))
    name = root.group(1).decode("ascii", "replace") if root else ""
    if name.lower() == "gpx":
        return "gpx"
    if name.lower() == "trainingcenterdatabase":
        return "tcx"
    if name.lower() == "html" or b"<!doctype html" in head[:512].lower():
        raise Unknown(path, "sniff", "not an activity but an HTML page")
    what = f"XML with the root element {name}" if name else "XML without a root element"
    raise Unknown(path, "sniff", f"not an activity but {what}")


def _looks_like_fit(data: bytes) -> bool:
    """Find the definition of file_id that stands behind even a wiped header."""
    for size in (14, 12):
        definition = data[size : size + 6]
        if len(definition) == 6 and definition[0] & 0xF0 == 0x40 and definition[2] in {0, 1}:
            number = definition[3:5] if definition[2] else definition[4:2:-1]
            if number == b"\x00\x00" and 0 < definition[5] < 32:
                return True
    return False


def _as_utf8(data: bytes) -> bytes:
    for mark, codec in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(codec, "replace").encode()
    if data[:4] == b"<\x00?\x00":
        return data.decode("utf-16-le", "replace").encode()
    if data[:4] == b"\x00<\x00?":
        return data.decode("utf-16-be", "replace").encode()
    return data


def _is_text(head: bytes) -> bool:
    controls = sum(byte < 9 or 13 < byte < 32 for byte in head[:4096])
    return controls * 50 < len(head[:4096]) + 50
