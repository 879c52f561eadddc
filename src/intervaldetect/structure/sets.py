"""Reps -> sets: which reps belong together, what size was meant, and what lay between them."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

import numpy as np

from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet

# How far apart two neighbours of one set may be in size, and the last rep of a set, cut short.
SAME_SET = 0.22
CUT_SHORT = 0.45
BLOCK_GAP = 1.7
MIN_GAP_S = 1.0
"""Less than this between two reps is no recovery."""
# Uncertainty of one edge pair (s), of a device's distance (share), and of the sizes people choose.
EDGE_S = 2.0
DRIFT = 0.004
SCALE = 0.009
FREE_SIZE_COST = 5.0
FARTHEST = 3.0
"""A size is not meant where the mean is so many systematic errors off, or more."""
# How much likelier a distance has to be than a time for a jog, and may be less likely for a float.
MEASURED_JOG = 2.0
MEASURED_FLOAT = 2.5
MEASURED_S = 200.0

# Sizes runners use, rising, by how common they are: the cost is a log-odds against the size.
COMMON_DISTANCES_M = (
    200, 300, 400, 500, 600, 800, 1000, 1200, 1600, 2000, 3000, 5000, 10000, 16093.44,
)  # fmt: skip
OTHER_DISTANCES_M = (
    100, 150, 250, 350, 700, 900, 1500, 1609.344, 2400, 2500, 3200, 3218.688, 4000, 4828.032,
    6000, 8000, 8046.72, 12000, 15000, 16000, 20000, 21097.5,
)  # fmt: skip
COMMON_TIMES_S = (30, 45, 60, 90, 120, 150, 180, 240, 300, 360, 480, 600, 720, 900, 1200, 1800)
OTHER_TIMES_S = (
    15, 20, 40, 75, 105, 135, 210, 270, 330, 420, 540, 660, 780, 840, 960, 1080, 1500, 2100, 2400,
    2700, 3000, 3300, 3600, 4200, 4500, 4800, 5400, 6000, 7200,
)  # fmt: skip

# Mean speed of a recovery over that of the reps, or in m/s, by which its style is told.
FLOAT_SHARE = 0.78
JOG_MPS = 1.9
WALK_MPS = 0.6
WALK_SHARE = 0.7


@dataclass(frozen=True, slots=True)
class Effort:
    """One rep as measured: ``[start_s, end_s)``, distance, and seconds without pauses."""

    start_s: float
    end_s: float
    distance_m: float | None
    moving_s: float

    @property
    def seconds(self) -> float:
        """Elapsed duration."""
        return self.end_s - self.start_s

    @property
    def speed_mps(self) -> float | None:
        """Mean speed while moving, None without distance."""
        if self.distance_m is None or self.moving_s <= 0:
            return None
        return self.distance_m / self.moving_s


@dataclass(frozen=True, slots=True)
class Size:
    """The size meant by a group of efforts: nice if ``canonical``, else rounded as measured."""

    basis: Basis
    value: float
    canonical: bool
    cost: float


def group_efforts(efforts: Sequence[Effort]) -> list[list[int]]:
    """Part efforts, in time order, into sets of one size each, or into ladders.

    Neighbours of like duration make a set. Stretches without two alike make one ladder; a last
    rep cut short stays with its set.
    """
    runs: list[list[int]] = []
    sizes: list[float] = []  # of the last run, in order
    for index, effort in enumerate(efforts):
        if runs and _near(effort.seconds, _middle(sizes)):
            runs[-1].append(index)
            insort(sizes, effort.seconds)
        else:
            runs.append([index])
            sizes = [effort.seconds]
    if all(len(run) < 3 for run in runs):
        return [[k for run in runs for k in run]] if len(runs) > 2 else _join_short(efforts, runs)
    merged: list[list[int]] = []
    for run in runs:
        if merged and len(run) < 3 and len(merged[-1]) < 3 and not _is_set(efforts, merged[-1]):
            merged[-1] += run
        else:
            merged.append(list(run))
    return _join_short(efforts, merged)


def _alike(seconds: float, others: list[float]) -> bool:
    return _near(seconds, median(others))


def _near(seconds: float, usual: float) -> bool:
    return abs(math.log(max(seconds, 1.0) / max(usual, 1.0))) < SAME_SET


def _middle(ordered: list[float]) -> float:
    """Median of values in order."""
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def _is_set(efforts: Sequence[Effort], run: list[int]) -> bool:
    return len(run) > 1 and _alike(efforts[run[-1]].seconds, [efforts[k].seconds for k in run[:-1]])


def _join_short(efforts: Sequence[Effort], runs: list[list[int]]) -> list[list[int]]:
    """Give a single shorter rep at the end back to the set before it."""
    if len(runs) >= 2 and len(runs[-1]) == 1 and len(runs[-2]) >= 2:
        usual = median([efforts[k].seconds for k in runs[-2]])
        if CUT_SHORT * usual <= efforts[runs[-1][0]].seconds < usual:
            return [*runs[:-2], runs[-2] + runs[-1]]
    return runs


def describe_set(
    efforts: Sequence[Effort], gaps: Sequence[Effort], styles: Sequence[RecoveryStyle]
) -> WorkoutSet:
    """Say what a group of efforts was: size, count, blocks, speed and recovery.

    Parameters
    ----------
    efforts : sequence of Effort, length n
    gaps : sequence of Effort, length n - 1
        What lies between them.
    styles : sequence of str, length n - 1
        How each gap was spent.
    """
    speeds = [e.speed_mps for e in efforts if e.speed_mps is not None]
    speed = median(speeds) if speeds else None
    blocks, inner, outer = _blocks(gaps, len(efforts))
    if inner and median([gaps[k].seconds for k in inner]) < MIN_GAP_S:
        inner = []
    size, sizes = _sizes(efforts)
    style = _majority([styles[k] for k in inner]) if inner else None
    rest = _recovery_size([gaps[k] for k in inner], style, size.basis) if style else None
    inner_speeds = [gaps[k].speed_mps for k in inner]
    known = [s for s in inner_speeds if s is not None]
    return WorkoutSet(
        count=len(efforts),
        blocks=blocks,
        rep_basis=size.basis,
        rep_distance_m=_scalar(size, sizes, "distance", efforts),
        rep_duration_s=_scalar(size, sizes, "time", efforts),
        rep_distances_m=tuple(sizes) if sizes and size.basis == "distance" else None,
        rep_durations_s=tuple(sizes) if sizes and size.basis == "time" else None,
        rep_speed_mps=speed,
        recovery_basis=rest.basis if rest else None,
        recovery_s=_recovery(rest, "time", [gaps[k] for k in inner]),
        recovery_distance_m=_recovery(rest, "distance", [gaps[k] for k in inner]),
        recovery_style=style,
        recovery_speed_mps=median(known) if style == "float" and known else None,
        block_recovery_s=_size_on("time", [gaps[k] for k in outer]).value if outer else None,
        canonical=size.canonical,
    )


def recovery_style(gap: Effort, rep_speed_mps: float | None) -> RecoveryStyle:
    """Name how a recovery was spent, from its speed while moving."""
    if gap.moving_s <= 0.15 * gap.seconds:
        return "paused"
    speed = gap.speed_mps
    if speed is None:
        return "jog"
    if speed < WALK_MPS:
        return "stand"
    if rep_speed_mps is not None and speed > FLOAT_SHARE * rep_speed_mps:
        return "float"
    return "jog" if speed >= min(JOG_MPS, WALK_SHARE * (rep_speed_mps or 9.0)) else "walk"


def _blocks(gaps: Sequence[Effort], count: int) -> tuple[int, list[int], list[int]]:
    """Equal blocks parted by clearly longer gaps: number, gaps inside, gaps between."""
    every = list(range(len(gaps)))
    if count < 4:
        return 1, every, []
    seconds = [gap.seconds for gap in gaps]
    outer = np.flatnonzero(np.array(seconds) > max(BLOCK_GAP * median(seconds), MIN_GAP_S))
    if outer.size == 0:
        return 1, every, []
    lengths = np.diff(np.concatenate(([0], outer + 1, [count])))
    between = set(outer.tolist())
    inner = [k for k in every if k not in between]
    if lengths.min() < 2 or lengths.max() != lengths.min():
        return 1, inner or every, []
    return int(outer.size) + 1, inner, outer.tolist()


def _sizes(efforts: Sequence[Effort]) -> tuple[Size, list[float]]:
    """One size for a set; for a ladder the basis and the list of sizes."""
    whole = _typical_size(efforts)
    seconds = [e.seconds for e in efforts]
    last_short = len(efforts) > 2 and not _alike(seconds[-1], seconds[:-1])
    inner = efforts[:-1] if last_short else efforts
    inner_seconds = seconds[: len(inner)]
    usual = median(inner_seconds)
    if all(_near(value, usual) for value in inner_seconds):
        return (_typical_size(inner) if last_short else whole), []
    by_time = [_size_on("time", [e]) for e in efforts]
    by_distance = [_size_on("distance", [e]) for e in efforts]
    best = min(by_time, by_distance, key=lambda sizes: sum(size.cost for size in sizes))
    canonical, values = all(size.canonical for size in best), [size.value for size in best]
    if len(set(values)) == 1:  # run at speeds so unlike that their times say nothing
        return replace(best[0], canonical=canonical), []
    return Size(best[0].basis, 0.0, canonical, 0.0), values


def _typical_size(efforts: Sequence[Effort]) -> Size:
    """Return the likelier of a size in time and a size in distance."""
    time, distance = _size_on("time", efforts), _size_on("distance", efforts)
    # 600 m in 1:30 is both; short reps are more often measured than timed.
    short = median([e.seconds for e in efforts]) < MEASURED_S
    bias = 1.0 if short and distance.value in COMMON_DISTANCES_M else 0.0
    return distance if distance.cost - bias < time.cost else time


def _recovery_size(gaps: Sequence[Effort], style: RecoveryStyle, reps: Basis) -> Size:
    """Return the size of a recovery: timed, unless a jogged distance is clearly the likelier.

    A float is part of the way: beside reps by distance it is timed only if that is the likelier.
    """
    time = _size_on("time", gaps)
    if style not in ("jog", "float"):
        return time
    distance = _size_on("distance", gaps)
    bias = -MEASURED_FLOAT if style == "float" and reps == "distance" else MEASURED_JOG
    return distance if distance.canonical and distance.cost + bias < time.cost else time


def _size_on(basis: Basis, efforts: Sequence[Effort]) -> Size:
    """Best size on one basis and what it costs to believe it, all in seconds of running.

    The cost is a negative log-likelihood: the spread about the mean in units of the edge noise,
    the mean's offset from the size in units of the systematic error, and the prior of the size.
    """
    if basis == "time":
        values = [e.seconds for e in efforts]
        centre = median(values)
        per_unit, noise = 1.0, EDGE_S
        grids: tuple[tuple[float, ...], ...] = (COMMON_TIMES_S, OTHER_TIMES_S)
    else:
        speeds = [speed for e in efforts if (speed := e.speed_mps)]
        values = [e.distance_m for e in efforts if e.distance_m is not None]
        if not speeds or len(values) < len(efforts):
            return Size(basis, 0.0, False, math.inf)
        centre = median(values)
        per_unit = 1.0 / median(speeds)
        noise = math.hypot(EDGE_S, DRIFT * centre * per_unit)
        grids = (COMMON_DISTANCES_M, OTHER_DISTANCES_M)
    misfit = sum(min(((value - centre) * per_unit / noise) ** 2, 9.0) for value in values) / 2.0
    systematic = max(EDGE_S / 2.0, 0.0 if basis == "time" else SCALE * centre * per_unit)
    best = Size(basis, _round(basis, centre), False, misfit + FREE_SIZE_COST)
    reach = FARTHEST * systematic / per_unit
    for prior, grid in enumerate(grids):
        near = slice(bisect_left(grid, centre - reach), bisect_right(grid, centre + reach))
        for value in grid[near]:
            offset = ((centre - value) * per_unit / systematic) ** 2 / 2.0
            cost = misfit + offset + 1.5 * prior
            if offset < FARTHEST**2 / 2.0 and cost < best.cost:
                best = Size(basis, float(value), True, cost)
    return best


def _round(basis: Literal["time", "distance"], value: float) -> float:
    return _round_time(value) if basis == "time" else float(round(value / 10.0) * 10)


def _round_time(seconds: float) -> float:
    step = 1 if seconds < 60 else 5
    return float(round(seconds / step) * step)


def _scalar(
    size: Size, sizes: list[float], basis: Basis, efforts: Sequence[Effort]
) -> float | None:
    """Return the typical size: as meant on the set's own basis, as measured on the other."""
    if sizes:
        return None
    if size.basis == basis:
        return size.value
    measured = [e.seconds if basis == "time" else e.distance_m for e in efforts]
    known = [value for value in measured if value is not None]
    return median(known) if known else None


def _recovery(rest: Size | None, basis: Basis, gaps: Sequence[Effort]) -> float | None:
    if rest is None:
        return None
    if rest.basis == basis:
        return rest.value
    measured = [g.seconds if basis == "time" else g.distance_m for g in gaps]
    known = [value for value in measured if value is not None]
    return median(known) if known else None


def _majority(styles: Sequence[RecoveryStyle]) -> RecoveryStyle:
    return max(sorted(set(styles)), key=styles.count)
