"""The commands that measure the detector on truth. Heavy imports stay inside, as in `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from intervaldetect.cli.running import REFUSED, complain, errors
from intervaldetect.cli.shared import app

if TYPE_CHECKING:
    from intervaldetect.score.measure import Measured

WorstOption = Annotated[
    int, typer.Option(min=0, metavar="N", help="List the N files with the lowest rep F1.")
]


@app.command()
def score(
    truth: Annotated[
        Path, typer.Argument(metavar="TRUTH", help="JSON Lines: what is known of each file.")
    ],
    predictions: Annotated[
        Path,
        typer.Argument(metavar="PREDICTIONS", help="JSON Lines, as summary --json prints them."),
    ],
    worst: WorstOption = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Score predicted reps and labels against recorded truth."""
    with errors():
        from intervaldetect.output.line import dumps, printable
        from intervaldetect.score import read_predictions, read_truth
        from intervaldetect.score import score as scored
        from intervaldetect.score.text import score_lines

        result = scored(read_truth(truth), read_predictions(predictions))
        if json:
            typer.echo(dumps(_object(result, worst)))
        else:
            for line in score_lines(result, worst):
                typer.echo(printable(line))


@app.command()
def measure(
    folder: Annotated[str, typer.Argument(metavar="FOLDER", help="Read with everything below it.")],
    truth: Annotated[
        Path | None,
        typer.Option(metavar="FILE.jsonl", help="Write the reps of the laps, for score."),
    ] = None,
    worst: WorstOption = 0,
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Measure detection on your own lapped sessions, the laps hidden from it."""
    refused = list[str]()
    with errors():
        from intervaldetect.kernels import compilation
        from intervaldetect.score import measure as measuring

        sources = measuring.likely(folder)
        compilation.expect(sum(source.size or 0 for source in sources))
        rows = list(measuring.measure(sources, refused.append))
        for line in refused:
            complain(line)
        lapped = [each for each in rows if each.truth.reps]
        if truth is not None:
            _write_truth(lapped, truth)
        _print_measured(rows, lapped, worst, as_json=json)
    if refused:
        raise typer.Exit(REFUSED)


def _write_truth(lapped: list[Measured], target: Path) -> None:
    from intervaldetect.output.export import _replacing
    from intervaldetect.score.measure import truth_line

    with _replacing(target) as stream:
        stream.writelines(f"{truth_line(each.truth)}\n".encode() for each in lapped)


def _object(result: dict[str, Any], worst: int) -> dict[str, Any]:
    """Return a score as it is printed, with the worst files where they are asked for."""
    files = result.pop("file_scores")[:worst]
    names = ("f1_iou75", "file", "reps", "found")
    listed = [dict(zip(names, each, strict=True)) for each in files]
    return {**result, "worst_files": listed} if worst else result


def _print_measured(
    rows: list[Measured], lapped: list[Measured], worst: int, *, as_json: bool
) -> None:
    from intervaldetect.output.line import dumps, printable
    from intervaldetect.score import score as scored
    from intervaldetect.score.measure import left_out, verdict
    from intervaldetect.score.text import score_lines

    found = {each.truth.file: each.found for each in lapped if each.found}
    result = scored([each.truth for each in lapped], found)
    if as_json:
        typer.echo(dumps(_object(result, worst)))
        return
    typer.echo(verdict(rows))
    if result["files"]:
        for line in score_lines(result, worst):
            typer.echo(f"  {printable(line)}")
    reasons = left_out(rows)
    if reasons:
        typer.echo(reasons)
