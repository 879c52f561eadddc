"""One file -> everything a store or a printer needs of it, as a pure function.

`analyse_source` is what the local workers run and what an engine can run elsewhere: it depends on
the file and the settings alone, and never raises for a bad file.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from intervaldetect import __version__
from intervaldetect.corrections.find import find_corrections
from intervaldetect.corrections.parse import REFUSED, Corrections
from intervaldetect.errors import (
    IntervalDetectError,
    MissingChannel,
    NotAnActivity,
    ReadError,
    TooShort,
)
from intervaldetect.job import (
    ActivityResult,
    FileResult,
    NoActivity,
    Settings,
    Status,
    Task,
    time_zone,
)
from intervaldetect.output.line import dumps, printable
from intervaldetect.output.summary import to_dict, ways_of
from intervaldetect.read.archive import Source
from intervaldetect.read.local_time import ZONE_PROBLEM
from intervaldetect.records import Activity, Analysis, Problem
from intervaldetect.store.schema import FileRows, file_rows

if TYPE_CHECKING:
    from intervaldetect.output.printed import Summary
    from intervaldetect.structure import Plan
DECIDING_SUFFIXES = frozenset({".py", ".json", ".npz"})
# What only shows, carries or writes results: its edits leave those in a store as they are.
UNDECIDING = (
    "report/", "training/", "write/", "simulate/", "cli/", "plan/", "score/", "scrub/", "sync/",
    "mcp_server/", "serve/", "__main__.", "records/notebook.", "output/export.", "output/safe.",
    "batch/folder.", "batch/dask.", "batch/dataset.", "batch/pool.", "batch/prepare.",
    "batch/progress.", "corrections/template.", "store/damage.", "store/frames.", "store/gone.",
    "store/lock.", "read/verify.",
)  # fmt: skip
GIVEN_ZONE = "Local time by the zone"
_log = logging.getLogger(__name__)


def analyse_source(task: Task, settings: Settings, *, judge: bool = True) -> FileResult:
    """Read and analyse one file; a file that cannot be read becomes a refusal, never an error.

    ``judge`` is False where the label follows later, from the athlete's history.
    """
    from intervaldetect.output.curves import places_of, views_of
    from intervaldetect.session_features import to_json

    judged: list[ActivityResult] = []
    reasons: list[str] = []
    other = False
    sha256: str | None = None
    for found in analyses(task, settings, judge=judge):
        if isinstance(found, Analysis):
            sha256 = found.activity.sha256
            evidence = None if found.evidence is None else to_json(found.evidence)
            views = views_of(found.signal)
            if settings.positions:
                views = replace(views, places=places_of(found.activity))
            printed = to_dict(found)
            judged.append(ActivityResult(printed, views, evidence, _other(found, printed)))
        else:
            reasons.append(found)
            other |= isinstance(found, NoActivity)
    if not judged:
        status: Status = "other" if other else "refused"
        return FileResult(task, status, content_hash(task.source), (), tuple(reasons))
    whole = not reasons and all(item.summary["integrity"] == "intact" for item in judged)
    return FileResult(task, "read" if whole else "repaired", sha256, tuple(judged), tuple(reasons))


def _other(found: Analysis, printed: Summary) -> str | None:
    """Return both ways to read a doubtful activity, and the evidence of the other, as JSON."""
    from intervaldetect.session_features import to_json

    ways = ways_of(found, printed)
    if ways is None or found.other is None:
        return None
    return dumps({**ways, "evidence": to_json(found.other)})


def analyses(
    task: Task,
    settings: Settings,
    *,
    plan: Callable[[Activity], Plan] = lambda _: (),
    judge: bool = True,
    correct: bool = True,
) -> Iterator[Analysis | str]:
    """Yield each activity of a file analysed, or in its place what is wrong with it.

    ``plan`` gives the hint for an activity; ``judge`` is as for `analyse_source`; without
    ``correct`` no corrections are looked for. The sentence is ``what is wrong (stage, byte offset
    or line)``, without the path.
    """
    from intervaldetect.athlete import zone_times
    from intervaldetect.pipeline import analyse
    from intervaldetect.read import read_activities

    source = task.source
    try:
        data, problems = source.read()
        activities = read_activities(
            data,
            path=source.path,
            reader=settings.reader,
            timezone=settings.timezone,
            activity_type=source.activity_type,
        )
    except Exception as error:  # noqa: BLE001 - damaged input finds every bug; it costs this file only
        sentence = _sentence(error, source.path, "read")
        yield NoActivity(sentence) if isinstance(error, NotAnActivity) else sentence
        return
    for activity in activities:
        corrections, refused = _corrections(activity, settings) if correct else (None, ())
        activity = replace(activity, problems=(*activity.problems, *refused))
        try:
            found = analyse(
                _completed(activity, source, problems, settings.timezone),
                corrections=corrections,
                laps=settings.laps,
                thresholds=settings.thresholds,
                athlete=task.athlete,
                plan=plan(activity),
                judge=judge,
            )
            yield replace(found, time_in_zones=zone_times(found.signal, settings.zones))
        except Exception as error:  # noqa: BLE001 - as above
            part = f"part {activity.part}: " if len(activities) > 1 else ""
            yield part + _sentence(error, source.path, "analyse")


def _corrections(
    activity: Activity, settings: Settings
) -> tuple[Corrections | None, tuple[Problem, ...]]:
    """Find what a person corrected; what cannot be read is a problem, and nothing is corrected."""
    try:
        return find_corrections(activity.path, activity.sha256, store_text=settings.corrections), ()
    except ReadError as error:
        return None, (Problem(REFUSED, str(error)),)


def content_hash(source: Source) -> str | None:
    """Return the SHA-256 of a file's bytes, None where they cannot be read."""
    try:
        return hashlib.sha256(source.read()[0]).hexdigest()
    except (IntervalDetectError, OSError, ValueError):
        return None


def analyse_to_rows(task: Task, settings: Settings, *, made_by: str) -> FileRows:
    """Analyse one file to its rows: a worker does all but the writing and the second pass."""
    return file_rows(analyse_source(task, settings, judge=False), made_by)


@cache
def analysis_version() -> str:
    """Return the package's version with a hash of the code and coefficients that decide results.

    A changed kernel or rule must not leave old results in a store, and nobody has to remember to
    raise a number for it.
    """
    root = Path(__file__).parents[1]
    digest = hashlib.sha256()
    for file in sorted(root.rglob("*")):
        name = file.relative_to(root).as_posix()
        if file.suffix in DECIDING_SUFFIXES and not name.startswith(UNDECIDING):
            digest.update(name.encode() + b"\0" + file.read_bytes())
    return f"{__version__}+{digest.hexdigest()[:12]}"


def _completed(
    activity: Activity, source: Source, problems: tuple[Problem, ...], timezone: str | None
) -> Activity:
    """Add what stands beside the file: an export's table, what unpacking met, the time zone."""
    offset, told = activity.utc_offset_s, problems
    if offset is None and timezone is not None:
        local = activity.start_time.astimezone(time_zone(timezone))
        offset = (local.utcoffset() or timedelta()).total_seconds()
        message = f"{GIVEN_ZONE} {timezone}: the file does not record it."
        told = (*told, Problem(ZONE_PROBLEM, message))
    return replace(
        activity,
        name=source.name or activity.name,
        description=source.description or activity.description,
        utc_offset_s=offset,
        integrity="partial" if problems else activity.integrity,
        problems=(*told, *activity.problems),
    )


def _sentence(error: Exception, path: str, stage: str) -> str:
    """Return an error as one line without the path, its stage in brackets at the end."""
    if isinstance(error, ReadError):
        text = str(error).removeprefix(f"{error.path}: ")
    elif isinstance(error, MissingChannel | TooShort):
        text = f"{error} (clean)"
    elif isinstance(error, IntervalDetectError):
        text = f"{error} ({stage})"
    elif isinstance(error, OSError):
        text = f"{error.strerror or error} ({stage})"
    else:
        _log.debug("%s", os.fspath(path), exc_info=error)
        text = f"internal error, {type(error).__name__}: {error} ({stage})"
    return printable(" ".join(text.split()))
