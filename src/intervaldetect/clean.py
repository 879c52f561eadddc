"""Activity -> Signal: one running speed on the sample times, with validity and pause masks.

Speed comes from distance differences first, the speed field second, positions third; each source
shows a change of effort late by its own lag, which later stages subtract. Nothing is resampled.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from intervaldetect.errors import MissingChannel, TooShort
from intervaldetect.kernels.interpolation import interpolate
from intervaldetect.records import Activity, Bools, Floats, Problem, Signal
from intervaldetect.track import track_speed

Source = Literal["distance", "speed", "position"]

# Median delay of each source against lap presses: start of an effort, end of an effort (s).
LAG_S: dict[Source, tuple[float, float]] = {
    "distance": (0.0, 2.7),
    "speed": (4.5, 6.0),
    "position": (0.0, 2.5),
}
# The fastest a person runs for a stretch, and the fastest single step worth keeping (m/s).
FASTEST_RUNNING_MPS = 8.0
FASTEST_STEP_MPS = 12.0
RIDE_S = 30.0
HOLE_S = 20.0
STANDING_MPS = 0.5
COVERED = 0.8
"""Share of the time for which a source of speed must have a value."""
MIN_INTERVALS = 10


def clean_activity(activity: Activity) -> Signal:
    """Clean one activity into a signal on its own sample times.

    Parameters
    ----------
    activity : Activity
        As read: ``columns`` of equal length n, ``time`` never decreasing.

    Returns
    -------
    Signal
        m <= n - 1 intervals between the distinct sample times.

    Raises
    ------
    TooShort
        Fewer than 10 intervals between distinct times.
    MissingChannel
        Neither speed, distance, position nor heart rate holds anything.
    """
    problems: list[Problem] = []
    columns = _distinct_times(activity, problems)
    time = columns["time"]
    if time.size <= MIN_INTERVALS:
        raise TooShort(f"{time.size} distinct sample times, needed are {MIN_INTERVALS + 1}")
    on_foot = activity.sport != "cycling"
    speed, source = _speed(columns, problems)
    if source is None and not np.isfinite(columns["heart_rate"]).any():
        raise MissingChannel("speed", "no distance, speed, position or heart rate in the file")
    paused = _pauses(activity, time, speed)
    speed[paused] = np.nan
    valid = _running(time, speed, on_foot=on_foot, problems=problems)
    speed[~valid] = np.nan
    distance = np.concatenate(([0.0], np.cumsum(np.where(valid, speed, 0.0) * np.diff(time))))
    grade = _grade(time, columns["altitude"], distance)
    lag = LAG_S[source] if source else (0.0, 0.0)
    return Signal(
        time_s=time,
        speed_mps=speed,
        adjusted_speed_mps=speed * cost_ratio(np.where(np.isnan(grade), 0.0, grade)),
        grade=grade,
        valid=valid & np.isfinite(speed),
        paused=paused,
        distance_m=distance,
        altitude_m=columns["altitude"],
        heart_rate_bpm=columns["heart_rate"],
        cadence_spm=columns["cadence"],
        power_w=columns["power"],
        speed_source=source,
        start_lag_s=lag[0],
        end_lag_s=lag[1],
        problems=tuple(problems),
    )


def cost_ratio(grade: Floats) -> Floats:
    """Energy cost of running on a grade over the cost on the level.

    The fifth-order polynomial of Minetti et al. 2002 (doi 10.1152/japplphysiol.01177.2001), J/kg/m,
    for grades clipped to the measured range of -0.45 to 0.45, over its level value 3.6.
    """
    g = np.clip(grade, -0.45, 0.45)
    # 155.4 g^5 - 30.4 g^4 - 43.3 g^3 + 46.3 g^2 + 19.5 g + 3.6 without powers, which are slow.
    cost = ((((155.4 * g - 30.4) * g - 43.3) * g + 46.3) * g + 19.5) * g + 3.6
    return np.asarray(cost / 3.6, dtype=np.float64)


def _distinct_times(activity: Activity, problems: list[Problem]) -> dict[str, Floats]:
    """Keep one sample per time stamp: the last known value of each channel wins."""
    time = activity.columns["time"]
    last = np.append(np.diff(time) > 0, True)
    if last.all():
        return dict(activity.columns)
    group = np.concatenate(([0], np.cumsum(last)[:-1]))
    out: dict[str, Floats] = {}
    for name, values in activity.columns.items():
        merged = np.full(int(last.sum()), np.nan)
        known = np.isfinite(values)
        merged[group[known]] = values[known]
        out[name] = merged
    dropped = int(time.size - last.sum())
    problems.append(Problem("same_time", "samples with one time stamp merged", dropped))
    return out


def _speed(columns: dict[str, Floats], problems: list[Problem]) -> tuple[Floats, Source | None]:
    """Speed of each interval from the best source, and that source's name."""
    time = columns["time"]
    dt = np.diff(time)
    distance = _steps(columns["distance"]) / dt
    if _covered(distance, dt) >= COVERED * dt.sum() and _moves(distance):
        return distance, "distance"  # the others cannot change that, and need not be looked at
    candidates: dict[Source, Floats] = {
        "distance": distance,
        "speed": _midpoints(columns["speed"]),
        "position": track_speed(time, columns["latitude"], columns["longitude"]),
    }
    # A channel counts as there when it covers most of what the best one covers.
    covered = {k: _covered(v, dt) for k, v in candidates.items()}
    moving = {k: _moves(v) for k, v in candidates.items()}
    most = max((covered[k] for k in covered if moving[k]), default=0.0)
    for source, speed in candidates.items():
        if moving[source] and covered[source] > 0 and covered[source] >= COVERED * most:
            if source != "distance":
                text = f"speed taken from {source}: distance missing or incomplete"
                problems.append(Problem("speed_source", text))
            return speed, source
    return np.full(dt.size, np.nan), None


def _covered(speed: Floats, seconds: Floats) -> float:
    return float(seconds[np.isfinite(speed)].sum())


def _moves(speed: Floats) -> bool:
    return bool(np.nanmax(speed, initial=0.0) > STANDING_MPS)


def _steps(distance: Floats) -> Floats:
    """Distance gained per interval; samples without distance share the next gain."""
    known = np.flatnonzero(np.isfinite(distance))
    if known.size < 2:
        return np.full(distance.size - 1, np.nan)
    filled = distance
    if known.size < distance.size:
        index = np.arange(distance.size)
        filled = np.interp(index, known, distance[known], left=np.nan, right=np.nan)
    gain = np.diff(filled)
    gain[gain < 0] = np.nan  # a counter that fell says nothing of the speed
    return gain


def _midpoints(speed: Floats) -> Floats:
    """Speed of an interval from the sample at its end, the one that reports on it."""
    return np.where(np.isfinite(speed[1:]), speed[1:], speed[:-1])


def _pauses(activity: Activity, time: Floats, speed: Floats) -> Bools:
    """Intervals in which the timer mostly stood, and holes in the records without progress."""
    dt = np.diff(time)
    stopped = np.zeros(dt.size)
    for pause in activity.pauses:
        stopped += np.clip(
            np.minimum(pause.end_s, time[1:]) - np.maximum(pause.start_s, time[:-1]), 0.0, None
        )
    hole = (dt > HOLE_S) & ~(speed > STANDING_MPS)
    return np.asarray((stopped > 0.5 * dt) | hole, dtype=np.bool_)


def _running(time: Floats, speed: Floats, *, on_foot: bool, problems: list[Problem]) -> Bools:
    """Mask what no runner does: single glitches, and stretches as fast as a ride."""
    dt = np.diff(time)
    valid = np.isfinite(speed)
    if not on_foot:
        return valid
    fast = speed > FASTEST_RUNNING_MPS
    edges = np.flatnonzero(np.diff(np.concatenate(([0], fast.view(np.int8), [0]))))
    glitches = 0
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        length = dt[start:end].sum()
        if length >= RIDE_S:
            valid[start:end] = False
            text = (
                f"{length:.0f} s at {np.average(speed[start:end], weights=dt[start:end]):.1f} m/s"
            )
            problems.append(Problem("not_running", f"{text} left out as not running"))
        elif np.max(speed[start:end]) > FASTEST_STEP_MPS:
            valid[start:end] = False
            glitches += int(end - start)
    if glitches:
        problems.append(Problem("speed_spike", "speeds above 12 m/s masked", glitches))
    return valid


def _grade(time: Floats, altitude: Floats, distance: Floats) -> Floats:
    """Slope over 30 s of smoothed altitude, clipped to +-45 %; NaN without altitude or progress."""
    known = np.isfinite(altitude)
    if np.count_nonzero(known) < MIN_INTERVALS:
        return np.full(time.size - 1, np.nan)
    smooth = altitude if known.all() else interpolate(time, time[known], altitude[known])
    middle = 0.5 * (time[1:] + time[:-1])
    ahead, behind = middle + 15.0, middle - 15.0
    rise = interpolate(ahead, time, smooth) - interpolate(behind, time, smooth)
    run = interpolate(ahead, time, distance) - interpolate(behind, time, distance)
    grade = np.where(run > 20.0, rise / np.maximum(run, 1.0), np.nan)
    return np.asarray(np.clip(grade, -0.45, 0.45), dtype=np.float64)
