"""Heat: the slope of bodies whose slope is known, and what keeps one from being told."""

from __future__ import annotations

import io
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from rich.console import Console

from intervaldetect.report.series_terminal import print_heat
from intervaldetect.training import History, heat_slopes, series_steps
from intervaldetect.training.conditions import (
    ALIKE,
    FEW,
    NO_EFFECT,
    WARM_C,
    with_cool_pace,
)

DAY = 0.02


def sessions(
    random: np.random.Generator,
    *,
    slope: float = -0.005,
    count: int = 24,
    degrees: tuple[float, float] = (2.0, 33.0),
    athlete: str = "ada",
    apart: int = 7,
) -> pl.DataFrame:
    """Return steps of two series of sessions, run in turn."""
    warmth = random.uniform(*degrees, size=count)
    y = np.log(4.5) + slope * np.maximum(warmth - WARM_C, 0.0) + DAY * random.normal(size=count)
    number = np.arange(count)
    days = [date(2025, 3, 3) + timedelta(days=apart * int(n)) for n in number]
    steps = pl.DataFrame(
        {
            "athlete": athlete, "series": number % 2 + 1, "step": number // 2 + 1, "day": days,
            "temperature_c": warmth, "speed_at_equal_hr_mps": np.exp(y),
            "speed_at_equal_hr_error_mps": DAY * np.exp(y),
        }
    )  # fmt: skip
    since = pl.col("day").diff().over("athlete", "series").dt.total_days()
    return steps.with_columns(days_since=since)


def test_the_interval_holds_the_slope_as_often_as_it_says() -> None:
    random = np.random.Generator(np.random.PCG64(7))
    rows = [heat_slopes(sessions(random)).row(0, named=True) for _ in range(150)]
    slopes = np.array([row["slope_per_c"] for row in rows], dtype=float)
    errors = np.array([row["slope_error_per_c"] for row in rows], dtype=float)
    inside = np.abs(slopes + 0.005) <= 1.645 * errors
    assert np.isfinite(slopes).mean() > 0.9
    assert 0.84 <= inside[np.isfinite(slopes)].mean() <= 0.97
    told = [row for row in rows if row["slope_per_c"] is not None]
    assert all(row["scatter_without_heat"] < row["scatter"] for row in told)


def test_of_bodies_without_an_effect_few_are_told_of_one() -> None:
    random = np.random.Generator(np.random.PCG64(8))
    rows = [heat_slopes(sessions(random, slope=0.0)).row(0, named=True) for _ in range(150)]
    assert sum(row["slope_per_c"] is not None for row in rows) <= 0.07 * len(rows)
    assert {row["withheld"] for row in rows} >= {NO_EFFECT, None}


def test_what_keeps_a_slope_from_being_told() -> None:
    random = np.random.Generator(np.random.PCG64(9))

    def withheld(**more: object) -> object:
        return heat_slopes(sessions(random, **more))["withheld"][0]  # type: ignore[arg-type]

    assert withheld() is None
    assert withheld(count=11) == FEW
    assert withheld(degrees=(2.0, 14.9)) == FEW  # none of them warm
    assert withheld(apart=23) == FEW  # of one series 46 days apart
    assert withheld(degrees=(20.0, 23.0)) == ALIKE
    unknown = sessions(random).with_columns(temperature_c=pl.lit(None, pl.Float64))
    assert heat_slopes(unknown)["withheld"].to_list() == [FEW]


def test_each_athlete_has_a_slope_and_pace_without_heat_goes_by_it() -> None:
    random = np.random.Generator(np.random.PCG64(10))
    both = pl.concat([sessions(random), sessions(random, slope=0.0, athlete="bo")])
    heat = heat_slopes(both)
    assert heat["athlete"].to_list() == ["ada", "bo"]
    slope, error = heat.row(0, named=True)["slope_per_c"], heat["slope_error_per_c"][0]
    cool = with_cool_pace(both)
    assert cool.drop("speed_without_heat_mps", "speed_without_heat_error_mps").equals(both)
    for row in cool.rows(named=True):
        speed = row["speed_at_equal_hr_mps"]
        away = max(row["temperature_c"] - WARM_C, 0.0)
        if row["athlete"] == "bo":
            assert row["speed_without_heat_mps"] is None
        else:
            assert row["speed_without_heat_mps"] == pytest.approx(speed / np.exp(slope * away))
            own = row["speed_at_equal_hr_error_mps"] / speed
            relative = row["speed_without_heat_error_mps"] / row["speed_without_heat_mps"]
            assert relative == pytest.approx(np.hypot(own, error * away))
    out = Console(file=io.StringIO(), width=200)
    print_heat(heat, console=out)
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert f"ada: Heat: {slope:+.2%} ± {error:.2%} of speed" in text
    assert "bo: No pace without heat: no slowing in heat beyond chance." in text


def test_the_season_shows_no_effect_of_heat(season_history: History) -> None:
    steps = series_steps(season_history)
    assert steps["speed_without_heat_mps"].null_count() == steps.height
    assert heat_slopes(steps)["withheld"].to_list() == [NO_EFFECT]
