from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.measure import (
    averages,
    grown,
    growths,
    mean_and_highest,
    running_totals,
)
from tests.reference import measure as slow

STEPS = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=12)
MOMENTS = st.lists(st.tuples(st.floats(-5.0, 120.0), st.floats(-5.0, 120.0)), min_size=1)
VALUES = st.lists(st.integers(-9, 9).map(float) | st.sampled_from([np.nan, np.inf]), max_size=12)


@settings(deadline=None)
@given(STEPS, MOMENTS)
def test_growth_equals_the_slow_twin(
    steps: list[tuple[int, int]], moments: list[tuple[float, float]]
) -> None:
    time, total = np.cumsum(np.array(steps, dtype=np.float64), axis=0).T.copy()
    start, end = np.array(moments).T.copy()
    told = (time.tolist(), total.tolist(), start.tolist(), end.tolist())
    assert grown(time, total, start, end).tolist() == pytest.approx(slow.grown(*told))


@settings(deadline=None)
@given(VALUES, st.data())
def test_means_and_highest_equal_the_slow_twin(values: list[float], data: st.DataObject) -> None:
    cuts = st.integers(0, len(values))
    ranges = data.draw(st.lists(st.tuples(cuts, cuts), min_size=1))
    first, last = np.array(ranges).T.copy()
    found = mean_and_highest(np.array(values, dtype=np.float64), first, last)
    expected = slow.mean_and_highest(values, first.tolist(), last.tolist())
    for fast, plain in zip(found, expected, strict=True):
        assert fast.tolist() == pytest.approx(plain, nan_ok=True)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_running_totals_equal_the_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 60))
    time = np.cumsum(rng.choice([0.5, 1.0, 2.0, 7.0], n + 1))
    values = np.where(rng.random(n) < 0.2, np.nan, rng.normal(3.0, 1.0, n))
    paused = rng.random(n) < 0.2
    for fast, slow_one in zip(
        running_totals(time, paused, values),
        slow.running_totals(time.tolist(), paused.tolist(), values.tolist()),
        strict=True,
    ):
        assert fast.tolist() == pytest.approx(slow_one)


def test_stretches_are_measured_as_one_by_one() -> None:
    rng = np.random.default_rng(3)
    time = np.cumsum(rng.choice([1.0, 2.0], 60))
    sensors = [np.where(rng.random(60) < 0.3, np.nan, rng.normal(150.0, 9.0, 60)) for _ in range(3)]
    a, b, c, d = rng.random((4, 60)).cumsum(axis=1)
    totals = (a, b, c, d)
    start, end = np.array([0.0, 12.5, 40.0]), np.array([9.0, 40.0, 90.0])
    rows = growths(time, totals, start, end)
    assert rows.tolist() == [grown(time, total, start, end).tolist() for total in totals]
    first, last = np.searchsorted(time, start), np.searchsorted(time, end)
    late = np.searchsorted(time, np.maximum(end - 8.0, start))
    ends = mean_and_highest(sensors[0], late, np.minimum(last + 1, time.size))[0]
    mean, highest = mean_and_highest(sensors[0], first, last)
    others = [mean_and_highest(each, first, last)[0] for each in sensors[1:]]
    expected = np.array([mean, highest, ends, *others])
    found = averages(time, sensors[0], sensors[1], sensors[2], start, end, 8.0)
    assert found == pytest.approx(expected, nan_ok=True)
