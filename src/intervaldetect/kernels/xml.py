"""A byte scanner for the track points of GPX and TCX.

The scanner reads points, all of a point, and finds the elements that contain points; everything
else of a document it only steps over. What it does not understand inside a point (a comment, an
entity, a byte beyond ASCII, a broken tag) makes it give up, so that a full XML parser can decide.

A point is read by the markup of one before it (`xml_template`), or tag by tag (`xml_point`).

Names come in as tables, so the kernel knows no format: `Vocabulary` in ``read/xml_scan.py`` builds
them. The bytes must be followed by `PADDING` zeros, which end every inner loop.
"""

from __future__ import annotations

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
from intervaldetect.kernels.xml_marks import (
    FIELD,
    FOREIGN,
    LAP,
    MARK_COUNT,
    ODD_COUNT,
    OTHER,
    POINT,
    POINT_COUNT,
    POINTS,
    SEGMENT,
    TRACK,
    TRACKS,
    WHERE,
    ZONED,
    mark,
)
from intervaldetect.kernels.xml_point import MAX_DEPTH, point
from intervaldetect.kernels.xml_template import PIECES, TEMPLATES, by_template

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PADDING = 64

_OUTSIDE, _IN_LAP, _IN_SEGMENT, _MARKED = range(4)


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
    templates = np.zeros((TEMPLATES, PIECES, 3), np.int64)
    pieces = np.zeros(TEMPLATES, np.int64)
    stack = np.zeros((MAX_DEPTH, 3), np.int64)
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
            end = by_template(data, words, size, p, templates, pieces, state, memo, table, marks)
            if end < 0 and _is_point(data, p, names, first, role):
                status, end = point(
                    data, words, size, p, names, first, role, channel,
                    table, odd, marks, templates, pieces, stack, state, memo,
                )  # fmt: skip
                if status != DONE:
                    break
            if end >= 0:
                run_start = p if run_start < 0 else run_start
                p = run_end = end
                continue
        if run_start >= 0 and not mark(marks, state, POINTS, run_start, run_end):
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
    if run_start >= 0 and not mark(marks, state, POINTS, run_start, run_end):
        status = FULL
    return status, state[POINT_COUNT], state[ODD_COUNT], state[MARK_COUNT], p


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
            if element > 0 and not mark(marks, state, FIELD + element, text, text_end):
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
    if closing <= 0 and not (mark(marks, state, kind, p, end) and _enter(marks, state, kind, p)):
        return FULL, p
    if closing != 0 and not (mark(marks, state, -kind, p, end) and _enter(marks, state, -kind, p)):
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
        return mark(marks, state, FOREIGN, p, p)
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
    return mark(marks, state, FOREIGN, p, p)


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
            if local == name_end or depth >= MAX_DEPTH or role[element] != OTHER:
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


@helper
def _is_point(data: Bytes, p: int, names: Bytes, first: Ints, role: Ints) -> bool:
    local, end = element_name(data, p + 1)
    return bool(role[lookup(data, local, end, names, first)] == POINT)
