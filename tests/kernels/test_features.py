from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import features
from intervaldetect.kernels.sums import running_sums
from tests.reference import features as slow

SEEDS = st.integers(0, 10**6)


@dataclass
class Run:
    """A made-up run cut into pieces, and efforts within it."""

    time: np.ndarray
    values: np.ndarray
    weights: np.ndarray
    bounds: np.ndarray
    first: np.ndarray
    last: np.ndarray
    level: np.ndarray
    seconds: np.ndarray
    top: np.ndarray
    below: np.ndarray
    rng: np.random.Generator

    @property
    def i(self) -> np.ndarray:
        return self.bounds[self.first]

    @property
    def j(self) -> np.ndarray:
        return self.bounds[self.last]


def run_of(seed: int) -> Run:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 200))
    seconds = rng.integers(1, 9, n).astype(np.float64)
    time = np.concatenate(([0.0], np.cumsum(seconds)))
    values = rng.choice([0.0, 0.7, 1.0, 1.3], n) + rng.normal(0.0, 0.05, n)
    weights = np.where(rng.random(n) < 0.1, 0.0, seconds)
    cuts = np.unique(rng.integers(1, n, int(rng.integers(0, 12)))) if n > 1 else []
    bounds = np.array([0, *cuts, n], dtype=np.int64)
    count = int(rng.integers(1, 12))
    first = rng.integers(0, bounds.size - 1, count)
    last = np.array([rng.integers(a + 1, bounds.size) for a in first])
    effort = slow.Sums(values, weights)
    i, j = bounds[first], bounds[last]
    level = np.nan_to_num(effort.mean(i, j))
    top, below = (rng.choice([0.3, 0.8, 1.0, 1.2], count) for _ in range(2))
    return Run(
        time, values, weights, bounds, first, last, level,
        effort.weight[j] - effort.weight[i], top, below, rng,
    )  # fmt: skip


def same(fast: np.ndarray, expected: tuple[np.ndarray, ...]) -> None:
    assert len(fast) == len(expected)
    for row, told in zip(fast, expected, strict=True):
        assert row.tolist() == pytest.approx(
            np.asarray(told, dtype=np.float64).tolist(), rel=1e-6, abs=1e-7, nan_ok=True
        )


@settings(deadline=None)
@given(SEEDS)
def test_what_is_told_of_the_effort_equals_the_slow_twin(seed: int) -> None:
    run = run_of(seed)
    weight, total = running_sums(run.values, run.weights)
    effort = slow.Sums(run.values, run.weights)
    seconds, level = features.levels(weight, total, run.i, run.j)
    same(np.array([seconds, level]), (run.seconds, run.level))
    whole = max(float(weight[-1]), 1e-9)
    same(features.sizes(seconds, whole, 3.0), slow.sizes(seconds, whole, 3.0))
    for noise in (0.0, 0.3):
        told = (run.i, run.j, seconds, level, noise)
        same(features.contrasts(weight, total, *told), slow.contrasts(effort, *told))
    alike = (seconds, level, run.top, run.below, 0.15, 0.08)
    same(features.siblings(*alike), slow.siblings(*alike))


@settings(deadline=None)
@given(SEEDS)
def test_what_is_told_of_the_pieces_equals_the_slow_twin(seed: int) -> None:
    run = run_of(seed)
    pieces = run.bounds.size - 1
    # Levels of few digits, so that one at the height of a cut is there for both.
    level = run.rng.choice([0.2, 0.8, 1.0, 1.2, 2.5], pieces)
    seconds = run.rng.integers(1, 90, pieces).astype(np.float64)
    told = (level, seconds, run.first, run.last)
    same(features.insides(*told, run.level, run.top), slow.insides(*told, run.level, run.top))
    same(features.variances(*told, run.top, 0.3), slow.variances(*told, run.top, 0.3))


@settings(deadline=None)
@given(SEEDS)
def test_what_sensors_tell_equals_the_slow_twin(seed: int) -> None:
    run = run_of(seed)
    ones = np.ones(run.time.size)
    rate, steps = (
        np.where(run.rng.random(run.time.size) < gaps, np.nan, run.rng.normal(mean, 9.0, ones.size))
        for gaps, mean in ((run.rng.choice([0.0, 0.5, 1.0]), 150.0), (0.3, 170.0))
    )
    beats = running_sums(rate, ones)
    same(
        features.heart_rates(run.time, *beats, run.i, run.j, 148.0, 180.0),
        slow.heart_rates(run.time, slow.Sums(rate, ones), run.i, run.j, 148.0, 180.0),
    )
    told = (run.i, run.j, run.level, run.below, 1.2)
    cadence, running = running_sums(steps, ones), running_sums(run.values, run.weights)
    same(
        features.speeds(run.time, cadence, running, *told),
        slow.speeds(run.time, slow.Sums(steps, ones), slow.Sums(run.values, run.weights), *told),
    )


def test_where_nothing_varies_nothing_is_explained() -> None:
    one = np.array([1.0])
    rows = features.variances(one, one, np.array([0]), np.array([1]), one, 0.0)
    assert rows[:, 0].tolist() == [0.0, 0.0, 0.0]


@settings(deadline=None)
@given(SEEDS)
def test_the_table_holds_every_row_and_some_by_length(seed: int) -> None:
    run = run_of(seed)
    ones = np.ones(run.time.size)
    pieces = run.bounds.size - 1
    levels = run.rng.choice([0.2, 0.8, 1.0, 1.2, 2.5], pieces)
    lasting = run.rng.integers(1, 90, pieces).astype(np.float64)
    rate = run.rng.normal(150.0, 9.0, run.time.size)
    steps = np.where(run.rng.random(run.time.size) < 0.3, 80.0, 170.0)
    beats, known = features.known_above(rate, ones, -np.inf)
    assert known.tolist() == rate.tolist()
    cadence, fast_steps = features.known_above(steps, ones, 100.0)
    assert fast_steps.tolist() == steps[steps > 100.0].tolist()
    expected = running_sums(np.where(steps > 100.0, steps, np.nan), ones)
    assert [sums.tolist() for sums in cadence] == [sums.tolist() for sums in expected]
    effort = running_sums(run.values, run.weights)
    table = features.table(
        run.time, effort, effort, beats, cadence,
        (levels, lasting, run.bounds[:-1], run.bounds[1:]),
        (run.first, run.last, run.top, run.below), (0.3, 1.2, 148.0, 180.0), (0.15, 0.08), 3.0,
        np.array([6, 30]),
    )  # fmt: skip
    seconds, level = features.levels(*effort, run.i, run.j)
    rows = np.concatenate(
        (
            features.sizes(seconds, effort[0][-1], 3.0),
            features.contrasts(*effort, run.i, run.j, seconds, level, 0.3),
            features.insides(levels, lasting, run.first, run.last, level, run.top),
            features.siblings(seconds, level, run.top, run.below, 0.15, 0.08),
            features.heart_rates(run.time, *beats, run.i, run.j, 148.0, 180.0),
            features.speeds(run.time, cadence, effort, run.i, run.j, level, run.below, 1.2),
            features.variances(levels, lasting, run.first, run.last, run.top, 0.3),
        )
    )
    assert np.array_equal(table[:, : len(rows)], rows.T, equal_nan=True)
    assert np.array_equal(table[:, len(rows) :], (rows[[6, 30]] * rows[1]).T, equal_nan=True)
