"""Histograms as a store keeps them: one row a channel, and one more after a wide gap."""

from __future__ import annotations

import json
from collections.abc import Mapping

MAX_EMPTY_BINS = 16
"""Empty bins of a histogram that are still written as zeros; a wider gap begins a new row."""


def histogram_parts(seconds: Mapping[int, float]) -> list[tuple[int, str]]:
    """Return a histogram as its first bin and a JSON array of the seconds in each from it.

    Several such parts where more than ``MAX_EMPTY_BINS`` bins between two are empty.
    """
    parts: list[tuple[int, list[float]]] = []
    for low in sorted(seconds):
        if not parts or low - parts[-1][0] - len(parts[-1][1]) > MAX_EMPTY_BINS:
            parts.append((low, []))
        first, values = parts[-1]
        values += [0] * (low - first - len(values))
        held = float(seconds[low])
        values.append(int(held) if held.is_integer() else held)
    return [(first, json.dumps(values, separators=(",", ":"))) for first, values in parts]


def histogram_parts_of(histogram: str) -> str:
    """As `histogram_parts`, for JSON of bin to seconds, as stores of before are rewritten."""
    return json.dumps(histogram_parts({int(low): v for low, v in json.loads(histogram).items()}))
