"""The commands on how the heart answered: recovery and durability."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Annotated

import typer

from intervaldetect.cli.history import (
    AthleteOption,
    CsvOption,
    JsonOption,
    SinceOption,
    StoreArgument,
    TimezoneOption,
    guarded,
    history_of,
    show,
    since_day,
)


class RecoveryBy(StrEnum):
    """What a row of `recovery` is."""

    session = "session"
    rep = "rep"


def register(app: typer.Typer, errors: Callable[[], AbstractContextManager[None]]) -> None:
    """Add the commands to an app; ``errors`` turns the package's errors into an exit status."""
    for command in (recovery, durability):
        app.command()(guarded(command, errors))


def recovery(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    by: Annotated[RecoveryBy, typer.Option(help="What a row is.")] = RecoveryBy.session,
    timezone: TimezoneOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show how far heart rate fell after reps."""
    from intervaldetect.report import response_terminal as terminal
    from intervaldetect.training import recovery_reps, recovery_sessions

    history = history_of(store, athlete, timezone, json, csv)
    table, print_rows = {
        "session": (recovery_sessions, terminal.print_recovery_sessions),
        "rep": (recovery_reps, terminal.print_recovery_reps),
    }[by.value]
    rows = since_day(table(history), "day", since)
    nothing = f"No reps among {history.runs.height} runs."
    show(history, rows, print_rows, nothing=nothing, json=json, csv=csv)


def durability(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    every: Annotated[
        bool, typer.Option("--all", help="Runs of which nothing is said too, with the reason.")
    ] = False,
    timezone: TimezoneOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show how far heart rate left pace, in reps and on long runs."""
    import polars as pl

    from intervaldetect.report import response_terminal as terminal
    from intervaldetect.training import session_durability

    history = history_of(store, athlete, timezone, json, csv)
    rows = since_day(session_durability(history), "day", since)
    if not every:
        rows = rows.filter(pl.col("decoupling").is_not_null())
    nothing = f"No rep of six minutes and no steady hour among {history.runs.height} runs."
    show(history, rows, terminal.print_durability, nothing=nothing, json=json, csv=csv)
