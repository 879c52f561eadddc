"""What passes between the stages: frozen records, SI units, times in elapsed seconds.

Every ``*_s`` offset counts from the activity's first record, pauses included. ``None`` means not
known (NaN inside arrays); a number is never invented.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from intervaldetect.errors import ParameterError

if TYPE_CHECKING:
    import polars as pl

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

Format = Literal["fit", "gpx", "tcx"]
Integrity = Literal["intact", "repaired", "partial"]
Role = Literal["warmup", "rep", "recovery", "cooldown", "steady", "stride", "pause", "other"]
Source = Literal["stream", "lap", "step", "plan", "override"]
Basis = Literal["distance", "time"]
RecoveryStyle = Literal["jog", "walk", "stand", "float", "paused"]
Label = Literal["easy", "threshold", "vo2"]
Kind = Literal[
    "recovery", "easy", "long", "steady", "progression", "strides", "tempo",
    "threshold_intervals", "vo2_intervals", "speed", "hills", "fartlek", "race", "mixed",
    "walk_run",
]  # fmt: skip
LapsUsed = Literal["none", "laps", "steps"]
ThresholdSource = Literal["given", "history", "file", "prior"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something repaired, dropped, switched or guessed: a stable code, a sentence, how often."""

    code: str
    message: str
    count: int = 1


# --- what a file holds ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Lap:
    """A lap as the device wrote it, ``[start_s, end_s)``.

    ``trigger`` and ``intensity`` are FIT names in lower case (``manual``, ``distance``, ``time``,
    ``session_end``; ``active``, ``rest``, ``warmup``, ``cooldown``, ``recovery``, ``interval``);
    ``step`` is the index of the workout step the lap belongs to.
    """

    start_s: float
    end_s: float
    distance_m: float | None = None
    timer_s: float | None = None
    trigger: str | None = None
    intensity: str | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class Pause:
    """A stop of the timer, ``[start_s, end_s)``."""

    start_s: float
    end_s: float


@dataclass(frozen=True, slots=True)
class WorkoutStep:
    """A step of a planned workout, FIT names in lower case.

    ``duration_value`` is in s, m, bpm or W as ``duration_type`` says; for ``repeat_*`` steps it is
    the index to go back to, and ``target_value`` the number of repeats.
    """

    index: int
    name: str | None = None
    duration_type: str | None = None
    duration_value: float | None = None
    target_type: str | None = None
    target_value: float | None = None
    target_low: float | None = None
    target_high: float | None = None
    intensity: str | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """A FIT event (``timer``/``start``, ``timer``/``stop_all``, ...) at an elapsed time."""

    time_s: float
    event: str
    event_type: str | None = None
    heart_rate_bpm: float | None = None
    """What an event ``recovery_hr`` says, two minutes after the end."""


@dataclass(frozen=True, slots=True)
class Session:
    """The device's own totals and judgements; reported for comparison, never decisive.

    ``rpe`` (1 to 10, Borg's CR10) and ``feel`` (0 to 100, more is better) are what the runner told
    the device afterwards.
    """

    timer_s: float | None = None
    elapsed_s: float | None = None
    distance_m: float | None = None
    aerobic_training_effect: float | None = None
    anaerobic_training_effect: float | None = None
    benefit: str | None = None
    workout_name: str | None = None
    rpe: float | None = None
    feel: float | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """What the runner said of a session afterwards, in a file of corrections.

    ``rpe`` 1 to 10 (Borg's CR10), ``feeling`` 1 to 10, ``lactate_mmol`` pairs of the number of a
    rep, from 1, and mmol/l.
    """

    rpe: float | None = None
    feeling: int | None = None
    note: str | None = None
    lactate_mmol: tuple[tuple[int, float], ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Activity:
    """One activity as read: every sample, lap, pause, step and event; nothing resampled.

    ``columns`` has one float64 array of equal length per name in ``columns.NAMES``; ``time`` is
    elapsed seconds (never decreasing), the others NaN where the file has nothing.
    """

    path: str
    sha256: str
    format: Format
    part: int
    integrity: Integrity
    start_time: datetime
    columns: Mapping[str, Floats]
    laps: tuple[Lap, ...] = ()
    pauses: tuple[Pause, ...] = ()
    steps: tuple[WorkoutStep, ...] = ()
    events: tuple[Event, ...] = ()
    session: Session = field(default_factory=Session)
    name: str | None = None
    description: str | None = None
    sport: str | None = None
    sub_sport: str | None = None
    device: str | None = None
    utc_offset_s: float | None = None
    problems: tuple[Problem, ...] = ()

    def __len__(self) -> int:
        return int(self.columns["time"].size)

    def __repr__(self) -> str:
        what = self.sport or "activity"
        return f"<Activity {self.start_time:%Y-%m-%d %H:%M}Z {what}, {len(self)} samples>"


# --- cleaned, segmented, structured ------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Signal:
    """A cleaned activity on its own sample times (strictly increasing, length n + 1).

    The n intervals ``[time_s[i], time_s[i + 1])`` carry ``speed_mps``, ``grade``,
    ``adjusted_speed_mps`` (grade-adjusted) and the masks; ``heart_rate_bpm``, ``cadence_spm``,
    ``power_w``, ``altitude_m`` and ``distance_m`` stand on the n + 1 sample times. NaN means not
    known. ``valid`` is False where the speed is not running (a glitch, a ride home, no data);
    ``paused`` is True where the timer stood or the records have a hole. ``start_lag_s`` and
    ``end_lag_s`` are how late this source of speed shows the start and the end of an effort.
    """

    time_s: Floats
    speed_mps: Floats
    adjusted_speed_mps: Floats
    grade: Floats
    valid: Bools
    paused: Bools
    distance_m: Floats
    altitude_m: Floats
    heart_rate_bpm: Floats
    cadence_spm: Floats
    power_w: Floats
    speed_source: Literal["distance", "speed", "position"] | None
    start_lag_s: float
    end_lag_s: float
    problems: tuple[Problem, ...] = ()

    def __repr__(self) -> str:
        seconds = float(self.time_s[-1] - self.time_s[0]) if self.time_s.size else 0.0
        return f"<Signal of {seconds:.0f} s, {self.speed_mps.size} intervals>"


@dataclass(frozen=True, slots=True, eq=False)
class Pieces:
    """A signal cut into k contiguous pieces of constant effort.

    ``start`` and ``end`` index the signal's n intervals, half-open, and tile them. ``values``
    (n) is the effort of each interval over ``reference``, the activity's typical running effort,
    ``weights`` (n) the seconds it counts for; ``level`` (k) is the mean of a piece, ``seconds``
    (k) its weight and ``noise`` the long-run variance of ``values`` times seconds.
    """

    start: Ints
    end: Ints
    level: Floats
    seconds: Floats
    values: Floats
    weights: Floats
    reference: float
    noise: float
    channel: Literal["speed", "adjusted_speed", "power"]
    bounded: bool = False


@dataclass(frozen=True, slots=True)
class Segment:
    """One stretch ``[start_s, end_s)`` of an activity with its role; segments tile the activity.

    ``set`` and ``rep`` count from 1 and stand on reps and on the recovery after each rep.
    """

    role: Role
    start_s: float
    end_s: float
    start_error_s: float | None = None
    end_error_s: float | None = None
    distance_m: float | None = None
    moving_s: float | None = None
    mean_speed_mps: float | None = None
    grade_adjusted_speed_mps: float | None = None
    mean_hr_bpm: float | None = None
    end_hr_bpm: float | None = None
    max_hr_bpm: float | None = None
    mean_cadence_spm: float | None = None
    mean_power_w: float | None = None
    set: int | None = None
    rep: int | None = None
    confidence: float | None = None
    source: Source = "stream"


@dataclass(frozen=True, slots=True)
class WorkoutSet:
    """A set of reps, found or planned; the same record serves detection, notation and simulation.

    ``count`` is all reps; ``blocks`` is n for ``n x (...)``, else 1. A ladder is one set whose
    ``rep_distances_m`` or ``rep_durations_s`` lists every rep and whose scalar is None.
    ``rep_speed_mps`` is the typical speed of a rep. ``recovery_*`` is what lies between two reps,
    ``block_recovery_s`` between two blocks, ``set_recovery_s`` between this set and the next.
    """

    count: int
    rep_basis: Basis
    blocks: int = 1
    rep_distance_m: float | None = None
    rep_duration_s: float | None = None
    rep_distances_m: tuple[float, ...] | None = None
    rep_durations_s: tuple[float, ...] | None = None
    rep_speed_mps: float | None = None
    recovery_basis: Basis | None = None
    recovery_s: float | None = None
    recovery_distance_m: float | None = None
    recovery_style: RecoveryStyle | None = None
    recovery_speed_mps: float | None = None
    block_recovery_s: float | None = None
    set_recovery_s: float | None = None
    canonical: bool = False
    label: Label | None = None
    probabilities: Mapping[Label, float] | None = None


@dataclass(frozen=True, slots=True)
class Workout:
    """What was carried out: segments that tile the activity, the sets, and how sure that is.

    ``sets`` is empty and ``text`` None when no planned efforts are claimed. ``shape`` names what
    the structure alone says (``intervals``, ``tempo``, ``progression``, ``strides``, ``hills``,
    ``fartlek``, ``race``, ``steady``). ``log_odds`` are those of planned work by the streams alone;
    ``other`` is what is said of the run if it is decided the other way, None beyond doubt.
    """

    segments: tuple[Segment, ...]
    sets: tuple[WorkoutSet, ...] = ()
    text: str | None = None
    shape: str = "steady"
    structured_probability: float = 0.0
    laps_used: LapsUsed = "none"
    evidence: tuple[str, ...] = ()
    problems: tuple[Problem, ...] = ()
    log_odds: float = 0.0
    other: Workout | None = None


CLAIMED = 0.6
"""Planned work is claimed from this chance on: a workout never run does more harm."""


# --- judged --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RepEvidence:
    """What a rep tells of intensity; speeds are grade-adjusted, ``recovery_s`` follows the rep."""

    set: int
    start_s: float
    duration_s: float
    recovery_s: float | None = None
    speed_mps: float | None = None
    start_hr_bpm: float | None = None
    end_hr_bpm: float | None = None
    grade: float | None = None


@dataclass(frozen=True, slots=True)
class SessionEvidence:
    """All that thresholds and labels need of one session: small, and free of thresholds.

    A store keeps it (`evidence.to_json`), so that a session is judged again without its file.
    Tuples follow ``evidence.SPEED_DURATIONS_S``, ``HR_DURATIONS_S`` and ``BEST_DISTANCES_M``.
    ``steady`` holds efforts long enough for a settled heart rate: (speed in m/s, bpm, seconds).
    Speeds are grade-adjusted; ``easy_speed_mps`` is that of the running around the reps,
    ``walk_share`` the share of the time in motion that was walked; ``log_odds`` are those of
    planned work by the streams alone. ``label_by_hand``, ``kind_by_hand`` and
    ``remarks_by_hand`` come from corrections.
    """

    start_time: datetime
    elapsed_s: float
    moving_s: float
    speed_curve_mps: tuple[float | None, ...]
    hr_curve_bpm: tuple[float | None, ...]
    best_times_s: tuple[float | None, ...]
    steady: tuple[tuple[float, float, float], ...] = ()
    reps: tuple[RepEvidence, ...] = ()
    typical_speed_mps: float | None = None
    easy_speed_mps: float | None = None
    median_hr_bpm: float | None = None
    peak_hr_bpm: float | None = None
    speed_spread: float | None = None
    speed_trend: float | None = None
    hr_drift: float | None = None
    strides: int = 0
    shape: str = "steady"
    structured_probability: float = 0.0
    log_odds: float = 0.0
    claimed: bool = False
    sport: str | None = None
    treadmill: bool = False
    climb_share: float = 0.0
    walk_share: float = 0.0
    temperature_c: float | None = None
    benefit: str | None = None
    findings: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    label_by_hand: Label | None = None
    remarks_by_hand: tuple[str, ...] = ()
    kind_by_hand: Kind | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value with its standard error, where it came from, and on how many sessions it rests.

    ``rests_on`` names the hard runs it rests on, None where there are none.
    """

    value: float
    standard_error: float
    source: ThresholdSource
    sessions: int | None = None
    rests_on: str | None = None


NOT_STATED = "Not stated is the"
"""How a note of `Thresholds` begins that says why an estimate was left out."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is known of the athlete at the time of the session; None where nothing is."""

    threshold_speed_mps: Estimate | None = None
    threshold_hr_bpm: Estimate | None = None
    max_hr_bpm: Estimate | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for name in ("threshold_speed_mps", "threshold_hr_bpm", "max_hr_bpm"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, Estimate):
                allowed = f"an Estimate, such as Estimate({value!r}, standard_error, 'given')"
                raise ParameterError(name, value, allowed)


@dataclass(frozen=True, slots=True)
class SessionLabel:
    """The dominant intensity. ``label`` None is abstention; the reason stands in ``evidence``."""

    label: Label | None
    kind: Kind | None
    probabilities: Mapping[Label, float]
    set_labels: tuple[tuple[Label | None, Mapping[Label, float]], ...] = ()
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneTime:
    """Seconds of an activity in one zone of the runner's own.

    ``basis`` is what ``scale`` goes by; ``from_value`` is the lower border in m/s, bpm or W, None
    of the lowest zone.
    """

    scale: str
    basis: Literal["pace", "heart_rate", "power"]
    zone: str
    from_value: float | None
    seconds: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Analysis:
    """Everything said about one activity; `output.summary.to_dict` makes the printed object.

    A notebook shows it as its speed, its reps and the reasons.

    ``other`` is the evidence of the activity read as ``workout.other``, where it is in doubt.
    """

    activity: Activity
    signal: Signal
    workout: Workout
    label: SessionLabel
    thresholds: Thresholds
    athlete: str = "me"
    temperature_c: float | None = None
    heat_flag: bool | None = None
    problems: tuple[Problem, ...] = ()
    evidence: SessionEvidence | None = None
    other: SessionEvidence | None = None
    time_in_zones: tuple[ZoneTime, ...] = ()
    said: Said = field(default_factory=Said)

    def __repr__(self) -> str:
        label = self.label.label or "not labelled"
        workout = self.workout.text or "no planned efforts"
        return f"<Analysis {self.activity.start_time:%Y-%m-%d %H:%M}Z {workout}, {label}>"

    def _repr_html_(self) -> str:
        from intervaldetect.notebook import html_of  # noqa: PLC0415 - loads polars

        return html_of(self)

    def reps(self) -> pl.DataFrame:
        """Return a row for each rep, in order of time.

        Returns
        -------
        polars.DataFrame
            ``set``, ``rep``, ``start_s``, ``end_s``, ``distance_m``, ``speed_mps``,
            ``adjusted_speed_mps``, ``mean_hr_bpm``, ``end_hr_bpm``, ``cadence_spm``, ``power_w``,
            ``recovery_s`` (seconds until the next rep of its set), ``confidence``, ``source``.
        """
        from intervaldetect.notebook import reps_of  # noqa: PLC0415 - loads polars

        return reps_of(self)
