"""Printed objects as tables for a terminal: one session's reps, many sessions.

Colour and the terminal's width are used only where the output is a terminal.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.text import Text

from intervaldetect.output.line import local_time
from intervaldetect.report.console import console_for
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    device_told,
    file_name,
    kind_text,
    long_distance,
    one_line,
    sentence,
    workout_text,
    zone_mark,
)
from intervaldetect.report.rows import rep_rows
from intervaldetect.report.sparkline import sparkline
from intervaldetect.report.table import Column, print_table, print_wrapped

__all__ = [
    "LABELS", "METRES", "Units", "clock", "console_for", "print_sessions", "print_summary",
]  # fmt: skip

if TYPE_CHECKING:
    from intervaldetect.report.traces import Trace

Summary = Mapping[str, Any]


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
    name = one_line(summary["name"]) or file_name(summary["path"])
    _together(out, 0, Text(name, "bold"), Text("  ".join(_facts(summary, units))))
    _together(out, 2, _workout(summary, units), _verdict(summary))
    for line in _trace(summary, trace, out):
        out.print(line, soft_wrap=True)
    _print_reps(out, summary, units)
    if zones := summary.get("time_in_zones"):
        print_wrapped(out, _zones(zones))
    if told := device_told(summary):
        print_wrapped(out, told, hanging=2, style="quiet")
    for line in summary["evidence"]:
        print_wrapped(out, sentence(line, units), hanging=2, style="quiet")
    for problem in summary["problems"]:
        times = f" ({problem['count']} times)" if problem["count"] > 1 else ""
        print_wrapped(out, f"note: {problem['message']}{times}", hanging=2, style="quiet")


def _print_reps(out: Console, summary: Summary, units: Units) -> None:
    rows = rep_rows(summary, units)
    if rows:
        styles = ["" if row["number"] else "quiet" for row in rows]
        pace_or_speed = "speed" if summary["sport"] == "cycling" else "pace"
        print_table(out, _rep_columns(pace_or_speed), map(_rep_cells, rows), styles=styles)


def _facts(summary: Summary, units: Units) -> list[str]:
    """Return when it was, how far, how long, and the sport where that is not plain running."""
    sport = summary["sub_sport"] or summary["sport"]
    ordinary = not sport or sport in {"running", "generic"}
    return [
        f"{local_time(summary):%a %Y-%m-%d %H:%M}{zone_mark(summary)}",
        long_distance(summary["distance_m"], units),
        clock(summary["timer_s"]),
        *([] if ordinary else [one_line(sport.replace("_", " "))]),
    ]


def _together(out: Console, indent: int, *parts: Text) -> None:
    """Print parts on one line where they fit, else each on its own, broken at spaces."""
    shown = [part for part in parts if part]
    if sum(part.cell_len for part in shown) + 2 * len(shown) + indent <= out.width:
        line = Text("  ").join(shown)
        out.print(Text(" " * indent).append_text(line), soft_wrap=True)
        return
    for number, part in enumerate(shown):
        inner = indent + (2 if number else 0)
        print_wrapped(out, part.plain, indent=inner, hanging=2, style=str(part.style))


def _zones(zones: list[dict[str, Any]]) -> str:
    """Return the time in the runner's own zones, by the name they have."""
    basis = zones[0]["basis"].replace("_", " ")
    times = ", ".join(f"{one_line(item['zone'])} {clock(item['seconds'])}" for item in zones)
    return f"{one_line(zones[0]['scale'])} (by {basis}): {times}"


def _trace(summary: Summary, trace: Trace | None, console: Console) -> Iterator[Text]:
    """Yield the speed as blocks and the reps below it, two columns in from either side."""
    drawn = trace and sparkline(
        trace, summary["segments"], width=console.width - 4, encoding=console.encoding
    )
    if drawn:
        speed = Text("  ")
        for block, in_rep in zip(drawn.speed, drawn.in_rep, strict=True):
            speed.append(block, "rep" if in_rep else "quiet")
        yield speed
        yield Text(f"  {drawn.marks}".rstrip(), "rep")


def _workout(summary: Summary, units: Units) -> Text:
    return Text(workout_text(summary, units) or "no planned efforts", "bold")


def _verdict(summary: Summary) -> Text:
    """Return the label with its probability, and the kind of session where that says more."""
    label, kind = summary["label"], kind_text(summary["kind"])
    odds = summary["probabilities"]
    if not kind:  # not judged: a ride, or too little running
        return Text("not labelled", "quiet")
    if label is None:
        shares = ", ".join(f"{LABELS[name]} {odds[name]:.0%}" for name in LABELS)
        return Text(f"not labelled ({shares})  {kind}", "quiet")
    verdict = Text("").append(f"{LABELS[label]} {odds[label]:.0%}", label)
    return verdict.append(f"  {kind}" if kind != label else "")


def _rep_columns(pace_or_speed: str) -> list[Column]:
    return [
        Column("set", "left"),
        Column("rep"),
        Column("distance"),
        Column("time"),
        Column(pace_or_speed),
        Column("HR mean", priority=3),
        Column("HR end", priority=2),
        Column("recovery", priority=1),
    ]


def _rep_cells(row: Mapping[str, Any]) -> tuple[str, ...]:
    figures = (row[key] for key in ("distance", "time", "pace", "hr_mean", "hr_end"))
    first = str(row["set"] or "") if row["role"] == "rep" else row["told"]
    return first, row["number"], *figures, row["recovery"]


# --- many sessions -------------------------------------------------------------------------------


def print_sessions(
    summaries: Iterable[Summary], *, units: Units = "km", console: Console | None = None
) -> None:
    """Print one line a session: date, name, distance, workout, label.

    A column with the athlete, and one with the sport, where there are several.
    """
    out = console or console_for(sys.stdout)
    shown = list(summaries)
    several = {key: len({one[key] for one in shown}) > 1 for key in ("athlete", "sport")}
    columns = [
        Column("date", "left"),
        Column("athlete", "left", priority=1),
        Column("sport", "left", priority=2),
        Column("name", "left", fold=11),
        Column("distance"),
        Column("workout", "left", fold=26),
        Column("label", "left"),
    ]
    rows = [
        (
            f"{local_time(one):%Y-%m-%d %H:%M}{zone_mark(one)}",
            one_line(one["athlete"]) if several["athlete"] else "",
            _sport(one["sport"]) if several["sport"] else "",
            one_line(one["name"]),
            long_distance(one["distance_m"], units),
            _workout_or_kind(one, units),
            Text(LABELS[one["label"]], one["label"]) if one["label"] else Text("?", "quiet"),
        )
        for one in shown
    ]
    print_table(out, columns, rows, indent=0)


def _sport(sport: str | None) -> str:
    return {"running": "run", "cycling": "ride"}.get(sport or "", one_line(sport)).replace("_", " ")


def _workout_or_kind(summary: Summary, units: Units) -> Text:
    workout = workout_text(summary, units)
    return Text(workout) if workout else Text(kind_text(summary["kind"]), "quiet")
