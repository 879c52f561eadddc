"""What speaks for and against each of many candidate efforts, a row for each number.

`structure.evidence` names the rows and says what they mean. An effort is the intervals ``[i, j)``
of a signal of n intervals on n + 1 sample times, or the pieces ``[first, last)``; all arrays of q
are of candidates. Sums are those of `sums.running_sums`. A value that is not known is NaN.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from intervaldetect.kernels._jit import helper, kernel
from intervaldetect.kernels.sums import running_sums

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SIDE_S = 30.0
"""How far outside an effort its surroundings are looked at."""
LEAST_SIDE_S = 3.0
HR_DELAY_S = 8.0
HR_WINDOW_S = 8.0
RECOVERY_S = 60.0
SLOWEST, FASTEST = 0.6, 2.0
LONGER = 1
"""Row of `sizes` that says how much longer than a long effort one is."""


@helper
def _mean(weight: Floats, total: Floats, start: int, end: int) -> float:
    known = weight[end] - weight[start]
    return float((total[end] - total[start]) / known) if known > 0.0 else math.nan


@helper
def _mean_outside(weight: Floats, total: Floats, start: int, end: int, least: float) -> float:
    known = weight[-1] - (weight[end] - weight[start])
    inside = total[end] - total[start]
    return float((total[-1] - inside) / known) if known > least else math.nan


@helper
def _or(value: float, neutral: float) -> float:
    return neutral if math.isnan(value) else value


@helper
def _within(value: float, neutral: float, low: float, high: float) -> float:
    return min(max(_or(value, neutral), low), high)


@helper
def _lower(a: float, b: float) -> float:
    """Lower of two, the known one where one is not."""
    return min(_or(a, b), _or(b, a))


@helper
def _higher(a: float, b: float) -> float:
    return max(_or(a, b), _or(b, a))


@kernel
def levels(weight: Floats, total: Floats, i: Ints, j: Ints) -> tuple[Floats, Floats]:
    """Sum the seconds of each effort, and take its mean, 0 where nothing counts (q,)."""
    seconds, level = np.empty(i.size), np.empty(i.size)
    for q in range(i.size):
        seconds[q] = weight[j[q]] - weight[i[q]]
        level[q] = _or(_mean(weight, total, i[q], j[q]), 0.0)
    return seconds, level


@kernel
def sizes(seconds: Floats, whole: float, long_log_seconds: float) -> Floats:
    """How long efforts are, by themselves and within the whole (5, q)."""
    rows = np.empty((5, seconds.size))
    for q in range(seconds.size):
        log_seconds = math.log(max(seconds[q], 1.0))
        share = seconds[q] / max(whole, 1e-9)
        rows[0, q] = log_seconds
        rows[LONGER, q] = max(0.0, log_seconds - long_log_seconds)
        rows[2, q] = max(0.0, math.log(25.0) - log_seconds)
        rows[3, q] = math.sqrt(share)
        rows[4, q] = max(0.0, share - 0.5)
    return rows


@kernel
def _sides(weight: Floats, total: Floats, start: int, end: int, span: float) -> tuple[float, float]:
    """Mean over ``span`` counted seconds before and after; NaN where under 3 s are left."""
    a = min(np.searchsorted(weight, max(weight[start] - span, 0.0)), start)
    b = min(np.searchsorted(weight, weight[end] + span), weight.size - 1)
    before = after = np.nan
    if weight[start] - weight[a] > LEAST_SIDE_S:
        before = _mean(weight, total, a, start)
    if weight[b] - weight[end] > LEAST_SIDE_S:
        after = _mean(weight, total, end, b)
    return before, after


@kernel
def contrasts(
    weight: Floats, total: Floats, i: Ints, j: Ints, seconds: Floats, level: Floats, noise: float
) -> Floats:
    """How much slower it is outside: close by, and over a stretch half as long (9, q)."""
    rows = np.empty((9, i.size))
    for q in range(i.size):
        before, after = _sides(weight, total, i[q], j[q], SIDE_S)
        wide_before, wide_after = _sides(weight, total, i[q], j[q], max(60.0, seconds[q] / 2))
        floor = max(level[q], 1e-9)
        contrast_before, contrast_after = (level[q] - before) / floor, (level[q] - after) / floor
        lowest = _or(_lower(contrast_before, contrast_after), 0.0)
        wide = _lower((level[q] - wide_before) / floor, (level[q] - wide_after) / floor)
        wide = _or(wide, 0.0)
        step = max(wide * level[q], 0.0)
        significance = math.sqrt(step * step * min(seconds[q], 300.0) / max(noise, 0.04))
        rows[0, q] = lowest
        rows[1, q] = _or(_higher(contrast_before, contrast_after), 0.0)
        rows[2, q] = min(lowest, 0.25)
        rows[3, q] = min(wide, 0.3)
        rows[4, q] = _or(contrast_before, 0.2)
        rows[5, q] = _or(contrast_after, 0.2)
        rows[6, q] = min(math.log1p(significance), 4.0)
        rows[7, q] = 1.0 if math.isnan(before) else 0.0
        rows[8, q] = 1.0 if math.isnan(after) else 0.0
    return rows


@kernel
def known_above(
    values: Floats, weights: Floats, least: float
) -> tuple[tuple[Floats, Floats], Floats]:
    """Sum the values above a bound as `sums.running_sums` does, and list them.

    Parameters
    ----------
    values, weights : (n,) float64
        What is not finite counts nothing.
    least : float

    Returns
    -------
    (weight, total) : (n + 1,) float64 each
    known : (k,) float64
    """
    n = values.size
    weight, total, known = np.empty(n + 1), np.empty(n + 1), np.empty(n)
    weight_so_far = total_so_far = 0.0
    weight[0] = total[0] = 0.0
    count = 0
    for k in range(n):
        if math.isfinite(values[k]) and values[k] > least:
            known[count] = values[k]
            count += 1
            weight_so_far += weights[k]
            total_so_far += weights[k] * values[k]
        weight[k + 1], total[k + 1] = weight_so_far, total_so_far
    return (weight, total), known[:count]


@kernel
def insides(
    piece_level: Floats,
    piece_seconds: Floats,
    first: Ints,
    last: Ints,
    level: Floats,
    slowest: Floats,
) -> Floats:
    """How even efforts are: spread of their pieces, depth of the slowest one (4, q)."""
    weight, total = running_sums(piece_level**2, piece_seconds)
    rows = np.empty((4, first.size))
    for q in range(first.size):
        square = _or(_mean(weight, total, first[q], last[q]), 0.0)
        variance = max(square - level[q] * level[q], 0.0)
        floor = max(level[q], 1e-9)
        dip = min((level[q] - slowest[q]) / floor, 0.5)
        seconds = weight[last[q]] - weight[first[q]]
        rows[0, q] = min(math.sqrt(variance) / floor, 0.3)
        rows[1, q] = dip
        rows[2, q] = dip * max(math.log(max(seconds, 1.0)) - 5.0, 0.0)
        rows[3, q] = math.log(last[q] - first[q])
    return rows


@kernel
def siblings(
    seconds: Floats, level: Floats, top: Floats, below: Floats, same_size: float, same_speed: float
) -> Floats:
    """Efforts that stand out at the same cut: how many, and how many of a kind (3, q)."""
    size, speed = np.log(np.maximum(seconds, 1.0)), np.log(np.maximum(level, 0.01))
    rows = np.empty((3, seconds.size))
    for q in range(seconds.size):
        alive = alike = 0
        for other in range(seconds.size):
            if other != q and below[other] < top[q] <= top[other]:
                alive += 1
                same = abs(size[other] - size[q]) < same_size
                alike += 1 if same and abs(speed[other] - speed[q]) < same_speed else 0
        rows[0, q] = math.log1p(alike)
        rows[1, q] = (alike + 1.0) / (alive + 1.0)
        rows[2, q] = math.log1p(alive)
    return rows


@kernel
def _around(time: Floats, weight: Floats, total: Floats, moment: float) -> float:
    """Mean over a few seconds around a moment."""
    start = int(np.searchsorted(time, moment - HR_WINDOW_S / 2))
    end = int(np.searchsorted(time, moment + HR_WINDOW_S / 2, side="right"))
    return _mean(weight, total, start, end)


@kernel
def heart_rates(
    time: Floats, weight: Floats, total: Floats, i: Ints, j: Ints, middle: float, high: float
) -> Floats:
    """Rise over efforts, fall within a minute after, level at their ends (7, q).

    ``weight`` and ``total`` are sums over the samples; ``middle`` and ``high`` are the median and
    a high quantile of the heart rate.
    """
    rows = np.empty((7, i.size))
    for q in range(i.size):
        begun, done = time[i[q]], time[j[q]]
        end = _around(time, weight, total, done + 2.0)
        later = _around(time, weight, total, min(done + RECOVERY_S, time[-1]))
        rise = (end - _around(time, weight, total, begun + HR_DELAY_S)) / 10.0
        second_half = _mean(weight, total, (i[q] + j[q]) // 2, j[q] + 1)
        outside = _mean_outside(weight, total, i[q], j[q] + 1, 30.0)
        rows[0, q] = _within(rise, 1.0, -3.0, 5.0)
        rows[1, q] = _within((end - later) / 10.0, 1.0, -3.0, 5.0)
        rows[2, q] = _or(end / high if high > 0.0 else math.nan, 0.93)
        rows[3, q] = _or((end - middle) / 10.0, 0.8)
        rows[4, q] = 1.0 if math.isnan(end) else 0.0
        rows[5, q] = _within((end - 165.0) / 10.0, 0.0, -4.0, 2.5)
        rows[6, q] = _within((second_half - outside) / 10.0, 0.8, -3.0, 3.0)
    return rows


@kernel
def speeds(
    time: Floats,
    cadence: tuple[Floats, Floats],
    running: tuple[Floats, Floats],
    i: Ints,
    j: Ints,
    level: Floats,
    below: Floats,
    fast: float,
) -> Floats:
    """Against the whole activity, the next slower level, the rest of the running; cadence (6, q).

    ``cadence`` are sums over the samples, ``running`` over the intervals run; ``fast`` is a high
    quantile of the effort.
    """
    weight, total = cadence
    rows = np.empty((6, i.size))
    for q in range(i.size):
        start = min(np.searchsorted(time, time[i[q]] - RECOVERY_S), i[q])
        end = np.searchsorted(time, time[j[q]] + RECOVERY_S, side="right")
        inside = _mean(weight, total, i[q], j[q] + 1)
        before = _mean(weight, total, start, i[q])
        after = _mean(weight, total, min(j[q] + 1, time.size), end)
        step = _lower((inside - before) / inside, (inside - after) / inside)
        outside = _mean_outside(running[0], running[1], i[q], j[q], 60.0)
        gap = math.log(max(below[q], 0.05) / max(level[q], 0.05))
        rows[0, q] = level[q]
        rows[1, q] = min(level[q], 1.15)
        rows[2, q] = level[q] / max(fast, 1e-9)
        rows[3, q] = _within(step, 0.03, -0.1, 0.15)
        rows[4, q] = max(gap, -1.0)
        rows[5, q] = 0.0
        if not math.isnan(outside):
            rows[5, q] = min(max(level[q] / max(outside, 0.1) - 1.0, -0.3), 0.5)
    return rows


@kernel
def variances(
    piece_level: Floats, piece_seconds: Floats, first: Ints, last: Ints, top: Floats, noise: float
) -> Floats:
    """Share of the variance of the pieces that an effort, or a cut at its height, explains (3, q).

    Slow pieces count as 0.6, so that a stop at a light is no more than a walk.
    """
    value = np.minimum(np.maximum(piece_level, SLOWEST), FASTEST)
    weight, total = running_sums(value, piece_seconds)
    whole = weight[-1]
    mean = total[-1] / whole
    spread = (piece_seconds * (value - mean) ** 2).sum() / whole
    variance = spread + noise / SIDE_S  # noise of a 30 s mean is there to be explained too
    order = np.argsort(-value, kind="mergesort")
    height = -value[order]
    above_weight, above_total = running_sums(value[order], piece_seconds[order])
    rows = np.empty((3, first.size))
    for q in range(first.size):
        share = (weight[last[q]] - weight[first[q]]) / whole
        inside = _or(_mean(weight, total, first[q], last[q]), mean)
        cut = -min(max(top[q], SLOWEST), FASTEST)
        count = np.searchsorted(height, cut, side="right")
        above_share = above_weight[count] / whole
        above = _or(_mean(above_weight, above_total, 0, count), mean)
        between = _between(above_share, above, mean)
        step = math.sqrt(between / max(above_share * (1.0 - above_share), 1e-6))
        left = math.sqrt(max(variance - between, 1e-4))
        rows[0, q] = rows[1, q] = 0.0  # where nothing varies, there is nothing to explain
        if variance > 0.0:
            rows[0, q] = _between(share, inside, mean) / variance
            rows[1, q] = min(between / variance, 1.0)
        rows[2, q] = min(step / left, 6.0) if between > 0.0 else 0.0
    return rows


@kernel
def table(
    time: Floats,
    effort: tuple[Floats, Floats],
    running: tuple[Floats, Floats],
    beats: tuple[Floats, Floats],
    cadence: tuple[Floats, Floats],
    pieces: tuple[Floats, Floats, Ints, Ints],
    runs: tuple[Ints, Ints, Floats, Floats],
    usual: tuple[float, float, float, float],
    alike: tuple[float, float],
    long_log_seconds: float,
    also_long: Ints,
) -> Floats:
    """All of the above for each of q candidates, the rows of some once more by their length.

    Parameters
    ----------
    time : (n + 1,) float64
    effort, running : weight and total, (n + 1,) float64
        Sums over the intervals, and over those run.
    beats, cadence : weight and total, (n + 2,) float64
        Sums over the samples.
    pieces : level, seconds, start, end, (p,)
        Of the pieces; their intervals are ``[start, end)``.
    runs : first, last, top, below, (q,)
        The candidates, see `structure.evidence`.
    usual : float, float, float, float
        Noise and a high quantile of the effort, median and a high quantile of the heart rate.
    alike : float, float
        How far apart efforts of a kind may be in log size and log speed.
    long_log_seconds : float
        From where on an effort is long.
    also_long : (k,) int64
        Rows that stand once more at the end, times how much longer than that an effort is.

    Returns
    -------
    (q, rows + k) float64
        The rows of `sizes`, `contrasts`, `insides`, `siblings`, `heart_rates`, `speeds` and
        `variances`, turned into columns.
    """
    piece_level, piece_seconds, piece_start, piece_end = pieces
    first, last, top, below = runs
    noise, fast, middle, high = usual
    i, j = piece_start[first], piece_end[last - 1]
    weight, total = effort
    seconds, level = levels(weight, total, i, j)
    parts = (
        sizes(seconds, weight[-1], long_log_seconds),
        contrasts(weight, total, i, j, seconds, level, noise),
        insides(piece_level, piece_seconds, first, last, level, top),
        siblings(seconds, level, top, below, alike[0], alike[1]),
        heart_rates(time, beats[0], beats[1], i, j, middle, high),
        speeds(time, cadence, running, i, j, level, below, fast),
        variances(piece_level, piece_seconds, first, last, top, noise),
    )
    count = 0
    for part in parts:
        count += part.shape[0]
    columns = np.empty((first.size, count + also_long.size))
    done = 0
    for part in parts:
        for row in range(part.shape[0]):
            columns[:, done] = part[row]
            done += 1
    longer = parts[0][LONGER]
    for k in range(also_long.size):
        columns[:, done + k] = columns[:, also_long[k]] * longer
    return columns


@helper
def _between(share: float, inside: float, mean: float) -> float:
    """Variance between a class of this share and mean and the rest; 0 where it is nearly all."""
    outside = (mean - share * inside) / max(1.0 - share, 1e-3)
    return share * (1.0 - share) * (inside - outside) ** 2 if share < 0.98 else 0.0
