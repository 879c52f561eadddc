"""Cadence in steps of both feet: whether a file counts steps or the strides of one leg.

No median over the file can say: 108 is the steps of a walker and the strides of nobody, 85 the
strides of a runner. The speed of each stretch does: so many steps go with so much speed.
"""

from __future__ import annotations

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.reconcile.cells import Cells, moving, quantile, turns_in
from intervaldetect.read.reconcile.gait import likelihood
from intervaldetect.records import Bools, Floats, Problem
from intervaldetect.records.channels import BY_NAME

PRIOR = 0.5
"""Log odds for strides before anything is seen: most devices count one leg."""

MAX_PER_CELL = 2.0
"""Log odds that one cell may add: a stretch of odd steps does not outvote the others."""

SLOWEST_WALK_MPS = 0.7
"""Slower than this steps have no usual length."""

MIXED_SHARE, MIXED_CELLS = 0.15, 6
"""Where so large a share of the cells, in stretches of so many, say otherwise, both occur."""

MIN_FIT = -3.0
"""A constant whose log likelihood is nowhere higher is no cadence at any speed of the file."""

VARIED, MIN_VARIED = 1.3, 12
"""Nor is one while the speed of so many cells changes by this factor (10th to 90th percentile)."""

WALKS_BY_SPORT = {"running": 0.1, "walking": 0.9, "hiking": 0.9}
"""Share of steps that are walked, before anything is seen."""


def both_feet(
    cadence: Floats, cells: Cells, speed: Floats | None, sport: str | None, *, said: bool
) -> tuple[Floats, Problem | None]:
    """Bring the cadence of an activity on foot to steps of both feet a minute.

    Parameters
    ----------
    cadence : (n,) float64
        As the file has it, NaN where not known.
    cells : Cells
    speed : (k,) float64 or None
        Of the cells, in m/s.
    sport : str or None
    said : bool
        Whether the file says that it is on foot; doubling is told where it does not.
    """
    counts = turns_in(cells, cadence)
    known = np.isfinite(counts)
    if not known.any():
        return cadence, None
    at = np.full(counts.size, np.nan) if speed is None else speed
    steps, pace = counts[known], at[known]
    walks = WALKS_BY_SPORT.get(sport or "", 0.3)
    once, twice = likelihood(np.stack((steps, 2.0 * steps)), pace, walks)
    constant = steps.min() == steps.max()
    if constant and (max(once.max(), twice.max()) < MIN_FIT or _varies(pace)):
        text = f"a cadence of {steps[0]:g} throughout is no value"
        return np.full(cadence.size, np.nan), Problem("cadence_constant", text, cadence.size)
    for_two = np.minimum(np.maximum(twice - once, -MAX_PER_CELL), MAX_PER_CELL)
    for_two[pace < SLOWEST_WALK_MPS] = 0.0  # standing, one takes a step now and then
    strides = float(for_two.sum()) + PRIOR > 0.0
    mixed = _stretches(for_two, strides)
    if mixed.any():
        per_cell = np.full(counts.size, strides)
        per_cell[np.flatnonzero(known)[mixed]] = not strides
        return _partly_doubled(cadence, cells, per_cell)
    if not strides:
        text = f"cadence of {middle(steps):.0f} taken as steps, not doubled"
        return cadence, Problem("cadence_counts_steps", text) if said else None
    if said:
        return _in_range(2.0 * cadence), None
    text = "no sport in the file; speed and cadence are those of one on foot"
    return _in_range(2.0 * cadence), Problem("cadence_doubled", text)


def _varies(speed: Floats) -> bool:
    """Whether nobody keeps one and the same cadence over such a change of speed."""
    moved = speed[moving(speed)]
    if moved.size < MIN_VARIED:
        return False
    return quantile(moved, 0.9) > VARIED * quantile(moved, 0.1)


def _partly_doubled(cadence: Floats, cells: Cells, strides: Bools) -> tuple[Floats, Problem]:
    """Double the cadence in the cells that count the strides of one leg."""
    lengths = np.diff(cells.edges)
    lengths[-1] += cadence.size - int(cells.edges[-1])
    doubled = cadence * np.repeat(np.where(strides, 2.0, 1.0), lengths)
    text = "cadence counts steps in some stretches and strides of one leg in others"
    return _in_range(doubled), Problem("cadence_mixed", text, int(np.count_nonzero(strides)))


def _in_range(cadence: Floats) -> Floats:
    cadence[cadence > BY_NAME["cadence"].high] = np.nan
    return cadence


def _stretches(for_two: Floats, strides: bool) -> np.ndarray:
    """Mark the stretches of cells that clearly count the other way, if they are many."""
    against = for_two < -1.0 if strides else for_two > 1.0
    if np.count_nonzero(against) < max(MIXED_SHARE * against.size, MIXED_CELLS):
        return np.zeros(against.size, dtype=np.bool_)
    edges = np.flatnonzero(np.diff(np.concatenate(([0], against.view(np.int8), [0]))))
    for start, end in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True):
        if end - start < MIXED_CELLS:
            against[start:end] = False
    return against
