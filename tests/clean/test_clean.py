"""Cleaning: each source of speed, each repair, and what holds for any input."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.clean import clean_activity, cost_ratio
from intervaldetect.errors import MissingChannel, TooShort
from intervaldetect.records import Activity, Signal
from tests.clean.build import activity, northwards, stretches
from tests.effort import examples


def codes(signal: Signal) -> dict[str, int]:
    return {problem.code: problem.count for problem in signal.problems}


def between(signal: Signal, start: float, end: float) -> slice:
    return slice(*np.searchsorted(signal.time_s, (start, end)).tolist())


# --- sources of speed -------------------------------------------------------------------------


def test_distance_comes_first() -> None:
    time, distance = stretches((60.0, 3.0), (60.0, 5.0))
    signal = clean_activity(activity(time, distance=distance, speed=9.0, latitude=60.0))
    assert signal.speed_source == "distance"
    assert signal.speed_mps[:60] == pytest.approx(3.0)
    assert signal.speed_mps[60:] == pytest.approx(5.0)
    assert signal.distance_m[-1] == pytest.approx(480.0)
    assert codes(signal) == {}


def test_the_speed_field_is_second() -> None:
    time, _ = stretches((120.0, 3.0))
    signal = clean_activity(activity(time, speed=np.where(time > 60, 4.0, 3.0)))
    assert signal.speed_source == "speed"
    # A device's speed at a sample tells of the interval before it.
    assert signal.speed_mps[59] == 3.0
    assert signal.speed_mps[60] == 4.0
    assert codes(signal) == {"speed_source": 1}


def test_positions_are_third() -> None:
    time, distance = stretches((60.0, 3.0), (60.0, 5.0))
    signal = clean_activity(activity(time, latitude=northwards(distance), longitude=10.7))
    assert signal.speed_source == "position"
    assert signal.speed_mps[:60] == pytest.approx(3.0, rel=1e-6)
    assert signal.distance_m[-1] == pytest.approx(480.0, rel=1e-6)
    assert codes(signal) == {"speed_source": 1}


def test_rounded_positions_are_told() -> None:
    time, distance = stretches((200.0, 3.0), (200.0, 4.0))
    latitude = northwards(distance)
    signal = clean_activity(activity(time, latitude=latitude.round(4), longitude=10.7))
    assert codes(signal) == {"speed_source": 1, "position_rounded": time.size}
    assert signal.distance_m[-1] == pytest.approx(distance[-1], rel=0.02)
    assert np.nanmax(signal.speed_mps) < 6.0


@pytest.mark.parametrize("known", ["a tenth", "standing still"])
def test_a_source_that_is_mostly_missing_gives_way(known: str) -> None:
    time, distance = stretches((300.0, 3.0))
    partial = np.where(time < 30, distance, np.nan) if known == "a tenth" else 0.0 * distance
    signal = clean_activity(activity(time, distance=partial, speed=3.0))
    assert signal.speed_source == "speed"
    assert np.isfinite(signal.speed_mps).all()


def test_later_sources_lag_more() -> None:
    time, distance = stretches((120.0, 3.0))
    by_distance = clean_activity(activity(time, distance=distance))
    by_speed = clean_activity(activity(time, speed=3.0))
    assert by_distance.start_lag_s < by_speed.start_lag_s
    assert by_distance.end_lag_s < by_speed.end_lag_s


def test_heart_rate_alone_is_kept() -> None:
    time = np.arange(120.0)
    signal = clean_activity(activity(time, heart_rate=140.0))
    assert signal.speed_source is None
    assert np.isnan(signal.speed_mps).all()
    assert not signal.valid.any()
    assert (signal.heart_rate_bpm == 140.0).all()


@pytest.mark.parametrize("channel", [None, "temperature", "altitude"])
def test_nothing_to_go_by(channel: str | None) -> None:
    columns: dict[str, Any] = {channel: 10.0} if channel else {}
    with pytest.raises(MissingChannel, match="speed"):
        clean_activity(activity(np.arange(120.0), **columns))


@pytest.mark.parametrize("size", [0, 1, 5])
def test_too_short(size: int) -> None:
    with pytest.raises(TooShort):
        clean_activity(activity(np.arange(float(size)), speed=3.0))


def test_many_samples_at_few_moments_are_too_short() -> None:
    with pytest.raises(TooShort):
        clean_activity(activity(np.repeat(np.arange(5.0), 50), speed=3.0))


# --- repairs ----------------------------------------------------------------------------------


def test_samples_with_one_time_stamp_are_merged() -> None:
    time = np.array([0, 1, 1, 1, *range(2, 20)], dtype=float)
    distance = 3.0 * time
    distance[3] = np.nan
    beats = np.full(time.size, 140.0)
    beats[1:4] = (150.0, np.nan, 160.0)
    signal = clean_activity(activity(time, distance=distance, heart_rate=beats))
    assert codes(signal) == {"same_time": 2}
    assert (signal.time_s == np.arange(20.0)).all()
    assert signal.heart_rate_bpm[1] == 160.0  # the last that is known
    assert signal.speed_mps == pytest.approx(3.0)


def test_times_that_are_printed_alike_are_one() -> None:
    """Edges lie on sample times, and are printed in ms: none may lie within one."""
    time = np.array([0.0, 1e-7, *range(1, 20), 19.0 + 1e-8, 19.0 + 2e-4])
    signal = clean_activity(activity(time, distance=3.0 * time))
    assert codes(signal) == {"same_time": 3}
    assert (np.diff(np.round(signal.time_s, 3)) > 0.0).all()
    assert (signal.time_s[0], signal.time_s[-1]) == (0.0, time[-1])


def test_a_glitch_is_masked_and_counted() -> None:
    time, distance = stretches((200.0, 3.0))
    distance[100:] += 40.0
    signal = clean_activity(activity(time, distance=distance))
    assert codes(signal) == {"speed_spike": 1}
    assert np.flatnonzero(~signal.valid).tolist() == [99]
    assert np.isnan(signal.speed_mps[99])
    assert np.delete(signal.speed_mps, 99) == pytest.approx(3.0)
    assert signal.distance_m[-1] == pytest.approx(200 * 3.0 - 3.0)


def test_a_sprint_is_no_glitch() -> None:
    time, distance = stretches((100.0, 3.0), (12.0, 8.5), (100.0, 3.0))
    signal = clean_activity(activity(time, distance=distance))
    assert signal.valid.all()
    assert codes(signal) == {}


def test_a_ride_home_is_left_out() -> None:
    time, distance = stretches((900.0, 3.0), (300.0, 14.0), (60.0, 1.0))
    signal = clean_activity(activity(time, distance=distance))
    assert codes(signal) == {"not_running": 1}
    (problem,) = signal.problems
    assert "300 s" in problem.message
    ride = between(signal, 900.0, 1200.0)
    assert not signal.valid[ride].any()
    assert signal.valid[: ride.start].all()
    assert signal.valid[ride.stop :].all()


def test_a_ride_may_be_fast() -> None:
    time, distance = stretches((900.0, 9.0), (300.0, 14.0))
    signal = clean_activity(activity(time, distance=distance, sport="cycling"))
    assert signal.valid.all()
    assert codes(signal) == {}


def test_a_counter_that_falls_is_no_speed() -> None:
    time, distance = stretches((200.0, 3.0))
    distance[100:] -= 150.0
    signal = clean_activity(activity(time, distance=distance))
    assert not signal.valid[99]
    assert np.nanmin(signal.speed_mps) == pytest.approx(3.0)


def test_samples_without_distance_share_the_next_gain() -> None:
    time, distance = stretches((100.0, 3.0), (100.0, 4.0))
    sparse = np.where(time % 5 == 0, distance, np.nan)
    signal = clean_activity(activity(time, distance=sparse))
    assert signal.speed_mps[:100] == pytest.approx(3.0)
    assert signal.speed_mps[100:] == pytest.approx(4.0)


def test_smart_recording_keeps_its_own_times() -> None:
    time = np.cumsum([0, *[1, 4, 7, 2, 8] * 30]).astype(float)
    signal = clean_activity(activity(time, distance=3.0 * time))
    assert (signal.time_s == time).all()
    assert signal.speed_mps == pytest.approx(3.0)
    assert not signal.paused.any()


# --- pauses and holes -------------------------------------------------------------------------


def test_a_timer_stop_is_a_pause() -> None:
    time, distance = stretches((100.0, 3.0), (50.0, 0.0), (100.0, 3.0))
    signal = clean_activity(activity(time, distance=distance, pauses=[(100.0, 150.0)]))
    assert np.flatnonzero(signal.paused).tolist() == list(range(100, 150))
    assert np.isnan(signal.speed_mps[signal.paused]).all()
    assert not signal.valid[signal.paused].any()


def test_a_timer_stop_that_left_no_samples_is_a_pause() -> None:
    time, distance = stretches((100.0, 3.0), (50.0, 0.2), (100.0, 3.0))
    keep = (time <= 100.0) | (time >= 150.0)
    cut = activity(time[keep], distance=distance[keep], pauses=[(100.0, 150.0)])
    signal = clean_activity(cut)
    assert np.flatnonzero(signal.paused).tolist() == [100]
    assert np.diff(signal.time_s)[100] == 50.0


def test_a_hole_without_progress_is_a_pause_though_nobody_says_so() -> None:
    time, distance = stretches((100.0, 3.0), (50.0, 0.1), (100.0, 3.0))
    keep = (time <= 100.0) | (time >= 150.0)
    signal = clean_activity(activity(time[keep], distance=distance[keep]))
    assert np.flatnonzero(signal.paused).tolist() == [100]


def test_a_hole_in_which_somebody_ran_on_is_none() -> None:
    time, distance = stretches((250.0, 3.0))
    keep = (time <= 100.0) | (time >= 150.0)
    signal = clean_activity(activity(time[keep], distance=distance[keep]))
    assert not signal.paused.any()
    assert signal.speed_mps == pytest.approx(3.0)


# --- grade ------------------------------------------------------------------------------------


def test_level_ground_changes_nothing() -> None:
    time, distance = stretches((300.0, 3.0))
    signal = clean_activity(activity(time, distance=distance, altitude=120.0))
    assert signal.grade == pytest.approx(0.0)
    assert signal.adjusted_speed_mps == pytest.approx(3.0)


@pytest.mark.parametrize("grade", [0.1, 0.04, -0.06])
def test_a_slope_is_measured_and_paid_for(grade: float) -> None:
    time, distance = stretches((300.0, 3.0))
    signal = clean_activity(activity(time, distance=distance, altitude=100 + grade * distance))
    middle = between(signal, 60.0, 240.0)
    assert signal.grade[middle] == pytest.approx(grade, abs=1e-6)
    assert signal.speed_mps[middle] == pytest.approx(3.0)
    expected = 3.0 * float(cost_ratio(np.array([grade]))[0])
    assert signal.adjusted_speed_mps[middle] == pytest.approx(expected, rel=1e-5)
    assert (expected > 3.0) == (grade > 0)


def test_without_altitude_the_grade_is_not_known() -> None:
    time, distance = stretches((300.0, 3.0))
    signal = clean_activity(activity(time, distance=distance))
    assert np.isnan(signal.grade).all()
    assert signal.adjusted_speed_mps == pytest.approx(signal.speed_mps)


def test_cost_follows_what_was_measured() -> None:
    # Minetti et al. 2002, table 1, J/kg/m; the polynomial is their fit to these.
    grades = np.array([-0.45, -0.2, -0.1, 0.0, 0.1, 0.2, 0.45])
    measured = np.array([3.92, 1.73, 1.93, 3.40, 5.77, 8.92, 18.93])
    assert 3.6 * cost_ratio(grades) == pytest.approx(measured, abs=0.5)
    assert cost_ratio(np.array([0.0]))[0] == 1.0
    assert (cost_ratio(np.array([0.6, -0.7])) == cost_ratio(np.array([0.45, -0.45]))).all()


# --- whatever comes ---------------------------------------------------------------------------

value = st.one_of(st.floats(0.0, 60.0), st.just(0.0), st.just(np.nan))
step = st.sampled_from([0.0, 0.0, 1.0, 1.0, 1.0, 2.0, 7.0, 45.0, 4000.0])


@st.composite
def anything(draw: st.DrawFn) -> Activity:
    size = draw(st.integers(12, 60))
    time = np.cumsum(draw(st.lists(step, min_size=size, max_size=size)))

    def column(scale: float = 1.0, *, add_up: bool = False) -> np.ndarray:
        if draw(st.booleans()):
            return np.full(size, np.nan)
        values = scale * np.array(draw(st.lists(value, min_size=size, max_size=size)))
        return np.where(np.isnan(values), np.nan, np.nancumsum(values)) if add_up else values

    pauses = [
        (start, start + draw(st.sampled_from([0.0, 3.0, 60.0])))
        for start in draw(st.lists(st.floats(0.0, 200.0), max_size=3))
    ]
    return activity(
        time,
        distance=column(0.2, add_up=draw(st.booleans())),
        speed=column(),
        latitude=column(1e-3),
        longitude=column(1e-3),
        altitude=column(20.0),
        heart_rate=column(4.0),
        pauses=pauses,
        sport=draw(st.sampled_from(["running", "cycling", None])),
    )


@settings(max_examples=examples(150, 3), deadline=None)
@given(anything())
def test_any_input_gives_a_signal_or_a_clear_error(made: Activity) -> None:
    before = {name: values.copy() for name, values in made.columns.items()}
    try:
        signal = clean_activity(made)
    except (TooShort, MissingChannel):
        return
    finally:
        for name, values in made.columns.items():
            np.testing.assert_array_equal(values, before[name])
    n = signal.time_s.size - 1
    assert (np.diff(signal.time_s) > 0).all()
    for values in (signal.speed_mps, signal.adjusted_speed_mps, signal.grade):
        assert values.size == n
        assert not np.isinf(values).any()
    assert signal.valid.size == signal.paused.size == n
    assert np.isfinite(signal.speed_mps[signal.valid]).all()
    assert (signal.speed_mps[signal.valid] >= 0).all()
    assert not (signal.valid & signal.paused).any()
    for values in (signal.distance_m, signal.heart_rate_bpm, signal.altitude_m, signal.power_w):
        assert values.size == n + 1
    assert (np.diff(signal.distance_m) >= 0).all()
    assert (np.abs(signal.grade[np.isfinite(signal.grade)]) <= 0.45).all()


def test_cleaning_does_not_look_at_laps_or_names() -> None:
    time, distance = stretches((300.0, 3.0))
    plain = activity(time, distance=distance)
    named = replace(plain, name="6 x 800 m", path="intervals.fit", sub_sport="track")
    first, second = clean_activity(plain), clean_activity(named)
    np.testing.assert_array_equal(first.speed_mps, second.speed_mps)


# --- a speed field across a hole -----------------------------------------------------------------


def after_a_hole(seconds: float, **columns: Any) -> Signal:
    time = np.concatenate((np.arange(120.0), 119.0 + seconds + np.arange(120.0)))
    return clean_activity(activity(time, speed=3.0, **columns))


def test_a_speed_is_not_held_across_a_hole_in_which_nobody_moved() -> None:
    moved = np.concatenate((np.arange(120.0), 119.0 + np.arange(120.0))) * 3.0
    signal = after_a_hole(1400.0, latitude=60.0 + moved / 111_195.0, longitude=10.0)
    assert signal.speed_source == "speed"
    assert signal.distance_m[-1] == pytest.approx(714.0, rel=0.01)
    assert signal.paused[119]


def test_a_speed_across_a_hole_stays_where_the_positions_moved_on() -> None:
    moved = np.concatenate((np.arange(120.0), 179.0 + np.arange(120.0))) * 3.0
    signal = after_a_hole(60.0, latitude=60.0 + moved / 111_195.0, longitude=10.0)
    assert signal.distance_m[-1] == pytest.approx(894.0, rel=0.01)
    assert not signal.paused.any()


def test_without_positions_a_speed_is_held_for_some_minutes_only() -> None:
    assert after_a_hole(200.0).distance_m[-1] == pytest.approx(3.0 * 438.0)
    assert after_a_hole(43_000.0).distance_m[-1] == pytest.approx(714.0)


@pytest.mark.parametrize(("error", "brought"), [(1.012, True), (1.05, False)])
def test_a_speed_field_adds_up_to_the_way_of_the_positions(error: float, brought: bool) -> None:
    time, distance = stretches((300.0, 3.0), (300.0, 4.0))
    speed = np.append(3.0, np.diff(distance)) / error
    signal = clean_activity(
        activity(time, speed=speed, latitude=northwards(distance), longitude=10.0)
    )
    assert signal.speed_source == "speed"
    right = distance[-1] if brought else distance[-1] / error
    assert signal.distance_m[-1] == pytest.approx(right, rel=1e-3)
