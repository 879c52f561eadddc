"""Verdicts of `control` on simulated runners whose threshold is known.

    python -m benchmarks.accuracy.verdicts --reps FILE [--bodies 2] [--others 8]

Two simulators run reps: the bodies of ``bodies.py``, twelve weeks each, and athletes of
``intervaldetect.simulate`` with the noise of a watch, eight weeks each. Reps are the true ones, so
that the verdicts are measured and not the detection; thresholds are what the package estimates from
the history. The truth of a rep is its own speed over the one-hour speed. Reps are kept in FILE, or
taken from it. Prints the calibration of the verdicts and how many were surely wrong.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.accuracy import bodies
from benchmarks.accuracy import simulated_training as trained
from intervaldetect.athlete import thresholds_over_time
from intervaldetect.clean import clean_activity
from intervaldetect.records import Estimate, Segment, SessionEvidence, Workout
from intervaldetect.session_features.gather import session_evidence
from intervaldetect.simulate import Plan, simulate
from intervaldetect.training.ceiling import AT, ceiling_factor, with_verdicts
from intervaldetect.training.history import settled_heart_rate

Row = dict[str, Any]
Run = tuple[SessionEvidence, list[float], str]
"""Evidence of a run, true speed of each of its reps over the one-hour speed, and its name."""

SURE, BINS = 0.9, 10
OTHER_DAYS = 56


def runs_of_body(kind: str, seed: int) -> Iterator[Run]:
    """Yield the runs of twelve weeks of a body."""
    habits = bodies.KINDS[kind]
    random = np.random.Generator(np.random.PCG64([seed, sum(map(ord, kind))]))
    body = bodies.draw(random, habits)
    for week in range(bodies.WEEKS):
        for day, name in sorted(habits.week(random, body, week)):
            moment = bodies.FIRST_DAY + timedelta(days=7 * week + day)
            efforts, found, shape = bodies.session(random, body, name)
            evidence = bodies.run(random, body, efforts, moment, habits, found=found, shape=shape)
            yield evidence, [effort.speed for effort in efforts if effort.rep], name


def runs_of_athlete(seed: int) -> Iterator[Run]:
    """Yield the runs of eight weeks of an athlete of the shipped simulator."""
    random = np.random.Generator(np.random.PCG64([seed, 77]))
    athlete = trained.draw_athlete(random)
    tables = {**trained.HARD, **trained.EASY, "long": (trained.long, 1.0)}
    for number in range(OTHER_DAYS):
        weekday = number % 7
        table = {1: trained.HARD, 3: trained.HARD, 5: trained.HARD}.get(weekday, trained.EASY)
        if weekday in (0, 4):
            continue
        name = "long" if weekday == 6 else trained.choose(table, random)
        options, _, _ = tables[name][0](random, athlete)
        moment = trained.FIRST_DAY + timedelta(days=number)
        plan = Plan(athlete=athlete, start_time=moment, recording="smart", **options)
        run = simulate(plan, seed=int(random.integers(2**31)), noise="typical")
        activity = run.to_activity()
        rate = activity.columns["heart_rate"] * float(random.normal(1.0, 0.012))
        activity = replace(activity, columns={**activity.columns, "heart_rate": np.round(rate)})
        signal = clean_activity(activity)
        segments = tuple(_measured(segment, signal) for segment in run.truth.segments)
        reps = [segment for segment in segments if segment.role == "rep"]
        workout = Workout(
            segments,
            shape="intervals" if reps else "steady",
            structured_probability=0.95 if reps else 0.05,
        )
        evidence = session_evidence(activity, signal, workout, temperature_c=14.0)
        motion = run.motion
        true = [_over(motion, rep) / athlete.threshold_speed_mps for rep in reps]
        yield replace(evidence, claimed=bool(reps)), true, name


def _measured(segment: Segment, signal: Any) -> Segment:
    """Return a segment with distance and speed as recorded."""
    if segment.role != "rep":
        return segment
    start, end = np.interp((segment.start_s, segment.end_s), signal.time_s, signal.distance_m)
    metres = float(end - start)
    speed = metres / (segment.end_s - segment.start_s)
    return replace(segment, distance_m=metres, mean_speed_mps=speed)


def _over(motion: Any, rep: Segment) -> float:
    """Return the true speed of a rep in m/s, the same effort on the flat."""
    inside = (motion.time_s >= rep.start_s) & (motion.time_s < rep.end_s)
    return float(motion.effort_mps[inside[: motion.effort_mps.size]].mean())


def reps_of(runs: Sequence[Run], kind: str, seed: int) -> Iterator[Row]:
    """Yield the reps of a history with what is known of the athlete at each."""
    dated = thresholds_over_time([evidence for evidence, _, _ in runs])
    for number, ((evidence, true, name), state) in enumerate(zip(runs, dated, strict=True)):
        known = state.thresholds
        if len(evidence.reps) != len(true):
            continue  # a workout whose reps were missed
        for rep, speed in zip(evidence.reps, true, strict=True):
            yield {
                "kind": kind, "seed": seed, "session": number, "name": name, "true": speed,
                "seconds": rep.duration_s, "adjusted_speed_mps": rep.speed_mps,
                "start_hr_bpm": rep.start_hr_bpm, "end_hr_bpm": rep.end_hr_bpm,
                "indoors": evidence.treadmill,
                "heat_flag": (evidence.temperature_c or 0.0) >= 25.0,
                **_known("speed", known.threshold_speed_mps),
                **_known("hr", known.threshold_hr_bpm),
            }  # fmt: skip


def _known(name: str, estimate: Estimate | None) -> Row:
    if estimate is None or estimate.rests_on is None:
        return {f"ceiling_{name}": None, f"ceiling_{name}_error": None}
    return {
        f"ceiling_{name}": estimate.value,
        f"ceiling_{name}_error": estimate.standard_error / estimate.value,
    }


def made(bodies_each: int, others: int) -> pl.DataFrame:
    """Simulate the histories and return all reps."""
    rows: list[Row] = []
    for seed in range(bodies_each):
        for kind, habits in bodies.KINDS.items():
            if habits.sees_hard:
                rows += reps_of(list(runs_of_body(kind, 500 + seed)), kind, seed)
    for seed in range(others):
        rows += reps_of(list(runs_of_athlete(900 + seed)), "other simulator", seed)
    return pl.DataFrame(rows, infer_schema_length=None)


def judged(reps: pl.DataFrame) -> pl.DataFrame:
    """Return reps with their verdict and the true one; those without a verdict are left out."""
    frame = with_verdicts(reps.with_columns(settled_hr_bpm=settled_heart_rate()))
    over = (pl.col("true") / ceiling_factor()).log()
    truth = pl.when(over > AT).then(pl.lit("over")).when(over < -AT).then(pl.lit("under"))
    return frame.with_columns(
        truth=truth.otherwise(pl.lit("at")), said=pl.max_horizontal("p_under", "p_at", "p_over")
    ).filter(pl.col("verdict").is_not_null())


def calibration(said: pl.Series, happened: pl.Series) -> float:
    """Return the expected calibration error over ten bins."""
    bins = pl.DataFrame({"said": said, "happened": happened.cast(pl.Float64)}).group_by(
        (pl.col("said") * BINS).floor().clip(0, BINS - 1).alias("bin")
    )
    gaps = bins.agg(pl.len(), gap=(pl.col("said").mean() - pl.col("happened").mean()).abs())
    return float((gaps["len"] * gaps["gap"]).sum() / said.len())


def _share(chosen: pl.Series) -> float:
    return float(chosen.sum()) / chosen.len()


def told(name: str, reps: pl.DataFrame) -> str:
    """Return the figures of some reps as a line."""
    right = reps["verdict"] == reps["truth"]
    sure = reps["said"] > SURE
    return (
        f"{name:<28} reps {reps.height:6d}  right {_share(right):.2f}"
        f"  ECE {calibration(reps['said'], right):.3f}"
        f"  ECE of over {calibration(reps['p_over'], reps['truth'] == 'over'):.3f}"
        f"  surely wrong {_share(sure & ~right):.3f}  sure {_share(sure):.2f}"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reps", type=Path, required=True)
    parser.add_argument("--bodies", type=int, default=2)
    parser.add_argument("--others", type=int, default=8)
    options = parser.parse_args()
    if not options.reps.is_file():
        made(options.bodies, options.others).write_parquet(options.reps)
    raw = pl.read_parquet(options.reps)
    reps = judged(raw)
    print(f"{raw.height} reps of {raw.select('kind', 'seed').n_unique()} histories")
    print(told("all", reps))
    other = pl.col("kind") == "other simulator"
    for name, chosen in (
        ("bodies", ~other), ("the shipped simulator", other),
        ("up to 3 min", pl.col("seconds") <= 180.0),
        ("3 to 6 min", pl.col("seconds").is_between(180.0, 360.0, closed="none")),
        ("6 min and more", pl.col("seconds") >= 360.0),
    ):  # fmt: skip
        part = reps.filter(chosen)
        if part.height:
            print(told(name, part))


if __name__ == "__main__":
    main()
