"""What an activity says about itself, within what its samples allow: laps, pauses and totals.

Readers deliver what a file holds, and so may anybody who makes an activity. From here on laps are
in order, disjoint and within the recording, pauses as well, and totals are numbers.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from intervaldetect.records import Activity, Bools, Floats, Lap, Pause, Problem, Session
from intervaldetect.records.channels import BY_NAME

ROUNDING_S = 1.5
"""Devices write the edges of laps in whole seconds: less than this is no contradiction."""
TOTALS = {"timer_s": "time", "elapsed_s": "time", "distance_m": "distance"}


def within_borders(activity: Activity) -> Activity:
    """Keep laps, pauses and totals to what can be; what is changed is told.

    Parameters
    ----------
    activity : Activity
        n samples; any laps, pauses and totals.

    Returns
    -------
    Activity
        Laps with finite edges in order of time, disjoint, within ``[0, elapsed_s]``; pauses so as
        well, each longer than nothing; totals that are known lie in the range of their channel.
    """
    if not len(activity):
        return activity
    whole_s = float(activity.columns["time"][-1])
    laps, lap_problems = _laps(activity.laps, whole_s)
    session, total_problems = _totals(activity.session)
    return replace(
        activity,
        laps=laps,
        pauses=_pauses(activity.pauses, whole_s),
        session=session,
        problems=(*activity.problems, *lap_problems, *total_problems),
    )


def _edges(spans: Sequence[Lap] | Sequence[Pause]) -> tuple[Floats, Floats]:
    start = np.fromiter((span.start_s for span in spans), np.float64, len(spans))
    return start, np.fromiter((span.end_s for span in spans), np.float64, len(spans))


def _known(start: Floats, end: Floats, whole_s: float) -> Bools:
    """Mark spans that are none of nonsense, backwards or outside the recording."""
    finite: Bools = np.isfinite(start) & np.isfinite(end)
    return finite & (start <= end) & (end >= 0.0) & (start <= whole_s)


def _laps(laps: tuple[Lap, ...], whole_s: float) -> tuple[tuple[Lap, ...], tuple[Problem, ...]]:
    """Sort and clip laps; of two that overlap the first ends where the second begins."""
    if not laps:
        return laps, ()
    start, end = _edges(laps)
    kept = np.flatnonzero(_known(start, end, whole_s))
    kept = kept[np.argsort(start[kept], kind="stable")]
    start, end = start[kept], end[kept]
    starts = np.maximum(start, 0.0)
    ends = np.maximum(np.minimum(end, np.append(starts[1:], whole_s)), starts)
    emptied = (ends == starts) & (end > start)
    moved = (starts - start > ROUNDING_S) | (end - ends > ROUNDING_S)
    problems = []
    lost = len(laps) - kept.size + np.count_nonzero(emptied & moved)
    if lost:
        problems.append(Problem("laps_left_out", "laps without usable times", int(lost)))
    if clipped := np.count_nonzero(moved & ~emptied):
        text = "laps that overlap or lie outside the recording were cut to fit"
        problems.append(Problem("laps_clipped", text, int(clipped)))
    if not problems and (kept[1:] > kept[:-1]).all() and (starts == start).all():
        return laps, ()  # an end that is a little late is seen to where laps are read
    fitted = tuple(
        replace(laps[k], start_s=a, end_s=b)
        for k, a, b, empty in zip(
            kept.tolist(), starts.tolist(), ends.tolist(), emptied.tolist(), strict=True
        )
        if not empty
    )
    return fitted, tuple(problems)


def _pauses(pauses: tuple[Pause, ...], whole_s: float) -> tuple[Pause, ...]:
    """Join pauses that overlap."""
    if not pauses:
        return pauses
    start, end = _edges(pauses)
    kept = _known(start, end, whole_s)
    order = np.argsort(start[kept], kind="stable")
    start, end = np.maximum(start[kept][order], 0.0), np.minimum(end[kept][order], whole_s)
    if not start.size:
        return ()
    reached = np.maximum.accumulate(end)
    first = np.flatnonzero(np.append(True, start[1:] > reached[:-1]))
    last = np.append(first[1:], start.size) - 1
    return tuple(
        Pause(a, b)
        for a, b in zip(start[first].tolist(), reached[last].tolist(), strict=True)
        if b > a
    )


def _totals(session: Session) -> tuple[Session, tuple[Problem, ...]]:
    """Make totals null that no activity has; a device writes its highest number for none."""
    wrong: list[str] = []
    for name, channel in TOTALS.items():
        value = getattr(session, name)
        if value is not None and not (
            math.isfinite(value) and 0.0 <= value <= BY_NAME[channel].high
        ):
            wrong.append(name)
    if not wrong:
        return session, ()
    text = f"{', '.join(wrong)} of the session out of range; not used"
    problem = Problem("total_out_of_range", text, len(wrong))
    return replace(session, **dict.fromkeys(wrong)), (problem,)
