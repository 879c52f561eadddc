"""What is to be run: the athlete, the plan, and the pieces a plan consists of."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Literal

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.notation import parse_workout
from intervaldetect.records import Kind, Label, RecoveryStyle, Role, WorkoutSet

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


def pieces_of(plan: Plan, random: np.random.Generator) -> list[Piece]:
    """Lay a plan out as pieces, with the chances of the day drawn from ``random``."""
    from intervaldetect.simulate.runs import run_pieces  # noqa: PLC0415  (runs needs Piece)

    sets = plan.sets()
    if not sets:
        pieces = run_pieces(plan, random)
    else:
        pieces = _warmup(plan, plan.strides)
        for index, each in enumerate(sets, start=1):
            pieces += _set_pieces(plan, each, index, random)
            if index < len(sets):
                pause = each.set_recovery_s or 180.0
                pieces.append(Piece("other", _jog_mps(plan), duration_s=pause))
        if plan.cooldown_s > 0:
            pieces.append(Piece("cooldown", 0.95 * plan.easy_mps, duration_s=plan.cooldown_s))
    if plan.traffic_lights:
        pieces = _with_stops(pieces, random, every_m=(350.0, 1100.0), stop_s=(8.0, 45.0))
    if plan.timer_pauses:
        pieces = _with_pauses(pieces, plan.timer_pauses, random)
    return pieces


def _warmup(plan: Plan, strides: int) -> list[Piece]:
    pieces: list[Piece] = []
    if plan.warmup_s > 0:
        easy = plan.easy_mps
        pieces.append(
            Piece("warmup", 0.9 * easy, duration_s=plan.warmup_s, end_speed_mps=1.03 * easy)
        )
    pieces += stride_pieces(plan, strides)
    if strides:
        pieces.append(Piece("other", 1.3, duration_s=70.0, on_foot=True))
    return pieces


def stride_pieces(plan: Plan, count: int) -> list[Piece]:
    """Lay out strides: 20 s fast, 50 s slow jog or walk."""
    fast = Piece("stride", 1.18 * plan.athlete.threshold_speed_mps, duration_s=20.0)
    slow = Piece("other", 0.55 * plan.easy_mps, duration_s=50.0, on_foot=True)
    return [fast, slow] * count


def _set_pieces(
    plan: Plan, each: WorkoutSet, index: int, random: np.random.Generator
) -> list[Piece]:
    sizes = each.rep_distances_m or each.rep_durations_s
    scalar = each.rep_distance_m if each.rep_basis == "distance" else each.rep_duration_s
    if sizes is None:
        assert scalar is not None
        sizes = (scalar,) * each.count
    per_block = each.count // each.blocks
    day = random.normal(0.0, 1.0, size=each.count)
    pieces: list[Piece] = []
    for number, size in enumerate(sizes, start=1):
        speed = each.rep_speed_mps or _usual_mps(plan, each, size)
        speed *= 1.0 + 0.008 * float(day[number - 1])
        if number == 1:
            speed *= 1.0 - plan.first_rep_slower
        by_distance = each.rep_basis == "distance"
        pieces.append(
            Piece(
                "rep",
                speed,
                distance_m=size if by_distance else None,
                duration_s=None if by_distance else size,
                grade=plan.hill_grade or None,
                set=index,
                rep=number,
            )
        )
        if number < each.count:
            between_blocks = each.blocks > 1 and number % per_block == 0
            pieces.append(_recovery(plan, each, index, number, size, between_blocks=between_blocks))
    return pieces


def _recovery(
    plan: Plan, each: WorkoutSet, index: int, number: int, size: float, *, between_blocks: bool
) -> Piece:
    style: RecoveryStyle = each.recovery_style or "jog"
    paused = plan.pause_recoveries or style == "paused"
    speeds: dict[RecoveryStyle, float] = {
        "jog": _jog_mps(plan),
        "walk": 1.4,
        "stand": 0.0,
        "float": each.recovery_speed_mps or 0.86 * plan.athlete.threshold_speed_mps,
        "paused": 0.8,
    }
    piece = Piece(
        "recovery",
        speeds[style],
        grade=-plan.hill_grade or None,
        set=index,
        rep=number,
        paused=paused,
        on_foot=style in ("walk", "stand", "paused"),
    )
    if between_blocks:
        pause = each.block_recovery_s or 2.0 * (each.recovery_s or 90.0)
        return replace(piece, duration_s=pause)
    if each.recovery_basis == "distance":
        return replace(piece, distance_m=each.recovery_distance_m)
    if each.recovery_basis == "time":
        return replace(piece, duration_s=each.recovery_s)
    rep_s = size if each.rep_basis == "time" else size / _usual_mps(plan, each, size)
    return replace(piece, duration_s=float(np.clip(round(0.4 * rep_s / 15.0) * 15.0, 30.0, 180.0)))


def _jog_mps(plan: Plan) -> float:
    share = 0.92 if plan.brisk_recovery else 0.62
    return share * plan.easy_mps


def _usual_mps(plan: Plan, each: WorkoutSet, size: float) -> float:
    """Speed of threshold reps of this length where the text names none."""
    threshold = plan.athlete.threshold_speed_mps
    seconds = size if each.rep_basis == "time" else size / threshold
    if each.count == 1:
        return 0.97 * threshold
    for limit, share in ((90.0, 1.07), (240.0, 1.03), (480.0, 1.0)):
        if seconds < limit:
            return share * threshold
    return 0.985 * threshold


def _with_stops(
    pieces: list[Piece],
    random: np.random.Generator,
    *,
    every_m: tuple[float, float],
    stop_s: tuple[float, float],
) -> list[Piece]:
    """Put stand-still stops into the easy parts."""
    result: list[Piece] = []
    for piece in pieces:
        if piece.role in ("rep", "recovery", "stride") or piece.duration_s is None or piece.on_foot:
            result.append(piece)
            continue
        left = piece.duration_s
        while True:
            run_s = float(random.uniform(*every_m)) / max(piece.speed_mps, 1.0)
            if run_s > left - 30.0:
                break
            result.append(replace(piece, duration_s=run_s))
            stop = float(random.uniform(*stop_s))
            result.append(Piece(piece.role, 0.0, duration_s=stop, on_foot=True))
            left -= run_s
        result.append(replace(piece, duration_s=left))
    return result


def _with_pauses(pieces: list[Piece], count: int, random: np.random.Generator) -> list[Piece]:
    """Put timer stops into the longest easy parts."""
    for _ in range(count):
        free = [
            (piece.duration_s or 0.0, index)
            for index, piece in enumerate(pieces)
            if piece.role not in ("rep", "recovery", "stride") and not piece.paused
        ]
        if not free or max(free)[0] < 120.0:
            break
        length, index = max(free)
        cut = float(random.uniform(0.3, 0.7)) * length
        piece = pieces[index]
        stop = Piece(
            "pause",
            0.0,
            duration_s=round(float(random.uniform(20.0, 150.0))),
            paused=True,
            on_foot=True,
        )
        pieces[index : index + 1] = [
            replace(piece, duration_s=cut),
            stop,
            replace(piece, duration_s=length - cut),
        ]
    return pieces
