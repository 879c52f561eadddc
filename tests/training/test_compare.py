"""Two sessions rep by rep, and one with the best of its family."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.simulate import Plan
from intervaldetect.training import History, compare_sessions, read_history, series_steps
from tests.training.truth import TrueRun, write_runs
from tests.training.two_years import OSLO

TUESDAY = datetime(2025, 6, 3, 8, tzinfo=OSLO)
TIMES = ("2:10", "2:04", "2:07", "2:09")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    folder = tmp_path_factory.mktemp("compare")
    runs = [
        TrueRun(
            TUESDAY + timedelta(days=7 * week),
            Plan(f"{6 - week % 2} x 800 m @ {time} (3:00 jog)", kind="vo2_intervals", label="vo2"),
            day_hr=hr,
        )
        for week, (time, hr) in enumerate(zip(TIMES, (0.0, 0.03, -0.03, 0.0), strict=True))
    ]
    runs.append(TrueRun(TUESDAY.replace(hour=18), Plan(run_type="easy")))
    tempo = Plan("10 mi @ 3:20/km", kind="tempo", label="threshold")
    runs.append(TrueRun(TUESDAY + timedelta(days=2), tempo))
    runs.append(TrueRun(TUESDAY + timedelta(days=2, hours=9), Plan("3 x 10:00 @ 3:15/km (2:00)")))
    write_runs(folder, runs)
    return read_history(folder)


def test_reps_stand_side_by_side(history: History) -> None:
    compared = compare_sessions(history, "2025-06-03", "2025-06-10")
    first, second = compared.sessions.to_dicts()
    assert (first["workout"], second["workout"]) == (
        "6 x 800 m @ 2:10 (3:00 jog)",
        "5 x 800 m @ 2:04 (3:00 jog)",
    )
    assert (first["reps"], second["reps"]) == (6, 5)
    assert first["equal_hr_bpm"] == second["equal_hr_bpm"]
    reps = compared.reps
    assert reps["rep"].to_list() == [1, 2, 3, 4, 5, 6]
    assert reps["second_speed_mps"].to_list()[5] is None
    assert reps["speed_change"].to_list()[5] is None
    assert reps["first_recovery_s"].to_list() == pytest.approx([180.0] * 5 + [None])
    for row in reps.to_dicts()[:5]:
        assert row["speed_change"] == pytest.approx(
            row["second_speed_mps"] / row["first_speed_mps"] - 1.0
        )
        assert row["speed_change"] == pytest.approx(130 / 124 - 1, abs=0.03)
        assert row["end_hr_change_bpm"] > 0.0


def test_the_order_of_the_two_is_kept(history: History) -> None:
    one = compare_sessions(history, "2025-06-03", "2025-06-10").sessions
    other = compare_sessions(history, "2025-06-10", "2025-06-03").sessions
    assert one["which"].to_list() == other["which"].to_list() == ["first", "second"]
    assert one["activity"].to_list() == other["activity"].to_list()[::-1]
    assert one["speed_at_equal_hr_mps"].to_list() == pytest.approx(
        other["speed_at_equal_hr_mps"].to_list()[::-1]
    )


def test_the_best_of_the_family_is_the_fastest_at_equal_heart_rate(history: History) -> None:
    """2:04 was run at a high heart rate; 2:07 at a low one is the better session."""
    compared = compare_sessions(history, "2025-06-03")
    assert compared.sessions["workout"][1] == "6 x 800 m @ 2:07 (3:00 jog)"
    assert compared.chosen == (
        "the fastest of the 3 other sessions of its kind, at equal end-of-rep heart rate."
    )
    steps = series_steps(history)
    best = steps.sort("speed_at_equal_hr_mps")["activity"].to_list()[-1]
    assert compared.sessions["activity"][1] == best
    assert compare_sessions(history, str(best)).sessions["activity"][1] != best


def test_without_heart_rate_the_best_is_the_fastest(tmp_path: Path) -> None:
    runs = [
        TrueRun(
            TUESDAY + timedelta(days=7 * week),
            Plan(f"6 x 800 m @ {time} (3:00 jog)", kind="vo2_intervals", label="vo2"),
            heart=False,
        )
        for week, time in enumerate(TIMES)
    ]
    write_runs(tmp_path, runs)
    compared = compare_sessions(read_history(tmp_path), "2025-06-03")
    assert compared.sessions["workout"][1] == "6 x 800 m @ 2:04 (3:00 jog)"
    assert "by pace alone" in compared.chosen
    assert compared.sessions["speed_at_equal_hr_mps"].to_list() == [None, None]
    assert compared.reps["end_hr_change_bpm"].to_list() == [None] * 6


@pytest.mark.parametrize(
    "told", ["2025-06-03", "2025-06-03T08:00", "2025-06-03 08:00", "20250603060000-0.fit"]
)
def test_a_session_has_several_names(history: History, told: str) -> None:
    assert compare_sessions(history, told).sessions["workout"][0] == "6 x 800 m @ 2:10 (3:00 jog)"


@pytest.mark.parametrize(
    ("first", "second", "told"),
    [
        ("2025-06-05", None, "one of 2025-06-05T08:00, 2025-06-05T17:00"),
        ("2025-06-03T18:00", None, "a session with reps; this one is"),
        ("2031-01-01", None, "a day with a session with reps"),
        ("", None, "a local date such as"),
        ("nothing.fit", None, "a local date such as"),
        ("12345", None, "a local date such as"),
        ("9" * 30, None, "a local date such as"),
        ("\u00b2", None, "a local date such as"),
        ("2025-06-05T08:00", None, "a session with similar ones"),
        ("2025-06-03", "2025-06-03", "another session than the first"),
        ("2025-06-03", "2025-06-04", "a day with a session with reps"),
    ],
)
def test_what_names_no_session_is_refused(
    history: History, first: str, second: str | None, told: str
) -> None:
    with pytest.raises(ParameterError, match=told):
        compare_sessions(history, first, second)
