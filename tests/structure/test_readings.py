"""Readings: what the net sees becomes stretches; doubles, moments and crumbs go."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.records import Signal
from intervaldetect.structure.frames import find_frames
from intervaldetect.structure.net import SURELY_PLAIN, Posterior
from intervaldetect.structure.readings import (
    LARGEST_LOG_ODDS,
    MIN_RECOVERY_S,
    MIN_REP_S,
    Reading,
    at_places,
    evidence_of,
    highest_near,
    log_odds_of,
    propose,
)
from tests.structure.test_frames import signal_of

REPS = ((300.0, 420.0), (480.0, 600.0), (660.0, 780.0))


def run(reps: tuple[tuple[float, float], ...] = REPS) -> Signal:
    time = np.arange(0.0, 1201.0)
    speed = np.full(1200, 2.8)
    for start, end in reps:
        speed[int(start) : int(end)] = 4.0
    return signal_of(time, speed)


def seen(
    signal: Signal,
    reps: tuple[tuple[float, float], ...],
    *,
    chance: float = 0.97,
    planned: float = 0.9,
) -> Posterior:
    """Return a posterior as a net would give that sees these reps."""
    frames = find_frames(signal)
    rep, start, end = (
        np.full(len(frames), 0.02),
        np.full(len(frames), 0.01),
        np.full(len(frames), 0.01),
    )
    for a, b in reps:
        rep[int(a // 2) : int(b // 2)] = chance
        start[int(a // 2)] = end[min(int(b // 2), len(frames) - 1)] = 0.8
    return Posterior(frames, rep, start, end, planned)


def test_what_the_net_sees_is_proposed() -> None:
    signal = run()
    readings = propose(signal, seen(signal, REPS))
    assert len(readings) >= 1
    first = readings[0]
    assert first.start_s == pytest.approx([a for a, _ in REPS], abs=2.5)
    assert first.end_s == pytest.approx([b for _, b in REPS], abs=3.0)


def test_readings_differ_and_are_in_order() -> None:
    signal = run()
    readings = propose(signal, seen(signal, REPS, chance=0.6))
    keys = {(*r.start_s.round(1).tolist(), *r.end_s.round(1).tolist()) for r in readings}
    assert len(keys) == len(readings)
    for reading in readings:
        assert len(reading) >= 1
        assert (reading.end_s - reading.start_s >= MIN_REP_S).all()
        assert (reading.start_s[1:] - reading.end_s[:-1] >= MIN_RECOVERY_S).all()


@pytest.mark.parametrize(("gap_s", "count"), [(8.0, 1), (12.0, 2)])
def test_a_moment_parts_no_rep(gap_s: float, count: int) -> None:
    """An even run, so that no edge moves: only what the net says parts."""
    signal = run(())
    spans = ((300.0, 420.0), (420.0 + gap_s, 560.0))
    frames = [r for r in propose(signal, seen(signal, spans)) if r.generator == "frames"]
    assert {len(r) for r in frames} == {count}


def test_nothing_is_proposed_of_a_run_that_is_surely_plain() -> None:
    signal = run()
    assert propose(signal, seen(signal, REPS, planned=SURELY_PLAIN / 2)) == []
    assert propose(signal, seen(signal, REPS, planned=SURELY_PLAIN * 2))


def test_nothing_seen_is_no_reading() -> None:
    signal = run(())
    readings = propose(signal, seen(signal, ()))
    assert all(len(reading) for reading in readings)


def test_log_odds_are_bounded() -> None:
    assert log_odds_of(np.array([0.0, 0.5, 1.0])).tolist() == [
        -LARGEST_LOG_ODDS, 0.0, LARGEST_LOG_ODDS,
    ]  # fmt: skip


def test_the_ends_of_the_recording_count_as_edges() -> None:
    signal = run(())
    evidence = evidence_of(seen(signal, ()))
    assert evidence.start[0] == 0.0
    assert evidence.end[-1] == 0.0
    assert evidence.start[1] < 0.0


@pytest.mark.parametrize(("weak", "expected"), [("start", (480.0, 600.0)), ("end", (300.0, 420.0))])
def test_an_odd_rep_is_cut_to_the_length_of_the_others(
    weak: str, expected: tuple[float, float]
) -> None:
    """A warm-up that runs into the first rep is cut off at the edge that is less sure."""
    signal = run(())
    posterior = seen(signal, ((300.0, 600.0), (660.0, 780.0), (840.0, 960.0), (1020.0, 1140.0)))
    getattr(posterior, weak)[150 if weak == "start" else 300] = 0.01
    evened = [r for r in propose(signal, posterior) if r.generator == "evened"]
    assert [(r.start_s[0], r.end_s[0]) for r in evened[:1]] == [expected]
    assert evened[0].end_s - evened[0].start_s == pytest.approx([120.0] * 4)


def test_reps_without_a_usual_length_stay_as_they_are() -> None:
    signal = run(())
    for spans in (
        ((300.0, 600.0), (660.0, 780.0)),  # two have none
        ((300.0, 600.0), (660.0, 780.0), (840.0, 900.0), (960.0, 1000.0)),  # a ladder
        ((300.0, 420.0), (480.0, 600.0), (660.0, 780.0)),  # nothing odd
    ):
        readings = propose(signal, seen(signal, spans))
        assert not [r for r in readings if r.generator == "evened"]


REGULAR = ((300.0, 420.0), (480.0, 600.0), (660.0, 780.0), (840.0, 960.0), (1020.0, 1140.0))


def filled(signal: Signal, spans: tuple[tuple[float, float], ...]) -> list[Reading]:
    return filled_of(signal, seen(signal, spans))


def filled_of(signal: Signal, posterior: Posterior) -> list[Reading]:
    return [r for r in propose(signal, posterior) if r.generator == "filled"]


@pytest.mark.parametrize("missing", [0, 2, 4])
def test_a_rep_that_is_due_is_proposed(missing: int) -> None:
    """The first, one between and the last: each as long as the others, at the usual interval."""
    signal = run(REGULAR)
    others = tuple(span for k, span in enumerate(REGULAR) if k != missing)
    readings = [r for r in filled(signal, others) if len(r) == len(REGULAR)]
    start, end = readings[0].start_s[missing], readings[0].end_s[missing]
    assert (start, end) == pytest.approx(REGULAR[missing], abs=3.0)


def test_a_due_rep_goes_where_the_evidence_is_best() -> None:
    """The missing one began 8 s late: within a tenth of the interval of three minutes."""
    signal = run(())
    posterior = seen(signal, (*REGULAR[:2], *REGULAR[3:]))
    posterior.rep[334:394] = 0.021  # no rep by itself
    (first, *_) = filled_of(signal, posterior)
    nearest = np.argmin(np.abs(first.start_s - REGULAR[2][0]))
    assert (first.start_s[nearest], first.end_s[nearest]) == pytest.approx((668.0, 788.0), abs=2.0)


@pytest.mark.parametrize(("speed", "count"), [(0.84, 0), (0.87, 1)])
def test_a_due_rep_is_hardly_slower_than_the_others(speed: float, count: int) -> None:
    signal = run(())
    metres = signal.distance_m * speed
    others = REGULAR[1:4]
    for start, end in ((int(a), int(b)) for a, b in others):
        metres[start : end + 1] = metres[start] + 2.8 * np.arange(end - start + 1)
        metres[end + 1 :] = metres[end] + speed * 2.8 * np.arange(1, metres.size - end)
    found = filled(replace(signal, distance_m=metres), others)
    assert len([r for r in found if r.start_s[0] < 400.0]) == count


@pytest.mark.parametrize(
    "spans",
    [
        REGULAR[:2],  # two have no usual length
        ((300.0, 420.0), (480.0, 600.0), (900.0, 1020.0)),  # no interval comes twice
        ((300.0, 420.0), (480.0, 540.0), (660.0, 860.0)),  # no length does
    ],
)
def test_without_a_rhythm_no_rep_is_due(spans: tuple[tuple[float, float], ...]) -> None:
    assert not filled(run(REGULAR), spans)


def test_no_rep_is_due_out_of_step() -> None:
    """Three intervals apart: the middle lies between two places where reps are due."""
    spans = ((100.0, 220.0), (280.0, 400.0), (460.0, 580.0), (1000.0, 1120.0))
    assert not filled(run(()), spans)


def test_no_rep_is_due_where_a_longer_one_was_run() -> None:
    """None is put on top of it, and none pushes it aside."""
    spans = (*REGULAR[:2], (660.0, 930.0), REGULAR[4])
    assert not filled(run(spans), spans)


def test_no_rep_is_due_outside_of_the_recording() -> None:
    """The next ones would begin before the first second and end after the last."""
    spans = tuple((start, start + 120.0) for start in (100.0, 280.0, 460.0, 640.0, 820.0, 1000.0))
    assert not filled(run(spans), spans)


def test_the_highest_score_near_a_place_ends_with_the_recording() -> None:
    scores = np.array([5.0, 0.0, 1.0, 0.0, 0.0, 3.0])
    assert highest_near(scores, 1).tolist() == [5.0, 5.0, 1.0, 1.0, 3.0, 3.0]
    assert highest_near(scores, 9).tolist() == [5.0] * 6
    assert at_places(scores, np.array([0.4, 1.6, 6.0])).tolist() == [5.0, 1.0, 3.0]
