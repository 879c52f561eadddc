"""What the columns of all training tables have in common."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

import polars as pl

DType = pl.DataType | type[pl.DataType]


class Column(NamedTuple):
    """One column: its polars type and its meaning, units included."""

    dtype: DType
    meaning: str


Columns = Mapping[str, Column]


def shaped(frame: pl.DataFrame, columns: Columns) -> pl.DataFrame:
    """Return a frame with exactly these columns, in this order and of these types."""
    return frame.select(pl.col(name).cast(column.dtype) for name, column in columns.items())


def empty(columns: Columns) -> pl.DataFrame:
    """Return a frame of these columns without rows."""
    return pl.DataFrame(schema={name: column.dtype for name, column in columns.items()})


def known_sum(values: pl.Expr) -> pl.Expr:
    """Sum what is known; null where there are values and none is known."""
    return pl.when((values.count() > 0) | (values.len() == 0)).then(values.sum())


def spanned(frame: pl.DataFrame, name: str, values: pl.Expr) -> pl.DataFrame:
    """Return every value from each athlete's first to last; ``values`` refers to from and to."""
    ends = frame.group_by("athlete").agg(pl.col(name).min().alias("from"), to=pl.col(name).max())
    return ends.select("athlete", values.alias(name)).explode(name)


Told = tuple[DType, str]


def columns_of(**told: Told) -> Columns:
    """Return a table's columns from their types and meanings."""
    return MappingProxyType({name: Column(*column) for name, column in told.items()})


def both(first: str, second: str, **told: Told) -> dict[str, Told]:
    """Repeat columns for two sessions side by side."""
    return {f"{which}_{name}": column for which in (first, second) for name, column in told.items()}


WHO = (pl.String, "whose")
KEY = (pl.Int64, "the store's key of the activity")
DAY = (pl.Date, "local day on which it began")
WEEK = (pl.String, "ISO week of the local day, such as `2025-W36`")
MONDAY = (pl.Date, "first day of that week")
TEMPERATURE = (pl.Float64, "degrees C as the device measured it, uncorrected")
HEAT = (pl.Boolean, "hot; widens uncertainty, moves no value")
WORKOUT = (pl.String, "runner's shorthand, null without planned efforts")
LOCAL_FROM = (
    pl.String,
    "where local time is from: `file`, `history` (other runs of those days), `zone` (the one given)"
    " or `utc` (not known)",
)
EFFECT = (
    pl.Float64,
    "session effect: seconds near threshold, mean of those by heart rate and by speed",
)
EFFECT_HR = (
    pl.Float64,
    "seconds near threshold by heart rate: from 0.92 of it on, 0.94 to 1.02 in full",
)
EFFECT_SPEED = (pl.Float64, "seconds near threshold by graded speed: 0.94 to 1.07 of it in full")
LOAD = (
    pl.Float64,
    "muscular load: steps, each weighed by the fourth power of its peak force over that at 3 m/s"
    " on the level; by ground speed, downhill more",
)
DROP_30 = (
    pl.Float64,
    "heart rate at the end of the rep less that 30 s later; null if the next began",
)
DROP_60 = (
    pl.Float64,
    "heart rate at the end of the rep less that 60 s later; null if the next began",
)
RPE = (pl.Float64, "perceived exertion, 0 to 10, as the runner wrote it, else as the device has it")
SAID: dict[str, Told] = {
    "rpe": RPE,
    "rpe_from": (pl.String, "`runner` or `device`"),
    "device_feel": (pl.Float64, "as entered on the device, 0 (very weak) to 100 (very strong)"),
    "runner_feeling": (pl.Int64, "as the runner wrote it, 1 to 10"),
    "runner_note": (pl.String, "as the runner wrote it"),
    "runner_lactate": (pl.String, "JSON array of `rep` and `mmol`, as the runner wrote it"),
    "device_recovery_hr_bpm": (
        pl.Float64,
        "the device's own: two minutes after the timer last stopped for so long",
    ),
    "durability": (pl.String, "as in the printed object, JSON; null in stores of before"),
}
