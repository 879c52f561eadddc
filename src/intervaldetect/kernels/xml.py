"""A byte scanner for the track points of GPX and TCX.

The scanner reads points, all of a point, and finds the elements that contain points; everything
else of a document it only steps over. What it does not understand inside a point (a comment, an
entity, a byte beyond ASCII, a broken tag) makes it give up, so that a full XML parser can decide.

Points of one device look alike. The markup of the last point, the gaps between its values, is kept
as a template: where the next point agrees with it byte for byte, only the values are parsed.

Names come in as tables, so the kernel knows no format: `Vocabulary` in ``read/xml_scan.py`` builds
them. The bytes must be followed by `PADDING` zeros, which end every inner loop.
"""

from __future__ import annotations

import math
import sys

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel
from intervaldetect.kernels.markup import (
    DONE,
    FULL,
    LT,
    PLAIN,
    SLASH,
    SPACE,
    UNKNOWN,
    attribute,
    element_name,
    end_tag,
    lookup,
    stopped,
    tag,
)
from intervaldetect.kernels.text import parse_number, parse_time

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PADDING = 64

OTHER, ROOT, WRAPPER, TRACK, SEGMENT, LAP, POINT = range(7)
"""Roles of elements: those that hold tracks, tracks or activities, their pieces, laps, points."""

POINTS, ZONE, FOREIGN, FIELD = 20, 21, 22, 32
"""Marks that stand for no tag: a run of points from start to end, with nothing but blanks between
them; the first offset from UTC of a track (point, offset in s); something in a lap that is neither
a point nor a field; the text of a field of a lap from start to end, FIELD + the element's id."""

POINT_COUNT, ODD_COUNT, MARK_COUNT, ZONED, CURRENT, BUILT, SLOTS, LITERAL, TRACKS, WHERE = range(10)
"""Places in the scanner's state. Four belong to the templates: the one used last, the one being
built, the pieces it has so far (-1: it cannot be one), where its running literal began. The last
two are the number of open tracks, and where the scan stands: see `_enter`."""

_OUTSIDE, _IN_LAP, _IN_SEGMENT, _MARKED = range(4)

SKIP = -1
TIME, LATITUDE, LONGITUDE = range(3)
"""Rows of the table that the scanner itself knows."""

FIRST_ZEROED, LAST_ZEROED = 5, 8
"""Rows of speed, heart rate, cadence and power: of two values of a point the one that is not zero
counts."""
_DEPTH = 32
_PIECES = 33
_TEMPLATES = 4
_MASKS = np.array(
    [int.from_bytes(b"\xff" * k + bytes(8 - k), sys.byteorder) for k in range(8)], np.uint64
)


@kernel
def scan(
    data: Bytes,
    words: Words,
    size: int,
    names: Bytes,
    first: Ints,
    role: Ints,
    channel: Ints,
    table: Floats,
    odd: Ints,
    marks: Ints,
) -> tuple[int, int, int, int, int]:
    """Read every point of a document.

    Parameters
    ----------
    data : (size + PADDING,) uint8
        The document, followed by zeros.
    words : (size + PADDING - 7,) uint64
        The eight bytes at every position of ``data``.
    size : int
        Its length in bytes.
    names : (k, width) uint8
        Known local names in lower case, sorted by length; name ``i`` has the id ``i + 1``.
    first : (width + 2,) int64
        Index of the first name of each length.
    role : (k + 1,) int64
        Role by id; id 0 is any unknown name.
    channel : (k + 1, k + 1) int64
        Row of ``table`` by ids of parent and child within a point, `TIME` for a time, -1 for none.
    table : (channels, n) float64, out
        One column per point, NaN where it has no value; row 0 is unix time in s.
    odd : (m, 4) int64, out
        Values to be parsed elsewhere: point, row, start and end of the text.
    marks : (l, 4) int64, out
        In document order: role (negative at the end of an element) or kind of mark, start and
        end of the tag, points so far.

    Returns
    -------
    status : int
        `DONE`, `CUT`, `UNKNOWN` or `FULL`.
    points, odds, marks : int
        How much of the output arrays is filled.
    position : int
        Where the scan ended.
    """
    state = np.zeros(10, np.int64)
    memo = np.full(2, -1, np.int64)
    templates = np.zeros((_TEMPLATES, _PIECES, 3), np.int64)
    pieces = np.zeros(_TEMPLATES, np.int64)
    stack = np.zeros((_DEPTH, 3), np.int64)
    status = DONE
    run_start = run_end = -1
    p = 0
    while True:
        while SPACE[data[p]]:
            p += 1
        if data[p] == LT and state[TRACKS] > 0:
            if state[POINT_COUNT] >= table.shape[1]:
                status = FULL
                break
            end = _by_template(data, words, size, p, templates, pieces, state, memo, table, marks)
            if end < 0 and _is_point(data, p, names, first, role):
                status, end = _point(
                    data, words, size, p, names, first, role, channel,
                    table, odd, marks, templates, pieces, stack, state, memo,
                )  # fmt: skip
                if status != DONE:
                    break
            if end >= 0:
                run_start = p if run_start < 0 else run_start
                p = run_end = end
                continue
        if run_start >= 0 and not _mark(marks, state, POINTS, run_start, run_end):
            status = FULL
            break
        run_start = -1
        if data[p] == LT:
            status, p = _step(data, size, p, names, first, role, marks, stack, state)
        elif data[p] == 0:
            status = DONE if p >= size else UNKNOWN
            break
        else:
            status = DONE if _foreign(marks, state, p) else FULL
            while data[p] != LT and data[p] != 0:
                p += 1
        if status != DONE:
            break
    if run_start >= 0 and not _mark(marks, state, POINTS, run_start, run_end):
        status = FULL
    return status, state[POINT_COUNT], state[ODD_COUNT], state[MARK_COUNT], p


@helper
def _mark(marks: Ints, state: Ints, kind: int, start: int, end: int) -> bool:
    k = state[MARK_COUNT]
    if k >= marks.shape[0]:
        return False
    marks[k, 0], marks[k, 1], marks[k, 2], marks[k, 3] = kind, start, end, state[POINT_COUNT]
    state[MARK_COUNT] = k + 1
    return True


@helper
def _step(
    data: Bytes,
    size: int,
    p: int,
    names: Bytes,
    first: Ints,
    role: Ints,
    marks: Ints,
    stack: Ints,
    state: Ints,
) -> tuple[int, int]:
    """Step over what stands at ``p`` outside points, and mark it if it matters."""
    if state[WHERE] == _IN_LAP:
        status, end, element, text, text_end = _field(data, size, p, names, first, role, stack)
        if status == DONE:
            if element > 0 and not _mark(marks, state, FIELD + element, text, text_end):
                return FULL, p
            return DONE, end
    status, end, element, closing = tag(data, size, p, names, first)
    if status != DONE:
        return status, p
    kind = role[element]
    if kind == POINT:
        return UNKNOWN, p  # outside a track, or the end of none
    if kind == OTHER or (kind == LAP and state[TRACKS] == 0):  # courses have laps, too
        return (DONE if _foreign(marks, state, p) else FULL), end
    if closing <= 0 and not (_mark(marks, state, kind, p, end) and _enter(marks, state, kind, p)):
        return FULL, p
    if closing != 0 and not (_mark(marks, state, -kind, p, end) and _enter(marks, state, -kind, p)):
        return FULL, p
    return DONE, end


@helper
def _enter(marks: Ints, state: Ints, kind: int, p: int) -> bool:
    """Follow the scan into and out of tracks and laps; False if the marks are full.

    As long as laps hold nothing but fields, and segments that hold nothing but points, the rest
    of the document can do without their content. Else the first deviation is marked.
    """
    where = state[WHERE]
    if kind == TRACK or kind == -TRACK:  # noqa: PLR1714 - no sets in a kernel
        state[TRACKS] += 1 if kind > 0 else -1
        state[ZONED] = 0
    if kind == LAP and where == _OUTSIDE:
        state[WHERE] = _IN_LAP
    elif kind == -LAP and where == _IN_LAP:
        state[WHERE] = _OUTSIDE
    elif kind == -LAP and where == _OUTSIDE:
        state[WHERE] = _MARKED
        return _mark(marks, state, FOREIGN, p, p)
    elif kind == SEGMENT and where == _IN_LAP:
        state[WHERE] = _IN_SEGMENT
    elif kind == -SEGMENT and where == _IN_SEGMENT:
        state[WHERE] = _IN_LAP
    else:
        return _foreign(marks, state, p)
    return True


@helper
def _foreign(marks: Ints, state: Ints, p: int) -> bool:
    """Mark the first thing in a lap that does not belong there; False if the marks are full."""
    if state[WHERE] == _OUTSIDE or state[WHERE] == _MARKED:
        return True
    state[WHERE] = _MARKED
    return _mark(marks, state, FOREIGN, p, p)


@helper
def _field(
    data: Bytes, size: int, p: int, names: Bytes, first: Ints, role: Ints, stack: Ints
) -> tuple[int, int, int, int, int]:
    """Step over a plain element at ``p`` with everything in it.

    Returns status, end, id of the element, and start and end of the text before its end tag.
    """
    depth = -1
    text = text_end = p
    while True:
        if data[p + 1] == SLASH:
            closed, p = end_tag(data, p, stack, depth)
            if not closed:
                return stopped(p, size), p, 0, 0, 0
            depth -= 1
        else:
            local, name_end = element_name(data, p + 1)
            element = lookup(data, local, name_end, names, first)
            depth += 1
            if local == name_end or depth >= _DEPTH or role[element] != OTHER:
                return stopped(name_end, size), p, 0, 0, 0
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = element, p + 1, name_end
            found, p = 1, name_end
            while found == 1:
                found, _, _, value, value_end, p = attribute(data, p)
                for i in range(value, value_end):
                    if not PLAIN[data[i]]:
                        return UNKNOWN, p, 0, 0, 0
            if found == 0:
                return stopped(p, size), p, 0, 0, 0
            if found == 3:
                text = text_end = p
                depth -= 1
        if depth < 0:
            return DONE, p, stack[0, 0], text, text_end
        text = p
        while PLAIN[data[p]]:
            p += 1
        text_end = p
        if data[p] != LT:
            return stopped(p, size), p, 0, 0, 0


# --- points --------------------------------------------------------------------------------------


@helper
def _is_point(data: Bytes, p: int, names: Bytes, first: Ints, role: Ints) -> bool:
    local, end = element_name(data, p + 1)
    return bool(role[lookup(data, local, end, names, first)] == POINT)


@helper
def _point(
    data: Bytes,
    words: Words,
    size: int,
    start: int,
    names: Bytes,
    first: Ints,
    role: Ints,
    channel: Ints,
    table: Floats,
    odd: Ints,
    marks: Ints,
    templates: Ints,
    pieces: Ints,
    stack: Ints,
    state: Ints,
    memo: Ints,
) -> tuple[int, int]:
    """Read the point whose tag stands at ``start``; keep its markup as a template."""
    point = state[POINT_COUNT]
    state[BUILT] = (state[BUILT] + 1) % _TEMPLATES
    template = templates[state[BUILT]]
    pieces[state[BUILT]] = 0
    for row in range(table.shape[0]):
        table[row, point] = np.nan
    state[SLOTS] = 0
    state[LITERAL] = start
    depth = -1
    p = start
    while True:
        if data[p + 1] == SLASH:
            closed, p = end_tag(data, p, stack, depth)
            if not closed:
                return stopped(p, size), p
            depth -= 1
        else:
            local, name_end = element_name(data, p + 1)
            element = lookup(data, local, name_end, names, first)
            depth += 1
            if local == name_end or depth >= _DEPTH or (depth > 0 and role[element] != OTHER):
                return stopped(name_end, size), p
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = element, p + 1, name_end
            status, p, empty = _attributes(
                data, words, size, name_end, depth, table, odd, marks, template, state, memo
            )
            if status != DONE:
                return status, p
            if empty:
                if _channel(channel, stack, depth) == TIME:
                    return UNKNOWN, p
                depth -= 1
        if depth < 0:
            break
        text = p
        while PLAIN[data[p]]:
            p += 1
        if data[p] != LT:
            return stopped(p, size), p
        # Text counts as a value where it ends its element.
        row = _channel(channel, stack, depth) if data[p + 1] == SLASH else SKIP
        status = _value(data, words, text, p, row, table, odd, marks, template, state, memo)
        if status != DONE:
            return status, p
    if state[SLOTS] >= 0:
        _piece(template, state, p, p, SKIP)
    pieces[state[BUILT]] = max(state[SLOTS], 0)
    state[CURRENT] = state[BUILT]
    state[POINT_COUNT] = point + 1
    return DONE, p


@helper
def _attributes(
    data: Bytes,
    words: Words,
    size: int,
    p: int,
    depth: int,
    table: Floats,
    odd: Ints,
    marks: Ints,
    template: Ints,
    state: Ints,
    memo: Ints,
) -> tuple[int, int, bool]:
    """Read the attributes of a start tag; returns status, end and whether the element is empty."""
    while True:
        found, key, key_end, value, value_end, p = attribute(data, p)
        if found == 0:
            return stopped(p, size), p, False
        if found >= 2:
            return DONE, p, found == 3
        for i in range(value, value_end):
            if not PLAIN[data[i]]:
                return UNKNOWN, p, False
        row = SKIP
        if depth == 0 and key_end - key == 3 and data[key] == 108:
            if data[key + 1] == 97 and data[key + 2] == 116:
                row = LATITUDE
            elif data[key + 1] == 111 and data[key + 2] == 110:
                row = LONGITUDE
            if row != SKIP and not math.isnan(table[row, state[POINT_COUNT]]):
                return UNKNOWN, p, False
        status = _value(
            data, words, value, value_end, row, table, odd, marks, template, state, memo
        )
        if status != DONE:
            return status, p, False


@helper
def _channel(channel: Ints, stack: Ints, depth: int) -> int:
    return int(channel[stack[depth - 1, 0], stack[depth, 0]]) if depth > 0 else SKIP


@helper
def _value(
    data: Bytes,
    words: Words,
    start: int,
    end: int,
    row: int,
    table: Floats,
    odd: Ints,
    marks: Ints,
    template: Ints,
    state: Ints,
    memo: Ints,
) -> int:
    """Take the value of ``row`` from a text, or leave the text for others to parse."""
    while start < end and SPACE[data[start]]:
        start += 1
    while start < end and SPACE[data[end - 1]]:
        end -= 1
    point = state[POINT_COUNT]
    if row != SKIP and not math.isnan(table[row, point]):
        if row == TIME:
            return UNKNOWN  # two points run together
        if FIRST_ZEROED <= row <= LAST_ZEROED and start < end:
            return _second(data, start, end, row, table, template, state)
        row = SKIP
    if row == SKIP or (start == end and row != TIME):
        _slot(template, state, start, end, SKIP)
        return DONE
    if _is_odd(odd, state, row):
        return UNKNOWN
    _slot(template, state, start, end, row)
    if start == end:
        state[SLOTS] = -1  # a time without text: every such point is to be reported
    if row == TIME:
        stop, value, zone = parse_time(data, words, start, memo)
    else:
        stop, value = parse_number(data, start)
        zone = 0
    if stop == end:
        if zone != 0 and not _zone(marks, state, zone):
            return FULL
        table[row, point] = value
        return DONE
    k = state[ODD_COUNT]
    if k >= odd.shape[0]:
        return FULL
    odd[k, 0], odd[k, 1], odd[k, 2], odd[k, 3] = point, row, start, end
    state[ODD_COUNT] = k + 1
    return DONE


@helper
def _second(
    data: Bytes, start: int, end: int, row: int, table: Floats, template: Ints, state: Ints
) -> int:
    """Take a second value of a channel where the first is zero."""
    point = state[POINT_COUNT]
    stop, value = parse_number(data, start)
    zero = table[row, point] == 0.0
    if stop != end:
        if zero:
            return UNKNOWN
        _slot(template, state, start, end, SKIP)
        state[SLOTS] = -1  # where the first is zero, this text has to be looked at
        return DONE
    _slot(template, state, start, end, row)
    if zero and value != 0.0:
        table[row, point] = value
    return DONE


@helper
def _is_odd(odd: Ints, state: Ints, row: int) -> bool:
    """Tell whether this row of the point waits to be parsed elsewhere."""
    k = state[ODD_COUNT] - 1
    while k >= 0 and odd[k, 0] == state[POINT_COUNT]:
        if odd[k, 1] == row:
            return True
        k -= 1
    return False


@helper
def _zone(marks: Ints, state: Ints, zone: int) -> bool:
    if state[ZONED] == 0:
        state[ZONED] = 1
        return _mark(marks, state, ZONE, state[POINT_COUNT], zone)
    return True


# --- the template --------------------------------------------------------------------------------


@helper
def _slot(template: Ints, state: Ints, start: int, end: int, row: int) -> None:
    """Note the literal before a value, and the value's row; the next literal begins behind it."""
    if start < end and state[SLOTS] >= 0:
        _piece(template, state, start, end, row)


@helper
def _piece(template: Ints, state: Ints, start: int, end: int, row: int) -> None:
    k = state[SLOTS]
    if k >= template.shape[0]:
        state[SLOTS] = -1
        return
    template[k, 0], template[k, 1], template[k, 2] = state[LITERAL], start - state[LITERAL], row
    state[LITERAL] = end
    state[SLOTS] = k + 1


@helper
def _by_template(
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
    for k in range(_TEMPLATES):
        chosen = (state[CURRENT] + k) % _TEMPLATES
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
    if zone != 0 and not _zone(marks, state, zone):
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
