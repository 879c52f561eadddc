"""The command that serves pages to correct sessions on. Heavy imports stay inside."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intervaldetect.cli.running import errors
from intervaldetect.cli.shared import (
    AthleteFile,
    AthleteOption,
    Laps,
    LapsOption,
    Reader,
    Timezone,
    Units,
    UnitsOption,
    app,
    settings_of,
)


@app.command()
def serve(
    store: Annotated[
        Path | None,
        typer.Argument(metavar="STORE", help="Keeps what is dropped; made where there is none."),
    ] = None,
    open_: Annotated[bool, typer.Option("--open", help="Open the browser.")] = False,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="Default: any that is free.")
    ] = 0,
    units: UnitsOption = Units.km,
    laps: LapsOption = Laps.auto,
    athlete: AthleteOption = "me",
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
) -> None:
    """Serve pages on this machine: drop a file, see its reps, correct them."""
    with errors():
        from intervaldetect.errors import ParameterError

        try:
            import starlette  # noqa: F401 - of the extra
            import uvicorn  # noqa: F401 - of the extra
        except ImportError as error:
            allowed = "there with the extra: pip install 'intervaldetect[serve]'"
            raise ParameterError("serve", error.name, allowed) from error
        from intervaldetect.serve.desk import Desk
        from intervaldetect.serve.run import serve as run

        settings = settings_of(laps, athlete_file, timezone, Reader.native)
        desk = Desk(settings, athlete, store, units.value)
        run(desk, port=port, open_browser=open_, tell=_tell)


def _tell(address: str) -> None:
    typer.echo(
        f"Open {address}\nOnly this machine is answered, and only at this address. Ctrl-C ends it."
    )
