"""True and found reps, paired one to one."""

from __future__ import annotations

from collections.abc import Sequence

Span = tuple[float, float]
Pairs = list[tuple[int, int]]

# Both edges this close in s: agreement is at least so much, whatever the length of the rep. It is
# the noise of a lap button, which would cost short reps their match.
BUTTON_NOISE: tuple[tuple[float, float], ...] = ((2.0, 0.95), (3.0, 0.8))
MIN_IGNORED_SHARE = 0.5


def overlap_s(a: Span, b: Span) -> float:
    """Return the seconds two spans share."""
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0]))


def agreement(a: Span, b: Span) -> float:
    """Return the intersection of two spans over their union, raised where only a button differs.

    Parameters
    ----------
    a, b : tuple of float
        Start and end in s.

    Returns
    -------
    float
        0 to 1. Spans that overlap and whose edges both lie within 2 s (3 s) agree by at least
        0.95 (0.8).
    """
    shared = overlap_s(a, b)
    if shared <= 0.0:
        return 0.0
    union = (a[1] - a[0]) + (b[1] - b[0]) - shared
    furthest = max(abs(a[0] - b[0]), abs(a[1] - b[1]))
    least = next((value for within, value in BUTTON_NOISE if furthest <= within), 0.0)
    return max(shared / union, least)


def match(truth: Sequence[Span], found: Sequence[Span], level: float) -> Pairs:
    """Pair true and found reps one to one, the best agreement first.

    Parameters
    ----------
    truth, found : sequence of (start_s, end_s)
    level : float
        The least `agreement` of a pair.

    Returns
    -------
    list of (int, int)
        Indices into ``truth`` and ``found``; of equal agreements the later pair goes first.
    """
    ranked = sorted(
        ((agreement(t, f), i, j) for i, t in enumerate(truth) for j, f in enumerate(found)),
        reverse=True,
    )
    taken_truth: set[int] = set()
    taken_found: set[int] = set()
    pairs: Pairs = []
    for value, i, j in ranked:
        if value < level:
            break
        if i not in taken_truth and j not in taken_found:
            taken_truth.add(i)
            taken_found.add(j)
            pairs.append((i, j))
    return pairs


def count_found(found: Sequence[Span], pairs: Pairs, ignore: Sequence[Span]) -> int:
    """Count found reps, without unpaired ones that lie half or more in an ignored stretch."""
    paired = {j for _, j in pairs}
    return sum(
        j in paired
        or sum(overlap_s(span, stretch) for stretch in ignore)
        < MIN_IGNORED_SHARE * max(span[1] - span[0], 1e-9)
        for j, span in enumerate(found)
    )
