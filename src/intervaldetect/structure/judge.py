"""One judge of readings: how well each explains the run, beside that nothing was planned.

Every reading is described by named features; one fitted model gives each a score, and their softmax
is the chance that this reading is the right one (a conditional logit, McFadden 1974). The weights
are data (``judge.json``), fitted by ``benchmarks/accuracy`` on athletes that the net had not seen.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from intervaldetect.records import Bools, Floats, Ints, Signal
from intervaldetect.structure.frames import RUNNING_MPS
from intervaldetect.structure.net import Posterior
from intervaldetect.structure.readings import (
    LARGEST_LOG_ODDS,
    NEAR_FRAMES,
    Reading,
    at_places,
    grown,
    highest_near,
    log_odds_of,
    running_total,
)
from intervaldetect.structure.sets import SAME_SET

FEATURES = (
    "count", "work", "inside_sure", "edges", "edge_worst", "spread_seconds", "spread_gap",
    "uneven", "singles", "contrast", "over_easy_worst", "longest", "share", "planned", "little",
)  # fmt: skip
NOTHING = ("nothing", "most")
"""Features of the reading that nothing was planned."""
REP_FEATURES = ("one", "planned", "inside", "start", "end", "contrast")
"""Features by which the chance of a single rep is told."""

NEVER = -12.0
"""Log-odds of planned work where nothing was proposed."""
BESIDE_S = 60.0
LITTLE_S = 300.0
"""Less work than this is hardly a workout."""
LEAST_UNEVEN, MOST_UNEVEN = 0.01, 0.3
"""Differences in log length between which reps grow less alike: a timed rep is exact to 1 %."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The likeliest reading, None without any, and how sure it is.

    ``unaided`` is what would be taken without a plan's bonus. ``log_odds`` are those of planned
    work at all, calibrated; ``confidence`` (k,) is the chance of each rep, ``start_error_s`` and
    ``end_error_s`` (k,) the standard errors of its edges.
    """

    reading: Reading | None
    unaided: Reading | None
    log_odds: float
    confidence: Floats
    start_error_s: Floats
    end_error_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class EdgeErrors:
    """Standard error of an edge in s, by how sure the net is of it.

    Two in three edges lie within it of where the athlete pressed the lap button, apart from the
    athlete's own habit. ``start_s`` and ``end_s`` have one value more than ``sure``, the bounds.
    """

    sure: Floats
    start_s: Floats
    end_s: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The fitted model: a slope a feature, for readings and for nothing; and the calibration."""

    version: str
    readings: Floats
    nothing: Floats
    claim: tuple[float, float]
    rep: Floats
    edges: EdgeErrors


@functools.cache
def shipped_weights() -> Weights:
    """Load the weights that come with the package."""
    resource = importlib.resources.files("intervaldetect.structure") / "judge.json"
    return weights_from(json.loads(resource.read_text(encoding="utf-8")))


def weights_from(data: Mapping[str, Any]) -> Weights:
    """Build weights from the object in ``judge.json``; features are matched by name."""
    slope, offset = data["claim"]
    return Weights(
        str(data["version"]),
        np.array([data["readings"][name] for name in FEATURES]),
        np.array([data["nothing"][name] for name in NOTHING]),
        (float(slope), float(offset)),
        np.array([data["rep"][name] for name in REP_FEATURES]),
        EdgeErrors(*(np.array(data["edges"][name]) for name in ("sure", "start_s", "end_s"))),
    )


@dataclass(frozen=True, slots=True, eq=False)
class Described:
    """The readings of a run with their features (r, f), of nothing (g,), and of every rep."""

    readings: Sequence[Reading]
    features: Floats
    nothing: Floats
    reps: Sequence[Floats]


def describe(signal: Signal, posterior: Posterior, readings: Sequence[Reading]) -> Described:
    """Measure readings by the features that `FEATURES` names."""
    run = _Run(signal, posterior)
    if not readings:
        return Described(readings, np.empty((0, len(FEATURES))), run.nothing(), ())
    spans = _Spans.of(readings)
    features, by_rep = _features(run, spans)
    ends = np.cumsum([len(reading) for reading in readings])
    return Described(readings, features, run.nothing(), np.split(by_rep, ends[:-1]))


def decide(
    described: Described, weights: Weights | None = None, bonus: Floats | None = None
) -> Verdict:
    """Take the likeliest reading, by the weights that are shipped where none are given.

    ``bonus`` (r,) is what a plan adds to the readings by which they compete; whether work was
    planned is judged without.
    """
    weights = weights or shipped_weights()
    if not len(described.readings):
        return Verdict(None, None, NEVER, *(np.empty(0),) * 3)
    scores = described.features @ weights.readings
    top = float(scores.max())
    total = top + math.log(float(np.exp(scores - top).sum()))
    slope, offset = weights.claim
    log_odds = slope * (total - float(described.nothing @ weights.nothing)) + offset
    best = int(np.argmax(scores if bonus is None else scores + bonus))
    reps = described.reps[best]
    planned = min(max(log_odds, -LARGEST_LOG_ODDS), LARGEST_LOG_ODDS)
    sure = weights.rep @ np.vstack((np.ones(len(reps)), np.full(len(reps), planned), reps.T))
    errors = weights.edges
    return Verdict(
        described.readings[best],
        described.readings[int(np.argmax(scores))],
        log_odds,
        1.0 / (1.0 + np.exp(-sure)),
        errors.start_s[errors.sure.searchsorted(reps[:, 1], "right")],
        errors.end_s[errors.sure.searchsorted(reps[:, 2], "right")],
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Spans:
    """The reps of all readings in one row: which reading each is of, where each reading begins."""

    start_s: Floats
    end_s: Floats
    owner: Ints
    begin: Ints

    @classmethod
    def of(cls, readings: Sequence[Reading]) -> _Spans:
        counts = np.array([len(reading) for reading in readings])
        return cls(
            np.concatenate([reading.start_s for reading in readings]),
            np.concatenate([reading.end_s for reading in readings]),
            np.repeat(np.arange(counts.size), counts),
            np.concatenate(([0], np.cumsum(counts)[:-1])),
        )

    def mean(self, values: Floats, weights: Floats | None = None) -> Floats:
        """Return the mean by reading, 0 where all weights are."""
        weights = np.ones(values.size) if weights is None else weights
        total = np.bincount(self.owner, values * weights, self.begin.size)
        weight = np.bincount(self.owner, weights, self.begin.size)
        return np.where(weight > 0.0, total / np.maximum(weight, 1e-9), 0.0)

    def spread(self, values: Floats, known: Floats | None = None) -> Floats:
        """Return the standard deviation of the logarithm by reading."""
        logs = np.log(np.maximum(values, 1.0))
        mean = self.mean(logs, known)
        return np.sqrt(np.maximum(self.mean((logs - mean[self.owner]) ** 2, known), 0.0))


class _Run:
    """A run as the judge sees it: running totals of which any stretch is a difference."""

    def __init__(self, signal: Signal, posterior: Posterior) -> None:
        frames = posterior.frames
        self.posterior = posterior
        self.border_s, self.time_s = frames.time_s, signal.time_s
        seconds = np.diff(signal.time_s)
        self.moving = running_total(np.where(signal.paused, 0.0, seconds))
        # Hills: what counts is the speed on level ground that costs as much.
        level = ~np.isnan(signal.adjusted_speed_mps) & ~signal.paused
        moved = np.diff(signal.distance_m)
        self.metres = running_total(np.where(level, signal.adjusted_speed_mps * seconds, moved))
        speed, covered = frames.channels[:2]
        running = np.where((speed > RUNNING_MPS) & (covered > 0.5), np.diff(frames.time_s), 0.0)
        # By frames: how sure the net is, seconds of running, and the metres run in them.
        self.sure, self.run_s = running_total(log_odds_of(posterior.rep)), running_total(running)
        self.run_m = running_total(np.where(running > 0.0, running * speed, 0.0))

    def at(self, moment_s: Floats) -> Floats:
        """Return moments in frames."""
        return np.interp(moment_s, self.border_s, np.arange(self.border_s.size))

    def speed(self, start_s: Floats, end_s: Floats) -> Floats:
        """Return the speed while moving, 0 where hardly anybody moved."""
        metres, moving = (
            np.interp(end_s, self.time_s, total) - np.interp(start_s, self.time_s, total)
            for total in (self.metres, self.moving)
        )
        still = moving < np.maximum(0.2 * (end_s - start_s), 1.0)
        return np.where(still, 0.0, metres / np.maximum(moving, 1.0))

    def nothing(self) -> Floats:
        """Return the features of the reading that nothing was planned."""
        return np.array([1.0, _logit(float(self.posterior.rep.max())) / 3.0])


def _features(run: _Run, spans: _Spans) -> tuple[Floats, Floats]:
    """Return the features of readings (r, f) and of all their reps (k, 4)."""
    start, end = spans.start_s, spans.end_s
    first, last = run.at(start), run.at(end)
    seconds, frames = end - start, np.maximum(last - first, 1.0)
    speed = run.speed(start, end)
    sure = grown(run.sure, first, last) / frames / LARGEST_LOG_ODDS
    starts = at_places(highest_near(run.posterior.start, NEAR_FRAMES), first)
    ends = at_places(highest_near(run.posterior.end, NEAR_FRAMES), last)
    edge = np.minimum(starts, ends)
    work = np.bincount(spans.owner, seconds)
    count = np.bincount(spans.owner).astype(np.float64)

    follows = np.append(spans.owner[1:] == spans.owner[:-1], False)
    until = np.where(follows, np.append(start[1:], 0.0), np.minimum(end + BESIDE_S, run.time_s[-1]))
    gap = np.maximum(until - end, 0.0)
    after = run.speed(end, until)
    leads = np.append(False, follows[:-1])
    since = np.where(leads, np.append(0.0, end[:-1]), np.maximum(start - BESIDE_S, 0.0))
    before = run.speed(since, start)
    quick = np.maximum(speed, 0.5)
    beside = np.maximum((np.minimum(before, quick) + np.minimum(after, quick)) / 2.0, 0.5)
    contrast = np.log(quick / beside)
    easy = _easy(run, spans, first, last)
    over = np.log(quick / easy[spans.owner])

    features = np.column_stack(
        (
            np.log(count),
            np.log(work) - 6.0,
            spans.mean(sure, seconds),
            spans.mean(np.log(edge + 0.02)),
            np.log(np.minimum.reduceat(edge, spans.begin) + 0.02),
            spans.spread(seconds),
            spans.spread(gap, follows.astype(np.float64)),
            spans.mean(_uneven(seconds, spans.owner)),
            spans.mean(_alone(seconds, follows)),
            spans.mean(contrast),
            np.minimum.reduceat(over, spans.begin),
            np.log(np.maximum.reduceat(seconds, spans.begin)) - 5.0,
            work / max(float(run.run_s[-1]), 1.0),
            np.full(count.size, _logit(run.posterior.planned)),
            np.maximum(np.log(LITTLE_S / work), 0.0),
        )
    )
    by_rep = np.column_stack((sure, starts, ends, np.clip(contrast, -1.0, 1.0)))
    return features, by_rep


def _easy(run: _Run, spans: _Spans, first: Floats, last: Floats) -> Floats:
    """Return the mean speed of the running outside of each reading's reps."""
    seconds, metres = (
        total[-1] - np.bincount(spans.owner, grown(total, first, last))
        for total in (run.run_s, run.run_m)
    )
    whole = run.run_m[-1] / max(run.run_s[-1], 1.0)
    mean: Floats = np.where(seconds < BESIDE_S, whole, metres / np.maximum(seconds, 1.0))
    return np.maximum(mean, 1.0)


def _uneven(seconds: Floats, owner: Ints) -> Floats:
    """Return how far each rep's length is from the nearest of the two before and the two after."""
    size = np.log(np.maximum(seconds, 1.0))
    nearest = np.full(size.size, MOST_UNEVEN)
    for step in (1, 2):
        apart = np.where(owner[step:] == owner[:-step], np.abs(size[step:] - size[:-step]), np.inf)
        nearest[step:] = np.minimum(nearest[step:], apart)
        nearest[:-step] = np.minimum(nearest[:-step], apart)
    uneven: Floats = np.log(nearest + LEAST_UNEVEN)
    return uneven


def _alone(seconds: Floats, follows: Bools) -> Floats:
    """Say of each rep if neither neighbour is alike in length."""
    size = np.log(np.maximum(seconds, 1.0))
    joins = follows & (np.abs(np.append(size[1:] - size[:-1], 0.0)) <= SAME_SET)
    alone: Floats = (~joins & ~np.append(False, joins[:-1])).astype(np.float64)
    return alone


def _logit(chance: float) -> float:
    chance = min(max(chance, 1e-3), 1.0 - 1e-3)
    return math.log(chance / (1.0 - chance))
