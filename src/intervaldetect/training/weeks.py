"""Weeks: volume by label, threshold and VO2 work, and three distributions of intensity."""

from __future__ import annotations

import json
from collections.abc import Sequence

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.column import known_sum, spanned
from intervaldetect.training.columns import DISTRIBUTION, WEEKS, shaped
from intervaldetect.training.critical import critical_speeds
from intervaldetect.training.days import double_threshold_days
from intervaldetect.training.history import REP_FAMILIES, History, with_weeks
from intervaldetect.training.query import frame_of
from intervaldetect.training.scales import (
    BY_CRITICAL_SPEED,
    BY_HEART_RATE,
    BY_SPEED,
    THREE_ZONES,
    Scale,
    effort_of,
    zone_seconds,
)

INTERVAL_95 = 1.96
# Sums that are null where a week's runs leave them unknown, and zero in a week without a run.
_VOLUME = frozenset(
    {"distance_m", "timer_s", "load_steps", "effect_s"}
    | {f"{label}_{unit}" for label in ("easy", "threshold", "vo2", "unlabelled") for unit in "ms"}
)
# Counts and work, of which there is none where nothing was found.
_COUNTED = (
    "runs", "threshold_work_s", "threshold_work_m", "threshold_recovery_s", "vo2_work_s",
    "vo2_work_m", "other_work_s", "quality_sessions", "threshold_sessions", "vo2_sessions",
    "double_threshold_days", "hot_sessions", *(f"threshold_{name}_s" for name in REP_FAMILIES),
)  # fmt: skip
SESSION_GOAL = "Seiler's three zones by session goal: whole runs labelled easy, threshold, VO2"


def training_weeks(history: History) -> pl.DataFrame:
    """Return one row for each week of each athlete.

    A run counts in the week of the local day on which it began. Work is reps and tempo alone, by
    the label of their set; recoveries stand apart.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        From each athlete's first week to the last without gaps; columns as in ``columns.WEEKS``.
    """
    each = ["athlete", "monday"]
    summed = (
        history.runs.join(effort_of(history), on="activity", how="left", maintain_order="left")
        .group_by(each)
        .agg(_runs())
    )
    weeks = (
        spanned(summed, "monday", pl.date_ranges("from", "to", interval="1w"))
        .join(summed, on=each, how="left")
        .join(_work(history), on=each, how="left")
        .join(_doubles(history), on=each, how="left")
        .join(_thresholds(history), on=each, how="left")
        .join(critical_speeds(history), on=each, how="left")
        .with_columns(day=pl.col("monday"))
    )
    ran = pl.col("runs").is_not_null()
    zeros = [
        pl.when(ran).then(pl.col(name)).otherwise(0).alias(name)
        for name in WEEKS
        if name in _VOLUME
    ]
    weeks = weeks.with_columns(zeros).with_columns(pl.col(*_COUNTED).fill_null(0))
    some = pl.col("timer_s") > 0.0
    weeks = weeks.with_columns(
        threshold_share=pl.when(some).then(pl.col("threshold_work_s") / pl.col("timer_s"))
    )
    return shaped(with_weeks(weeks).sort(each), WEEKS)


def intensity_distribution(
    history: History, *, by_heart_rate: Scale = BY_HEART_RATE, by_speed: Scale = BY_SPEED
) -> pl.DataFrame:
    """Return how the time of each week is spread over intensities, by four methods.

    By heart rate, by speed and by critical speed every second counts for itself; by session goal a
    whole run counts for its label. They differ, and none is the right one (Bellinger 2020, doi
    10.1123/ijspp.2019-0298).

    Parameters
    ----------
    history : History
    by_heart_rate, by_speed : Scale
        Other zones, such as the athlete's own.

    Returns
    -------
    polars.DataFrame
        One row for each week, method and zone with any time in the week, zone 0 being time not
        known; columns as in ``columns.DISTRIBUTION``.

    Raises
    ------
    ParameterError
        A scale by the wrong channel.
    """
    for name, scale, channel in (
        ("by_heart_rate", by_heart_rate, "heart_rate"),
        ("by_speed", by_speed, "speed"),
    ):
        if scale.channel != channel:
            raise ParameterError(name, scale.channel, f"a scale by {channel}")
    scales = (by_heart_rate, by_speed, BY_CRITICAL_SPEED)
    zones = zone_seconds(history, *scales)
    parts = [
        _by_scale(history, zones.filter(pl.col("scale") == number), scale)
        for number, scale in enumerate(scales)
    ]
    parts.append(_by_goal(history))
    each = ["athlete", "monday", "method", "scale"]
    summed = (
        pl.concat(parts)
        .with_columns(known=pl.col("seconds").filter(pl.col("zone") > 0).sum().over(each))
        .with_columns(
            share=pl.when((pl.col("zone") > 0) & (pl.col("known") > 0)).then(
                pl.col("seconds") / pl.col("known")
            ),
            day=pl.col("monday"),
        )
    )
    order = pl.col("method").replace_strict(
        {"heart_rate": 0, "speed": 1, "critical_speed": 2, "session_goal": 3}
    )
    return shaped(with_weeks(summed).sort("athlete", "monday", order, "zone"), DISTRIBUTION)


def side_by_side(weeks: pl.DataFrame, distribution: pl.DataFrame) -> pl.DataFrame:
    """Return weeks with the distribution beside them, a column for each method and zone.

    Parameters
    ----------
    weeks : polars.DataFrame
        Of `training_weeks`.
    distribution : polars.DataFrame
        Of `intensity_distribution`, for the same history.

    Returns
    -------
    polars.DataFrame
        The columns of ``weeks``, then ``METHOD_zone_N_s`` in seconds (``METHOD_unknown_s`` for the
        time not known) and ``METHOD_scale``.
    """
    frame = weeks
    for part in distribution.partition_by("method", maintain_order=True):
        method, scale = part["method"][0], part["scale"][0]
        zones = sorted(part["zone"].unique().to_list())
        wide = part.group_by("athlete", "monday").agg(
            pl.col("seconds").filter(pl.col("zone") == zone).sum().alias(_wide_name(method, zone))
            for zone in zones
        )
        frame = (
            frame.join(wide, on=["athlete", "monday"], how="left")
            .with_columns(pl.col(_wide_name(method, zone)).fill_null(0.0) for zone in zones)
            .with_columns(pl.lit(scale).alias(f"{method}_scale"))
        )
    return frame


def _wide_name(method: str, zone: int) -> str:
    return f"{method}_zone_{zone}_s" if zone else f"{method}_unknown_s"


# --- parts of a week -----------------------------------------------------------------------------


def _runs() -> list[pl.Expr]:
    """Aggregate runs: volume, by label too, sessions, effect, load, temperature."""
    volume = []
    for name, chosen in (
        ("easy", pl.col("label") == "easy"),
        ("threshold", pl.col("label") == "threshold"),
        ("vo2", pl.col("label") == "vo2"),
        ("unlabelled", pl.col("label").is_null()),
    ):
        volume += [
            known_sum(pl.col("distance_m").filter(chosen)).alias(f"{name}_m"),
            known_sum(pl.col("timer_s").filter(chosen)).alias(f"{name}_s"),
        ]
    quality = pl.col("label").is_in(["threshold", "vo2"])
    return [
        pl.len().alias("runs"),
        known_sum(pl.col("distance_m")),
        known_sum(pl.col("timer_s")),
        *volume,
        quality.sum().alias("quality_sessions"),
        (pl.col("label") == "threshold").sum().alias("threshold_sessions"),
        (pl.col("label") == "vo2").sum().alias("vo2_sessions"),
        known_sum(pl.col("effect_s")),
        known_sum(pl.col("load_steps")),
        pl.col("temperature_c").filter(quality).mean(),
        (quality & pl.col("heat_flag")).sum().alias("hot_sessions"),
        pl.col("timer_s").max().alias("long_run_s"),
        pl.col("distance_m").max().alias("long_run_m"),
    ]


def _work(history: History) -> pl.DataFrame:
    """Aggregate reps and tempo by the label of their set."""
    threshold, vo2 = pl.col("label") == "threshold", pl.col("label") == "vo2"
    other = pl.col("label").is_null() | (pl.col("label") == "easy")
    return (
        history.work.join(
            history.runs.select("activity", "athlete", "monday"),
            on="activity",
            how="inner",
            maintain_order="left",
        )
        .group_by("athlete", "monday")
        .agg(
            threshold_work_s=pl.col("seconds").filter(threshold).sum(),
            threshold_work_m=known_sum(pl.col("distance_m").filter(threshold)),
            threshold_recovery_s=pl.col("recovery_s").filter(threshold).sum(),
            vo2_work_s=pl.col("seconds").filter(vo2).sum(),
            vo2_work_m=known_sum(pl.col("distance_m").filter(vo2)),
            other_work_s=pl.col("seconds").filter(other).sum(),
            longest_piece_s=pl.col("longest_s").filter(threshold).max(),
            **{
                f"threshold_{name}_s": pl.col(f"{name}_s").filter(threshold).sum()
                for name in REP_FAMILIES
            },
        )
    )


def _doubles(history: History) -> pl.DataFrame:
    days = double_threshold_days(history).with_columns(monday=pl.col("day").dt.truncate("1w"))
    return days.group_by("athlete", "monday").agg(double_threshold_days=pl.len())


def _thresholds(history: History) -> pl.DataFrame:
    """Return the thresholds known at the last run of each week, with an interval."""
    last = history.runs.group_by("athlete", "monday").agg(
        pl.col("activity", "threshold_speed_mps", "threshold_hr_bpm").sort_by("start_time").last()
    )
    sql = """SELECT activity, threshold_speed_error FROM activities
        WHERE activity IN (SELECT value FROM json_each(?)) AND {whose}"""
    with Store.open(history.folder) as store:
        errors = frame_of(
            store,
            sql,
            {"activity": pl.Int64, "error": pl.Float64},
            json.dumps(last["activity"].to_list()),
            athlete=history.athlete,
        )
    half = INTERVAL_95 * pl.col("error")
    return last.join(errors, on="activity", how="left").select(
        "athlete",
        "monday",
        "threshold_speed_mps",
        "threshold_hr_bpm",
        threshold_speed_low_mps=pl.col("threshold_speed_mps") - half,
        threshold_speed_high_mps=pl.col("threshold_speed_mps") + half,
    )


# --- parts of a distribution ---------------------------------------------------------------------


def _by_scale(history: History, zones: pl.DataFrame, scale: Scale) -> pl.DataFrame:
    """Return seconds by run and zone; zone 0 is the rest of the timer's time."""
    seconds = zones.drop("scale")
    runs = history.runs.select("activity", "athlete", "monday", "timer_s")
    known = seconds.group_by("activity").agg(known_s=pl.col("seconds").sum())
    rest = (
        runs.join(known, on="activity", how="left", maintain_order="left")
        .with_columns(
            zone=pl.lit(0, pl.Int64),
            seconds=(pl.col("timer_s") - pl.col("known_s").fill_null(0.0)).clip(lower_bound=0.0),
        )
        .filter(pl.col("seconds") > 0.0)
    )
    parts = [runs.join(seconds, on="activity", maintain_order="left_right"), rest]
    return _of_weeks(
        pl.concat([part.select(_PART) for part in parts]),
        ("not known", *scale.zones),
        method=scale.channel,
        scale=scale.described(),
    )


_PART = ["athlete", "monday", "zone", "seconds"]


def _of_weeks(
    parts: pl.DataFrame, names: Sequence[str], *, method: str, scale: str
) -> pl.DataFrame:
    """Sum the seconds of each zone by week; named after that, as there are few left."""
    return (
        parts.group_by("athlete", "monday", "zone", maintain_order=True)
        .agg(pl.col("seconds").sum())
        .with_columns(
            zone_name=pl.col("zone").replace_strict(dict(enumerate(names)), return_dtype=pl.String),
            method=pl.lit(method),
            scale=pl.lit(scale),
        )
    )


def _by_goal(history: History) -> pl.DataFrame:
    zones = {"easy": 1, "threshold": 2, "vo2": 3}
    zone = pl.col("label").replace_strict(zones, default=0, return_dtype=pl.Int64).fill_null(0)
    parts = history.runs.with_columns(zone=zone, seconds=pl.col("timer_s")).select(_PART)
    names = ("not known", *THREE_ZONES)
    return _of_weeks(parts, names, method="session_goal", scale=SESSION_GOAL)
