"""Rows of a store as a frame."""

from __future__ import annotations

import gc
from typing import Any

import polars as pl

from intervaldetect.store import Store

Schema = dict[str, Any]


def frame_of(
    store: Store, sql: str, schema: Schema, *values: Any, athlete: str | None = None, key: str = ""
) -> pl.DataFrame:
    """Return the rows of a query as a frame.

    ``{whose}`` in the query becomes a condition on the athlete, by ``key``, the name that its
    column ``activity`` goes by, or by the column ``athlete`` itself.
    """
    whose = "1"
    if athlete is not None:
        mine = "athlete = ?"
        whose = f"{key} IN (SELECT activity FROM activities WHERE {mine})" if key else mine  # noqa: S608 - bound value
        values = (*values, athlete)
    collecting = gc.isenabled()
    gc.disable()  # a hundred thousand tuples make no circles, and it would look for them in each
    try:
        rows = store.query(sql.replace("{whose}", whose), values)
        return pl.DataFrame(rows, schema=schema, orient="row")
    finally:
        if collecting:
            gc.enable()
