"""Efforts on slopes: found in grade-adjusted speed, timed by plain speed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from intervaldetect.records import Floats
from intervaldetect.structure.candidates import Candidates

NEAR_S = 15.0
"""The grade is a slope over 30 s: an edge of grade-adjusted effort is blurred by half of that."""


def sharpen(climbs: Candidates, level: Candidates) -> Candidates:
    """Move edges of efforts in grade-adjusted speed to those of plain speed close by.

    Who turns round at the top changes speed at once; the grade shows it 15 s before and after.

    Parameters
    ----------
    climbs : Candidates
        Found in grade-adjusted speed.
    level : Candidates
        Found in plain speed in the same activity.

    Returns
    -------
    Candidates
        The climbs with starts, ends and nothing else moved, by at most 15 s.
    """
    start_s = _nearest(climbs.start_s, level.start_s)
    end_s = _nearest(climbs.end_s, level.end_s)
    moved = start_s < end_s
    return replace(
        climbs,
        start_s=np.where(moved, start_s, climbs.start_s),
        end_s=np.where(moved, end_s, climbs.end_s),
    )


def _nearest(edges: Floats, others: Floats) -> Floats:
    """Return the nearest of the others where it is near, else the edge itself."""
    ordered = np.unique(others)
    place = np.clip(np.searchsorted(ordered, edges), 1, max(ordered.size - 1, 1))
    below, above = ordered[place - 1], ordered[np.minimum(place, ordered.size - 1)]
    nearest = np.where(edges - below <= above - edges, below, above)
    return np.where(np.abs(nearest - edges) <= NEAR_S, nearest, edges)
