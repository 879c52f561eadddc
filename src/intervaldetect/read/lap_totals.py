"""Laps listed twice or backwards, and laps whose times or distances are running totals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from intervaldetect.records import Floats, Problem

if TYPE_CHECKING:
    from intervaldetect.read.build import RawLap

ROUNDING_S = 5.0
"""A lap never takes longer than from its start to its end by more."""

MIN_SHARE = 0.5
"""Differences of totals are a lap's time but for its pauses; most laps have few."""

NEAR_SHARE, NEAR_M = 0.05, 20.0
"""How near a lap's distance is to what the counter gained."""

Beside = TypeVar("Beside")


def in_order(
    laps: Sequence[RawLap], beside: Sequence[Beside]
) -> tuple[Sequence[RawLap], Sequence[Beside], list[Problem]]:
    """Leave out laps that a file lists twice, and turn round what it lists backwards.

    Parameters
    ----------
    laps : sequence of RawLap
        In file order.
    beside : sequence
        What belongs to each lap.

    Returns
    -------
    laps, beside : sequence
    problems : list of Problem
        ``laps_repeated`` and ``laps_sorted`` where something was changed.
    """
    problems: list[Problem] = []
    pairs = dict(zip(laps, beside, strict=True))
    known = all(lap.start is not None and lap.timer_s is not None for lap in laps)
    if known and len(pairs) < len(laps):
        text = "laps listed twice were left out"
        problems.append(Problem("laps_repeated", text, len(laps) - len(pairs)))
        laps, beside = list(pairs), list(pairs.values())
    starts = [lap.start for lap in laps if lap.start is not None]
    falling = all(one > two for one, two in pairwise(starts))
    if len(laps) == len(starts) > 1 and falling:
        text = "laps listed last to first were put in order"
        problems.append(Problem("laps_sorted", text, len(laps)))
        laps, beside = laps[::-1], beside[::-1]
    return laps, beside, problems


def lengths_from_totals(
    laps: Sequence[RawLap], ends: Sequence[float | None], stamps: Floats, distance: Floats | None
) -> tuple[Sequence[RawLap], list[Problem]]:
    """Take differences where the times or distances of laps are totals so far.

    Parameters
    ----------
    laps : sequence of RawLap
        In file order.
    ends : sequence of float or None
        When each ended by another source than its own length, unix s.
    stamps : (n,) float64
        Of the samples, unix s.
    distance : (n,) float64 or None
        The counter beside them; asked only while it rises.

    Returns
    -------
    laps : sequence of RawLap
        With the lengths of their own; all others as they are.
    problems : list of Problem
        ``lap_totals`` where something was changed.
    """
    if len(laps) < 2 or not _any_rise(laps):
        return laps, []
    spans = _spans(laps, ends)
    if spans is None:
        return laps, []
    own = np.array([end - start for start, end in spans])
    changed: list[str] = []
    timers = _differences([lap.timer_s for lap in laps], own)
    if timers is not None:
        laps = [lap._replace(timer_s=value) for lap, value in zip(laps, timers, strict=True)]
        changed.append("times")
    elapsed = _differences([_length(lap) for lap in laps], own)
    if elapsed is not None:
        laps = [
            lap._replace(end=None if lap.start is None else lap.start + value)
            for lap, value in zip(laps, elapsed, strict=True)
        ]
        changed = ["times"]
    metres = _way_differences(laps, spans, stamps, distance, timed=bool(changed))
    if metres is not None:
        laps = [lap._replace(distance_m=value) for lap, value in zip(laps, metres, strict=True)]
        changed.append("distances")
    if not changed:
        return laps, []
    text = f"lap {' and '.join(changed)} are running totals; the differences were taken"
    return laps, [Problem("lap_totals", text, len(laps))]


def _any_rise(laps: Sequence[RawLap]) -> bool:
    """Whether anything that laps say grows from lap to lap, as it seldom does."""
    for values in (
        (lap.timer_s for lap in laps),
        (_length(lap) for lap in laps),
        (lap.distance_m for lap in laps),
    ):
        if all(a is not None and b is not None and a <= b for a, b in pairwise(values)):
            return True
    return False


def _length(lap: RawLap) -> float | None:
    return None if lap.start is None or lap.end is None else lap.end - lap.start


def _spans(
    laps: Sequence[RawLap], ends: Sequence[float | None]
) -> list[tuple[float, float]] | None:
    """Give start and end of each lap, the next one's start where there is one; None if unknown."""
    starts = [lap.start for lap in laps]
    if not ends or any(start is None for start in starts):
        return None
    last = ends[-1]
    edges = [*(start for start in starts if start is not None), last]
    known = [edge for edge in edges if edge is not None]
    if len(known) < len(edges) or any(not one < two for one, two in pairwise(known)):
        return None
    return list(pairwise(known))


def _differences(totals: Sequence[float | None], own: Floats) -> list[float] | None:
    """Give what totals so far gained in each lap; None if they are no such totals."""
    known = np.array([total for total in totals if total is not None])
    if known.size < own.size or not np.isfinite(known).all():
        return None
    gains = np.diff(known, prepend=0.0)
    if (known[1:] <= own[1:] + ROUNDING_S).any() or (gains < 0.0).any():
        return None
    if (gains > own + ROUNDING_S).any():
        return None
    most = 2 * np.count_nonzero(gains >= MIN_SHARE * own) > own.size
    return [float(gain) for gain in gains] if most else None


def _way_differences(
    laps: Sequence[RawLap],
    spans: Sequence[tuple[float, float]],
    stamps: Floats,
    distance: Floats | None,
    *,
    timed: bool,
) -> list[float] | None:
    """Give the gains of lap distances that are totals so far, by the counter or the times."""
    told = [lap.distance_m for lap in laps]
    totals = np.array([metres for metres in told if metres is not None])
    if totals.size < len(told) or not np.isfinite(totals).all():
        return None
    gains = np.diff(totals, prepend=0.0)
    if (gains < 0.0).any() or gains[1:].sum() <= 0.0:
        return None
    counted = _counted(spans, stamps, distance)
    if counted is None:
        return gains.tolist() if timed else None
    each, so_far = counted[1:] - counted[:-1], counted[1:] - counted[0]
    off_each = np.abs(totals - each)[1:] > np.maximum(NEAR_SHARE * each[1:], NEAR_M)
    near = np.abs(totals - so_far)[1:] <= np.maximum(NEAR_SHARE * so_far[1:], NEAR_M)
    return gains.tolist() if (off_each & near).all() else None


def _counted(
    spans: Sequence[tuple[float, float]], stamps: Floats, distance: Floats | None
) -> Floats | None:
    """Give the counter at the edges of the laps; None where it does not rise throughout."""
    if distance is None:
        return None
    known = np.isfinite(distance) & np.isfinite(stamps)
    if np.count_nonzero(known) < 2:
        return None
    at, values = stamps[known], distance[known]
    if (np.diff(values) < 0.0).any() or (np.diff(at) < 0.0).any() or not values[-1] > values[0]:
        return None
    return np.interp([spans[0][0], *(end for _, end in spans)], at, values)
