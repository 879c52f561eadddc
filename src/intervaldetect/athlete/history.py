"""Thresholds over time: each session is judged by what was known of the athlete when it was run."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from intervaldetect.athlete.bounds import within_bounds
from intervaldetect.athlete.posterior import Posterior, State, has_moved
from intervaldetect.athlete.session import NOTHING_SEEN, Seen, plausible_bests, what_is_seen
from intervaldetect.athlete.speed import critical_speed
from intervaldetect.records import Estimate, SessionEvidence, Thresholds, ThresholdSource
from intervaldetect.session_features import BEST_DISTANCES_M, is_run

DAY_S = 86400.0
EFFORT_DAYS = 90.0
START_UP_DAYS = 28.0
"""Sessions of the first days are judged by all that is known at the end of them."""
SETTLING_DAYS = 14.0
"""No move is told so soon after the first session."""
NO_EFFORTS = (math.inf,) * len(BEST_DISTANCES_M)
NOT_KNOWN = "No hard run seen yet: threshold not known."


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


def thresholds_over_time(
    evidence: Sequence[SessionEvidence],
    *,
    given: Thresholds | None = None,
    start_up: bool = True,
) -> list[DatedThresholds]:
    """Estimate the thresholds at the time of every session.

    Parameters
    ----------
    evidence : sequence of SessionEvidence
        Of one athlete, in any order.
    given : Thresholds, optional
        What the athlete gave; replaces the estimate wherever it is not None.
    start_up : bool
        Whether sessions of the first 28 days are judged by all of these days. Later ones are
        judged by themselves and those before them.

    Returns
    -------
    list of DatedThresholds
        In the order of ``evidence``.
    """
    order = sorted(range(len(evidence)), key=lambda k: (evidence[k].start_time, k))
    walk = thresholds_in_order((evidence[k] for k in order), given=given, start_up=start_up)
    by_place = dict(zip(order, walk, strict=True))
    return [by_place[k] for k in range(len(order))]


def thresholds_in_order(
    evidence: Iterable[SessionEvidence], *, given: Thresholds | None = None, start_up: bool = True
) -> Iterator[DatedThresholds]:
    """Yield what `thresholds_over_time` gives of sessions in time order, each as soon as it can."""
    walk = _Walk(given or Thresholds())
    early: list[DatedThresholds] = []
    starting = start_up
    for each in evidence:
        dated = walk.step(each)
        if starting:
            first = early[0].time if early else dated.time
            if (dated.time - first).total_seconds() <= START_UP_DAYS * DAY_S:
                early.append(dated)
                continue
            starting = False
            yield from _by_the_last(early)
        yield dated
    if starting:
        yield from _by_the_last(early)


def _by_the_last(early: list[DatedThresholds]) -> list[DatedThresholds]:
    """Judge the first sessions by all of them."""
    return [
        DatedThresholds(item.time, early[-1].thresholds, early[-1].critical_speed_mps, item.move)
        for item in early
    ]


class _Walk:
    """One pass through a history in time order."""

    def __init__(self, given: Thresholds) -> None:
        self.given = given
        self.posterior = Posterior(given)
        self.first: datetime | None = None
        self.last_told: datetime | None = None
        self.runs = 0
        self.recent: deque[tuple[float, tuple[float, ...]]] = deque()
        self.best = self.fitted = NO_EFFORTS
        self.critical: float | None = None

    def step(self, evidence: SessionEvidence) -> DatedThresholds:
        moment = evidence.start_time
        if self.first is None:
            self.first = self.last_told = moment
        day = (moment - self.first).total_seconds() / DAY_S
        running = is_run(evidence)
        seen = what_is_seen(evidence) if running else NOTHING_SEEN
        self.runs += running
        self.posterior.see(day, seen)
        state = self.posterior.read()
        move = self._move(moment, day, state, seen)
        critical = self._critical(day, evidence if running else None)
        known = self._thresholds(state, move)
        speed = known.threshold_speed_mps
        if critical is not None and speed is not None and critical < speed.value:
            critical = None  # the efforts were not all-out: they say nothing of it
        return DatedThresholds(moment, known, critical, move)

    def _thresholds(self, state: State, move: ThresholdMove | None) -> Thresholds:
        posterior, given = self.posterior, self.given
        source: ThresholdSource = "history" if self.runs > 1 else "file"
        told: ThresholdSource = source if posterior.known else "prior"
        rests_on = posterior.rests_on()
        speed = given.threshold_speed_mps or Estimate(
            math.exp(state.log_speed),
            math.exp(state.log_speed) * state.log_speed_error,
            told,
            self.runs,
            rests_on,
        )
        of_heart: ThresholdSource = source if posterior.peaks.sessions else "prior"
        rate = given.threshold_hr_bpm or Estimate(
            state.threshold_bpm,
            state.threshold_error_bpm,
            told if posterior.peaks.sessions else "prior",
            posterior.peaks.sessions,
            rests_on if posterior.peaks.sessions else None,
        )
        highest = given.max_hr_bpm or Estimate(
            state.max_bpm,
            state.max_error_bpm,
            of_heart,
            posterior.peaks.sessions,
            rests_on if posterior.peaks.sessions else None,
        )
        notes = [move.reason] if move else []
        if speed.source == "prior":
            notes = [NOT_KNOWN]
        return Thresholds(
            within_bounds("threshold_speed_mps", speed, notes),
            within_bounds("threshold_hr_bpm", rate, notes),
            within_bounds("max_hr_bpm", highest, notes),
            tuple(notes),
        )

    def _move(self, moment: datetime, day: float, state: State, seen: Seen) -> ThresholdMove | None:
        """Tell a move where the posterior says so; not by a session in heat alone."""
        assert self.last_told is not None
        if day < SETTLING_DAYS or not self.posterior.known or seen is NOTHING_SEEN or seen.hot:
            return None
        if self.given.threshold_speed_mps is not None or not has_moved(state):
            return None
        change, error = 100.0 * math.expm1(state.change), 100.0 * state.change_error
        reason = (
            f"Since {self.last_told:%Y-%m-%d} threshold speed has "
            f"{'risen' if change > 0.0 else 'fallen'} by {abs(change):.1f} % ± {error:.1f}: "
            "speed at the same heart rate, reps and races say so."
        )
        self.last_told = moment
        self.posterior.told()
        after = math.exp(state.log_speed)
        return ThresholdMove(moment, after * math.exp(-state.change), after, reason)

    def _critical(self, day: float, evidence: SessionEvidence | None) -> float | None:
        """Critical speed of the best efforts of 90 days."""
        if evidence is not None and not evidence.treadmill:
            bests = plausible_bests(evidence)
            row = tuple(math.inf if took is None else took for took in bests)
            self.recent.append((day, row))
            self.best = tuple(map(min, row, self.best))
        while self.recent and self.recent[0][0] < day - EFFORT_DAYS:
            _, gone = self.recent.popleft()
            if any(took == best < math.inf for took, best in zip(gone, self.best, strict=True)):
                self.best = _best_of(row for _, row in self.recent)
        if self.best != self.fitted:
            fitted = critical_speed([took if took < math.inf else None for took in self.best])
            self.fitted, self.critical = self.best, fitted[0] if fitted else None
        return self.critical


def _best_of(rows: Iterable[tuple[float, ...]]) -> tuple[float, ...]:
    """Return the best time over each distance, infinity where there is none."""
    best = NO_EFFORTS
    for row in rows:
        best = tuple(map(min, row, best))
    return best
