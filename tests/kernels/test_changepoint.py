"""Change-point kernels against their slow twins."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import _jit
from intervaldetect.kernels.changepoint import BAD_INPUT, BOUNDED, OK, potts_l2
from tests.effort import examples
from tests.reference import changepoint as slow

EXAMPLES = settings(max_examples=examples(300, 3) if _jit.JIT_ENABLED else 20, deadline=None)

# Quarters and integers: many ties and repeated values, and sums without rounding.
value = st.one_of(
    st.integers(-8, 8).map(lambda k: k / 4),
    st.floats(-20, 20, allow_nan=False),
    st.sampled_from([math.nan, math.inf, -math.inf]),
)
weight = st.one_of(
    st.just(1.0), st.floats(0.1, 30), st.sampled_from([0.0, -1.0, math.nan, math.inf])
)
samples = st.lists(st.tuples(value, weight), max_size=24)


def arrays(pairs):
    array = np.array(pairs, dtype=float).reshape(-1, 2)
    return array[:, 0].copy(), array[:, 1].copy()


@EXAMPLES
@given(
    samples,
    st.sampled_from([0.0, 0.5, 2.0, 30.0, 1e6]),
    st.sampled_from([0.0, 1.0, 2.0, 7.5, 40.0, 1e9]),
)
def test_potts_reaches_the_least_cost(pairs, penalty, min_weight):
    values, weights = arrays(pairs)
    status, changes = potts_l2(values, weights, penalty, min_weight, 64)
    least, _ = slow.potts_l2(values, weights, penalty, min_weight)
    assert status == OK
    assert list(changes) == sorted(set(changes.tolist()))
    reached = slow.cut_cost(values, weights, changes.tolist(), penalty, min_weight)
    assert reached == pytest.approx(least, rel=1e-9, abs=1e-7)


@EXAMPLES
@given(samples, st.sampled_from([0.5, 5.0]), st.sampled_from([0.0, 2.0, 7.5]), st.integers(2, 5))
def test_a_bounded_potts_is_admissible_and_says_so(pairs, penalty, min_weight, bound):
    values, weights = arrays(pairs)
    status, changes = potts_l2(values, weights, penalty, min_weight, bound)
    least, _ = slow.potts_l2(values, weights, penalty, min_weight)
    reached = slow.cut_cost(values, weights, changes.tolist(), penalty, min_weight)
    assert math.isfinite(reached)
    assert reached >= least - 1e-7
    if status == OK:
        assert reached == pytest.approx(least, rel=1e-9, abs=1e-7)
    else:
        assert status == BOUNDED


def noisy_steps(n, seed, step=60):
    rng = np.random.default_rng(seed)
    levels = np.repeat(rng.uniform(2, 6, n // step + 1), step)[:n]
    return levels + rng.normal(0, 0.3, n)


def test_potts_finds_the_steps_of_a_long_signal():
    values = noisy_steps(1200, seed=1)
    weights = np.ones(1200)
    status, changes = potts_l2(values, weights, 3.0, 20.0, 64)
    assert status == OK
    _, expected = slow.potts_l2(values[:240], weights[:240], 3.0, 20.0)
    _, head = potts_l2(values[:240].copy(), weights[:240].copy(), 3.0, 20.0, 64)
    assert head.tolist() == expected
    assert all(min(abs(changes % 60), 60 - changes % 60) <= 2 for changes in changes.tolist())
    assert len(changes) >= 17


def test_a_bounded_potts_stays_near_the_optimum():
    values = noisy_steps(900, seed=2)
    weights = np.ones(900)
    _, exact = potts_l2(values, weights, 3.0, 10.0, 64)
    status, bounded = potts_l2(values, weights, 3.0, 10.0, 3)
    assert status == BOUNDED
    cost = slow.cut_cost(values, weights, bounded.tolist(), 3.0, 10.0)
    flat = slow.cut_cost(values, weights, [], 3.0, 10.0)
    least = slow.cut_cost(values, weights, exact.tolist(), 3.0, 10.0)
    assert cost - least < 0.1 * (flat - least)


@EXAMPLES
@given(samples, st.integers(0, 24))
def test_what_counts_nothing_does_not_matter(pairs, position):
    values, weights = arrays(pairs)
    position = min(position, values.size)
    wider_values = np.insert(values, position, [math.nan, 1e300])
    wider_weights = np.insert(weights, position, [5.0, 0.0])
    _, changes = potts_l2(values, weights, 2.0, 3.0, 64)
    _, wider = potts_l2(wider_values, wider_weights, 2.0, 3.0, 64)
    shifted = [c + 2 if c >= position else c for c in changes.tolist()]
    assert wider.tolist() == shifted


def test_a_large_offset_does_not_cancel():
    values = noisy_steps(600, seed=3)
    weights = np.full(600, 1.5)
    _, changes = potts_l2(values, weights, 3.0, 15.0, 64)
    _, shifted = potts_l2(values + 1e7, weights, 3.0, 15.0, 64)
    assert shifted.tolist() == changes.tolist()
    assert len(changes) > 0


@pytest.mark.parametrize(
    ("n", "penalty", "min_weight", "bound"),
    [(3, -1.0, 0.0, 8), (3, math.nan, 0.0, 8), (3, 1.0, -1.0, 8), (3, 1.0, 0.0, 1), (2, 1, 0, 8)],
)
def test_bad_parameters_are_a_status(n, penalty, min_weight, bound):
    status, changes = potts_l2(
        np.array([1.0, 2.0, 3.0]), np.ones(n), float(penalty), float(min_weight), bound
    )
    assert status == BAD_INPUT
    assert changes.size == 0
