"""Activities as no reader should deliver them, and some as readers do: what `analyse` has to bear.

Every function takes a draft (the fields of an `Activity` in lists and arrays) and a generator of
random numbers, and changes the draft. Times still start at 0 and never fall, as is documented;
laps, steps, pauses, totals and all other channels may be anything. `mutant` draws one to five
kinds; the same numbers give the same activity.
"""

from __future__ import annotations

import base64
import itertools
import json
import math
import random
import zlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import numpy as np

from intervaldetect.records import Activity, Event, Floats, Lap, Pause, Session, WorkoutStep
from intervaldetect.records.channels import BY_NAME, NAMES
from intervaldetect.simulate import Plan, simulate

FINDS = Path(__file__).parent / "finds"
ODD = (
    math.nan,
    math.inf,
    -math.inf,
    -1.0,
    0.0,
    1e-9,
    0.5,
    -18.0,
    86400.0,
    2.0e6,
    42949672.95,
    1e300,
)
INTENSITIES = (None, "active", "rest", "warmup", "cooldown", "recovery", "interval", "other")
TRIGGERS = (None, "manual", "distance", "time", "session_end", "position_lap", "fitness_equipment")
SPORTS = (None, "running", "cycling", "walking", "generic", "swimming", "hiking", "")
SUB_SPORTS = (None, "treadmill", "track", "trail", "indoor_cycling")


@dataclass
class Draft:
    """An activity that may be changed."""

    time: Floats
    columns: dict[str, Floats]
    laps: list[Lap]
    steps: list[WorkoutStep]
    pauses: list[Pause]
    session: Session
    other: dict[str, Any] = field(default_factory=dict)

    @property
    def whole_s(self) -> float:
        return float(self.time[-1]) if self.time.size else 0.0


Kind = Callable[[Draft, random.Random], None]


def drafted(activity: Activity) -> Draft:
    columns = {name: values.copy() for name, values in activity.columns.items() if name != "time"}
    return Draft(
        activity.columns["time"].copy(), columns, list(activity.laps), list(activity.steps),
        list(activity.pauses), activity.session,
    )  # fmt: skip


def finished(draft: Draft, base: Activity) -> Activity:
    """Make an activity of a draft; values out of range are made null, as readers do."""
    columns = {"time": draft.time}
    for name, values in draft.columns.items():
        channel = BY_NAME[name]
        columns[name] = np.where((values < channel.low) | (values > channel.high), np.nan, values)
    return replace(
        base,
        columns={name: columns[name] for name in NAMES},
        laps=tuple(draft.laps),
        steps=tuple(draft.steps),
        pauses=tuple(draft.pauses),
        session=draft.session,
        **draft.other,
    )


def moment(draft: Draft, rng: random.Random) -> float:
    """Draw a time: mostly within the activity, sometimes far from it."""
    if rng.random() < 0.12:
        return rng.choice(ODD)
    return rng.uniform(-0.1, 1.1) * draft.whole_s


# --- laps ---------------------------------------------------------------------------------------


def shift_laps(draft: Draft, rng: random.Random) -> None:
    by = rng.choice((-18.0, 0.5, -0.5, 3.0, 40.0, -3600.0, 86400.0, rng.uniform(-600, 600)))
    draft.laps = [
        replace(lap, start_s=lap.start_s + by, end_s=lap.end_s + by) for lap in draft.laps
    ]


def stretch_laps(draft: Draft, rng: random.Random) -> None:
    """Let laps run over the next ones, or end before they start."""
    by = rng.choice((1.0, -1.0, 30.0, -30.0, 1e4, -1e4))
    share = rng.choice((0.1, 0.5, 1.0))
    draft.laps = [
        replace(lap, end_s=lap.end_s + by) if rng.random() < share else lap for lap in draft.laps
    ]


def odd_lap_times(draft: Draft, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 2, 8)) if draft.laps else 0):
        k = rng.randrange(len(draft.laps))
        key = rng.choice(("start_s", "end_s"))
        draft.laps[k] = replace(draft.laps[k], **{key: moment(draft, rng)})


def odd_lap_totals(draft: Draft, rng: random.Random) -> None:
    for _ in range(rng.choice((1, 2, 8)) if draft.laps else 0):
        k = rng.randrange(len(draft.laps))
        key = rng.choice(("distance_m", "timer_s"))
        draft.laps[k] = replace(draft.laps[k], **{key: rng.choice((None, *ODD, 1000.0))})


def reorder_laps(draft: Draft, rng: random.Random) -> None:
    how = rng.randrange(4)
    if how == 0:
        rng.shuffle(draft.laps)
    elif how == 1:
        draft.laps.reverse()
    elif draft.laps:
        k = rng.randrange(len(draft.laps))
        if how == 2:
            draft.laps[k:k] = draft.laps[k : k + rng.choice((1, 3))] * rng.choice((1, 20))
        else:
            del draft.laps[k : k + rng.choice((1, 2, 100))]


def mark_laps(draft: Draft, rng: random.Random) -> None:
    """Give laps other triggers, intensities and steps."""
    alternate = rng.random() < 0.4
    trigger = rng.choice(TRIGGERS)
    for k, lap in enumerate(draft.laps):
        if alternate:
            changes: dict[str, Any] = {
                "intensity": ("active", "rest")[k % 2], "trigger": "manual", "step": k % 2,
            }  # fmt: skip
        else:
            changes = {
                "intensity": rng.choice(INTENSITIES), "trigger": trigger,
                "step": rng.choice((None, k, 0, rng.randrange(6), -1)),
            }  # fmt: skip
        draft.laps[k] = replace(lap, **changes)
    if alternate and rng.random() < 0.5:
        draft.steps = [WorkoutStep(0, intensity="active"), WorkoutStep(1, intensity="rest")]


def new_laps(draft: Draft, rng: random.Random) -> None:
    """Put laps anywhere: few, many, over one another, of no length."""
    count = rng.choice((0, 1, 2, 3, 7, 30, 300))
    draft.laps = []
    for k in range(count):
        start = moment(draft, rng)
        end = start + rng.choice((0.0, 1e-4, 4.0, 30.0, rng.uniform(0.0, 400.0), -5.0))
        draft.laps.append(
            Lap(
                start, end, rng.choice((None, 400.0, 1000.0, 0.0)), None, rng.choice(TRIGGERS),
                rng.choice(INTENSITIES), rng.choice((None, k % 3)),
            )
        )  # fmt: skip
    if rng.random() < 0.6:
        draft.laps.sort(key=lambda lap: lap.start_s)


def tile_laps(draft: Draft, rng: random.Random) -> None:
    """Cut the whole into laps, of which each begins where another ends, or nearly."""
    count = rng.choice((2, 5, 12, 40))
    cuts = sorted(rng.uniform(0.0, draft.whole_s) for _ in range(count - 1))
    edges = [rng.choice((0.0, -18.0, 3.0)), *cuts, draft.whole_s + rng.choice((0.0, -9.0, 60.0))]
    slip = rng.choice((0.0, 0.0, 0.7, -0.7, 12.0))
    kind = rng.choice(TRIGGERS)
    draft.laps = [
        Lap(a, b + slip, None, None, kind, ("active", "rest")[k % 2], rng.choice((None, k % 2)))
        for k, (a, b) in enumerate(itertools.pairwise(edges))
    ]


# --- steps and pauses ---------------------------------------------------------------------------


def change_steps(draft: Draft, rng: random.Random) -> None:
    how = rng.randrange(5)
    if how == 0:
        draft.steps = [replace(step, intensity=rng.choice(INTENSITIES)) for step in draft.steps]
    elif how == 1:
        rng.shuffle(draft.steps)
    elif how == 2:
        draft.steps = [
            replace(step, index=rng.choice((0, -1, step.index, 999))) for step in draft.steps
        ]
    elif how == 3:
        draft.steps = [
            replace(step, duration_value=rng.choice((None, *ODD)), target_value=rng.choice(ODD))
            for step in draft.steps
        ]
    else:
        draft.steps = [
            WorkoutStep(k, intensity=rng.choice(INTENSITIES)) for k in range(rng.choice((0, 2, 6)))
        ]


def change_pauses(draft: Draft, rng: random.Random) -> None:
    how = rng.randrange(4)
    if how == 0:
        for _ in range(rng.choice((1, 3, 60))):
            start = moment(draft, rng)
            draft.pauses.append(Pause(start, start + rng.choice((0.0, 5.0, 40.0, 900.0, -3.0))))
    elif how == 1:
        draft.pauses = [Pause(moment(draft, rng), moment(draft, rng))] * rng.choice((1, 3))
    elif how == 2:
        draft.pauses.reverse()
    elif draft.laps:  # a pause over a lap, or a little beside it
        lap, by = rng.choice(draft.laps), rng.choice((0.0, 4.0, -4.0))
        draft.pauses.append(Pause(lap.start_s + by, lap.end_s + by))


# --- clocks -------------------------------------------------------------------------------------


def hole(draft: Draft, rng: random.Random) -> None:
    """Let time leap: a pause, a night, weeks."""
    for _ in range(rng.choice((1, 1, 4))):
        at = rng.randrange(draft.time.size)
        draft.time[at:] += rng.choice((21.0, 300.0, 7200.0, 86400.0, 6.0e5))
    keep_within(draft)


def scale_clock(draft: Draft, rng: random.Random) -> None:
    draft.time *= rng.choice((1e-3, 0.1, 0.5, 3.0, 60.0, 600.0))
    keep_within(draft)


def lose_samples(draft: Draft, rng: random.Random) -> None:
    """Leave samples out: every other, a stretch, all but a few, all but one in a hundred."""
    n = draft.time.size
    how = rng.randrange(5)
    if how == 0:
        kept = np.arange(0, n, rng.choice((2, 7, 30, 100)))
    elif how == 1:
        first = rng.randrange(n)
        kept = np.r_[0:first, min(n, first + rng.choice((20, 300, 2000))) : n]
    elif how == 2:
        kept = np.arange(min(n, rng.choice((0, 1, 2, 9, 10, 11, 12, 13, 25))))
    elif how == 3:
        kept = np.sort(np.array(rng.sample(range(n), k=max(1, n // rng.choice((2, 10))))))
    else:
        kept = np.arange(rng.randrange(n), n)
    pick(draft, kept)


def same_times(draft: Draft, rng: random.Random) -> None:
    """Give samples one time, or times a hair apart."""
    first = rng.randrange(draft.time.size)
    last = min(draft.time.size, first + rng.choice((2, 20, 5000)))
    if rng.random() < 0.5:
        draft.time[first:last] = draft.time[first]
    else:
        step = rng.choice((1e-9, 1e-6, 1e-4, 4e-4))
        draft.time[first:last] = draft.time[first] + step * np.arange(last - first)
    draft.time = np.maximum.accumulate(draft.time)


def jitter(draft: Draft, rng: random.Random) -> None:
    numbers = np.random.default_rng(rng.randrange(1 << 30))
    draft.time = np.maximum.accumulate(
        draft.time + numbers.uniform(0.0, rng.choice((0.3, 5.0)), draft.time.size)
    )
    draft.time -= draft.time[0]


def repeat_samples(draft: Draft, rng: random.Random) -> None:
    """Go on with the same samples again, later."""
    n = draft.time.size
    if not n or n > 6000:
        return
    kept = np.r_[0:n, 0:n]
    again = draft.time + draft.whole_s + rng.choice((1.0, 60.0, 1e5))
    time = np.r_[draft.time, again]
    pick(draft, kept)
    draft.time = time
    keep_within(draft)


def pick(draft: Draft, kept: np.ndarray) -> None:
    draft.time = draft.time[kept]
    draft.columns = {name: values[kept] for name, values in draft.columns.items()}
    if draft.time.size:
        draft.time = np.maximum.accumulate(draft.time - draft.time[0])


def keep_within(draft: Draft) -> None:
    """Leave out what lies beyond the longest time an activity may take, as readers do."""
    pick(draft, np.flatnonzero(draft.time <= BY_NAME["time"].high))


# --- channels and totals ------------------------------------------------------------------------


def change_channel(draft: Draft, rng: random.Random) -> None:
    name = rng.choice(("distance", "distance", *sorted(draft.columns)))
    values = draft.columns[name]
    n = values.size
    first = rng.randrange(n)
    last = min(n, first + rng.choice((1, 30, 600, n)))
    how = rng.randrange(9)
    if how == 0:
        values[first:last] = np.nan
    elif how == 1:
        values[:] = np.nan
    elif how == 2:
        values *= rng.choice((3.6, 1.609, 1000.0, 0.001, 0.0))
    elif how == 3:
        values[first:] -= values[first]
    elif how == 4:
        values[first:last] = rng.choice((0.0, BY_NAME[name].high, BY_NAME[name].low, 1.0))
    elif how == 5:
        values[first:] += rng.choice((100.0, 1e4, -500.0, 1e6))
    elif how == 6:
        values[first:last] = values[first:last][::-1]
    elif how == 7:
        numbers = np.random.default_rng(rng.randrange(1 << 30))
        values[first:last] += numbers.normal(0.0, rng.choice((0.1, 5.0, 300.0)), last - first)
    else:
        values[:] = np.where(np.arange(n) % rng.choice((2, 10, 60)) == 0, values, np.nan)


def only_channels(draft: Draft, rng: random.Random) -> None:
    left = rng.sample(sorted(draft.columns), k=rng.choice((0, 1, 2, 4)))
    for name in draft.columns:
        if name not in left:
            draft.columns[name][:] = np.nan


def square_wave(draft: Draft, rng: random.Random) -> None:
    """Run fast and slow in turn, as regularly as nobody does, in any number of turns."""
    period = rng.choice((2.0, 20.0, 60.0, 130.0, 600.0, 5000.0))
    share, fast = rng.uniform(0.2, 0.8), rng.choice((1.02, 1.1, 1.5, 4.0))
    speed = np.where((draft.time % period) < share * period, 3.0 * fast, 3.0)
    gained = speed[1:] * np.diff(draft.time)
    draft.columns["distance"] = np.concatenate((np.zeros(min(1, speed.size)), np.cumsum(gained)))
    draft.columns["speed"] = speed


def change_totals(draft: Draft, rng: random.Random) -> None:
    for key in rng.sample(("timer_s", "elapsed_s", "distance_m"), k=rng.choice((1, 3))):
        draft.session = replace(draft.session, **{key: rng.choice((None, *ODD))})
    if rng.random() < 0.3:
        draft.session = replace(
            draft.session,
            aerobic_training_effect=rng.choice(ODD),
            benefit=rng.choice((None, "vo2max", "tempo", "")),
        )


def change_kind(draft: Draft, rng: random.Random) -> None:
    draft.other |= rng.choice((
        {"sport": rng.choice(SPORTS)},
        {"sub_sport": rng.choice(SUB_SPORTS)},
        {"format": rng.choice(("fit", "gpx", "tcx"))},
        {"utc_offset_s": rng.choice((None, 0.0, -43200.0, 50400.0))},
        {"name": rng.choice((None, "", "a\nb", "\ud800"))},
    ))  # fmt: skip


LAPS: tuple[Kind, ...] = (
    shift_laps, stretch_laps, odd_lap_times, odd_lap_totals, reorder_laps, mark_laps, new_laps,
    tile_laps,
)  # fmt: skip
STEPS: tuple[Kind, ...] = (change_steps, change_pauses, change_totals, change_kind)
CLOCKS: tuple[Kind, ...] = (hole, scale_clock, lose_samples, same_times, jitter, repeat_samples)
CHANNELS: tuple[Kind, ...] = (change_channel, only_channels, square_wave)
KINDS = (*LAPS, *STEPS, *CLOCKS, *CHANNELS)


def mutant(number: int, index: int, bases: Sequence[tuple[str, Activity]]) -> tuple[Activity, str]:
    """Make activity ``index`` of fuzz ``number``; returns it and what was done to which base."""
    rng = random.Random(f"mutant {number}/{index}")
    name, base = rng.choice(bases)
    draft = drafted(base)
    done = []
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        if not draft.time.size:
            break
        kind = rng.choice(rng.choice((LAPS, LAPS, STEPS, CLOCKS, CHANNELS)))
        kind(draft, rng)
        done.append(kind.__name__)
    return finished(draft, base), f"{name}: {', '.join(done)}"


# --- where they come from -----------------------------------------------------------------------

PLANS: Mapping[str, Plan] = {
    "steps": Plan("4 x 400 m @ 1:20 (1:00 jog)", warmup_s=200.0, cooldown_s=120.0, laps="steps"),
    "manual": Plan("5 x 1:00 @ 3:10/km (0:40 jog)", warmup_s=150.0, cooldown_s=90.0, laps="manual"),
    "paused": Plan(
        "4 x 300 m @ 0:56 (1:00 paused)", warmup_s=120.0, cooldown_s=60.0, pause_recoveries=True,
        laps="manual",
    ),
    "short": Plan("8 x 0:20 @ 2:50/km (0:20 jog)", warmup_s=90.0, cooldown_s=60.0, laps="steps"),
    "ladder": Plan("(400 + 800 + 400 m) @ 3:05/km (1:00 jog)", warmup_s=120.0, laps="manual"),
    "turns": Plan("5 x 1:30 @ 3:20/km (1:00 float @ 3:50/km)", warmup_s=120.0, laps="steps"),
    "smart": Plan("3 x 2:00 @ 3:10/km (1:00 walk)", warmup_s=200.0, recording="smart", power=True),
    "hills": Plan("5 x 0:45 @ 3:30/km (1:00 jog)", warmup_s=150.0, hill_grade=0.08),
    "tempo": Plan("8:30 @ 3:25/km", warmup_s=200.0, cooldown_s=100.0, laps="auto"),
}  # fmt: skip


def bases() -> list[tuple[str, Activity]]:
    """Simulate the activities that are mutated; what was found before is among them."""
    simulated = [(name, simulate(plan, seed=11).to_activity()) for name, plan in PLANS.items()]
    return [*simulated, *finds(dict(simulated))]


def finds(simulated: Mapping[str, Activity]) -> list[tuple[str, Activity]]:
    """Load the activities that once broke something."""
    return [
        (path.stem, loaded(json.loads(path.read_text("utf-8")), simulated))
        for path in sorted(FINDS.glob("*.json"))
    ]


def packed(activity: Activity, base: str) -> dict[str, Any]:
    """Turn an activity into JSON, laps and totals readable and columns packed."""
    table = np.array([activity.columns[name] for name in NAMES], dtype="<f8")
    return {
        "base": base,
        "laps": [asdict(lap) for lap in activity.laps],
        "steps": [asdict(step) for step in activity.steps],
        "pauses": [asdict(pause) for pause in activity.pauses],
        "session": asdict(activity.session),
        "sport": activity.sport,
        "sub_sport": activity.sub_sport,
        "format": activity.format,
        "columns": base64.b64encode(zlib.compress(table.tobytes(), 9)).decode(),
    }


def loaded(stored: Mapping[str, Any], simulated: Mapping[str, Activity]) -> Activity:
    table = np.frombuffer(zlib.decompress(base64.b64decode(stored["columns"])), "<f8")
    rows = table.reshape(len(NAMES), -1).astype(np.float64)
    keys = {each.name for each in fields(Activity)} & {"sport", "sub_sport", "format"}
    events = (Event(0.0, "timer", "start"),)
    return replace(
        next(iter(simulated.values())),
        columns=dict(zip(NAMES, rows, strict=True)),
        laps=tuple(Lap(**lap) for lap in stored["laps"]),
        steps=tuple(WorkoutStep(**step) for step in stored["steps"]),
        pauses=tuple(Pause(**pause) for pause in stored["pauses"]),
        session=Session(**stored["session"]),
        events=events,
        **{key: stored[key] for key in keys},
    )
