"""Stored sessions judged one after the other, here or by a process beside the one that writes.

One process is enough: to follow the thresholds, to read and to write takes longer than to judge.
If it dies nothing is lost, for what it was asked is judged here.
"""

from __future__ import annotations

import itertools
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from typing import NamedTuple

from intervaldetect.batch.one_session import Judged, judge_session
from intervaldetect.kernels.compilation import one_thread
from intervaldetect.records import SessionEvidence, Thresholds
from intervaldetect.session_features import from_json

CHUNK = 32


class Question(NamedTuple):
    """What `judge_session` takes; the evidence is JSON where it is sent to another process."""

    evidence: SessionEvidence | str
    other: str | None
    stored: str
    thresholds: Thresholds


Judge = Callable[[Iterable[Question]], Iterator[Judged | None]]


def judge_here(questions: Iterable[Question]) -> Iterator[Judged | None]:
    """Yield an answer for every question, in their order."""
    for evidence, other, stored, thresholds in questions:
        known = from_json(evidence) if isinstance(evidence, str) else evidence
        yield judge_session(known, other, stored, thresholds)


@contextmanager
def judge_beside() -> Iterator[Judge]:
    """Start a process that judges, which ends with the context, and give what asks it.

    Questions are taken a chunk ahead of the answers.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_work, args=(theirs,), daemon=True)
    with one_thread():
        process.start()
    theirs.close()
    try:
        yield lambda questions: _answers(ours, questions)
    finally:
        ours.close()
        process.kill()
        process.join()


def _answers(pipe: Connection, questions: Iterable[Question]) -> Iterator[Judged | None]:
    ahead = iter(questions)
    asked: list[Question] = []
    while chunk := list(itertools.islice(ahead, CHUNK)):
        answered = _received(pipe, asked)
        _send(pipe, chunk)  # the process has work before the answers are written
        asked = chunk
        yield from answered
    yield from _received(pipe, asked)


def _received(pipe: Connection, asked: list[Question]) -> list[Judged | None]:
    """Return the answers of the chunk that was sent, judged here if the process is gone."""
    if not asked:
        return []
    try:
        found: list[Judged | None] = pipe.recv()
    except (EOFError, OSError):
        return list(judge_here(asked))
    return found


def _send(pipe: Connection, chunk: list[Question]) -> None:
    try:
        pipe.send(chunk)
    except OSError:  # the process died; nothing will be received either
        return


def _work(pipe: Connection) -> None:
    """Answer chunks until the parent is gone or one cannot be judged."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    try:
        while True:
            pipe.send(list(judge_here(pipe.recv())))
    except Exception:  # noqa: BLE001 - the parent judges the chunk itself, and fails where it did
        return
