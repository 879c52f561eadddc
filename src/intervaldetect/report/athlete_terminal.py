"""An athlete's thresholds for a terminal: now, over the months as a sparkline, and why."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from intervaldetect.athlete.overview import AthleteOverview, MonthState
from intervaldetect.records import Estimate
from intervaldetect.report.console import console_for
from intervaldetect.report.format import METRES, Units, clock, one_line
from intervaldetect.report.table import Column, print_table, print_wrapped

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
    name = Text(one_line(overview.athlete), "bold")
    out.print(name + Text(f"  {_counted(overview.runs)}, {span}", "not bold"), soft_wrap=True)
    _print_now(out, overview, units)
    room = max(out.width - 44, 12)
    line = sparkline([_speed(month) for month in overview.months[-min(MAX_MONTHS, room) :]])
    if line:
        known = [speed for month in overview.months if (speed := _speed(month))]
        slow, fast = pace(min(known), units), pace(max(known), units)
        print_wrapped(out, f"threshold by month  {line}  {slow} to {fast}")
    if len(overview.months) > 1:
        _print_months(out, overview.months[-SHOWN_MONTHS:], units)
    for move in overview.moves[-SHOWN_MOVES:]:
        change = f"{pace(move.before_mps, units)} to {pace(move.after_mps, units)}"
        print_wrapped(
            out, f"{move.time:%Y-%m-%d}  threshold moved, {change}: {move.reason}", hanging=2
        )
    print_wrapped(out, _rests_on(overview), hanging=2, style="quiet")
    if overview.best_efforts:
        _print_bests(out, overview, units)
    for doubt, count in overview.doubts.items():
        print_wrapped(out, f"note: {doubt} ({_counted(count)})", hanging=2, style="quiet")


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


def _print_now(out: Console, overview: AthleteOverview, units: Units) -> None:
    known = overview.now.thresholds
    speed = known.threshold_speed_mps
    rows: list[tuple[str, str, str, str]] = []
    if speed is not None and speed.source == "prior":
        rows.append(("threshold pace", "not known", "", "no hard run seen yet"))
    elif speed is not None:
        seconds = METRES[units] / speed.value * speed.standard_error / speed.value
        rows.append(
            ("threshold pace", pace(speed.value, units), f"{seconds:.0f} s", _source(speed))
        )
    for name, estimate in (
        ("threshold heart rate", known.threshold_hr_bpm),
        ("highest heart rate", known.max_hr_bpm),
    ):
        if estimate is not None and estimate.source != "prior":
            error = f"{estimate.standard_error:.0f} bpm"
            rows.append((name, f"{estimate.value:.0f} bpm", error, _source(estimate)))
    if overview.now.critical_speed_mps is not None:
        critical = overview.now.critical_speed_mps
        rows.append(("critical speed", pace(critical, units), "", "best efforts of 90 days"))
    columns = [
        Column("now", "left"), Column("estimate"), Column("±"), Column("from", "left", fold=24),
    ]  # fmt: skip
    print_table(out, columns, rows, indent=2)


def _source(estimate: Estimate) -> str:
    counted = f", {_counted(estimate.sessions or 0)}" if estimate.source == "history" else ""
    rests_on = f": {estimate.rests_on}" if estimate.rests_on else ""
    return SOURCES[estimate.source] + counted + rests_on


def _print_months(out: Console, months: Sequence[MonthState], units: Units) -> None:
    columns = [
        Column("month", "left"), Column("runs"), Column("threshold pace"),
        Column("threshold HR"), Column("highest HR", priority=1),
    ]  # fmt: skip
    rows = []
    for month in months:
        speed = _speed(month)
        rows.append(
            (
                f"{month.month:%Y-%m}",
                str(month.runs),
                "" if speed is None else pace(speed, units),
                _rate(month.thresholds.threshold_hr_bpm),
                _rate(month.thresholds.max_hr_bpm),
            )
        )
    print_table(out, columns, rows, indent=2)


def _rate(estimate: Estimate | None) -> str:
    return "" if estimate is None or estimate.source == "prior" else f"{estimate.value:.0f} bpm"


def _rests_on(overview: AthleteOverview) -> str:
    """Say how many runs there were to learn from."""
    with_heart = f"heart rate in {overview.with_heart_rate} of {_counted(overview.runs)}"
    return f"Rests on {_counted(overview.hard_runs)} with at least 6 min of reps, {with_heart}."


def _print_bests(out: Console, overview: AthleteOverview, units: Units) -> None:
    """Print the best efforts, each at the pace it would have been on the level."""
    columns = [
        Column("best effort (grade-adjusted)", "left"), Column("time"), Column("pace"),
        Column("on", "left"),
    ]  # fmt: skip
    rows = [
        (f"{distance:.0f} m", clock(took), pace(distance / took, units), f"{moment:%Y-%m-%d}")
        for distance, (took, moment) in sorted(overview.best_efforts.items())
    ]
    print_table(out, columns, rows, indent=2)
