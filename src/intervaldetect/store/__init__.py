"""A folder with one SQLite database: what was read, and everything said about it.

The ledger (``sources``) and the rows of an activity change in one transaction, so a batch that is
killed leaves whole activities and nothing else. Rows of an activity are keyed by its content and
athlete; ``docs/store.md`` describes the tables for use with any SQL tool. Positions are stored only
where `Settings.positions` asks for them.
"""

from __future__ import annotations

import json
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from intervaldetect.errors import StoreError
from intervaldetect.output.line import LABELS, dumps, printable
from intervaldetect.store.schema import (
    ACTIVITY_KEYS,
    ACTIVITY_TABLES,
    APPLICATION_ID,
    ESTIMATE_EXTRAS,
    MIGRATIONS,
    FileRows,
    Rows,
    activity_row,
    estimate_extras,
    file_rows,
    segment_rows,
    set_rows,
    with_remarks,
)

if TYPE_CHECKING:
    import polars as pl

    from intervaldetect.job import FileResult, Status, Task
    from intervaldetect.store.frames import Table

DATABASE = "intervaldetect.sqlite"
latest: Path | None = None
"""The store that this process opened last."""
TOGETHER_S = 0.25
CACHE_KB = 64_000
"""Activities are keyed by a hash, so that a new one lies between any two: much is looked up."""
LOG_PAGES = 4000
"""Written back when the log is 16 MB: a page that many activities change is then copied once."""
_WHOSE = 1 + ACTIVITY_KEYS.index("athlete")
"""Place of the athlete in a row of recordings, which begins with its key."""
_RELABEL = f"""
    UPDATE recordings SET label = ?, kind = ?, p_easy = ?, p_threshold = ?, p_vo2 = ?,
        threshold_speed_mps = ?, threshold_hr_bpm = ?, max_hr_bpm = ?, made_by = ?, summary = ?,
        {", ".join(f"{name}_{part} = ?" for name, part in ESTIMATE_EXTRAS)}
    WHERE activity = ?"""  # noqa: S608 - own names
_RELABEL_SET = """
    UPDATE sets SET label = ?, p_easy = ?, p_threshold = ?, p_vo2 = ?
    WHERE activity = ? AND set_number = ?"""
_ESTIMATES = ("threshold_speed_mps", "threshold_hr_bpm", "max_hr_bpm")


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """What the store knows of a file it has met."""

    size: int | None
    modified: float | None
    sha256: str | None
    athlete: str
    status: Status
    reasons: tuple[str, ...]
    made_by: str


class Store:
    """An open store; use `Store.create` or `Store.open`, and as a context manager."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._db = connection

    @classmethod
    def create(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a store for writing; create or migrate it where needed.

        Raises
        ------
        StoreError
            The folder cannot be written, holds something else, or is of a newer version.
        """
        path = Path(folder)
        with _store_errors(path):
            path.mkdir(parents=True, exist_ok=True)
            connection = _connect(path / DATABASE, "rwc")
            try:
                _check(path, connection, new=True)
                _migrate(connection)
                # Survives any kill; after a power cut what is only in the log is read again.
                connection.execute("PRAGMA synchronous = NORMAL")
                connection.execute(f"PRAGMA cache_size = {-CACHE_KB}")
                connection.execute(f"PRAGMA wal_autocheckpoint = {LOG_PAGES}")
                if connection.execute("SELECT 1 FROM positions LIMIT 1").fetchone():
                    # Where positions are dropped again, none stays in a page that is free.
                    connection.execute("PRAGMA secure_delete = ON")
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    @classmethod
    def open(cls, folder: str | os.PathLike[str]) -> Self:
        """Open an existing store for reading.

        Raises
        ------
        StoreError
            There is none, or it cannot be read.
        """
        path = Path(folder)
        if not (path / DATABASE).is_file():
            raise StoreError(printable(str(path)), f"no store here ({DATABASE} is missing)")
        with _store_errors(path):
            # Reading a database in WAL mode needs its side files, so a read-only folder is opened
            # as what it then is: a file that nobody changes.
            writable = os.access(path, os.W_OK)
            connection = _connect(path / DATABASE, "rw" if writable else "ro&immutable=1")
            try:
                _check(path, connection, new=False)
                if writable:
                    _migrate(connection)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close the database."""
        self._db.close()

    # --- the ledger ----------------------------------------------------------------------------

    def known(self, path: str) -> LedgerRow | None:
        """Return the ledger's row of a file, None for a file not met before."""
        row = self._db.execute(
            "SELECT size, modified, sha256, athlete, status, reasons, made_by"
            " FROM sources WHERE path = ?",
            (path,),
        ).fetchone()
        if row is None:
            return None
        size, modified, sha256, athlete, status, reasons, made_by = row
        told = tuple(json.loads(reasons))
        return LedgerRow(size, modified, sha256, athlete, status, told, made_by)

    def twin(self, task: Task, maker: str) -> str | None:
        """Return the path of a known file of this size, athlete and making, None without one."""
        row = self._db.execute(
            "SELECT path FROM sources WHERE size = ? AND athlete = ? AND made_by = ? LIMIT 1",
            (task.source.size, task.athlete, task.made_by(maker)),
        ).fetchone()
        return row[0] if row else None

    def adopt(self, task: Task, sha256: str, maker: str) -> LedgerRow | None:
        """Take in a moved, copied or touched file by its content; None if the content is new."""
        row = self._db.execute(
            "SELECT path FROM sources WHERE sha256 = ? AND athlete = ? AND made_by = ?"
            " ORDER BY path LIMIT 1",
            (sha256, task.athlete, task.made_by(maker)),
        ).fetchone()
        if row is None:
            return None
        twin, path = row[0], task.source.path
        known = self.known(twin)
        assert known is not None
        with self._transaction():
            before = self._activities_of(path)
            self._write_source(task, sha256, known.status, known.reasons, maker)
            self._link(path, self._activities_of(twin))
            for number in self._activities_of(path):
                self._rename(number, path)
            self._drop_orphans(before)
        return known

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
        with self._transaction():
            before = self._activities_of(path)
            self._write_source(file.task, file.sha256, file.status, file.reasons, maker)
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
                self._link(path, numbers)
            self._drop_orphans(before)

    @contextmanager
    def together(self) -> Iterator[Callable[[], None]]:
        """Write much in few transactions; call what is given where a transaction may end.

        An error costs what was written in the last quarter of a second before it.
        """
        begun = time.monotonic()

        def keep() -> None:
            nonlocal begun
            if time.monotonic() - begun > TOGETHER_S:
                self._db.execute("COMMIT")
                self._db.execute("BEGIN IMMEDIATE")
                begun = time.monotonic()

        with self._transaction():
            yield keep

    def _link(self, path: str, numbers: Iterable[int]) -> None:
        """Say which activities a file holds."""
        self._db.execute("DELETE FROM source_activities WHERE path = ?", (path,))
        self._insert("source_activities", [(path, number) for number in numbers])

    def _activities_of(self, path: str) -> list[int]:
        rows = self._db.execute("SELECT activity FROM source_activities WHERE path = ?", (path,))
        return [number for (number,) in rows]

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

    def _write_source(
        self,
        task: Task,
        sha256: str | None,
        status: Status,
        reasons: tuple[str, ...],
        maker: str,
    ) -> None:
        row = (
            task.source.path, task.athlete, task.source.size, task.source.modified, sha256, status,
            json.dumps(reasons, ensure_ascii=False), task.made_by(maker),
        )  # fmt: skip
        marks = ", ".join("?" * len(row))
        self._db.execute(f"INSERT OR REPLACE INTO sources VALUES ({marks})", row)  # noqa: S608 - own names

    def _write_activity(self, rows: Rows) -> None:
        for table, values in rows.items():
            self._insert(table, values)
        self._db.execute("INSERT OR IGNORE INTO stale VALUES (?)", (rows["recordings"][0][_WHOSE],))

    def _insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._db.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - own names

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
        with _store_errors(self.folder):
            for summary, session in rows:
                yield json.loads(summary), session

    def is_made_by(self, athlete: str, maker: str) -> bool:
        """Whether this version and these settings made all of an athlete's recordings."""
        rows = self._db.execute(
            "SELECT 1 FROM recordings WHERE athlete = ? AND made_by <> ? LIMIT 1", (athlete, maker)
        )
        return rows.fetchone() is None

    def to_judge(self, athlete: str) -> list[tuple[int, str, str | None, str | None]]:
        """Return an athlete's sessions in order of time.

        Each with its key, its evidence as JSON, both ways to read it where it is in doubt, and by
        what it was judged. A session recorded more than once is given once.
        """
        return self.query(
            "SELECT activity, session, other, judged_by"
            " FROM activities JOIN evidence USING (activity)"
            " WHERE athlete = ? ORDER BY start_time, activity",
            (athlete,),
        )

    def merged(self, athlete: str) -> list[tuple[int, int, str, str | None, str | None]]:
        """Return the recordings counted under another: its key, then as `to_judge`."""
        return self.query(
            "SELECT kept, activity, session, other, judged_by FROM recordings"
            " JOIN duplicates USING (activity) JOIN evidence USING (activity)"
            " WHERE athlete = ? AND verdict = 'merged' ORDER BY activity",
            (athlete,),
        )

    def mark_duplicates(self, athlete: str, rows: list[tuple[int, int, str, float]]) -> None:
        """Replace what is known of an athlete's duplicates: activity, kept, verdict, shift."""
        with self._transaction():
            self._db.execute(
                "DELETE FROM duplicates WHERE activity IN"
                " (SELECT activity FROM recordings WHERE athlete = ?)",
                (athlete,),
            )
            self._insert("duplicates", rows)

    def settled(self, athlete: str) -> None:
        """Note that an athlete's activities are judged within the present history."""
        with self._transaction():
            self._db.execute("DELETE FROM stale WHERE athlete = ?", (athlete,))

    def relabel(
        self,
        number: int,
        summary: Mapping[str, Any],
        maker: str,
        *,
        judged_by: str | None = None,
    ) -> None:
        """Replace what the athlete's history changed: label, kind, thresholds, evidence.

        ``number`` is the key under which the recording lies, which an older version may have made
        otherwise. All else must be as stored, and is not written again but in the printed object.
        ``judged_by`` is as for `judged`, None where it is not known.
        """
        estimates = [summary["thresholds"][name] for name in _ESTIMATES]
        with self._transaction():
            self._db.execute(
                _RELABEL,
                (
                    summary["label"], summary["kind"], *_odds(summary["probabilities"]),
                    *(estimate and estimate["value"] for estimate in estimates),
                    maker, dumps(summary), *estimate_extras(summary), number,
                ),
            )  # fmt: skip
            self._db.executemany(
                _RELABEL_SET,
                [
                    (item["label"], *_odds(item["probabilities"] or {}), number, item["set"])
                    for item in summary["sets"]
                ],
            )
            self.judged(number, judged_by)

    def summary(self, number: int) -> dict[str, Any]:
        """Return the printed object of a recording."""
        ((text,),) = self.query("SELECT summary FROM recordings WHERE activity = ?", (number,))
        loaded: dict[str, Any] = json.loads(text)
        return loaded

    def reread(
        self, number: int, summary: Mapping[str, Any], maker: str, *, judged_by: str | None = None
    ) -> None:
        """Replace a printed object, its segments and its sets: the run is read the other way.

        The parameters are those of `relabel`.
        """
        row = activity_row(number, summary, maker)
        with self._transaction():
            for table in ("recordings", "segments", "sets"):
                self._db.execute(f"DELETE FROM {table} WHERE activity = ?", (number,))  # noqa: S608 - own names
            self._insert("recordings", [row])
            self._insert("segments", segment_rows(number, summary))
            self._insert("sets", set_rows(number, summary))
            self.judged(number, judged_by)

    def judged(self, number: int, judged_by: str | None) -> None:
        """Note by what a session was judged, so that it need not be judged by the same again."""
        with self._transaction():
            self._db.execute(
                "UPDATE evidence SET judged_by = ? WHERE activity = ?", (judged_by, number)
            )

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
        with _store_errors(self.folder):
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
        with _store_errors(self.folder):
            return self._db.execute(sql, tuple(values)).fetchall()

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Keep all that is written inside or nothing; part of the one around it, if there is."""
        with _database_errors(self.folder):
            if self._db.in_transaction:
                yield
                return
            self._db.execute("BEGIN IMMEDIATE")
            try:
                yield
                self._db.execute("COMMIT")
            except BaseException:
                if self._db.in_transaction:
                    self._db.execute("ROLLBACK")
                raise


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    global latest  # noqa: PLW0603 - for messages
    latest = path.parent
    uri = f"{path.absolute().as_uri()}?mode={mode}"
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30.0)


def _check(folder: Path, connection: sqlite3.Connection, *, new: bool) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (tables or not new):
        raise StoreError(printable(str(folder)), f"{DATABASE} is not a store of intervaldetect")
    if version > len(MIGRATIONS):
        reason = f"made by a newer version (schema {version}, known is {len(MIGRATIONS)})"
        raise StoreError(printable(str(folder)), reason)


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == len(MIGRATIONS):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.create_function("with_remarks", 2, with_remarks, deterministic=True)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in script:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _odds(probabilities: Mapping[str, float]) -> tuple[float | None, ...]:
    """Return the probabilities of the labels in the order of their columns."""
    return tuple(probabilities.get(name) for name in LABELS)


@contextmanager
def _database_errors(folder: Path) -> Iterator[None]:
    """Turn what SQLite says into a StoreError that names the store."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(printable(str(folder)), f"store unusable: {error}") from error


@contextmanager
def _store_errors(folder: Path) -> Iterator[None]:
    """As `_database_errors`, for what the file system says as well."""
    try:
        with _database_errors(folder):
            yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(printable(str(folder)), f"store unusable: {reason}") from error
