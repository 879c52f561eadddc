from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.speed import counted_speed, on_slopes, without_pauses
from tests.reference import speed as slow

SEEDS = st.integers(0, 10**6)


def samples(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Time, a distance counter with holes that may fall, and altitude with holes."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(0, 80))
    steps = rng.choice([1.0, 1.0, 2.0, 3.5, 40.0], n)
    time = np.concatenate(([0.0], np.cumsum(steps)))
    distance = np.concatenate(([0.0], np.cumsum(steps * rng.uniform(-0.2, 6.0, n))))
    altitude = np.cumsum(rng.normal(0.0, 3.0, n + 1))
    for values in (distance, altitude):
        values[rng.random(n + 1) < rng.choice([0.0, 0.1, 0.95])] = np.nan
    return time, distance, altitude


@settings(deadline=None)
@given(SEEDS)
def test_speed_of_a_counter_is_that_of_numpy(seed: int) -> None:
    time, distance, _ = samples(seed)
    same(counted_speed(time, distance), slow.counted_speed(time, distance))


@settings(deadline=None)
@given(SEEDS, st.lists(st.tuples(st.integers(-5, 120), st.integers(-1, 60)), max_size=4))
def test_pauses_are_those_of_numpy(seed: int, pauses: list[tuple[int, int]]) -> None:
    time, distance, _ = samples(seed)
    speed = slow.counted_speed(time, distance)[0]
    starts = np.array([start for start, _ in pauses], dtype=np.float64)
    ends = np.array([start + length for start, length in pauses], dtype=np.float64)
    asked = (time, speed, starts, ends, 20.0, 0.5)
    same(without_pauses(*asked), slow.without_pauses(*asked))


@settings(deadline=None)
@given(SEEDS, st.sampled_from([1.0, 15.0]), st.integers(1, 10))
def test_slopes_are_those_of_numpy(seed: int, half_s: float, least: int) -> None:
    time, distance, altitude = samples(seed)
    speed = slow.counted_speed(time, distance)[0]
    asked = (time, speed, altitude, half_s, 1.3 * half_s, least)
    same(on_slopes(*asked), slow.on_slopes(*asked))


def same(found: tuple[object, ...], expected: tuple[object, ...]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert np.asarray(one).tolist() == pytest.approx(np.asarray(other).tolist(), nan_ok=True)
