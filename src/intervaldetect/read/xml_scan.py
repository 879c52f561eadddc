"""Points by the byte scanner, the rest by libxml2: what the native GPX and TCX readers share.

The scanner (``kernels/xml.py``) reads the points and says where they lie. What is left of the
document without them is small; `lxml_reader` reads it as it reads any document, so names, laps and
every question of well-formedness outside points are decided in one place. Where the two do not
fit together, or the scanner gives up, `read` returns None and `lxml_reader` reads the whole.
"""

from __future__ import annotations

import codecs
import re
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from math import isnan, nan

import numpy as np
from numpy.typing import NDArray

from intervaldetect.errors import ReadError
from intervaldetect.kernels import markup, xml, xml_marks
from intervaldetect.kernels._jit import compiled
from intervaldetect.read.build import RawPart
from intervaldetect.read.moments import parse_time
from intervaldetect.read.xml_names import integrity, parse_value, reports, to_plain
from intervaldetect.records import Floats, Problem
from intervaldetect.records.channels import NAMES

_ROWS = {name: row for row, name in enumerate(NAMES)}
_WIDTH = 24

Ints = NDArray[np.int64]


class Vocabulary:
    """The element names of a format as the tables that the scanner takes.

    Parameters
    ----------
    roles : mapping of local name to role
        The elements that hold points, and the point itself (`xml_marks.POINT`).
    channels : mapping of (parent, local name) to channel
        Values within a point; a parent of None means any.
    time : str
        The local name of the time, a child of the point.
    fields : sequence of str
        Local names of the children of a lap that matter.
    """

    def __init__(
        self,
        roles: Mapping[str, int],
        channels: Mapping[tuple[str | None, str], str],
        time: str,
        fields: Sequence[str] = (),
    ) -> None:
        self.point = next(name for name, role in roles.items() if role == xml_marks.POINT)
        words = {*roles, *fields, time, *(word for pair in channels for word in pair if word)}
        ordered = sorted(words, key=lambda word: (len(word), word))
        ids = {word: k + 1 for k, word in enumerate(ordered)}
        self.names = np.zeros((len(ordered), _WIDTH), np.uint8)
        for k, word in enumerate(ordered):
            self.names[k, : len(word)] = np.frombuffer(word.encode(), np.uint8)
        lengths = [len(word) for word in ordered]
        self.first = np.searchsorted(lengths, np.arange(_WIDTH + 2)).astype(np.int64)
        self.role = np.zeros(len(ordered) + 1, np.int64)
        for word, role in roles.items():
            self.role[ids[word]] = role
        self.channel = np.full((len(ordered) + 1, len(ordered) + 1), xml_marks.SKIP, np.int64)
        for (parent, word), name in channels.items():
            rows = slice(None) if parent is None else ids[parent]
            self.channel[rows, ids[word]] = _ROWS[name]
        self.channel[ids[self.point], ids[time]] = xml_marks.TIME
        self.fields = {xml_marks.FIELD + ids[word]: word for word in fields}


@dataclass(slots=True)
class Track:
    """A track or activity as the marks tell it.

    ``start`` and ``end`` count the document's points, ``breaks`` and ``laps`` the track's own.
    ``at`` is where its points begin in the document.
    ``fields`` has the tag and the texts of the fields of each lap; it is empty where libxml2's
    reader sees the laps.
    """

    start: int
    end: int = 0
    breaks: list[int] = field(default_factory=list)
    laps: list[int] = field(default_factory=list)
    fields: list[tuple[bytes, dict[str, str]]] = field(default_factory=list)
    zones: list[tuple[int, float]] = field(default_factory=list)
    at: int = 0


@dataclass(frozen=True, slots=True)
class _Scan:
    """What the scanner found: ``table`` is (channels, points), the rest as in `xml.scan`.

    Positions count from ``begin``, where the document does; ``whole`` is False where it breaks off;
    ``bare_laps`` says that laps hold nothing but points and plain fields.
    """

    data: bytes
    begin: int
    table: Floats
    odd: Ints
    marks: list[list[int]]
    whole: bool
    bare_laps: bool

    def bytes_between(self, start: int, end: int | None) -> bytes:
        """Give a piece of the document, to its end if ``end`` is None."""
        return self.data[self.begin + start : None if end is None else self.begin + end]


def read(
    data: bytes,
    path: str,
    vocabulary: Vocabulary,
    read_rest: Callable[[bytes, str], list[RawPart]],
) -> list[tuple[Track, RawPart]] | None:
    """Read a document by scanner and libxml2 together; None where they cannot.

    The parts are complete but for what a format derives from points and fields: its laps. While
    kernels are not compiled libxml2 alone is quicker.
    """
    if not compiled():
        return None
    start = 0
    if b"\x00" in data[:2] or data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        data = to_plain(data)
    else:
        start = _BEFORE.match(data).end()  # type: ignore[union-attr]  # it matches anywhere
    found = _scan(data, start, vocabulary)
    if found is None:
        return None
    try:
        parts = read_rest(_rest(found, vocabulary), path)
    except ReadError:
        return None
    tracks = _tracks(found, vocabulary)
    if len(tracks) != len(parts):
        return None
    filled = [_fill(found, track, part) for track, part in zip(tracks, parts, strict=True)]
    if not found.whole:
        message = f"cut short: no complete point from byte {found.marks[-1][2] + start} on"
        problems = (*filled[-1].problems, Problem("xml_cut", message))
        filled[-1] = replace(filled[-1], integrity="partial", problems=problems)
    return list(zip(tracks, filled, strict=True))


_BEFORE = re.compile(rb"[\xef\xbb\xbf \t\r\n\x00]*")
_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_ASCII_COMPATIBLE = re.compile(
    rb"utf-?8|(us-)?ascii|iso-?8859-?\d+|latin-?\d|windows-125\d", re.IGNORECASE
)


class _Scratch(threading.local):
    """Memory for the padded copy of a document, kept: fresh pages cost more than the copying."""

    buffer = np.zeros(0, np.uint8)


_SCRATCH = _Scratch()
_MAX_SCRATCH_BYTES = 16 << 20


def _padded(data: bytes, start: int) -> NDArray[np.uint8]:
    """Copy the document from ``start`` on, with the zeros behind it that the scanner needs."""
    size = len(data) - start
    needed = size + xml.PADDING
    buffer = _SCRATCH.buffer
    if buffer.size < needed:
        buffer = np.empty(max(needed, 1 << 20), np.uint8)
        if needed <= _MAX_SCRATCH_BYTES:
            _SCRATCH.buffer = buffer
    buffer[:size] = np.frombuffer(data, np.uint8, offset=start)
    buffer[size:needed] = 0
    return buffer[:needed]


def _scan(data: bytes, start: int, vocabulary: Vocabulary) -> _Scan | None:
    """Run the scanner with room for as many points as are likely, then for as many as can be."""
    declared = _ENCODING.match(data, start)
    if declared is not None and not _ASCII_COMPATIBLE.fullmatch(declared.group(1)):
        return None
    size = len(data) - start
    content = _padded(data, start)
    # Not aligned, which the processors that numba compiles for allow.
    words = np.ndarray(content.size - 7, np.uint64, content.data, strides=(1,))
    status, points, odds, count = markup.FULL, 0, 0, 0
    for bytes_per_point in (64, 16, 4):
        room = size // bytes_per_point + 64
        table = np.empty((len(NAMES), room))
        odd, marks = np.empty((room, 4), np.int64), np.empty((room, 4), np.int64)
        status, points, odds, count, _ = xml.scan(
            content, words, size, vocabulary.names, vocabulary.first, vocabulary.role,
            vocabulary.channel, table, odd, marks,
        )  # fmt: skip
        if status != markup.FULL:
            break
    if status not in {markup.DONE, markup.CUT} or points == 0:
        return None
    kinds = marks[:count, 0]
    whole = status == markup.DONE and bool((kinds == -xml_marks.ROOT).any())
    if not whole:
        # Nothing behind the last complete point counts.
        count = int(np.flatnonzero(kinds == xml_marks.POINTS)[-1]) + 1
    listed = marks[:count].tolist()
    bare_laps = not any(
        kind == xml_marks.FOREIGN
        or (kind == xml_marks.LAP and not _is_plain(data[start + at : start + end]))
        for kind, at, end, _ in listed
    )
    return _Scan(data, start, table[:, :points], odd[:odds], listed, whole, bare_laps)


def _is_plain(tag: bytes) -> bool:
    return tag.isascii() and b"&" not in tag


def _tracks(found: _Scan, vocabulary: Vocabulary) -> list[Track]:
    """Say what the marks tell of each track."""
    tracks: list[Track] = []
    for kind, start, end, points in found.marks:
        if kind == xml_marks.TRACK:
            tracks.append(Track(points))
        if not tracks:
            continue
        track = tracks[-1]
        if kind == xml_marks.POINTS:
            track.at = track.at or start
            track.end = points
        elif kind == xml_marks.SEGMENT:
            track.breaks.append(points - track.start)
        elif kind == xml_marks.ZONE and start < found.table.shape[1]:  # not of a half point
            track.zones.append((start, float(end)))
        elif kind == xml_marks.LAP:
            track.laps.append(points - track.start)
            if found.bare_laps:
                track.fields.append((found.bytes_between(start, end), {}))
        elif kind in vocabulary.fields and track.fields:
            text = found.bytes_between(start, end).decode("ascii").strip()
            track.fields[-1][1].setdefault(vocabulary.fields[kind], text)
    return tracks


_TAG_NAME = re.compile(rb"<([^\s/>]+)")


def _rest(found: _Scan, vocabulary: Vocabulary) -> bytes:
    """Give the document without its points, and without its laps if they are bare.

    One empty point stays, for libxml2's reader refuses a document that has none. A document that
    breaks off is closed.
    """
    piece, at = found.bytes_between, 0
    pieces: list[bytes] = []
    open_tags: list[bytes] = []
    point = f"<{vocabulary.point}/>".encode()
    in_lap = False
    for kind, start, end, _ in found.marks:
        if kind == xml_marks.POINTS:
            pieces += (b"" if in_lap else piece(at, start)), point
            at, point = end, b""
        elif found.bare_laps and kind == xml_marks.LAP:
            pieces.append(piece(at, start))
            in_lap = True
        elif found.bare_laps and kind == -xml_marks.LAP:
            at, in_lap = end, False
        elif 0 < kind < xml_marks.POINTS and not in_lap:
            match = _TAG_NAME.match(piece(start, end))
            open_tags.append(match.group(1) if match else b"")
        elif kind < 0 and open_tags and not in_lap:
            open_tags.pop()
    if found.whole:
        pieces.append(piece(at, None))
    else:
        pieces.extend(b"</" + name + b">" for name in reversed(open_tags))
    return b"".join(pieces)


def _fill(found: _Scan, track: Track, part: RawPart) -> RawPart:
    """Give a part its points, and parse the values that the scanner left."""
    zones = list(track.zones)
    counts: dict[str, int] = {}
    first, last = np.searchsorted(found.odd[:, 0], [track.start, track.end])
    for point, row, start, end in found.odd[first:last].tolist():
        text = found.bytes_between(start, end).decode("ascii")
        if row == xml_marks.TIME:
            value, zone = _odd_time(text, counts)
            if zone:
                zones.append((point, zone))
        else:
            value = _odd_number(text, counts)
        found.table[row, point] = value
    here = slice(track.start, track.end)
    return replace(
        part,
        stamps=found.table[xml_marks.TIME, here],
        columns={name: found.table[row, here] for name, row in _ROWS.items() if row},
        breaks=track.breaks,
        utc_offset_s=min(zones)[1] if zones else None,
        zoned=_is_zoned(found, track),
        integrity=part.integrity if integrity(counts) == "intact" else "repaired",
        problems=(*part.problems, *reports(counts)),
    )


def _odd_time(text: str, counts: dict[str, int]) -> tuple[float, float | None]:
    parsed = parse_time(text)
    if parsed is None:
        counts["unreadable_times"] = counts.get("unreadable_times", 0) + 1
        return nan, None
    if not parsed.usual:
        counts["unusual_times"] = counts.get("unusual_times", 0) + 1
    return parsed.unix, parsed.offset_s


def _odd_number(text: str, counts: dict[str, int]) -> float:
    value, comma = parse_value(text)
    if comma or isnan(value):
        code = "decimal_commas" if comma else "unreadable_values"
        counts[code] = counts.get(code, 0) + 1
    return value


_TIME = re.compile(rb"<(?:[\w.-]+:)?time\s*>([^<]*)<", re.IGNORECASE)


def _is_zoned(found: _Scan, track: Track) -> bool:
    """Tell whether the first time of a track says its zone; the scanner takes none for UTC."""
    if np.isnan(found.table[xml_marks.TIME, track.start : track.end]).all():
        return True
    for match in islice(_TIME.finditer(found.data, found.begin + track.at), _MAX_TRIES):
        parsed = parse_time(match[1].decode("ascii", "replace"))
        if parsed is not None:
            return parsed.zoned
    return True


_MAX_TRIES = 100
