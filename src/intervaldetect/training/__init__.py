"""A store -> answers for threshold runners, every one a polars frame.

``read_history`` reads the runs of a store; every other function turns them into one table, whose
columns stand in ``columns.TABLES``. Nothing here prints. Names are loaded when they are first used.

Examples
--------
>>> from intervaldetect.training import read_history, training_weeks  # doctest: +SKIP
>>> training_weeks(read_history("mystore", timezone="Europe/Oslo"))  # doctest: +SKIP
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from intervaldetect.training.ceiling import Ceiling, read_ceiling
    from intervaldetect.training.compare import Comparison, compare_sessions
    from intervaldetect.training.conditions import heat_slopes
    from intervaldetect.training.control import control_weeks, rep_verdicts, session_control
    from intervaldetect.training.days import double_threshold_days
    from intervaldetect.training.effect import session_costs, training_blocks
    from intervaldetect.training.families import family_of
    from intervaldetect.training.history import History, read_history
    from intervaldetect.training.lactate_tables import (
        lactate_curve,
        lactate_values,
        read_lactate,
    )
    from intervaldetect.training.load import load_days, load_weeks, session_loads
    from intervaldetect.training.races import race_list, race_predictions
    from intervaldetect.training.response import (
        recovery_reps,
        recovery_sessions,
        session_durability,
    )
    from intervaldetect.training.scales import BY_HEART_RATE, BY_SPEED, Scale
    from intervaldetect.training.series import series_of, series_steps, training_series
    from intervaldetect.training.weeks import intensity_distribution, side_by_side, training_weeks

_HOME = {
    "BY_HEART_RATE": "scales",
    "BY_SPEED": "scales",
    "Ceiling": "ceiling",
    "Comparison": "compare",
    "History": "history",
    "Scale": "scales",
    "compare_sessions": "compare",
    "control_weeks": "control",
    "double_threshold_days": "days",
    "family_of": "families",
    "heat_slopes": "conditions",
    "intensity_distribution": "weeks",
    "lactate_curve": "lactate_tables",
    "lactate_values": "lactate_tables",
    "load_days": "load",
    "load_weeks": "load",
    "race_list": "races",
    "race_predictions": "races",
    "read_ceiling": "ceiling",
    "read_history": "history",
    "read_lactate": "lactate_tables",
    "recovery_reps": "response",
    "recovery_sessions": "response",
    "rep_verdicts": "control",
    "series_of": "series",
    "series_steps": "series",
    "session_control": "control",
    "session_costs": "effect",
    "session_durability": "response",
    "session_loads": "load",
    "side_by_side": "weeks",
    "training_blocks": "effect",
    "training_series": "series",
    "training_weeks": "weeks",
}

__all__ = [
    "BY_HEART_RATE",
    "BY_SPEED",
    "Ceiling",
    "Comparison",
    "History",
    "Scale",
    "compare_sessions",
    "control_weeks",
    "double_threshold_days",
    "family_of",
    "heat_slopes",
    "intensity_distribution",
    "lactate_curve",
    "lactate_values",
    "load_days",
    "load_weeks",
    "race_list",
    "race_predictions",
    "read_ceiling",
    "read_history",
    "read_lactate",
    "recovery_reps",
    "recovery_sessions",
    "rep_verdicts",
    "series_of",
    "series_steps",
    "session_control",
    "session_costs",
    "session_durability",
    "session_loads",
    "side_by_side",
    "training_blocks",
    "training_series",
    "training_weeks",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'intervaldetect.training' has no attribute {name!r}")
    value = getattr(import_module(f"intervaldetect.training.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
