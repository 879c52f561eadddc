"""Series: the sessions of one family over the weeks, and what moved from each to the next."""

from __future__ import annotations

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.training.columns import SERIES, STEPS, shaped
from intervaldetect.training.conditions import with_cool_pace
from intervaldetect.training.families import family_of
from intervaldetect.training.history import History
from intervaldetect.training.pace import KEPT_S, KEPT_SHARE, main_set_figures, with_equal_pace

# Ours. Sizes and speeds that differ by less are the same, but for measurement.
MOVED_LENGTH, MOVED_SPEED = 0.03, 0.01
FITTED_SESSIONS = 3


def series_steps(history: History, *, min_sessions: int = 2) -> pl.DataFrame:
    """Return every session of every series with what moved since the one before.

    Parameters
    ----------
    history : History
    min_sessions : int
        Families with fewer sessions are no series.

    Returns
    -------
    polars.DataFrame
        One row a session, by athlete, series and time; columns as in ``columns.STEPS``. Sessions
        are compared at the median heart rate of their series.

    Raises
    ------
    ParameterError
        ``min_sessions`` below 1.
    """
    if min_sessions < 1:
        raise ParameterError("min_sessions", min_sessions, "1 or more")
    about = history.runs.select(
        "activity", "athlete", "start_time", "day", "week", "label", "workout", "temperature_c"
    )
    steps = (
        family_of(history)
        .rename({"family": "series"})
        .join(main_set_figures(history), on="activity")
        .join(about, on="activity")
        .sort("athlete", "series", "start_time", "activity")
    )
    each = ["athlete", "series"]
    steps = steps.filter(pl.len().over(each) >= min_sessions).with_columns(
        step=pl.col("activity").cum_count().over(each),
        days_since=pl.col("day").diff().over(each).dt.total_days(),
        equal_hr_bpm=pl.col("settled_hr_bpm").median().over(each),
        **{f"_{name}": pl.col(name).shift(1).over(each) for name in _MOVING},
    )
    first = pl.col("step") == 1
    moved = pl.when(~first).then(_moved("_"))
    return shaped(with_cool_pace(with_equal_pace(steps.with_columns(moved=moved))), STEPS)


def training_series(history: History, *, min_sessions: int = 2) -> pl.DataFrame:
    """Return one row for each series: from where to where, and what that says of fitness.

    Parameters
    ----------
    history : History
    min_sessions : int
        Families with fewer sessions are no series.

    Returns
    -------
    polars.DataFrame
        By athlete and series; columns as in ``columns.SERIES``. ``change`` is a weighted straight
        line through speed at equal heart rate; its error is never less than the scatter says.
    """
    return series_of(series_steps(history, min_sessions=min_sessions))


def series_of(steps: pl.DataFrame) -> pl.DataFrame:
    """Summarise the rows of `series_steps`."""
    each = ["athlete", "series"]
    ends = {name: pl.col(name).last() for name in _MOVING}
    begins = {f"_{name}": pl.col(name).first() for name in _MOVING}
    summary = (
        steps.with_columns(
            x=(pl.col("day") - pl.col("day").min().over(each)).dt.total_days().cast(pl.Float64),
            y=pl.col("speed_at_equal_hr_mps").log(),
            w=(pl.col("speed_at_equal_hr_mps") / pl.col("speed_at_equal_hr_error_mps")) ** 2,
        )
        .group_by(each, maintain_order=True)
        .agg(
            sessions=pl.len(),
            series_label=pl.col("label").drop_nulls().mode().sort().first(),
            first_day=pl.col("day").first(),
            last_day=pl.col("day").last(),
            first_workout=pl.col("workout").first(),
            last_workout=pl.col("workout").last(),
            equal_hr_bpm=pl.col("equal_hr_bpm").first(),
            hot_sessions=pl.col("heat_flag").sum(),
            **ends,
            **begins,
            **_sums(),
        )
        .with_columns(moved=_moved("_"))
    )
    return shaped(_fitted(summary).with_columns(label=pl.col("series_label")), SERIES)


# --- what moved ----------------------------------------------------------------------------------

_MOVING = (
    "count",
    "rep_basis",
    "rep_distance_m",
    "rep_duration_s",
    "rep_speed_mps",
    "recovery_s",
    "label",
)


def _moved(before: str) -> pl.Expr:
    """Name what differs from the columns with this prefix, joined by commas."""

    def apart(name: str, share: float, least: float = 0.0) -> pl.Expr:
        now, then = pl.col(name), pl.col(before + name)
        return (now - then).abs() > pl.max_horizontal(share * then, pl.lit(least))

    by_distance = (pl.col("rep_basis") == "distance") & (pl.col(before + "rep_basis") == "distance")
    differs = {
        "count": pl.col("count") != pl.col(before + "count"),
        "distance": by_distance & apart("rep_distance_m", MOVED_LENGTH),
        "duration": ~by_distance & apart("rep_duration_s", MOVED_LENGTH),
        "speed": apart("rep_speed_mps", MOVED_SPEED),
        "recovery": apart("recovery_s", KEPT_SHARE, KEPT_S),
        "label": pl.col("label") != pl.col(before + "label"),
    }
    named = [pl.when(differs[name]).then(pl.lit(name)) for name in differs]
    return pl.concat_str(named, separator=", ", ignore_nulls=True)


# --- change over the series ----------------------------------------------------------------------


def _sums() -> dict[str, pl.Expr]:
    """Return the sums a weighted straight line needs, over sessions with a known pace."""
    w, x, y = pl.col("w"), pl.col("x"), pl.col("y")
    known = pl.col("y").is_not_null()
    return {
        "n": known.sum(),
        "span": x.filter(known).max() - x.filter(known).min(),
        "sw": w.sum(),
        "swx": (w * x).sum(),
        "swy": (w * y).sum(),
        "swxx": (w * x * x).sum(),
        "swxy": (w * x * y).sum(),
        "swyy": (w * y * y).sum(),
    }


def _fitted(summary: pl.DataFrame) -> pl.DataFrame:
    """Add ``change`` and ``change_error`` from the weighted sums."""
    sw, swx, swy = pl.col("sw"), pl.col("swx"), pl.col("swy")
    spread = sw * pl.col("swxx") - swx**2
    slope = (sw * pl.col("swxy") - swx * swy) / spread
    residual = (pl.col("swyy") - swy**2 / sw) - slope**2 * spread / sw
    scale = pl.max_horizontal(residual / (pl.col("n") - 2), pl.lit(1.0))
    enough = (pl.col("n") >= FITTED_SESSIONS) & (pl.col("span") > 0)
    change = (slope * pl.col("span")).exp() - 1.0
    error = (scale * sw / spread).sqrt() * pl.col("span") * (1.0 + change)
    return summary.with_columns(
        change=pl.when(enough).then(change), change_error=pl.when(enough).then(error)
    )
