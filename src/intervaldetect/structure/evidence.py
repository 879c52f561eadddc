"""What speaks for and against a candidate effort: one named, unit-free number each.

Efforts are over the activity's typical running effort, heart rates in steps of 10 bpm. Where a
channel is missing the feature takes a neutral value, so that a missing sensor decides nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from intervaldetect.medians import in_places
from intervaldetect.records import Bools, Floats, Ints, Pieces, Signal

FEATURES: tuple[str, ...] = (
    "log_seconds", "log_seconds_long", "very_short", "share", "over_half",
    "contrast_min", "contrast_max", "contrast_capped", "contrast_wide",
    "contrast_before", "contrast_after", "significance", "at_start", "at_end",
    "spread", "dip", "dip_long", "log_pieces",
    "similar", "similar_share", "siblings",
    "hr_rise", "hr_fall", "hr_end", "hr_over_median", "no_hr", "hr_absolute", "hr_over_outside",
    "over_typical", "over_typical_capped", "over_fast", "cadence_contrast", "gap_below",
    "over_outside", "explained", "bimodal", "separation",
    "hr_rise_long", "hr_over_outside_long", "over_outside_long", "contrast_long",
    "significance_long", "cadence_long", "explained_long",
)  # fmt: skip

SIDE_S = 30.0
"""How far outside an effort its surroundings are looked at."""
SAME_SIZE = 0.15
SAME_SPEED = 0.08
HR_DELAY_S = 8.0
HR_WINDOW_S = 8.0
RECOVERY_S = 60.0
LONG_LOG_SECONDS = 5.3
"""From 200 s on an effort shows more in its level and heart rate than in its edges."""
STANDING = 0.5
"""Effort below which a piece is no running."""


def running_sums(values: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """Sum weights and weighted values from the first on; unknown values count nothing."""
    from intervaldetect.kernels import sums  # noqa: PLC0415 - loads numba

    return sums.running_sums(values, weights)


class Prefix:
    """Sums over index ranges ``[start, end)`` in constant time; unknown values count nothing."""

    def __init__(self, values: Floats, weights: Floats | None = None) -> None:
        self.weight, self.total = running_sums(
            values, np.ones(values.size) if weights is None else weights
        )

    def mean(self, start: Ints, end: Ints) -> Floats:
        """Return the mean of each range, NaN where nothing is known."""
        from intervaldetect.kernels import sums  # noqa: PLC0415 - as above

        return sums.range_means(self.weight, self.total, start, end)

    def mean_outside(self, start: Ints, end: Ints, *, least: float) -> Floats:
        """Return the mean of all but each range, NaN where less than ``least`` is left."""
        from intervaldetect.kernels import sums  # noqa: PLC0415 - as above

        return sums.means_outside(self.weight, self.total, start, end, least)


def _or(values: Floats, neutral: float) -> Floats:
    return np.where(np.isnan(values), neutral, values)


def _quantiles(values: Floats, *shares: float) -> list[float]:
    """Return quantiles, linear between values, NaN of none; `np.quantile` is slow to start."""
    if not values.size:
        return [np.nan] * len(shares)
    places = np.array(shares) * (values.size - 1)
    below = places.astype(np.int64)
    above = np.minimum(below + 1, values.size - 1)
    ordered = in_places(values, (*below.tolist(), *above.tolist()))
    low = ordered[below]
    quantiles: list[float] = (low + (ordered[above] - low) * (places - below)).tolist()
    return quantiles


def evidence(
    signal: Signal,
    pieces: Pieces,
    effort: Prefix,
    first: Ints,
    last: Ints,
    top: Floats,
    below: Floats,
) -> Floats:
    """Build the features of q candidates, each the pieces ``[first, last)``.

    Parameters
    ----------
    effort : Prefix
        Of the pieces' values and weights.
    top, below : (q,) float64
        The candidate stands out at every cut in ``(below, top]``; ``top`` is its slowest piece.

    Returns
    -------
    (q, len(FEATURES)) float64
        Always finite.
    """
    i, j = pieces.start[first], pieces.end[last - 1]
    seconds, level = effort.weight[j] - effort.weight[i], _or(effort.mean(i, j), 0.0)
    named = {
        **_size(seconds, effort.weight[-1]),
        **_contrast(i, j, level, seconds, effort, pieces.noise),
        **_inside(pieces, first, last, level, top),
        **_siblings(seconds, level, top, below),
        **_heart_rate(signal, i, j),
        **_speed(signal, pieces, i, j, level, below),
        **_variance(pieces, first, last, top),
    }
    long = named["log_seconds_long"]
    for short_name, name in (
        ("hr_rise", "hr_rise_long"),
        ("hr_over_outside", "hr_over_outside_long"),
        ("over_outside", "over_outside_long"),
        ("contrast_wide", "contrast_long"),
        ("significance", "significance_long"),
        ("cadence_contrast", "cadence_long"),
        ("explained", "explained_long"),
    ):
        named[name] = named[short_name] * long
    return np.array([named[name] for name in FEATURES]).T.copy()


Named = dict[str, Floats]


def _size(seconds: Floats, whole: float) -> Named:
    log_seconds = np.log(np.maximum(seconds, 1.0))
    share = seconds / max(whole, 1e-9)
    return {
        "log_seconds": log_seconds,
        "log_seconds_long": np.maximum(0.0, log_seconds - LONG_LOG_SECONDS),
        "very_short": np.maximum(0.0, np.log(25.0) - log_seconds),
        "share": np.sqrt(share),
        "over_half": np.maximum(0.0, share - 0.5),
    }


def _contrast(
    i: Ints, j: Ints, level: Floats, seconds: Floats, effort: Prefix, noise: float
) -> Named:
    """How much slower it is outside: close by, and over a stretch half as long as the effort."""
    before, after = _sides(i, j, np.full(i.size, SIDE_S), effort)
    wide_before, wide_after = _sides(i, j, np.maximum(60.0, seconds / 2), effort)
    floor = np.maximum(level, 1e-9)
    contrast_before, contrast_after = (level - before) / floor, (level - after) / floor
    lowest = _or(np.fmin(contrast_before, contrast_after), 0.0)
    wide = _or(np.fmin((level - wide_before) / floor, (level - wide_after) / floor), 0.0)
    step = np.maximum(wide * level, 0.0)
    significance = np.sqrt(step**2 * np.minimum(seconds, 300.0) / max(noise, 0.04))
    return {
        "contrast_min": lowest,
        "contrast_max": _or(np.fmax(contrast_before, contrast_after), 0.0),
        "contrast_capped": np.minimum(lowest, 0.25),
        "contrast_wide": np.minimum(wide, 0.3),
        "contrast_before": _or(contrast_before, 0.2),
        "contrast_after": _or(contrast_after, 0.2),
        "significance": np.minimum(np.log1p(significance), 4.0),
        "at_start": np.isnan(before).astype(np.float64),
        "at_end": np.isnan(after).astype(np.float64),
    }


def _sides(i: Ints, j: Ints, span: Floats, effort: Prefix) -> tuple[Floats, Floats]:
    """Mean effort over ``span`` counted seconds before and after; NaN where under 3 s are left."""
    weight = effort.weight
    a = np.minimum(np.searchsorted(weight, np.maximum(weight[i] - span, 0.0)), i)
    b = np.minimum(np.searchsorted(weight, weight[j] + span), weight.size - 1)
    before = np.where(weight[i] - weight[a] > 3.0, effort.mean(a, i), np.nan)
    after = np.where(weight[b] - weight[j] > 3.0, effort.mean(j, b), np.nan)
    return before, after


def _inside(pieces: Pieces, first: Ints, last: Ints, level: Floats, slowest: Floats) -> Named:
    """How even the effort is: spread of its pieces, depth of its slowest one."""
    square = Prefix(pieces.level**2, pieces.seconds)
    variance = np.maximum(_or(square.mean(first, last), 0.0) - level**2, 0.0)
    floor = np.maximum(level, 1e-9)
    dip = np.minimum((level - slowest) / floor, 0.5)
    seconds = square.weight[last] - square.weight[first]
    return {
        "spread": np.minimum(np.sqrt(variance) / floor, 0.3),
        "dip": dip,
        "dip_long": dip * np.maximum(np.log(np.maximum(seconds, 1.0)) - 5.0, 0.0),
        "log_pieces": np.log(last - first),
    }


def _siblings(seconds: Floats, level: Floats, top: Floats, below: Floats) -> Named:
    """Efforts that stand out at the same cut: how many, and how many of like size and speed."""
    alive: Bools = (below[None, :] < top[:, None]) & (top[None, :] >= top[:, None])
    np.fill_diagonal(alive, False)
    size = np.log(np.maximum(seconds, 1.0))
    speed = np.log(np.maximum(level, 0.01))
    alike = (
        alive
        & (np.abs(size[None, :] - size[:, None]) < SAME_SIZE)
        & (np.abs(speed[None, :] - speed[:, None]) < SAME_SPEED)
    )
    similar, siblings = alike.sum(axis=1), alive.sum(axis=1)
    return {
        "similar": np.log1p(similar),
        "similar_share": (similar + 1.0) / (siblings + 1.0),
        "siblings": np.log1p(siblings),
    }


@lru_cache(maxsize=1)  # a signal is often cut, and its pieces judged, more than once
def _beats(signal: Signal) -> tuple[Prefix, float, float]:
    """Heart rate as running sums, its median and 99th percentile."""
    rate = signal.heart_rate_bpm
    middle, high = _quantiles(rate[np.isfinite(rate)], 0.5, 0.99)
    return Prefix(rate), middle, high


@lru_cache(maxsize=1)  # as above
def _cadence(signal: Signal) -> Prefix:
    """Cadence while running, as running sums."""
    return Prefix(np.where(signal.cadence_spm > 100.0, signal.cadence_spm, np.nan))


def _heart_rate(signal: Signal, i: Ints, j: Ints) -> Named:
    """Rise over the effort, fall within a minute after it, level at its end."""
    time = signal.time_s
    beats, middle, high = _beats(signal)

    def at(moment: Floats) -> Floats:
        a = np.searchsorted(time, moment - HR_WINDOW_S / 2)
        return beats.mean(a, np.searchsorted(time, moment + HR_WINDOW_S / 2, "right"))

    end = at(time[j] + 2.0)
    later = at(np.minimum(time[j] + RECOVERY_S, time[-1]))
    second_half = beats.mean((i + j) // 2, j + 1)
    outside = beats.mean_outside(i, j + 1, least=30.0)
    return {
        "hr_rise": np.clip(_or((end - at(time[i] + HR_DELAY_S)) / 10.0, 1.0), -3.0, 5.0),
        "hr_fall": np.clip(_or((end - later) / 10.0, 1.0), -3.0, 5.0),
        "hr_end": _or(end / high, 0.93),
        "hr_over_median": _or((end - middle) / 10.0, 0.8),
        "no_hr": np.isnan(end).astype(np.float64),
        "hr_absolute": np.clip(_or((end - 165.0) / 10.0, 0.0), -4.0, 2.5),
        "hr_over_outside": np.clip(_or((second_half - outside) / 10.0, 0.8), -3.0, 3.0),
    }


def _speed(signal: Signal, pieces: Pieces, i: Ints, j: Ints, level: Floats, below: Floats) -> Named:
    """Against the whole activity, the rest of the running, the next slower level; and cadence."""
    time = signal.time_s
    moving: Bools = pieces.values > STANDING
    (fast,) = _quantiles(pieces.values[moving], 0.95) if moving.any() else (1.0,)
    running = Prefix(pieces.values, np.where(moving, pieces.weights, 0.0))
    outside = running.mean_outside(i, j, least=60.0)
    cadence = _cadence(signal)
    inside = cadence.mean(i, j + 1)
    before = cadence.mean(np.minimum(np.searchsorted(time, time[i] - RECOVERY_S), i), i)
    after = cadence.mean(
        np.minimum(j + 1, time.size), np.searchsorted(time, time[j] + RECOVERY_S, "right")
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        step = np.fmin((inside - before) / inside, (inside - after) / inside)
    gap = np.log(np.maximum(below, 0.05) / np.maximum(level, 0.05))
    return {
        "over_typical": level,
        "over_typical_capped": np.minimum(level, 1.15),
        "over_fast": level / max(fast, 1e-9),
        "cadence_contrast": np.clip(_or(step, 0.03), -0.1, 0.15),
        "gap_below": np.maximum(gap, -1.0),
        "over_outside": _or(np.clip(level / np.maximum(outside, 0.1) - 1.0, -0.3, 0.5), 0.0),
    }


def _variance(pieces: Pieces, first: Ints, last: Ints, top: Floats) -> Named:
    """Share of the variance of the pieces that an effort, or a cut at its height, explains.

    Slow pieces count as 0.6, so that a stop at a light is no more than a walk.
    """
    value = np.clip(pieces.level, 0.6, 2.0)
    every = Prefix(value, pieces.seconds)
    whole = every.weight[-1]
    mean = every.total[-1] / whole
    spread = float(pieces.seconds @ (value - mean) ** 2) / whole
    variance = spread + pieces.noise / SIDE_S  # noise of a 30 s mean is there to be explained too
    share = (every.weight[last] - every.weight[first]) / whole
    explained = _between(share, _or(every.mean(first, last), mean), mean)
    order = np.argsort(-value, kind="stable")
    fastest = Prefix(value[order], pieces.seconds[order])
    count = np.searchsorted(-value[order], -np.clip(top, 0.6, 2.0), "right")
    zero = np.zeros_like(count)
    above_share, above = fastest.weight[count] / whole, _or(fastest.mean(zero, count), mean)
    between = _between(above_share, above, mean)
    step = np.sqrt(between / np.maximum(above_share * (1.0 - above_share), 1e-6))
    left = np.sqrt(np.maximum(variance - between, 1e-4))
    return {
        "explained": explained / variance,
        "bimodal": np.minimum(between / variance, 1.0),
        "separation": np.where(between > 0, np.minimum(step / left, 6.0), 0.0),
    }


def _between(share: Floats, inside: Floats, mean: float) -> Floats:
    """Variance between a class of this share and mean and the rest; 0 where it is nearly all."""
    outside = (mean - share * inside) / np.maximum(1.0 - share, 1e-3)
    return np.where(share < 0.98, share * (1.0 - share) * (inside - outside) ** 2, 0.0)
