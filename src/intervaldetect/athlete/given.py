"""What an athlete tells of themselves: thresholds from a TOML file."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path
from typing import Any

from intervaldetect.errors import ParameterError
from intervaldetect.records import Estimate, Thresholds

# What a test or a race leaves uncertain when the athlete gives no standard error.
SPEED_ERROR = 0.015
HR_ERROR_BPM = 2.0
_PACE = re.compile(r"(\d{1,2}):(\d{2}(?:\.\d+)?)\s*/\s*(km|mi)")
_METRES = {"km": 1000.0, "mi": 1609.344}
# Key -> lowest and highest value that a runner can have.
_RANGES = {
    "threshold_speed_mps": (1.0, 8.0),
    "threshold_hr_bpm": (80.0, 230.0),
    "max_hr_bpm": (100.0, 240.0),
}


def read_athlete_file(path: str | os.PathLike[str]) -> Thresholds:
    """Read an athlete's thresholds.

    The file may give ``threshold_speed_mps`` (or ``threshold_pace = "3:50/km"``),
    ``threshold_hr_bpm`` and ``max_hr_bpm``, each as a number or as
    ``{ value = 172, standard_error = 2 }``.

    Raises
    ------
    ParameterError
        The file cannot be read, has an unknown key, or a value out of range.
    """
    try:
        with Path(path).open("rb") as stream:
            told = tomllib.load(stream)
    except OSError as error:
        raise ParameterError("athlete-file", str(path), f"a file ({error.strerror})") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError("athlete-file", str(path), f"TOML ({error})") from error
    if "threshold_pace" in told:
        if "threshold_speed_mps" in told:
            raise ParameterError("threshold_pace", told["threshold_pace"], "pace or speed, one")
        told["threshold_speed_mps"] = _speed(told.pop("threshold_pace"))
    for key in told:
        if key not in _RANGES:
            raise ParameterError(key, told[key], f"{', '.join(_RANGES)} or threshold_pace")
    speed, threshold_hr, max_hr = (_estimate(key, told.get(key)) for key in _RANGES)
    return Thresholds(speed, threshold_hr, max_hr)


def _speed(pace: object) -> float:
    match = _PACE.fullmatch(str(pace).strip())
    seconds = int(match[1]) * 60 + float(match[2]) if match else 0.0
    if match is None or seconds == 0.0:
        raise ParameterError("threshold_pace", pace, "a pace such as 3:50/km or 6:10/mi")
    return _METRES[match[3]] / seconds


def _estimate(key: str, told: Any) -> Estimate | None:
    if told is None:
        return None
    extra = told if isinstance(told, dict) else {"value": told}
    value = _number(key, extra.get("value"))
    low, high = _RANGES[key]
    if not low <= value <= high:
        raise ParameterError(key, value, f"{low:g} to {high:g}")
    usual = SPEED_ERROR * value if key == "threshold_speed_mps" else HR_ERROR_BPM
    error = _number(f"{key}.standard_error", extra.get("standard_error", usual))
    if error < 0.0 or set(extra) - {"value", "standard_error"}:
        raise ParameterError(key, told, "value and standard_error, neither negative")
    return Estimate(value, error, "given")


def _number(key: str, told: Any) -> float:
    if isinstance(told, bool) or not isinstance(told, int | float):
        raise ParameterError(key, told, "a number")
    return float(told)
