"""A byte scanner for FIT: definitions, record columns, and where the rare messages lie.

One pass walks the messages. Records go straight into columns; laps, sessions and the like are noted
by place, to be decoded where speed does not matter. With ``guarded`` on, a message counts only if
the time stamps around it bear it out, and what does not is stepped over byte by byte: that is how
the walk gets across damage without inventing records.

The layout of a message, the numbers of fields and their scales are those of the published FIT
protocol and global profile.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel
from intervaldetect.kernels.fit_guard import (
    NO,
    PERHAPS,
    YES,
    alike,
    borne_out,
    byte_order,
    definition_size,
    expected,
    row_of,
    unsigned,
)
from intervaldetect.kernels.fit_layout import (
    ADD,
    AT,
    BIG,
    BLOCK,
    BROKEN,
    BYTES,
    COLUMN,
    CRC,
    CUT,
    DEFINED_AT,
    DONE,
    EPOCH,
    FIELDS,
    GAPS,
    HALF,
    HALF_OF,
    HOW,
    INVALID,
    INVALID_OF,
    ITEMS,
    JOINED,
    KIND,
    METRES,
    MOST,
    MOST_STEPS,
    NOTES,
    NOTES_FULL,
    NUMBER,
    PACKED,
    RECORD,
    ROWS,
    ROWS_FULL,
    SIZE,
    SKIPPED,
    SLOW,
    SPEED_DISTANCE,
    STAMP,
    STAMP_AT,
    STEPS,
    TICKED,
    UNITS,
    WHERE,
    WIDTH,
)
from intervaldetect.kernels.fit_numbers import number_at

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


WIDE, NARROW = 64, 4


@kernel
def crc16(words: Words) -> int:
    """CRC-16/ARC of bytes: folded together first, then taken of the last few hundred.

    The polynomial is P = x**16 + x**15 + x**2 + 1, and squaring over two elements squares every
    term: P**n = x**16n + x**15n + x**2n + 1 where n is a power of 2. So n bits of the message count
    as much when they are added to those n, 14 n and 16 n bits later. Wide folds go side by side.

    Parameters
    ----------
    words : (n,) uint64
        The bytes, with zeros in front, which change nothing; overwritten.
    """
    wide = max(words.size - 16 * WIDE, 0)
    for k in range(wide):
        word = words[k]
        words[k + WIDE] ^= word
        words[k + 14 * WIDE] ^= word
        words[k + 16 * WIDE] ^= word
    narrow = max(words.size - 16 * NARROW, wide)
    for k in range(wide, narrow):
        word = words[k]
        words[k + NARROW] ^= word
        words[k + 14 * NARROW] ^= word
        words[k + 16 * NARROW] ^= word
    crc = 0
    for byte in words[narrow:].view(np.uint8):
        crc = (crc >> 8) ^ CRC[(crc ^ byte) & 0xFF]
    return crc


@helper
def _add_step(
    steps: Ints, units: Floats, local: int, count: int, offset: int, kind: int, width: int, row: int
) -> int:
    """Append a decoding step for the field of row ``row``, if it has a type that makes sense."""
    if count >= MOST_STEPS or kind > 16 or width < WIDTH[kind] or width % WIDTH[kind] != 0:
        return count
    how = FIELDS[row, 3]
    if how == SPEED_DISTANCE:
        if width < 3:
            return count
    elif width != WIDTH[kind] or width > 4 or 7 <= kind <= 8:
        how = SLOW
    steps[local, count, WHERE] = offset
    steps[local, count, BYTES] = WIDTH[kind]
    steps[local, count, INVALID] = INVALID_OF[kind]
    steps[local, count, HALF] = HALF_OF[kind]
    steps[local, count, COLUMN] = FIELDS[row, 2]
    steps[local, count, HOW] = how
    steps[local, count, KIND] = kind
    steps[local, count, ITEMS] = width // WIDTH[kind]
    for i in range(3):
        units[local, count, i] = UNITS[row, i]
    return count + 1


@helper
def _define(
    data: Bytes,
    at: int,
    size: int,
    guarded: bool,
    known: Ints,
    steps: Ints,
    units: Floats,
) -> None:
    """Note the definition message at ``at`` (``size`` bytes) for its local number."""
    local = (data[at] + 0) & 0x0F
    big = byte_order(data, at)
    number = unsigned(data, at + 3, 2, big)
    fields = data[at + 5] + 0
    total = 0
    stamp_at = -1
    for i in range(fields):
        if data[at + 6 + 3 * i] == 253 and data[at + 7 + 3 * i] == 4:
            stamp_at = total
        total += data[at + 7 + 3 * i]
    own = total
    place = at + 7 + 3 * fields
    while place < at + size:
        total += data[place + 1]
        place += 3
    known[local, SIZE] = total
    known[local, NUMBER] = number
    known[local, STAMP_AT] = stamp_at
    known[local, BIG] = big
    known[local, DEFINED_AT] = at
    count = 0
    if number == RECORD:
        for turn in range(1, 5):
            # The first of several fields of one number counts: it is decoded last.
            offset = own
            for i in range(fields - 1, -1, -1):
                offset -= data[at + 7 + 3 * i]
                row = row_of(data[at + 6 + 3 * i])
                if row >= 0 and FIELDS[row, 1] == turn:
                    kind, width = (data[at + 8 + 3 * i] + 0) & 0x1F, data[at + 7 + 3 * i] + 0
                    if not guarded or expected(row, kind):
                        count = _add_step(steps, units, local, count, offset, kind, width, row)
    known[local, STEPS] = count
    known[local, PACKED] = 0
    for i in range(count):
        if steps[local, i, HOW] == SPEED_DISTANCE:
            known[local, PACKED] = 1


@helper
def _integers(
    data: Bytes,
    places: Ints,
    first: int,
    last: int,
    local: int,
    step: Ints,
    unit: Floats,
    big: int,
    column: Floats,
) -> None:
    """Decode one integer field of records ``first`` to ``last`` into its column."""
    where, width, invalid, half = 1 + step[WHERE], step[BYTES], step[INVALID], step[HALF]
    factor, divisor, less = unit[0], unit[1], unit[2]
    adds = step[HOW] == ADD
    for row in range(first, last):
        if places[1, row] != local:
            continue
        at = places[0, row] + where
        if width == 1:
            value = data[at] + 0
        else:
            value = unsigned(data, at, width, big)
        if value != invalid:
            if value >= half:
                value -= 2 * half
            scaled = value * factor / divisor - less
            column[row] = column[row] + scaled if adds else scaled


@helper
def _rarities(
    data: Bytes,
    places: Ints,
    first: int,
    last: int,
    local: int,
    step: Ints,
    unit: Floats,
    big: int,
    column: Floats,
) -> None:
    """Decode a field that is a float or an array; of an array the first valid item counts."""
    kind = step[KIND]
    adds = unit[1] == 128.0
    for row in range(first, last):
        if places[1, row] != local:
            continue
        for item in range(step[ITEMS]):
            at = places[0, row] + 1 + step[WHERE] + item * WIDTH[kind]
            value = number_at(data, at, kind, big)
            if not np.isnan(value):
                scaled = value * unit[0] / unit[1] - unit[2]
                column[row] = column[row] + scaled if adds else scaled
                break


@helper
def _speed_distance(
    data: Bytes,
    places: Ints,
    first: int,
    last: int,
    local: int,
    step: Ints,
    metres: int,
    most: int,
    out: Floats,
) -> int:
    """Unpack field 8, 12 bits each of speed and of distance; returns the running distance."""
    for row in range(first, last):
        if places[1, row] != local:
            continue
        at = places[0, row] + 1 + step[WHERE]
        low, middle, high = data[at] + 0, data[at + 1] + 0, data[at + 2] + 0
        if low & middle & high != 0xFF:
            out[5, row] = (low + (middle & 0x0F) * 256) / 100.0
            advance = (middle // 16 + high * 16 - metres) & 0xFFF
            if advance <= most:
                metres += advance
                out[4, row] = metres / 16.0
    return metres


@helper
def _decode(
    data: Bytes,
    places: Ints,
    first: int,
    last: int,
    known: Ints,
    steps: Ints,
    units: Floats,
    metres: int,
    most: int,
    out: Floats,
) -> int:
    """Decode records ``first`` to ``last``, a column at a time, before their definitions change.

    Returns the running total of compressed distance, in 1/16 m.
    """
    present = 0
    for row in range(first, last):
        present |= 1 << places[1, row]
    for local in range(16):
        if not present >> local & 1:
            continue
        big = known[local, BIG]
        for i in range(known[local, STEPS]):
            step, unit = steps[local, i], units[local, i]
            column = out[step[COLUMN]]
            if step[HOW] <= ADD:
                _integers(data, places, first, last, local, step, unit, big, column)
            elif step[HOW] == SLOW:
                _rarities(data, places, first, last, local, step, unit, big, column)
            else:
                metres = _speed_distance(data, places, first, last, local, step, metres, most, out)
    return metres


@kernel
def scan(
    data: Bytes,
    end: int,
    guarded: bool,
    wanted: NDArray[np.bool_],
    state: Ints,
    known: Ints,
    steps: Ints,
    units: Floats,
    probe: Ints,
    out: Floats,
    places: Ints,
    notes: Ints,
) -> int:
    """Walk messages from ``state[AT]`` to ``end``; call again with more room where there is none.

    Parameters
    ----------
    data : array of uint8
        The file; as ``bytes`` where kernels run as plain Python.
    end : int
        First byte behind the messages, at most ``data.size``.
    guarded : bool
        Count only messages that the ones after them bear out, and search on after damage.
    wanted : array of bool
        Global message numbers to note, by number.
    state : array of int64, shape (STATES,)
        See ``AT`` and the others; kept from call to call.
    known, probe : arrays of int64, shape (16, LAYOUT)
        Local definitions, and room to try some out.
    steps : array of int64, shape (16, MOST_STEPS, STEP)
        How to decode the records of each local definition.
    units : array of float64, shape (16, MOST_STEPS, 3)
        Factor, divisor and what to subtract, for each step.
    out : array of float64, shape (COLUMNS, room)
        Columns, filled with NaN before.
    places : array of int64, shape (3, room)
        Where each record begins, its local number, and where it was defined.
    notes : array of int64, shape (room, 4)
        Per wanted message: where its body begins, where it was defined, its global number, and the
        time stamp that stands in its header or -1.

    Returns
    -------
    int
        ``DONE``, ``CUT``, ``BROKEN`` (never if guarded), ``ROWS_FULL`` or ``NOTES_FULL``.
    """
    at, stamp, metres = state[AT], state[STAMP], state[METRES]
    rows, noted, joined = state[ROWS], state[NOTES], state[JOINED]
    decoded = rows
    most = state[MOST]
    status = DONE
    while at < end:
        if guarded:
            verdict = borne_out(data, at, end, known, probe, stamp, joined != 0)
            if verdict == PERHAPS and data[at] & 0xC0 != 0x40:
                local = (data[at] >> 5) & 3 if data[at] & 0x80 else data[at] & 0x0F
                if known[local, NUMBER] == RECORD:
                    if rows >= places.shape[1]:
                        status = ROWS_FULL
                        break
                    metres = _decode(
                        data, places, decoded, rows, known, steps, units, metres, most, out
                    )
                    decoded = rows
                    places[0, rows], places[1, rows] = at, local
                    if data[at] & 0x80:
                        out[0, rows] = stamp + ((data[at] - stamp) & 0x1F) + EPOCH
                    _decode(data, places, rows, rows + 1, known, steps, units, metres, most, out)
                    verdict = YES if alike(out, rows) else NO
                    out[:, rows] = np.nan
            if verdict == NO:
                state[SKIPPED] += 1
                state[GAPS] += joined
                joined = 0
                at += 1
                continue
            joined = 1
        header = data[at] + 0
        if header & 0xC0 == 0x40:
            size = definition_size(data, at, end)
            if size < 0:
                status = CUT
                break
            metres = _decode(data, places, decoded, rows, known, steps, units, metres, most, out)
            decoded = rows
            _define(data, at, size, guarded, known, steps, units)
            at += size
            continue
        local = (header >> 5) & 3 if header & 0x80 else header & 0x0F
        size = known[local, SIZE]
        body = at + 1
        if size < 0 or body + size > end:
            status = BROKEN if size < 0 else CUT
            break
        number, big = known[local, NUMBER], known[local, BIG]
        noteworthy = number < wanted.size and wanted[number]
        if number == RECORD and rows >= places.shape[1]:
            status = ROWS_FULL
            break
        if noteworthy and noted >= notes.shape[0]:
            status = NOTES_FULL
            break
        in_header = -1
        if header & 0x80:
            stamp = max(stamp, 0)
            stamp += ((header & 0x1F) - stamp) & 0x1F
            in_header = stamp
        if known[local, STAMP_AT] >= 0:
            own = unsigned(data, body + known[local, STAMP_AT], 4, big)
            if own != 0xFFFFFFFF:
                stamp = own
        if number == RECORD:
            if in_header >= 0:
                out[0, rows] = in_header + EPOCH
                state[TICKED] = 1
            if rows - decoded >= BLOCK or (known[local, PACKED] and rows > decoded):
                metres = _decode(
                    data, places, decoded, rows, known, steps, units, metres, most, out
                )
                decoded = rows
            places[0, rows] = at
            places[1, rows] = local
            places[2, rows] = known[local, DEFINED_AT]
            rows += 1
        elif noteworthy:
            notes[noted, 0] = body
            notes[noted, 1] = known[local, DEFINED_AT]
            notes[noted, 2] = number
            notes[noted, 3] = in_header
            noted += 1
        at = body + size
    metres = _decode(data, places, decoded, rows, known, steps, units, metres, most, out)
    state[AT], state[STAMP], state[METRES] = at, stamp, metres
    state[ROWS], state[NOTES], state[JOINED] = rows, noted, joined
    return status
