"""The reps that a session was about, and families of reps by their length."""

from __future__ import annotations

from typing import Any

import polars as pl

from intervaldetect.training.history import REP_FAMILIES, History


def rep_family() -> pl.Expr:
    """Return the family of a rep by its length, null outside of all."""
    family: Any = pl.when(pl.lit(value=False)).then(pl.lit(None, pl.String))
    for name, (low, high) in REP_FAMILIES.items():
        inside = (pl.col("seconds") > low) & (pl.col("seconds") <= high)
        family = family.when(inside).then(pl.lit(name))
    found: pl.Expr = family.otherwise(None)
    return found


def main_sets(history: History) -> pl.DataFrame:
    """Return the reps of each session's main set, the one with most work.

    Returns
    -------
    polars.DataFrame
        The columns of ``History.reps``, sorted by activity and rep.
    """
    work = (
        history.reps.group_by("activity", "set")
        .agg(pl.col("seconds").sum())
        .sort("activity", "seconds", "set", descending=[False, True, False])
        .unique("activity", keep="first", maintain_order=True)
    )
    main = history.reps.join(work.select("activity", "set"), on=["activity", "set"], how="semi")
    return main.sort("activity", "start_s")
