"""The part of a table that begins on a day."""

from __future__ import annotations

from datetime import date

import polars as pl

from intervaldetect.errors import ParameterError


def rows_since(
    frame: pl.DataFrame, column: str, since: str | None, *, name: str = "since"
) -> pl.DataFrame:
    """Return the rows whose date in ``column`` is ``since``, ``YYYY-MM-DD``, or later.

    Raises
    ------
    ParameterError
        It is no date; ``name`` says what the argument is called.
    """
    if since is None:
        return frame
    try:
        first = date.fromisoformat(since)
    except ValueError as error:
        raise ParameterError(name, since, "a date such as 2026-05-31") from error
    return frame.filter(pl.col(column) >= first)
