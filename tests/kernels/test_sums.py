from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.sums import (
    best_means,
    block_means,
    counted,
    mean_and_deviation,
    running_sums,
)
from tests.reference import sums as slow
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


PAIRS = st.lists(st.tuples(st.integers(-9, 9), st.integers(0, 5)), min_size=1, max_size=12)


@settings(deadline=None)
@given(PAIRS, st.lists(st.tuples(st.integers(1, 14), st.sampled_from([1, 6]), st.integers(0, 3))))
def test_the_best_means_equal_the_slow_twin(
    pairs: list[tuple[int, int]], asked: list[tuple[int, int, int]]
) -> None:
    total, known = np.cumsum(np.array(pairs, dtype=np.float64), axis=0).T.copy()
    steps, least, span = np.array(asked, dtype=np.int64).reshape(-1, 3).T.copy()
    found = best_means(total, known, steps, least.astype(np.float64), span.astype(np.float64))
    expected = [slow.best_mean(total.tolist(), known.tolist(), *window) for window in asked]
    assert found.tolist() == pytest.approx(expected, nan_ok=True)


@settings(deadline=None)
@given(PAIRS, st.sampled_from([1.0, 4.0, 30.0]))
def test_means_of_blocks_equal_the_slow_twin(pairs: list[tuple[int, int]], block_s: float) -> None:
    values, weights = np.array(pairs, dtype=np.float64).T.copy()
    blocks, means = block_means(values, weights, 0.0, block_s)
    expected = slow.block_means(values.tolist(), weights.tolist(), 0.0, block_s)
    assert blocks == expected[0]
    assert means.tolist() == pytest.approx(expected[1])


def test_a_pause_is_a_short_stand_and_a_gap_counts_nothing() -> None:
    time = np.array([0.0, 1.0, 3.0, 63.0, 64.0, 65.0])
    values = np.array([3.0, np.nan, 2.0, np.inf, 4.0])
    paused = np.array([False, False, True, False, False])
    found, seconds = counted(time, values, paused, 15.0)
    assert found.tolist() == [3.0, 0.0, 0.0, 0.0, 4.0]
    assert seconds.tolist() == [1.0, 0.0, 15.0, 0.0, 1.0]


@settings(deadline=None)
@given(st.lists(VALUES, max_size=12))
def test_mean_and_deviation_are_those_of_numpy(values: list[float]) -> None:
    known = np.array([value for value in values if np.isfinite(value)])
    expected = (known.mean(), known.std()) if known.size else (np.nan, np.nan)
    found = mean_and_deviation(np.array(values, dtype=np.float64))
    assert found == pytest.approx(expected, nan_ok=True, abs=1e-6)
