"""The commands that close the loop: check, edit, write. Heavy imports stay inside them."""

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
    PartOption,
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
    settings_of,
    tasks_of,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from intervaldetect.job import Settings, Task
    from intervaldetect.plan.check import RepCheck
    from intervaldetect.plan.sources import Plan
    from intervaldetect.records import Analysis, Segment


class Target(StrEnum):
    """What reps are written back as."""

    fit = "fit"
    tcx = "tcx"
    icu = "icu"
    csv = "csv"


@app.command()
def check(
    plan: Annotated[
        str,
        typer.Argument(
            metavar="PLAN",
            help="A workout text, a file with one or with dated ones, or: steps.",
        ),
    ],
    files: Annotated[
        list[str],
        typer.Argument(metavar="FILE", help="FIT, GPX or TCX files, also .gz, or archives."),
    ],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object per activity.")] = (
        False
    ),
    hint: Annotated[
        bool, typer.Option("--hint", help="Use the plan as a hint for detection.")
    ] = False,
    laps: LapsOption = Laps.auto,
    units: UnitsOption = Units.km,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Compare activities with a plan, rep by rep."""
    refused = 0
    with errors():
        from intervaldetect.errors import ParameterError

        if hint and plan == "steps":
            allowed = "a plan; steps of the file already help detection (--laps auto)"
            raise ParameterError("--hint", plan, allowed)
        plans = () if plan == "steps" else plans_of(plan)
        settings = settings_of(laps, athlete_file, timezone, reader)
        for found in analysed(files, "me", settings, plans if hint else ()):
            if isinstance(found, str):
                refused += 1
                typer.echo(found, err=True)
            else:
                _print_check(found, plans, as_json=json, per_m=_PER_M[units.value])
    if refused:
        raise typer.Exit(REFUSED)


_PER_M = {"km": 1000.0, "mi": 1609.344}


def _print_check(found: Analysis, plans: tuple[Plan, ...], *, as_json: bool, per_m: float) -> None:
    """Print how an activity compares with the plan for its day."""
    from intervaldetect.output.line import dumps, printable
    from intervaldetect.plan.check import check_plan
    from intervaldetect.plan.sources import best_plan, local_day, reps_of_steps

    activity = found.activity
    path = printable(activity.path)
    if plans:
        chosen = best_plan(plans, found)
        reps, text = (chosen.reps, chosen.text) if chosen else ((), None)
    else:
        reps, text = reps_of_steps(activity.steps), "steps"
    if as_json:
        head = {"path": path, "part": activity.part, "plan": text}
        told = check_plan(reps, found.workout).to_dict() if reps else {"executed": None}
        typer.echo(dumps({**head, **told}))
    elif not reps:
        why = f"no plan for {local_day(activity)}" if plans else "no workout steps in it"
        typer.echo(f"{path}: {why}")
    else:
        result = check_plan(reps, found.workout)
        typer.echo(f"{path}: {result.verdict}")
        for each in result.reps:
            typer.echo(check_line(each, per_m))


def _done(done: Sequence[Segment], per_m: float) -> str:
    from intervaldetect.notation.printer import clock, distance_text

    metres = [segment.distance_m for segment in done if segment.distance_m is not None]
    seconds = sum(segment.end_s - segment.start_s for segment in done)
    if not metres:
        return f"{'':>8}  {clock(seconds):>6}"
    pace = f"{clock(seconds / sum(metres) * per_m)}/{'km' if per_m == 1000.0 else 'mi'}"
    return f"{distance_text(sum(metres)):>8}  {clock(seconds):>6}  {pace}"


def check_line(each: RepCheck, per_m: float = 1000.0) -> str:
    """Return one rep of a check as a line for people."""
    number = f"{each.planned[0].set}.{each.planned[0].rep}" if each.planned else "-"
    if len(each.planned) > 1:
        number += f"-{each.planned[-1].rep}"
    parts = [f"  {number:<7}{each.status.replace('_', ' '):<10}"]
    if each.done:
        parts.append(_done(each.done, per_m))
    if each.pace_s_per_km is not None:
        parts.append(f"({each.pace_s_per_km * per_m / 1000.0:+.0f} s)")
    if each.recovery_s is not None:
        parts.append(f"recovery {each.recovery_s:+.0f} s")
    return "  ".join(parts).rstrip()


@app.command()
def edit(
    file: RecordingArgument,
    open_: Annotated[
        bool,
        typer.Option("--open/--no-open", help="Open it in $VISUAL or $EDITOR, or only write it."),
    ] = True,
    part: PartOption = 1,
    laps: LapsOption = Laps.auto,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Edit the detected reps, in FILE.intervals.toml."""
    with errors():
        from intervaldetect.corrections.find import sidecar_path

        settings = settings_of(laps, athlete_file, timezone, reader)
        target = sidecar_path(file)
        if not target.exists():
            _write_template(target, file, part, settings)
        if open_:
            _open(target)
        _print_corrected(target, file, part, settings)


def _write_template(target: Path, file: str, part: int, settings: Settings) -> None:
    """Write what was detected as corrections to be edited."""
    from intervaldetect.corrections.template import template
    from intervaldetect.output.export import _replacing

    chosen = _part_of(list(analysed([file], "me", settings)), part, file)
    if isinstance(chosen, str):
        typer.echo(chosen, err=True)
        raise typer.Exit(REFUSED)
    with _replacing(target) as stream:
        stream.write(template(chosen).encode())


def _print_corrected(target: Path, file: str, part: int, settings: Settings) -> None:
    """Print what the workout is with its corrections, or why they are refused."""
    from intervaldetect.corrections.parse import REFUSED as NOT_APPLIED
    from intervaldetect.errors import ReadError

    for found in analysed([file], "me", settings):
        if isinstance(found, str):
            raise ReadError(file, "analyse", found)
        problems = [*found.activity.problems, *found.workout.problems]
        refused = [problem.message for problem in problems if problem.code == NOT_APPLIED]
        if refused:
            typer.echo(refused[0], err=True)
            raise typer.Exit(REFUSED)
        if found.activity.part == part:
            typer.echo(f"{target}: {found.workout.text or 'no planned efforts'}")


def _open(file: Path) -> None:
    """Open a file in the editor of the user and wait until it is closed."""
    import os
    import shlex
    import subprocess

    from intervaldetect.errors import ParameterError

    usual = "notepad" if os.name == "nt" else "vi"
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR") or usual
    try:
        subprocess.run([*shlex.split(editor), str(file)], check=False)  # noqa: S603 - the user's own
    except OSError as error:
        raise ParameterError("EDITOR", editor, "an editor that can be started") from error


@app.command()
def write(
    file: RecordingArgument,
    to: Annotated[Target, typer.Option("--to", help="What to write; fit needs a FIT file.")],
    output: Annotated[
        Path, output_option("OUT", "Written whole or not at all; never FILE itself.")
    ],
    part: PartOption = 1,
    laps: LapsOption = Laps.auto,
    athlete_file: AthleteFile = None,
    timezone: Timezone = None,
    reader: ReaderOption = Reader.native,
) -> None:
    """Write the detected reps as laps of a file, or the reps alone."""
    with errors():
        from intervaldetect.errors import ParameterError

        if Path(file).exists() and output.exists() and output.samefile(file):
            raise ParameterError("-o", str(output), "another file; FILE is never changed")
        settings = settings_of(laps, athlete_file, timezone, reader)
        (task,) = list(tasks_of([file], "me"))[:1]
        refused = task if isinstance(task, str) else _write(task, file, to, output, part, settings)
    if refused:
        typer.echo(refused, err=True)
        raise typer.Exit(REFUSED)


def _write(
    task: Task, file: str, to: Target, output: Path, part: int, settings: Settings
) -> str | None:
    """Write the reps of one activity; return a line that says why there is nothing to write."""
    from intervaldetect.batch.one_file import analyses
    from intervaldetect.errors import CorruptFile, ParameterError
    from intervaldetect.output.export import _replacing

    if to is Target.fit and _kept(file, task.source.read()[0], output):
        typer.echo(f"the laps were written by an earlier run and are kept: {output}")
        return None
    chosen = _part_of(list(analyses(task, settings)), part, file)
    if isinstance(chosen, str):
        return f"{file}: {chosen}"
    count = sum(segment.role == "rep" for segment in chosen.workout.segments)
    if not count:
        return f"{file}: no reps were found, so there is nothing to write (write)"
    try:
        data = _written(chosen, to, task.source.read()[0])
        with _replacing(output) as stream:
            stream.write(data)
    except CorruptFile as error:
        return str(error)
    except ParameterError as error:
        return f"{file}: {error} (write)"
    typer.echo(f"{count} reps written to {output}")
    return None


def _part_of(found: Sequence[Analysis | str], part: int, file: str) -> Analysis | str:
    """Return one activity of a file by its number."""
    from intervaldetect.errors import ParameterError

    if part > len(found):
        raise ParameterError("--part", part, f"at most {len(found)} in {file}")
    return found[part - 1]


def _kept(file: str, data: bytes, output: Path) -> bool:
    """Copy a file whose laps were written back before, unless corrections say otherwise."""
    from intervaldetect.corrections.find import corrections_digest
    from intervaldetect.output.export import _replacing
    from intervaldetect.write import is_rewritten

    plain = unpacked(data, file)
    if corrections_digest(file) or plain[8:12] != b".FIT" or not is_rewritten(plain, file):
        return False
    with _replacing(output) as stream:
        stream.write(plain)
    return True


def _written(analysis: Analysis, to: Target, data: bytes) -> bytes:
    from intervaldetect import write as writing
    from intervaldetect.errors import ParameterError

    if to is Target.tcx:
        return writing.encode_tcx(writing.with_detected_laps(analysis))
    if to is Target.icu:
        return writing.encode_icu(analysis)
    if to is Target.csv:
        return writing.encode_csv(analysis)
    if analysis.activity.format != "fit":
        raise ParameterError("--to", "fit", f"tcx, icu or csv for {analysis.activity.format}")
    laps = writing.detected_laps(analysis)
    return writing.rewrite_fit(unpacked(data, analysis.activity.path), analysis.activity, laps)


def unpacked(data: bytes, path: str) -> bytes:
    """Return the bytes of a file without its gzip coat."""
    from intervaldetect.read.source import gunzip

    return gunzip(data, path)[0] if data[:2] == b"\x1f\x8b" else data
