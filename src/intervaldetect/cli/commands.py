"""The command line: arguments, exit codes, printing. Heavy imports stay inside the commands.

Exit status: 0 all read; 1 some refused; 2 wrong usage; 3 store unusable.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from intervaldetect import __version__
from intervaldetect.cli.control import control, load, races
from intervaldetect.cli.history import guarded
from intervaldetect.cli.response import durability, lactate, recovery
from intervaldetect.cli.shared import (
    INTERRUPTED,
    REFUSED,
    AthleteFile,
    AthleteOption,
    Laps,
    LapsOption,
    PlanOption,
    Reader,
    ReaderOption,
    Timezone,
    Units,
    UnitsOption,
    app,
    errors,
    output_option,
    plans_of,
    settings_of,
)
from intervaldetect.cli.summary import summarise
from intervaldetect.cli.training import compare, days, series, weeks


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


class Engine(StrEnum):
    """What runs a batch."""

    local = "local"
    dask = "dask"


class AthleteFrom(StrEnum):
    """Where an activity's athlete is named, other than by --athlete."""

    folder = "folder"


StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a store.")]


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
    plan: PlanOption = None,
    athlete: AthleteOption = "me",
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Show the reps of each file and what kind of session it was."""
    with errors():
        settings = settings_of(laps, athlete_file, timezone, reader)
        plans = plans_of(plan)
    status = summarise(
        files, json=json, settings=settings, athlete=athlete, plans=plans, units=units.value
    )
    if status:
        raise typer.Exit(status)


@app.command()
def batch(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Read with all its subfolders.")],
    store: Annotated[str, output_option("STORE", "Folder of the store.")],
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
    with_positions: Annotated[
        bool, typer.Option("--with-positions", help="Keep GPS positions and elevation.")
    ] = False,
    engine: Annotated[
        Engine,
        typer.Option(help="dask: FOLDER and STORE are fsspec addresses, STORE becomes Parquet."),
    ] = Engine.local,
    scheduler: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="A Dask scheduler, tcp://HOST:PORT; default: start a cluster here.",
        ),
    ] = None,
) -> None:
    """Analyse a folder into a store; files it already has are skipped."""
    with errors():
        from dataclasses import replace

        from intervaldetect.batch.progress import Progress
        from intervaldetect.report.progress import closing_line, progress_on

        settings = settings_of(laps, athlete_file, timezone, reader)
        settings = replace(settings, positions=with_positions)
        take = _taker(engine, scheduler, jobs, quiet=quiet)
        latest = Progress()
        interrupted = False
        with progress_on(sys.stderr, quiet=quiet) as (show, refuse):

            def tell(progress: Progress) -> None:
                nonlocal latest
                latest = progress
                show(progress)

            try:
                take(
                    folder,
                    store,
                    settings=settings,
                    athlete=athlete,
                    athlete_from_folder=athlete_from is not None,
                    on_progress=tell,
                    on_refusal=refuse,
                )
            except KeyboardInterrupt:
                interrupted = True
        if not quiet:
            typer.echo(("stopped: " if interrupted else "") + closing_line(latest))
            if engine is Engine.local and not interrupted:
                _warn_of_two_people(store)
    if interrupted:
        raise typer.Exit(INTERRUPTED)
    if latest.refused:
        raise typer.Exit(REFUSED)


def _warn_of_two_people(folder: str) -> None:
    """Say so where the runs of one athlete overlap in time, again and again."""
    from intervaldetect.store import Store
    from intervaldetect.store.duplicates import MANY_AT_ONCE, overlapping

    with Store.open(folder) as opened:
        for athlete, count in overlapping(opened).items():
            if count >= MANY_AT_ONCE:
                typer.echo(
                    f"{count} runs of athlete {athlete!r} overlap in time with another: these look"
                    " like the files of two people; --athlete NAME and --athlete-from folder keep"
                    " people apart",
                    err=True,
                )


def _taker(
    engine: Engine, scheduler: str | None, jobs: int | None, *, quiet: bool
) -> Callable[..., object]:
    """Return what takes a folder in: the local batch, or an engine."""
    from functools import partial

    from intervaldetect.errors import ParameterError

    if engine is Engine.local:
        from intervaldetect.batch.folder import run_batch

        if scheduler is not None:
            raise ParameterError("--scheduler", scheduler, "left out without --engine dask")
        return partial(run_batch, jobs=jobs)
    if scheduler is not None and jobs is not None:
        raise ParameterError("--jobs", jobs, "left out with --scheduler, which has its own workers")
    from intervaldetect.batch.dask import run_on_dask

    if scheduler is None and not quiet:
        typer.echo("no --scheduler: starting a Dask cluster on this machine", err=True)
    return partial(run_on_dask, scheduler=scheduler, workers=jobs)


@app.command("list")
def list_(
    store: StoreArgument,
    label: Annotated[Label | None, typer.Option(help="Only sessions with this label.")] = None,
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
    json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per session.")
    ] = False,
) -> None:
    """List sessions, one a line: date, name, distance, workout, label."""
    with errors():
        from json import loads

        from intervaldetect.output.line import dumps
        from intervaldetect.report.terminal import print_sessions
        from intervaldetect.store import Store
        from intervaldetect.store.duplicates import suggested

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
                for path, kept, shift in suggested(opened, athlete):
                    apart = f"{abs(shift) / 3600:g} h {'later' if shift > 0 else 'earlier'}"
                    typer.echo(f"{path}: perhaps the same run as {kept}, {apart}", err=True)


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
        output_option("FILE", "Written whole or not at all; default: standard output."),
    ] = None,
    raw: Annotated[
        bool,
        typer.Option(
            "--raw", help="csv: no apostrophe before text that a spreadsheet takes for a formula."
        ),
    ] = False,
) -> None:
    """Write every activity of a store as JSON, CSV or Parquet."""
    with errors():
        from intervaldetect.output.export import export_summaries
        from intervaldetect.store import Store

        with Store.open(store) as opened:
            stream = None if output else sys.stdout.buffer
            count = export_summaries(
                opened.summaries(), form.value, stream=stream, path=output, raw=raw
            )
        if output:
            typer.echo(f"{count} activities written to {output}")


def _kind(kind: str | None) -> str | None:
    from typing import get_args

    from intervaldetect.errors import ParameterError
    from intervaldetect.records import Kind

    if kind is not None and kind not in get_args(Kind):
        raise ParameterError("--kind", kind, f"one of {', '.join(get_args(Kind))}")
    return kind


def _day(since: str | None) -> str | None:
    from intervaldetect.errors import ParameterError

    try:
        return date.fromisoformat(since).isoformat() if since else None
    except ValueError as error:
        raise ParameterError("--since", since, "a date such as 2026-05-31") from error


for command in (weeks, days, series, compare, control, races, load, recovery, durability, lactate):
    app.command()(guarded(command, errors))
# Each adds its commands to `app`.
import intervaldetect.cli.athlete  # noqa: E402
import intervaldetect.cli.plan  # noqa: E402
import intervaldetect.cli.programs  # noqa: E402
import intervaldetect.cli.report  # noqa: E402
import intervaldetect.cli.score  # noqa: E402
import intervaldetect.cli.serve  # noqa: E402
import intervaldetect.cli.share  # noqa: E402
import intervaldetect.cli.store  # noqa: E402
import intervaldetect.cli.sync  # noqa: E402
import intervaldetect.cli.workout  # noqa: E402, F401 - for their commands
