"""Sessions to draw: the ordinary ones and those where a picture goes wrong. All are simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from intervaldetect.clean import clean_activity
from intervaldetect.pipeline import analyse
from intervaldetect.records import (
    Activity,
    Analysis,
    Estimate,
    Label,
    Pause,
    Segment,
    SessionLabel,
    Signal,
    Thresholds,
    Workout,
)
from intervaldetect.report.session import Session, session_of
from intervaldetect.simulate import Plan, simulate

SIX = "6 x 800 m @ 2:10 (3:00 jog)"
TRACK: dict[str, Any] = {"terrain": "track"}
THREE = "(3:00 jog)"
# The sessions of the project's field notes, as a runner writes them.
FIELD_NOTES: dict[str, tuple[str, dict[str, Any]]] = {
    "6x500": (f"6 x 500 m @ 1:15 {THREE}", {**TRACK, "strides": 4}),
    "4x600": (f"4 x 600 m @ 1:30 {THREE}", TRACK),
    "6x600": (f"6 x 600 m @ 1:30 {THREE}", TRACK),
    "4x700": (f"4 x 700 m @ 1:50 {THREE}", TRACK),
    "6x700": (f"6 x 700 m @ 1:50 {THREE}", TRACK),
    "4x800-206": (f"4 x 800 m @ 2:06 {THREE}", TRACK),
    "4x800-202": (f"4 x 800 m @ 2:02 {THREE}", TRACK),
    "6x800-210": (SIX, {"laps": "manual"}),
    "6x800-205": (f"6 x 800 m @ 2:05 {THREE}", {"recording": "smart"}),
    "6x800-200": (f"6 x 800 m @ 2:00 {THREE}", {"first_rep_slower": 0.05}),
    "15x1k": ("15 x 1000 m @ 3:00 (1:00 jog)", {}),
    "10x1k": ("10 x 1000 m @ 3:06 (1:00 jog)", {"laps": "auto_km"}),
    "4x6min": ("4 x 6:00 @ 3:15/km (1:00 jog)", {"laps": "steps"}),
    "25x400": ("25 x 400 m @ 1:08 (0:30 stand)", {**TRACK, "strides": 4}),
    "10mi": ("10 mi @ 3:10/km", {}),
    "10k": ("10000 m @ 3:08/km", {}),
    "5x8min": ("5 x 8:00 @ 3:18/km (1:00 jog)", {}),
    "10x3min": ("10 x 3:00 @ 3:08/km (1:00 walk)", {}),
    "25x1min": ("25 x 1:00 @ 2:58/km (0:30 jog)", {}),
    "mixed": ("3 x 10:00 @ 3:14/km (2:00 jog) + 8 x 200 m @ 0:34 (1:00 walk)", {}),
}


def activity(workout: str | None = SIX, *, seed: int = 7, **plan: Any) -> Activity:
    return simulate(Plan(workout, **plan), seed=seed).to_activity()


def without(source: Activity, *channels: str) -> Activity:
    columns = {name: values.copy() for name, values in source.columns.items()}
    for name in channels:
        columns[name][:] = np.nan
    return replace(source, columns=columns)


def with_gaps(source: Activity, share: float = 0.3) -> Activity:
    """Drop blocks of 20 to 120 s until about this share of the samples is gone."""
    generator = np.random.default_rng(3)
    keep = np.ones(len(source), dtype=bool)
    while keep.mean() > 1.0 - share:
        first = int(generator.integers(1, len(source) - 130))
        keep[first : first + int(generator.integers(20, 120))] = False
    columns = {name: values[keep] for name, values in source.columns.items()}
    return replace(source, columns=columns)


def ultra() -> Activity:
    """Run for 28 hours, walking for the last third, with a sleep in between."""
    time = np.arange(0.0, 28 * 3600.0, 4.0)
    generator = np.random.default_rng(5)
    speed = np.where(time < 18 * 3600, 2.5, 1.4) + generator.normal(0.0, 0.15, time.size)
    asleep = (time > 16 * 3600) & (time < 17.5 * 3600)
    source = activity(None, run_type="easy", duration_s=1800.0)
    columns = {name: np.full(time.size, np.nan) for name in source.columns}
    columns["time"] = time
    columns["distance"] = np.cumsum(np.where(asleep, 0.0, speed) * 4.0)
    columns["heart_rate"] = np.round(140 - time / 3600 + generator.normal(0.0, 2.0, time.size))
    columns = {name: values[~asleep] for name, values in columns.items()}
    pause = Pause(16 * 3600.0, 17.5 * 3600.0)
    whole = replace(source.session, distance_m=None, timer_s=None, elapsed_s=None)
    return replace(source, columns=columns, pauses=(pause,), laps=(), session=whole)


def ride() -> Activity:
    source = activity(None, run_type="steady", duration_s=2400.0)
    columns = {name: values.copy() for name, values in source.columns.items()}
    columns["distance"] = columns["distance"] * 2.4
    columns["speed"] = columns["speed"] * 2.4
    columns["power"] = 210.0 + 15.0 * np.sin(columns["time"] / 90.0)
    return replace(source, columns=columns, sport="cycling", sub_sport="road")


ODD: dict[str, Callable[[], Activity]] = {
    "without heart rate": lambda: without(activity(), "heart_rate"),
    "without distance": lambda: without(activity(), "distance", "speed", "latitude", "longitude"),
    "30 % gaps": lambda: with_gaps(activity()),
    "28 hours": ultra,
    "3 minutes": lambda: activity(None, run_type="easy", duration_s=180.0),
    "paused recoveries": lambda: activity(pause_recoveries=True, timer_pauses=2),
    "ride": ride,
    "two sets": lambda: activity(FIELD_NOTES["mixed"][0]),
}


def session(source: Activity, **more: Any) -> Session:
    return session_of(analyse(source), **more)


def as_run(name: str) -> Analysis:
    """Return a session of the field notes as it was planned and run, nothing detected.

    Its picture shows how sessions are drawn, whatever becomes of detection.
    """
    workout, plan = FIELD_NOTES[name]
    made = simulate(Plan(workout, **plan), seed=11, noise="low")
    source = replace(made.to_activity(), path=f"{name}.fit", name=name)
    signal = clean_activity(source)
    truth = made.truth
    segments = tuple(_measured(segment, signal) for segment in truth.segments)
    found = Workout(segments, truth.sets, truth.text, "intervals", 1.0)
    odds: dict[Label, float] = {"easy": 0.02, "threshold": 0.28, "vo2": 0.7}
    known = Thresholds(Estimate(5.4, 0.1, "given"), Estimate(172.0, 3.0, "given"))
    return Analysis(source, signal, found, SessionLabel("vo2", "vo2_intervals", odds), known)


def _measured(segment: Segment, signal: Signal) -> Segment:
    inside = (signal.time_s[1:] > segment.start_s) & (signal.time_s[1:] <= segment.end_s)
    inside &= np.isfinite(signal.speed_mps)
    mean = float(signal.speed_mps[inside].mean()) if inside.any() else None
    return replace(segment, mean_speed_mps=mean)
