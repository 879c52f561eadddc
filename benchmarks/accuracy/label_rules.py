"""What each rule and constant of thresholds and labels does to the labels of athletes left out.

    INTERVALDETECT_CORPUS=... python -m benchmarks.accuracy.label_rules EVIDENCE SEASONS [--write]

EVIDENCE and SEASONS are those of ``labels.py``. First each rule is left out, with all models fitted
anew without it. Then the models of every fold are fitted once, and each
constant is made a fifth smaller and larger, and every labelled run is judged again by its history,
from what it shows of its athlete to its kind. ``--write`` puts the table into
``docs/accuracy-labels.md``.
"""

from __future__ import annotations

import contextlib
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from types import ModuleType
from unittest import mock

import numpy as np

from benchmarks.accuracy.bodies import Season
from benchmarks.accuracy.labels import (
    command_line,
    corpus_rows,
    fit,
    held_out,
    seasons_in,
    simulated_rows,
    training,
)
from benchmarks.accuracy.labels_report import REPORT, Row, table
from benchmarks.accuracy.left_out import LeftOut, cached
from benchmarks.accuracy.page import put_section
from intervaldetect import label
from intervaldetect.athlete import session, thresholds_over_time
from intervaldetect.label import claims, classifiers, features, kinds, label_session, rules
from intervaldetect.label.classifiers import Logistic
from intervaldetect.records import SessionLabel

Models = dict[str, Logistic]
Labels = dict[str, SessionLabel]
WITH_NAME = (label, claims, classifiers, features, kinds, rules, session)
CONSTANTS: tuple[tuple[ModuleType, tuple[str, ...]], ...] = (
    (session, ("LOWEST_WORK_BPM", "MIN_CONTRAST", "SURE_OF_REPS", "HARD_S", "MIN_REP_S",
               "UNSETTLED_S", "MAXIMAL_REP_S", "MAXIMAL_RECOVERY", "EVEN", "WHOLE")),
    (claims, ("LEVEL", "REP_ERROR", "FARTHEST", "SURE")),
    (label, ("LEAST_RUNNING_S", "MIN_WORK_S", "SUSTAINED", "EASY_SPEED", "EASY_HR",
             "SURE_DESPITE_DOUBT")),
    (features, ("EASY_RECOVERY_S", "SINGLE_REP", "MOST_RECOVERY", "STRIDE_S",
                "NO_STRIDE_S", "STRIDE_REST_S", "SPRINT_REST_S", "FEWEST_SPRINTS",
                "BLIND_REP_S", "SEEN_REP_S", "BETWEEN_HR", "RACE_MIN_S",
                "RACE_MIDDLE_S", "RACE_SPREAD", "RACE_SPEED", "RACE_HR", "MOST_RACE")),
    (classifiers, ("HIGH_HR",)),
    (kinds, ("RECOVERY_S", "RECOVERY_SPEED", "RECOVERY_HR", "STEADY_SPEED", "STEADY_HR", "TEMPO_S",
             "TEMPO_SPEED", "RISING", "HILL_GRADE", "SPEED_S", "SPEED_RECOVERY", "STRIDE_S",
             "STRIDES_WORK_S", "WALK_RUN", "HIKE", "RACE_S", "RACE_SHARE", "RACE_SPREAD",
             "RACE_SPEED", "RACE_HR", "HELD", "HELD_HR", "FARTLEK_SPREAD", "LONG_S")),
)  # fmt: skip
FIFTH = 0.2


def _always(value: object) -> Callable[..., object]:
    """Return a function that says the same of everything."""
    return lambda *_: value


# A rule, and what stands in its place where it is left out.
OFF: tuple[tuple[str, ModuleType, str, object], ...] = (
    ("work that is surely slow is easy", label, "_plainly_easy", _always(False)),
    ("plain runs are hard only near a known threshold", label, "_sustained", _always(True)),
    ("more is asked of recordings in doubt", label, "SURE_DESPITE_DOUBT", 0.0),
    ("strides and sprints differ by recovery", features, "_openness", _always(0.0)),
    ("heart rate of short reps says little", features, "_told_by_rate", lambda rate, *_: rate),
    ("races", features, "_race", _always(0.0)),
    ("above 0.9 of the highest heart rate", classifiers, "HIGH_HR", 9.0),
    ("a known threshold decides doubtful runs", claims, "SURE", 1.1),
)


@contextlib.contextmanager
def moved(module: ModuleType, name: str, factor: float) -> Iterator[None]:
    """Multiply a constant, in its module and where it was imported from there."""
    value = getattr(module, name)
    with contextlib.ExitStack() as stack:
        for each in WITH_NAME:
            if each is module or getattr(each, name, None) is value:
                stack.enter_context(mock.patch.object(each, name, value * factor))
        yield


def fold_models(rows: Sequence[Row]) -> dict[int, Models]:
    """Return the models of every fold, fitted and calibrated without it."""
    out: dict[int, Models] = {}
    settled = {name: held_out(rows, name)[1] for name in ("history", "file", "set")}
    for fold in sorted({row.fold for row in rows if row.fold is not None}):
        out[fold] = {
            name: replace(
                fit(training(rows, name, without=fold), name),
                temperature=by.temperature, doubt=by.doubt, abstain_below=by.level,
            )
            for name, by in settled.items()
        }  # fmt: skip
    return out


def judged(found: Sequence[LeftOut], models: dict[int, Models]) -> Labels:
    """Label every labelled run by its history up to its date."""
    by_athlete: dict[str, list[LeftOut]] = defaultdict(list)
    for item in found:
        by_athlete[item.row["athlete"]].append(item)
    out = {}
    for items in by_athlete.values():
        if not any(item.row["label"] for item in items):
            continue
        dated = thresholds_over_time([item.evidence for item in items], start_up=False)
        shipped = models[items[0].row["fold"]]
        with mock.patch.object(classifiers, "shipped_models", lambda shipped=shipped: shipped):
            for item, state in zip(items, dated, strict=True):
                if item.row["label"]:
                    evidence = item.decided(state.thresholds)
                    out[item.row["file"]] = label_session(evidence, state.thresholds)
    return out


def _figures(truth: dict[str, str], now: Labels, before: Labels) -> list[object]:
    said = [file for file in truth if now[file].label is not None]
    right = sum(now[file].label == truth[file] for file in said)
    labels = sum(now[file].label != before[file].label for file in truth)
    kinds_ = sum(now[file].kind != before[file].kind for file in truth)
    return [f"{right} of {len(said)}", labels, kinds_]


def report(found: Sequence[LeftOut], models: dict[int, Models]) -> str:
    """Return the table."""
    truth = {item.row["file"]: item.row["label"] for item in found if item.row["label"]}
    before = judged(found, models)
    rows: list[list[object]] = [["as it is", "", *_figures(truth, before, before), "", "", ""]]
    for module, names in CONSTANTS:
        for name in names:
            cells: list[object] = []
            for factor in (1.0 - FIFTH, 1.0 + FIFTH):
                with moved(module, name, factor):
                    cells += _figures(truth, judged(found, models), before)
            place = module.__name__.removeprefix("intervaldetect.")
            rows.append([f"{place}.{name}", f"{getattr(module, name):.3g}", *cells])
    head = ["constant", "value", "a fifth less: right", "labels changed", "kinds changed",
            "a fifth more: right", "labels changed", "kinds changed"]  # fmt: skip
    return table(head, rows)


def left_out(found: Sequence[LeftOut], seasons: Sequence[Season]) -> str:
    """Return the table of rules left out, each with models fitted without it."""
    lines: list[list[object]] = []
    for name, module, attribute, instead in (("as it is", label, "NEVER", label.NEVER), *OFF):
        with mock.patch.object(module, attribute, instead):
            rows = corpus_rows(found) + simulated_rows(seasons)
            cells: list[object] = []
            for mode in ("history", "file"):
                held = held_out(rows, mode)[0]
                figures = held.figures()
                chance = held.probabilities[range(len(held.rows)), held.truth]
                cells += [f"{figures['accuracy']:.3f} at {figures['coverage']:.3f}",
                          f"{-np.log(chance).mean():.3f}"]  # fmt: skip
            lines.append([name, *cells])
    head = ["left out", "right, with history", "log-loss", "right, alone", "log-loss"]
    return table(head, lines)


def main() -> None:
    """Run the command line."""
    options = command_line(__doc__)
    found = cached(options.evidence)
    seasons = seasons_in(options.seasons)
    text = left_out(found, seasons) + "\n"
    text += report(found, fold_models(corpus_rows(found) + simulated_rows(seasons)))
    print(text)
    if options.write:
        put_section("rules", text, REPORT)


if __name__ == "__main__":
    main()
