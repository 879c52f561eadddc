"""Sessions drawn by number, with values on both sides of the bars that athlete/ and label/ set.

Only `random.random` is used, which gives the same numbers with every Python.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from intervaldetect.records import RepEvidence, SessionEvidence
from intervaldetect.session_features import (
    BEST_DISTANCES_M,
    HR_DURATIONS_S,
    SPEED_DURATIONS_S,
)
from tests.label.made import DAY, MAX_BPM, T_MPS, session

LENGTHS_S = (
    20.0, 25.0, 30.0, 39.5, 40.0, 45.0, 50.0, 55.0, 59.5, 60.0, 79.5, 80.0, 90.0, 120.0, 180.0,
    180.0, 240.0, 240.0, 300.0, 300.0, 360.0, 360.0, 480.0, 600.0, 900.0, 1200.0, 1500.0, 2400.0,
)  # fmt: skip
RESTS = (0.1, 0.2, 0.33, 0.5, 0.55, 0.6, 0.65, 0.7, 0.9, 1.0, 1.05, 1.2, 1.5, 3.0)
WHOLE_S = (
    480.0,
    599.0,
    600.0,
    720.0,
    900.0,
    1500.0,
    2400.0,
    2700.0,
    3600.0,
    5399.0,
    5400.0,
    8000.0,
)
RACES_M = (3000.0, 5000.0, 5080.0, 8046.7, 10000.0, 10210.0, 15000.0, 21097.5)


class Draw:
    """A source of choices."""

    def __init__(self, number: int) -> None:
        self.random = random.Random(number).random

    def of(self, values: Sequence[Any]) -> Any:
        return values[int(self.random() * len(values))]

    def within(self, low: float, high: float) -> float:
        return low + (high - low) * self.random()

    def maybe(self, share: float, value: Any) -> Any:
        return value if self.random() < share else None


def reps(draw: Draw, number: int, begin_s: float) -> list[RepEvidence]:
    """Draw a set of reps: alike, or uneven as a fartlek."""
    length = draw.of(LENGTHS_S)
    count = draw.of((1, 2, 3, 4, 5, 6, 8, 10, 20) if length < 500.0 else (1, 1, 2, 3))
    rest = draw.of(RESTS) * length
    share, rate = draw.within(0.85, 1.25), draw.within(0.6, 0.98)
    with_rate, with_speed = draw.random() < 0.85, draw.random() < 0.95
    rise, grade = draw.of((-3.0, 0.0, 8.0, 25.0, None)), draw.of((None, 0.0, 0.0, 0.02, 0.03, 0.06))
    uneven = draw.of((0.0, 0.0, 0.1, 0.5))
    found = []
    for k in range(count):
        took = length * (1.0 + uneven * draw.within(-1.0, 1.0))
        end = (rate + 0.002 * k) * MAX_BPM if with_rate else None
        found.append(
            RepEvidence(
                number, begin_s, took,
                (rest * (1.0 + uneven * draw.within(-1.0, 1.0))) if k + 1 < count else None,
                share * T_MPS * draw.within(0.985, 1.015) if with_speed else None,
                end - rise if end is not None and rise is not None else None, end, grade,
            )
        )  # fmt: skip
        begin_s += took + rest
    return found


def drawn(number: int) -> SessionEvidence:
    """Draw a session: with reps, evenly over the distance of a race, or any other run."""
    draw = Draw(number)
    kind = draw.of(("reps", "reps", "reps", "race", "run"))
    work: list[RepEvidence] = []
    if kind == "reps":
        for of_set in range(draw.of((1, 1, 1, 2, 3))):
            work += reps(draw, of_set + 1, 900.0 + sum(rep.duration_s * 2.0 for rep in work))
    moving = draw.of(WHOLE_S)
    typical = draw.within(0.65, 1.02) * T_MPS
    if kind == "race":
        metres = draw.of(RACES_M)
        typical = draw.within(0.9, 1.12) * T_MPS
        moving = metres / typical
    if draw.random() < 0.15 and kind != "race":  # one long rep, a race or none
        took = draw.of(RACES_M[:5]) / (draw.within(0.9, 1.1) * T_MPS)
        work = [replace(one, duration_s=took) for one in reps(draw, 1, 900.0)[:1]]
    moving = max(moving, sum(rep.duration_s for rep in work) * draw.of((1.0, 1.17, 1.2, 1.6)))
    fastest = max([typical, *(rep.speed_mps or 0.0 for rep in work)])
    curve = tuple(
        max(typical, fastest * (1.0 - 0.02 * k)) * draw.within(0.99, 1.01) if s <= moving else None
        for k, s in enumerate(SPEED_DURATIONS_S)
    )
    rate = draw.within(0.66, 0.95) * MAX_BPM
    heart = draw.random() < 0.85
    rates = tuple(
        rate + 12.0 - 3.0 * k if heart and s <= moving else None
        for k, s in enumerate(HR_DURATIONS_S)
    )
    bests = tuple(
        draw.maybe(0.8, metres / (fastest * draw.within(0.93, 1.12))) if moving > 1500.0 else None
        for metres in BEST_DISTANCES_M
    )
    if draw.random() < 0.05:  # a ride home with the watch running
        bests, curve = (30.0, 90.0, 131.0, 210.0, *bests[4:]), (9.0, 8.0, 7.5, 7.0, *curve[4:])
    return session(
        work,
        elapsed_s=moving * draw.of((1.0, 1.0, 1.1, 1.4)),
        moving_s=moving,
        speed_curve_mps=curve,
        hr_curve_bpm=rates,
        best_times_s=bests,
        steady=tuple(
            (typical * (0.95 + 0.05 * k), (rate - 5.0 + 5.0 * k), 300.0 + 900.0 * k)
            for k in range(draw.of((0, 1, 2)) if heart else 0)
        ),
        typical_speed_mps=draw.maybe(0.95, typical),
        easy_speed_mps=draw.maybe(0.8, draw.within(0.6, 0.95) * T_MPS),
        median_hr_bpm=rate if heart else None,
        peak_hr_bpm=rate + draw.of((10.0, 14.0, 17.0, 30.0)) if heart else None,
        speed_spread=draw.of((None, 0.02, 0.05, 0.07, 0.075, 0.08, 0.2)),
        speed_trend=draw.of((None, -0.05, 0.0, 0.05, 0.06, 0.1)),
        hr_drift=draw.of((None, -0.02, 0.0, 0.04, 0.1)),
        strides=draw.of((0, 0, 0, 4)),
        shape=draw.of(
            ("intervals", "intervals", "fartlek", "strides") if work
            else ("steady", "steady", "steady", "progression", "strides")
        ),
        structured_probability=draw.of((0.3, 0.5, 0.64, 0.65, 0.7, 0.9, 0.95, 0.99, 0.99, 0.99))
        if work else draw.of((0.02, 0.1, 0.4)),
        log_odds=draw.within(-6.0, 6.0),
        claimed=draw.random() < 0.6 and bool(work),
        sport=draw.of(("running",) * 14 + ("cycling", None)),
        treadmill=draw.random() < 0.08,
        climb_share=draw.of((0.0, 0.0, 0.01, 0.03, 0.05)),
        walk_share=draw.of((0.0, 0.0, 0.0, 0.0, 0.1, 0.15, 0.5, 0.9, 0.95)),
        temperature_c=draw.of((None, 8.0, 15.0, 24.5, 25.0, 31.0)),
        doubts=draw.of(((), (), (), (), ("no heart rate",), ("positions",))),
    )  # fmt: skip


def history(number: int, count: int) -> list[SessionEvidence]:
    """Draw sessions of one athlete, who is faster by 8 % in the last third."""
    draw, day, found = Draw(10_000 + number), 0.0, []
    for k in range(count):
        day += draw.of((0.3, 1.0, 1.0, 2.0, 3.0, 6.0, 40.0 if k % 9 == 8 else 2.0))
        one = drawn(1000 * (number + 1) + k)
        if k > 2 * count // 3:
            one = faster(one, 1.08)
        found.append(replace(one, start_time=DAY + timedelta(days=day)))
    return found


def faster(one: SessionEvidence, by: float) -> SessionEvidence:
    """Give the same run at the same heart rate, faster."""
    return replace(
        one,
        reps=tuple(
            replace(rep, speed_mps=rep.speed_mps and rep.speed_mps * by) for rep in one.reps
        ),
        speed_curve_mps=tuple(speed and speed * by for speed in one.speed_curve_mps),
        steady=tuple((speed * by, rate, seconds) for speed, rate, seconds in one.steady),
        typical_speed_mps=one.typical_speed_mps and one.typical_speed_mps * by,
        easy_speed_mps=one.easy_speed_mps and one.easy_speed_mps * by,
    )
