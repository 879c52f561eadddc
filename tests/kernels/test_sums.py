from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.sums import running_sums
from tests.reference.sums import running_sums as slow_sums

VALUES = st.floats(-1e6, 1e6) | st.sampled_from([np.nan, np.inf])


@settings(deadline=None)
@given(st.lists(st.tuples(VALUES, st.floats(0.0, 1e3)), max_size=30))
def test_equals_the_slow_twin(pairs: list[tuple[float, float]]) -> None:
    values, weights = np.array(pairs, dtype=np.float64).reshape(-1, 2).T.copy()
    weight, total = running_sums(values, weights)
    slow_weight, slow_total = slow_sums(values.tolist(), weights.tolist())
    assert weight.tolist() == pytest.approx(slow_weight)
    assert total.tolist() == pytest.approx(slow_total)


def test_what_is_not_known_counts_nothing() -> None:
    weight, total = running_sums(np.array([2.0, np.nan, 4.0]), np.array([1.0, 5.0, 0.5]))
    assert weight.tolist() == [0.0, 1.0, 1.0, 1.5]
    assert total.tolist() == [0.0, 2.0, 2.0, 4.0]
