"""Did I stay under? The reps of threshold sessions against the athlete's ceiling.

`ceiling` judges a rep; here reps become sessions and weeks. Reps of sets labelled VO2 or easy are
judged too, but no share counts them: they were not meant to stay under.
"""

from __future__ import annotations

import polars as pl

from intervaldetect.training.ceiling import (
    Ceiling,
    ceiling_factor,
    ceilings_of,
    with_odds,
    with_verdicts,
)
from intervaldetect.training.column import shaped
from intervaldetect.training.control_columns import (
    CONTROL_REPS,
    CONTROL_SESSIONS,
    CONTROL_WEEKS,
)
from intervaldetect.training.history import REP_FAMILIES, History
from intervaldetect.training.main_set import main_sets, rep_family
from intervaldetect.training.pace import main_set_figures


def rep_verdicts(history: History, *, ceiling: Ceiling | None = None) -> pl.DataFrame:
    """Return each rep against the ceiling: under, at or over.

    Parameters
    ----------
    history : History
    ceiling : Ceiling, optional
        A pace or a heart rate in place of the athlete's threshold; taken as it stands.

    Returns
    -------
    polars.DataFrame
        One row a rep, by athlete and time; columns as in ``columns.CONTROL_REPS``.
    """
    return shaped(_judged(history, ceiling), CONTROL_REPS)


def session_control(history: History, *, ceiling: Ceiling | None = None) -> pl.DataFrame:
    """Return each session with reps against the ceiling.

    The session's own verdict is that of the mean of its reps, by time; what errs for all of them,
    the threshold and the day, does not average out.

    Parameters
    ----------
    history : History
    ceiling : Ceiling, optional
        As in `rep_verdicts`.

    Returns
    -------
    polars.DataFrame
        One row a session, by athlete and time; columns as in ``columns.CONTROL_SESSIONS``.
    """
    reps = _judged(history, ceiling)
    known = pl.col("verdict").is_not_null()
    share = pl.col("seconds") / pl.col("seconds").sum()
    over = pl.col("verdict") == "over"
    under_last = pl.col("number").filter(~over).max().fill_null(0)
    judged = (
        reps.filter(known)
        .with_columns(number=pl.int_range(1, pl.len() + 1).over("activity"))
        .group_by("activity")
        .agg(
            judged=pl.len(),
            **{name: (pl.col("verdict") == name).sum() for name in ("under", "at", "over")},
            relative=(share * pl.col("relative")).sum(),
            shared_error=(share * pl.col("shared_error")).sum(),
            own_error=(share * pl.col("own_error")).pow(2).sum().sqrt(),
            over_from=pl.when(over.last()).then(under_last + 1),
        )
    )
    of_all = reps.group_by("activity").agg(
        pl.col(
            "athlete", "day", "week", "monday", "start_time", "workout", "session_label"
        ).first(),
        pl.col("ceiling_speed", "ceiling_hr").first(),
        reps=pl.len(),
        withheld=pl.col("withheld").drop_nulls().mode().sort().first(),
    )
    figures = main_set_figures(history).select("activity", "speed_drift", "hr_drift_bpm")
    sessions = (
        of_all.join(judged, on="activity", how="left")
        .join(figures, on="activity", how="left")
        .join(_last_against_first(history), on="activity", how="left")
        .with_columns(
            pl.col("judged", "under", "at", "over").fill_null(0), label=pl.col("session_label")
        )
    )
    withheld = pl.when(pl.col("judged") == 0).then(pl.col("withheld"))
    return shaped(
        with_odds(sessions)
        .with_columns(
            withheld=withheld,
            ceiling_speed_mps=pl.col("ceiling_speed"),
            ceiling_hr_bpm=pl.col("ceiling_hr"),
        )
        .sort("athlete", "start_time", "activity"),
        CONTROL_SESSIONS,
    )


def control_weeks(history: History, *, ceiling: Ceiling | None = None) -> pl.DataFrame:
    """Return by week how many reps of threshold sessions were over the ceiling.

    A share is the mean probability of the reps to be over: where the threshold is hardly known it
    is not made of guesses.

    Parameters
    ----------
    history : History
    ceiling : Ceiling, optional
        As in `rep_verdicts`.

    Returns
    -------
    polars.DataFrame
        One row a week with reps, by athlete and time; columns as in ``columns.CONTROL_WEEKS``.
    """
    reps = _judged(history, ceiling)
    meant = pl.col("label").is_null() | (pl.col("label") == "threshold")
    known = meant & pl.col("verdict").is_not_null()
    sums = {
        "sessions": pl.col("activity").filter(meant).n_unique(),
        "reps": meant.sum(),
        "judged": known.sum(),
        "over": (known & (pl.col("verdict") == "over")).sum(),
        "over_share": pl.col("p_over").filter(known).mean(),
        "vo2_reps": (pl.col("label") == "vo2").sum(),
    }
    for name in REP_FAMILIES:
        mine = known & (pl.col("family") == name)
        sums[f"judged_{name}"] = mine.sum()
        sums[f"over_share_{name}"] = pl.col("p_over").filter(mine).mean()
    weeks = reps.group_by("athlete", "week", "monday").agg(**sums)
    return shaped(weeks.sort("athlete", "monday"), CONTROL_WEEKS)


def _judged(history: History, ceiling: Ceiling | None) -> pl.DataFrame:
    """Return reps with their verdicts and what is known of their runs."""
    runs = history.runs.select(
        "activity", "athlete", "day", "week", "monday", "start_time", "workout", "heat_flag",
        session_label="label",
    )  # fmt: skip
    reps = (
        history.reps.join(runs, on="activity", how="inner")
        .join(ceilings_of(history, ceiling), on="activity", how="left")
        .with_columns(
            pl.col("indoors").fill_null(value=False),
            family=rep_family(),
        )
    )
    factor = pl.lit(1.0) if ceiling is not None else ceiling_factor()
    return (
        with_verdicts(reps, given=ceiling)
        .with_columns(
            ceiling_speed_mps=pl.col("ceiling_speed") * factor,
            ceiling_hr_bpm=pl.col("ceiling_hr"),
            over_ceiling=pl.col("relative").exp() - 1.0,
            error=(pl.col("shared_error").pow(2) + pl.col("own_error").pow(2)).sqrt(),
        )
        .sort("athlete", "start_time", "activity", "start_s")
    )


def _last_against_first(history: History) -> pl.DataFrame:
    """Return how the last rep of the main set lies to the first, for sets of several."""
    first, last = pl.col("adjusted_speed_mps").first(), pl.col("adjusted_speed_mps").last()
    several = pl.len() > 1
    return (
        main_sets(history)
        .group_by("activity")
        .agg(
            last_speed_change=pl.when(several).then(last / first - 1.0),
            last_hr_change_bpm=pl.when(several).then(
                pl.col("end_hr_bpm").last() - pl.col("end_hr_bpm").first()
            ),
        )
    )
