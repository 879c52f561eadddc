"""What is known of an athlete now, how it came to be, and what it rests on."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from intervaldetect.athlete.history import DatedThresholds, ThresholdMove, thresholds_over_time
from intervaldetect.athlete.session import is_hard, plausible_bests
from intervaldetect.records import SessionEvidence, Thresholds
from intervaldetect.session_features import BEST_DISTANCES_M, is_run


@dataclass(frozen=True, slots=True)
class MonthState:
    """Thresholds after the last run of a month, and how many runs the month had."""

    month: date
    runs: int
    thresholds: Thresholds
    critical_speed_mps: float | None


@dataclass(frozen=True, slots=True)
class AthleteOverview:
    """Thresholds now and over the months, the moves that were noticed, and what they rest on.

    ``best_efforts`` maps a distance in m to the shortest grade-adjusted time in s and its moment.
    ``doubts`` counts what was wrong with recordings.
    """

    athlete: str
    first: datetime
    last: datetime
    runs: int
    hard_runs: int
    with_heart_rate: int
    now: DatedThresholds
    months: tuple[MonthState, ...]
    moves: tuple[ThresholdMove, ...]
    best_efforts: dict[float, tuple[float, datetime]]
    doubts: dict[str, int]


def overview(
    athlete: str, evidence: Sequence[SessionEvidence], *, given: Thresholds | None = None
) -> AthleteOverview | None:
    """Sum up an athlete's thresholds; None without a single run.

    Parameters
    ----------
    athlete : str
    evidence : sequence of SessionEvidence
        Of this athlete, in any order.
    given : Thresholds, optional
        What the athlete gave.
    """
    runs = sorted((item for item in evidence if is_run(item)), key=lambda item: item.start_time)
    if not runs:
        return None
    dated = thresholds_over_time(runs, given=given)
    doubts: Counter[str] = Counter()
    for item in runs:
        doubts.update(item.doubts)
    return AthleteOverview(
        athlete=athlete,
        first=runs[0].start_time,
        last=runs[-1].start_time,
        runs=len(runs),
        hard_runs=sum(is_hard(item) for item in runs),
        with_heart_rate=sum(item.median_hr_bpm is not None for item in runs),
        now=dated[-1],
        months=_months(dated),
        moves=tuple(state.move for state in dated if state.move is not None),
        best_efforts=_best_efforts(runs),
        doubts=dict(doubts.most_common()),
    )


def _months(dated: Sequence[DatedThresholds]) -> tuple[MonthState, ...]:
    last: dict[date, tuple[int, DatedThresholds]] = {}
    for state in dated:
        month = state.time.date().replace(day=1)
        last[month] = (last.get(month, (0, state))[0] + 1, state)
    return tuple(
        MonthState(month, count, state.thresholds, state.critical_speed_mps)
        for month, (count, state) in last.items()
    )


def _best_efforts(runs: Sequence[SessionEvidence]) -> dict[float, tuple[float, datetime]]:
    best: dict[float, tuple[float, datetime]] = {}
    for item in runs:
        if item.treadmill:
            continue
        for distance, took in zip(BEST_DISTANCES_M, plausible_bests(item), strict=True):
            if took is not None and (distance not in best or took < best[distance][0]):
                best[distance] = (took, item.start_time)
    return best
