"""Races: what each implies for the threshold, what was predicted of it, and what now is predicted.

The speed that can be held for a time falls by the curve of Daniels & Gilbert 1979, over that of one
hour; people differ from it by 0.8 % for each factor e of time between. A race says what the
threshold is to 1.8 %. A time is predicted only where something supports it: a race of a quarter to
four times its length within 26 weeks, or, where reps alone tell the threshold, 15 to 100 min; for a
marathon also a run of 25 km within 12 weeks.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import polars as pl

from intervaldetect.endurance import ENDURANCE_ERROR, RACE_TOLERANCE, RACES_M, all_out_share
from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.column import shaped
from intervaldetect.training.control_columns import PREDICTIONS, RACES
from intervaldetect.training.history import History
from intervaldetect.training.query import frame_of

Row = dict[str, Any]
RACE_ERROR = 0.018
"""Ours. Relative error of the threshold that one race implies."""
RACE_TO_RACE = ((17_500.0, 0.029), (30_000.0, 0.052), (math.inf, 0.06))
"""Relative error of a race up to a distance. From race to race the fastest quarter of men vary by
1.2 to 1.9 % on the road, 2.7 and 4.2 % over a half marathon and 2.6 % over a marathon, the slower
half by 1.0 to 2.3 times that (Hopkins & Hewson 2001, Med Sci Sports Exerc 33:1588): here 1.5 times
1.9 and 3.5 %. For the marathon 14.4 min of an assumed four hours, the root mean square error of the
better model of Vickers & Vertosick 2016 (doi 10.1186/s13102-016-0052-y); Riegel's had 19.5."""
PREDICTED_M = (1500.0, 3000.0, 5000.0, 10000.0, 15000.0, 21097.5, 42195.0)
NINETY = 1.645
# Ours: what supports a prediction, see above.
SUPPORT_DAYS, SUPPORT_FACTOR = 182, 4.0
REPS_S = (900.0, 6000.0)
MARATHON_M, LONG_M, LONG_DAYS = 42195.0, 25000.0, 84
# The thresholds of the first days are those known at their end: they have seen the races.
START_UP_DAYS = 28
NOT_KNOWN = "threshold not known: no race and no reps"
START_UP = "one of the first 28 days, whose thresholds have seen the race"
FIRST = "no run before it"
FAR = "no race within 26 weeks of a quarter to four times its length"
NO_LONG_RUN = "no run of 25 km within 12 weeks"


def race_list(history: History, *, named: Sequence[str] = ()) -> pl.DataFrame:
    """Return each race: what it implies, and what was predicted of it before.

    Parameters
    ----------
    history : History
    named : sequence of str
        Runs that were races, by local date or by the end of the file's path, beside those found.

    Returns
    -------
    polars.DataFrame
        One row a race, by athlete and time; columns as in ``columns.RACES``.

    Raises
    ------
    ParameterError
        A name that fits no run.
    """
    runs = _runs(history, named)
    known = _thresholds(history, runs["before"].drop_nulls().to_list())
    rows = []
    for race in runs.iter_rows(named=True):
        metres = _official(race["measured_m"])
        speed = metres / race["seconds"]
        row = {
            **race, "race_m": metres, "speed_mps": speed,
            **dict(zip(("implied_speed_mps", "implied_error_mps"),
                       implied(metres, race["seconds"]), strict=True)),
        }  # fmt: skip
        rows.append({**row, **_foretold(runs, row, known.get(race["before"]))})
    return shaped(pl.DataFrame(rows, schema_overrides=_TYPES), RACES) if rows else _none(RACES)


def race_predictions(history: History, *, named: Sequence[str] = ()) -> pl.DataFrame:
    """Return the time of each distance by the threshold as known at the last run.

    Parameters
    ----------
    history : History
    named : sequence of str
        As in `race_list`.

    Returns
    -------
    polars.DataFrame
        One row a distance of each athlete; columns as in ``columns.PREDICTIONS``.
    """
    runs = _runs(history, named)
    last = history.runs.sort("start_time").group_by("athlete", maintain_order=True).last()
    known = _thresholds(history, last["activity"].to_list())
    longest = _longest(history)
    rows = []
    for run in last.sort("athlete").iter_rows(named=True):
        mine = runs.filter(pl.col("athlete") == run["athlete"])
        for metres in PREDICTED_M:
            told = _predicted(mine, run["day"], metres, known.get(run["activity"]))
            if metres == MARATHON_M and longest.get(run["athlete"], 0.0) < LONG_M:
                told = {"withheld": told["withheld"] or NO_LONG_RUN}
            rows.append({"athlete": run["athlete"], "day": run["day"], "race_m": metres, **told})
    if not rows:
        return _none(PREDICTIONS)
    frame = pl.DataFrame([{**_EMPTY, **row} for row in rows], schema_overrides=_TYPES)
    return shaped(frame, PREDICTIONS)


def implied(metres: float, seconds: float) -> tuple[float, float]:
    """Return the threshold speed that a race implies, and its standard error, in m/s."""
    speed = metres / seconds / all_out_share(seconds)
    return speed, speed * math.hypot(RACE_ERROR, _endurance(seconds))


def race_time(metres: float, threshold_mps: float) -> float:
    """Return the time in s in which a distance is run at that threshold speed."""
    seconds = metres / threshold_mps
    for _ in range(12):
        seconds = metres / (threshold_mps * all_out_share(seconds))
    return seconds


def prediction_error(metres: float, seconds: float, of_threshold: float) -> float:
    """Return the relative standard error of a predicted time.

    Parameters
    ----------
    metres, seconds : float
        Distance of the race, and the time predicted.
    of_threshold : float
        Relative standard error of threshold speed; that of endurance and `RACE_TO_RACE` come to it.
    """
    of_race = next(error for limit, error in RACE_TO_RACE if metres < limit)
    return math.hypot(of_threshold, _endurance(seconds), of_race)


def _endurance(seconds: float) -> float:
    return ENDURANCE_ERROR * math.log(3600.0 / seconds)


# --- what supports it ----------------------------------------------------------------------------

_EMPTY = dict.fromkeys(("predicted_s", "predicted_low_s", "predicted_high_s", "withheld"))
_TYPES: Any = {
    "predicted_s": pl.Float64, "predicted_low_s": pl.Float64, "predicted_high_s": pl.Float64,
    "withheld": pl.String, "over_predicted": pl.Float64, "inside": pl.Boolean,
}  # fmt: skip


def _foretold(runs: pl.DataFrame, race: Row, known: Row | None) -> Row:
    """Return what was predicted of a race by the threshold at the run before it."""
    nothing = {**_EMPTY, "over_predicted": None, "inside": None}
    if race["before"] is None:
        return {**nothing, "withheld": FIRST}
    if race["days"] <= START_UP_DAYS:
        return {**nothing, "withheld": START_UP}
    earlier = runs.filter(
        (pl.col("athlete") == race["athlete"]) & (pl.col("start_time") < race["start_time"])
    )
    told = _predicted(earlier, race["day"], race["race_m"], known)
    if told["predicted_s"] is None:
        return {**nothing, **told}
    inside = told["predicted_low_s"] <= race["seconds"] <= told["predicted_high_s"]
    return {**told, "over_predicted": race["seconds"] / told["predicted_s"] - 1.0, "inside": inside}


def _predicted(races: pl.DataFrame, day: Any, metres: float, known: Row | None) -> Row:
    if known is None:
        return {**_EMPTY, "withheld": NOT_KNOWN}
    seconds = race_time(metres, known["speed"])
    if not _supported(races, day, seconds, known):
        return {**_EMPTY, "withheld": FAR}
    error = prediction_error(metres, seconds, known["error"] / known["speed"])
    return {
        "predicted_s": seconds,
        "predicted_low_s": seconds * math.exp(-NINETY * error),
        "predicted_high_s": seconds * math.exp(NINETY * error),
        "withheld": None,
    }


def _supported(races: pl.DataFrame, day: Any, seconds: float, known: Row) -> bool:
    recent = races.filter((pl.lit(day) - pl.col("day")).dt.total_days().is_between(0, SUPPORT_DAYS))
    near = [abs(math.log(seconds / took)) <= math.log(SUPPORT_FACTOR) for took in recent["seconds"]]
    if any(near):
        return True
    of_reps = known["source"] == "given" or "rep" in (known["rests_on"] or "")
    return of_reps and REPS_S[0] <= seconds <= REPS_S[1]


# --- frames --------------------------------------------------------------------------------------


def _runs(history: History, named: Sequence[str]) -> pl.DataFrame:
    """Return races with distance and time, the run before each, and days since the first run."""
    races = pl.col("kind") == "race"
    by_name = pl.lit(value=False)
    for name in named:
        fits = pl.col("day").cast(pl.String) == name
        fits |= pl.col("local_start").dt.strftime("%Y-%m-%dT%H:%M:%S").str.starts_with(name)
        fits |= pl.col("path").str.ends_with(name)
        if not name or not history.runs.select(fits.any()).item():
            raise ParameterError(
                "race", name, "the local date of a session, such as 2025-09-06, or a file's name"
            )
        by_name |= fits
    whose = pl.col("start_time").first().over("athlete")
    found = (
        history.runs.sort("athlete", "start_time")
        .with_columns(
            before=pl.col("activity").shift(1).over("athlete"),
            days=(pl.col("start_time") - whose).dt.total_days(),
            found=pl.when(by_name).then(pl.lit("named")).otherwise(pl.lit("kind")),
        )
        .filter(races | by_name)
    )
    return (
        found.join(_pieces(history, found), on="activity", how="left", maintain_order="left")
        .with_columns(
            measured_m=pl.coalesce("rep_m", "distance_m"),
            seconds=pl.coalesce("rep_s", "timer_s", "elapsed_s"),
        )
        .filter((pl.col("measured_m") > 0.0) & (pl.col("seconds") > 0.0))
    )


def _pieces(history: History, runs: pl.DataFrame) -> pl.DataFrame:
    """Return the race itself, where the file holds the way there too: the only rep of a run."""
    sql = """SELECT activity, distance_m, coalesce(nullif(moving_s, 0), end_s - start_s)
        FROM segments WHERE role = 'rep' AND activity IN (SELECT value FROM json_each(?))
        GROUP BY activity HAVING count(*) = 1"""
    schema = {"activity": pl.Int64, "rep_m": pl.Float64, "rep_s": pl.Float64}
    with Store.open(history.folder) as store:
        return frame_of(store, sql, schema, json.dumps(runs["activity"].to_list()))


def _official(metres: float) -> float:
    """Return the distance of a race that was measured as this, itself where it is none."""
    near = min((1500.0, *RACES_M), key=lambda race: abs(math.log(metres / race)))
    return near if abs(metres / near - 1.0) <= RACE_TOLERANCE else metres


def _longest(history: History) -> dict[str, float]:
    """Return each athlete's longest run of the last 12 weeks."""
    last = pl.col("day").max().over("athlete")
    recent = history.runs.filter((last - pl.col("day")).dt.total_days() <= LONG_DAYS)
    longest = recent.group_by("athlete").agg(pl.col("distance_m").max())
    return {name: metres or 0.0 for name, metres in longest.iter_rows()}


def _thresholds(history: History, activities: Sequence[int]) -> dict[int, Row]:
    """Return known threshold speeds by activity."""
    sql = """SELECT activity, threshold_speed_mps, threshold_speed_error, threshold_speed_source,
        threshold_speed_rests_on
        FROM activities WHERE activity IN (SELECT value FROM json_each(?)) AND {whose}"""
    schema: Row = {"activity": pl.Int64, "speed": pl.Float64, "error": pl.Float64}
    schema |= {"source": pl.String, "rests_on": pl.String}
    with Store.open(history.folder) as store:
        told = frame_of(store, sql, schema, json.dumps(list(activities)), athlete=history.athlete)
    known = (pl.col("source") == "given") | pl.col("rests_on").is_not_null()
    return {row["activity"]: row for row in told.filter(known).iter_rows(named=True)}


def _none(columns: Any) -> pl.DataFrame:
    return pl.DataFrame(schema={name: column.dtype for name, column in columns.items()})
