"""Finds the reps in recorded runs and says what kind of session it was.

The way of the data is ``read -> clean -> segment -> structure -> label``; `analyse` walks all of
it. Names are loaded when they are first used, so that importing the package costs next to nothing.

Examples
--------
>>> import intervaldetect
>>> workout = intervaldetect.parse_workout("6 x 800 m @ 2:10 (3:00 jog)")
>>> workout[0].count, workout[0].rep_distance_m, workout[0].rep_duration_s
(6, 800.0, 130.0)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from intervaldetect.contract import to_dict
    from intervaldetect.errors import IntervalDetectError
    from intervaldetect.records import Activity, Analysis, Thresholds

_HOME = {
    "Activity": "records",
    "Analysis": "records",
    "IntervalDetectError": "errors",
    "Thresholds": "records",
    "to_dict": "contract",
}

__all__ = ["Activity", "Analysis", "IntervalDetectError", "Thresholds", "to_dict"]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'intervaldetect' has no attribute {name!r}")
    value = getattr(import_module(f"intervaldetect.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
