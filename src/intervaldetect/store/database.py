"""The database of a store: opened, checked, brought to the present schema, written as a whole."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self

from intervaldetect.errors import StoreError
from intervaldetect.output.line import printable
from intervaldetect.store.histograms import histogram_parts_of
from intervaldetect.store.migrations import MIGRATIONS, with_remarks
from intervaldetect.store.schema import APPLICATION_ID

DATABASE = "intervaldetect.sqlite"
NO_STORE = (
    f"no store here ({DATABASE} is missing); `intervaldetect batch FOLDER -o STORE` makes one"
)
OLDER = "made by an older version; open it once where it can be written, so that it is rewritten"
latest: Path | None = None
"""The store that this process opened last, for messages."""
TOGETHER_S = 0.25
CACHE_KB = 64_000
"""Activities are keyed by a hash, so that a new one lies between any two: much is looked up."""
LOG_PAGES = 4000
"""Written back when the log is 16 MB: a page that many activities change is then copied once."""


class Database:
    """An open database; use `Database.create` or `Database.open`."""

    def __init__(self, folder: Path, connection: sqlite3.Connection) -> None:
        self.folder = folder
        self._connection = connection

    @classmethod
    def create(cls, folder: str | os.PathLike[str]) -> Self:
        """Open a store for writing; create or migrate it where needed.

        Raises
        ------
        StoreError
            The folder cannot be written, holds something else, or is of a newer version.
        """
        path = Path(folder)
        with store_errors(path):
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
            raise StoreError(printable(str(path)), NO_STORE)
        with store_errors(path):
            # Reading a database in WAL mode needs its side files, so a read-only folder is opened
            # as what it then is: a file that nobody changes.
            writable = os.access(path, os.W_OK)
            connection = _connect(path / DATABASE, "rw" if writable else "ro&immutable=1")
            try:
                _check(path, connection, new=False, least=0 if writable else len(MIGRATIONS))
                if writable:
                    _migrate(connection)
            except BaseException:
                connection.close()
                raise
        return cls(path, connection)

    def close(self) -> None:
        """Close the database."""
        self._connection.close()

    def execute(self, sql: str, values: Iterable[Any] = ()) -> sqlite3.Cursor:
        """Run a statement; its errors are SQLite's, for the caller to name."""
        return self._connection.execute(sql, tuple(values))

    def execute_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        """Run a statement once for each row."""
        self._connection.executemany(sql, rows)

    def insert(self, table: str, rows: list[tuple[Any, ...]]) -> None:
        """Write rows into a table as they are."""
        if rows:
            marks = ", ".join("?" * len(rows[0]))
            self._connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows)  # noqa: S608 - own names

    def query(self, sql: str, values: Iterable[Any] = ()) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with store_errors(self.folder):
            return self.execute(sql, values).fetchall()

    @contextmanager
    def together(self) -> Iterator[Callable[[], None]]:
        """Write much in few transactions; call what is given where a transaction may end.

        An error costs what was written in the last quarter of a second before it.
        """
        begun = time.monotonic()

        def keep() -> None:
            nonlocal begun
            if time.monotonic() - begun > TOGETHER_S:
                self._connection.execute("COMMIT")
                self._connection.execute("BEGIN IMMEDIATE")
                begun = time.monotonic()

        with self.transaction():
            yield keep

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Keep all that is written inside or nothing; part of the one around it, if there is."""
        with _database_errors(self.folder):
            if self._connection.in_transaction:
                yield
                return
            with _all_or_nothing(self._connection, "IMMEDIATE"):
                yield


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    global latest  # noqa: PLW0603 - of the process
    latest = path.parent
    uri = address(path.absolute().as_uri(), mode)
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=30.0)


def address(uri: str, mode: str) -> str:
    """Return the address of a file as SQLite takes it: it knows no host, a share is a path."""
    host = not uri.startswith("file:///")
    return f"{uri.replace('file://', 'file:////', 1) if host else uri}?mode={mode}"


def _check(folder: Path, connection: sqlite3.Connection, *, new: bool, least: int = 0) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION_ID and (tables or not new):
        raise StoreError(printable(str(folder)), f"{DATABASE} is not a store of intervaldetect")
    if version > len(MIGRATIONS):
        reason = f"made by a newer version (schema {version}, known is {len(MIGRATIONS)})"
        raise StoreError(printable(str(folder)), reason)
    if version < least:
        raise StoreError(printable(str(folder)), OLDER)


def _migrate(connection: sqlite3.Connection) -> None:
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    if version == len(MIGRATIONS):
        return
    connection.execute("PRAGMA journal_mode = WAL")
    connection.create_function("with_remarks", 2, with_remarks, deterministic=True)
    connection.create_function("histogram_parts", 1, histogram_parts_of, deterministic=True)
    with _all_or_nothing(connection, "EXCLUSIVE"):
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        for number, script in enumerate(MIGRATIONS[version:], version + 1):
            for statement in script:
                connection.execute(statement)
            connection.execute(f"PRAGMA user_version = {number}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")


@contextmanager
def _all_or_nothing(connection: sqlite3.Connection, lock: str) -> Iterator[None]:
    """Run what is inside as one transaction, which an error or Ctrl-C undoes."""
    connection.execute(f"BEGIN {lock}")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:  # Ctrl-C may come just after the end
            connection.execute("ROLLBACK")
        raise


@contextmanager
def _database_errors(folder: Path) -> Iterator[None]:
    """Turn what SQLite says into a StoreError that names the store."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(printable(str(folder)), f"store unusable: {error}") from error


@contextmanager
def store_errors(folder: Path) -> Iterator[None]:
    """As `_database_errors`, for what the file system says as well."""
    try:
        with _database_errors(folder):
            yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise StoreError(printable(str(folder)), f"store unusable: {reason}") from error
