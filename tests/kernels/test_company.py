from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.company import among_others
from tests.reference import company as slow


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_equals_the_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 25))
    first = np.sort(rng.integers(0, 40, count))
    last = first + rng.integers(1, 6, count)
    # Lag moves the edges of efforts: neighbours may overlap a little.
    start, end = 30.0 * first, 30.0 * last + rng.choice([0.0, 4.0], count)
    seconds, effort = 30.0 * (last - first), rng.choice([0.8, 1.0, 1.1, 1.3], count)
    alone = rng.normal(0.0, 4.0, count)
    others: list[int] = []
    for q in range(count):
        if rng.random() < 0.5 and (not others or last[others[-1]] <= first[q]):
            others.append(q)
    told = ((first, last), (start, end), seconds, effort, alone, np.array(others, int), 100.0)
    fast, expected = among_others(*told).T, slow.among_others(*told)
    assert len(fast) == len(expected)
    for row, twin in zip(fast, expected, strict=True):
        assert row.tolist() == pytest.approx(np.asarray(twin, dtype=np.float64).tolist())
