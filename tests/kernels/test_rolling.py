"""Rolling kernels against their slow twins."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import _jit
from intervaldetect.kernels.rolling import hampel, rolling_mean, rolling_median, rolling_quantile
from tests.reference import rolling as slow

EXAMPLES = settings(max_examples=200 if _jit.JIT_ENABLED else 50, deadline=None)

value = st.one_of(
    st.integers(-5, 5).map(float),
    st.floats(-100, 100),
    st.sampled_from([math.nan, math.inf, -math.inf, -0.0]),
)
step = st.one_of(st.sampled_from([0.0, 1.0, 2.0, 8.0, 300.0]), st.floats(0, 20))
samples = st.lists(st.tuples(value, step, st.floats(0.1, 9)), max_size=40)
half_width = st.sampled_from([0.0, 1.0, 3.5, 10.0, 1e9])


def arrays(rows):
    array = np.array(rows, dtype=float).reshape(-1, 3)
    return array[:, 0].copy(), np.cumsum(array[:, 1]), array[:, 2].copy()


@EXAMPLES
@given(samples, half_width, st.floats(0, 1))
def test_quantiles_and_median(rows, half_width_s, q):
    values, times, _ = arrays(rows)
    np.testing.assert_allclose(
        rolling_quantile(values, times, half_width_s, q),
        slow.rolling_quantile(values, times, half_width_s, q),
        rtol=1e-12,
        atol=1e-12,
    )
    np.testing.assert_allclose(
        rolling_median(values, times, half_width_s),
        slow.rolling_median(values, times, half_width_s),
        rtol=1e-14,
        atol=1e-14,
    )


@EXAMPLES
@given(samples, half_width, st.sampled_from([0.5, 3.0]), st.sampled_from([0.0, 0.3]))
def test_hampel(rows, half_width_s, n_sigmas, min_scale):
    values, times, _ = arrays(rows)
    # Away from ties between a distance and its limit, where rounding may decide either way.
    values = values * 1.000123
    filtered, outlier = hampel(values, times, half_width_s, n_sigmas, min_scale)
    expected, flags = slow.hampel(
        values.tolist(), times.tolist(), half_width_s, n_sigmas, min_scale
    )
    assert outlier.tolist() == flags
    np.testing.assert_allclose(filtered, expected, rtol=1e-14, atol=1e-14)


@EXAMPLES
@given(samples, half_width)
def test_mean(rows, half_width_s):
    values, times, weights = arrays(rows)
    np.testing.assert_allclose(
        rolling_mean(values, weights, times, half_width_s),
        slow.rolling_mean(values, weights, times, half_width_s),
        rtol=1e-9,
        atol=1e-9,
    )


def test_a_glitch_is_replaced_and_its_neighbours_stay():
    values = np.array([3.0, 3.1, 2.9, 40.0, 3.0, 3.2, math.nan, 3.1])
    filtered, outlier = hampel(values, np.arange(8.0), 3.0, 3.0, 0.2)
    assert outlier.tolist() == [False] * 3 + [True] + [False] * 4
    assert filtered[3] == 3.05
    assert math.isnan(filtered[6])


def test_a_window_without_values_is_nan_and_ends_are_included():
    values = np.array([1.0, math.nan, 3.0])
    times = np.array([0.0, 50.0, 100.0])
    assert rolling_median(values, times, 50.0).tolist() == [1.0, 2.0, 3.0]
    assert math.isnan(rolling_median(values, times, 49.0)[1])
    assert rolling_mean(values, np.ones(3), times, 50.0).tolist() == [1.0, 2.0, 3.0]


def test_times_that_do_not_increase_stay_within_bounds():
    times = np.array([5.0, math.nan, 1.0, 7.0, -3.0, 7.0])
    values = np.arange(6.0)
    assert rolling_median(values, times, 2.0).shape == (6,)
    assert hampel(values, times, 2.0, 3.0, 0.1)[0].shape == (6,)
    assert rolling_mean(values, np.ones(6), times, 2.0).shape == (6,)
