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
        number, places = int(value), decimals
        while places > 1 and number % 10 == 0:
            number //= 10
            places -= 1
        digits, bound = places + 1, unit * 10
        if places < decimals:
            bound = 10 ** (places + 1)
        while number >= bound:
            bound *= 10
            digits += 1
        # From the last digit to the first, the point between.
        end += digits + 1 if places > 0 else digits
        at = end
        for k in range(digits):
            if k == places and places > 0:
                at -= 1
                text[at] = _POINT
            at -= 1
            text[at] = _ZERO + number % 10
            number //= 10
    text[end] = 93
    return OK, text[: end + 1]
