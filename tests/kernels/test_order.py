from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.order import at_ranks, value_at_share
from tests.reference.order import value_at_share as slow_value

# Weights are whole: sums in any order are then the same.
WEIGHTS = st.integers(-1, 9).map(float)
VALUES = st.integers(-3, 3).map(float) | st.floats(-1e3, 1e3) | st.sampled_from([5e-324, 1e308])
ABOVE = st.sampled_from([-np.inf, 0.0, 2.0, 1e308])
SHARE = st.sampled_from([0.0, 0.25, 0.5, 0.9, 1.0])


@settings(deadline=None)
@given(st.lists(st.tuples(VALUES, WEIGHTS), max_size=30), ABOVE, SHARE)
def test_equals_the_slow_twin(pairs: list[tuple[float, float]], above: float, share: float) -> None:
    values, weights = np.array(pairs, dtype=np.float64).reshape(-1, 2).T.copy()
    fast = value_at_share(values, weights, above, share)
    slow = slow_value(values.tolist(), weights.tolist(), above, share)
    assert fast == pytest.approx(slow, rel=0.0, abs=0.0, nan_ok=True)


def test_the_values_of_many_bins_are_told_apart() -> None:
    values = np.random.default_rng(1).lognormal(size=5000)
    weights = np.ones(values.size)
    for share in (0.1, 0.5, 0.9):
        expected = np.sort(values)[int(share * values.size) - 1]
        assert value_at_share(values, weights, -np.inf, share) == expected


@settings(deadline=None)
@given(st.lists(VALUES | st.just(-7e307), min_size=1, max_size=30), st.data())
def test_what_stands_at_a_place_is_that_of_all_in_order(
    values: list[float], data: st.DataObject
) -> None:
    ranks = data.draw(st.lists(st.integers(0, len(values) - 1), max_size=5))
    found = at_ranks(np.array(values, dtype=np.float64), np.array(ranks, dtype=np.int64))
    assert found.tolist() == [sorted(values)[rank] for rank in ranks]


def test_places_among_many_values_are_told_apart() -> None:
    random = np.random.default_rng(2)
    for values in (random.lognormal(size=5000), random.integers(60, 190, 5000).astype(np.float64)):
        ranks = np.array([0, 2499, 2500, 4949, 4950, 4999])
        assert at_ranks(values, ranks).tolist() == np.sort(values)[ranks].tolist()
