"""What is to be done and what became of it: the settings, a task, the result of a file."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from intervaldetect.corrections.find import corrections_digest
from intervaldetect.errors import ParameterError
from intervaldetect.output.line import dumps
from intervaldetect.output.printed import Summary
from intervaldetect.read.archive import Source
from intervaldetect.records import Thresholds

if TYPE_CHECKING:
    from intervaldetect.athlete import Zones
    from intervaldetect.output.curves import Views

LapsOption = Literal["ignore", "auto"]
ReaderOption = Literal["native", "reference"]
Status = Literal["read", "repaired", "refused", "other"]


@dataclass(frozen=True, slots=True)
class Settings:
    """What changes the result of a file.

    Parameters
    ----------
    laps : {"auto", "ignore"}
        Whether the file's own laps and steps have a say.
    timezone : str or None
        IANA name for files that do not record local time.
    reader : {"native", "reference"}
        The package's own scanners, or the reference decoders.
    thresholds : Thresholds
        What the athlete gave.
    zones : Zones, optional
        The athlete's own; the time in each is added to every activity.
    corrections : str
        The text of a store's ``overrides.toml``; what stands beside a file counts as well.
    positions : bool
        Whether a store keeps where it was run and how high.

    Raises
    ------
    ParameterError
        An unknown ``laps``, ``timezone`` or ``reader``.
    """

    laps: LapsOption = "auto"
    timezone: str | None = None
    reader: ReaderOption = "native"
    thresholds: Thresholds = field(default_factory=Thresholds)
    zones: Zones | None = None
    corrections: str = ""
    positions: bool = False

    def __post_init__(self) -> None:
        if self.laps not in {"auto", "ignore"}:
            raise ParameterError("laps", self.laps, "auto or ignore")
        if self.reader not in {"native", "reference"}:
            raise ParameterError("reader", self.reader, "native or reference")
        if self.timezone is not None:
            time_zone(self.timezone)

    def digest(self) -> str:
        """Return a hash of these settings; equal settings have equal digests."""
        return hashlib.sha256(dumps(asdict(self)).encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Task:
    """A file to analyse and whose it is."""

    source: Source
    athlete: str = "me"

    def made_by(self, maker: str) -> str:
        """Return ``maker`` with a digest of what an export's table or a correction says of it."""
        told: tuple[str | None, ...] = (
            self.source.name, self.source.description, self.source.activity_type,
        )  # fmt: skip
        corrected = corrections_digest(self.source.path)
        told = (*told, corrected) if corrected else told
        if not any(told):
            return maker
        return f"{maker} {hashlib.sha256(repr(told).encode()).hexdigest()[:8]}"


@dataclass(frozen=True, slots=True)
class ActivityResult:
    """One activity of a file: the printed object, views of its signal, evidence as JSON.

    ``other`` is given where the activity is in doubt: both ways to read it, as `ways_of` has them.
    """

    summary: Summary
    views: Views
    evidence: str | None = None
    other: str | None = None


@dataclass(frozen=True, slots=True)
class FileResult:
    """What became of one file; ``reasons`` holds a sentence for each part that was refused."""

    task: Task
    status: Status
    sha256: str | None = None
    activities: tuple[ActivityResult, ...] = ()
    reasons: tuple[str, ...] = ()


class NoActivity(str):
    """What a file is that is no activity; in a folder or an archive it is counted and skipped."""

    __slots__ = ()


@cache
def time_zone(name: str) -> ZoneInfo:
    """Return a time zone by its IANA name; a ParameterError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ParameterError("timezone", name, "an IANA name such as Europe/Oslo") from error
