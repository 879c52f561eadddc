"""Numbers as the text of a JSON array, with the very digits that Python's ``repr`` gives."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

OK = 0
UNUSUAL = 1
"""A number is below zero or has more digits than a float tells for certain."""
_MOST = 1e15
_WIDTH = 20
_COMMA, _POINT, _ZERO = 44, 46, 48


@kernel
def json_numbers(scaled: Floats, decimals: int) -> tuple[int, Bytes]:
    """Write numbers that are given times ``10**decimals``, rounded.

    Parameters
    ----------
    scaled : (n,) float64
        Whole numbers of at least 0; one that is not finite is written as ``null``.
    decimals : int
        0 to 9. Zeros at the end are left out but for one: ``1.5``, ``2.0``.

    Returns
    -------
    status : int
        `OK` or `UNUSUAL`.
    text : (k,) uint8
        ASCII, brackets and commas without spaces; empty where unusual.
    """
    text = np.empty(_WIDTH * scaled.size + 2, np.uint8)
    unit = 10**decimals
    text[0] = 91
    end = 1
    for i in range(scaled.size):
        value = scaled[i]
        if i > 0:
            text[end] = _COMMA
            end += 1
        if not math.isfinite(value):
            text[end], text[end + 1], text[end + 2], text[end + 3] = 110, 117, 108, 108
            end += 4
            continue
        if math.copysign(1.0, value) < 0.0 or value > _MOST:
            return UNUSUAL, text[:0]
        number = int(value)
        whole, rest = number // unit, number % unit
        first = end
        while whole > 0 or end == first:
            text[end] = _ZERO + whole % 10
            whole //= 10
            end += 1
        last = end - 1
        while first < last:
            text[first], text[last] = text[last], text[first]
            first += 1
            last -= 1
        if decimals > 0:
            place = unit // 10
            text[end], text[end + 1] = _POINT, _ZERO + rest // place
            end += 2
            rest %= place
            while rest > 0:
                place //= 10
                text[end] = _ZERO + rest // place
                rest %= place
                end += 1
    text[end] = 93
    return OK, text[: end + 1]
