"""The spans with the highest score, by trying every set of disjoint ones."""

from __future__ import annotations

import itertools

import numpy as np


def best_score(inside: np.ndarray, start: np.ndarray, end: np.ndarray) -> float:
    """Return the highest score of disjoint spans; only for a few frames."""
    n = inside.size
    best = 0.0
    for states in itertools.product((0, 1, 2), repeat=n):
        # 0 outside, 1 in a rep that goes on, 2 in a rep that begins here.
        if any(b == 1 and a == 0 for a, b in itertools.pairwise((0, *states))):
            continue
        score = 0.0
        for i, state in enumerate(states):
            if state:
                score += inside[i]
            if state == 2:
                score += start[i]
            if state and (i + 1 == n or states[i + 1] != 1):
                score += end[i + 1]
        best = max(best, score)
    return best
