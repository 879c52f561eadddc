"""The command that brings new activities into a folder. Heavy imports stay inside."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect.cli.running import errors
from intervaldetect.cli.shared import app, output_option

if TYPE_CHECKING:
    from intervaldetect.sync import Synced
    from intervaldetect.sync.client import Client

SERVICE = "intervals.icu"
KEY = "INTERVALS_ICU_API_KEY"


@app.command()
def sync(
    source: Annotated[str, typer.Argument(metavar="intervals.icu|FOLDER", help="From where.")],
    output: Annotated[Path, output_option("FOLDER", "Where the files go.")],
    since: Annotated[
        str | None,
        typer.Option(metavar="YYYY-MM-DD", help="Only from this local date on (intervals.icu)."),
    ] = None,
    athlete_id: Annotated[
        str, typer.Option(metavar="ID", help="Athlete; 0 is whoever the key belongs to.")
    ] = "0",
    write_back: Annotated[
        bool, typer.Option("--write-back", help="Also send reps that you corrected.")
    ] = False,
) -> None:
    """Bring new activity files into a folder; nothing is sent without --write-back."""
    with errors():
        from intervaldetect.errors import ParameterError

        if source != SERVICE:
            from intervaldetect.sync.folder import copy_new

            if write_back or since:
                name = "--write-back" if write_back else "--since"
                raise ParameterError(name, source, f"only with {SERVICE}")
            _say(copy_new(Path(source), output), output, "new", "there before")
            return
        from intervaldetect.sync.icu import pull
        from intervaldetect.sync.icu import write_back as send

        client = _client()
        _say(pull(client, output, athlete=athlete_id, since=_day(since)), output, "new", "known")
        if write_back:
            _say(send(client, output), output, "with corrected reps sent", "sent before")


def _client() -> Client:
    """Return a client with the key of the environment, else of the keyring where there is one."""
    from intervaldetect.errors import ParameterError
    from intervaldetect.sync import icu
    from intervaldetect.sync.client import Client

    key = os.environ.get(KEY) or _of_keyring()
    if not key:
        raise ParameterError(
            KEY, None, f"your API key of {SERVICE} in the environment, or in the keyring as"
            f" `keyring set {SERVICE} {icu.USER}` asks for it",
        )  # fmt: skip
    return Client(icu.ADDRESS, icu.USER, key.strip())


def _of_keyring() -> str | None:
    from importlib import import_module
    from importlib.util import find_spec

    from intervaldetect.sync.icu import USER

    if find_spec("keyring") is None:
        return None
    told: str | None = import_module("keyring").get_password(SERVICE, USER)
    return told


def _day(since: str | None) -> str | None:
    from datetime import date

    from intervaldetect.errors import ParameterError

    try:
        return since and date.fromisoformat(since).isoformat()
    except ValueError as error:
        raise ParameterError("since", since, "a date such as 2026-05-31") from error


def _say(synced: Synced, folder: Path, new: str, known: str) -> None:
    from intervaldetect.output.line import printable
    from intervaldetect.output.safe import for_terminal

    for remark in synced.remarks:
        typer.echo(for_terminal(printable(remark)), err=True)
    count = len(synced.new)
    files = "1 file" if count == 1 else f"{count} files"
    typer.echo(f"{files} {new} in {printable(str(folder))}, {synced.known} {known}")
