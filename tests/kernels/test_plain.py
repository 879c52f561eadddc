"""What runs until kernels are compiled gives the bits that they give."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import _plain, changepoint, interpolation, order, sums

NUMBER = st.integers(-8, 8).map(lambda k: k / 4) | st.floats(-20, 20)
ODD = NUMBER | st.sampled_from([np.nan, np.inf])
WEIGHT = st.just(1.0) | st.floats(0.1, 30) | st.sampled_from([0.0, -1.0, np.nan])


def floats(values: Any) -> np.ndarray:
    return np.array(values, dtype=np.float64)


def raw(kernel: Any) -> Any:
    """Give a kernel as it is written, whatever stands in its place."""
    return getattr(kernel, "py_func", None) or kernel.__wrapped__


def assert_same(found: Any, expected: Any) -> None:
    np.testing.assert_array_equal(found, expected, strict=isinstance(expected, np.ndarray))


@settings(deadline=None)
@given(
    st.lists(st.tuples(ODD, WEIGHT), max_size=40),
    st.sampled_from([0.0, 0.5, 5.0, -1.0]),
    st.sampled_from([0.0, 1.0, 7.5]),
    st.integers(1, 5) | st.just(64),
)
def test_potts(pairs: Any, penalty: float, least: float, most: int) -> None:
    values, weights = floats(pairs).reshape(-1, 2).T.copy()
    status, changes = _plain.potts_l2(values, weights, penalty, least, most)
    expected = raw(changepoint.potts_l2)(values, weights, penalty, least, most)
    assert status == expected[0]
    assert_same(changes, expected[1])


def test_potts_on_a_long_signal() -> None:
    rng = np.random.default_rng(3)
    values = np.repeat(rng.uniform(2, 6, 40), 60) + rng.normal(0, 0.3, 2400)
    for bound in (4, 256):
        found = _plain.potts_l2(values, np.ones(2400), 3.0, 8.0, bound)
        expected = raw(changepoint.potts_l2)(values, np.ones(2400), 3.0, 8.0, bound)
        assert found[0] == expected[0]
        assert_same(found[1], expected[1])


@settings(deadline=None)
@given(
    st.lists(st.tuples(NUMBER, st.floats(-1, 9)), max_size=40),
    st.sampled_from([-np.inf, 0.0, 2.0]),
    st.floats(0, 1),
)
def test_value_at_share(pairs: Any, above: float, share: float) -> None:
    values, weights = floats(pairs).reshape(-1, 2).T.copy()
    found = _plain.value_at_share(values, weights, above, share)
    assert_same(found, raw(order.value_at_share)(values, weights, above, share))


@settings(deadline=None)
@given(st.lists(NUMBER, min_size=1, max_size=40), st.data())
def test_at_ranks(values: list[float], data: st.DataObject) -> None:
    ranks = np.array(data.draw(st.lists(st.integers(0, len(values) - 1))), dtype=np.int64)
    assert_same(_plain.at_ranks(floats(values), ranks), raw(order.at_ranks)(floats(values), ranks))


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBER, NUMBER), min_size=1), st.lists(NUMBER))
def test_interpolate(points: Any, moments: list[float]) -> None:
    x, y = floats(points).T.copy()
    x.sort()
    asked = np.sort(floats(moments))
    assert_same(_plain.interpolate(asked, x, y), raw(interpolation.interpolate)(asked, x, y))


@settings(deadline=None)
@given(st.lists(st.tuples(NUMBER, st.integers(0, 1)), max_size=40), st.sampled_from([0.0, 3.0]))
def test_best_means(pairs: Any, span: float) -> None:
    values, known = floats(pairs).reshape(-1, 2).T
    total, sure = (np.concatenate(([0.0], np.cumsum(part))) for part in (values * known, known))
    steps, least = np.array([1, 2, 5, 60]), np.array([1.0, 0.5, 4.0, 2.0])
    found = _plain.best_means(total, sure, steps, least, np.full(4, span))
    assert_same(found, raw(sums.best_means)(total, sure, steps, least, np.full(4, span)))


def test_plain_kernels_answer_with_numbers_of_python() -> None:
    program = (
        "import numpy as np; from intervaldetect.kernels import order, sums; import sys;"
        "one = order.value_at_share(np.array([1.0, 2.0]), np.ones(2), -np.inf, np.float64(0.5));"
        "two = sums.mean_and_deviation(np.array([1.0, 2.0]));"
        "print(*(type(each).__name__ for each in (one, *two)), 'numba' in sys.modules)"
    )
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert ran.stdout.split() == [b"float", b"float", b"float", b"False"]
