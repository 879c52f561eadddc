from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.digits import OK, UNUSUAL, json_numbers
from tests.reference.digits import json_numbers as slow_numbers

WHOLE = st.integers(0, 10**6) | st.integers(0, 10**15)
VALUES = WHOLE.map(float) | st.sampled_from([np.nan, np.inf, -np.inf])


@settings(deadline=None)
@given(st.lists(VALUES, max_size=20), st.sampled_from([0, 1, 2, 3]))
def test_equals_the_slow_twin(values: list[float], decimals: int) -> None:
    status, text = json_numbers(np.array(values, dtype=np.float64), decimals)
    assert status == OK
    assert text.tobytes().decode() == slow_numbers(values, decimals)


@pytest.mark.parametrize("value", [-1.0, -0.0, 2e15])
def test_what_it_does_not_write_is_said(value: float) -> None:
    status, text = json_numbers(np.array([1.0, value]), 2)
    assert (status, text.size) == (UNUSUAL, 0)
