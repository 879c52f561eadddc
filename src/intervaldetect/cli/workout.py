"""The command that gives a plan to a watch. Heavy imports stay inside, as in `cli`."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from intervaldetect.cli.running import REFUSED, analysed, complain, errors
from intervaldetect.cli.shared import AthleteFile, Laps, LapsOption, app, plans_of

if TYPE_CHECKING:
    from intervaldetect.records import WorkoutSet


class PlanTarget(StrEnum):
    """What a plan is written as."""

    fit = "fit"
    icu = "icu"


@app.command()
def plan(
    source: Annotated[
        str,
        typer.Argument(
            metavar="PLAN|FILE", help="A workout text, or a file with one; a run with --same-again."
        ),
    ],
    output: Annotated[Path, typer.Option("-o", metavar="OUT", help="Written whole or not at all.")],
    to: Annotated[
        PlanTarget, typer.Option(help="A workout file for the watch, or text for intervals.icu.")
    ] = PlanTarget.fit,
    same_again: Annotated[
        bool, typer.Option("--same-again", help="FILE is a run: plan the session found in it.")
    ] = False,
    one_more: Annotated[
        bool, typer.Option("--plus-one-rep", help="One more rep in the main set.")
    ] = False,
    pace: Annotated[
        str | None, typer.Option(metavar="3:10", help="Another pace for all reps, per km.")
    ] = None,
    by_heart: Annotated[
        bool,
        typer.Option("--heart-rate", help="Aim at a heart rate up to the threshold, not at pace."),
    ] = False,
    around: Annotated[
        bool,
        typer.Option(
            "--warmup/--no-warmup", help="Warm-up and cool-down, each until the lap button."
        ),
    ] = True,
    laps: LapsOption = Laps.auto,
    athlete_file: AthleteFile = None,
) -> None:
    """Write a workout for the watch, from a text or from a session that was run."""
    with errors():
        from datetime import UTC, datetime

        from intervaldetect.notation import format_workout
        from intervaldetect.output.export import _replacing
        from intervaldetect.plan.planned import planned_reps
        from intervaldetect.plan.workout_file import at_pace, encode_workout, plus_one_rep
        from intervaldetect.write import workout_text

        sets = _session(source, laps, athlete_file) if same_again else _planned(source)
        if one_more:
            sets = plus_one_rep(sets)
        if pace is not None:
            sets = at_pace(sets, _speed(pace))
        text = format_workout(sets, between_sets=True)
        ceiling = _ceiling(athlete_file) if by_heart else None
        if to is PlanTarget.icu:
            data = f"{workout_text(sets)}\n".encode()
        else:
            reps, now = planned_reps(sets), datetime.now(UTC)
            data = encode_workout(reps, text, created=now, ceiling_bpm=ceiling, around=around)
        with _replacing(output) as stream:
            stream.write(data)
        typer.echo(f"{text}: written to {output}")


def _planned(source: str) -> tuple[WorkoutSet, ...]:
    """Return the sets of a plan; one with several days or of a FIT file has none to change."""
    from intervaldetect.errors import ParameterError
    from intervaldetect.plan.sources import sets_of_plan

    plans = plans_of(source)
    if len(plans) != 1:
        raise ParameterError("PLAN", source, f"one session; it has {len(plans)}")
    return sets_of_plan(plans[0])


def _session(file: str, laps: Laps, athlete_file: Path | None) -> tuple[WorkoutSet, ...]:
    """Return the sets found in a run."""
    from intervaldetect.cli.shared import Reader, settings_of

    settings = settings_of(laps, athlete_file, None, Reader.native)
    found = next(iter(analysed([file], "me", settings)))
    if isinstance(found, str) or not found.workout.sets:
        complain(found if isinstance(found, str) else f"{file}: no session to plan again (plan)")
        raise SystemExit(REFUSED)
    return found.workout.sets


def _speed(pace: str) -> float:
    import re

    from intervaldetect.errors import ParameterError

    found = re.fullmatch(r"(\d{1,2}):([0-5]\d)(?:/km)?", pace)
    seconds = 60 * int(found[1]) + int(found[2]) if found else 0
    if not 90 <= seconds <= 900:
        raise ParameterError("--pace", pace, "minutes and seconds per km, such as 3:10")
    return 1000.0 / seconds


def _ceiling(athlete_file: Path | None) -> float:
    from intervaldetect.athlete.file import read_athlete
    from intervaldetect.errors import ParameterError

    given = read_athlete(athlete_file).thresholds.threshold_hr_bpm if athlete_file else None
    if given is None:
        raise ParameterError("--heart-rate", None, "an --athlete-file with threshold_hr_bpm")
    return given.value
