"""The shared builder and its clock, on raw parts."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.read.build import RawEvent, RawLap, RawPart, build_activities
from intervaldetect.records import Activity, Pause

T0 = 1_700_000_000.0


def built(stamps, **options: object) -> Activity:
    stamps = np.asarray(stamps, dtype=float)
    columns = options.pop("columns", {})
    part = RawPart(stamps=stamps, columns=columns, **options)  # type: ignore[arg-type]
    (activity,) = build_activities([part], path="x", sha256="0", form="fit")
    return activity


def codes(activity: Activity) -> dict[str, int]:
    return {problem.code: problem.count for problem in activity.problems}


def test_a_clock_that_runs_is_left_alone():
    activity = built(T0 + np.array([0.0, 1.0, 1.0, 5.0, 4000.0]))
    np.testing.assert_array_equal(activity.columns["time"], [0, 1, 1, 5, 4000])
    assert activity.integrity == "intact"
    assert codes(activity) == {}


@pytest.mark.parametrize("position", [1, 7, 18])
@pytest.mark.parametrize("offset", [-2.5, -3600.0, 30.0, 68_000_000.0])
def test_a_stray_sample_gets_the_time_of_its_neighbours(position, offset):
    stamps = T0 + np.arange(20.0)
    stamps[position] += offset
    activity = built(stamps)
    np.testing.assert_allclose(activity.columns["time"], np.arange(20.0), atol=1.0)
    assert codes(activity) == {"clock_stray": 1}
    assert activity.integrity == "repaired"
    assert activity.start_time.timestamp() == T0


@pytest.mark.parametrize("jump", [68_342_403.0, -3600.0, -68_000_000.0, 1e8])
def test_a_clock_set_in_mid_run_neither_ends_nor_stretches_it(jump):
    stamps = T0 + np.arange(100.0)
    stamps[60:] += jump
    activity = built(stamps, laps=[RawLap(stamps[0], stamps[50]), RawLap(stamps[60], stamps[99])])
    np.testing.assert_array_equal(activity.columns["time"], np.arange(100.0))
    assert activity.start_time.timestamp() == T0
    assert [(lap.start_s, lap.end_s) for lap in activity.laps] == [(0, 50), (60, 99)]


def test_the_longer_stretch_decides_the_date():
    stamps = T0 + np.arange(100.0)
    stamps[:10] -= 68_000_000.0
    assert built(stamps).start_time.timestamp() == T0


def test_power_on_time_is_dated_by_what_follows_or_by_the_file():
    epoch = 631065600.0
    stamps = np.concatenate((epoch + 100 + np.arange(50.0), T0 + np.arange(10.0)))
    assert built(stamps).start_time.timestamp() == T0 - 50
    only = epoch + 100 + np.arange(50.0)
    dated = built(only, fallback_start=T0)
    assert dated.start_time.timestamp() == T0
    assert codes(dated) == {"clock_not_set": 50}
    assert codes(built(only)) == {"clock_not_set": 50}


def test_time_never_falls_whatever_the_clock_does():
    generator = np.random.default_rng(3)
    for _ in range(300):
        stamps = T0 + np.cumsum(generator.integers(0, 5, 60)).astype(float)
        for _ in range(generator.integers(0, 6)):
            at = generator.integers(0, 60)
            stamps[at : at + generator.integers(1, 20)] += generator.choice([-7e7, -50, 9, 7e7])
        time = built(stamps).columns["time"]
        assert time[0] == 0.0
        assert (np.diff(time) >= 0).all()
        assert time[-1] < 86400


def test_samples_without_a_time_are_counted():
    activity = built(
        [T0, np.nan, T0 + 2, np.inf, -5.0],
        columns={"heart_rate": np.array([100.0, 1, 102, 3, 4])},
    )
    np.testing.assert_array_equal(activity.columns["heart_rate"], [100, 102])
    assert codes(activity) == {"untimed_samples": 3}


def test_values_out_of_range_become_null_and_are_counted():
    nan = np.nan
    activity = built(
        T0 + np.arange(4.0),
        columns={
            "speed": np.array([3.0, 65.534, nan, np.inf]),
            "heart_rate": np.array([0.0, 150.0, 251.0, nan]),
            "latitude": np.array([48.0, 91.0, 48.0, 48.0]),
            "longitude": np.array([10.0, 10.0, nan, 10.0]),
        },
    )
    np.testing.assert_array_equal(activity.columns["speed"], [3.0, nan, nan, nan])
    np.testing.assert_array_equal(activity.columns["heart_rate"], [nan, 150.0, nan, nan])
    np.testing.assert_array_equal(activity.columns["longitude"], [10.0, nan, nan, 10.0])
    assert codes(activity) == {
        "speed_out_of_range": 2,
        "heart_rate_out_of_range": 1,
        "latitude_out_of_range": 1,
    }


@pytest.mark.parametrize(
    ("sport", "speed", "strides", "steps"),
    [
        ("running", 3.0, 85.0, 170.0),
        ("walking", 1.5, 55.0, 110.0),
        ("cycling", 8.0, 85.0, 85.0),
        ("running", 3.0, 172.0, 172.0),
        (None, 3.0, 85.0, 170.0),
        (None, 9.0, 85.0, 85.0),
        (None, 1.0, 55.0, 110.0),
    ],
)
def test_cadence_counts_both_feet(sport, speed, strides, steps):
    columns = {"cadence": np.full(30, strides), "speed": np.full(30, speed)}
    activity = built(T0 + np.arange(30.0), columns=columns, sport=sport)
    assert activity.columns["cadence"].tolist() == [steps] * 30


def test_pauses_are_stops_of_the_timer_and_gaps_between_segments():
    events = [
        RawEvent(T0, "timer", "start"),
        RawEvent(T0 + 10, "timer", "stop_all"),
        RawEvent(T0 + 40, "timer", "start"),
        RawEvent(T0 + 50, "lap", "stop"),
        RawEvent(T0 + 99, "timer", "stop_all"),
    ]
    stamps = T0 + np.array([0.0, 5, 10, 40, 50, 80, 99])
    activity = built(stamps, events=events, breaks=[0, 5])
    assert activity.pauses == (Pause(10.0, 40.0), Pause(50.0, 80.0))
    assert [event.time_s for event in activity.events] == [0, 10, 40, 50, 99]


def test_laps_without_usable_times_are_counted():
    laps = [
        RawLap(T0, T0 + 10, distance_m=float("nan")),
        RawLap(None, T0 + 20),
        RawLap(T0 + 20, None),
        RawLap(T0 + 5e7, T0 + 6e7),
    ]
    activity = built(T0 + np.arange(30.0), laps=laps)
    assert [(lap.start_s, lap.end_s) for lap in activity.laps] == [(0, 10), (10, 20)]
    assert activity.laps[0].distance_m is None
    assert codes(activity) == {"laps_left_out": 2}
