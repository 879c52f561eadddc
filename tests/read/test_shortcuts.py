"""Counting in place of sorting: each shortcut says what the plain way would."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.read.clock import middle, usual_step
from intervaldetect.read.reconcile import counter, dropouts
from intervaldetect.read.reconcile.gait import STEPS_ABOVE, counts_steps, likelihood

SEEDS = range(20)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_usual_step_is_the_median_of_the_steps_above_zero(seed):
    random = np.random.default_rng(seed)
    steps = random.choice([-1.0, 0.0, 1.0, 1.0, 2.0, 7.5], random.integers(1, 40))
    above = steps[steps > 0.0]
    assert usual_step(steps) == (middle(above) if above.size else 0.0)


@pytest.mark.parametrize("seed", SEEDS)
def test_steps_of_both_feet_are_told_by_the_median(seed):
    random = np.random.default_rng(seed)
    cadence = random.choice([0.0, np.nan, 85.0, STEPS_ABOVE, 126.0, 170.0], random.integers(0, 12))
    above = cadence[cadence > 0.0]
    assert counts_steps(cadence) == bool(above.size and middle(above) > STEPS_ABOVE)


@pytest.mark.parametrize("seed", SEEDS)
def test_zeros_between_two_that_move_seconds_apart_are_dropped(seed):
    random = np.random.default_rng(seed)
    speed = random.choice([0.0, 0.0, 0.5, 3.0, np.nan], 60, p=[0.2, 0.2, 0.1, 0.4, 0.1])
    time = np.cumsum(random.choice([1.0, 2.0], 60))
    expected = speed.copy()
    for i in np.flatnonzero(speed == 0.0):
        before, after = i, i
        while before >= 0 and speed[before] == 0.0:
            before -= 1
        while after < 60 and speed[after] == 0.0:
            after += 1
        inside = before >= 0 and after < 60 and time[after] - time[before] <= dropouts.LONGEST_S
        if inside and all(speed[k] >= dropouts.SLOWEST_MPS for k in (before, after)):
            expected[i] = np.nan
    table = {"speed": speed}
    dropouts.speed_zeros(time, table)
    np.testing.assert_array_equal(table["speed"], expected)


@pytest.mark.parametrize("seed", SEEDS)
def test_a_counter_is_coarse_where_most_leaps_lie_two_samples_apart(seed):
    random = np.random.default_rng(seed)
    gains = np.where(random.random(40) < random.uniform(0.2, 0.9), 3.0, 0.0)
    distance = np.cumsum(gains)
    time = np.arange(distance.size, dtype=np.float64)
    apart = np.diff(np.flatnonzero(gains[1:] > 0.0)).astype(np.float64)
    coarse = apart.size >= 4 and middle(apart) >= 2.0
    _, problem = counter.fine_steps(time, distance, np.full(distance.size, np.nan))
    assert (problem is not None) == coarse


def test_two_ways_to_count_steps_are_weighed_as_each_alone():
    steps, speed = np.array([80.0, 90.0, 160.0, 100.0]), np.array([1.5, np.nan, 3.0, 0.1])
    both = likelihood(np.stack((steps, 2.0 * steps)), speed, 0.3)
    np.testing.assert_array_equal(both[0], likelihood(steps, speed, 0.3))
    np.testing.assert_array_equal(both[1], likelihood(2.0 * steps, speed, 0.3))
