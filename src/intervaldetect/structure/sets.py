"""Reps -> sets: which reps belong together, what size was meant, and what lay between them."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import Literal

import numpy as np

from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet

SAME_SET = 0.22
"""Neighbours so near in log size are repeats of one effort, however they are written."""
SAME_SIZE = 0.15
"""``n x D`` is written only if every rep is so near to D (share)."""
EDGE_SLACK_S = 3.0
"""Both edges of a rep are off by about 2 s: short reps may differ by as much."""
MAX_RUNGS = 6
"""Longest block of different sizes that is looked for."""
MIN_IN_BLOCKS = 4
"""Fewer reps are not parted into blocks."""
BLOCK_GAP = 1.7
"""A gap so many times the usual one parts blocks."""
MIN_GAP_S = 1.0
"""Less than this between two reps is no recovery."""
EDGE_S = 2.0
"""Error of a duration: both edges (s)."""
DRIFT = 0.004
"""Error of a device's distance from rep to rep (share)."""
SCALE = 0.009
"""Systematic error of a device's distance, and of the courses people measure (share)."""
FREE_SIZE_COST = 5.0
"""Log-odds against a size that is no round one."""
RARE_SIZE_COST = 1.5
"""Log-odds against a size that is round and seldom run."""
FARTHEST = 3.0
"""A size is not meant where the mean is so many systematic errors off, or more."""
MEASURED_JOG = 2.0
"""Log-odds by which a distance has to be likelier than a time to be the size of a jog."""
MEASURED_FLOAT = 2.5
"""Log-odds by which it may be less likely for a float beside reps by distance."""
MEASURED_S = 200.0
"""Shorter reps are more often measured than timed."""
MEASURED_SHORT = 1.0
"""Log-odds for a common distance of those."""

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

FLOAT_SHARE = 0.78
"""A recovery this fast beside the reps is a float where easy pace is not known."""
FLOAT_LEAST_SHARE = 0.74
"""No float is slower than this beside the reps."""
FLOAT_OVER_EASY = 1.06
"""A float is so much faster than the easy running of the same day."""
JOG_MPS = 1.9
"""A jog is faster than this, or than `WALK_SHARE` of the reps: walking ends at about 2 m/s."""
WALK_SHARE = 0.7
WALK_MPS = 0.6
"""Slower is standing about."""
PAUSED_SHARE = 0.15
"""A recovery that moves for no longer a share was taken with the watch paused."""


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


def measured(efforts: Sequence[Effort], basis: Basis) -> list[float]:
    """Return the sizes on one basis, none where any is not known."""
    values = [e.seconds if basis == "time" else e.distance_m for e in efforts]
    known = [value for value in values if value is not None]
    return known if len(known) == len(values) else []


def all_near(efforts: Sequence[Effort]) -> bool:
    """Whether ``n x D`` may be written of these, on either basis."""
    bases: tuple[Basis, ...] = ("time", "distance")
    return any(
        _near(efforts, basis, median(values))
        for basis in bases
        if (values := measured(efforts, basis))
    )


def goes_on(effort: Effort, before: Sequence[Effort]) -> bool:
    """Whether an effort is of the size of those before it: neither is shorter by over 15 %."""
    bases: tuple[Basis, ...] = ("time", "distance")
    for basis in bases:
        values, own = measured(before, basis), measured([effort], basis)
        if values and own:
            size = median(values)
            if abs(own[0] - size) <= max(SAME_SIZE * max(own[0], size), _slack([effort], basis)):
                return all_near([*before, effort])
    return False


def _near(efforts: Sequence[Effort], basis: Basis, size: float) -> bool:
    """Whether none is shorter or longer than ``size`` by over 15 %."""
    allowed = max(SAME_SIZE * size, _slack(efforts, basis))
    values = measured(efforts, basis)
    return bool(values) and all(abs(value - size) <= allowed for value in values)


def _slack(efforts: Sequence[Effort], basis: Basis) -> float:
    """Return by how much the edges alone let sizes differ."""
    if basis == "time":
        return EDGE_SLACK_S
    speeds = [speed for e in efforts if (speed := e.speed_mps)]
    return EDGE_SLACK_S * median(speeds) if speeds else 0.0


def block_length(efforts: Sequence[Effort]) -> int | None:
    """Return how many reps of different size come again and again, None where no pattern does.

    Twice is a pattern only with a clearly longer gap between.
    """
    count = len(efforts)
    if count < MIN_IN_BLOCKS or all_near(efforts):
        return None
    for length in range(2, min(MAX_RUNGS, count // 2) + 1):
        if count % length or (count == 2 * length and not _parted(efforts, length)):
            continue
        rungs = [efforts[k::length] for k in range(length)]
        usual = [median([e.seconds for e in rung]) for rung in rungs]
        apart = math.log(max(usual) / max(min(usual), 1.0)) > SAME_SET
        if apart and all(all_near(rung) for rung in rungs):
            return length
    return None


def _parted(efforts: Sequence[Effort], at: int) -> bool:
    gaps = [b.start_s - a.end_s for a, b in itertools.pairwise(efforts)]
    return gaps[at - 1] > BLOCK_GAP * median(gaps[: at - 1] + gaps[at:])


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
    length = block_length(efforts)
    size, sizes = _sizes(efforts, length)
    blocks, inner, outer = _blocks(gaps, len(efforts), length)
    if sizes and length is None:  # a ladder that never comes again has no blocks
        blocks, outer = 1, []
    found = WorkoutSet(
        count=len(efforts),
        blocks=blocks,
        rep_basis=size.basis,
        rep_distance_m=_scalar(size, sizes, "distance", efforts),
        rep_duration_s=_scalar(size, sizes, "time", efforts),
        rep_distances_m=tuple(sizes) if sizes and size.basis == "distance" else None,
        rep_durations_s=tuple(sizes) if sizes and size.basis == "time" else None,
        rep_speed_mps=_median_speed(efforts),
        block_recovery_s=_size_on("time", [gaps[k] for k in outer]).value if outer else None,
        canonical=size.canonical,
    )
    return _with_recovery(found, [gaps[k] for k in inner], [styles[k] for k in inner])


def _with_recovery(
    found: WorkoutSet, gaps: Sequence[Effort], styles: Sequence[RecoveryStyle]
) -> WorkoutSet:
    """Say what lies between the reps of a set; nothing where it is too short to be a recovery."""
    if not gaps or median([gap.seconds for gap in gaps]) < MIN_GAP_S:
        return found
    style = _majority(styles)
    rest = _recovery_size(gaps, style, found.rep_basis)
    return replace(
        found,
        recovery_basis=rest.basis,
        recovery_s=_recovery(rest, "time", gaps),
        recovery_distance_m=_recovery(rest, "distance", gaps),
        recovery_style=style,
        recovery_speed_mps=_median_speed(gaps) if style == "float" else None,
    )


def _median_speed(efforts: Sequence[Effort]) -> float | None:
    speeds = [effort.speed_mps for effort in efforts if effort.speed_mps is not None]
    return median(speeds) if speeds else None


def recovery_style(
    gap: Effort, rep_speed_mps: float | None, easy_mps: float | None = None
) -> RecoveryStyle:
    """Name how a recovery was spent, from its speed while moving.

    Parameters
    ----------
    gap : Effort
    rep_speed_mps : float or None
        Typical speed of the reps beside it.
    easy_mps : float, optional
        Speed of the easy running of the same day: at that speed a recovery is a jog.
    """
    if gap.moving_s <= PAUSED_SHARE * gap.seconds:
        return "paused"
    speed = gap.speed_mps
    if speed is None:
        return "jog"
    if speed < WALK_MPS:
        return "stand"
    if rep_speed_mps is not None and speed > _float_mps(rep_speed_mps, easy_mps):
        return "float"
    return "jog" if speed >= min(JOG_MPS, WALK_SHARE * (rep_speed_mps or 9.0)) else "walk"


def _float_mps(rep_mps: float, easy_mps: float | None) -> float:
    """Return the speed from which a recovery is a float."""
    if easy_mps is None:
        return FLOAT_SHARE * rep_mps
    return max(FLOAT_LEAST_SHARE * rep_mps, FLOAT_OVER_EASY * easy_mps)


def _blocks(
    gaps: Sequence[Effort], count: int, length: int | None
) -> tuple[int, list[int], list[int]]:
    """Equal blocks parted by clearly longer gaps: number, gaps inside, gaps between.

    Blocks of ``length`` reps of different size need no longer gaps.
    """
    every = list(range(len(gaps)))
    if count < MIN_IN_BLOCKS:
        return 1, every, []
    seconds = np.array([gap.seconds for gap in gaps])
    longer = seconds > max(BLOCK_GAP * float(np.median(seconds)), MIN_GAP_S)
    outer = np.flatnonzero(longer)
    inner = np.flatnonzero(~longer).tolist() or every
    if length is not None:
        between = every[length - 1 :: length]
        outside = set(between)
        within = [k for k in every if k not in outside]
        longer_between = min(seconds[between]) > BLOCK_GAP * np.median(seconds[within])
        return count // length, within, between if longer_between else []
    lengths = np.diff(np.concatenate(([0], outer + 1, [count])))
    if outer.size and lengths.min() == lengths.max() > 1:
        return int(outer.size) + 1, inner, outer.tolist()
    return 1, inner, []


def _sizes(efforts: Sequence[Effort], length: int | None) -> tuple[Size, list[float]]:
    """One size for a set; for a ladder, or blocks of ``length``, the basis and every size."""
    if length is None:
        typical = _typical_size(efforts)
        sizes = [typical, _size_on("time", efforts), _size_on("distance", efforts)]
        sizes += [_as_measured(efforts, size) for size in sizes]
        for size in sizes:
            if size.value > 0.0 and _near(efforts, size.basis, size.value):
                return size, []
    rungs = [efforts[k::length] for k in range(length)] if length else [[e] for e in efforts]
    by_time = [_size_on("time", rung) for rung in rungs]
    by_distance = [_size_on("distance", rung) for rung in rungs]
    best = min(by_time, by_distance, key=lambda sizes: sum(size.cost for size in sizes))
    values = [size.value for size in best]
    basis = best[0].basis
    if len(set(values)) == 1:  # what is not alike is not written alike
        values = [_round(basis, median(measured(rung, basis))) for rung in rungs]
    canonical = all(size.canonical for size in best)
    return Size(basis, 0.0, canonical, 0.0), values * (len(efforts) // len(rungs))


def _as_measured(efforts: Sequence[Effort], size: Size) -> Size:
    values = measured(efforts, size.basis)
    return replace(
        size, value=_round(size.basis, median(values)) if values else 0.0, canonical=False
    )


def _typical_size(efforts: Sequence[Effort]) -> Size:
    """Return the likelier of a size in time and a size in distance."""
    time, distance = _size_on("time", efforts), _size_on("distance", efforts)
    # 600 m in 1:30 is both; short reps are more often measured than timed.
    short = median([e.seconds for e in efforts]) < MEASURED_S
    bias = MEASURED_SHORT if short and distance.value in COMMON_DISTANCES_M else 0.0
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
            cost = misfit + offset + RARE_SIZE_COST * prior
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


def _recovery(rest: Size, basis: Basis, gaps: Sequence[Effort]) -> float | None:
    if rest.basis == basis:
        return rest.value
    measured = [g.seconds if basis == "time" else g.distance_m for g in gaps]
    known = [value for value in measured if value is not None]
    return median(known) if known else None


def _majority(styles: Sequence[RecoveryStyle]) -> RecoveryStyle:
    return max(sorted(set(styles)), key=styles.count)
