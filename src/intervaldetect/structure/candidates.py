"""Pieces -> candidate efforts: every stretch faster than what surrounds it.

The candidates are the nodes of the max-tree of the pieces: for every cut through the levels, each
maximal run of pieces above it. A rep, if it shows in the effort at all, is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Ints, Pieces, Signal
from intervaldetect.structure.evidence import Prefix, evidence


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """q candidate efforts of one activity, parents before their children.

    ``first`` and ``last`` are piece indices, half-open; ``start_s`` and ``end_s`` elapsed seconds,
    lag-corrected; ``seconds`` counted time; ``effort`` the mean over the activity's typical one;
    ``features`` (q, len(evidence.FEATURES)).
    """

    first: Ints
    last: Ints
    start_s: Floats
    end_s: Floats
    seconds: Floats
    effort: Floats
    features: Floats

    def __len__(self) -> int:
        return int(self.first.size)


def find_candidates(signal: Signal, pieces: Pieces) -> Candidates:
    """List every stretch that is faster than its surroundings.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
        Of the same signal.

    Returns
    -------
    Candidates
        At most twice as many as pieces; the whole activity is one of them.
    """
    first, last, top, below = _max_tree(pieces.level)
    counted = Prefix(pieces.values, pieces.weights)
    i, j = pieces.start[first], pieces.end[last - 1]
    seconds = counted.weight[j] - counted.weight[i]
    time = signal.time_s
    # Where the record starts, stops or pauses, the edge is that moment and no lag applies.
    stopped = np.concatenate(([True], signal.paused, [True]))
    return Candidates(
        first=first,
        last=last,
        start_s=np.maximum(time[i] - np.where(stopped[i], 0.0, signal.start_lag_s), 0.0),
        end_s=time[j] - np.where(stopped[j + 1], 0.0, signal.end_lag_s),
        seconds=seconds,
        effort=(counted.total[j] - counted.total[i]) / np.maximum(seconds, 1e-9),
        features=evidence(signal, pieces, counted, first, last, top, below),
    )


def _max_tree(level: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Maximal runs of pieces above some cut: first, last, highest cut and level just below.

    A run exists for every cut in ``(below, top]``: ``top`` is its slowest piece, ``below`` the
    faster of its two neighbours (-1 where it has none). Found with a stack, in linear time.
    """
    runs: list[tuple[int, int, float, float]] = []
    stack: list[tuple[int, float]] = []
    padded = np.append(level, -1.0)
    for index, value in enumerate(padded.tolist()):
        begin = index
        while stack and stack[-1][1] > value:
            begin, top = stack.pop()
            runs.append((begin, index, top, max(value, stack[-1][1] if stack else -1.0)))
        if not stack or stack[-1][1] < value:
            stack.append((begin, value))
    runs.sort(key=lambda run: (run[0], -run[1]))
    table = np.array(runs, dtype=np.float64).reshape(-1, 4)
    bounds = table[:, :2].astype(np.int64)
    return bounds[:, 0].copy(), bounds[:, 1].copy(), table[:, 2], table[:, 3]
