"""Runs without planned reps: the sessions in which nothing is to be found."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.records import Kind, Label
from intervaldetect.simulate.plan import Piece, Plan, RunType

# Kind, label and usual length in seconds of each run type.
RUN_TYPES: dict[RunType, tuple[Kind, Label | None, float]] = {
    "recovery": ("recovery", "easy", 2100.0),
    "easy": ("easy", "easy", 3000.0),
    "long": ("long", "easy", 6300.0),
    "steady": ("steady", None, 3000.0),
    "progression": ("progression", None, 3300.0),
    "strides": ("strides", "easy", 2700.0),
    "hilly": ("easy", "easy", 3600.0),
    "trail": ("easy", "easy", 4500.0),
    "stop_and_go": ("easy", "easy", 3000.0),
    "fartlek": ("fartlek", None, 2400.0),
    "race": ("race", None, 2100.0),
}


def run_pieces(plan: Plan, random: np.random.Generator) -> list[Piece]:
    """Lay out a run without planned reps."""
    total = plan.duration_s or RUN_TYPES[plan.run_type][2]
    easy, threshold = plan.easy_mps, plan.athlete.threshold_speed_mps
    if plan.run_type == "recovery":
        return [Piece("steady", 0.9 * easy, duration_s=total)]
    if plan.run_type == "steady":
        start = Piece("warmup", 0.92 * easy, duration_s=300.0, end_speed_mps=0.86 * threshold)
        return [start, Piece("steady", 0.88 * threshold, duration_s=total - 300.0)]
    if plan.run_type == "progression":
        return _progression(total, easy, threshold, random)
    if plan.run_type == "strides":
        count = plan.strides or 6
        run = Piece("steady", 0.94 * easy, duration_s=total, end_speed_mps=1.02 * easy)
        end = Piece("cooldown", 0.95 * easy, duration_s=300.0)
        return [run, *stride_pieces(plan, count), end]
    if plan.run_type == "stop_and_go":
        return _stop_and_go(total, easy, random)
    if plan.run_type == "fartlek":
        return _fartlek(plan, total, random)
    if plan.run_type == "race":
        race = Piece("steady", 1.03 * threshold, duration_s=total, end_speed_mps=1.01 * threshold)
        finish = Piece("steady", 1.12 * threshold, duration_s=40.0)
        stop = Piece("other", 0.6, duration_s=45.0, on_foot=True)
        return [race, finish, stop]
    first = Piece("steady", 0.92 * easy, duration_s=0.4 * total, end_speed_mps=easy)
    return [
        first,
        replace(first, speed_mps=easy, duration_s=0.6 * total, end_speed_mps=1.03 * easy),
    ]


def _progression(
    total: float, easy: float, threshold: float, random: np.random.Generator
) -> list[Piece]:
    if random.random() < 0.5:  # one steady wind-up, or gear by gear
        last = 0.98 * threshold
        first = Piece("steady", 0.93 * easy, duration_s=0.35 * total, end_speed_mps=1.02 * easy)
        return [first, Piece("steady", 1.02 * easy, duration_s=0.65 * total, end_speed_mps=last)]
    gears = np.linspace(0.95 * easy, 0.98 * threshold, 5)
    return [Piece("steady", float(gear), duration_s=total / 5.0) for gear in gears]


def _stop_and_go(total: float, easy: float, random: np.random.Generator) -> list[Piece]:
    """City running: short pieces of uneven length, stops, and walking across junctions."""
    pieces: list[Piece] = []
    passed = 0.0
    while passed < total:
        run_s = float(random.uniform(50.0, 330.0))
        speed = easy * float(random.uniform(0.93, 1.07))
        pieces.append(Piece("steady", speed, duration_s=run_s))
        stop_s = float(random.uniform(6.0, 50.0))
        pieces.append(
            Piece("steady", float(random.choice([0.0, 0.0, 1.2])), duration_s=stop_s, on_foot=True)
        )
        passed += run_s + stop_s
    pieces.append(Piece("steady", easy, duration_s=120.0))
    return pieces


def _fartlek(plan: Plan, total: float, random: np.random.Generator) -> list[Piece]:
    """Efforts of uneven length and pace, each with an easy stretch behind it."""
    threshold = plan.athlete.threshold_speed_mps
    pieces = [Piece("warmup", plan.easy_mps, duration_s=plan.warmup_s)]
    passed, number = 0.0, 0
    while passed < total:
        number += 1
        effort_s = float(random.choice([30.0, 45.0, 60.0, 90.0, 120.0, 180.0]))
        effort_s += float(random.uniform(-8.0, 8.0))
        speed = threshold * float(random.uniform(0.99, 1.14)) * (1.0 + 6.0 / effort_s * 0.2)
        pieces.append(Piece("rep", speed, duration_s=effort_s, set=1, rep=number))
        easy_s = float(random.uniform(40.0, 150.0))
        pieces.append(Piece("recovery", 0.9 * plan.easy_mps, duration_s=easy_s, set=1, rep=number))
        passed += effort_s + easy_s
    pieces[-1] = Piece("cooldown", 0.95 * plan.easy_mps, duration_s=max(plan.cooldown_s, 60.0))
    return pieces


def stride_pieces(plan: Plan, count: int) -> list[Piece]:
    """Lay out strides: 20 s fast, 50 s slow jog or walk."""
    fast = Piece("stride", 1.18 * plan.athlete.threshold_speed_mps, duration_s=20.0)
    slow = Piece("other", 0.55 * plan.easy_mps, duration_s=50.0, on_foot=True)
    return [fast, slow] * count
