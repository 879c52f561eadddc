"""What every command shares: options, exit statuses, files to analyse, errors as one line."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from intervaldetect.job import Settings, Task
    from intervaldetect.plan.sources import Plan
    from intervaldetect.records import Analysis

REFUSED, USAGE, STORE, INTERRUPTED = 1, 2, 3, 130
PATIENCE_S = 3.0

app = typer.Typer(
    name="intervaldetect",
    help="Finds the reps in recorded runs and says what kind of session it was.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Laps(StrEnum):
    """Whether the file's own laps and steps have a say."""

    auto = "auto"
    ignore = "ignore"


class Units(StrEnum):
    """What people read distances and paces in."""

    km = "km"
    mi = "mi"


class Reader(StrEnum):
    """Which decoders read the files."""

    native = "native"
    reference = "reference"


LapsOption = Annotated[
    Laps, typer.Option(help="auto weighs the file's own laps and steps, ignore hides them.")
]
UnitsOption = Annotated[Units, typer.Option(help="Unit of distances and paces for people.")]
AthleteOption = Annotated[str, typer.Option(metavar="NAME", help="Whose activities these are.")]
AthleteFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="Thresholds and zones the athlete gives."),
]
Timezone = Annotated[
    str | None,
    typer.Option(metavar="ZONE", help="IANA time zone for files without local time."),
]
ReaderOption = Annotated[
    Reader, typer.Option(help="native, or the reference decoders as a second opinion.")
]
PlanOption = Annotated[
    str | None,
    typer.Option(
        metavar="PLAN",
        help="What was planned: a text, or a file with one or with dated ones. A hint of a stated "
        "weight to detection, and held against what was found.",
    ),
]


def settings_of(
    laps: Laps, athlete_file: Path | None, timezone: str | None, reader: Reader
) -> Settings:
    """Return the settings of an analysis, with the thresholds and zones the athlete gives."""
    from intervaldetect.athlete.file import AthleteFile as Given
    from intervaldetect.athlete.file import read_athlete
    from intervaldetect.job import Settings
    from intervaldetect.records import Thresholds

    given = read_athlete(athlete_file) if athlete_file else Given(Thresholds())
    return Settings(laps.value, timezone, reader.value, given.thresholds, given.zones)


def plans_of(given: str | None) -> tuple[Plan, ...]:
    """Read the plan that was given; what cannot be read is wrong usage, a caret shows where."""
    from intervaldetect.errors import NotationError
    from intervaldetect.plan.sources import read_plan

    if given is None:
        return ()
    try:
        return read_plan(given)
    except NotationError as error:
        typer.echo(f"intervaldetect: {error}\n{error.pointer()}", err=True)
        raise typer.Exit(USAGE) from error


def analysed(
    files: list[str], athlete: str, settings: Settings, hints: tuple[Plan, ...] = ()
) -> Iterator[Analysis | str]:
    """Yield each activity of each file analysed, or the line that says what is wrong."""
    from intervaldetect.batch.one_file import analyses
    from intervaldetect.job import NoActivity
    from intervaldetect.plan.sources import hint_from

    skipped = 0
    for task in tasks_of(files, athlete):
        if isinstance(task, str):
            yield task
            continue
        with _patience():
            found = list(analyses(task, settings, plan=hint_from(hints)))
        if "!/" in task.source.path and any(isinstance(each, NoActivity) for each in found):
            skipped += 1
            continue
        for each in found:
            yield f"{task.source.path}: {each}" if isinstance(each, str) else each
    if skipped:
        files_skipped = "1 other file" if skipped == 1 else f"{skipped} other files"
        typer.echo(f"{files_skipped} skipped: no activity", err=True)


def tasks_of(files: list[str], athlete: str) -> Iterator[Task | str]:
    """Yield a task for each file, also those in archives, or a line saying what is wrong."""
    from intervaldetect.job import Task
    from intervaldetect.output.summary import printable
    from intervaldetect.read.archive import iter_sources

    for file in files:
        if Path(file).is_dir():
            yield f"{printable(file)}: is a directory (open)"
            continue
        found = 0
        for source in iter_sources(file):
            if "!/" in source.path and not source.likely:
                continue
            found += 1
            yield Task(source, athlete)
        if not found:
            yield f"{printable(file)}: no activity in this archive (unpack)"


@contextmanager
def _patience() -> Iterator[None]:
    """Say on a terminal why a file takes so long, should it."""
    from threading import Timer

    from intervaldetect.report import FIRST_RUN

    if not sys.stderr.isatty():
        yield
        return
    notice = Timer(PATIENCE_S, typer.echo, (f"still at work ({FIRST_RUN}) ...",), {"err": True})
    notice.daemon = True
    notice.start()
    try:
        yield
    finally:
        notice.cancel()


@contextmanager
def errors() -> Iterator[None]:
    """Turn the package's errors into one line on stderr and an exit status."""
    from intervaldetect.errors import IntervalDetectError, ParameterError, StoreError

    try:
        yield
        sys.stdout.flush()
    except ParameterError as error:
        typer.echo(f"intervaldetect: {error}", err=True)
        raise typer.Exit(USAGE) from error
    except StoreError as error:
        typer.echo(f"intervaldetect: {error}", err=True)
        raise typer.Exit(STORE) from error
    except IntervalDetectError as error:
        typer.echo(f"intervaldetect: {error}", err=True)
        raise typer.Exit(REFUSED) from error
    except BrokenPipeError as error:  # the reader, say `head`, has enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from error
    except OSError as error:  # of standard output: files and stores have errors of their own
        typer.echo(f"intervaldetect: cannot write: {error.strerror or error}", err=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(REFUSED) from error
