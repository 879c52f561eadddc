"""What simulated runs are read as stays what it was; `python -m tests.worked` renews it.

Neither the nets nor the judge's fitted weights are among it: chances drawn around the true reps and
weights made by hand stand for them. So all else of the room shows, to six digits.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Sequence
from dataclasses import astuple, replace
from typing import Any, NamedTuple
from unittest.mock import patch

import numpy as np
import pytest

from intervaldetect import structure
from intervaldetect.clean import clean_activity
from intervaldetect.records import Activity, Signal
from intervaldetect.segment import segment_signal
from intervaldetect.simulate.plan import LapMode
from intervaldetect.structure.frames import INPUTS, Frames, find_frames, net_inputs
from intervaldetect.structure.judge import EdgeErrors, Weights, decide, describe
from intervaldetect.structure.net import Posterior
from intervaldetect.structure.readings import propose
from tests.structure.sessions import NEGATIVES, SHAPES, TABLE
from tests.worked import RENEW, near, plain, written

RUNS = (*TABLE[::3], *SHAPES, *NEGATIVES)
LAPS: tuple[LapMode, ...] = ("none", "manual", "none", "auto_km", "steps")
WEIGHTS = Weights(
    "by hand",
    np.array([0.4, 0.2, 0.3, 0.4, 0.1, -0.3, -0.7, -0.4, -0.9, 0.5, 0.2, -0.2, 0.9, 0.2, -0.8]),
    np.array([1.0, -0.3]),
    (1.1, -0.1),
    np.array([0.4, -0.1, 2.3, 0.9, 0.2, -0.8]),
    EdgeErrors(np.array([0.3, 0.6]), np.array([5.0, 3.0, 1.5]), np.array([4.0, 2.5, 1.25])),
)


class Run(NamedTuple):
    """A run as simulated, cleaned, and as a net might see it."""

    activity: Activity
    signal: Signal
    posterior: Posterior


@functools.cache
def drawn(number: int) -> Run:
    """Simulate a run, with laps by turns, and draw how sure a net is of its reps and edges."""
    session = RUNS[number]
    laps = LAPS[number % len(LAPS)] if session.plan.workout else session.plan.laps
    run = replace(session, plan=replace(session.plan, laps=laps)).run(1000 + number)
    activity = run.to_activity()
    signal = clean_activity(activity)
    frames = find_frames(signal)
    return Run(activity, signal, chances(frames, run.truth.reps or run.truth.strides, number))


def chances(frames: Frames, spans: Sequence[tuple[float, float]], number: int) -> Posterior:
    """Chances around true stretches: some are missed, some edges are off, one more is seen."""
    chance = random.Random(number)
    seen = list(spans)
    if chance.random() < 0.4:
        middle = 0.15 * float(frames.time_s[-1])
        seen.append((middle, middle + 40.0))
    rep, start, end = np.full(len(frames), 0.02), *np.full((2, len(frames)), 0.01)
    for begin, finish in seen:
        sure, off = (0.05, 0.3, 0.7, 0.9, 0.97)[int(5 * chance.random() ** 0.3)], chance.random()
        first, last = (int(at.searchsorted(t)) for at, t in (
            (frames.time_s, begin + 9.0 * off - 4.0), (frames.time_s, finish - 6.0 * off + 3.0),
        ))  # fmt: skip
        rep[first:last] = sure
        if first < len(frames):
            start[first] = sure * (0.4 + 0.6 * chance.random())
        end[min(last, len(frames) - 1)] = sure * (0.4 + 0.6 * chance.random())
    return Posterior(frames, rep, start, end, chance.choice((0.02, 0.2, 0.6, 0.9, 0.97)))


def inputs(number: int) -> list[Any]:
    """Mean and mean size of what the net takes, and the middle frame."""
    found = net_inputs(drawn(number).posterior.frames.channels).astype(np.float64)
    return [found.mean(axis=1).round(5), np.abs(found).mean(axis=1).round(5), len(found[0])]


def readings(number: int) -> list[Any]:
    run = drawn(number)
    return [
        [each.generator, len(each), each.start_s.sum(), each.end_s.sum()]
        for each in propose(run.signal, run.posterior)
    ]


def judged(number: int) -> list[Any]:
    run = drawn(number)
    described = describe(run.signal, run.posterior, propose(run.signal, run.posterior))
    verdict = decide(described, WEIGHTS)
    return [
        described.features.mean(axis=0) if len(described.readings) else [],
        described.nothing,
        np.concatenate(described.reps).mean(axis=0) if len(described.readings) else [],
        verdict.log_odds,
        verdict.confidence,
        verdict.start_error_s,
        verdict.end_error_s,
    ]


def workout(number: int) -> list[Any]:
    """The whole workout, but for its segments' means."""
    run = drawn(number)
    with patch.object(structure, "infer", lambda *_: run.posterior):
        found = structure.structure_workout(
            run.activity,
            run.signal,
            segment_signal(run.signal),
            model=structure.Model(judge=WEIGHTS),
        )
    return [
        [
            each.text, each.shape, each.structured_probability, each.laps_used, each.evidence,
            [astuple(one) for one in each.sets],
            [[s.role, s.start_s, s.end_s, s.start_error_s, s.end_error_s, s.confidence, s.source,
              s.distance_m, s.moving_s, s.grade_adjusted_speed_mps, s.set, s.rep]
             for s in each.segments],
        ]
        for each in (found, found.other) if each is not None
    ]  # fmt: skip


PARTS = {"inputs": inputs, "readings": readings, "judged": judged, "workouts": workout}


def made() -> dict[str, list[Any]]:
    return {name: [part(number) for number in range(len(RUNS))] for name, part in PARTS.items()}


def test_the_channels_of_the_net_are_those_of_its_names() -> None:
    assert [len(row[0]) for row in written("structure")["inputs"]] == [len(INPUTS)] * len(RUNS)


@pytest.mark.parametrize("number", range(len(RUNS)))
def test_a_run_comes_to_what_was_written_down(number: int) -> None:
    for name, part in PARTS.items():
        assert plain(part(number)) == near(written("structure")[name][number]), (name, RENEW)
