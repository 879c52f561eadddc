"""What drawn sessions say of their athletes stays what it was; `python -m tests.worked` renews it.

Compared to six digits: every constant and every branch of the estimate moves a row.
"""

from __future__ import annotations

from typing import Any

import pytest

from intervaldetect.athlete import overview, thresholds_over_time
from intervaldetect.athlete.heart import Peaks
from intervaldetect.athlete.posterior import Posterior
from intervaldetect.athlete.session import is_hard, plausible_bests, what_is_seen
from intervaldetect.athlete.speed import critical_speed
from intervaldetect.records import Estimate, Thresholds
from tests.drawn import drawn, history
from tests.worked import RENEW, near, plain, written

SESSIONS, ATHLETES, EACH = 130, 5, 30
GIVEN = (
    None,
    None,
    None,
    Thresholds(None, Estimate(168.0, 2.5, "given"), Estimate(189.0, 0.2, "given")),
    Thresholds(Estimate(4.1, 0.05, "given"), None, None),
)


def seen(number: int) -> list[Any]:
    """What one session shows, alone."""
    one = drawn(number)
    bests = plausible_bests(one)
    return [what_is_seen(one), is_hard(one), bests, critical_speed(bests)]


def states(number: int) -> list[list[Any]]:
    """The posterior after each of an athlete's sessions, read as it is inside."""
    posterior, peaks, rows = Posterior(GIVEN[number]), Peaks(), []
    for day, one in enumerate(history(number, EACH)):
        shown = what_is_seen(one)
        posterior.see(3.0 * day, shown)
        peaks.see(shown)
        row = [posterior.read(), posterior.rests_on(), peaks.top, peaks.gap()]
        rows.append([*row, posterior.log_chance[::13], posterior.mean[20], peaks.chances()[::9]])
    return rows


def known(number: int) -> list[list[Any]]:
    """What is told of an athlete at the time of each session, and the overview of it all."""
    sessions = history(number, EACH)
    told = [
        [one.thresholds, one.critical_speed_mps, one.move]
        for one in thresholds_over_time(sessions, given=GIVEN[number])
    ]
    summed = overview("me", sessions, given=GIVEN[number])
    assert summed is not None
    moves = [summed.moves, summed.best_efforts, summed.doubts]
    counts = [summed.runs, summed.hard_runs, summed.with_heart_rate]
    return [*told, [summed.first, summed.last, counts, moves, [m.runs for m in summed.months]]]


def made() -> dict[str, list[Any]]:
    return {
        "seen": [seen(number) for number in range(SESSIONS)],
        "states": [states(number) for number in range(ATHLETES)],
        "known": [known(number) for number in range(ATHLETES)],
    }


@pytest.mark.parametrize("number", range(SESSIONS))
def test_a_session_shows_what_was_written_down(number: int) -> None:
    assert plain(seen(number)) == near(written("athlete")["seen"][number]), RENEW


@pytest.mark.parametrize("number", range(ATHLETES))
def test_the_posterior_goes_as_was_written_down(number: int) -> None:
    rows = written("athlete")["states"][number]
    assert len(rows) == EACH
    for now, then in zip(plain(states(number)), rows, strict=True):
        assert now == near(then), RENEW


@pytest.mark.parametrize("number", range(ATHLETES))
def test_what_is_told_of_an_athlete_was_written_down(number: int) -> None:
    rows = written("athlete")["known"][number]
    assert len(rows) == EACH + 1
    for now, then in zip(plain(known(number)), rows, strict=True):
        assert now == near(then), RENEW
