"""Heat: how far one athlete's pace at equal heart rate falls with it, and pace without it.

The slope is fitted to neighbouring sessions of a series, at most 45 days apart: change of the
logarithm of speed at equal heart rate over change of degrees above 15 C. That border is ours:
marathons slow by degrees from 5 to 25 C of wet-bulb globe temperature (Ely 2007, Med Sci Sports
Exerc 39:487). Two neighbours share a session, which the standard error allows for. Degrees are
those of the device, which a wrist warms. No label goes by it. Altitude has no such slope: a store
keeps no elevation.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl

from intervaldetect.records import Bools, Floats
from intervaldetect.training.control_columns import HEAT_SLOPES
from intervaldetect.training.pace import DAY_ERROR, HR_PER_SPEED

WARM_C = 15.0
# Ours, all below: what a slope needs before it is shown.
MOST_DAYS = 45
MIN_PAIRS, MIN_SPREAD_C, MIN_OVER_ERROR = 10, 3.0, 1.645
DAY_ERROR_OF_SPEED = DAY_ERROR / HR_PER_SPEED

FEW = (
    f"fewer than {MIN_PAIRS} pairs of neighbouring sessions with temperature, one of them above "
    f"{WARM_C:g} C"
)
ALIKE = "temperatures too alike"
NO_EFFECT = "no slowing in heat beyond chance"
NO_GAIN = "correcting for heat does not lower the scatter"


def heat_slopes(steps: pl.DataFrame) -> pl.DataFrame:
    """Return for each athlete how speed at equal heart rate goes with heat.

    Parameters
    ----------
    steps : polars.DataFrame
        Of `series_steps`.

    Returns
    -------
    polars.DataFrame
        One row an athlete; columns as in ``columns.HEAT_SLOPES``.
    """
    each = ["athlete", "series"]
    y, x = pl.col("speed_at_equal_hr_mps").log(), degrees_above()
    pairs = (
        steps.sort(*each, "step")
        .select(
            *each,
            "step",
            close=pl.col("days_since") <= MOST_DAYS,
            y=y.diff().over(each),
            x=x.diff().over(each),
            warm=(x > 0.0) | (x.shift(1).over(each) > 0.0),
        )
        .filter(pl.col("close") & pl.col("x").is_not_null() & pl.col("y").is_not_null())
        .filter(pl.col("warm"))
    )
    rows = []
    for athlete in steps["athlete"].unique().sort():
        own = pairs.filter(pl.col("athlete") == athlete)
        follows = (own["step"].diff() == 1) & (own["series"].diff() == 0)
        arrays = (own["x"].to_numpy(), own["y"].to_numpy(), follows.fill_null(False).to_numpy())
        rows.append({"athlete": athlete, **slope_of(*arrays)})
    return pl.DataFrame(rows, schema={name: column.dtype for name, column in HEAT_SLOPES.items()})


def slope_of(x: Floats, y: Floats, follows: Bools) -> dict[str, Any]:
    """Fit a line through nought to differences of neighbours.

    Parameters
    ----------
    x, y : array, (n,)
        Differences in degrees and in the logarithm of speed.
    follows : array of bool, (n,)
        Whether a pair begins with the session that the pair before it ends with.

    Returns
    -------
    dict
        The columns of ``HEAT_SLOPES`` without ``athlete``.
    """
    told: dict[str, Any] = dict.fromkeys(name for name in HEAT_SLOPES if name != "athlete")
    told["pairs"] = n = int(x.size)
    if n < MIN_PAIRS:
        return told | {"withheld": FEW}
    squares = float(x @ x)
    told["spread_c"] = float(np.sqrt(squares / n))
    told["scatter"] = float(np.sqrt(np.mean(y * y)))
    if told["spread_c"] < MIN_SPREAD_C:
        return told | {"withheld": ALIKE}
    slope = float(x @ y) / squares
    # A session's own error is in two neighbours, with the opposite sign.
    of_one = max(float(np.sum((y - slope * x) ** 2)) / (2 * (n - 1)), DAY_ERROR_OF_SPEED**2)
    shared = float(np.sum((x[1:] * x[:-1])[follows[1:]]))
    error = float(np.sqrt(of_one * max(2.0 * squares - 2.0 * shared, squares))) / squares
    left = (y - slope * x) / (1.0 - x * x / squares)
    told["scatter_without_heat"] = float(np.sqrt(np.mean(left * left)))
    if -slope < MIN_OVER_ERROR * error:
        return told | {"withheld": NO_EFFECT}
    if told["scatter_without_heat"] >= told["scatter"]:
        return told | {"withheld": NO_GAIN}
    return told | {"slope_per_c": slope, "slope_error_per_c": error}


def with_cool_pace(steps: pl.DataFrame) -> pl.DataFrame:
    """Add ``speed_without_heat_mps`` and its error: speed at equal heart rate at 15 C and below."""
    heat = heat_slopes(steps).select("athlete", "slope_per_c", "slope_error_per_c")
    away = degrees_above()
    speed = pl.col("speed_at_equal_hr_mps")
    plain = pl.col("speed_at_equal_hr_error_mps") / speed
    return (
        steps.join(heat, on="athlete", how="left", maintain_order="left")
        .with_columns(
            speed_without_heat_mps=speed * (-pl.col("slope_per_c") * away).exp(),
            relative=(plain.pow(2) + (pl.col("slope_error_per_c") * away).pow(2)).sqrt(),
        )
        .with_columns(
            speed_without_heat_error_mps=pl.col("speed_without_heat_mps") * pl.col("relative")
        )
        .drop("slope_per_c", "slope_error_per_c", "relative")
    )


def degrees_above() -> pl.Expr:
    """Return degrees above 15 C, 0 below, null where not known."""
    return (pl.col("temperature_c") - WARM_C).clip(lower_bound=0.0)
