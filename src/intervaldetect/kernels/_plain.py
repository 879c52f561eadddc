"""What runs in the place of a few kernels until they are compiled: the same bits, over numpy.

Plain Python takes these by far the longest, value by value. Whatever is summed here is summed in
the order of the kernels, one value after the other: numpy's own sums go by pairs.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

OK, BOUNDED, BAD_INPUT = 0, 1, 2
BINS = 1024
TINY = 1e-290


def _sum(values: Floats) -> float:
    return float(np.cumsum(values)[-1]) if values.size else 0.0


def value_at_share(values: Floats, weights: Floats, above: float, share: float) -> float:
    """As ``order.value_at_share``."""
    n = min(values.size, weights.size)
    counts = (weights[:n] > 0.0) & (values[:n] > above)
    values, weights = values[:n][counts], weights[:n][counts]
    if not values.size:
        return math.nan
    low, high = float(values.min()), float(values.max())
    if not low < high:
        return high
    goal = share * _sum(weights)
    scale = BINS / (high - low) if high - low > TINY else 0.0
    bins = np.minimum(((values - low) * scale).astype(np.int64), BINS - 1)
    up_to = np.cumsum(np.bincount(bins, weights, BINS))
    full = np.flatnonzero(up_to[: BINS - 1] >= goal)
    place = int(full[0]) if full.size else BINS - 1
    here = bins == place
    order = np.argsort(values[here], kind="stable")
    before = up_to[place - 1 : place] if place else np.zeros(1)
    reached = np.cumsum(np.concatenate((before, weights[here][order])))[1:]
    ordered = values[here][order]
    if not ordered.size:
        return low
    enough = np.flatnonzero(reached >= goal)
    return float(ordered[enough[0] if enough.size else -1])


def at_ranks(values: Floats, ranks: Ints) -> Floats:
    """As ``order.at_ranks``."""
    found: Floats = np.sort(values)[ranks]
    return found


def interpolate(moments: Floats, x: Floats, y: Floats) -> Floats:
    """As ``interpolation.interpolate``."""
    return np.interp(moments, x, y)


def best_means(total: Floats, known: Floats, steps: Ints, least: Floats, span: Floats) -> Floats:
    """As ``sums.best_means``."""
    means = np.full(steps.size, np.nan)
    for k, n in enumerate(steps.tolist()):
        sure = known[n:] - known[:-n]
        counts = sure >= least[k]
        if counts.any():
            whole = (total[n:] - total[:-n])[counts]
            means[k] = (whole / (span[k] if span[k] > 0.0 else sure[counts])).max()
    return means


def potts_l2(
    values: Floats, weights: Floats, penalty: float, min_weight: float, max_candidates: int
) -> tuple[int, Ints]:
    """As ``changepoint.potts_l2``, over lists: they give up their numbers quicker than arrays."""
    none = np.empty(0, np.int64)
    if weights.size != values.size or not penalty >= 0.0 or not min_weight >= 0.0:
        return BAD_INPUT, none
    if max_candidates < 2:
        return BAD_INPUT, none
    index = np.flatnonzero(np.isfinite(values) & np.isfinite(weights) & (weights > 0.0))
    if index.size < 2:
        return OK, none
    search = _Potts(values[index], weights[index], penalty, min_weight, max_candidates)
    status, places = search.run()
    return status, index[places].astype(np.int64)


class _Potts:
    """The state of one search; names as in ``kernels.changepoint``."""

    def __init__(
        self, values: Floats, weights: Floats, penalty: float, min_weight: float, most: int
    ) -> None:
        self.penalty, self.most = penalty, most
        whole = np.cumsum(weights)
        centre = 0.0
        for value, share in zip(values.tolist(), (weights / whole).tolist(), strict=True):
            centre += (value - centre) * share
        values = values - centre
        self.low, self.high = float(values.min()), float(values.max())
        sums = (weights, weights * values, weights * values * values)
        self.weight, self.total, self.square = ([0.0, *np.cumsum(part).tolist()] for part in sums)
        self.least_weight = min_weight - 1e-12 * self.weight[-1]
        self.best = [0.0] + [math.inf] * values.size
        self.status = OK
        self.start = [self.low, self.high]
        self._own([0])

    def _own(self, owner: list[int]) -> None:
        self.owner = owner
        self.rows = [(self.best[i], self.weight[i], self.total[i], self.square[i]) for i in owner]

    def run(self) -> tuple[int, list[int]]:
        """Return the status and the changes, as places among the known intervals."""
        m = len(self.best) - 1
        if self.low == self.high:
            return OK, []
        last = [0] * (m + 1)
        entering = 1
        weight, best, least = self.weight, self.best, self.least_weight
        for j in range(1, m + 1):
            while entering < j and weight[j] - weight[entering] >= least:
                if best[entering] < math.inf:
                    self._enter(entering)
                entering += 1
            if weight[j] >= least:
                cost, k = self._cheapest(weight[j], self.total[j])
                best[j], last[j] = cost + self.square[j] + self.penalty, self.owner[k]
        changes: list[int] = []
        j = last[m] if best[m] < math.inf else 0
        while j > 0:
            changes.append(j)
            j = last[j]
        return self.status, changes[::-1]

    def _cheapest(self, weight: float, total: float) -> tuple[float, int]:
        least, place = math.inf, 0
        for k, (best, weight_i, total_i, square) in enumerate(self.rows):
            sum_ij = total - total_i
            cost = best - square - sum_ij * sum_ij / (weight - weight_i)
            if cost < least:
                least, place = cost, k
        return least, place

    def _enter(self, j: int) -> None:
        best_j, weight_j, total_j, square_j = (
            self.best[j], self.weight[j], self.total[j], self.square[j],
        )  # fmt: skip
        old, sqrt = self.start, math.sqrt
        start: list[float] = []
        owner: list[int] = []
        rows: list[tuple[float, float, float, float]] = []
        mine = (best_j, weight_j, total_j, square_j)
        reached, left = old[0], old[0]
        for k, row in enumerate(self.rows):
            best, weight_i, total_i, square_i = row
            weight = weight_j - weight_i
            sum_ij = total_j - total_i
            mean = sum_ij / weight
            slack = best_j - best - (square_j - square_i - sum_ij * mean)
            radius = sqrt(slack / weight) if slack > 0.0 else 0.0
            left, right = mean - radius, mean + radius
            left, right = max(left, old[k]), min(right, old[k + 1])
            if left < right:
                if reached < left:
                    owner.append(j)
                    start.append(reached)
                    rows.append(mine)
                owner.append(self.owner[k])
                start.append(left)
                rows.append(row)
                reached = right
        if reached < old[-1]:
            owner.append(j)
            start.append(reached)
            rows.append(mine)
        start.append(old[-1])
        self.start, self.owner, self.rows = start, owner, rows
        if len(owner) > self.most:
            self.status = BOUNDED
            self._thin()

    def _thin(self) -> None:
        """Drop the narrowest pieces, as ``changepoint._thin`` does."""
        start, owner = self.start, self.owner
        while len(owner) > self.most:
            widths = [right - left for left, right in pairwise(start)]
            narrowest = widths.index(min(widths))
            del owner[narrowest], start[max(narrowest, 1)]
        self._own(owner)
