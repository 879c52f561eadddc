"""The markup of the last points as templates, by which the next ones are read.

Points of one device look alike. The markup of a point, the gaps between its values, is kept: where
the next point agrees with it byte for byte, only the values are parsed.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper
from intervaldetect.kernels.markup import PLAIN
from intervaldetect.kernels.text import parse_number, parse_time
from intervaldetect.kernels.xml_marks import (
    CURRENT,
    LITERAL,
    POINT_COUNT,
    SKIP,
    SLOTS,
    TIME,
    mark_zone,
)

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

TEMPLATES = 4
PIECES = 33
_MASKS = np.array(
    [int.from_bytes(b"\xff" * k + bytes(8 - k), sys.byteorder) for k in range(8)], np.uint64
)


@helper
def slot(template: Ints, state: Ints, start: int, end: int, row: int) -> None:
    """Note the literal before a value, and the value's row; the next literal begins behind it."""
    if start < end and state[SLOTS] >= 0:
        piece(template, state, start, end, row)


@helper
def piece(template: Ints, state: Ints, start: int, end: int, row: int) -> None:
    """Add a piece to the template that is built, which is none if it has too many."""
    k = state[SLOTS]
    if k >= template.shape[0]:
        state[SLOTS] = -1
        return
    template[k, 0], template[k, 1], template[k, 2] = state[LITERAL], start - state[LITERAL], row
    state[LITERAL] = end
    state[SLOTS] = k + 1


@helper
def by_template(
    data: Bytes,
    words: Words,
    size: int,
    p: int,
    templates: Ints,
    pieces: Ints,
    state: Ints,
    memo: Ints,
    table: Floats,
    marks: Ints,
) -> int:
    """Read the point at ``p`` by one of the templates, the last used first; -1 if none fits."""
    for k in range(TEMPLATES):
        chosen = (state[CURRENT] + k) % TEMPLATES
        if pieces[chosen] > 0:
            end = _apply(
                data, words, size, p, templates[chosen], pieces[chosen], state, memo, table, marks
            )
            if end >= 0:
                state[CURRENT] = chosen
                return end
    return -1


@helper
def _apply(
    data: Bytes,
    words: Words,
    size: int,
    p: int,
    template: Ints,
    pieces: int,
    state: Ints,
    memo: Ints,
    table: Floats,
    marks: Ints,
) -> int:
    """Read the point at ``p`` by a template; returns its end, or -1 where they disagree."""
    if not _same(words, template[0, 0], p, template[0, 1]):
        return -1
    point = state[POINT_COUNT]
    for row in range(table.shape[0]):
        table[row, point] = np.nan
    zone = 0
    p += template[0, 1]
    for k in range(pieces - 1):
        row = template[k, 2]
        source, length = template[k + 1, 0], template[k + 1, 1]
        if row == SKIP:
            while PLAIN[data[p]] and data[p] != data[source]:
                p += 1
        elif row == TIME:
            p, table[row, point], zone = parse_time(data, words, p, memo)
        else:
            p, value = parse_number(data, p)
            if math.isnan(table[row, point]) or (table[row, point] == 0.0 and value != 0.0):
                table[row, point] = value
        if p < 0 or p + length > size or not _same(words, source, p, length):
            return -1
        p += length
    if zone != 0 and not mark_zone(marks, state, zone):
        return -1
    state[POINT_COUNT] = point + 1
    return int(p)


@helper
def _same(words: Words, a: int, b: int, length: int) -> bool:
    """Compare ``length`` bytes at ``a`` and ``b``, eight at a time."""
    end = a + length - 8
    while a <= end:
        if words[a] != words[b]:
            return False
        a += 8
        b += 8
    return bool((words[a] ^ words[b]) & _MASKS[end + 8 - a] == 0)
