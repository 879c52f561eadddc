"""In what unit a counter and a speed field are, told by what else the file says of the speed.

Every witness may be in a wrong unit or wrong altogether; both have a price. The speed at which the
sum is lowest is taken, with what people run, walk or ride as a further, weak witness.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, log

import numpy as np

from intervaldetect.read.clock import middle
from intervaldetect.read.reconcile.cells import Cells, moving, quantile
from intervaldetect.read.reconcile.gait import likelihood
from intervaldetect.records import Floats

KMH, KNOT, MPH, MILE, FOOT = 1 / 3.6, 1852 / 3600, 1609.344 / 3600, 1609.344, 0.3048

SPEED_UNITS: dict[str, tuple[float, float]] = {
    "m/s": (1.0, 0.0),
    "km/h": (KMH, 1.0),
    "mph": (MPH, 1.1),
    "knots": (KNOT, 1.2),
    "ft/s": (FOOT, 1.3),
    "mm/s": (0.001, 1.1),
    "km/s": (1000.0, 1.3),
    "1.609 m/s": (1.609344, 1.45),
    "1/1.609 m/s": (1 / 1.609344, 1.45),
    "3.6 m/s": (3.6, 1.45),
}
"""Factor to m/s, and the price of believing in it."""

DISTANCE_UNITS: dict[str, tuple[float, float]] = {
    "m": (1.0, 0.0),
    "km": (1000.0, 1.0),
    "mi": (MILE, 1.0),
    "ft": (FOOT, 1.1),
    "cm": (0.01, 1.2),
    "mm": (0.001, 1.2),
    "1.609 m": (1.609344, 1.45),
    "1/1.609 m": (1 / 1.609344, 1.45),
    "3.6 m": (3.6, 1.45),
    "1/3.6 m": (1 / 3.6, 1.45),
}
UNITS: dict[str, dict[str, tuple[float, float]]] = {
    "distance": DISTANCE_UNITS,
    "speed": SPEED_UNITS,
    "position": {"m": (1.0, 0.0)},
    "total": {"m": (1.0, 0.0), "km": (1000.0, 1.0), "mi": (MILE, 1.2)},
}
TOLERANCE = {"distance": 0.06, "speed": 0.06, "position": 0.10, "total": 0.12}
"""By how much (log) a witness may differ from the truth and still agree with it."""

WRONG = {"distance": 1.6, "speed": 1.5, "position": 2.0, "total": 1.2}
"""The price of taking a witness for wrong."""

ODD_PRICE, ODD_WITNESSES = 1.4, 3
"""What costs more is no unit but a unit taken for another: two more witnesses must bear it out."""

OFF, OFF_SHARE = 0.5, 0.25
"""A witness that is so far off (log) in such a share of the cells does not follow the others."""

CLOSE = 0.1
"""Witnesses no further apart (log) agree as they stand, and no unit is weighed."""

APART = 0.25
"""Witnesses further apart (log) that no unit brings together are told."""

MIN_CELLS, MIN_CELLS_ALONE, MAX_SPREAD = 5, 10, 0.4
"""Fewer cells, or a ratio that is all over the place, say nothing."""

LIKELY_MPS: dict[str, tuple[float, float]] = {
    "running": (0.5, 6.3),
    "walking": (0.3, 2.8),
    "hiking": (0.3, 2.8),
    "cycling": (1.0, 16.0),
}
"""Range of the median speed while moving."""

ANY_MPS = (0.3, 17.0)
"""That of a sport which is not listed."""

MAX_LOG_ODDS = 3.0
"""However far beyond, a speed is no dearer than this: the sport may be wrong."""

SLOW_RUN_MPS, SLOW_RUN_PRICE = 1.5, 0.5
"""What is called a run and is slower is more likely in another unit, or walked."""

FASTEST_SHARE, FASTEST_RUN_MPS = 0.9, 7.0
"""A tenth of a run is not faster than this, its sprints and short reps are."""

STEP_PRICE = 0.6
"""Weight of the log likelihood of the steps beside prices: cells of one file are alike."""


@dataclass(frozen=True, slots=True)
class Units:
    """What to multiply distance and speed by, the units' names, and which witnesses are wrong."""

    distance: tuple[str, float] = ("m", 1.0)
    speed: tuple[str, float] = ("m/s", 1.0)
    wrong: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Evidence:
    """Log ratios of the witnesses to one of them, whose typical speed is ``typical``.

    ``stray`` is the share of the cells in which a witness is far off its usual ratio, ``fastest``
    what a tenth of the speeds exceeds. ``speeds`` (k) are its own, ``turns`` (k) the cadence beside
    them as the file has it; none where nobody knows whether it is that of feet.
    """

    ratios: Mapping[str, float]
    stray: float
    typical: float
    fastest: float
    speeds: Floats
    turns: Floats


def compare(cells: Cells, total: float | None, turns: Floats | None) -> Evidence | None:
    """Say how the witnesses stand to each other; None where nothing moves.

    Parameters
    ----------
    cells : Cells
    total : float or None
        The whole way by session or laps.
    turns : (k,) float64 or None
        Cadence of feet in each cell, whatever it counts.
    """
    moves = {name: moving(values) for name, values in cells.speeds.items()}
    names = [name for name in cells.speeds if np.count_nonzero(moves[name]) >= MIN_CELLS]
    if not names:
        return None
    first = cells.speeds[names[0]]
    ratios = {names[0]: 0.0}
    stray = 0.0
    for name in names[1:]:
        both = moves[name] & moves[names[0]]
        if np.count_nonzero(both) < MIN_CELLS:
            continue
        each = np.log(cells.speeds[name][both] / first[both])
        ratio = middle(each)
        apart = np.abs(each - ratio)
        stray = max(stray, np.count_nonzero(apart > OFF) / each.size)
        if np.count_nonzero(apart <= MAX_SPREAD) > each.size // 2:
            ratios[name] = ratio
    if total is not None and total > 0.0:
        known = np.isfinite(first)
        way = float((first[known] * cells.seconds[known]).sum())
        if way > 0.0:
            ratios["total"] = log(total / way)
    if len(ratios) == 1 and np.count_nonzero(moves[names[0]]) < MIN_CELLS_ALONE:
        return None
    counted = speeds = np.empty(0)
    if turns is not None:
        beside = moves[names[0]] & np.isfinite(turns)
        counted, speeds = turns[beside], first[beside]
    moved = first[moves[names[0]]]
    fastest = quantile(moved, FASTEST_SHARE)
    return Evidence(ratios, stray, middle(moved), fastest, speeds, counted)


def agree(evidence: Evidence, sport: str | None, *, steps: bool) -> bool:
    """Whether all is well, as in most files: nothing has to be weighed."""
    return (
        all(abs(ratio) < CLOSE for ratio in evidence.ratios.values())
        and evidence.stray <= OFF_SHARE
        and _unlikely(evidence, 1.0, sport, steps=steps) == 0.0
    )


def decide(evidence: Evidence, sport: str | None, *, steps: bool) -> Units:
    """Choose the units that take the fewest assumptions.

    Parameters
    ----------
    evidence : Evidence
    sport : str or None
    steps : bool
        Whether the cadence is that of feet.
    """
    best, price = Units(), float("inf")
    for name, ratio in evidence.ratios.items():
        for factor, _ in UNITS[name].values():
            level = ratio + log(factor)
            units, cost = _assumed(evidence, level)
            cost += _unlikely(evidence, exp(level), sport, steps=steps)
            cost += _out_of_step(evidence, level)
            if cost < price - 1e-9:
                best, price = units, cost
    return best


def is_confirmed_by_cadence(chosen: Units, evidence: Evidence) -> bool:
    """Whether two witnesses agree on what was chosen just as they were read."""
    named = {"distance": chosen.distance[1], "speed": chosen.speed[1]}
    as_read = [n for n in evidence.ratios if n not in chosen.wrong and named.get(n, 1.0) == 1.0]
    return len(set(as_read) - {"total"}) > 1


def _assumed(evidence: Evidence, level: float) -> tuple[Units, float]:
    """Say what must be assumed of the witnesses for the truth to lie at a level, and the price."""
    cost = 0.0
    sampled = len(evidence.ratios) - ("total" in evidence.ratios) + bool(evidence.turns.size)
    dearest = ODD_PRICE if sampled < ODD_WITNESSES else float("inf")
    chosen: dict[str, tuple[str, float]] = {}
    wrong: list[str] = []
    for name, ratio in evidence.ratios.items():
        options = [
            (price + (off / TOLERANCE[name]) ** 2, unit, factor)
            for unit, (factor, price) in UNITS[name].items()
            if price <= dearest and abs(off := ratio + log(factor) - level) <= TOLERANCE[name]
        ]
        best = min(options, default=(WRONG[name], "", 1.0))
        if not options:
            wrong.append(name)
        else:
            chosen[name] = best[1:]
        cost += best[0]
    return (
        Units(chosen.get("distance", ("m", 1.0)), chosen.get("speed", ("m/s", 1.0)), tuple(wrong)),
        cost,
    )


def _out_of_step(evidence: Evidence, level: float) -> float:
    """Price of a speed that does not go with the steps a minute, one leg or both counted."""
    if not evidence.turns.size:
        return 0.0
    speeds = evidence.speeds * exp(level)
    best = max(float(likelihood(k * evidence.turns, speeds).mean()) for k in (1.0, 2.0))
    return -STEP_PRICE * best


def _unlikely(evidence: Evidence, factor: float, sport: str | None, *, steps: bool) -> float:
    """Price of a typical or a highest speed, times a factor, outside what people do."""
    speed_mps = max(evidence.typical * factor, 1e-9)
    runs = sport == "running" or (steps and sport not in LIKELY_MPS)
    low, high = LIKELY_MPS["running"] if runs else LIKELY_MPS.get(sport or "", ANY_MPS)
    beyond = max(log(speed_mps / high), log(low / speed_mps), 0.0)
    if runs:
        beyond = max(beyond, log(max(evidence.fastest * factor, 1e-9) / FASTEST_RUN_MPS))
    slow = sport == "running" and beyond == 0.0 and speed_mps < SLOW_RUN_MPS
    return SLOW_RUN_PRICE if slow else min(6.0 * beyond, MAX_LOG_ODDS)
