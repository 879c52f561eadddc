from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.interpolation import interpolate, shortest_times
from tests.reference import interpolation as slow

NUMBER = st.integers(-40, 40).map(lambda k: k / 4) | st.floats(-1e3, 1e3)
STEPS = st.lists(st.tuples(st.integers(0, 9), st.integers(0, 4)), min_size=2, max_size=20)


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1, max_size=12), st.lists(NUMBER, max_size=12))
def test_values_are_those_of_numpy_to_the_bit(
    points: list[tuple[float, float]], moments: list[float]
) -> None:
    x, y = np.array(points, dtype=np.float64).T.copy()
    x.sort()
    asked = np.array(sorted(moments), dtype=np.float64)
    found = interpolate(asked, x, y).tolist()
    assert found == np.interp(asked, x, y).tolist()
    assert found == slow.interpolate(asked.tolist(), x.tolist(), y.tolist())


@settings(deadline=None)
@given(STEPS, st.lists(st.integers(1, 60), max_size=3), st.sampled_from([-1.0, 0.0, 2.0]))
def test_the_shortest_times_equal_the_slow_twin(
    steps: list[tuple[int, int]], distances: list[int], lacking: float
) -> None:
    gained, known = np.cumsum(np.array(steps, dtype=np.float64), axis=0).T.copy()
    time = 4.0 * np.arange(gained.size)
    fast = shortest_times(time, gained, known, np.array(distances, dtype=np.float64), lacking)
    told = (time.tolist(), gained.tolist(), known.tolist())
    expected = [slow.shortest_time(*told, distance, lacking) for distance in distances]
    assert fast.tolist() == pytest.approx(expected, nan_ok=True)
