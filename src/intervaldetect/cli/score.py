"""The commands that measure the detector on truth. Heavy imports stay inside, as in `cli`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from intervaldetect.cli.shared import app, errors

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
        from intervaldetect.output.summary import dumps, printable
        from intervaldetect.score import read_predictions, read_truth
        from intervaldetect.score import score as scored
        from intervaldetect.score.text import score_lines

        result = scored(read_truth(truth), read_predictions(predictions))
        if json:
            names = ("f1_iou75", "file", "reps", "found")
            files = result.pop("file_scores")[:worst]
            if worst:
                result["worst_files"] = [dict(zip(names, each, strict=True)) for each in files]
            typer.echo(dumps(result))
        else:
            for line in score_lines(result, worst):
                typer.echo(printable(line))
