"""Series of sessions and two sessions side by side, as tables for a terminal."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl
from rich.console import Console

from intervaldetect.report.cells import (
    LEGEND_COSTS,
    Row,
    change,
    load,
    minutes,
    note,
    pace_with_error,
    percent,
    temperature,
)
from intervaldetect.report.console import console_for
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    in_units,
    one_line,
    pace,
    whole,
)
from intervaldetect.report.table import Column, print_table, print_wrapped

if TYPE_CHECKING:
    from intervaldetect.training.compare import Comparison

# A series has a column for its recoveries.
_RECOVERIES = re.compile(r" \((?:\d+:\d\d|[\d.]+ (?:m|km|mi))(?: [a-z]+)?\)")


def print_series(
    series: pl.DataFrame,
    steps: pl.DataFrame,
    *,
    units: Units = "km",
    console: Console | None = None,
) -> None:
    """Print `training_series`, each with its `series_steps` below it."""
    out = console or console_for(sys.stdout)
    sessions = steps.partition_by("athlete", "series", as_dict=True, maintain_order=True)
    for number, row in enumerate(series.iter_rows(named=True)):
        if number:
            out.print()
        several = series["athlete"].n_unique() > 1
        whose = f"{one_line(row['athlete'])}: " if several else ""
        title = f"{whose}series {row['series']}, {LABELS.get(row['label'], 'no label')}"
        print_wrapped(out, title, indent=0, style="bold")
        summed = (
            f"{row['sessions']} sessions, {row['first_day']:%G-W%V} to {row['last_day']:%G-W%V}"
        )
        if row["change"] is not None:
            rate = f"{row['equal_hr_bpm']:.0f}"
            summed += f"; speed at HR {rate}: {change(row['change'], row['change_error'])}"
        print_wrapped(out, summed)
        _print_steps(out, sessions[row["athlete"], row["series"]], units)


def print_heat(slopes: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `heat_slopes`: a sentence for each athlete."""
    out = console or console_for(sys.stdout)
    for row in slopes.iter_rows(named=True):
        whose = f"{one_line(row['athlete'])}: " if slopes.height > 1 else ""
        if row["withheld"]:
            note(out, f"{whose}No pace without heat: {row['withheld']}.")
            continue
        note(
            out,
            f"{whose}Heat: {row['slope_per_c']:+.2%} ± {row['slope_error_per_c']:.2%} of speed at"
            f" equal heart rate for each °C above 15, from {row['pairs']} pairs of sessions;"
            f" without it they differ by {row['scatter_without_heat']:.1%}, with it by"
            f" {row['scatter']:.1%}.",
        )


def _print_steps(out: Console, steps: pl.DataFrame, units: Units) -> None:
    columns = [
        Column("day", "left"), Column("workout", "left", fold=20),
        Column("changed", "left", fold=16), Column("pace"), Column("HR end"),
        Column(f"pace at equal HR, /{units}"), Column("without heat", priority=1),
        Column("drift", priority=3), Column("recoveries", priority=2), Column("°C", priority=4),
    ]  # fmt: skip
    before: Row | None = None
    kept = {True: " kept", False: " uneven", None: ""}
    lines = []
    for row in steps.iter_rows(named=True):
        workout = _RECOVERIES.sub("", row["workout"] or "")
        lines.append(
            (
                f"{row['day']}",
                in_units(workout, units),
                "" if before is None else ", ".join(_moves(before, row)),
                pace(row["rep_speed_mps"], units),
                whole(row["end_hr_bpm"]),
                pace_with_error(
                    row["speed_at_equal_hr_mps"], row["speed_at_equal_hr_error_mps"], units
                ),
                pace_with_error(
                    row["speed_without_heat_mps"], row["speed_without_heat_error_mps"], units
                ),
                percent(row["speed_drift"]),
                clock(row["recovery_s"]) + kept[row["recovery_kept"]],
                temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
            )
        )
        before = row
    print_table(out, columns, lines)


def _moves(before: Row, now: Row) -> Iterator[str]:
    """Yield what changed, from what to what."""
    for name in (now["moved"] or "").split(", "):
        if name == "count":
            yield f"{before['count']} to {now['count']} reps"
        elif name == "distance":
            yield f"{before['rep_distance_m']:.0f} to {now['rep_distance_m']:.0f} m"
        elif name == "duration":
            yield f"{clock(before['rep_duration_s'])} to {clock(now['rep_duration_s'])}"
        elif name == "speed":
            yield f"{now['rep_speed_mps'] / before['rep_speed_mps'] - 1.0:+.1%} speed"
        elif name == "recovery":
            yield f"recovery {clock(before['recovery_s'])} to {clock(now['recovery_s'])}"
        elif name == "label":
            labels = [LABELS.get(row["label"], "no label") for row in (before, now)]
            yield " to ".join(labels)


def print_comparison(
    comparison: Comparison, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print two sessions and their reps side by side."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("session", "left"), Column("when", "left"), Column("workout", "left", fold=24),
        Column("label", "left"), Column("work min", priority=4), Column("pace"), Column("HR end"),
        Column(f"pace at equal HR, /{units}", priority=1), Column("effect min", priority=2),
        Column("load", priority=3), Column("°C", priority=5),
    ]  # fmt: skip
    lines = [
        (
            row["which"],
            f"{row['local_start']:%Y-%m-%d %H:%M}",
            in_units(row["workout"], units),
            LABELS.get(row["label"], "?"),
            minutes(row["work_s"]),
            pace(row["speed_mps"], units),
            whole(row["end_hr_bpm"]),
            pace_with_error(
                row["speed_at_equal_hr_mps"], row["speed_at_equal_hr_error_mps"], units
            ),
            minutes(row["effect_s"]),
            load(row["load_steps"]),
            temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
        )
        for row in comparison.sessions.iter_rows(named=True)
    ]
    print_table(out, columns, lines)
    if comparison.chosen:
        note(out, f"The second is {comparison.chosen}")
    _print_reps(out, comparison.reps, units)
    note(out, LEGEND_COSTS)


def _print_reps(out: Console, reps: pl.DataFrame, units: Units) -> None:
    halves = [
        Column(f"{which} {name}", priority=priority)
        for which in ("first", "second")
        for name, priority in (
            ("distance", 2), ("time", 0), (f"pace, /{units}", 0), ("HR", 1), ("recovery", 3),
        )
    ]  # fmt: skip
    columns = [Column("rep", "left"), *halves, Column("speed change"), Column("HR change")]
    several = reps["set"].n_unique() > 1
    lines = []
    for row in reps.iter_rows(named=True):
        cells = []
        for which in ("first", "second"):
            metres = row[f"{which}_distance_m"]
            speed = row[f"{which}_speed_mps"]
            cells += [
                "" if metres is None else f"{metres:.0f} m",
                clock(row[f"{which}_seconds"]),
                clock(METRES[units] / speed) if speed else "",
                whole(row[f"{which}_end_hr_bpm"]),
                clock(row[f"{which}_recovery_s"]),
            ]
        rate = row["end_hr_change_bpm"]
        lines.append(
            (
                f"{row['set']}.{row['rep']}" if several else str(row["rep"]),
                *cells,
                percent(row["speed_change"]),
                "" if rate is None else f"{round(rate):+d}",
            )
        )
    print_table(out, columns, lines)
