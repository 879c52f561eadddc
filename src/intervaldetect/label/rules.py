"""Readable log-odds from rep length, recovery, heart rate and speed: the fallback of the fitted.

Starting points after Haugen 2021 (PMC8363530): threshold reps of 3-10 min with 1-2 min recovery at
83-87 % of the highest heart rate, VO2 reps of 1-4 min above 88-93 %; and after Bakken: short
threshold reps with recoveries of at most two thirds of the work, up to 1.07 of threshold speed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from intervaldetect.athlete.session import interpolate
from intervaldetect.records import Floats

# Sub-threshold speed by length of the rep, log over threshold speed (after Bakken).
_LENGTH = (math.log(60.0 / 180.0), 0.0, math.log(2.0), math.log(480.0 / 180.0))
_CEILING = tuple(math.log(speed) for speed in (1.07, 1.04, 1.02, 1.0))
# Log-odds of each kind of evidence against no evidence, per unit of the feature.
EASY_WITHOUT_REPS = 1.0
EASY_BELOW_HR, EASY_PER_HR = 0.82, 40.0
EASY_BELOW_SPEED, EASY_PER_SPEED = math.log(0.92), 25.0
VO2_ABOVE_HR, VO2_PER_HR = 0.895, 30.0
VO2_PER_SPEED, SPEED_MARGIN = 30.0, 0.01
VO2_PER_RECOVERY, RECOVERY_BOUND = 1.2, math.log(0.6)
VO2_PER_LENGTH = -0.9
EASY_WITH_REPS, EASY_PER_STRIDES = -2.5, 5.0
# A race of 25 min is as much of the one as of the other; one of 20 min is VO2.
VO2_PER_RACE, VO2_OF_RACE = 12.0, 2.0


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules as a model: log-odds of easy, threshold and VO2."""

    abstain_below: float = 0.6
    doubt: float = 0.0

    def log_odds(self, values: Sequence[Mapping[str, float]]) -> Floats:
        """Return a row of one log-odds per label for each of some features."""
        return np.array([self.judge(each) for each in values])

    def judge(self, values: Mapping[str, float]) -> tuple[float, float, float]:
        """Return one log-odds per label; what is not known adds nothing."""
        if values.get("reps") == 0.0:
            return self._continuous(values)
        easy, vo2 = EASY_WITH_REPS + EASY_PER_STRIDES * values["strides"], 0.0
        length = _or(values["rep_length"], 0.0)
        vo2 += VO2_PER_LENGTH * length
        vo2 += VO2_PER_RECOVERY * (_or(values["recovery"], RECOVERY_BOUND) - RECOVERY_BOUND)
        vo2 -= 2.0 * values["dense_short"]
        rate = values["rep_hr"]
        if not math.isnan(rate):
            vo2 += VO2_PER_HR * (rate - VO2_ABOVE_HR)
            easy += EASY_PER_HR * max(EASY_BELOW_HR - 0.04 - rate, 0.0)
        speed = values["rep_speed"]
        if not math.isnan(speed):
            ceiling = interpolate(length, _LENGTH, _CEILING)
            vo2 += VO2_PER_SPEED * (speed - ceiling - SPEED_MARGIN)
            easy += EASY_PER_SPEED * max(EASY_BELOW_SPEED - speed, 0.0)
        return easy, 0.0, vo2 * (1.0 - values["strides"])

    @staticmethod
    def _continuous(values: Mapping[str, float]) -> tuple[float, float, float]:
        easy, vo2 = EASY_WITHOUT_REPS, -2.0
        rate, speed = values["median_hr"], values["speed_20min"]
        if not math.isnan(rate):
            easy += EASY_PER_HR * (EASY_BELOW_HR - rate)
            vo2 += VO2_PER_HR * max(rate - 0.93, 0.0)
        if not math.isnan(speed):
            easy += EASY_PER_SPEED * (EASY_BELOW_SPEED - speed)
        if values["race"]:
            vo2 += VO2_OF_RACE + VO2_PER_RACE * values["race"]
        return easy, 0.0, vo2


RULES = Rules()


def _or(value: float, default: float) -> float:
    return default if math.isnan(value) else value
