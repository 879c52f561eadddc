"""Numbers and times out of bytes, with the very values that Python's own parsers give.

What is written in an unusual way (an exponent, a zone without a colon, a value that is closer to
the middle between two floats than 18 digits can tell) is refused; the caller asks Python then.
Bytes must be followed by a few zeros, so that looking ahead stays inside.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper

Bytes = NDArray[np.uint8]
Words = NDArray[np.uint64]
Ints = NDArray[np.int64]

_DIGITS = 18
_POW10 = np.array([float(10**k) for k in range(_DIGITS + 1)])
_INT_POW10 = np.array([10**k for k in range(_DIGITS + 1)], np.int64)
_DAYS = np.array([0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31], np.int64)
_NO_TIME = -(1 << 62)
_FAR = 1 << 32


@helper
def parse_number(data: Bytes, p: int) -> tuple[int, float]:
    """Parse a plain decimal number, rounded as Python's ``float`` does.

    Returns the position behind it and the value; the position is -1 where there is none, or where
    the digits past the 18th would decide the rounding.
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
    if digits > _DIGITS:
        return -1, 0.0
    decimals = 0
    inexact = False
    if data[p] == 46:
        p += 1
        digit = int(data[p]) - 48
        while 0 <= digit <= 9:
            if digits < _DIGITS:
                mantissa = mantissa * 10 + digit
                digits += 1
                decimals += 1
            else:
                inexact |= digit != 0
            p += 1
            digit = int(data[p]) - 48
    if digits == 0:
        return -1, 0.0
    if mantissa <= 9007199254740992:
        if inexact:
            return -1, 0.0
        value = float(mantissa) / _POW10[decimals]  # both exact: one rounding
    else:
        value = _divide(mantissa, decimals, inexact)
        if value < 0.0:
            return -1, 0.0
    return p, -value if negative else value


@helper
def _divide(mantissa: int, decimals: int, inexact: bool) -> float:
    """``mantissa / 10**decimals`` correctly rounded, for ``2**53 < mantissa < 10**18``; or -1.

    The quotient of the rounded operands is off by an ulp or two. What is left over, an exact
    difference of integers, says by how much: it fits 64 bits although its terms do not. If
    ``inexact``, the true mantissa lies less than one above.
    """
    if decimals == 0:
        return -1.0 if inexact else float(mantissa)
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
    beyond = rest + ((2 << shift) if inexact else 0)
    # Below a power of two the ulp halves, and half of it is not seen here.
    if beyond > divisor or rest < -divisor or quotient <= 4503599627370496:
        return -1.0
    return math.ldexp(float(quotient), -shift)


@helper
def parse_time(data: Bytes, words: Words, p: int, memo: Ints) -> tuple[int, float, int]:
    """Parse an ISO 8601 time with seconds: ``2026-05-01T12:00:00.25+02:00``.

    A time without zone is UTC, decimals past the sixth are dropped, as Python does.

    Parameters
    ----------
    data : uint8
        The text.
    words : uint64
        The eight bytes at every position of ``data``.
    p : int
        Where the time begins.
    memo : (2,) int64, in and out
        Where the last time began (-1: none yet) and its unix minute in s: most times repeat it.

    Returns
    -------
    position : int
        Behind the time; -1 if it is none.
    value : float
        Unix seconds.
    zone : int
        Offset from UTC, s.
    """
    if data[p + 4] != 45 or data[p + 7] != 45 or data[p + 13] != 58 or data[p + 16] != 58:
        return -1, 0.0, 0
    last = memo[0]
    if last < 0 or words[p] != words[last] or words[p + 8] != words[last + 8]:
        minute = _minute(data, p)
        if minute == _NO_TIME:
            return -1, 0.0, 0
        memo[0], memo[1] = p, minute
    second = _two(data, p + 17)
    if second < 0 or second > 59:
        return -1, 0.0, 0
    total = memo[1] + second
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
        # Beyond, microseconds do not fit a float.
        if p == start or not -_FAR < total < _FAR:
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


@helper
def _minute(data: Bytes, p: int) -> int:
    """Unix time of ``YYYY-MM-DDTHH:MM``, whose dashes and colon are known to be there."""
    if data[p + 10] != 84 and data[p + 10] != 32:
        return _NO_TIME
    century, years = _two(data, p), _two(data, p + 2)
    month, day = _two(data, p + 5), _two(data, p + 8)
    hour, minute = _two(data, p + 11), _two(data, p + 14)
    if min(century, years, hour, minute) < 0 or hour > 23 or minute > 59:
        return _NO_TIME
    year = century * 100 + years
    if year < 1 or month < 1 or month > 12 or day < 1 or day > _month_length(year, month):
        return _NO_TIME
    return _days(year, month, day) * 86400 + hour * 3600 + minute * 60


@helper
def _two(data: Bytes, p: int) -> int:
    """Two digits, or -1."""
    tens, ones = int(data[p]) - 48, int(data[p + 1]) - 48
    return tens * 10 + ones if 0 <= tens <= 9 and 0 <= ones <= 9 else -1


@helper
def _month_length(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if leap and month == 2 else int(_DAYS[month])


@helper
def _days(year: int, month: int, day: int) -> int:
    """Days from 1970-01-01 in the proleptic Gregorian calendar, counted in years from March."""
    year -= 1 if month <= 2 else 0
    month_from_march = (month + 9) % 12
    day_of_year = (153 * month_from_march + 2) // 5 + day - 1
    return year * 365 + year // 4 - year // 100 + year // 400 + day_of_year - 719468
