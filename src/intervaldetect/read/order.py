"""Samples that a file holds out of order, or twice, put into the order of their times.

Writers shuffle blocks of records, editors merge segments the wrong way round, and some apps repeat
in every segment what stood in those before it. A clock that was set back looks alike at first
sight: there the times overlap with other values, or leave holes once they are sorted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.read.clock import JUMP_S, middle, strays
from intervaldetect.records import Bools, Floats, Ints, Problem

HOLE_STEPS = 5.0
MIN_HOLE_S = 10.0
"""A step longer than this, and than so many long steps of the file, is a hole."""

CROWDED = 0.75
"""Closer than this share of the file's short steps, samples are those of two clocks."""

EVENNESS = 0.25
EVEN_SHARE = 0.9
"""With more uneven steps than this leaves, the evenness of a file says nothing of its order."""

ODD_STEPS = 0.02
"""No other order leaves so few steps that are not of one length: single records were shuffled."""

MAX_SEGMENT_HOLE_S = 6 * 3600.0
"""Longest pause between two track segments that stand in the wrong order."""

NEWEST_FIRST = 0.6
"""With more of the steps backwards than this, a file lists its newest sample first."""

SAME_SHARE = 0.95
"""Share of the samples at one time that must agree to be repeats of one another."""


TICK_S, IN_A_TICK = 10.0, 5
"""Stamps of a clock that ticks so seldom, with so many samples to a tick, say little of each."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """Samples in order: finite unix stamps (n,), columns, where track segments begin."""

    stamps: Floats
    columns: dict[str, Floats]
    breaks: list[int]
    problems: tuple[Problem, ...] = ()


def in_order(stamps: Floats, columns: Mapping[str, Floats], breaks: Sequence[int]) -> Ordered:
    """Sort samples by time and drop repeats, where that is what is wrong with them.

    Parameters
    ----------
    stamps : (n,) array
        Finite unix seconds in file order.
    columns : mapping of name to (n,) array
    breaks : sequence of int
        Where track segments begin.

    Returns
    -------
    Ordered
        As given where the times never fall, or where a clock that was set explains better that
        they do. Where they tell whole minutes, the samples are spread between these.
    """
    spread: tuple[Problem, ...] = ()
    steps = np.diff(stamps)
    if IN_A_TICK * np.count_nonzero(steps > 0.0) <= steps.size:
        stamps, spread = _within_ticks(stamps)
        steps = np.diff(stamps)
    given = Ordered(stamps, dict(columns), list(breaks), spread)
    back = np.flatnonzero(steps < 0.0) + 1
    if not back.size:
        return given
    if back.size > NEWEST_FIRST * (stamps.size - 1):
        return _turned(given)
    order = np.argsort(stamps, kind="stable")
    run = np.zeros(stamps.size, np.int64)
    run[back] = 1
    run = np.cumsum(run)
    repeated = _repeats(stamps[order], run[order], columns, order)
    if repeated is None:
        return given
    kept = order[~repeated]
    if not _is_regular(stamps, stamps[kept], set(back.tolist()) <= set(breaks)):
        return given
    at = np.searchsorted(stamps[kept], [stamps[k] for k in breaks if k < stamps.size])
    problems = []
    moved = int(np.count_nonzero(np.diff(kept) < 0))
    if moved:
        message = "the samples were out of order and were sorted by time"
        problems.append(Problem("samples_sorted", message, moved))
    if stamps.size > kept.size:
        message = "samples that repeat others were left out"
        problems.append(Problem("samples_repeated", message, int(stamps.size - kept.size)))
    return Ordered(
        stamps[kept],
        {name: values[kept] for name, values in columns.items()},
        sorted(set(at.tolist())),
        tuple(problems),
    )


def _within_ticks(stamps: Floats) -> tuple[Floats, tuple[Problem, ...]]:
    """Spread samples over the ticks of a clock that tells whole minutes, or ten seconds.

    Parameters
    ----------
    stamps : (n,) array
        Finite unix seconds in file order.

    Returns
    -------
    (n,) array, tuple of Problem
        As given where times fall, or where a tick holds few samples. Those of the first tick end
        with it, for a recording seldom starts on the minute.
    """
    steps = np.diff(stamps)
    ticks = 1 + np.count_nonzero(steps > 0.0)
    if ticks < 2 or IN_A_TICK * ticks > stamps.size or steps.min() < 0.0:
        return stamps, ()
    starts = np.flatnonzero(np.concatenate(([True], steps > 0.0)))
    lasts = np.diff(stamps[starts])
    usual = middle(lasts)
    if usual < TICK_S:
        return stamps, ()
    counts = np.diff(np.append(starts, stamps.size))
    apart = usual / middle(counts.astype(np.float64))
    each = np.minimum(apart, np.append(lasts, np.inf) / counts)
    place = np.arange(stamps.size) - np.repeat(starts, counts)
    spread = stamps + place * np.repeat(each, counts)
    spread[: starts[1]] += max(lasts[0] - counts[0] * each[0], 0.0) if lasts[0] <= usual else 0.0
    text = f"times are recorded only every {usual:.0f} s; samples were spread between them"
    return spread, (Problem("coarse_times", text, int(stamps.size)),)


def _turned(given: Ordered) -> Ordered:
    """Turn round a file that lists its newest sample first."""
    size = given.stamps.size
    ordered = in_order(
        given.stamps[::-1],
        {name: values[::-1] for name, values in given.columns.items()},
        sorted(size - at for at in given.breaks if 0 < at < size),
    )
    message = "the samples were out of order and were sorted by time"
    problem = Problem("samples_sorted", message, size)
    others = tuple(p for p in ordered.problems if p.code != problem.code)
    return Ordered(ordered.stamps, ordered.columns, ordered.breaks, (problem, *others))


def _repeats(stamps: Floats, run: Ints, columns: Mapping[str, Floats], order: Ints) -> Bools | None:
    """Mark the samples, sorted by time, that repeat one of another run; None if they contradict."""
    repeated = np.zeros(stamps.size, np.bool_)
    starts = np.flatnonzero(np.concatenate(([True], stamps[1:] > stamps[:-1])))
    sizes = np.diff(np.append(starts, stamps.size))
    first = np.repeat(starts, sizes)  # of the samples at the same time
    twice = run != run[first]
    if not twice.any():
        return repeated
    # The k-th sample at a time in one run repeats the k-th in the first run: see 5 Hz at 1 s.
    place = np.arange(stamps.size)
    begins = np.concatenate(([True], (run[1:] != run[:-1]) | (stamps[1:] > stamps[:-1])))
    rank = place - np.maximum.accumulate(np.where(begins, place, 0))
    ours = np.flatnonzero(twice)
    theirs = np.minimum(first[ours] + rank[ours], stamps.size - 1)
    compared, agree = np.zeros(ours.size, np.bool_), np.ones(ours.size, np.bool_)
    for values in columns.values():
        a, b = values[order[ours]], values[order[theirs]]
        both = np.isfinite(a) & np.isfinite(b)
        compared |= both
        agree &= ~both | (np.abs(a - b) <= 1e-6 * np.maximum(np.abs(a), 1.0))
    if np.count_nonzero(compared & agree) < SAME_SHARE * ours.size:
        return None
    repeated[ours] = True
    return repeated


def _is_regular(given: Floats, ordered: Floats, at_breaks: bool) -> bool:
    """Tell whether sorting leaves the times as even as the file's own steps are."""
    forward = np.diff(given)
    forward = forward[(forward > 0.0) & (forward <= JUMP_S)]
    steps = np.diff(ordered)
    if forward.size == 0 or steps.size == 0:
        return False
    even = middle(steps)
    if _uneven(steps, even) <= ODD_STEPS * steps.size and steps.max() <= HOLE_STEPS * even:
        return True
    short, usual, long = np.quantile(forward, [0.05, 0.5, 0.95])
    crowded = np.count_nonzero((steps > 0.0) & (steps < CROWDED * short))
    if crowded > np.count_nonzero(forward < CROWDED * short):
        return False
    hole = max(HOLE_STEPS * min(long, 3.0 * usual), MIN_HOLE_S)
    holes = steps[steps > hole]
    if at_breaks and (not holes.size or holes.max() <= MAX_SEGMENT_HOLE_S):
        return True
    known = np.diff(given[~strays(given)])
    if holes.size > np.count_nonzero(known > hole):
        return False
    if holes.size and holes.max() > known.max():
        return False
    if _uneven(forward, usual) > (1.0 - EVEN_SHARE) * forward.size:
        return True
    return _uneven(steps, usual) <= _uneven(known[known >= 0.0], usual)


def _uneven(steps: Floats, usual: float) -> int:
    """Count the steps that are not of the usual length."""
    return int(np.count_nonzero(np.abs(steps - usual) > EVENNESS * usual))
