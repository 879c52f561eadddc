"""Tags, names and attributes of XML, byte by byte: what the scanner of ``xml.py`` steps over.

Strict where it is cheap to be: what does not look like well-formed markup is refused by a status,
never guessed. Bytes must be followed by zeros, which end every loop.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]

DONE = 0
CUT = 1
"""The bytes end inside a tag, a comment or a point."""
UNKNOWN = 2
"""Something a full parser must decide."""
FULL = 3
"""One of the output arrays is too short."""

LT, GT, SLASH, _QUOTE, _APOSTROPHE, _EQUALS = 60, 62, 47, 34, 39, 61

PLAIN = np.zeros(256, np.bool_)
PLAIN[32:127] = True
PLAIN[[9, 10, 13]] = True
PLAIN[[ord("<"), ord("&")]] = False
NAME = np.zeros(256, np.bool_)
NAME[[c for c in range(128) if chr(c).isalnum() or chr(c) in "_.-:"]] = True
_FIRST = NAME.copy()
_FIRST[[ord(c) for c in "0123456789.-:"]] = False
SPACE = np.zeros(256, np.bool_)
SPACE[[9, 10, 13, 32]] = True


@helper
def stopped(p: int, size: int) -> int:
    """Say why a token does not go on at ``p``: the bytes are over, or not understood."""
    return CUT if p >= size else UNKNOWN


@helper
def element_name(data: Bytes, p: int) -> tuple[int, int]:
    """Start of the local name and end of the qualified name at ``p``."""
    local = p
    if not _FIRST[data[p]]:
        return p, p
    while NAME[data[p]]:
        if data[p] == 58:
            local = p + 1
        p += 1
    return local, p


@helper
def lookup(data: Bytes, start: int, end: int, names: Bytes, first: Ints) -> int:
    """Find a name, in any case, in the table that `xml.scan` describes; 0 if it is not there."""
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


@helper
def attribute(data: Bytes, p: int) -> tuple[int, int, int, int, int, int]:
    """Next attribute of a tag.

    Returns what was found (1 an attribute, 2 ``>``, 3 ``/>``, 0 neither), start and end of name
    and value, and the position behind it all, or where the tag stops making sense.
    """
    start = p
    while SPACE[data[p]]:
        p += 1
    if data[p] == GT:
        return 2, p, p, p, p, p + 1
    if data[p] == SLASH:
        if data[p + 1] == GT:
            return 3, p, p, p, p, p + 2
        return 0, p, p, p, p, p + 1
    name_start = p
    while NAME[data[p]] and _FIRST[data[name_start]]:
        p += 1
    name_end = p
    if name_end == name_start or name_start == start:  # noqa: PLR1714 - no tuples of this in a kernel
        return 0, p, p, p, p, p
    while SPACE[data[p]]:
        p += 1
    if data[p] != _EQUALS:
        return 0, p, p, p, p, p
    p += 1
    while SPACE[data[p]]:
        p += 1
    quote = data[p]
    if quote != _QUOTE and quote != _APOSTROPHE:  # noqa: PLR1714 - no sets in a kernel
        return 0, p, p, p, p, p
    p += 1
    value_start = p
    while data[p] != quote and data[p] != LT and data[p] != 0:
        p += 1
    if data[p] != quote:
        return 0, p, p, p, p, p
    return 1, name_start, name_end, value_start, p, p + 1


@helper
def tag(data: Bytes, size: int, p: int, names: Bytes, first: Ints) -> tuple[int, int, int, int]:
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
    closing = 1 if c == SLASH else 0
    local, p = element_name(data, p + 1 + closing)
    element = lookup(data, local, p, names, first)
    if p == local:
        return stopped(p, size), p, 0, 0
    while True:
        found, _, _, _, _, p = attribute(data, p)
        if found == 0 or (closing > 0 and found != 2):
            return stopped(p, size), p, 0, 0
        if found >= 2:
            return DONE, p, element, (-1 if found == 3 else closing)


@helper
def _behind(data: Bytes, size: int, p: int, a: int, b: int) -> tuple[int, int]:
    """Find what follows the next ``a``, ``b`` (0 for none) and ``>``."""
    while p < size:
        if data[p] == GT:
            if b == 0 and data[p - 1] == a:
                return DONE, p + 1
            if b != 0 and data[p - 1] == b and data[p - 2] == a:
                return DONE, p + 1
        p += 1
    return CUT, p


@helper
def end_tag(data: Bytes, p: int, stack: Ints, depth: int) -> tuple[bool, int]:
    """Step over the end tag at ``p``, which must be that of the element open at ``depth``.

    Rows of ``stack`` hold the element's id, and start and end of its name. Returns whether it is,
    and the position behind the tag, or where it stops making sense.
    """
    start = p + 2
    _, p = element_name(data, start)
    if depth < 0 or p - start != stack[depth, 2] - stack[depth, 1]:
        return False, p
    for i in range(p - start):
        if data[start + i] != data[stack[depth, 1] + i]:
            return False, p
    while SPACE[data[p]]:
        p += 1
    return data[p] == GT, (p + 1 if data[p] == GT else p)
