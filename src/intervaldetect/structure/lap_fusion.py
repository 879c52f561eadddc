"""What the streams show and what the file's laps say, weighed into one list of efforts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.records import Activity, LapsUsed, Signal
from intervaldetect.structure.edges import round_sizes
from intervaldetect.structure.laps import (
    AGREE,
    PRESS_ERROR_S,
    LapReading,
    Snapped,
    agreement,
    read_laps,
    snap_to_laps,
)
from intervaldetect.structure.tiling import Ruler

LAPS_LOG_ODDS = 3.0
"""What laps or steps that were carried out add to the log-odds of planned work."""
LAP_CONFIDENCE = 0.97
"""Chance of a rep that laps or steps name and the runner carried out."""
LARGEST_LOG_ODDS = 12.0
"""Surer than this is no different in a probability."""


@dataclass(frozen=True, slots=True)
class Efforts:
    """Reps in time order, the log-odds that they were planned, and what they rest on.

    ``named`` is True where laps or steps, not the streams, say which efforts are reps.
    """

    reps: tuple[Snapped, ...]
    log_odds: float
    used: LapsUsed = "none"
    named: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def probability(self) -> float:
        """Probability that planned efforts were carried out."""
        return 1.0 / (1.0 + math.exp(-min(max(self.log_odds, -LARGEST_LOG_ODDS), LARGEST_LOG_ODDS)))


def place_together(signal: Signal, reps: Sequence[Snapped]) -> list[Snapped]:
    """Place the edges of reps together, where their sizes and recoveries are round ones."""
    start, end, start_share, end_share = round_sizes(
        signal, np.array([rep.start_s for rep in reps]), np.array([rep.end_s for rep in reps])
    )
    return [
        replace(
            rep,
            start_s=float(start[k]),
            end_s=float(end[k]),
            start_error_s=_remaining(rep.start_error_s, float(start_share[k])),
            end_error_s=_remaining(rep.end_error_s, float(end_share[k])),
        )
        for k, rep in enumerate(reps)
    ]


def _remaining(error_s: float, share: float) -> float:
    """Error of an edge of which this share is left; what the finger adds stays."""
    return math.hypot(share * error_s, math.sqrt(max(0.0, 1.0 - share**2)) * PRESS_ERROR_S)


def weigh_laps(found: Efforts, activity: Activity, ruler: Ruler, whole_s: float) -> Efforts:
    """Let the file's own laps and steps have their say.

    Steps, and manual laps that alternate, replace what the streams show where they were carried
    out and do not contradict surer streams; otherwise presses only sharpen edges near them.
    """
    snapped = replace(found, reps=tuple(snap_to_laps(found.reps, activity.laps, whole_s)))
    if any(effort.source == "lap" for effort in snapped.reps):
        snapped = replace(snapped, used="laps")
    named = read_laps(activity, whole_s, ruler.effort_mps)
    if named is None:
        return snapped
    what = "workout steps" if named.used == "steps" else "laps"
    if not named.carried_out:
        sentence = (
            f"The {what} name {_count(named)}, but these were only {named.faster:.2f} "
            "times as fast as what lies beside them: not carried out."
        )
        return replace(snapped, evidence=(sentence,))
    if not _believed(named, found):
        sentence = (
            f"The {what} name {_count(named)}, but the streams show no planned work there "
            f"(probability {found.probability:.2f})."
        )
        return replace(snapped, evidence=(sentence,))
    spans = [(effort.start_s, effort.end_s) for effort in found.reps]
    agree = agreement(named.efforts, spans)
    if not named.told and agree < AGREE and found.log_odds > LAPS_LOG_ODDS:
        sentence = (
            f"The laps name {_count(named)}, the streams show {len(spans)} others "
            f"clearly (probability {found.probability:.2f}): the streams are followed."
        )
        return replace(snapped, evidence=(sentence,))
    return _from_laps(named, found, agree, what)


def _believed(named: LapReading, found: Efforts) -> bool:
    """Whether laps make a workout: several steps, or laps that say what they are, do alone."""
    return (named.told and len(named.efforts) > 1) or found.log_odds > -LAPS_LOG_ODDS


def _count(named: LapReading) -> str:
    many = len(named.efforts)
    return f"{many} {'effort' if many == 1 else 'efforts'}"


def _from_laps(named: LapReading, found: Efforts, agree: float, what: str) -> Efforts:
    reps = tuple(
        Snapped(
            start, end, PRESS_ERROR_S, PRESS_ERROR_S,
            "step" if named.used == "steps" else "lap", LAP_CONFIDENCE,
        )
        for start, end in named.efforts
    )  # fmt: skip
    sentence = (
        f"Your {what} mark {_count(named)}, run {named.faster:.2f} times as fast as the rest "
        f"around them; {100 * agree:.0f} % match what the data shows."
    )
    log_odds = max(found.log_odds, 0.0) + LAPS_LOG_ODDS
    return Efforts(reps, log_odds, named.used, True, (sentence,))
