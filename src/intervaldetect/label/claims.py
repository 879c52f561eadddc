"""A run that may be read both ways, once the athlete's threshold is known.

By the streams of one file a long steady effort is hardly told from a brisk run. Beside a threshold
known from other sessions it is: work lies near it or above, easy running well below. To the
log-odds of planned work by the streams comes how far the efforts lie above or below `LEVEL` of the
threshold speed, in errors of that threshold, times a weight (``claims.json``) that
``benchmarks/accuracy/claims.py`` fits with athletes left out.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
import math
from dataclasses import replace

from intervaldetect.records import CLAIMED, Estimate, SessionEvidence, Thresholds
from intervaldetect.session_features import is_run

LEVEL = -0.11
"""Log over threshold speed, between easy running and work."""
REP_ERROR = 0.02
"""Error of the speed of reps, in log speed, beside that of the threshold."""
FARTHEST = 3.0
"""Errors above or below the level beyond which the distance counts no further."""

SURE = 0.7
"""Chance from which a threshold overturns what the streams alone decide."""


@functools.cache
def shipped_weight() -> float:
    """Load the log-odds that an error above the level is worth."""
    resource = importlib.resources.files("intervaldetect.label") / "claims.json"
    return float(json.loads(resource.read_text(encoding="utf-8"))["weight"])


def distance_from_level(planned: SessionEvidence, thresholds: Thresholds) -> float | None:
    """Return how far reps lie above `LEVEL`, in errors; None where the threshold is not known.

    Parameters
    ----------
    planned : SessionEvidence
        Of the run read as planned work.
    thresholds : Thresholds
        A threshold given, or known from other sessions, counts; one from the file itself does not.
    """
    known = thresholds.threshold_speed_mps
    ratio = None if known is None else _over(planned, known)
    if known is None or ratio is None or known.source not in ("given", "history"):
        return None
    if planned.treadmill or not is_run(planned):
        return None
    error = math.hypot(known.standard_error / known.value, REP_ERROR)
    return min(max((math.log(ratio) - LEVEL) / error, -FARTHEST), FARTHEST)


def _over(planned: SessionEvidence, threshold: Estimate) -> float | None:
    """Return the mean speed of the reps over threshold speed."""
    known = [(rep.speed_mps, rep.duration_s) for rep in planned.reps if rep.speed_mps]
    seconds = sum(duration for _, duration in known)
    if not seconds:
        return None
    return sum(speed * duration for speed, duration in known) / seconds / threshold.value


def overturned(chance: float, *, claimed: bool) -> bool:
    """Say if a chance of planned work is sure enough to overturn a claim, or that there is none."""
    return chance < 1.0 - SURE if claimed else chance >= SURE


def reconsider(
    first: SessionEvidence, other: SessionEvidence, thresholds: Thresholds
) -> SessionEvidence | None:
    """Decide a doubtful run again.

    Parameters
    ----------
    first, other : SessionEvidence
        Of the run read as the streams alone decide, and the other way.
    thresholds : Thresholds

    Returns
    -------
    SessionEvidence or None
        One of the two, with the new chance of planned work and a sentence about it; None where the
        threshold is not known.
    """
    planned = first if first.claimed else other
    distance = distance_from_level(planned, thresholds)
    if distance is None or thresholds.threshold_speed_mps is None:
        return None
    chance = 1.0 / (1.0 + math.exp(-(first.log_odds + shipped_weight() * distance)))
    chosen = other if overturned(chance, claimed=first.claimed) else first
    ratio = _over(planned, thresholds.threshold_speed_mps) or 0.0
    sentence = (
        f"The {'effort' if len(planned.reps) == 1 else 'efforts'} at {ratio:.2f} of the known "
        f"threshold speed: with that the chance of a planned workout is {100 * chance:.0f} %."
    )
    return replace(
        chosen,
        structured_probability=chance if chosen.claimed else min(chance, CLAIMED),
        findings=(*chosen.findings, sentence),
    )
