"""A track point of GPX or TCX, tag by tag: its values, and its markup as a template.

What is not understood inside a point (a comment, an entity, a byte beyond ASCII, a broken tag) is a
status, so that a full XML parser can decide.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper
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
)
from intervaldetect.kernels.text import parse_number, parse_time
from intervaldetect.kernels.xml_marks import (
    BUILT,
    CURRENT,
    LATITUDE,
    LITERAL,
    LONGITUDE,
    ODD_COUNT,
    OTHER,
    POINT_COUNT,
    SKIP,
    SLOTS,
    TIME,
    mark_zone,
)
from intervaldetect.kernels.xml_template import TEMPLATES, piece, slot

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

FIRST_ZEROED, LAST_ZEROED = 5, 8
"""Rows of speed, heart rate, cadence and power: of two values of a point the one that is not zero
counts."""
MAX_DEPTH = 32


@helper
def point(
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
    state[BUILT] = (state[BUILT] + 1) % TEMPLATES
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
            if local == name_end or depth >= MAX_DEPTH or (depth > 0 and role[element] != OTHER):
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
        piece(template, state, p, p, SKIP)
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
        slot(template, state, start, end, SKIP)
        return DONE
    if _is_odd(odd, state, row):
        return UNKNOWN
    slot(template, state, start, end, row)
    if start == end:
        state[SLOTS] = -1  # a time without text: every such point is to be reported
    if row == TIME:
        stop, value, zone = parse_time(data, words, start, memo)
    else:
        stop, value = parse_number(data, start)
        zone = 0
    if stop == end:
        if zone != 0 and not mark_zone(marks, state, zone):
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
        slot(template, state, start, end, SKIP)
        state[SLOTS] = -1  # where the first is zero, this text has to be looked at
        return DONE
    slot(template, state, start, end, row)
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
