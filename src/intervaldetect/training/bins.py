"""The histograms of a history as one frame: seconds at each heart rate and at each speed."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import polars as pl

from intervaldetect.store import Store
from intervaldetect.training.history import History
from intervaldetect.training.query import frame_of

_SQL = "SELECT activity, low, seconds FROM histogram_parts WHERE channel = ? AND {whose}"
_SCHEMA = {"activity": pl.Int64, "low": pl.Int64, "seconds": pl.String}
_known: WeakKeyDictionary[History, dict[str, pl.DataFrame]] = WeakKeyDictionary()


def bins_of(history: History, channel: str, among: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return the bins of one channel.

    Parameters
    ----------
    history : History
    channel : str
        As a store names it: ``heart_rate_bpm``, ``graded_speed_dmps`` or ``load_steps``.
    among : polars.DataFrame, optional
        With the ``activity`` of the runs that are asked for; by default all.

    Returns
    -------
    polars.DataFrame
        ``activity`` in rising order, ``low`` (the bin) and ``seconds``.
    """
    if among is not None:
        return _spread(_parts(history, channel, among))
    known = _known.setdefault(history, {})  # weeks ask for it twice
    if channel not in known:
        known[channel] = _spread(_parts(history, channel, history.runs))
    return known[channel]


def _parts(history: History, channel: str, among: pl.DataFrame) -> pl.DataFrame:
    if among.is_empty():
        return pl.DataFrame(schema=_SCHEMA)
    with Store.open(history.folder) as store:
        told = frame_of(store, _SQL, _SCHEMA, channel, athlete=history.athlete, key="activity")
    return told.join(among, on="activity", how="semi").sort("activity")


def _spread(parts: pl.DataFrame) -> pl.DataFrame:
    seconds = pl.col("seconds").str.strip_chars("[]").str.split(",")
    return (
        parts.select("activity", "low", seconds=seconds)
        .with_columns(low=pl.int_ranges("low", pl.col("low") + pl.col("seconds").list.len()))
        .explode("low", "seconds")
        # Said to be sorted, a million rows are joined and grouped in half the time.
        .with_columns(pl.col("activity").set_sorted(), pl.col("seconds").cast(pl.Float64))
    )
