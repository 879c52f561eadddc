"""What the streams show and what the file's laps say, weighed into one reading of the efforts."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.records import Activity, Bools, Floats, LapsUsed, Pieces, Signal
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.choice import STRIDE_S, Choice
from intervaldetect.structure.edges import round_sizes, time_edges
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


@dataclass(frozen=True, slots=True)
class Reading:
    """Efforts in time order, the log-odds that they were planned, and what they rest on.

    ``named`` is True where laps or steps, not the streams, say which efforts are reps.
    """

    efforts: tuple[Snapped, ...]
    log_odds: float
    used: LapsUsed = "none"
    named: bool = False
    evidence: tuple[str, ...] = ()

    @property
    def probability(self) -> float:
        """Probability that planned efforts were carried out."""
        return float(1.0 / (1.0 + np.exp(-self.log_odds)))


def read_streams(
    signal: Signal,
    pieces: Pieces,
    candidates: Candidates,
    choice: Choice,
    planned: Collection[int] = (),
) -> Reading:
    """Turn the chosen candidates into efforts; those in ``planned`` are owed to a plan."""
    sure = 1.0 / (1.0 + np.exp(-choice.log_odds))
    start_s, end_s = candidates.start_s[choice.chosen], candidates.end_s[choice.chosen]
    if pieces.channel == "speed":
        moved_s = time_edges(signal, start_s, end_s)
        kept = _in_order(*moved_s)
        start_s, end_s = np.where(kept, moved_s, (start_s, end_s))
    end_s = np.minimum(end_s, np.append(start_s[1:], np.inf))
    efforts = tuple(
        Snapped(
            float(start),
            float(end),
            float(start_error),
            float(end_error),
            source="plan" if int(q) in planned else "stream",
            confidence=float(p),
        )
        for q, p, start, end, start_error, end_error in zip(
            choice.chosen, sure, start_s, end_s, choice.start_error_s, choice.end_error_s,
            strict=True,
        )
        if end > start  # between two stops, the lag of a source may be longer than an effort
    )  # fmt: skip
    return Reading(efforts, choice.session_log_odds)


def _in_order(start_s: Floats, end_s: Floats) -> Bools:
    """Mark efforts that begin before they end and overlap neither neighbour."""
    apart = end_s[:-1] <= start_s[1:]
    return np.asarray((start_s < end_s) & np.append(True, apart) & np.append(apart, True))


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


def weigh_laps(reading: Reading, activity: Activity, ruler: Ruler, whole_s: float) -> Reading:
    """Let the file's own laps and steps have their say.

    Steps, and manual laps that alternate, replace what the streams show where they were carried
    out and do not contradict surer streams; otherwise presses only sharpen edges near them.
    """
    snapped = replace(reading, efforts=tuple(snap_to_laps(reading.efforts, activity.laps, whole_s)))
    if any(effort.source == "lap" for effort in snapped.efforts):
        snapped = replace(snapped, used="laps")
    named = read_laps(activity, whole_s, ruler.effort_mps)
    if named is None:
        return snapped
    what = "workout steps" if named.used == "steps" else "laps"
    if not named.carried_out:
        sentence = (
            f"The {what} name {len(named.efforts)} efforts, but these were only {named.faster:.2f} "
            "times as fast as what lies beside them: not carried out."
        )
        return replace(snapped, evidence=(sentence,))
    spans = [(effort.start_s, effort.end_s) for effort in reading.efforts]
    agree = agreement(named.efforts, spans)
    if not named.told and agree < AGREE and reading.log_odds > LAPS_LOG_ODDS:
        sentence = (
            f"The laps name {len(named.efforts)} efforts, the streams show {len(spans)} others "
            f"clearly (probability {reading.probability:.2f}): the streams are followed."
        )
        return replace(snapped, evidence=(sentence,))
    return _from_laps(named, reading, agree, what)


def _from_laps(named: LapReading, reading: Reading, agree: float, what: str) -> Reading:
    efforts = tuple(
        Snapped(
            start, end, PRESS_ERROR_S, PRESS_ERROR_S,
            "step" if named.used == "steps" else "lap", LAP_CONFIDENCE,
        )
        for start, end in named.efforts
    )  # fmt: skip
    ends = [end for _, end in named.efforts]
    free_until = [*(start for start, _ in named.efforts), math.inf]
    strides = tuple(
        effort
        for effort in reading.efforts
        if effort.end_s - effort.start_s <= STRIDE_S
        and free_until[bisect_right(ends, effort.start_s)] >= effort.end_s
    )
    sentence = (
        f"The {what} name {len(efforts)} efforts, run {named.faster:.2f} times as fast as what "
        f"lies beside them; {100 * agree:.0f} % of them agree with the streams."
    )
    log_odds = max(reading.log_odds, 0.0) + LAPS_LOG_ODDS
    every = tuple(sorted(efforts + strides, key=lambda effort: effort.start_s))
    return Reading(every, log_odds, named.used, True, (sentence,))
