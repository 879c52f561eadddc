"""One witness of a run falsified at a time: are its values read as before, or is it said why not?

    python -m benchmarks.robustness.witnesses [--runs 2000]

Runs of 20 minutes that walk, jog and run; the counter, the speed field, the positions or the
cadence is scaled, prefixed by an offset, started again, made coarse or counted the other way, some
channels are left out. Prints every run whose distance, speed or cadence is off by more than 2 %
without a problem that tells of a doubt.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intervaldetect.read.build import RawPart, build_activities
from intervaldetect.records import Activity

Floats = NDArray[np.float64]
Columns = dict[str, Floats]
START = 1.7e9
TOLERANCE = 0.02
LEFT_OUT: tuple[tuple[str, ...], ...] = (
    (),
    ("latitude", "longitude"),
    ("speed",),
    ("distance",),
    ("cadence",),
)
FACTORS = (3.6, 1 / 3.6, 1.609344, 1 / 1.609344, 1000.0, 1e-3)


@dataclass(frozen=True)
class Run:
    """What was run: metres, m/s and steps a minute, and the columns of a file that says so."""

    time: Floats
    distance: Floats
    speed: Floats
    steps: Floats
    columns: Columns


def simulated(random: np.random.Generator, seconds: int = 1200) -> Run:
    """Walk, jog and run in stretches of one to four minutes."""
    speed = np.empty(0)
    while speed.size < seconds:
        level = random.choice([1.4, 2.6, 3.2, 4.4])
        speed = np.append(speed, np.full(int(random.integers(60, 240)), level))
    speed = speed[:seconds] * (1.0 + 0.01 * random.standard_normal(seconds))
    steps = np.where(speed < 2.0, 96.0 * speed**0.42, 140.0 + 9.0 * speed)
    distance = np.concatenate(([0.0], np.cumsum(speed[1:])))
    heading = np.cumsum(0.02 * random.standard_normal(seconds))
    north, east = np.cumsum(speed * np.cos(heading)), np.cumsum(speed * np.sin(heading))
    columns = {
        "distance": distance.round(2),
        "speed": speed.round(3),
        "cadence": (steps / 2.0).round(),
        "latitude": 48.0 + north / 111_195.0,
        "longitude": 10.0 + east / 111_195.0 / np.cos(np.radians(48.0)),
        "heart_rate": np.full(seconds, 150.0),
    }
    return Run(np.arange(seconds, dtype=float), distance, speed, steps, columns)


def _scaled(name: str) -> Callable[[np.random.Generator, Columns], str]:
    def mutate(random: np.random.Generator, columns: Columns) -> str:
        factor = float(random.choice(FACTORS))
        columns[name] = columns[name] * factor
        return f"{name} times {factor:.4g}"

    return mutate


def _offset(random: np.random.Generator, columns: Columns) -> str:
    offset = float(random.uniform(500.0, 60_000.0))
    columns["distance"] = columns["distance"] + offset
    return f"distance from {offset:.0f} m on"


def _restarted(random: np.random.Generator, columns: Columns) -> str:
    distance = columns["distance"].copy()
    places = sorted(random.choice(np.arange(1, distance.size), 2, replace=False).tolist())
    for at in places:
        distance[at:] -= distance[at]
    columns["distance"] = distance
    return f"distance started again at {places}"


def _steps_between(_: np.random.Generator, columns: Columns) -> str:
    columns["distance"] = np.diff(columns["distance"], prepend=0.0)
    return "distance since the last point"


def _coarse(random: np.random.Generator, columns: Columns) -> str:
    step = float(random.choice([10.0, 16.09344, 20.0]))
    columns["distance"] = np.floor(columns["distance"] / step) * step
    return f"distance in steps of {step:.5g} m"


def _zeros(_: np.random.Generator, columns: Columns) -> str:
    lost = np.zeros(columns["speed"].size, dtype=np.bool_)
    lost[5:-5:10] = True
    for name in ("distance", "speed", "cadence"):
        columns[name] = np.where(lost, 0.0, columns[name])
    return "zeros in every tenth record"


def _both_feet(_: np.random.Generator, columns: Columns) -> str:
    columns["cadence"] = 2.0 * columns["cadence"]
    return "cadence of both feet"


def _shuffled(random: np.random.Generator, columns: Columns) -> str:
    size = int(random.integers(5, 60))
    blocks = np.split(np.arange(columns["time"].size), np.arange(size, columns["time"].size, size))
    order = np.concatenate([blocks[k] for k in random.permutation(len(blocks))])
    for name, values in columns.items():
        columns[name] = values[order]
    return f"blocks of {size} records shuffled"


def _newest_first(_: np.random.Generator, columns: Columns) -> str:
    for name, values in columns.items():
        columns[name] = values[::-1]
    return "the newest record first"


def _stuck(random: np.random.Generator, columns: Columns) -> str:
    first = int(random.integers(20, 300))
    last = first + int(random.integers(60, 240))
    distance = columns["distance"].copy()
    missed = distance[last] - distance[first]
    distance[first:last] = distance[first]
    distance[last:] -= missed
    columns["distance"] = distance
    return f"distance stuck from {first} to {last} s"


def _late_sensor(random: np.random.Generator, columns: Columns) -> str:
    until = int(random.integers(60, 300))
    columns["speed"] = np.where(columns["time"] < until, 0.0, columns["speed"])
    return f"speed of zero until {until} s"


MUTATIONS: tuple[Callable[[np.random.Generator, Columns], str], ...] = (
    _scaled("distance"),
    _scaled("speed"),
    _offset,
    _restarted,
    _steps_between,
    _coarse,
    _zeros,
    _both_feet,
    _shuffled,
    _newest_first,
    _stuck,
    _late_sensor,
)


def falsified(
    random: np.random.Generator, run: Run, mutate: Callable[[np.random.Generator, Columns], str]
) -> tuple[Activity, str]:
    """Build the activity of a file with one false witness, and say what is false."""
    columns = {"time": run.time, **run.columns}
    what = mutate(random, columns)
    stamps = START + columns.pop("time")
    for name in (left_out := LEFT_OUT[random.integers(len(LEFT_OUT))]):
        columns.pop(name)
    sport = (None, "running", "generic")[random.integers(3)]
    part = RawPart(stamps=stamps, columns=columns, sport=sport)
    (activity,) = build_activities([part], path="", sha256="", form="fit")
    return activity, f"{what}, without {', '.join(left_out) or 'nothing left out'}, {sport}"


def faults(run: Run, activity: Activity) -> list[str]:
    """Say which values are off though no problem tells of a doubt."""
    found = []
    doubts = {"witnesses_disagree", "speed_contradicts", "distance_out_of_range"}
    doubts |= {"speed_out_of_range"}
    told = doubts & {problem.code for problem in activity.problems}
    for name, right in (
        ("distance", run.distance),
        ("speed", run.speed),
        ("cadence", run.steps),
    ):
        values = activity.columns[name]
        known = np.isfinite(values)
        if known.sum() < 0.5 * values.size:
            continue
        if name == "distance":
            got, expected = np.ptp(values[known]), np.ptp(right[known])
        else:
            got, expected = values[known].mean(), right[known].mean()
        if abs(got / expected - 1.0) > TOLERANCE and not told:
            found.append(f"{name} {got:.4g}, right is {expected:.4g}")
    return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    wrong: Counter[str] = Counter()
    for number in range(options.runs):
        run = simulated(random)
        activity, what = falsified(random, run, MUTATIONS[number % len(MUTATIONS)])
        for fault in faults(run, activity):
            wrong[what.split(",")[0].split(" at ")[0]] += 1
            print(f"{what}: {fault}; told: {[problem.code for problem in activity.problems]}")
    print(f"{options.runs} runs, {sum(wrong.values())} faults")


if __name__ == "__main__":
    main()
