"""Reps of different sizes that heart rate vouches for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.records import Signal
from intervaldetect.segment import segment_signal
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.choice import choose, shipped_weights
from intervaldetect.structure.swings import follow_swings
from tests.clean.build import activity, stretches

# Seconds, m/s, bpm: three and six minutes by turns, hardly faster than an uneven warm-up.
WARM_UP = [(200.0, 2.6, 135.0), (150.0, 3.0, 138.0), (250.0, 2.5, 136.0)]
SIZES = (180.0, 360.0, 180.0, 360.0, 180.0)
Stretch = tuple[float, float, float]


def run_of(parts: list[Stretch], *, wander: float = 0.12) -> Signal:
    """Build a run whose speed wanders and whose heart rate follows slowly."""
    time, distance = stretches(*((s, v) for s, v, _ in parts))
    random = np.random.default_rng(7)
    drift = np.convolve(random.normal(size=time.size), np.ones(40) / 40**0.5, "same")
    speed = np.maximum(np.diff(distance) / np.diff(time) + wander * drift[1:], 0.0)
    distance = np.concatenate(([0.0], np.cumsum(speed * np.diff(time))))
    goal = np.concatenate([np.full(int(s), b) for s, _, b in parts])
    beats = np.empty(time.size)
    beats[0] = goal[0]
    for k in range(1, time.size):
        beats[k] = beats[k - 1] + (goal[min(k, goal.size - 1)] - beats[k - 1]) / 35.0
    run = activity(time, distance=distance)
    return clean_activity(replace(run, columns={**run.columns, "heart_rate": beats}))


def session(rest: float, low: float, rest_s: float = 120.0) -> list[Stretch]:
    reps = [part for s in SIZES for part in ((s, 3.2, 165.0), (rest_s, rest, low))]
    return [*WARM_UP, *reps, (600.0, 2.5, 135.0)]


def found(parts: list[Stretch]) -> tuple[list[float], list[float], float]:
    """Return the sizes chosen without and with heart rate as a witness, and the log-odds."""
    signal = run_of(parts)
    pieces = segment_signal(signal)
    candidates = find_candidates(signal, pieces)
    plain = choose(candidates, shipped_weights())
    weak = replace(plain, chosen=plain.chosen[:1], session_log_odds=-1.0)
    again = follow_swings(pieces, candidates, shipped_weights(), weak)
    sizes = candidates.seconds
    return sizes[weak.chosen].tolist(), sizes[again.chosen].tolist(), again.session_log_odds


def test_reps_by_turns_are_found() -> None:
    _, sizes, log_odds = found(session(2.5, 140.0))
    assert sizes == pytest.approx(list(SIZES), abs=25.0)
    assert log_odds > 1.0


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(session(2.5, 163.0), id="heart rate stays up"),
        pytest.param(session(0.0, 130.0), id="stops are no jogs"),
        pytest.param(session(2.5, 140.0, 420.0), id="longer between than they are"),
        pytest.param([*session(2.5, 140.0)[:9], (600.0, 2.5, 135.0)], id="three are too few"),
    ],
)
def test_what_heart_rate_does_not_vouch_for(parts: list[Stretch]) -> None:
    before, after, log_odds = found(parts)
    assert after == before
    assert log_odds == -1.0


def test_a_rise_that_is_not_known_vouches_for_nothing() -> None:
    """The sensor was lost at each start and after each end: between them it stayed up."""
    signal = run_of(session(2.5, 163.0))
    beats = signal.heart_rate_bpm.copy()
    start = sum(s for s, _, _ in WARM_UP)
    for size in SIZES:
        beats[int(start) - 10 : int(start) + 40] = np.nan
        beats[int(start + size) + 30 : int(start + size) + 90] = np.nan
        start += size + 120.0
    lost = replace(signal, heart_rate_bpm=beats)
    pieces = segment_signal(lost)
    candidates = find_candidates(lost, pieces)
    plain = choose(candidates, shipped_weights())
    weak = replace(plain, chosen=plain.chosen[:1], session_log_odds=-1.0)
    assert follow_swings(pieces, candidates, shipped_weights(), weak) is weak
