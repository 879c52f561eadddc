"""Heart rates that a strap made up: a jump that nothing in the running explains."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from intervaldetect.records import Bools, Floats

JUMP_BPM, JUMP_S = 25.0, 5.0
"""No heart rises faster: after a start it takes half a minute to come two thirds of the way."""
AROUND_S, SAME_SPEED = 30.0, 0.1
"""Speed before and after a jump, and how far they may differ (log) for nothing to explain it."""
LONGEST_S = 900.0
"""What lasts longer is no fault: a sensor that had been wrong until then has found the heart."""
MAX_JUMPS = 20
"""After more jumps nothing that the strap says is believed."""

Means = Callable[[Floats, Floats], list[float | None]]


def after_jumps(time: Floats, rate: Floats, mean_speeds: Means) -> Bools:
    """Say which heart rates follow a jump that nothing in the running explains.

    Parameters
    ----------
    time, rate : (n,) float64
        Rising s, and bpm without holes.
    mean_speeds : callable
        Tells the mean speeds between starts and ends (k,) in s, None where not known.

    Returns
    -------
    (n,) bool
        From the jump until half of it is undone; nowhere if that is a quarter of an hour later.
    """
    after = np.zeros(time.size, dtype=np.bool_)
    before = time.searchsorted(time - JUMP_S)
    jumps = np.flatnonzero(rate - rate[before] >= JUMP_BPM)
    if not jumps.size:
        return after
    first = jumps[np.append(True, np.diff(time[jumps]) > JUMP_S)]
    start = time[before[first]]
    unexplained = [
        k
        for k, slow, fast in zip(
            first.tolist(),
            mean_speeds(np.maximum(start - AROUND_S, 0.0), start),
            mean_speeds(time[first], time[first] + AROUND_S),
            strict=True,
        )
        if slow and fast and abs(np.log(fast / slow)) < SAME_SPEED
    ]
    if len(unexplained) > MAX_JUMPS:
        return ~after
    for k in unexplained:
        low = rate[before[k]]
        back = np.flatnonzero(rate[k:] < low + JUMP_BPM / 2)
        end = k + back[0] if back.size else time.size
        after[k:end] |= time[end - 1] - time[k] <= LONGEST_S
    return after
