"""The second pass: an athlete's whole history -> thresholds of the day, and labels by them.

Works on what the store keeps; no file is opened.
"""

from __future__ import annotations

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.contract import relabelled
from intervaldetect.evidence import from_json
from intervaldetect.label import label_session
from intervaldetect.overrides import repeated
from intervaldetect.records import Thresholds
from intervaldetect.store import Store


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
    known = [(summary, from_json(text)) for summary, text in store.history(athlete) if text]
    dated = thresholds_over_time([evidence for _, evidence in known], given=given)
    changed = 0
    for (summary, evidence), state in zip(known, dated, strict=True):
        label = repeated(label_session(evidence, state.thresholds), summary["evidence"])
        anew = relabelled(summary, label, state.thresholds, evidence.findings)
        if anew != summary:
            store.relabel(anew, maker)
            changed += 1
    return changed
