"""New activity files of one folder into another, known by their content."""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from intervaldetect.errors import ParameterError
from intervaldetect.output.export import _replacing
from intervaldetect.sync import Synced
from intervaldetect.sync.content import suffix_of

SUFFIXES = (".fit", ".gpx", ".tcx", ".fit.gz", ".gpx.gz", ".tcx.gz")
_STEP = 1 << 20


def copy_new(source: Path, target: Path) -> Synced:
    """Copy the activity files of a folder, and of those below it, that are not there by content.

    Parameters
    ----------
    source : Path
        Nothing in it is changed. Links to folders are not followed.
    target : Path
        Made where it is not there. A file of another content and the same name stays: the copy
        gets part of its hash in its name.

    Returns
    -------
    Synced
        A file whose name speaks of an activity and whose content does not is a remark.

    Raises
    ------
    ParameterError
        There is no such folder, or one lies within the other.
    """
    origin, end = source.resolve(), target.resolve()
    if not origin.is_dir():
        raise ParameterError("SOURCE", str(source), "intervals.icu or a folder")
    if origin == end or origin in end.parents or end in origin.parents:
        raise ParameterError("-o", str(target), "a folder outside of SOURCE")
    target.mkdir(parents=True, exist_ok=True)
    known = _Known(target)
    new, remarks, before = [], [], 0
    for path in _files(source):
        try:
            sha256 = _hash(path)
            if known.has(path.stat().st_size, sha256):
                before += 1
                continue
            data = path.read_bytes()
        except OSError as error:
            remarks.append(f"{path}: {error.strerror or error}")
            continue
        if suffix_of(data) is None:
            remarks.append(f"{path}: neither FIT, GPX nor TCX")
            continue
        copy = _free(target, path.name, sha256)
        with _replacing(copy) as stream:
            stream.write(data)
        known.add(copy, len(data), sha256)
        new.append(copy)
    return Synced(tuple(new), before, tuple(remarks))


class _Known:
    """The contents of a folder; a file is read only where another has its size."""

    def __init__(self, folder: Path) -> None:
        self._by_size: dict[int, list[Path]] = defaultdict(list)
        self._hashes: dict[Path, str] = {}
        for path in _files(folder):
            self._by_size[path.stat().st_size].append(path)

    def has(self, size: int, sha256: str) -> bool:
        for path in self._by_size.get(size, ()):
            if path not in self._hashes:
                self._hashes[path] = _hash(path)
            if self._hashes[path] == sha256:
                return True
        return False

    def add(self, path: Path, size: int, sha256: str) -> None:
        self._by_size[size].append(path)
        self._hashes[path] = sha256


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files whose names speak of an activity, in order of their paths."""
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and not name.startswith("."):
                path = Path(place, name)
                if path.is_file():
                    yield path


def _free(folder: Path, name: str, sha256: str) -> Path:
    """Return a path that no file has: by its name alone, else with part of its hash."""
    plain = folder / name
    if not plain.exists():
        return plain
    stem, dot, rest = name.partition(".")
    return folder / f"{stem}-{sha256[:12]}{dot}{rest}"


def _hash(path: Path) -> str:
    whole = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_STEP):
            whole.update(block)
    return whole.hexdigest()
