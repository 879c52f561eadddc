from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.crossing import at_stop, crossings
from tests.reference.crossing import at_stop as slow_at_stop
from tests.reference.crossing import crossings as slow_crossings


@settings(deadline=None)
@given(st.integers(0, 10**6), st.sampled_from([1.0, -1.0]), st.sampled_from([0.5, 0.6]))
def test_equals_the_slow_twin(seed: int, towards: float, share: float) -> None:
    rng = np.random.default_rng(seed)
    seconds = rng.integers(1, 5, int(rng.integers(1, 120))).astype(np.float64)
    fast = np.repeat(rng.random(12) < 0.5, 10)[: seconds.size]
    speed = np.where(fast, 5.0, 3.0) + rng.normal(0.0, 0.2, seconds.size)
    time, distance = (
        np.concatenate(([0.0], np.cumsum(each))) for each in (seconds, speed * seconds)
    )
    edge = np.sort(rng.uniform(-5.0, time[-1] + 5.0, int(rng.integers(1, 6))))
    near, room = rng.uniform(2.0, 8.0, edge.size), rng.uniform(8.0, 40.0, (2, edge.size))
    told = (
        time, distance, edge, (6.0, room[0]), (near, room[1]), towards, (18.0, 0.5, 2.5), share,
        0.3, 4.0,
    )  # fmt: skip
    assert crossings(*told).tolist() == pytest.approx(slow_crossings(*told).tolist(), nan_ok=True)


def test_a_rise_is_found_where_it_is() -> None:
    time = np.arange(200.0)
    distance = np.cumsum(np.where(time > 103.0, 5.0, 3.0))
    beside = (np.array([8.0]), np.array([32.0]))
    told = ((6.0, np.array([40.0])), beside, 1.0, (18.0, 0.5, 2.5), 0.5, 0.3, 4.0)
    (at,) = crossings(time, distance, np.array([100.0]), *told)
    assert at == pytest.approx(3.0, abs=0.25)


@settings(deadline=None)
@given(st.integers(0, 10**6))
def test_stops_equal_the_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    n = int(rng.integers(1, 40))
    time = np.cumsum(rng.choice([0.5, 1.0, 1.5, 4.0], n + 1))
    paused = rng.random(n) < 0.2
    edge = np.concatenate((rng.uniform(-5.0, time[-1] + 5.0, 8), time[:3] + 1.5, time[-2:] - 1.5))
    told = (time, paused, edge, 1.5)
    assert at_stop(*told).tolist() == slow_at_stop(*told).tolist()
