"""Highest and threshold heart rate from what sessions showed, robust to a single bad strap."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from intervaldetect.records import Estimate, SessionEvidence, ThresholdSource

# Population prior. Age formulas miss by 11-12 bpm, so knowing the age would add little.
PRIOR_MAX_BPM, PRIOR_MAX_ERROR_BPM = 188.0, 11.0
# Highest rate seen over the true maximum, by how many hard sessions were seen: mean and spread.
HARD_SESSIONS = (0.1, 0.3, 1.0, 3.0, 10.0)
SEEN_SHARE = (0.86, 0.89, 0.935, 0.972, 0.985)
SEEN_SPREAD = (0.080, 0.065, 0.042, 0.024, 0.013)
EASY_AS_HARD, SURE_OF_REPS = 0.12, 0.65
# A peak counts in full only where another session of its kind comes within so much of it, and
# where the best minute of its own session does; straps err for seconds more often than for minutes.
SUPPORT_BPM, MINUTE_SUPPORT_BPM = 4.0, 8.0
# Where the highest rate stands out from the mean of hard sessions by less, none of them may have
# been maximal: the share seen is then lower by so much of what is lacking, and less certain.
STANDS_OUT, FLAT_SHARE, FLAT_SPREAD = 0.05, 1.5, 1.5
# Haugen 2021 (PMC8363530): threshold work ends at 83-87 % of the maximum, I4 begins at 88 %.
THRESHOLD_SHARE, THRESHOLD_SHARE_ERROR = 0.87, 0.016
# What can be held for 40 and for 20 minutes, over the threshold rate.
HELD_40_MIN, HELD_20_MIN, HELD_ERROR = 1.005, 1.03, 0.015


@dataclass(slots=True)
class HeartSeen:
    """Running summary of heart rates seen; `see` adds a session, in any order."""

    sessions: int = 0
    hard: float = 0.0  # sessions, each by how sure its reps are
    hard_sum: float = 0.0
    highest_hard: float = 0.0
    second_hard: float = 0.0
    highest: float = 0.0
    second: float = 0.0
    held_20: float = 0.0
    held_40: float = 0.0

    def see(self, evidence: SessionEvidence) -> None:
        """Take in a session; one without heart rate changes nothing."""
        peak = evidence.peak_hr_bpm
        if peak is None:
            return
        minute, _, twenty, forty = evidence.hr_curve_bpm
        if minute is not None:
            peak = min(peak, minute + MINUTE_SUPPORT_BPM)
        self.sessions += 1
        if is_hard(evidence):
            sure = min((evidence.structured_probability - 0.5) / 0.4, 1.0)
            self.hard += sure
            self.hard_sum += sure * peak
            if peak > self.highest_hard:
                self.highest_hard, self.second_hard = peak, self.highest_hard
            elif peak > self.second_hard:
                self.second_hard = peak
        if peak > self.highest:
            self.highest, self.second = peak, self.highest
        elif peak > self.second:
            self.second = peak
        self.held_20 = max(self.held_20, twenty or 0.0)
        self.held_40 = max(self.held_40, forty or 0.0)

    @property
    def top(self) -> float:
        """Highest rate that a second session supports; a single hard one stands for itself."""
        top = min(self.highest, self.second + SUPPORT_BPM) if self.second else self.highest
        if not self.second_hard:
            return max(top, self.highest_hard)
        return max(top, min(self.highest_hard, self.second_hard + SUPPORT_BPM))


def is_hard(evidence: SessionEvidence) -> bool:
    """Whether a session surely holds at least 6 min of reps."""
    sure = evidence.structured_probability >= SURE_OF_REPS
    return sure and sum(rep.duration_s for rep in evidence.reps) >= 360.0


def max_heart_rate(seen: HeartSeen, source: ThresholdSource) -> Estimate:
    """Estimate the highest heart rate.

    Parameters
    ----------
    seen : HeartSeen
    source : {"history", "file"}

    Returns
    -------
    Estimate
        The prior alone where no heart rate was seen.
    """
    if not seen.sessions:
        return Estimate(PRIOR_MAX_BPM, PRIOR_MAX_ERROR_BPM, "prior", 0)
    top = seen.top
    x = math.log(max(seen.hard + EASY_AS_HARD * (seen.sessions - seen.hard), HARD_SESSIONS[0]))
    share = _along(x, SEEN_SHARE)
    spread = _along(x, SEEN_SPREAD)
    if seen.hard > 1:
        flat = max(0.0, STANDS_OUT - (1.0 - seen.hard_sum / seen.hard / top))
        share -= FLAT_SHARE * flat
        spread = math.hypot(spread, FLAT_SPREAD * flat)
    value, error = top / share, top * spread / share
    weight = error**2 / (error**2 + PRIOR_MAX_ERROR_BPM**2)
    value += weight * (PRIOR_MAX_BPM - value)
    error *= math.sqrt(1.0 - weight)
    return Estimate(max(value, top), error, source, seen.sessions)


def threshold_heart_rate(seen: HeartSeen, highest: Estimate, source: ThresholdSource) -> Estimate:
    """Estimate the heart rate at threshold: a share of the maximum, raised by what was held."""
    value = THRESHOLD_SHARE * highest.value
    error = math.hypot(
        THRESHOLD_SHARE_ERROR * highest.value, THRESHOLD_SHARE * highest.standard_error
    )
    held = max(seen.held_40 / HELD_40_MIN, seen.held_20 / HELD_20_MIN)
    if held > value:
        held_error = HELD_ERROR * held
        weight = error**2 / (error**2 + held_error**2)
        value += weight * (held - value)
        error *= math.sqrt(1.0 - weight)
    return Estimate(value, error, highest.source if not seen.sessions else source, seen.sessions)


def interpolate(x: float, points: Sequence[float], values: Sequence[float]) -> float:
    """Piecewise linear, flat outside; for a single value far quicker than NumPy's."""
    if x <= points[0]:
        return values[0]
    for k in range(1, len(points)):
        if x <= points[k]:
            share = (x - points[k - 1]) / (points[k] - points[k - 1])
            return values[k - 1] + share * (values[k] - values[k - 1])
    return values[-1]


_LOG_HARD = [math.log(count) for count in HARD_SESSIONS]


def _along(x: float, values: Sequence[float]) -> float:
    return interpolate(x, _LOG_HARD, values)
