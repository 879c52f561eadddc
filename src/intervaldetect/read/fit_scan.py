"""One pass over the messages of a FIT file, in the gear that costs least.

While kernels are not compiled plain files go to ``fit_light``; the rest, and everything out of the
ordinary, to the scanner of ``kernels.fit``.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels import fit as kernels
from intervaldetect.kernels import fit_layout as layout
from intervaldetect.kernels import fit_numbers
from intervaldetect.kernels._jit import compiled
from intervaldetect.read import fit_light
from intervaldetect.read.fit_light import Walk
from intervaldetect.read.fit_messages import WANTED
from intervaldetect.records import Floats

SHORT_RECORD = 32
"""Bytes of a short record, a tenth of real files has shorter ones: more room is seldom needed."""

MAX_FIRST_ROOM = 1 << 16
"""Records that there is room for at first; a file of other messages takes no memory for more."""

_WANTED = np.zeros(max(WANTED) + 1, np.bool_)
_WANTED[list(WANTED)] = True


def _buffer(data: bytes) -> Any:
    """Give the bytes in the form that suits the kernels as they run."""
    return np.frombuffer(data, np.uint8) if compiled() else data


def as_words(data: bytes | memoryview, first: int, last: int) -> NDArray[np.uint64]:
    """Copy ``data[first:last]`` for a checksum: zeros in front, which change nothing."""
    padded = bytearray(-(last - first) % 8)
    padded += memoryview(data)[first:last]
    return np.frombuffer(padded, np.uint64)


def seal_holds(data: bytes, first: int, last: int) -> bool:
    """Whether the checksum at the end of ``data[first:last]`` holds."""
    crc16 = kernels.crc16 if compiled() else fit_light.crc16
    return bool(crc16(as_words(data, first, last)) == 0)


def field_of(
    data: bytes, places: NDArray[np.int64], field: tuple[int, int, int, int, int]
) -> Floats:
    """Decode a field of records at ``places`` in its own unit, NaN where there is none.

    ``field`` is where it was defined, its offset, base type, items and byte order, as for
    ``kernels.fit_numbers.column_of``.
    """
    if not compiled():
        return fit_light.field_of(data, places, field)
    return fit_numbers.column_of(_buffer(data), places, *field)


def walk(data: bytes, first: int, end: int, *, guarded: bool = False, wary: bool = False) -> Walk:
    """Pass over the messages from ``first`` to ``end``, with as much room as it takes.

    ``guarded`` as in ``kernels.fit.scan``; ``wary`` if single values may be damaged.
    """
    if not guarded and not wary and not compiled():
        light = fit_light.walk(data, first, end, _WANTED)
        if light is not None:
            return light
    state = np.zeros(layout.STATES, np.int64)
    state[layout.AT], state[layout.STAMP], state[layout.JOINED] = first, -1, 1
    # Twelve bits of distance turn over every 256 m: where values may be damaged, a leap is no turn.
    state[layout.MOST] = 1600 if guarded or wary else 0xFFF
    known = np.full((16, layout.LAYOUT), -1, np.int64)
    probe = np.full((16, layout.LAYOUT), -1, np.int64)
    steps = np.zeros((16, layout.MOST_STEPS, layout.STEP), np.int64)
    units = np.zeros((16, layout.MOST_STEPS, 3))
    room = min((end - first) // SHORT_RECORD + 32, MAX_FIRST_ROOM)
    columns = np.full((layout.COLUMNS, room), np.nan)
    places = np.zeros((3, room), np.int64)
    notes = np.zeros((512, 4), np.int64)
    while True:
        status = kernels.scan(
            _buffer(data), end, guarded, _WANTED, state, known, steps, units, probe, columns,
            places, notes,
        )  # fmt: skip
        rows = int(state[layout.ROWS])
        if status == layout.ROWS_FULL:
            more = np.full((layout.COLUMNS, 2 * rows), np.nan)
            more[:, :rows] = columns[:, :rows]
            columns = more
            places = np.concatenate((places, np.zeros_like(places)), axis=1)
        elif status == layout.NOTES_FULL:
            more = np.zeros((2 * notes.shape[0], 4), np.int64)  # untouched, it takes no memory
            more[: notes.shape[0]] = notes
            notes = more
        else:
            break
    noted = int(state[layout.NOTES])
    return Walk(
        status,
        int(state[layout.AT]),
        columns[:, :rows],
        notes[:noted],
        places[::2, :rows],
        skipped=int(state[layout.SKIPPED]),
        gaps=int(state[layout.GAPS]),
        ticked=bool(state[layout.TICKED]),
    )
