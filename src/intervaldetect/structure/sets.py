"""Reps -> sets: which reps belong together, what size was meant, and what lay between them."""

from __future__ import annotations

import itertools
import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import numpy as np

from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet

SAME_SET = 0.22
"""Reps so near in log size, and in log speed, are repeats of one effort, however written."""
SAME_SIZE = 0.15
"""``n x D`` is written only if every rep is so near to D (share)."""
MIN_ALIKE = 3
"""Three of a kind are a pattern; fewer come by chance."""
EDGE_SLACK_S = 3.0
"""Both edges of a rep are off by about 2 s: short reps may differ by as much."""
BLOCK_GAP = 1.7
"""A gap so many times the usual one parts blocks."""
EDGE_S = 2.0
"""Error of an edge, and of a duration."""
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
"""Log-odds by which a distance has to be likelier than a time to be the size of a jog.

For a float beside reps by distance it may be as much less likely.
"""
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

FLOAT_LEAST_SHARE = 0.74
"""No float is slower than this beside the reps."""
CLEARLY_FASTER = 1.06
"""A float over the easy running of the day; laps over those beside them, if run as reps."""
JOG_MPS = 1.9
"""A jog is faster than this: walking ends at about 2 m/s."""
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


def measured(efforts: Sequence[Effort]) -> dict[Basis, list[float]]:
    """Return the sizes by basis, without one on which any is not known."""
    metres = [e.distance_m for e in efforts if e.distance_m is not None]
    sizes: dict[Basis, list[float]] = {"time": [e.seconds for e in efforts]}
    return sizes | {"distance": metres} if len(metres) == len(efforts) else sizes


def median_speed(efforts: Sequence[Effort]) -> float | None:
    """Return the median speed while moving, None where none is known."""
    speeds = [speed for e in efforts if (speed := e.speed_mps) is not None]
    return median(speeds) if speeds else None


def all_near(efforts: Sequence[Effort]) -> bool:
    """Whether ``n x D`` may be written of these, on either basis."""
    sizes = measured(efforts)
    return any(_near(efforts, basis, median(values)) for basis, values in sizes.items())


def goes_on(effort: Effort, before: Sequence[Effort]) -> bool:
    """Whether an effort is of the size of those before it: neither is shorter by over 15 %."""
    own = measured([effort])
    for basis, values in measured(before).items():
        if basis in own:
            size = median(values)
            longer = max(own[basis][0], size)
            if abs(own[basis][0] - size) <= max(SAME_SIZE * longer, _slack([effort], basis)):
                return all_near([*before, effort])
    return False


def _near(efforts: Sequence[Effort], basis: Basis, size: float) -> bool:
    """Whether none is shorter or longer than ``size`` by over 15 %."""
    allowed = max(SAME_SIZE * size, _slack(efforts, basis))
    return all(abs(value - size) <= allowed for value in measured(efforts).get(basis, [math.inf]))


def _slack(efforts: Sequence[Effort], basis: Basis) -> float:
    """Return by how much the edges alone let sizes differ."""
    return EDGE_SLACK_S * (1.0 if basis == "time" else median_speed(efforts) or 0.0)


def block_length(efforts: Sequence[Effort]) -> int | None:
    """Return how many reps of different size come again and again, None where no pattern does.

    Twice is a pattern only with a clearly longer gap between.
    """
    count = len(efforts)
    if all_near(efforts):
        return None
    for length in range(2, count // 2 + 1):
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
    """Say what n efforts were: size, count, blocks, speed and recovery.

    ``gaps`` (n - 1) lie between them, ``styles`` (n - 1) say how each was spent.
    """
    length = block_length(efforts)
    size, sizes = _sizes(efforts, length)
    blocks, inner, outer = _blocks(gaps, length)
    if sizes and length is None:  # a ladder that never comes again has no blocks
        blocks, outer = 1, []
    found = WorkoutSet(
        count=len(efforts),
        blocks=blocks,
        rep_basis=size.basis,
        rep_distance_m=None if sizes else _size_in("distance", size, efforts),
        rep_duration_s=None if sizes else _size_in("time", size, efforts),
        rep_distances_m=tuple(sizes) if sizes and size.basis == "distance" else None,
        rep_durations_s=tuple(sizes) if sizes and size.basis == "time" else None,
        rep_speed_mps=median_speed(efforts),
        block_recovery_s=_size_on("time", [gaps[k] for k in outer]).value if outer else None,
        canonical=size.canonical,
    )
    return _with_recovery(found, [gaps[k] for k in inner], [styles[k] for k in inner])


def _with_recovery(
    found: WorkoutSet, gaps: Sequence[Effort], styles: Sequence[RecoveryStyle]
) -> WorkoutSet:
    """Say what lies between the reps of a set; nothing where it is too short to be a recovery."""
    if not gaps or median([gap.seconds for gap in gaps]) < EDGE_SLACK_S:
        return found
    style = max(sorted(set(styles)), key=styles.count)
    rest = _recovery_size(gaps, style, found.rep_basis)
    return replace(
        found,
        recovery_basis=rest.basis,
        recovery_s=_size_in("time", rest, gaps),
        recovery_distance_m=_size_in("distance", rest, gaps),
        recovery_style=style,
        recovery_speed_mps=median_speed(gaps) if style == "float" else None,
    )


def recovery_style(
    gap: Effort, rep_speed_mps: float | None, easy_mps: float | None = None
) -> RecoveryStyle:
    """Name how a recovery was spent, from its speed while moving.

    ``rep_speed_mps`` is usual of the reps beside it, ``easy_mps`` of the easy running of the same
    day: at that speed a recovery is a jog.
    """
    if gap.moving_s <= PAUSED_SHARE * gap.seconds:
        return "paused"
    speed = gap.speed_mps
    if speed is None:
        return "jog"
    if speed < WALK_MPS:
        return "stand"
    rep_mps = math.inf if rep_speed_mps is None else rep_speed_mps
    if speed > max(FLOAT_LEAST_SHARE * rep_mps, CLEARLY_FASTER * (easy_mps or 0.0)):
        return "float"
    return "jog" if speed >= JOG_MPS else "walk"


def _blocks(gaps: Sequence[Effort], length: int | None) -> tuple[int, list[int], list[int]]:
    """Equal blocks parted by clearly longer gaps: number, gaps inside, gaps between.

    Blocks of ``length`` reps of different size need no longer gaps.
    """
    every = np.arange(len(gaps))
    seconds = np.array([gap.seconds for gap in gaps])
    if length is not None:
        between = every % length == length - 1
        longer = seconds[between].min() > BLOCK_GAP * np.median(seconds[~between])
        outer = every[between].tolist() if longer else []
        return int(between.sum()) + 1, every[~between].tolist(), outer
    between = (
        seconds > max(BLOCK_GAP * float(np.median(seconds)), EDGE_SLACK_S) if gaps else every > 0
    )
    inner, outer = every[~between].tolist() or every.tolist(), every[between].tolist()
    lengths = np.diff([-1, *outer, len(gaps)])
    if outer and lengths.min() == lengths.max() > 1:
        return len(outer) + 1, inner, outer
    return 1, inner, []


def _sizes(efforts: Sequence[Effort], length: int | None) -> tuple[Size, list[float]]:
    """One size for a set; for a ladder, or blocks of ``length``, the basis and every size."""
    if length is None:
        by_time, by_distance = _size_on("time", efforts), _size_on("distance", efforts)
        sizes = [_typical(by_time, by_distance, efforts), by_time, by_distance]
        sizes += [_as_measured(efforts, size) for size in sizes]
        for size in sizes:
            if size.value > 0.0 and _near(efforts, size.basis, size.value):
                return size, []
    rungs = [efforts[k::length] for k in range(length)] if length else [[e] for e in efforts]
    bases: tuple[Basis, ...] = ("time", "distance")
    best = min(
        ([_size_on(basis, rung) for rung in rungs] for basis in bases),
        key=lambda sizes: sum(size.cost for size in sizes),
    )
    canonical = all(size.canonical for size in best)
    if len({size.value for size in best}) == 1:  # what is not alike is not written alike
        best = [_as_measured(rung, size) for rung, size in zip(rungs, best, strict=True)]
    values = [size.value for size in best] * (len(efforts) // len(rungs))
    return Size(best[0].basis, 0.0, canonical, 0.0), values


def _as_measured(efforts: Sequence[Effort], size: Size) -> Size:
    values = measured(efforts).get(size.basis, [0.0])
    return replace(size, value=_round(size.basis, median(values)), canonical=False)


def _typical(time: Size, distance: Size, efforts: Sequence[Effort]) -> Size:
    """Return the likelier of a size in time and a size in distance."""
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
    bias = -MEASURED_JOG if style == "float" and reps == "distance" else MEASURED_JOG
    return distance if distance.canonical and distance.cost + bias < time.cost else time


def _size_on(basis: Basis, efforts: Sequence[Effort]) -> Size:
    """Best size on one basis and what it costs to believe it, all in seconds of running.

    The cost is a negative log-likelihood: the spread about the mean in units of the edge noise,
    the mean's offset from the size in units of the systematic error, and the prior of the size.
    """
    values = measured(efforts).get(basis)
    mps = 1.0 if basis == "time" else median_speed(efforts)
    if values is None or not mps:
        return Size(basis, 0.0, False, math.inf)
    centre = median(values)
    noise, systematic = EDGE_S, EDGE_S / 2.0
    grids: tuple[tuple[float, ...], ...] = (COMMON_TIMES_S, OTHER_TIMES_S)
    if basis == "distance":
        noise = math.hypot(EDGE_S, DRIFT * centre / mps)
        systematic = max(systematic, SCALE * centre / mps)
        grids = (COMMON_DISTANCES_M, OTHER_DISTANCES_M)
    misfit = sum(min(((value - centre) / mps / noise) ** 2, 9.0) for value in values) / 2.0
    best = Size(basis, _round(basis, centre), False, misfit + FREE_SIZE_COST)
    reach = FARTHEST * systematic * mps
    for prior, grid in enumerate(grids):
        for value in grid[bisect_left(grid, centre - reach) : bisect_right(grid, centre + reach)]:
            offset = (abs(centre - value) / mps / systematic) ** 2 / 2.0
            cost = misfit + offset + RARE_SIZE_COST * prior
            if offset < FARTHEST**2 / 2.0 and cost < best.cost:
                best = Size(basis, float(value), True, cost)
    return best


def _round(basis: Basis, value: float) -> float:
    """Round as runners do: to 10 m, to a second below a minute, else to five."""
    step = 10.0 if basis == "distance" else 1.0 if value < 60.0 else 5.0
    return float(round(value / step) * step)


def _size_in(basis: Basis, size: Size, efforts: Sequence[Effort]) -> float | None:
    """Return a size as meant on its own basis, as measured on the other."""
    if size.basis == basis:
        return size.value
    values = measured(efforts).get(basis)
    return median(values) if values else None
