"""Values held while one ran on: a receiver without a fix, an app told of its place now and then."""

from __future__ import annotations

import numpy as np

from intervaldetect.records import Bools, Floats, Ints

MIN_HELD = 2
"""So many repeats of a value are held; a single one may be the rounding of a slow walk."""

LEAP_TIMES = 2.0
"""The step behind is so many times as fast as usual."""

BESIDE = 60
ALIKE = (0.4, 2.5)
"""The way since the value was held is run where its speed is so near to that of the steps beside
it."""


def held(at: Floats, gone: Floats, *, longest_s: float, least_m: float) -> tuple[Bools, Ints]:
    """Mark all but the first of equal values after which one leaps to where one ran on.

    Parameters
    ----------
    at, gone : (n,) float64
        Times in s and the way so far in m, neither falling, n > `MIN_HELD`.
    longest_s : float
        Over a longer time the way made may be anything.
    least_m : float
        The step behind is at least so long.

    Returns
    -------
    held : (n,) bool
    leaps : (k,) int64
        The steps that follow, one for each run of them.
    """
    gains = np.diff(gone)
    marked = np.zeros(at.size, dtype=np.bool_)
    same = gains == 0.0
    edges: Ints = np.flatnonzero(np.diff(same.view(np.int8), prepend=0, append=0))
    first, last = edges[::2], edges[1::2]  # values first..last are equal, last + 1 is another
    long = (last - first >= MIN_HELD) & (last < same.size)
    first, last = first[long], last[long]
    if not first.size:
        return marked, first
    held_m, held_s = gone[last + 1] - gone[first], at[last + 1] - at[first]
    before, after = np.maximum(first - BESIDE, 0), np.minimum(last + 1 + BESIDE, at.size - 1)
    beside_s = np.maximum(at[after] - at[before] - held_s, 1e-9)
    usual = (gone[after] - gone[before] - held_m) / beside_s
    share = held_m / np.maximum(held_s, 1e-9) / np.maximum(usual, 1e-9)
    leap = gains[last] > np.maximum(least_m, LEAP_TIMES * usual * (at[last + 1] - at[last]))
    run_on = leap & (held_s <= longest_s) & (share >= ALIKE[0]) & (share <= ALIKE[1])
    for start, end in zip(first[run_on].tolist(), last[run_on].tolist(), strict=True):
        marked[start + 1 : end + 1] = True
    return marked, last[run_on]
