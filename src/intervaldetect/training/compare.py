"""Two sessions rep by rep, or one session with the best of its family."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

import polars as pl

from intervaldetect.errors import ParameterError
from intervaldetect.training.columns import COMPARED_REPS, COMPARED_SESSIONS, shaped
from intervaldetect.training.families import family_of
from intervaldetect.training.history import History
from intervaldetect.training.pace import main_set_figures, with_equal_pace
from intervaldetect.training.scales import effort_of

NAMED = 5  # ours: as many as one message holds
_WHEN = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2})?)?")


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """Two sessions side by side.

    Attributes
    ----------
    sessions : polars.DataFrame
        Two rows; columns as in ``columns.COMPARED_SESSIONS``. Both are carried to one heart rate,
        the mean of the two.
    reps : polars.DataFrame
        One row for each rep that either has; columns as in ``columns.COMPARED_REPS``.
    chosen : str
        Why the second was taken, in a sentence.
    """

    sessions: pl.DataFrame
    reps: pl.DataFrame
    chosen: str


def compare_sessions(history: History, first: str, second: str | None = None) -> Comparison:
    """Compare two sessions.

    Parameters
    ----------
    history : History
    first, second : str
        Each names one session with planned efforts: its number in the store, a local date
        (``2025-09-06``) with or without a clock time (``2025-09-06T10:00``), or the end of its
        path. Without ``second`` it is the best of the family of ``first``, itself left out: the
        fastest at equal end-of-rep heart rate, or simply the fastest where no heart rate is known.

    Returns
    -------
    Comparison

    Raises
    ------
    ParameterError
        A name that fits no session, or several; or a session without a family.
    """
    chosen = _found(history, "first", first)
    if second is None:
        other, why = _best_of_family(history, chosen)
    else:
        other, why = _found(history, "second", second), ""
    if other == chosen:
        raise ParameterError("second", second, "another session than the first")
    return Comparison(_sessions(history, [chosen, other]), _reps(history, chosen, other), why)


def _found(history: History, which: str, told: str) -> int:
    """Return the one session with planned efforts that a text names."""
    if told.isdigit():
        matches = pl.col("activity").cast(pl.String) == told
    elif _WHEN.fullmatch(told):
        clock = pl.col("local_start").dt.strftime("%Y-%m-%dT%H:%M:%S")
        matches = clock.str.starts_with(told.replace(" ", "T"))
    else:
        matches = pl.col("path").str.ends_with(told) & pl.lit(bool(told))
    named = history.runs.filter(matches)
    planned = named.join(history.reps.select("activity").unique(), on="activity", how="semi")
    if planned.height == 1:
        return int(planned["activity"][0])
    if planned.height > 1:
        several = planned["athlete"].n_unique() > 1
        times = [
            f"{row['local_start']:%Y-%m-%dT%H:%M}" + (f" ({row['athlete']})" if several else "")
            for row in planned.to_dicts()[:NAMED]
        ]
        more = ", ..." if planned.height > NAMED else ""
        raise ParameterError(which, told, f"one of {', '.join(times)}{more}")
    raise ParameterError(which, told, _instead(history, told, named))


def _instead(history: History, told: str, named: pl.DataFrame) -> str:
    """Say what is wanted in place of a name without reps, and name the nearest that fits."""
    planned = history.runs.join(history.reps.select("activity").unique(), on="activity", how="semi")
    if named.height:
        kind = (named["kind"][0] or "").replace("_", " ")
        wanted = f"a session with reps; this one is {kind or 'without any'}"
    elif not _WHEN.fullmatch(told):
        return "a local date such as 2025-09-06 or 2025-09-06T10:00, or the name of a file"
    else:
        wanted = "a day with a session with reps; there is none that day"
    try:
        day = named["day"][0] if named.height else date.fromisoformat(told[:10])
    except ValueError:
        return "a local date such as 2025-09-06 or 2025-09-06T10:00, or the name of a file"
    if planned.is_empty():
        return f"{wanted}, nor anywhere in the store"
    apart = (pl.col("day") - pl.lit(day)).dt.total_days().abs()
    near = planned.sort(apart, "start_time").head(1).to_dicts()[0]
    return f"{wanted}, the nearest is {near['local_start']:%Y-%m-%dT%H:%M} ({near['workout']})"


def _best_of_family(history: History, activity: int) -> tuple[int, str]:
    families = family_of(history)
    mine = families.filter(pl.col("activity") == activity)["family"][0]
    athlete = history.runs.filter(pl.col("activity") == activity)["athlete"][0]
    others = (
        families.join(history.runs.select("activity", "athlete", "start_time"), on="activity")
        .filter((pl.col("family") == mine) & (pl.col("athlete") == athlete))
        .join(main_set_figures(history), on="activity")
        .with_columns(equal_hr_bpm=pl.col("settled_hr_bpm").median())
        .filter(pl.col("activity") != activity)
    )
    if others.is_empty():
        allowed = "a session with similar ones in the store; name the other session too"
        raise ParameterError("first", activity, allowed)
    count = others.height
    paced = with_equal_pace(others)
    known = paced.filter(pl.col("speed_at_equal_hr_mps").is_not_null())
    by = "speed_at_equal_hr_mps" if known.height else "rep_speed_mps"
    without = "by pace alone, as no heart rate is known"
    how = "at equal end-of-rep heart rate" if known.height else without
    ranked = paced.filter(pl.col(by).is_not_null()).sort(by, "start_time", descending=True)
    if ranked.is_empty():
        allowed = "a session with similar ones of known pace; name the other session too"
        raise ParameterError("first", activity, allowed)
    best = int(ranked["activity"][0])
    if count == 1:
        return best, "the only other session of its kind."
    return best, f"the fastest of the {count} other sessions of its kind, {how}."


def _sessions(history: History, pair: list[int]) -> pl.DataFrame:
    rows = pl.DataFrame({"activity": pair, "which": ["first", "second"]})
    work = history.reps.group_by("activity").agg(
        reps=pl.len(),
        work_s=pl.col("seconds").sum(),
        work_m=pl.col("distance_m").sum(),
        work_known_s=pl.col("seconds").filter(pl.col("distance_m").is_not_null()).sum(),
    )
    figures = main_set_figures(history).drop("heat_flag")
    joined = (
        rows.join(history.runs, on="activity")
        .join(work, on="activity", how="left")
        .join(figures, on="activity", how="left")
        .join(effort_of(history), on="activity", how="left")
        .with_columns(
            speed_mps=pl.col("work_m")
            / pl.when(pl.col("work_known_s") > 0).then(pl.col("work_known_s")),
            equal_hr_bpm=pl.when(pl.col("settled_hr_bpm").count() == len(pair)).then(
                pl.col("settled_hr_bpm").mean()
            ),
        )
    )
    return shaped(with_equal_pace(joined).sort("which"), COMPARED_SESSIONS)


def _reps(history: History, first: int, second: int) -> pl.DataFrame:
    shown = ("distance_m", "seconds", "speed_mps", "end_hr_bpm", "recovery_s")
    halves = [
        history.reps.filter(pl.col("activity") == activity).select(
            "set", "rep", *(pl.col(name).alias(f"{which}_{name}") for name in shown)
        )
        for which, activity in (("first", first), ("second", second))
    ]
    reps = halves[0].join(halves[1], on=["set", "rep"], how="full", coalesce=True)
    return shaped(
        reps.with_columns(
            speed_change=pl.col("second_speed_mps") / pl.col("first_speed_mps") - 1.0,
            end_hr_change_bpm=pl.col("second_end_hr_bpm") - pl.col("first_end_hr_bpm"),
        ).sort("set", "rep"),
        COMPARED_REPS,
    )
