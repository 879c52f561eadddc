"""How the heart answered: recovery between reps, and decoupling of pace and heart rate.

What is measured while a file is open stands in `intervaldetect.output.response`; here it becomes
tables. The drop of heart rate after a rep depends on how the recovery is run, on how long the rep
was and on the heat; compare within a family of sessions.
"""

from __future__ import annotations

import polars as pl

from intervaldetect.training.column import shaped
from intervaldetect.training.control_columns import DURABILITY, RECOVERY_REPS, RECOVERY_SESSIONS
from intervaldetect.training.history import History
from intervaldetect.training.pace import HR_PER_SPEED

NO_DROP = "no heart rate after a rep, or the next rep began within 30 s"
OLDER = "read by an older version: run batch again"
BANDS = {"low": 0.1, "moderate": 0.2}
"""Decoupling up to these; beyond it is high (Smyth 2022, 35-40 km of a marathon to 5-10 km)."""


def recovery_reps(history: History) -> pl.DataFrame:
    """Return the drop of heart rate after every rep.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        One row a rep, by athlete and time; columns as in ``columns.RECOVERY_REPS``.
    """
    runs = history.runs.select("activity", "athlete", "day", "week", "start_time")
    reps = history.reps.join(runs, on="activity", how="inner")
    return shaped(reps.sort("athlete", "start_time", "activity", "start_s"), RECOVERY_REPS)


def recovery_sessions(history: History) -> pl.DataFrame:
    """Return the median drop of each session, its trend, and what the device says beside it.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        One row a session with reps, by athlete and time; columns as in
        ``columns.RECOVERY_SESSIONS``. The trend is the slope of a fitted line, in bpm a rep.
    """
    drops = ("hr_drop_30s_bpm", "hr_drop_60s_bpm")
    number = pl.int_range(1, pl.len() + 1).over("activity")
    summed = (
        history.reps.sort("activity", "start_s")
        .with_columns(number=number.cast(pl.Float64))
        .group_by("activity")
        .agg(
            pl.len().alias("reps"),
            pl.col(*drops).median(),
            *(pl.col(name).count().alias(f"known_{name[8:11]}") for name in drops),
            *(_slope(name).alias(f"trend_{name[8:11]}_bpm") for name in drops),
        )
    )
    sessions = summed.join(history.runs, on="activity", how="inner")
    none = (pl.col("known_30s") + pl.col("known_60s")) == 0
    return shaped(
        sessions.with_columns(withheld=pl.when(none).then(pl.lit(NO_DROP))).sort(
            "athlete", "start_time", "activity"
        ),
        RECOVERY_SESSIONS,
    )


def _slope(name: str) -> pl.Expr:
    """Return the slope of a least-squares line over the number of the rep, from three reps on."""
    known = pl.col(name).is_not_null()
    x, y = pl.col("number").filter(known), pl.col(name).filter(known)
    slope = ((x - x.mean()) * (y - y.mean())).sum() / (x - x.mean()).pow(2).sum()
    return pl.when(known.sum() >= 3).then(slope)


def session_durability(history: History) -> pl.DataFrame:
    """Return decoupling: inside the reps of workouts, over the steady part of long runs.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        One row a run, by athlete and time; columns as in ``columns.DURABILITY``; `withheld` says
        why there is none. Speed at equal heart rate goes along 0.85 % of heart rate a 1 % of speed.
    """
    part = pl.Struct({"from_s": pl.Float64, "speed_mps": pl.Float64, "hr_bpm": pl.Float64})
    told = pl.Struct(
        {
            "scope": pl.String,
            "decoupling": pl.Float64,
            "over_s": pl.Float64,
            "parts": pl.List(part),
            "withheld": pl.String,
        }
    )
    runs = history.runs.with_columns(told=pl.col("durability").str.json_decode(told)).unnest("told")
    fresh = pl.col("parts").list.get(0, null_on_oob=True)
    late = {
        name: (pl.col("parts").list.eval(pl.element().filter(_from(seconds))).list.first())
        for name, seconds in (("60", 3300.0), ("90", 5100.0))
    }
    share = pl.col("decoupling")
    band = (
        pl.when(share <= BANDS["low"])
        .then(pl.lit("low"))
        .when(share <= BANDS["moderate"])
        .then(pl.lit("moderate"))
        .when(share.is_not_null())
        .then(pl.lit("high"))
    )
    old = pl.when(pl.col("durability").is_null()).then(pl.lit(OLDER)).otherwise(pl.col("withheld"))
    rows = runs.with_columns(
        **{f"speed_change_{name}_min": _change(fresh, part) for name, part in late.items()},
        band=pl.when(pl.col("scope") == "run").then(band),
        withheld=old,
    )
    return shaped(rows.sort("athlete", "start_time", "activity"), DURABILITY)


def _from(seconds: float) -> pl.Expr:
    return pl.element().struct.field("from_s") == seconds


def _change(fresh: pl.Expr, late: pl.Expr) -> pl.Expr:
    """Return speed late over fresh at equal heart rate, minus 1."""
    speed = (late.struct.field("speed_mps") / fresh.struct.field("speed_mps")).log()
    rate = (late.struct.field("hr_bpm") / fresh.struct.field("hr_bpm")).log()
    return (speed - rate / HR_PER_SPEED).exp() - 1.0
