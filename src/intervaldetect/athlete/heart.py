"""Highest heart rate from the peaks that were seen, robust to a single bad strap.

A peak says that the highest rate is not lower; how much higher it may be depends on how hard the
sessions were, and not much on how many they were: somebody who never runs harder than threshold has
never shown it. Between-person spread therefore stays in the error.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from intervaldetect.athlete.session import Seen
from intervaldetect.records import Floats

# Population prior. Age formulas miss by 11-12 bpm, so knowing the age would add little.
PRIOR_MAX_BPM, PRIOR_MAX_ERROR_BPM = 188.0, 11.0
RATES_BPM: Floats = np.arange(150.0, 226.0, 2.0)
# Log of the highest rate over the highest seen: mean and spread, by the hardest kind of session and
# how many of that kind there were. The first row: easy runs; then threshold work; then reps of 80 s
# and more with long recoveries, or races.
EASY_GAP = (0.19, 0.085)
WORK_GAPS = ((0.085, 0.05), (0.08, 0.045), (0.075, 0.04))
MAXIMAL_GAPS = ((0.045, 0.035), (0.033, 0.03), (0.023, 0.025), (0.015, 0.022))
ABOVE_SEEN = 0.005
# A peak counts in full only where another session of its kind comes within so much of it.
SUPPORT_BPM = 4.0


@dataclass(slots=True)
class Peaks:
    """Running summary of the peaks seen; `see` adds a session, in any order."""

    sessions: int = 0
    work: int = 0
    maximal: int = 0
    highest: float = 0.0
    second: float = 0.0
    highest_hard: float = 0.0
    second_hard: float = 0.0
    _known: tuple[tuple[float, ...], Floats] | None = None

    def see(self, seen: Seen) -> None:
        """Take in a session; one without heart rate changes nothing."""
        peak = seen.peak_bpm
        if peak is None:
            return
        self.sessions += 1
        self.work += seen.hard
        self.maximal += seen.maximal
        if seen.hard:
            self.highest_hard, self.second_hard = _two(peak, self.highest_hard, self.second_hard)
        self.highest, self.second = _two(peak, self.highest, self.second)

    @property
    def top(self) -> float:
        """Highest rate that a second session supports; a single hard one stands for itself."""
        top = min(self.highest, self.second + SUPPORT_BPM) if self.second else self.highest
        if not self.second_hard:
            return max(top, self.highest_hard)
        return max(top, min(self.highest_hard, self.second_hard + SUPPORT_BPM))

    def gap(self) -> tuple[float, float]:
        """Mean and spread of the log of the highest rate over the highest seen."""
        if self.maximal:
            return MAXIMAL_GAPS[min(self.maximal.bit_length(), len(MAXIMAL_GAPS)) - 1]
        if self.work:
            return WORK_GAPS[min(self.work.bit_length(), len(WORK_GAPS)) - 1]
        return EASY_GAP

    def chances(self) -> Floats:
        """Return the chance of each of `RATES_BPM` to be the highest rate."""
        by = (self.top, *self.gap()) if self.sessions else ()
        if self._known is None or self._known[0] != by:
            self._known = by, self._chances()
        return self._known[1]

    def _chances(self) -> Floats:
        score = PRIOR_SCORE
        if self.sessions:
            mean, spread = self.gap()
            over = LOG_RATES - np.log(self.top)
            score = score - 0.5 * ((over - mean) / spread) ** 2
            score = score - 0.5 * (np.minimum(over + ABOVE_SEEN, 0.0) / ABOVE_SEEN) ** 2
        chance = np.exp(score - score.max())
        return np.asarray(chance / chance.sum())


LOG_RATES: Floats = np.log(RATES_BPM)
PRIOR_SCORE: Floats = -0.5 * ((RATES_BPM - PRIOR_MAX_BPM) / PRIOR_MAX_ERROR_BPM) ** 2


def _two(peak: float, highest: float, second: float) -> tuple[float, float]:
    """Return the two highest of three."""
    if peak > highest:
        return peak, highest
    return highest, max(peak, second)
