"""Which candidates are the reps: three small logistic models, fitted on real sessions.

1. *alone*: how much a candidate looks like a rep by itself.
2. *together*: the same, knowing which others look like reps: equal size, equal speed, equal gaps.
3. *session*: whether the efforts chosen amount to planned work at all.

Candidates nest, so the choice is the set of disjoint ones with the highest sum of log-odds, found
exactly by walking up the tree. The coefficients are data (``weights.json``), written by
``benchmarks/accuracy`` and versioned.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from dataclasses import dataclass, field

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Bools, Floats, Ints, Signal
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.company import in_step, on_its_own
from intervaldetect.structure.evidence import FEATURES

TOGETHER: tuple[str, ...] = (
    "alone", "others", "same_size", "same_both", "same_size_share", "same_both_share",
    "faster", "off_speed", "gap_misfit", "between", "best_other", "mean_other",
    "nearest_size", "nearest_speed", "only", "long", "alone_long", "others_long",
)  # fmt: skip

SESSION: tuple[str, ...] = (
    "any", "best", "expected_reps", "total", "contrast_wide", "hr_over_median",
    "significance", "share", "spread", "over_typical", "cadence_contrast", "similar_share",
    "hr_over_outside", "explained", "bimodal", "hr_absolute", "longest", "contrast_min",
    "no_hr", "long_without_hr", "single", "over_outside", "work", "little_work",
)  # fmt: skip

ROWS = 256
"""So many efforts at a time are held against all others: a table of all would fill the memory."""
LONG_S = 400.0
"""Efforts from here on are judged by coefficients of their own."""
# A set this large and this sure pulls what is like it, in log size and log speed, and pushes away
# what is not, most of all what is slower: running between and after.
SET_COUNT = 4
SET_LOG_ODDS = 2.5
SET_SIZE = 0.2
SET_SPEED = 0.13
SET_PULL = 1.5
SET_PUSH = 1.0
SLOW_PUSH = 3.0
OWN_PULL = 1.0
STEP_PULL = 1.0
"""Log-odds that an effort of its own before a set, and one in step with those chosen, gain."""
STRIDE_S = 27.0
"""Efforts up to here are strides, unless their recoveries are as short as they are."""
LITTLE_WORK = 5.7
"""Log seconds (five minutes) of work below which a session is hardly a workout."""
BLOCK_LOG_ODDS = 1.5
"""How sure a block of tempo, or hard running, is: a probability of 0.82."""
FIRST_PASS_BONUS = 2.0
"""Log-odds added when the others are first guessed: better one too many than one unseen."""
_AT = {name: index for index, name in enumerate(FEATURES)}


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Log-odds from standardised features: ``intercept + (x - mean) / scale @ coefficients``."""

    mean: Floats
    scale: Floats
    coefficients: Floats
    intercept: float
    _slopes: Floats = field(init=False, repr=False)
    _offset: float = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # To standardise each of thousands of rows takes longer than all else.
        slopes = self.coefficients / self.scale
        object.__setattr__(self, "_slopes", slopes)
        object.__setattr__(self, "_offset", self.intercept - float(self.mean @ slopes))

    def log_odds(self, features: Floats) -> Floats:
        """Return the log-odds of each row of ``features`` (q, k)."""
        return np.asarray(features @ self._slopes + self._offset, dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class EdgeErrors:
    """Standard error of an edge in s, by how much slower it is beside it.

    Two in three edges lie within it of where the athlete pressed the lap button. ``start_s`` and
    ``end_s`` have one value more than ``contrast``, the bounds of the classes.
    """

    contrast: Floats
    start_s: Floats
    end_s: Floats

    def of(self, before: Floats, after: Floats) -> tuple[Floats, Floats]:
        """Return the errors of starts and ends from the contrast before and after (q,)."""
        return (
            self.start_s[self.contrast.searchsorted(before, "right")],
            self.end_s[self.contrast.searchsorted(after, "right")],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The fitted models, the errors of edges, and the version of the file they came from.

    ``without_heart_rate`` is for activities in which that is not known: what else speaks for a rep
    then has to say more.
    """

    version: str
    short: Logistic
    long: Logistic
    together: Logistic
    session: Logistic
    edges: EdgeErrors
    without_heart_rate: Weights | None = None

    def of(self, signal: Signal) -> Weights:
        """Return the weights for what a signal holds."""
        if self.without_heart_rate is None or np.isfinite(signal.heart_rate_bpm).any():
            return self
        return self.without_heart_rate


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The candidates taken for reps, in time order, their log-odds, and the session's.

    ``start_error_s`` and ``end_error_s`` are standard errors of the edges. ``hard`` is True where
    they are faster than easy running is, so that no ground or evenness explains them.
    """

    chosen: Ints
    log_odds: Floats
    session_log_odds: float
    start_error_s: Floats
    end_error_s: Floats
    hard: bool = False


@functools.cache
def shipped_weights() -> Weights:
    """Load the coefficients that come with the package."""
    resource = importlib.resources.files("intervaldetect.structure") / "weights.json"
    return weights_from(json.loads(resource.read_text(encoding="utf-8")))


def weights_from(data: dict[str, object]) -> Weights:
    """Build weights from the object in ``weights.json``; features are matched by name."""
    deaf = data.get("without_heart_rate")
    models = {
        name: _logistic(data[name], names)
        for name, names in (
            ("short", FEATURES),
            ("long", FEATURES),
            ("together", TOGETHER),
            ("session", SESSION),
        )
    }
    edges = data["edges"]
    assert isinstance(edges, dict)
    errors = EdgeErrors(*(np.array(edges[k]) for k in ("contrast", "start_s", "end_s")))
    return Weights(
        version=str(data["version"]),
        **models,
        edges=errors,
        without_heart_rate=weights_from(deaf) if isinstance(deaf, dict) else None,
    )


def _logistic(data: object, names: tuple[str, ...]) -> Logistic:
    assert isinstance(data, dict)
    rows = np.array([data["features"][name] for name in names], dtype=np.float64).T.copy()
    mean, scale, coefficients = rows
    return Logistic(mean, scale, coefficients, float(data["intercept"]))


def choose(candidates: Candidates, weights: Weights, *, favour: Floats | None = None) -> Choice:
    """Choose the reps among the candidates.

    ``favour`` (q,) is added to the log-odds by which they compete; the session is judged without.

    Returns
    -------
    Choice
        ``chosen`` may be empty; ``session_log_odds`` says whether to claim planned efforts.
    """
    alone = alone_log_odds(candidates, weights.short, weights.long)
    together = weights.together.log_odds(together_features(candidates, alone))
    chosen = best_disjoint(candidates, together)
    features = session_features(candidates, together, chosen)
    pulled = pull_towards_set(candidates, together, chosen)
    pulled = pulled + STEP_PULL * in_step(candidates, best_disjoint(candidates, pulled))
    if favour is not None:
        pulled = pulled + favour
    chosen = best_disjoint(candidates, pulled)
    session = weights.session.log_odds(features[None, :])
    errors = _edge_errors(candidates, weights, chosen)
    return Choice(chosen, pulled[chosen], float(session[0]), *errors)


def with_blocks(candidates: Candidates, weights: Weights, choice: Choice, blocks: Ints) -> Choice:
    """Take blocks for the only reps; what was chosen beside them stays if it is a stride."""
    first, last = candidates.first, candidates.last
    before = last[choice.chosen, None] <= first[blocks]
    beside = (before | (first[choice.chosen, None] >= last[blocks])).all(axis=1)
    kept = choice.chosen[beside & (candidates.seconds[choice.chosen] <= STRIDE_S)]
    chosen = np.append(kept, blocks)
    chosen = chosen[np.argsort(first[chosen])]
    log_odds = np.full(chosen.size, BLOCK_LOG_ODDS)
    return Choice(chosen, log_odds, BLOCK_LOG_ODDS, *_edge_errors(candidates, weights, chosen))


def _edge_errors(candidates: Candidates, weights: Weights, chosen: Ints) -> tuple[Floats, Floats]:
    beside = candidates.features[chosen]
    return weights.edges.of(beside[:, _AT["contrast_before"]], beside[:, _AT["contrast_after"]])


def alone_log_odds(candidates: Candidates, short: Logistic, long: Logistic) -> Floats:
    """Log-odds of each candidate by itself; long efforts have coefficients of their own."""
    return np.where(
        candidates.seconds > LONG_S,
        long.log_odds(candidates.features),
        short.log_odds(candidates.features),
    )


def best_disjoint(candidates: Candidates, scores: Floats) -> Ints:
    """Disjoint candidates with the highest sum of positive scores, in time order."""
    from intervaldetect.kernels import disjoint  # noqa: PLC0415 - loads numba

    return disjoint.best_disjoint(candidates.first, candidates.last, scores)


def pull_towards_set(candidates: Candidates, scores: Floats, chosen: Ints) -> Floats:
    """Favour what is like a sure set of at least four reps, at the cost of what is not.

    A rep of a plain set that was missed or doubled by chance is told by its size and speed.
    """
    if chosen.size < SET_COUNT:
        return scores
    core = most_alike(candidates, chosen)
    size = np.log(np.maximum(candidates.seconds, 1.0))
    speed = np.log(np.maximum(candidates.effort, 0.01))
    if core.size < SET_COUNT or median(scores[core]) < SET_LOG_ODDS:
        return scores
    typical_speed = median(speed[core])
    same_speed = np.abs(speed - typical_speed) < SET_SPEED
    like_set = (np.abs(size - median(size[core])) < SET_SIZE) & same_speed
    # Strides are short on purpose, and after the set its last rep may come, cut short. Where most
    # efforts are unlike each other, that is how they were meant.
    after = candidates.first >= candidates.last[core].max()
    fartlek = 2 * core.size <= chosen.size
    meant = (candidates.seconds <= STRIDE_S) | ((after | fartlek) & same_speed)
    push = np.where(meant, 0.0, SET_PUSH)
    slower = speed < typical_speed - SET_SPEED
    push = np.where(slower, SLOW_PUSH, push)
    push = np.where(on_its_own(candidates, core), -OWN_PULL, push)
    return scores + np.where(like_set, SET_PULL, -push)


def most_alike(candidates: Candidates, chosen: Ints) -> Ints:
    """Return the largest group of chosen efforts that are like one of them in size and speed."""
    if chosen.size == 0:
        return chosen
    size = np.log(np.maximum(candidates.seconds[chosen], 1.0))
    speed = np.log(np.maximum(candidates.effort[chosen], 0.01))
    counts = np.concatenate(
        [
            _alike(size, speed, slice(first, first + ROWS)).sum(axis=1)
            for first in range(0, chosen.size, ROWS)
        ]
    )
    most = int(np.argmax(counts))
    core: Ints = chosen[_alike(size, speed, slice(most, most + 1))[0]]
    return core


def _alike(size: Floats, speed: Floats, rows: slice) -> Bools:
    """Say of some efforts which others are like them (rows, k)."""
    return np.asarray(
        (np.abs(size[rows, None] - size) < SET_SIZE)
        & (np.abs(speed[rows, None] - speed) < SET_SPEED)
    )


def together_features(candidates: Candidates, alone: Floats) -> Floats:
    """Evidence for each candidate from the other candidates that look like reps (q, 18)."""
    from intervaldetect.kernels import company  # noqa: PLC0415 - loads numba

    return company.among_others(
        (candidates.first, candidates.last),
        (candidates.start_s, candidates.end_s),
        candidates.seconds,
        candidates.effort,
        alone,
        best_disjoint(candidates, alone + FIRST_PASS_BONUS),
        LONG_S,
    )


def session_features(candidates: Candidates, scores: Floats, chosen: Ints) -> Floats:
    """Sum up what the chosen efforts amount to, weighted by how sure each is (len(SESSION),)."""
    if chosen.size == 0:
        return np.zeros(len(SESSION))
    score, seconds = scores[chosen], candidates.seconds[chosen]
    trust = 1.0 / (1.0 + np.exp(-score))
    means = ((trust @ candidates.features[chosen]) / trust.sum()).tolist()
    longest = math.log(float(seconds.max())) - 5.0
    work = math.log(max(1.0, float(trust @ seconds)))
    return np.array(
        [
            1.0,
            score.max(),
            math.log1p(float(trust.sum())),
            math.log1p(float(score.sum())),
            means[_AT["contrast_wide"]],
            means[_AT["hr_over_median"]],
            means[_AT["significance"]],
            min(1.0, means[_AT["share"]] ** 2 * chosen.size),
            means[_AT["spread"]],
            means[_AT["over_typical"]],
            means[_AT["cadence_contrast"]],
            means[_AT["similar_share"]],
            means[_AT["hr_over_outside"]],
            means[_AT["explained"]],
            means[_AT["bimodal"]],
            means[_AT["hr_absolute"]],
            longest,
            means[_AT["contrast_min"]],
            means[_AT["no_hr"]],
            means[_AT["no_hr"]] * longest,
            float(chosen.size == 1),
            means[_AT["over_outside"]],
            work,
            max(0.0, LITTLE_WORK - work),
        ]
    )
