"""Doubtful runs decided again by a known threshold."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from intervaldetect.label.claims import (
    FARTHEST,
    LEVEL,
    distance_from_level,
    overturned,
    reconsider,
    shipped_weight,
)
from intervaldetect.records import CLAIMED, Estimate, RepEvidence, SessionEvidence, Thresholds
from intervaldetect.structure import DOUBTFUL_LOG_ODDS

PLAIN = SessionEvidence(
    start_time=datetime(2026, 5, 1, tzinfo=UTC), elapsed_s=3600.0, moving_s=3600.0,
    speed_curve_mps=(), hr_curve_bpm=(), best_times_s=(), structured_probability=0.3,
    log_odds=math.log(0.3 / 0.7), findings=("One faster stretch in this run.",),
)  # fmt: skip


def planned(*speeds: float, claimed: bool = False) -> tuple[SessionEvidence, SessionEvidence]:
    """Return a run as the streams decide, and the other way, with reps of ten minutes."""
    reps = tuple(RepEvidence(1, 700.0 * k, 600.0, speed_mps=v) for k, v in enumerate(speeds))
    log_odds = 1.0 if claimed else PLAIN.log_odds
    work = replace(PLAIN, reps=reps, claimed=True, log_odds=log_odds, findings=("Two efforts.",))
    plain = replace(PLAIN, log_odds=log_odds)
    return (work, plain) if claimed else (plain, work)


def known(value: float, error: float = 0.08, source: str = "history") -> Thresholds:
    return Thresholds(threshold_speed_mps=Estimate(value, error, source))  # type: ignore[arg-type]


def test_reps_are_held_against_the_level_in_errors() -> None:
    _, work = planned(4.0, 4.2)
    distance = distance_from_level(work, known(4.1, error=0.04 * 4.1))
    assert distance == pytest.approx(-LEVEL / math.hypot(0.04, 0.02))
    assert distance_from_level(work, known(2.0)) == FARTHEST
    assert distance_from_level(work, known(6.0)) == -FARTHEST


@pytest.mark.parametrize("source", ["file", "prior"])
def test_a_threshold_of_the_file_itself_decides_nothing(source: str) -> None:
    first, other = planned(4.1, 4.1)
    assert reconsider(first, other, known(4.1, source=source)) is None
    assert reconsider(first, other, Thresholds()) is None
    assert reconsider(first, other, known(4.1)) is not None


def test_a_treadmill_a_ride_and_reps_without_speed_are_not_held_against_it() -> None:
    first, other = planned(4.1, 4.1)
    assert reconsider(first, replace(other, treadmill=True), known(4.1)) is None
    assert reconsider(first, replace(other, sport="cycling"), known(4.1)) is None
    assert reconsider(first, replace(other, reps=()), known(4.1)) is None


def test_work_at_threshold_is_claimed_after_all() -> None:
    first, other = planned(4.1, 4.1)
    anew = reconsider(first, other, known(4.1))
    assert anew is not None
    assert anew.claimed
    assert anew.structured_probability >= CLAIMED
    assert anew.findings[0] == "Two efforts."
    assert "1.00 of the known threshold speed" in anew.findings[1]


def test_a_claim_far_below_threshold_is_dropped() -> None:
    first, other = planned(3.0, 3.0, claimed=True)
    anew = reconsider(first, other, known(4.1))
    assert anew is not None
    assert not anew.claimed
    assert anew.structured_probability < CLAIMED
    assert anew.findings[0] == PLAIN.findings[0]


@pytest.mark.parametrize(
    ("claimed", "chance", "expected"),
    [(False, 0.69, False), (False, 0.71, True), (True, 0.31, False), (True, 0.29, True)],
)
def test_only_a_sure_chance_overturns(claimed: bool, chance: float, expected: bool) -> None:
    assert overturned(chance, claimed=claimed) is expected


def test_a_known_threshold_and_a_loose_one_differ() -> None:
    first, other = planned(3.9, 3.9)
    sure, loose = (reconsider(first, other, known(4.1, error)) for error in (0.04, 0.8))
    assert sure is not None
    assert loose is not None
    # Far from certain, a threshold leaves the streams nearly alone.
    assert abs(loose.structured_probability - 0.3) < 0.25
    assert shipped_weight() > 0.0


@pytest.mark.parametrize("towards", [-1.0, 1.0])
def test_what_is_kept_one_way_only_could_not_be_overturned(towards: float) -> None:
    said, most = DOUBTFUL_LOG_ODDS * towards, FARTHEST * shipped_weight()
    beyond = 1.0 / (1.0 + math.exp(-(said - most * towards)))
    assert not overturned(beyond, claimed=towards > 0)
    assert overturned(1.0 / (1.0 + math.exp(most * towards)), claimed=towards > 0)
