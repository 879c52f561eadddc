"""The training view's tables for a terminal; here alone metres per second become a pace."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import polars as pl
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from intervaldetect.report.terminal import LABELS, METRES, Units, clock, console_for
from intervaldetect.training.compare import Comparison
from intervaldetect.training.weeks import side_by_side

Row = dict[str, Any]
METHODS = {"heart_rate": "by heart rate", "speed": "by speed", "session_goal": "by session goal"}
EQUAL_PACE = 0.005
# A series has a column for its recoveries.
_RECOVERIES = re.compile(r" \((?:\d+:\d\d|[\d.]+ (?:m|km|mi))(?: [a-z]+)?\)")
LEGEND_COSTS = (
    "Effect: minutes near threshold, by heart rate and by graded speed. Load: thousand steps, each"
    " weighed by the fourth power of its peak force over that at 3 m/s. Two columns, no score."
)
LEGEND_BLOCKS = (
    "What followed: change of speed at equal end-of-rep heart rate in the next block, each family"
    " of sessions against itself, with its 95 % interval. It says what went together, not what"
    " caused what."
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
    for athlete, rows in _by_athlete(wide):
        _heading(out, athlete, wide)
        table = _table(
            "week", "runs", units, "time", "threshold", units, "VO2", "longest", "quality",
            "doubles", "threshold pace", "deg C",
        )  # fmt: skip
        for row in _with_gaps(rows):
            table.add_row(
                row["week"],
                _count(row["runs"]),
                _distance(row["distance_m"], units),
                clock(row["timer_s"]) if row["runs"] else "",
                _minutes(row["threshold_work_s"]),
                _distance(row["threshold_work_m"], units),
                _minutes(row["vo2_work_s"]),
                clock(row["longest_piece_s"]),
                _count(row["quality_sessions"]),
                _count(row["double_threshold_days"]),
                _threshold(row, units),
                _temperature(row["temperature_c"], hot=row["hot_sessions"] > 0),
            )
        out.print(table)
        out.print(_shares(rows, distribution))
    for (scale,) in distribution.select("scale").unique(maintain_order=True).iter_rows():
        _note(out, f"{scale[:1].upper()}{scale[1:]}.")


def _shares(rows: list[Row], distribution: pl.DataFrame) -> Table:
    """Return the share of each zone in percent, by method side by side."""
    zones = {
        method: sorted(zone for zone in part["zone"].unique().to_list() if zone)
        for (method,), part in distribution.partition_by(
            "method", as_dict=True, maintain_order=True
        ).items()
    }
    table = _table("week", *(f"{METHODS[str(method)]}, %" for method in zones))
    for row in rows:
        if not row["runs"]:
            continue
        told = []
        for method, numbers in zones.items():
            seconds = [row[f"{method}_zone_{number}_s"] for number in numbers]
            total = sum(seconds)
            told.append(" / ".join(f"{100 * s / total:.0f}" for s in seconds) if total else "")
        table.add_row(row["week"], *told)
    return table


def _with_gaps(rows: list[Row]) -> Iterator[Row]:
    """Yield rows; of several weeks without a run the first alone, named from it to the last."""
    for ran, group in groupby(rows, lambda row: row["runs"] > 0):
        weeks = list(group)
        if ran:
            yield from weeks
        else:
            until = f" to {weeks[-1]['week']}" if len(weeks) > 1 else ""
            yield {**weeks[0], "week": weeks[0]["week"] + until}


def print_blocks(blocks: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `training_blocks`: continuous against intervals, and what followed."""
    out = console or console_for(sys.stdout)
    for athlete, rows in _by_athlete(blocks):
        _heading(out, athlete, blocks)
        table = _table(
            "from", "weeks", "sessions", "continuous", "intervals", "longest", "effect", "load",
            "what followed", "families",
        )  # fmt: skip
        for row in (row for row in rows if row["runs"]):
            table.add_row(
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
        out.print(table)
    _note(out, LEGEND_COSTS)
    _note(out, LEGEND_BLOCKS)


def print_days(days: pl.DataFrame, *, units: Units = "km", console: Console | None = None) -> None:
    """Print `double_threshold_days`, morning and evening side by side."""
    out = console or console_for(sys.stdout)
    for athlete, rows in _by_athlete(days):
        _heading(out, athlete, days)
        table = _table(
            "day", "morning", "pace", "HR", "hours", "evening", "pace", "HR", "evening was"
        )
        for row in rows:
            unplanned = "no planned efforts"
            halves = [
                (
                    f"{row[f'{half}_start']:%H:%M} {row[f'{half}_workout'] or unplanned}",
                    _pace(row[f"{half}_speed_mps"], units),
                    _whole(row[f"{half}_end_hr_bpm"]),
                )
                for half in ("morning", "evening")
            ]
            table.add_row(
                f"{row['day']:%a %Y-%m-%d}", *halves[0], f"{row['hours_between']:.1f}", *halves[1],
                _faster(row["speed_change"]),
            )  # fmt: skip
        out.print(table)


def print_costs(costs: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print the rows of `session_costs`: continuous and intervals on one scale."""
    out = console or console_for(sys.stdout)
    for athlete, rows in _by_athlete(costs):
        _heading(out, athlete, costs)
        table = _table(
            "day", "workout", "label", "threshold", "in band", "longest", "recovery", "effect",
            "load", "deg C",
        )  # fmt: skip
        for row in rows:
            share = row["recovery_share"]
            table.add_row(
                f"{row['day']:%a %Y-%m-%d}",
                row["workout"] or (row["kind"] or "").replace("_", " "),
                LABELS.get(row["label"], "?"),
                _minutes(row["threshold_work_s"]),
                _minutes(row["band_work_s"]),
                clock(row["longest_piece_s"]),
                "" if share is None else f"{share:.0%}",
                _minutes(row["effect_s"]),
                _load(row["load_steps"]),
                _temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
            )
        out.print(table)
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
    for row in series.iter_rows(named=True):
        whose = f"{row['athlete']}: " if series["athlete"].n_unique() > 1 else ""
        title = Text(
            f"{whose}series {row['series']}, {LABELS.get(row['label'], 'no label')}", "bold"
        )
        told = (
            f"  {row['sessions']} sessions, {row['first_day']:%G-W%V} to {row['last_day']:%G-W%V}"
        )
        if row["change"] is not None:
            rate = f"{row['equal_hr_bpm']:.0f}"
            told += f"; speed at HR {rate}: {_change(row['change'], row['change_error'])}"
        out.print(title + Text(told, "not bold"))
        out.print(_steps(sessions[row["athlete"], row["series"]], units))


def _steps(steps: pl.DataFrame, units: Units) -> Table:
    table = _table(
        "day", "workout", "moved", "pace", "HR end", "at equal HR", "drift", "recoveries", "deg C"
    )
    before: Row | None = None
    kept = {True: " kept", False: " uneven", None: ""}
    for row in steps.iter_rows(named=True):
        drift = row["speed_drift"]
        table.add_row(
            f"{row['day']}",
            _RECOVERIES.sub("", row["workout"] or ""),
            "" if before is None else ", ".join(_moves(before, row)),
            _pace(row["rep_speed_mps"], units),
            _whole(row["end_hr_bpm"]),
            _pace_with_error(
                row["speed_at_equal_hr_mps"], row["speed_at_equal_hr_error_mps"], units
            ),
            _percent(drift),
            clock(row["recovery_s"]) + kept[row["recovery_kept"]],
            _temperature(row["temperature_c"], hot=bool(row["heat_flag"])),
        )
        before = row
    return table


def _moves(before: Row, now: Row) -> Iterator[str]:
    """Say what moved, from what to what."""
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
            told = [LABELS.get(row["label"], "no label") for row in (before, now)]
            yield " to ".join(told)


def print_comparison(
    comparison: Comparison, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print two sessions and their reps side by side."""
    out = console or console_for(sys.stdout)
    table = _table(
        "", "when", "workout", "label", "work", "pace", "HR end", "at equal HR", "effect", "load",
        "deg C",
    )  # fmt: skip
    for row in comparison.sessions.iter_rows(named=True):
        table.add_row(
            row["which"],
            f"{row['local_start']:%Y-%m-%d %H:%M}",
            row["workout"] or "",
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
    out.print(table)
    _note(out, f"The second is {comparison.chosen}")
    out.print(_rep_table(comparison.reps, units))
    _note(out, LEGEND_COSTS)


def _rep_table(reps: pl.DataFrame, units: Units) -> Table:
    each = ("time", "pace", "HR", "recovery")
    table = _table(
        "\nrep", "first\ndistance", *(f"\n{name}" for name in each),
        "second\ndistance", *(f"\n{name}" for name in each), "change\nspeed", "\nHR",
    )  # fmt: skip
    several = reps["set"].n_unique() > 1
    for row in reps.iter_rows(named=True):
        halves = []
        for which in ("first", "second"):
            metres = row[f"{which}_distance_m"]
            halves += [
                "" if metres is None else f"{metres:.0f} m",
                clock(row[f"{which}_seconds"]),
                _pace(row[f"{which}_speed_mps"], units),
                _whole(row[f"{which}_end_hr_bpm"]),
                clock(row[f"{which}_recovery_s"]),
            ]
        speed, rate = row["speed_change"], row["end_hr_change_bpm"]
        number = f"{row['set']}.{row['rep']}" if several else str(row["rep"])
        table.add_row(
            number,
            *halves,
            _percent(speed),
            "" if rate is None else f"{rate:+.0f}",
        )
    return table


# --- figures -------------------------------------------------------------------------------------

_LEFT = frozenset(
    {"week", "day", "from", "morning", "evening", "workout", "moved", "label", "when"}
)
_FOLDED = frozenset({"workout", "moved", "morning", "evening"})


def _table(*names: str) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1), header_style="bold")
    for name in names:
        left = "left" if name in _LEFT else "right"
        table.add_column(name, justify=left, no_wrap=name not in _FOLDED)  # type: ignore[arg-type]
    return table


def _by_athlete(frame: pl.DataFrame) -> Iterator[tuple[str, list[Row]]]:
    for part in frame.partition_by("athlete", maintain_order=True):
        yield part["athlete"][0], list(part.iter_rows(named=True))


def _heading(out: Console, athlete: str, frame: pl.DataFrame) -> None:
    if frame["athlete"].n_unique() > 1:
        out.print(Text(athlete, "bold"))


def _note(out: Console, sentence: str) -> None:
    out.print(Padding(Text(sentence, "dim"), (0, 0, 0, 2), expand=False))


def _percent(value: float | None) -> str:
    # Adding 0.0 makes of a rounded -0.0 a plain 0.
    return "" if value is None else f"{round(value, 3) + 0.0:+.1%}"


def _count(value: int) -> str:
    return str(value) if value else ""


def _whole(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"


def _minutes(seconds: float | None) -> str:
    return f"{seconds / 60.0:.0f} min" if seconds else ""


def _load(steps: float | None) -> str:
    return "" if steps is None else f"{steps / 1000.0:.1f}"


def _distance(metres: float | None, units: Units) -> str:
    return f"{metres / METRES[units]:.1f}" if metres else ""


def _pace(speed: float | None, units: Units) -> str:
    return f"{clock(METRES[units] / speed)}/{units}" if speed else ""


def _pace_with_error(speed: float | None, error: float | None, units: Units) -> str:
    if not speed or error is None:
        return ""
    return f"{clock(METRES[units] / speed)} +-{METRES[units] * error / speed**2:.0f} s"


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
