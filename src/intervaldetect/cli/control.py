"""The commands that hold training against the athlete: control."""

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


def register(app: typer.Typer, errors: Callable[[], AbstractContextManager[None]]) -> None:
    """Add the commands to an app; ``errors`` turns the package's errors into an exit status."""
    for command in (control,):
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
