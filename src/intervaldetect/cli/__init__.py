"""The command line; its commands are in `commands` and are loaded when one is run.

``summary FILE ...`` without options takes a way of its own to the same function: to load Typer
takes a fifth of the time that it takes to read and analyse a run. So does ``weeks STORE``, and what
else reads a history: how Typer reads options costs a tenth of all that they do.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import typer

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
"""As `compilation.THREADS`, which loads numpy."""


def main() -> None:
    """Run the command line."""
    for name in THREADS:
        os.environ.setdefault(name, "1")  # before numpy is loaded; workers inherit it
    from intervaldetect.cli import streams

    streams.settle()
    try:
        files = plain_summary(sys.argv[1:])
        history = plain_history(sys.argv[1:])
        if history is not None:
            _show_history(*history)
        elif files is None:
            import intervaldetect.cli.commands  # noqa: F401 - adds them to the app
            from intervaldetect.cli.shared import app

            only(app, sys.argv[1:2])()
        else:
            from intervaldetect.cli.running import interruptible
            from intervaldetect.cli.summary import summarise

            with interruptible():
                sys.exit(summarise(files, json="--json" in sys.argv))
    finally:
        streams.flush()


def plain_summary(arguments: Sequence[str]) -> list[str] | None:
    """Return the files of ``summary FILE ... [--json]``, None for anything else."""
    command, *rest = arguments or ("",)
    files = [argument for argument in rest if argument != "--json"]
    if command != "summary" or not files or any(file.startswith("-") for file in files):
        return None
    return files


HISTORIES = {
    "weeks": "training", "days": "training", "series": "training",
    "control": "control", "races": "control", "load": "control",
}  # fmt: skip
"""Commands on a store's history, and the modules that hold them."""


def plain_history(arguments: Sequence[str]) -> tuple[str, str, str] | None:
    """Return command, store and format of ``weeks STORE [--json | --csv]``, else None."""
    command, *rest = arguments or ("",)
    form, paths = "", []
    for argument in rest:
        if argument in {"--json", "--csv"} and not form:
            form = argument[2:]
        else:
            paths.append(argument)
    if command not in HISTORIES or len(paths) != 1 or paths[0].startswith("-"):
        return None
    return command, paths[0], form


def _show_history(command: str, store: str, form: str) -> None:
    """Run a command of ``HISTORIES`` with no option but the format."""
    from importlib import import_module
    from pathlib import Path

    from intervaldetect.cli.running import errors, interruptible

    run = getattr(import_module(f"intervaldetect.cli.{HISTORIES[command]}"), command)
    # Typer's context is asked only what was typed beside --block.
    context = {"context": None} if command == "weeks" else {}
    with interruptible(), errors():
        run(store=Path(store), json=form == "json", csv=form == "csv", **context)


def only(app: typer.Typer, names: Sequence[str]) -> typer.Typer:
    """Return an app with the command of this name alone, the app itself if there is none.

    To set up all of its commands takes a tenth of a second.
    """
    chosen = [
        command
        for command in app.registered_commands
        if command.callback and (command.name or command.callback.__name__) in names
    ]
    if not chosen:
        return app
    small = copy(app)
    small.registered_commands, small.registered_groups = chosen, []
    return small


def __getattr__(name: str) -> Any:
    if name != "app":
        raise AttributeError(f"module 'intervaldetect.cli' has no attribute {name!r}")
    import intervaldetect.cli.commands  # noqa: F401 - adds them to it
    from intervaldetect.cli.shared import app

    return app
