"""Detected segments as laps: one per rep and recovery, one for what lies around the set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.records import Activity, Analysis, Lap, Role, Segment

INTENSITIES: dict[Role, str] = {
    "warmup": "warmup", "rep": "active", "stride": "other", "recovery": "rest",
    "cooldown": "cooldown", "steady": "other", "pause": "rest", "other": "other",
}  # fmt: skip


def detected_laps(analysis: Analysis) -> tuple[Lap, ...]:
    """Return the laps that a runner who pressed at every edge would have.

    Parameters
    ----------
    analysis : Analysis
        With at least one rep.

    Returns
    -------
    tuple of Lap
        They tile ``[0, elapsed_s)`` on whole seconds, the resolution of lap times in FIT. A pause
        outside the sets belongs to the lap before it. Timed by hand (``manual``), the last by the
        end of the session. ``distance_m`` is the device's own where it recorded one, ``timer_s``
        leaves out the stops of the timer.

    Raises
    ------
    ParameterError
        There is no rep, so nothing to write back.
    """
    activity = analysis.activity
    segments = analysis.workout.segments
    if not any(segment.role == "rep" for segment in segments):
        raise ParameterError("analysis", activity.path, "an activity in which reps were found")
    joined: list[tuple[Role, float, float, list[Segment]]] = []
    for segment in segments:
        start, end = float(round(segment.start_s)), float(round(segment.end_s))
        if end <= start:  # shorter than half a second
            continue
        before = joined[-1] if joined else None
        if before and before[0] not in {"rep", "stride"} and segment.role in {before[0], "pause"}:
            joined[-1] = (before[0], before[1], end, [*before[3], segment])
        else:
            joined.append((segment.role, start, end, [segment]))
    laps = [_lap(activity, *each) for each in joined]
    return (*laps[:-1], replace(laps[-1], trigger="session_end"))


def _lap(activity: Activity, role: Role, start_s: float, end_s: float, of: list[Segment]) -> Lap:
    stopped = sum(
        max(0.0, min(pause.end_s, end_s) - max(pause.start_s, start_s)) for pause in activity.pauses
    )
    return Lap(
        start_s=start_s,
        end_s=end_s,
        distance_m=_distance_m(activity, start_s, end_s, of),
        timer_s=end_s - start_s - stopped,
        trigger="manual",
        intensity=INTENSITIES[role],
    )


def _distance_m(
    activity: Activity, start_s: float, end_s: float, of: list[Segment]
) -> float | None:
    """Take the distance by the device, unless it has none or a correction says otherwise."""
    total = activity.columns["distance"]
    known = np.isfinite(total)
    if known.sum() >= 2 and not any(segment.source == "override" for segment in of):
        run = np.maximum.accumulate(total[known])
        a, b = np.interp((start_s, end_s), activity.columns["time"][known], run)
        return float(b - a)
    parts = [segment.distance_m for segment in of if segment.distance_m is not None]
    return sum(parts) if parts else None
