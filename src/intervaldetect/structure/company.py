"""Efforts that the others vouch for: one of its own before a set, and one in step with the rest."""

from __future__ import annotations

import math

import numpy as np

from intervaldetect.medians import median
from intervaldetect.records import Bools, Ints
from intervaldetect.structure.candidates import Candidates
from intervaldetect.structure.evidence import FEATURES

# Long, at the set's speed or less, with an edge on both sides, and clearly felt by the heart.
OWN_LEAST_S = 150.0
OWN_APART_S = 60.0
OWN_SLOWER = 0.2
OWN_CONTRAST = 0.05
OWN_HR = 1.0
FEWEST = 4
STEP_SPEED = 0.08
STEP_GAP = 0.15
EVEN_GAP = 0.25
EVEN_SHARE = 0.75


def on_its_own(candidates: Candidates, core: Ints) -> Bools:
    """Flag efforts before a set that are no part of it but no warm-up either (q,).

    A threshold piece before faster reps: minutes long, nearly as fast as they are, slower on both
    sides, and run at a heart rate 10 bpm and more above that of the rest.

    Parameters
    ----------
    candidates : Candidates
    core : (k,) int64
        The set, in time order.
    """
    contrast, rate = (
        candidates.features[:, FEATURES.index(name)] for name in ("contrast_min", "hr_over_outside")
    )
    usual = math.log(max(median(candidates.effort[core]), 0.01))
    slower = usual - np.log(np.maximum(candidates.effort, 0.01))
    return np.asarray(
        (candidates.end_s + OWN_APART_S <= candidates.start_s[core].min())
        & (candidates.seconds >= OWN_LEAST_S)
        & (slower >= 0.0)
        & (slower <= OWN_SLOWER)
        & (contrast >= OWN_CONTRAST)
        & (rate >= OWN_HR)
    )


def in_step(candidates: Candidates, chosen: Ints) -> Bools:
    """Flag efforts as fast as those chosen, one of their gaps from the next of them (q,).

    The last rung of a ladder is short and has no like; that it comes when it is due speaks for it.
    Nothing is in step where fewer than four are chosen or where their gaps are uneven.

    Parameters
    ----------
    candidates : Candidates
    chosen : (k,) int64
        In time order.
    """
    if chosen.size < FEWEST:
        return np.zeros(len(candidates), dtype=np.bool_)
    start, end = candidates.start_s[chosen], candidates.end_s[chosen]
    gaps = np.log(np.maximum(start[1:] - end[:-1], 1.0))
    usual = median(gaps)
    if float((np.abs(gaps - usual) < EVEN_GAP).mean()) < EVEN_SHARE:
        return np.zeros(len(candidates), dtype=np.bool_)
    speed = np.log(np.maximum(candidates.effort, 0.01))
    as_fast = np.abs(speed - median(speed[chosen])) < STEP_SPEED
    before = candidates.start_s[:, None] - end
    after = start - candidates.end_s[:, None]
    apart = np.where(before > 0.0, before, np.where(after > 0.0, after, np.inf))
    nearest = np.log(np.maximum(apart.min(axis=1), 1.0))
    alone = np.isfinite(apart).all(axis=1)
    return np.asarray(as_fast & alone & (np.abs(nearest - usual) < STEP_GAP))
