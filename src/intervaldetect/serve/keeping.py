"""A store behind the pages: what is dropped is kept there, what is corrected is written there."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from intervaldetect.batch.one_file import analyse_to_rows, analysis_version
from intervaldetect.batch.relabel import judge_history
from intervaldetect.batch.second_pass import settle_history
from intervaldetect.corrections.find import find_corrections, read_store_text, sidecar_path
from intervaldetect.corrections.parse import STORE_FILE, Corrections
from intervaldetect.errors import IntervalDetectError, ReadError, StoreError
from intervaldetect.job import Settings, Task
from intervaldetect.output.export import _replacing
from intervaldetect.output.line import printable
from intervaldetect.read.archive import Source, iter_sources, source_at
from intervaldetect.records import Estimate, Thresholds
from intervaldetect.serve.recordings import ZIP, place_for
from intervaldetect.serve.saving import save_beside, save_in_store
from intervaldetect.serve.shelf import NoSessionError, Opened, Recording
from intervaldetect.store import Store
from intervaldetect.store.lock import store_lock

FOLDER = "recordings"
PAGE = 100
_ROW = "activity, local_date, name, path, distance_m, timer_s, workout, label, kind, start_time"


@dataclass(frozen=True, slots=True)
class Listed:
    """A session of a list."""

    key: str
    day: str
    name: str | None
    path: str
    distance_m: float | None
    timer_s: float | None
    workout: str | None
    label: str | None
    kind: str | None


class Keeper:
    """Takes recordings into a store and writes corrections; each call opens the store anew.

    Parameters
    ----------
    folder : Path
        Of the store; made where there is none.
    settings : Settings
        Those of the batches of this store, so that they agree.
    athlete : str
        Whose the recordings are that are dropped.

    Raises
    ------
    StoreError
        The store cannot be used.
    """

    def __init__(self, folder: Path, settings: Settings, athlete: str) -> None:
        self.folder = folder
        self._settings = settings
        self.athlete = athlete
        Store.create(folder).close()

    def settings(self) -> Settings:
        """Return the settings with the corrections of the store as they are now."""
        return replace(self._settings, corrections=read_store_text(self.folder))

    # --- what is there -------------------------------------------------------------------------

    def page(self, number: int, words: str = "") -> tuple[list[Listed], int]:
        """Return the sessions of a page, the latest first, and how many there are in all."""
        where, values = "", []
        for word in words.split()[:8]:
            where += " AND instr(lower(coalesce(name, '') || ' ' || path || ' ' || local_date"
            where += " || ' ' || coalesce(workout, '') || ' ' || coalesce(kind, '')), ?) > 0"
            values.append(word.lower())
        with Store.open(self.folder) as store:
            ((count,),) = store.query(f"SELECT count(*) FROM activities WHERE 1{where}", values)  # noqa: S608 - bound values
            rows = store.query(
                f"SELECT {_ROW} FROM activities WHERE 1{where}"  # noqa: S608 - as above
                " ORDER BY start_time DESC, activity DESC LIMIT ? OFFSET ?",
                (*values, PAGE, PAGE * number),
            )
        return [Listed(str(key), *told) for key, *told, _ in rows], count

    def find(self, key: str) -> Recording:
        """Return where a session of the store comes from.

        Raises
        ------
        NoSessionError, ReadError
            It is not in the store, or its recording is gone.
        """
        number = int(key) if key.isdigit() else -1
        with Store.open(self.folder) as store:
            rows = store.query(
                "SELECT sha256, part, athlete, path FROM recordings WHERE activity = ?", (number,)
            )
            if not rows:
                raise NoSessionError("There is no such session in the store.")
            sha256, part, athlete, path = rows[0]
            known = _thresholds(store.summary(number))
            paths = [p for (p,) in store.query(
                "SELECT path FROM source_activities WHERE activity = ? ORDER BY path", (number,)
            )]  # fmt: skip
        source = self._first_there([path, *paths])
        beside = sidecar_path(source.file) if "!/" not in source.path else None
        said = find_corrections(source.path, sha256, store_text=read_store_text(self.folder))
        if said is not None and said.part != part:
            said = None
        return Recording(key, source, part, athlete, said, known, beside)

    def known(self, sha256: str) -> list[str]:
        """Return the keys of the sessions with this content."""
        with Store.open(self.folder) as store:
            rows = store.query("SELECT activity FROM recordings WHERE sha256 = ?", (sha256,))
        return [str(number) for (number,) in rows]

    @staticmethod
    def _first_there(paths: list[str]) -> Source:
        error: ReadError | None = None
        for path in paths:
            try:
                return source_at(path)
            except ReadError as refused:
                error = error or refused
        raise error or NoSessionError("The store does not say where this session came from.")

    # --- what is dropped -----------------------------------------------------------------------

    def keep(self, file: Path, name: str) -> Path:
        """Copy a dropped file into the store, whole or not at all; return where it lies."""
        target = place_for(self.folder / FOLDER, name)
        beside = target.with_name(f".{target.name}.part")
        try:
            shutil.copyfile(file, beside)
            beside.replace(target)
        except OSError as error:
            raise StoreError(printable(str(self.folder)), error.strerror or str(error)) from error
        finally:
            beside.unlink(missing_ok=True)
        return target

    def keep_corrections(self, said: Corrections, data: bytes) -> None:
        """Keep corrections that are dropped, beside the recordings; a known one follows them."""
        target = self.folder / FOLDER / Path(said.path).name
        if not self._corrects(target, said.sha256 or ""):
            target = place_for(self.folder / FOLDER, target.name)
        target.parent.mkdir(parents=True, exist_ok=True)
        with _replacing(target) as stream:
            stream.write(data)
        for key in self.known(said.sha256 or ""):
            recording = self.find(key)
            self.take_in(recording.source, recording.athlete)

    @staticmethod
    def _corrects(file: Path, sha256: str) -> bool:
        try:
            return sha256 in file.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return False

    def sources(self, file: Path) -> Iterator[Source]:
        """Yield the recordings of a file that is kept."""
        with file.open("rb") as stream:
            archive = stream.read(2) == ZIP
        yield from (each for each in iter_sources(file.absolute()) if each.likely or not archive)

    def take_in(self, source: Source, athlete: str | None = None) -> tuple[list[str], list[str]]:
        """Analyse a recording into the store.

        Returns
        -------
        list of str, list of str
            The keys of its activities, and a sentence for each part that is refused.
        """
        settings = self.settings()
        task = Task(source, athlete or self.athlete)
        file = analyse_to_rows(task, settings, made_by=self._maker(settings))
        with store_lock(self.folder), Store.create(self.folder) as store:
            store.put_rows(file, self._maker(settings))
        keys = [str(rows["recordings"][0][0]) for rows in file.rows]
        return keys, [f"{source.path}: {reason}" for reason in file.reasons]

    def judge(self) -> None:
        """Judge the athletes whose history changed, if this version and these settings made it."""
        settings = self.settings()
        maker = self._maker(settings)
        judge = partial(judge_history, given=settings.thresholds)
        with store_lock(self.folder), Store.create(self.folder) as store:
            for name in store.stale_athletes():
                if name == self.athlete or store.is_made_by(name, maker):
                    settle_history(store, name, maker, judge)
                    store.settled(name)

    # --- what is corrected ---------------------------------------------------------------------

    def save(self, opened: Opened) -> Path:
        """Write the corrections of a session where `edit` has them; return the file.

        That is beside the recording; in the store's own file where that corrects it already, or
        where nothing can be written beside it.
        """
        recording, activity = opened.recording, opened.found.activity
        said = opened.drafts.now.corrections(activity.sha256, activity.part)
        reps = opened.drafts.now.written(opened.metres())
        usual = opened.usual_label()
        own = _is_of_store(recording.said)
        if recording.beside is not None and not own:
            try:
                save_beside(recording.beside, said, reps, usual_label=usual)
            except ReadError:
                raise
            except IntervalDetectError:  # the folder cannot be written
                pass
            else:
                return recording.beside
        save_in_store(self.folder, said, reps, usual_label=usual)
        return self.folder / STORE_FILE

    def is_current(self, key: str) -> bool:
        """Whether this version and these settings made what the store has of a session."""
        with Store.open(self.folder) as store:
            rows = store.query("SELECT made_by FROM recordings WHERE activity = ?", (key,))
        return bool(rows) and rows[0][0] == self._maker(self.settings())

    def follow(self, opened: Opened) -> None:
        """Bring the store's own rows of a session up to its corrections."""
        self.take_in(opened.recording.source, opened.recording.athlete)
        self.judge()

    @staticmethod
    def _maker(settings: Settings) -> str:
        return f"{analysis_version()} {settings.digest()}"


def _is_of_store(said: Corrections | None) -> bool:
    return said is not None and said.path == STORE_FILE


def _thresholds(summary: dict[str, Any]) -> Thresholds:
    told: dict[str, Any] = {
        name: each and Estimate(**each) for name, each in summary["thresholds"].items()
    }
    return Thresholds(**told)
