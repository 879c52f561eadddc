"""A season's sheets of control and load, from tables written by hand."""

from __future__ import annotations

from datetime import date

import pytest

from intervaldetect.report.season import Tables
from intervaldetect.report.season_training import MAX_ROWS, Sheet, sheets_of
from tests.report.test_season_rows import ADDRESSES, WEEKS, row

DAY = date(2025, 9, 2)
UNKNOWN = "threshold not known: no race and no reps before it"
WEEK = {"week": "2025-W36", "threshold_share": 0.2, "threshold_1_2_min_s": 1700.0}
WEEK |= {"threshold_2_5_min_s": 0.0, "threshold_6_12_min_s": 1440.0, "long_run_m": 25_300.0}
WEEK |= {"long_run_s": 7200.0}
TABLES = Tables(
    weeks=[WEEKS[0] | WEEK, WEEKS[1]],
    control=[
        row("session_control", activity=1, day=DAY, label="threshold", workout="4 x 6:00", judged=4,
            under=1, at=2, over=1, over_from=4, verdict="at", p_under=0.2, p_at=0.7, p_over=0.1,
            speed_drift=0.012, hr_drift_bpm=4.4, ceiling_speed_mps=5.0, ceiling_hr_bpm=172.0),
        row("session_control", activity=3, day=DAY, workout="6 x 800 m", judged=0,
            withheld=UNKNOWN),
    ],
    load=[
        row("load_weeks", week="2025-W36", runs=7, load=412.4, hardest=96.0, load_steps=61_240.0,
            fitness=31.2, fatigue=52.9, form=-21.7, settled=False, runs_with_rpe=0),
        row("load_weeks", week="2025-W37", runs=0, load=0.0, hardest=0.0, load_steps=0.0,
            fitness=28.0, fatigue=19.4, form=8.6, settled=True, runs_with_rpe=0),
    ],
    races=[
        row("race_list", activity=2, day=DAY, race_m=21097.5, seconds=4200.0, speed_mps=5.0232,
            implied_speed_mps=5.0, implied_error_mps=0.1, predicted_s=4150.0,
            predicted_low_s=4000.0, predicted_high_s=4300.0, over_predicted=0.012, inside=True),
    ],
    predictions=[
        row("race_predictions", race_m=5000.0, predicted_s=930.0, predicted_low_s=915.0,
            predicted_high_s=945.0),
        row("race_predictions", race_m=42195.0, withheld="no run of 25 km within 12 weeks"),
    ],
    recovery=[
        row("recovery_sessions", activity=1, day=DAY, workout="4 x 6:00", reps=4,
            hr_drop_30s_bpm=14.4, trend_30s_bpm=-0.55, hr_drop_60s_bpm=31.0,
            device_recovery_hr_bpm=104.0),
    ],
    durability=[
        row("session_durability", activity=1, day=DAY, kind="long", scope="run", decoupling=0.048,
            over_s=6300.0, band="low", speed_change_60_min=-0.021),
        row("session_durability", activity=2, day=DAY, withheld="shorter than an hour"),
    ],
)  # fmt: skip


@pytest.fixture(scope="module")
def sheets() -> dict[str, Sheet]:
    return {sheet.key: sheet for sheet in sheets_of(TABLES, ADDRESSES, "km")}


def texts(sheet: Sheet) -> list[list[str]]:
    assert all(len(cells) == len(sheet.heads) for cells in sheet.rows)
    return [[cell.text for cell in cells] for cells in sheet.rows]


def test_sheets_say_what_the_tables_say_the_latest_first(sheets: dict[str, Sheet]) -> None:
    assert texts(sheets["control"]) == [
        ["2025-09-02", "6 x 800 m", "?", "withheld", "", "", "", "", ""],
        ["2025-09-02", "4 x 6:00", "threshold", "at 70%", "1 / 2 / 1", "rep 4", "+1.2 %", "+4",
         "3:20/km, 172"],
    ]  # fmt: skip
    assert texts(sheets["week-shares"]) == [
        ["2025-W36", "20%", "28", "", "24", "1", "25.3 km", "2:00:00"]
    ]
    assert texts(sheets["load"]) == [
        ["2025-W37", "", "", "", "", "", "28", "19", "+9"],
        ["2025-W36", "7", "412", "96", "61.2", "", "~31", "~53", "~-22"],
    ]
    assert texts(sheets["races"]) == [
        ["2025-09-02", "half marathon", "1:10:00", "3:19/km", "3:20/km ± 4 s",
         "1:06:40 to 1:11:40", "+1.2 %"]
    ]  # fmt: skip
    assert texts(sheets["predictions"]) == [
        ["5 km", "15:30", "15:15 to 15:45", ""],
        ["marathon", "", "", "no run of 25 km within 12 weeks"],
    ]
    assert texts(sheets["recovery"]) == [
        ["2025-09-02", "4 x 6:00", "14", "-0.6", "31", "", "4", "104"]
    ]
    assert texts(sheets["durability"]) == [
        ["2025-09-02", "long", "whole run", "1:45:00", "+4.8 %", "low", "-2.1 %", ""]
    ]


def test_days_lead_to_their_sessions_and_reasons_are_said(sheets: dict[str, Sheet]) -> None:
    assert [cells[0].address for cells in sheets["control"].rows] == [None, "sessions/a.html"]
    assert sheets["control"].notes[-1] == f"Withheld where {UNKNOWN}."
    assert any("~ marks" in note for note in sheets["load"].notes)


def test_only_the_latest_rows_are_shown_and_the_rest_counted() -> None:
    many = Tables(load=[TABLES.load[1]] * (MAX_ROWS + 5))
    (sheet,) = sheets_of(many, {}, "mi")
    assert (len(sheet.rows), sheet.left_out) == (MAX_ROWS, 5)
    assert sheets_of(Tables(), {}, "km") == []
