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

SAME_SIZE = 0.15
SAME_SPEED = 0.08
LONG_LOG_SECONDS = 5.3
"""From 200 s on an effort shows more in its level and heart rate than in its edges."""
# What counts once more by how much longer than that an effort is.
_ALSO_LONG = [
    FEATURES.index(name)
    for name in (
        "hr_rise", "hr_over_outside", "over_outside", "contrast_wide", "significance",
        "cadence_contrast", "explained",
    )
]  # fmt: skip
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

    @property
    def sums(self) -> tuple[Floats, Floats]:
        """Weights and weighted values from the first on."""
        return self.weight, self.total


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
    from intervaldetect.kernels import features  # noqa: PLC0415 - loads numba

    i, j = pieces.start[first], pieces.end[last - 1]
    time, weight, total = signal.time_s, effort.weight, effort.total
    seconds, level = features.levels(weight, total, i, j)
    beats, middle, high = _beats(signal)
    running, fast = _running(pieces)
    # In the order of their names.
    rows = np.concatenate(
        (
            features.sizes(seconds, weight[-1], LONG_LOG_SECONDS),
            features.contrasts(weight, total, i, j, seconds, level, pieces.noise),
            features.insides(pieces.level, pieces.seconds, first, last, level, top),
            features.siblings(seconds, level, top, below, SAME_SIZE, SAME_SPEED),
            features.heart_rates(time, *beats.sums, i, j, middle, high),
            features.speeds(time, _cadence(signal).sums, running.sums, i, j, level, below, fast),
            features.variances(pieces.level, pieces.seconds, first, last, top, pieces.noise),
        )
    )
    longer = rows[_ALSO_LONG] * rows[FEATURES.index("log_seconds_long")]
    return np.concatenate((rows, longer)).T.copy()


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


def _running(pieces: Pieces) -> tuple[Prefix, float]:
    """Effort while running as running sums, and its 95th percentile."""
    moving: Bools = pieces.values > STANDING
    (fast,) = _quantiles(pieces.values[moving], 0.95) if moving.any() else (1.0,)
    return Prefix(pieces.values, np.where(moving, pieces.weights, 0.0)), fast
