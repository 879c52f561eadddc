"""The second pass: an athlete's whole history -> thresholds of the day, and labels by them.

Works on what the store keeps. `evidence_by_athlete` alone opens files, where there is no store.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.batch.one_file import analyse_source
from intervaldetect.corrections.apply import label_by_hand
from intervaldetect.errors import ParameterError
from intervaldetect.job import Settings, Task
from intervaldetect.label import NOT_JUDGED, label_session
from intervaldetect.label.claims import reconsider
from intervaldetect.output.line import loads_outline, printable
from intervaldetect.output.summary import read_alike, read_as, relabelled
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import SessionEvidence, SessionLabel, Thresholds
from intervaldetect.session_features import from_json
from intervaldetect.store import DATABASE, Store

_log = logging.getLogger(__name__)


def judge_history(
    store: Store, athlete: str, maker: str, *, given: Thresholds | None = None
) -> int:
    """Judge every activity of an athlete by what was known when it was run.

    Parameters
    ----------
    store : Store
        Open for writing.
    athlete : str
    maker : str
        Version and settings, as in ``made_by``.
    given : Thresholds, optional
        What the athlete gave.

    Returns
    -------
    int
        How many activities are now described differently.
    """
    known = [
        _Session(number, from_json(text), other, judged_by)
        for number, text, other, judged_by in store.to_judge(athlete)
    ]
    dated = thresholds_over_time([session.evidence for session in known], given=given)
    changed = 0
    states = {}
    with store.together() as keep:
        for session, state in zip(known, dated, strict=True):
            states[session.number] = state.thresholds
            changed += _judge(store, session, state.thresholds, maker)
            keep()
        for kept, number, text, other, judged_by in store.merged(athlete):
            # Told by the thresholds of its double, so that it does not matter which came first.
            if kept in states:
                session = _Session(number, from_json(text), other, judged_by)
                changed += _judge(store, session, states[kept], maker)
    return changed


class _Session(NamedTuple):
    """A stored session: its key, its evidence, and by which thresholds it was judged last.

    ``other`` holds both ways to read it where it is in doubt, as `one_file` writes them.
    """

    number: int
    evidence: SessionEvidence
    other: str | None
    judged_by: str | None


def _judge(store: Store, session: _Session, thresholds: Thresholds, maker: str) -> bool:
    """Judge one activity by the thresholds of its day; whether that changed what is stored."""
    judged_by = hashlib.sha256(repr(thresholds).encode()).hexdigest()[:16]
    if judged_by == session.judged_by:
        return False
    stored = store.outline(session.number)
    evidence, read, write = session.evidence, stored, store.relabel
    if session.other is not None:
        ways = loads_outline(session.other)
        evidence, read = _decided(session.evidence, ways, stored, thresholds)
        if not read_alike(read, stored):
            write = partial(store.reread, before=stored)
    label = label_by_hand(_label(evidence, thresholds), evidence)
    anew = relabelled(read, label, thresholds, evidence.findings)
    if anew == stored:
        store.judged(session.number, judged_by)
        return False
    write(session.number, anew, maker, judged_by=judged_by)
    return True


def _decided(
    first: SessionEvidence, ways: dict[str, Any], stored: dict[str, Any], thresholds: Thresholds
) -> tuple[SessionEvidence, dict[str, Any]]:
    """Decide once more how to read a doubtful activity; its evidence and its printed object."""
    evidence = reconsider(first, from_json(ways["evidence"]), thresholds) or first
    way = ways["first" if evidence.claimed == first.claimed else "other"]
    return evidence, read_as(stored, way, evidence.structured_probability)


def _label(evidence: SessionEvidence, thresholds: Thresholds) -> SessionLabel:
    """Label one session; what no one thought of costs its label, not the batch."""
    try:
        return label_session(evidence, thresholds)
    except Exception as error:  # noqa: BLE001 - as for a file that cannot be analysed
        _log.debug("label", exc_info=error)
        sentence = f"Not labelled: internal error, {type(error).__name__}: {error} (label)."
        return replace(NOT_JUDGED, evidence=(" ".join(sentence.split()),))


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
