"""Roles of elements, marks that the scanner of ``xml.py`` leaves, and what it keeps in between."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper

Ints = NDArray[np.int64]

OTHER, ROOT, WRAPPER, TRACK, SEGMENT, LAP, POINT = range(7)
"""Roles of elements: those that hold tracks, tracks or activities, their pieces, laps, points."""

POINTS, ZONE, FOREIGN, FIELD = 20, 21, 22, 32
"""Marks that stand for no tag: a run of points from start to end, with nothing but blanks between
them; the first offset from UTC of a track (point, offset in s); something in a lap that is neither
a point nor a field; the text of a field of a lap from start to end, FIELD + the element's id."""

POINT_COUNT, ODD_COUNT, MARK_COUNT, ZONED, CURRENT, BUILT, SLOTS, LITERAL, TRACKS, WHERE = range(10)
"""Places in the scanner's state. Four belong to the templates: the one used last, the one being
built, the pieces it has so far (-1: it cannot be one), where its running literal began. The last
two are the number of open tracks, and where the scan stands."""

SKIP = -1
TIME, LATITUDE, LONGITUDE = range(3)
"""Rows of the table that the scanner itself knows."""


@helper
def mark(marks: Ints, state: Ints, kind: int, start: int, end: int) -> bool:
    """Leave a mark; False if they are full."""
    k = state[MARK_COUNT]
    if k >= marks.shape[0]:
        return False
    marks[k, 0], marks[k, 1], marks[k, 2], marks[k, 3] = kind, start, end, state[POINT_COUNT]
    state[MARK_COUNT] = k + 1
    return True


@helper
def mark_zone(marks: Ints, state: Ints, zone: int) -> bool:
    """Mark the first offset from UTC of a track; False if the marks are full."""
    if state[ZONED] == 0:
        state[ZONED] = 1
        return mark(marks, state, ZONE, state[POINT_COUNT], zone)
    return True
