"""What the fuzz starts from: simulated runs of at most 20 kB, in every encoding that is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from intervaldetect.records.channels import NAMES
from intervaldetect.simulate import Plan, simulate
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx
from tests.read import build

MOST_BYTES = 20_000


@dataclass(frozen=True)
class Seed:
    """A sound file; of a FIT file also where its definitions and its data messages begin."""

    name: str
    format: str
    data: bytes
    definitions: tuple[int, ...] = ()
    messages: tuple[int, ...] = ()


def seeds() -> list[Seed]:
    """Make all seeds; the same ones each time."""
    found = [
        Seed(f"{form}-{name}", form, encode(activity))
        for name, activity in runs()
        for form, encode in (("fit", encode_fit), ("gpx", encode_gpx), ("tcx", encode_tcx))
        if (form == "fit") != name.startswith("brief")
    ]
    truth = simulated_truth(100)
    found += [
        Seed(f"fit-{name}{order}", "fit", make(truth, endian=order).bytes())
        for name, make in build.FIT_VARIANTS.items()
        for order in "<>"
    ]
    by_name = {seed.name: seed for seed in found}
    chain = by_name["fit-reps"].data + by_name["fit-compressed<"].data
    found.append(Seed("fit-chain", "fit", chain))
    for seed in found:
        assert len(seed.data) <= MOST_BYTES, f"{seed.name} has {len(seed.data)} bytes"
    return [with_places(seed) if seed.format == "fit" else seed for seed in found]


def runs() -> Iterator[tuple[str, object]]:
    """Simulate runs: the brief ones for XML, which takes 250 to 420 bytes a sample."""
    for name, workout, options in (
        ("reps", "4 x 30 s (20 s)", {"laps": "steps", "power": True}),
        ("track", "3 x 100 m (20 s)", {"laps": "manual", "terrain": "track"}),
        ("pauses", "3 x 20 s (20 s)", {"pause_recoveries": True, "recording": "smart"}),
        ("brief-reps", "2 x 10 s (6 s)", {"laps": "manual"}),
        ("brief-pauses", "2 x 10 s (10 s)", {"pause_recoveries": True, "power": True}),
    ):
        plan = Plan(workout, warmup_s=6.0, cooldown_s=6.0, **options)
        activity = simulate(plan, seed=7).to_activity()
        most = 44 if name.startswith("brief") else 400
        columns = {key: values[:most] for key, values in activity.columns.items()}
        end = columns["time"][-1]
        yield (
            name,
            replace(
                activity,
                columns=columns,
                laps=tuple(lap for lap in activity.laps if lap.end_s <= end),
                pauses=tuple(pause for pause in activity.pauses if pause.end_s <= end),
                events=tuple(event for event in activity.events if event.time_s <= end),
            ),
        )


def simulated_truth(count: int) -> build.Truth:
    """Give a simulated run the form that the tests' encoders of rarer FIT layouts take."""
    run = simulate(Plan("5 x 40 s (30 s)", warmup_s=30.0, cooldown_s=0.0, power=True), seed=8)
    columns = {name: np.nan_to_num(run.columns[name][:count]) for name in NAMES}
    return build.Truth(
        time=build.START + columns.pop("time"),
        strides=columns.pop("cadence") / 2.0,
        **columns,
    )


def with_places(seed: Seed) -> Seed:
    """Note where the messages of a sound FIT file begin."""
    data, definitions, messages = seed.data, [], []
    start = 0
    while start < len(data):
        at = start + data[start]
        end = at + int.from_bytes(data[start + 4 : start + 8], "little")
        sizes: dict[int, int] = {}
        while at < end:
            header = data[at]
            if header & 0xC0 == 0x40:
                definitions.append(at)
                fields, width = data[at + 5], 0
                width += sum(data[at + 7 + 3 * i] for i in range(fields))
                size = 6 + 3 * fields
                if header & 0x20:
                    extra = data[at + size]
                    width += sum(data[at + size + 2 + 3 * i] for i in range(extra))
                    size += 1 + 3 * extra
                sizes[header & 0x0F] = width
                at += size
            else:
                messages.append(at)
                at += 1 + sizes[header >> 5 & 3 if header & 0x80 else header & 0x0F]
        start = end + 2
    return replace(seed, definitions=tuple(definitions), messages=tuple(messages))
