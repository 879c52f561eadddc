"""Printed objects as tables for a terminal: one session's reps, many sessions.

Colour and the terminal's width are used only where the output is a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TextIO

from rich.console import Console
from rich.table import Table
from rich.text import Text

from intervaldetect.output.summary import local_time
from intervaldetect.report.console import SafeConsole, plain
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    long_distance,
    sentence,
    workout_text,
)
from intervaldetect.report.rows import rep_rows
from intervaldetect.report.sparkline import sparkline

__all__ = [
    "LABELS", "METRES", "Units", "clock", "console_for", "print_sessions", "print_summary",
]  # fmt: skip

if TYPE_CHECKING:
    from intervaldetect.report.traces import Trace

Summary = Mapping[str, Any]
PLAIN_WIDTH = 120
COLOURS = {"easy": "green", "threshold": "yellow", "vo2": "red"}


def console_for(stream: TextIO) -> Console:
    """Return a console that writes plain, wide lines where the stream is no terminal."""
    if stream.isatty():
        return SafeConsole(file=plain(stream), highlight=False, soft_wrap=False)
    return SafeConsole(file=stream, highlight=False, no_color=True, width=PLAIN_WIDTH)


# --- one session ---------------------------------------------------------------------------------


def print_summary(
    summary: Summary,
    *,
    units: Units = "km",
    trace: Trace | None = None,
    console: Console | None = None,
) -> None:
    """Print one activity: what it was, its speed in a line where given, its reps, and why."""
    out = console or console_for(sys.stdout)
    moment = local_time(summary)
    zone = "" if summary["utc_offset_s"] is not None else " UTC"
    facts = [
        f"{moment:%a %Y-%m-%d %H:%M}{zone}",
        long_distance(summary["distance_m"], units),
        clock(summary["timer_s"]),
    ]
    sport = summary["sub_sport"] or summary["sport"]
    if sport and sport not in {"running", "generic"}:
        facts.append(sport.replace("_", " "))
    title = Text(summary["name"] or summary["path"].replace("\\", "/").rpartition("/")[2], "bold")
    out.print(title + Text("  " + "  ".join(facts), "not bold"))
    out.print(Text("  ") + _workout(summary, units) + Text("  ") + _verdict(summary))
    for line in _trace(summary, trace, out):
        out.print(line)
    rows = list(_rep_rows(summary, units))
    if rows:
        out.print(_rep_table(rows))
    if zones := summary.get("time_in_zones"):
        out.print(Text(f"  {_zones(zones)}"))
    for told in summary["evidence"]:
        out.print(Text(f"  {sentence(told, units)}", "dim"))
    for problem in summary["problems"]:
        times = f" ({problem['count']} times)" if problem["count"] > 1 else ""
        out.print(Text(f"  note: {problem['message']}{times}", "dim"))


def _zones(zones: list[dict[str, Any]]) -> str:
    """Tell the time in the runner's own zones, by the name they have."""
    basis = zones[0]["basis"].replace("_", " ")
    told = ", ".join(f"{item['zone']} {clock(item['seconds'])}" for item in zones)
    return f"{zones[0]['scale']} (by {basis}): {told}"


def _trace(summary: Summary, trace: Trace | None, console: Console) -> Iterator[Text]:
    """Yield the speed as blocks and the reps below it, two columns in from either side."""
    told = trace and sparkline(
        trace, summary["segments"], width=console.width - 4, encoding=console.encoding
    )
    if told:
        speed = Text("  ")
        for block, in_rep in zip(told.speed, told.in_rep, strict=True):
            speed.append(block, "cyan" if in_rep else "dim")
        yield speed
        yield Text(f"  {told.marks}".rstrip(), "cyan")


def _workout(summary: Summary, units: Units) -> Text:
    return Text(workout_text(summary, units) or "no planned efforts", "cyan")


def _verdict(summary: Summary) -> Text:
    label, kind = summary["label"], (summary["kind"] or "").replace("_", " ")
    odds = summary["probabilities"]
    if label is None:
        told = ", ".join(f"{LABELS[name]} {odds[name]:.0%}" for name in LABELS)
        return Text(f"not labelled ({told}){'  ' + kind if kind else ''}", "dim")
    text = Text(f"{LABELS[label]} {odds[label]:.0%}", COLOURS[label])
    return text + Text(f"  {kind}" if kind and kind != label else "", "not bold")


def _rep_table(rows: Iterable[tuple[str, ...]]) -> Table:
    table = Table(box=None, pad_edge=True, padding=(0, 1), header_style="bold")
    for name in ("set", "rep", "distance", "time", "pace", "HR mean", "HR end", "recovery"):
        table.add_column(name, justify="left" if name == "set" else "right", no_wrap=True)
    for row in rows:
        table.add_row(*row, style=None if row[1] else "dim")
    return table


def _rep_rows(summary: Summary, units: Units) -> Iterator[tuple[str, ...]]:
    for row in rep_rows(summary, units):
        figures = tuple(row[key] for key in ("distance", "time", "pace", "hr_mean", "hr_end"))
        first = str(row["set"] or "") if row["role"] == "rep" else row["told"]
        yield first, row["number"], *figures, row["recovery"]


# --- many sessions -------------------------------------------------------------------------------


def print_sessions(
    summaries: Iterable[Summary], *, units: Units = "km", console: Console | None = None
) -> None:
    """Print one line a session: date, name, distance, workout, label."""
    out = console or console_for(sys.stdout)
    table = Table(box=None, pad_edge=False, padding=(0, 1), header_style="bold")
    table.add_column("date", no_wrap=True)
    table.add_column("name", overflow="ellipsis", no_wrap=True, max_width=28)
    table.add_column("distance", justify="right", no_wrap=True)
    table.add_column("workout", overflow="fold", ratio=1)
    table.add_column("label", no_wrap=True)
    shown = list(summaries)
    several = len({summary["athlete"] for summary in shown}) > 1
    for summary in shown:
        name = summary["name"] or ""
        table.add_row(
            f"{local_time(summary):%Y-%m-%d %H:%M}",
            Text(f"{summary['athlete']}: {name}" if several else name),
            long_distance(summary["distance_m"], units),
            _workout_or_kind(summary, units),
            Text(LABELS[summary["label"]], COLOURS[summary["label"]])
            if summary["label"]
            else Text("?", "dim"),
        )
    out.print(table)


def _workout_or_kind(summary: Summary, units: Units) -> Text:
    told = workout_text(summary, units)
    return Text(told) if told else Text((summary["kind"] or "").replace("_", " "), "dim")
