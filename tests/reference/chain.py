"""Every chain of moments by itself, in plain loops: what the kernel sums up unlisted."""

from __future__ import annotations

import itertools
import math
import statistics
from collections.abc import Sequence

from intervaldetect.kernels.chain import BY_TIME, FAR, FREE, NEAR

Grid = tuple[Sequence[float], Sequence[float], Sequence[float], float]


def size_odds(value: float, usual: float, grid: Grid) -> float:
    """Sum the normal densities about the sizes near the usual one, each times its room."""
    _, sizes, room, sigma = grid
    odds = 0.0
    for size, width in zip(sizes, room, strict=True):
        away = (value - size) / sigma
        if usual * (1 - NEAR) <= size < usual * (1 + NEAR) and abs(away) <= FAR:
            odds += width * statistics.NormalDist().pdf(away) / sigma
    return odds


def chain_weight(
    chain: Sequence[int],
    moment: Sequence[Sequence[float]],
    place: Sequence[Sequence[float]],
    likely: Sequence[Sequence[float]],
    bases: tuple[int, int],
    times: Grid,
    distances: Grid,
    slack: float,
) -> float:
    """How likely one chain is, which takes the moment ``chain[e]`` of each edge ``e``."""
    weight = math.prod(likely[e][a] for e, a in enumerate(chain))
    for e, (a, b) in enumerate(itertools.pairwise(chain)):
        basis = bases[e % 2]
        if basis != FREE:
            where, grid = (moment, times) if basis == BY_TIME else (place, distances)
            odds = size_odds(where[e + 1][b] - where[e][a], grid[0][e], grid)
            weight *= slack + (1 - slack) * odds
    return weight


def weighted_quantile(weight: Sequence[float], q: float) -> float:
    """Walk along the row until a share ``q`` is behind, evenly within each column."""
    behind = 0.0
    for column, share in enumerate(weight):
        if behind + share >= q and share > 0:
            return column - 0.5 + (q - behind) / share
        behind += share
    return len(weight) - 0.5


def usual_sizes(sizes: Sequence[float], seconds: Sequence[float], alike: float) -> list[float]:
    """Median over those at every other place whose seconds are alike."""
    return [
        statistics.median(
            sizes[other]
            for other in range(len(sizes))
            if (other - e) % 2 == 0 and abs(math.log(seconds[other] / seconds[e])) < alike
        )
        for e in range(len(sizes))
    ]
