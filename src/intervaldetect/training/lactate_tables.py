"""Lactate values of a store and of a table, and the thresholds they tell, as frames."""

from __future__ import annotations

import csv
import os
import re
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from intervaldetect.errors import ParameterError, ReadError
from intervaldetect.training.column import shaped
from intervaldetect.training.control_columns import LACTATE_THRESHOLDS, LACTATE_VALUES
from intervaldetect.training.history import History
from intervaldetect.training.lactate import lactate_thresholds

MMOL, SPEED_MPS, RATE_BPM = (0.3, 30.0), (1.5, 9.0), (40.0, 240.0)
"""Ours: what a value, a speed and a heart rate can be; anything else is a slip of the pen."""
LEAST_RATES = 3
_PACE = re.compile(r"(\d{1,2}):(\d{2}(?:\.\d+)?)(?:\s*/\s*km)?")
_SAID = pl.List(pl.Struct({"rep": pl.Int64, "mmol": pl.Float64}))


def read_lactate(path: str | os.PathLike[str], athlete: str) -> pl.DataFrame:
    """Read a CSV of lactate values.

    Parameters
    ----------
    path : path
        With a header: ``mmol``, one of ``pace`` (3:20, per km), ``speed_kmh`` and ``speed_mps``,
        and where known ``hr_bpm`` and ``day`` (YYYY-MM-DD). Other columns are passed over.
    athlete : str
        Whose they are.

    Returns
    -------
    polars.DataFrame
        Columns as in ``columns.LACTATE_VALUES``.

    Raises
    ------
    ReadError
        It cannot be read, or a line holds what no value can be; it names the line.
    """
    name = os.fspath(path)
    try:
        with Path(path).open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            rows = [_row(name, reader.line_num, line) for line in reader]
    except OSError as error:
        raise ReadError(name, "open", error.strerror or str(error)) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise ReadError(name, "decode", f"no CSV in UTF-8: {error}") from error
    empty = dict.fromkeys(LACTATE_VALUES)
    told = [{**empty, "athlete": athlete, "found": "table", **row} for row in rows]
    schema = {key: column.dtype for key, column in LACTATE_VALUES.items()}
    return pl.DataFrame(told, schema=schema)


def _row(path: str, line: int, row: dict[str, Any]) -> dict[str, Any]:
    try:
        told = {key: text.strip() for key, text in row.items() if key and text and text.strip()}
        rate = told.get("hr_bpm")
        return {
            "mmol": _within(float(told["mmol"]), MMOL),
            "speed_mps": _within(_speed(told), SPEED_MPS),
            "hr_bpm": None if rate is None else _within(float(rate), RATE_BPM),
            "day": date.fromisoformat(told["day"]) if "day" in told else None,
        }
    except KeyError as error:
        raise ReadError(path, "decode", f"no {error.args[0]}", line=line) from error
    except (ValueError, AttributeError) as error:
        raise ReadError(path, "decode", str(error), line=line) from error


def _speed(told: dict[str, str]) -> float:
    if "speed_mps" in told:
        return float(told["speed_mps"])
    if "speed_kmh" in told:
        return float(told["speed_kmh"]) / 3.6
    found = _PACE.fullmatch(told["pace"])
    seconds = 60.0 * int(found[1]) + float(found[2]) if found else 0.0
    if not seconds:
        raise ValueError(f"{told['pace']!r} is no pace such as 3:20")
    return 1000.0 / seconds


def _within(value: float, limits: tuple[float, float]) -> float:
    low, high = limits
    if not low <= value <= high:
        raise ValueError(f"{value:g} is not within {low:g} to {high:g}")
    return value


def lactate_values(history: History, *, table: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return every lactate value with the speed and heart rate it belongs to.

    Parameters
    ----------
    history : History
    table : polars.DataFrame, optional
        Further values, of `read_lactate`.

    Returns
    -------
    polars.DataFrame
        One row a value, by athlete, day and rep; columns as in ``columns.LACTATE_VALUES``. Values
        of a rep that is not there are left out.
    """
    said = (
        history.runs.drop_nulls("runner_lactate")
        .select("activity", "athlete", "day", told=pl.col("runner_lactate").str.json_decode(_SAID))
        .explode("told")
        .unnest("told")
    )
    numbers = history.reps.sort("activity", "start_s").select(
        "activity",
        rep=pl.int_range(1, pl.len() + 1).over("activity").cast(pl.Int64),
        speed_mps="adjusted_speed_mps",
        hr_bpm="end_hr_bpm",
    )
    own = said.join(numbers, on=["activity", "rep"], how="inner").with_columns(
        found=pl.lit("runner")
    )
    values = shaped(own, LACTATE_VALUES)
    if table is not None:
        values = pl.concat([values, shaped(table, LACTATE_VALUES)])
    return values.sort("athlete", "day", "activity", "rep", nulls_last=True)


def lactate_curve(history: History, *, table: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return LT1 and LT2 of each athlete by six methods, each with an interval.

    Parameters
    ----------
    history : History
    table : polars.DataFrame, optional
        As in `lactate_values`.

    Returns
    -------
    polars.DataFrame
        One row an athlete and method; columns as in ``columns.LACTATE_THRESHOLDS``. Heart rate is
        that of the line through the values that have one.

    Raises
    ------
    ParameterError
        Values of an athlete whom the store does not have.
    """
    values = lactate_values(history, table=table).drop_nulls(["speed_mps", "mmol"])
    strangers = set(values["athlete"]) - set(history.runs["athlete"])
    if strangers and not history.runs.is_empty():
        raise ParameterError("athlete", min(strangers), "an athlete of the store")
    rows: list[dict[str, Any]] = []
    for mine in values.partition_by("athlete", maintain_order=True):
        rates = mine.drop_nulls("hr_bpm")
        speeds = rates["speed_mps"].to_numpy()
        straight = rates.height >= LEAST_RATES and bool(np.ptp(speeds) > 0.0)
        slope, at_rest = (
            np.polyfit(speeds, rates["hr_bpm"].to_numpy(), 1) if straight else (np.nan, np.nan)
        )
        found = lactate_thresholds(
            mine["speed_mps"].to_numpy(), mine["mmol"].to_numpy(), sessions=mine["day"].n_unique()
        )
        rows += [
            {
                "athlete": mine["athlete"][0], "method": one.method, "which": one.which,
                "values": mine.height, "sessions": mine["day"].n_unique(),
                "speed_mps": one.speed_mps, "low_mps": one.low_mps, "high_mps": one.high_mps,
                "hr_bpm": slope * one.speed_mps + at_rest if straight and one.speed_mps else None,
                "withheld": one.withheld,
            }
            for one in found
        ]  # fmt: skip
    schema = {key: column.dtype for key, column in LACTATE_THRESHOLDS.items()}
    return pl.DataFrame(rows, schema=schema)
