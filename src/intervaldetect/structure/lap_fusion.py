"""What the streams show and what the file's laps say, weighed into one list of efforts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.records import Activity, LapsUsed, Signal, Source
from intervaldetect.structure.edges import round_sizes
from intervaldetect.structure.laps import (
    PRESS_ERROR_S,
    agreement,
    read_laps,
    snap_to_laps,
)
from intervaldetect.structure.sets import CLEARLY_FASTER
from intervaldetect.structure.tiling import Ruler, Span

LAPS_LOG_ODDS = 3.0
"""What laps or steps that were carried out add to the log-odds of planned work."""
LAP_CONFIDENCE = 0.97
"""Chance of a rep that laps or steps name and the runner carried out."""


@dataclass(frozen=True, slots=True)
class Efforts:
    """Reps in time order, the log-odds that they were planned, and what they rest on.

    ``named`` is True where laps or steps, not the streams, say which efforts are reps.
    """

    reps: tuple[Span, ...]
    log_odds: float
    used: LapsUsed = "none"
    named: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def probability(self) -> float:
        """Probability that planned efforts were carried out."""
        return 0.5 + 0.5 * math.tanh(0.5 * self.log_odds)


def place_together(signal: Signal, reps: Sequence[Span]) -> list[Span]:
    """Place the edges of reps together, where their sizes and recoveries are round ones."""
    placed = round_sizes(
        signal, np.array([rep.start_s for rep in reps]), np.array([rep.end_s for rep in reps])
    )
    return [
        replace(
            rep,
            start_s=start,
            end_s=end,
            start_error_s=_remaining(rep.start_error_s, start_share),
            end_error_s=_remaining(rep.end_error_s, end_share),
        )
        for rep, start, end, start_share, end_share in zip(
            reps, *(values.tolist() for values in placed), strict=True
        )
    ]


def _remaining(error_s: float | None, share: float) -> float:
    """Error of an edge of which this share is left; what the finger adds stays."""
    return math.hypot(share * (error_s or 0.0), math.sqrt(max(0.0, 1.0 - share**2)) * PRESS_ERROR_S)


def weigh_laps(found: Efforts, activity: Activity, ruler: Ruler) -> Efforts:
    """Let the file's own laps and steps have their say.

    Steps, and manual laps that alternate, replace what the streams show where they were carried
    out, and the streams do not deny a workout; otherwise presses only sharpen edges near them.
    """
    snapped = tuple(snap_to_laps(found.reps, activity.laps, ruler.whole_s))
    pressed = any(effort.source == "lap" for effort in snapped)
    sharpened = replace(found, reps=snapped, used="laps" if pressed else "none")
    named = read_laps(activity, ruler.whole_s, ruler.effort_mps)
    if named is None:
        return sharpened
    what = "workout steps" if named.used == "steps" else "laps"
    many = "1 effort" if len(named.efforts) == 1 else f"{len(named.efforts)} efforts"
    agree = agreement(named.efforts, [(effort.start_s, effort.end_s) for effort in found.reps])
    # Several steps, or laps that say what they are, make a workout alone.
    alone = named.told and len(named.efforts) > 1
    reason = ""
    if named.faster < CLEARLY_FASTER:
        reason = (
            f"Your {what} mark {many}, only {named.faster:.2f} times as fast as the rest: "
            "not carried out."
        )
    elif not alone and found.log_odds <= -LAPS_LOG_ODDS:
        reason = (
            f"Your {what} mark {many}, but the data shows no planned work there "
            f"(probability {found.probability:.2f})."
        )
    if reason:
        return replace(sharpened, evidence=(reason,))
    sentence = (
        f"Your {what} mark {many}, {named.faster:.2f} times as fast as the rest; "
        f"{100 * agree:.0f} % match what the data shows."
    )
    source: Source = "step" if named.used == "steps" else "lap"
    reps = tuple(
        Span(
            "rep", start, end, confidence=LAP_CONFIDENCE, source=source,
            start_error_s=PRESS_ERROR_S, end_error_s=PRESS_ERROR_S,
        )
        for start, end in named.efforts
    )  # fmt: skip
    log_odds = max(found.log_odds, 0.0) + LAPS_LOG_ODDS
    return Efforts(reps, log_odds, named.used, True, (sentence,))
