"""A season's rows, calendar and chart data from tables written by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import pytest

from intervaldetect.output.summary import to_dict
from intervaldetect.records import Analysis
from intervaldetect.report.season import (
    Page,
    Tables,
    calendar,
    day_rows,
    list_rows,
    moment,
    season_data,
    series_rows,
    week_rows,
)
from intervaldetect.training import columns

ADDRESSES = {1: "sessions/a.html", 2: "sessions/b.html"}


def row(table: str, **given: Any) -> dict[str, Any]:
    """Return a row of a table, null where nothing is given; a wrong column is an error."""
    names = columns.TABLES[table]
    assert set(given) <= set(names)
    return dict.fromkeys(names) | given


WEEKS = [
    row(
        "training_weeks", week="2025-W36", monday=date(2025, 9, 1), runs=7, distance_m=101_500.0,
        timer_s=27_000.0, threshold_work_s=5400.0, threshold_work_m=26_000.0, vo2_work_s=450.0,
        longest_piece_s=360.0, quality_sessions=4, double_threshold_days=1,
        threshold_speed_mps=5.0, threshold_speed_low_mps=4.8, threshold_speed_high_mps=5.2,
    ),
    row("training_weeks", week="2025-W37", monday=date(2025, 9, 8), runs=0, distance_m=0.0,
        timer_s=0.0, threshold_work_s=0.0, vo2_work_s=0.0, quality_sessions=0,
        double_threshold_days=0),
]  # fmt: skip
DAYS = [
    row(
        "double_threshold_days", day=date(2025, 9, 2), sessions=2, hours_between=9.7,
        evening_faster=True, threshold_work_s=3100.0, threshold_work_m=17_000.0,
        morning_activity=1, morning_start=datetime.fromisoformat("2025-09-02 07:05"),
        morning_speed_mps=5.1,
        morning_workout="4 x 6:00", evening_activity=2, evening_workout="25 x 400 m",
        evening_start=datetime.fromisoformat("2025-09-02 17:40"), evening_speed_mps=5.9,
    )
]  # fmt: skip
STEPS = [
    row("series_steps", series=1, step=step, activity=step, day=date(2025, 9, 2 * step),
        label="vo2", workout=f"{step + 3} x 600 m", rep_speed_mps=6.0 + 0.1 * step,
        end_hr_bpm=181.0, equal_hr_bpm=180.0, speed_at_equal_hr_mps=6.0,
        speed_at_equal_hr_error_mps=0.06, speed_drift=-0.012, recovery_kept=step == 1,
        temperature_c=26.0, heat_flag=step == 2, moved=None if step == 1 else "one more rep")
    for step in (1, 2)
]  # fmt: skip
SERIES = [
    row("training_series", series=1, label="vo2", sessions=2, first_day=date(2025, 9, 2),
        last_day=date(2025, 9, 4), first_workout="4 x 600 m", last_workout="5 x 600 m",
        equal_hr_bpm=180.0, change=0.021, change_error=0.01)
]  # fmt: skip
ZONES = [
    row("intensity_distribution", monday=date(2025, 9, 1), method=method, scale=f"scale {method}",
        zone=zone, zone_name=name, seconds=seconds)
    for method in ("speed", "session_goal")
    for zone, name, seconds in ((0, "unknown", 60.0), (1, "low", 900.0), (2, "middle", 300.0))
]  # fmt: skip
TABLES = Tables(WEEKS, ZONES, DAYS, SERIES, STEPS)


@pytest.fixture
def pages(analysis: Analysis) -> list[Page]:
    summary = to_dict(analysis)
    return [
        Page(summary, "sessions/a.html", datetime.fromisoformat("2025-09-02 07:05")),
        Page(
            {**summary, "label": "threshold"},
            "sessions/b.html",
            datetime.fromisoformat("2025-09-02 17:40"),
        ),
        Page(
            {**summary, "label": None},
            "sessions/c.html",
            datetime.fromisoformat("2024-12-31 23:50"),
        ),
    ]


def test_the_calendar_puts_every_session_on_its_day(pages: list[Page]) -> None:
    years = calendar(pages, [date(2025, 9, 2)])
    assert [year for year, _ in years] == [2025, 2024]
    (week,) = years[0][1]
    assert week.monday == date(2025, 9, 1)
    assert week.month == "Sep"
    assert [len(day["sessions"]) for day in week.days] == [0, 2, 0, 0, 0, 0, 0]
    assert [one["letter"] for one in week.days[1]["sessions"]] == ["V", "T"]
    assert [day["double"] for day in week.days] == [False, True] + 5 * [False]
    (last,) = years[1][1]
    assert last.monday == date(2024, 12, 30)
    # The first of January lies in the same week, and in another year.
    assert [len(day["sessions"]) for day in last.days] == [0, 1, 0, 0, 0, 0, 0]
    assert last.days[1]["sessions"][0]["letter"] == "?"


def test_a_calendar_has_every_week_between(pages: list[Page]) -> None:
    later = Page(pages[0].summary, "sessions/d.html", datetime.fromisoformat("2025-11-30 09:00"))
    (_, weeks), _ = calendar([*pages, later], [])
    assert len(weeks) == 13
    assert [week.month for week in weeks if week.month] == ["Sep", "Oct", "Nov"]


def test_the_list_has_the_latest_first(pages: list[Page]) -> None:
    rows = list_rows(pages, "mi")
    assert [r["address"][-6] for r in rows] == ["b", "a", "c"]
    assert rows[0]["told"] == "threshold"
    assert rows[2]["label"] == "none"
    assert rows[0]["distance"].endswith(" mi")


def test_chart_data_are_in_the_units_of_the_reader() -> None:
    data = season_data(TABLES, ADDRESSES, (date(2025, 9, 1), date(2025, 9, 14)), "km")
    first = data["weeks"][0]
    assert first["x"] == moment(date(2025, 9, 1)) == 1_756_684_800_000
    assert (first["threshold"], first["vo2"], first["distance"]) == (90.0, 7.5, 101.5)
    assert (first["p"], first["fast"], first["slow"]) == (200.0, 192.3, 208.3)
    assert data["weeks"][1]["p"] is None
    assert data["reach"][1] - data["reach"][0] == 14 * 86_400_000
    assert [step["last"] for step in data["steps"]] == [False, True]
    assert data["steps"][1]["address"] == "sessions/b.html"
    # Zone 0 is time of which nothing is known; methods stand below one another without a gap.
    assert {(zone["order"], zone["zone"]) for zone in data["zones"]} == {
        (0, 1), (0, 2), (1, 1), (1, 2),
    }  # fmt: skip
    slow, fast = data["thresholdRange"]["pace"]
    assert fast < 192.3
    assert slow > 208.3
    miles = season_data(TABLES, ADDRESSES, (date(2025, 9, 1), date(2025, 9, 14)), "mi")
    assert miles["weeks"][0]["distance"] == 63.1
    assert miles["weeks"][0]["p"] == 321.9


def test_an_athlete_without_reps_has_a_season_too() -> None:
    data = season_data(Tables(WEEKS[1:]), {}, (date(2025, 9, 8), date(2025, 9, 14)), "km")
    assert data["steps"] == data["zones"] == []
    assert data["thresholdRange"]["pace"][0] > data["thresholdRange"]["pace"][1]


def test_rows_of_weeks_days_and_series() -> None:
    week = week_rows(TABLES, "km")[1]
    assert (week["threshold"], week["threshold_distance"], week["limit"]) == (
        "1:30:00", "26.00 km", "3:20/km",
    )  # fmt: skip
    (day,) = day_rows(TABLES, ADDRESSES, "km")
    assert (day["hours"], day["faster"], day["work"]) == ("9.7 h", "yes", "51:40")
    assert [half["clock"] for half in day["halves"]] == ["07:05", "17:40"]
    assert day["halves"][1]["address"] == "sessions/b.html"
    (series,) = series_rows(TABLES, ADDRESSES, "km")
    assert series["change"] == "+2.1 ±1.0 % in speed at 180 bpm"
    first, second = series["steps"]
    assert (first["kept"], second["kept"]) == ("yes", "no")
    assert second["degrees"] == "26 °C heat"
    assert second["moved"] == "one more rep"
    assert first["equal"] == "2:47/km ±2 s at 180"
    assert first["drift"] == "-1.2 %"
