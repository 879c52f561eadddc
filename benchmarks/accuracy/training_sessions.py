"""Simulated sessions that join the real ones when the choice of reps is fitted.

Real files choose the method and carry the weight; these fill in shapes that the corpus has few of
(ladders, floats, continuous tempos, many short reps) and plain runs of every terrain.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from intervaldetect.simulate import Athlete, Plan, SimulatedActivity, simulate

TIMES_S = (30, 45, 60, 90, 120, 180, 240, 300, 360, 480, 600)
DISTANCES_M = (200, 300, 400, 500, 600, 800, 1000, 1200, 1600, 2000, 3000)
PLAIN = (
    "recovery", "easy", "long", "steady", "progression", "hilly", "trail", "stop_and_go", "strides",
    "race",
)  # fmt: skip


def sessions(count: int, seed: int) -> Iterator[SimulatedActivity]:
    """Yield ``count`` random sessions, two in five of them plain runs."""
    random = np.random.default_rng(seed)
    for index in range(count):
        athlete = Athlete(
            threshold_speed_mps=float(random.uniform(2.4, 5.7)),
            max_hr_bpm=float(random.normal(190.0, 9.0)),
        )
        plan = _plain(random, athlete) if index % 5 < 2 else _workout(random, athlete)
        noise = str(random.choice(["low", "typical", "typical", "high"]))
        yield simulate(plan, seed=int(random.integers(1 << 30)), noise=noise)  # type: ignore[arg-type]


def _plain(random: np.random.Generator, athlete: Athlete) -> Plan:
    run_type = str(random.choice(PLAIN))
    return Plan(
        run_type=run_type,  # type: ignore[arg-type]
        athlete=athlete,
        duration_s=float(random.uniform(1500.0, 6000.0)),
        traffic_lights=bool(random.random() < 0.4),
        timer_pauses=int(random.integers(0, 3)),
        **_device(random),
    )


def _workout(random: np.random.Generator, athlete: Athlete) -> Plan:
    if random.random() < 0.06:
        return Plan(None, run_type="fartlek", athlete=athlete, **_device(random))
    on_hills = random.random() < 0.08
    text = _hills(random, athlete) if on_hills else _text(random, athlete.threshold_speed_mps)
    return Plan(
        workout=text,
        hill_grade=float(random.uniform(0.04, 0.1)) if on_hills else 0.0,
        athlete=athlete,
        warmup_s=float(random.choice([0.0, 300.0, 600.0, 900.0, 1200.0])),
        cooldown_s=float(random.choice([0.0, 300.0, 600.0, 900.0])),
        strides=int(random.choice([0, 0, 0, 4])),
        first_rep_slower=float(random.choice([0.0, 0.0, 0.05])),
        brisk_recovery=bool(random.random() < 0.15),
        pause_recoveries=bool(random.random() < 0.1),
        traffic_lights=bool(random.random() < 0.1),
        **_device(random),
    )


def _hills(random: np.random.Generator, athlete: Athlete) -> str:
    seconds = int(random.choice([30, 45, 60, 90, 120]))
    pace = _pace(athlete.threshold_speed_mps * random.uniform(0.95, 1.12))
    return f"{int(random.integers(5, 13))} x {_clock(seconds)} @ {pace} ({_clock(2 * seconds)} jog)"


def _device(random: np.random.Generator) -> dict[str, object]:
    return {
        "recording": str(random.choice(["every_second", "every_second", "smart"])),
        "terrain": str(random.choice(["flat", "flat", "rolling", "track", "treadmill"])),
    }


def _text(random: np.random.Generator, threshold_mps: float) -> str:
    """Write a workout at paces a runner of this threshold would choose."""
    shape = random.choice(
        ["time", "distance", "ladder", "tempo", "blocks", "two_sets", "micro", "float"]
    )
    if shape == "micro":
        seconds, rest = random.choice([(45, 15), (30, 30), (40, 20), (30, 15)])
        pace = _pace(_speed(random, threshold_mps, float(seconds)))
        count = int(random.integers(8, 15))
        block = f"{count} x {_clock(int(seconds))} @ {pace} ({_clock(int(rest))} jog)"
        return f"2 x ({block}) (3:00)" if random.random() < 0.6 else block
    if shape == "float":
        seconds = int(random.choice([60, 90, 120, 180, 240]))
        speed = _speed(random, threshold_mps, float(seconds))
        slow = speed * random.uniform(0.82, 0.92)
        rest = int(random.choice([60, 90, 120, 180]))
        count = int(random.integers(4, 11))
        return (
            f"{count} x {_clock(seconds)} @ {_pace(speed)} ({_clock(rest)} float @ {_pace(slow)})"
        )
    if shape == "tempo":
        minutes = int(random.choice([15, 20, 25, 30, 35, 40, 50]))
        text = f"{minutes}:00 @ {_pace(threshold_mps * random.uniform(0.95, 1.01))}"
        return (
            text
            if random.random() < 0.6
            else f"2 x {minutes // 2}:00 @ {text.split('@ ')[1]} (3:00)"
        )
    if shape == "ladder":
        steps = random.choice(
            [
                "400+800+1200+800+400",
                "1600+1200+800+400",
                "200+400+600+800+600+400",
                "2000+1600+1200+800",
                "1000+800+600+400+200",
            ]
        )
        return (
            f"{steps} @ {_pace(threshold_mps * random.uniform(1.02, 1.1))} ({_rest(random, 180.0)})"
        )
    if shape == "blocks":
        seconds = int(random.choice([30, 45, 60]))
        pace = _pace(_speed(random, threshold_mps, float(seconds)))
        count = int(random.integers(4, 9))
        block = f"{count} x {_clock(seconds)} @ {pace} ({_rest(random, seconds)})"
        return f"{int(random.integers(2, 4))} x ({block}) (4:00)"
    text = _set(random, threshold_mps, by_time=shape == "time" or random.random() < 0.5)
    if shape == "two_sets":
        fast = _pace(threshold_mps * random.uniform(1.12, 1.2))
        text += f" + {int(random.integers(4, 9))} x 200 m @ {fast} (1:00)"
    return text


def _set(random: np.random.Generator, threshold_mps: float, *, by_time: bool) -> str:
    if by_time:
        size = float(random.choice(TIMES_S))
        seconds, label = size, _clock(size)
    else:
        size = float(random.choice(DISTANCES_M))
        seconds, label = size / (1.05 * threshold_mps), f"{size:.0f} m"
    pace = _pace(_speed(random, threshold_mps, seconds))
    most = int(np.clip(2700.0 / seconds, 3, 25))
    count = int(random.integers(min(3, most), most + 1))
    style = str(random.choice(["", "", " walk", " stand", " jog"]))
    return f"{count} x {label} @ {pace} ({_rest(random, seconds)}{style})"


def _speed(random: np.random.Generator, threshold_mps: float, seconds: float) -> float:
    usual = float(np.interp(np.log(seconds), np.log([30, 120, 360, 900]), [1.15, 1.08, 1.02, 0.99]))
    return threshold_mps * usual * float(random.uniform(0.97, 1.04))


def _rest(random: np.random.Generator, seconds: float) -> str:
    choices = [15, 30, 45, 60, 90, 120, 180]
    wanted = seconds * float(random.uniform(0.2, 1.2))
    return _clock(float(min(choices, key=lambda choice: abs(choice - wanted))))


def _pace(speed_mps: float) -> str:
    return f"{_clock(round(1000.0 / speed_mps))}/km"


def _clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"
