"""What is found in an activity: the cleaned signal, its pieces, segments, sets, the workout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from intervaldetect.records.activity import Bools, Floats, Ints, Problem

Role = Literal["warmup", "rep", "recovery", "cooldown", "steady", "stride", "pause", "other"]
Source = Literal["stream", "lap", "step", "plan", "override"]
Basis = Literal["distance", "time"]
RecoveryStyle = Literal["jog", "walk", "stand", "float", "paused"]
Label = Literal["easy", "threshold", "vo2"]
LapsUsed = Literal["none", "laps", "steps"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Signal:
    """A cleaned activity on its own sample times (strictly increasing, length n + 1).

    The n intervals ``[time_s[i], time_s[i + 1])`` carry ``speed_mps``, ``grade``,
    ``adjusted_speed_mps`` (grade-adjusted) and the masks; ``heart_rate_bpm``, ``cadence_spm``,
    ``power_w``, ``altitude_m`` and ``distance_m`` stand on the n + 1 sample times. NaN means not
    known. ``valid`` is False where the speed is not running (a glitch, a ride home, no data);
    ``paused`` is True where the timer stood or the records have a hole. ``start_lag_s`` and
    ``end_lag_s`` are how late this source of speed shows the start and the end of an effort.
    """

    time_s: Floats
    speed_mps: Floats
    adjusted_speed_mps: Floats
    grade: Floats
    valid: Bools
    paused: Bools
    distance_m: Floats
    altitude_m: Floats
    heart_rate_bpm: Floats
    cadence_spm: Floats
    power_w: Floats
    speed_source: Literal["distance", "speed", "position"] | None
    start_lag_s: float
    end_lag_s: float
    problems: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        seconds = float(self.time_s[-1] - self.time_s[0]) if self.time_s.size else 0.0
        return f"<Signal of {seconds:.0f} s, {self.speed_mps.size} intervals>"


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A signal cut into k contiguous pieces of constant effort.

    ``start`` and ``end`` index the signal's n intervals, half-open, and tile them. ``values``
    (n) is the effort of each interval over ``reference``, the activity's typical running effort,
    ``weights`` (n) the seconds it counts for; ``level`` (k) is the mean of a piece, ``seconds``
    (k) its weight and ``noise`` the long-run variance of ``values`` times seconds.
    """

    start: Ints
    end: Ints
    level: Floats
    seconds: Floats
    values: Floats
    weights: Floats
    reference: float
    noise: float
    channel: Literal["speed", "adjusted_speed", "power"]
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch ``[start_s, end_s)`` of an activity with its role; segments tile the activity.

    ``set`` and ``rep`` count from 1 and stand on reps and on the recovery after each rep.
    """

    role: Role
    start_s: float
    end_s: float
    start_error_s: float | None = None
    end_error_s: float | None = None
    distance_m: float | None = None
    moving_s: float | None = None
    mean_speed_mps: float | None = None
    grade_adjusted_speed_mps: float | None = None
    mean_hr_bpm: float | None = None
    end_hr_bpm: float | None = None
    max_hr_bpm: float | None = None
    mean_cadence_spm: float | None = None
    mean_power_w: float | None = None
    set: int | None = None
    rep: int | None = None
    confidence: float | None = None
    source: Source = "stream"


@dataclass(frozen=True, slots=True)
class WorkoutSet:
    """A set of reps, found or planned; the same record serves detection, notation and simulation.

    ``count`` is all reps; ``blocks`` is n for ``n x (...)``, else 1. A ladder is one set whose
    ``rep_distances_m`` or ``rep_durations_s`` lists every rep and whose scalar is None.
    ``rep_speed_mps`` is the typical speed of a rep. ``recovery_*`` is what lies between two reps,
    ``block_recovery_s`` between two blocks, ``set_recovery_s`` between this set and the next.
    """

    count: int
    rep_basis: Basis
    blocks: int = 1
    rep_distance_m: float | None = None
    rep_duration_s: float | None = None
    rep_distances_m: tuple[float, ...] | None = None
    rep_durations_s: tuple[float, ...] | None = None
    rep_speed_mps: float | None = None
    recovery_basis: Basis | None = None
    recovery_s: float | None = None
    recovery_distance_m: float | None = None
    recovery_style: RecoveryStyle | None = None
    recovery_speed_mps: float | None = None
    block_recovery_s: float | None = None
    set_recovery_s: float | None = None
    canonical: bool = False
    label: Label | None = None
    probabilities: Mapping[Label, float] | None = None


@dataclass(frozen=True, slots=True)
class Workout:
    """What was carried out: segments that tile the activity, the sets, and how sure that is.

    ``sets`` is empty and ``text`` None when no planned efforts are claimed. ``shape`` names what
    the structure alone says (``intervals``, ``tempo``, ``progression``, ``strides``, ``hills``,
    ``fartlek``, ``race``, ``steady``). ``log_odds`` are those of planned work by the streams alone;
    ``other`` is what is said of the run if it is decided the other way, None beyond doubt.
    """

    segments: tuple[Segment, ...]
    sets: tuple[WorkoutSet, ...] = ()
    text: str | None = None
    shape: str = "steady"
    structured_probability: float = 0.0
    laps_used: LapsUsed = "none"
    evidence: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    log_odds: float = 0.0
    other: Workout | None = None


CLAIMED = 0.6
"""Planned work is claimed from this chance on: a workout never run does more harm."""
