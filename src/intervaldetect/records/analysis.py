"""What is made of an activity and its workout: evidence, thresholds, label, and all together."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Literal

from intervaldetect.errors import ParameterError
from intervaldetect.records.activity import Activity, Problem
from intervaldetect.records.workout import Label, Signal, Workout

if TYPE_CHECKING:
    import polars as pl

Kind = Literal[
    "recovery", "easy", "long", "steady", "progression", "strides", "tempo",
    "threshold_intervals", "vo2_intervals", "speed", "hills", "fartlek", "race", "mixed",
    "walk_run",
]  # fmt: skip
ThresholdSource = Literal["given", "history", "file", "prior"]


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
        from intervaldetect.records.notebook import html_of  # noqa: PLC0415 - loads polars

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
        from intervaldetect.records.notebook import reps_of  # noqa: PLC0415 - loads polars

        return reps_of(self)
