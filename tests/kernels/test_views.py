from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.views import MOST_BINS, thinned, time_held
from tests.reference import views as slow

INTERVALS = st.lists(
    st.tuples(
        st.integers(1, 9) | st.sampled_from([0.25, 120.0]),
        st.floats(0.0, 9.0) | st.sampled_from([np.nan, 0.3, 2.5]),
        st.integers(20, 220) | st.sampled_from([np.nan, 120.5, 121.5]),
        st.booleans(),
        st.booleans(),
    ),
    max_size=60,
)
Intervals = list[tuple[float, float, float, bool, bool]]


def columns(intervals: Intervals) -> tuple[np.ndarray, ...]:
    """Time, speed, heart rate, valid and paused."""
    rows = np.array(intervals, dtype=np.float64).reshape(-1, 5)
    time = np.concatenate(([3.0], 3.0 + np.cumsum(rows[:, 0])))
    rate = np.concatenate(([99.0], rows[:, 2]))
    return time, rows[:, 1].copy(), rate, rows[:, 3] > 0, rows[:, 4] > 0


@settings(deadline=None)
@given(INTERVALS)
def test_time_at_each_value_equals_the_slow_twin(intervals: Intervals) -> None:
    time, speed, rate, valid, paused = columns(intervals)
    found = time_held(time, rate, speed, valid, paused, 0.1)
    told = [{int(k): float(seconds[k]) for k in np.flatnonzero(seconds)} for seconds in found]
    assert told == list(slow.time_held(time, rate, speed, valid, paused, 0.1))


def test_values_beyond_all_bins_are_left_out() -> None:
    flags = np.array([True, True])
    rate, speed = np.array([0.0, 1e300, 90.0]), np.array([1e7, 2.0])
    by_rate, by_speed = time_held(np.array([0.0, 1.0, 3.0]), rate, speed, flags, ~flags, 0.1)
    assert by_rate.size == by_speed.size == MOST_BINS
    assert (by_rate.sum(), by_rate[90], by_speed.sum(), by_speed[20]) == (2.0, 2.0, 2.0, 2.0)


@settings(deadline=None)
@given(INTERVALS, st.integers(1, 12))
def test_thinned_values_equal_the_slow_twin(intervals: Intervals, points: int) -> None:
    time, speed, rate, valid, paused = columns(intervals)
    given_ = (time, speed, rate, valid, paused, min(points, speed.size))
    for fast, plain in zip(thinned(*given_), slow.thinned(*given_), strict=True):
        assert fast.tolist() == pytest.approx(plain.tolist(), nan_ok=True)


def test_sums_of_short_stretches_are_those_of_numpy_to_the_bit() -> None:
    rng = np.random.default_rng(0)
    time = np.concatenate(([0.0], np.cumsum(rng.integers(1, 3, 6000)))).astype(np.float64)
    speed, rate = np.round(rng.uniform(2.0, 5.0, 6000), 2), rng.uniform(90.0, 180.0, 6001)
    valid = rng.random(6000) < 0.9
    given_ = (time, speed, rate, valid, ~valid, 1000)
    for fast, plain in zip(thinned(*given_), slow.thinned(*given_), strict=True):
        assert fast.tobytes() == plain.tobytes()
