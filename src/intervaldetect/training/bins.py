"""The histograms of a history as one frame: seconds at each heart rate and at each speed.

A row holds a list: bin by bin, ten years are a million rows, slower to join and to sum.
"""

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
    """Return the histograms of one channel.

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
        ``activity``, ``low`` (the first bin), ``seconds`` (a list, one number for each bin from
        there on) and ``moment``, the same times 0, 1, 2 ... A run may have several rows.
    """
    if among is not None:
        return _read(history, channel, among)
    known = _known.setdefault(history, {})  # weeks ask for it twice
    if channel not in known:
        known[channel] = _read(history, channel, history.runs)
    return known[channel]


def _read(history: History, channel: str, among: pl.DataFrame) -> pl.DataFrame:
    told = pl.DataFrame(schema=_SCHEMA)
    if not among.is_empty():
        with Store.open(history.folder) as store:
            told = frame_of(store, _SQL, _SCHEMA, channel, athlete=history.athlete, key="activity")
    seconds = pl.col("seconds").str.strip_chars("[]").str.split(",").cast(pl.List(pl.Float64))
    places = pl.int_ranges(0, pl.col("seconds").list.len()).cast(pl.List(pl.Float64))
    return (
        told.join(among, on="activity", how="semi", maintain_order="left")
        .with_columns(seconds=seconds)
        .with_columns(moment=pl.col("seconds") * places)
    )
