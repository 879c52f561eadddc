"""Pace at equal end-of-rep heart rate: one figure in which sessions of a family can be compared.

Speed of the main set is carried along ln HR = HR_PER_SPEED * ln speed + c to one heart rate. What
carries it there is uncertain, and the standard error says how much: heart rate at equal effort
varies from day to day by 1.1-1.4 % in a laboratory (Lamberts 2004, J Strength Cond Res 18:641), by
1.8 % outside one (``benchmarks/training/scatter.py``) and by an assumed twice that in heat; the
slope has its own error; and half of what a rep too short for the heart rate to settle was carried
on counts as error too.
"""

from __future__ import annotations

import polars as pl

from intervaldetect.training.history import History
from intervaldetect.training.main_set import main_sets

# Relative change of heart rate per relative change of speed around threshold, and its error.
HR_PER_SPEED, HR_PER_SPEED_ERROR = 0.85, 0.25
DAY_ERROR, HEAT_FACTOR = 0.018, 2.0
SETTLING_ERROR = 0.5  # ours
# Ours: a recovery counts as kept within so much of the set's median.
KEPT_SHARE, KEPT_S = 0.15, 10.0
# Ours: reps whose lengths spread by more, as logarithms, are a ladder.
LADDER = 0.15


def main_set_figures(history: History) -> pl.DataFrame:
    """Return what the main set of every session with planned efforts was.

    Returns
    -------
    polars.DataFrame
        One row a session: ``activity``, ``count``, ``rep_basis``, ``rep_distance_m``,
        ``rep_duration_s``, ``rep_speed_mps``, ``recovery_s``, ``end_hr_bpm``, ``settled_hr_bpm``,
        ``speed_drift``, ``hr_drift_bpm``, ``recovery_kept``, ``adjusted_mps``, ``heat_flag``.
    """
    reps = main_sets(history).with_columns(number=pl.col("rep").rank("ordinal").over("activity"))
    typical = pl.col("recovery_s").filter(~pl.col("between_blocks"))
    middle = pl.coalesce(typical.median(), pl.col("recovery_s").median())
    # The first rep starts from an easy heart rate; with three or more it can be spared.
    settled = (pl.col("number") > 1) | (pl.len().over("activity") < 3)
    fitted = (
        pl.cov("number", value) / pl.col("number").var() * (pl.len() - 1)
        for value in ("speed_mps", "end_hr_bpm")
    )
    speed_drift, hr_drift = fitted
    # A ladder is run at a speed for each length, so its drift would say nothing.
    alike = (pl.len() > 1) & (pl.col("seconds").log().std() < LADDER)
    figures = (
        reps.with_columns(counts=settled)
        .group_by("activity")
        .agg(
            count=pl.len().cast(pl.Int64),
            rep_basis=pl.col("rep_basis").first(),
            rep_distance_m=pl.coalesce(
                pl.col("rep_distance_m").first(), pl.col("distance_m").median()
            ),
            rep_duration_s=pl.col("seconds").median(),
            rep_speed_mps=_mean_speed("speed_mps"),
            adjusted_mps=_mean_speed("adjusted_speed_mps"),
            recovery_s=middle,
            recovery_kept=pl.when(typical.count() > 0).then(
                pl.max_horizontal(
                    typical.max() - typical.median(), typical.median() - typical.min()
                )
                <= pl.max_horizontal(KEPT_SHARE * typical.median(), pl.lit(KEPT_S))
            ),
            end_hr_bpm=pl.col("end_hr_bpm").filter(pl.col("counts")).median(),
            settled_hr_bpm=pl.col("settled_hr_bpm").filter(pl.col("counts")).median(),
            speed_drift=pl.when(alike).then(speed_drift / pl.col("speed_mps").mean()),
            hr_drift_bpm=pl.when(alike & (pl.col("end_hr_bpm").count() == pl.len())).then(hr_drift),
        )
    )
    heat = history.runs.select("activity", "heat_flag")
    return figures.join(heat, on="activity").sort("activity")


def with_equal_pace(figures: pl.DataFrame) -> pl.DataFrame:
    """Add the pace at ``equal_hr_bpm``, a column that the frame must have, and its error.

    Returns
    -------
    polars.DataFrame
        The frame with ``speed_at_equal_hr_mps`` and ``speed_at_equal_hr_error_mps``; both null
        where a heart rate or the speed is not known.
    """
    away = (pl.col("equal_hr_bpm") / pl.col("settled_hr_bpm")).log()
    carried = (pl.col("settled_hr_bpm") / pl.col("end_hr_bpm")).log()
    day = pl.when(pl.col("heat_flag").fill_null(value=False)).then(HEAT_FACTOR).otherwise(1.0)
    error = (
        (day * DAY_ERROR / HR_PER_SPEED) ** 2
        + (HR_PER_SPEED_ERROR / HR_PER_SPEED**2 * away) ** 2
        + (SETTLING_ERROR * carried / HR_PER_SPEED) ** 2
    ).sqrt()
    speed = pl.col("adjusted_mps") * (away / HR_PER_SPEED).exp()
    return figures.with_columns(
        speed_at_equal_hr_mps=speed, speed_at_equal_hr_error_mps=speed * error
    )


def _mean_speed(name: str) -> pl.Expr:
    """Mean over the reps weighted by their time, those of unknown speed left out."""
    known = pl.col("seconds").filter(pl.col(name).is_not_null())
    return (pl.col(name) * pl.col("seconds")).sum() / pl.when(known.count() > 0).then(known.sum())
