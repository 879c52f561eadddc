"""FIT, natively: chained files, honest about headers that lie, checksums and damage.

The bytes are walked by ``kernels.fit``. A file whose checksum holds is taken as it stands. Where
the checksum or the structure fails, a second, guarded walk accepts only messages that those after
them bear out, and goes on behind the damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from intervaldetect.errors import CorruptFile
from intervaldetect.kernels import fit_layout as layout
from intervaldetect.read.build import RawPart
from intervaldetect.read.fit_developer import candidates_of
from intervaldetect.read.fit_light import Walk
from intervaldetect.read.fit_messages import DESCRIPTION, MAX_MESSAGES, bounded, decode_messages
from intervaldetect.read.fit_parts import FitContent, fit_parts
from intervaldetect.read.fit_scan import seal_holds, walk
from intervaldetect.read.fit_twins import plain_field, settle_twins
from intervaldetect.records import Floats, Integrity, Problem
from intervaldetect.records.channels import NAMES

HEADER_SIZES = (12, 14)
STEP_BACK_S, LEAP_S = 600.0, 172800.0
"""Records further apart than this make a file without a good checksum look damaged."""

LONG_TAIL = 64
"""A message cut short behind which so many bytes are left may be none."""


def read_parts(data: bytes, path: str) -> list[RawPart]:
    """Decode a FIT file into its parts.

    Raises
    ------
    NoRecords
        There are no record messages.
    CorruptFile
        Nothing in the bytes could be recognised.
    """
    contents = [_content(data, chunk) for chunk in _chunks(data)]
    empty = not any(content.stamps.size or content.messages for content in contents)
    if empty and any(content.problems for content in contents):
        raise CorruptFile(path, "decode", "no FIT message could be recognised", offset=0)
    return fit_parts(contents, path)


def _content(data: bytes, chunk: _Chunk) -> FitContent:
    notes, left_out = bounded(chunk.found.notes)
    problems = tuple(chunk.problems)
    if left_out:
        message = f"laps, events and the like beyond {MAX_MESSAGES} of a kind were left out"
        problems = (*problems, Problem("messages_left_out", message, left_out))
    messages = decode_messages(data, notes.tolist())
    described = messages.get(DESCRIPTION, ())
    columns = {name: chunk.found.columns[row] for row, name in enumerate(NAMES) if row}
    twins = settle_twins(columns, lambda name: plain_field(data, chunk.found, name))
    return FitContent(
        stamps=chunk.found.columns[0],
        columns=columns,
        messages=messages,
        integrity=chunk.integrity,
        problems=(*problems, *twins),
        developer=tuple(candidates_of(data, chunk.found, described)),
    )


def decode_records(data: bytes) -> dict[str, Floats]:
    """Decode the record messages of a FIT file, all chained files one after the other.

    Returns
    -------
    dict of str to array of float64, shape (n,)
        One column per name in ``columns.NAMES``, in its unit, NaN for null; ``time`` in unix
        seconds, cadence as the device counts it. Developer fields are not among them.
    """
    tables = [chunk.found.columns for chunk in _chunks(data)]
    none = np.empty((layout.COLUMNS, 0))
    table = tables[0] if len(tables) == 1 else np.concatenate((none, *tables), axis=1)
    return dict(zip(NAMES, table, strict=True))


@dataclass(slots=True)
class _Chunk:
    """One file of a chain: the walk over its messages, and what was wrong."""

    found: Walk
    integrity: Integrity
    problems: list[Problem]


def _header(data: bytes, at: int) -> tuple[int, int] | None:
    """Sizes of header and data of the file at ``at``; None if there is no header."""
    if data[at + 8 : at + 12] != b".FIT" or data[at] < 12:
        return None
    return data[at], int.from_bytes(data[at + 4 : at + 8], "little")


def _next_header(data: bytes, at: int) -> int | None:
    """Find where the next file of the chain begins, by its signature."""
    while (found := data.find(b".FIT", at + 8)) >= 0:
        if data[found - 8] in HEADER_SIZES:
            return found - 8
        at = found - 4
    return None


def _chunks(data: bytes) -> Iterator[_Chunk]:
    at = 0
    while at < len(data):
        header = _header(data, at)
        if header is not None:
            found, at = _read_file(data, at, *header)
            yield found
            continue
        following = _next_header(data, at)
        end = len(data) if following is None else following
        chunk = _read_headless(data, at, end)
        if chunk is not None:
            yield chunk
        at = end


def _read_headless(data: bytes, at: int, end: int) -> _Chunk | None:
    """Read bytes without a header: a file whose header was wiped, or remains behind one."""
    if data.count(0, at, end) == end - at:
        return None
    problem = Problem("header_missing", f"no FIT header at byte {at}")
    walks = [walk(data, size, end) for size in HEADER_SIZES] if at == 0 else []
    for plain in walks:
        if plain.status == layout.DONE or plain.at >= end - 2:
            return _Chunk(plain, "repaired", [problem])
    best = max([walk(data, at, end, guarded=True), *walks], key=lambda found: found.rows)
    if not best.rows:
        problem = Problem("bytes_left_out", f"from byte {at} on no more messages", end - at)
        best = replace(best, notes=best.notes[:0])
    return _Chunk(best, "partial", [problem])


def _read_file(data: bytes, at: int, header: int, size: int) -> tuple[_Chunk, int]:
    """Read the file at ``at``; returns it and where the next one begins."""
    frame = _frame(data, at, header, size)
    plain = walk(data, frame.first, frame.end, wary=frame.sealed and not frame.sound)
    if frame.sound and plain.status == layout.DONE:
        return _Chunk(plain, "intact", []), frame.end + 2

    integrity, problems = _flaws(data, at, size, frame)
    # Without a seal the end is a guess: a message may be cut there, or a checksum stand there.
    tail = frame.end - plain.at
    open_end = not frame.sealed and (plain.status == layout.CUT or tail <= 2)
    whole = plain.status == layout.DONE or open_end
    chosen, damage = plain, None
    if not whole or (not frame.sound and (tail > LONG_TAIL or _disorderly(plain))):
        guarded = walk(data, frame.first, frame.end, guarded=True)
        chosen, damage = _choose(plain, guarded, frame.end, whole=whole)
    if damage is not None:
        problems.append(damage)
        integrity = "partial"
    chunk = _Chunk(chosen, integrity, problems)
    return chunk, frame.end + 2 if frame.sealed else frame.end


class _Frame(NamedTuple):
    """Where the messages of a file lie, whether a checksum follows them, and whether it holds."""

    first: int
    end: int
    sealed: bool
    sound: bool


def _frame(data: bytes, at: int, header: int, size: int) -> _Frame:
    """Believe the size in a header if a checksum bears it out, or the next file begins there."""
    first, end = at + header, at + header + size
    sealed = end + 2 <= len(data) if size else end + 2 == len(data)
    if sealed and seal_holds(data, at, end + 2):
        return _Frame(first, end, sealed=True, sound=True)
    following = _next_header(data, first)
    limit = len(data) if following is None else following
    lies = end + 2 < len(data) and _header(data, end + 2) is None
    if limit < end + 2 or lies or not sealed:
        return _Frame(first, limit, sealed=False, sound=False)
    return _Frame(first, end, sealed=True, sound=False)


def _flaws(data: bytes, at: int, size: int, frame: _Frame) -> tuple[Integrity, list[Problem]]:
    """Say what is wrong with the header or the checksum of a file."""
    missing = frame.first + size + 2 - len(data)
    if size and missing > 0 and frame.end == len(data):
        return "partial", [Problem("truncated", f"the file ends {missing} bytes early")]
    if not frame.sealed:
        message = f"the header promises {size} bytes of messages"
        return "repaired", [Problem("header_wrong", message)]
    if not frame.sound:
        message = f"checksum of the file at byte {at} is wrong"
        return "repaired", [Problem("crc_mismatch", message)]
    return "intact", []


def _choose(plain: Walk, guarded: Walk, end: int, *, whole: bool) -> tuple[Walk, Problem | None]:
    """Choose between two readings of a file that looks damaged."""
    if whole and _plain_is_better(plain, guarded, end):
        return plain, None
    if not whole and not guarded.rows and not np.isfinite(plain.columns[0]).any():
        # Without a single time stamp nothing can be borne out.
        message = f"no message at byte {plain.at}; the rest was left out"
        return plain, Problem("damaged", message, end - plain.at)
    message = f"{guarded.skipped} bytes hold no plausible message"
    if not guarded.skipped:
        message = f"no whole message from byte {guarded.at} on"
    elif not whole:
        message += f", first near byte {plain.at}"
    return guarded, Problem("damaged", message, max(guarded.gaps, 1))


def _plain_is_better(plain: Walk, guarded: Walk, end: int) -> bool:
    beyond = guarded.rows > plain.rows + 3
    long_tail = end - plain.at > LONG_TAIL and not _disorderly(plain)
    if not beyond and (not guarded.skipped or long_tail):
        return True
    return 2 * guarded.rows < plain.rows  # a clock that was set, not damage


def _disorderly(found: Walk) -> bool:
    stamps = found.columns[0]
    steps = np.diff(stamps)
    if np.any((steps < -STEP_BACK_S) | (steps > LEAP_S)):
        return True
    # A damaged time in a header turns the clock of five bits once too often.
    for count in range(2, min(6, steps.size + 1) if found.ticked else 0):
        sums = stamps[count:] - stamps[:-count]
        if np.any((sums >= 32.0) & (sums <= 32.0 + 5.0 * count)):
            return True
    return False
