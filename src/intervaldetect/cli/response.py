"""The commands on how the body answered: recovery, durability and lactate."""

from __future__ import annotations

from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect.cli.history import (
    AthleteOption,
    CsvOption,
    JsonOption,
    SinceOption,
    StoreArgument,
    TimezoneOption,
    UnitsOption,
    history_of,
    show,
    since_day,
)
from intervaldetect.cli.shared import Units

if TYPE_CHECKING:
    import polars as pl

    from intervaldetect.training import History


class RecoveryBy(StrEnum):
    """What a row of `recovery` is."""

    session = "session"
    rep = "rep"


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


def lactate(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    table: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE.csv", help="Further values: mmol, pace or speed_kmh, hr_bpm, day."
        ),
    ] = None,
    values: Annotated[
        bool, typer.Option("--values", help="The values themselves, not the thresholds.")
    ] = False,
    timezone: TimezoneOption = None,
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show LT1 and LT2 by lactate over sessions, by six methods."""
    from intervaldetect.report import response_terminal as terminal
    from intervaldetect.training import lactate_curve, lactate_values

    history = history_of(store, athlete, timezone, json, csv)
    history = replace(history, runs=since_day(history.runs, "day", since))
    further = None if table is None else since_day(_table(table, history), "day", since)
    rows = (lactate_values if values else lactate_curve)(history, table=further)
    print_rows = terminal.print_lactate_values if values else terminal.print_lactate
    show(
        history,
        rows,
        partial(print_rows, units=units.value),
        nothing="No lactate value: write them to a correction, or give a --table.",
        json=json,
        csv=csv,
    )


def _table(path: Path, history: History) -> pl.DataFrame:
    """Read a table for the one athlete whom the history has."""
    from intervaldetect.errors import ParameterError
    from intervaldetect.training import read_lactate

    athletes = sorted(set(history.runs["athlete"]))
    if len(athletes) > 1:
        raise ParameterError("--athlete", None, f"one of {', '.join(athletes)}, with --table")
    return read_lactate(path, athletes[0] if athletes else "me")
