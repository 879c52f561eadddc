"""Totals of a session beside its samples: which of them hold, and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from intervaldetect.read.clock import usual_step
from intervaldetect.read.reconcile.cells import METRES_PER_DEGREE
from intervaldetect.records import Event, Floats, Lap, Problem, Session

BEYOND_S, BEYOND_SHARE = 60.0, 0.05
"""A timer that runs on for so much longer than the records says that they cover a part."""

LIKE_SPEED = (0.5, 2.0)
"""Mean speed by the totals over that of the records, where both speak of one run."""

TOLERANCE, TOLERANCE_M = 0.03, 50.0
"""Device totals and the counter in the records differ by 0.4 % at most; this is another way."""

LOOSE = 0.2
"""The same where no counter says how far it was, only a speed field or positions."""

UNITS = {
    "km": 1000.0, "mi": 1609.344, "ft": 0.3048, "cm": 0.01, "mm": 0.001, "dm": 0.1,
    "hundreds of m": 100.0,
}  # fmt: skip
UNIT_TOLERANCE = 0.05
"""Metres to what a total, or the sum of the laps, may be counted in, and how near it must come."""

LAPS_COVER = 0.9
"""Laps that cover so much of the time are held against the whole way."""

CALIBRATED = (0.6, 1.6)
"""On a treadmill the runner corrects the total by so much, and the records stay as they were."""

INDOORS = frozenset({"treadmill", "indoor_running", "indoor_walking", "indoor_cycling", "spin"})
MOVING_MPS, MOVING_SHARE = 0.5, 0.8
COVERED = 0.8
"""Speed or positions that are known in a smaller share of the samples give no way."""

PART_ONLY = "records_cover_part"


def settle_totals(
    session: Session,
    table: Mapping[str, Floats],
    laps: Sequence[Lap],
    events: Sequence[Event],
    sub_sport: str | None,
) -> tuple[Session, tuple[Lap, ...], list[Problem]]:
    """Bring totals to metres, drop those that the samples contradict, and say so.

    Parameters
    ----------
    session : Session
    table : mapping of name to (n,) array
        Elapsed ``time`` in s, ``distance`` in m, ``speed`` in m/s and positions.
    laps, events : sequence of Lap, of Event
        On elapsed time, not clipped.
    sub_sport : str or None

    Returns
    -------
    Session, tuple of Lap, list of Problem
        ``records_cover_part`` where the records end long before the session: its totals hold.
    """
    whole_s = float(table["time"][-1])
    counted = _counted(table)
    way = counted
    if way is None and (session.distance_m is not None or laps):
        way = _travelled(table)
    if _cover_part(session, whole_s, way, laps, events):
        message = f"the records cover {whole_s:.0f} s of a session of {session.timer_s:.0f} s"
        return session, tuple(laps), [Problem(PART_ONLY, message)]
    laps, problems = _laps_in_metres(laps, way, whole_s)
    session, told = _in_metres(session, way)
    problems += told
    session, told = _settled_timer(session, table, whole_s)
    problems += told
    tolerance = LOOSE if counted is None else TOLERANCE
    session, told = _settled_distance(session, way, tolerance, sub_sport)
    return session, laps, problems + told


def _settled_timer(
    session: Session, table: Mapping[str, Floats], whole_s: float
) -> tuple[Session, list[Problem]]:
    """Drop a timer that ran longer than the samples, or less long than somebody moved."""
    timer = session.timer_s
    if timer is None:
        return session, []
    too_long = timer > whole_s + max(BEYOND_S, BEYOND_SHARE * whole_s)
    # Nobody moves for longer than the samples last.
    long_enough = timer >= MOVING_SHARE * whole_s or timer >= MOVING_SHARE * _moving_s(table)
    if not too_long and long_enough:
        return session, []
    message = f"the session's timer of {timer:.0f} s contradicts samples of {whole_s:.0f} s"
    return replace(session, timer_s=None), [Problem("total_contradicts", message)]


def _settled_distance(
    session: Session, way: float | None, tolerance: float, sub_sport: str | None
) -> tuple[Session, list[Problem]]:
    """Drop a total that is another way than that of the samples."""
    metres = session.distance_m
    if metres is None or way is None or not metres > 0.0 < way:
        return session, []
    ratio = metres / way
    if abs(metres - way) <= max(tolerance * way, TOLERANCE_M):
        return session, []
    message = f"the session's {metres:.0f} m contradict samples of {way:.0f} m"
    if sub_sport in INDOORS and CALIBRATED[0] <= ratio <= CALIBRATED[1]:
        message += "; taken for the runner's correction"
    else:
        session = replace(session, distance_m=None)
    return session, [Problem("total_contradicts", message)]


def _in_metres(session: Session, way: float | None) -> tuple[Session, list[Problem]]:
    """Convert a total that is the way of the samples in another unit."""
    unit = _unit_of(session.distance_m, way)
    if unit is None or session.distance_m is None:
        return session, []
    name, factor = unit
    text = f"the session's distance agrees with the samples in {name}; converted to m"
    session = replace(session, distance_m=session.distance_m * factor)
    return session, [Problem("total_unit", text)]


def _laps_in_metres(
    laps: Sequence[Lap], way: float | None, whole_s: float
) -> tuple[tuple[Lap, ...], list[Problem]]:
    """Convert lap distances whose sum is the way of the samples in another unit."""
    told = [lap for lap in laps if lap.distance_m is not None]
    covered = sum(lap.end_s - lap.start_s for lap in told)
    if not LAPS_COVER * whole_s <= covered <= whole_s / LAPS_COVER:
        return tuple(laps), []
    unit = _unit_of(sum(lap.distance_m or 0.0 for lap in told), way)
    if unit is None:
        return tuple(laps), []
    name, factor = unit
    text = f"lap distances agree with the samples in {name}; converted to m"
    converted = [
        lap if lap.distance_m is None else replace(lap, distance_m=lap.distance_m * factor)
        for lap in laps
    ]
    return tuple(converted), [Problem("lap_unit", text, len(told))]


def _unit_of(total: float | None, way: float | None) -> tuple[str, float] | None:
    """Name the unit other than metres in which a total is the way, and give its metres."""
    if total is None or way is None or not total > 0.0 < way:
        return None
    fits = [(abs(total * factor / way - 1.0), name) for name, factor in UNITS.items()]
    off, name = min(fits)
    return (name, UNITS[name]) if off <= UNIT_TOLERANCE else None


def _counted(table: Mapping[str, Floats]) -> float | None:
    known = table["distance"][np.isfinite(table["distance"])]
    return float(known[-1] - known[0]) if known.size > 1 else None


def _travelled(table: Mapping[str, Floats]) -> float | None:
    """Metres by the speed field, else by positions, where either covers the file."""
    time, speed = table["time"], table["speed"]
    if _covers(speed):
        return float((np.nan_to_num(speed[1:]) * np.diff(time)).sum())
    known = np.isfinite(table["latitude"])
    if not _covers(table["latitude"]):
        return None
    latitude, longitude = table["latitude"][known], table["longitude"][known]
    east = np.diff(longitude) * np.cos(np.radians(latitude[1:]))
    return float(METRES_PER_DEGREE * np.hypot(np.diff(latitude), east).sum())


def _covers(values: Floats) -> bool:
    return bool(values.size > 1 and np.isfinite(values).mean() > COVERED)


def _cover_part(
    session: Session,
    whole_s: float,
    counted: float | None,
    laps: Sequence[Lap],
    events: Sequence[Event],
) -> bool:
    """Whether the records end long before the session does, by laps or events as well."""
    timer, metres = session.timer_s, session.distance_m
    if timer is None or timer <= whole_s + max(BEYOND_S, BEYOND_SHARE * whole_s):
        return False
    if session.elapsed_s is not None and session.elapsed_s < timer - 1.0:
        return False
    ends = [*(lap.end_s for lap in laps), *(event.time_s for event in events)]
    if not any(0.95 * timer <= end <= 1.5 * timer + BEYOND_S for end in ends):
        return False
    if not metres or not counted or whole_s <= 0.0:
        return not metres
    return LIKE_SPEED[0] <= (metres / timer) / (counted / whole_s) <= LIKE_SPEED[1]


def _moving_s(table: Mapping[str, Floats]) -> float:
    """Seconds in which one moves, holes left out: there it may be a ride."""
    seconds = np.diff(table["time"])
    metres = np.diff(table["distance"])
    if not np.isfinite(metres).any():
        metres = table["speed"][1:] * seconds
    usual = (seconds > 0.0) & (seconds <= 5.0 * usual_step(seconds))
    usual[usual] = metres[usual] > MOVING_MPS * seconds[usual]
    return float(seconds[usual].sum())
