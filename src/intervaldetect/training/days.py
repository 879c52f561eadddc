"""Double-threshold days: two threshold sessions on one local day, side by side."""

from __future__ import annotations

import json

import polars as pl

from intervaldetect.store import Store
from intervaldetect.training.column import known_sum
from intervaldetect.training.columns import DAYS, shaped
from intervaldetect.training.history import History, with_weeks
from intervaldetect.training.query import frame_of

# Ours. Files that follow one another sooner are one session that was recorded in parts.
PARTED_HOURS = 1.0
# Ours. A session counts with so much threshold work, whatever its label.
MIN_WORK_S = 600.0
# A local day crossed eastwards or westwards may last longer; sessions farther apart are no double.
DAY_HOURS = 24.0


def double_threshold_days(history: History) -> pl.DataFrame:
    """Return every day with two sessions of at least ten minutes of threshold work each.

    A session belongs to the local day on which it began, wherever that was, even if it ended on
    the next. Two files less than an hour apart are parts of one session. Sessions that began more
    than 24 hours apart, as on a local date met twice across the date line, are no double.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        One row a day, by athlete and day; columns as in ``columns.DAYS``. ``morning`` is the first
        session of the day and ``evening`` the last, whatever the clock said.
    """
    sessions = _sessions(history).filter(pl.col("work_s") >= MIN_WORK_S)
    each = ["athlete", "day"]
    first, last = pl.col("number").min().over(each), pl.col("number").max().over(each)
    doubles = (
        sessions.with_columns(sessions=pl.col("number").n_unique().over(each))
        .filter(pl.col("sessions") >= 2)
        .with_columns(
            half=pl.when(pl.col("number") == first)
            .then(pl.lit("morning"))
            .when(pl.col("number") == last)
            .then(pl.lit("evening"))
        )
    )
    doubles = doubles.join(
        _end_heart_rates(history, doubles["activity"]), on="activity", how="left"
    )
    keys = [*each, "sessions", "local_time_from"]
    whole = doubles.group_by(each).agg(
        pl.col("sessions").first(),
        local_time_from=pl.col("local_time_from").sort().unique(maintain_order=True).str.join(", "),
        threshold_work_s=pl.col("work_s").sum(),
        threshold_work_m=known_sum(pl.col("work_m")),
    )
    for half in ("morning", "evening"):
        mine = doubles.filter(pl.col("half") == half).drop(*keys[2:], "number", "half")
        renamed = {name: f"{half}_{name}" for name in mine.columns if name not in each}
        whole = whole.join(mine.rename(renamed), on=each)
    gap = pl.col("evening_begin") - pl.col("morning_end")
    change = pl.col("evening_speed_mps") / pl.col("morning_speed_mps") - 1.0
    found = whole.with_columns(
        hours_between=gap.dt.total_seconds() / 3600.0,
        speed_change=change,
        evening_faster=change > 0.0,
    )
    return shaped(with_weeks(found).sort("athlete", "day"), DAYS)


def _sessions(history: History) -> pl.DataFrame:
    """Return threshold sessions, parts of one joined, numbered within their local day."""
    work = (
        history.work.filter(pl.col("label") == "threshold")
        .group_by("activity")
        .agg(
            work_s=pl.col("seconds").sum(),
            work_m=known_sum(pl.col("distance_m")),
            known_s=pl.col("known_s").sum(),
        )
    )
    runs = (
        history.runs.filter(pl.col("label") == "threshold")
        .join(work, on="activity", how="left")
        .with_columns(
            pl.when(pl.col("work_s").is_not_null()).then(pl.col("work_m")).otherwise(0.0),
            pl.col("work_s").fill_null(0.0),
            end=pl.col("start_time") + pl.duration(milliseconds=1000.0 * pl.col("elapsed_s")),
        )
        .sort("athlete", "start_time", "activity")
    )
    each = ["athlete", "day"]
    before = pl.col("end").cum_max().shift(1).over(each)
    since = (pl.col("start_time") - before).dt.total_seconds() / 3600.0
    late = (pl.col("start_time") - pl.col("start_time").min().over(each)).dt.total_hours()
    numbered = (
        runs.filter(late < DAY_HOURS)
        .with_columns(apart=(since >= PARTED_HOURS).fill_null(value=True))
        .with_columns(number=pl.col("apart").cum_sum().over(each))
    )
    of_main = ["activity", "workout", "temperature_c", "local_time_from"]
    return (
        numbered.with_columns(begin=pl.col("start_time"))
        .group_by(*each, "number", maintain_order=True)
        .agg(
            pl.col(of_main).sort_by("work_s", descending=True, maintain_order=True).first(),
            start=pl.col("local_start").first(),
            begin=pl.col("begin").first(),
            end=pl.col("end").max(),
            work_s=pl.col("work_s").sum(),
            work_m=known_sum(pl.col("work_m")),
            known_s=pl.col("known_s").sum(),
        )
        .select(
            *each, "number", "activity", "start", "begin", "end", "workout", "work_s", "work_m",
            "temperature_c", "local_time_from",
            speed_mps=pl.col("work_m") / pl.when(pl.col("known_s") > 0).then(pl.col("known_s")),
        )
    )  # fmt: skip


def _end_heart_rates(history: History, activities: pl.Series) -> pl.DataFrame:
    """Return the median heart rate at the end of the threshold reps of some sessions."""
    sql = """SELECT activity, coalesce(set_number, 1), end_hr_bpm FROM segments
        WHERE role = 'rep' AND activity IN (SELECT value FROM json_each(?))"""
    schema = {"activity": pl.Int64, "set": pl.Int64, "end_hr_bpm": pl.Float64}
    with Store.open(history.folder) as store:
        reps = frame_of(store, sql, schema, json.dumps(activities.to_list()))
    threshold = history.work.filter(pl.col("label") == "threshold")
    return (
        reps.join(threshold, on=["activity", "set"], how="semi")
        .group_by("activity")
        .agg(pl.col("end_hr_bpm").median())
    )
