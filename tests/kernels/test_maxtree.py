from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.kernels.maxtree import max_tree
from tests.reference import maxtree as slow


@settings(deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.5, 0.9, 1.0, 1.1, 1.3]), max_size=30))
def test_the_runs_are_those_of_every_cut(level: list[float]) -> None:
    found = max_tree(np.array(level, dtype=np.float64))
    assert list(zip(*(column.tolist() for column in found), strict=True)) == slow.max_tree(level)


def test_a_rep_within_a_run() -> None:
    first, last, top, below = max_tree(np.array([1.0, 1.4, 1.0]))
    assert first.tolist() == [0, 1]
    assert last.tolist() == [3, 2]
    assert top.tolist() == [1.0, 1.4]
    assert below.tolist() == [-1.0, 1.0]
