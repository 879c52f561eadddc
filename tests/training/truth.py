"""Stores written from simulated truth: exact and quick, whatever detection and labels can do.

A plan is laid out by the simulator; every piece is then run at its speed to the second, and the
heart rate follows in closed form. The rest of the way into the store is the package's own.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from intervaldetect.job import ActivityResult, FileResult, Task
from intervaldetect.notation import format_workout
from intervaldetect.output.curves import views_of
from intervaldetect.output.summary import to_dict
from intervaldetect.read.archive import Source
from intervaldetect.records import (
    Activity,
    Analysis,
    Estimate,
    Floats,
    Label,
    Segment,
    Session,
    SessionLabel,
    Signal,
    Thresholds,
    Workout,
    WorkoutSet,
)
from intervaldetect.records.channels import NAMES
from intervaldetect.simulate import Athlete, Plan
from intervaldetect.simulate.body import _DEMAND, _RELATIVE_SPEED
from intervaldetect.simulate.pieces import pieces_of
from intervaldetect.simulate.plan import Piece
from intervaldetect.simulate.runs import RUN_TYPES
from intervaldetect.store import Store

GRID_S = 10.0
MAKER = "truth 1"
LABELS: tuple[Label, ...] = ("easy", "threshold", "vo2")
UPHILL_SHARE = 0.75
RESTS_ON = "9 sessions with reps"


@dataclass(frozen=True, slots=True)
class TrueRun:
    """A run as it was: when (local, aware), what, and what has to be made of it."""

    start: datetime
    plan: Plan
    athlete: str = "me"
    local_known: bool = True
    set_labels: tuple[Label | None, ...] | None = None
    family: str | None = None
    sport: str | None = "running"
    heart: bool = True
    day_hr: float = 0.0
    threshold_known: bool = True

    @property
    def label(self) -> Label | None:
        if self.plan.run_type == "workout":
            return self.plan.label
        return self.plan.label or RUN_TYPES[self.plan.run_type][1]


def write_runs(folder: Path, runs: Iterable[TrueRun]) -> list[Analysis]:
    """Write runs into a new or existing store, each as one file of its own."""
    made = []
    with Store.create(folder) as store:
        for number, run in enumerate(runs):
            analysis = analysis_of(run, number)
            made.append(analysis)
            store.put(result_of(analysis), MAKER)
    return made


def result_of(analysis: Analysis) -> FileResult:
    activity = analysis.activity
    source = Source(activity.path, 1000, 1.0, file=activity.path)
    judged = ActivityResult(to_dict(analysis), views_of(analysis.signal))
    return FileResult(Task(source, analysis.athlete), "read", activity.sha256, (judged,))


def analysis_of(run: TrueRun, seed: int, *, grid_s: float = GRID_S) -> Analysis:
    """Run a plan to the second and say of it exactly what it was."""
    pieces = pieces_of(run.plan, np.random.Generator(np.random.PCG64(seed)))
    lengths = [_seconds(piece) for piece in pieces]
    edges = np.concatenate(([0.0], np.cumsum(lengths)))
    signal = _signal(run, pieces, edges, grid_s)
    segments = tuple(_segments(run, pieces, edges, signal))
    offset = run.start.utcoffset()
    assert offset is not None
    start = run.start.astimezone(UTC)
    columns = {name: np.full(signal.time_s.size, np.nan) for name in NAMES}
    columns |= {"time": signal.time_s, "distance": signal.distance_m}
    path = f"/truth/{run.athlete}/{start:%Y%m%d%H%M%S}-{seed}.fit"
    activity = Activity(
        path=path,
        sha256=hashlib.sha256(path.encode()).hexdigest(),
        format="fit",
        part=1,
        integrity="intact",
        start_time=start,
        columns=columns,
        session=Session(distance_m=float(signal.distance_m[-1])),
        name=run.plan.name,
        sport=run.sport,
        utc_offset_s=offset.total_seconds() if run.local_known else None,
    )
    return Analysis(
        activity=activity,
        signal=signal,
        workout=_workout(run, segments),
        label=_label(run),
        thresholds=_thresholds(run),
        athlete=run.athlete,
        temperature_c=run.plan.temperature_c,
        heat_flag=None if run.plan.temperature_c is None else run.plan.temperature_c >= 25.0,
    )


def _seconds(piece: Piece) -> float:
    if piece.duration_s is not None:
        return piece.duration_s
    assert piece.distance_m is not None
    return piece.distance_m / _speed(piece)


def _flat(piece: Piece) -> float:
    last = piece.speed_mps if piece.end_speed_mps is None else piece.end_speed_mps
    return 0.5 * (piece.speed_mps + last)


def _speed(piece: Piece) -> float:
    return _flat(piece) * (UPHILL_SHARE if (piece.grade or 0.0) > 0.0 else 1.0)


def _signal(run: TrueRun, pieces: Sequence[Piece], edges: Floats, grid_s: float) -> Signal:
    time = np.unique(np.concatenate((np.arange(0.0, edges[-1], grid_s), edges)))
    which = np.clip(np.searchsorted(edges, time[:-1], "right") - 1, 0, len(pieces) - 1)
    speed = np.array([_speed(piece) for piece in pieces])[which]
    flat = np.array([_flat(piece) for piece in pieces])[which]
    heart = _heart_rate(run, pieces, edges, time)
    return Signal(
        time_s=time,
        speed_mps=speed,
        adjusted_speed_mps=flat,
        grade=np.zeros(speed.size),
        valid=np.ones(speed.size, dtype=np.bool_),
        paused=np.zeros(speed.size, dtype=np.bool_),
        distance_m=np.concatenate(([0.0], np.cumsum(speed * np.diff(time)))),
        altitude_m=np.full(time.size, np.nan),
        heart_rate_bpm=heart,
        cadence_spm=np.full(time.size, np.nan),
        power_w=np.full(time.size, np.nan),
        speed_source="distance",
        start_lag_s=0.0,
        end_lag_s=0.0,
    )


def _heart_rate(run: TrueRun, pieces: Sequence[Piece], edges: Floats, time: Floats) -> Floats:
    """Rise with 33 s, 8 s late, and fall with 100 s towards what the speed asks for."""
    if not run.heart:
        return np.full(time.size, np.nan)
    who = run.plan.athlete
    reserve = who.max_hr_bpm - who.rest_hr_bpm
    rate = np.empty(time.size)
    now, work = who.rest_hr_bpm + 0.32 * reserve, 0.0
    for piece, start, end in zip(pieces, edges[:-1], edges[1:], strict=True):
        relative = _flat(piece) / who.threshold_speed_mps
        work += max(relative - 0.55, 0.0) * (end - start)
        drift = 0.04 * (1.0 - math.exp(-work / 1200.0)) * (relative > 0.5)
        demand = float(np.interp(relative, _RELATIVE_SPEED, _DEMAND)) + drift
        target = (who.rest_hr_bpm + reserve * min(demand, 0.985)) * (1.0 + run.day_hr)
        tau, late = (33.0, 8.0) if target > now else (100.0, 0.0)
        inside = (time >= start) & (time <= end)
        gone = np.maximum(time[inside] - start - late, 0.0)
        rate[inside] = target + (now - target) * np.exp(-gone / tau)
        now = target + (now - target) * math.exp(-max(end - start - late, 0.0) / tau)
    return rate


def _segments(
    run: TrueRun, pieces: Sequence[Piece], edges: Floats, signal: Signal
) -> Iterable[Segment]:
    last: Segment | None = None
    for piece, start, end in zip(pieces, edges[:-1].tolist(), edges[1:].tolist(), strict=True):
        rate = np.interp(
            np.linspace(start, end, 20), signal.time_s, np.nan_to_num(signal.heart_rate_bpm)
        )
        made = Segment(
            piece.role,
            start,
            end,
            distance_m=(end - start) * _speed(piece),
            moving_s=0.0 if piece.paused else end - start,
            mean_speed_mps=_speed(piece),
            grade_adjusted_speed_mps=_flat(piece),
            mean_hr_bpm=float(rate.mean()) if run.heart else None,
            end_hr_bpm=float(rate[-1]) if run.heart else None,
            max_hr_bpm=float(rate.max()) if run.heart else None,
            set=piece.set,
            rep=piece.rep,
            source="plan",
        )
        if last is not None and last.role == made.role and made.set is None:
            last = replace(last, end_s=end, moving_s=end - last.start_s, end_hr_bpm=made.end_hr_bpm)
            continue
        if last is not None:
            yield last
        last = made
    if last is not None:
        yield last


def _workout(run: TrueRun, segments: tuple[Segment, ...]) -> Workout:
    sets = []
    for number, planned in enumerate(run.plan.sets(), 1):
        reps = [s for s in segments if s.role == "rep" and s.set == number]
        seconds = [rep.end_s - rep.start_s for rep in reps]
        rests = [s for s in segments if s.role == "recovery" and s.set == number]
        sets.append(
            replace(
                planned,
                rep_duration_s=planned.rep_duration_s or float(np.median(seconds)),
                rep_speed_mps=float(np.median([rep.mean_speed_mps or 0.0 for rep in reps])),
                recovery_s=float(np.median([s.end_s - s.start_s for s in rests]))
                if rests
                else None,
                canonical=True,
            )
        )
    shape = "intervals" if sets else "steady"
    if run.plan.kind in ("tempo", "hills"):
        shape = run.plan.kind
    return Workout(
        segments,
        tuple(sets),
        format_workout(run.plan.sets()) or None,
        shape,
        structured_probability=0.99 if sets else 0.01,
    )


def _label(run: TrueRun) -> SessionLabel:
    kind = run.plan.kind or (
        None if run.plan.run_type == "workout" else RUN_TYPES[run.plan.run_type][0]
    )
    each = run.set_labels or tuple(run.label for _ in run.plan.sets())
    return SessionLabel(
        run.label, kind, odds_of(run.label), tuple((label, odds_of(label)) for label in each)
    )


def odds_of(label: Label | None) -> dict[Label, float]:
    if label is None:
        return {"easy": 0.02, "threshold": 0.5, "vo2": 0.48}
    return {name: 0.96 if name == label else 0.02 for name in LABELS}


def _thresholds(run: TrueRun) -> Thresholds:
    who = run.plan.athlete
    if not run.threshold_known:
        return Thresholds()
    speed = who.threshold_speed_mps
    heart = (
        (
            Estimate(0.875 * who.max_hr_bpm, 2.0, "history", rests_on=RESTS_ON),
            Estimate(who.max_hr_bpm, 2.0, "history"),
        )
        if run.heart
        else (None, None)
    )
    return Thresholds(Estimate(speed, 0.012 * speed, "history", rests_on=RESTS_ON), *heart)


def true_sets(run: TrueRun) -> tuple[WorkoutSet, ...]:
    return run.plan.sets()


def athlete_at(speed: float) -> Athlete:
    return Athlete(threshold_speed_mps=speed, rest_hr_bpm=46.0, max_hr_bpm=192.0)
