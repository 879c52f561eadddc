"""Edges of reps as a chain: where each may lie, and how well the sizes between them are round."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import kernel

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FREE, BY_TIME, BY_DISTANCE = 0, 1, 2
BASES = 3
LEAST_APART_S = 3.0
FAR = 5.0
"""Standard deviations from a size beyond which nothing speaks for it."""
NEAR = 0.12
"""How far the size meant may be from what a rep and those like it measure, as a share."""


@kernel
def size_odds(value: float, sizes: Floats, room: Floats, sigma: float, slack: float) -> float:
    """Say how much likelier a value is if a size was meant than if any value would do.

    Parameters
    ----------
    value : float
    sizes : (s,) float64
        Rising.
    room : (s,) float64
        How much of the line each size stands for.
    sigma : float
        How exactly a size is met, above 0.
    slack : float
        Share of values that follow no size.

    Returns
    -------
    float
        A ratio of densities, at least ``slack``.
    """
    if sizes.size == 0:
        return slack
    k = np.searchsorted(sizes, value)
    if k == sizes.size or (k > 0 and value - sizes[k - 1] < sizes[k] - value):
        k -= 1
    away = (value - sizes[k]) / sigma
    if abs(away) > FAR:
        return slack
    density = math.exp(-0.5 * away * away) / (math.sqrt(2.0 * math.pi) * sigma)
    return float(slack + (1.0 - slack) * room[k] * density)


@kernel
def _pairs(
    moment: Floats,
    place: Floats,
    usual: Floats,
    sizes: Floats,
    room: Floats,
    sigma: float,
    slack: float,
) -> Floats:
    """Odds of each size between neighbouring edges, 0 where their order would be lost."""
    m, k = place.shape
    table = np.empty((m - 1, k, k))
    for e in range(m - 1):
        low = np.searchsorted(sizes, usual[e] * (1.0 - NEAR))
        high = np.searchsorted(sizes, usual[e] * (1.0 + NEAR))
        near, near_room = sizes[low:high], room[low:high]
        for a in range(k):
            for b in range(k):
                if moment[e + 1, b] - moment[e, a] < LEAST_APART_S:
                    table[e, a, b] = 0.0
                else:
                    value = place[e + 1, b] - place[e, a]
                    table[e, a, b] = size_odds(value, near, near_room, sigma, slack)
    return table


@kernel
def _forward(
    likely: Floats, by_time: Floats, by_distance: Floats, rep: int, rest: int
) -> tuple[Floats, float]:
    """Sum over all chains up to each edge, scaled to 1; and the log of the whole sum."""
    m, k = likely.shape
    reach = np.zeros((m, k))
    evidence = 0.0
    for e in range(m):
        if e == 0:
            for b in range(k):
                reach[e, b] = likely[e, b]
        else:
            basis = rep if e % 2 == 1 else rest
            if basis == FREE:
                for b in range(k):
                    reach[e, b] = likely[e, b]
            else:
                table = by_time[e - 1] if basis == BY_TIME else by_distance[e - 1]
                for a in range(k):
                    for b in range(k):
                        reach[e, b] += reach[e - 1, a] * table[a, b]
                for b in range(k):
                    reach[e, b] *= likely[e, b]
        total = reach[e].sum()
        if not total > 0.0:
            return reach, -np.inf
        evidence += np.log(total)
        for b in range(k):
            reach[e, b] /= total
    return reach, evidence


@kernel
def _backward(likely: Floats, by_time: Floats, by_distance: Floats, rep: int, rest: int) -> Floats:
    """Sum over all chains from each edge on, each row scaled to 1."""
    m, k = likely.shape
    ahead = np.ones((m, k))
    for e in range(m - 2, -1, -1):
        basis = rep if e % 2 == 0 else rest
        if basis == FREE:
            continue
        table = by_time[e] if basis == BY_TIME else by_distance[e]
        for a in range(k):
            total = 0.0
            for b in range(k):
                total += table[a, b] * likely[e + 1, b] * ahead[e + 1, b]
            ahead[e, a] = total
        whole = ahead[e].sum()
        if whole > 0.0:
            for a in range(k):
                ahead[e, a] /= whole
    return ahead


@kernel
def chain_edges(
    moment: Floats,
    place: Floats,
    likely: Floats,
    times: tuple[Floats, Floats, Floats, float],
    distances: tuple[Floats, Floats, Floats, float],
    slack: float,
) -> tuple[Floats, Floats, int, int]:
    """Find the bases that explain the sizes of reps and recoveries best, and weigh each edge.

    Edges alternate: the start and end of a rep, the start and end of the next. The sum over all
    chains of moments is exact (forward and backward), for each of nine pairs of bases.

    Parameters
    ----------
    moment : (m, k) float64
        Where each of m edges may lie, in s; m is at least 2.
    place : (m, k) float64
        The distance run by then, in m.
    likely : (m, k) float64
        How likely each of these is by itself, above 0.
    times, distances : (usual, sizes, room, sigma)
        What each of the m - 1 stretches between edges measures about, so that only sizes near it
        count; for the others see `size_odds`. In s and in m.
    slack : float
        Share of reps, or of recoveries, that follow no size.

    Returns
    -------
    weight : (m, k) float64
        Probability of each moment; each row sums to 1.
    evidence : (3, 3) float64
        Log-likelihood by the basis of reps and of recoveries: free, by time, by distance.
    rep, rest : int
        The bases with the most evidence.
    """
    by_time = _pairs(moment, moment, times[0], times[1], times[2], times[3], slack)
    by_distance = _pairs(
        moment, place, distances[0], distances[1], distances[2], distances[3], slack
    )
    evidence = np.full((BASES, BASES), -np.inf)
    best, best_rest = FREE, FREE
    for rep in range(BASES):
        for rest in range(BASES if likely.shape[0] > 2 else 1):
            evidence[rep, rest] = _forward(likely, by_time, by_distance, rep, rest)[1]
            if evidence[rep, rest] > evidence[best, best_rest]:
                best, best_rest = rep, rest
    reach, _ = _forward(likely, by_time, by_distance, best, best_rest)
    weight = reach * _backward(likely, by_time, by_distance, best, best_rest)
    for e in range(weight.shape[0]):
        weight[e] /= weight[e].sum()
    return weight, evidence, best, best_rest
