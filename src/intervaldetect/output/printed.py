"""The printed object as types: what `to_dict` returns and a line of ``summary --json`` holds.

The JSON Schema beside describes each key, with its unit; a test holds the two against each other.
"""

from __future__ import annotations

from typing import Literal, TypedDict


class PrintedProbabilities(TypedDict):
    """How likely each label is; they sum to 1."""

    easy: float
    threshold: float
    vo2: float


class PrintedEstimate(TypedDict):
    """A threshold, and what it rests on."""

    value: float
    standard_error: float | None
    source: Literal["given", "history", "file", "prior"]
    sessions: int | None
    rests_on: str | None


class PrintedThresholds(TypedDict):
    """What the labels go by; null where it is not known."""

    threshold_speed_mps: PrintedEstimate | None
    threshold_hr_bpm: PrintedEstimate | None
    max_hr_bpm: PrintedEstimate | None


PrintedZoneTime = TypedDict(
    "PrintedZoneTime",
    {
        "scale": str,
        "basis": Literal["pace", "heart_rate", "power"],
        "zone": str,
        "from": float | None,
        "seconds": float,
    },
)
"""Seconds in one zone of one scale; functional, as ``from`` is a keyword."""


class PrintedSet(TypedDict):
    """Reps that belong together."""

    set: int
    count: int
    blocks: int
    rep_basis: Literal["distance", "time"]
    rep_distance_m: float | None
    rep_duration_s: float | None
    rep_distances_m: list[float | None] | None
    rep_durations_s: list[float | None] | None
    rep_speed_mps: float | None
    recovery_basis: Literal["distance", "time"] | None
    recovery_s: float | None
    recovery_distance_m: float | None
    recovery_style: Literal["jog", "walk", "stand", "float", "paused"] | None
    recovery_speed_mps: float | None
    block_recovery_s: float | None
    canonical: bool
    label: Literal["easy", "threshold", "vo2"] | None
    probabilities: PrintedProbabilities | None


class PrintedSegment(TypedDict):
    """A stretch of the activity, half-open ``[start_s, end_s)``."""

    role: Literal["warmup", "rep", "recovery", "cooldown", "steady", "stride", "pause", "other"]
    start_s: float
    end_s: float
    start_error_s: float | None
    end_error_s: float | None
    distance_m: float | None
    moving_s: float | None
    mean_speed_mps: float | None
    grade_adjusted_speed_mps: float | None
    mean_hr_bpm: float | None
    end_hr_bpm: float | None
    max_hr_bpm: float | None
    mean_cadence_spm: float | None
    mean_power_w: float | None
    set: int | None
    rep: int | None
    confidence: float | None
    source: Literal["stream", "lap", "step", "plan", "override"]
    hr_drop_30s_bpm: float | None
    hr_drop_60s_bpm: float | None


class PrintedPart(TypedDict):
    """Ten minutes of the steady part of a run."""

    from_s: float
    speed_mps: float
    hr_bpm: float


class PrintedDurability(TypedDict):
    """How far heart rate left pace, inside reps or over the steady part of a long run."""

    scope: Literal["reps", "run"] | None
    decoupling: float | None
    over_s: float | None
    parts: list[PrintedPart]
    withheld: str | None


class PrintedDevice(TypedDict):
    """What was entered on the device, or measured by it, after the end."""

    rpe: float | None
    feel: float | None
    recovery_hr_bpm: float | None


class PrintedLactate(TypedDict):
    """Lactate after a rep."""

    rep: int
    mmol: float


class PrintedRunner(TypedDict):
    """What the runner wrote beside the recording."""

    rpe: float | None
    feeling: int | None
    note: str | None
    lactate: list[PrintedLactate]


class PrintedProblem(TypedDict):
    """What was repaired, dropped, switched or guessed."""

    code: str
    message: str
    count: int


class Summary(TypedDict):
    """One activity as printed, see ``docs/output.md``."""

    schema_version: Literal[1]
    path: str
    sha256: str
    format: Literal["fit", "gpx", "tcx"]
    part: int
    integrity: Literal["intact", "repaired", "partial"]
    name: str | None
    description: str | None
    athlete: str
    sport: str | None
    sub_sport: str | None
    device: str | None
    start_time: str
    utc_offset_s: float | None
    utc_offset_source: Literal["file", "history", "option"] | None
    elapsed_s: float
    timer_s: float
    distance_m: float | None
    temperature_c: float | None
    heat_flag: bool | None
    label: Literal["easy", "threshold", "vo2"] | None
    kind: (
        Literal[
            "recovery",
            "easy",
            "long",
            "steady",
            "progression",
            "strides",
            "tempo",
            "threshold_intervals",
            "vo2_intervals",
            "speed",
            "hills",
            "fartlek",
            "race",
            "mixed",
            "walk_run",
        ]
        | None
    )
    probabilities: PrintedProbabilities
    structured_probability: float
    workout: str | None
    sets: list[PrintedSet]
    segments: list[PrintedSegment]
    laps_used: Literal["none", "laps", "steps"]
    thresholds: PrintedThresholds
    durability: PrintedDurability
    device_said: PrintedDevice
    runner_said: PrintedRunner
    time_in_zones: list[PrintedZoneTime]
    evidence: list[str]
    problems: list[PrintedProblem]
