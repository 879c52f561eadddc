"""A store -> answers for threshold runners, every one a polars frame.

``read_history`` reads the runs of a store; every other function turns them into one table, whose
columns stand in ``columns.TABLES``. Nothing here prints.

Examples
--------
>>> from intervaldetect.training import read_history, training_weeks  # doctest: +SKIP
>>> training_weeks(read_history("mystore", timezone="Europe/Oslo"))  # doctest: +SKIP
"""

from __future__ import annotations

from intervaldetect.training.ceiling import Ceiling, read_ceiling
from intervaldetect.training.compare import Comparison, compare_sessions
from intervaldetect.training.control import control_weeks, rep_verdicts, session_control
from intervaldetect.training.days import double_threshold_days
from intervaldetect.training.effect import session_costs, training_blocks
from intervaldetect.training.families import family_of
from intervaldetect.training.history import History, read_history
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
    "intensity_distribution",
    "load_days",
    "load_weeks",
    "race_list",
    "race_predictions",
    "read_ceiling",
    "read_history",
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
