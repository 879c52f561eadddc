"""The tables of a store as polars frames, with ISO weeks; pandas and DuckDB take them as Arrow."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, get_args

import polars as pl

from intervaldetect.errors import ParameterError

if TYPE_CHECKING:
    from intervaldetect.store import Store

Table = Literal["sessions", "reps", "weeks"]
_SESSIONS = """
    SELECT activity, athlete, path, part, name, sport, start_time, local_date, elapsed_s, timer_s,
        distance_m, temperature_c, label, kind, p_easy, p_threshold, p_vo2, structured_probability,
        workout, threshold_speed_mps, threshold_hr_bpm, max_hr_bpm, device_rpe, device_feel,
        device_recovery_hr_bpm, runner_rpe, runner_feeling, runner_note, runner_lactate
    FROM activities ORDER BY athlete, start_time, activity"""
_REPS = """
    SELECT a.activity, a.athlete, a.local_date, g.set_number, g.rep_number, g.start_s, g.end_s,
        g.distance_m, g.mean_speed_mps, g.grade_adjusted_speed_mps, g.mean_hr_bpm, g.end_hr_bpm,
        g.mean_cadence_spm, g.mean_power_w, g.confidence, g.source, a.label,
        g.hr_drop_30s_bpm, g.hr_drop_60s_bpm
    FROM segments g JOIN activities a ON a.activity = g.activity
    WHERE g.role = 'rep' ORDER BY a.athlete, a.start_time, g.activity, g.number"""
_TEXT, _WHOLE, _NUMBER = pl.String(), pl.Int64(), pl.Float64()
SESSIONS: dict[str, pl.DataType] = {
    "activity": _WHOLE, "athlete": _TEXT, "path": _TEXT, "part": _WHOLE, "name": _TEXT,
    "sport": _TEXT, "start_time": _TEXT, "local_date": _TEXT,
    **dict.fromkeys(("elapsed_s", "timer_s", "distance_m", "temperature_c"), _NUMBER),
    "label": _TEXT, "kind": _TEXT,
    **dict.fromkeys(("p_easy", "p_threshold", "p_vo2", "structured_probability"), _NUMBER),
    "workout": _TEXT,
    **dict.fromkeys(("threshold_speed_mps", "threshold_hr_bpm", "max_hr_bpm"), _NUMBER),
    **dict.fromkeys(
        ("device_rpe", "device_feel", "device_recovery_hr_bpm", "runner_rpe", "runner_feeling"),
        _NUMBER,
    ),
    "runner_note": _TEXT, "runner_lactate": _TEXT,
}  # fmt: skip
REPS: dict[str, pl.DataType] = {
    "activity": _WHOLE, "athlete": _TEXT, "local_date": _TEXT, "set": _WHOLE, "rep": _WHOLE,
    **dict.fromkeys(
        (
            "start_s", "end_s", "distance_m", "speed_mps", "adjusted_speed_mps", "mean_hr_bpm",
            "end_hr_bpm", "cadence_spm", "power_w", "confidence",
        ),
        _NUMBER,
    ),
    "source": _TEXT, "label": _TEXT, "hr_drop_30s_bpm": _NUMBER, "hr_drop_60s_bpm": _NUMBER,
}  # fmt: skip


def frame(store: Store, table: Table) -> pl.DataFrame:
    """Return sessions, reps or weeks of a store.

    Parameters
    ----------
    store : Store
    table : {"sessions", "reps", "weeks"}
        A row for each session, each rep, or each ISO week of each athlete. ``week`` is written
        as ``2025-W41`` and belongs to the local date.

    Raises
    ------
    ParameterError
        Another table.
    """
    if table not in get_args(Table):
        raise ParameterError("table", table, ", ".join(get_args(Table)))
    if table == "reps":
        return _with_week(pl.DataFrame(store.query(_REPS), schema=REPS, orient="row"))
    sessions = _with_week(pl.DataFrame(store.query(_SESSIONS), schema=SESSIONS, orient="row"))
    start = pl.col("start_time").str.to_datetime(
        "%Y-%m-%dT%H:%M:%S%.fZ", time_unit="ms", time_zone="UTC"
    )
    sessions = sessions.with_columns(start)
    return sessions if table == "sessions" else _weeks(sessions)


def _with_week(rows: pl.DataFrame) -> pl.DataFrame:
    day = pl.col("local_date").str.to_date("%Y-%m-%d")
    return rows.with_columns(day).with_columns(week=pl.col("local_date").dt.strftime("%G-W%V"))


def _weeks(sessions: pl.DataFrame) -> pl.DataFrame:
    """Count and sum the sessions of each week; no sum contains what is not known."""
    labels = {
        f"{name}_sessions": (pl.col("label") == name).sum().cast(pl.Int64)
        for name in ("easy", "threshold", "vo2")
    }
    return (
        sessions.group_by("athlete", "week", monday=pl.col("local_date").dt.truncate("1w"))
        .agg(
            sessions=pl.len().cast(pl.Int64),
            distance_m=pl.col("distance_m").sum(),
            timer_s=pl.col("timer_s").sum(),
            **labels,
        )
        .sort("athlete", "week")
    )
