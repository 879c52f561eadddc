from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import grade, grid
from tests.reference import grid as slow

SEEDS = st.integers(0, 10**6)


class Run(NamedTuple):
    """n + 1 samples, n intervals, and a grid of 2 s."""

    time: np.ndarray
    speed: np.ndarray
    valid: np.ndarray
    paused: np.ndarray
    distance: np.ndarray
    altitude: np.ndarray
    rate: np.ndarray
    cadence: np.ndarray
    moments: np.ndarray


def run(seed: int) -> Run:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 120))
    steps = rng.choice([1.0, 1.0, 2.0, 3.5, 40.0], n)
    time = np.concatenate(([0.0], np.cumsum(steps)))
    speed, valid = rng.uniform(0.0, 6.0, n), rng.random(n) < rng.choice([0.0, 0.9, 1.0])
    distance = np.concatenate(([0.0], np.cumsum(np.where(valid, speed, 0.0) * steps)))
    altitude = np.cumsum(rng.normal(0.0, 3.0, n + 1))
    altitude[rng.random(n + 1) < rng.choice([0.0, 0.3, 1.0])] = np.nan
    rate = rng.integers(150, 225, n + 1).astype(np.float64)
    cadence = np.where(rng.random(n + 1) < 0.97, rate + rng.integers(-2, 3), 80.0)
    rate[rng.random(n + 1) < rng.choice([0.0, 0.05, 1.0])] = np.nan
    moments = np.arange(0.0, time[-1] + 1e-6, 2.0)
    paused = rng.random(n) < 0.1
    return Run(time, speed, valid, paused, distance, altitude, rate, cadence, moments)


@settings(deadline=None)
@given(SEEDS, st.integers(1, 12), st.integers(1, 8))
def test_totals_on_a_grid_are_those_of_numpy(seed: int, least: int, half: int) -> None:
    r = run(seed)
    ground = (r.moments, r.time, r.distance, r.speed, r.valid, r.paused)
    same(grid.ground_on_grid(*ground), slow.ground_on_grid(*ground))
    level = (r.moments, r.time, r.altitude, least)
    same(grid.altitude_on_grid(*level), slow.altitude_on_grid(*level))
    way, altitude = grid.ground_on_grid(*ground)[0], grid.altitude_on_grid(*level)[0]
    same(grid.level_gain(way, altitude, half), slow.level_gain(way, altitude, half))


@settings(deadline=None)
@given(SEEDS, st.sampled_from([3.0, 20.0]))
def test_heart_rate_on_a_grid_is_that_of_numpy(seed: int, long_s: float) -> None:
    r = run(seed)
    rates = (r.time, r.rate, r.cadence, 220.0, 3.0, long_s)
    good, locked, known = grid.good_rates(*rates)
    same((good, locked, known), slow.good_rates(*rates))
    beats = (r.moments, r.time, r.rate, good & ~locked, r.paused, 30.0)
    found = grid.rate_on_grid(*beats)
    same(found, slow.rate_on_grid(*beats))
    same((grid.mean_rates(*found[:2]),), (slow.mean_rates(*found[:2]),))


@settings(deadline=None)
@given(SEEDS, st.integers(1, 20), st.integers(1, 4))
def test_the_steadiest_window_is_that_of_numpy(seed: int, steps: int, late: int) -> None:
    r = run(seed)
    known = np.isfinite(r.rate)
    beats = grid.rate_on_grid(r.moments, r.time, r.rate, known, r.paused, 30.0)[:2]
    way, sure, _, _ = grid.ground_on_grid(r.moments, r.time, r.distance, r.speed, r.valid, r.paused)
    asked = (*beats, way, sure, steps, late, 1.2 * steps, 3.0 * steps)
    same(grid.steadiest(*asked), slow.steadiest(*asked))


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-90.0, 90.0), st.floats(0.0, 300.0)), max_size=20))
def test_grades_and_their_cost_are_those_of_numpy(stretches: list[tuple[float, float]]) -> None:
    climb, way = np.array(stretches, dtype=np.float64).reshape(-1, 2).T.copy()
    found = grade.grades_between(climb, way)
    assert found.tolist() == slow.grades_between(climb, way).tolist()
    steep = np.concatenate((4.0 * found, [0.0, 0.45, -0.45]))
    assert grade.cost_ratios(steep).tolist() == pytest.approx(slow.cost_ratios(steep).tolist())


def same(found: tuple[object, ...], expected: tuple[object, ...]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert np.asarray(one).tolist() == pytest.approx(np.asarray(other).tolist(), nan_ok=True)
