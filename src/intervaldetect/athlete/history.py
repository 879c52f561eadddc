"""Thresholds over time: each session is judged by what was known of the athlete when it was run."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from intervaldetect.athlete.bounds import within_bounds
from intervaldetect.athlete.heart import (
    HeartSeen,
    interpolate,
    is_hard,
    max_heart_rate,
    threshold_heart_rate,
)
from intervaldetect.athlete.speed import (
    CRITICAL_OVER_THRESHOLD,
    HR_PER_SPEED,
    HR_PER_SPEED_ERROR,
    critical_speed,
    speed_at_heart_rate,
    speed_by_structure,
)
from intervaldetect.evidence import BEST_DISTANCES_M, is_run
from intervaldetect.records import (
    Bools,
    Estimate,
    Floats,
    Ints,
    SessionEvidence,
    Thresholds,
    ThresholdSource,
)

DAY_S = 86400.0
EFFORT_DAYS = 90.0
LOOK_BACK_DAYS = 540.0
MOST_SESSIONS = 40
# History is short, and the nearest later sessions help, until so many hard ones have been seen: the
# highest heart rate needs most of them. A move of the threshold can be told from fewer.
SHORT_SESSIONS = 20.0
MOVED_AFTER = 6.0
EASY_AS_HARD = 0.25
# Error of the speed one session implies, worth so many sessions of the athlete's own scatter, and
# how far fitness may wander in 30 days.
SESSION_ERROR, ERROR_WEIGHT, MOST_RESIDUAL = 0.03, 2.0, 0.12
WANDER_30_DAYS = 0.02
PRIOR_LOG_SPEED, PRIOR_ERROR = math.log(3.6), 0.25
STRUCTURE_BIAS = 0.026
# Best efforts: threshold is hardly slower than they say, and may well be faster, the more so the
# fewer hard sessions there were to make them in.
EFFORT_SHIFT, EFFORT_BELOW = 0.01, 0.02
EFFORT_SESSIONS, EFFORT_ABOVE = (0.0, 1.0, 3.0, 6.0), (0.25, 0.12, 0.08, 0.06)
# The threshold moved when three hard sessions in a row say so, each by heart rate and, a quarter,
# by structure; only sessions near threshold, of even effort and not in heat compare.
MOVED_SESSIONS, MOVED_SHARE, MOVED_SIGMAS = 3, 0.025, 2.3
MOVED_ERROR, MOVED_WEIGHT, MOVED_RESIDUAL = 0.02, 3.0, 0.05
COMPARABLE, BY_STRUCTURE, SURE_STRUCTURE = 0.13, 0.25, 0.06
MOVED_BEFORE = 5
EVEN_REPS, EVEN_RUN, HILLY, ROUGH = 0.35, 0.06, 0.03, 3.0
LEAST_ERROR = 0.008
HEAT_C = 25.0


@dataclass(frozen=True, slots=True)
class ThresholdMove:
    """A threshold speed that moved, and the sentence that says by what it was seen."""

    time: datetime
    before_mps: float
    after_mps: float
    reason: str


@dataclass(frozen=True, slots=True)
class DatedThresholds:
    """Thresholds as known at the time of one session, and what they rest on."""

    time: datetime
    thresholds: Thresholds
    critical_speed_mps: float | None
    move: ThresholdMove | None = None


@dataclass(slots=True)
class _Sessions:
    """What single sessions imply, as arrays over the n sessions in time order."""

    day: Floats
    by_heart: Floats  # log speed minus log heart rate over HR_PER_SPEED; NaN without
    log_rate: Floats
    by_structure: Floats
    structure_error: Floats
    looseness: Floats  # factor on the variance: treadmill, heat, hills
    best: Floats  # (n, 6)
    alike: Bools  # of even effort, on even ground, not in heat
    hard: Bools  # of at least 6 min of reps
    known: Floats  # how much of a hard session each is worth


def thresholds_over_time(
    evidence: Sequence[SessionEvidence], *, given: Thresholds | None = None
) -> list[DatedThresholds]:
    """Estimate the thresholds at the time of every session.

    Parameters
    ----------
    evidence : sequence of SessionEvidence
        Of one athlete, in any order.
    given : Thresholds, optional
        What the athlete gave; replaces the estimate wherever it is not None.

    Returns
    -------
    list of DatedThresholds
        In the order of ``evidence``. A session is judged by itself and those before it; while
        these are worth less than twenty hard sessions, by the nearest later ones as well.
    """
    order = sorted(range(len(evidence)), key=lambda k: (evidence[k].start_time, k))
    walk = _Walk([evidence[k] for k in order], given or Thresholds())
    dated = [walk.step(position) for position in range(len(order))]
    result: list[DatedThresholds | None] = [None] * len(order)
    for position, k in enumerate(order):
        result[k] = dated[position]
    return [item for item in result if item is not None]


class _Walk:
    """One pass through a history in time order."""

    def __init__(self, evidence: Sequence[SessionEvidence], given: Thresholds) -> None:
        self.evidence = evidence
        self.given = given
        self.data = _sessions(evidence)
        self.days: list[float] = self.data.day.tolist()
        self.with_structure = np.flatnonzero(np.isfinite(self.data.by_structure))
        self.with_heart = np.flatnonzero(np.isfinite(self.data.by_heart))
        self.alike = np.flatnonzero(self.data.alike)
        known = np.cumsum(self.data.known)
        self.short_end = min(int(np.searchsorted(known, SHORT_SESSIONS)), len(evidence) - 1)
        self.moved_from = int(np.searchsorted(known, MOVED_AFTER)) + 1
        self.hard_until = np.concatenate(([0], np.cumsum(self.data.hard)))
        self.seen = HeartSeen()
        self.seen_to = -1
        self.best = b""
        self.critical: tuple[float, float] | None = None
        self.efforts = (0, 0)  # sessions whose best efforts count
        self.first = 0  # sessions before the last move of the threshold count no more

    def step(self, i: int) -> DatedThresholds:
        last = max(i, self.short_end)
        while self.seen_to < last:
            self.seen_to += 1
            if is_run(self.evidence[self.seen_to]):
                self.seen.see(self.evidence[self.seen_to])
        source: ThresholdSource = "history" if last > 0 else "file"
        highest = self.given.max_hr_bpm or max_heart_rate(self.seen, source)
        rate = self.given.threshold_hr_bpm or threshold_heart_rate(self.seen, highest, source)
        move = self._moved(i, rate) if i >= self.moved_from else None
        critical = self._critical(i, last)
        speed = self.given.threshold_speed_mps or self._speed(i, last, rate, critical, source)
        notes = [move.reason] if move else []
        speed_stated = within_bounds("threshold_speed_mps", speed, notes)
        rate_stated = within_bounds("threshold_hr_bpm", rate, notes)
        highest_stated = within_bounds("max_hr_bpm", highest, notes)
        return DatedThresholds(
            time=self.evidence[i].start_time,
            thresholds=Thresholds(speed_stated, rate_stated, highest_stated, tuple(notes)),
            critical_speed_mps=critical[0] if critical else None,
            move=move,
        )

    def _critical(self, i: int, last: int) -> tuple[float, float] | None:
        days = self.days
        start = max(bisect_left(days, days[i] - EFFORT_DAYS), self.first)
        stop = last + 1
        if last > i:
            stop = min(stop, bisect_right(days, days[i] + EFFORT_DAYS))
        self.efforts = (start, stop)
        best = np.fmin.reduce(self.data.best[start:stop], axis=0)
        if best.tobytes() != self.best:
            self.best, self.critical = best.tobytes(), critical_speed(best)
        return self.critical

    def _hard_near(self) -> float:
        """How many hard sessions the window of the best efforts holds."""
        start, stop = self.efforts
        return float(self.hard_until[stop] - self.hard_until[start])

    def _window(self, i: int, last: int, known: Ints) -> Ints:
        """Sessions that say something: the nearest in time, none before the last move."""
        start = max(bisect_left(self.days, self.days[i] - LOOK_BACK_DAYS), self.first)
        known = known[known.searchsorted(start) : known.searchsorted(last, side="right")]
        if known.size > MOST_SESSIONS:
            if last == i:  # the nearest are the last; more, for those that begin together
                known = known[-2 * MOST_SESSIONS :]
            away = np.abs(self.data.day[known] - self.days[i])
            known = known[away.argsort(kind="stable")[:MOST_SESSIONS]]
        return known

    def _speed(
        self,
        i: int,
        last: int,
        rate: Estimate,
        critical: tuple[float, float] | None,
        source: ThresholdSource,
    ) -> Estimate:
        data = self.data
        value, variance, count = PRIOR_LOG_SPEED, PRIOR_ERROR**2, 0
        window = self._window(i, last, self.with_structure)
        if window.size:
            mean, error = self._mean(
                i, window, data.by_structure[window], data.structure_error[window] ** 2
            )
            value, variance = _combine(value, variance, mean, error**2 + STRUCTURE_BIAS**2)
            count = int(window.size)
        window = self._window(i, last, self.with_heart)
        if window.size:
            values = data.by_heart[window]
            mean, error = self._mean(i, window, values, self._heart_variance(window, rate, values))
            offset = math.log(rate.value) / HR_PER_SPEED
            bias = rate.standard_error / rate.value / HR_PER_SPEED
            value, variance = _combine(value, variance, mean + offset, error**2 + bias**2)
            count = max(count, int(window.size))
        if critical is not None:
            lower = math.log(critical[0] / CRITICAL_OVER_THRESHOLD) + EFFORT_SHIFT
            above = interpolate(self._hard_near(), EFFORT_SESSIONS, EFFORT_ABOVE)
            spread = EFFORT_BELOW if lower > value else above
            own = (critical[1] / critical[0]) ** 2
            value, variance = _combine(value, variance, lower, spread**2 + own)
        error = max(math.sqrt(variance), LEAST_ERROR)
        if not count:
            source = "prior"
        return Estimate(math.exp(value), math.exp(value) * error, source, count)

    def _heart_variance(self, window: Ints, rate: Estimate, values: Floats) -> Floats:
        """Error of single sessions: the athlete's own scatter, more the farther from threshold."""
        data = self.data
        away = (math.log(rate.value) - data.log_rate[window]) / HR_PER_SPEED
        away = (HR_PER_SPEED_ERROR * away) ** 2
        loose = data.looseness[window]
        return np.asarray(_scatter(values, SESSION_ERROR**2 * loose + away) * loose + away)

    def _mean(self, i: int, window: Ints, value: Floats, variance: Floats) -> tuple[float, float]:
        """Mean weighted by error and age, outliers held back (Huber), and its standard error."""
        age = np.abs(self.data.day[window] - self.days[i])
        total = variance + WANDER_30_DAYS**2 * age / 30.0
        weight = 1.0 / total
        mean = float(weight @ value) / float(weight.sum())
        far = np.abs(value - mean) / np.sqrt(total)
        weight *= np.minimum(1.0, 1.5 / np.maximum(far, 1e-9))
        whole = float(weight.sum())
        return float(weight @ value) / whole, 1.0 / math.sqrt(whole)

    def _moved(self, i: int, rate: Estimate) -> ThresholdMove | None:
        """Whether the last three hard sessions left what was known before them."""
        data = self.data
        if not (data.alike[i] and math.isfinite(data.by_heart[i])):
            return None
        hard = self.alike[self.alike.searchsorted(self.first) : self.alike.searchsorted(i + 1)]
        near = np.abs(math.log(rate.value) - data.log_rate[hard]) <= COMPARABLE * HR_PER_SPEED
        hard = hard[near]
        if hard.size < MOVED_SESSIONS + MOVED_BEFORE or hard[-1] != i:
            return None
        new, before = hard[-MOVED_SESSIONS:], hard[:-MOVED_SESSIONS][-MOST_SESSIONS:]
        offset = math.log(rate.value) / HR_PER_SPEED
        heart, structure = data.by_heart[hard] + offset, data.by_structure[hard]
        blend = np.where(
            data.structure_error[hard] <= SURE_STRUCTURE,
            heart + BY_STRUCTURE * (structure - heart),
            heart,
        )
        then = float(blend[-MOVED_SESSIONS - before.size : -MOVED_SESSIONS].mean())
        change = sorted(blend[-MOVED_SESSIONS:].tolist())[MOVED_SESSIONS // 2] - then
        rest = np.minimum(np.abs(blend[:-MOVED_SESSIONS][-MOST_SESSIONS:] - then), MOVED_RESIDUAL)
        scatter = (MOVED_WEIGHT * MOVED_ERROR**2 + float(rest @ rest)) / (
            MOVED_WEIGHT + before.size - 1
        )
        error = math.sqrt(scatter * (1.0 / new.size + 1.0 / before.size))
        if abs(change) < max(MOVED_SHARE, MOVED_SIGMAS * error):
            return None
        self.first = int(new[0])
        reason = (
            f"{MOVED_SESSIONS} hard sessions in a row ran {100 * abs(math.expm1(change)):.1f} % "
            f"{'faster' if change > 0 else 'slower'} at the same heart rate than the "
            f"{before.size} sessions before."
        )
        return ThresholdMove(
            self.evidence[i].start_time,
            math.exp(then),
            math.exp(then + change),
            reason,
        )


def _scatter(values: Floats, variance: Floats) -> float:
    """Variance of what single sessions imply, shrunk to what is usual."""
    usual, weight = SESSION_ERROR**2, 1.0 / variance
    centre = float(values @ weight) / float(weight.sum())
    residual = np.minimum((values - centre) ** 2, MOST_RESIDUAL**2) * usual / variance
    return (ERROR_WEIGHT * usual + float(residual.sum())) / (ERROR_WEIGHT + values.size)


def _combine(a: float, a_variance: float, b: float, b_variance: float) -> tuple[float, float]:
    """Mean of two independent estimates by precision, and its variance."""
    weight = a_variance / (a_variance + b_variance)
    return a + weight * (b - a), (1.0 - weight) * a_variance


def _sessions(evidence: Sequence[SessionEvidence]) -> _Sessions:
    n = len(evidence)
    start = evidence[0].start_time if n else None
    rows = np.full((n, 6), math.nan)
    best = np.full((n, len(BEST_DISTANCES_M)), math.nan)
    hard = np.zeros(n, dtype=np.bool_)
    alike = np.zeros(n, dtype=np.bool_)
    for i, item in enumerate(evidence):
        assert start is not None
        rows[i, 0] = (item.start_time - start).total_seconds() / DAY_S
        if not is_run(item):
            continue
        heart = speed_at_heart_rate(item)
        if heart is not None:
            rows[i, 1:3] = heart[0] - heart[1] / HR_PER_SPEED, heart[1]
        structure = speed_by_structure(item)
        if structure is not None:
            rows[i, 3:5] = structure
        rows[i, 5] = _looseness(item)
        hard[i] = is_hard(item)
        alike[i] = rows[i, 5] <= ROUGH and not _is_hot(item) and _is_even(item)
        if not item.treadmill:
            best[i] = [math.nan if value is None else value for value in item.best_times_s]
    known = np.where(np.isfinite(rows[:, 3]), np.where(hard, 1.0, EASY_AS_HARD), 0.0)
    day, by_heart, log_rate, by_structure, structure_error, looseness = rows.T
    return _Sessions(
        day, by_heart, log_rate, by_structure, structure_error, looseness, best, alike, hard, known
    )


def _is_even(evidence: SessionEvidence) -> bool:
    """Whether a session's efforts are alike: no fartlek, no hill reps, no progression."""
    if not evidence.reps:
        trend, spread = evidence.speed_trend, evidence.speed_spread
        return (
            evidence.shape == "steady"
            and trend is not None
            and spread is not None
            and max(abs(trend), spread) <= EVEN_RUN
        )
    count = len(evidence.reps)
    mean = sum(rep.duration_s for rep in evidence.reps) / count
    variance = sum((rep.duration_s - mean) ** 2 for rep in evidence.reps) / count
    hilly = sum((rep.grade or 0.0) >= HILLY for rep in evidence.reps)
    return variance <= (EVEN_REPS * mean) ** 2 and 2 * hilly < count


def _looseness(evidence: SessionEvidence) -> float:
    """Factor on the variance of what a session implies of speed."""
    factor = 1.0 + (evidence.climb_share / 0.03) ** 2
    if evidence.treadmill:
        factor += 4.0
    if _is_hot(evidence):
        factor += 1.0
    return factor


def _is_hot(evidence: SessionEvidence) -> bool:
    return evidence.temperature_c is not None and evidence.temperature_c >= HEAT_C
