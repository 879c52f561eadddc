"""The histograms of a history as one frame: seconds at each heart rate and at each speed."""

from __future__ import annotations

from weakref import WeakKeyDictionary

import polars as pl

from intervaldetect.store import Store
from intervaldetect.training.history import History, frame_of

_SQL = "SELECT activity, channel, low, seconds FROM histogram_parts WHERE {whose}"
_SCHEMA = {
    "activity": pl.Int64, "channel": pl.String, "low": pl.Int64, "seconds": pl.String,
}  # fmt: skip
CHANNELS = ("heart_rate_bpm", "graded_speed_dmps", "load_steps")
_known: WeakKeyDictionary[History, dict[str, pl.DataFrame]] = WeakKeyDictionary()


def bins_of(history: History, channel: str) -> pl.DataFrame:
    """Return the bins of one channel.

    Parameters
    ----------
    history : History
    channel : str
        One of ``CHANNELS``.

    Returns
    -------
    polars.DataFrame
        ``activity``, ``low`` (the bin) and ``seconds``, those of one activity together.
    """
    if history not in _known:  # weeks ask for it twice
        _known[history] = _by_channel(history)
    return _known[history][channel]


def _by_channel(history: History) -> dict[str, pl.DataFrame]:
    with Store.open(history.folder) as store:
        told = frame_of(store, _SQL, _SCHEMA, athlete=history.athlete, key="activity")
    parts = told.join(history.runs.select("activity"), on="activity", how="semi")
    seconds = pl.col("seconds").str.strip_chars("[]").str.split(",")
    return {
        channel: parts.filter(pl.col("channel") == channel)
        .select("activity", "low", seconds=seconds)
        .with_columns(low=pl.int_ranges("low", pl.col("low") + pl.col("seconds").list.len()))
        .explode("low", "seconds")
        .with_columns(pl.col("seconds").cast(pl.Float64))
        for channel in CHANNELS
    }
