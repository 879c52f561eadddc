"""How well found reps agree with true ones: the corpus's own measure, on arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from intervaldetect.records import Floats

Spans = Sequence[tuple[float, float]]
LEVELS = (0.5, 0.75, 0.9)


def agreement(true: Spans, found: Spans) -> Floats:
    """Return the overlap over the union of each true (rows) and found rep; small errors are none.

    Where both edges lie within 3 s it is at least 0.8, within 2 s 0.95: the noise of a finger.
    """
    t = np.array(true, dtype=np.float64).reshape(-1, 2)
    f = np.array(found, dtype=np.float64).reshape(-1, 2)
    both = np.minimum(t[:, None, 1], f[None, :, 1]) - np.maximum(t[:, None, 0], f[None, :, 0])
    both = np.maximum(both, 0.0)
    union = (t[:, 1] - t[:, 0])[:, None] + (f[:, 1] - f[:, 0])[None] - both
    worst = np.abs(t[:, None] - f[None]).max(axis=2)
    floor = np.where(worst <= 2.0, 0.95, np.where(worst <= 3.0, 0.8, 0.0))
    value = both / np.maximum(union, 1e-9)
    return np.where(both > 0, np.maximum(value, floor), value)


def matched(value: Floats, level: float) -> list[tuple[int, int]]:
    """Match one to one, best first."""
    order = np.dstack(np.unravel_index(np.argsort(-value, axis=None), value.shape))[0]
    used_t: set[int] = set()
    used_f: set[int] = set()
    pairs = []
    for i, j in order.tolist():
        if value[i, j] < level:
            break
        if i not in used_t and j not in used_f:
            used_t.add(i)
            used_f.add(j)
            pairs.append((i, j))
    return pairs


def counted(found: Spans, pairs: Sequence[tuple[int, int]], ignore: Spans) -> int:
    """Count found reps, without those that have no partner and lie in an ignored stretch."""
    partners = {j for _, j in pairs}
    total = 0
    for j, (start, end) in enumerate(found):
        inside = sum(max(0.0, min(end, b) - max(start, a)) for a, b in ignore)
        total += j in partners or inside < 0.5 * max(end - start, 1e-9)
    return total


def quality(true: Spans, found: Spans, ignore: Spans) -> float:
    """Return the mean F1 over the three levels of overlap."""
    value = agreement(true, found)
    scores = []
    for level in LEVELS:
        pairs = matched(value, level)
        scores.append(2 * len(pairs) / max(len(true) + counted(found, pairs, ignore), 1))
    return sum(scores) / len(scores)
