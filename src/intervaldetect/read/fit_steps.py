"""Steps of a planned workout in a FIT file, in SI units; percentages are named as such."""

from __future__ import annotations

from intervaldetect.read import fit_profile as profile
from intervaldetect.read.fit_messages import (
    MESSAGE_INDEX,
    Message,
    name_in,
    number_in,
    scaled_in,
    text_in,
    whole_in,
)
from intervaldetect.records import WorkoutStep


def step_of(message: Message, position: int) -> WorkoutStep:
    """Bring a workout step to SI units; zones and percentages are named as such."""
    index = whole_in(message, MESSAGE_INDEX)
    duration_type, duration_value = _step_duration(message)
    target_type, low, high = _step_target(message)
    return WorkoutStep(
        index=position if index is None else index & 0x0FFF,
        name=text_in(message, 0),
        duration_type=duration_type,
        duration_value=duration_value,
        target_type=target_type,
        target_value=_step_repeats(message),
        target_low=low,
        target_high=high,
        intensity=name_in(profile.INTENSITY, message, 7),
    )


_TIMES, _DISTANCE, _HEART_RATES, _POWERS = {0, 28, 31}, 1, {2, 3}, {14, 15}
_SPEED_TARGETS, _BPM_TARGETS, _WATT_TARGETS = {0, 12}, {1, 13}, {4, 7, 8, 9, 10}
_UNTIL_SCALES = {7: 1000.0, 8: 100.0}
"""Kinds of duration that repeat until a time or a distance."""


def _step_duration(message: Message) -> tuple[str | None, float | None]:
    """Return what ends a step, and its value; of heart rate and power a percentage is named so."""
    kind, value = whole_in(message, 1), number_in(message, 2)
    name = None if kind is None else profile.STEP_DURATION.get(kind)
    if kind in _TIMES:
        return name, scaled_in(message, 2, 1000.0)
    if kind == _DISTANCE:
        return name, scaled_in(message, 2, 100.0)
    if kind in _HEART_RATES | _POWERS and value is not None:
        excess = 100.0 if kind in _HEART_RATES else 1000.0
        return (name, value - excess) if value > excess else (f"{name}_percent", value)
    return name, value


def _step_target(message: Message) -> tuple[str | None, float | None, float | None]:
    """Return what a step aims at, and the range; a percentage is named so."""
    kind, low, high = whole_in(message, 3), number_in(message, 5), number_in(message, 6)
    name = None if kind is None else profile.STEP_TARGET.get(kind)
    if kind in _SPEED_TARGETS:
        return name, scaled_in(message, 5, 1000.0), scaled_in(message, 6, 1000.0)
    if kind not in _BPM_TARGETS | _WATT_TARGETS or not (low or high):
        return name, low, high
    excess = 100.0 if kind in _BPM_TARGETS else 1000.0
    if max(low or 0.0, high or 0.0) <= excess:
        return f"{name}_percent", low, high
    return name, _less(low, excess), _less(high, excess)


def _step_repeats(message: Message) -> float | None:
    """Return how often steps are repeated, or until what time or distance."""
    scale = _UNTIL_SCALES.get(whole_in(message, 1) or 0)
    return number_in(message, 4) if scale is None else scaled_in(message, 4, scale)


def _less(value: float | None, excess: float) -> float | None:
    return None if value is None else value - excess
