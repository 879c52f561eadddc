"""Efforts that the others vouch for."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.company import in_step, on_its_own
from intervaldetect.structure.evidence import FEATURES

SET = [(600.0, 700.0), (760.0, 860.0), (920.0, 1020.0), (1080.0, 1180.0)]
CHOSEN = np.arange(4)


def efforts(
    spans: Sequence[tuple[float, float]],
    speeds: Sequence[float],
    *,
    contrast: float = 0.3,
    rate: float = 1.5,
) -> Candidates:
    start, end = (np.array(side) for side in zip(*spans, strict=True))
    features = np.zeros((len(spans), len(FEATURES)))
    features[:, FEATURES.index("contrast_min")] = contrast
    features[:, FEATURES.index("hr_over_outside")] = rate
    place = np.arange(len(spans))
    return Candidates(place, place + 1, start, end, end - start, np.array(speeds), features)


@pytest.mark.parametrize(
    ("span", "speed", "due"),
    [
        ((1240.0, 1270.0), 1.3, True),  # a short last rung, a gap away
        ((510.0, 540.0), 1.3, True),  # a first one
        ((1240.0, 1270.0), 1.15, False),  # slower
        ((1330.0, 1360.0), 1.3, False),  # later
        ((700.0, 750.0), 1.3, False),  # in a recovery
        ((1000.0, 1020.0), 1.3, False),  # part of a rep
    ],
)
def test_what_is_as_fast_and_comes_when_it_is_due_is_in_step(
    span: tuple[float, float], speed: float, due: bool
) -> None:
    found = efforts([*SET, span], [1.3] * 4 + [speed])
    assert in_step(found, CHOSEN).tolist() == [False] * 4 + [due]


def test_nothing_is_in_step_with_few_or_with_uneven_gaps() -> None:
    found = efforts([*SET, (1240.0, 1270.0)], [1.3] * 5)
    assert not in_step(found, CHOSEN[:3]).any()
    uneven = efforts(
        [(0.0, 100.0), (110.0, 200.0), (260.0, 360.0), (600.0, 700.0), (760.0, 790.0)], [1.3] * 5
    )
    assert not in_step(uneven, CHOSEN).any()


@given(
    st.lists(
        st.tuples(st.floats(0.0, 3000.0), st.floats(5.0, 900.0), st.floats(0.5, 2.0)), max_size=20
    )
)
def test_what_is_in_step_never_overlaps_what_is_chosen(
    others: list[tuple[float, float, float]],
) -> None:
    spans = [*SET, *((start, start + seconds) for start, seconds, _ in others)]
    found = efforts(spans, [1.3] * 4 + [speed for _, _, speed in others])
    for start, end in np.array(spans)[in_step(found, CHOSEN)]:
        assert all(end < a or b < start for a, b in SET)


PIECE = (100.0, 400.0)


@pytest.mark.parametrize(
    ("span", "speed", "contrast", "rate", "own"),
    [
        (PIECE, 1.15, 0.1, 1.3, True),
        ((100.0, 200.0), 1.15, 0.1, 1.3, False),  # short
        ((300.0, 580.0), 1.15, 0.1, 1.3, False),  # leads into the set
        ((1300.0, 1600.0), 1.15, 0.1, 1.3, False),  # after it
        (PIECE, 1.0, 0.1, 1.3, False),  # a warm-up
        (PIECE, 1.15, 0.01, 1.3, False),  # without an edge
        (PIECE, 1.15, 0.1, 0.4, False),  # not felt
    ],
)
def test_a_piece_before_the_set_stands_on_its_own(
    span: tuple[float, float], speed: float, contrast: float, rate: float, own: bool
) -> None:
    found = efforts([*SET, span], [1.3] * 4 + [speed], contrast=contrast, rate=rate)
    assert on_its_own(found, CHOSEN).tolist() == [False] * 4 + [own]
