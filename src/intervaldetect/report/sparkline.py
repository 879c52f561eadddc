"""A session in two lines of characters: speed as blocks, the reps numbered below."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from intervaldetect.records import Floats
from intervaldetect.report.session import SLOWEST_SHARE
from intervaldetect.report.traces import Trace

BLOCKS = "▁▂▃▄▅▆▇█"
# For terminals that know no blocks.
LETTERS = ".:-=+*#@"
NARROWEST, WIDEST = 20, 100


class TraceText(NamedTuple):
    """Two lines of equal length, and for each column whether it lies in a rep."""

    speed: str
    marks: str
    in_rep: tuple[bool, ...]


def sparkline(
    trace: Trace, segments: Sequence[Mapping[str, Any]], *, width: int, encoding: str = "utf-8"
) -> TraceText | None:
    """Return a session's speed in ``width`` columns, each the mean of its share of the time.

    Parameters
    ----------
    trace : Trace
    segments : sequence of mappings
        Of the printed object; its reps and strides are marked.
    width : int
        Columns there are; 20 to 100 of them are used.
    encoding : str
        Of the terminal; where it has no blocks, letters stand for them.

    Returns
    -------
    TraceText or None
        None without a speed, or where there is too little room. A blank column has no speed.
    """
    columns = min(width, WIDEST)
    if columns < NARROWEST or not trace.has_speed or not segments:
        return None
    total = max(float(segments[-1]["end_s"]), 1.0)
    means = _column_means(trace, total, columns)
    fast = float(np.nanmax(means))
    low = fast * SLOWEST_SHARE
    level = np.clip((means - low) / max(fast - low, 1e-9) * len(BLOCKS), 0, len(BLOCKS) - 1)
    ramp = BLOCKS if _has_blocks(encoding) else LETTERS
    speed = "".join(ramp[int(x)] if np.isfinite(x) else " " for x in level)
    marks, in_rep = _marks(segments, total, columns, "-" if ramp == LETTERS else "─")
    return TraceText(speed, marks, in_rep)


def _column_means(trace: Trace, total: float, columns: int) -> Floats:
    known = np.isfinite(trace.speed_mps)
    column = np.clip((trace.time_s / total * columns).astype(np.int64), 0, columns - 1)[known]
    # Samples are not evenly spaced; each counts for the time until the next.
    length = np.diff(trace.time_s, append=trace.time_s[-1] + 1.0)[known].clip(0.0, 60.0)
    seconds = np.bincount(column, weights=length, minlength=columns)
    metres = np.bincount(column, weights=trace.speed_mps[known] * length, minlength=columns)
    mean = np.full(columns, np.nan)
    np.divide(metres, seconds, out=mean, where=seconds > 0.0)
    return mean


def _marks(
    segments: Sequence[Mapping[str, Any]], total: float, columns: int, line: str
) -> tuple[str, tuple[bool, ...]]:
    """Draw a line below every rep, with its number where there is room, a dot for a stride."""
    drawn = [" "] * columns
    in_rep = [False] * columns
    free = 0
    for segment in segments:
        if segment["role"] not in {"rep", "stride"}:
            continue
        first = min(round(segment["start_s"] / total * columns), columns - 1)
        last = max(round(segment["end_s"] / total * columns), first + 1)
        if segment["role"] == "stride":
            drawn[first] = "."
            continue
        for index in range(first, min(last, columns)):
            in_rep[index] = True
            if index >= free:
                drawn[index] = line
        number = str(segment["rep"] or "")
        if first >= free and first + len(number) <= columns:
            drawn[first : first + len(number)] = number
            free = first + len(number) + 1
    return "".join(drawn), tuple(in_rep)


def _has_blocks(encoding: str) -> bool:
    try:
        (BLOCKS + "─").encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True
