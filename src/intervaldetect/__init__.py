"""Finds the reps in recorded runs and says what kind of session it was.

The way of the data is ``read -> clean -> segment -> structure -> label``; `analyse` walks all of
it. Names are loaded when they are first used, so that importing the package costs next to nothing.

Examples
--------
>>> import intervaldetect
>>> (main_set,) = intervaldetect.parse_workout("6 x 800 m @ 2:10 (3:00 jog)")
>>> main_set.count, main_set.rep_distance_m, main_set.recovery_s
(6, 800.0, 180.0)
>>> intervaldetect.format_workout([main_set], units="mi")
'6 x 800 m @ 2:10 (3:00 jog)'
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "1.0.0"

if TYPE_CHECKING:
    from intervaldetect.batch.folder import run_batch
    from intervaldetect.clean import clean_activity
    from intervaldetect.errors import (
        CorruptFile,
        IntervalDetectError,
        LimitExceeded,
        MissingChannel,
        NoRecords,
        NotAnActivity,
        NotationError,
        ParameterError,
        ReadError,
        StoreError,
        TooShort,
        UnknownFormat,
    )
    from intervaldetect.label import label_session
    from intervaldetect.notation import format_workout, parse_workout
    from intervaldetect.output.printed import Summary
    from intervaldetect.output.summary import to_dict
    from intervaldetect.pipeline import analyse
    from intervaldetect.read import read_activities, read_activity
    from intervaldetect.records import (
        Activity,
        Analysis,
        Estimate,
        Lap,
        Problem,
        Segment,
        SessionLabel,
        Signal,
        Thresholds,
        Workout,
        WorkoutSet,
    )
    from intervaldetect.report.plot import plot_session
    from intervaldetect.segment import segment_signal
    from intervaldetect.store import Store
    from intervaldetect.structure import structure_workout
    from intervaldetect.training.history import read_history

_HOME = {
    "Activity": "records",
    "Analysis": "records",
    "CorruptFile": "errors",
    "Estimate": "records",
    "IntervalDetectError": "errors",
    "Lap": "records",
    "LimitExceeded": "errors",
    "MissingChannel": "errors",
    "NoRecords": "errors",
    "NotAnActivity": "errors",
    "NotationError": "errors",
    "ParameterError": "errors",
    "Problem": "records",
    "ReadError": "errors",
    "Segment": "records",
    "SessionLabel": "records",
    "Signal": "records",
    "Store": "store",
    "StoreError": "errors",
    "Summary": "output.printed",
    "Thresholds": "records",
    "TooShort": "errors",
    "UnknownFormat": "errors",
    "Workout": "records",
    "WorkoutSet": "records",
    "analyse": "pipeline",
    "clean_activity": "clean",
    "format_workout": "notation",
    "label_session": "label",
    "parse_workout": "notation",
    "plot_session": "report.plot",
    "read_activities": "read",
    "read_activity": "read",
    "read_history": "training.history",
    "run_batch": "batch.folder",
    "segment_signal": "segment",
    "structure_workout": "structure",
    "to_dict": "output.summary",
}

__all__ = [
    "Activity",
    "Analysis",
    "CorruptFile",
    "Estimate",
    "IntervalDetectError",
    "Lap",
    "LimitExceeded",
    "MissingChannel",
    "NoRecords",
    "NotAnActivity",
    "NotationError",
    "ParameterError",
    "Problem",
    "ReadError",
    "Segment",
    "SessionLabel",
    "Signal",
    "Store",
    "StoreError",
    "Summary",
    "Thresholds",
    "TooShort",
    "UnknownFormat",
    "Workout",
    "WorkoutSet",
    "analyse",
    "clean_activity",
    "format_workout",
    "label_session",
    "parse_workout",
    "plot_session",
    "read_activities",
    "read_activity",
    "read_history",
    "run_batch",
    "segment_signal",
    "structure_workout",
    "to_dict",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'intervaldetect' has no attribute {name!r}")
    value = getattr(import_module(f"intervaldetect.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
