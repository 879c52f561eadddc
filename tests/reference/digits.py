"""The text of a JSON array, number by number, as Python writes it."""

from __future__ import annotations

import math


def json_numbers(scaled, decimals):
    told = []
    for value in scaled:
        if not math.isfinite(value):
            told.append("null")
        elif decimals == 0:
            told.append(repr(int(value)))
        else:
            told.append(repr(value / 10**decimals))
    return "[" + ",".join(told) + "]"
