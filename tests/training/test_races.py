"""Races: what they imply and what is predicted, once more by hand."""

from __future__ import annotations

import math
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.simulate import Plan
from intervaldetect.training import History, race_list, race_predictions, read_history
from intervaldetect.training import races as module
from tests.training.truth import TrueRun, athlete_at, write_runs
from tests.training.two_years import OSLO

SPEED, START = 4.7, datetime(2025, 3, 3, 8, tzinfo=OSLO)
EASY = Plan(run_type="easy", duration_s=2400.0, athlete=athlete_at(SPEED))
RACE: dict[str, Any] = {
    "kind": "race", "label": "vo2", "warmup_s": 0.0, "cooldown_s": 0.0, "athlete": athlete_at(SPEED)
}  # fmt: skip


def share(seconds: float) -> float:
    """Daniels & Gilbert's share of the highest uptake, over that of one hour, as speed."""

    def held(minutes: float) -> float:
        first = 0.1894393 * math.exp(-0.012778 * minutes)
        return 0.8 + first + 0.2989558 * math.exp(-0.1932605 * minutes)

    return 1.0 + 1.04 * (held(seconds / 60.0) / held(60.0) - 1.0)


def history_of(folder: Path, *runs: tuple[int, Plan], **told: Any) -> History:
    write_runs(folder, [TrueRun(START + timedelta(days=day), plan, **told) for day, plan in runs])
    return read_history(folder, timezone="Europe/Oslo")


def race(text: str) -> Plan:
    return Plan(text, **RACE)


def test_a_race_implies_a_threshold_and_was_predicted(tmp_path: Path) -> None:
    history = history_of(
        tmp_path, (0, EASY), (20, race("5000 m @ 3:15/km")), (50, EASY),
        (60, race("10000 m @ 3:30/km")),
    )  # fmt: skip
    first, second = race_list(history).to_dicts()
    assert (first["race_m"], second["race_m"]) == (5000.0, 10000.0)
    assert first["seconds"] == pytest.approx(975.0, rel=0.01)
    for row in (first, second):
        implied = row["race_m"] / row["seconds"] / share(row["seconds"])
        error = implied * math.hypot(0.018, 0.008 * math.log(3600.0 / row["seconds"]))
        assert row["implied_speed_mps"] == pytest.approx(implied, rel=1e-6)
        assert row["implied_error_mps"] == pytest.approx(error, rel=1e-6)
    assert first["withheld"] == module.START_UP
    assert first["predicted_s"] is first["inside"] is None
    # 10 km takes t where t times the speed that can be held for t is 10 km.
    took = second["predicted_s"]
    assert took * SPEED * share(took) == pytest.approx(10000.0, rel=1e-6)
    stated = round(0.012 * SPEED, 3) / SPEED
    error = math.sqrt(stated**2 + (0.008 * math.log(3600.0 / took)) ** 2 + 0.029**2)
    assert second["predicted_high_s"] == pytest.approx(took * math.exp(1.645 * error), rel=1e-4)
    assert second["predicted_low_s"] == pytest.approx(took * math.exp(-1.645 * error), rel=1e-4)
    assert second["over_predicted"] == pytest.approx(second["seconds"] / took - 1.0)
    assert second["inside"] is (
        second["predicted_low_s"] <= second["seconds"] <= second["predicted_high_s"]
    )


def test_times_are_predicted_where_something_supports_them(tmp_path: Path) -> None:
    history = history_of(tmp_path, (0, EASY), (40, race("5000 m @ 3:15/km")), (45, EASY))
    times = {row["race_m"]: row for row in race_predictions(history).to_dicts()}
    predicted = {metres for metres, row in times.items() if row["predicted_s"] is not None}
    # 5 km in 16:15 supports 4 to 65 min; reps support 15 to 100 min.
    assert predicted == {1500.0, 3000.0, 5000.0, 10000.0, 15000.0, 21097.5}
    assert times[42195.0]["withheld"] == module.FAR
    later = history_of(tmp_path, (300, EASY))
    after = {row["race_m"]: row["withheld"] for row in race_predictions(later).to_dicts()}
    assert after[1500.0] == after[3000.0] == module.FAR
    assert after[10000.0] is None


def test_a_marathon_wants_a_long_run(tmp_path: Path) -> None:
    half = race("21097.5 m @ 3:45/km")
    short = history_of(tmp_path / "a", (0, EASY), (40, half))
    assert race_predictions(short).to_dicts()[-1]["withheld"] == module.NO_LONG_RUN
    far = Plan(run_type="long", duration_s=9000.0, athlete=athlete_at(SPEED))
    enough = history_of(tmp_path / "b", (0, far), (40, half))
    assert race_predictions(enough).to_dicts()[-1]["predicted_s"] == pytest.approx(9800, rel=0.05)


def test_nothing_is_predicted_without_a_threshold(tmp_path: Path) -> None:
    history = history_of(tmp_path, (0, EASY), (40, race("5000 m @ 3:15/km")), threshold_known=False)
    assert set(race_predictions(history)["withheld"]) == {module.NOT_KNOWN}
    (row,) = race_list(history).to_dicts()
    assert row["withheld"] == module.NOT_KNOWN
    assert row["implied_speed_mps"] is not None


def test_a_runner_names_a_race(tmp_path: Path) -> None:
    tempo = Plan("5000 m @ 3:20/km", kind="tempo", label="threshold", athlete=athlete_at(SPEED))
    history = history_of(tmp_path, (0, EASY), (3, tempo))
    assert race_list(history).is_empty()
    (row,) = race_list(history, named=["2025-03-06"]).to_dicts()
    assert (row["found"], row["race_m"]) == ("named", 5000.0)
    assert row["seconds"] == pytest.approx(1000.0, rel=0.02)
    with pytest.raises(ParameterError, match="the local date of a session"):
        race_list(history, named=["2031-01-01"])


@pytest.mark.parametrize(
    ("metres", "of_race"), [(5000.0, 0.029), (21097.5, 0.052), (42195.0, 0.06)]
)
def test_longer_races_vary_more(metres: float, of_race: float) -> None:
    known = {"speed": SPEED, "error": 0.0, "source": "given", "rests_on": None}
    took = module.race_time(metres, SPEED)
    races = pl.DataFrame({"day": [date(2025, 6, 1)], "seconds": [took]})
    told = module._predicted(races, date(2025, 6, 2), metres, known)
    error = math.hypot(0.008 * math.log(3600.0 / took), of_race)
    assert told["predicted_high_s"] / took == pytest.approx(math.exp(1.645 * error))
