"""The second pass: an athlete's whole history -> thresholds of the day, and labels by them.

Works on what the store keeps. `evidence_by_athlete` alone opens files, where there is no store.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from contextlib import nullcontext
from itertools import tee
from pathlib import Path

from intervaldetect.athlete import thresholds_in_order
from intervaldetect.batch.judges import Question, judge_beside, judge_here
from intervaldetect.batch.one_file import analyse_source
from intervaldetect.errors import ParameterError
from intervaldetect.job import Settings, Task
from intervaldetect.output.line import printable
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import SessionEvidence, Thresholds
from intervaldetect.session_features import from_json
from intervaldetect.store import DATABASE, Store, ToJudge

MIN_BESIDE = 2000
"""Of fewer sessions the process would start for longer than it saves."""


def judge_history(
    store: Store, athlete: str, maker: str, *, given: Thresholds | None = None, jobs: int = 1
) -> int:
    """Judge every activity of an athlete by what was known when it was run.

    Thresholds follow one another and rows are written by this process; of a long history another
    one judges meanwhile.

    Parameters
    ----------
    store : Store
        Open for writing.
    athlete : str
    maker : str
        Version and settings, as in ``made_by``.
    given : Thresholds, optional
        What the athlete gave.
    jobs : int
        With more than one, a process beside this one judges where that is worth its start.

    Returns
    -------
    int
        How many activities are now described differently.
    """
    rows = store.to_judge(athlete)
    beside = jobs > 1 and len(rows) >= MIN_BESIDE
    changed = 0
    with judge_beside() if beside else nullcontext(judge_here) as judge, store.together() as keep:
        asked, sessions = tee(_by_other_thresholds(rows, store.merged(athlete), given))
        questions = (
            Question(row.evidence if beside else known, row.other, store.printed(row.number), day)
            for row, known, day, _ in sessions
        )
        for (row, *_, judged_by), judged in zip(asked, judge(questions), strict=True):
            if judged is None:
                store.judged(row.number, judged_by)
            elif judged.reread:
                store.reread(
                    row.number, judged.after, maker, before=judged.before, judged_by=judged_by
                )
            else:
                store.relabel(row.number, judged.after, maker, judged_by=judged_by)
            changed += judged is not None
            keep()
    return changed


def _by_other_thresholds(
    rows: Iterable[ToJudge], doubles: Iterable[ToJudge], given: Thresholds | None
) -> Iterator[tuple[ToJudge, SessionEvidence, Thresholds, str]]:
    """Yield the sessions not yet judged by the thresholds of their day, with these and their key.

    A double goes by those of the recording that is counted, so that it does not matter which came
    first.
    """
    known = sorted(((row, from_json(row.evidence)) for row in rows), key=lambda k: k[1].start_time)
    days = thresholds_in_order((evidence for _, evidence in known), given=given)
    by_number: dict[int, tuple[Thresholds, str]] = {}
    for (row, evidence), day in zip(known, days, strict=True):
        key = hashlib.sha256(repr(day.thresholds).encode()).hexdigest()[:16]
        by_number[row.number] = day.thresholds, key
        if key != row.judged_by:
            yield row, evidence, day.thresholds, key
    for row in doubles:
        if row.kept in by_number and by_number[row.kept][1] != row.judged_by:
            yield row, from_json(row.evidence), *by_number[row.kept]


def evidence_by_athlete(
    path: str | os.PathLike[str],
    *,
    settings: Settings | None = None,
    athlete: str = "me",
    refused: Callable[[str], None] = lambda _: None,
) -> dict[str, list[SessionEvidence]]:
    """Return the evidence of every athlete of a store, or of the files below a folder.

    Parameters
    ----------
    path : path
        The folder of a store, or a folder, archive or file, all of it one athlete's.
    settings : Settings, optional
        For files that have to be analysed.
    athlete : str
        Whose files these are.
    refused : callable, optional
        Told a line for each file, or part of one, that could not be read.

    Raises
    ------
    ParameterError
        There is nothing at ``path``.
    """
    folder = Path(path)
    found: dict[str, list[SessionEvidence]] = {}
    if (folder / DATABASE).is_file():
        with Store.open(folder) as store:
            return {name: _stored_evidence(store, name) for name in store.athletes()}
    if not folder.exists():
        raise ParameterError(
            "STORE|FOLDER", str(path), "a store, or a folder or file of activities"
        )
    for source in iter_sources(folder):
        if source.likely:
            result = analyse_source(Task(source, athlete), settings or Settings(), judge=False)
            for reason in result.reasons:
                refused(f"{printable(source.path)}: {reason}")
            texts = [judged.evidence for judged in result.activities if judged.evidence]
            found.setdefault(athlete, []).extend(from_json(text) for text in texts)
    return found


def _stored_evidence(store: Store, athlete: str) -> list[SessionEvidence]:
    return [from_json(text) for _, text in store.history(athlete) if text]
