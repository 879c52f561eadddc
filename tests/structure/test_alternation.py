"""Over-unders inside one long effort."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.records import Pieces, Signal
from intervaldetect.segment import segment_signal
from intervaldetect.structure.alternation import Turns, take_turns
from intervaldetect.structure.candidates import find_candidates
from tests.clean.build import activity, stretches

EASY, OVER, UNDER = 3.6, 5.3, 4.9


def turns_in(*parts: tuple[float, float], seed: int = 0) -> tuple[Signal, Pieces, Turns | None]:
    """Run these parts between easy ones, with a pace that wanders, and look into the block."""
    time, distance = stretches((600.0, EASY), *parts, (600.0, EASY))
    random = np.random.default_rng(seed)
    wander = np.zeros(time.size)
    for k in range(1, time.size):
        wander[k] = 0.96 * wander[k - 1] + 0.28 * random.normal()
    uneven = np.cumsum(np.diff(distance, prepend=0.0) * (1.0 + 0.02 * wander))
    signal = clean_activity(activity(time, distance=uneven))
    pieces = segment_signal(signal)
    found = find_candidates(signal, pieces)
    end = 600.0 + sum(seconds for seconds, _ in parts)
    off = np.abs(found.start_s - 600.0) + np.abs(found.end_s - end)
    return signal, pieces, take_turns(pieces, found, np.array([int(np.argmin(off))]))


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(("count", "over_s", "under_s"), [(8, 120.0, 120.0), (6, 180.0, 90.0)])
def test_turns_are_found_with_their_edges(
    count: int, over_s: float, under_s: float, seed: int
) -> None:
    parts = [(over_s, OVER), (under_s, UNDER)] * (count - 1) + [(over_s, OVER)]
    signal, pieces, turns = turns_in(*parts, seed=seed)
    assert turns is not None
    cut = turns.pieces
    assert cut.start[0] == 0
    assert cut.end[-1] == pieces.end[-1]
    assert (cut.start[1:] == cut.end[:-1]).all()
    assert cut.seconds.sum() == pytest.approx(pieces.seconds.sum())
    assert turns.faster.size == count
    starts = signal.time_s[cut.start[turns.faster]]
    expected = 600.0 + (over_s + under_s) * np.arange(count)
    assert np.abs(starts - expected).max() < 15.0
    assert np.median(np.abs(starts - expected)) < 5.0
    assert (cut.level[turns.faster[:-1]] > cut.level[turns.faster[:-1] + 1]).all()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    "parts",
    [
        ((1800.0, 5.1),),
        ((900.0, 5.0), (900.0, 5.2)),
        ((200.0, OVER), (700.0, UNDER), (100.0, OVER), (300.0, UNDER), (500.0, OVER)),
        ((120.0, OVER), (120.0, UNDER), (120.0, OVER)),  # too short a block
    ],
)
def test_no_turns_where_nothing_is_regular(
    parts: tuple[tuple[float, float], ...], seed: int
) -> None:
    assert turns_in(*parts, seed=seed)[2] is None
