"""What is to be run: the athlete, the plan, and the piece that plans are made of."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from intervaldetect.errors import ParameterError
from intervaldetect.notation import parse_workout
from intervaldetect.records import Kind, Label, Role, WorkoutSet

RunType = Literal[
    "workout", "recovery", "easy", "long", "steady", "progression", "strides", "hilly", "trail",
    "stop_and_go", "fartlek", "race",
]  # fmt: skip
Terrain = Literal["flat", "rolling", "hilly", "trail", "track", "treadmill"]
LapMode = Literal["none", "manual", "auto_km", "auto_mile", "steps"]
Recording = Literal["every_second", "smart"]
Noise = Literal["none", "low", "typical", "high"]


@dataclass(frozen=True, slots=True)
class Athlete:
    """Who runs; the threshold speed is about that of a one-hour race."""

    threshold_speed_mps: float = 5.4
    rest_hr_bpm: float = 46.0
    max_hr_bpm: float = 192.0
    mass_kg: float = 66.0


@dataclass(frozen=True, slots=True)
class Plan:
    """One session to simulate.

    Parameters
    ----------
    workout : str or None
        Text for ``parse_workout``; needed for run type ``workout``, else ignored.
    run_type : RunType
        ``workout``, or a run without planned reps.
    duration_s : float or None
        Length of a run without reps, or of the race by time; None takes what is usual.
    warmup_s, cooldown_s : float
        Easy running around a workout.
    strides : int
        Strides of 20 s in the warm-up, or at the end of run type ``strides``.
    easy_speed_mps : float or None
        None is 0.76 of the threshold speed.
    hill_grade : float
        Grade of the reps; recoveries run down again.
    first_rep_slower : float
        Share by which the first rep is slower.
    brisk_recovery : bool
        Recoveries are jogged at nearly easy speed.
    pause_recoveries : bool
        The timer is stopped in every recovery: a hole in the records.
    timer_pauses : int
        Timer stops of 20 to 150 s in the easy parts.
    traffic_lights : bool
        Stand-still stops in the easy parts.
    laps, recording, terrain, temperature_c, power
        What the device does and where.
    kind, label : optional
        Truth to record; None takes what the run type says (a workout's stays None).
    """

    workout: str | None = None
    run_type: RunType = "workout"
    athlete: Athlete = field(default_factory=Athlete)
    duration_s: float | None = None
    warmup_s: float = 900.0
    cooldown_s: float = 600.0
    strides: int = 0
    easy_speed_mps: float | None = None
    hill_grade: float = 0.0
    first_rep_slower: float = 0.0
    brisk_recovery: bool = False
    pause_recoveries: bool = False
    timer_pauses: int = 0
    traffic_lights: bool = False
    laps: LapMode = "none"
    recording: Recording = "every_second"
    terrain: Terrain = "flat"
    temperature_c: float | None = 14.0
    power: bool = False
    kind: Kind | None = None
    label: Label | None = None
    name: str | None = None
    start_time: datetime = datetime(2025, 9, 2, 5, 30, tzinfo=UTC)
    utc_offset_s: float | None = 7200.0

    @property
    def easy_mps(self) -> float:
        """Speed of the easy parts in m/s."""
        return self.easy_speed_mps or 0.76 * self.athlete.threshold_speed_mps

    def sets(self) -> tuple[WorkoutSet, ...]:
        """Return the planned sets; empty for a run without reps."""
        if self.run_type != "workout":
            return ()
        if self.workout is None:
            raise ParameterError("workout", None, "a workout text for run_type='workout'")
        return parse_workout(self.workout)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch run at one effort, by time or by distance.

    ``speed_mps`` is the speed on the flat; on a grade the runner keeps the effort.
    ``end_speed_mps`` is reached linearly; ``paused`` stops the timer.
    """

    role: Role
    speed_mps: float
    duration_s: float | None = None
    distance_m: float | None = None
    end_speed_mps: float | None = None
    grade: float | None = None
    set: int | None = None
    rep: int | None = None
    paused: bool = False
    step: int | None = None
    on_foot: bool = False  # walking or standing: no grade-kept effort
