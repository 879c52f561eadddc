"""A rep that is missing from a regular set."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.segment import segment_signal
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.choice import choose, shipped_weights
from intervaldetect.structure.missing import find_missing
from tests.clean.build import activity, stretches

Stretch = tuple[float, float]
REP, REST = (180.0, 4.2), (120.0, 2.8)


def starts(*third: Stretch, rests: tuple[float, ...] = (120.0,) * 6) -> list[float]:
    """Return the starts found in a set whose third rep is run like this and was not chosen."""
    reps: list[tuple[Stretch, ...]] = [(REP,)] * 6
    reps[2] = third
    parts = [(600.0, 2.8)]
    for rep, rest_s in zip(reps, rests, strict=True):
        parts += [*rep, (rest_s, REST[1])]
    time, distance = stretches(*parts, (400.0, 2.8))
    noise = 0.05 * np.random.default_rng(3).normal(size=time.size)
    signal = clean_activity(activity(time, distance=np.maximum.accumulate(distance + noise)))
    pieces = segment_signal(signal)
    found = find_candidates(signal, pieces)
    plain = choose(found, shipped_weights())
    begin = 600.0 + 2 * REP[0] + rests[0] + rests[1]
    inside = (found.start_s > begin - 60.0) & (found.end_s < begin + REP[0] + 60.0)
    kept = ~inside[plain.chosen]
    assert kept.sum() == 5
    plain = replace(plain, chosen=plain.chosen[kept], log_odds=plain.log_odds[kept])
    _, level, again = find_missing(signal, pieces, found, shipped_weights(), plain)
    return level.start_s[again.chosen].tolist()


def test_a_rep_cut_short_by_a_corner() -> None:
    found = starts((80.0, 4.2), (100.0, 3.5))
    assert found == pytest.approx([600.0 + 300.0 * k for k in range(6)], abs=12.0)


@pytest.mark.parametrize(
    "third",
    [
        pytest.param(((180.0, 2.95),), id="left out"),
        pytest.param(((180.0, 3.1),), id="hardly faster than a jog"),
    ],
)
def test_what_was_not_run_is_not_added(third: tuple[Stretch, ...]) -> None:
    assert len(starts(*third)) == 5


def test_a_longer_break_has_no_room_for_a_rep() -> None:
    assert len(starts((180.0, 3.6), rests=(120.0, 220.0, 120.0, 120.0, 120.0, 120.0))) == 5
