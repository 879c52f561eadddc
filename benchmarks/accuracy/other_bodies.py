"""A second physiology for the seasons of ``bodies.py``: critical speed, and a reserve that empties.

What can be held follows a critical speed and a distance above it that is used up (Monod & Scherrer
1965), and falls with the log of time beyond 40 min. Heart rate follows a power of speed with one
time constant, climbs towards the highest as the reserve empties, whatever the speed, and drifts
with what was run so far. No number is shared with ``draw`` of ``bodies.py``, nor with the
simulator that ships.
"""

from __future__ import annotations

import math

import numpy as np

from benchmarks.accuracy.bodies import STEP_S, Body, Habits, Random
from intervaldetect.records import Floats

LONG_S, HOUR_S = 2400.0, 3600.0
RATE_AT_REST, STANDING = 0.38, 0.35
TAU_UP_S, TAU_DOWN_S = 36.0, 65.0
REFILL_S = 330.0
"""Time constant at which the reserve comes back below critical speed."""


def draw(random: Random, habits: Habits) -> Body:
    """Draw a body; ``slope`` is critical speed over that of one hour, ``exponent`` the reserve.

    The reserve is in seconds at the speed of one hour.
    """
    low, high = habits.max_hr
    return Body(
        hour_mps=float(random.uniform(*habits.hour_mps)),
        max_hr_bpm=float(random.uniform(low, high)),
        share=float(np.clip(random.normal(0.882, 0.028), 0.82, 0.94)),
        slope=float(random.uniform(1.005, 1.035)),
        exponent=float(random.uniform(22.0, 55.0)),
        easy=float(random.uniform(0.66, 0.82)),
        habit=float(random.normal(*habits.habit)),
        tau_s=float(random.uniform(0.75, 1.0)),  # power of speed that heart rate follows
        drift=float(random.uniform(0.0, 0.03)),
        held=held,
        answer=heart_rate,
    )


def held(body: Body, seconds: float) -> float:
    """Return the speed, over that of one hour, that can be held for some time."""
    if seconds <= LONG_S:
        return body.slope + body.exponent / seconds
    at_long = body.slope + body.exponent / LONG_S
    fall = math.log(at_long) / math.log(HOUR_S / LONG_S)
    return at_long * math.exp(-fall * math.log(seconds / LONG_S))


def heart_rate(body: Body, speed: Floats, warm: float) -> Floats:
    """Return the share of the highest heart rate, sample by sample."""
    reserve, rate, run = body.exponent, 0.45, 0.0
    out = []
    for relative in speed.tolist():
        over = relative - body.slope
        if over > 0.0:
            reserve = max(reserve - over * STEP_S, 0.0)
        else:
            reserve += (body.exponent - reserve) * STEP_S / REFILL_S
        run += relative * STEP_S / HOUR_S
        demand = RATE_AT_REST
        if relative > STANDING:
            demand = body.share * relative**body.tau_s * warm
            emptied = 1.0 - reserve / body.exponent
            demand += emptied * max(1.0 - demand, 0.0) * 0.7 + body.drift * max(run - 0.3, 0.0)
        rate += (demand - rate) * STEP_S / (TAU_UP_S if demand > rate else TAU_DOWN_S)
        out.append(min(rate, 0.995))
    return np.array(out)
