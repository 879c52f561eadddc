"""Numbers of any base type in the bytes of a FIT file, one by one or a column of them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel
from intervaldetect.kernels.fit_guard import unsigned
from intervaldetect.kernels.fit_layout import HALF_OF, INVALID_OF, WIDTH

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]


@helper
def float_at(data: Bytes, at: int, kind: int, big: int) -> float:
    """IEEE 754 by hand (kind 8: 32 bits, 9: 64 bits): kernels see bytes only."""
    first = unsigned(data, at, 4, big)
    if kind == 8:
        sign, exponent, fraction = first >> 31, (first >> 23) & 0xFF, float(first & 0x7FFFFF)
        bias, bits, most = 127, 23, 0xFF
    else:
        second = unsigned(data, at + 4, 4, big)
        high, low = (first, second) if big else (second, first)
        sign, exponent = high >> 31, (high >> 20) & 0x7FF
        fraction = float(high & 0xFFFFF) * 4294967296.0 + float(low)
        bias, bits, most = 1023, 52, 0x7FF
    if exponent == most:
        return np.nan
    value = fraction * 2.0 ** (1 - bias - bits)
    if exponent > 0:
        value = (1.0 + fraction * 2.0**-bits) * 2.0 ** float(exponent - bias)
    return -value if sign else value


@helper
def number_at(data: Bytes, at: int, kind: int, big: int) -> float:
    """One number of base type ``kind``; NaN where it holds that type's invalid value."""
    if 8 <= kind <= 9:
        return float_at(data, at, kind, big)
    if kind == 7 or kind >= 14:
        return np.nan  # strings, and 64-bit integers, which no wanted field has
    value = unsigned(data, at, WIDTH[kind], big)
    if value == INVALID_OF[kind]:
        return np.nan
    return float(value - 2 * HALF_OF[kind] if value >= HALF_OF[kind] else value)


@kernel
def column_of(
    data: Bytes, places: Ints, defined_at: int, where: int, kind: int, items: int, big: int
) -> Floats:
    """Decode one field of the records of one definition; of an array the first valid item counts.

    Parameters
    ----------
    data : array of uint8
        The file; as ``bytes`` where kernels run as plain Python.
    places : array of int64, shape (2, n)
        Where each record begins, and where it was defined.
    defined_at : int
        The definition that has the field.
    where, kind, items, big : int
        Offset of the field in the message, its base type, its items and their byte order.

    Returns
    -------
    array of float64, shape (n,)
        NaN where the field is invalid, and in the records of other definitions.
    """
    out = np.full(places.shape[1], np.nan)
    for row in range(out.size):
        if places[1, row] != defined_at:
            continue
        for item in range(items):
            at = places[0, row] + 1 + where + item * WIDTH[kind]
            value = number_at(data, at, kind, big)
            if not np.isnan(value):
                out[row] = value
                break
    return out
