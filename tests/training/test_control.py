"""Reps against a ceiling: every figure computed once more in plain Python."""

from __future__ import annotations

import math
import statistics
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.simulate import Plan
from intervaldetect.training import (
    History,
    control_weeks,
    read_ceiling,
    read_history,
    rep_verdicts,
    session_control,
    training_weeks,
)
from intervaldetect.training.ceiling import NO_MEASURE, NO_THRESHOLD, TOO_SHORT
from tests.training.truth import TrueRun, athlete_at, write_runs
from tests.training.two_years import OSLO

T: dict[str, Any] = {"kind": "threshold_intervals", "label": "threshold"}
MONDAY = datetime(2025, 6, 2, 8, tzinfo=OSLO)
SPEED, RATE, RATE_ERROR = 5.2, 168.0, 2.0
SPEED_ERROR = 0.062 / SPEED  # 1.2 %, as a store keeps it


def one(plan: str, speed: float = SPEED, **told: Any) -> Plan:
    return Plan(plan, athlete=athlete_at(speed), **{**T, **told})


def history_of(folder: Path, *runs: TrueRun) -> History:
    write_runs(folder, runs)
    return read_history(folder, timezone="Europe/Oslo")


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> History:
    plans = [
        one("4 x 6:00 @ 3:08/km (1:00 jog)"),
        one("20 x 1:00 @ 2:58/km (0:30 jog)"),
        one("8 x 4:00 @ 3:09/km (1:00 jog)"),
        one("6 x 800 m @ 2:10 (3:00 jog)", kind="vo2_intervals", label="vo2"),
        one("10 x 0:30 @ 2:30/km (1:00 jog)"),
    ]
    days = (0, 2, 4, 7, 8)
    runs = [TrueRun(MONDAY + timedelta(days=d), p) for d, p in zip(days, plans, strict=True)]
    return history_of(tmp_path_factory.mktemp("control"), *runs)


def odds(relative: float, error: float) -> tuple[float, float, float]:
    """Return the odds of under, at and over, by a logistic of 0.85 of this standard error."""

    def below(x: float) -> float:
        return 1.0 / (1.0 + math.exp(-math.pi / math.sqrt(3.0) * x / (0.85 * error)))

    under, over = below(-0.015 - relative), 1.0 - below(0.015 - relative)
    return under, 1.0 - under - over, over


def interpolated(seconds: float) -> float:
    points = ((60.0, 1.07), (180.0, 1.04), (360.0, 1.02), (600.0, 1.0))
    if seconds <= 60.0 or seconds >= 600.0:
        return 1.07 if seconds <= 60.0 else 1.0
    (a, fast), (b, slow) = next((low, high) for low, high in pairwise(points) if seconds <= high[0])
    return fast + (slow - fast) * (seconds - a) / (b - a)


def judged_again(row: dict[str, Any]) -> tuple[float, float]:
    """Return the log over the ceiling and its error, from pace and heart rate."""
    seconds = row["seconds"]
    by_pace = math.log(row["adjusted_speed_mps"] / SPEED / interpolated(seconds))
    by_rate = math.log(row["settled_hr_bpm"] / RATE) / 0.85
    weight = min(max((seconds - 180.0) / 180.0, 0.0), 1.0)
    pace_shared, pace_own = SPEED_ERROR, math.hypot(0.006, 0.6 / seconds)
    rate_shared = math.hypot(RATE_ERROR / RATE / 0.85, 0.018 / 0.85)
    rate_own = math.hypot(
        1.0 / row["end_hr_bpm"] / 0.85,
        0.25 / 0.85 * by_rate,
        0.5 * math.log(row["settled_hr_bpm"] / row["end_hr_bpm"]) / 0.85,
    )
    errors = [
        math.hypot((1.0 - weight) * pace, weight * rate)
        for pace, rate in ((pace_shared, rate_shared), (pace_own, rate_own))
    ]
    return (1.0 - weight) * by_pace + weight * by_rate, math.hypot(*errors)


def test_every_verdict_is_that_of_pace_and_heart_rate(history: History) -> None:
    rows = rep_verdicts(history).filter(history.reps["seconds"] >= 40.0).to_dicts()
    assert len(rows) == 4 + 20 + 8 + 6
    for row in rows:
        relative, error = judged_again(row)
        assert row["over_ceiling"] == pytest.approx(math.expm1(relative), abs=1e-9)
        assert row["error"] == pytest.approx(error, rel=1e-9)
        under, at, over = odds(relative, error)
        assert (row["p_under"], row["p_at"], row["p_over"]) == pytest.approx((under, at, over))
        best = max((under, "under"), (at, "at"), (over, "over"))[1]
        assert row["verdict"] == best
        assert row["withheld"] is None


def test_pace_decides_short_reps_and_heart_rate_long_ones(history: History) -> None:
    rows = rep_verdicts(history).filter(history.reps["seconds"] >= 40.0).to_dicts()
    assert {60.0, 240.0, 360.0} <= {row["seconds"] for row in rows}
    for row in rows:
        weight = min(max((row["seconds"] - 180.0) / 180.0, 0.0), 1.0)
        assert row["decided_by"] == pytest.approx(weight)
        family = {60.0: "1_2_min", 240.0: "2_5_min", 360.0: "6_12_min"}
        assert row["family"] == family.get(row["seconds"], row["family"])


def test_reps_of_less_than_40_s_have_no_verdict(history: History) -> None:
    short = rep_verdicts(history).filter(history.reps["seconds"] < 40.0)
    assert short.height == 10
    assert short["verdict"].null_count() == 10
    assert set(short["withheld"]) == {TOO_SHORT}
    assert session_control(history).to_dicts()[-1]["withheld"] == TOO_SHORT


def test_a_session_has_the_mean_of_its_reps_and_keeps_the_error_they_share(
    history: History,
) -> None:
    sessions = session_control(history).to_dicts()
    rows = rep_verdicts(history).to_dicts()
    assert len(sessions) >= 4
    for session in sessions[:4]:
        mine = [row for row in rows if row["activity"] == session["activity"]]
        total = sum(row["seconds"] for row in mine)
        mean = sum(row["seconds"] * math.log1p(row["over_ceiling"]) for row in mine) / total
        assert [session[name] for name in ("under", "at", "over")] == [
            sum(row["verdict"] == name for row in mine) for name in ("under", "at", "over")
        ]
        # The odds lie between those of the mean with all errors averaged out, and with none.
        surest, widest = (
            odds(mean, SPEED_ERROR)[2],
            odds(mean, max(row["error"] for row in mine))[2],
        )
        low, high = sorted((surest, widest))
        assert low - 0.02 <= session["p_over"] <= high + 0.02
        first, last = mine[0], mine[-1]
        change = last["adjusted_speed_mps"] / first["adjusted_speed_mps"] - 1.0
        assert session["last_speed_change"] == pytest.approx(change)
        climb = last["end_hr_bpm"] - first["end_hr_bpm"]
        assert session["last_hr_change_bpm"] == pytest.approx(climb)


def test_over_from_a_rep_on(tmp_path: Path) -> None:
    history = history_of(
        tmp_path,
        TrueRun(MONDAY, one("3 x 1:00 @ 3:15/km (1:00) + 3 x 1:00 @ 2:40/km (1:00)")),
        TrueRun(MONDAY + timedelta(days=1), one("4 x 1:00 @ 2:40/km (1:00)")),
        TrueRun(MONDAY + timedelta(days=2), one("2 x 1:00 @ 2:40/km (1:00) + 1 x 1:00 @ 3:20/km")),
    )
    assert session_control(history)["over_from"].to_list() == [4, 1, None]


def test_weeks_count_reps_meant_to_stay_under(history: History) -> None:
    weeks = control_weeks(history).to_dicts()
    rows = rep_verdicts(history).to_dicts()
    first, second = weeks
    assert (first["sessions"], first["reps"], first["judged"]) == (3, 32, 32)
    assert (second["sessions"], second["reps"], second["judged"]) == (1, 10, 0)
    assert (first["vo2_reps"], second["vo2_reps"]) == (0, 6)
    assert second["over_share"] is None
    mine = [row for row in rows if row["week"] == first["week"]]
    assert first["over"] == sum(row["verdict"] == "over" for row in mine)
    assert first["over_share"] == pytest.approx(statistics.fmean(row["p_over"] for row in mine))
    for family, low, high in (
        ("1_2_min", 45.0, 130.0), ("2_5_min", 130.0, 330.0), ("6_12_min", 330.0, 750.0),
    ):  # fmt: skip
        chosen = [row["p_over"] for row in mine if low < row["seconds"] <= high]
        assert first[f"judged_{family}"] == len(chosen)
        assert first[f"over_share_{family}"] == pytest.approx(statistics.fmean(chosen))


def test_nothing_is_said_where_the_threshold_is_not_known(tmp_path: Path) -> None:
    plan = one("4 x 6:00 @ 3:08/km (1:00 jog)")
    history = history_of(tmp_path, TrueRun(MONDAY, plan, threshold_known=False))
    (session,) = session_control(history).to_dicts()
    assert session["verdict"] is session["p_over"] is None
    assert session["withheld"] == NO_THRESHOLD
    assert set(rep_verdicts(history)["withheld"]) == {NO_THRESHOLD}
    (week,) = control_weeks(history).to_dicts()
    assert (week["reps"], week["judged"], week["over_share"]) == (4, 0, None)
    given = session_control(history, ceiling=read_ceiling("3:20/km")).to_dicts()[0]
    assert (given["verdict"], given["over"]) == ("over", 4)


def test_without_heart_rate_pace_alone_decides(tmp_path: Path) -> None:
    run = TrueRun(MONDAY, one("3 x 10:00 @ 3:00/km (2:00 jog)"), heart=False)
    history = history_of(tmp_path, run)
    assert set(rep_verdicts(history)["decided_by"]) == {0.0}
    assert set(rep_verdicts(history)["verdict"]) == {"over"}
    blind = rep_verdicts(history, ceiling=read_ceiling("172"))
    assert set(blind["withheld"]) == {NO_MEASURE}


def test_a_given_ceiling_is_taken_as_it_stands(history: History) -> None:
    by_pace = rep_verdicts(history, ceiling=read_ceiling("3:00/km"))
    judged = by_pace.filter(by_pace["verdict"].is_not_null()).to_dicts()
    assert judged
    for row in judged:
        assert row["ceiling_speed_mps"] == pytest.approx(1000.0 / 180.0)
        relative = row["adjusted_speed_mps"] * 180.0 / 1000.0 - 1.0
        assert row["over_ceiling"] == pytest.approx(relative)
        assert row["error"] == pytest.approx(math.hypot(0.006, 0.6 / row["seconds"]))
    by_rate = rep_verdicts(history, ceiling=read_ceiling("165 bpm"))
    judged = by_rate.filter(by_rate["verdict"].is_not_null()).to_dicts()
    assert judged
    for row in judged:
        assert row["decided_by"] == 1.0
        assert row["over_ceiling"] == pytest.approx((row["end_hr_bpm"] / 165.0) ** (1 / 0.85) - 1)


@pytest.mark.parametrize("text", ["", "fast", "3:20", "0:00/km", "20", "300", "2.5 mmol"])
def test_what_is_no_ceiling(text: str) -> None:
    with pytest.raises(ParameterError, match="a pace such as 3:20/km or a heart rate"):
        read_ceiling(text)


def test_ceilings_are_read() -> None:
    assert read_ceiling("3:20/km").value == pytest.approx(5.0)
    assert read_ceiling(" 5:22/mi").value == pytest.approx(1609.344 / 322.0)
    assert (read_ceiling("172").by, read_ceiling("172 bpm").value) == ("heart_rate", 172.0)


def test_weeks_sum_threshold_work_by_family_and_know_the_long_run(history: History) -> None:
    weeks = training_weeks(history).to_dicts()
    assert weeks
    for week in weeks:
        runs = [row for row in history.runs.to_dicts() if row["week"] == week["week"]]
        mine = {row["activity"] for row in runs}
        reps = [
            rep["seconds"]
            for rep in history.reps.to_dicts()
            if rep["activity"] in mine and rep["label"] == "threshold"
        ]
        for family, low, high in (
            ("1_2_min", 45.0, 130.0), ("2_5_min", 130.0, 330.0), ("6_12_min", 330.0, 750.0),
        ):  # fmt: skip
            total = sum(seconds for seconds in reps if low < seconds <= high)
            assert week[f"threshold_{family}_s"] == pytest.approx(total)
        timer = sum(row["timer_s"] for row in runs)
        assert week["threshold_share"] == pytest.approx(sum(reps) / timer)
        assert week["long_run_s"] == max(row["timer_s"] for row in runs)
        assert week["long_run_m"] == max(row["distance_m"] for row in runs)
