"""Activity -> Signal: one running speed on the sample times, with validity and pause masks.

Speed comes from distance differences first, the speed field second, positions third; each source
shows a change of effort late by its own lag, which later stages subtract. Nothing is resampled.
"""

from __future__ import annotations

from typing import Literal

import numpy as np

from intervaldetect.clean.positions import rounding, track_speed
from intervaldetect.errors import MissingChannel, TooShort
from intervaldetect.kernels.grade import cost_ratios
from intervaldetect.kernels.speed import counted_speed, on_slopes, without_pauses
from intervaldetect.records import Activity, Bools, Floats, Problem, Signal

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
# Faster for longer than this is a ride; shorter is a spike.
RIDE_S = 30.0
# A longer step between samples is a hole, crossed at no speed where nothing moves.
HOLE_S = 20.0
STANDING_MPS = 0.5
# Below this share of what the speed field says, the positions at the ends of a hole contradict it;
# where there are none, a speed is believed for so long.
MIN_WAY_SHARE = 0.5
MAX_HELD_S = 300.0
# A speed field off by more is not what positions, which cut corners, can set right.
MAX_WAY_ERROR = 0.02
COVERED = 0.8
"""Share of the time for which a source of speed must have a value."""
# Fewer hold no stretch to analyse; times closer than a millisecond are one.
MIN_INTERVALS = 10
MIN_STEP_S = 0.001
# Grade is that over 30 s, of more way than this.
GRADE_HALF_S = 15.0
MIN_GRADE_SPAN_M = 20.0


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
    starts = np.array([pause.start_s for pause in activity.pauses], dtype=np.float64)
    ends = np.array([pause.end_s for pause in activity.pauses], dtype=np.float64)
    speed, paused, fastest = without_pauses(time, speed, starts, ends, HOLE_S, STANDING_MPS)
    if on_foot and fastest > FASTEST_RUNNING_MPS:
        speed[~_running(time, speed, problems)] = np.nan
    distance, grade, adjusted = on_slopes(
        time, speed, columns["altitude"], GRADE_HALF_S, MIN_GRADE_SPAN_M, MIN_INTERVALS
    )
    lag = LAG_S[source] if source else (0.0, 0.0)
    return Signal(
        time_s=time,
        speed_mps=speed,
        adjusted_speed_mps=adjusted,
        grade=grade,
        valid=np.isfinite(speed),
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
    return cost_ratios(grade)


def _distinct_times(activity: Activity, problems: list[Problem]) -> dict[str, Floats]:
    """Keep one sample per time stamp, in ms as printed: the last known value of a channel wins."""
    time = activity.columns["time"]
    if np.diff(time).min(initial=1.0) >= MIN_STEP_S:
        return dict(activity.columns)
    stamps = np.round(time / MIN_STEP_S)
    rises = stamps[1:] > stamps[:-1]
    if rises.all():
        return dict(activity.columns)
    last = np.append(rises, True)
    group = np.concatenate(([0], np.cumsum(last)[:-1]))
    out: dict[str, Floats] = {}
    for name, values in activity.columns.items():
        merged = np.full(int(last.sum()), np.nan)
        known = np.isfinite(values)
        merged[group[known]] = values[known]
        out[name] = merged
    out["time"][0] = time[0]
    dropped = int(time.size - last.sum())
    problems.append(Problem("same_time", "samples with one time stamp merged", dropped))
    return out


def _speed(columns: dict[str, Floats], problems: list[Problem]) -> tuple[Floats, Source | None]:
    """Speed of each interval from the best source, and that source's name."""
    time = columns["time"]
    distance, covered_s, fastest = counted_speed(time, columns["distance"])
    if covered_s >= COVERED * (time[-1] - time[0]) and fastest > STANDING_MPS:
        return distance, "distance"  # the others cannot change that, and need not be looked at
    dt = np.diff(time)
    position = track_speed(time, columns["latitude"], columns["longitude"])
    candidates: dict[Source, Floats] = {
        "distance": distance,
        "speed": _along(_midpoints(columns["speed"]), position, dt),
        "position": position,
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
            if source == "position":
                problems += _rounded_positions(columns)
            return speed, source
    return np.full(dt.size, np.nan), None


def _rounded_positions(columns: dict[str, Floats]) -> list[Problem]:
    known = np.isfinite(columns["latitude"]) & np.isfinite(columns["longitude"])
    degrees = rounding(columns["latitude"][known], columns["longitude"][known])
    if not degrees:
        return []
    text = f"positions are rounded to {degrees:g} degrees, so that speeds are rough"
    return [Problem("position_rounded", text, int(known.sum()))]


def _covered(speed: Floats, seconds: Floats) -> float:
    return float(seconds[np.isfinite(speed)].sum())


def _moves(speed: Floats) -> bool:
    return bool(np.nanmax(speed, initial=0.0) > STANDING_MPS)


def _midpoints(speed: Floats) -> Floats:
    """Speed of an interval from the sample at its end, the one that reports on it."""
    return np.where(np.isfinite(speed[1:]), speed[1:], speed[:-1])


def _not_held(speed: Floats, position: Floats, seconds: Floats) -> Floats:
    """Take the speed across a hole from the positions at its ends where these hardly moved.

    The speed field is that of the moment at which recording went on, not of the hours before.
    """
    hole = seconds > HOLE_S
    if not hole.any():
        return speed
    stayed = hole & (position < MIN_WAY_SHARE * speed)
    unknown = (seconds > MAX_HELD_S) & ~np.isfinite(position)
    return np.where(stayed, position, np.where(unknown, np.nan, speed))


def _along(speed: Floats, position: Floats, seconds: Floats) -> Floats:
    """Bring a speed field to the way of the positions, the better witness of the whole.

    Rounded and smoothed speeds add up to one or two per cent less than what the counter of the same
    watch says, which the positions do not; where they differ by more, neither is known to be right.
    """
    speed = _not_held(speed, position, seconds)
    both = np.isfinite(speed) & np.isfinite(position) & (seconds <= HOLE_S)
    if _covered(np.where(both, speed, np.nan), seconds) < COVERED * _covered(speed, seconds):
        return speed
    way = float((speed * seconds)[both].sum())
    ratio = float((position * seconds)[both].sum()) / way if way > 0.0 else 1.0
    return speed * ratio if abs(ratio - 1.0) <= MAX_WAY_ERROR else speed


def _running(time: Floats, speed: Floats, problems: list[Problem]) -> Bools:
    """Mask what no runner does: single glitches, and stretches as fast as a ride."""
    dt = np.diff(time)
    valid = np.isfinite(speed)
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
