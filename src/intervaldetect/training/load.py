"""Load that knows intervals: 100 for an hour at threshold, every second counted at its own speed.

A second counts with the fourth power of grade-adjusted speed over threshold speed: blood lactate
rises about so with intensity (Allen & Coggan, Training and Racing with a Power Meter, on the
exponent of normalised power). Nothing is averaged first, so that reps count as what they were run
at and a file split in two sums to the whole. Speeds count as no more than 1.3 of threshold: above,
GPS errs more than people run. Without speed, heart rate over that of threshold stands for it, with
its fifth power: 1 % of speed is 0.85 % of heart rate.

Session-RPE load is minutes times perceived exertion of 10 (Foster 2001, J Strength Cond Res
15:109), of the runs that have one; it enters no mean.

Fitness and fatigue are exponentially weighted means of the load of a day, form what yesterday left
of the one over the other (Banister 1975 in the form of Allen & Coggan). They begin at nothing.
"""

from __future__ import annotations

import math
from typing import Any

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.store import Store
from intervaldetect.training.column import known_sum, shaped, spanned
from intervaldetect.training.control_columns import LOAD_DAYS, LOAD_SESSIONS, LOAD_WEEKS
from intervaldetect.training.history import History, with_weeks
from intervaldetect.training.query import frame_of
from intervaldetect.training.scales import load_terms

FITNESS_DAYS, FATIGUE_DAYS = 42.0, 7.0  # Allen & Coggan
MOST_DAYS = 365.0
NOT_KNOWN = "threshold not known: no race and no reps before it"
NO_MEASURE = "neither speed nor heart rate"


def session_loads(history: History) -> pl.DataFrame:
    """Return the load of every run.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        One row a run, by athlete and time; columns as in ``columns.LOAD_SESSIONS``. No load where
        the threshold is not known; `withheld` says why.
    """
    terms = load_terms(history)
    since = _known_since(history)
    known = (pl.col("start_time") >= pl.col("known_since")).fill_null(value=False)
    told = history.runs.join(terms, on="activity", how="left").join(since, on="athlete", how="left")
    value = pl.coalesce("by_speed", "by_hr")
    source: Any = pl.when(pl.col("by_speed").is_not_null()).then(pl.lit("speed"))
    source = source.when(pl.col("by_hr").is_not_null()).then(pl.lit("heart_rate"))
    reason = pl.when(~known).then(pl.lit(NOT_KNOWN))
    return shaped(
        told.with_columns(
            load=pl.when(known).then(value),
            load_from=pl.when(known).then(source),
            rpe_load=pl.col("rpe") * pl.col("timer_s") / 60.0,
            withheld=reason.when(value.is_null()).then(pl.lit(NO_MEASURE)),
        ),
        LOAD_SESSIONS,
    )


def load_days(
    history: History, *, fitness_days: float = FITNESS_DAYS, fatigue_days: float = FATIGUE_DAYS
) -> pl.DataFrame:
    """Return load, fitness, fatigue and form of every day.

    Parameters
    ----------
    history : History
    fitness_days, fatigue_days : float
        Time constants of the two means, 1 to 365 days; fatigue is the shorter.

    Returns
    -------
    polars.DataFrame
        From each athlete's first day with a run to the last without gaps; columns as in
        ``columns.LOAD_DAYS``.

    Raises
    ------
    ParameterError
        Time constants out of range, or in the wrong order.
    """
    if not 1.0 <= fatigue_days < fitness_days <= MOST_DAYS:
        raise ParameterError(
            "fatigue-days", f"{fatigue_days:g} of {fitness_days:g}", "1 to 365, fatigue the shorter"
        )
    summed = session_loads(history).group_by("athlete", "day").agg(_sums())
    days = (
        spanned(summed, "day", pl.date_ranges("from", "to", interval="1d"))
        .join(summed, on=["athlete", "day"], how="left")
        .with_columns(pl.col("runs", "runs_without_load", "runs_with_rpe").fill_null(0))
        .with_columns(
            pl.when(pl.col("runs") > 0).then(pl.col(name)).otherwise(0.0).alias(name)
            for name in ("load", "load_steps", "hardest")
        )
        .sort("athlete", "day")
        .with_columns(
            fitness=_mean(fitness_days).over("athlete"),
            fatigue=_mean(fatigue_days).over("athlete"),
        )
        .with_columns(
            form=(pl.col("fitness") - pl.col("fatigue")).shift(1).over("athlete"),
            since_first=pl.int_range(pl.len()).over("athlete"),
        )
        .with_columns(settled=pl.col("since_first") >= fitness_days)
    )
    return shaped(with_weeks(days), LOAD_DAYS)


def load_weeks(
    history: History, *, fitness_days: float = FITNESS_DAYS, fatigue_days: float = FATIGUE_DAYS
) -> pl.DataFrame:
    """Return load by week, with fitness, fatigue and form at its last day.

    Parameters
    ----------
    history : History
    fitness_days, fatigue_days : float
        As in `load_days`.

    Returns
    -------
    polars.DataFrame
        One row a week, by athlete and time; columns as in ``columns.LOAD_WEEKS``.
    """
    days = with_weeks(load_days(history, fitness_days=fitness_days, fatigue_days=fatigue_days))
    weeks = (
        days.sort("athlete", "day")
        .group_by("athlete", "week", "monday", maintain_order=True)
        .agg(
            pl.col("runs", "runs_without_load", "runs_with_rpe").sum(),
            known_sum(pl.col("rpe_load")),
            known_sum(pl.col("load").filter(pl.col("runs") > 0)),
            pl.col("hardest").filter(pl.col("runs") > 0).max(),
            known_sum(pl.col("load_steps").filter(pl.col("runs") > 0)),
            pl.col("fitness", "fatigue", "form", "settled").last(),
        )
    )
    return shaped(weeks.sort("athlete", "monday"), LOAD_WEEKS)


def _sums() -> list[pl.Expr]:
    return [
        pl.len().alias("runs"),
        pl.col("load").is_null().sum().alias("runs_without_load"),
        known_sum(pl.col("load")),
        known_sum(pl.col("load_steps")),
        pl.col("load").max().alias("hardest"),
        pl.col("rpe_load").count().alias("runs_with_rpe"),
        known_sum(pl.col("rpe_load")),
    ]


def _mean(days: float) -> pl.Expr:
    """Return the exponentially weighted mean of a day's load that began at nothing."""
    share = 1.0 - math.exp(-1.0 / days)
    load = pl.col("load").fill_null(0.0)
    # What begins at the first value, less what that value is too much then.
    mean = load.ewm_mean(alpha=share, adjust=False)
    left = (1.0 - share) ** (pl.int_range(pl.len()) + 1.0)
    return mean - load.first() * left


def _known_since(history: History) -> pl.DataFrame:
    """Return each athlete's first run with a known threshold; it stays known from then on."""
    sql = """SELECT athlete, (SELECT start_time FROM activities a
            WHERE a.athlete = b.athlete
            AND (threshold_speed_rests_on IS NOT NULL OR threshold_speed_source = 'given')
            ORDER BY start_time LIMIT 1)
        FROM (SELECT DISTINCT athlete FROM recordings WHERE {whose}) b"""
    schema = {"athlete": pl.String, "known_since": pl.String}
    with Store.open(history.folder) as store:
        told = frame_of(store, sql, schema, athlete=history.athlete)
    return told.with_columns(
        pl.col("known_since").str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC"
        )
    )
