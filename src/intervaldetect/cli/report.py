"""The commands that draw: report and plot. Heavy imports stay inside them, as in `cli`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect.cli.shared import (
    REFUSED,
    AthleteFile,
    Laps,
    LapsOption,
    PlanOption,
    Reader,
    ReaderOption,
    RecordingArgument,
    Timezone,
    Units,
    UnitsOption,
    analysed,
    app,
    errors,
    output_option,
    plans_of,
    refuse_given,
    settings_of,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from intervaldetect.job import Settings
    from intervaldetect.plan.sources import Plan
    from intervaldetect.records import Analysis
    from intervaldetect.report.session import Session


class Axis(StrEnum):
    """What runs from left to right in a picture."""

    time = "time"
    distance = "distance"


@app.command()
def report(
    context: typer.Context,
    source: Annotated[
        str, typer.Argument(metavar="FILE|STORE", help="A file, an archive, or a store's folder.")
    ],
    output: Annotated[
        Path, output_option("DIR", "Folder of the pages: new, empty, or an earlier report.")
    ],
    units: UnitsOption = Units.km,
    with_positions: Annotated[
        bool, typer.Option("--with-positions", help="Draw the route.")
    ] = False,
    plan: PlanOption = None,
    laps: LapsOption = Laps.auto,
    athlete: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Whose file this is; of a store only this athlete."),
    ] = None,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Write pages of a session or a season that open from disk."""
    with errors():
        from intervaldetect.report.site import INDEX, Site

        if Path(source).is_dir():
            analysed_before = ("plan", "laps", "athlete_file", "reader")
            refuse_given(context, analysed_before, "set by batch, when the store is made")
            count = _store_pages(source, output, units, timezone, athlete, positions=with_positions)
            refused = 0
        else:
            from intervaldetect.report.season_site import write_files

            plans = plans_of(plan)
            settings = settings_of(laps, athlete_file, timezone, reader)
            refusals: list[str] = []
            found = _found(source, athlete or "me", settings, refusals, plans)
            sessions = [_session(each, plans, positions=with_positions) for each in found]
            refused = len(refusals)
            count = len(sessions)
            if sessions:
                write_files(Site(output), sessions, units.value)
        if count:
            pages = f"{count} sessions" if count > 1 else "1 session"
            typer.echo(f"{pages}: open {output / INDEX}")
    if refused:
        raise typer.Exit(REFUSED)


def _store_pages(
    source: str,
    output: Path,
    units: Units,
    timezone: str | None,
    athlete: str | None,
    *,
    positions: bool,
) -> int:
    """Write the pages of a store; return the number of sessions."""
    from intervaldetect.errors import ParameterError
    from intervaldetect.report.season_site import write_store
    from intervaldetect.report.site import Site
    from intervaldetect.report.stored import has_positions
    from intervaldetect.store import Store

    with Store.open(source) as opened:
        if positions and not has_positions(opened):
            allowed = "a file, or a store made by batch --with-positions"
            raise ParameterError("--with-positions", source, allowed)
        if athlete is not None and athlete not in opened.athletes():
            known = " or ".join(opened.athletes()) or "left out, as the store is empty"
            raise ParameterError("--athlete", athlete, known)
        return write_store(
            Site(output), opened, units.value, timezone=timezone, positions=positions,
            athlete=athlete,
        )  # fmt: skip


@app.command()
def plot(
    file: RecordingArgument,
    output: Annotated[Path, output_option("PICTURE", "The file to write; ends in .png or .svg.")],
    units: UnitsOption = Units.km,
    axis: Annotated[Axis, typer.Option(help="The horizontal axis.")] = Axis.time,
    width: Annotated[int, typer.Option(help="Width in CSS pixels; a PNG has twice as many.")] = 960,
    dark: Annotated[bool, typer.Option("--dark", help="Light lines on a dark background.")] = False,
    laps: LapsOption = Laps.auto,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Draw one session as a PNG or SVG: pace, heart rate, reps, laps."""
    with errors():
        from intervaldetect.errors import ParameterError
        from intervaldetect.report.plot import plot_session
        from intervaldetect.report.vega import converter

        if output.suffix.lower() not in {".png", ".svg"}:
            raise ParameterError("-o", str(output), "a name that ends in .png or .svg")
        converter()  # before anything is analysed in vain
        settings = settings_of(laps, athlete_file, timezone, reader)
        refusals: list[str] = []
        for part, found in enumerate(_found(file, "me", settings, refusals), 1):
            if part > 1:
                typer.echo(f"{file}: has more activities; only the first is drawn", err=True)
                break
            plot_session(found, units=units.value, axis=axis.value, width=width, dark=dark).save(
                output
            )
    if refusals:
        raise typer.Exit(REFUSED)


def _session(found: Analysis, plans: tuple[Plan, ...], *, positions: bool) -> Session:
    """Return what is shown of an activity, beside its plan: the one given, else its own steps."""
    from intervaldetect.errors import ParameterError
    from intervaldetect.plan.check import check_plan
    from intervaldetect.plan.sources import best_plan, reps_of_steps
    from intervaldetect.report.session import session_of

    chosen = best_plan(plans, found) if plans else None
    if chosen is not None:
        checked = check_plan(chosen.reps, found.workout)
        return session_of(found, positions=positions, check=checked, plan=chosen.text)
    try:
        reps = reps_of_steps(found.activity.steps)
    except ParameterError:  # steps that go in circles are shown, and held against nothing
        reps = ()
    own = check_plan(reps, found.workout) if reps else None
    return session_of(found, positions=positions, check=own, plan="the file's own steps")


def _found(
    file: str,
    athlete: str,
    settings: Settings,
    refusals: list[str],
    plans: tuple[Plan, ...] = (),
) -> Iterator[Analysis]:
    """Yield every activity of a file; what is wrong is printed and added to ``refusals``."""
    for each in analysed([file], athlete, settings, plans):
        if isinstance(each, str):
            refusals.append(each)
            typer.echo(each, err=True)
        else:
            yield each
