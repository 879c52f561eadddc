"""The commands that hold training against the athlete: control, races and load."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from enum import StrEnum
from typing import Annotated

import typer

from intervaldetect.cli.training import (
    AthleteOption,
    CsvOption,
    DistanceUnit,
    JsonOption,
    SinceOption,
    StoreArgument,
    TimezoneOption,
    UnitsOption,
    _guarded,
    _history,
    _remarks,
    _say,
    _since,
    _written,
)


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


def register(app: typer.Typer, errors: Callable[[], AbstractContextManager[None]]) -> None:
    """Add the commands to an app; ``errors`` turns the package's errors into an exit status."""
    for command in (control, races, load):
        app.command()(_guarded(command, errors))


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
    units: UnitsOption = DistanceUnit.km,
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
    history = _history(store, athlete, timezone, json, csv)
    table, print_rows, column = {
        "week": (control_weeks, terminal.print_control_weeks, "monday"),
        "session": (session_control, terminal.print_control_sessions, "day"),
        "rep": (rep_verdicts, terminal.print_control_reps, "day"),
    }[by.value]
    rows = _since(table(history, ceiling=given), column, since)
    if not _written(history, rows, json, csv):
        if rows.is_empty():
            _say(f"No reps among {history.runs.height} runs.")
        else:
            print_rows(rows, units=units.value)
        _remarks(history)


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
    units: UnitsOption = DistanceUnit.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """List races, what they imply, and predicted times."""
    from intervaldetect.report import control_terminal as terminal
    from intervaldetect.training import race_list, race_predictions

    history = _history(store, athlete, timezone, json, csv)
    named = race or []
    if predictions:
        times = race_predictions(history, named=named)
        if not _written(history, times, json, csv):
            terminal.print_predictions(times)
            _remarks(history)
        return
    rows = _since(race_list(history, named=named), "day", since)
    if _written(history, rows, json, csv):
        return
    if rows.is_empty():
        _say(f"No race among {history.runs.height} runs; --race names one.")
    else:
        terminal.print_races(rows, units=units.value)
    terminal.print_predictions(race_predictions(history, named=named))
    _remarks(history)


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

    history = _history(store, athlete, timezone, json, csv)
    if by is LoadBy.session:
        rows = _since(session_loads(history), "day", since)
    else:
        table, column = (load_weeks, "monday") if by is LoadBy.week else (load_days, "day")
        rows = _since(
            table(history, fitness_days=fitness_days, fatigue_days=fatigue_days), column, since
        )
    if not _written(history, rows, json, csv):
        if by is LoadBy.session:
            terminal.print_session_loads(rows)
        else:
            terminal.print_load(rows, first="week" if by is LoadBy.week else "day")
        _remarks(history)
