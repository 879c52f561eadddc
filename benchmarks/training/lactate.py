"""How often the stated interval of a lactate threshold holds the true one.

    python benchmarks/training/lactate.py [--athletes N] [--draws N] [--seed N]

Lactate of a simulated athlete over speed is a base and an exponential rise, each of its own. A
value errs by the meter (0.2 mmol/l: Mentzoni 2024, doi 10.1007/s00421-024-05572-6, 0.15 to 0.22 of
four handheld ones), by 5 % from rep to rep (ours), and all values of a session together by 10 %
(ours; at the maximal steady state it differs by 16.6 % from day to day, Hauser 2013, doi
10.1055/s-0032-1321719). The truth of a method is what it says of the same steps without error,
since methods differ by definition. Next to the coverage of the 90 % interval stands that of the
bootstrap alone. ``log_log`` takes most of the time and is left out unless named.
"""

from __future__ import annotations

import argparse
import math
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from intervaldetect.records import Floats
from intervaldetect.training import lactate

METER_MMOL, REP, DAY = 0.2, 0.05, 0.10
PLANS = {"one test of 7 steps": (1, 7), "4 sessions of 4": (4, 4), "10 sessions of 4": (10, 4)}
METHODS = ("fixed_2", "fixed_4", "baseline_1_5", "dmax", "modified_dmax")
SLOWEST, FASTEST = 0.76, 1.07
Random = np.random.Generator
Athlete = tuple[float, float, float]


def athlete(random: Random) -> Athlete:
    """Return base in mmol/l, speed at 4 mmol/l in m/s, and the rise per m/s as an exponent."""
    return random.uniform(0.7, 1.4), random.uniform(3.3, 5.6), random.uniform(2.2, 4.5)


def curve(who: Athlete, speed: Floats) -> Floats:
    """Return true lactate at some speeds."""
    base, at_4, rise = who
    return base + (4.0 - base) * np.exp(rise * (speed - at_4))


def values(random: Random, who: Athlete, sessions: int, reps: int) -> tuple[Floats, Floats]:
    """Return speed and measured lactate of every value; each session has its steps anew."""
    steps = np.linspace(SLOWEST, FASTEST, sessions * reps)
    speed = who[1] * random.permutation(steps).reshape(sessions, reps)
    error = random.normal(0.0, REP, speed.shape) + random.normal(0.0, DAY, (sessions, 1))
    measured = curve(who, speed) * np.exp(error) + random.normal(0.0, METER_MMOL, speed.shape)
    return speed.ravel(), np.maximum(measured, 0.3).ravel()


def plan_of(name: str, athletes: int, seed: int) -> None:
    """Print one plan: of each method how often it is told, coverage, width and error."""
    sessions, reps = PLANS[name]
    random = np.random.default_rng(seed)
    found: dict[str, list[tuple[float, ...]]] = {method: [] for method in lactate.METHODS}
    by_day = lactate.NINETY * lactate.DAY_ERROR / math.sqrt(sessions)
    for _ in range(athletes):
        who = athlete(random)
        steps = who[1] * np.linspace(SLOWEST, FASTEST, sessions * reps)
        told = lactate.lactate_thresholds(*values(random, who, sessions, reps), sessions=sessions)
        for one in told:
            right = lactate.METHODS[one.method][1](steps, curve(who, steps))
            if one.speed_mps is None or one.low_mps is None or one.high_mps is None:
                continue
            off = right - one.speed_mps
            reach = one.high_mps - one.speed_mps if off > 0.0 else one.speed_mps - one.low_mps
            alone = math.sqrt(max(reach**2 - (by_day * one.speed_mps) ** 2, 0.0))
            width = (one.high_mps - one.low_mps) / one.speed_mps
            row = (abs(off) <= reach, abs(off) <= alone, width, abs(off) / right)
            found[one.method].append(row)
    print(f"{name}, {athletes} athletes")
    for method, rows in found.items():
        if rows:
            inside, alone, width, error = np.array(rows, dtype=float).T
            print(
                f"  {method:14} told {len(rows) / athletes:.2f}  inside {inside.mean():.2f}"
                f"  by the bootstrap alone {alone.mean():.2f}"
                f"  width {100 * np.median(width):.1f} %  error {100 * np.median(error):.1f} %",
                flush=True,
            )


def main() -> None:
    """Print every plan."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--athletes", type=int, default=100)
    parser.add_argument("--draws", type=int, default=lactate.DRAWS)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--methods", nargs="+", default=list(METHODS))
    given = parser.parse_args()
    lactate.DRAWS = given.draws
    lactate.METHODS = {name: lactate.METHODS[name] for name in given.methods}
    for name in PLANS:
        plan_of(name, given.athletes, given.seed)


if __name__ == "__main__":
    main()
