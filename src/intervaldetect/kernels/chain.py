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
FAR = 4.5
"""Standard deviations from a size beyond which nothing speaks for it."""
NEAR = 0.12
"""How far the size meant may be from what a rep and those like it measure, as a share."""


@kernel
def _bumps(
    place: Floats,
    usual: Floats,
    sizes: Floats,
    room: Floats,
    sigma: float,
    table: Floats,
    band: Ints,
) -> None:
    """Fill in the odds that a size was meant, of each pair of moments of neighbouring edges.

    ``table`` (m - 1, k, k) comes with zeros; ``band`` (m - 1, k, 2) gets the first and the
    past-the-last moment with odds, of each moment of the edge before.
    """
    m, k = place.shape
    height = 1.0 / (math.sqrt(2.0 * math.pi) * sigma)
    for e in range(m - 1):
        low = np.searchsorted(sizes, usual[e] * (1.0 - NEAR))
        high = np.searchsorted(sizes, usual[e] * (1.0 + NEAR))
        for a in range(k):
            band[e, a, 0], band[e, a, 1] = k, 0
            for s in range(low, high):
                meant = place[e, a] + sizes[s]
                b = np.searchsorted(place[e + 1], meant - FAR * sigma)
                band[e, a, 0] = min(band[e, a, 0], b)
                while b < k and place[e + 1, b] <= meant + FAR * sigma:
                    away = (place[e + 1, b] - meant) / sigma
                    table[e, a, b] += room[s] * height * math.exp(-0.5 * away * away)
                    b += 1
                band[e, a, 1] = max(band[e, a, 1], b)


@kernel
def _timed(
    moment: Floats,
    usual: Floats,
    sizes: Floats,
    room: Floats,
    sigma: float,
    table: Floats,
    band: Ints,
) -> None:
    """As `_bumps`, of moments in even steps: the odds of a pair depend on how far it is apart."""
    m, k = moment.shape
    step = moment[0, k - 1] / (k - 1) - moment[0, 0] / (k - 1) if k > 1 else 1.0
    height = 1.0 / (math.sqrt(2.0 * math.pi) * sigma)
    odds = np.empty(2 * k - 1)
    for e in range(m - 1):
        low = np.searchsorted(sizes, usual[e] * (1.0 - NEAR))
        high = np.searchsorted(sizes, usual[e] * (1.0 + NEAR))
        begin, end = 2 * k - 1, 0
        for apart in range(2 * k - 1):
            size = moment[e + 1, 0] - moment[e, 0] + (apart - k + 1) * step
            odds[apart] = 0.0
            for s in range(low, high):
                away = (size - sizes[s]) / sigma
                if abs(away) <= FAR:
                    odds[apart] += room[s] * height * math.exp(-0.5 * away * away)
                    begin, end = min(begin, apart), apart + 1
        for a in range(k):
            shift = a - k + 1
            band[e, a, 0] = max(begin + shift, 0)
            band[e, a, 1] = max(min(end + shift, k), 0)
            for b in range(band[e, a, 0], band[e, a, 1]):
                table[e, a, b] = odds[b - shift]


@kernel
def _forward(
    likely: Floats, tables: Floats, bands: Ints, rep: int, rest: int, slack: float
) -> tuple[Floats, float]:
    """Sum over all chains up to each edge, scaled to 1; and the log of the whole sum."""
    m, k = likely.shape
    reach = np.zeros((m, k))
    evidence = 0.0
    for e in range(m):
        basis = FREE
        if e > 0:
            basis = rep if e % 2 == 1 else rest
        if basis == FREE:
            for b in range(k):
                reach[e, b] = likely[e, b]
        else:
            table, band = tables[basis - 1, e - 1], bands[basis - 1, e - 1]
            for a in range(k):
                here = reach[e - 1, a]
                for b in range(band[a, 0], band[a, 1]):
                    reach[e, b] += here * table[a, b]
            for b in range(k):
                reach[e, b] = likely[e, b] * (slack + (1.0 - slack) * reach[e, b])
        total = 0.0
        for b in range(k):
            total += reach[e, b]
        evidence += math.log(total)
        for b in range(k):
            reach[e, b] /= total
    return reach, evidence


@kernel
def _backward(
    likely: Floats, tables: Floats, bands: Ints, rep: int, rest: int, slack: float
) -> Floats:
    """Sum over all chains from each edge on, each row scaled to a highest value of 1."""
    m, k = likely.shape
    ahead = np.ones((m, k))
    for e in range(m - 2, -1, -1):
        basis = rep if e % 2 == 0 else rest
        if basis == FREE:
            continue
        any_size = 0.0
        for b in range(k):
            any_size += likely[e + 1, b] * ahead[e + 1, b]
        table, band = tables[basis - 1, e], bands[basis - 1, e]
        highest = 0.0
        for a in range(k):
            total = 0.0
            for b in range(band[a, 0], band[a, 1]):
                total += table[a, b] * likely[e + 1, b] * ahead[e + 1, b]
            ahead[e, a] = slack * any_size + (1.0 - slack) * total
            highest = max(highest, ahead[e, a])
        for a in range(k):
            ahead[e, a] /= highest
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

    Edges alternate: the start and end of a rep, the start and end of the next. What lies between
    two of them was meant to be of a round size, with some spread, or, at a share of ``slack``, is
    of any size. The sum over all chains of moments is exact (forward and backward: a hidden Markov
    model), for each of nine pairs of bases.

    Parameters
    ----------
    moment : (m, k) float64
        Where each of m edges may lie, in s, all rows in the same even steps; m is at least 2.
    place : (m, k) float64
        The distance run by then, in m, never falling along a row.
    likely : (m, k) float64
        How likely each of these is by itself, above 0.
    times, distances : (usual, sizes, room, sigma)
        What each of the m - 1 stretches between edges measures about, so that only sizes near it
        count; the sizes, rising; how much of the line each stands for; and how exactly a size is
        met, above 0. In s and in m.
    slack : float
        Share of reps, or of recoveries, that follow no size; above 0.

    Returns
    -------
    weight : (m, k) float64
        Probability of each moment; each row sums to 1.
    evidence : (3, 3) float64
        Log-likelihood by the basis of reps and of recoveries: free, by time, by distance. Minus
        infinity where there are no recoveries.
    rep, rest : int
        The bases with the most evidence.
    """
    m, k = likely.shape
    tables = np.zeros((2, m - 1, k, k))
    bands = np.empty((2, m - 1, k, 2), np.int64)
    usual, sizes, room, sigma = times
    _timed(moment, usual, sizes, room, sigma, tables[0], bands[0])
    usual, sizes, room, sigma = distances
    _bumps(place, usual, sizes, room, sigma, tables[1], bands[1])
    evidence = np.full((BASES, BASES), -np.inf)
    best, best_rest = FREE, FREE
    for rep in range(BASES):
        for rest in range(BASES if m > 2 else 1):
            evidence[rep, rest] = _forward(likely, tables, bands, rep, rest, slack)[1]
            if evidence[rep, rest] > evidence[best, best_rest]:
                best, best_rest = rep, rest
    reach, _ = _forward(likely, tables, bands, best, best_rest, slack)
    weight = reach * _backward(likely, tables, bands, best, best_rest, slack)
    for e in range(m):
        weight[e] /= weight[e].sum()
    return weight, evidence, best, best_rest


@kernel
def weighted_quantile(weight: Floats, q: float) -> Floats:
    """Place along each row below which a share of its weight lies.

    Parameters
    ----------
    weight : (m, k) float64
        At least 0, each row with a sum of 1; each weight is spread from k - 0.5 to k + 0.5.
    q : float
        In (0, 1).

    Returns
    -------
    (m,) float64
        In steps of a column, from -0.5 to k - 0.5.
    """
    m, k = weight.shape
    place = np.empty(m)
    for e in range(m):
        below, b = 0.0, 0
        while b < k - 1 and below + weight[e, b] < q:
            below += weight[e, b]
            b += 1
        inside = (q - below) / weight[e, b] if weight[e, b] > 0.0 else 0.0
        place[e] = b - 0.5 + min(max(inside, 0.0), 1.0)
    return place


@kernel
def usual_sizes(sizes: Floats, seconds: Floats, alike: float) -> Floats:
    """Median of the sizes of what is alike in duration, with reps and recoveries kept apart.

    Parameters
    ----------
    sizes, seconds : (m,) float64
        Of reps and recoveries by turns; seconds above 0.
    alike : float
        How far apart in log duration two of a kind may be.

    Returns
    -------
    (m,) float64
    """
    m = sizes.size
    usual, kept = np.empty(m), np.empty(m)
    for e in range(m):
        count = 0
        for other in range(e % 2, m, 2):
            if abs(math.log(seconds[other] / seconds[e])) < alike:
                kept[count] = sizes[other]
                count += 1
        ordered = np.sort(kept[:count])
        usual[e] = 0.5 * (ordered[(count - 1) // 2] + ordered[count // 2])
    return usual
