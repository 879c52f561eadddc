"""The training view's tables for a terminal; here alone metres per second become a pace."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import polars as pl
from rich.console import Console
from rich.text import Text

from intervaldetect.report.cells import (
    LEGEND_COSTS,
    Row,
    by_athlete,
    change,
    count,
    heading,
    load,
    minutes,
    note,
    pace_with_error,
    temperature,
)
from intervaldetect.report.console import console_for
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    in_units,
    kind_text,
    pace,
    whole,
)
from intervaldetect.report.table import Column, print_table
from intervaldetect.report.table import Row as TableRow
from intervaldetect.training.weeks import side_by_side

METHODS = {
    "heart_rate": "by heart rate",
    "speed": "by speed",
    "critical_speed": "by critical speed",
    "session_goal": "by session goal",
}
EQUAL_PACE = 0.005
LEGEND_BLOCKS = (
    "What followed: change of speed at equal end-of-rep heart rate in the next block, each family"
    " of sessions compared with itself, with its 95 % interval. It shows what came together, not"
    " what caused what."
)


def print_remarks(remarks: Iterable[str], *, console: Console | None = None) -> None:
    """Print what limits the tables, one sentence a line."""
    out = console or console_for(sys.stdout)
    for remark in remarks:
        note(out, remark)


def print_weeks(
    weeks: pl.DataFrame,
    distribution: pl.DataFrame,
    *,
    units: Units = "km",
    console: Console | None = None,
) -> None:
    """Print `training_weeks`, and below it the three distributions of `intensity_distribution`."""
    out = console or console_for(sys.stdout)
    wide = side_by_side(weeks, distribution)
    columns = [
        Column("week", "left"), Column("runs", priority=2), Column(units),
        Column("time", priority=3), Column("threshold min"),
        Column(f"threshold {units}", priority=1), Column("VO2 min"),
        Column("longest piece", priority=4), Column("hard sessions", priority=6),
        Column("double days", priority=5), Column("threshold pace"), Column("°C", priority=7),
    ]  # fmt: skip
    for athlete, rows in by_athlete(wide):
        heading(out, athlete, wide)
        print_table(out, columns, [_week_cells(row, units) for row in _with_gaps(rows)])
        _print_shares(out, rows, distribution)
    for (scale,) in distribution.select("scale").unique(maintain_order=True).iter_rows():
        note(out, f"{scale[:1].upper()}{scale[1:]}.")


def _week_cells(row: Row | Text, units: Units) -> TableRow:
    if isinstance(row, Text):
        return row
    return (
        row["week"],
        count(row["runs"]),
        _distance(row["distance_m"], units),
        clock(row["timer_s"]),
        minutes(row["threshold_work_s"]),
        _distance(row["threshold_work_m"], units),
        minutes(row["vo2_work_s"]),
        clock(row["longest_piece_s"]),
        count(row["quality_sessions"]),
        count(row["double_threshold_days"]),
        _threshold(row, units),
        temperature(row["temperature_c"], hot=row["hot_sessions"] > 0),
    )


def _print_shares(out: Console, rows: list[Row], distribution: pl.DataFrame) -> None:
    """Print the share of each zone in percent, by method side by side."""
    zones = {
        method: sorted(zone for zone in part["zone"].unique().to_list() if zone)
        for (method,), part in distribution.partition_by(
            "method", as_dict=True, maintain_order=True
        ).items()
    }
    columns = [
        Column("week", "left"),
        *(
            Column(f"{METHODS[str(method)]}, %", priority=int(method == "critical_speed"))
            for method in zones
        ),
    ]
    lines = [
        (
            row["week"],
            *(
                _shares([row[f"{method}_zone_{number}_s"] for number in numbers])
                for method, numbers in zones.items()
            ),
        )
        for row in rows
        if row["runs"]
    ]
    print_table(out, columns, lines)


def _shares(seconds: Sequence[float]) -> str:
    total = sum(seconds)
    return " / ".join(f"{100 * each / total:.0f}" for each in seconds) if total else ""


def _with_gaps(rows: list[Row]) -> Iterator[Row | Text]:
    """Yield rows; in place of weeks without a run how many there were."""
    for ran, group in groupby(rows, lambda row: row["runs"] > 0):
        weeks = list(group)
        if ran:
            yield from weeks
        else:
            count = "1 week" if len(weeks) == 1 else f"{len(weeks)} weeks"
            yield Text(f"({count} without a run)", "quiet")


def print_blocks(blocks: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `training_blocks`: continuous against intervals, and what followed."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("from", "left"), Column("weeks", priority=5),
        Column("threshold sessions", priority=1), Column("continuous min"),
        Column("interval min"), Column("longest piece", priority=4),
        Column("effect min", priority=2), Column("load", priority=3), Column("what followed"),
        Column("families", priority=6),
    ]  # fmt: skip
    for athlete, rows in by_athlete(blocks):
        heading(out, athlete, blocks)
        lines = [
            (
                f"{row['monday']:%G-W%V}",
                str(row["weeks"]),
                count(row["threshold_sessions"]),
                minutes(row["continuous_s"]),
                minutes(row["interval_s"]),
                clock(row["longest_piece_s"]),
                minutes(row["effect_s"]),
                load(row["load_steps"]),
                change(row["change"], row["change_error"]),
                count(row["compared_families"]),
            )
            for row in rows
            if row["runs"]
        ]
        print_table(out, columns, lines)
    note(out, LEGEND_COSTS)
    note(out, LEGEND_BLOCKS)


def print_days(days: pl.DataFrame, *, units: Units = "km", console: Console | None = None) -> None:
    """Print `double_threshold_days`, the evening below the morning."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("start"), Column("session", "left", fold=24),
        Column("pace"), Column("HR end", priority=2), Column("hours between", priority=3),
        Column("evening was", priority=1),
    ]  # fmt: skip
    for athlete, rows in by_athlete(days):
        heading(out, athlete, days)
        lines: list[TableRow] = []
        for row in rows:
            between = f"{row['hours_between']:.1f}", _faster(row["speed_change"])
            lines.append((f"{row['day']:%a %Y-%m-%d}", *_half_cells(row, "morning", units), "", ""))
            lines.append(("", *_half_cells(row, "evening", units), *between))
        print_table(out, columns, lines)


def _half_cells(row: Row, half: str, units: Units) -> tuple[str, ...]:
    return (
        f"{row[f'{half}_start']:%H:%M}",
        in_units(row[f"{half}_workout"] or "no planned efforts", units),
        pace(row[f"{half}_speed_mps"], units),
        whole(row[f"{half}_end_hr_bpm"]),
    )


def print_costs(
    costs: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print the rows of `session_costs`: continuous and intervals on one scale."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("workout", "left", fold=24), Column("label", "left"),
        Column("threshold min"), Column("near it, min", priority=5),
        Column("longest piece", priority=4), Column("recovery share", priority=6),
        Column("effect min", priority=1), Column("load", priority=2), Column("°C", priority=7),
    ]  # fmt: skip
    for athlete, rows in by_athlete(costs):
        heading(out, athlete, costs)
        lines = []
        for row in rows:
            share = row["recovery_share"]
            lines.append(
                (
                    f"{row['day']:%a %Y-%m-%d}",
                    in_units(row["workout"], units) or kind_text(row["kind"]),
                    LABELS.get(row["label"], "?"),
                    minutes(row["threshold_work_s"]),
                    minutes(row["band_work_s"]),
                    clock(row["longest_piece_s"]),
                    "" if share is None else f"{share:.0%}",
                    minutes(row["effect_s"]),
                    load(row["load_steps"]),
                    temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
                )
            )
        print_table(out, columns, lines)
    note(out, LEGEND_COSTS)


def _distance(metres: float | None, units: Units) -> str:
    return f"{metres / METRES[units]:.1f}" if metres else ""


def _threshold(row: Row, units: Units) -> str:
    speed, low = row["threshold_speed_mps"], row["threshold_speed_low_mps"]
    error = None if speed is None or low is None else (speed - low) / 1.96
    return pace_with_error(speed, error, units) or pace(speed, units)


def _faster(change: float | None) -> str:
    if change is None:
        return ""
    if abs(change) < EQUAL_PACE:
        return "as fast"
    return f"{abs(change):.1%} {'faster' if change > 0 else 'slower'}"
