"""Recovery and durability for a terminal."""

from __future__ import annotations

import sys

import polars as pl
from rich.console import Console

from intervaldetect.report.cells import Row, by_athlete, heading, note
from intervaldetect.report.console import console_for
from intervaldetect.report.format import LABELS, Units, clock, pace, safe_text, whole
from intervaldetect.report.table import Column, print_table

DROP = (
    "Drop: heart rate at the end of the rep less that 30 or 60 s later, as far as the next rep had"
    " not begun. It depends on how recoveries are run, and on how long the reps were."
)
DECOUPLING = (
    "Decoupling: speed over heart rate of the first half over that of the second, minus 1; in reps"
    " of 6 min and more from the second minute on, or over a steady part of an hour and more."
    " Bands of Smyth 2022 for the marathon: low to 10 %, moderate to 20 %."
)


def print_recovery_sessions(sessions: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `recovery_sessions`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("workout", "left", fold=18),
        Column("label", "left", priority=4), Column("30 s"), Column("a rep", priority=2),
        Column("60 s"), Column("a rep", priority=1), Column("reps", priority=3),
        Column("device", priority=1),
    ]  # fmt: skip
    for athlete, rows in by_athlete(sessions):
        heading(out, athlete, sessions)
        print_table(out, columns, [_session(row) for row in rows])
    note(out, f"{DROP} Medians, then the slope over the session in bpm a rep.")
    if sessions["device_recovery_hr_bpm"].count():
        note(out, "Device: its own heart rate two minutes after the timer stopped.")
    for reason in sessions["withheld"].drop_nulls().unique().sort():
        note(out, f"Withheld where {reason}.")


def _session(row: Row) -> tuple[str, ...]:
    return (
        f"{row['day']}",
        safe_text(row["workout"]),
        LABELS.get(row["label"], "?"),
        "withheld" if row["withheld"] else whole(row["hr_drop_30s_bpm"]),
        _signed(row["trend_30s_bpm"]),
        whole(row["hr_drop_60s_bpm"]),
        _signed(row["trend_60s_bpm"]),
        str(row["reps"]),
        whole(row["device_recovery_hr_bpm"]),
    )


def print_recovery_reps(reps: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `recovery_reps`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("rep"), Column("time", priority=1), Column("HR end"),
        Column("30 s"), Column("60 s"), Column("recovery", priority=2),
    ]  # fmt: skip
    for athlete, rows in by_athlete(reps):
        heading(out, athlete, reps)
        lines = [
            (
                f"{row['day']}", f"{row['set']}.{row['rep']}", clock(row["seconds"]),
                whole(row["end_hr_bpm"]), whole(row["hr_drop_30s_bpm"]),
                whole(row["hr_drop_60s_bpm"]), clock(row["recovery_s"]),
            )
            for row in rows
        ]  # fmt: skip
        print_table(out, columns, lines)
    note(out, DROP)


def print_durability(runs: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `session_durability`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("run", "left", fold=18), Column("over", "left"),
        Column("time", priority=2), Column("decoupling", "left"),
        Column("after 60 min", priority=1), Column("90 min", priority=1),
        Column("withheld", "left", priority=3, fold=24),
    ]  # fmt: skip
    for athlete, rows in by_athlete(runs):
        heading(out, athlete, runs)
        print_table(out, columns, [_run(row) for row in rows])
    note(out, DECOUPLING)
    if runs["speed_change_60_min"].count():
        note(out, "After 60 and 90 min: speed at equal heart rate over that of minutes 10 to 20.")


def _run(row: Row) -> tuple[str, ...]:
    value = row["decoupling"]
    figure = "withheld" if value is None else f"{value:+.1%} {row['band'] or ''}".rstrip()
    return (
        f"{row['day']}",
        safe_text(row["workout"]) or (row["kind"] or "").replace("_", " "),
        {"reps": "reps", "run": "whole run"}.get(row["scope"], ""),
        clock(row["over_s"]),
        figure,
        *(
            "" if row[f"speed_change_{minutes}_min"] is None
            else f"{row[f'speed_change_{minutes}_min']:+.1%}"
            for minutes in (60, 90)
        ),
        row["withheld"] or "",
    )  # fmt: skip


LACTATE = (
    "LT1: 2 mmol/l, or where two lines through the logarithms meet (Beaver). LT2: 4 mmol/l, 1.5"
    " above the lowest, Dmax (Cheng), modified Dmax (Bishop); on a cubic through all values."
)
_METHODS = {
    "fixed_2": "2 mmol/l", "log_log": "log-log", "fixed_4": "4 mmol/l",
    "baseline_1_5": "baseline + 1.5", "dmax": "Dmax", "modified_dmax": "modified Dmax",
}  # fmt: skip


def print_lactate(
    curve: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print `lactate_curve`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("threshold", "left"), Column("method", "left"), Column("pace"),
        Column("90 % interval", "left"), Column("HR", priority=1),
        Column("withheld", "left", fold=30),
    ]  # fmt: skip
    for athlete, rows in by_athlete(curve):
        heading(out, athlete, curve)
        print_table(out, columns, [_lactate(row, units) for row in rows])
        first = rows[0]
        days = "1 day" if first["sessions"] == 1 else f"{first['sessions']} days"
        note(out, f"{first['values']} values of {days}.")
    note(out, LACTATE)


def _lactate(row: Row, units: Units) -> tuple[str, ...]:
    low, high = row["high_mps"], row["low_mps"]
    return (
        row["which"],
        _METHODS[row["method"]],
        pace(row["speed_mps"], units),
        f"{pace(low, units)} to {pace(high, units)}" if low and high else "",
        whole(row["hr_bpm"]),
        row["withheld"] or "",
    )


def print_lactate_values(
    values: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print `lactate_values`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("rep"), Column("pace"), Column("HR end"), Column("mmol/l"),
        Column("from", "left", priority=1),
    ]  # fmt: skip
    for athlete, rows in by_athlete(values):
        heading(out, athlete, values)
        lines = [
            (
                str(row["day"] or ""), str(row["rep"] or ""), pace(row["speed_mps"], units),
                whole(row["hr_bpm"]), f"{row['mmol']:.1f}", row["found"],
            )
            for row in rows
        ]  # fmt: skip
        print_table(out, columns, lines)


def _signed(value: float | None) -> str:
    return "" if value is None else f"{value + 0.0:+.1f}"
