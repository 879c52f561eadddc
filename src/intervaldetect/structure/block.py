"""One tempo block between easy running: told by what was run before and after it, not by edges.

The models of the choice look a minute or two around an effort. A block of a quarter of an hour and
more is better told by the ten minutes of running on either side, however often somebody stopped,
did drills or strides in them.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.records import Floats, Ints, Pieces, Signal
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import Prefix

BLOCK_S = 600.0
MOST_SHARE = 0.75
"""What fills more of the running than this is the run itself."""
RUNNING = 0.6
"""Effort from which a piece counts as running."""
BESIDE_S, LEAST_BESIDE_S = 600.0, 240.0
STEP = 0.09
"""How much faster a block is than the running before and the running after it."""
STEP_ALONE = 0.12
"""The same where heart rate is not known."""
SLOW, SLOW_SHARE = 0.93, 0.2
"""A block is even: so much of it may be slower than this share of its mean."""
ELSEWHERE, ELSEWHERE_SHARE = 0.95, 0.15
"""It is alone: outside it, no more than so much of its time is run at this share of its effort."""
RISE_BPM, FALL_BPM = 8.0, 3.0
SETTLED_S = 60.0
BEATS_S = 300.0


def find_block(signal: Signal, pieces: Pieces, candidates: Candidates) -> int | None:
    """Find the candidate that is one block of tempo.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
    candidates : Candidates
        Of these pieces.

    Returns
    -------
    int or None
        Of several the one that stands out most for its length; None without any.
    """
    step = _step(pieces, candidates)
    running_s = float(pieces.seconds[pieces.level > RUNNING].sum())
    long = (candidates.seconds >= BLOCK_S) & (candidates.seconds <= MOST_SHARE * running_s)
    likely = np.flatnonzero(long & (step >= STEP))
    beats = Prefix(signal.heart_rate_bpm) if likely.size else None
    worth = [
        (float(step[q]) * float(candidates.seconds[q]) ** 0.5 * (1.0 - slow), int(q))
        for q in likely
        if (slow := _slow_share(pieces, candidates, int(q))) <= SLOW_SHARE
        and _is_alone(pieces, candidates, int(q))
        and beats is not None
        and _works_harder(signal, pieces, candidates, int(q), beats, float(step[q]))
    ]
    return max(worth)[1] if worth else None


def _step(pieces: Pieces, candidates: Candidates) -> Floats:
    """Relative step to the faster of both sides, -inf where one side has too little running."""
    weight = np.where(pieces.level > RUNNING, pieces.seconds, 0.0)
    seconds = np.concatenate(([0.0], np.cumsum(weight)))
    total = np.concatenate(([0.0], np.cumsum(weight * pieces.level)))
    first, last = candidates.first, candidates.last
    begin = np.searchsorted(seconds, seconds[first] - BESIDE_S, "right") - 1
    end = np.searchsorted(seconds, seconds[last] + BESIDE_S)
    before = _mean(seconds, total, np.maximum(begin, 0), first)
    after = _mean(seconds, total, last, np.minimum(end, seconds.size - 1))
    return np.asarray(candidates.effort / np.maximum(before, after) - 1.0)


def _mean(seconds: Floats, total: Floats, a: Ints, b: Ints) -> Floats:
    """Mean level of the running pieces [a, b), infinite where they are too short."""
    length = seconds[b] - seconds[a]
    known = length >= LEAST_BESIDE_S
    return np.where(known, (total[b] - total[a]) / np.where(known, length, 1.0), np.inf)


def _slow_share(pieces: Pieces, candidates: Candidates, q: int) -> float:
    inside = slice(candidates.first[q], candidates.last[q])
    level, seconds = pieces.level[inside], pieces.seconds[inside]
    return float(seconds[level < SLOW * candidates.effort[q]].sum() / seconds.sum())


def _is_alone(pieces: Pieces, candidates: Candidates, q: int) -> bool:
    fast = pieces.level > ELSEWHERE * candidates.effort[q]
    fast[candidates.first[q] : candidates.last[q]] = False
    elsewhere_s = float(pieces.seconds[fast].sum())
    return elsewhere_s <= ELSEWHERE_SHARE * float(candidates.seconds[q])


def _works_harder(
    signal: Signal, pieces: Pieces, candidates: Candidates, q: int, beats: Prefix, step: float
) -> bool:
    """Whether heart rate is higher in the second half than on both sides; or a clearer step."""
    time = signal.time_s
    start = float(time[pieces.start[candidates.first[q]]])
    end = float(time[pieces.end[candidates.last[q] - 1]])
    bounds = np.array(
        [
            (start - BEATS_S, start),
            ((start + end) / 2.0, end),
            (end + SETTLED_S, end + SETTLED_S + BEATS_S),
        ]
    )
    at = np.searchsorted(time, bounds)
    before, inside, after = beats.mean(at[:, 0].copy(), at[:, 1].copy()).tolist()
    if np.isnan(inside) or (np.isnan(before) and np.isnan(after)):
        return step >= STEP_ALONE
    # Where one side has no heart rate, the other decides.
    return not inside < before + RISE_BPM and not inside < after + FALL_BPM
