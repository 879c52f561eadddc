"""Manual laps and workout steps beside what the streams show: agreement sharpens an edge."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Lap, Source

NEAR_S = 6.0
"""How far a lap press may lie from the edge it confirms."""
PRESS_ERROR_S = 1.5
STREAM_ERROR_S = 3.0
STRAY_S = 5.0
AUTO_LAPS_M = (1000.0, 1609.344, 500.0, 5000.0)
AUTO_TRIGGERS = frozenset({"distance", "position_start", "position_lap", "session_end"})


@dataclass(frozen=True, slots=True)
class Snapped:
    """An effort with its edges, how uncertain they are, and what they rest on."""

    start_s: float
    end_s: float
    start_error_s: float = STREAM_ERROR_S
    end_error_s: float = STREAM_ERROR_S
    source: Source = "stream"


def snap_to_laps(
    efforts: Sequence[tuple[float, float]], laps: Sequence[Lap], whole_s: float
) -> list[Snapped]:
    """Move edges onto lap presses near them.

    Parameters
    ----------
    efforts : sequence of (start_s, end_s)
        Disjoint, in time order.
    laps : sequence of Lap
        As the file has them; automatic laps are seen through, none means nothing is moved.
    whole_s : float
        Length of the activity: a last lap may end after the last record, an effort may not.
    """
    presses = np.minimum(lap_presses(laps), whole_s)
    out: list[Snapped] = []
    for start, end in efforts:
        near_start, near_end = _nearest(presses, start), _nearest(presses, end)
        begins = out[-1].end_s if out else 0.0
        if near_start is not None and near_start < begins:
            near_start = None
        source: Source = "lap" if near_start is not None and near_end is not None else "stream"
        out.append(
            Snapped(
                max(start, begins) if near_start is None else near_start,
                end if near_end is None else near_end,
                STREAM_ERROR_S if near_start is None else PRESS_ERROR_S,
                STREAM_ERROR_S if near_end is None else PRESS_ERROR_S,
                source,
            )
        )
    return out


def lap_presses(laps: Sequence[Lap]) -> Floats:
    """List the times at which a person or a step ended a lap; automatic laps are left out."""
    if len(laps) < 2 or _all_automatic(laps):
        return np.zeros(0)
    times: list[float] = []
    for lap, after in itertools.pairwise(laps):
        same_step = lap.step is not None and lap.step == after.step
        if lap.trigger in AUTO_TRIGGERS and (lap.step is None or same_step):
            continue
        if after.end_s - after.start_s >= STRAY_S or lap.end_s - lap.start_s >= STRAY_S:
            times.append(after.start_s)
    return np.array([laps[0].start_s, *times, laps[-1].end_s])


def _all_automatic(laps: Sequence[Lap]) -> bool:
    """Whether all laps but the last measure the same kilometre or mile."""
    full = [lap.distance_m for lap in laps[:-1] if lap.distance_m is not None]
    return len(full) == len(laps) - 1 and any(
        all(abs(distance - auto) < 0.015 * auto for distance in full) for auto in AUTO_LAPS_M
    )


def _nearest(presses: Floats, moment: float) -> float | None:
    if presses.size == 0:
        return None
    best = float(presses[np.argmin(np.abs(presses - moment))])
    return best if abs(best - moment) <= NEAR_S else None
