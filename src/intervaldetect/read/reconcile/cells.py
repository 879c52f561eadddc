"""What the witnesses of speed say, side by side: one row of short cells over the whole activity.

Counter, speed field and positions are compared over cells of about ten seconds: long enough for
the lag of one and the noise of another to even out, short enough to tell an effort from a rest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from intervaldetect.read.clock import middle, usual_step
from intervaldetect.records import Bools, Floats, Ints

CELL_S, MAX_CELL_S = 10.0, 60.0
MIN_CELLS = 20
"""A short file is cut into shorter cells, so that there are as many of them."""

MIN_COVER = 0.05
"""A channel known in a smaller share of the samples is no witness."""

MOVING_SHARE = 0.3
"""Slower than this share of a witness's own typical speed is not moving, in whatever unit."""

METRES_PER_DEGREE = 111_195.0


@dataclass(frozen=True, slots=True)
class Cells:
    """Speeds by each witness in ``k`` cells, in its own unit; NaN where it says nothing.

    ``edges`` (k + 1) index the samples, ``seconds`` (k) is how long a cell lasts. ``speeds`` has
    any of ``distance``, ``speed`` and ``position``, each (k,).
    """

    edges: Ints
    seconds: Floats
    speeds: Mapping[str, Floats]


def cells_of(time: Floats, columns: Mapping[str, Floats], *, positions: bool) -> Cells:
    """Cut an activity into cells.

    Parameters
    ----------
    time : (n,) float64
        Elapsed s, never falling, n > 1.
    columns : mapping of name to (n,) float64
        ``distance`` is a running total here.
    positions : bool
        Whether to look at positions, which costs most.
    """
    steps = np.diff(time)
    edges = _edges(steps)
    seconds = np.diff(time[edges])
    usable = (seconds > 0.0) & (seconds <= MAX_CELL_S)
    divisor = np.where(usable, seconds, np.nan)
    speeds: dict[str, Floats] = {}
    if _says_enough(columns["distance"]):
        gained = np.diff(_counted(time, columns["distance"])[edges])
        speeds["distance"] = np.where(gained >= 0.0, gained, np.nan) / divisor
    if _says_enough(columns["speed"]):
        speeds["speed"] = np.diff(_gone(steps, columns["speed"])[edges]) / divisor
    if positions and _says_enough(columns["latitude"]):
        latitude, longitude = (_held(columns[name])[edges] for name in ("latitude", "longitude"))
        east = np.diff(longitude) * np.cos(np.radians(latitude[1:]))
        speeds["position"] = np.hypot(np.diff(latitude), east) * METRES_PER_DEGREE / divisor
    return Cells(edges, seconds, speeds)


def turns_in(cells: Cells, cadence: Floats) -> Floats:
    """Give the mean of the cadence above zero in each cell, NaN where there is none."""
    above = cadence > 0.0
    starts = cells.edges[:-1]
    total = np.add.reduceat(np.where(above, cadence, 0.0), starts)
    count = np.add.reduceat(above.astype(np.float64), starts)
    return np.asarray(total / np.where(count > 0.0, count, np.nan))


def moving(speed: Floats) -> Bools:
    """Mark the cells in which a witness moves, by its own standard."""
    above = speed[speed > 0.0]
    if not above.size:
        return np.zeros(speed.size, dtype=np.bool_)
    return np.asarray(speed > MOVING_SHARE * middle(above))


def _edges(steps: Floats) -> Ints:
    last = int(steps.size)
    usual = usual_step(steps) or 1.0
    every = max(1, min(round(CELL_S / usual), last // MIN_CELLS))
    edges = np.arange(0, last + every, every)
    edges[-1] = last
    return edges


def _gone(steps: Floats, speed: Floats) -> Floats:
    """Give the way by the speed field at each sample, NaN before its first value."""
    gone = np.zeros(speed.size)
    held = _held(speed)
    first = int(np.isfinite(held).argmax())
    begin = max(first, 1)
    np.cumsum(held[begin:] * steps[begin - 1 :], out=gone[begin:])
    gone[:first] = np.nan
    return gone


def _says_enough(values: Floats) -> bool:
    return int(np.count_nonzero(np.isfinite(values))) >= max(2.0, MIN_COVER * values.size)


def _counted(time: Floats, distance: Floats) -> Floats:
    """Fill a counter evenly between the samples that have it."""
    known = np.isfinite(distance)
    if known.all():
        return distance
    filled = np.interp(time, time[known], distance[known], left=np.nan, right=np.nan)
    return np.asarray(filled)


def _held(values: Floats) -> Floats:
    """Hold each value until the next."""
    known = np.isfinite(values)
    if known.all():
        return values
    held: Floats = values[np.maximum.accumulate(np.where(known, np.arange(values.size), 0))]
    return held


def quantile(values: Floats, share: float) -> float:
    """Give the value below which so large a share of known values lies."""
    place = min(int(share * values.size), values.size - 1)
    return float(np.partition(values, place)[place])
