"""The training view's tables for a terminal; here alone metres per second become a pace."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import polars as pl
from rich.console import Console
from rich.text import Text

from intervaldetect.report.console import console_for
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    in_units,
    kind_text,
    one_line,
)
from intervaldetect.report.table import Column, print_table, print_wrapped
from intervaldetect.report.table import Row as TableRow
from intervaldetect.training.weeks import side_by_side

if TYPE_CHECKING:
    from intervaldetect.training.compare import Comparison

Row = dict[str, Any]
METHODS = {
    "heart_rate": "by heart rate",
    "speed": "by speed",
    "critical_speed": "by critical speed",
    "session_goal": "by session goal",
}
EQUAL_PACE = 0.005
# A series has a column for its recoveries.
_RECOVERIES = re.compile(r" \((?:\d+:\d\d|[\d.]+ (?:m|km|mi))(?: [a-z]+)?\)")
LEGEND_COSTS = (
    "Effect: minutes near threshold, by heart rate and by grade-adjusted pace. Load: thousand"
    " steps, each weighted by the fourth power of its peak force relative to running at 3 m/s."
)
LEGEND_BLOCKS = (
    "What followed: change of speed at equal end-of-rep heart rate in the next block, each family"
    " of sessions compared with itself, with its 95 % interval. It shows what came together, not"
    " what caused what."
)


def print_remarks(remarks: Iterable[str], *, console: Console | None = None) -> None:
    """Print what limits the tables, one sentence a line."""
    out = console or console_for(sys.stdout)
    for remark in remarks:
        _note(out, remark)


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
    for athlete, rows in _by_athlete(wide):
        _heading(out, athlete, wide)
        print_table(out, columns, [_week_cells(row, units) for row in _with_gaps(rows)])
        _print_shares(out, rows, distribution)
    for (scale,) in distribution.select("scale").unique(maintain_order=True).iter_rows():
        _note(out, f"{scale[:1].upper()}{scale[1:]}.")


def _week_cells(row: Row | Text, units: Units) -> TableRow:
    if isinstance(row, Text):
        return row
    return (
        row["week"],
        _count(row["runs"]),
        _distance(row["distance_m"], units),
        clock(row["timer_s"]),
        _minutes(row["threshold_work_s"]),
        _distance(row["threshold_work_m"], units),
        _minutes(row["vo2_work_s"]),
        clock(row["longest_piece_s"]),
        _count(row["quality_sessions"]),
        _count(row["double_threshold_days"]),
        _threshold(row, units),
        _temperature(row["temperature_c"], hot=row["hot_sessions"] > 0),
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
    for athlete, rows in _by_athlete(blocks):
        _heading(out, athlete, blocks)
        lines = [
            (
                f"{row['monday']:%G-W%V}",
                str(row["weeks"]),
                _count(row["threshold_sessions"]),
                _minutes(row["continuous_s"]),
                _minutes(row["interval_s"]),
                clock(row["longest_piece_s"]),
                _minutes(row["effect_s"]),
                _load(row["load_steps"]),
                _change(row["change"], row["change_error"]),
                _count(row["compared_families"]),
            )
            for row in rows
            if row["runs"]
        ]
        print_table(out, columns, lines)
    _note(out, LEGEND_COSTS)
    _note(out, LEGEND_BLOCKS)


def print_days(days: pl.DataFrame, *, units: Units = "km", console: Console | None = None) -> None:
    """Print `double_threshold_days`, the evening below the morning."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("start"), Column("session", "left", fold=24),
        Column("pace"), Column("HR end", priority=2), Column("hours between", priority=3),
        Column("evening was", priority=1),
    ]  # fmt: skip
    for athlete, rows in _by_athlete(days):
        _heading(out, athlete, days)
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
        _pace(row[f"{half}_speed_mps"], units),
        _whole(row[f"{half}_end_hr_bpm"]),
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
    for athlete, rows in _by_athlete(costs):
        _heading(out, athlete, costs)
        lines = []
        for row in rows:
            share = row["recovery_share"]
            lines.append(
                (
                    f"{row['day']:%a %Y-%m-%d}",
                    in_units(row["workout"], units) or kind_text(row["kind"]),
                    LABELS.get(row["label"], "?"),
                    _minutes(row["threshold_work_s"]),
                    _minutes(row["band_work_s"]),
                    clock(row["longest_piece_s"]),
                    "" if share is None else f"{share:.0%}",
                    _minutes(row["effect_s"]),
                    _load(row["load_steps"]),
                    _temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
                )
            )
        print_table(out, columns, lines)
    _note(out, LEGEND_COSTS)


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
            summed += f"; speed at HR {rate}: {_change(row['change'], row['change_error'])}"
        print_wrapped(out, summed)
        _print_steps(out, sessions[row["athlete"], row["series"]], units)


def _print_steps(out: Console, steps: pl.DataFrame, units: Units) -> None:
    columns = [
        Column("day", "left"), Column("workout", "left", fold=20),
        Column("changed", "left", fold=16), Column("pace"), Column("HR end"),
        Column(f"pace at equal HR, /{units}"), Column("drift", priority=3),
        Column("recoveries", priority=2), Column("°C", priority=4),
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
                _pace(row["rep_speed_mps"], units),
                _whole(row["end_hr_bpm"]),
                _pace_with_error(
                    row["speed_at_equal_hr_mps"], row["speed_at_equal_hr_error_mps"], units
                ),
                _percent(row["speed_drift"]),
                clock(row["recovery_s"]) + kept[row["recovery_kept"]],
                _temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
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
            _minutes(row["work_s"]),
            _pace(row["speed_mps"], units),
            _whole(row["end_hr_bpm"]),
            _pace_with_error(
                row["speed_at_equal_hr_mps"], row["speed_at_equal_hr_error_mps"], units
            ),
            _minutes(row["effect_s"]),
            _load(row["load_steps"]),
            _temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
        )
        for row in comparison.sessions.iter_rows(named=True)
    ]
    print_table(out, columns, lines)
    if comparison.chosen:
        _note(out, f"The second is {comparison.chosen}")
    _print_reps(out, comparison.reps, units)
    _note(out, LEGEND_COSTS)


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
                _whole(row[f"{which}_end_hr_bpm"]),
                clock(row[f"{which}_recovery_s"]),
            ]
        rate = row["end_hr_change_bpm"]
        lines.append(
            (
                f"{row['set']}.{row['rep']}" if several else str(row["rep"]),
                *cells,
                _percent(row["speed_change"]),
                "" if rate is None else f"{round(rate):+d}",
            )
        )
    print_table(out, columns, lines)


# --- figures -------------------------------------------------------------------------------------


def _by_athlete(frame: pl.DataFrame) -> Iterator[tuple[str, list[Row]]]:
    for part in frame.partition_by("athlete", maintain_order=True):
        yield part["athlete"][0], list(part.iter_rows(named=True))


def _heading(out: Console, athlete: str, frame: pl.DataFrame) -> None:
    if frame["athlete"].n_unique() > 1:
        print_wrapped(out, one_line(athlete), indent=0, style="bold")


def _note(out: Console, sentence: str) -> None:
    print_wrapped(out, sentence, hanging=2, style="quiet")


def _percent(value: float | None) -> str:
    # Adding 0.0 makes of a rounded -0.0 a plain 0.
    return "" if value is None else f"{round(value, 3) + 0.0:+.1%}"


def _count(value: int) -> str:
    return str(value) if value else ""


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _minutes(seconds: float | None) -> str:
    return f"{seconds / 60.0:.0f}" if seconds else ""


def _load(steps: float | None) -> str:
    return "" if steps is None else f"{steps / 1000.0:.1f}"


def _distance(metres: float | None, units: Units) -> str:
    return f"{metres / METRES[units]:.1f}" if metres else ""


def _pace(speed: float | None, units: Units) -> str:
    return f"{clock(METRES[units] / speed)}/{units}" if speed else ""


def _pace_with_error(speed: float | None, error: float | None, units: Units) -> str:
    if not speed or error is None:
        return ""
    return f"{clock(METRES[units] / speed)} ± {METRES[units] * error / speed**2:.0f} s"


def _threshold(row: Row, units: Units) -> str:
    speed, low = row["threshold_speed_mps"], row["threshold_speed_low_mps"]
    error = None if speed is None or low is None else (speed - low) / 1.96
    return _pace_with_error(speed, error, units) or _pace(speed, units)


def _change(change: float | None, error: float | None) -> str:
    if change is None or error is None:
        return ""
    low, high = change - 1.96 * error, change + 1.96 * error
    return f"{_percent(change)} ({_percent(low)} to {_percent(high)})"


def _faster(change: float | None) -> str:
    if change is None:
        return ""
    if abs(change) < EQUAL_PACE:
        return "as fast"
    return f"{abs(change):.1%} {'faster' if change > 0 else 'slower'}"


def _temperature(degrees: float | None, *, hot: bool) -> str:
    return "" if degrees is None else f"{round(degrees)}{' hot' if hot else ''}"
