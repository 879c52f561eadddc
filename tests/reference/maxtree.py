"""Slow twin of `kernels.maxtree`: looks at the sequence above every cut."""

from __future__ import annotations


def max_tree(level: list[float]) -> list[tuple[int, int, float, float]]:
    runs = set()
    for cut in level:
        first = None
        for index, value in enumerate([*level, -1.0]):
            if value >= cut and first is None:
                first = index
            if value < cut and first is not None:
                before = level[first - 1] if first else -1.0
                runs.add((first, index, min(level[first:index]), max(before, value)))
                first = None
    return sorted(runs, key=lambda run: (run[0], -run[1]))
