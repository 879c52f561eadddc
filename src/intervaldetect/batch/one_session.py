"""One stored session -> what is said of it by the thresholds of its day."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import Any, NamedTuple

from intervaldetect.corrections.apply import label_by_hand
from intervaldetect.label import NOT_JUDGED, label_session
from intervaldetect.label.claims import reconsider
from intervaldetect.output.line import loads_outline
from intervaldetect.output.summary import read_alike, read_as, relabelled
from intervaldetect.records import SessionEvidence, SessionLabel, Thresholds
from intervaldetect.session_features import from_json

_log = logging.getLogger(__name__)


class Judged(NamedTuple):
    """A printed object before and after; ``reread`` where the run itself is read otherwise."""

    before: dict[str, Any]
    after: dict[str, Any]
    reread: bool


def judge_session(
    evidence: SessionEvidence, other: str | None, stored: str, thresholds: Thresholds
) -> Judged | None:
    """Judge a session by the thresholds of its day.

    Parameters
    ----------
    evidence : SessionEvidence
    other : str or None
        Both ways to read it where it is in doubt, as `one_file` writes them.
    stored : str
        Its printed object as JSON.
    thresholds : Thresholds

    Returns
    -------
    Judged or None
        None where nothing that is stored changes.
    """
    before = read = loads_outline(stored)
    reread = False
    if other is not None:
        evidence, read = _decided(evidence, loads_outline(other), before, thresholds)
        reread = not read_alike(read, before)
    label = label_by_hand(_label(evidence, thresholds), evidence)
    after = relabelled(read, label, thresholds, evidence.findings)
    return None if after == before else Judged(before, after, reread)


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
