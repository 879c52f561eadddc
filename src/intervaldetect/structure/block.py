"""One tempo block beside easy running: told by what was run before and after it, not by edges.

The models of the choice look a minute or two around an effort. A block of a quarter of an hour and
more is better told by the ten minutes of running on either side, however often somebody stopped,
did drills or strides in them. Where the activity ends with the block, a clearer step has to do.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.records import Bools, Floats, Ints, Pieces, Signal
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import Prefix

BLOCK_S = 600.0
MOST_SHARE, MOST_SHARE_LAST = 0.75, 0.85
"""What fills more of the running than this is the run itself; the second where it ends the run."""
RUNNING = 0.6
"""Effort from which a piece counts as running."""
BESIDE_S, LEAST_BESIDE_S = 600.0, 240.0
STEP = 0.09
"""How much faster a block is than the running before and the running after it."""
STEP_ALONE, STEP_LAST = 0.12, 0.15
"""The same where heart rate is not known, and where nothing was run after it."""
SLOW, SLOW_SHARE = 0.93, 0.2
"""A block is even: so much of it may be slower than this share of its mean."""
ELSEWHERE, ELSEWHERE_SHARE = 0.95, 0.15
"""It is alone: outside it, no more than so much of its time is run at this share of its effort."""
RISE_BPM, FALL_BPM, RISE_LAST_BPM = 8.0, 3.0, 20.0
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
    step, last = _step(pieces, candidates)
    running_s = float(pieces.seconds[pieces.level > RUNNING].sum())
    most_s = np.where(last, MOST_SHARE_LAST, MOST_SHARE) * running_s
    long = (candidates.seconds >= BLOCK_S) & (candidates.seconds <= most_s)
    likely = np.flatnonzero(long & (step >= np.where(last, STEP_LAST, STEP)))
    beats = Prefix(signal.heart_rate_bpm) if likely.size else None
    worth = [
        (float(step[q]) * float(candidates.seconds[q]) ** 0.5 * (1.0 - slow), int(q))
        for q in likely
        if (slow := slow_share(pieces, candidates, int(q))) <= SLOW_SHARE
        and _is_alone(pieces, candidates, int(q))
        and beats is not None
        and _works_harder(
            signal, pieces, candidates, int(q), beats, float(step[q]), last=bool(last[q])
        )
    ]
    return max(worth)[1] if worth else None


def _step(pieces: Pieces, candidates: Candidates) -> tuple[Floats, Bools]:
    """Relative step to the faster of both sides, and whether hardly anything was run after it.

    The step is -1 where too little was run before it.
    """
    weight = np.where(pieces.level > RUNNING, pieces.seconds, 0.0)
    seconds = np.concatenate(([0.0], np.cumsum(weight)))
    total = np.concatenate(([0.0], np.cumsum(weight * pieces.level)))
    first, last = candidates.first, candidates.last
    begin = np.searchsorted(seconds, seconds[first] - BESIDE_S, "right") - 1
    end = np.searchsorted(seconds, seconds[last] + BESIDE_S)
    before = _mean(seconds, total, np.maximum(begin, 0), first)
    after = _mean(seconds, total, last, np.minimum(end, seconds.size - 1))
    ends = seconds[-1] - seconds[last] < LEAST_BESIDE_S
    beside = np.maximum(before, np.where(ends, 0.0, after))
    return np.asarray(candidates.effort / beside - 1.0), ends


def _mean(seconds: Floats, total: Floats, a: Ints, b: Ints) -> Floats:
    """Mean level of the running pieces [a, b), infinite where they are too short."""
    length = seconds[b] - seconds[a]
    known = length >= LEAST_BESIDE_S
    return np.where(known, (total[b] - total[a]) / np.where(known, length, 1.0), np.inf)


def slow_share(pieces: Pieces, candidates: Candidates, q: int) -> float:
    """Return the share of an effort's time that is run clearly slower than its mean."""
    inside = slice(candidates.first[q], candidates.last[q])
    level, seconds = pieces.level[inside], pieces.seconds[inside]
    return float(seconds[level < SLOW * candidates.effort[q]].sum() / seconds.sum())


def _is_alone(pieces: Pieces, candidates: Candidates, q: int) -> bool:
    fast = pieces.level > ELSEWHERE * candidates.effort[q]
    fast[candidates.first[q] : candidates.last[q]] = False
    elsewhere_s = float(pieces.seconds[fast].sum())
    return elsewhere_s <= ELSEWHERE_SHARE * float(candidates.seconds[q])


def _works_harder(
    signal: Signal,
    pieces: Pieces,
    candidates: Candidates,
    q: int,
    beats: Prefix,
    step: float,
    *,
    last: bool,
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
    if last:  # it drifts up in any run
        return bool(inside >= before + RISE_LAST_BPM)
    if np.isnan(inside) or (np.isnan(before) and np.isnan(after)):
        return step >= STEP_ALONE
    # Where one side has no heart rate, the other decides.
    return not inside < before + RISE_BPM and not inside < after + FALL_BPM
