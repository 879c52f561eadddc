"""Samples out of order, against clocks that were set."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.read.build import RawEvent
from tests.read.test_read_build import T0, built, codes

N = 400
PULSE = 100.0 + np.arange(N) % 83


@pytest.mark.parametrize("size", [1, 8, 50])
def test_blocks_that_changed_places_are_sorted(size):
    order = np.arange(N)
    for at in (0, 160):
        order[at : at + 2 * size] = np.roll(order[at : at + 2 * size], size)
    activity = built(T0 + order, columns={"heart_rate": PULSE[order]})
    np.testing.assert_array_equal(activity.columns["time"], np.arange(N))
    np.testing.assert_array_equal(activity.columns["heart_rate"], PULSE)
    assert activity.start_time.timestamp() == T0
    assert set(codes(activity)) == {"samples_sorted"}


def test_single_records_in_any_order_are_sorted():
    order = np.random.default_rng(5).permutation(N)
    activity = built(T0 + order, columns={"heart_rate": PULSE[order]})
    np.testing.assert_array_equal(activity.columns["heart_rate"], PULSE)
    assert set(codes(activity)) == {"samples_sorted"}


def test_blocks_written_twice_count_once():
    order = np.concatenate((np.arange(200), np.arange(150, N)))
    activity = built(T0 + order, columns={"heart_rate": PULSE[order]})
    np.testing.assert_array_equal(activity.columns["heart_rate"], PULSE)
    assert codes(activity) == {"samples_repeated": 50}


def test_a_clock_set_back_into_its_own_past_is_no_repeat():
    stamps = T0 + np.arange(float(N))
    stamps[200:] -= 50.0
    activity = built(stamps, columns={"heart_rate": PULSE})
    np.testing.assert_array_equal(activity.columns["time"], np.arange(N))
    assert set(codes(activity)) == {"clock_step_back"}


def test_a_leap_of_days_is_the_clock_being_set_unless_the_timer_stood():
    stamps = T0 + np.arange(float(N))
    stamps[30:] += 6 * 86400.0
    activity = built(stamps)
    np.testing.assert_array_equal(activity.columns["time"], np.arange(N))
    assert activity.start_time.timestamp() == T0 + 6 * 86400.0
    assert codes(activity) == {"clock_jump": 1}
    events = [RawEvent(T0 + 29.0, "timer", "stop_all"), RawEvent(stamps[30], "timer", "start")]
    assert built(stamps, events=events).columns["time"][-1] == 6 * 86400.0 + N - 1


def test_a_clock_that_leaps_with_the_first_position_was_set_by_it():
    stamps = T0 + np.arange(float(N))
    stamps[30:] += 7200.0
    places = np.where(np.arange(N) < 30, np.nan, 48.0)
    columns = {"latitude": places, "longitude": places}
    np.testing.assert_array_equal(built(stamps, columns=columns).columns["time"], np.arange(N))
    assert built(stamps).columns["time"][-1] == 7200.0 + N - 1


@pytest.mark.parametrize("tick", [10.0, 60.0])
@pytest.mark.parametrize("late", [0.0, 24.0])
@pytest.mark.parametrize("paused", [0.0, 300.0])
def test_times_of_whole_ticks_are_spread_between_them(tick, late, paused):
    seconds = late + np.arange(float(N))
    seconds[240 - int(late) :] += paused  # at the end of a tick
    start = T0 - T0 % 60.0
    activity = built(start + np.floor(seconds / tick) * tick)
    assert activity.columns["time"] == pytest.approx(seconds - late, abs=1.0)
    assert activity.start_time.timestamp() == pytest.approx(start + late, abs=1.0)
    assert codes(activity) == {"coarse_times": N}
    assert activity.integrity == "repaired"


def test_a_few_samples_to_a_stamp_are_left_as_they_are():
    stamps = T0 + np.repeat(np.arange(N / 4.0), 4) * 10.0
    assert codes(built(stamps)) == {}
    assert codes(built(T0 + np.repeat(np.arange(N / 8.0), 8))) == {}
