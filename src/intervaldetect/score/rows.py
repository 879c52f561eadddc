"""Truth and predictions as JSON Lines, one object per activity."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from intervaldetect.errors import ReadError
from intervaldetect.score.matching import Span


@dataclass(frozen=True, slots=True)
class Truth:
    """What is known of one file; None is not known, and then not scored.

    ``ignore`` are stretches where further reps are not counted as false; ``main_count`` is the
    number of reps of the main set.
    """

    file: str
    athlete: str = "me"
    reps: tuple[Span, ...] | None = None
    ignore: tuple[Span, ...] = ()
    main_count: int | None = None
    structured: bool | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a detector says of one file; ``counts`` are the reps of each set."""

    reps: tuple[Span, ...] = ()
    workout: str | None = None
    counts: tuple[int | None, ...] = ()
    label: str | None = None
    probabilities: Mapping[str, float] | None = None


def read_truth(path: str | Path) -> tuple[Truth, ...]:
    """Read recorded truth.

    Parameters
    ----------
    path : path
        JSON Lines with ``file``, and what is known of ``athlete``, ``reps``, ``ignore``,
        ``main_count``, ``structured`` and ``label``. Times are elapsed seconds.

    Returns
    -------
    tuple of Truth
        In the order of the lines.

    Raises
    ------
    ReadError
        The file cannot be read, or a line is no such object; it names the line.
    """
    rows = []
    for number, row in _objects(path):
        try:
            reps = row.get("reps")
            rows.append(
                Truth(
                    file=str(row["file"]),
                    athlete=str(row.get("athlete") or "me"),
                    reps=None if reps is None else _spans(reps),
                    ignore=_spans(row.get("ignore") or ()),
                    main_count=row.get("main_count"),
                    structured=row.get("structured"),
                    label=row.get("label"),
                )
            )
        except (KeyError, TypeError, ValueError) as error:
            reason = f"no truth of a file: {_said(error)}"
            raise ReadError(str(path), "decode", reason, line=number) from error
    return tuple(rows)


def read_predictions(path: str | Path) -> dict[str, Prediction]:
    """Read what a detector printed, by file name.

    Parameters
    ----------
    path : path
        JSON Lines as ``summary --json`` prints them; of the keys, ``path`` is needed, and
        ``segments``, ``workout``, ``sets``, ``label`` and ``probabilities`` are used.

    Returns
    -------
    dict of str to Prediction
        Of a file with several parts, the part with the most reps.

    Raises
    ------
    ReadError
        The file cannot be read, or a line is no such object; it names the line.
    """
    found: dict[str, Prediction] = {}
    for number, row in _objects(path):
        try:
            keep_fullest(found, str(row["path"]), prediction_of(row))
        except (KeyError, TypeError, ValueError) as error:
            reason = f"no prediction: {_said(error)}"
            raise ReadError(str(path), "decode", reason, line=number) from error
    return found


def keep_fullest(found: dict[str, Prediction], path: str, prediction: Prediction) -> None:
    """Keep a prediction by file name; of several parts the first with the most reps."""
    name = PurePosixPath(path.replace("\\", "/")).name
    if name not in found or len(prediction.reps) > len(found[name].reps):
        found[name] = prediction


def prediction_of(row: Mapping[str, Any]) -> Prediction:
    """Return what of a printed object is scored."""
    segments = row.get("segments") or ()
    return Prediction(
        reps=tuple(
            (float(s["start_s"]), float(s["end_s"])) for s in segments if s["role"] == "rep"
        ),
        workout=row.get("workout"),
        counts=tuple(each.get("count") for each in row.get("sets") or ()),
        label=row.get("label"),
        probabilities=row.get("probabilities"),
    )


def _objects(path: str | Path) -> Iterator[tuple[int, Mapping[str, Any]]]:
    try:
        lines = Path(path).read_text("utf-8-sig").splitlines()
    except OSError as error:
        raise ReadError(str(path), "open", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ReadError(str(path), "open", "not UTF-8 text", offset=error.start) from error
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise ReadError(str(path), "decode", "not a JSON object", line=number) from error
        if not isinstance(row, dict):
            raise ReadError(str(path), "decode", "not a JSON object", line=number)
        yield number, row


def _spans(spans: Iterable[Iterable[float]]) -> tuple[Span, ...]:
    out = []
    for start, end in spans:
        out.append((float(start), float(end)))
    return tuple(out)


def _said(error: Exception) -> str:
    return f"{error} is missing" if isinstance(error, KeyError) else str(error)
