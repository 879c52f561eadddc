"""The command line: arguments, exit codes, printing. Heavy imports stay inside the commands.

Exit status: 0 all read; 1 some refused; 2 wrong usage; 3 store unusable.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect import __version__
from intervaldetect.cli_training import register as register_training

if TYPE_CHECKING:
    from intervaldetect.ingest import Settings, Task
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


class Label(StrEnum):
    """The dominant intensity; none is abstention."""

    easy = "easy"
    threshold = "threshold"
    vo2 = "vo2"
    none = "none"


class Format(StrEnum):
    """What an export is written as."""

    jsonl = "jsonl"
    json = "json"
    csv = "csv"
    parquet = "parquet"


class AthleteFrom(StrEnum):
    """Where an activity's athlete is named, other than by --athlete."""

    folder = "folder"


StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a store.")]
LapsOption = Annotated[
    Laps, typer.Option(help="auto weighs the file's own laps and steps, ignore hides them.")
]
UnitsOption = Annotated[Units, typer.Option(help="Unit of distances and paces for people.")]
AthleteOption = Annotated[str, typer.Option(metavar="NAME", help="Whose activities these are.")]
AthleteFile = Annotated[
    Path | None, typer.Option(metavar="FILE.toml", help="Thresholds that the athlete gives.")
]
Timezone = Annotated[
    str | None,
    typer.Option(metavar="ZONE", help="IANA time zone for files without local time."),
]
ReaderOption = Annotated[
    Reader, typer.Option(help="native, or the reference decoders as a second opinion.")
]


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"intervaldetect {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


@app.command()
def summary(
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="FIT, GPX or TCX files, also .gz, or archives."),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per activity.")] = (
        False
    ),
    laps: LapsOption = Laps.auto,
    units: UnitsOption = Units.km,
    athlete: AthleteOption = "me",
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Say which reps each file holds and what kind of session it was."""
    with _errors():
        from intervaldetect.contract import to_dict, to_json

        settings = _settings(laps, athlete_file, timezone, reader)
        refused = shown = 0
        for found in _analysed(files, athlete, settings):
            if isinstance(found, str):
                refused += 1
                typer.echo(found, err=True)
            elif json:
                typer.echo(to_json(found))
            else:
                from intervaldetect.report.terminal import print_summary

                if shown:
                    typer.echo()
                print_summary(to_dict(found), units=units.value)
                shown += 1
    if refused:
        raise typer.Exit(REFUSED)


@app.command()
def batch(
    folder: Annotated[
        Path, typer.Argument(metavar="FOLDER", help="Read with everything below it.")
    ],
    store: Annotated[Path, typer.Option("-o", metavar="STORE", help="Folder of the store.")],
    laps: LapsOption = Laps.auto,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print refused files only.")] = False,
    jobs: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Worker processes; default: all cores.")
    ] = None,
    athlete: AthleteOption = "me",
    athlete_from: Annotated[
        AthleteFrom | None,
        typer.Option(help="folder: the first folder below FOLDER names the athlete."),
    ] = None,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Take a whole folder into a store; what the store has is skipped."""
    with _errors():
        from intervaldetect.batch import Progress, run_batch
        from intervaldetect.report.terminal import closing_line, progress_on

        settings = _settings(laps, athlete_file, timezone, reader)
        latest = Progress()
        interrupted = False
        with progress_on(sys.stderr, quiet=quiet) as (show, refuse):

            def tell(progress: Progress) -> None:
                nonlocal latest
                latest = progress
                show(progress)

            try:
                run_batch(
                    folder,
                    store,
                    settings=settings,
                    athlete=athlete,
                    athlete_from_folder=athlete_from is not None,
                    jobs=jobs,
                    on_progress=tell,
                    on_refusal=refuse,
                )
            except KeyboardInterrupt:
                interrupted = True
        if not quiet:
            typer.echo(("stopped: " if interrupted else "") + closing_line(latest))
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if latest.refused:
        raise typer.Exit(REFUSED)


@app.command("list")
def list_(
    store: StoreArgument,
    label: Annotated[Label | None, typer.Option(help="Only this intensity.")] = None,
    kind: Annotated[
        str | None, typer.Option(metavar="KIND", help="Only this kind of session, such as tempo.")
    ] = None,
    since: Annotated[
        str | None, typer.Option(metavar="YYYY-MM-DD", help="Only from this local date on.")
    ] = None,
    athlete: Annotated[
        str | None, typer.Option(metavar="NAME", help="Only this athlete's sessions.")
    ] = None,
    units: UnitsOption = Units.km,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object a session.")] = False,
) -> None:
    """Print one line a session: date, name, distance, workout, label."""
    with _errors():
        from json import loads

        from intervaldetect.contract import dumps
        from intervaldetect.report.terminal import print_sessions
        from intervaldetect.store import Store

        with Store.open(store) as opened:
            found = (
                loads(text)
                for text in opened.summaries(
                    label=label.value if label else None,
                    kind=_kind(kind),
                    since=_day(since),
                    athlete=athlete,
                )
            )
            if json:
                for each in found:
                    typer.echo(dumps({key: each[key] for key in LISTED}))
            else:
                print_sessions(found, units=units.value)


LISTED = (
    "start_time", "utc_offset_s", "athlete", "name", "sport", "distance_m", "elapsed_s",
    "timer_s", "workout", "label", "kind", "probabilities", "path", "part", "sha256",
)  # fmt: skip


@app.command()
def export(
    store: StoreArgument,
    form: Annotated[Format, typer.Option("--format", help="What to write.")],
    output: Annotated[
        Path | None,
        typer.Option("-o", metavar="FILE", help="Written whole or not at all; default: stdout."),
    ] = None,
) -> None:
    """Write every activity of a store; jsonl is what summary --json prints."""
    with _errors():
        from intervaldetect.export import export_summaries
        from intervaldetect.store import Store

        with Store.open(store) as opened:
            stream = None if output else sys.stdout.buffer
            count = export_summaries(opened.summaries(), form.value, stream=stream, path=output)
        if output:
            typer.echo(f"{count} activities written to {output}")


def main() -> None:
    """Run the command line."""
    app()


def _settings(
    laps: Laps, athlete_file: Path | None, timezone: str | None, reader: Reader
) -> Settings:
    from intervaldetect.athlete.given import read_athlete_file
    from intervaldetect.ingest import Settings
    from intervaldetect.records import Thresholds

    thresholds = read_athlete_file(athlete_file) if athlete_file else Thresholds()
    return Settings(laps.value, timezone, reader.value, thresholds)


def _analysed(files: list[str], athlete: str, settings: Settings) -> Iterator[Analysis | str]:
    """Yield each activity of each file analysed, or the line that says what is wrong."""
    from intervaldetect.ingest import analyses

    for task in _tasks(files, athlete):
        if isinstance(task, str):
            yield task
            continue
        with _patience():
            found = list(analyses(task, settings))
        for each in found:
            yield f"{task.source.path}: {each}" if isinstance(each, str) else each


def _tasks(files: list[str], athlete: str) -> Iterator[Task | str]:
    """Yield a task for each file, also those in archives, or a line saying what is wrong."""
    from intervaldetect.contract import printable
    from intervaldetect.ingest import Task
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


def _kind(kind: str | None) -> str | None:
    from typing import get_args

    from intervaldetect.errors import ParameterError
    from intervaldetect.records import Kind

    if kind is not None and kind not in get_args(Kind):
        raise ParameterError("kind", kind, ", ".join(get_args(Kind)))
    return kind


def _day(since: str | None) -> str | None:
    from intervaldetect.errors import ParameterError

    try:
        return date.fromisoformat(since).isoformat() if since else None
    except ValueError as error:
        raise ParameterError("since", since, "a date such as 2026-05-31") from error


@contextmanager
def _errors() -> Iterator[None]:
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


register_training(app, _errors)
import intervaldetect.cli_plan  # noqa: E402 - as the next
import intervaldetect.cli_report  # noqa: E402, F401 - adds its commands to `app`, so it comes last
