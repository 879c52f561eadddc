"""The commands that compare training with the athlete: control, races and load."""

from __future__ import annotations

from enum import StrEnum
from functools import partial
from typing import Annotated

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
    print_remarks,
    show,
    since_day,
    written,
)
from intervaldetect.cli.shared import Units


class ControlBy(StrEnum):
    """What a row of `control` is."""

    week = "week"
    session = "session"
    rep = "rep"


class LoadBy(StrEnum):
    """What a row of `load` is."""

    week = "week"
    day = "day"
    session = "session"


def control(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    by: Annotated[ControlBy, typer.Option(help="What a row is.")] = ControlBy.week,
    ceiling: Annotated[
        str | None,
        typer.Option(
            metavar="PACE|BPM",
            help="Ceiling in place of the threshold: 3:20/km for every rep, or 172 at its end.",
        ),
    ] = None,
    timezone: TimezoneOption = None,
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show how many reps were over the threshold, week by week."""
    from intervaldetect.report import control_terminal as terminal
    from intervaldetect.training import (
        control_weeks,
        read_ceiling,
        rep_verdicts,
        session_control,
    )

    given = None if ceiling is None else read_ceiling(ceiling)
    history = history_of(store, athlete, timezone, json, csv)
    table, print_rows, column = {
        "week": (control_weeks, terminal.print_control_weeks, "monday"),
        "session": (session_control, terminal.print_control_sessions, "day"),
        "rep": (rep_verdicts, terminal.print_control_reps, "day"),
    }[by.value]
    rows = since_day(table(history, ceiling=given), column, since)
    nothing = f"No reps among {history.runs.height} runs."
    printer = partial(print_rows, units=units.value)
    show(history, rows, printer, nothing=nothing, json=json, csv=csv)


def races(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    race: Annotated[
        list[str] | None,
        typer.Option(metavar="DATE|FILE", help="A run that was a race; may be given repeatedly."),
    ] = None,
    predictions: Annotated[
        bool, typer.Option("--predictions", help="Only the times predicted now.")
    ] = False,
    timezone: TimezoneOption = None,
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """List races, what they imply, and predicted times."""
    from intervaldetect.report import control_terminal as terminal
    from intervaldetect.training import race_list, race_predictions

    history = history_of(store, athlete, timezone, json, csv)
    named = race or []
    if predictions:
        times = race_predictions(history, named=named)
        if not written(history, times, json, csv):
            terminal.print_predictions(times)
            print_remarks(history)
        return
    rows = since_day(race_list(history, named=named), "day", since)
    if written(history, rows, json, csv):
        return
    if rows.is_empty():
        typer.echo(f"No race among {history.runs.height} runs; --race names one.")
    else:
        terminal.print_races(rows, units=units.value)
    terminal.print_predictions(race_predictions(history, named=named))
    print_remarks(history)


def load(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    by: Annotated[LoadBy, typer.Option(help="What a row is.")] = LoadBy.week,
    fitness_days: Annotated[
        float, typer.Option(metavar="DAYS", help="Time constant of fitness.")
    ] = 42.0,
    fatigue_days: Annotated[
        float, typer.Option(metavar="DAYS", help="Time constant of fatigue.")
    ] = 7.0,
    timezone: TimezoneOption = None,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show training load, fitness, fatigue and form."""
    from intervaldetect.report import control_terminal as terminal
    from intervaldetect.training import load_days, load_weeks, session_loads

    history = history_of(store, athlete, timezone, json, csv)
    if by is LoadBy.session:
        rows = since_day(session_loads(history), "day", since)
    else:
        table, column = (load_weeks, "monday") if by is LoadBy.week else (load_days, "day")
        rows = since_day(
            table(history, fitness_days=fitness_days, fatigue_days=fatigue_days), column, since
        )
    if not written(history, rows, json, csv):
        if by is LoadBy.session:
            terminal.print_session_loads(rows)
        else:
            terminal.print_load(rows, first="week" if by is LoadBy.week else "day")
        print_remarks(history)
