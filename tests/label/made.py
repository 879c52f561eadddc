"""Evidence of sessions written by hand: no simulation, every number is seen."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from intervaldetect.records import Estimate, RepEvidence, SessionEvidence, Thresholds

DAY = datetime(2025, 9, 1, 6, tzinfo=UTC)
T_MPS, T_BPM, MAX_BPM = 4.0, 168.0, 190.0
KNOWN = Thresholds(
    Estimate(T_MPS, 0.04, "history", 41, "12 sessions with reps"),
    Estimate(T_BPM, 2.0, "history", 41, "12 sessions with reps"),
    Estimate(MAX_BPM, 2.0, "history", 41, "12 sessions with reps"),
)


def reps(
    count: int, seconds: float, rest_s: float | None, speed: float, rate: float | None
) -> tuple[RepEvidence, ...]:
    """Reps alike: speed over threshold speed, heart rate at the end over the highest."""
    end = None if rate is None else rate * MAX_BPM
    start = None if end is None else end - 15.0
    step = seconds + (rest_s or 0.0)
    return tuple(
        RepEvidence(1, 900.0 + k * step, seconds, rest_s if k + 1 < count else 0.0,
                    speed * T_MPS, start, end, 0.0)
        for k in range(count)
    )  # fmt: skip


def session(work: Sequence[RepEvidence] = (), **changed: Any) -> SessionEvidence:
    """Run easily for an hour, with reps where they are given."""
    easy = 0.74 * T_MPS
    plain: dict[str, Any] = {
        "start_time": DAY, "elapsed_s": 3600.0, "moving_s": 3600.0,
        "speed_curve_mps": (0.8 * T_MPS, 0.79 * T_MPS, 0.78 * T_MPS, 0.77 * T_MPS, 0.76 * T_MPS,
                            0.75 * T_MPS, easy),
        "hr_curve_bpm": (140.0, 138.0, 136.0, 134.0),
        "best_times_s": (None,) * 6,
        "typical_speed_mps": easy, "easy_speed_mps": easy, "median_hr_bpm": 134.0,
        "peak_hr_bpm": 145.0, "speed_spread": 0.05, "shape": "intervals" if work else "steady",
        "structured_probability": 0.99 if work else 0.02, "claimed": bool(work), "sport": "running",
        "reps": tuple(work),
    }  # fmt: skip
    return SessionEvidence(**{**plain, **changed})


def even(share: float, seconds: float, rate: float, **changed: Any) -> SessionEvidence:
    """Run evenly, all of it at one share of threshold speed and of the highest heart rate."""
    speed, bpm = share * T_MPS, rate * MAX_BPM
    curve = tuple(speed if s <= seconds else None for s in (60, 180, 300, 600, 1200, 2400, 3600))
    rates = tuple(bpm if s <= seconds else None for s in (60, 300, 1200, 2400))
    return session(
        elapsed_s=seconds, moving_s=seconds, speed_curve_mps=curve, hr_curve_bpm=rates,
        typical_speed_mps=speed, easy_speed_mps=speed, median_hr_bpm=bpm, peak_hr_bpm=1.02 * bpm,
        **changed,
    )  # fmt: skip
