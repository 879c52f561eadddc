"""What the terminal tables of training share: athletes, headings, notes and the texts of cells."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
from rich.console import Console

from intervaldetect.report.format import METRES, Units, clock, one_line
from intervaldetect.report.table import print_wrapped

Row = dict[str, Any]
LEGEND_COSTS = (
    "Effect: minutes near threshold, by heart rate and by grade-adjusted pace. Load: thousand"
    " steps, each weighted by the fourth power of its peak force relative to running at 3 m/s."
)


def by_athlete(frame: pl.DataFrame) -> Iterator[tuple[str, list[Row]]]:
    """Yield the rows of each athlete."""
    for part in frame.partition_by("athlete", maintain_order=True):
        yield part["athlete"][0], list(part.iter_rows(named=True))


def heading(out: Console, athlete: str, frame: pl.DataFrame) -> None:
    """Name the athlete where there are several."""
    if frame["athlete"].n_unique() > 1:
        print_wrapped(out, one_line(athlete), indent=0, style="bold")


def note(out: Console, sentence: str) -> None:
    """Print a sentence below a table."""
    print_wrapped(out, sentence, hanging=2, style="quiet")


def percent(value: float | None) -> str:
    """Return a change in percent with its sign, empty where not known."""
    # Adding 0.0 makes of a rounded -0.0 a plain 0.
    return "" if value is None else f"{round(value, 3) + 0.0:+.1%}"


def share(value: float | None) -> str:
    """Return a share in percent, empty where not known."""
    return "" if value is None else f"{value:.0%}"


def count(value: int | None) -> str:
    """Return a number, empty where it is zero or not known."""
    return str(value) if value else ""


def minutes(seconds: float | None) -> str:
    """Return a time in whole minutes, empty where it is zero or not known."""
    return f"{seconds / 60.0:.0f}" if seconds else ""


def load(steps: float | None) -> str:
    """Return a load in thousand steps, empty where not known."""
    return "" if steps is None else f"{steps / 1000.0:.1f}"


def pace_with_error(speed: float | None, error: float | None, units: Units) -> str:
    """Return a speed and its standard error as a pace, empty where either is not known."""
    if not speed or error is None:
        return ""
    return f"{clock(METRES[units] / speed)} ± {METRES[units] * error / speed**2:.0f} s"


def change(value: float | None, error: float | None) -> str:
    """Return a change in percent with its 95 % interval, empty where either is not known."""
    if value is None or error is None:
        return ""
    low, high = value - 1.96 * error, value + 1.96 * error
    return f"{percent(value)} ({percent(low)} to {percent(high)})"


def temperature(degrees: float | None, *, hot: bool) -> str:
    """Return degrees Celsius, empty where not known."""
    return "" if degrees is None else f"{round(degrees)}{' hot' if hot else ''}"
