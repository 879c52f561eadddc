"""Log-odds of the readable rules, computed by hand: each kind of evidence alone."""

from __future__ import annotations

import math

import pytest

from intervaldetect.label.rules import RULES

PLAIN = {"reps": 0.0, "median_hr": math.nan, "speed_20min": math.nan, "race": 0.0}
REPS = {
    "reps": 1.0, "strides": 0.0, "rep_length": 0.0, "recovery": math.log(0.6), "dense_short": 0.0,
    "rep_hr": math.nan, "rep_speed": math.nan,
}  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "easy", "vo2"),
    [
        ({}, 1.0, -2.0),
        ({"median_hr": 0.80}, 1.0 + 40.0 * 0.02, -2.0),
        ({"median_hr": 0.93}, 1.0 - 40.0 * 0.11, -2.0),
        ({"median_hr": 0.95}, 1.0 - 40.0 * 0.13, -2.0 + 30.0 * 0.02),
        ({"speed_20min": math.log(0.92)}, 1.0, -2.0),
        ({"speed_20min": math.log(0.92) - 0.1}, 1.0 + 25.0 * 0.1, -2.0),
        ({"speed_20min": math.log(0.92) + 0.1}, 1.0 - 25.0 * 0.1, -2.0),
        ({"race": 0.1}, 1.0, -2.0 + 2.0 + 12.0 * 0.1),
        ({"race": -0.1}, 1.0, -2.0 + 2.0 - 12.0 * 0.1),
    ],
)
def test_of_a_plain_run(changed: dict[str, float], easy: float, vo2: float) -> None:
    assert RULES.judge({**PLAIN, **changed}) == pytest.approx((easy, 0.0, vo2))


@pytest.mark.parametrize(
    ("changed", "easy", "vo2"),
    [
        ({}, -2.5, 0.0),
        ({"rep_length": math.nan}, -2.5, 0.0),
        ({"rep_length": math.log(2.0)}, -2.5, -0.9 * math.log(2.0)),
        ({"recovery": math.nan}, -2.5, 0.0),
        ({"recovery": 0.0}, -2.5, 1.2 * -math.log(0.6)),
        ({"dense_short": 0.5}, -2.5, -1.0),
        ({"strides": 1.0, "dense_short": 0.5}, 2.5, 0.0),
        ({"strides": 0.5, "dense_short": 0.5}, 0.0, -0.5),
        ({"rep_hr": 0.895}, -2.5, 0.0),
        ({"rep_hr": 0.925}, -2.5, 30.0 * 0.03),
        ({"rep_hr": 0.79}, -2.5, -30.0 * 0.105),
        ({"rep_hr": 0.77}, -2.5 + 40.0 * 0.01, -30.0 * 0.125),
        # Reps of 3 min are at threshold up to 1.04 of its speed and 1 % more.
        ({"rep_speed": math.log(1.04) + 0.01}, -2.5, 0.0),
        ({"rep_speed": math.log(1.04) + 0.03}, -2.5, 30.0 * 0.02),
        ({"rep_speed": math.log(0.92)}, -2.5, 30.0 * (math.log(0.92 / 1.04) - 0.01)),
        (
            {"rep_speed": math.log(0.92) - 0.1},
            -2.5 + 25.0 * 0.1,
            30.0 * (math.log(0.92 / 1.04) - 0.11),
        ),
        # Of 1 min up to 1.07, of 8 min and more up to 1.00.
        (
            {"rep_speed": math.log(1.07) + 0.01, "rep_length": -math.log(3.0)},
            -2.5,
            0.9 * math.log(3.0),
        ),
        (
            {"rep_speed": 0.01, "rep_length": math.log(480.0 / 180.0)},
            -2.5,
            -0.9 * math.log(480.0 / 180.0),
        ),
    ],
)
def test_of_reps(changed: dict[str, float], easy: float, vo2: float) -> None:
    assert RULES.judge({**REPS, **changed}) == pytest.approx((easy, 0.0, vo2))
