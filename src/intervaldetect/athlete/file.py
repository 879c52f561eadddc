"""What an athlete tells of themselves in a small TOML file: thresholds and zones.

::

    threshold_pace = "3:50/km"                             # or threshold_speed_mps = 4.35
    threshold_hr_bpm = 172
    max_hr_bpm = { value = 190, standard_error = 2 }

    [zones]
    name = "Club"
    basis = "pace"                                         # or heart_rate, power
    bounds = ["5:30/km", "4:30/km", "3:55/km"]             # between the zones, easy to hard
    names = ["easy", "steady", "threshold", "fast"]        # one more than bounds
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Never

from intervaldetect.athlete.bounds import RANGES
from intervaldetect.athlete.zones import Basis, Zones
from intervaldetect.errors import ParameterError
from intervaldetect.records import Estimate, Thresholds
from intervaldetect.toml_text import parse_toml

# What a test or a race leaves uncertain when the athlete gives no standard error.
SPEED_ERROR = 0.015
HR_ERROR_BPM = 2.0
MAX_ERROR_SHARE = 0.2
_PACE = re.compile(r"(\d{1,2}):(\d{2}(?:\.\d+)?)\s*/\s*(km|mi)")
_METRES = {"km": 1000.0, "mi": 1609.344}
_ZONE_RANGES: dict[Basis, tuple[float, float]] = {
    "pace": (0.5, 10.0), "heart_rate": (40.0, 240.0), "power": (20.0, 2000.0)
}  # fmt: skip
_ZONE_KEYS = ("name", "basis", "bounds", "names")


@dataclass(frozen=True, slots=True)
class AthleteFile:
    """What the file says; a threshold it does not give is None."""

    thresholds: Thresholds
    zones: Zones | None = None


def read_athlete(path: str | os.PathLike[str]) -> AthleteFile:
    """Read what an athlete tells of themselves.

    Raises
    ------
    ParameterError
        The file cannot be read, is not TOML, has an unknown key, or a value that makes no sense;
        the message names the file, the line and what is allowed.
    """
    try:
        text = Path(path).read_text(encoding="utf-8")
    except OSError as error:
        raise ParameterError("athlete-file", str(path), f"a file ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise ParameterError("athlete-file", str(path), f"TOML in UTF-8 ({error})") from error
    return _Reader(str(path), text).read()


class _Reader:
    """One file: its text is kept so that an error can name the line."""

    def __init__(self, path: str, text: str) -> None:
        self.path = path
        self.text = text

    def fail(self, key: str, value: object, allowed: str) -> Never:
        """Raise an error that names the file, and the line of the key."""
        last = key.rpartition(".")[2]
        for number, line in enumerate(self.text.splitlines(), 1):
            if re.match(rf"\s*(\[\s*)?\"?{re.escape(last)}\"?\s*(=|\]|\.)", line):
                raise ParameterError(f"{self.path}, line {number}: {key}", value, allowed)
        raise ParameterError(f"{self.path}: {key}", value, allowed)

    def read(self) -> AthleteFile:
        try:
            told = parse_toml(self.text)
        except ValueError as error:
            raise ParameterError("athlete-file", self.path, f"TOML ({error})") from error
        zones = self.zones(told.pop("zones")) if "zones" in told else None
        if "threshold_pace" in told:
            pace = told.pop("threshold_pace")
            if "threshold_speed_mps" in told:
                self.fail("threshold_pace", pace, "pace or speed, one")
            told["threshold_speed_mps"] = self.speed("threshold_pace", pace)
        for key, value in told.items():
            if key not in RANGES:
                self.fail(key, value, f"{', '.join(RANGES)}, threshold_pace or zones")
        speed, rate, highest = (self.estimate(key, told.get(key)) for key in RANGES)
        if rate and highest and rate.value >= highest.value:
            self.fail("threshold_hr_bpm", rate.value, f"below max_hr_bpm, {highest.value:g}")
        return AthleteFile(Thresholds(speed, rate, highest), zones)

    def estimate(self, key: str, told: Any) -> Estimate | None:
        if told is None:
            return None
        extra = told if isinstance(told, dict) else {"value": told}
        value = self.number(key, extra.get("value"))
        low, high = RANGES[key]
        if not low <= value <= high:
            self.fail(key, value, f"{low:g} to {high:g}")
        usual = SPEED_ERROR * value if key == "threshold_speed_mps" else HR_ERROR_BPM
        error = self.number(key, extra.get("standard_error", usual))
        if not 0.0 <= error <= MAX_ERROR_SHARE * value or set(extra) - {"value", "standard_error"}:
            self.fail(
                key, told, "value and standard_error, neither negative, the error at most a fifth"
            )
        return Estimate(value, error, "given")

    def number(self, key: str, told: Any) -> float:
        if isinstance(told, bool) or not isinstance(told, int | float):
            self.fail(key, told, "a number")
        return float(told)

    def speed(self, key: str, pace: object) -> float:
        match = _PACE.fullmatch(str(pace).strip())
        seconds = int(match[1]) * 60 + float(match[2]) if match else 0.0
        if match is None or seconds == 0.0:
            self.fail(key, pace, "a pace such as 3:50/km or 6:10/mi")
        return _METRES[match[3]] / seconds

    def zones(self, told: Any) -> Zones:
        if not isinstance(told, Mapping):
            self.fail("zones", told, "a table with basis, bounds and names")
        for key in told:
            if key not in _ZONE_KEYS:
                self.fail(f"zones.{key}", told[key], ", ".join(_ZONE_KEYS))
        basis = told.get("basis")
        if basis not in _ZONE_RANGES:
            self.fail("zones.basis", basis, "pace, heart_rate or power")
        bounds, names = told.get("bounds"), told.get("names")
        if not isinstance(bounds, list) or not bounds:
            self.fail("zones.bounds", bounds, "a list of the values between the zones")
        if not (isinstance(names, list) and all(isinstance(name, str) for name in names)):
            self.fail("zones.names", names, "a list of names, one more than bounds")
        if len(names) != len(bounds) + 1 or len(set(names)) != len(names):
            self.fail("zones.names", names, f"{len(bounds) + 1} different names")
        values = tuple(
            self.speed("zones.bounds", bound) if basis == "pace" and isinstance(bound, str)
            else self.number("zones.bounds", bound)
            for bound in bounds
        )  # fmt: skip
        low, high = _ZONE_RANGES[basis]
        if not all(low <= value <= high for value in values):
            self.fail("zones.bounds", bounds, f"{low:g} to {high:g}")
        if any(b <= a for a, b in pairwise(values)):
            self.fail("zones.bounds", bounds, "from easy to hard, each harder than the one before")
        return Zones(str(told.get("name", "own zones")), basis, values, tuple(names))


def to_toml(thresholds: Thresholds) -> str:
    """Return thresholds as an athlete file that `read_athlete` takes.

    Values from history become given ones, with their errors: they no longer follow the training.
    What rests on no reps and no race is left out, and said to be.
    """
    lines = []
    for key in RANGES:
        estimate: Estimate | None = getattr(thresholds, key)
        if estimate is None:
            continue
        if estimate.source != "given" and estimate.rests_on is None:
            lines.append(f"# {key}: not known, no hard run seen")
            continue
        decimals = 3 if key == "threshold_speed_mps" else 1
        pace = ""
        if key == "threshold_speed_mps":
            seconds = 1000.0 / estimate.value
            pace = f"{int(seconds) // 60}:{seconds % 60:04.1f}/km, "
        lines.append(
            f"{key} = {{ value = {estimate.value:.{decimals}f}, "
            f"standard_error = {estimate.standard_error:.{decimals}f} }}  "
            f"# {pace}from {estimate.source}{f': {estimate.rests_on}' if estimate.rests_on else ''}"
        )
    return "\n".join(lines) + "\n"
