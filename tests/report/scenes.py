"""Sessions to draw: the ordinary ones and those where a picture goes wrong. All are simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from intervaldetect.pipeline import analyse
from intervaldetect.records import Activity, Analysis, Pause
from intervaldetect.report.session import Session, session_of
from intervaldetect.simulate import Plan, simulate

SIX = "6 x 800 m @ 2:10 (3:00 jog)"
# The sessions of the project's field notes, as a runner writes them.
FIELD_NOTES = {
    "500s": ("6 x 500 m @ 1:15 (3:00 jog)", {"terrain": "track", "strides": 4}),
    "600s": ("4 x 600 m @ 1:30 (3:00 jog)", {"terrain": "track"}),
    "700s": ("6 x 700 m @ 1:50 (3:00 jog)", {"terrain": "track"}),
    "800s": (SIX, {"laps": "manual"}),
    "15x1k": ("15 x 1000 m @ 3:00 (1:00 jog)", {}),
    "10x1k": ("10 x 1000 m @ 3:06 (1:00 jog)", {"laps": "auto_km"}),
    "4x6min": ("4 x 6:00 @ 3:15/km (1:00 jog)", {"laps": "steps"}),
    "25x400": ("25 x 400 m @ 1:08 (0:30 stand)", {"terrain": "track", "strides": 4}),
    "10mi": ("10 mi @ 3:10/km", {}),
    "10k": ("10000 m @ 3:08/km", {}),
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
    columns["power"] = np.full(len(source), 210.0)
    return replace(source, columns=columns, sport="cycling", sub_sport="road")


ODD: dict[str, Callable[[], Activity]] = {
    "without heart rate": lambda: without(activity(), "heart_rate"),
    "without distance": lambda: without(
        activity(), "distance", "speed", "latitude", "longitude"
    ),
    "30 % gaps": lambda: with_gaps(activity()),
    "28 hours": ultra,
    "3 minutes": lambda: activity(None, run_type="easy", duration_s=180.0),
    "paused recoveries": lambda: activity(pause_recoveries=True, timer_pauses=2),
    "ride": ride,
    "two sets": lambda: activity(FIELD_NOTES["mixed"][0]),
}


def analysis(source: Activity) -> Analysis:
    return analyse(source)


def session(source: Activity, **more: Any) -> Session:
    return session_of(analyse(source), **more)
