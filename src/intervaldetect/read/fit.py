"""FIT, natively: chained files, honest about headers that lie, checksums and damage.

The bytes are walked by ``kernels.fit``. A file whose checksum holds is taken as it stands. Where
the checksum or the structure fails, a second, guarded walk accepts only messages that those after
them bear out, and goes on behind the damage.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from intervaldetect.columns import NAMES
from intervaldetect.errors import CorruptFile
from intervaldetect.kernels import fit as kernel
from intervaldetect.kernels._jit import JIT_ENABLED
from intervaldetect.read.build import RawPart
from intervaldetect.read.fit_messages import decode_messages
from intervaldetect.read.fit_parts import WANTED, FitContent, fit_parts
from intervaldetect.records import Floats, Integrity, Problem

HEADER_SIZES = (12, 14)
STEP_BACK_S, LEAP_S = 600.0, 172800.0
"""Records further apart than this make a file without a good checksum look damaged."""

_WANTED = np.zeros(max(WANTED) + 1, np.bool_)
_WANTED[list(WANTED)] = True


def read_parts(data: bytes, path: str) -> list[RawPart]:
    """Decode a FIT file into its parts.

    Raises
    ------
    NoRecords
        There are no record messages.
    CorruptFile
        Nothing in the bytes could be recognised.
    """
    contents = [
        FitContent(
            stamps=chunk.columns[0],
            columns={name: chunk.columns[row] for row, name in enumerate(NAMES) if row},
            messages=decode_messages(data, chunk.notes.tolist()),
            integrity=chunk.integrity,
            problems=tuple(chunk.problems),
        )
        for chunk in _chunks(data)
    ]
    empty = not any(content.stamps.size or content.messages for content in contents)
    if empty and any(content.problems for content in contents):
        raise CorruptFile(path, "decode", "no FIT message could be recognised", offset=0)
    return fit_parts(contents, path)


def decode_records(data: bytes) -> dict[str, Floats]:
    """Decode the record messages of a FIT file, all chained files one after the other.

    Returns
    -------
    dict of str to array of float64, shape (n,)
        One column per name in ``columns.NAMES``, in its unit, NaN for null; ``time`` in unix
        seconds, cadence as the device counts it.
    """
    tables = [chunk.columns for chunk in _chunks(data)]
    table = tables[0] if len(tables) == 1 else np.concatenate(tables, axis=1)
    return dict(zip(NAMES, table, strict=True))


@dataclass(slots=True)
class _Chunk:
    """One file of a chain: columns (``kernel.COLUMNS``, n), noted messages, what was wrong."""

    columns: Floats
    notes: NDArray[np.int64]
    integrity: Integrity
    problems: list[Problem]


@dataclass(slots=True)
class _Walk:
    """What one pass over the messages gave."""

    status: int
    state: NDArray[np.int64]
    columns: Floats
    notes: NDArray[np.int64]

    @property
    def rows(self) -> int:
        return int(self.state[kernel.ROWS])

    @property
    def at(self) -> int:
        return int(self.state[kernel.AT])


def _buffer(data: bytes) -> Any:
    """Give the bytes in the form that suits the kernels as they run."""
    return np.frombuffer(data, np.uint8) if JIT_ENABLED else data


def _walk(data: bytes, first: int, end: int, *, guarded: bool = False) -> _Walk:
    """Run the kernel from ``first`` to ``end``, with as much room as it takes."""
    state = np.zeros(kernel.STATES, np.int64)
    state[kernel.AT], state[kernel.STAMP], state[kernel.JOINED] = first, -1, 1
    known = np.full((16, kernel.LAYOUT), -1, np.int64)
    probe = np.full((16, kernel.LAYOUT), -1, np.int64)
    steps = np.zeros((16, kernel.MOST_STEPS, kernel.STEP), np.int64)
    units = np.zeros((16, kernel.MOST_STEPS, 3))
    developer = np.zeros((kernel.MOST_DEVELOPER, 6))
    room = (end - first) // 48 + 32
    columns = np.full((kernel.COLUMNS, room), np.nan)
    places = np.zeros((2, room), np.int64)
    notes = np.zeros((512, 4), np.int64)
    while True:
        status = kernel.scan(
            _buffer(data), end, guarded, _WANTED, state, known, steps, units, developer, probe,
            columns, places, notes,
        )  # fmt: skip
        rows = int(state[kernel.ROWS])
        if status == kernel.ROWS_FULL:
            more = np.full((kernel.COLUMNS, 2 * rows), np.nan)
            more[:, :rows] = columns[:, :rows]
            columns = more
            places = np.concatenate((places, np.zeros_like(places)), axis=1)
        elif status == kernel.NOTES_FULL:
            notes = np.concatenate((notes, np.zeros_like(notes)))
        else:
            break
    return _Walk(status, state, columns[:, :rows], notes[: state[kernel.NOTES]])


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
    if not any(data[at:end]):
        return None
    walk = _Walk(
        kernel.BROKEN,
        np.zeros(kernel.STATES, np.int64),
        np.empty((10, 0)),
        np.empty((0, 4), np.int64),
    )
    if at == 0:
        walk = max((_walk(data, size, end) for size in HEADER_SIZES), key=lambda walk: walk.at)
    problem = Problem("header_missing", f"no FIT header at byte {at}")
    if walk.status == kernel.DONE or walk.at >= end - 2:
        return _Chunk(walk.columns, walk.notes, "repaired", [problem])
    guarded = _walk(data, at, end, guarded=True)
    if guarded.rows >= walk.rows:
        walk = guarded
    lost = Problem("bytes_left_out", f"from byte {at} on no more messages", end - at)
    if not walk.rows:
        return _Chunk(walk.columns, walk.notes[:0], "partial", [lost])
    return _Chunk(walk.columns, walk.notes, "partial", [problem])


def _read_file(data: bytes, at: int, header: int, size: int) -> tuple[_Chunk, int]:
    """Read the file at ``at``; returns it and where the next one begins."""
    first, end = at + header, at + header + size
    problems: list[Problem] = []
    integrity: Integrity = "intact"
    sealed = end + 2 <= len(data) if size else end + 2 == len(data)
    sound = sealed and kernel.crc16(_buffer(data), at, end + 2) == 0
    if not sound:
        following = _next_header(data, first)
        if following is not None and following < end + 2:
            sealed, end = False, following
        elif not sealed or (_header(data, end + 2) is None and end + 2 < len(data)):
            sealed, end = False, len(data) if following is None else following
    walk = _walk(data, first, end)
    if sound and walk.status == kernel.DONE:
        return _Chunk(walk.columns, walk.notes, integrity, problems), end + 2

    if sealed and walk.status == kernel.DONE:
        problems.append(Problem("crc_mismatch", f"checksum of the file at byte {at} is wrong"))
        integrity = "repaired"
    elif end > first + size + 2:
        problems.append(Problem("header_wrong", f"the header promises {size} bytes of messages"))
        integrity = "repaired"
    elif end < first + size:
        missing = first + size + 2 - end
        problems.append(Problem("truncated", f"the file ends {missing} bytes early"))
        integrity = "partial"
    tail = end - walk.at
    whole = (
        walk.status == kernel.DONE
        or (walk.status == kernel.CUT and not sealed)
        or (not sealed and tail <= 2)
    )
    if not whole or (not sound and _disorderly(walk.columns[0])):
        walk, found = _guarded(data, first, end, walk, whole)
        problems += found
        integrity = "partial" if found else integrity
    return _Chunk(walk.columns, walk.notes, integrity, problems), end + 2 if sealed else end


def _guarded(
    data: bytes, first: int, end: int, plain: _Walk, whole: bool
) -> tuple[_Walk, list[Problem]]:
    """Walk again over a file that looks damaged, and choose between the two readings."""
    walk = _walk(data, first, end, guarded=True)
    skipped, gaps = int(walk.state[kernel.SKIPPED]), int(walk.state[kernel.GAPS])
    if whole and (not skipped or 2 * walk.rows < plain.rows):
        return plain, []
    if 10 * walk.rows < 9 * plain.rows:
        rest = end - plain.at
        message = f"no message at byte {plain.at}; the rest was left out"
        return plain, [Problem("damaged", message, rest)]
    message = f"{skipped} bytes in {gaps} stretches hold no plausible message, the first broken"
    message += f" one near byte {plain.at}" if not whole else " one unknown"
    return walk, [Problem("damaged", message, gaps)]


def _disorderly(stamps: Floats) -> bool:
    steps = np.diff(stamps)
    return bool(np.any((steps < -STEP_BACK_S) | (steps > LEAP_S)))
