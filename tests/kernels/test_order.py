from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.order import value_at_share
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
