"""What an activity says about itself is kept to what its samples allow."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean.borders import within_borders
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.records import Activity, Lap, Pause, Session, WorkoutStep
from intervaldetect.simulate import Plan, simulate
from tests.clean.build import activity
from tests.output.faults import faults

WHOLE_S = 600.0
STEPS = (WorkoutStep(0, intensity="active"), WorkoutStep(1, intensity="rest"))


def recording(*laps: tuple[float, float], **fields: object) -> Activity:
    time = np.arange(WHOLE_S + 1.0)
    made = tuple(Lap(start, end) for start, end in laps)
    return replace(activity(time, distance=3.0 * time), laps=made, **fields)  # type: ignore[arg-type]


def spans(found: Activity) -> list[tuple[float, float]]:
    return [(lap.start_s, lap.end_s) for lap in found.laps]


def codes(found: Activity) -> dict[str, int]:
    return {problem.code: problem.count for problem in found.problems}


def test_laps_that_fit_stay_as_they_are() -> None:
    sound = recording((0.0, 200.0), (200.0, 400.7), (400.0, 600.9))
    found = within_borders(sound)
    assert found.laps == sound.laps
    assert found.problems == ()


@pytest.mark.parametrize(
    ("laps", "kept", "told"),
    [
        ([(-18.0, 100.0), (100.0, 300.0)], [(0.0, 100.0), (100.0, 300.0)], {"laps_clipped": 1}),
        ([(0.0, 250.0), (200.0, 400.0)], [(0.0, 200.0), (200.0, 400.0)], {"laps_clipped": 1}),
        ([(300.0, 700.0)], [(300.0, 600.0)], {"laps_clipped": 1}),
        ([(300.0, 400.0), (0.0, 300.0)], [(0.0, 300.0), (300.0, 400.0)], {}),
        ([(700.0, 800.0), (-50.0, -20.0), (0.0, 9.0)], [(0.0, 9.0)], {"laps_left_out": 2}),
        ([(math.nan, 5.0), (5.0, math.inf), (9.0, 5.0)], [], {"laps_left_out": 3}),
        ([(100.0, 600.0), (100.0, 200.0)], [(100.0, 200.0)], {"laps_left_out": 1}),
    ],
)
def test_laps_are_in_order_disjoint_and_within(
    laps: list[tuple[float, float]], kept: list[tuple[float, float]], told: dict[str, int]
) -> None:
    found = within_borders(recording(*laps))
    assert spans(found) == kept
    assert codes(found) == told


def test_pauses_that_overlap_are_one() -> None:
    pauses = (
        Pause(100.0, 160.0), Pause(40.0, 60.0), Pause(150.0, 170.0), Pause(-9.0, 5.0),
        Pause(590.0, 900.0), Pause(math.nan, 4.0), Pause(300.0, 200.0), Pause(50.0, 50.0),
    )  # fmt: skip
    found = within_borders(recording(pauses=pauses)).pauses
    assert found == (
        Pause(0.0, 5.0), Pause(40.0, 60.0), Pause(100.0, 170.0), Pause(590.0, 600.0),
    )  # fmt: skip


def test_pauses_that_are_none_leave_none() -> None:
    assert within_borders(recording(pauses=(Pause(math.nan, 4.0), Pause(9.0, 5.0)))).pauses == ()


@pytest.mark.parametrize("wrong", [math.nan, math.inf, -1.0, 42949672.95])
def test_totals_that_no_activity_has_are_not_used(wrong: float) -> None:
    found = within_borders(recording(session=Session(timer_s=500.0, distance_m=wrong)))
    assert found.session == Session(timer_s=500.0)
    assert codes(found) == {"total_out_of_range": 1}


def session() -> Activity:
    plan = Plan("4 x 400 m @ 1:20 (1:00 jog)", warmup_s=200.0, cooldown_s=120.0, laps="steps")
    return simulate(plan, seed=11).to_activity()


@pytest.mark.parametrize("by_s", [-18.0, 18.0, -3600.0])
def test_laps_before_the_first_record_leave_no_segment_there(by_s: float) -> None:
    run = session()
    moved = tuple(
        replace(lap, start_s=lap.start_s + by_s, end_s=lap.end_s + by_s) for lap in run.laps
    )
    assert faults(to_dict(analyse(replace(run, laps=moved)))) == ()


def test_steps_that_overlap_make_no_reps_that_do() -> None:
    """Of steps in twos, each lap runs over the next: a negative recovery was a math error."""
    run = session()
    laps = tuple(
        replace(lap, end_s=lap.end_s + 40.0, step=(k + 1) % 2) for k, lap in enumerate(run.laps)
    )
    found = analyse(replace(run, laps=laps, steps=STEPS))
    assert found.workout.laps_used == "steps"
    assert faults(to_dict(found)) == ()


def test_laps_in_any_order_give_the_same() -> None:
    run = session()
    shuffled = replace(run, laps=run.laps[3:] + run.laps[2::-1])
    assert analyse(shuffled).workout == analyse(run).workout
