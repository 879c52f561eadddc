"""The command that makes a recording fit to be given away. Heavy imports stay inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intervaldetect.cli.running import errors
from intervaldetect.cli.shared import app


@app.command()
def scrub(
    file: Annotated[str, typer.Argument(metavar="FILE", help="A FIT, GPX or TCX file, also .gz.")],
    output: Annotated[
        Path, typer.Option("-o", metavar="OUT", help="Written whole or not at all; never FILE.")
    ],
    part: Annotated[
        int, typer.Option(min=1, metavar="N", help="Which activity of a GPX or TCX with several.")
    ] = 1,
) -> None:
    """Write a recording without positions, serial numbers, names and dates."""
    with errors():
        from intervaldetect.errors import ParameterError, ReadError
        from intervaldetect.output.export import _replacing
        from intervaldetect.read import read_activities
        from intervaldetect.read.source import gunzip
        from intervaldetect.scrub import scrub_fit, scrub_markup

        if Path(file).exists() and output.exists() and output.samefile(file):
            raise ParameterError("-o", str(output), "another file; FILE is never changed")
        try:
            data = Path(file).read_bytes()
        except OSError as error:
            raise ReadError(file, "open", error.strerror or str(error)) from error
        if data[:2] == b"\x1f\x8b":
            data = gunzip(data, file)[0]
        if data[8:12] == b".FIT":
            scrubbed = scrub_fit(data, file)
        else:
            found = read_activities(data, path=file)
            if part > len(found):
                raise ParameterError("--part", part, f"at most {len(found)} in {file}")
            scrubbed = scrub_markup(found[part - 1])
        with _replacing(output) as stream:
            stream.write(scrubbed)
        typer.echo(f"scrubbed recording written to {output}")
