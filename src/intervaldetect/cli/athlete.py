"""The command that tells what is known of an athlete. Heavy imports stay inside, as in `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect.cli.shared import (
    REFUSED,
    AthleteFile,
    Laps,
    LapsOption,
    Reader,
    ReaderOption,
    Timezone,
    Units,
    UnitsOption,
    app,
    errors,
    refuse_given,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intervaldetect.athlete import AthleteOverview
    from intervaldetect.job import Settings


@app.command()
def athlete(
    context: typer.Context,
    source: Annotated[
        Path,
        typer.Argument(metavar="STORE|FOLDER", help="A store, or a folder of one athlete's files."),
    ],
    name: Annotated[
        str | None, typer.Option("--athlete", metavar="NAME", help="Only this athlete of a store.")
    ] = None,
    export: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Also write the thresholds as an athlete file."),
    ] = None,
    units: UnitsOption = Units.km,
    athlete_file: AthleteFile = None,
    laps: LapsOption = Laps.auto,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Show an athlete's thresholds and what they are based on."""
    refused: list[str] = []
    with errors():
        from intervaldetect.store import DATABASE

        if (source / DATABASE).is_file():
            made_before = ("laps", "timezone", "reader")
            refuse_given(context, made_before, "set by batch, when the store is made")
        settings = settings_of(laps, athlete_file, timezone, reader)
        shown = _overviews(source, name, settings, refused)
        _print_all(shown, units)
        if export is not None and shown:
            _export(shown, export)
    if refused or not shown:
        raise typer.Exit(REFUSED)


def _overviews(
    source: Path, name: str | None, settings: Settings, refused: list[str]
) -> list[AthleteOverview]:
    """Return what is known of the athlete asked for, or of all; refused files are printed."""
    from intervaldetect.athlete import overview
    from intervaldetect.batch.relabel import evidence_by_athlete
    from intervaldetect.errors import ParameterError

    found = evidence_by_athlete(
        source, settings=settings, athlete=name or "me", refused=refused.append
    )
    for line in refused:
        typer.echo(line, err=True)
    if name is not None and name not in found:
        raise ParameterError("athlete", name, ", ".join(sorted(found)) or "none in this store")
    wanted = [name] if name else sorted(found)
    known = (overview(one, found[one], given=settings.thresholds) for one in wanted)
    return [each for each in known if each is not None]


def _print_all(shown: Sequence[AthleteOverview], units: Units) -> None:
    from intervaldetect.report.athlete_terminal import print_athlete

    if not shown:
        typer.echo("no runs, so no thresholds are known", err=True)
    for number, each in enumerate(shown):
        if number:
            typer.echo()
        print_athlete(each, units=units.value)


def _export(shown: Sequence[AthleteOverview], target: Path) -> None:
    """Write the thresholds of one athlete."""
    from intervaldetect.athlete import to_toml
    from intervaldetect.errors import IntervalDetectError, ParameterError

    if len(shown) > 1:
        names = ", ".join(each.athlete for each in shown)
        raise ParameterError("athlete", None, f"one of {names}, for --export")
    (told,) = shown
    last = f"{told.last:%Y-%m-%d}"
    head = f"# Thresholds of {told.athlete} as of {last}, from {told.runs} runs.\n"
    try:
        target.write_text(head + to_toml(told.now.thresholds), encoding="utf-8")
    except OSError as error:
        reason = error.strerror or str(error)
        raise IntervalDetectError(f"{target}: cannot be written: {reason}") from error
    typer.echo(f"wrote {target}", err=True)
