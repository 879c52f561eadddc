"""Which features a label needs: drop what does not help athletes left out, fold by fold.

    python -m benchmarks.accuracy.label_features EVIDENCE SEASONS [--write]

EVIDENCE and SEASONS are those of ``labels.py``. For every fold, without its athletes: beginning
with all features, the one is dropped, again and again, without which log-loss on athletes of the
other folds, each left out in turn, is lowest, with history and alone together, until that lowers it
no more. The features that most folds keep are what the package uses (stability selection,
Meinshausen & Buehlmann 2010). Every fold judged by the features chosen without it shows what the
choice is worth on athletes that had no part in it. ``--write`` puts both into
``docs/accuracy-labels.md``. Takes a quarter of an hour.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple
from unittest import mock

import numpy as np

from benchmarks.accuracy import labels
from benchmarks.accuracy.labels import (
    Design,
    coefficients,
    command_line,
    corpus_rows,
    design,
    held_out,
    seasons_in,
    simulated_rows,
    training,
)
from benchmarks.accuracy.labels_report import REPORT, Row, table
from benchmarks.accuracy.left_out import cached
from benchmarks.accuracy.page import put_section
from intervaldetect.label.classifiers import LABELS, MADE_NAMES, MODELS
from intervaldetect.label.features import FEATURES

ALL: tuple[str, ...] = (*(feature.name for feature in FEATURES), *MADE_NAMES)
JUDGED = ("history", "file")
LEAST_GAIN = 0.001
"""What dropping a feature has to lower log-loss by."""
SIMULATED_EVERY = 8
"""Of the simulated rows that weigh little one in so many is enough to choose by."""


class Part(NamedTuple):
    """What a fold left out is judged by: rows to fit on, and its own."""

    on: Design
    scaled: np.ndarray
    truth: np.ndarray
    ridge: float


def parts(rows: Sequence[Row], folds: Sequence[int]) -> list[list[Part]]:
    """Return a list a mode, of each fold in turn left out of some."""
    known = [row for row in rows if row.simulated or row.fold in folds]
    out = []
    for mode in JUDGED:
        of_mode = []
        for left in folds:
            on = design(training(known, mode, without=left), ALL)
            test = [
                row for row in known
                if row.label and row.mode == mode and not row.simulated and row.fold == left
            ]  # fmt: skip
            truth = np.array([list(LABELS).index(row.label) for row in test])  # type: ignore[arg-type]
            of_mode.append(Part(on, on.standardised(test, ALL), truth, labels.RIDGE[mode]))
        out.append(of_mode)
    return out


def log_loss(of: Sequence[Sequence[Part]], names: Sequence[str]) -> float:
    """Return the mean log-loss of athletes left out, with history and alone together."""
    columns = [ALL.index(name) for name in names]
    total = 0.0
    for of_mode in of:
        losses: list[float] = []
        for on, scaled, truth, ridge in of_mode:
            few = on._replace(scaled=on.scaled[:, columns])
            slopes, intercepts = coefficients(few, ridge)
            odds = scaled[:, columns] @ slopes.T + intercepts
            odds -= np.logaddexp.reduce(odds, axis=1, keepdims=True)
            losses += (-odds[np.arange(truth.size), truth]).tolist()
        total += float(np.mean(losses))
    return total


def chosen(rows: Sequence[Row], folds: Sequence[int]) -> tuple[str, ...]:
    """Drop features one after another while log-loss on these folds falls."""
    of, names = parts(rows, folds), ALL
    best = log_loss(of, names)
    while True:
        loss, worst = min((log_loss(of, [n for n in names if n != name]), name) for name in names)
        if loss > best - LEAST_GAIN:
            return names
        best, names = loss, tuple(name for name in names if name != worst)


def thinned(rows: Sequence[Row]) -> list[Row]:
    """Return the real rows, and of the simulated ones those that weigh and a part of the others."""
    return [
        row for k, row in enumerate(rows)
        if not row.simulated or row.weight > 1.0 or k % SIMULATED_EVERY == 0
    ]  # fmt: skip


def nested(rows: Sequence[Row], of: dict[int, tuple[str, ...]]) -> list[list[object]]:
    """Judge every fold by the features that were chosen without it."""

    def of_fold(rows: Sequence[Row], model: str, without: int | None = None) -> list[Row]:
        if without is not None:
            MODELS.update(dict.fromkeys(JUDGED, of[without]))
        return training(rows, model, without)

    out: list[list[object]] = []
    with mock.patch.dict(MODELS), mock.patch.object(labels, "training", of_fold):
        for mode in JUDGED:
            held, _ = held_out(rows, mode)
            right = held.probabilities.argmax(axis=1) == held.truth
            out.append([
                "with history" if mode == "history" else "one file alone",
                f"{right[held.answered].mean():.3f}", f"{held.answered.mean():.3f}",
                f"{right.mean():.3f}",
            ])  # fmt: skip
    return out


def main() -> None:
    """Run the command line."""
    options = command_line(__doc__)
    rows = corpus_rows(cached(options.evidence)) + simulated_rows(seasons_in(options.seasons))
    folds = sorted({row.fold for row in rows if row.fold is not None})
    few = thinned(rows)
    of = {left: chosen(few, [fold for fold in folds if fold != left]) for left in folds}
    votes = Counter(name for names in of.values() for name in names)
    used = set(MODELS["history"])
    shown = [[name, votes[name], "yes" if name in used else ""] for name in ALL]
    text = table(["feature", f"kept by folds, of {len(folds)}", "used"], shown)
    head = ["features chosen without the fold", "right of answered", "answered", "right of all"]
    text += "\n" + table(head, nested(rows, of))
    print(text)
    if options.write:
        put_section("features", text, REPORT)


if __name__ == "__main__":
    main()
