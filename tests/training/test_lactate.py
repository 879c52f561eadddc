"""Lactate thresholds by the papers' definitions, and as another program has them."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from intervaldetect.errors import ParameterError, ReadError
from intervaldetect.training import History, lactate_curve, lactate_values, read_lactate
from intervaldetect.training.columns import REPS, RUNS, TABLES
from intervaldetect.training.lactate import (
    DAY_ERROR,
    FEW,
    METHODS,
    NINETY,
    NOT_REACHED,
    SEVERAL,
    LactateThreshold,
    lactate_thresholds,
)

SPEEDS = np.array([3.0, 3.4, 3.8, 4.2, 4.6, 5.0, 5.4])


def found(speed: np.ndarray[Any, Any], mmol: np.ndarray[Any, Any]) -> dict[str, Any]:
    return {one.method: one for one in lactate_thresholds(speed, mmol)}


def test_a_curve_is_crossed_where_it_is_crossed() -> None:
    """On an exact cubic the fixed values and the baseline are roots of it."""
    mmol = 1.0 + 0.5 * (SPEEDS - 3.0) ** 3
    told = found(SPEEDS, mmol)
    for name, level in (("fixed_2", 2.0), ("fixed_4", 4.0), ("baseline_1_5", 2.5)):
        root = 3.0 + ((level - 1.0) / 0.5) ** (1.0 / 3.0)
        assert told[name].speed_mps == pytest.approx(root, abs=1e-3)
        by_day = NINETY * DAY_ERROR * root  # the values scatter about nothing
        assert told[name].low_mps == pytest.approx(root - by_day, abs=2e-3)
        assert told[name].high_mps == pytest.approx(root + by_day, abs=2e-3)
    assert [told[name].which for name in METHODS] == ["LT1", "LT1", "LT2", "LT2", "LT2", "LT2"]


def test_dmax_is_farthest_from_the_line_between_the_ends() -> None:
    """A parabola lies farthest below its chord half-way; the modified chord begins later."""
    mmol = 1.0 + 1.1 * (SPEEDS - 3.0) ** 2
    told = found(SPEEDS, mmol)
    assert told["dmax"].speed_mps == pytest.approx(4.2, abs=0.006)
    # Rises are 0.18, then 0.53: the chord of Bishop 1998 begins at 3.4 m/s.
    assert np.diff(mmol)[0] < 0.4 <= np.diff(mmol)[1]
    assert told["modified_dmax"].speed_mps == pytest.approx((3.4 + 5.4) / 2.0, abs=0.006)


def test_two_lines_of_logarithms_meet_at_the_break() -> None:
    slow, fast = (SPEEDS / 4.0) ** 0.4, (SPEEDS / 4.0) ** 5.0
    told = found(SPEEDS, 1.3 * np.where(SPEEDS < 4.0, slow, fast))
    assert told["log_log"].speed_mps == pytest.approx(4.0, abs=1e-6)


def test_a_published_example_comes_out_as_another_program_has_it() -> None:
    """The demo data of lactater 0.2.0 (in watts) and what its README has of them.

    Its first row is rest, which it takes as the baseline and, for log-log alone, as a step.
    """
    watts = np.array([50.0, 75.0, 100.0, 125.0, 150.0, 175.0, 191.0])
    mmol = np.array([0.98, 1.23, 1.88, 2.80, 4.21, 6.66, 8.64])
    published = {"fixed_2": 105.0, "fixed_4": 145.0, "baseline_1_5": 117.0, "dmax": 132.0}
    published["modified_dmax"] = 140.0
    told = found(watts, mmol)
    assert {name: told[name].speed_mps for name in published} == pytest.approx(published, rel=0.015)
    rest = found(np.concatenate(([25.0], watts)), np.concatenate(([0.93], mmol)))
    assert rest["log_log"].speed_mps == pytest.approx(83.4, rel=0.025)


def test_scatter_widens_the_interval_and_too_much_withholds() -> None:
    mmol = 1.0 + 0.5 * (SPEEDS - 3.0) ** 3
    noise = np.array([1.0, -1.0, 1.0, 1.0, -1.0, -1.0, 1.0])
    little, much = (found(SPEEDS, mmol + size * noise)["fixed_4"] for size in (0.05, 0.2))
    assert 0.0 < little.high_mps - little.low_mps < much.high_mps - much.low_mps
    assert much.low_mps <= 3.0 + 6.0 ** (1.0 / 3.0) <= much.high_mps
    again = found(SPEEDS[::-1], (mmol + 0.2 * noise)[::-1])["fixed_4"]
    assert again == much


def width(one: LactateThreshold) -> float:
    assert one.low_mps is not None
    assert one.high_mps is not None
    return one.high_mps - one.low_mps


def test_several_days_err_less_than_one_and_have_no_first_rise() -> None:
    mmol = 1.0 + 0.5 * (SPEEDS - 3.0) ** 3
    four = {one.method: one for one in lactate_thresholds(SPEEDS, mmol, sessions=4)}
    one = found(SPEEDS, mmol)
    half = width(one["fixed_4"]) / 2
    assert width(four["fixed_4"]) == pytest.approx(half, rel=0.01)
    assert four["modified_dmax"].withheld == SEVERAL
    assert one["modified_dmax"].withheld is None


def test_many_values_are_not_one_step() -> None:
    """Forty values that lie 3 cm/s apart each are some thirty steps, of which none is wider."""
    speed = np.linspace(3.0, 4.2, 40)
    told = lactate_thresholds(speed, 1.0 + 2.2 * (speed - 3.0) ** 3, sessions=10)
    assert {one.method: one.speed_mps for one in told}["fixed_2"] == pytest.approx(
        3.0 + (1.0 / 2.2) ** (1.0 / 3.0), abs=0.02
    )


def test_what_the_values_do_not_bear_is_withheld() -> None:
    assert {one.withheld for one in lactate_thresholds(SPEEDS[:5], SPEEDS[:5])} == {FEW}
    same = np.repeat(SPEEDS[:4], 3)
    assert {one.withheld for one in lactate_thresholds(same, same)} == {FEW}
    told = found(SPEEDS, 1.0 + 0.2 * (SPEEDS - 3.0) ** 2)
    assert told["fixed_4"].withheld == NOT_REACHED
    assert told["fixed_4"].speed_mps is None


# --- tables --------------------------------------------------------------------------------------


def frame(columns: Any, *rows: dict[str, Any]) -> pl.DataFrame:
    schema = {name: column.dtype for name, column in columns.items()}
    return pl.DataFrame([dict.fromkeys(columns) | row for row in rows], schema=schema)


@pytest.fixture
def history(tmp_path: Path) -> History:
    runs = frame(
        RUNS,
        {"activity": 1, "athlete": "me", "day": date(2026, 5, 1),
         "runner_lactate": json.dumps([{"rep": 1, "mmol": 1.4}, {"rep": 3, "mmol": 2.6},
                                       {"rep": 9, "mmol": 7.0}])},
        {"activity": 2, "athlete": "me", "day": date(2026, 5, 8)},
    )  # fmt: skip
    made = History(runs, (), tmp_path, None)
    reps = [
        {"activity": 1, "set": n, "rep": 1, "start_s": 100.0 * n, "adjusted_speed_mps": 4.0 + n,
         "end_hr_bpm": 160.0 + n}
        for n in (1, 2, 3)
    ]  # fmt: skip
    made.__dict__["reps"] = frame(REPS, *reps)
    return made


def test_values_stand_with_the_rep_they_were_written_to(history: History) -> None:
    values = lactate_values(history)
    assert values.columns == list(TABLES["lactate_values"])
    assert values.select("rep", "speed_mps", "hr_bpm", "mmol", "found").rows() == [
        (1, 5.0, 161.0, 1.4, "runner"),
        (3, 7.0, 163.0, 2.6, "runner"),
    ]


def test_a_table_joins_the_curve(history: History, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    rows = [f"{3.6 * v:.3f},{1 + 0.5 * (v - 3) ** 3:.4f},{120 + 12 * v:.1f},2026-05-20"
            for v in SPEEDS]  # fmt: skip
    path.write_text("\ufeffspeed_kmh,mmol,hr_bpm,day\n" + "\n".join(rows) + "\n", "utf-8")
    table = read_lactate(path, "me")
    alone = lactate_curve(history, table=table)
    assert alone.columns == list(TABLES["lactate_curve"])
    assert alone["values"][0] == 9
    assert alone["sessions"][0] == 2
    only = History(history.runs.drop("runner_lactate").with_columns(
        runner_lactate=pl.lit(None, pl.String)), (), tmp_path, None)  # fmt: skip
    only.__dict__["reps"] = history.reps
    told = lactate_curve(only, table=table).filter(pl.col("method") == "fixed_4").to_dicts()[0]
    root = 3.0 + 6.0 ** (1.0 / 3.0)
    assert told["speed_mps"] == pytest.approx(root, abs=0.01)
    assert told["hr_bpm"] == pytest.approx(120 + 12 * root, abs=0.3)
    with pytest.raises(ParameterError, match="an athlete of the store"):
        lactate_curve(history, table=read_lactate(path, "another"))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("pace,mmol\n3:20,2\n3:1,2\n", "line 3"),
        ("pace,mmol\n3:20,200\n", "200 is not within 0.3 to 30"),
        ("mmol\n2.0\n", "no pace"),
        ("pace,hr_bpm\n3:20,150\n", "no mmol"),
        ("pace,mmol,day\n3:20,2,1 May\n", "line 2"),
        ("pace,mmol\n3:20,two\n", "line 2"),
    ],
)
def test_a_slip_of_the_pen_is_named_with_its_line(text: str, reason: str, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(text)
    with pytest.raises(ReadError, match=reason):
        read_lactate(path, "me")
    with pytest.raises(ReadError, match=": No such file"):
        read_lactate(tmp_path / "none.csv", "me")


def test_paces_and_missing_heart_rates_are_read(tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("day,pace,hr_bpm,mmol,note\n,3:20/km,,2.1,windy\n2026-05-01,4:00,150,1.2,\n")
    table = read_lactate(path, "me")
    assert table["speed_mps"].to_list() == pytest.approx([5.0, 1000.0 / 240.0])
    assert table.select("hr_bpm", "day", "mmol", "found").rows() == [
        (None, None, 2.1, "table"),
        (150.0, date(2026, 5, 1), 1.2, "table"),
    ]
