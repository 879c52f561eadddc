"""The likeliest spans against every set of spans."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.kernels.two_states import likeliest_spans
from tests.reference.two_states import best_score

pytestmark = pytest.mark.kernel


def score(spans: np.ndarray, inside: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    return float(sum(inside[i:j].sum() + start[i] + end[j] for i, j in spans))


@pytest.mark.parametrize("seed", range(30))
def test_no_set_of_spans_scores_higher(seed: int) -> None:
    random = np.random.default_rng(seed)
    n = int(random.integers(1, 8))
    inside = random.normal(0.0, 2.0, n)
    start, end = random.normal(-1.0, 1.5, (2, n + 1))
    spans = likeliest_spans(inside, start, end)
    assert score(spans, inside, start, end) == pytest.approx(best_score(inside, start, end))
    assert (spans[:, 0] < spans[:, 1]).all()
    assert (spans[1:, 0] >= spans[:-1, 1]).all()


def test_nothing_worth_it_is_nothing() -> None:
    assert likeliest_spans(np.full(5, -1.0), np.zeros(6), np.zeros(6)).shape == (0, 2)
    assert likeliest_spans(np.empty(0), np.zeros(1), np.zeros(1)).shape == (0, 2)


def test_a_span_reaches_from_the_first_to_the_last_frame() -> None:
    assert likeliest_spans(np.ones(4), np.zeros(5), np.zeros(5)).tolist() == [[0, 4]]


def test_a_sure_edge_parts_two_spans() -> None:
    start, end = np.full(7, -5.0), np.full(7, -5.0)
    start[[0, 3]] = end[[3, 6]] = 1.0
    assert likeliest_spans(np.ones(6), start, end).tolist() == [[0, 3], [3, 6]]
