from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.efforts import shortest_window, shortest_windows
from tests.reference.efforts import shortest_window as slow_window


def totals(steps: list[tuple[int, int, bool]]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Running time, distance and doubtful time of intervals (seconds, metres, doubtful)."""
    seconds = np.array([0, *(step[0] for step in steps)], dtype=np.float64)
    metres = np.array([0, *(step[1] for step in steps)], dtype=np.float64)
    doubt = np.array([0, *(step[0] * step[2] for step in steps)], dtype=np.float64)
    return np.cumsum(seconds), np.cumsum(metres), np.cumsum(doubt)


STEPS = st.lists(
    st.tuples(st.integers(1, 9), st.integers(0, 40), st.booleans()), min_size=1, max_size=25
)


@settings(deadline=None)
@given(STEPS, st.integers(1, 400), st.sampled_from([0.0, 2.5, 1000.0]))
def test_equals_the_slow_twin(
    steps: list[tuple[int, int, bool]], distance: int, doubt_s: float
) -> None:
    time, travelled, doubtful = totals(steps)
    fast, start = shortest_window(time, travelled, doubtful, float(distance), doubt_s)
    assert fast == pytest.approx(slow_window(time, travelled, doubtful, float(distance), doubt_s))
    if np.isfinite(fast):
        covered = np.interp([start, start + fast], time, travelled)
        assert time[0] <= start <= start + fast <= time[-1] + 1e-9
        # Around a standstill the window may begin or end anywhere within it.
        assert covered[1] - covered[0] == pytest.approx(distance, abs=1e-6)
    else:
        assert np.isnan(start)


@settings(deadline=None, max_examples=20)
@given(st.integers(0, 10**6))
def test_long_runs_equal_the_slow_twin(seed: int) -> None:
    rng = np.random.default_rng(seed)
    count = int(rng.integers(100, 180))
    seconds = rng.integers(1, rng.integers(2, 4), count)
    pace = np.repeat(rng.integers(0, 6, count // 10 + 1), 10)[:count]
    doubt = rng.random(count) < 0.02
    time, travelled, doubtful = totals(
        [(int(s), int(s * p), bool(d)) for s, p, d in zip(seconds, pace, doubt, strict=True)]
    )
    for distance, doubt_s in ((20.0, 0.0), (100.0, 2.5), (300.0, 0.0)):
        fast, _ = shortest_window(time, travelled, doubtful, distance, doubt_s)
        slow = slow_window(time, travelled, doubtful, distance, doubt_s)
        assert fast == pytest.approx(slow)


@pytest.mark.parametrize("count", [0, 1, 2])
def test_too_little_gives_nothing(count: int) -> None:
    flat = np.zeros(count)
    assert shortest_window(np.arange(float(count)), flat, flat, 400.0, 2.0)[0] == np.inf


def test_all_distances_at_once_equal_one_after_the_other() -> None:
    rng = np.random.default_rng(4)
    time = np.concatenate(([0.0], np.cumsum(rng.integers(1, 4, 300)))).astype(np.float64)
    speed = rng.uniform(1.0, 6.0, 300)
    speed[rng.random(300) < 0.05] = np.nan
    valid, paused = rng.random(300) < 0.99, rng.random(300) < 0.05
    seconds = np.diff(time)
    usable = valid & ~paused & np.isfinite(speed)
    travelled = np.concatenate(([0.0], np.cumsum(np.where(usable, speed * seconds, 0.0))))
    doubtful = np.concatenate(([0.0], np.cumsum(np.where(valid | paused, 0.0, seconds))))
    distances = np.array([30.0, 400.0, 1000.0, 1e6])
    found = np.array(shortest_windows(time, speed, valid, paused, distances, 2.0)).T
    for (duration, start), distance in zip(found, distances, strict=True):
        alone = shortest_window(time, travelled, doubtful, distance, 2.0)
        assert (duration, start) == pytest.approx(alone, nan_ok=True)
    assert np.isfinite(found[:3]).all()
