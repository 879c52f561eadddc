"""Where efforts begin and end, to the second: the change of speed itself, then the plan behind it.

The change-point search puts an edge where two means part best. That is early where somebody walks,
jogs a few steps and then starts: the moment meant is the one at which most of the step is done.
And runners end reps and recoveries by the watch, at a round distance or time. Where the sizes of a
session are rounder than chance would have them, all its edges are placed together so that they are.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from intervaldetect.kernels.medians import median
from intervaldetect.records import Floats, Signal
from intervaldetect.structure.sets import (
    COMMON_DISTANCES_M,
    COMMON_TIMES_S,
    EDGE_S,
    OTHER_DISTANCES_M,
    OTHER_TIMES_S,
    SAME_SET,
)

SMOOTH_S = 2.5
"""Half the width over which the speed at an edge is taken."""
REACH_S = 18.0
STEP_S = 0.5
CLEAR_S = 6.0
"""Left out on both sides of an edge when the levels it parts are measured."""
SHORT_SHARE = 0.3
"""Of a short gap at most so much is left out on both sides: what is left is its level."""
INSIDE_S = 40.0
OUTSIDE_S = 32.0
LEAST_OUTSIDE_S = 4.0
LEAST_STEP_MPS = 0.3
AT_PAUSE_S = 1.5
DIGITS = 1
"""An edge is told to a tenth of a second: corrections, which name it, keep no more."""
# Share of the step that is done at an edge, and how late it then is by each source of speed (s).
SHARE = (0.6, 0.5)
LATE_S: dict[str, tuple[float, float]] = {
    "distance": (1.0, 2.6),
    "speed": (5.5, 7.5),
    "position": (1.0, 2.6),
}
EDGE_REACH_S = 25
"""So far to both sides of where the speed has an edge it is looked for."""
# How exactly watches and fingers keep to a size, and the share of sizes that are no round ones.
TIMED_S, MEASURED_M = 1.0, 3.0
ODD_SIZES = 0.05
DEVICE, SCALE_LOG_ODDS = 0.005, 1.0
"""Error of a device's distance (one standard deviation), and what to allow for it costs besides."""
SAME_SCALE, MOST_SCALE = 0.003, 0.015
"""By less a device's distance is as it should be; by more it never is off, nor an automatic lap."""
RARE = 0.4
"""Odds of a size that is seldom planned, over those of a common one of as much room."""


def time_edges(
    signal: Signal, start_s: Floats, end_s: Floats, first: Sequence[int] = (0,)
) -> tuple[Floats, Floats]:
    """Move each edge to where the speed crosses its share of the step.

    Parameters
    ----------
    signal : Signal
    start_s, end_s : (k,) float64
        Disjoint efforts in time order, elapsed seconds; or those of several readings in a row.
    first : sequence of int
        Where each reading begins.

    Returns
    -------
    start_s, end_s : (k,) float64
        An edge at a pause stays, and so does one without a clear step or a crossing near it.
    """
    if not start_s.size or signal.speed_source is None:
        return start_s, end_s
    before_s, after_s = np.roll(end_s, 1), np.roll(start_s, -1)
    before_s[list(first)], after_s[[place - 1 for place in first]] = -np.inf, np.inf
    seconds = end_s - start_s
    start = _crossing(signal, start_s, seconds, start_s - before_s, rising=True)
    end = _crossing(signal, end_s, seconds, after_s - end_s, rising=False)
    return start, end


def _crossing(
    signal: Signal, edge_s: Floats, inside_s: Floats, outside_s: Floats, *, rising: bool
) -> Floats:
    """Move edges of one side; ``inside_s`` and ``outside_s`` are the room beside each."""
    from intervaldetect.kernels.crossing import at_stop, crossings  # noqa: PLC0415 - loads numba

    time = signal.time_s
    towards = 1.0 if rising else -1.0
    away_s = np.minimum(CLEAR_S + 2, SHORT_SHARE * outside_s)
    at = crossings(
        time,
        signal.distance_m,
        edge_s,
        (CLEAR_S, np.minimum(np.maximum(0.8 * inside_s, CLEAR_S), INSIDE_S)),
        (away_s, np.minimum(outside_s - away_s, OUTSIDE_S)),
        towards,
        (REACH_S, STEP_S, SMOOTH_S),
        SHARE[0] if rising else SHARE[1],
        LEAST_STEP_MPS,
        LEAST_OUTSIDE_S,
    )
    at[at_stop(time, signal.paused, edge_s, AT_PAUSE_S)] = np.nan
    late = LATE_S[str(signal.speed_source)][0 if rising else 1]
    moved = (edge_s + towards * at - late).round(DIGITS)
    return np.where(np.isnan(at), edge_s, np.minimum(np.maximum(moved, time[0]), time[-1]))


def round_sizes(
    signal: Signal, start_s: Floats, end_s: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Place the edges of reps so that what was meant to be round is round.

    Every edge may lie within 25 s of where the speed puts it. Reps are measured, timed or neither,
    and so are the recoveries: of the nine pairs the one with the highest likelihood is taken, a
    hidden Markov model whose states are the moments of the edges. Each edge then is the median of
    its own distribution. Where reps are all a little longer or shorter than a common distance, the
    same is tried with distances so corrected.

    Parameters
    ----------
    signal : Signal
    start_s, end_s : (k,) float64
        Reps in time order, elapsed seconds.

    Returns
    -------
    start_s, end_s : (k,) float64
        As given where neither reps nor recoveries have round sizes.
    start_share, end_share : (k,) float64
        Width of each distribution over that of an edge by itself: 1 where nothing was learnt.
    """
    from intervaldetect.kernels import chain  # noqa: PLC0415 - loads numba

    alone = np.ones(start_s.size)
    if not start_s.size:
        return start_s, end_s, alone, alone
    edge_s = np.array((start_s, end_s)).T.ravel()
    offset = np.arange(-EDGE_REACH_S, EDGE_REACH_S + 1.0)
    by_itself = 1.0 / (1.0 + (offset / EDGE_S) ** 2)[None]  # Cauchy
    by_itself /= by_itself.sum()
    moment = edge_s[:, None] + offset
    place = np.interp(moment.ravel(), signal.time_s, signal.distance_m).reshape(moment.shape)
    seconds = np.maximum(np.diff(edge_s), 1.0)
    metres = np.diff(place[:, EDGE_REACH_S])
    likely = np.repeat(by_itself, edge_s.size, axis=0)
    by_time = (
        chain.usual_sizes(seconds, seconds, SAME_SET),
        *grid(COMMON_TIMES_S, OTHER_TIMES_S),
        TIMED_S,
    )
    usual_m = chain.usual_sizes(metres, seconds, SAME_SET)
    distances = grid(COMMON_DISTANCES_M, OTHER_DISTANCES_M)
    weight, evidence, rep, rest = chain.chain_edges(
        moment, place, likely, by_time, (usual_m, *distances, MEASURED_M), ODD_SIZES
    )
    scale = _device_scale(usual_m[::2])
    if scale != 1.0:
        again = chain.chain_edges(
            moment, place / scale, likely, by_time,
            (usual_m / scale, *distances, MEASURED_M), ODD_SIZES,
        )  # fmt: skip
        if again[1].max() - 0.5 * ((scale - 1.0) / DEVICE) ** 2 - SCALE_LOG_ODDS > evidence.max():
            weight, _, rep, rest = again
    if rep == chain.FREE and rest == chain.FREE:
        return start_s, end_s, alone, alone
    placed = (edge_s + chain.weighted_quantile(weight, 0.5) - EDGE_REACH_S).round(DIGITS)
    placed = np.minimum(np.maximum(placed, signal.time_s[0]), signal.time_s[-1])
    if not (placed[1:] > placed[:-1]).all():
        return start_s, end_s, alone, alone
    share = _width(weight) / _width(by_itself)
    return placed[::2], placed[1::2], share[::2], share[1::2]


def _width(weight: Floats) -> Floats:
    """Width of each distribution: what holds the middle two thirds, in columns."""
    from intervaldetect.kernels.chain import weighted_quantile  # noqa: PLC0415 - loads numba

    return weighted_quantile(weight, 0.84) - weighted_quantile(weight, 0.16)


def _device_scale(metres: Floats) -> float:
    """Return by how much reps are longer than a common distance, 1 where they are not near one."""
    metres = metres[metres > 0.0]  # a treadmill may tell no distance at all
    if not metres.size:
        return 1.0
    common = np.array(COMMON_DISTANCES_M, dtype=np.float64)
    between = np.sqrt(common[1:] * common[:-1])  # as far from both in log size
    nearest = common[between.searchsorted(metres)]
    scale = median(metres / nearest)
    return scale if SAME_SCALE < abs(scale - 1.0) < MOST_SCALE else 1.0


def grid(common: Sequence[float], other: Sequence[float]) -> tuple[Floats, Floats]:
    """Return sizes (k,) in rising order, and the weight (k,) of each in the prior.

    The weight is half of the way to both neighbours, of ``other`` sizes `RARE` times that.
    """
    sizes = np.array(sorted({*common, *other}), dtype=np.float64)
    bounds = np.concatenate(([sizes[0] / 2], (sizes[1:] + sizes[:-1]) / 2, [sizes[-1] * 1.1]))
    rare = ~np.isin(sizes, np.array(common, dtype=np.float64))
    return sizes, np.diff(bounds) * np.where(rare, RARE, 1.0)
