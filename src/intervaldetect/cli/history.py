"""What the commands on a store's history share: options, the history, printing for programs."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intervaldetect.cli.shared import Units

if TYPE_CHECKING:
    import polars as pl

    from intervaldetect.training import History

DIGITS = 10
"""Significant digits of figures printed for programs: a millisecond in 100 days."""

StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a store.")]
AthleteOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only this athlete; default: each separately."),
]
TimezoneOption = Annotated[
    str | None, typer.Option(metavar="ZONE", help="IANA time zone for runs without local time.")
]
UnitsOption = Annotated[Units, typer.Option(help="Unit of printed distances and paces.")]
SinceOption = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Only from this local date on.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per row.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")]


def guarded(
    command: Callable[..., None], errors: Callable[[], AbstractContextManager[None]]
) -> Callable[..., None]:
    """Return a command whose errors of the package become an exit status."""

    @functools.wraps(command)
    def run(*positional: Any, **named: Any) -> None:
        with errors():
            command(*positional, **named)

    return run


def history_of(
    store: Path, athlete: str | None, timezone: str | None, json: bool, csv: bool
) -> History:
    """Read the history of a store for a command."""
    from intervaldetect.errors import ParameterError
    from intervaldetect.training import read_history

    if json and csv:
        raise ParameterError("--csv", csv, "left out with --json")
    return read_history(store, athlete=athlete, timezone=timezone)


def written(history: History, frame: pl.DataFrame, json: bool, csv: bool) -> bool:
    """Write a frame for programs and its remarks as errors; settle a store without runs too."""
    if json or csv:
        from polars import selectors

        # In the order in which threads finish, sums differ in their last digits.
        frame = frame.with_columns(selectors.float().round_sig_figs(DIGITS))
        told = frame.write_ndjson() if json else frame.write_csv()
        sys.stdout.write(told)
        for remark in history.remarks:
            typer.echo(remark, err=True)
        return True
    if history.runs.is_empty():
        for remark in history.remarks:
            typer.echo(remark)
        return True
    return False


def since_day(frame: pl.DataFrame, column: str, since: str | None) -> pl.DataFrame:
    """Return the rows from a local date on, all without one."""
    from intervaldetect.training.since import rows_since

    return rows_since(frame, column, since, name="--since")


def show(
    history: History,
    rows: pl.DataFrame,
    print_rows: Callable[[pl.DataFrame], None],
    *,
    nothing: str,
    json: bool,
    csv: bool,
) -> None:
    """Print rows for programs or for people, or the sentence ``nothing``; then the remarks."""
    if written(history, rows, json, csv):
        return
    if rows.is_empty():
        typer.echo(nothing)
    else:
        print_rows(rows)
    print_remarks(history)


def print_remarks(history: History) -> None:
    """Print what limits the tables of a history."""
    from intervaldetect.report import training_terminal as terminal

    terminal.print_remarks(history.remarks)
