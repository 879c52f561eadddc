"""One witness of a run falsified at a time: are its values read as before, or is it said why not?

    python -m benchmarks.robustness.witnesses [--runs 2000] [--form fit|gpx|tcx]

Runs of 20 minutes that walk, jog and run; the counter, the speed field, the positions or the
cadence is scaled, prefixed by an offset, started again, made coarse or counted the other way, some
channels are left out. Prints every run whose distance, speed or cadence is off by more than 2 %
without a problem that tells of a doubt. With ``--form`` the run is written as a file of that format
first, and read from there.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from intervaldetect.read import read_activity
from intervaldetect.read.build import RawPart, build_activities
from intervaldetect.records import Activity, Session
from tests.read import build

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
    for name in columns.keys() - {"total"}:
        columns[name] = columns[name][order]
    return f"blocks of {size} records shuffled"


def _newest_first(_: np.random.Generator, columns: Columns) -> str:
    for name in columns.keys() - {"total"}:
        columns[name] = columns[name][::-1]
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
    _scaled("total"),
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
    random: np.random.Generator,
    run: Run,
    mutate: Callable[[np.random.Generator, Columns], str],
    form: str | None = None,
) -> tuple[Activity, str]:
    """Build the activity of a file with one false witness, and say what is false.

    ``form`` is the format in which it is written before it is read; None builds it as read.
    """
    columns = {"time": run.time, "total": run.distance[-1:], **run.columns}
    what = mutate(random, columns)
    left_out = LEFT_OUT[random.integers(len(LEFT_OUT))]
    for name in left_out:
        columns.pop(name)
    sport = (None, "running", "generic")[random.integers(3)]
    activity = WRITERS[form](columns, sport)
    return activity, f"{what}, without {', '.join(left_out) or 'nothing left out'}, {sport}, {form}"


def _built(columns: Columns, sport: str | None) -> Activity:
    columns = dict(columns)
    total = float(columns.pop("total")[0])
    stamps = START + columns.pop("time")
    part = RawPart(stamps=stamps, columns=columns, sport=sport, session=Session(distance_m=total))
    (activity,) = build_activities([part], path="", sha256="", form="fit")
    return activity


FIT_FIELDS: dict[str, tuple[build.FieldDef, float]] = {
    "latitude": ((0, 1, build.SINT32), 2**31 / 180.0),
    "longitude": ((1, 1, build.SINT32), 2**31 / 180.0),
    "heart_rate": ((3, 1, build.UINT8), 1.0),
    "cadence": ((4, 1, build.UINT8), 1.0),
    "distance": ((5, 1, build.UINT32), 100.0),
    "speed": ((73, 1, build.UINT32), 1000.0),
}
"""Field and units of it in one of the channel."""


def _fit(columns: Columns, sport: str | None) -> Activity:
    fit = build.begin(build.Fit())
    names = [name for name in FIT_FIELDS if name in columns]
    stamp = (253, 1, build.UINT32)
    fit.define(2, 20, [stamp, *(FIT_FIELDS[name][0] for name in names)])
    scaled = [np.round(columns[name] * FIT_FIELDS[name][1]).astype(int) for name in names]
    stamps = (START + columns["time"] - 631065600).astype(int)
    for row in zip(stamps.tolist(), *(values.tolist() for values in scaled), strict=True):
        fit.data(2, *row)
    fit.define(1, 18, [stamp, (9, 1, build.UINT32), (5, 1, build.ENUM)])
    number = {None: None, "running": 1, "generic": 0}[sport]
    fit.data(1, int(stamps.max()), round(float(columns["total"][0]) * 100.0), number)
    return read_activity(fit.bytes())


def _xml(columns: Columns, point: str, parts: dict[str, str]) -> str:
    """Fill a template of a point for every sample; a channel that is missing leaves nothing."""
    rows = [dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)]
    return "".join(
        point.format(
            time=build.iso(START + row["time"]),
            **{key: text.format(**row) if key in row else "" for key, text in parts.items()},
        )
        for row in rows
    )


def _gpx(columns: Columns, sport: str | None) -> Activity:
    columns = {name: values for name, values in columns.items() if name != "total"}
    nowhere = np.zeros(columns["time"].size)
    columns = {"latitude": nowhere, "longitude": nowhere, **columns}
    points = _xml(
        columns,
        '<trkpt {latitude} {longitude}><time>{time}</time><extensions>{speed}{distance}'
        "{heart_rate}{cadence}</extensions></trkpt>",
        {
            "latitude": 'lat="{latitude:.8f}"', "longitude": 'lon="{longitude:.8f}"',
            "speed": "<speed>{speed:.5f}</speed>", "cadence": "<cad>{cadence:.0f}</cad>",
            "distance": "<distance>{distance:.5f}</distance>",
            "heart_rate": "<hr>{heart_rate:.0f}</hr>",
        },
    )  # fmt: skip
    kind = "<type>running</type>" if sport == "running" else ""
    return read_activity(
        f"<gpx><trk>{kind}<trkseg>{points}</trkseg></trk></gpx>".encode(), path="a.gpx"
    )


def _tcx(columns: Columns, sport: str | None) -> Activity:
    total = float(columns["total"][0])
    columns = {name: values for name, values in columns.items() if name != "total"}
    points = _xml(
        columns,
        "<Trackpoint><Time>{time}</Time>{latitude}{longitude}{distance}{heart_rate}{cadence}{speed}"
        "</Trackpoint>",
        {
            "latitude": "<Position><LatitudeDegrees>{latitude:.8f}</LatitudeDegrees>",
            "longitude": "<LongitudeDegrees>{longitude:.8f}</LongitudeDegrees></Position>",
            "distance": "<DistanceMeters>{distance:.5f}</DistanceMeters>",
            "heart_rate": "<HeartRateBpm><Value>{heart_rate:.0f}</Value></HeartRateBpm>",
            "cadence": "<Cadence>{cadence:.0f}</Cadence>",
            "speed": "<Extensions><TPX><Speed>{speed:.5f}</Speed></TPX></Extensions>",
        },
    )
    seconds = float(np.ptp(columns["time"]))
    return read_activity(
        f"<TrainingCenterDatabase><Activities><Activity Sport='{sport or 'Other'}'><Lap StartTime="
        f"'{build.iso(START)}'><TotalTimeSeconds>{seconds}</TotalTimeSeconds><DistanceMeters>"
        f"{total:.5f}</DistanceMeters><Track>{points}</Track></Lap></Activity></Activities>"
        "</TrainingCenterDatabase>".encode(),
        path="a.tcx",
    )


WRITERS: dict[str | None, Callable[[Columns, str | None], Activity]] = {
    None: _built, "fit": _fit, "gpx": _gpx, "tcx": _tcx,
}  # fmt: skip


def faults(run: Run, activity: Activity) -> list[str]:
    """Say which values are off though no problem tells of a doubt."""
    found = []
    doubts = {
        "witnesses_disagree",
        "total_contradicts",
        "speed_contradicts",
        "distance_out_of_range",
    }
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
    total = activity.session.distance_m
    if total is not None and abs(total / run.distance[-1] - 1.0) > TOLERANCE and not told:
        found.append(f"total {total:.4g}, right is {run.distance[-1]:.4g}")
    return found


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--form", choices=("fit", "gpx", "tcx"))
    options = parser.parse_args()
    random = np.random.default_rng(options.seed)
    wrong: Counter[str] = Counter()
    for number in range(options.runs):
        run = simulated(random)
        activity, what = falsified(random, run, MUTATIONS[number % len(MUTATIONS)], options.form)
        for fault in faults(run, activity):
            wrong[what.split(",")[0].split(" at ")[0]] += 1
            print(f"{what}: {fault}; told: {[problem.code for problem in activity.problems]}")
    print(f"{options.runs} runs, {sum(wrong.values())} faults")


if __name__ == "__main__":
    main()
