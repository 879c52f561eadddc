"""Critical speed from a store's best efforts, by the week.

The slope of the line through the shortest times over 400, 800 and 5000 m, grade-adjusted, of 16
weeks (Smyth & Muniz-Pumares 2020, doi 10.1249/MSS.0000000000002412, who found these three to say
most of a marathon; 16 weeks as in Muniz-Pumares 2025, doi 10.1007/s40279-024-02137-7). It is too
low for who never ran these all out; below 0.9 of threshold speed that is certain, and none is told.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

import polars as pl

from intervaldetect.store import Store
from intervaldetect.training.history import History
from intervaldetect.training.query import frame_of

DISTANCES_M = (400.0, 800.0, 5000.0)
WEEKS_BACK = 16
LEAST_SHARE = 0.9
_SQL = """
    SELECT activity, distance_m, duration_s FROM best_efforts
    WHERE graded = 1 AND distance_m IN (400, 800, 5000) AND {whose}"""
_known: WeakKeyDictionary[History, pl.DataFrame] = WeakKeyDictionary()
_SCHEMA = {"activity": pl.Int64, "distance_m": pl.Float64, "duration_s": pl.Float64}


def critical_speeds(history: History) -> pl.DataFrame:
    """Return the critical speed of every week with a run.

    Parameters
    ----------
    history : History

    Returns
    -------
    polars.DataFrame
        ``athlete``, ``monday``, ``critical_speed_mps`` by what was run up to the end of that week;
        null where a distance is missing, or the efforts were none.
    """
    if history not in _known:  # weeks ask for it twice
        _known[history] = _critical_speeds(history)
    return _known[history]


def _critical_speeds(history: History) -> pl.DataFrame:
    with Store.open(history.folder) as store:
        efforts = frame_of(store, _SQL, _SCHEMA, athlete=history.athlete, key="activity")
    runs = history.runs.select("activity", "athlete", "monday", "threshold_speed_mps")
    each = ["athlete", "monday"]
    best = (
        runs.join(efforts, on="activity", how="inner")
        .group_by(each)
        .agg(
            pl.col("duration_s").filter(pl.col("distance_m") == metres).min().alias(f"{metres:.0f}")
            for metres in DISTANCES_M
        )
    )
    weeks = (
        runs.group_by(each)
        .agg(pl.col("threshold_speed_mps").max())
        .join(best, on=each, how="left")
        .sort(each)
    )
    names = [f"{metres:.0f}" for metres in DISTANCES_M]
    if weeks.is_empty():
        return weeks.select(*each, critical_speed_mps=pl.lit(None, pl.Float64))
    rolled = weeks.rolling("monday", period=f"{WEEKS_BACK}w", group_by="athlete").agg(
        pl.col(*names).min(), pl.col("threshold_speed_mps").last()
    )
    speed = _slope([pl.col(name) for name in names])
    hard = pl.col("threshold_speed_mps").is_null() | (
        speed >= LEAST_SHARE * pl.col("threshold_speed_mps")
    )
    return rolled.select(*each, critical_speed_mps=pl.when(hard & (speed > 0.0)).then(speed))


def _slope(seconds: list[pl.Expr]) -> pl.Expr:
    """Return the slope of a least-squares line of distance over time through all efforts."""
    count = len(seconds)
    mean: pl.Expr = seconds[0]
    for each in seconds[1:]:
        mean = mean + each
    mean = mean / count
    middle = sum(DISTANCES_M) / count
    products = [
        (each - mean) * (metres - middle) for each, metres in zip(seconds, DISTANCES_M, strict=True)
    ]
    squares = [(each - mean).pow(2) for each in seconds]
    above, below = products[0], squares[0]
    for product, square in zip(products[1:], squares[1:], strict=True):
        above, below = above + product, below + square
    return above / below
