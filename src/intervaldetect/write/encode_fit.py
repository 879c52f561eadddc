"""An activity as a FIT file: records, timer events, laps, steps, session, activity."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from intervaldetect.errors import ParameterError
from intervaldetect.records import Activity, Floats, Lap, WorkoutStep
from intervaldetect.write.fit_bytes import BASE_TYPES, BaseType, Field, FitWriter, fit_seconds

_SEMICIRCLES_PER_DEG = 2**31 / 180.0

# Channel, field number of the record message, base type, scale, offset.
_RECORD: tuple[tuple[str, int, BaseType, float, float], ...] = (
    ("latitude", 0, "sint32", _SEMICIRCLES_PER_DEG, 0.0),
    ("longitude", 1, "sint32", _SEMICIRCLES_PER_DEG, 0.0),
    ("distance", 5, "uint32", 100.0, 0.0),
    ("altitude", 78, "uint32", 5.0, 500.0),
    ("speed", 73, "uint32", 1000.0, 0.0),
    ("heart_rate", 3, "uint8", 1.0, 0.0),
    ("power", 7, "uint16", 1.0, 0.0),
    ("temperature", 13, "sint8", 1.0, 0.0),
)

_SPORTS = {"generic": 0, "running": 1, "cycling": 2, "walking": 11, "hiking": 17}
_SUB_SPORTS = {"generic": 0, "treadmill": 1, "street": 2, "trail": 3, "track": 4}
_INTENSITIES = {
    "active": 0, "rest": 1, "warmup": 2, "cooldown": 3, "recovery": 4, "interval": 5, "other": 6,
}  # fmt: skip
_TRIGGERS = {"manual": 0, "time": 1, "distance": 2, "session_end": 7, "fitness_equipment": 8}
_DURATIONS = {"time": 0, "distance": 1, "open": 5, "repeat_until_steps_cmplt": 6}
_TARGETS = {"speed": 0, "heart_rate": 1, "open": 2, "cadence": 3, "power": 4}
_EVENT_TYPES = {"start": 0, "stop": 1, "stop_all": 4}

_FILE_ID, _SESSION, _LAP, _RECORDS, _EVENT = 0, 18, 19, 20, 21
_WORKOUT, _WORKOUT_STEP, _ACTIVITY = 26, 27, 34


def encode_fit(activity: Activity) -> bytes:
    """Write an activity as a FIT file.

    Parameters
    ----------
    activity : Activity
        Samples, laps, pauses and steps. Values are stored in FIT's resolution (1 s, 0.01 m,
        0.001 m/s, 0.2 m of altitude, 1 bpm, 2^-31 half turns); NaN becomes FIT's invalid value.

    Returns
    -------
    bytes
        One complete file with header and CRC.

    Raises
    ------
    ParameterError
        The activity has no sample.
    """
    if len(activity) == 0:
        raise ParameterError("activity", activity.path, "an activity with samples")
    start = fit_seconds(activity.start_time)
    writer = FitWriter()
    writer.message(
        _FILE_ID,
        [Field(0, "enum", 4), Field(1, "uint16", 255), Field(2, "uint16", 0),
         Field(4, "uint32", start)],
    )  # fmt: skip
    _timer_event(writer, start, "start")
    _write_steps(writer, activity)
    _write_records(writer, activity, start)
    end = start + round(float(activity.columns["time"][-1]))
    _timer_event(writer, end, "stop_all")
    for index, lap in enumerate(activity.laps):
        _write_lap(writer, activity, index, lap, start)
    _write_totals(writer, activity, start, end)
    return writer.to_bytes()


def _timer_event(writer: FitWriter, at: int, kind: str) -> None:
    writer.message(
        _EVENT,
        [Field(253, "uint32", at), Field(0, "enum", 0), Field(1, "enum", _EVENT_TYPES[kind]),
         Field(4, "uint8", 0)],
    )  # fmt: skip


def _write_records(writer: FitWriter, activity: Activity, start: int) -> None:
    """Write the samples with the timer events of the pauses between them."""
    time = activity.columns["time"]
    columns: list[tuple[int, BaseType, NDArray[np.int64]]] = [
        (253, "uint32", np.round(time).astype(np.int64) + start)
    ]
    for name, number, base, scale, offset in _RECORD:
        values = activity.columns[name]
        if np.isfinite(values).any():
            columns.append((number, base, _scaled(values, base, scale, offset)))
    cadence = activity.columns["cadence"]
    if np.isfinite(cadence).any():
        per_leg = cadence / (2.0 if activity.sport != "cycling" else 1.0)
        whole = np.floor(per_leg)
        columns.append((4, "uint8", _scaled(whole, "uint8", 1.0, 0.0)))
        if (np.nan_to_num(per_leg - whole) > 0.0).any():
            columns.append((53, "uint8", _scaled(per_leg - whole, "uint8", 128.0, 0.0)))
    rows = writer.table(_RECORDS, columns)
    first = 0
    for pause in activity.pauses:
        stop = int(np.searchsorted(time, pause.start_s, side="right"))
        writer.append(rows[first:stop])
        _timer_event(writer, start + round(pause.start_s), "stop_all")
        _timer_event(writer, start + round(pause.end_s), "start")
        first = stop
    writer.append(rows[first:])


def _scaled(values: Floats, base: BaseType, scale: float, offset: float) -> NDArray[np.int64]:
    """Scale to integers; what is NaN or does not fit the base type becomes invalid."""
    _, letter, invalid = BASE_TYPES[base]
    info = np.iinfo(letter)
    scaled = np.round((np.nan_to_num(values, nan=-offset) + offset) * scale)
    fits = np.isfinite(values) & (scaled >= info.min) & (scaled <= info.max)
    return np.where(fits, scaled, float(invalid)).astype(np.int64)


def _write_steps(writer: FitWriter, activity: Activity) -> None:
    if not activity.steps:
        return
    name = activity.session.workout_name or activity.name
    writer.message(
        _WORKOUT,
        [Field(4, "enum", _SPORTS.get(activity.sport or "", 0)),
         Field(6, "uint16", len(activity.steps)), Field(8, "string", name)],
    )  # fmt: skip
    for step in activity.steps:
        writer.message(_WORKOUT_STEP, _step_fields(step))


def _step_fields(step: WorkoutStep) -> list[Field]:
    kind = step.duration_type or "open"
    scale = {"time": 1000.0, "distance": 100.0}.get(kind, 1.0)
    value = None if step.duration_value is None else round(step.duration_value * scale)
    target = None if step.target_value is None else round(step.target_value)
    return [
        Field(254, "uint16", step.index),
        Field(1, "enum", _DURATIONS.get(kind, 5)),
        Field(2, "uint32", value),
        Field(3, "enum", _TARGETS.get(step.target_type or "")),
        Field(4, "uint32", target),
        Field(7, "enum", _INTENSITIES.get(step.intensity or "")),
        *([Field(0, "string", step.name)] if step.name else []),
    ]


def _write_lap(writer: FitWriter, activity: Activity, index: int, lap: Lap, start: int) -> None:
    elapsed = lap.end_s - lap.start_s
    timer = lap.timer_s if lap.timer_s is not None else elapsed
    begin = start + round(lap.start_s)
    mean, peak = _heart_rates(activity, lap.start_s, lap.end_s)
    writer.message(
        _LAP,
        [
            Field(253, "uint32", start + round(lap.end_s)),
            Field(254, "uint16", index),
            Field(0, "enum", 9),
            Field(1, "enum", 1),
            Field(2, "uint32", begin),
            Field(7, "uint32", round(elapsed * 1000.0)),
            Field(8, "uint32", round(timer * 1000.0)),
            Field(9, "uint32", _rounded(lap.distance_m, 100.0)),
            Field(15, "uint8", mean),
            Field(16, "uint8", peak),
            Field(23, "enum", _INTENSITIES.get(lap.intensity or "")),
            Field(24, "enum", _TRIGGERS.get(lap.trigger or "")),
            Field(25, "enum", _SPORTS.get(activity.sport or "", 0)),
            Field(71, "uint16", lap.step),
        ],
    )


def _write_totals(writer: FitWriter, activity: Activity, start: int, end: int) -> None:
    timer = activity.session.timer_s
    if timer is None:
        timer = (end - start) - sum(pause.end_s - pause.start_s for pause in activity.pauses)
    mean, peak = _heart_rates(activity, 0.0, float(end - start) + 1.0)
    writer.message(
        _SESSION,
        [
            Field(253, "uint32", end),
            Field(254, "uint16", 0),
            Field(0, "enum", 8),
            Field(1, "enum", 1),
            Field(2, "uint32", start),
            Field(5, "enum", _SPORTS.get(activity.sport or "", 0)),
            Field(6, "enum", _SUB_SPORTS.get(activity.sub_sport or "", 0)),
            Field(7, "uint32", (end - start) * 1000),
            Field(8, "uint32", round(timer * 1000.0)),
            Field(9, "uint32", _rounded(activity.session.distance_m, 100.0)),
            Field(16, "uint8", mean),
            Field(17, "uint8", peak),
            Field(25, "uint16", 0),
            Field(26, "uint16", len(activity.laps)),
            Field(28, "enum", 0),
        ],
    )
    local = None
    if activity.utc_offset_s is not None:
        local = fit_seconds(activity.start_time + timedelta(seconds=activity.utc_offset_s))
        local += end - start
    writer.message(
        _ACTIVITY,
        [
            Field(253, "uint32", end),
            Field(0, "uint32", round(timer * 1000.0)),
            Field(1, "uint16", 1),
            Field(2, "enum", 0),
            Field(3, "enum", 26),
            Field(4, "enum", 1),
            Field(5, "uint32", local),
        ],
    )


def _rounded(value: float | None, scale: float) -> int | None:
    return None if value is None else round(value * scale)


def _heart_rates(activity: Activity, start_s: float, end_s: float) -> tuple[int | None, int | None]:
    time, beats = activity.columns["time"], activity.columns["heart_rate"]
    inside = beats[(time >= start_s) & (time < end_s) & np.isfinite(beats)]
    if inside.size == 0:
        return None, None
    return round(float(inside.mean())), round(float(inside.max()))
