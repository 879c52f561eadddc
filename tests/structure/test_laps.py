"""Laps: which are automatic, which were programmed, and which make a workout."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.records import Activity, Lap, WorkoutStep
from intervaldetect.simulate import Plan, simulate
from intervaldetect.structure.lap_fusion import Efforts, weigh_laps
from intervaldetect.structure.laps import lap_presses, read_laps
from intervaldetect.structure.tiling import Ruler


def lapped(
    lengths: Sequence[tuple[float, float]], *, trigger: str | None = None, stop_s: float = 0.0
) -> tuple[Lap, ...]:
    """Return laps of these metres and speeds, with stops between them."""
    laps, at = [], 0.0
    for metres, speed in lengths:
        laps.append(Lap(at, at + metres / speed, metres, trigger=trigger))
        at += metres / speed + stop_s
    return tuple(laps)


@pytest.mark.parametrize("trigger", [None, "distance", "manual"])
@pytest.mark.parametrize("length", [500.0, 1000.0, 1609.344, 5000.0, 10000.0])
def test_laps_of_one_length_are_automatic(length: float, trigger: str | None) -> None:
    laps = lapped([(length, 3.5), (length * 1.014, 3.4), (length, 3.6), (310.0, 3.0)],
                  trigger=trigger)  # fmt: skip
    assert lap_presses(laps).size == 0


@pytest.mark.parametrize("count", [0, 1])
def test_nobody_pressed_where_there_is_no_second_lap(count: int) -> None:
    assert lap_presses(lapped([(5000.0, 3.5)] * count)).size == 0


@pytest.mark.parametrize("odd", [1016.0, 984.0])
def test_laps_of_another_length_are_pressed(odd: float) -> None:
    assert lap_presses(lapped([(1000.0, 3.5), (odd, 3.4), (1000.0, 3.6), (310.0, 3.0)])).size == 5


@pytest.mark.parametrize(("slow", "presses"), [(0.84, 6), (0.86, 0)])
def test_slower_laps_of_one_length_between_them_are_recoveries(slow: float, presses: int) -> None:
    pattern = [(1000.0, 4.0), (1000.0, 4.0 * slow)] * 2 + [(1000.0, 4.0)]
    assert lap_presses(lapped(pattern, trigger="distance")).size == presses


def test_one_slow_kilometre_is_no_recovery() -> None:
    pattern = [(1000.0, 4.0), (1000.0, 3.0), (1000.0, 4.0), (1000.0, 4.0), (300.0, 4.0)]
    assert lap_presses(lapped(pattern, trigger="distance")).size == 0


def test_endless_laps_of_a_damaged_file_are_pressed() -> None:
    laps = [replace(lap, distance_m=np.inf) for lap in lapped([(1000.0, 3.5)] * 4)]
    with np.errstate(all="raise"):
        assert lap_presses(laps).size == 5


@pytest.mark.parametrize(("stop_s", "pressed"), [(10.0, True), (9.0, False)])
def test_stops_between_laps_of_one_length_are_recoveries(stop_s: float, pressed: bool) -> None:
    laps = lapped([(1000.0, 4.0)] * 4, stop_s=stop_s)
    assert (lap_presses(laps).size > 0) == pressed
    assert lap_presses(lapped([(1000.0, 4.0)] * 2, stop_s=stop_s)).size == 0


@pytest.mark.parametrize("jog_m", [200.0, 400.0])
def test_exact_lengths_that_alternate_with_recoveries_are_programmed(jog_m: float) -> None:
    """A watch ends them by distance, as it does automatic ones; no steps are in the file."""
    run = simulate(Plan(f"6 x 1000 m @ 3:20 ({jog_m:.0f} m jog)", laps="manual"), seed=1)
    activity = run.to_activity()
    laps = tuple(replace(lap, trigger="distance") for lap in activity.laps)
    ruler = Ruler(clean_activity(activity))
    reading = read_laps(replace(activity, laps=laps), run.elapsed_s, ruler.effort_mps)
    assert reading is not None
    assert np.array(reading.efforts) == pytest.approx(np.array(run.truth.reps), abs=3.0)


def easy_with_hand_pressed_laps() -> tuple[Activity, Ruler]:
    """Return easy running whose hand-pressed laps alternate by a little more than chance."""
    run = simulate(Plan("5 x 3:00 @ 4:10/km (3:00 jog)", laps="manual"), seed=1)
    activity = run.to_activity()
    return activity, Ruler(clean_activity(activity))


@pytest.mark.parametrize(("log_odds", "named"), [(-2.9, True), (-3.1, False)])
def test_laps_make_a_workout_only_where_streams_leave_it_open(log_odds: float, named: bool) -> None:
    activity, ruler = easy_with_hand_pressed_laps()
    weighed = weigh_laps(Efforts((), log_odds), activity, ruler)
    assert weighed.named == named
    assert (len(weighed.reps) > 0) == named
    assert weighed.evidence


@pytest.mark.parametrize(("efforts", "named"), [(1, False), (2, True)])
def test_one_step_alone_is_no_workout_where_streams_show_none(efforts: int, named: bool) -> None:
    text = "3:00 @ 4:00/km" if efforts == 1 else f"{efforts} x 3:00 @ 4:00/km (2:00 jog)"
    run = simulate(Plan(text, laps="steps"), seed=1)
    activity = run.to_activity()
    ruler = Ruler(clean_activity(activity))
    assert any(isinstance(step, WorkoutStep) for step in activity.steps)
    assert weigh_laps(Efforts((), -6.0), activity, ruler).named == named


@pytest.mark.parametrize(("first_mps", "count"), [(3.9, 3), (4.1, 4)])
@pytest.mark.parametrize("end", [0, -1])
def test_a_slower_first_or_last_step_without_recovery_is_no_effort(
    end: int, first_mps: float, count: int
) -> None:
    """Reps at 4 m/s in steps of five minutes, recoveries between them, one more beside an end."""
    order = ["active", "active", "rest", "active", "rest", "active"][:: 1 if end == 0 else -1]
    run = simulate(Plan(run_type="easy", duration_s=1800.0), seed=1)
    laps = tuple(Lap(300.0 * k, 300.0 * (k + 1), step=k) for k in range(6))
    steps = tuple(WorkoutStep(index=k, intensity=kind) for k, kind in enumerate(order))
    activity = replace(run.to_activity(), laps=laps, steps=steps)
    speeds = [4.0 if kind == "active" else 2.0 for kind in order]
    speeds[end] = first_mps
    reading = read_laps(activity, 1800.0, lambda a, _: speeds[int(a // 300.0)])
    assert reading is not None
    assert len(reading.efforts) == count


@pytest.mark.parametrize(("length_s", "count"), [(4.9, 2), (5.1, 3)])
def test_a_step_skipped_with_the_button_is_no_effort(length_s: float, count: int) -> None:
    edges = [0.0, 600.0, 900.0, 1200.0, 1500.0, 1500.0 + length_s, 1800.0]
    laps = tuple(Lap(a, b, step=k) for k, (a, b) in enumerate(itertools.pairwise(edges)))
    kinds = ["warmup", "active", "recovery", "active", "active", "cooldown"]
    run = simulate(Plan(run_type="easy", duration_s=1800.0), seed=1)
    steps = tuple(WorkoutStep(index=k, intensity=kind) for k, kind in enumerate(kinds))
    activity = replace(run.to_activity(), laps=laps, steps=steps)
    fast = {k for k, kind in enumerate(kinds) if kind == "active"}
    reading = read_laps(activity, 1800.0, lambda a, _: 4.0 if edges.index(a) in fast else 2.0)
    assert reading is not None
    assert len(reading.efforts) == count


def test_automatic_laps_are_joined_before_they_are_compared() -> None:
    """A hilly run with one press: kilometres that alternate name no reps."""
    speeds = [3.2, 3.6] * 5
    laps = lapped([(1000.0, v) for v in speeds], trigger="distance")
    laps = (*laps[:4], replace(laps[4], trigger="manual"), *laps[5:])
    run = simulate(Plan(run_type="easy", duration_s=3200.0), seed=1)
    activity = replace(run.to_activity(), laps=laps)
    by_lap = {(lap.start_s, lap.end_s): v for lap, v in zip(laps, speeds, strict=True)}
    reading = read_laps(activity, laps[-1].end_s, lambda a, b: by_lap.get((a, b), 3.4))
    assert reading is None
    assert all(a.end_s == b.start_s for a, b in itertools.pairwise(laps))
