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
from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Ints
from intervaldetect.structure.candidates import Candidates
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
STRIDE_S = 27.0
"""Efforts up to here are strides, unless their recoveries are as short as they are."""
LITTLE_WORK = 5.7
"""Log seconds (five minutes) of work below which a session is hardly a workout."""
FIRST_PASS_BONUS = 2.0
"""Log-odds added when the others are first guessed: better one too many than one unseen."""


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """Log-odds from standardised features: ``intercept + (x - mean) / scale @ coefficients``."""

    mean: Floats
    scale: Floats
    coefficients: Floats
    intercept: float

    def log_odds(self, features: Floats) -> Floats:
        """Return the log-odds of each row of ``features`` (q, k)."""
        scaled = (features - self.mean) / self.scale
        return np.asarray(scaled @ self.coefficients + self.intercept, dtype=np.float64)


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
            self.start_s[np.digitize(before, self.contrast)],
            self.end_s[np.digitize(after, self.contrast)],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Weights:
    """The fitted models, the errors of edges, and the version of the file they came from."""

    version: str
    short: Logistic
    long: Logistic
    together: Logistic
    session: Logistic
    edges: EdgeErrors


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The candidates taken for reps, in time order, their log-odds, and the session's.

    ``start_error_s`` and ``end_error_s`` are standard errors of the edges.
    """

    chosen: Ints
    log_odds: Floats
    session_log_odds: float
    start_error_s: Floats
    end_error_s: Floats


@functools.cache
def shipped_weights() -> Weights:
    """Load the coefficients that come with the package."""
    resource = importlib.resources.files("intervaldetect.structure") / "weights.json"
    return weights_from(json.loads(resource.read_text(encoding="utf-8")))


def weights_from(data: dict[str, object]) -> Weights:
    """Build weights from the object in ``weights.json``; features are matched by name."""
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
    return Weights(version=str(data["version"]), **models, edges=errors)


def _logistic(data: object, names: tuple[str, ...]) -> Logistic:
    assert isinstance(data, dict)
    rows = np.array([data["features"][name] for name in names], dtype=np.float64)
    return Logistic(rows[:, 0], rows[:, 1], rows[:, 2], float(data["intercept"]))


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
    if favour is not None:
        pulled = pulled + favour
    chosen = best_disjoint(candidates, pulled)
    session = weights.session.log_odds(features[None, :])
    before, after = (
        candidates.features[chosen, FEATURES.index(name)]
        for name in ("contrast_before", "contrast_after")
    )
    return Choice(chosen, pulled[chosen], float(session[0]), *weights.edges.of(before, after))


def alone_log_odds(candidates: Candidates, short: Logistic, long: Logistic) -> Floats:
    """Log-odds of each candidate by itself; long efforts have coefficients of their own."""
    return np.where(
        candidates.seconds > LONG_S,
        long.log_odds(candidates.features),
        short.log_odds(candidates.features),
    )


def best_disjoint(candidates: Candidates, scores: Floats) -> Ints:
    """Disjoint candidates with the highest sum of positive scores, in time order.

    Parents stand before their children, so one walk backwards has every child settled first.
    """
    first, last = candidates.first.tolist(), candidates.last.tolist()
    roots: list[tuple[int, float, list[int]]] = []  # settled subtrees, rightmost first
    for q in range(len(first) - 1, -1, -1):
        total, inside = 0.0, []
        while roots and roots[-1][0] < last[q]:
            _, worth, chosen = roots.pop()
            total += worth
            inside += chosen
        score = float(scores[q])
        best = (first[q], score, [q]) if score > max(total, 0.0) else (first[q], total, inside)
        roots.append(best)
    return np.array(sorted(q for root in roots for q in root[2]), dtype=np.int64)


def pull_towards_set(candidates: Candidates, scores: Floats, chosen: Ints) -> Floats:
    """Favour what is like a sure set of at least four reps, at the cost of what is not.

    A rep of a plain set that was missed or doubled by chance is told by its size and speed.
    """
    if chosen.size < SET_COUNT:
        return scores
    size = np.log(np.maximum(candidates.seconds, 1.0))
    speed = np.log(np.maximum(candidates.effort, 0.01))
    alike = (np.abs(size[chosen, None] - size[None, chosen]) < SET_SIZE) & (
        np.abs(speed[chosen, None] - speed[None, chosen]) < SET_SPEED
    )
    core = chosen[alike[int(np.argmax(alike.sum(axis=1)))]]
    if core.size < SET_COUNT or float(np.median(scores[core])) < SET_LOG_ODDS:
        return scores
    same_speed = np.abs(speed - np.median(speed[core])) < SET_SPEED
    like_set = (np.abs(size - np.median(size[core])) < SET_SIZE) & same_speed
    # Strides are short on purpose, and after the set its last rep may come, cut short.
    after = candidates.first >= candidates.last[core].max()
    meant = (candidates.seconds <= STRIDE_S) | (after & same_speed)
    push = np.where(meant, 0.0, SET_PUSH)
    slower = speed < np.median(speed[core]) - SET_SPEED
    push = np.where(slower, SLOW_PUSH, push)
    return scores + np.where(like_set, SET_PULL, -push)


def together_features(candidates: Candidates, alone: Floats) -> Floats:
    """Evidence for each candidate from the other candidates that look like reps (q, 15)."""
    others = best_disjoint(candidates, alone + FIRST_PASS_BONUS)
    table = np.empty((len(candidates), len(TOGETHER)))
    size, speed = (
        np.log(np.maximum(candidates.seconds, 1.0)),
        np.log(np.maximum(candidates.effort, 0.01)),
    )
    trust = 1.0 / (1.0 + np.exp(-alone))
    # All pairs at once; a candidate then picks from its row those that lie apart from it.
    is_apart = (candidates.last[others] <= candidates.first[:, None]) | (
        candidates.first[others] >= candidates.last[:, None]
    )
    sizes = np.abs(size[others] - size[:, None])
    speeds = speed[:, None] - speed[others]
    size_fit = np.exp(-((sizes / 0.1) ** 2))
    both_fit = np.exp(-((sizes / 0.1) ** 2) - (speeds / 0.06) ** 2)
    for q in range(len(candidates)):
        mine = is_apart[q]
        apart = others[mine]
        if apart.size == 0:
            is_long = float(candidates.seconds[q] > LONG_S)
            table[q] = (
                alone[q], 0, 0, 0, 0, 0, 0, 0.1, 1.5, 0, 0, 0, 0.5, 0.05, 1.0,
                is_long, is_long * alone[q], 0,
            )  # fmt: skip
            continue
        w = trust[apart]
        by_size, by_speed = sizes[q, mine], speeds[q, mine]
        same_size = float(w @ size_fit[q, mine])
        same_both = float(w @ both_fit[q, mine])
        total = float(w.sum())
        faster = min(max(float(w @ by_speed) / total, -0.3), 0.3)
        gap_misfit, between = _gaps(candidates, q, apart)
        table[q] = (
            alone[q],
            math.log1p(total),
            math.log1p(same_size),
            math.log1p(same_both),
            min(1.0, same_size / total),
            min(1.0, same_both / total),
            faster,
            abs(faster),
            gap_misfit,
            between,
            min(max(float(alone[apart].max()), -3.0), 6.0),
            min(max(float(alone[apart].mean()), -3.0), 5.0),
            min(float(by_size.min()), 1.5),
            min(float(np.abs(by_speed).min()), 0.3),
            0.0,
            float(candidates.seconds[q] > LONG_S),
            float(candidates.seconds[q] > LONG_S) * alone[q],
            float(candidates.seconds[q] > LONG_S) * math.log1p(total),
        )
    return table


def _gaps(candidates: Candidates, q: int, apart: Ints) -> tuple[float, float]:
    """How far the nearer gap beside q is from a gap between others (log), and if q has both."""
    start, end = candidates.start_s[apart], candidates.end_s[apart]
    usual = np.log(np.maximum(start[1:] - end[:-1], 5.0))
    before = candidates.start_s[q] - end[end <= candidates.start_s[q]]
    after = start[start >= candidates.end_s[q]] - candidates.end_s[q]
    beside = [gaps.min() for gaps in (before, after) if gaps.size]
    between = float(len(beside) == 2)
    if not beside or usual.size == 0:
        return 1.5, between
    mine = np.log(np.maximum(np.array(beside), 5.0))
    return min(float(np.abs(mine[:, None] - usual[None, :]).min()), 1.5), between


def session_features(candidates: Candidates, scores: Floats, chosen: Ints) -> Floats:
    """Sum up what the chosen efforts amount to, weighted by how sure each is (len(SESSION),)."""
    if chosen.size == 0:
        return np.zeros(len(SESSION))
    score = scores[chosen]
    trust = 1.0 / (1.0 + np.exp(-score))

    def mean(name: str) -> float:
        return float(np.average(candidates.features[chosen, FEATURES.index(name)], weights=trust))

    work = float(np.log(max(1.0, float(trust @ candidates.seconds[chosen]))))
    return np.array(
        [
            1.0,
            score.max(),
            np.log1p(trust.sum()),
            np.log1p(score.sum()),
            mean("contrast_wide"),
            mean("hr_over_median"),
            mean("significance"),
            min(1.0, mean("share") ** 2 * chosen.size),
            mean("spread"),
            mean("over_typical"),
            mean("cadence_contrast"),
            mean("similar_share"),
            mean("hr_over_outside"),
            mean("explained"),
            mean("bimodal"),
            mean("hr_absolute"),
            float(np.log(candidates.seconds[chosen].max())) - 5.0,
            mean("contrast_min"),
            mean("no_hr"),
            mean("no_hr") * float(np.log(candidates.seconds[chosen].max()) - 5.0),
            float(chosen.size == 1),
            mean("over_outside"),
            work,
            max(0.0, LITTLE_WORK - work),
        ]
    )
