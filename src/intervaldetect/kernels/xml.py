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

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

PADDING = 64

DONE = 0
CUT = 1
"""The bytes end inside a tag, a comment or a point."""
UNKNOWN = 2
"""Something a full parser must decide."""
FULL = 3
"""One of the output arrays is too short."""

OTHER, ROOT, TRACK, SEGMENT, LAP, POINT, POINTS, ZONE = range(8)
"""Roles of elements; POINTS and ZONE are marks without an element."""

POINT_COUNT, ODD_COUNT, MARK_COUNT, ZONED, PIECES, SLOTS, LITERAL = range(7)
"""Places in the scanner's state; the last three are the template's: pieces ready for use, pieces
noted so far (-1: too many), and where the running literal began."""

SKIP = -1
TIME, LATITUDE, LONGITUDE = range(3)
"""Rows of the table that the scanner itself knows."""
_DEPTH = 32
_MOST_SLOTS = 32

_LT, _GT, _SLASH, _QUOTE, _APOSTROPHE, _EQUALS = 60, 62, 47, 34, 39, 61

_POW10 = np.array([float(10**k) for k in range(19)])
_INT_POW10 = np.array([10**k for k in range(19)], np.int64)
_PLAIN = np.zeros(256, np.bool_)
_PLAIN[32:127] = True
_PLAIN[[9, 10, 13]] = True
_PLAIN[[ord("<"), ord("&")]] = False
_NAME = np.zeros(256, np.bool_)
_NAME[[c for c in range(128) if chr(c).isalnum() or chr(c) in "_.-:"]] = True
_SPACE = np.zeros(256, np.bool_)
_SPACE[[9, 10, 13, 32]] = True
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)


@kernel
def scan(
    data: Bytes,
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
        In document order: role (negative at the end of an element), start and end of the tag,
        points so far. `POINTS` marks a run of points with nothing but blanks between them, from
        start to end. `ZONE` marks the first offset from UTC of a track: point, offset in s.

    Returns
    -------
    status : int
        `DONE`, `CUT`, `UNKNOWN` or `FULL`.
    points, odds, marks : int
        How much of the output arrays is filled.
    position : int
        Where the scan ended.
    """
    state = np.zeros(7, np.int64)
    template = np.zeros((_MOST_SLOTS + 1, 3), np.int64)
    stack = np.zeros((_DEPTH, 3), np.int64)
    status = DONE
    run_start = run_end = -1
    open_tracks = 0
    p = 0
    while True:
        while _SPACE[data[p]]:
            p += 1
        if data[p] == _LT and open_tracks > 0:
            if state[POINT_COUNT] >= table.shape[1]:
                status = FULL
                break
            end = -1
            if state[PIECES] > 0:
                end = _apply(data, size, p, template, state, table, marks)
            if end < 0 and _is_point(data, p, names, first, role):
                status, end = _point(
                    data, size, p, names, first, role, channel,
                    table, odd, marks, template, stack, state,
                )  # fmt: skip
                if status != DONE:
                    break
            if end >= 0:
                run_start = p if run_start < 0 else run_start
                p = run_end = end
                continue
        if run_start >= 0:
            if not _mark(marks, state, POINTS, run_start, run_end):
                status = FULL
                break
            run_start = -1
        while data[p] != _LT and data[p] != 0:
            p += 1
        if data[p] == 0:
            status = DONE if p >= size else UNKNOWN
            break
        status, end, element, closing = _tag(data, size, p, names, first)
        if status != DONE:
            break
        kind = role[element]
        if kind == POINT:
            status = UNKNOWN  # outside a track, or the end of none
            break
        if kind != OTHER:
            if closing <= 0 and not _mark(marks, state, kind, p, end):
                status = FULL
                break
            if closing != 0 and not _mark(marks, state, -kind, p, end):
                status = FULL
                break
            if kind == TRACK:
                open_tracks += 1 if closing == 0 else (-1 if closing > 0 else 0)
                state[ZONED] = 0
        p = end
    if run_start >= 0 and not _mark(marks, state, POINTS, run_start, run_end):
        status = FULL
    return status, state[POINT_COUNT], state[ODD_COUNT], state[MARK_COUNT], p


@kernel
def _mark(marks: Ints, state: Ints, kind: int, start: int, end: int) -> bool:
    k = state[MARK_COUNT]
    if k >= marks.shape[0]:
        return False
    marks[k, 0], marks[k, 1], marks[k, 2], marks[k, 3] = kind, start, end, state[POINT_COUNT]
    state[MARK_COUNT] = k + 1
    return True


@kernel
def _stopped(p: int, size: int) -> int:
    """Say why a token does not go on at ``p``: the bytes are over, or not understood."""
    return CUT if p >= size else UNKNOWN


# --- markup --------------------------------------------------------------------------------------


@kernel
def _element_name(data: Bytes, p: int) -> tuple[int, int]:
    """Start of the local name and end of the qualified name at ``p``."""
    local = p
    while _NAME[data[p]]:
        if data[p] == 58:
            local = p + 1
        p += 1
    return local, p


@kernel
def _lookup(data: Bytes, start: int, end: int, names: Bytes, first: Ints) -> int:
    length = end - start
    if length < first.size - 1:
        for k in range(first[length], first[length + 1]):
            i = 0
            while i < length:
                c = int(data[start + i])
                if 65 <= c <= 90:
                    c += 32
                if c != names[k, i]:
                    break
                i += 1
            if i == length:
                return int(k) + 1
    return 0


@kernel
def _is_point(data: Bytes, p: int, names: Bytes, first: Ints, role: Ints) -> bool:
    local, end = _element_name(data, p + 1)
    return bool(role[_lookup(data, local, end, names, first)] == POINT)


@kernel
def _attribute(data: Bytes, p: int) -> tuple[int, int, int, int, int, int]:
    """Next attribute of a tag.

    Returns what was found (1 an attribute, 2 ``>``, 3 ``/>``, 0 neither), start and end of name
    and value, and the position behind it all, or where the tag stops making sense.
    """
    start = p
    while _SPACE[data[p]]:
        p += 1
    if data[p] == _GT:
        return 2, p, p, p, p, p + 1
    if data[p] == _SLASH:
        if data[p + 1] == _GT:
            return 3, p, p, p, p, p + 2
        return 0, p, p, p, p, p + 1
    name_start = p
    while _NAME[data[p]]:
        p += 1
    name_end = p
    if name_end == name_start or name_start == start:
        return 0, p, p, p, p, p
    while _SPACE[data[p]]:
        p += 1
    if data[p] != _EQUALS:
        return 0, p, p, p, p, p
    p += 1
    while _SPACE[data[p]]:
        p += 1
    quote = data[p]
    if quote != _QUOTE and quote != _APOSTROPHE:  # noqa: PLR1714 - no sets in a kernel
        return 0, p, p, p, p, p
    p += 1
    value_start = p
    while data[p] != quote and data[p] != _LT and data[p] != 0:
        p += 1
    if data[p] != quote:
        return 0, p, p, p, p, p
    return 1, name_start, name_end, value_start, p, p + 1


@kernel
def _tag(data: Bytes, size: int, p: int, names: Bytes, first: Ints) -> tuple[int, int, int, int]:
    """Step over the tag, comment, CDATA section or instruction at ``p``.

    Returns status, end, id of the element (0 if none or unknown), and 0 for a start tag, 1 for an
    end tag, -1 for an empty element.
    """
    c = data[p + 1]
    if c == 63:
        status, p = _behind(data, size, p + 2, 63, 0)
        return status, p, 0, 0
    if c == 33:
        if data[p + 2] == 45 and data[p + 3] == 45:
            status, p = _behind(data, size, p + 4, 45, 45)
            return status, p, 0, 0
        if data[p + 2] == 91:
            status, p = _behind(data, size, p + 3, 93, 93)
            return status, p, 0, 0
        # A lone "<!" may be the beginning of a comment; anything else is a document type.
        return (CUT if p + 3 >= size else UNKNOWN), p, 0, 0
    closing = 1 if c == _SLASH else 0
    local, p = _element_name(data, p + 1 + closing)
    element = _lookup(data, local, p, names, first)
    if p == local:
        return _stopped(p, size), p, 0, 0
    while True:
        found, _, _, _, _, p = _attribute(data, p)
        if found == 0 or (closing > 0 and found != 2):
            return _stopped(p, size), p, 0, 0
        if found >= 2:
            return DONE, p, element, (-1 if found == 3 else closing)


@kernel
def _behind(data: Bytes, size: int, p: int, a: int, b: int) -> tuple[int, int]:
    """Find what follows the next ``a``, ``b`` (0 for none) and ``>``."""
    while p < size:
        if data[p] == _GT:
            if b == 0 and data[p - 1] == a:
                return DONE, p + 1
            if b != 0 and data[p - 1] == b and data[p - 2] == a:
                return DONE, p + 1
        p += 1
    return CUT, p


# --- points --------------------------------------------------------------------------------------


@kernel
def _point(
    data: Bytes,
    size: int,
    start: int,
    names: Bytes,
    first: Ints,
    role: Ints,
    channel: Ints,
    table: Floats,
    odd: Ints,
    marks: Ints,
    template: Ints,
    stack: Ints,
    state: Ints,
) -> tuple[int, int]:
    """Read the point whose tag stands at ``start``; keep its markup as the template."""
    point = state[POINT_COUNT]
    odds = state[ODD_COUNT]
    for row in range(table.shape[0]):
        table[row, point] = np.nan
    state[PIECES] = state[SLOTS] = 0
    state[LITERAL] = start
    depth = -1
    p = start
    while True:
        if data[p + 1] == _SLASH:
            name = p + 2
            _, p = _element_name(data, name)
            if data[p] != _GT or not _same_name(data, name, p, stack, depth):
                return _stopped(p, size), p
            p += 1
            depth -= 1
        else:
            local, name_end = _element_name(data, p + 1)
            element = _lookup(data, local, name_end, names, first)
            depth += 1
            if local == name_end or depth >= _DEPTH or (depth > 0 and role[element] != OTHER):
                return _stopped(name_end, size), p
            stack[depth, 0], stack[depth, 1], stack[depth, 2] = element, p + 1, name_end
            status, p, empty = _attributes(
                data, size, name_end, depth, table, odd, marks, template, state
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
        while _PLAIN[data[p]]:
            p += 1
        if data[p] != _LT:
            return _stopped(p, size), p
        # Text counts as a value where it ends its element.
        row = _channel(channel, stack, depth) if data[p + 1] == _SLASH else SKIP
        status = _value(data, text, p, row, table, odd, marks, template, state)
        if status != DONE:
            return status, p
    if state[SLOTS] >= 0:
        _piece(template, state, p, p, SKIP)
    # Only a point all of whose values were understood serves as a template.
    state[PIECES] = state[SLOTS] if state[SLOTS] > 0 and state[ODD_COUNT] == odds else 0
    state[POINT_COUNT] = point + 1
    return DONE, p


@kernel
def _attributes(
    data: Bytes,
    size: int,
    p: int,
    depth: int,
    table: Floats,
    odd: Ints,
    marks: Ints,
    template: Ints,
    state: Ints,
) -> tuple[int, int, bool]:
    """Read the attributes of a start tag; returns status, end and whether the element is empty."""
    while True:
        found, key, key_end, value, value_end, p = _attribute(data, p)
        if found == 0:
            return _stopped(p, size), p, False
        if found >= 2:
            return DONE, p, found == 3
        for i in range(value, value_end):
            if not _PLAIN[data[i]]:
                return UNKNOWN, p, False
        row = SKIP
        if depth == 0 and key_end - key == 3 and data[key] == 108:
            if data[key + 1] == 97 and data[key + 2] == 116:
                row = LATITUDE
            elif data[key + 1] == 111 and data[key + 2] == 110:
                row = LONGITUDE
            if row != SKIP and not math.isnan(table[row, state[POINT_COUNT]]):
                return UNKNOWN, p, False
        status = _value(data, value, value_end, row, table, odd, marks, template, state)
        if status != DONE:
            return status, p, False


@kernel
def _same_name(data: Bytes, start: int, end: int, stack: Ints, depth: int) -> bool:
    opened = stack[depth, 1]
    if end - start != stack[depth, 2] - opened:
        return False
    for i in range(end - start):
        if data[start + i] != data[opened + i]:
            return False
    return True


@kernel
def _channel(channel: Ints, stack: Ints, depth: int) -> int:
    return int(channel[stack[depth - 1, 0], stack[depth, 0]]) if depth > 0 else SKIP


@kernel
def _value(
    data: Bytes,
    start: int,
    end: int,
    row: int,
    table: Floats,
    odd: Ints,
    marks: Ints,
    template: Ints,
    state: Ints,
) -> int:
    """Take the value of ``row`` from a text, or leave the text for others to parse."""
    while start < end and _SPACE[data[start]]:
        start += 1
    while start < end and _SPACE[data[end - 1]]:
        end -= 1
    point = state[POINT_COUNT]
    if row != SKIP and not math.isnan(table[row, point]):
        if row == TIME:
            return UNKNOWN  # two points run together
        row = SKIP
    if row == SKIP or (start == end and row != TIME):
        _slot(template, state, start, end, SKIP)
        return DONE
    if _is_odd(odd, state, row):
        return UNKNOWN
    _slot(template, state, start, end, row)
    if row == TIME:
        stop, value, zone = parse_time(data, start)
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


@kernel
def _is_odd(odd: Ints, state: Ints, row: int) -> bool:
    """Tell whether this row of the point waits to be parsed elsewhere."""
    k = state[ODD_COUNT] - 1
    while k >= 0 and odd[k, 0] == state[POINT_COUNT]:
        if odd[k, 1] == row:
            return True
        k -= 1
    return False


@kernel
def _zone(marks: Ints, state: Ints, zone: int) -> bool:
    if state[ZONED] == 0:
        state[ZONED] = 1
        return _mark(marks, state, ZONE, state[POINT_COUNT], zone)
    return True


# --- the template --------------------------------------------------------------------------------


@kernel
def _slot(template: Ints, state: Ints, start: int, end: int, row: int) -> None:
    """Note the literal before a value, and the value's row; the next literal begins behind it."""
    if start < end and state[SLOTS] >= 0:
        _piece(template, state, start, end, row)


@kernel
def _piece(template: Ints, state: Ints, start: int, end: int, row: int) -> None:
    k = state[SLOTS]
    if k >= template.shape[0]:
        state[SLOTS] = -1
        return
    template[k, 0], template[k, 1], template[k, 2] = state[LITERAL], start - state[LITERAL], row
    state[LITERAL] = end
    state[SLOTS] = k + 1


@kernel
def _apply(
    data: Bytes, size: int, p: int, template: Ints, state: Ints, table: Floats, marks: Ints
) -> int:
    """Read the point at ``p`` by the template; returns its end, or -1 where they disagree."""
    point = state[POINT_COUNT]
    for row in range(table.shape[0]):
        table[row, point] = np.nan
    last = state[PIECES] - 1
    zone = 0
    for k in range(last + 1):
        source, length, row = template[k, 0], template[k, 1], template[k, 2]
        if p + length > size:
            return -1
        for i in range(length):
            if data[p + i] != data[source + i]:
                return -1
        p += length
        if k == last:
            break
        if row == SKIP:
            stop = data[template[k + 1, 0]]
            while _PLAIN[data[p]] and data[p] != stop:
                p += 1
        elif row == TIME:
            p, value, zone = parse_time(data, p)
            table[row, point] = value
        else:
            p, value = parse_number(data, p)
            table[row, point] = value
        if p < 0:
            return -1
    if zone != 0 and not _zone(marks, state, zone):
        return -1
    state[POINT_COUNT] = point + 1
    return int(p)


# --- values --------------------------------------------------------------------------------------


@kernel
def parse_number(data: Bytes, p: int) -> tuple[int, float]:
    """Parse a plain decimal number of at most 18 digits, rounded as Python's ``float`` does.

    Returns the position behind it and the value; the position is -1 where there is none.
    """
    negative = data[p] == 45
    if negative:
        p += 1
    mantissa = 0
    start = p
    digit = int(data[p]) - 48
    while 0 <= digit <= 9:
        mantissa = mantissa * 10 + digit
        p += 1
        digit = int(data[p]) - 48
    digits = p - start
    decimals = 0
    if data[p] == 46:
        p += 1
        start = p
        digit = int(data[p]) - 48
        while 0 <= digit <= 9:
            mantissa = mantissa * 10 + digit
            p += 1
            digit = int(data[p]) - 48
        decimals = p - start
    digits += decimals
    if digits == 0 or digits > 18:
        return -1, 0.0
    if mantissa <= 9007199254740992:
        value = float(mantissa) / _POW10[decimals]  # both exact: one rounding
    else:
        value = _divide(mantissa, decimals)
        if value < 0.0:
            return -1, 0.0
    return p, -value if negative else value


@kernel
def _divide(mantissa: int, decimals: int) -> float:
    """``mantissa / 10**decimals`` correctly rounded, for ``2**53 < mantissa < 10**18``; or -1.

    The quotient of the rounded operands is off by an ulp or two. What is left over, an exact
    difference of integers, says by how much: it fits 64 bits although its terms do not.
    """
    if decimals == 0:
        return float(mantissa)
    fraction, exponent = math.frexp(float(mantissa) / _POW10[decimals])
    shift = 53 - exponent
    if shift < 0:
        return -1.0
    quotient = int(fraction * 9007199254740992.0)
    divisor = int(_INT_POW10[decimals])
    rest = 2 * ((mantissa << shift) - quotient * divisor)
    if rest > divisor or (rest == divisor and quotient % 2 == 1):
        quotient += 1
        rest -= 2 * divisor
    elif rest < -divisor or (rest == -divisor and quotient % 2 == 1):
        quotient -= 1
        rest += 2 * divisor
    # Below a power of two the ulp halves, and half of it is not seen here.
    if rest > divisor or rest < -divisor or quotient <= 4503599627370496:
        return -1.0
    return math.ldexp(float(quotient), -shift)


@kernel
def parse_time(data: Bytes, p: int) -> tuple[int, float, int]:
    """Parse an ISO 8601 time with seconds: ``2026-05-01T12:00:00.25+02:00``.

    Returns the position behind it (-1 if it is none), unix seconds and the offset from UTC in s.
    A time without zone is UTC, decimals past the sixth are dropped, as Python does.
    """
    if data[p + 4] != 45 or data[p + 7] != 45 or data[p + 13] != 58 or data[p + 16] != 58:
        return -1, 0.0, 0
    if data[p + 10] != 84 and data[p + 10] != 32:
        return -1, 0.0, 0
    century, years = _two(data, p), _two(data, p + 2)
    month, day = _two(data, p + 5), _two(data, p + 8)
    hour, minute, second = _two(data, p + 11), _two(data, p + 14), _two(data, p + 17)
    if min(century, years, hour, minute, second) < 0 or hour > 23 or minute > 59 or second > 59:
        return -1, 0.0, 0
    year = century * 100 + years
    if year < 1 or month < 1 or month > 12 or day < 1 or day > _month_length(year, month):
        return -1, 0.0, 0
    total = _days(year, month, day) * 86400 + hour * 3600 + minute * 60 + second
    p += 19
    micros = 0
    if data[p] == 46:
        p += 1
        scale = 100000
        start = p
        digit = int(data[p]) - 48
        while 0 <= digit <= 9:
            micros += scale * digit
            scale //= 10
            p += 1
            digit = int(data[p]) - 48
        if p == start or year > 2200:
            return -1, 0.0, 0
    zone = 0
    if data[p] == 90:
        p += 1
    elif data[p] == 43 or data[p] == 45:
        hours, minutes = _two(data, p + 1), _two(data, p + 4)
        if data[p + 3] != 58 or min(hours, minutes) < 0 or hours > 23 or minutes > 59:
            return -1, 0.0, 0
        zone = (hours * 3600 + minutes * 60) * (1 if data[p] == 43 else -1)
        p += 6
    total -= zone
    if micros == 0:
        return p, float(total), zone
    return p, float(total * 1000000 + micros) / 1e6, zone


@kernel
def _two(data: Bytes, p: int) -> int:
    """Two digits, or -1."""
    tens, ones = int(data[p]) - 48, int(data[p + 1]) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else -1


@kernel
def _month_length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else int(_DAYS[month])


@kernel
def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years from March."""
    year -= 1 if month <= 2 else 0
    month_from_march = (month + 9) % 12
    day_of_year = (153 * month_from_march + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719468
