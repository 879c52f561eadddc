"""The commands of the training view: weeks, days, series, compare."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intervaldetect.cli.shared import refuse_given

if TYPE_CHECKING:
    import polars as pl

    from intervaldetect.training import Comparison, History, Scale


class DistanceUnit(StrEnum):
    """What people read distances and paces in."""

    km = "km"
    mi = "mi"


StoreArgument = Annotated[Path, typer.Argument(metavar="STORE", help="The folder of a store.")]
AthleteOption = Annotated[
    str | None,
    typer.Option(metavar="NAME", help="Only this athlete; default: each separately."),
]
TimezoneOption = Annotated[
    str | None, typer.Option(metavar="ZONE", help="IANA time zone for runs without local time.")
]
UnitsOption = Annotated[DistanceUnit, typer.Option(help="Unit of printed distances and paces.")]
SinceOption = Annotated[
    str | None, typer.Option(metavar="YYYY-MM-DD", help="Only from this local date on.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per row.")]
CsvOption = Annotated[bool, typer.Option("--csv", help="Print CSV with a header.")]


def register(app: typer.Typer, errors: Callable[[], AbstractContextManager[None]]) -> None:
    """Add the commands to an app; ``errors`` turns the package's errors into an exit status."""
    for command in (weeks, days, series, compare):
        app.command()(_guarded(command, errors))


def _guarded(
    command: Callable[..., None], errors: Callable[[], AbstractContextManager[None]]
) -> Callable[..., None]:
    @functools.wraps(command)
    def guarded(*positional: Any, **named: Any) -> None:
        with errors():
            command(*positional, **named)

    return guarded


def weeks(
    context: typer.Context,
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    block: Annotated[
        int | None,
        typer.Option(
            min=1, max=52, metavar="N",
            help="Blocks of N weeks instead: continuous and intervals compared, and what followed.",
        ),
    ] = None,
    timezone: TimezoneOption = None,
    athlete_file: Annotated[
        Path | None,
        typer.Option(metavar="FILE.toml", help="Use the athlete's own zones instead of three."),
    ] = None,
    share: Annotated[
        str, typer.Option(metavar="LOW-HIGH", help="Band of the sub-threshold share, in percent.")
    ] = "20-25",
    units: UnitsOption = DistanceUnit.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:  # fmt: skip
    """Show each week: volume, threshold and VO2 work, intensity."""
    from intervaldetect.report import training_terminal as terminal
    from intervaldetect.report.control_terminal import print_week_shares
    from intervaldetect.training import (
        intensity_distribution,
        side_by_side,
        training_blocks,
        training_weeks,
    )

    band = _band(share)
    history = _history(store, athlete, timezone, json, csv)
    if block is not None:
        refuse_given(context, ("athlete_file", "units", "share"), "not used by --block")
        blocks = _since(training_blocks(history, weeks=block), "monday", since)
        if not _written(history, blocks, json, csv):
            terminal.print_blocks(blocks)
            _remarks(history)
        return
    summed = _since(training_weeks(history), "monday", since)
    scales = _own_scales(athlete_file)
    spread = _since(intensity_distribution(history, **scales), "monday", since)
    if not _written(history, side_by_side(summed, spread), json, csv):
        terminal.print_weeks(summed, spread, units=units.value)
        print_week_shares(summed, band=band, units=units.value)
        _remarks(history)


def days(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    every: Annotated[
        bool,
        typer.Option(
            "--all", help="Every session instead: continuous runs and intervals on one scale."
        ),
    ] = False,
    timezone: TimezoneOption = None,
    units: UnitsOption = DistanceUnit.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show double-threshold days, morning and evening together."""
    import polars as pl

    from intervaldetect.report import training_terminal as terminal
    from intervaldetect.training import double_threshold_days, session_costs

    history = _history(store, athlete, timezone, json, csv)
    if every:
        costs = _since(session_costs(history), "day", since)
        if not _written(history, costs, json, csv):
            planned = pl.col("workout").is_not_null() | pl.col("label").is_in(["threshold", "vo2"])
            terminal.print_costs(costs.filter(planned), units=units.value)
            _remarks(history)
        return
    doubles = _since(double_threshold_days(history), "day", since)
    if not _written(history, doubles, json, csv):
        terminal.print_days(doubles, units=units.value)
        if doubles.is_empty():
            _say(f"No double-threshold day among {history.runs.height} runs.")
        _remarks(history)


def series(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    min_sessions: Annotated[
        int, typer.Option(min=2, metavar="N", help="Only series of at least this many sessions.")
    ] = 2,
    timezone: TimezoneOption = None,
    units: UnitsOption = DistanceUnit.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Follow similar sessions over the weeks, and what changed."""
    from intervaldetect.report import training_terminal as terminal
    from intervaldetect.training import series_of, series_steps

    history = _history(store, athlete, timezone, json, csv)
    steps = series_steps(history, min_sessions=min_sessions)
    summary = _since(series_of(steps), "last_day", since)
    steps = steps.join(summary, on=["athlete", "series"], how="semi").sort(
        "athlete", "series", "step"
    )
    if not _written(history, steps, json, csv):
        terminal.print_series(summary, steps, units=units.value)
        if summary.is_empty():
            _say(f"No series among {history.reps['activity'].n_unique()} sessions with reps.")
        _remarks(history)


def compare(
    store: StoreArgument,
    first: Annotated[
        str,
        typer.Argument(metavar="SESSION", help="A local date, 2025-09-06 or with T10:00; a file."),
    ],
    second: Annotated[
        str | None,
        typer.Argument(metavar="OTHER", help="Default: the best other of its family."),
    ] = None,
    athlete: AthleteOption = None,
    timezone: TimezoneOption = None,
    units: UnitsOption = DistanceUnit.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Compare two sessions, rep by rep."""
    from intervaldetect.report import training_terminal as terminal
    from intervaldetect.training import compare_sessions
    from intervaldetect.training.columns import COMPARED_REPS, empty

    history = _history(store, athlete, timezone, json, csv)
    if history.runs.is_empty():
        _written(history, empty(COMPARED_REPS), json, csv)
        return
    compared = compare_sessions(history, first, second)
    if json:
        _print_comparison_json(compared)
    elif not _written(history, compared.reps, json, csv):
        terminal.print_comparison(compared, units=units.value)
        _remarks(history)


# --- shared --------------------------------------------------------------------------------------


def _history(
    store: Path, athlete: str | None, timezone: str | None, json: bool, csv: bool
) -> History:
    from intervaldetect.errors import ParameterError
    from intervaldetect.training import read_history

    if json and csv:
        raise ParameterError("csv", csv, "one of --json and --csv")
    return read_history(store, athlete=athlete, timezone=timezone)


def _band(text: str) -> tuple[float, float]:
    """Read a band such as 20-25 as two shares."""
    from intervaldetect.errors import ParameterError

    try:
        low, high = (float(part) / 100.0 for part in text.split("-"))
    except ValueError:
        low, high = 1.0, 0.0
    if not 0.0 <= low < high <= 1.0:
        raise ParameterError("share", text, "a band in percent such as 20-25")
    return low, high


def _own_scales(athlete_file: Path | None) -> dict[str, Scale]:
    """Return the zones of an athlete file as the scale they take the place of."""
    from intervaldetect.athlete.file import read_athlete
    from intervaldetect.errors import ParameterError
    from intervaldetect.training import Scale

    zones = read_athlete(athlete_file).zones if athlete_file else None
    if zones is None:
        return {}
    if zones.basis == "power":
        raise ParameterError(
            f"{athlete_file}: zones.basis", "power", "pace or heart_rate; a store keeps no power"
        )
    if zones.basis == "pace":
        return {"by_speed": Scale(zones.name, "speed", zones.bounds, zones.names, relative=False)}
    own = Scale(zones.name, "heart_rate", zones.bounds, zones.names, relative=False)
    return {"by_heart_rate": own}


def _written(history: History, frame: pl.DataFrame, json: bool, csv: bool) -> bool:
    """Write a frame for programs, its remarks beside it; also settle a store without runs."""
    if json or csv:
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


def _since(frame: pl.DataFrame, column: str, since: str | None) -> pl.DataFrame:
    import polars as pl

    from intervaldetect.errors import ParameterError

    if since is None:
        return frame
    try:
        first = date.fromisoformat(since)
    except ValueError as error:
        raise ParameterError("since", since, "a date such as 2026-05-31") from error
    return frame.filter(pl.col(column) >= first)


def _print_comparison_json(compared: Comparison) -> None:
    from json import dumps, loads

    first, second = (loads(line) for line in compared.sessions.write_ndjson().splitlines())
    reps = [loads(line) for line in compared.reps.write_ndjson().splitlines()]
    told = {"first": first, "second": second, "chosen": compared.chosen, "reps": reps}
    typer.echo(dumps(told, ensure_ascii=False))


def _remarks(history: History) -> None:
    from intervaldetect.report.training_terminal import print_remarks

    print_remarks(history.remarks)


def _say(sentence: str) -> None:
    typer.echo(sentence)
