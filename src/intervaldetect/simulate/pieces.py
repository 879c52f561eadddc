"""Plans to pieces: warm-up, reps, recoveries, cool-down, and the stops of the day."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.records import RecoveryStyle, WorkoutSet
from intervaldetect.simulate.plan import Piece, Plan
from intervaldetect.simulate.runs import run_pieces, stride_pieces


def pieces_of(plan: Plan, random: np.random.Generator) -> list[Piece]:
    """Lay a plan out as pieces, with the chances of the day drawn from ``random``."""
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


def _set_pieces(
    plan: Plan, each: WorkoutSet, index: int, random: np.random.Generator
) -> list[Piece]:
    per_block = each.count // each.blocks
    day = random.normal(0.0, 1.0, size=each.count)
    day -= day.mean()  # the set as a whole is run as planned
    pieces: list[Piece] = []
    for number, size in enumerate(_sizes(each), start=1):
        speed = each.rep_speed_mps or _usual_mps(plan, each, size)
        speed *= 1.0 + 0.008 * float(day[number - 1])
        if number == 1:
            speed *= 1.0 - plan.first_rep_slower
        rep = Piece("rep", speed, grade=plan.hill_grade or None, set=index, rep=number)
        by_distance = each.rep_basis == "distance"
        pieces.append(
            replace(rep, distance_m=size) if by_distance else replace(rep, duration_s=size)
        )
        if number < each.count:
            between_blocks = each.blocks > 1 and number % per_block == 0
            pieces.append(_recovery(plan, each, index, number, size, between_blocks=between_blocks))
    return pieces


def _sizes(each: WorkoutSet) -> tuple[float, ...]:
    """Return the size of each rep, in m or s."""
    sizes = each.rep_distances_m or each.rep_durations_s
    if sizes is not None:
        return sizes
    size = each.rep_distance_m if each.rep_basis == "distance" else each.rep_duration_s
    assert size is not None
    return (size,) * each.count


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
    return replace(piece, duration_s=_usual_recovery_s(plan, each, size))


def _usual_recovery_s(plan: Plan, each: WorkoutSet, size: float) -> float:
    """Return the recovery behind a rep of this size where the text names none."""
    rep_s = size if each.rep_basis == "time" else size / _usual_mps(plan, each, size)
    return float(np.clip(round(0.4 * rep_s / 15.0) * 15.0, 30.0, 180.0))


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
