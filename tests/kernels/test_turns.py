from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.turns import regular_turns
from tests.reference import turns as slow

SHARES = np.array([0.3, 0.5, 0.75])
STEPS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 9)), min_size=2, max_size=40)


@settings(deadline=None)
@given(STEPS, st.sampled_from([2, 3]), st.sampled_from([4, 12]))
def test_equals_the_slow_twin(steps: list[tuple[int, int]], fewest: int, most: int) -> None:
    seconds, value = np.array([(1, 1), *steps], dtype=np.float64).T.copy()
    weight = np.concatenate(([0.0], np.cumsum(seconds)))
    total = np.concatenate(([0.0], np.cumsum(seconds * value)))
    gain, count, share = regular_turns(weight, total, fewest, most, SHARES)
    assert gain == pytest.approx(slow.best_gain(weight, total, fewest, most, SHARES), abs=1e-9)
    if count > 0:
        assert gain == pytest.approx(slow.gain_of(weight, total, count, SHARES[share]))


def test_turns_are_found_as_they_were_made() -> None:
    value = np.tile(np.repeat([1.1, 1.0], [60, 120]), 5)[:-120]
    total = np.concatenate(([0.0], np.cumsum(value)))
    weight = np.arange(total.size, dtype=np.float64)
    shares = np.linspace(0.2, 0.8, 13)
    _, count, share = regular_turns(weight, total, 3, 14, shares)
    assert (count, shares[share]) == (5, pytest.approx(0.35))
