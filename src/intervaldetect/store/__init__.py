"""A folder with one SQLite database: what was read, and everything said about it.

The ledger (``sources``) and the rows of an activity change in one transaction, so a batch that is
killed leaves whole activities and nothing else. Rows of an activity are keyed by its content and
athlete; ``docs/store.md`` describes the tables for use with any SQL tool. Positions are stored only
where `Settings.positions` asks for them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from itertools import starmap
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self

from intervaldetect.output.line import LABELS, dumps, loads_outline
from intervaldetect.store.database import DATABASE as DATABASE
from intervaldetect.store.database import Database, store_errors
from intervaldetect.store.ledger import Ledger, LedgerRow
from intervaldetect.store.schema import (
    ACTIVITY_KEYS,
    ACTIVITY_TABLES,
    ESTIMATE_EXTRAS,
    FileRows,
    Rows,
    estimate_extras,
    file_rows,
    printed_rows,
)

if TYPE_CHECKING:
    import polars as pl

    from intervaldetect.job import FileResult, Task
    from intervaldetect.store.frames import Table

_WHOSE = 1 + ACTIVITY_KEYS.index("athlete")
"""Place of the athlete in a row of recordings, which begins with its key."""
_RELABEL = f"""
    UPDATE recordings SET label = ?, kind = ?, p_easy = ?, p_threshold = ?, p_vo2 = ?,
        structured_probability = ?, threshold_speed_mps = ?, threshold_hr_bpm = ?,
        max_hr_bpm = ?, made_by = ?, summary = ?,
        {", ".join(f"{name}_{part} = ?" for name, part in ESTIMATE_EXTRAS)}
    WHERE activity = ?"""  # noqa: S608 - own names
_RELABEL_SET = """
    UPDATE sets SET label = ?, p_easy = ?, p_threshold = ?, p_vo2 = ?
    WHERE activity = ? AND set_number = ?"""
_JUDGED = "UPDATE evidence SET judged_by = ? WHERE activity = ?"
_ESTIMATES = ("threshold_speed_mps", "threshold_hr_bpm", "max_hr_bpm")


class ToJudge(NamedTuple):
    """A stored session to be judged: its key, its evidence as JSON, and what it was judged by.

    ``other`` holds both ways to read it where it is in doubt; ``kept`` is the key of the recording
    that is counted, its own where it is no double.
    """

    number: int
    evidence: str
    other: str | None
    judged_by: str | None
    kept: int


class Store:
    """An open store; use `Store.create` or `Store.open`, and as a context manager."""

    def __init__(self, database: Database) -> None:
        self.folder = database.folder
        self._db = database
        self.ledger = Ledger(database)

    @classmethod
    def create(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a store for writing; create or migrate it where needed.

        Raises
        ------
        StoreError
            The folder cannot be written, holds something else, or is of a newer version.
        """
        return cls(Database.create(folder))

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open an existing store for reading.

        Raises
        ------
        StoreError
            There is none, or it cannot be read.
        """
        return cls(Database.open(folder))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # --- files and what they hold --------------------------------------------------------------

    def adopt(self, task: Task, sha256: str, maker: str) -> LedgerRow | None:
        """Take in a moved, copied or touched file by its content; None if the content is new."""
        twin = self.ledger.of_content(task, sha256, maker)
        known = None if twin is None else self.ledger.known(twin)
        if twin is None or known is None:
            return None
        path = task.source.path
        with self._db.transaction():
            before = self.ledger.activities_of(path)
            self.ledger.write(task, sha256, known.status, known.reasons, maker)
            self.ledger.link(path, self.ledger.activities_of(twin))
            for number in self.ledger.activities_of(path):
                self._rename(number, path)
            self._drop_orphans(before)
        return known

    def forget(self, path: str, instead: Mapping[int, str]) -> None:
        """Drop a file's row; its activities are shown as of the files given instead."""
        with self._db.transaction():
            self.ledger.drop(path)
            for number, other in instead.items():
                self._rename(number, other)

    def put(self, result: FileResult, maker: str) -> None:
        """Write a file's result; see `put_rows`."""
        self.put_rows(file_rows(result, maker), maker)

    def put_rows(self, file: FileRows, maker: str) -> None:
        """Write a file's ledger row and all rows of its activities, in one transaction.

        Content that several files of an athlete hold is one activity; it carries the first of
        their paths, so that the order of reading does not matter.
        """
        path = file.task.source.path
        numbers = [rows["recordings"][0][0] for rows in file.rows]
        with self._db.transaction():
            before = self.ledger.activities_of(path)
            self.ledger.write(file.task, file.sha256, file.status, file.reasons, maker)
            for number, rows in zip(numbers, file.rows, strict=True):
                stored = self._db.execute(
                    "SELECT path, made_by FROM recordings WHERE activity = ?", (number,)
                ).fetchone()
                if stored is None:
                    self._write_activity(rows)
                elif stored[1] != maker or stored[0] >= path:
                    self._drop_rows(number)
                    self._write_activity(rows)
            if numbers or before:
                self.ledger.link(path, numbers)
            self._drop_orphans(before)

    def together(self) -> AbstractContextManager[Callable[[], None]]:
        """Write much in few transactions; call what is given where a transaction may end.

        An error costs what was written in the last quarter of a second before it.
        """
        return self._db.together()

    def _drop_orphans(self, numbers: Iterable[int]) -> None:
        """Drop activities that no file holds any more."""
        for number in numbers:
            held = self._db.execute(
                "SELECT 1 FROM source_activities WHERE activity = ? LIMIT 1", (number,)
            ).fetchone()
            if held is None:
                self._mark_stale(number)
                self._drop_rows(number)

    def _drop_rows(self, number: int) -> None:
        for table in ACTIVITY_TABLES:
            self._db.execute(f"DELETE FROM {table} WHERE activity = ?", (number,))  # noqa: S608 - own names
        self._db.execute("DELETE FROM duplicates WHERE activity = ? OR kept = ?", (number, number))

    def _mark_stale(self, number: int) -> None:
        """Note that the history of an activity's athlete changed, until `settled` is told."""
        self._db.execute(
            "INSERT OR IGNORE INTO stale SELECT athlete FROM recordings WHERE activity = ?",
            (number,),
        )

    def _rename(self, number: int, path: str) -> None:
        """Show a file where it is now: at the first of its paths that still exists."""
        shown, text = self._db.execute(
            "SELECT path, summary FROM recordings WHERE activity = ?", (number,)
        ).fetchone()
        if path < shown or not Path(shown).exists():
            summary = dumps({**json.loads(text), "path": path})
            self._db.execute(
                "UPDATE recordings SET path = ?, summary = ? WHERE activity = ?",
                (path, summary, number),
            )

    def _write_activity(self, rows: Rows) -> None:
        for table, values in rows.items():
            self._db.insert(table, values)
        self._db.execute("INSERT OR IGNORE INTO stale VALUES (?)", (rows["recordings"][0][_WHOSE],))

    # --- the second pass -----------------------------------------------------------------------

    def stale_athletes(self) -> list[str]:
        """Return the athletes whose history changed since it was last judged as a whole."""
        rows = self._db.execute("SELECT athlete FROM stale ORDER BY athlete")
        return [name for (name,) in rows]

    def history(self, athlete: str) -> Iterator[tuple[dict[str, Any], str | None]]:
        """Yield an athlete's printed objects in order of time, each with its evidence as JSON.

        A session recorded more than once is given once, as in everything that reads the store.
        """
        rows = self._db.execute(
            "SELECT summary, session FROM activities LEFT JOIN evidence USING (activity)"
            " WHERE athlete = ? ORDER BY start_time, activity",
            (athlete,),
        )
        with store_errors(self.folder):
            for summary, session in rows:
                yield json.loads(summary), session

    def is_made_by(self, athlete: str, maker: str) -> bool:
        """Whether this version and these settings made all of an athlete's recordings."""
        rows = self._db.execute(
            "SELECT 1 FROM recordings WHERE athlete = ? AND made_by <> ? LIMIT 1", (athlete, maker)
        )
        return rows.fetchone() is None

    def to_judge(self, athlete: str) -> list[ToJudge]:
        """Return an athlete's sessions in order of time, doubles left out."""
        rows = self.query(
            "SELECT activity, session, other, judged_by, activity"
            " FROM activities JOIN evidence USING (activity)"
            " WHERE athlete = ? ORDER BY start_time, activity",
            (athlete,),
        )
        return list(starmap(ToJudge, rows))

    def merged(self, athlete: str) -> list[ToJudge]:
        """Return the recordings that are counted under another."""
        rows = self.query(
            "SELECT activity, session, other, judged_by, kept FROM recordings"
            " JOIN duplicates USING (activity) JOIN evidence USING (activity)"
            " WHERE athlete = ? AND verdict = 'merged' ORDER BY activity",
            (athlete,),
        )
        return list(starmap(ToJudge, rows))

    def mark_duplicates(self, athlete: str, rows: list[tuple[int, int, str, float]]) -> None:
        """Replace what is known of an athlete's duplicates: activity, kept, verdict, shift."""
        with self._db.transaction():
            self._db.execute(
                "DELETE FROM duplicates WHERE activity IN"
                " (SELECT activity FROM recordings WHERE athlete = ?)",
                (athlete,),
            )
            self._db.insert("duplicates", rows)

    def settled(self, athlete: str) -> None:
        """Note that an athlete's activities are judged within the present history."""
        with self._db.transaction():
            self._db.execute("DELETE FROM stale WHERE athlete = ?", (athlete,))

    def relabel(
        self,
        number: int,
        summary: Mapping[str, Any],
        maker: str,
        *,
        judged_by: str | None = None,
    ) -> None:
        """Replace what the athlete's history changed, as far as the run is read as before.

        That is label, kind, thresholds, evidence and the chance of planned work.

        ``number`` is the key under which the recording lies, which an older version may have made
        otherwise. All else must be as stored, and is not written again but in the printed object.
        ``judged_by`` is as for `judged`, None where it is not known.
        """
        estimates = [summary["thresholds"][name] for name in _ESTIMATES]
        with self._db.transaction():
            self._db.execute(
                _RELABEL,
                (
                    summary["label"], summary["kind"], *_odds(summary["probabilities"]),
                    summary["structured_probability"],
                    *(estimate and estimate["value"] for estimate in estimates),
                    maker, dumps(summary), *estimate_extras(summary), number,
                ),
            )  # fmt: skip
            self._db.execute_many(
                _RELABEL_SET,
                [
                    (item["label"], *_odds(item["probabilities"] or {}), number, item["set"])
                    for item in summary["sets"]
                ],
            )
            self._db.execute(_JUDGED, (judged_by, number))

    def printed(self, number: int) -> str:
        """Return the printed object of a recording as JSON text."""
        ((text,),) = self.query("SELECT summary FROM recordings WHERE activity = ?", (number,))
        return str(text)

    def summary(self, number: int) -> dict[str, Any]:
        """Return the printed object of a recording."""
        loaded: dict[str, Any] = json.loads(self.printed(number))
        return loaded

    def outline(self, number: int) -> dict[str, Any]:
        """Return the printed object of a recording with its segments left as text."""
        return loads_outline(self.printed(number))

    def reread(
        self,
        number: int,
        summary: Mapping[str, Any],
        maker: str,
        *,
        before: Mapping[str, Any] | None = None,
        judged_by: str | None = None,
    ) -> None:
        """Replace a printed object with its segments, sets and problems: the run is read otherwise.

        The parameters are those of `relabel`. Of ``before``, what is stored, what stays is not
        written again.
        """
        with self._db.transaction():
            for table, rows in printed_rows(number, summary, maker, before or {}).items():
                self._db.execute(f"DELETE FROM {table} WHERE activity = ?", (number,))  # noqa: S608 - own names
                self._db.insert(table, rows)
            self._db.execute(_JUDGED, (judged_by, number))

    def judged(self, number: int, judged_by: str | None) -> None:
        """Note by what a session was judged, so that it need not be judged by the same again."""
        with self._db.transaction():
            self._db.execute(_JUDGED, (judged_by, number))

    # --- reading -------------------------------------------------------------------------------

    def athletes(self) -> list[str]:
        """Return all athletes, in order of their names."""
        rows = self._db.execute("SELECT DISTINCT athlete FROM activities ORDER BY athlete")
        return [name for (name,) in rows]

    def summaries(
        self,
        *,
        label: str | None = None,
        kind: str | None = None,
        since: str | None = None,
        athlete: str | None = None,
    ) -> Iterator[str]:
        """Yield printed objects as JSON text, by athlete and time.

        Parameters
        ----------
        label, kind, athlete : str or None
            Only these; ``label="none"`` means abstention.
        since : str or None
            First local date, ``YYYY-MM-DD``.
        """
        where: list[str] = []
        values: list[str] = []
        for column, wanted in (("label", label), ("kind", kind), ("athlete", athlete)):
            if wanted == "none" and column != "athlete":
                where.append(f"{column} IS NULL")
            elif wanted is not None:
                where.append(f"{column} = ?")
                values.append(wanted)
        if since is not None:
            where.append("local_date >= ?")
            values.append(since)
        condition = f" WHERE {' AND '.join(where)}" if where else ""
        rows = self._db.execute(
            f"SELECT summary FROM activities{condition}"  # noqa: S608 - fixed names, bound values
            " ORDER BY athlete, start_time, activity",
            values,
        )
        with store_errors(self.folder):
            for (summary,) in rows:
                yield summary

    def frame(self, table: Table) -> pl.DataFrame:
        """Return the ``sessions``, ``reps`` or ``weeks`` of the store as a polars frame.

        ISO weeks stand in its column ``week``. A frame has the Arrow interface, so that pandas
        and DuckDB take it as it is.

        Raises
        ------
        ParameterError
            Another table.
        """
        from intervaldetect.store.frames import frame  # noqa: PLC0415 - loads polars

        return frame(self, table)

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query; for stages that work on a whole history."""
        return self._db.query(sql, values)


def _odds(probabilities: Mapping[str, float]) -> tuple[float | None, ...]:
    """Return the probabilities of the labels in the order of their columns."""
    return tuple(probabilities.get(name) for name in LABELS)
