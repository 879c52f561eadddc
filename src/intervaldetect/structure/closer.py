"""A closer look: pieces at a lower price per change, where they show more of a set.

Floats hardly slower than the reps are too dear to cut at the usual price: two reps become one
effort. Cheap changes everywhere would shatter plain runs, so the closer reading is taken only
where it keeps every effort found before and shows more reps of one sure, evenly spaced set.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Ints
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.choice import SET_COUNT, Choice, most_alike

BLOCK_S = 480.0
SURE_LOG_ODDS = 1.0
EVEN_GAPS = 0.75
SAME_GAP = 0.25
"""Gaps this close in log size are alike; so many of them have to be."""
STEP_GAP = 0.2
"""As close a gap has to be on one side of an effort that is new."""
KEPT = 0.8
ROOM, PART, TWICE, MANY, NEARLY = 0.8, 0.4, 1.5, 6.0, 0.9
"""How large a gap, and how long and fast an effort, has to be to hide reps, in those of the set."""


def worth_it(candidates: Candidates, choice: Choice) -> bool:
    """Whether there is a set that may have more reps, or one long effort that may be a set.

    A set may have more where a gap has room for another rep and its recoveries, where an effort
    nearly as fast is long enough to be two, or where one that was chosen looks like a part of one.
    """
    chosen = choice.chosen
    core = most_alike(candidates, chosen)
    if core.size < SET_COUNT - 1:
        return chosen.size == 1 and float(candidates.seconds[chosen[0]]) >= BLOCK_S
    size, effort = median(candidates.seconds[core]), median(candidates.effort[core])
    gaps = candidates.start_s[core[1:]] - candidates.end_s[core[:-1]]
    rest = min(median(gaps), 1.3 * float(gaps.min()))
    if float(gaps.max()) >= ROOM * (size + 2.0 * rest):
        return True
    first, last = candidates.first, candidates.last
    within = (first[core][:, None] < last) & (first < last[core][:, None])
    least = np.full(len(candidates), TWICE * size)
    least[chosen] = PART * size
    like = (candidates.seconds >= least) & (candidates.seconds <= MANY * size)
    fast = candidates.effort >= NEARLY * effort
    return bool((like & fast & ~within.any(axis=0)).any())


def shows_more(candidates: Candidates, choice: Choice, closer: Candidates, again: Choice) -> bool:
    """Say if the closer reading is to be taken.

    Parameters
    ----------
    candidates, choice
        At the usual price per change.
    closer, again
        The same at a lower price.
    """
    core = most_alike(closer, again.chosen)
    if core.size < SET_COUNT or core.size <= most_alike(candidates, choice.chosen).size:
        return False
    sure = median(again.log_odds[np.isin(again.chosen, core)]) >= SURE_LOG_ODDS
    start, end = closer.start_s[core], closer.end_s[core]
    gaps = np.log(np.maximum(start[1:] - end[:-1], 1.0))
    away = np.abs(gaps - median(gaps))
    even = float((away < SAME_GAP).mean()) >= EVEN_GAPS
    # A warm-up that ends fast is no first rep: what lay in no effort before has to be in step.
    before = choice.chosen
    new = ~(
        (candidates.start_s[before] < end[:, None]) & (start[:, None] < candidates.end_s[before])
    ).any(axis=1)
    nearest = np.minimum(np.append(away, np.inf), np.append(np.inf, away))
    in_step = bool((nearest[new] < STEP_GAP).all())
    return sure and even and in_step and _all_kept(candidates, before, closer, again.chosen)


def _all_kept(candidates: Candidates, chosen: Ints, closer: Candidates, again: Ints) -> bool:
    """Whether each effort is there again, or was parted into two and more."""
    start, end = candidates.start_s[chosen, None], candidates.end_s[chosen, None]
    overlap = np.minimum(end, closer.end_s[again]) - np.maximum(start, closer.start_s[again])
    there = overlap > KEPT * (end - start)
    inside = overlap > KEPT * (closer.end_s[again] - closer.start_s[again])
    return bool((there.any(axis=1) | (inside.sum(axis=1) >= 2)).all())
