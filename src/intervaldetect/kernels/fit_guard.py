"""Guards of the FIT scanner: what makes a place in damaged bytes look like a message.

A message has no mark of its own, so it is judged by its neighbours: messages must follow one
another byte for byte, and most carry a time stamp that must follow the one before.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper
from intervaldetect.kernels.fit_layout import (
    BIG,
    BROKEN,
    COLUMNS,
    CUT,
    DONE,
    EXPECTED,
    FIELDS,
    LAYOUT,
    NEAR,
    NUMBER,
    RECORD,
    SIZE,
    STAMP_AT,
    WIDTH,
)

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

NO, YES, PERHAPS = range(3)
"""Verdicts; perhaps means: if its values are near those of the record before."""

_STRONG, _WEAK, _LONE = 4, 8, 24
"""How many messages are looked at: stamped ones; those with the time in the header, or with a clock
of their own after damage; and those with nothing but the time in the header after damage, because
five bits tick on in many a field read askew."""


@helper
def unsigned(data: Bytes, at: int, width: int, big: int) -> int:
    """Read an integer of ``width`` 1, 2 or 4 bytes."""
    # Sums of products, because numba makes shifts of bytes unsigned and their mixtures floats.
    value: int = data[at] + 0
    if width == 2:
        value = data[at] * 0x100 + data[at + 1] if big else data[at + 1] * 0x100 + data[at]
    elif width == 4 and big:
        value = value * 0x1000000 + data[at + 1] * 0x10000 + data[at + 2] * 0x100 + data[at + 3]
    elif width == 4:
        value += data[at + 3] * 0x1000000 + data[at + 2] * 0x10000 + data[at + 1] * 0x100
    return value


@helper
def row_of(key: int) -> int:
    """Row of ``FIELDS`` for a field number, -1 for a field that no column needs."""
    for row in range(FIELDS.shape[0]):
        if FIELDS[row, 0] == key:
            return row
    return -1


@helper
def definition_size(data: Bytes, at: int, end: int) -> int:
    """Bytes of the definition message at ``at`` with its header; -1 if they pass ``end``."""
    if at + 6 > end:
        return -1
    size = 6 + 3 * data[at + 5]
    if data[at] & 0x20:
        if at + size + 1 > end:
            return -1
        size += 1 + 3 * data[at + size]
    return size if at + size <= end else -1


@helper
def byte_order(data: Bytes, at: int) -> int:
    """Byte order of the definition at ``at``; where its flag is damaged, the likelier one."""
    flag: int = data[at + 2] + 0
    if flag <= 1:
        return flag
    little = unsigned(data, at + 3, 2, 0)
    big = unsigned(data, at + 3, 2, 1)
    return 1 if big < little else 0


@helper
def expected(row: int, kind: int) -> bool:
    """Whether devices write the field of this row with this base type."""
    return bool(EXPECTED[row, 0] == kind or EXPECTED[row, 1] == kind)


@helper
def _probe(data: Bytes, at: int, end: int, probe: Ints, strict: bool) -> int:
    """Judge the definition at ``at`` by its looks and note it in ``probe``.

    Returns its size, 0 if it does not look like one, -1 if it is cut.
    """
    size = definition_size(data, at, end)
    if size < 0:
        return -1
    big = byte_order(data, at)
    number = unsigned(data, at + 3, 2, big)
    fields = data[at + 5] + 0
    if data[at + 1] != 0 or fields == 0 or 1024 < number < 0xFF00:
        return 0
    odd = 0
    total = 0
    stamp_at = -1
    for i in range(fields):
        key, width = data[at + 6 + 3 * i] + 0, data[at + 7 + 3 * i] + 0
        kind = (data[at + 8 + 3 * i] + 0) & 0x1F
        row = row_of(key) if number == RECORD else -1
        if kind > 16 or width == 0 or width % WIDTH[kind] != 0:
            odd += 1
        elif row >= 0 and not expected(row, kind):
            odd += 1
        if key == 253 and width == 4:
            stamp_at = total
        total += width
    if 4 * odd > fields or (strict and (odd or data[at + 2] > 1)):
        return 0
    place = at + 7 + 3 * fields
    while place < at + size:
        total += data[place + 1]
        place += 3
    local = (data[at] + 0) & 0x0F
    probe[local, SIZE] = total
    probe[local, NUMBER] = number
    probe[local, STAMP_AT] = stamp_at
    probe[local, BIG] = big
    return size


@helper
def _follows(earlier: int, later: int) -> bool:
    """Whether a message stamped ``later`` may come after one stamped ``earlier`` (s)."""
    return -600 <= later - earlier <= 172800


@helper
def _settable(earlier: int, later: int) -> bool:
    """Whether a clock may be set so: by less than ten years, or from or to time since power-on."""
    counted = earlier < 0x10000000 or later < 0x10000000
    return counted or -315360000 <= later - earlier <= 315360000


@helper
def borne_out(
    data: Bytes, at: int, end: int, known: Ints, probe: Ints, last: int, joined: bool
) -> int:
    """Judge by what follows whether a message begins at ``at``.

    Parameters
    ----------
    known, probe : arrays of int64, shape (16, LAYOUT)
        Local definitions, and room to try some out.
    last : int
        The last time stamp before, -1 if there was none.
    joined : bool
        Whether the byte before ends a message that counts. If not, the message itself must carry a
        time, or be a definition beyond doubt; and if its time does not follow ``last``, the next
        seven must go on from it steadily.

    Returns
    -------
    int
        YES if the messages from there on parse and two stamps in a row follow one another (or,
        where the clock is set, two on either side), or eight messages with the time in the header
        tick on; behind damage twenty-four, or eight and a stamp that follows.
        PERHAPS if there is less: a stamp that fits, and a neighbour that might be one.
    """
    for local in range(16):
        for place in range(LAYOUT):
            probe[local, place] = known[local, place]
    stamps = links = ticks = between = steady = first = 0
    first_fits = True
    neighbour = across = False
    previous = clock = last
    ended = BROKEN
    here = at
    for turn in range(48):
        if here >= end:
            ended = DONE
            break
        header = data[here] + 0
        if header & 0xC0 == 0x40:
            size = _probe(data, here, end, probe, turn == 0 and not joined)
            if size <= 0:
                ended = CUT if size < 0 and turn else BROKEN
                break
            here += size
            between += stamps == 1
            continue
        local = (header >> 5) & 3 if header & 0x80 else header & 0x0F
        if probe[local, SIZE] < 0 or (header < 0x80 and header & 0x30):
            break
        if turn == 1:
            neighbour = header == data[at]
        body = here + 1
        here = body + probe[local, SIZE]
        if here > end:
            ended = CUT if turn else BROKEN
            break
        if header & 0x80:
            step = ((header & 0x1F) - clock) & 0x1F
            # Steps of up to 15 s: two longer ones could hide a turn of the 32 s clock.
            if probe[local, STAMP_AT] >= 0 or clock < 0 or step == 0 or step > 15:
                break
            clock += step
            ticks += 1
            if ticks == (_WEAK if joined else _LONE):
                return YES if first_fits else NO
            continue
        stamp = -1
        if probe[local, STAMP_AT] >= 0:
            stamp = unsigned(data, body + probe[local, STAMP_AT], 4, probe[local, BIG])
        if stamp < 0 or stamp == 0xFFFFFFFF:
            if turn == 0 and not joined:
                return NO
            between += stamps == 1
            continue
        if stamps == 0:
            first_fits = last < 0 or _follows(last, stamp)
            if not first_fits and not _settable(last, stamp):
                return NO
            first = stamp
        elif _follows(previous, stamp):
            links |= 1 << (stamps - 1)
            # A clock that stands still is a field read askew: it must tick to count by itself.
            steady |= (0 < stamp - previous <= 60) << (stamps - 1)
        if stamps == 2:
            across = _follows(first, stamp)
        previous = clock = stamp
        stamps += 1
        if stamps == (_STRONG if first_fits or joined else _WEAK):
            break
    if not first_fits and not joined:
        return YES if steady == (1 << (_WEAK - 1)) - 1 else NO
    if stamps >= 2:
        if not first_fits and steady & 3 != 3:
            return NO
        if links & 1 == 1:
            return PERHAPS if between and joined else YES
        if steady & 6 == 6 and joined:
            return YES
        apart = neighbour or (across and steady & 4 == 4)
        return PERHAPS if joined and first_fits and apart else NO
    if not first_fits:
        return NO
    if not joined:
        return YES if stamps and ticks >= _WEAK else NO
    if ended != BROKEN or (last < 0 and ticks):
        return YES
    return PERHAPS if neighbour or ticks >= 2 else NO


@helper
def alike(out: Floats, row: int) -> bool:
    """Whether a record is what its predecessor makes one expect: every value is near."""
    if row == 0:
        return False
    known = 0
    for column in range(COLUMNS):
        change = out[column, row] - out[column, row - 1]
        if np.isnan(change):
            if np.isnan(out[column, row]) != np.isnan(out[column, row - 1]):
                return False
        elif change < NEAR[column, 0] or change > NEAR[column, 1]:
            return False
        else:
            known += 1
    return known >= 4
