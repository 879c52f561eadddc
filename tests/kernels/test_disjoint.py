from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.disjoint import best_disjoint
from tests.reference import disjoint as slow


def nested(start: int, size: int, data: st.DataObject) -> list[tuple[int, int]]:
    """Ranges within ``[start, start + size)``, parents first."""
    found = [(start, start + size)]
    cuts = sorted(data.draw(st.sets(st.integers(start, start + size), max_size=4)))
    for a, b in pairwise(cuts):
        if b - a < size and len(found) < 9:
            found += nested(a, b - a, data)
    return found[:9]


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 12), st.data())
def test_the_sum_is_the_best_there_is(size: int, data: st.DataObject) -> None:
    ranges = nested(0, size, data)
    scores = data.draw(st.lists(st.integers(-5, 5), min_size=len(ranges), max_size=len(ranges)))
    first, last = np.array(ranges).T.copy()
    chosen = best_disjoint(first, last, np.array(scores, dtype=np.float64)).tolist()
    assert sum(scores[q] for q in chosen) == pytest.approx(
        slow.best_sum(first.tolist(), last.tolist(), scores)
    )
    assert all(last[a] <= first[b] for a, b in pairwise(chosen))
    assert all(scores[q] > 0 for q in chosen)


def test_nothing_is_chosen_of_nothing() -> None:
    none = np.empty(0, np.int64)
    assert best_disjoint(none, none, np.empty(0)).size == 0
