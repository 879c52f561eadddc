"""An athlete's thresholds for a terminal: now, over the months as a sparkline, and why."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from intervaldetect.athlete.overview import AthleteOverview, MonthState
from intervaldetect.records import Estimate
from intervaldetect.report.terminal import METRES, Units, clock, console_for

BLOCKS = "▁▂▃▄▅▆▇█"
MAX_MONTHS = 60
SHOWN_MOVES = 8
SHOWN_MONTHS = 12
SOURCES = {
    "given": "given",
    "history": "history",
    "file": "one file",
    "prior": "a guess for any runner",
}


def print_athlete(
    overview: AthleteOverview, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print what `athlete.overview` sums up."""
    out = console or console_for(sys.stdout)
    span = f"{overview.first:%Y-%m-%d} to {overview.last:%Y-%m-%d}"
    out.print(Text(overview.athlete, "bold") + Text(f"  {_counted(overview.runs)}, {span}"))
    out.print(_now(overview, units))
    line = sparkline([_speed(month) for month in overview.months[-MAX_MONTHS:]])
    if line:
        known = [speed for month in overview.months if (speed := _speed(month))]
        slow, fast = pace(min(known), units), pace(max(known), units)
        out.print(Text(f"  threshold by month  {line}  {slow} to {fast}"))
    if len(overview.months) > 1:
        out.print(_months(overview.months[-SHOWN_MONTHS:], units))
    for move in overview.moves[-SHOWN_MOVES:]:
        change = f"{pace(move.before_mps, units)} -> {pace(move.after_mps, units)}"
        out.print(Text(f"  {move.time:%Y-%m-%d}  threshold moved, {change}: {move.reason}"))
    out.print(Text(f"  {_rests_on(overview)}", "dim"))
    if overview.best_efforts:
        out.print(_bests(overview, units))
    for doubt, count in overview.doubts.items():
        out.print(Text(f"  note: {doubt} ({_counted(count)})", "dim"))


def _counted(runs: int) -> str:
    return "1 run" if runs == 1 else f"{runs} runs"


def sparkline(values: Sequence[float | None]) -> str:
    """Return one block character a value between the lowest and the highest; a gap for None."""
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return ""
    low, high = min(known), max(known)
    step = (high - low) / (len(BLOCKS) - 1) or 1.0
    return "".join(" " if v is None else BLOCKS[round((v - low) / step)] for v in values)


def pace(speed_mps: float, units: Units) -> str:
    """Return a speed as pace."""
    return f"{clock(METRES[units] / speed_mps)}/{units}"


def _speed(month: MonthState) -> float | None:
    estimate = month.thresholds.threshold_speed_mps
    return None if estimate is None or estimate.source == "prior" else estimate.value


def _now(overview: AthleteOverview, units: Units) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("", "now", "+-", "from"):
        table.add_column(column)
    known = overview.now.thresholds
    speed = known.threshold_speed_mps
    if speed is not None and speed.source == "prior":
        table.add_row("  threshold pace", "not known", "", "no hard run seen yet")
    elif speed is not None:
        seconds = METRES[units] / speed.value * speed.standard_error / speed.value
        table.add_row(
            "  threshold pace", pace(speed.value, units), f"{seconds:.0f} s", _source(speed)
        )
    for name, estimate in (
        ("  threshold heart rate", known.threshold_hr_bpm),
        ("  highest heart rate", known.max_hr_bpm),
    ):
        if estimate is not None and estimate.source != "prior":
            error = f"{estimate.standard_error:.0f} bpm"
            table.add_row(name, f"{estimate.value:.0f} bpm", error, _source(estimate))
    if overview.now.critical_speed_mps is not None:
        critical = overview.now.critical_speed_mps
        table.add_row("  critical speed", pace(critical, units), "", "best efforts of 90 days")
    return table


def _source(estimate: Estimate) -> str:
    counted = f", {_counted(estimate.sessions or 0)}" if estimate.source == "history" else ""
    rests_on = f": {estimate.rests_on}" if estimate.rests_on else ""
    return SOURCES[estimate.source] + counted + rests_on


def _months(months: Sequence[MonthState], units: Units) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    for column in ("  month", "runs", "threshold pace", "threshold HR", "highest HR"):
        table.add_column(column, justify="left" if column == "  month" else "right")
    for month in months:
        known = month.thresholds
        speed = _speed(month)
        table.add_row(
            f"  {month.month:%Y-%m}",
            str(month.runs),
            "" if speed is None else pace(speed, units),
            _rate(known.threshold_hr_bpm),
            _rate(known.max_hr_bpm),
        )
    return table


def _rate(estimate: Estimate | None) -> str:
    return "" if estimate is None or estimate.source == "prior" else f"{estimate.value:.0f} bpm"


def _rests_on(overview: AthleteOverview) -> str:
    """Say how many runs there were to learn from."""
    with_heart = f"heart rate in {overview.with_heart_rate} of {_counted(overview.runs)}"
    return f"Rests on {_counted(overview.hard_runs)} with at least 6 min of reps, {with_heart}."


def _bests(overview: AthleteOverview, units: Units) -> Table:
    """Return the best efforts, as if on the level."""
    table = Table(box=None, pad_edge=False, padding=(0, 2))
    table.add_column("  best effort, as if level")
    for column in ("time", "pace"):
        table.add_column(column, justify="right")
    table.add_column("on")
    for distance, (took, moment) in sorted(overview.best_efforts.items()):
        speed = pace(distance / took, units)
        table.add_row(f"  {distance:.0f} m", clock(took), speed, f"{moment:%Y-%m-%d}")
    return table
