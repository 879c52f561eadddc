"""What speaks for and against a candidate effort: one named, unit-free number each.

Efforts are over the activity's typical running effort, heart rates in steps of 10 bpm. Where a
channel is missing the feature takes a neutral value, so that a missing sensor decides nothing.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from intervaldetect.medians import at_places
from intervaldetect.records import Floats, Ints, Pieces, Signal

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
_ALSO_LONG = np.array(
    [
        FEATURES.index(name)
        for name in (
            "hr_rise", "hr_over_outside", "over_outside", "contrast_wide", "significance",
            "cadence_contrast", "explained",
        )
    ]
)  # fmt: skip
STANDING = 0.5
"""Effort below which a piece is no running."""
WALKING_SPM = 100.0
Sums = tuple[Floats, Floats]
"""Weights and weighted values from the first on."""


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


def _quantiles(values: Floats, *shares: float) -> list[float]:
    """Return quantiles, linear between values, NaN of none; `np.quantile` is slow to start."""
    if not values.size:
        return [np.nan] * len(shares)
    last = values.size - 1
    places = [share * last for share in shares]
    below = [int(place) for place in places]
    found = at_places(values, (*below, *(min(place + 1, last) for place in below)))
    ends = zip(found[: len(below)], found[len(below) :], places, below, strict=True)
    return [low + (high - low) * (place - start) for low, high, place, start in ends]


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

    beats, middle, high, cadence = _sensors(signal)
    running, run = features.known_above(pieces.values, pieces.weights, STANDING)
    (fast,) = _quantiles(run, 0.95) if run.size else (1.0,)
    return features.table(
        signal.time_s,
        (effort.weight, effort.total),
        running,
        beats,
        cadence,
        (pieces.level, pieces.seconds, pieces.start, pieces.end),
        (first, last, top, below),
        (pieces.noise, fast, middle, high),
        (SAME_SIZE, SAME_SPEED),
        LONG_LOG_SECONDS,
        _ALSO_LONG,
    )


@lru_cache(maxsize=1)  # a signal is often cut, and its pieces judged, more than once
def _sensors(signal: Signal) -> tuple[Sums, float, float, Sums]:
    """Heart rate as running sums, its median and 99th percentile; cadence while running as sums."""
    from intervaldetect.kernels.features import known_above  # noqa: PLC0415 - loads numba

    each = np.ones(signal.time_s.size)
    beats, rate = known_above(signal.heart_rate_bpm, each, -np.inf)
    middle, high = _quantiles(rate, 0.5, 0.99)
    cadence, _ = known_above(signal.cadence_spm, each, WALKING_SPM)
    return beats, middle, high, cadence
