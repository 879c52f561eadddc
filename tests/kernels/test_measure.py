from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.measure import grown, mean_and_highest
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
