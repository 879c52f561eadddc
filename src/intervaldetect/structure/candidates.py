"""Pieces -> candidate efforts: every stretch faster than what surrounds it.

The candidates are the nodes of the max-tree of the pieces: for every cut through the levels, each
maximal run of pieces above it. A rep, if it shows in the effort at all, is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Floats, Ints, Pieces, Signal


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """q candidate efforts of one activity, parents before their children.

    ``first`` and ``last`` are piece indices, half-open; ``start_s`` and ``end_s`` elapsed seconds,
    lag-corrected; ``seconds`` counted time; ``effort`` the mean over the activity's typical one.
    """

    first: Ints
    last: Ints
    start_s: Floats
    end_s: Floats
    seconds: Floats
    effort: Floats

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
    from intervaldetect.kernels.maxtree import max_tree  # noqa: PLC0415 - loads numba
    from intervaldetect.kernels.sums import running_sums  # noqa: PLC0415 - as above

    first, last, _, _ = max_tree(pieces.level)
    weight, total = running_sums(pieces.values, pieces.weights)
    i, j = pieces.start[first], pieces.end[last - 1]
    seconds = weight[j] - weight[i]
    time = signal.time_s
    # Where the record starts, stops or pauses, the edge is that moment and no lag applies.
    stopped = np.concatenate(([True], signal.paused, [True]))
    return Candidates(
        first=first,
        last=last,
        start_s=np.maximum(time[i] - np.where(stopped[i], 0.0, signal.start_lag_s), 0.0),
        end_s=time[j] - np.where(stopped[j + 1], 0.0, signal.end_lag_s),
        seconds=seconds,
        effort=(total[j] - total[i]) / np.maximum(seconds, 1e-9),
    )
