"""What thresholds a runner can have: the same bounds for those given and those estimated."""

from __future__ import annotations

from intervaldetect.records import NOT_STATED, Estimate

RANGES: dict[str, tuple[float, float]] = {
    "threshold_speed_mps": (1.0, 8.0),
    "threshold_hr_bpm": (80.0, 230.0),
    "max_hr_bpm": (100.0, 240.0),
}
"""Key -> lowest and highest value that a runner can have."""

_WORDS = {
    "threshold_speed_mps": ("threshold speed", "m/s"),
    "threshold_hr_bpm": ("threshold heart rate", "bpm"),
    "max_hr_bpm": ("highest heart rate", "bpm"),
}


def within_bounds(key: str, estimate: Estimate | None, notes: list[str]) -> Estimate | None:
    """Give an estimate that a runner can have; another one adds a note and is none."""
    low, high = RANGES[key]
    if estimate is None or low <= estimate.value <= high:
        return estimate
    word, unit = _WORDS[key]
    notes.append(
        f"{NOT_STATED} {word}: an estimate of {estimate.value:.3g} {unit} is outside "
        f"{low:g} to {high:g}."
    )
    return None
