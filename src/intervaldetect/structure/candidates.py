"""Pieces -> candidate efforts: every stretch faster than what surrounds it, with its evidence.

The candidates are the nodes of the max-tree of the pieces: for every cut through the levels, each
maximal run of pieces above it. A rep, if it shows in the effort at all, is one of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.records import Bools, Floats, Ints, Pieces, Signal

SIDE_S = 30.0
"""How far outside an effort its surroundings are looked at."""
SAME_SIZE = 0.15
SAME_SPEED = 0.08
HR_DELAY_S = 8.0
HR_WINDOW_S = 8.0
RECOVERY_S = 60.0

FEATURES: tuple[str, ...] = (
    "log_seconds", "log_seconds_squared", "very_short", "share", "over_half",
    "contrast_min", "contrast_max", "contrast_capped", "contrast_wide",
    "contrast_before", "contrast_after", "significance", "at_start", "at_end",
    "spread", "dip", "dip_long", "log_pieces",
    "similar", "similar_share", "siblings",
    "hr_rise", "hr_rise_long", "hr_fall", "hr_end", "hr_over_median", "no_hr",
    "over_typical", "over_typical_capped", "over_fast", "cadence_contrast", "gap_below",
)  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """q candidate efforts of one activity, parents before their children.

    ``first`` and ``last`` are piece indices, half-open; ``start_s`` and ``end_s`` elapsed seconds,
    lag-corrected; ``seconds`` counted time; ``effort`` the mean over the activity's typical one;
    ``features`` (q, len(FEATURES)).
    """

    first: Ints
    last: Ints
    start_s: Floats
    end_s: Floats
    seconds: Floats
    effort: Floats
    features: Floats

    def __len__(self) -> int:
        return int(self.first.size)


class _Means:
    """Means of a sampled channel over index ranges, NaN-safe, by prefix sums."""

    def __init__(self, values: Floats) -> None:
        known = np.isfinite(values)
        self.count = np.concatenate(([0], np.cumsum(known)))
        self.total = np.concatenate(([0.0], np.cumsum(np.where(known, values, 0.0))))

    def __call__(self, start: Ints, end: Ints) -> Floats:
        count = self.count[end] - self.count[start]
        total = self.total[end] - self.total[start]
        return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def find_candidates(signal: Signal, pieces: Pieces) -> Candidates:
    """List every stretch that is faster than its surroundings.

    Parameters
    ----------
    signal : Signal
    pieces : Pieces
        Of the same signal.

    Returns
    -------
    Candidates
        At most twice as many as pieces; the whole activity is one of them.
    """
    first, last, top, below = _max_tree(pieces.level)
    total_weight = np.concatenate(([0.0], np.cumsum(pieces.weights)))
    total = np.concatenate(([0.0], np.cumsum(pieces.weights * pieces.values)))
    i, j = pieces.start[first], pieces.end[last - 1]
    seconds = total_weight[j] - total_weight[i]
    effort = (total[j] - total[i]) / np.maximum(seconds, 1e-9)
    time = signal.time_s
    start_s = np.where(i > 0, np.maximum(time[i] - signal.start_lag_s, 0.0), 0.0)
    end_s = np.where(j < time.size - 1, time[j] - signal.end_lag_s, time[-1])
    features = np.column_stack(
        (
            *_size_features(seconds, total_weight[-1]),
            *_contrast_features(i, j, effort, seconds, total_weight, total, pieces.noise),
            *_inner_features(pieces, first, last, effort),
            *_sibling_features(seconds, effort, top, below),
            *_heart_rate_features(signal, i, j, seconds),
            *_speed_features(signal, pieces, i, j, effort, below),
        )
    )
    return Candidates(first, last, start_s, end_s, seconds, effort, features)


def _max_tree(level: Floats) -> tuple[Ints, Ints, Floats, Floats]:
    """Maximal runs of pieces above some cut: first, last, highest cut and level just below.

    A run exists for every cut in ``(below, top]``: ``top`` is its slowest piece, ``below`` the
    faster of its two neighbours (-1 where it has none). Found with a stack, in linear time.
    """
    runs: list[tuple[int, int, float, float]] = []
    stack: list[tuple[int, float]] = []
    padded = np.append(level, -1.0)
    for index, value in enumerate(padded.tolist()):
        begin = index
        while stack and stack[-1][1] > value:
            begin, top = stack.pop()
            runs.append((begin, index, top, max(value, stack[-1][1] if stack else -1.0)))
        if not stack or stack[-1][1] < value:
            stack.append((begin, value))
    runs.sort(key=lambda run: (run[0], -run[1]))
    table = np.array(runs, dtype=np.float64).reshape(-1, 4)
    bounds = table[:, :2].astype(np.int64)
    return bounds[:, 0].copy(), bounds[:, 1].copy(), table[:, 2], table[:, 3]


def _size_features(seconds: Floats, whole: float) -> tuple[Floats, ...]:
    log_seconds = np.log(np.maximum(seconds, 1.0))
    share = seconds / max(whole, 1e-9)
    return (
        log_seconds,
        (log_seconds - 5.0) ** 2,
        np.maximum(0.0, np.log(25.0) - log_seconds),
        np.sqrt(share),
        np.maximum(0.0, share - 0.5),
    )


def _contrast_features(
    i: Ints,
    j: Ints,
    effort: Floats,
    seconds: Floats,
    total_weight: Floats,
    total: Floats,
    noise: float,
) -> tuple[Floats, ...]:
    """How much slower it is outside, close by and over a stretch half as long as the effort."""
    before, after = _sides(i, j, np.full(i.size, SIDE_S), total_weight, total)
    wide_before, wide_after = _sides(i, j, np.maximum(60.0, seconds / 2), total_weight, total)
    at_start, at_end = np.isnan(before), np.isnan(after)
    floor = np.maximum(effort, 1e-9)
    contrast_before, contrast_after = (effort - before) / floor, (effort - after) / floor
    alone = at_start & at_end
    lowest = np.where(alone, 0.0, np.fmin(contrast_before, contrast_after))
    highest = np.where(alone, 0.0, np.fmax(contrast_before, contrast_after))
    wide = np.fmin((effort - wide_before) / floor, (effort - wide_after) / floor)
    wide = np.where(np.isnan(wide), 0.0, wide)
    step = np.maximum(wide * effort, 0.0)
    significance = np.sqrt(step**2 * np.minimum(seconds, 300.0) / max(noise, 0.04))
    return (
        lowest,
        highest,
        np.minimum(lowest, 0.25),
        np.minimum(wide, 0.3),
        np.where(at_start, 0.2, contrast_before),
        np.where(at_end, 0.2, contrast_after),
        np.minimum(np.log1p(significance), 4.0),
        at_start.astype(np.float64),
        at_end.astype(np.float64),
    )


def _sides(
    i: Ints, j: Ints, span: Floats, total_weight: Floats, total: Floats
) -> tuple[Floats, Floats]:
    """Mean effort over ``span`` counted seconds before and after; NaN where under 3 s are left."""
    a = np.minimum(np.searchsorted(total_weight, np.maximum(total_weight[i] - span, 0.0)), i)
    b = np.minimum(np.searchsorted(total_weight, total_weight[j] + span), total_weight.size - 1)
    weight_before, weight_after = (
        total_weight[i] - total_weight[a],
        total_weight[b] - total_weight[j],
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        before = np.where(weight_before > 3.0, (total[i] - total[a]) / weight_before, np.nan)
        after = np.where(weight_after > 3.0, (total[b] - total[j]) / weight_after, np.nan)
    return before, after


def _inner_features(pieces: Pieces, first: Ints, last: Ints, effort: Floats) -> tuple[Floats, ...]:
    """How even the effort is inside: spread of its pieces, depth of its slowest one."""
    weight = np.concatenate(([0.0], np.cumsum(pieces.seconds)))
    square = np.concatenate(([0.0], np.cumsum(pieces.seconds * pieces.level**2)))
    seconds = np.maximum(weight[last] - weight[first], 1e-9)
    variance = np.maximum((square[last] - square[first]) / seconds - effort**2, 0.0)
    slowest = np.array([pieces.level[a:b].min() for a, b in zip(first, last, strict=True)])
    floor = np.maximum(effort, 1e-9)
    dip = np.minimum((effort - slowest) / floor, 0.5)
    return (
        np.minimum(np.sqrt(variance) / floor, 0.3),
        dip,
        dip * np.maximum(np.log(np.maximum(seconds, 1.0)) - 5.0, 0.0),
        np.log(last - first),
    )


def _sibling_features(
    seconds: Floats, effort: Floats, top: Floats, below: Floats
) -> tuple[Floats, ...]:
    """Efforts that stand out at the same cut: how many, and how many of like size and speed."""
    alive: Bools = (below[None, :] < top[:, None]) & (top[None, :] >= top[:, None])
    np.fill_diagonal(alive, False)
    size = np.log(np.maximum(seconds, 1.0))
    speed = np.log(np.maximum(effort, 0.01))
    alike = (
        alive
        & (np.abs(size[None, :] - size[:, None]) < SAME_SIZE)
        & (np.abs(speed[None, :] - speed[:, None]) < SAME_SPEED)
    )
    similar, siblings = alike.sum(axis=1), alive.sum(axis=1)
    return np.log1p(similar), (similar + 1.0) / (siblings + 1.0), np.log1p(siblings)


def _heart_rate_features(signal: Signal, i: Ints, j: Ints, seconds: Floats) -> tuple[Floats, ...]:
    """Rise over the effort, fall within a minute after it, level at its end. Neutral without HR."""
    hr, time = signal.heart_rate_bpm, signal.time_s
    known = np.isfinite(hr)
    means = _Means(hr)

    def at(moment: Floats) -> Floats:
        half = HR_WINDOW_S / 2
        return means(
            np.searchsorted(time, moment - half), np.searchsorted(time, moment + half, "right")
        )

    start = at(time[i] + HR_DELAY_S)
    end = at(time[j] + 2.0)
    later = at(np.minimum(time[j] + RECOVERY_S, time[-1]))
    middle, high = np.quantile(hr[known], (0.5, 0.99)) if known.any() else (np.nan, np.nan)
    rise = _or((end - start) / 10.0, 1.0)
    return (
        rise,
        rise * (np.log(np.maximum(seconds, 1.0)) - 5.0),
        _or((end - later) / 10.0, 1.0),
        _or(end / high, 0.93),
        _or((end - middle) / 10.0, 0.8),
        np.isnan(end).astype(np.float64),
    )


def _speed_features(
    signal: Signal, pieces: Pieces, i: Ints, j: Ints, effort: Floats, below: Floats
) -> tuple[Floats, ...]:
    """Against the whole activity, against the next slower level, and the change of cadence."""
    time = signal.time_s
    moving = pieces.values > 0.5
    fast = np.quantile(pieces.values[moving], 0.95) if moving.any() else 1.0
    cadence = _Means(np.where(signal.cadence_spm > 100.0, signal.cadence_spm, np.nan))
    inside = cadence(i, j + 1)
    before = cadence(np.minimum(np.searchsorted(time, time[i] - RECOVERY_S), i), i)
    after = cadence(
        np.minimum(j + 1, time.size), np.searchsorted(time, time[j] + RECOVERY_S, "right")
    )
    step = np.fmin((inside - before) / inside, (inside - after) / inside)
    gap = np.log(np.maximum(below, 0.05) / np.maximum(effort, 0.05))
    return (
        effort,
        np.minimum(effort, 1.15),
        effort / max(fast, 1e-9),
        np.clip(_or(step, 0.03), -0.1, 0.15),
        np.maximum(gap, -1.0),
    )


def _or(values: Floats, neutral: float) -> Floats:
    return np.where(np.isnan(values), neutral, values)
