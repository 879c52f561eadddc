"""The best disjoint ranges by trying every choice of them."""

from __future__ import annotations

from itertools import combinations


def best_sum(first, last, scores):
    best = 0.0
    for size in range(1, len(first) + 1):
        for chosen in combinations(range(len(first)), size):
            apart = all(
                last[a] <= first[b] or last[b] <= first[a] for a, b in combinations(chosen, 2)
            )
            if apart:
                best = max(best, sum(scores[q] for q in chosen))
    return best
