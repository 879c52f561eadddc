"""Over-unders: one long effort, in which faster and slower stretches take turns.

Each change by itself is too small to be worth its price. Together they are not: a regular
alternation has but two unknowns, how many stretches there are and which share is the faster one.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.records import Floats, Ints, Pieces
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import running_sums

BLOCK_S = 480.0
CONTINUOUS = 0.88
"""Level of all between the first and the last effort over that of the efforts, for one block."""
RECOVERY, RECOVERY_S = 0.75, 10.0
FEWEST, SHORTEST_S = 3, 60.0
MAX_TURNS = 120
"""Two hours of minutes on and minutes off; more are not looked for."""
SHARES = np.linspace(0.3, 0.75, 10)
BIN_S = 10.0
EXPLAINED = 0.45
"""Share of the variance within the block that the alternation has to explain."""
LEAST_STEP = 0.04
LEAST_TURN = 0.15
"""Every faster stretch has to be so much of the mean step faster than the slower ones beside it."""
TURN_LOG_ODDS = 5.0
"""What it is worth to be one of the faster stretches."""
MOVE = 0.3
LATE_S = 4.0
"""How far from regular a change usually is."""
SWEEPS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Turns:
    """Pieces that take turns within a block; of ``faster`` each is an index of a piece."""

    pieces: Pieces
    faster: Ints


def take_turns(pieces: Pieces, candidates: Candidates, chosen: Ints) -> Turns | None:
    """Cut one long effort where faster and slower stretches take turns.

    Parameters
    ----------
    pieces : Pieces
    candidates : Candidates
        Of the same pieces.
    chosen : (k,) int64
        Those taken for reps, in time order.

    Returns
    -------
    Turns or None
        The same pieces outside the effort; None where it is no long one or nothing regular stands
        out in it.
    """
    best, found = EXPLAINED, None
    for start, end in _blocks(pieces, candidates, chosen):
        weight, total = running_sums(pieces.values[start:end], pieces.weights[start:end])
        explained, left, moments = _regular(weight, total)
        if explained <= best:
            continue
        places = np.unique(np.minimum(np.searchsorted(weight, moments), weight.size - 1))
        edges = _settle(weight, total, places, left)
        if edges.size == moments.size and _are_turns(weight, total, edges):
            best, found = explained, edges + start
    if found is None:
        return None
    cut, first = cut_at(pieces, found)
    return Turns(cut, first + np.arange(0, found.size - 1, 2))


def _blocks(pieces: Pieces, candidates: Candidates, chosen: Ints) -> list[tuple[int, int]]:
    """List, in samples, every effort that holds all those chosen and is hardly slower than they."""
    if chosen.size == 0:
        return []
    weight = candidates.seconds[chosen]
    usual = float(weight @ candidates.effort[chosen]) / float(weight.sum())
    first, last = candidates.first, candidates.last
    whole = np.flatnonzero(
        (first <= first[chosen[0]])
        & (last >= last[chosen[-1]])
        & (candidates.seconds >= BLOCK_S)
        & (candidates.effort >= CONTINUOUS * usual)
    )
    # What holds a recovery is no continuous effort.
    recovery = np.flatnonzero((pieces.level < RECOVERY * usual) & (pieces.seconds >= RECOVERY_S))
    return [
        (int(pieces.start[first[q]]), int(pieces.end[last[q] - 1]))
        for q in whole
        if not ((recovery >= first[q]) & (recovery < last[q])).any()
    ]


def cut_at(pieces: Pieces, edges: Ints) -> tuple[Pieces, int]:
    """Cut a stretch of pieces anew.

    Parameters
    ----------
    pieces : Pieces
    edges : (k,) int64
        Intervals, rising; the first begins a piece, the last ends one.

    Returns
    -------
    Pieces, int
        Cut at these edges instead of those it had between them; index of the first new piece.
    """
    start, end = int(edges[0]), int(edges[-1])
    before, after = pieces.end <= start, pieces.start >= end
    starts = np.concatenate((pieces.start[before], edges[:-1], pieces.start[after]))
    ends = np.concatenate((pieces.end[before], edges[1:], pieces.end[after]))
    weight, total = running_sums(pieces.values, pieces.weights)
    seconds = weight[ends] - weight[starts]
    level = (total[ends] - total[starts]) / np.maximum(seconds, 1e-9)
    cut = replace(pieces, start=starts, end=ends, level=level, seconds=seconds)
    return cut, int(np.count_nonzero(before))


def _regular(weight: Floats, total: Floats) -> tuple[float, float, Floats]:
    """Find the regular alternation that explains most.

    Returns the share of all changes that it explains, the variance times seconds that is left, and
    its edges in seconds.
    """
    from intervaldetect.kernels.turns import regular_turns  # noqa: PLC0415 - loads numba

    whole = float(weight[-1])
    most = min(int(whole / SHORTEST_S), weight.size // 2, MAX_TURNS)
    best, count, k = regular_turns(weight, total, FEWEST, most, SHARES)
    edges = np.zeros(0)
    if best > 0.0:
        period = whole / (count - 1 + SHARES[k])
        starts = np.arange(count) * period
        edges = np.column_stack((starts, starts + SHARES[k] * period)).ravel()
    # No finer than the samples are: between them, where there is one a day, nothing is to be seen.
    bin_s = max(BIN_S, whole / weight.size)
    bins = np.interp(np.arange(0.0, whole, bin_s), weight, total)
    spread = float(((bins[1:] - bins[:-1]) / bin_s).var()) * whole
    left = max(spread - best, 0.0) / whole * bin_s
    return best / max(spread, 1e-9), left, edges


def _settle(weight: Floats, total: Floats, edges: Ints, left: float) -> Ints:
    """Move every inner edge to where it parts its two neighbours best, near where it is due."""
    settled = edges.copy()
    for _ in range(SWEEPS):
        for k in range(1, settled.size - 1):
            before, here, after = (int(e) for e in settled[k - 1 : k + 2])
            reach = int(MOVE * min(here - before, after - here))
            at = np.arange(here - reach, here + reach + 1)
            fit = (total[at] - total[before]) ** 2 / np.maximum(weight[at] - weight[before], 1.0)
            fit += (total[after] - total[at]) ** 2 / np.maximum(weight[after] - weight[at], 1.0)
            late = (weight[at] - weight[edges[k]]) / LATE_S
            settled[k] = at[int(np.argmax(fit - left * late**2))]
    return settled


def _are_turns(weight: Floats, total: Floats, edges: Ints) -> bool:
    level = np.diff(total[edges]) / np.maximum(np.diff(weight[edges]), 1e-9)
    faster, slower = level[::2], level[1::2]
    step = float(faster.mean() - slower.mean())
    turns = np.concatenate((faster[:-1] - slower, faster[1:] - slower))
    return step > LEAST_STEP * float(faster.mean()) and bool((turns > LEAST_TURN * step).all())
