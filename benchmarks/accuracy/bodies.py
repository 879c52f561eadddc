"""Seasons of simulated bodies for ``thresholds.py``; nothing is shared with the shipped simulator.

A body has a one-hour speed, a curve of what it can hold for other times (a power law with an
exponent of its own), a threshold at .83 to .93 of a highest heart rate of 160 to 210, heart-rate
kinetics of two phases with a slow component above threshold and drift, days better and worse, and
habits: what it runs easily, and how much too fast or too slow it runs its reps. Sessions are
made as `Signal` and `Workout` with true reps, of which the package gathers its evidence: a
season of
twelve weeks takes a second and the figures are those of the thresholds, not of the detection.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from intervaldetect.records import (
    Activity,
    Floats,
    Label,
    Segment,
    SessionEvidence,
    Signal,
    Workout,
)
from intervaldetect.session_features.gather import session_evidence

Random = np.random.Generator
STEP_S = 3.0
WEEKS = 12
FIRST_DAY = datetime(2025, 1, 6, 6, tzinfo=UTC)
MISSED = 0.07
"""Share of workouts whose reps are not found."""


@dataclass(frozen=True, slots=True)
class Body:
    """Who runs; rates are shares of the highest, speeds of the one-hour speed."""

    hour_mps: float
    max_hr_bpm: float
    share: float
    slope: float
    exponent: float
    easy: float
    habit: float
    tau_s: float
    drift: float
    held: Callable[[Body, float], float]
    answer: Callable[[Body, Floats, float], Floats]


@dataclass(frozen=True, slots=True)
class Effort:
    """A piece of a session: seconds, speed over the one-hour speed, and whether it is a rep."""

    seconds: float
    speed: float
    rep: bool = False


@dataclass(frozen=True, slots=True)
class Done:
    """A session that was run: its evidence and the truth of its day."""

    evidence: SessionEvidence
    name: str
    hour_mps: float
    max_hr_bpm: float
    threshold_hr_bpm: float


@dataclass(frozen=True, slots=True)
class Habits:
    """What a kind of athlete does in a week, and what the recordings lack."""

    week: Callable[[Random, Body, int], list[tuple[float, str]]]
    habit: tuple[float, float] = (0.0, 0.012)
    hour_mps: tuple[float, float] = (2.9, 5.4)
    max_hr: tuple[float, float] = (165.0, 210.0)
    heart: bool = True
    indoors: float = 0.0
    heat: float = 0.0
    sees_hard: bool = True


# --- bodies and their answer to speed -------------------------------------------------------------


def draw(random: Random, habits: Habits) -> Body:
    """Draw a body of a kind of athlete."""
    return Body(
        hour_mps=float(np.exp(random.uniform(*np.log(habits.hour_mps)))),
        max_hr_bpm=float(np.clip(random.normal(np.mean(habits.max_hr), 10.0), *habits.max_hr)),
        share=float(random.uniform(0.83, 0.93)),
        slope=float(random.uniform(0.5, 0.8)),
        exponent=float(random.uniform(0.048, 0.08)),
        easy=float(random.uniform(0.68, 0.84)),
        habit=float(random.normal(*habits.habit)),
        tau_s=float(random.uniform(22.0, 42.0)),
        drift=float(random.uniform(0.0, 0.04)),
        held=all_out,
        answer=heart_rate,
    )


def all_out(body: Body, seconds: float) -> float:
    """Return the speed, over that of one hour, that can be held for some time."""
    return float((3600.0 / seconds) ** body.exponent)


def heart_rate(body: Body, speed: Floats, warm: float) -> Floats:
    """Return the share of the highest heart rate, sample by sample, for speeds over one hour's."""
    steady = body.share - 0.02 + body.slope * (speed - 1.0)
    steady = np.where(speed < 0.35, 0.42, np.maximum(steady, 0.5)) * warm
    slow = np.clip(0.02 * (speed - 0.7) / 0.3, 0.0, 0.02) + 0.6 * np.clip(speed - 1.01, 0.0, None)
    quick_on, quick_off = STEP_S / 8.0, STEP_S / 14.0
    main_on, main_off = STEP_S / body.tau_s, STEP_S / 55.0
    creep_on, creep_off = STEP_S / 210.0, STEP_S / 160.0
    late = int(12.0 / STEP_S)
    quick = main = 0.45
    creep, work = 0.0, 0.0
    out = []
    demands, slows = steady.tolist(), slow.tolist()
    for k, demand in enumerate(demands):
        quick += (quick_on if demand > quick else quick_off) * (demand - quick)
        then = demands[k - late] if k >= late else demand
        main += (main_on if then > main else main_off) * (then - main)
        creep += (creep_on if slows[k] > creep else creep_off) * (slows[k] - creep)
        work += STEP_S / 3600.0
        rate = 0.35 * quick + 0.65 * main + creep + body.drift * max(work - 0.3, 0.0)
        out.append(min(rate, 0.995))
    return np.array(out)


def run(
    random: Random, body: Body, efforts: Sequence[Effort], day: datetime, habits: Habits,
    *, found: bool = True, shape: str = "intervals",
) -> SessionEvidence:  # fmt: skip
    """Run a session and gather its evidence."""
    edges = np.concatenate(([0.0], np.cumsum([effort.seconds for effort in efforts])))
    n = int(edges[-1] / STEP_S)
    time = np.arange(n + 1) * STEP_S
    which = np.searchsorted(edges, time[:-1] + STEP_S / 2, side="right") - 1
    relative = np.array([effort.speed for effort in efforts])[np.minimum(which, len(efforts) - 1)]
    wave = np.repeat(random.normal(0.0, 0.012, n // 10 + 1), 10)[:n]
    relative = relative * (1.0 + np.where(relative > 0.35, wave, 0.0))
    hot = random.random() < habits.heat
    indoors = random.random() < habits.indoors
    day_rate = float(random.normal(1.0, 0.016)) * (1.025 if hot else 1.0)
    rate = body.max_hr_bpm * np.minimum(body.answer(body, relative, day_rate), 0.995)
    rate = np.round(rate + random.normal(0.0, 0.7, n))
    measured = random.normal(0.0, 0.03) if indoors else random.normal(0.002, 0.005)
    speed = relative * body.hour_mps * (1.0 + float(measured))
    if random.random() < 0.02:  # a strap that errs for a few seconds
        place = int(random.integers(0, max(n - 5, 1)))
        rate[place : place + 5] = 219.0
    segments = _segments(efforts, edges, speed, time, found)
    signal = _signal(time, speed, rate if habits.heart else np.full(n, np.nan))
    reps = any(segment.role == "rep" for segment in segments)
    workout = Workout(
        segments, shape=shape if reps else "steady",
        structured_probability=float(random.uniform(*((0.85, 0.99) if reps else (0.01, 0.3)))),
        sets=(),
    )  # fmt: skip
    activity = Activity(
        "", "", "fit", 1, "intact", day, {"time": time}, sport="running",
        sub_sport="treadmill" if indoors else None,
    )  # fmt: skip
    evidence = session_evidence(activity, signal, workout, temperature_c=28.0 if hot else 14.0)
    return replace(evidence, claimed=reps)


def _segments(
    efforts: Sequence[Effort], edges: Floats, speed: Floats, time: Floats, found: bool
) -> tuple[Segment, ...]:
    reps = [k for k, effort in enumerate(efforts) if effort.rep and found]
    if not reps:
        return (Segment("steady", 0.0, float(time[-1])),)
    out = [Segment("warmup", 0.0, float(edges[reps[0]]))] if reps[0] else []
    for rank, k in enumerate(reps, 1):
        a, b = float(edges[k]), float(edges[k + 1])
        inside = (time[:-1] >= a) & (time[:-1] < b)
        mean = float(speed[inside].mean())
        out.append(
            Segment("rep", a, b, distance_m=mean * (b - a), mean_speed_mps=mean, set=1, rep=rank)
        )
        last = rank == len(reps)
        until = float(time[-1]) if last else float(edges[reps[rank]])
        if until > b:
            out.append(Segment("cooldown" if last else "recovery", b, until, set=1, rep=rank))
    return tuple(out)


def _signal(time: Floats, speed: Floats, rate: Floats) -> Signal:
    n = speed.size
    nan, flat = np.full(n + 1, np.nan), np.zeros(n)
    rates = np.append(rate, rate[-1:])
    return Signal(
        time_s=time, speed_mps=speed, adjusted_speed_mps=speed, grade=flat,
        valid=np.ones(n, bool), paused=np.zeros(n, bool),
        distance_m=np.concatenate(([0.0], np.cumsum(speed * STEP_S))), altitude_m=nan,
        heart_rate_bpm=rates, cadence_spm=nan, power_w=nan, speed_source="distance",
        start_lag_s=0.0, end_lag_s=0.0,
    )  # fmt: skip


# Sessions of the runners the project is for, of which the corpus has few or none: count, metres,
# rest, and between which speeds.
TABLE: dict[str, tuple[int, float, float, float, float]] = {
    "threshold 25 x 400": (25, 400.0, 30.0, 1.03, 1.09),
    "threshold 15 x 1000": (15, 1000.0, 60.0, 0.99, 1.04),
    "threshold 10 x 1000": (10, 1000.0, 60.0, 0.99, 1.03),
    "threshold 6 x 500, long recoveries": (6, 500.0, 120.0, 1.0, 1.06),
    "threshold 5 x 800, long recoveries": (5, 800.0, 150.0, 0.98, 1.035),
    "vo2 6 x 500": (6, 500.0, 180.0, 1.12, 1.22),
    "vo2 6 x 700": (6, 700.0, 180.0, 1.10, 1.2),
    "vo2 6 x 800": (6, 800.0, 180.0, 1.09, 1.18),
}


# --- sessions -------------------------------------------------------------------------------------


def _workout(
    random: Random,
    body: Body,
    count: int,
    rep_s: float,
    speed: float,
    rest_s: float,
    jog: float = 0.6,
) -> list[Effort]:
    speed *= 1.0 + body.habit + float(random.normal(0.0, 0.01))
    out = [Effort(float(random.uniform(600, 1200)), body.easy)]
    for k in range(count):
        out.append(Effort(rep_s, speed * (1.0 + float(random.normal(0.0, 0.006))), True))
        out.append(Effort(rest_s, jog if k + 1 < count else body.easy))
    return [*out, Effort(float(random.uniform(300, 700)), body.easy)]


def _distance_s(body: Body, metres: float, speed: float) -> float:
    return metres / (speed * body.hour_mps)


def session(random: Random, body: Body, name: str) -> tuple[list[Effort], bool, str]:
    """Return the efforts of a session by name, whether its reps are found, and its shape."""
    found = random.random() >= MISSED
    if name == "easy":
        speed = body.easy * (1.0 + float(random.normal(0.0, 0.025)))
        return [Effort(float(random.uniform(1800, 4000)), speed)], False, "steady"
    if name == "long":
        return [Effort(float(random.uniform(5400, 7500)), body.easy * 0.99)], False, "steady"
    if name == "steady":
        return (
            [Effort(float(random.uniform(2400, 3600)), 0.5 * (body.easy + 0.95))],
            False,
            "steady",
        )
    if name.startswith("race"):
        return _race(random, body, float(name.split()[1]))
    if name == "tempo":
        minutes = float(random.choice([20, 25, 30, 40]))
        speed = float(np.interp(minutes, (20, 40), (1.0, 0.97)))
        return _workout(random, body, 1, 60 * minutes, speed, 60.0), found, "tempo"
    if name in TABLE:
        count, metres, rest, slow, fast = TABLE[name]
        speed = float(random.uniform(slow, fast))
        efforts = _workout(random, body, count, _distance_s(body, metres, speed), speed, rest, 0.5)
        return efforts, True, "intervals"
    if name == "vo2":
        usual = ((800, 150, 1.10), (1000, 150, 1.08), (400, 90, 1.14), (600, 120, 1.12))
        metres, rest, fast = usual[
            int(random.integers(4))]  # fmt: skip
        rep_s = _distance_s(body, metres, fast)
        count = int(np.clip(4500 / metres, 4, 12))
        return _workout(random, body, count, rep_s, fast, rest, 0.5), found, "intervals"
    # Threshold: reps of 1 to 10 min with short recoveries.
    rep_s, rest, count, speed = (
        (60.0, 30.0, 22, 1.05), (180.0, 60.0, 10, 1.025), (240.0, 60.0, 8, 1.015),
        (360.0, 60.0, 5, 1.0), (480.0, 90.0, 4, 0.995), (600.0, 120.0, 3, 0.985),
    )[int(random.integers(6))]  # fmt: skip
    return _workout(random, body, count, rep_s, speed, rest), found, "intervals"


def _race(random: Random, body: Body, metres: float) -> tuple[list[Effort], bool, str]:
    seconds = metres / body.hour_mps
    for _ in range(8):
        seconds = metres / (body.hour_mps * body.held(body, seconds))
    hard = float(random.choice([1.0, 0.99, 0.98, 0.93], p=[0.5, 0.25, 0.15, 0.1]))
    effort = Effort(seconds / hard, body.held(body, seconds) * hard, True)
    where = random.random()
    if where < 0.6:
        return [effort], False, "steady"
    around = [Effort(700.0, body.easy), effort, Effort(400.0, body.easy)]
    return around, where < 0.8, "tempo"


# --- kinds of athlete -----------------------------------------------------------------------------


def _week(*sessions: str, runs: int = 2) -> Callable[[Random, Body, int], list[tuple[float, str]]]:
    """Return a week of these sessions on days of their own, with easy runs between."""

    def plan(random: Random, _body: Body, _number: int) -> list[tuple[float, str]]:
        days = sorted(random.choice(7, size=min(len(sessions) + runs, 7), replace=False).tolist())
        order = random.permutation(len(days))
        return [
            (float(day), sessions[order[k]] if order[k] < len(sessions) else "easy")
            for k, day in enumerate(days)
        ]

    return plan


def _with_races(
    base: Callable[[Random, Body, int], list[tuple[float, str]]],
    every: int,
    metres: Sequence[float],
) -> Callable[[Random, Body, int], list[tuple[float, str]]]:
    def plan(random: Random, body: Body, number: int) -> list[tuple[float, str]]:
        week = base(random, body, number)
        if number % every == every - 1:
            week = [*week[:-1], (6.0, f"race {random.choice(metres):.0f}")]
        return week

    return plan


def _parkrun(random: Random, _body: Body, _number: int) -> list[tuple[float, str]]:
    week = [(float(day), "easy") for day in (0, 2, 3)]
    return [*week, (5.0, "race 5000" if random.random() < 0.75 else "easy")]


def _table(random: Random, _body: Body, _number: int) -> list[tuple[float, str]]:
    chosen = random.choice(list(TABLE), size=3, replace=False)
    week = [(float(day), str(name)) for day, name in zip((1, 3, 5), chosen, strict=True)]
    return [*week, (2.0, "easy"), (4.0, "easy"), (6.0, "long")]


def _doubles(_random: Random, _body: Body, _number: int) -> list[tuple[float, str]]:
    return [
        (1.0, "threshold"), (1.45, "threshold"), (2.0, "easy"), (3.0, "threshold"),
        (3.45, "threshold"), (4.0, "easy"), (5.0, "vo2"), (6.0, "long"),
    ]  # fmt: skip


MIXED = _week("vo2", "threshold", "long", runs=2)
THRESHOLDS = _week("threshold", "threshold", "threshold", "long", runs=2)
KINDS: dict[str, Habits] = {
    "mixed": Habits(_with_races(MIXED, 4, (5000.0, 10000.0))),
    "easy only": Habits(_week(runs=4), sees_hard=False),
    "singles": Habits(THRESHOLDS, habit=(-0.025, 0.012), hour_mps=(2.9, 4.4)),
    "double threshold": Habits(_doubles, hour_mps=(4.2, 5.6)),
    "parkrunner": Habits(_parkrun, hour_mps=(2.6, 4.2)),
    "masters": Habits(
        _with_races(MIXED, 4, (5000.0, 10000.0)), max_hr=(158.0, 176.0), hour_mps=(2.7, 4.2)
    ),
    "races only": Habits(_with_races(_week("long", runs=3), 3, (5000.0, 10000.0, 21097.5))),
    "cautious": Habits(_week("threshold", "vo2", runs=3), habit=(-0.04, 0.01)),
    "overcooking": Habits(_week("threshold", "threshold", "vo2", runs=2), habit=(0.035, 0.01)),
    "no heart rate": Habits(_with_races(MIXED, 4, (5000.0, 10000.0)), heart=False),
    "treadmill": Habits(MIXED, indoors=0.8),
    "tempo": Habits(_week("tempo", "steady", "long", runs=2)),
    "table": Habits(_table, hour_mps=(4.4, 5.6)),
    "hot summer": Habits(_with_races(MIXED, 6, (5000.0, 10000.0)), heat=0.5),
}  # fmt: skip


@dataclass(slots=True)
class Season:
    """Twelve weeks of one body, in time order; ``rise`` is how much fitter it became, and when."""

    kind: str
    seed: int
    done: list[Done] = field(default_factory=list)
    rise: float = 0.0
    rise_day: float | None = None


def season(
    kind: str,
    seed: int,
    *,
    rise: float = 0.0,
    rise_week: int = 8,
    drawn: Callable[[Random, Habits], Body] = draw,
) -> Season:
    """Run a season; with a rise, the body is that much fitter from the start of a week on."""
    habits = KINDS[kind]
    random = np.random.Generator(np.random.PCG64([seed, sum(map(ord, kind))]))
    body = drawn(random, habits)
    out = Season(kind, seed, rise=rise, rise_day=7.0 * rise_week if rise else None)
    for number in range(WEEKS):
        now = body
        if rise and number >= rise_week:
            now = replace(body, hour_mps=body.hour_mps * (1.0 + rise))
        for day, name in sorted(habits.week(random, now, number)):
            moment = FIRST_DAY + timedelta(
                days=7 * number + day, minutes=float(random.uniform(0, 60))
            )
            efforts, found, shape = session(random, now, name)
            evidence = run(random, now, efforts, moment, habits, found=found, shape=shape)
            out.done.append(
                Done(evidence, name, now.hour_mps, body.max_hr_bpm, body.max_hr_bpm * body.share)
            )
    return out


def label_of(done: Done) -> Label | None:
    """Return what a session was: reps and races by their purpose, None between two intensities."""
    name = done.name
    if name.startswith("race"):
        return "vo2" if float(name.split()[1]) / done.hour_mps < 1500.0 else "threshold"
    if name in ("easy", "long"):
        return "easy"
    if name == "steady":
        return None
    return "threshold" if name == "tempo" or name.startswith("threshold") else "vo2"
