"""What a file holds: samples, laps, pauses, planned steps, events, the device's own totals.

All that a reader knows of: nothing here is found or judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

Format = Literal["fit", "gpx", "tcx"]
Integrity = Literal["intact", "repaired", "partial"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something repaired, dropped, switched or guessed: a stable code, a sentence, how often."""

    code: str
    message: str
    count: int = 1


@dataclass(frozen=True, slots=True)
class Lap:
    """A lap as the device wrote it, ``[start_s, end_s)``.

    ``trigger`` and ``intensity`` are FIT names in lower case (``manual``, ``distance``, ``time``,
    ``session_end``; ``active``, ``rest``, ``warmup``, ``cooldown``, ``recovery``, ``interval``);
    ``step`` is the index of the workout step the lap belongs to.
    """

    start_s: float
    end_s: float
    distance_m: float | None = None
    timer_s: float | None = None
    trigger: str | None = None
    intensity: str | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of the timer, ``[start_s, end_s)``."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class WorkoutStep:
    """A step of a planned workout, FIT names in lower case.

    ``duration_value`` is in s, m, bpm or W as ``duration_type`` says; for ``repeat_*`` steps it is
    the index to go back to, and ``target_value`` the number of repeats.
    """

    index: int
    name: str | None = None
    duration_type: str | None = None
    duration_value: float | None = None
    target_type: str | None = None
    target_value: float | None = None
    target_low: float | None = None
    target_high: float | None = None
    intensity: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A FIT event (``timer``/``start``, ``timer``/``stop_all``, ...) at an elapsed time."""

    time_s: float
    event: str
    event_type: str | None = None
    heart_rate_bpm: float | None = None
    """What an event ``recovery_hr`` says, two minutes after the end."""


@dataclass(frozen=True, slots=True)
class Session:
    """The device's own totals and judgements; reported for comparison, never decisive.

    ``rpe`` (1 to 10, Borg's CR10) and ``feel`` (0 to 100, more is better) are what the runner told
    the device afterwards.
    """

    timer_s: float | None = None
    elapsed_s: float | None = None
    distance_m: float | None = None
    aerobic_training_effect: float | None = None
    anaerobic_training_effect: float | None = None
    benefit: str | None = None
    workout_name: str | None = None
    rpe: float | None = None
    feel: float | None = None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Activity:
    """One activity as read: every sample, lap, pause, step and event; nothing resampled.

    ``columns`` has one float64 array of equal length per name in ``columns.NAMES``; ``time`` is
    elapsed seconds (never decreasing), the others NaN where the file has nothing.
    """

    path: str
    sha256: str
    format: Format
    part: int
    integrity: Integrity
    start_time: datetime
    columns: Mapping[str, Floats]
    laps: tuple[Lap, ...] = ()
    pauses: tuple[Pause, ...] = ()
    steps: tuple[WorkoutStep, ...] = ()
    events: tuple[Event, ...] = ()
    session: Session = field(default_factory=Session)
    name: str | None = None
    description: str | None = None
    sport: str | None = None
    sub_sport: str | None = None
    device: str | None = None
    utc_offset_s: float | None = None
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return int(self.columns["time"].size)

    def __repr__(self) -> str:
        what = self.sport or "activity"
        return f"<Activity {self.start_time:%Y-%m-%d %H:%M}Z {what}, {len(self)} samples>"
