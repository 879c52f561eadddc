"""What one person has on the desk: dropped recordings or a store, and what is open of them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from intervaldetect.corrections.find import SUFFIX
from intervaldetect.corrections.parse import Corrections, parse_corrections
from intervaldetect.errors import IntervalDetectError, ReadError
from intervaldetect.job import Settings
from intervaldetect.read.archive import Source
from intervaldetect.report.format import Units, safe_text
from intervaldetect.serve import pages
from intervaldetect.serve.keeping import PAGE, Keeper
from intervaldetect.serve.recordings import hold, sources_in
from intervaldetect.serve.shelf import Opened, Shelf

SENTENCE_CHARS = 1000
Step = Callable[[], dict[str, Any]]


class Desk:
    """All that the pages show and change; but for `home` of a store used by one thread.

    Parameters
    ----------
    settings : Settings
    athlete : str
        Whose the recordings are that are dropped.
    store : Path, optional
        Keeps what is dropped; without one it is forgotten.
    units : {"km", "mi"}

    Raises
    ------
    StoreError
        The store cannot be used.
    """

    def __init__(
        self, settings: Settings, athlete: str, store: Path | None = None, units: Units = "km"
    ) -> None:
        self.keeper = None if store is None else Keeper(store, settings, athlete)
        self.shelf = Shelf(settings, athlete, self.keeper.find if self.keeper else None)
        self.units = units
        self._said: dict[str, Corrections] = {}
        self._rows: dict[str, dict[str, Any]] = {}

    # --- pages ---------------------------------------------------------------------------------

    def home(self, page: int, words: str) -> str:
        """Return the first page."""
        if self.keeper is not None:
            listed, count = self.keeper.page(page, words)
            rows = [pages.row_of_stored(each, self.units) for each in listed]
            where = str(self.keeper.folder)
        else:
            rows = [dict(row) for row in list(self._rows.values())]
            rows.sort(key=lambda row: row["day"], reverse=True)
            count, where = len(rows), ""
            rows = rows[PAGE * page : PAGE * (page + 1)]
        for row in rows:
            row["changed"] = self.shelf.changed(row["key"])
        return pages.home_page(rows, count, page=page, words=words, store=where)

    def page(self, key: str) -> str:
        """Return the page of a session."""
        return pages.live_page(self.shelf.open(key), self.units, saves=self.keeper is not None)

    def data(self, key: str) -> str:
        """Return the script with what the picture of a session draws."""
        return pages.live_data(self.shelf.open(key), self.units)

    def corrections(self, key: str) -> tuple[str, str]:
        """Return name and text of a session's file of corrections."""
        opened = self.shelf.open(key)
        return opened.title, opened.text()

    # --- corrections ---------------------------------------------------------------------------

    def edit(self, key: str, asked: dict[str, Any]) -> dict[str, Any]:
        """Make an edit; return what the page needs then."""
        opened = self.shelf.open(key)
        before = replace(opened.drafts, past=[*opened.drafts.past])
        opened.drafts.edit(asked)
        try:
            told = pages.answer(opened, self.units, saves=self.keeper is not None)
        except ReadError:  # the file would not be taken; so the edit is not
            opened.drafts.now, opened.drafts.past = before.now, before.past
            raise
        if key in self._rows:
            self._rows[key] = pages.row_of_opened(opened, self.units)
        return told

    def save(self, key: str) -> tuple[dict[str, Any], Callable[[], None] | None]:
        """Write the corrections of a session; return what is told, and what is left to do."""
        if self.keeper is None:
            raise IntervalDetectError(
                "Nothing is kept without a store: download the corrections, and put them next to "
                "the recording."
            )
        opened = self.shelf.open(key)
        current = self.keeper.is_current(key)
        file = self.keeper.save(opened)
        self.shelf.saved(key)
        told = f"Saved in {file}."
        if not current:
            told += (
                " The store's lists change with the next batch, as it was made with other settings."
            )
        follow = partial(self._follow, opened) if current else None
        return {"told": told, "file": str(file)}, follow

    def _follow(self, opened: Opened) -> None:
        """Bring the store up to what was saved; where it is in use, the next batch does so."""
        assert self.keeper is not None
        try:
            self.keeper.follow(opened)
        except IntervalDetectError:
            return

    # --- recordings ----------------------------------------------------------------------------

    def steps(self, file: Path, name: str) -> list[Step]:
        """Return what is to be done with a dropped file: a step for each recording in it."""
        if name.endswith(SUFFIX):
            return [partial(self._take_corrections, file.read_bytes(), name)]
        if self.keeper is None:
            found = list(sources_in(file, name))
            steps: list[Step] = [partial(self._take, source) for source in found]
        else:
            steps = self._steps_into_store(self.keeper, file, name)
        if not steps:
            raise ReadError(name, "unpack", "no activity in this archive")
        return steps

    def _steps_into_store(self, keeper: Keeper, file: Path, name: str) -> list[Step]:
        with file.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        known = keeper.known(digest)
        if known:
            return [partial(self._told, known)]
        if not any(source.likely for source in sources_in(file, name)):
            reason = "neither a FIT, GPX or TCX file nor an archive of them; it is not kept"
            raise ReadError(name, "sniff", reason)
        kept = keeper.keep(file, name)
        return [partial(self._take_in, keeper, source) for source in keeper.sources(kept)]

    def _take(self, source: Source) -> dict[str, Any]:
        taken: list[Opened | str]
        try:
            taken = self.shelf.take(hold(source), self._said.get)
        except ReadError as error:
            taken = [str(error)]
        opened = [each for each in taken if isinstance(each, Opened)]
        for each in opened:
            self._rows[each.recording.key] = pages.row_of_opened(each, self.units)
        return {
            "keys": [each.recording.key for each in opened],
            "refused": [_safe(each) for each in taken if isinstance(each, str)],
        }

    def _take_in(self, keeper: Keeper, source: Source) -> dict[str, Any]:
        keys, refused = keeper.take_in(source)
        return {"keys": keys, "refused": [_safe(each) for each in refused]}

    def _told(self, keys: list[str]) -> dict[str, Any]:
        return {"keys": keys, "refused": [], "known": True}

    def _take_corrections(self, data: bytes, name: str) -> dict[str, Any]:
        """Remember corrections that are dropped; they count for the recording they name."""
        try:
            said = parse_corrections(data.decode("utf-8"), name)
        except UnicodeDecodeError as error:
            raise ReadError(name, "override", "not UTF-8") from error
        if said.sha256 is None:
            raise ReadError(name, "override", "names no recording: sha256 is missing")
        self._said[said.sha256] = said
        if self.keeper is not None:
            self.keeper.keep_corrections(said, data)
        return {"keys": [], "refused": []}

    def settle(self) -> None:
        """Do what follows when all of a drop is read: judge it by the athlete's history."""
        if self.keeper is not None:
            try:
                self.keeper.judge()
            except IntervalDetectError:  # in use: the next drop, or batch, does so
                return


def sentence(error: Exception) -> str:
    """Return an error as a sentence for a page."""
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return "The request is not JSON."
    return _safe(str(error))


def _safe(text: str) -> str:
    return safe_text(text, SENTENCE_CHARS)
