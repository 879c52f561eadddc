"""The simulated activity: columns, laps and truth; and how it is put together."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from types import MappingProxyType
from typing import Any

import numpy as np

from intervaldetect.errors import ParameterError
from intervaldetect.notation import format_workout
from intervaldetect.records import (
    Activity,
    Event,
    Floats,
    Kind,
    Label,
    Lap,
    Pause,
    Segment,
    Session,
    WorkoutSet,
    WorkoutStep,
)  # fmt: skip
from intervaldetect.records.channels import NAMES
from intervaldetect.simulate import laps as lap_maker
from intervaldetect.simulate.body import Motion, heart_rate, move
from intervaldetect.simulate.device import NOISE, columns_of, kept_samples, pause_spans
from intervaldetect.simulate.pieces import pieces_of
from intervaldetect.simulate.plan import Noise, Piece, Plan
from intervaldetect.simulate.runs import RUN_TYPES

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Truth:
    """What was really run. Edges are in elapsed seconds, half-open, at the true change of effort.

    ``reps`` and ``recoveries`` are in time order; ``strides`` are not reps. ``structured`` is None
    where it is a matter of taste (a fartlek). ``text`` is the workout as printed, None without.
    """

    reps: tuple[Span, ...]
    recoveries: tuple[Span, ...]
    strides: tuple[Span, ...]
    segments: tuple[Segment, ...]
    sets: tuple[WorkoutSet, ...]
    structured: bool | None
    kind: Kind | None
    label: Label | None
    text: str | None

    def to_row(self, file: str, athlete: str = "me") -> dict[str, Any]:
        """Return the row of a truth file, one JSON object per activity."""
        main = max(self.sets, key=lambda each: each.count, default=None)
        first = 0
        for each in self.sets:
            if each is main:
                break
            first += each.count
        return {
            "file": file,
            "athlete": athlete,
            "sport": "running",
            "reps": [[round(a, 2), round(b, 2)] for a, b in self.reps] or None,
            "ignore": [[round(a, 2), round(b, 2)] for a, b in self.strides],
            "main_reps": list(range(first, first + main.count)) if main else None,
            "main_count": main.count if main else None,
            "structured": self.structured,
            "kind": self.kind,
            "label": self.label,
            "workout": self.text,
        }


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedActivity:
    """A simulated recording and its truth.

    ``columns`` are those of ``columns.NAMES`` as a watch stores them: rounded, late, noisy, holes
    where the timer stood. Unlike a reader's they are exact, so a file read back has to equal them.
    """

    columns: dict[str, Floats]
    laps: tuple[Lap, ...]
    pauses: tuple[Pause, ...]
    steps: tuple[WorkoutStep, ...]
    start_time: datetime
    utc_offset_s: float | None
    sport: str
    sub_sport: str | None
    name: str | None
    truth: Truth
    motion: Motion

    @property
    def elapsed_s(self) -> float:
        """Last sample minus first."""
        return float(self.columns["time"][-1])

    @property
    def timer_s(self) -> float:
        """Elapsed time without pauses."""
        return self.elapsed_s - sum(pause.end_s - pause.start_s for pause in self.pauses)

    def to_activity(self) -> Activity:
        """Return the record a reader would make of it, for stages that need no file."""
        digest = hashlib.sha256(b"".join(self.columns[name].tobytes() for name in NAMES))
        events = [Event(0.0, "timer", "start")]
        for pause in self.pauses:
            events.append(Event(pause.start_s, "timer", "stop_all"))
            events.append(Event(pause.end_s, "timer", "start"))
        events.append(Event(self.elapsed_s, "timer", "stop_all"))
        return Activity(
            path="simulated",
            sha256=digest.hexdigest(),
            format="fit",
            part=1,
            integrity="intact",
            start_time=self.start_time,
            columns=MappingProxyType(self.columns),
            laps=self.laps,
            pauses=self.pauses,
            steps=self.steps,
            events=tuple(events),
            session=Session(
                timer_s=self.timer_s,
                elapsed_s=self.elapsed_s,
                distance_m=float(self.columns["distance"][-1]),
            ),
            name=self.name,
            sport=self.sport,
            sub_sport=self.sub_sport,
            utc_offset_s=self.utc_offset_s,
        )


def simulate(plan: Plan, *, seed: int, noise: Noise = "typical") -> SimulatedActivity:
    """Run a plan and record it.

    Parameters
    ----------
    plan : Plan
        What is to be run, by whom, where and with which device settings.
    seed : int
        The same plan, seed and noise give the same activity, bit for bit.
    noise : {"none", "low", "typical", "high"}
        Errors of the device and unevenness of the runner; ``typical`` is fitted to real files.

    Returns
    -------
    SimulatedActivity

    Raises
    ------
    NotationError
        The workout text cannot be read.
    ParameterError
        ``noise`` is unknown, or the plan has no workout for run type ``workout``.

    Examples
    --------
    >>> run = simulate(Plan("6 x 800 m @ 2:10 (3:00 jog)"), seed=1)
    >>> len(run.truth.reps), run.truth.text
    (6, '6 x 800 m @ 2:10 (3:00 jog)')
    """
    if noise not in NOISE:
        raise ParameterError("noise", noise, f"one of {', '.join(NOISE)}")
    random = np.random.Generator(np.random.PCG64(seed))
    pieces = pieces_of(plan, random)
    motion = move(pieces, plan.terrain, random, wander=NOISE[noise].wander)
    heat = max(0.0, ((plan.temperature_c or 15.0) - 15.0) / 15.0)
    beat = heart_rate(motion, plan.athlete, heat=heat)
    spans = pause_spans(pieces, motion.edges_s)
    paused = np.zeros(motion.time_s.size, dtype=np.bool_)
    for start, end in spans:
        paused |= (motion.time_s >= start) & (motion.time_s < end)
    columns = columns_of(motion, beat, plan, paused, random, noise)
    made = lap_maker.laps_of(plan, pieces, motion.edges_s, columns, spans, random)
    presses = [lap.start_s for lap in made]
    keep = kept_samples(columns, plan, spans, presses, random)
    columns = {name: columns[name][keep] for name in NAMES}
    return SimulatedActivity(
        columns=columns,
        laps=made,
        pauses=tuple(Pause(start, end) for start, end in spans),
        steps=lap_maker.steps_of(plan) if plan.laps == "steps" else (),
        start_time=plan.start_time,
        utc_offset_s=plan.utc_offset_s,
        sport="running",
        sub_sport={"treadmill": "treadmill", "track": "track", "trail": "trail"}.get(plan.terrain),
        name=plan.name,
        truth=_truth(plan, pieces, motion, float(columns["time"][-1])),
        motion=motion,
    )


def _segments(pieces: list[Piece], edges: list[float], elapsed_s: float) -> list[Segment]:
    """Return pieces as segments up to the end; easy ones of one role are joined."""
    segments: list[Segment] = []
    for piece, start, end in zip(pieces, edges[:-1], edges[1:], strict=True):
        last = segments[-1] if segments else None
        stop = min(end, elapsed_s)
        if last and last.role == piece.role and piece.role not in ("rep", "recovery", "stride"):
            segments[-1] = Segment(piece.role, last.start_s, stop, source="plan")
        elif stop > start:
            segments.append(
                Segment(piece.role, start, stop, set=piece.set, rep=piece.rep, source="plan")
            )
    if segments:
        segments[-1] = replace(segments[-1], end_s=elapsed_s)
    return segments


def _truth(plan: Plan, pieces: list[Piece], motion: Motion, elapsed_s: float) -> Truth:
    segments = _segments(pieces, motion.edges_s.tolist(), elapsed_s)

    def spans(role: str) -> tuple[Span, ...]:
        return tuple((each.start_s, each.end_s) for each in segments if each.role == role)

    sets = plan.sets()
    kind, label = plan.kind, plan.label
    structured: bool | None = bool(sets)
    if plan.run_type != "workout":
        usual = RUN_TYPES[plan.run_type]
        kind, label = kind or usual[0], label or usual[1]
        structured = None if plan.run_type == "fartlek" else False
    return Truth(
        reps=spans("rep"),
        recoveries=spans("recovery"),
        strides=spans("stride"),
        segments=tuple(segments),
        sets=sets,
        structured=structured,
        kind=kind,
        label=label,
        text=format_workout(sets) or None,
    )
