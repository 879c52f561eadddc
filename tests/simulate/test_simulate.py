"""Simulated runs: the truth agrees with the plan, and the recording with the truth."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.errors import NotationError, ParameterError
from intervaldetect.notation import parse_workout
from intervaldetect.records import Floats
from intervaldetect.records.channels import CHANNELS, NAMES
from intervaldetect.simulate import Athlete, Plan, SimulatedActivity, simulate
from intervaldetect.simulate.body import cost_of_grade, move
from intervaldetect.simulate.plan import Piece
from intervaldetect.simulate.runs import RUN_TYPES
from tests.effort import examples

WORKOUTS = [
    "6 x 800 m @ 2:10 (3:00 jog)",
    "4 x 6:00 @ 3:15/km (1:00)",
    "25 x 400 m @ 1:08 (0:30 stand)",
    "3 x 10:00 @ 3:35/km (2:00) + 8 x 200 m @ 0:34 (1:00 walk)",
    "2 x (10 x 1:00 @ 3:20/km (1:00)) (4:00)",
    "(400 + 800 + 1200 + 800 + 400 m) @ 3:10/km (1:30)",
    "20 x 0:45 @ 3:00/km (0:15)",
    "8 x 2:00 @ 3:05/km (2:00 float @ 3:25/km)",
    "10 mi @ 3:10/km",
    "5 x 1000 m @ 3:20 (200 m jog)",
    "6 x 3:00 @ 3:20/km (1:00 paused)",
    "10 x 3:00",
]


def true_metres(run: SimulatedActivity, start: float, end: float) -> float:
    ends = np.interp([start, end], run.motion.time_s, run.motion.distance_m)
    return float(ends[1] - ends[0])


@pytest.mark.parametrize("workout", WORKOUTS)
def test_the_truth_is_the_plan_carried_out(workout: str) -> None:
    run = simulate(Plan(workout), seed=3)
    sets = parse_workout(workout)
    assert run.truth.sets == sets
    assert run.truth.structured is True
    reps = [each for each in run.truth.segments if each.role == "rep"]
    assert [(each.start_s, each.end_s) for each in reps] == list(run.truth.reps)
    position = 0
    for number, each in enumerate(sets, start=1):
        scalar = each.rep_distance_m if each.rep_basis == "distance" else each.rep_duration_s
        sizes = each.rep_distances_m or each.rep_durations_s or (scalar,) * each.count
        for rep, size in enumerate(sizes, start=1):
            found = reps[position]
            assert (found.set, found.rep) == (number, rep)
            if each.rep_basis == "time":
                assert found.end_s - found.start_s == pytest.approx(size, abs=1e-6)
            else:
                assert true_metres(run, found.start_s, found.end_s) == pytest.approx(size, abs=0.3)
            position += 1
    assert position == len(reps)
    assert len(run.truth.recoveries) == sum(each.count - 1 for each in sets)


@pytest.mark.parametrize("workout", [text for text in WORKOUTS if "@" in text])
def test_paces_are_met(workout: str) -> None:
    run = simulate(Plan(workout), seed=4)
    index = 0
    assert any(each.rep_speed_mps for each in run.truth.sets)
    for each in run.truth.sets:
        spans = run.truth.reps[index : index + each.count]
        index += each.count
        if each.rep_speed_mps is None:
            continue
        speeds = [true_metres(run, a, b) / (b - a) for a, b in spans]
        assert np.mean(speeds) == pytest.approx(each.rep_speed_mps, rel=0.008)


@pytest.mark.parametrize("workout", [None, *WORKOUTS])
def test_segments_tile_the_activity(workout: str | None) -> None:
    plan = Plan(workout, strides=3) if workout else Plan(run_type="fartlek")
    run = simulate(replace(plan, timer_pauses=1), seed=5)
    edges = [each.start_s for each in run.truth.segments]
    assert edges[0] == 0.0
    assert [each.end_s for each in run.truth.segments] == [*edges[1:], run.elapsed_s]
    assert all(each.end_s > each.start_s for each in run.truth.segments)


@pytest.mark.parametrize("run_type", sorted(RUN_TYPES))
def test_runs_without_reps(run_type: str) -> None:
    run = simulate(Plan(run_type=run_type), seed=6)  # type: ignore[arg-type]
    assert run.truth.text is None
    assert run.truth.sets == ()
    assert run.truth.kind is not None
    assert bool(run.truth.reps) == (run_type == "fartlek")
    assert run.truth.structured is (None if run_type == "fartlek" else False)
    assert bool(run.truth.strides) == (run_type == "strides")
    assert run.elapsed_s >= 1800.0


def test_columns_are_what_a_reader_may_deliver() -> None:
    for plan in (Plan(WORKOUTS[0], power=True), Plan(run_type="trail", terrain="trail")):
        run = simulate(plan, seed=7, noise="high")
        assert tuple(run.columns) == NAMES
        for channel in CHANNELS:
            values = run.columns[channel.name]
            assert values.size == run.columns["time"].size
            known = values[np.isfinite(values)]
            assert ((known >= channel.low) & (known <= channel.high)).all(), channel.name
        assert (np.diff(run.columns["time"]) > 0).all()
        assert (np.diff(run.columns["distance"]) >= 0).all()


def half_way(values: Floats, low: float, high: float) -> float:
    """Index, between samples, at which a step first passes its middle."""
    level = (values - low) / (high - low)
    after = int(np.argmax(level > 0.5))
    return after - (level[after] - 0.5) / (level[after] - level[after - 1])


def lags(run: SimulatedActivity, values: Floats, offset: float) -> tuple[float, float]:
    """Median lag in s behind the true starts and ends of reps; values stand ``offset`` late."""
    starts, ends = [], []
    for a, b in run.truth.reps:
        first, last = round(a), round(b)
        rep = float(np.median(values[first + 15 : last - 5]))
        before, after = values[first - 25 : first + 15], values[last - 15 : last + 30]
        slow_before, slow_after = float(np.median(before[:12])), float(np.median(after[-12:]))
        starts.append(first - 25 + half_way(before, slow_before, rep) + offset - a)
        ends.append(last - 15 + half_way(-after, -rep, -slow_after) + offset - b)
    return float(np.median(starts)), float(np.median(ends))


def test_the_device_lags_as_real_ones_do() -> None:
    run = simulate(Plan("12 x 2:00 @ 3:10/km (1:30 jog)"), seed=8, noise="low")
    start, end = lags(run, run.columns["speed"], 0.0)
    assert start == pytest.approx(4.0, abs=0.7)
    assert end == pytest.approx(6.0, abs=0.9)
    start, end = lags(run, np.diff(run.columns["distance"]), 0.5)
    assert start == pytest.approx(0.0, abs=0.7)
    assert end == pytest.approx(2.6, abs=0.7)


def test_heart_rate_rises_late_peaks_after_the_end_and_falls_slowly() -> None:
    run = simulate(Plan("6 x 4:00 @ 3:05/km (4:00 jog)"), seed=9, noise="none")
    beats = run.columns["heart_rate"]
    assert len(run.truth.reps) == 6
    for start, end in run.truth.reps[1:-1]:  # behind the last comes the cool-down
        a, b = round(start), round(end)
        low, high = beats[a], beats[b]
        assert high - low > 25.0
        assert beats[a + 5] - low < 0.1 * (high - low)
        reached = a + int(np.argmax(beats[a:b] >= low + 0.63 * (high - low)))
        assert reached - a == pytest.approx(41.0, abs=8.0)
        assert beats[b + 1] >= beats[b - 20 : b + 20].max() - 1.0
        assert 0.3 < (beats[b + 5] - beats[b + 65]) / (high - low) < 0.65


def test_harder_reps_end_at_a_higher_heart_rate() -> None:
    ends = []
    for pace in ("3:40", "3:20", "3:05", "2:55"):
        run = simulate(Plan(f"5 x 5:00 @ {pace}/km (1:00 jog)"), seed=10)
        ends.append(run.columns["heart_rate"][round(run.truth.reps[-1][1])])
    assert ends == sorted(ends)
    assert ends[-1] <= Athlete().max_hr_bpm


def test_heat_raises_the_heart_rate() -> None:
    cool, hot = (
        simulate(Plan(run_type="easy", temperature_c=degrees), seed=11).columns["heart_rate"]
        for degrees in (12.0, 32.0)
    )
    assert hot[-600:].mean() > cool[-600:].mean() + 2.0


def test_more_noise_is_more_noise() -> None:
    def jitter(noise: str) -> float:
        run = simulate(Plan("20:00 @ 3:30/km", warmup_s=0.0), seed=12, noise=noise)  # type: ignore[arg-type]
        pieces = np.diff(run.columns["distance"])[30:1100]
        return float(np.std(np.diff(pieces)))

    levels = [jitter(noise) for noise in ("none", "low", "typical", "high")]
    assert levels == sorted(levels)
    assert levels[0] < 0.02
    assert 0.2 < levels[2] < 0.5  # real files: 0.25 to 0.7 between the 10th and 90th percentile


def test_a_watch_paused_in_recoveries_leaves_holes() -> None:
    run = simulate(Plan("5 x 2:00 @ 3:10/km (1:30)", pause_recoveries=True), seed=13)
    time, distance = run.columns["time"], run.columns["distance"]
    assert len(run.pauses) == 4
    for pause, recovery in zip(run.pauses, run.truth.recoveries, strict=True):
        assert pause.start_s == round(recovery[0])
        assert pause.end_s == round(recovery[1])
        assert not ((time > pause.start_s) & (time < pause.end_s)).any()
        assert pause.start_s in time
        assert pause.end_s in time
        before, after = np.interp([pause.start_s, pause.end_s], time, distance)
        assert after - before < 15.0
    assert run.timer_s == pytest.approx(run.elapsed_s - 4 * 90.0)


def test_smart_recording_steps_two_to_eight_seconds() -> None:
    run = simulate(Plan(run_type="easy", recording="smart"), seed=14)
    steps = np.diff(run.columns["time"])
    assert set(steps.tolist()) <= set(range(1, 9))
    assert 3.0 < steps.mean() < 5.5


@pytest.mark.parametrize("laps", ["manual", "steps"])
def test_presses_fall_on_the_true_edges(laps: str) -> None:
    plan = Plan("6 x 800 m @ 2:10 (3:00 jog)", laps=laps, strides=2)  # type: ignore[arg-type]
    run = simulate(plan, seed=15)
    presses = [lap.start_s for lap in run.laps]
    for start, end in run.truth.reps:
        assert min(abs(start - press) for press in presses) <= 2.0
        assert min(abs(end - press) for press in presses) <= 2.0
    assert [lap.end_s for lap in run.laps] == [*presses[1:], run.elapsed_s]
    assert len(run.laps) == 1 + 2 * 6
    if laps == "steps":
        reps = [lap for lap in run.laps if lap.intensity == "active"]
        assert len(reps) == 6
        assert {lap.step for lap in reps} == {1}
        assert run.steps[3].duration_type == "repeat_until_steps_cmplt"
        assert run.steps[3].target_value == 6.0


@pytest.mark.parametrize(("laps", "metres"), [("auto_km", 1000.0), ("auto_mile", 1609.344)])
def test_auto_laps_come_by_distance(laps: str, metres: float) -> None:
    run = simulate(Plan(WORKOUTS[0], laps=laps), seed=16)  # type: ignore[arg-type]
    assert len(run.laps) == int(run.columns["distance"][-1] // metres) + 1
    assert [lap.trigger for lap in run.laps] == ["distance"] * (len(run.laps) - 1) + ["session_end"]
    for lap in run.laps[:-1]:
        assert lap.distance_m == pytest.approx(metres, abs=8.0)


def test_hill_reps_are_slow_and_hard() -> None:
    run = simulate(Plan("10 x 1:00 (1:30 jog)", hill_grade=0.08), seed=17)
    altitude = run.motion.altitude_m
    time = run.motion.time_s
    for start, end in run.truth.reps:
        low, high = np.interp([start, end], time, altitude)
        assert high - low == pytest.approx(0.08 * true_metres(run, start, end), rel=0.1)
        assert true_metres(run, start, end) / (end - start) < 0.85 * 5.4
    flat = simulate(Plan("10 x 1:00 (1:30 jog)"), seed=17)
    last = round(run.truth.reps[-1][1])
    assert abs(run.columns["heart_rate"][last] - flat.columns["heart_rate"][last]) < 6.0


def test_the_cost_of_grade_is_minettis() -> None:
    assert cost_of_grade(0.0) == 1.0
    assert cost_of_grade(0.45) == pytest.approx(18.93 / 3.6, rel=0.03)  # measured, not fitted
    assert min(np.linspace(-0.4, 0.4, 81), key=cost_of_grade) == pytest.approx(-0.2, abs=0.03)


def test_a_track_repeats_itself_every_400_m() -> None:
    plan = Plan("5 x 1000 m @ 3:20 (1:00)", terrain="track")
    run = simulate(plan, seed=18, noise="none")
    gone = np.interp(run.columns["time"], run.motion.time_s, run.motion.distance_m)
    lap = np.flatnonzero((gone > 1200.0) & (gone < 1600.0))
    later = np.interp(gone[lap] + 400.0, gone, run.columns["latitude"])
    np.testing.assert_allclose(later, run.columns["latitude"][lap], atol=1e-5)


def test_a_treadmill_has_no_position_and_no_altitude() -> None:
    run = simulate(Plan(run_type="easy", terrain="treadmill"), seed=19)
    for name in ("latitude", "longitude", "altitude"):
        assert np.isnan(run.columns[name]).all()
    assert run.columns["distance"][-1] > 5000.0
    assert run.sub_sport == "treadmill"


def test_stops_at_lights_are_stand_still_and_no_reps() -> None:
    run = simulate(Plan(run_type="easy", traffic_lights=True), seed=20)
    pieces = np.diff(run.columns["distance"])
    assert (pieces[60:] < 0.3).sum() > 20
    assert run.truth.reps == ()


@settings(max_examples=examples(15), deadline=None)
@given(seed=st.integers(0, 2**31), workout=st.sampled_from(WORKOUTS))
def test_equal_seeds_equal_bits(seed: int, workout: str) -> None:
    plan = Plan(workout, timer_pauses=1, recording="smart")
    first, second, other = (simulate(plan, seed=each) for each in (seed, seed, seed + 1))
    assert first.truth == second.truth
    for name in NAMES:
        np.testing.assert_array_equal(first.columns[name], second.columns[name])
    assert first.truth.reps != other.truth.reps or not np.array_equal(
        first.columns["distance"], other.columns["distance"]
    )


def test_the_record_for_the_stages_is_complete() -> None:
    run = simulate(Plan(WORKOUTS[0], timer_pauses=1, laps="manual"), seed=21)
    activity = run.to_activity()
    assert tuple(activity.columns) == NAMES
    assert len(activity) == run.columns["time"].size
    assert activity.laps == run.laps
    assert activity.pauses == run.pauses
    assert activity.session.timer_s == run.timer_s
    assert run.to_activity().sha256 == activity.sha256


def test_the_truth_row_names_the_main_set() -> None:
    run = simulate(Plan(WORKOUTS[3], strides=2, kind="mixed", label="threshold"), seed=22)
    row = run.truth.to_row("x.fit", "ann")
    assert row["main_count"] == 8
    assert row["main_reps"] == [3, 4, 5, 6, 7, 8, 9, 10]
    assert len(row["reps"]) == 11
    assert len(row["ignore"]) == 2
    assert (row["kind"], row["label"], row["structured"]) == ("mixed", "threshold", True)
    assert row["workout"] == WORKOUTS[3]


def test_bad_plans_are_refused() -> None:
    with pytest.raises(ParameterError, match="a workout text"):
        simulate(Plan(), seed=1)
    with pytest.raises(ParameterError, match="typical"):
        simulate(Plan(WORKOUTS[0]), seed=1, noise="loud")  # type: ignore[arg-type]
    with pytest.raises(NotationError, match="banana"):
        simulate(Plan("6 x banana"), seed=1)
    with pytest.raises(ParameterError, match="a duration or a distance"):
        move([Piece("rep", 4.0)], "flat", np.random.default_rng(1), wander=1.0)
