"""Figures and foreign texts as people read them: clock times, paces, distances, safe names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any, Literal

Units = Literal["km", "mi"]
LABELS = {"easy": "easy", "threshold": "threshold", "vo2": "VO2"}
METRES: dict[Units, float] = {"km": 1000.0, "mi": 1609.344}
SLOWEST_SHOWN_MPS = 0.3
NAME_LIMIT = 120
# Isolates, overrides, embeddings and marks that turn the direction of what follows them.
TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
STACKED_MARKS = 3
KM_PACE = re.compile(r"(?P<minutes>\d+):(?P<seconds>\d\d)/km(?: ± (?P<error>\d+) s)?")
KM_CHANGE = re.compile(r"(\d+) s/km\b")
KM_SPEED = re.compile(r"(\d+\.\d) km/h\b")


def safe_text(text: str | None, limit: int = NAME_LIMIT) -> str:
    """Return a foreign text on one line, without control characters, at most ``limit`` long.

    Characters that turn the reading direction are dropped, and of more than three marks stacked
    on one letter the rest. What belongs to HTML is left to the templates' own escaping.

    Parameters
    ----------
    text : str or None
        None gives the empty text.
    limit : int
        Longest result; a longer text ends in an ellipsis.

    Returns
    -------
    str
    """
    kept: list[str] = []
    stacked = 0
    # A bounded look ahead: a title of a megabyte costs no more than a long one.
    for character in (text or "")[: 8 * limit]:
        category = unicodedata.category(character)
        stacked = stacked + 1 if category == "Mn" else 0
        if character in TURNING or category == "Cs" or stacked > STACKED_MARKS:
            continue
        kept.append(" " if category in {"Cc", "Zl", "Zp"} else character)
    line = " ".join("".join(kept).split())
    return line if len(line) <= limit else line[: limit - 1].rstrip() + "…"


def race_name(metres: float) -> str:
    """Return a distance as runners call it."""
    if abs(metres - 21097.5) < 1.0:
        return "half marathon"
    if abs(metres - 42195.0) < 1.0:
        return "marathon"
    return f"{metres:.0f} m" if metres < 3000.0 else f"{round(metres / 1000.0, 2):g} km"


def one_line(text: str | None) -> str:
    """Return a foreign text on one line; the console makes harmless what else is in it."""
    return " ".join((text or "").split())


def file_name(path: str) -> str:
    """Return the last part of a path, which is all that a page tells of it."""
    return safe_text(path.replace("\\", "/").rpartition("/")[2])


def kind_text(kind: str | None) -> str:
    """Return a kind of session in words, empty where there is none."""
    return (kind or "").replace("_", " ").replace("vo2", "VO2")


def zone_mark(summary: Mapping[str, Any]) -> str:
    """Return what is put after a time of day: `` UTC``, ``?`` where the zone is guessed."""
    if summary["utc_offset_s"] is None:
        return " UTC"
    return "?" if summary.get("utc_offset_source") == "history" else ""


def clock(seconds: float | None) -> str:
    """Return seconds as m:ss or h:mm:ss, empty where not known."""
    if seconds is None:
        return ""
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def pace(speed_mps: float | None, units: Units) -> str:
    """Return a speed as a pace, empty where it stood or is not known."""
    if speed_mps is None or speed_mps < SLOWEST_SHOWN_MPS:
        return ""
    return f"{clock(METRES[units] / speed_mps)}/{units}"


def speed(speed_mps: float | None, units: Units) -> str:
    """Return a speed in km/h or mi/h, empty where not known."""
    return "" if speed_mps is None else f"{speed_mps * 3600.0 / METRES[units]:.1f} {units}/h"


def long_distance(metres: float | None, units: Units) -> str:
    """Return a distance in km or miles, empty where not known."""
    return "" if metres is None else f"{metres / METRES[units]:.2f} {units}"


def distance(metres: float | None, units: Units) -> str:
    """Return the distance of a rep: metres while they are few, empty where not known."""
    # Reps are run in metres everywhere.
    if metres is not None and metres < 1950.0:
        return f"{metres:.0f} m"
    return long_distance(metres, units)


def whole(value: float | None) -> str:
    """Return a figure without decimals, empty where not known."""
    return "" if value is None else f"{value:.0f}"


def workout_text(summary: Mapping[str, Any], units: Units) -> str | None:
    """Return the workout with its paces in the given unit, None where none is claimed."""
    told: str | None = summary["workout"]
    if told is None or units == "km":
        return told
    # They load numpy, which most tables do without.
    from intervaldetect.notation import TEXT_CHARS, format_workout  # noqa: PLC0415
    from intervaldetect.output.summary import sets_of  # noqa: PLC0415

    ride = summary["sport"] == "cycling"
    return format_workout(sets_of(summary), units=units, at_most=TEXT_CHARS, as_speed=ride) or told


def in_units(workout: str | None, units: Units) -> str:
    """Return a workout's text with its paces in the given unit; its distances stay as run."""
    return sentence(workout or "", units)


def sentence(text: str, units: Units) -> str:
    """Return a sentence of evidence with its paces, their errors, and speeds, in the given unit."""
    if units == "km":
        return text
    per_mile = METRES["mi"] / METRES["km"]
    text = KM_PACE.sub(_as_miles, text)
    text = KM_SPEED.sub(lambda found: f"{float(found[1]) / per_mile:.1f} mi/h", text)
    return KM_CHANGE.sub(lambda found: f"{per_mile * int(found[1]):.0f} s/mi", text)


def _as_miles(found: re.Match[str]) -> str:
    miles = METRES["mi"] / 1000.0
    told = f"{clock(miles * (60 * int(found['minutes']) + int(found['seconds'])))}/mi"
    return told if found["error"] is None else f"{told} ± {miles * int(found['error']):.0f} s"


def device_told(summary: Mapping[str, Any]) -> str:
    """Return what was entered on the device, and its heart rate after the end."""
    told = summary.get("device_said") or {}
    parts = (
        ("RPE {:g} of 10", told.get("rpe")),
        ("feel {:.0f} of 100", told.get("feel")),
        ("heart rate {:.0f} two minutes after a stop", told.get("recovery_hr_bpm")),
    )
    shown = ", ".join(text.format(value) for text, value in parts if value is not None)
    return f"by the device: {shown}" if shown else ""
