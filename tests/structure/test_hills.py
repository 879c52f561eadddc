"""Edges of climbs are those of plain speed close by."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import FEATURES
from intervaldetect.structure.hills import NEAR_S, sharpen

Spans = list[tuple[float, float]]


def efforts(spans: Spans) -> Candidates:
    start, end = (np.array(side) for side in zip(*spans, strict=True))
    place = np.arange(start.size)
    features = np.zeros((start.size, len(FEATURES)))
    return Candidates(place, place + 1, start, end, end - start, np.ones(start.size), features)


def test_an_edge_moves_to_the_nearest_of_its_kind() -> None:
    climbs = sharpen(efforts([(109.0, 152.0), (300.0, 340.0)]), efforts([(100.0, 160.0), (0, 420)]))
    assert climbs.start_s.tolist() == [100.0, 300.0]
    assert climbs.end_s.tolist() == [160.0, 340.0]


spans = st.lists(
    st.tuples(st.floats(0.0, 3000.0), st.floats(1.0, 600.0)).map(lambda s: (s[0], s[0] + s[1])),
    min_size=1,
    max_size=12,
)


@given(spans, spans)
def test_edges_move_by_little_and_efforts_stay_efforts(climbs: Spans, level: Spans) -> None:
    before, after = efforts(climbs), sharpen(efforts(climbs), efforts(level))
    assert (np.abs(after.start_s - before.start_s) <= NEAR_S).all()
    assert (np.abs(after.end_s - before.end_s) <= NEAR_S).all()
    assert (after.start_s < after.end_s).all()
