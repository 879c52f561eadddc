"""One judge of readings: how well each explains the run, beside the reading that nothing was planned.

Every reading is described by named features; one fitted model gives each a score, and their softmax is
the chance that this reading is the right one (a conditional logit, McFadden 1974). The weights are
data (``judge.json``), fitted by ``benchmarks/accuracy`` on athletes that the net had not seen.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Signal
from intervaldetect.structure.net import Posterior
from intervaldetect.structure.readings import Reading, evidence_of
from intervaldetect.structure.sets import SAME_SET

FEATURES = (
    "count", "work", "inside", "inside_worst", "inside_sure", "left_out", "left_out_worst",
    "edges", "edge_worst", "spread_seconds", "spread_metres", "spread_speed", "spread_gap",
    "sets", "singles", "contrast", "contrast_worst", "over_easy", "over_easy_worst",
    "heart_rate_rise", "heart_rate_rises", "heart_rate_over", "no_heart_rate",
    "shortest", "longest", "all_strides", "tiny_gaps", "fast_gaps", "long_floats", "share",
    "agreed", "agreed_most", "planned", "planned_without", "few", "single",
)  # fmt: skip
NOTHING = ("nothing", "planned", "best_seconds", "most", "edges_seen", "no_heart_rate")
"""Features of the reading that nothing was planned."""

NEVER = -12.0
"""Log-odds of planned work where nothing was proposed."""
SURE = 4.0
"""Log-odds of planned work beyond which they say no more of a rep."""
STRIDE_S = 27.0
TINY_GAP_S = 10.0
LONG_REP_S = 180.0
FLOAT_SHARE = 0.95
END_S, BEFORE_S = 10.0, 15.0
BEAT_STEP = 10.0
RUNNING_MPS = 1.6
BESIDE_S = 60.0


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """The likeliest reading, None without any, and how sure it is.

    ``log_odds`` are those of planned work at all, calibrated; ``confidence`` (k,) is the chance of each
    rep, ``start_error_s`` and ``end_error_s`` (k,) the standard errors of its edges.
    """

    reading: Reading | None
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


def weights_from(data: Mapping[str, object]) -> Weights:
    """Build weights from the object in ``judge.json``; features are matched by name."""
    readings, nothing, rep = data["readings"], data["nothing"], data["rep"]
    assert isinstance(readings, dict)
    assert isinstance(nothing, dict)
    assert isinstance(rep, dict)
    claim = data["claim"]
    assert isinstance(claim, list)
    edges = data["edges"]
    assert isinstance(edges, dict)
    return Weights(
        str(data["version"]),
        np.array([readings[name] for name in FEATURES]),
        np.array([nothing[name] for name in NOTHING]),
        (float(claim[0]), float(claim[1])),
        np.array([rep[name] for name in REP_FEATURES]),
        EdgeErrors(*(np.array(edges[name]) for name in ("sure", "start_s", "end_s"))),
    )


REP_FEATURES = ("one", "claim", "inside", "start", "end", "contrast")


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
    agreed = _agreements(readings)
    rows, reps = [], []
    for k, reading in enumerate(readings):
        row, by_rep = run.features(reading, agreed[k])
        rows.append(row)
        reps.append(by_rep)
    features = np.array(rows).reshape(len(readings), len(FEATURES))
    return Described(readings, features, run.nothing(), reps)


def judge(
    described: Described, weights: Weights | None = None, bonus: Floats | None = None
) -> Verdict:
    """Take the likeliest reading.

    Parameters
    ----------
    described : Described
    weights : Weights, optional
        The shipped ones by default.
    bonus : (r,) float64, optional
        What a plan adds to the readings by which they compete; planned work is judged without.
    """
    weights = weights or shipped_weights()
    if not len(described.readings):
        return Verdict(None, NEVER, *(np.empty(0),) * 3)
    scores = described.features @ weights.readings
    top = float(scores.max())
    total = top + math.log(float(np.exp(scores - top).sum()))
    slope, offset = weights.claim
    log_odds = slope * (total - float(described.nothing @ weights.nothing)) + offset
    best = int(np.argmax(scores if bonus is None else scores + bonus))
    reps = described.reps[best]
    sure = reps @ weights.rep[2:] + weights.rep[0]
    sure += weights.rep[1] * min(max(log_odds, -SURE), SURE)
    errors = weights.edges
    return Verdict(
        described.readings[best],
        log_odds,
        1.0 / (1.0 + np.exp(-sure)),
        errors.start_s[errors.sure.searchsorted(reps[:, 1], "right")],
        errors.end_s[errors.sure.searchsorted(reps[:, 2], "right")],
    )


def _agreements(readings: Sequence[Reading]) -> Floats:
    """Return how much time each reading shares with each other one, over what both take."""
    lengths = [float((r.end_s - r.start_s).sum()) for r in readings]
    out = np.ones((len(readings), len(readings)))
    for i, one in enumerate(readings):
        for j in range(i):
            both = np.minimum(one.end_s[:, None], readings[j].end_s) - np.maximum(
                one.start_s[:, None], readings[j].start_s
            )
            shared = float(np.maximum(both, 0.0).sum())
            out[i, j] = out[j, i] = shared / (lengths[i] + lengths[j] - shared)
    return out


class _Run:
    """A run as the judge sees it: running totals of which any stretch is a difference."""

    def __init__(self, signal: Signal, posterior: Posterior) -> None:
        frames = posterior.frames
        self.posterior = posterior
        self.evidence = evidence_of(posterior)
        speed, covered, _, _, _, beats, _ = frames.channels
        width = np.diff(frames.time_s)
        self.time_s = frames.time_s
        self.borders = np.arange(frames.time_s.size, dtype=np.float64)
        self.running = np.where((speed > RUNNING_MPS) & (covered > 0.5), width, 0.0)
        self.chance = _total(posterior.rep)
        self.sure = _total(self.evidence.inside)
        self.speed_s, self.speed_m = signal.time_s, signal.distance_m
        moving = np.where(signal.paused, 0.0, np.diff(signal.time_s))
        self.moving = _total(moving)
        known = np.isfinite(beats)
        self.beats, self.beats_known = _total(np.where(known, beats, 0.0)), _total(known)
        self.no_beats = float(np.count_nonzero(known) < 0.3 * known.size)
        self.middle_beats = float(np.median(beats[known])) if known.any() else 0.0
        self.running_s = _total(self.running)
        self.running_m = _total(self.running * np.where(np.isfinite(speed), speed, 0.0))
        self.expected = posterior.planned

    def at(self, moment_s: Floats) -> Floats:
        """Return moments in frames."""
        return np.interp(moment_s, self.time_s, self.borders)

    def between(self, total: Floats, first: Floats, last: Floats) -> Floats:
        """Return what a running total by frames grows from one place to another."""
        return np.interp(last, self.borders, total) - np.interp(first, self.borders, total)

    def _metres(self, start_s: Floats, end_s: Floats) -> tuple[Floats, Floats]:
        metres = np.interp(end_s, self.speed_s, self.speed_m) - np.interp(
            start_s, self.speed_s, self.speed_m
        )
        moving = np.interp(end_s, self.speed_s, self.moving) - np.interp(
            start_s, self.speed_s, self.moving
        )
        return metres, moving

    def _rates(self, first: Floats, last: Floats) -> Floats:
        known = self.between(self.beats_known, first, last)
        total = self.between(self.beats, first, last)
        return np.where(known > 1.0, total / np.maximum(known, 1.0), np.nan)

    def nothing(self) -> Floats:
        """Return the features of the reading that nothing was planned."""
        rep = self.posterior.rep
        seconds = float((rep > 0.5).sum()) * 2.0
        edges = float(np.sum(self.posterior.start > 0.3)) ** 0.5
        return np.array(
            [1.0, _logit(self.expected), math.log1p(seconds) / 5.0, float(_logit(float(rep.max()))) / 3.0, edges, self.no_beats]
        )

    def features(self, reading: Reading, agreed: Floats) -> tuple[Floats, Floats]:
        """Return the features of a reading (f,), and of each of its reps (k, 4)."""
        start, end = reading.start_s, reading.end_s
        first, last = self.at(start), self.at(end)
        frames = np.maximum(last - first, 1.0)
        seconds = end - start
        inside = self.between(self.chance, first, last) / frames
        sure = self.between(self.sure, first, last) / frames
        metres, moving = self._metres(start, end)
        speed = metres / np.maximum(moving, 1.0)
        edge_start, edge_end = _peak(self.posterior.start, first), _peak(self.posterior.end, last)
        edge = np.minimum(edge_start, edge_end)
        gap_start, gap_end = end[:-1], start[1:]
        gap = gap_end - gap_start
        gap_m, gap_moving = self._metres(gap_start, gap_end)
        gap_speed = gap_m / np.maximum(gap_moving, 1.0)
        gap_speed[gap_moving < 0.2 * gap] = 0.0
        beside_after = np.append(np.minimum(gap_speed, speed[:-1]), self._beside(start[-1:], end[-1:], 1))
        beside_before = np.append(self._beside(start[:1], end[:1], -1), np.minimum(gap_speed, speed[1:]))
        contrast = np.log(np.maximum(speed, 0.5) / np.maximum((beside_after + beside_before) / 2, 0.5))
        easy = self._easy(first, last)
        over = np.log(np.maximum(speed, 0.5) / easy)
        out_first = np.concatenate(([0.0], last))
        out_last = np.concatenate((first, [float(self.borders[-1])]))
        total = float(np.interp(self.borders[-1], self.borders, self.chance))
        left = max(0.0, total - float((inside * frames).sum()))
        outside = self.between(self.chance, out_first, out_last)
        rise = self._rates(last - END_S / 2.0, last + 2.0) - self._rates(first - BEFORE_S / 2.0, first + 3.0)
        rate_over = self._rates(last - END_S / 2.0, last + 2.0) - self.middle_beats
        known = np.isfinite(rise)
        work = float(seconds.sum())
        running = max(float(self.running.sum()), 1.0)
        sets, singles = _groups(seconds, speed)
        others = np.delete(agreed, int(np.argmax(agreed))) if agreed.size > 1 else np.zeros(1)
        row = np.array(
            [
                math.log(len(reading)),
                math.log(max(work, 1.0)) - 6.0,
                float(inside @ seconds) / work,
                float(inside.min()),
                float(sure @ seconds) / work / 4.0,
                math.log1p(left * 2.0 / 30.0),
                math.log1p(float(outside.max()) * 2.0 / 30.0),
                float(np.log(edge + 0.02).mean()),
                float(np.log(edge.min() + 0.02)),
                _spread(seconds),
                _spread(metres),
                _spread(speed),
                _spread(gap),
                math.log(sets),
                singles / len(reading),
                float(np.median(contrast)),
                float(contrast.min()),
                float(np.median(over)),
                float(over.min()),
                float(np.mean(rise[known])) / BEAT_STEP if known.any() else 0.0,
                float(np.mean(rise[known] > 3.0)) if known.any() else 0.0,
                float(np.nanmean(rate_over)) / BEAT_STEP if np.isfinite(rate_over).any() else 0.0,
                self.no_beats,
                math.log(float(seconds.min())) - 4.0,
                math.log(float(seconds.max())) - 5.0,
                float(seconds.max() <= STRIDE_S),
                float(np.mean(gap < TINY_GAP_S)) if gap.size else 0.0,
                float(np.mean(gap_speed > FLOAT_SHARE * speed[:-1])) if gap.size else 0.0,
                self._long_floats(seconds, speed, gap, gap_speed, easy),
                work / running,
                float(others.mean()),
                float(others.max()),
                _logit(self.expected),
                _logit(self.expected) * (1.0 - float(inside @ seconds) / work),
                float(len(reading) == 2),
                float(len(reading) == 1),
            ]
        )
        by_rep = np.stack((sure / 4.0, edge_start, edge_end, np.clip(contrast, -1.0, 1.0)), axis=1)
        return row, by_rep

    def _beside(self, start_s: Floats, end_s: Floats, side: int) -> Floats:
        """Return the speed of the minute before (-1) or after (1) each stretch, 0 where nothing is."""
        begin = np.maximum(start_s - BESIDE_S, 0.0) if side < 0 else end_s
        finish = start_s if side < 0 else end_s + BESIDE_S
        metres, moving = self._metres(begin, finish)
        return np.where(moving > 5.0, metres / np.maximum(moving, 1.0), 0.0)

    def _easy(self, first: Floats, last: Floats) -> float:
        """Return the mean speed of the running outside of the stretches."""
        seconds = float(self.running_s[-1]) - float(self.between(self.running_s, first, last).sum())
        metres = float(self.running_m[-1]) - float(self.between(self.running_m, first, last).sum())
        if seconds < BESIDE_S:
            return max(float(self.running_m[-1]) / max(float(self.running_s[-1]), 1.0), 1.0)
        return max(metres / seconds, 1.0)

    @staticmethod
    def _long_floats(
        seconds: Floats, speed: Floats, gap: Floats, gap_speed: Floats, easy: float
    ) -> float:
        """Return the share of long reps after which a longer float comes, faster than easy running."""
        if not gap.size:
            return 0.0
        floats = (gap_speed > 0.9 * speed[:-1]) & (gap_speed > 1.03 * easy)
        return float(np.mean((seconds[:-1] > LONG_REP_S) & (gap > seconds[:-1]) & floats))


def _total(values: Floats) -> Floats:
    return np.concatenate(([0.0], np.cumsum(values)))


def _logit(chance: float) -> float:
    chance = min(max(chance, 1e-3), 1.0 - 1e-3)
    return math.log(chance / (1.0 - chance))


def _peak(scores: Floats, at: Floats) -> Floats:
    """Return the highest of what lies within a few frames of each place."""
    around = np.rint(at).astype(np.int64)[:, None] + np.arange(-3, 4)
    best: Floats = scores[np.clip(around, 0, scores.size - 1)].max(axis=1)
    return best


def _spread(values: Floats) -> float:
    """Return the standard deviation of the logarithm, 0 of fewer than two."""
    if values.size < 2:
        return 0.0
    return float(np.std(np.log(np.maximum(values, 1.0))))


def _groups(seconds: Floats, speed: Floats) -> tuple[int, int]:
    """Count runs of neighbours alike in length, and those of one rep."""
    size = np.log(np.maximum(seconds, 1.0))
    changes = np.abs(np.diff(size)) > SAME_SET
    lengths = np.diff(np.concatenate(([-1], np.flatnonzero(changes), [size.size - 1])))
    return int(lengths.size), int(np.count_nonzero(lengths == 1))
