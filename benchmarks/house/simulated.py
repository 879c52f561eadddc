"""Simulated files for `equal.py`: every run type and ten workouts, as devices differ, each once.

    python benchmarks/house/simulated.py FOLDER [--count 1000]

FIT, GPX and TCX by turns. No two are of one seed; laps, recording, terrain, power, pauses and
traffic lights change at steps that share no factor, so that they meet in every combination.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.plan import LapMode, Recording, RunType, Terrain
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx

FIRST = datetime(2024, 1, 1, 6, tzinfo=UTC)
WORKOUTS = (
    "10 x 1000 m @ 3:40 (1:00 jog)", "5 x 6:00 @ 3:45/km (1:00 jog)",
    "6 x 800 m @ 2:40 (3:00 jog)", "20 x 400 m @ 1:20 (0:30 stand)", "10 mi @ 3:50/km",
    "3 x 10:00 @ 3:50/km (2:00 jog)", "15 x 1:00 @ 3:20/km (1:00 jog)",
    "8 x 200 m @ 0:36 (1:00 walk)", "40 x 0:45 @ 3:30/km (0:15 float)",
    "2 x 20:00 @ 3:55/km (4:00 jog)",
)  # fmt: skip
TYPES = tuple(kind for kind in get_args(RunType) if kind != "workout")
ENCODERS = (("fit", encode_fit), ("gpx", encode_gpx), ("tcx", encode_tcx))


def plan_of(number: int) -> Plan:
    """Return the plan of a file: a workout and a run without one by turns."""
    k = number // 2
    what: dict[str, Any] = {"run_type": TYPES[k % len(TYPES)]}
    if number % 2 == 0:
        what = {"workout": WORKOUTS[k % len(WORKOUTS)], "strides": 4 * (k % 7 == 0)}
    return Plan(
        **what,
        laps=get_args(LapMode)[k % len(get_args(LapMode))],
        recording=get_args(Recording)[k // 3 % len(get_args(Recording))],
        terrain=get_args(Terrain)[k // 5 % len(get_args(Terrain))],
        power=k % 11 == 0,
        timer_pauses=k // 2 % 3,
        traffic_lights=k % 13 == 0,
        start_time=FIRST + timedelta(hours=17 * number),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--count", type=int, default=1000)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    for number in range(options.count):
        suffix, encode = ENCODERS[number % len(ENCODERS)]
        plan = plan_of(number)
        if plan.terrain == "treadmill":  # without positions there is no GPX
            suffix, encode = ENCODERS[0]
        activity = simulate(plan, seed=number).to_activity()
        (options.folder / f"{number:04d}.{suffix}").write_bytes(encode(activity))


if __name__ == "__main__":
    main()
