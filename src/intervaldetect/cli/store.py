"""The commands about a store itself."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intervaldetect.cli.shared import STORE, app, complain, errors

store_app = typer.Typer(help="Look after a store.", no_args_is_help=True)
app.add_typer(store_app, name="store")


@store_app.command()
def check(
    store: Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a store.")],
) -> None:
    """Look for damage: bytes that changed since they were written."""
    with errors():
        from intervaldetect.store.damage import ADVICE, damage

        lines = damage(store)
        for line in lines:
            typer.echo(line)
        if lines:
            complain(f"{store}: damaged; {ADVICE}")
            raise typer.Exit(STORE)
        typer.echo(f"{store}: no damage found")
