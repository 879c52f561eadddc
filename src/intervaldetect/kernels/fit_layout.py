"""What the FIT protocol and profile fix: base types, fields of a record, units, checksum tables.

Plain tables without numba, for the compiled scanner and for the numpy one that serves while numba
is not loaded.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DONE, CUT, BROKEN, ROWS_FULL, NOTES_FULL = range(5)
"""Why a scan returned: the end, an incomplete message, no message, or too little room (go on)."""

EPOCH = 631065600.0
SEMICIRCLE = 180.0 / 2**31
COLUMNS = 10
"""Rows of the output: time (unix s), latitude, longitude, altitude, distance, speed, heart rate,
cadence, power, temperature."""

AT, ROWS, NOTES, STAMP, METRES, MOST, JOINED, SKIPPED, GAPS, TICKED, STATES = range(11)
"""Places in the state: next byte, rows and notes written, last time stamp (-1: none), running total
of packed distance (1/16 m) and the longest step it may take, whether the byte before belongs to a
message that counts, bytes stepped over, in how many stretches, and whether records have the time in
their header."""

SIZE, NUMBER, STAMP_AT, BIG, STEPS, DEFINED_AT, PACKED, LAYOUT = range(8)
"""Places in a local definition: size of its messages without the header (-1: not defined), global
number, offset of the time stamp (-1: none), byte order, decoding steps, place of the definition,
whether its records pack speed and distance into field 8."""

MOST_STEPS = 32
BLOCK = 512
"""Records that are decoded together: their bytes stay in the cache from column to column."""
RECORD, DESCRIPTION = 20, 206

PUT, ADD, SPEED_DISTANCE, SLOW = range(4)
"""What a decoding step does: put an integer, add one, unpack field 8, or anything rarer."""

WHERE, BYTES, INVALID, HALF, COLUMN, HOW, KIND, ITEMS, STEP = range(9)
"""Places in a decoding step: offset in the message, width of the integer, its invalid value, the
first value that is negative, row of the output, what to do, base type, and items of an array."""

WIDTH = np.array([1, 1, 1, 2, 2, 4, 4, 1, 4, 8, 1, 2, 4, 1, 8, 8, 8], np.int64)
"""Bytes of a base type by its number (the low five bits of its code)."""

KINDS, FLOAT32, FLOAT64, BYTE = 17, 8, 9, 13

INVALID_OF = np.array(
    [0xFF, 0x7F, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0xFFFFFFFF, 0, 0, 0, 0, 0, 0, 0xFF, 0, 0, 0],
    np.int64,
)
HALF_OF = np.array([1 << 40, 1 << 7, 1 << 40, 1 << 15, 1 << 40, 1 << 31] + 11 * [1 << 40], np.int64)

FIELDS = np.array(
    [  # field, pass, column, how: of two fields for one column the later pass wins
        [8, 1, 5, SPEED_DISTANCE],
        [253, 2, 0, PUT],
        [0, 2, 1, PUT],
        [1, 2, 2, PUT],
        [2, 2, 3, PUT],
        [5, 2, 4, PUT],
        [6, 2, 5, PUT],
        [3, 2, 6, PUT],
        [4, 2, 7, PUT],
        [7, 2, 8, PUT],
        [13, 2, 9, PUT],
        [53, 3, 7, ADD],
        [78, 4, 3, PUT],
        [73, 4, 5, PUT],
        [52, 4, 7, PUT],
    ],
    np.int64,
)
EXPECTED = np.array(
    [
        [13, 2], [6, 12], [5, 5], [5, 5], [4, 4], [6, 6], [4, 4], [2, 2], [2, 2], [4, 4],
        [1, 2], [2, 2], [6, 6], [6, 6], [4, 4],
    ],
    np.int64,
)  # fmt: skip
"""The base types that devices use for a field, row by row of FIELDS."""

UNITS = np.array(
    [  # value * first / second - third
        [1.0, 1.0, 0.0],
        [1.0, 1.0, -EPOCH],
        [SEMICIRCLE, 1.0, 0.0],
        [SEMICIRCLE, 1.0, 0.0],
        [1.0, 5.0, 500.0],
        [1.0, 100.0, 0.0],
        [1.0, 1000.0, 0.0],
        [1.0, 1.0, 0.0],
        [1.0, 1.0, 0.0],
        [1.0, 1.0, 0.0],
        [1.0, 1.0, 0.0],
        [1.0, 128.0, 0.0],
        [1.0, 5.0, 500.0],
        [1.0, 1000.0, 0.0],
        [1.0, 256.0, 0.0],
    ]
)


NEAR = np.array(
    [
        [0.0, 30.0], [-0.002, 0.002], [-0.002, 0.002], [-20.0, 20.0], [0.0, 200.0],
        [-8.0, 8.0], [-20.0, 20.0], [-120.0, 120.0], [-600.0, 600.0], [-4.0, 4.0],
    ]
)  # fmt: skip
"""By how much two records in sequence may differ, column by column, to count as alike."""


def _crc_table() -> NDArray[np.int32]:
    """CRC-16/ARC of each byte, its polynomial reflected: 0xA001."""
    table = np.arange(256, dtype=np.int32)
    for _ in range(8):
        table = (table >> 1) ^ (0xA001 * (table & 1))
    return table


CRC = _crc_table()
