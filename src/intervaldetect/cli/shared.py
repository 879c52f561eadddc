"""What every command shares: options, exit statuses, files to analyse, errors as one line."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from typer.models import OptionInfo

from intervaldetect.cli.running import (
    INTERRUPTED,
    REFUSED,
    STORE,
    USAGE,
    analysed,
    complain,
    errors,
    tasks_of,
)

__all__ = [
    "INTERRUPTED", "REFUSED", "STORE", "USAGE", "AthleteFile", "AthleteOption", "Laps",
    "LapsOption", "PlanOption", "Reader", "ReaderOption", "Timezone", "Units", "UnitsOption",
    "analysed", "app", "complain", "errors", "output_option", "plans_of", "refuse_given",
    "settings_of", "tasks_of",
]  # fmt: skip

if TYPE_CHECKING:
    from intervaldetect.job import Settings
    from intervaldetect.plan.sources import Plan

app = typer.Typer(
    name="intervaldetect",
    help="Finds the reps in recorded runs and says what kind of session it was.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


class Laps(StrEnum):
    """Whether the file's own laps and steps have a say."""

    auto = "auto"
    ignore = "ignore"


class Units(StrEnum):
    """What people read distances and paces in."""

    km = "km"
    mi = "mi"


class Reader(StrEnum):
    """Which decoders read the files."""

    native = "native"
    reference = "reference"


RecordingArgument = Annotated[
    str, typer.Argument(metavar="FILE", help="A FIT, GPX or TCX file, also .gz.")
]
PartOption = Annotated[
    int, typer.Option(min=1, metavar="N", help="Which activity of a file with several.")
]
LapsOption = Annotated[
    Laps, typer.Option(help="auto uses the file's own laps and steps, ignore does without them.")
]
UnitsOption = Annotated[Units, typer.Option(help="Unit of printed distances and paces.")]
AthleteOption = Annotated[str, typer.Option(metavar="NAME", help="Whose activities these are.")]
AthleteFile = Annotated[
    Path | None,
    typer.Option(metavar="FILE.toml", help="The athlete's own thresholds and zones."),
]
Timezone = Annotated[
    str | None,
    typer.Option(metavar="ZONE", help="IANA time zone for files without local time."),
]
ReaderOption = Annotated[Reader, typer.Option(help="native, or the slower reference decoders.")]
PlanOption = Annotated[
    str | None,
    typer.Option(
        metavar="PLAN",
        help="The planned workout: a text, or a file with one or with dated ones. Used as a hint "
        "for detection and compared with the result.",
    ),
]


def output_option(metavar: str, text: str) -> OptionInfo:
    """Return the option ``-o``, also ``--output``."""
    option: OptionInfo = typer.Option("-o", "--output", metavar=metavar, help=text)
    return option


def refuse_given(context: typer.Context, names: Iterable[str], why: str) -> None:
    """Refuse options that were typed although they change nothing here.

    Raises
    ------
    ParameterError
        Names the first of them, and ``why`` it has no effect.
    """
    from intervaldetect.errors import ParameterError

    for name in names:
        source = context.get_parameter_source(name)
        if source is not None and source.name == "COMMANDLINE":
            value = context.params[name]
            raise ParameterError(f"--{name.replace('_', '-')}", getattr(value, "value", value), why)


def settings_of(
    laps: Laps, athlete_file: Path | None, timezone: str | None, reader: Reader
) -> Settings:
    """Return the settings of an analysis, with the thresholds and zones the athlete gives."""
    from intervaldetect.athlete.file import AthleteFile as Given
    from intervaldetect.athlete.file import read_athlete
    from intervaldetect.job import Settings
    from intervaldetect.records import Thresholds

    given = read_athlete(athlete_file) if athlete_file else Given(Thresholds())
    return Settings(laps.value, timezone, reader.value, given.thresholds, given.zones)


def plans_of(given: str | None) -> tuple[Plan, ...]:
    """Read the plan that was given; what cannot be read is wrong usage, a caret shows where."""
    from intervaldetect.errors import NotationError
    from intervaldetect.plan.sources import read_plan

    if given is None:
        return ()
    try:
        return read_plan(given)
    except NotationError as error:
        complain(f"intervaldetect: {error}\n{error.pointer()}")
        raise SystemExit(USAGE) from error
