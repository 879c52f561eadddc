"""The rows of the field-notes table as sessions of athletes who train."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from intervaldetect.pipeline import analyse
from intervaldetect.records import Kind, Label, SessionEvidence
from intervaldetect.simulate import Athlete, Plan, simulate
from intervaldetect.simulate.plan import RunType
from tests.structure.sessions import HOBBY, TABLE, Session

FIRST_DAY = datetime(2025, 9, 1, 6, tzinfo=UTC)
USUAL = Athlete()
ATHLETES = (USUAL, HOBBY)
EASY: tuple[RunType, ...] = (
    "easy",
    "easy",
    "recovery",
    "easy",
    "strides",
    "long",
    "easy",
    "recovery",
)


def expected(session: Session) -> tuple[Label, Kind]:
    """Label and kind of a row: VO2 where 3 min lie between the runs, else threshold."""
    if "(3:00 jog)" in session.name:
        return "vo2", "vo2_intervals"
    if session.name in ("10 mi @ 3:10/km", "10000 m @ 3:08/km"):
        return "threshold", "tempo"
    return "threshold", "threshold_intervals"


def rows_of(athlete: Athlete) -> list[Session]:
    """The rows that an athlete runs."""
    return [session for session in TABLE if session.plan.athlete == athlete]


def in_turn(
    athlete: Athlete, rows: Sequence[Session], easy: Sequence[RunType] = EASY
) -> list[tuple[int, Session | None, Plan]]:
    """Day, row and plan of an athlete's rows and easy runs, taking turns, one every other day."""
    sessions: list[tuple[Session | None, Plan]] = [
        (session, replace(session.plan, athlete=athlete)) for session in rows
    ]
    sessions += [(None, Plan(run_type=kind, athlete=athlete)) for kind in easy]
    order = sorted(range(len(sessions)), key=lambda k: ((7 * k) % len(sessions), k))
    return [(2 * turn, *sessions[k]) for turn, k in enumerate(order)]


def history(
    athlete: Athlete, seed: int, rows: Sequence[Session] | None = None
) -> list[tuple[Session | None, SessionEvidence]]:
    """Run an athlete's rows of the table, by default all, among easy runs."""
    chosen = rows_of(athlete) if rows is None else rows
    return [
        (session, evidence_of(plan, 1000 * seed + turn, day))
        for turn, (day, session, plan) in enumerate(in_turn(athlete, chosen))
    ]


def evidence_of(plan: Plan, seed: int, day: int = 0) -> SessionEvidence:
    """Run a plan on a day of the history."""
    dated = replace(plan, start_time=FIRST_DAY + timedelta(days=day))
    found = analyse(simulate(dated, seed=seed).to_activity(), laps="ignore").evidence
    assert found is not None
    return found
