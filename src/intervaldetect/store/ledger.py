"""Which files a store has met, and which activities each of them holds."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from intervaldetect.job import Status, Task
    from intervaldetect.store.database import Database


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


class Ledger:
    """The rows of files in an open database; what writes stands in the caller's transaction."""

    def __init__(self, database: Database) -> None:
        self._db = database

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

    def of_content(self, task: Task, sha256: str, maker: str) -> str | None:
        """Return the first path of that content, athlete and making, None without one."""
        row = self._db.execute(
            "SELECT path FROM sources WHERE sha256 = ? AND athlete = ? AND made_by = ?"
            " ORDER BY path LIMIT 1",
            (sha256, task.athlete, task.made_by(maker)),
        ).fetchone()
        return row[0] if row else None

    def activities_of(self, path: str) -> list[int]:
        """Return the keys of the activities that a file holds."""
        rows = self._db.execute("SELECT activity FROM source_activities WHERE path = ?", (path,))
        return [number for (number,) in rows]

    def link(self, path: str, numbers: Iterable[int]) -> None:
        """Say which activities a file holds."""
        self._db.execute("DELETE FROM source_activities WHERE path = ?", (path,))
        self._db.insert("source_activities", [(path, number) for number in numbers])

    def drop(self, path: str) -> None:
        """Forget a file and what it holds."""
        self._db.execute("DELETE FROM sources WHERE path = ?", (path,))
        self.link(path, ())

    def write(
        self,
        task: Task,
        sha256: str | None,
        status: Status,
        reasons: tuple[str, ...],
        maker: str,
    ) -> None:
        """Write the row of a file in place of what was known of it."""
        row = (
            task.source.path, task.athlete, task.source.size, task.source.modified, sha256, status,
            json.dumps(reasons, ensure_ascii=False), task.made_by(maker),
        )  # fmt: skip
        marks = ", ".join("?" * len(row))
        self._db.execute(f"INSERT OR REPLACE INTO sources VALUES ({marks})", row)  # noqa: S608 - own names
