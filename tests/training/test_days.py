"""Local days and double-threshold days: every one, and only those."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from intervaldetect.batch.local_time import settle_local_time
from intervaldetect.simulate import Plan
from intervaldetect.store import Store
from intervaldetect.training import History, double_threshold_days, read_history
from tests.training.truth import MAKER, TrueRun, write_runs
from tests.training.two_years import CAMP, DENVER, FIRST_MONDAY, OSLO, Calendar

REPS = Plan("4 x 6:00 @ 3:15/km (1:00 jog)", kind="threshold_intervals", label="threshold")
LENGTH_S = 900.0 + 4 * 360.0 + 3 * 60.0 + 600.0
EASY = Plan(run_type="easy", duration_s=1800.0)


def history_of(folder: Path, *runs: TrueRun, timezone: str | None = None) -> History:
    write_runs(folder, runs)
    return read_history(folder, timezone=timezone)


def test_two_years_have_every_double_day_and_only_those(years: History, calendar: Calendar) -> None:
    found = double_threshold_days(years)
    assert set(found["day"]) == calendar.doubles
    assert found.height == len(calendar.doubles)


def test_the_season_has_every_double_day_and_only_those(
    season_history: History, season_truth: list[dict[str, Any]]
) -> None:
    by_day = Counter(
        (datetime.fromisoformat(row["start_time"]) + timedelta(seconds=row["utc_offset_s"])).date()
        for row in season_truth
        if row["label"] == "threshold"
    )
    true = {day for day, count in by_day.items() if count >= 2}
    assert len(true) == 9
    assert set(double_threshold_days(season_history)["day"]) == true


def test_every_run_counts_on_the_day_its_clock_said(years: History, calendar: Calendar) -> None:
    """The camp, the flights, the clock changes and files without local time among them."""
    true = {run.start.astimezone(UTC): run.start for run in calendar.runs}
    assert years.runs.height == len(true)
    for start, local, day in years.runs.select("start_time", "local_start", "day").iter_rows():
        expected = true[start]
        assert local == expected.replace(tzinfo=None)
        assert day == expected.date()


def test_where_local_time_is_from_is_said(tmp_path: Path) -> None:
    runs = [
        TrueRun(datetime(2025, 3, 29, 23, 30, tzinfo=OSLO), EASY),
        TrueRun(datetime(2025, 3, 30, 0, 30, tzinfo=OSLO), EASY, local_known=False),
    ]
    write_runs(tmp_path, runs)
    zoned = read_history(tmp_path, timezone="Europe/Oslo")
    assert zoned.runs["local_time_from"].to_list() == ["file", "zone"]
    assert zoned.runs["day"].to_list() == [date(2025, 3, 29), date(2025, 3, 30)]
    assert "Local time: 1 from the file, 1 from the zone Europe/Oslo." in zoned.remarks
    plain = read_history(tmp_path)
    assert plain.runs["local_time_from"].to_list() == ["file", "utc"]
    assert plain.runs["day"].to_list() == [date(2025, 3, 29), date(2025, 3, 29)]
    assert any(
        "1 run has no time zone and is shown in UTC; set --timezone" in remark
        for remark in plain.remarks
    )
    with Store.create(tmp_path) as store:
        assert settle_local_time(store, "me", MAKER) == 1
    settled = read_history(tmp_path)
    assert settled.runs["local_time_from"].to_list() == ["file", "history"]
    assert settled.runs["day"].to_list() == [date(2025, 3, 29), date(2025, 3, 30)]


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Europe/Oslo", date(2025, 3, 30), 12.0),  # spring forward at 02:00
        ("Europe/Oslo", date(2025, 10, 26), 14.0),  # fall back at 03:00
        ("America/New_York", date(2025, 3, 9), 12.0),
        ("Australia/Lord_Howe", date(2025, 4, 6), 13.5),  # falls back by half an hour
    ],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_hours_between_are_real_hours_across_a_clock_change(
    tmp_path: Path, zone: str, day: date, hours: float, recorded: bool
) -> None:
    where = ZoneInfo(zone)
    midnight = datetime(day.year, day.month, day.day, tzinfo=where)
    runs = [TrueRun(midnight.replace(hour=hour), REPS, local_known=recorded) for hour in (1, 14)]
    (found,) = double_threshold_days(history_of(tmp_path, *runs, timezone=zone)).to_dicts()
    assert found["day"] == day
    assert found["hours_between"] == pytest.approx(hours - LENGTH_S / 3600.0)
    assert found["morning_start"].hour == 1
    assert found["evening_start"].hour == 14


def test_a_flight_west_makes_the_day_longer(years: History) -> None:
    flight = FIRST_MONDAY + timedelta(weeks=CAMP.start, days=-3)
    (found,) = [row for row in double_threshold_days(years).to_dicts() if row["day"] == flight]
    begin = datetime.combine(flight, found["morning_start"].time(), OSLO)
    end = datetime.combine(flight, found["evening_start"].time(), DENVER)
    assert (found["morning_start"].hour, found["evening_start"].hour) == (6, 18)
    assert found["hours_between"] == pytest.approx(
        ((end - begin).total_seconds() - LENGTH_S - 360.0 - 60.0) / 3600.0
    )
    assert found["hours_between"] > 18.0


def test_a_session_into_midnight_belongs_to_the_day_it_began(tmp_path: Path) -> None:
    night = TrueRun(datetime(2025, 6, 2, 23, 40, tzinfo=OSLO), REPS)
    noon = TrueRun(datetime(2025, 6, 2, 12, 0, tzinfo=OSLO), REPS)
    after = TrueRun(datetime(2025, 6, 3, 0, 5, tzinfo=OSLO), REPS)
    assert double_threshold_days(history_of(tmp_path / "a", noon, night)).height == 1
    assert double_threshold_days(history_of(tmp_path / "b", noon, after)).height == 0


def test_files_that_follow_at_once_are_one_session(tmp_path: Path) -> None:
    first = TrueRun(datetime(2025, 6, 2, 8, 0, tzinfo=OSLO), REPS)
    second = TrueRun(datetime(2025, 6, 2, 9, 10, tzinfo=OSLO), REPS)
    evening = TrueRun(datetime(2025, 6, 2, 17, 0, tzinfo=OSLO), REPS)
    assert double_threshold_days(history_of(tmp_path / "a", first, second)).is_empty()
    (found,) = double_threshold_days(history_of(tmp_path / "b", first, second, evening)).to_dicts()
    assert found["sessions"] == 2
    assert found["morning_work_s"] == pytest.approx(2 * 4 * 360.0)
    assert found["evening_work_s"] == pytest.approx(4 * 360.0)
    assert found["threshold_work_s"] == pytest.approx(3 * 4 * 360.0)


def test_morning_and_evening_stand_side_by_side(tmp_path: Path) -> None:
    quick = Plan("25 x 400 m @ 1:08 (0:30 stand)", kind="threshold_intervals", label="threshold")
    found = double_threshold_days(
        history_of(
            tmp_path,
            TrueRun(datetime(2025, 9, 2, 7, 5, tzinfo=OSLO), REPS),
            TrueRun(datetime(2025, 9, 2, 12, 0, tzinfo=OSLO), EASY),
            TrueRun(datetime(2025, 9, 2, 17, 40, tzinfo=OSLO), quick),
        )
    ).to_dicts()
    (row,) = found
    assert row["sessions"] == 2
    assert row["morning_workout"] == "4 x 6:00 @ 3:15/km (1:00 jog)"
    assert row["evening_workout"] == "25 x 400 m @ 1:08 (0:30 stand)"
    assert row["morning_speed_mps"] == pytest.approx(1000 / 195, rel=0.01)
    assert row["evening_speed_mps"] == pytest.approx(400 / 68, rel=0.01)
    assert row["evening_faster"] is True
    assert row["speed_change"] == pytest.approx(195 / 170 - 1, abs=0.01)
    assert row["morning_end_hr_bpm"] < row["evening_end_hr_bpm"]


def test_days_of_two_athletes_make_no_double(tmp_path: Path) -> None:
    morning = TrueRun(datetime(2025, 9, 2, 7, 5, tzinfo=OSLO), REPS, athlete="ada")
    evening = TrueRun(datetime(2025, 9, 2, 17, 5, tzinfo=OSLO), REPS, athlete="bo")
    assert double_threshold_days(history_of(tmp_path, morning, evening)).is_empty()


def test_easy_doubles_are_no_double_threshold_days(tmp_path: Path) -> None:
    """24 days with two easy runs each, even if a label called them threshold: there is no work."""
    called = Plan(run_type="easy", duration_s=1800.0, label="threshold")
    runs = [
        TrueRun(datetime(2025, 3, 1, hour, tzinfo=OSLO) + timedelta(days=day), called)
        for day in range(24)
        for hour in (7, 17)
    ]
    history = history_of(tmp_path, *runs)
    assert (history.runs["label"] == "threshold").sum() == 48
    assert double_threshold_days(history).height == 0


def test_a_double_asks_for_ten_minutes_of_work_in_each(tmp_path: Path) -> None:
    moment = datetime(2025, 3, 1, 7, tzinfo=OSLO)
    for text, doubles in (("2 x 4:59", 0), ("2 x 5:00", 1)):
        short = Plan(f"{text} @ 3:15/km (1:00 jog)", kind="threshold_intervals", label="threshold")
        evening = TrueRun(moment.replace(hour=17), short)
        history = history_of(tmp_path / text, TrueRun(moment, REPS), evening)
        assert double_threshold_days(history).height == doubles


@pytest.mark.parametrize(("seconds", "doubles"), [(3600, 1), (3599, 0)])
def test_an_hour_between_makes_two_sessions(tmp_path: Path, seconds: int, doubles: int) -> None:
    first = datetime(2025, 6, 2, 8, 0, tzinfo=OSLO)
    second = first + timedelta(seconds=LENGTH_S + seconds)
    history = history_of(tmp_path, TrueRun(first, REPS), TrueRun(second, REPS))
    assert double_threshold_days(history).height == doubles
