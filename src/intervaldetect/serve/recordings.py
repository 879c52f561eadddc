"""What is dropped on the page -> sources of recordings, within bounds; nothing stays on disk."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from intervaldetect.errors import LimitExceeded
from intervaldetect.read.archive import Source, iter_sources
from intervaldetect.read.unzip import DEFAULT
from intervaldetect.records import Problem

MAX_FILE_BYTES = DEFAULT.file_bytes
MAX_ARCHIVE_BYTES = 4 << 30
MEMORY_BYTES = 512 << 20
"""What is held in memory where no store was named."""
NAME_CHARS = 200
ZIP = b"PK"


@dataclass(frozen=True, slots=True)
class Held(Source):
    """A recording whose bytes are in memory, because nothing is kept on disk."""

    data: bytes = b""
    met: tuple[Problem, ...] = ()

    def read(self) -> tuple[bytes, tuple[Problem, ...]]:
        """Give the bytes, and what was wrong with them when they were unpacked."""
        if self.refusal is not None:
            raise self.refusal
        return self.data, self.met


class TooLarge(LimitExceeded):
    """A file that is dropped is larger than allowed."""


def most_bytes(name: str) -> int:
    """Return how large a dropped file may be, by its name."""
    return MAX_ARCHIVE_BYTES if name.lower().endswith(".zip") else MAX_FILE_BYTES


def too_large(name: str, most: int) -> TooLarge:
    """Return the error that names a file and how large it may be."""
    return TooLarge(name, "open", f"is larger than {most >> 20} MiB, the largest that is taken")


def safe_name(told: str) -> str:
    """Return the name of a dropped file, its folders before it; never a way out of a folder."""
    told = "".join(c for c in told.replace("\\", "/") if c.isprintable())
    parts = [part[:NAME_CHARS] for part in told.split("/") if part not in {"", ".", ".."}]
    return "/".join(parts[-8:]) or "recording"


@contextmanager
def spool() -> Iterator[Path]:
    """Give a place for the file that is being received; it is gone afterwards, whatever happens."""
    handle, name = tempfile.mkstemp(prefix="intervaldetect-serve-")
    os.close(handle)
    try:
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def sources_in(file: Path, name: str) -> Iterator[Source]:
    """Yield the recordings of a dropped file, of an archive those in it, under its own name.

    Parameters
    ----------
    file : Path
        Where it lies for the moment.
    name : str
        What it is called, as `safe_name` gives it.
    """
    with file.open("rb") as stream:
        archive = stream.read(2) == ZIP
    for source in iter_sources(file):
        told = source.path.replace(str(file), name, 1)
        if source.refusal is not None:
            refusal = source.refusal
            refusal = type(refusal)(told, refusal.stage, refusal.reason, offset=refusal.offset)
            source = replace(source, refusal=refusal)
        # Of an archive only what may be a recording is taken; a single file is named if it is none.
        if archive and not source.likely:
            continue
        yield replace(source, path=told)


def hold(source: Source) -> Held:
    """Read a source into memory, so that its file can go."""
    told = {name: getattr(source, name) for name in ("size", "modified", "name", "description")}
    kind = source.activity_type
    if source.refusal is not None:
        return Held(source.path, refusal=source.refusal, activity_type=kind, **told)
    data, met = source.read()
    return Held(source.path, activity_type=kind, data=data, met=met, **told)


def place_for(folder: Path, name: str) -> Path:
    """Return where a dropped file is kept in a folder: under its own name, or the next free one."""
    folder.mkdir(parents=True, exist_ok=True)
    path = PurePosixPath(name)
    suffixes = "".join(path.suffixes[-2:])
    stem = path.name[: len(path.name) - len(suffixes)] if suffixes else path.name
    target, count = folder / path.name, 1
    while target.exists():
        count += 1
        target = folder / f"{stem}-{count}{suffixes}"
    return target
