"""The commands of the training view: weeks, days, series, compare."""

from __future__ import annotations

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
    print_remarks,
    since_day,
    written,
)
from intervaldetect.cli.shared import Units, refuse_given

if TYPE_CHECKING:
    from intervaldetect.training import Comparison, Scale


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
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:  # fmt: skip
    """Show each week: volume, threshold and VO2 work, intensity."""
    from intervaldetect.report import training_terminal as terminal
    from intervaldetect.report.control_terminal import print_week_shares
    from intervaldetect.training import (
        intensity_distribution,
        side_by_side,
        training_weeks,
    )

    band = _band(share)
    history = history_of(store, athlete, timezone, json, csv)
    if block is not None:
        from intervaldetect.training import training_blocks  # loads numpy

        refuse_given(context, ("athlete_file", "units", "share"), "not used by --block")
        blocks = since_day(training_blocks(history, weeks=block), "monday", since)
        if not written(history, blocks, json, csv):
            terminal.print_blocks(blocks)
            print_remarks(history)
        return
    summed = since_day(training_weeks(history), "monday", since)
    scales = _own_scales(athlete_file)
    spread = since_day(intensity_distribution(history, **scales), "monday", since)
    wide = side_by_side(summed, spread) if json or csv else summed
    if not written(history, wide, json, csv):
        terminal.print_weeks(summed, spread, units=units.value)
        print_week_shares(summed, band=band, units=units.value)
        print_remarks(history)


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
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Show double-threshold days, morning and evening together."""
    import polars as pl

    from intervaldetect.report import training_terminal as terminal
    from intervaldetect.training import double_threshold_days, session_costs

    history = history_of(store, athlete, timezone, json, csv)
    if every:
        costs = since_day(session_costs(history), "day", since)
        if not written(history, costs, json, csv):
            planned = pl.col("workout").is_not_null() | pl.col("label").is_in(["threshold", "vo2"])
            terminal.print_costs(costs.filter(planned), units=units.value)
            print_remarks(history)
        return
    doubles = since_day(double_threshold_days(history), "day", since)
    if not written(history, doubles, json, csv):
        terminal.print_days(doubles, units=units.value)
        if doubles.is_empty():
            typer.echo(f"No double-threshold day among {history.runs.height} runs.")
        print_remarks(history)


def series(
    store: StoreArgument,
    athlete: AthleteOption = None,
    since: SinceOption = None,
    min_sessions: Annotated[
        int, typer.Option(min=2, metavar="N", help="Only series of at least this many sessions.")
    ] = 2,
    timezone: TimezoneOption = None,
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Follow similar sessions over the weeks, and what changed."""
    from intervaldetect.report import series_terminal as terminal
    from intervaldetect.training import heat_slopes, series_of, series_steps

    history = history_of(store, athlete, timezone, json, csv)
    steps = series_steps(history, min_sessions=min_sessions)
    heat = heat_slopes(steps)
    summary = since_day(series_of(steps), "last_day", since)
    steps = steps.join(summary, on=["athlete", "series"], how="semi").sort(
        "athlete", "series", "step"
    )
    if not written(history, steps, json, csv):
        terminal.print_series(summary, steps, units=units.value)
        if summary.is_empty():
            typer.echo(f"No series among {history.reps['activity'].n_unique()} sessions with reps.")
        else:
            terminal.print_heat(heat)
        print_remarks(history)


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
    units: UnitsOption = Units.km,
    json: JsonOption = False,
    csv: CsvOption = False,
) -> None:
    """Compare two sessions, rep by rep."""
    from intervaldetect.report import series_terminal as terminal
    from intervaldetect.training import compare_sessions
    from intervaldetect.training.columns import COMPARED_REPS, empty

    history = history_of(store, athlete, timezone, json, csv)
    if history.runs.is_empty():
        written(history, empty(COMPARED_REPS), json, csv)
        return
    compared = compare_sessions(history, first, second)
    if json:
        _print_comparison_json(compared)
    elif not written(history, compared.reps, json, csv):
        terminal.print_comparison(compared, units=units.value)
        print_remarks(history)


# --- shared --------------------------------------------------------------------------------------


def _band(text: str) -> tuple[float, float]:
    """Read a band such as 20-25 as two shares."""
    from intervaldetect.errors import ParameterError

    try:
        low, high = (float(part) / 100.0 for part in text.split("-"))
    except ValueError:
        low, high = 1.0, 0.0
    if not 0.0 <= low < high <= 1.0:
        raise ParameterError("--share", text, "a band in percent such as 20-25")
    return low, high


def _own_scales(athlete_file: Path | None) -> dict[str, Scale]:
    """Return the zones of an athlete file as the scale they take the place of."""
    if athlete_file is None:
        return {}
    from intervaldetect.athlete.file import read_athlete
    from intervaldetect.errors import ParameterError
    from intervaldetect.training import Scale

    zones = read_athlete(athlete_file).zones
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


def _print_comparison_json(compared: Comparison) -> None:
    from json import dumps, loads

    first, second = (loads(line) for line in compared.sessions.write_ndjson().splitlines())
    reps = [loads(line) for line in compared.reps.write_ndjson().splitlines()]
    told = {"first": first, "second": second, "chosen": compared.chosen, "reps": reps}
    typer.echo(dumps(told, ensure_ascii=False))
