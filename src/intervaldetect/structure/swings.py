"""Heart rate that rises and falls with the speed, several times over: reps, though they differ.

Efforts of different sizes on uneven running hardly vouch for each other by size and speed. But
nobody's heart rate goes up with each of four faster stretches and down with each jog between them
by chance. Where somebody stood instead, it shows no more than the standing.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Bools, Ints, Pieces
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.choice import Choice, Weights, best_disjoint, choose
from intervaldetect.structure.evidence import FEATURES

FEWEST = 4
LEAST_S, MOST_S = 90.0, 900.0
"""Shorter efforts end before heart rate has followed; longer ones are a run."""
SWING = 1.0
"""Rise and fall of heart rate, in 10 bpm: as much as it drifts in a steady run."""
CONTRAST = 0.1
DIP = 0.15
SLOWER, FASTER = 0.06, 0.12
"""Log speeds by which an effort may be slower and faster than the usual one; the first often is."""
JOG, JOG_SHARE = 0.55, 0.8
"""So much of each recovery is run, at this share of the typical effort."""
LONGEST_GAP = 1.0
"""The longest recovery, in usual efforts."""
SWING_LOG_ODDS = 3.0
SESSION_LOG_ODDS = 1.5


def follow_swings(
    pieces: Pieces, candidates: Candidates, weights: Weights, choice: Choice
) -> Choice:
    """Choose anew with favour for what heart rate follows, where that makes a session.

    Parameters
    ----------
    pieces : Pieces
    candidates : Candidates
        Of these pieces.
    weights : Weights
    choice : Choice
        What was chosen without.

    Returns
    -------
    Choice
        The same where heart rate follows fewer than four efforts of like speed, or where it does
        not part them evenly.
    """
    able, speed = _followed(candidates), np.log(np.maximum(candidates.effort, 0.01))
    # The most that could be followed at once; where that is no more than was chosen, it is over.
    most = best_disjoint(candidates, np.where(able, 1.0, -1.0)).size
    if most < FEWEST or most <= choice.chosen.size:
        return choice
    first = choose(candidates, weights, favour=np.where(able, SWING_LOG_ODDS, 0.0)).chosen
    usual = median(speed[first[able[first]]]) if able[first].any() else 0.0
    able &= (speed > usual - SLOWER) & (speed < usual + FASTER)
    again = choose(candidates, weights, favour=np.where(able, SWING_LOG_ODDS, 0.0))
    followed = again.chosen[able[again.chosen]]
    if followed.size < FEWEST or followed.size <= choice.chosen.size:
        return choice
    if not _is_session(pieces, candidates, followed):
        return choice
    return replace(again, session_log_odds=max(choice.session_log_odds, SESSION_LOG_ODDS))


def _followed(candidates: Candidates) -> Bools:
    """Whether an effort stands out on both sides, and heart rate goes up with it and down after."""
    (rise, fall, before, after, dip, unknown, at_start, at_end) = (
        candidates.features[:, FEATURES.index(name)]
        for name in (
            "hr_rise", "hr_fall", "contrast_before", "contrast_after", "dip", "no_hr", "at_start",
            "at_end",
        )
    )  # fmt: skip
    seconds = candidates.seconds
    known = (unknown == 0.0) & (at_start == 0.0) & (at_end == 0.0)
    stands_out = (before >= CONTRAST) & (after >= CONTRAST) & (dip < DIP)
    fits = (seconds >= LEAST_S) & (seconds <= MOST_S)
    # A rise or fall that is not known stands as exactly 10 bpm, see `kernels.features.heart_rates`.
    return np.asarray(known & stands_out & fits & (rise > SWING) & (fall > SWING))


def _is_session(pieces: Pieces, candidates: Candidates, followed: Ints) -> bool:
    """Whether there are jogs between efforts that are no longer than they."""
    gaps = candidates.start_s[followed[1:]] - candidates.end_s[followed[:-1]]
    if gaps.max() > LONGEST_GAP * median(candidates.seconds[followed]):
        return False
    for first, last in zip(
        candidates.last[followed[:-1]], candidates.first[followed[1:]], strict=True
    ):
        seconds = pieces.seconds[first:last]
        jogged = float(seconds[pieces.level[first:last] > JOG].sum())
        if jogged < JOG_SHARE * float(seconds.sum()):
            return False
    return True
