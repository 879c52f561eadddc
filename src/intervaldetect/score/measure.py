"""A folder's own laps as truth, and what is found in its streams alone."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from intervaldetect.errors import IntervalDetectError
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activities
from intervaldetect.read.archive import Source, iter_sources
from intervaldetect.records import Activity
from intervaldetect.score.lap_truth import LapTruth, lap_truth
from intervaldetect.score.matching import count_found, match
from intervaldetect.score.rows import Prediction, Truth, prediction_of

SPORTS = frozenset({None, "running", "generic"})


@dataclass(frozen=True, slots=True)
class Measured:
    """One activity: what its laps tell, and where they tell of reps, what was found."""

    truth: Truth
    laps: LapTruth
    found: Prediction | None = None


def measure(
    sources: Iterable[Source], on_refusal: Callable[[str], object] = lambda _: None
) -> Iterator[Measured]:
    """Take the reps of each run from its laps and steps, and find them in the streams alone.

    Parameters
    ----------
    sources : iterable of Source
        Files, as `iter_sources` gives them.
    on_refusal : callable, optional
        Takes a line for each file that cannot be read.

    Yields
    ------
    Measured
        One for each run; those without reps by `lap_truth` are not analysed.
    """
    for source in sources:
        try:
            activities = read_activities(source.read()[0], path=source.path)
        except IntervalDetectError as error:
            on_refusal(str(error))
            continue
        for activity in activities:
            if activity.sport in SPORTS:
                yield _measured(activity, on_refusal)


def likely(folder: str | Path) -> list[Source]:
    """Return the files below a folder that look like activities."""
    return [source for source in iter_sources(folder) if source.likely and not source.refusal]


def _measured(activity: Activity, on_refusal: Callable[[str], object]) -> Measured:
    laps = lap_truth(activity)
    name = activity.path if activity.part == 1 else f"{activity.path}#{activity.part}"
    truth = Truth(name, reps=laps.reps or None, ignore=laps.ignore)
    if not laps.reps:
        return Measured(truth, laps)
    truth = replace(truth, structured=True)
    try:
        found = prediction_of(to_dict(analyse(activity, laps="ignore")))
    except IntervalDetectError as error:
        on_refusal(f"{activity.path}: {error}")
        return Measured(truth, laps)
    return Measured(truth, laps, found)


def truth_line(truth: Truth) -> str:
    """Return a truth as a line of JSON, for `read_truth`."""
    row: dict[str, Any] = {"file": Path(truth.file).name, "athlete": truth.athlete}
    row |= {"reps": truth.reps, "ignore": truth.ignore, "structured": truth.structured}
    return json.dumps(row)


def verdict(measured: Sequence[Measured]) -> str:
    """Say in one sentence how many of the runner's own lapped reps were found."""
    pairs = found = true = perfect = sessions = 0
    for each in measured:
        reps = each.truth.reps
        if reps is None:
            continue
        own = each.found.reps if each.found else ()
        matched = match(reps, own, 0.75)
        counted = count_found(own, matched, each.truth.ignore)
        sessions, true = sessions + 1, true + len(reps)
        pairs, found = pairs + len(matched), found + counted
        perfect += len(matched) == counted == len(reps)
    if not sessions:
        return "No session has laps that the rules confirm as reps."
    lapped = f"On your {sessions} lapped sessions" if sessions > 1 else "On your lapped session"
    more = f" {found - pairs} more were found that no lap confirms." if found > pairs else ""
    return (
        f"{lapped} {pairs} of {true} reps were found.{more} "
        f"Every rep and no other: {perfect} of {sessions}."
    )


def left_out(measured: Sequence[Measured]) -> str | None:
    """Say how many runs were left out, and why; None where there are none."""
    reasons = Counter(each.laps.reason for each in measured if each.laps.reason)
    if not reasons:
        return None
    why = ", ".join(f"{reason} ({count})" for reason, count in reasons.most_common())
    return f"Left out, {sum(reasons.values())}: {why}."
