"""The commands that close the loop: check, edit, write. Heavy imports stay inside them."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect.cli import (
    REFUSED,
    AthleteFile,
    Laps,
    LapsOption,
    Reader,
    ReaderOption,
    Timezone,
    _errors,
    _settings,
    _tasks,
    app,
)

if TYPE_CHECKING:
    from intervaldetect.records import Analysis


class Target(StrEnum):
    """What reps are written back as."""

    fit = "fit"
    tcx = "tcx"
    icu = "icu"
    csv = "csv"


@app.command()
def write(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A FIT, GPX or TCX file, also .gz.")],
    to: Annotated[Target, typer.Option("--to", help="What to write; fit needs a FIT file.")],
    output: Annotated[
        Path, typer.Option("-o", metavar="OUT", help="Written whole or not at all; never FILE.")
    ],
    part: Annotated[
        int, typer.Option(min=1, metavar="N", help="Which activity of a file with several.")
    ] = 1,
    laps: LapsOption = Laps.auto,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Write a file with the found reps and recoveries as its laps, or the reps alone."""
    refused: str | None = None
    with _errors():
        from intervaldetect.errors import CorruptFile, ParameterError
        from intervaldetect.export import _replacing
        from intervaldetect.ingest import analyses

        if Path(file).exists() and output.exists() and output.samefile(file):
            raise ParameterError("-o", str(output), "another file; FILE is never changed")
        settings = _settings(laps, athlete_file, timezone, reader)
        (task,) = list(_tasks([file], "me"))[:1]
        if isinstance(task, str):
            refused = task
        else:
            found = list(analyses(task, settings))
            if part > len(found):
                raise ParameterError("--part", part, f"at most {len(found)} in {file}")
            chosen = found[part - 1]
            if isinstance(chosen, str):
                refused = f"{file}: {chosen}"
            elif not any(s.role == "rep" for s in chosen.workout.segments):
                refused = f"{file}: no reps were found, so there is nothing to write (write)"
            else:
                try:
                    data = _written(chosen, to, task.source.read()[0])
                    with _replacing(output) as stream:
                        stream.write(data)
                except CorruptFile as error:
                    refused = str(error)
                except ParameterError as error:
                    refused = f"{file}: {error} (write)"
                else:
                    count = sum(s.role == "rep" for s in chosen.workout.segments)
                    typer.echo(f"{count} reps written to {output}")
    if refused:
        typer.echo(refused, err=True)
        raise typer.Exit(REFUSED)


def _written(analysis: Analysis, to: Target, data: bytes) -> bytes:
    from intervaldetect import write as writing
    from intervaldetect.errors import ParameterError

    if to is Target.tcx:
        return writing.encode_tcx(writing.with_detected_laps(analysis))
    if to is Target.icu:
        return writing.encode_icu(analysis)
    if to is Target.csv:
        return writing.encode_csv(analysis)
    if analysis.activity.format != "fit":
        raise ParameterError("--to", "fit", f"tcx, icu or csv for {analysis.activity.format}")
    laps = writing.detected_laps(analysis)
    return writing.rewrite_fit(unpacked(data, analysis.activity.path), analysis.activity, laps)


def unpacked(data: bytes, path: str) -> bytes:
    """Return the bytes of a file without its gzip coat."""
    from intervaldetect.read.source import gunzip

    return gunzip(data, path)[0] if data[:2] == b"\x1f\x8b" else data
