"""What bytes that changed on a disk did to a store, found before anyone trusts it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from intervaldetect.errors import StoreError
from intervaldetect.output.line import printable
from intervaldetect.output.summary import schema
from intervaldetect.store.database import DATABASE, NO_STORE, address
from intervaldetect.store.schema import APPLICATION_ID, rep_lists

ADVICE = "delete the store's folder and run batch again: everything in it comes from your files"
MAX_LINES = 20
LATER = {"utc_offset_source"}
"""Keys that printed objects of older versions do not have."""


def damage(folder: Path) -> list[str]:
    """Return a line for each thing in a store that is not as it was written, `MAX_LINES` at most.

    Raises
    ------
    StoreError
        There is no store.
    """
    path = folder / DATABASE
    if not path.is_file():
        raise StoreError(printable(str(folder)), NO_STORE)
    lines: list[str] = []
    try:
        database = sqlite3.connect(address(path.absolute().as_uri(), "ro"), uri=True)
        try:
            (application,) = database.execute("PRAGMA application_id").fetchone()
            if application != APPLICATION_ID:
                return [f"{DATABASE} is not a store of intervaldetect"]
            checked = database.execute(f"PRAGMA integrity_check({MAX_LINES})").fetchall()
            lines += [text for (text,) in checked if text != "ok"]
            for line in _of_rows(database):
                lines.append(line)
                if len(lines) >= MAX_LINES:
                    break
        finally:
            database.close()
    except sqlite3.Error as error:
        lines.append(str(error))
    return lines[:MAX_LINES]


def _of_rows(database: sqlite3.Connection) -> Iterator[str]:
    """Yield a line for each session whose printed object and columns no longer fit together."""
    keys = set(schema()["properties"]) - LATER
    rows = database.execute(
        "SELECT recordings.activity, path, athlete, label, summary, session"
        " FROM recordings LEFT JOIN evidence USING (activity)"
    )
    rows.connection.text_factory = bytes
    for number, path, athlete, label, summary, session in rows:
        name = (path or b"").decode("utf-8", "replace") or str(number)
        try:
            told = json.loads(summary)
            json.loads(session or b"{}")
            fits = (
                set(told) - LATER == keys
                and _columns_fit(told, path=path, athlete=athlete, label=label)
                and _lists_fit(database, number, told)
            )
        except (ValueError, TypeError):
            fits = False
        if not fits:
            yield f"{name}: its stored data is damaged"


def _lists_fit(database: sqlite3.Connection, number: int, told: Mapping[str, Any]) -> bool:
    """Whether lists that are kept as text hold the reps that the printed object says, and bins."""
    reps = database.execute("SELECT * FROM rep_lists WHERE activity = ?", (number,)).fetchall()
    bins = database.execute("SELECT seconds FROM histogram_parts WHERE activity = ?", (number,))
    return _parsed(reps) == _parsed(rep_lists(number, told)) and all(
        isinstance(value, int | float) for (text,) in bins for value in json.loads(text)
    )


def _parsed(rows: Sequence[tuple[Any, ...]]) -> list[list[Any]]:
    return [[json.loads(text) for text in texts] for _, *texts in rows]


def _columns_fit(told: Mapping[str, object], **columns: bytes | None) -> bool:
    """Whether columns hold what the printed object says."""
    return all(
        told[name] == (None if value is None else value.decode()) for name, value in columns.items()
    )
