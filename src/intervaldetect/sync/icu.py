"""Original files from intervals.icu into a folder; corrected reps back to it where that is asked.

As its documentation and its users describe the service: basic authentication with the user
``API_KEY`` and the key of one's settings; athlete ``0`` is whoever the key belongs to; activities
that it has from Strava are not given out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from intervaldetect.batch.one_file import analyses
from intervaldetect.corrections.find import corrections_digest
from intervaldetect.job import Settings, Task
from intervaldetect.output.export import _replacing
from intervaldetect.read.archive import iter_sources
from intervaldetect.sync import Synced
from intervaldetect.sync.client import OK, Client, SyncError
from intervaldetect.sync.content import is_whole, suffix_of
from intervaldetect.write.encode_icu import encode_icu

ADDRESS, USER = "https://intervals.icu", "API_KEY"
LEDGER = ".intervals-icu.jsonl"
FIRST_DAY, LAST_DAY = "1990-01-01", "2100-01-01"
MISSING = frozenset({404, 410, 422})
_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
_START = re.compile(r"(\d{4}-\d{2}-\d{2})T(\d{2}):(\d{2})")


def pull(client: Client, folder: Path, *, athlete: str = "0", since: str | None = None) -> Synced:
    """Download the original file of every activity that the folder has not.

    Each is written whole or not at all and noted at once, so that a run that was cut off goes on
    where it was.

    Parameters
    ----------
    client : Client
    folder : Path
        Made where it is not there. `LEDGER` in it notes which activity is which file.
    athlete : str
        ``0`` is whoever the key belongs to.
    since : str, optional
        First local date, ``YYYY-MM-DD``.

    Returns
    -------
    Synced

    Raises
    ------
    SyncError
        The service refuses, cannot be reached, or does not answer as it should. What came before
        is kept.
    """
    folder.mkdir(parents=True, exist_ok=True)
    ledger = Ledger(folder)
    new, remarks, known = [], [], 0
    for number, start, source in _listed(client, athlete, since or FIRST_DAY):
        if ledger.has(number):
            known += 1
            continue
        if source == "STRAVA":
            remarks.append(f"activity {number}: from Strava, which lets no one pass it on")
            continue
        told = client.get(f"/api/v1/activity/{number}/file", whole=is_whole)
        suffix = suffix_of(told.body) if told.status == OK else None
        if suffix is None:
            if told.status != OK and told.status not in MISSING:
                raise SyncError(ADDRESS, f"activity {number}: answers {told.status}")
            remarks.append(f"activity {number}: no FIT, GPX or TCX file there")
            continue
        path = folder / f"{start}-{number}{suffix}"
        with _replacing(path) as stream:
            stream.write(told.body)
        ledger.note(number, file=path.name)
        new.append(path)
        if not told.whole:
            remarks.append(f"activity {number}: the service has only a part of it")
    return Synced(tuple(new), known, tuple(remarks))


def write_back(client: Client, folder: Path) -> Synced:
    """Send the reps of every pulled activity that has corrections not sent before.

    Parameters
    ----------
    client : Client
    folder : Path
        As `pull` left it; corrections stand beside the files.

    Returns
    -------
    Synced
        ``new`` are the files whose reps were sent, ``known`` those sent before.
    """
    ledger = Ledger(folder)
    sent, remarks, known = [], [], 0
    for number, path, digest in ledger.corrected():
        if ledger.sent.get(number) == digest:
            known += 1
            continue
        intervals = _corrected(path)
        if isinstance(intervals, str):
            remarks.append(f"{path}: {intervals}")
            continue
        told = client.put(f"/api/v1/activity/{number}/intervals?all=true", intervals)
        if told.status != OK:
            remarks.append(f"{path}: the service answers {told.status}")
            continue
        ledger.note(number, sent=digest)
        sent.append(path)
    return Synced(tuple(sent), known, tuple(remarks))


class Ledger:
    """Which activity is which file; lines of JSON, added to, so that a kill costs the last."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / LEDGER
        self.files: dict[str, str] = {}
        self.sent: dict[str, str] = {}
        for row in self._rows():
            number = str(row.get("activity"))
            if isinstance(row.get("file"), str):
                self.files[number] = Path(row["file"]).name
            if isinstance(row.get("sent"), str):
                self.sent[number] = row["sent"]

    def _rows(self) -> Iterator[dict[str, Any]]:
        text = self._path.read_text("utf-8", "replace") if self._path.exists() else ""
        for line in text.splitlines():
            try:
                row = json.loads(line)
            except ValueError:  # torn by a kill: the activity is asked for again
                continue
            if isinstance(row, dict):
                yield row

    def has(self, number: str) -> bool:
        """Whether an activity was pulled and its file is still there."""
        return number in self.files and (self._folder / self.files[number]).is_file()

    def note(self, number: str, **told: str) -> None:
        """Add a line."""
        with self._path.open("a", encoding="utf-8") as stream:
            # Begins a line of its own, whatever a kill left of the one before.
            stream.write("\n" + json.dumps({"activity": number, **told}) + "\n")
        if "file" in told:
            self.files[number] = told["file"]
        if "sent" in told:
            self.sent[number] = told["sent"]

    def corrected(self) -> Iterator[tuple[str, Path, str]]:
        """Yield activities whose file has corrections beside it, with a hash of these."""
        for number in sorted(self.files):
            path = self._folder / self.files[number]
            if self.has(number) and (digest := corrections_digest(str(path))):
                yield number, path, digest


def _listed(client: Client, athlete: str, since: str) -> Iterator[tuple[str, str, str | None]]:
    """Yield key, local start as part of a name, and source of each activity, oldest first."""
    if not _ID.fullmatch(athlete):
        raise SyncError(ADDRESS, f"athlete {athlete!r}: not one of its names")
    asked = urlencode(
        {"oldest": since, "newest": LAST_DAY, "fields": "id,start_date_local,source,type"}
    )
    told = client.get(f"/api/v1/athlete/{athlete}/activities?{asked}")
    if told.status != OK:
        raise SyncError(ADDRESS, f"the list of activities: answers {told.status}")
    try:
        rows = json.loads(told.body)
    except ValueError as error:
        raise SyncError(ADDRESS, "the list of activities is no JSON") from error
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise SyncError(ADDRESS, "the list of activities is none")
    found = []
    for row in rows:
        number = str(row.get("id"))
        if not _ID.fullmatch(number):  # it becomes part of a path
            raise SyncError(ADDRESS, f"an activity named {number[:60]!r}")
        start = _START.match(str(row.get("start_date_local")))
        found.append((f"{start[1]}-{start[2]}{start[3]}" if start else "undated", number, row))
    for start_text, number, row in sorted(found, key=lambda each: each[:2]):
        yield number, start_text, row.get("source")


def _corrected(path: Path) -> list[dict[str, Any]] | str:
    """Return the corrected segments as the service takes them, or why there are none."""
    (source,) = iter_sources(str(path))
    found = list(analyses(Task(source), Settings()))
    if len(found) != 1 or isinstance(found[0], str):
        return str(found[0]) if found and isinstance(found[0], str) else "not one activity"
    keys = ("type", "label", "group_id", "start_index", "end_index")
    intervals = json.loads(encode_icu(found[0]))["icu_intervals"]
    return [{key: each[key] for key in keys} for each in intervals]
