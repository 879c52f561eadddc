"""What the others that look like reps say of each candidate effort."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIZE_FIT, SPEED_FIT = 0.1, 0.06
"""Differences of log size and log speed at which another is still alike by 1 / e."""
MOST_MISFIT = 1.5
LEAST_GAP_S = 5.0


@kernel
def among_others(
    pieces: tuple[Ints, Ints],
    edges: tuple[Floats, Floats],
    seconds: Floats,
    effort: Floats,
    alone: Floats,
    others: Ints,
    long_s: float,
) -> Floats:
    """Look at each candidate beside those of the others that lie apart from it.

    Parameters
    ----------
    pieces : (q,) int64, (q,) int64
        Half-open ranges.
    edges : (q,) float64, (q,) float64
        Start and end in s.
    seconds, effort, alone : (q,) float64
        Counted time, mean effort, and log-odds of each by itself.
    others : (k,) int64
        Disjoint candidates that look like reps, in time order.
    long_s : float
        Efforts beyond are long.

    Returns
    -------
    (q, 18) float64
        In the order of ``choice.TOGETHER``.
    """
    first, last = pieces
    start, end = edges
    size, speed = np.log(np.maximum(seconds, 1.0)), np.log(np.maximum(effort, 0.01))
    trust = 1.0 / (1.0 + np.exp(-alone[others]))
    usual = np.empty(max(others.size - 1, 0))
    for k in range(usual.size):
        usual[k] = _log_gap(start[others[k + 1]] - end[others[k]])
    rows = np.empty((first.size, 18))
    for q in range(first.size):
        count = 0
        total = same_size = same_both = faster = mean_other = 0.0
        best_other, nearest_size, nearest_speed = -np.inf, np.inf, np.inf
        for k in range(others.size):
            other = others[k]
            if first[q] < last[other] and first[other] < last[q]:
                continue
            sizes, speeds = abs(size[other] - size[q]), speed[q] - speed[other]
            fit = math.exp(-((sizes / SIZE_FIT) ** 2))
            count += 1
            total += trust[k]
            same_size += trust[k] * fit
            same_both += trust[k] * fit * math.exp(-((speeds / SPEED_FIT) ** 2))
            faster += trust[k] * speeds
            mean_other += alone[other]
            best_other = max(best_other, alone[other])
            nearest_size, nearest_speed = min(nearest_size, sizes), min(nearest_speed, abs(speeds))
        over = total if total > 0.0 else 1.0
        faster = min(max(faster / over, -0.3), 0.3)
        lonely, is_long = count == 0, 1.0 if seconds[q] > long_s else 0.0
        misfit, between = _gap_misfit(first, last, start, end, others, usual, q)
        rows[q, 0] = alone[q]
        rows[q, 1] = math.log1p(total)
        rows[q, 2], rows[q, 3] = math.log1p(same_size), math.log1p(same_both)
        rows[q, 4], rows[q, 5] = min(1.0, same_size / over), min(1.0, same_both / over)
        rows[q, 6] = faster
        rows[q, 7] = 0.1 if lonely else abs(faster)
        rows[q, 8], rows[q, 9] = misfit, between
        rows[q, 10] = 0.0 if lonely else min(max(best_other, -3.0), 6.0)
        rows[q, 11] = min(max(mean_other / max(count, 1), -3.0), 5.0)
        rows[q, 12] = 0.5 if lonely else min(nearest_size, 1.5)
        rows[q, 13] = 0.05 if lonely else min(nearest_speed, 0.3)
        rows[q, 14] = 1.0 if lonely else 0.0
        rows[q, 15] = is_long
        rows[q, 16] = is_long * alone[q]
        rows[q, 17] = is_long * math.log1p(total)
    return rows


@helper
def _log_gap(gap_s: float) -> float:
    return math.log(max(gap_s, LEAST_GAP_S))


@helper
def _gap_misfit(
    first: Ints, last: Ints, start: Floats, end: Floats, others: Ints, usual: Floats, q: int
) -> tuple[float, float]:
    """How far the gaps beside a candidate are from those between others; 1 if it has both gaps.

    The first is a difference of logs of at most 1.5, which it is where there is nothing to compare.
    """
    # The gaps to the nearest on each side, and between the last before and the first after.
    before = after = np.inf
    done, begun = -np.inf, np.inf
    for k in range(others.size):
        other = others[k]
        if last[other] <= first[q]:
            done = max(done, end[other])
        elif first[other] >= last[q]:
            begun = min(begun, start[other])
        else:
            continue
        if end[other] <= start[q]:
            before = min(before, start[q] - end[other])
        if start[other] >= end[q]:
            after = min(after, start[other] - end[q])
    misfit = MOST_MISFIT
    for side in range(2):
        beside = before if side == 0 else after
        if not math.isfinite(beside):
            continue
        mine = _log_gap(beside)
        for k in range(usual.size):
            if last[others[k + 1]] <= first[q] or first[others[k]] >= last[q]:
                misfit = min(misfit, abs(mine - usual[k]))
        if math.isfinite(begun - done):
            misfit = min(misfit, abs(mine - _log_gap(begun - done)))
    return misfit, 1.0 if math.isfinite(before) and math.isfinite(after) else 0.0
