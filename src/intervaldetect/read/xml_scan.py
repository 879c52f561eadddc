"""Points by the byte scanner, everything else by libxml2: what the native GPX and TCX readers share.

The scanner (``kernels/xml.py``) reads the points and says where they lie. What is left of the
document without them is small; `lxml_reader` reads it as it reads any document, so names, laps and
every question of well-formedness outside points are decided in one place. Where the two do not
fit together, or the scanner gives up, `read` returns None and `lxml_reader` reads the whole.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import isfinite, nan

import numpy as np

from intervaldetect.columns import NAMES
from intervaldetect.errors import CorruptFile
from intervaldetect.kernels import xml
from intervaldetect.read.build import RawPart
from intervaldetect.read.xml_names import parse_time, to_plain
from intervaldetect.records import Floats, Integrity, Problem

_ROWS = {name: row for row, name in enumerate(NAMES)}
_WIDTH = 24

Ints = np.ndarray[tuple[int, ...], np.dtype[np.int64]]


class Vocabulary:
    """The element names of a format as the tables that the scanner takes.

    Parameters
    ----------
    roles : mapping of local name to role
        The elements that hold points, and the point itself (`xml.POINT`).
    channels : mapping of (parent, local name) to channel
        Values within a point; a parent of None means any.
    time : str
        The local name of the time, a child of the point.
    """

    def __init__(
        self,
        roles: Mapping[str, int],
        channels: Mapping[tuple[str | None, str], str],
        time: str,
    ) -> None:
        self.point = next(name for name, role in roles.items() if role == xml.POINT)
        words = {*roles, time, *(word for pair in channels for word in pair if word)}
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
        self.channel = np.full((len(ordered) + 1, len(ordered) + 1), xml.SKIP, np.int64)
        for (parent, word), name in channels.items():
            rows = slice(None) if parent is None else ids[parent]
            self.channel[rows, ids[word]] = _ROWS[name]
        self.channel[ids[self.point], ids[time]] = xml.TIME


@dataclass(frozen=True, slots=True)
class Track:
    """A track or activity: its points ``[start, end)`` of the document's, and its marks."""

    start: int
    end: int
    marks: Ints

    def firsts(self, role: int) -> list[int]:
        """Points of the track before each element of this role."""
        return [int(k) - self.start for k in self.marks[self.marks[:, 0] == role, 3]]


@dataclass(frozen=True, slots=True)
class Scan:
    """What the scanner found in a document.

    ``table`` is (channels, points); ``odd`` and ``marks`` are as in `xml.scan`; ``whole`` is False
    where the document breaks off.
    """

    plain: bytes
    table: Floats
    odd: Ints
    marks: Ints
    whole: bool

    def tracks(self) -> list[Track]:
        """Split the points by the element that holds them; those of a nested one end both."""
        at = [*np.flatnonzero(self.marks[:, 0] == xml.TRACK).tolist(), len(self.marks)]
        starts = [int(self.marks[k, 3]) for k in at[:-1]] + [self.table.shape[1]]
        return [
            Track(starts[k], starts[k + 1], self.marks[at[k] : at[k + 1]])
            for k in range(len(at) - 1)
        ]


def read(
    data: bytes,
    path: str,
    vocabulary: Vocabulary,
    read_rest: Callable[[bytes, str], list[RawPart]],
) -> list[tuple[Track, RawPart]] | None:
    """Read a document by scanner and libxml2 together; None where they cannot.

    The parts are complete but for what a format derives from points (the ends of laps).
    """
    plain = to_plain(data)
    found = _scan(plain, vocabulary) if _is_ascii_compatible(plain) else None
    if found is None:
        return None
    try:
        parts = read_rest(_rest(found, vocabulary.point), path)
    except CorruptFile:
        return None
    tracks = found.tracks()
    if len(tracks) != len(parts):
        return None
    filled = [_fill(found, track, part) for track, part in zip(tracks, parts, strict=True)]
    if not found.whole:
        behind = int(found.marks[-1, 2]) + len(data) - len(plain)
        message = f"cut short: no complete point from byte {behind} on"
        filled[-1] = replace(
            filled[-1],
            integrity="partial",
            problems=(*filled[-1].problems, Problem("xml_cut", message)),
        )
    return list(zip(tracks, filled, strict=True))


_ENCODING = re.compile(rb"""<\?xml[^>]*?\sencoding\s*=\s*["']([^"']*)["']""")
_ASCII_COMPATIBLE = re.compile(rb"utf-?8|(us-)?ascii|iso-?8859-?\d+|latin-?\d|windows-125\d", re.I)


def _is_ascii_compatible(plain: bytes) -> bool:
    """Tell whether markup can be told from text without knowing the encoding."""
    declared = _ENCODING.match(plain)
    return declared is None or _ASCII_COMPATIBLE.fullmatch(declared.group(1)) is not None


def _scan(plain: bytes, vocabulary: Vocabulary) -> Scan | None:
    """Run the scanner with room for as many points as are likely, then for as many as can be."""
    data = np.frombuffer(plain + bytes(xml.PADDING), np.uint8)
    status, points, odds, count = xml.FULL, 0, 0, 0
    for bytes_per_point in (64, 16, 4):
        room = len(plain) // bytes_per_point + 16
        table = np.empty((len(NAMES), room))
        odd, marks = np.empty((room, 4), np.int64), np.empty((room, 4), np.int64)
        status, points, odds, count, _ = xml.scan(
            data, len(plain), vocabulary.names, vocabulary.first, vocabulary.role,
            vocabulary.channel, table, odd, marks,
        )  # fmt: skip
        if status != xml.FULL:
            break
    if status not in {xml.DONE, xml.CUT} or points == 0:
        return None
    marks = marks[:count]
    whole = status == xml.DONE and bool((marks[:, 0] == -xml.ROOT).any())
    if not whole:
        # Nothing behind the last complete point counts.
        marks = marks[: int(np.flatnonzero(marks[:, 0] == xml.POINTS)[-1]) + 1]
    return Scan(plain, table[:, :points], odd[:odds], marks, whole)


_TAG_NAME = re.compile(rb"<([^\s/>]+)")


def _rest(found: Scan, point: str) -> bytes:
    """Give the document with an empty element for each run of points.

    One that breaks off is closed. The empty points matter because libxml2's reader refuses a
    document that has none.
    """
    pieces: list[bytes] = []
    at = 0
    open_tags: list[bytes] = []
    for kind, start, end, _ in found.marks.tolist():
        if kind == xml.POINTS:
            pieces += found.plain[at:start], f"<{point}/>".encode()
            at = end
        elif kind > 0 and kind != xml.ZONE:
            name = _TAG_NAME.match(found.plain, start)
            open_tags.append(name.group(1) if name else b"")
        elif kind < 0 and open_tags:
            open_tags.pop()
    if found.whole:
        pieces.append(found.plain[at:])
    else:
        pieces.extend(b"</" + name + b">" for name in reversed(open_tags))
    return b"".join(pieces)


def _fill(found: Scan, track: Track, part: RawPart) -> RawPart:
    """Give a part its points, and parse the values that the scanner left."""
    zones = [
        (int(point), float(offset))
        for kind, point, offset, _ in track.marks[track.marks[:, 0] == xml.ZONE]
    ]
    counts: dict[str, int] = {}
    first, last = np.searchsorted(found.odd[:, 0], [track.start, track.end])
    for point, row, start, end in found.odd[first:last].tolist():
        text = found.plain[start:end].decode("ascii")
        value = _odd_number(text)
        if row == xml.TIME:
            parsed = parse_time(text)
            value, zone = (nan, None) if parsed is None else parsed
            if zone:
                zones.append((point, zone))
        found.table[row, point] = value
        if value != value:
            code = "unreadable_times" if row == xml.TIME else "unreadable_values"
            counts[code] = counts.get(code, 0) + 1
    integrity: Integrity = "repaired" if counts else part.integrity
    reports = [Problem(code, _REPORTS[code], count) for code, count in counts.items()]
    return replace(
        part,
        stamps=found.table[xml.TIME, track.start : track.end],
        columns={
            name: found.table[row, track.start : track.end] for name, row in _ROWS.items() if row
        },
        breaks=track.firsts(xml.SEGMENT),
        utc_offset_s=min(zones)[1] if zones else None,
        integrity=integrity,
        problems=(*part.problems, *reports),
    )


def _odd_number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return nan
    return value if isfinite(value) else nan


_REPORTS = {
    "unreadable_values": "values that are no numbers were made null",
    "unreadable_times": "times that are no times were left out",
}
