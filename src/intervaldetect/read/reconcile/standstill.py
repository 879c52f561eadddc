"""A counter or a speed field that stands while the other witnesses move: it is stuck, they are not.

Devices write zeros until a sensor is found, and hold the last distance while it is lost. What is
said here holds for stretches of half a minute and more; single zeros are drop-outs.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.reconcile.cells import Cells, cells_of, moving
from intervaldetect.records import Bools, Floats, Problem

MIN_STUCK_S = 30.0
"""Shorter stays of a counter are left alone."""

MIN_MPS, MIN_SHARE = 1.0, 0.3
"""A witness moves for sure where it is faster than this, and than this share of its usual speed."""

ALIKE = 0.4
"""By how much (log) two witnesses may differ and still bear each other out."""

VARIES, MIN_SPEEDS = 0.07, 60
"""A way whose speed varies by more than this (log) was not moved at one speed throughout."""

SAME_TOTAL = 0.03
"""With what it missed a stuck counter comes so near to the total, or it was not stuck."""

CATCHES_UP_CELLS, CATCHES_UP_SHARE = 3, 0.5
"""A counter that gains so much of what it missed within so many cells was late, not stuck."""


def unstuck(table: dict[str, Floats], cells: Cells, total: float | None) -> list[Problem]:
    """Take the zeros of a stuck speed field out and fill a stuck counter, in place.

    Parameters
    ----------
    table : dict of name to (n,) float64
        Distance a running total in m, speed in m/s.
    cells : Cells
        Of ``table``, positions looked at or not.
    total : float or None
        The whole way by session or laps, in m.
    """
    way = cells.speeds.get("distance", cells.speeds.get("position"))
    speed = cells.speeds.get("speed")
    if way is None:
        return []
    if speed is None:
        position = cells.speeds.get("position")
        if "distance" not in cells.speeds or position is None or total is not None:
            return []
        stands = _stretches((way == 0.0) & _moves(position), cells)
        return [_doubted("positions")] if stands.any() else []
    if _never_changes(table["speed"]) and _varies(way):
        known = int(np.count_nonzero(np.isfinite(table["speed"])))
        table["speed"] = np.full(table["speed"].size, np.nan)
        text = "the speed field never changes, but the speed of the run does; not used"
        return [Problem("speed_contradicts", text, known)]
    problems = []
    zeros = speed == 0.0
    if zeros.any() and (zeros := _stretches(zeros & _moves(way), cells)).any():
        inside = _runs_of(table["speed"] == 0.0, _samples(zeros, cells, table["time"].size))
        table["speed"] = np.where(inside, np.nan, table["speed"])
        text = "speeds of zero while the distance goes on were left out"
        if inside.any():
            problems.append(Problem("speed_dropouts", text, int(np.count_nonzero(inside))))
    if "distance" in cells.speeds:
        stuck = way == 0.0
        if stuck.any() and (stuck := _stretches(stuck & _moves(speed), cells)).any():
            problems += _filled(table, cells, stuck, total)
    return problems


def _filled(
    table: dict[str, Floats], cells: Cells, stuck: Bools, total: float | None
) -> list[Problem]:
    """Let the counter go on by the speed field where it is stuck, if another witness says so."""
    time, distance = table["time"], table["distance"]
    if "position" not in cells.speeds:
        cells = cells_of(time, table, positions=True)
    counter, speed = cells.speeds["distance"], cells.speeds["speed"]
    stuck &= ~_catches_up(counter, speed, stuck)
    missing = float((speed * cells.seconds)[stuck].sum())
    counted = float(np.nansum(counter * cells.seconds))
    if total is not None:
        borne_out = abs(counted + missing - total) <= SAME_TOTAL * total
    else:
        positions = cells.speeds.get("position")
        borne_out = positions is not None and _alike(positions[stuck], speed[stuck])
    if not stuck.any():
        return []
    if not borne_out:
        return [_doubted("speed field")] if total is None else []
    stands: Bools = np.diff(distance, prepend=np.nan) == 0.0
    inside = _runs_of(stands, _samples(stuck, cells, time.size))[1:]
    if not inside.any():  # a counter of every other record, which no two records in a row hold
        return [_doubted("speed field")]
    gained = np.nan_to_num(table["speed"][1:]) * np.diff(time)
    added = np.concatenate(([0.0], np.cumsum(np.where(inside, gained, 0.0))))
    table["distance"] = distance + added
    text = f"the distance did not grow while the runner moved; {added[-1]:.0f} m added from speed"
    return [Problem("distance_stuck", text, int(np.count_nonzero(inside)))]


def _doubted(other: str) -> Problem:
    text = f"the distance does not grow for 30 s and more, but the {other} show movement"
    return Problem("witnesses_disagree", text.replace("field show", "field shows"))


def _never_changes(speed: Floats) -> bool:
    highest = np.fmax.reduce(speed, initial=np.nan)
    times = np.count_nonzero(speed == highest)
    return bool(highest > 0.0 and times >= MIN_SPEEDS and times == np.isfinite(speed).sum())


def _varies(speed: Floats) -> bool:
    moved = speed[moving(speed)]
    if not moved.size:
        return False
    return middle(np.abs(np.log(moved / middle(moved)))) > VARIES


def _moves(speed: Floats) -> Bools:
    moved = speed[moving(speed)]
    usual = middle(moved) if moved.size else 0.0
    return np.asarray(speed > max(MIN_MPS, MIN_SHARE * usual))


def _stretches(marked: Bools, cells: Cells) -> Bools:
    """Keep marked cells that follow one another for long enough."""
    edges = np.flatnonzero(np.diff(np.concatenate(([0], marked.view(np.int8), [0]))))
    long = np.zeros(marked.size, dtype=np.bool_)
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        long[start:end] = cells.seconds[start:end].sum() >= MIN_STUCK_S
    return long


def _samples(marked: Bools, cells: Cells, size: int) -> Bools:
    """Mark the samples of cells; the first one of a cell ends the cell before it."""
    inside = np.zeros(size, dtype=np.bool_)
    inside[1:] = np.repeat(marked, np.diff(cells.edges))
    return inside


def _runs_of(marked: Bools, some: Bools) -> Bools:
    """Mark the runs of marked samples of which some are inside ``some``."""
    number = np.cumsum(np.diff(marked.view(np.int8), prepend=0) == 1)
    wanted = np.zeros(int(number[-1]) + 1, dtype=np.bool_)
    wanted[number[marked & some]] = True
    return np.asarray(marked & wanted[number])


def _catches_up(counter: Floats, speed: Floats, stuck: Bools) -> Bools:
    """Mark the stretches after which the counter leaps by what it missed."""
    late = np.zeros(stuck.size, dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], stuck.view(np.int8), [0]))))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        behind = slice(end, end + CATCHES_UP_CELLS)
        extra = float(np.nansum(counter[behind] - speed[behind]))
        late[start:end] = extra > CATCHES_UP_SHARE * float(speed[start:end].sum())
    return late


def _alike(one: Floats, other: Floats) -> bool:
    both = (one > 0.0) & (other > 0.0)
    return bool(both.any()) and middle(np.abs(np.log(one[both] / other[both]))) < ALIKE
