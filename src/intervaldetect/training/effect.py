"""Continuous running and intervals on one scale: what a session did, and what it cost the legs.

Effect and load are two columns and stay two: `scales` says what they are. The blocks answer what a
threshold runner asks, up to which volume to run continuously and from when in intervals, with what
this athlete did and what followed. They show what went together, not what caused what.
"""

from __future__ import annotations

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.training.column import known_sum, spanned
from intervaldetect.training.columns import BLOCKS, COSTS, shaped
from intervaldetect.training.families import family_of
from intervaldetect.training.history import History
from intervaldetect.training.pace import main_set_figures, with_equal_pace
from intervaldetect.training.scales import NEAR_SPEED, effort_of

MAX_WEEKS = 52


def session_costs(history: History) -> pl.DataFrame:
    """Return work, effect and load of every run.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        One row a run, by athlete and time; columns as in ``columns.COSTS``.
    """
    work = threshold_work(history)
    frame = (
        history.runs.join(work, on="activity", how="left")
        .join(_band_work(history), on="activity", how="left")
        .join(effort_of(history), on="activity", how="left")
        .with_columns(pl.col("threshold_work_s", "continuous_s", "interval_s").fill_null(0.0))
    )
    one, several = pl.col("continuous_s") > 0.0, pl.col("interval_s") > 0.0
    form = (
        pl.when(one & several)
        .then(pl.lit("both"))
        .when(one)
        .then(pl.lit("continuous"))
        .when(several)
        .then(pl.lit("intervals"))
    )
    return shaped(frame.with_columns(form=form), COSTS)


def threshold_work(history: History) -> pl.DataFrame:
    """Return the threshold work of every run that has any.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``threshold_work_s``, ``threshold_work_m``, ``continuous_s``, ``interval_s``,
        ``longest_piece_s``, ``recovery_s``, ``recovery_share``.
    """
    several = pl.col("count") > 1
    return (
        history.reps.filter(pl.col("label") == "threshold")
        .group_by("activity")
        .agg(
            threshold_work_s=pl.col("seconds").sum(),
            threshold_work_m=known_sum(pl.col("distance_m")),
            continuous_s=pl.col("seconds").filter(~several).sum(),
            interval_s=pl.col("seconds").filter(several).sum(),
            longest_piece_s=pl.col("seconds").max(),
            recovery_s=pl.col("recovery_s").sum(),
        )
        .with_columns(
            recovery_share=pl.col("recovery_s")
            / (pl.col("recovery_s") + pl.col("threshold_work_s"))
        )
    )


def _band_work(history: History) -> pl.DataFrame:
    """Sum the reps run at threshold speed, whatever they are labelled; null without a threshold."""
    _, low, high, _ = NEAR_SPEED
    speeds = history.runs.select("activity", "threshold_speed_mps")
    reps = history.reps.join(speeds, on="activity")
    relative = pl.col("adjusted_speed_mps") / pl.col("threshold_speed_mps")
    inside = pl.col("seconds").filter(relative.is_between(low, high)).sum()
    return (
        reps.group_by("activity")
        .agg(band_work_s=pl.when(relative.is_not_null().any()).then(inside))
        .join(speeds, on="activity", how="right")
        .select(
            "activity",
            pl.when(pl.col("threshold_speed_mps").is_not_null()).then(
                pl.col("band_work_s").fill_null(0.0)
            ),
        )
    )


def training_blocks(history: History, *, weeks: int = 4) -> pl.DataFrame:
    """Return continuous against interval threshold work by block of weeks, and what followed.

    What followed is the change, from this block to the next, of pace at equal end-of-rep heart
    rate. Each family of sessions is compared with itself alone, so that a block of short reps
    does not seem faster than one of long ones; families are averaged by their precision.

    Parameters
    ----------
    history : History
    weeks : int
        Length of a block, 1 to 52. Blocks begin on the same Mondays in every history.

    Returns
    -------
    polars.DataFrame
        One row a block, by athlete and time, from the first run to the last without gaps; columns
        as in ``columns.BLOCKS``.

    Raises
    ------
    ParameterError
        ``weeks`` out of range.
    """
    if not 1 <= weeks <= MAX_WEEKS:
        raise ParameterError("weeks", weeks, f"1 to {MAX_WEEKS}")
    costs = session_costs(history).with_columns(block=_block(weeks))
    quality = pl.col("label").is_in(["threshold", "vo2"])
    summed = costs.group_by("athlete", "block").agg(
        runs=pl.len(),
        threshold_sessions=(pl.col("label") == "threshold").sum(),
        continuous_s=pl.col("continuous_s").sum(),
        interval_s=pl.col("interval_s").sum(),
        longest_piece_s=pl.col("longest_piece_s").max(),
        effect_s=known_sum(pl.col("effect_s")),
        load_steps=known_sum(pl.col("load_steps")),
        hot_sessions=(quality & pl.col("heat_flag")).sum(),
    )
    every = spanned(summed, "block", pl.int_ranges(pl.col("from"), pl.col("to") + 1))
    both = pl.col("continuous_s") + pl.col("interval_s")
    counts = ("runs", "threshold_sessions", "hot_sessions", "continuous_s", "interval_s")
    sums = ("effect_s", "load_steps")
    blocks = (
        every.join(summed, on=["athlete", "block"], how="left")
        .with_columns(
            pl.when(pl.col("runs").is_null()).then(0.0).otherwise(pl.col(name)).alias(name)
            for name in sums
        )
        .with_columns(pl.col(counts).fill_null(0))
        .join(_what_followed(history, weeks), on=["athlete", "block"], how="left")
        .with_columns(
            monday=pl.date(1970, 1, 5) + pl.duration(weeks=pl.col("block") * weeks),
            weeks=pl.lit(weeks),
            interval_share=pl.when(both > 0.0).then(pl.col("interval_s") / both),
            compared_families=pl.col("compared_families").fill_null(0),
        )
    )
    return shaped(blocks.sort("athlete", "block"), BLOCKS)


def _block(weeks: int) -> pl.Expr:
    """Return the number of a week's block, counted from the first Monday of 1970."""
    days = (pl.col("monday") - pl.date(1970, 1, 5)).dt.total_days()
    return (days // (7 * weeks)).cast(pl.Int64)


def _what_followed(history: History, weeks: int) -> pl.DataFrame:
    """Average, over the families run in a block and in the next, how their pace changed."""
    about = history.runs.select("activity", "athlete", "monday")
    one_rate = pl.col("settled_hr_bpm").median().over("athlete", "family")
    paces = (
        main_set_figures(history)
        .join(family_of(history), on="activity")
        .join(about, on="activity")
        .with_columns(equal_hr_bpm=one_rate, block=_block(weeks))
    )
    logs = (
        with_equal_pace(paces)
        .with_columns(
            y=pl.col("speed_at_equal_hr_mps").log(),
            w=(pl.col("speed_at_equal_hr_mps") / pl.col("speed_at_equal_hr_error_mps")) ** 2,
        )
        .filter(pl.col("w").is_finite())
    )
    means = logs.group_by("athlete", "family", "block").agg(
        y=(pl.col("w") * pl.col("y")).sum() / pl.col("w").sum(), variance=1.0 / pl.col("w").sum()
    )
    following = means.with_columns(block=pl.col("block") - 1)
    pairs = means.join(following, on=["athlete", "family", "block"], suffix="_next")
    change = (pl.col("y_next") - pl.col("y")).exp() - 1.0
    weight = 1.0 / (pl.col("variance") + pl.col("variance_next"))
    return (
        pairs.with_columns(c=change, w=weight)
        .group_by("athlete", "block")
        .agg(
            compared_families=pl.len(),
            change=(pl.col("w") * pl.col("c")).sum() / pl.col("w").sum(),
            change_error=(1.0 / pl.col("w").sum()).sqrt(),
        )
    )
