"""Stretches that only follow the ground."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.clean import clean_activity, cost_ratio
from intervaldetect.records import Floats
from intervaldetect.segment import segment_signal
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.ground import due_to_ground
from tests.clean.build import activity, stretches

DOWN, UP = 4.0, 3.2
COURSE = [part for _ in range(6) for part in ((120.0, UP), (90.0, DOWN))] + [(120.0, UP)]


def on(altitude: Floats | float, seed: int = 0) -> bool:
    """Ask of the fast stretches of the course, on ground of this altitude."""
    time, distance = stretches(*COURSE)
    noise = 0.05 * np.random.default_rng(seed).normal(size=time.size)
    run = activity(time, distance=np.maximum.accumulate(distance + noise), altitude=altitude)
    signal = clean_activity(run)
    pieces = segment_signal(signal)
    found = find_candidates(signal, pieces)
    fast = np.flatnonzero(np.abs(found.seconds - 90.0) < 12.0)
    assert fast.size == 6
    return due_to_ground(signal, pieces, found, fast)


def climbed(grade_up: float, grade_down: float) -> Floats:
    time, distance = stretches(*COURSE)
    edges = np.concatenate(([0.0], np.cumsum([seconds for seconds, _ in COURSE])))
    place = np.clip(np.searchsorted(edges, time[1:], "left") - 1, 0, len(COURSE) - 1)
    grade = np.where(place % 2 == 1, grade_down, grade_up)
    return 200.0 + np.concatenate(([0.0], np.cumsum(grade * np.diff(distance))))


def test_downhill_at_one_effort_is_no_effort() -> None:
    up, down = 0.02, -0.045
    assert DOWN * float(cost_ratio(np.array([down]))[0]) < UP * float(cost_ratio(np.array([up]))[0])
    assert on(climbed(up, down))


@pytest.mark.parametrize("altitude", [100.0, np.nan])
def test_faster_on_the_level_is_an_effort_and_so_is_what_nobody_knows(altitude: float) -> None:
    assert not on(altitude)


def test_uphill_and_faster_is_an_effort() -> None:
    assert not on(climbed(-0.03, 0.03))
