"""Which view of an activity shows its reps: plain speed, grade-adjusted, turns, a closer look."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from intervaldetect.records import Ints, Pieces, Signal
from intervaldetect.structure.alternation import TURN_LOG_ODDS, take_turns
from intervaldetect.structure.block import find_block
from intervaldetect.structure.candidates import Candidates, find_candidates
from intervaldetect.structure.choice import Weights, choose, with_blocks
from intervaldetect.structure.closer import shows_more, worth_it
from intervaldetect.structure.continuous import plain_shape
from intervaldetect.structure.hard import find_hard, overlap_s
from intervaldetect.structure.hills import sharpen
from intervaldetect.structure.missing import View, find_missing
from intervaldetect.structure.swings import follow_swings

CLAIM_LOG_ODDS = 0.4
"""Planned work is claimed from a probability of 0.6 on: a workout never run does more harm."""
SURE_LOG_ODDS = 2.0
FEW, SHOWN = 2, 0.5
"""One or two efforts that leave out more of the hard running than this miss what it was."""


def choose_view(
    signal: Signal,
    pieces: Pieces,
    hills: Pieces | None,
    closer: Callable[[], Pieces] | None,
    weights: Weights,
    hard_mps: float | None = None,
) -> View:
    """Choose the efforts of an activity, in the pieces given or in others that show more.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
        In plain speed or power, at the usual price per change.
    hills : Pieces or None
        On hilly ground, the same in grade-adjusted speed.
    closer : callable or None
        Gives the activity cut at a lower price per change.
    weights : Weights
    hard_mps : float, optional
        Speed from which sustained running is hard, whatever lies around it.

    Returns
    -------
    pieces, candidates, choice
        Where no planned work is claimed otherwise, a tempo block or hard running if there is any;
        hard running also in place of one or two efforts that leave most of it out.
    """
    pieces, candidates, choice = _clearest(signal, pieces, hills, closer, weights)
    if pieces.channel != "power":
        choice = follow_swings(pieces, candidates, weights, choice)
    pieces, candidates, choice = find_missing(signal, pieces, candidates, weights, choice)
    claimed = choice.session_log_odds > CLAIM_LOG_ODDS
    block = None if claimed else find_block(signal, pieces, candidates)
    if block is not None:
        return pieces, candidates, with_blocks(candidates, weights, choice, np.array([block]))
    if hard_mps is not None and pieces.channel != "power":
        hard = find_hard(signal, pieces, candidates, hard_mps)
        if hard.size and not (claimed and _shows(pieces, candidates, choice.chosen, hard)):
            choice = with_blocks(candidates, weights, choice, hard)
        choice = replace(choice, hard=bool(hard.size) and _cover(candidates, choice.chosen, hard))
    return pieces, candidates, choice


def _shows(pieces: Pieces, candidates: Candidates, chosen: Ints, hard: Ints) -> bool:
    """Whether the efforts chosen show what the hard running was."""
    if chosen.size > FEW:
        return True
    if plain_shape(pieces, candidates, chosen) == "steady" and chosen.size > hard.size:
        return False
    return _cover(candidates, chosen, hard)


def _cover(candidates: Candidates, chosen: Ints, hard: Ints) -> bool:
    """Whether the efforts chosen hold enough of the hard running."""
    return overlap_s(candidates, chosen, hard) >= SHOWN * float(candidates.seconds[hard].sum())


def _clearest(
    signal: Signal,
    pieces: Pieces,
    hills: Pieces | None,
    closer: Callable[[], Pieces] | None,
    weights: Weights,
) -> View:
    """Choose among the pieces, or among others of the same activity that show more."""
    candidates = find_candidates(signal, pieces)
    choice = choose(candidates, weights)
    if hills is not None:
        climbs = find_candidates(signal, hills)
        again, climbs = choose(climbs, weights), sharpen(climbs, candidates)
        unsure = choice.session_log_odds < SURE_LOG_ODDS
        if unsure or shows_more(candidates, choice, climbs, again):
            return hills, climbs, again
    claimed = choice.session_log_odds > CLAIM_LOG_ODDS
    turns = take_turns(pieces, candidates, choice.chosen) if claimed else None
    if turns is not None and turns.faster.size > choice.chosen.size:
        level = find_candidates(signal, turns.pieces)
        named = (level.last - level.first == 1) & np.isin(level.first, turns.faster)
        again = choose(level, weights, favour=np.where(named, TURN_LOG_ODDS, 0.0))
        sure = max(choice.session_log_odds, again.session_log_odds)
        return turns.pieces, level, replace(again, session_log_odds=sure)
    if closer is not None and worth_it(candidates, choice):
        fine = closer()
        level = find_candidates(signal, fine)
        again = choose(level, weights)
        if shows_more(candidates, choice, level, again):
            return fine, level, again
    return pieces, candidates, choice
