"""A rep that is missing from a regular set: looked for where it is due.

One rep in a set may be cut short by a corner or a hill, so that no single stretch of it stands out.
Where the others are alike and come at even times, it is known when it should have been run; faster
running just then is the rep.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Pieces, Signal
from intervaldetect.structure.alternation import cut_at
from intervaldetect.structure.candidates import Candidates, find_candidates
from intervaldetect.structure.choice import Choice, Weights, choose, most_alike
from intervaldetect.structure.evidence import Prefix

FEWEST = 4
EVEN = 0.15
"""Differences of log size by which sizes, recoveries and the room between two reps are alike."""
EVEN_SHARE = 0.75
STEP = 0.4
"""What is due has to be so much of the set's usual step faster than on both sides of it."""
DUE_LOG_ODDS = 5.0

View = tuple[Pieces, Candidates, Choice]


def find_missing(
    signal: Signal, pieces: Pieces, candidates: Candidates, weights: Weights, choice: Choice
) -> View:
    """Add reps that are missing from a regular set.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
    candidates : Candidates
        Of these pieces.
    weights : Weights
    choice : Choice

    Returns
    -------
    pieces, candidates, choice
        As given where nothing is missing, or what is due was not run.
    """
    same = pieces, candidates, choice
    core = most_alike(candidates, choice.chosen)
    # Hills keep the edges that plain speed gives them: what is cut anew would lose these.
    if core.size < FEWEST or pieces.channel == "adjusted_speed":
        return same
    start, end = candidates.start_s[core], candidates.end_s[core]
    size_s, gaps = median(end - start), np.maximum(start[1:] - end[:-1], 1.0)
    rest_s = median(gaps)
    sizes_even = np.abs(np.log((end - start) / size_s)) < EVEN
    rests_even = np.abs(np.log(gaps / rest_s)) < EVEN
    if min(sizes_even.mean(), (rests_even.sum() + 1) / gaps.size) < EVEN_SHARE:
        return same
    room = np.abs(np.log(gaps / (size_s + 2.0 * rest_s))) < EVEN
    effort = Prefix(pieces.values, pieces.weights)
    found = pieces
    due_at: list[int] = []
    for k in np.flatnonzero(room):
        first = pieces.end[candidates.last[core[k]] - 1]
        last = pieces.start[candidates.first[core[k + 1]]]
        spare = (gaps[k] - size_s - 2.0 * rest_s) / 2.0
        moments = (end[k] + rest_s + spare, start[k + 1] - rest_s - spare)
        edges = np.array([first, *np.searchsorted(signal.time_s, moments), last])
        if not (np.diff(edges) > 0).all():
            continue
        before, here, after = effort.mean(edges[:-1], edges[1:]).tolist()
        usual = median(candidates.effort[core]) - max(before, after)
        if here - max(before, after) >= STEP * usual > 0.0:
            found, _ = cut_at(found, edges)
            due_at.append(int(edges[1]))
    if not due_at:
        return same
    level = find_candidates(signal, found)
    due = (level.last - level.first == 1) & np.isin(found.start[level.first], due_at)
    again = choose(level, weights, favour=np.where(due, DUE_LOG_ODDS, 0.0))
    kept = np.isin(candidates.start_s[choice.chosen], level.start_s[again.chosen]).all()
    added = int(due[again.chosen].sum()) == len(due_at)
    if not kept or not added or again.chosen.size != choice.chosen.size + len(due_at):
        return same
    sure = max(choice.session_log_odds, again.session_log_odds)
    return found, level, replace(again, session_log_odds=sure)
