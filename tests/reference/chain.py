"""Every chain of moments by itself, in plain loops: what the kernel sums up unlisted."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

from intervaldetect.kernels.chain import BY_TIME, FAR, FREE, LEAST_APART_S, NEAR

Grid = tuple[Sequence[float], Sequence[float], Sequence[float], float]


def size_odds(
    value: float, sizes: Sequence[float], room: Sequence[float], sigma: float, slack: float
) -> float:
    """Slack, and a normal distribution about the nearest size over the room it stands for."""
    if not sizes:
        return slack
    k = min(range(len(sizes)), key=lambda k: (abs(sizes[k] - value), -k))
    away = (value - sizes[k]) / sigma
    if abs(away) > FAR:
        return slack
    return slack + (1 - slack) * room[k] * math.exp(-(away**2) / 2) / math.sqrt(2 * math.pi) / sigma


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
        if basis == FREE:
            continue
        if moment[e + 1][b] - moment[e][a] < LEAST_APART_S:
            return 0.0
        usual, sizes, room, sigma = times if basis == BY_TIME else distances
        where = moment if basis == BY_TIME else place
        low, high = usual[e] * (1 - NEAR), usual[e] * (1 + NEAR)
        near = [k for k, size in enumerate(sizes) if low <= size < high]
        weight *= size_odds(
            where[e + 1][b] - where[e][a],
            [sizes[k] for k in near],
            [room[k] for k in near],
            sigma,
            slack,
        )
    return weight
