"""Simulated athletes who train: sessions of known intensity, in histories of known fitness.

Used by ``labels.py`` to fit and to test. Every session follows from the athlete's seed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from intervaldetect.pipeline import analyse
from intervaldetect.records import Activity, Kind, Label, SessionEvidence
from intervaldetect.simulate import Athlete, Plan, simulate
from intervaldetect.structure import Model

Random = np.random.Generator
FIRST_DAY = datetime(2025, 3, 3, 6, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Trained:
    """One simulated session: its evidence, what it was, and the true threshold speed of the day."""

    evidence: SessionEvidence
    kind: Kind | None
    label: Label | None
    threshold_mps: float
    max_hr_bpm: float
    name: str


def evidence_of(activity: Activity, model: Model | None = None) -> SessionEvidence:
    """Analyse an activity, laps hidden, with what was given or what ships."""
    found = analyse(activity, laps="ignore", model=model).evidence
    assert found is not None
    return found


def pace(speed_mps: float) -> str:
    """Return a speed as runners write it."""
    seconds = round(1000.0 / speed_mps)
    return f"{seconds // 60}:{seconds % 60:02d}/km"


def clock(seconds: float) -> str:
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def draw_athlete(random: Random) -> Athlete:
    highest = float(random.normal(189.0, 8.0))
    return Athlete(
        threshold_speed_mps=float(np.exp(random.uniform(np.log(2.8), np.log(5.7)))),
        rest_hr_bpm=float(random.normal(50.0, 6.0)),
        max_hr_bpm=round(min(max(highest, 165.0), 212.0)),
    )


# --- sessions, each a draw: plan options, kind, label ---------------------------------------------

Session = tuple[dict[str, Any], Kind | None, Label | None]
Draw = Callable[[Random, Athlete], Session]


def _reps(
    random: Random, athlete: Athlete, count: tuple[int, int], size: str, relative: float, rest: str
) -> str:
    speed = athlete.threshold_speed_mps * relative * float(random.normal(1.0, 0.012))
    return f"{random.integers(count[0], count[1] + 1)} x {size} @ {pace(speed)} ({rest})"


def threshold_long(random: Random, athlete: Athlete) -> Session:
    minutes = int(random.choice([5, 6, 7, 8, 10, 12]))
    count = max(3, round(float(random.uniform(24, 42)) / minutes))
    rest = clock(float(random.choice([60, 75, 90, 120] if minutes < 10 else [90, 120, 150])))
    relative = float(np.interp(minutes, (5, 12), (1.005, 0.975)) - random.uniform(0.0, 0.04))
    text = _reps(random, athlete, (count, count), f"{minutes}:00", relative, f"{rest} jog")
    return {"workout": text}, "threshold_intervals", "threshold"


def threshold_middle(random: Random, athlete: Athlete) -> Session:
    if random.random() < 0.5:
        size, counts = f"{random.choice([3, 4])}:00", (7, 12)
    else:
        size, counts = "1000 m", (5, 15)
    rest = clock(float(random.choice([45, 60, 60, 75, 90])))
    relative = float(random.uniform(0.985, 1.03))
    text = _reps(random, athlete, counts, size, relative, f"{rest} jog")
    return {"workout": text}, "threshold_intervals", "threshold"


def threshold_short(random: Random, athlete: Athlete) -> Session:
    style = int(random.choice([0, 0, 1, 2, 3]))
    size, rest, counts, slowest, fastest = (
        ("400 m", "0:30 stand", (15, 25), 1.02, 1.09),
        ("1:00", "0:30 jog", (15, 25), 1.02, 1.08),
        ("0:45", "0:15 stand", (24, 40), 1.03, 1.09),
        ("2:00", "0:45 jog", (9, 15), 1.01, 1.05),
    )[style]
    text = _reps(random, athlete, counts, size, float(random.uniform(slowest, fastest)), rest)
    return {"workout": text}, "threshold_intervals", "threshold"


def tempo(random: Random, athlete: Athlete) -> Session:
    minutes = int(random.choice([20, 25, 30, 35, 45, 55]))
    relative = float(np.interp(minutes, (20, 55), (1.0, 0.965))) * float(random.normal(1.0, 0.01))
    text = f"{minutes}:00 @ {pace(athlete.threshold_speed_mps * relative)}"
    if minutes <= 25 and random.random() < 0.4:
        text = f"2 x {text} (3:00 jog)"
    return {"workout": text}, "tempo", "threshold"


def vo2_long(random: Random, athlete: Athlete) -> Session:
    size = str(random.choice(["3:00", "4:00", "800 m", "1000 m", "1200 m"]))
    rest = clock(float(random.choice([120, 150, 180])))
    text = _reps(random, athlete, (4, 7), size, 1.09, f"{rest} jog")
    return {"workout": text}, "vo2_intervals", "vo2"


def vo2_short(random: Random, athlete: Athlete) -> Session:
    size = str(random.choice(["400 m", "500 m", "600 m", "1:30", "2:00"]))
    rest = clock(float(random.choice([90, 120, 180])))
    text = _reps(random, athlete, (6, 12), size, 1.14, f"{rest} jog")
    return {"workout": text}, "vo2_intervals", "vo2"


def series(random: Random, athlete: Athlete) -> Session:
    size = str(random.choice(["500 m", "600 m", "700 m", "800 m"]))
    relative = float(random.uniform(1.10, 1.22))
    text = _reps(random, athlete, (4, 6), size, relative, "3:00 jog")
    return {"workout": text}, "vo2_intervals", "vo2"


def speed(random: Random, athlete: Athlete) -> Session:
    size = str(random.choice(["200 m", "300 m", "0:30"]))
    rest = str(random.choice(["1:30 walk", "2:00 walk", "200 m jog"]))
    text = _reps(random, athlete, (8, 12), size, 1.30, rest)
    return {"workout": text}, "speed", "vo2"


def hills(random: Random, _: Athlete) -> Session:
    text = f"{random.integers(8, 13)} x {random.choice(['0:45', '1:00', '1:30'])} (1:45 jog)"
    return {"workout": text, "hill_grade": float(random.uniform(0.05, 0.09))}, "hills", "vo2"


def mixed(random: Random, athlete: Athlete) -> Session:
    block = _reps(random, athlete, (2, 3), "10:00", 0.985, "2:00 jog")
    quick = _reps(random, athlete, (6, 8), "200 m", 1.25, "1:00 walk")
    return {"workout": f"{block} + {quick}"}, "mixed", "threshold"


def race(random: Random, athlete: Athlete) -> Session:
    """Race without warm-up in the file: 5 km is run above threshold, what is longer is not."""
    kilometres, relative = ((5.0, 1.055), (10.0, 1.005), (15.0, 0.99), (21.1, 0.965))[
        int(random.choice(4, p=[0.4, 0.3, 0.15, 0.15]))
    ]
    speed = athlete.threshold_speed_mps * relative * float(random.normal(1.0, 0.008))
    vo2 = kilometres * 1000.0 / speed < 1500.0
    plan = {"workout": f"{1000 * kilometres:.0f} m @ {pace(speed)}", "warmup_s": 0.0}
    plan |= {"cooldown_s": 0.0, "strides": 0}
    return plan, "race", "vo2" if vo2 else "threshold"


def run(run_type: str, low_min: float, high_min: float, label: Label | None = "easy") -> Draw:
    def draw(random: Random, athlete: Athlete) -> Session:
        minutes = float(random.uniform(low_min, high_min))
        easy = athlete.threshold_speed_mps * float(random.normal(0.75, 0.03))
        plan: dict[str, Any] = {
            "run_type": run_type, "duration_s": 60.0 * minutes, "easy_speed_mps": easy,
            "terrain": str(random.choice(["flat", "rolling"])),
        }  # fmt: skip
        if run_type in ("hilly", "trail"):
            plan["terrain"] = run_type
        if run_type == "strides":
            plan["strides"] = int(random.integers(4, 9))
        kind: Any = {"hilly": "easy", "trail": "easy", "stop_and_go": "easy"}.get(
            run_type, run_type
        )
        return plan, kind, label

    return draw


easy, recovery, long = run("easy", 30, 65), run("recovery", 25, 40), run("long", 90, 125)
strides, hilly, stop_and_go = (
    run("strides", 35, 50),
    run("hilly", 40, 70),
    run("stop_and_go", 30, 50),
)
steady, progression = run("steady", 35, 60, None), run("progression", 40, 65, None)
fartlek = run("fartlek", 30, 45, None)

HARD: dict[str, tuple[Draw, float]] = {
    "threshold, 5-12 min": (threshold_long, 3.0),
    "threshold, 3-4 min and 1 km": (threshold_middle, 3.0),
    "threshold, 45 s to 2 min": (threshold_short, 2.5),
    "tempo": (tempo, 2.0),
    "VO2, 800 m to 4 min": (vo2_long, 2.0),
    "VO2, 400 m to 2 min": (vo2_short, 1.5),
    "VO2, 500 to 800 m series": (series, 1.5),
    "speed": (speed, 0.7),
    "hills": (hills, 0.7),
    "mixed": (mixed, 0.8),
    "fartlek": (fartlek, 0.4),
    "progression": (progression, 0.5),
    "race": (race, 0.5),
}
EASY: dict[str, tuple[Draw, float]] = {
    "easy": (easy, 4.0),
    "recovery": (recovery, 1.5),
    "strides": (strides, 1.5),
    "hilly": (hilly, 0.7),
    "stop and go": (stop_and_go, 0.7),
    "steady": (steady, 0.6),
}


SETTLED = {name: HARD[name] for name in HARD if name.startswith(("threshold", "tempo", "VO2"))}


def choose(table: dict[str, tuple[Draw, float]], random: Random) -> str:
    weights = np.array([weight for _, weight in table.values()])
    return str(random.choice(list(table), p=weights / weights.sum()))


def train(
    random: Random, athlete: Athlete, name: str, day: datetime, *, noise: str = "typical"
) -> Trained:
    """Run and analyse one session of a table above."""
    draw = {**HARD, **EASY, "long": (long, 1.0)}[name][0]
    options, kind, label = draw(random, athlete)
    usual = {
        "recording": "smart" if random.random() < 0.3 else "every_second",
        "strides": int(random.choice([0, 0, 4])),
        "warmup_s": float(random.uniform(600, 1300)),
        "cooldown_s": float(random.choice([0.0, 300.0, 600.0])),
        "first_rep_slower": float(random.choice([0.0, 0.0, 0.02])),
        "temperature_c": float(random.normal(13.0, 6.0)),
    }
    plan = Plan(athlete=athlete, start_time=day, kind=kind, label=label, **{**usual, **options})
    activity = simulate(plan, seed=int(random.integers(2**31)), noise=noise).to_activity()
    # People do not have the same heart rate on every day (about 2 %).
    rate = activity.columns["heart_rate"] * float(random.normal(1.0, 0.012))
    activity = replace(activity, columns={**activity.columns, "heart_rate": np.round(rate)})
    evidence = evidence_of(activity)
    return Trained(evidence, kind, label, athlete.threshold_speed_mps, athlete.max_hr_bpm, name)


def season(
    seed: int, *, days: int = 60, hard_a_week: int = 3, gain: float = 0.0, after: int = 0
) -> Iterator[Trained]:
    """Yield an athlete's mixed training; then, ``gain`` fitter, ``after`` further hard sessions."""
    random = np.random.Generator(np.random.PCG64(seed))
    athlete = draw_athlete(random)
    hard_days = sorted(random.choice([1, 2, 3, 4, 5], size=hard_a_week, replace=False).tolist())
    for number in range(days):
        weekday = number % 7
        day = FIRST_DAY + timedelta(days=number, minutes=float(random.uniform(0, 600)))
        if weekday in hard_days:
            yield train(random, athlete, choose(HARD, random), day)
        elif weekday == 6:
            yield train(random, athlete, "long", day)
        elif random.random() < 0.6:
            yield train(random, athlete, choose(EASY, random), day)
    fitter = replace(athlete, threshold_speed_mps=athlete.threshold_speed_mps * (1.0 + gain))
    for number in range(after):
        day = FIRST_DAY + timedelta(days=days + 3 * number)
        yield train(random, fitter, choose(SETTLED, random), day)


def table_season(seed: int) -> Iterator[Trained]:
    """Yield sessions of the table among easy runs, of athletes near those it means."""
    from tests.label.table import ATHLETES, expected, in_turn, rows_of  # noqa: PLC0415
    from tests.label.table import EASY as EASY_RUNS  # noqa: PLC0415 (the suite's own table)

    random = np.random.Generator(np.random.PCG64(seed))
    meant = ATHLETES[seed % len(ATHLETES)]
    athlete = replace(
        meant,
        threshold_speed_mps=meant.threshold_speed_mps * float(random.normal(1.0, 0.01)),
        rest_hr_bpm=float(random.normal(50.0, 6.0)),
        max_hr_bpm=round(float(random.normal(189.0, 8.0))),
    )
    rows = rows_of(meant)
    kept = [rows[k] for k in random.permutation(len(rows))[: random.integers(3, len(rows) + 1)]]
    for day, session, plan in in_turn(athlete, kept, EASY_RUNS):
        plan = replace(plan, recording="smart" if random.random() < 0.3 else "every_second")
        noise = str(random.choice(["low", "typical", "high"]))
        run = simulate(plan, seed=int(random.integers(2**31)), noise=noise)  # type: ignore[arg-type]
        label, kind = expected(session) if session else ("easy", None)
        name = f"table: {session.name}" if session else "table: easy"
        evidence = replace(
            evidence_of(run.to_activity()), start_time=FIRST_DAY + timedelta(days=day)
        )
        yield Trained(evidence, kind, label, athlete.threshold_speed_mps, athlete.max_hr_bpm, name)
