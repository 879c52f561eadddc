"""Folders, zip archives and account exports -> a stream of files to read, one by one.

A zip archive is recognised by content, whatever its name; archives inside archives are opened in
place or in memory. Nothing is unpacked to disk, and nothing larger than the limits allow. What
cannot be opened still yields a :class:`Source`, with the reason as its ``refusal``, so that
nothing disappears between the folder and the count at the end.
"""

from __future__ import annotations

import os
import stat
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from intervaldetect.errors import LimitExceeded, ReadError
from intervaldetect.read import unzip
from intervaldetect.read.catalogue import CATALOGUE_NAME, Entry, read_catalogue
from intervaldetect.read.unzip import Limits, Member
from intervaldetect.records import Problem

SUFFIXES = frozenset({".fit", ".gpx", ".tcx"})


@dataclass(frozen=True, slots=True)
class Source:
    """One file that may hold activities; small, and can be sent to another process.

    Parameters
    ----------
    path : str
        What to print: the file, or ``archive.zip!/member``; characters that a terminal cannot
        show are escaped.
    size : int or None
        Bytes of the file as `open` gives them.
    modified : float or None
        Unix seconds; of the outermost archive for a member.
    likely : bool
        Name or first bytes speak of an activity. The others are pictures, tables, settings.
    refusal : ReadError or None
        Why it cannot be opened; `open` raises it.
    name, description, activity_type : str or None
        From the export's ``activities.csv``; the type as spelled there.
    """

    path: str
    size: int | None = None
    modified: float | None = None
    likely: bool = True
    refusal: ReadError | None = None
    name: str | None = None
    description: str | None = None
    activity_type: str | None = None
    file: str = ""
    members: tuple[Member, ...] = ()
    limits: Limits = unzip.DEFAULT

    def open(self) -> bytes:
        """Give the bytes of the file; a ``.gz`` is given as it is stored.

        Raises
        ------
        ReadError
            It cannot be opened or read; `LimitExceeded` when it is larger than allowed.
        """
        return self.read()[0]

    def read(self) -> tuple[bytes, tuple[Problem, ...]]:
        """Give the bytes and what was wrong with them; a damaged member gives what is whole."""
        if self.refusal is not None:
            raise self.refusal
        if self.members:
            return unzip.extract(self.file, self.members, self.path, self.limits)
        try:
            with open(self.file, "rb") as stream:  # noqa: PTH123 - a third of the time of Path.open
                # Asked for more, read() would reserve that much for the smallest file.
                size = os.fstat(stream.fileno()).st_size
                data = stream.read(min(size, self.limits.file_bytes) + 1)
        except OSError as error:
            raise ReadError(self.path, "open", error.strerror or "cannot be opened") from error
        if len(data) > self.limits.file_bytes:
            raise unzip.too_large(self.path, self.limits.file_bytes)
        return data, ()


def iter_sources(root: str | os.PathLike[str], limits: Limits | None = None) -> Iterator[Source]:
    """Walk a folder, an archive or a single file, in a stable order, reading as little as can be.

    Parameters
    ----------
    root : path
        A folder (walked with everything below it), a zip archive or any other file.
    limits : Limits, optional
        Bounds on what an archive may cost.

    Yields
    ------
    Source
        Every file found; also those refused, with their reason. Links are followed, but no folder
        is walked twice.
    """
    yield from _Walk(limits or unzip.DEFAULT).any(Path(root), 0, {})


def source_at(path: str) -> Source:
    """Return the file that a `Source` once named, with what an export's table says of it now.

    Raises
    ------
    ReadError
        It is not there any more, or cannot be opened.
    """
    outer = Path(path.partition("!/")[0])
    named = _nearby_catalogue(outer.parent, 0, unzip.DEFAULT)
    for source in _Walk(unzip.DEFAULT).any(outer, 0, named):
        if source.path == path:
            if source.refusal is not None:
                raise source.refusal
            return source
    raise ReadError(path, "open", "is not there any more")


def show(name: str) -> str:
    """Make a file name printable: undecodable bytes and control characters are escaped."""
    return "".join(c if c.isprintable() else _escape(c) for c in name)


def _escape(character: str) -> str:
    code = ord(character)
    # Python carries a byte of a name that is not UTF-8 as one of these.
    return f"\\x{code - 0xDC00 if 0xDC80 <= code <= 0xDCFF else code:02x}"


class _Walk:
    """One walk over folders: its limits, and the folders it has seen."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.seen: set[tuple[int, int | str]] = set()

    def any(self, file: Path, depth: int, catalogue: Mapping[str, Entry]) -> Iterator[Source]:
        path = show(str(file))
        try:
            status = file.stat()
        except (OSError, ValueError) as error:
            reason = "is a link to nothing" if _is_broken(file, error) else _reason(error)
            yield Source(path, refusal=ReadError(path, "open", reason))
            return
        if stat.S_ISDIR(status.st_mode):
            yield from self.folder(file, path, status, depth, catalogue)
        elif stat.S_ISREG(status.st_mode):
            yield from self.file(file, path, status, catalogue)
        else:
            reason = f"is not a file but {_kind(status.st_mode)}"
            yield Source(path, refusal=ReadError(path, "open", reason))

    def folder(
        self,
        file: Path,
        path: str,
        status: os.stat_result,
        depth: int,
        catalogue: Mapping[str, Entry],
    ) -> Iterator[Source]:
        # Some file systems, and shares of them, number no files: all have the number 0.
        identity = (status.st_dev, status.st_ino or os.path.realpath(file))
        if identity in self.seen:
            reason = "is a folder already read under another name"
            yield Source(path, likely=False, refusal=ReadError(path, "open", reason))
            return
        self.seen.add(identity)
        if depth > self.limits.folders:
            reason = f"more than {self.limits.folders} folders inside one another"
            yield Source(path, refusal=LimitExceeded(path, "open", reason))
            return
        try:
            children = sorted(file.iterdir())
        except OSError as error:
            yield Source(path, refusal=ReadError(path, "open", _reason(error)))
            return
        catalogue = _nearby_catalogue(file, depth, self.limits) or catalogue
        for child in children:
            yield from self.any(child, depth + 1, catalogue)

    def file(
        self, file: Path, path: str, status: os.stat_result, catalogue: Mapping[str, Entry]
    ) -> Iterator[Source]:
        source = Source(path, status.st_size, status.st_mtime, file=str(file), limits=self.limits)
        try:
            with file.open("rb") as stream:
                head = stream.read(unzip.HEAD_BYTES)
        except OSError as error:
            refusal = ReadError(path, "open", _reason(error))
            yield replace(source, likely=_likely(path, b""), refusal=refusal)
            return
        if _is_zip(head):
            yield from _Archive(source).sources((), path, 1)
            return
        if not _likely(path, head):
            source = replace(source, likely=False)
        yield _named(source, catalogue.get(str(file.absolute()))) if catalogue else source


class _Archive:
    """One zip archive in the file system, with those inside it."""

    def __init__(self, outer: Source) -> None:
        self.outer = outer
        self.limits = outer.limits
        self.total = 0

    def sources(self, within: tuple[Member, ...], path: str, depth: int) -> Iterator[Source]:
        """Yield the files of the archive that lies at ``within``."""
        try:
            infos = unzip.directory(self.outer.file, within, path, self.limits)
        except ReadError as error:
            yield replace(self.outer, path=path, refusal=error)
            return
        catalogue = self.catalogue(infos, within, path)
        for info in infos:
            if info.is_dir():
                continue
            self.total += info.file_size
            if self.total > self.limits.total_bytes:
                reason = f"unpacks to more than {self.limits.total_bytes >> 20} MiB in all"
                refusal = LimitExceeded(path, "unpack", reason)
                yield replace(self.outer, path=path, refusal=refusal)
                return
            yield from self.member(info, within, path, depth, catalogue)

    def member(
        self,
        info: zipfile.ZipInfo,
        within: tuple[Member, ...],
        path: str,
        depth: int,
        catalogue: Mapping[str, Entry],
    ) -> Iterator[Source]:
        name = f"{path}!/{show(info.filename)}"
        members = (*within, unzip.place(info))
        source = replace(
            self.outer, path=name, size=info.file_size, likely=_likely(name, b""), members=members
        )
        refusal = unzip.refuse_member(info, name)
        if refusal is not None:
            yield replace(source, refusal=refusal)
            return
        try:
            head = unzip.head(self.outer.file, members, name, self.limits)
        except ReadError as error:
            yield replace(source, refusal=error)
            return
        if not _is_zip(head):
            source = replace(source, likely=_likely(name, head))
            yield _named(source, catalogue.get(info.filename))
        elif depth < self.limits.depth:
            yield from self.sources(members, name, depth + 1)
        else:
            reason = f"more than {self.limits.depth} archives inside one another"
            yield replace(source, likely=True, refusal=LimitExceeded(name, "unpack", reason))

    def catalogue(
        self, infos: list[zipfile.ZipInfo], within: tuple[Member, ...], path: str
    ) -> dict[str, Entry]:
        """Read the tables of an export, wherever in the archive they lie."""
        entries: dict[str, Entry] = {}
        for info in infos:
            place = PurePosixPath(info.filename)
            if place.name == CATALOGUE_NAME and unzip.refuse_member(info, path) is None:
                members = (*within, unzip.place(info))
                try:
                    data, _ = unzip.extract(self.outer.file, members, path, self.limits)
                except ReadError:
                    continue  # the walk yields the table itself with its refusal
                entries.update(read_catalogue(data, str(place.parent)))
        return entries


def _nearby_catalogue(folder: Path, depth: int, limits: Limits) -> dict[str, Entry]:
    """Read the export's table of this folder, or of the one above where the walk begins inside."""
    for place in (folder, *([folder.absolute().parent] if depth == 0 else [])):
        try:
            with (place / CATALOGUE_NAME).open("rb") as stream:
                data = stream.read(min(os.fstat(stream.fileno()).st_size, limits.file_bytes))
        except OSError:
            continue
        return read_catalogue(data, str(place.absolute()))
    return {}


def _named(source: Source, entry: Entry | None) -> Source:
    if entry is None:
        return source
    return replace(
        source,
        name=entry.name,
        description=entry.description,
        activity_type=entry.activity_type,
    )


# --- what a file is ------------------------------------------------------------------------------


def _is_zip(head: bytes) -> bool:
    return head.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def _likely(path: str, head: bytes) -> bool:
    """Tell whether the name or the beginning of a file speaks of an activity."""
    parts = path.rpartition("!/")[2].split("/")
    name = parts[-1]
    if "__MACOSX" in parts or name.startswith("._"):
        return False
    suffixes = [f".{suffix.lower()}" for suffix in name.lstrip(".").split(".")[1:]]
    if suffixes[-1:] == [".gz"]:
        suffixes.pop()
    if suffixes and suffixes[-1] in SUFFIXES:
        return True
    if head.startswith(b"\x1f\x8b"):
        try:
            head = zlib.decompressobj(31).decompress(head, unzip.HEAD_BYTES)
        except zlib.error:
            return False
    text = head.replace(b"\x00", b"").lower()
    return head[8:12] == b".FIT" or b"<gpx" in text or b"<trainingcenterdatabase" in text


def _reason(error: Exception) -> str:
    return getattr(error, "strerror", None) or str(error) or "cannot be opened"


def _is_broken(file: Path, error: Exception) -> bool:
    return isinstance(error, FileNotFoundError) and file.is_symlink()


def _kind(mode: int) -> str:
    if stat.S_ISFIFO(mode):
        return "a pipe"
    return "a socket" if stat.S_ISSOCK(mode) else "a device"
