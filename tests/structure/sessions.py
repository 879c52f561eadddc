"""The sessions that have to be read right: each as it is run, and as it has to be printed.

``TABLE`` holds the sessions that the project was made for, ``SHAPES`` every other shape of workout,
``NEGATIVES`` runs in which nothing is to be found. The suite runs a few seeds of each,
``benchmarks/accuracy/simulated.py`` many, at three noise levels.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from intervaldetect.notation import format_workout, parse_workout
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import Analysis, Format, Workout, WorkoutSet
from intervaldetect.simulate import (
    Athlete,
    Plan,
    SimulatedActivity,
    simulate,
    to_fit,
    to_gpx,
    to_tcx,
)
from intervaldetect.simulate.plan import Noise

WRITERS: dict[Format, Callable[[SimulatedActivity], bytes]] = {
    "fit": to_fit,
    "gpx": to_gpx,
    "tcx": to_tcx,
}
PACE = 0.01
"""How far the pace may be from what was run; that of a float, a stretch between ramps, twice."""
FARTLEK_F1 = 0.9

HOBBY = Athlete(threshold_speed_mps=4.3, rest_hr_bpm=52.0, max_hr_bpm=184.0, mass_kg=75.0)
SLOW = Athlete(threshold_speed_mps=2.5, rest_hr_bpm=62.0, max_hr_bpm=178.0, mass_kg=82.0)


@dataclass(frozen=True, slots=True)
class Session:
    """One row: ``text`` is what has to be printed, None where no planned efforts may be claimed."""

    name: str
    text: str | None
    plan: Plan
    formats: tuple[Format, ...] = ("fit", "gpx", "tcx")
    strap: bool = True

    def run(self, seed: int, noise: Noise = "typical") -> SimulatedActivity:
        """Simulate the row; without a strap nothing is known of the heart."""
        run = simulate(self.plan, seed=seed, noise=noise)
        if self.strap:
            return run
        unknown = np.full_like(run.columns["time"], np.nan)
        return replace(run, columns={**run.columns, "heart_rate": unknown})


def workout(text: str, name: str = "", *, strap: bool = True, **options: Any) -> Session:
    """Return a session that is run as its text says."""
    return Session(name or text, text, Plan(text, **options), strap=strap)


def without_reps(name: str, *, strap: bool = True, **options: Any) -> Session:
    """Return a run in which nothing is to be found."""
    return Session(name, None, Plan(**options), strap=strap)


TABLE: tuple[Session, ...] = (
    workout("6 x 500 m @ 1:15 (3:00 jog)"),
    workout("4 x 600 m @ 1:30 (3:00 jog)"),
    workout("6 x 600 m @ 1:30 (3:00 jog)"),
    workout("4 x 700 m @ 1:50 (3:00 jog)"),
    workout("6 x 700 m @ 1:50 (3:00 jog)"),
    workout("4 x 800 m @ 2:06 (3:00 jog)"),
    workout("4 x 800 m @ 2:02 (3:00 jog)"),
    workout("6 x 800 m @ 2:10 (3:00 jog)"),
    workout("6 x 800 m @ 2:05 (3:00 jog)"),
    workout("6 x 800 m @ 2:00 (3:00 jog)"),
    workout("15 x 1000 m @ 3:00 (1:00 jog)"),
    workout("10 x 1000 m @ 3:06 (1:00 jog)"),
    workout("4 x 6:00 @ 3:15/km (1:00 jog)"),
    workout("25 x 400 m @ 1:08 (0:30 stand)"),
    workout("10 mi @ 3:10/km"),
    workout("10000 m @ 3:08/km"),
    workout("5 x 6:00 @ 4:05/km (1:00 jog)", "singles, 6 min", athlete=HOBBY),
    workout("3 x 9:00 @ 4:08/km (1:00 jog)", "singles, 9 min", athlete=HOBBY),
    workout("10 x 3:00 @ 3:52/km (1:00 jog)", "singles, 3 min", athlete=HOBBY),
    workout("6 x 5:00 @ 3:56/km (1:00 jog)", "singles, 5 min", athlete=HOBBY),
    workout("14 x 2:00 @ 3:47/km (0:45 jog)", "singles, 2 min", athlete=HOBBY),
    workout("25 x 1:00 @ 3:41/km (0:30 jog)", "singles, 1 min", athlete=HOBBY),
    workout(
        "6 x 1000 m @ 3:06 (1:30 jog)", "jog, strides, first rep slower",
        warmup_s=300.0, strides=4, first_rep_slower=0.06,
    ),
)  # fmt: skip

# Their paces keep clear of sizes that are round in metres and in minutes, unlike the table.
SHAPES: tuple[Session, ...] = (
    workout("(1600 + 1200 + 800 + 400 + 200 m) @ 3:00/km (2:00 jog)", "ladder"),
    workout("(400 + 800 + 1200 + 800 + 400 m) @ 3:02/km (1:30 jog)", "pyramid"),
    workout(
        "(1:00 + 2:00 + 3:00 + 4:00 + 3:00 + 2:00 + 1:00) @ 3:05/km (1:00 jog)", "pyramid by time"
    ),
    workout("2 x (12 x 0:45 @ 2:58/km (0:15 jog)) (3:00)", "45/15"),
    workout("20 x 0:30 @ 2:50/km (0:30 jog)", "30/30"),
    workout("8 x 2:00 @ 3:02/km (2:00 float @ 3:25/km)", "over-under"),
    workout("10 x 400 m @ 1:12 (200 m float @ 3:35/km)", "float"),
    workout("6 x 1000 m @ 3:04 (1:30 jog)", "brisk jog", brisk_recovery=True),
    workout("8 x 600 m @ 1:48 (1:30 walk)", "walking recoveries"),
    workout("10 x 400 m @ 1:10 (1:00 stand)", "standing recoveries"),
    workout("6 x 3:00 @ 3:06/km (1:30 paused)", "watch paused"),
    workout("5 x 1000 m @ 3:05 (2:00 paused)", "watch paused, by distance"),
    workout("10 x 1:00 @ 3:00/km (1:30 jog)", "hills", hill_grade=0.08),
    Session("fartlek", None, Plan(run_type="fartlek")),
    workout(
        "6 x 5:00 @ 3:20/km (1:00 jog)", "treadmill", terrain="treadmill"
    ),
    workout("12 x 400 m @ 1:12 (1:00 jog)", "track", terrain="track"),
    workout("5 x 1000 m @ 3:05 (200 m jog)", "track, recovery by distance", terrain="track"),
    workout("10 x 1000 m @ 3:06 (1:00 jog)", "smart recording, 1 km", recording="smart"),
    workout("4 x 6:00 @ 3:15/km (1:00 jog)", "smart recording, 6 min", recording="smart"),
    workout("5 x 4:00 @ 6:50/km (2:00 walk)", "slow athlete", athlete=SLOW),
    workout("12 x 2:00 @ 7:10/km (1:00 walk)", "walk-run", athlete=SLOW, warmup_s=300.0,
            cooldown_s=300.0),
    workout("2 x (6 x 400 m @ 1:09 (1:00 jog)) (4:00)", "two blocks"),
    workout("3 x 10:00 @ 3:15/km (2:00 jog) + 8 x 200 m @ 0:34 (1:00 jog)", "two sets"),
    workout("5:00 @ 3:20/km + 5 x 1000 m @ 2:56 (2:00 jog)", "threshold piece in the warm-up"),
    workout("6 x 1000 m @ 3:06 (2:00 jog)", "no warm-up, no cool-down", warmup_s=0.0,
            cooldown_s=0.0),
    workout("6 x 800 m @ 2:26 (2:00 jog)", "lights and stops around", traffic_lights=True,
            timer_pauses=2),
    workout("2 x 20:00 @ 3:16/km (3:00 jog)", "tempo in two blocks"),
    workout("35:00 @ 3:15/km", "tempo by time"),
    workout("6 x 4:00 @ 3:10/km (1:30 jog)", "without heart rate", strap=False),
)  # fmt: skip
# A treadmill knows no positions, so there is no GPX of it.
SHAPES = tuple(
    replace(each, formats=("fit", "tcx")) if each.plan.terrain == "treadmill" else each
    for each in SHAPES
)

NEGATIVES: tuple[Session, ...] = (
    without_reps("easy", run_type="easy"),
    without_reps("recovery", run_type="recovery", recording="smart"),
    without_reps("long", run_type="long", timer_pauses=2),
    without_reps("hilly", run_type="hilly", terrain="hilly"),
    without_reps("steady", run_type="steady"),
    without_reps("progressive", run_type="progression"),
    without_reps("stop and go", run_type="stop_and_go"),
    without_reps("traffic lights", run_type="easy", traffic_lights=True),
    without_reps("traffic lights, long", run_type="long", traffic_lights=True, recording="smart"),
    without_reps("trail", run_type="trail", terrain="trail"),
    without_reps("slow and easy", run_type="easy", athlete=SLOW, terrain="rolling"),
    without_reps("strides only", run_type="strides"),
    without_reps("race", run_type="race"),
    without_reps("easy, without heart rate", run_type="easy", strap=False),
    without_reps("lights, without heart rate", run_type="easy", traffic_lights=True, strap=False),
)


def read_back(run: SimulatedActivity, form: Format) -> Analysis:
    """Write the run as a file and analyse that, deaf to its laps."""
    return analyse(read_activity(WRITERS[form](run), path=f"run.{form}"), laps="ignore")


def faults(session: Session, run: SimulatedActivity, workout: Workout) -> tuple[str, ...]:
    """Name what was read wrong: ``claimed``, ``sets``, ``count``, ``size``, ``recovery``, ``pace``.

    Count, basis, size and recovery are compared as printed, paces with what was really run.
    """
    found = [each for each in workout.segments if each.role == "rep"]
    if session.plan.run_type == "fartlek":
        spans = [(each.start_s, each.end_s) for each in found]
        return () if rep_f1(run.truth.reps, spans, 0.75) >= FARTLEK_F1 else ("efforts",)
    if session.text is None:
        # A fast race is one effort, as a tempo run is; its kind says which.
        race = session.plan.run_type == "race"
        claimed = len(found) > race or (workout.text is not None and not race)
        return ("claimed",) if claimed else ()
    if workout.text is None:
        return ("missed",)
    wanted, printed = parse_workout(session.text), parse_workout(workout.text)
    if len(wanted) != len(printed):
        return ("sets",)
    wrong: list[str] = []
    for plan, got in zip(wanted, printed, strict=True):
        if (plan.count, plan.blocks) != (got.count, got.blocks):
            wrong.append("count")
        elif _size(plan) != _size(got):
            wrong.append("size")
        if _recovery(plan) != _recovery(got):
            wrong.append("recovery")
    if sum(each.count for each in wanted) != len(found):
        wrong.append("count")
    if "count" not in wrong and not _paces_agree(run, wanted, workout.sets):
        wrong.append("pace")
    return tuple(dict.fromkeys(wrong))


def rep_f1(
    truth: Sequence[tuple[float, float]], found: Sequence[tuple[float, float]], iou: float
) -> float:
    """F1 of spans that share at least ``iou`` of their union."""
    hits = sum(
        any(min(b, d) - max(a, c) >= iou * (max(b, d) - min(a, c)) for c, d in found)
        for a, b in truth
    )
    return 2.0 * hits / (len(truth) + len(found)) if truth or found else 1.0


def _size(each: WorkoutSet) -> tuple[object, ...]:
    if each.rep_basis == "distance":
        return ("distance", each.rep_distance_m, each.rep_distances_m)
    return ("time", each.rep_duration_s, each.rep_durations_s)


def _recovery(each: WorkoutSet) -> str:
    """Return the part of the text behind the reps, without a float's pace."""
    blocks = min(each.blocks, 2)
    return format_workout(
        [
            WorkoutSet(
                2 * blocks,
                "time",
                rep_duration_s=60.0,
                recovery_basis=each.recovery_basis,
                recovery_s=each.recovery_s,
                recovery_distance_m=each.recovery_distance_m,
                recovery_style=each.recovery_style,
                block_recovery_s=each.block_recovery_s,
                blocks=blocks,
            )
        ]
    )


def _paces_agree(
    run: SimulatedActivity, wanted: Sequence[WorkoutSet], sets: Sequence[WorkoutSet]
) -> bool:
    """Whether the typical speed of every set, and of its floats, is what was run."""
    speed = _speeds(run, run.truth.reps)
    floats = _speeds(run, run.truth.recoveries)
    first = gap = 0
    for plan, got in zip(wanted, sets, strict=True):
        true = float(np.median(speed[first : first + plan.count]))
        if got.rep_speed_mps is None or abs(got.rep_speed_mps / true - 1.0) > PACE:
            return False
        if plan.recovery_style == "float":
            true = float(np.median(floats[gap : gap + plan.count - 1]))
            got_speed = got.recovery_speed_mps
            if got_speed is None or abs(got_speed / true - 1.0) > 2 * PACE:
                return False
        first += plan.count
        gap += plan.count - 1
    return True


def _speeds(run: SimulatedActivity, spans: Sequence[tuple[float, float]]) -> list[float]:
    """Mean true speed of each span; on a treadmill as its uncalibrated belt or pod shows it."""
    motion = run.motion
    shown = 1.0
    if run.sub_sport == "treadmill":
        end = run.elapsed_s
        true = float(np.interp(end - 1.0, motion.time_s, motion.distance_m))
        shown = float(run.columns["distance"][-1]) / true
    return [
        shown
        * float(np.diff(np.interp(span, motion.time_s, motion.distance_m))[0])
        / (span[1] - span[0])
        for span in spans
    ]
