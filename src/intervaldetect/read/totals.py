"""Totals of a session beside its samples: which of them hold, and what is said of the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.records import Event, Floats, Lap, Problem, Session

BEYOND_S, BEYOND_SHARE = 60.0, 0.05
"""A timer that runs on for so much longer than the records says that they cover a part."""

LIKE_SPEED = (0.5, 2.0)
"""Mean speed by the totals over that of the records, where both speak of one run."""

TOLERANCE, TOLERANCE_M = 0.03, 50.0
"""Device totals and the counter in the records differ by 0.4 % at most; this is another way."""

CALIBRATED = (0.6, 1.6)
"""On a treadmill the runner corrects the total by so much, and the records stay as they were."""

INDOORS = frozenset({"treadmill", "indoor_running", "indoor_walking", "indoor_cycling", "spin"})
MOVING_MPS, MOVING_SHARE = 0.5, 0.8
PART_ONLY = "records_cover_part"


def settle_totals(
    session: Session,
    table: Mapping[str, Floats],
    laps: Sequence[Lap],
    events: Sequence[Event],
    sub_sport: str | None,
) -> tuple[Session, list[Problem]]:
    """Drop totals that the samples contradict, and say so.

    Parameters
    ----------
    session : Session
    table : mapping of name to (n,) array
        Elapsed ``time`` in s and ``distance`` in m.
    laps, events : sequence of Lap, of Event
        On elapsed time, not clipped.
    sub_sport : str or None

    Returns
    -------
    Session, list of Problem
        ``records_cover_part`` where the records end long before the session: its totals hold.
    """
    whole_s = float(table["time"][-1])
    counted = _counted(table)
    if _cover_part(session, whole_s, counted, laps, events):
        message = f"the records cover {whole_s:.0f} s of a session of {session.timer_s:.0f} s"
        return session, [Problem(PART_ONLY, message)]
    problems: list[Problem] = []
    timer, metres = session.timer_s, session.distance_m
    moving = _moving_s(table)
    too_long = timer is not None and timer > whole_s + max(BEYOND_S, BEYOND_SHARE * whole_s)
    if timer is not None and (too_long or timer < MOVING_SHARE * moving):
        message = f"the session's timer of {timer:.0f} s contradicts samples of {whole_s:.0f} s"
        problems.append(Problem("total_contradicts", message))
        session = replace(session, timer_s=None)
    if metres is not None and counted is not None and metres > 0.0 < counted:
        ratio = metres / counted
        if abs(metres - counted) > max(TOLERANCE * counted, TOLERANCE_M):
            corrected = sub_sport in INDOORS and CALIBRATED[0] <= ratio <= CALIBRATED[1]
            message = f"the session's {metres:.0f} m contradict samples of {counted:.0f} m"
            if corrected:
                message += "; taken for the runner's correction"
            else:
                session = replace(session, distance_m=None)
            problems.append(Problem("total_contradicts", message))
    return session, problems


def _counted(table: Mapping[str, Floats]) -> float | None:
    known = table["distance"][np.isfinite(table["distance"])]
    return float(known[-1] - known[0]) if known.size > 1 else None


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
    """Seconds in which the counter moves, holes left out: there it may be a ride."""
    seconds, metres = np.diff(table["time"]), np.diff(table["distance"])
    rising = seconds > 0.0
    if not rising.any():
        return 0.0
    usual = rising & (seconds <= 5.0 * middle(seconds[rising]))
    usual[usual] = metres[usual] > MOVING_MPS * seconds[usual]
    return float(seconds[usual].sum())
