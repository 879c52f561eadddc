"""Control, races and load for a terminal."""

from __future__ import annotations

import json
import sys

import polars as pl
from rich.console import Console

from intervaldetect.report.cells import (
    Row,
    by_athlete,
    count,
    heading,
    note,
    share,
)
from intervaldetect.report.console import console_for
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    pace,
    race_name,
    safe_text,
    whole,
)
from intervaldetect.report.table import Column, print_table

FAMILIES = {"1_2_min": "1-2 min", "2_5_min": "2-5 min", "6_12_min": "6-12 min"}
CONTROL = (
    "Over: faster than the ceiling by more than 1.5 %. The ceiling is threshold pace for reps of up"
    " to 3 min (1.07 of it for 1 min), threshold heart rate from 6 min on, both between."
)
SHARES = "Shares are mean probabilities; reps labelled VO2 are in none of them."


def print_control_weeks(
    weeks: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print `control_weeks`; nothing in it has a unit of distance."""
    del units
    out = console or console_for(sys.stdout)
    columns = [
        Column("week", "left"), Column("sessions", priority=2), Column("reps"), Column("over"),
        *(Column(name) for name in FAMILIES.values()), Column("VO2 reps", priority=1),
    ]  # fmt: skip
    for athlete, rows in by_athlete(weeks):
        heading(out, athlete, weeks)
        print_table(out, columns, [_week(row) for row in rows])
    note(out, f"{CONTROL} {SHARES}")
    if not weeks["judged"].sum():
        note(
            out, "Withheld: threshold not known, or neither pace nor heart rate; see --by session."
        )


def _week(row: Row) -> tuple[str, ...]:
    judged, reps = row["judged"], row["reps"]
    return (
        row["week"],
        count(row["sessions"]),
        f"{judged} of {reps}" if judged < reps else count(reps),
        share(row["over_share"]),
        *(_of(row[f"over_share_{name}"], row[f"judged_{name}"]) for name in FAMILIES),
        count(row["vo2_reps"]),
    )


def _of(part: float | None, number: int) -> str:
    return "" if part is None else f"{part:.0%} of {number}"


def print_control_sessions(
    sessions: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print `session_control`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("workout", "left", fold=18), Column("label", "left", 4),
        Column("verdict", "left"), Column("under/at/over", priority=1), Column("over from"),
        Column("drift", priority=3), Column("HR drift", priority=2), Column("ceiling", priority=5),
    ]  # fmt: skip
    for athlete, rows in by_athlete(sessions):
        heading(out, athlete, sessions)
        print_table(out, columns, [_session(row, units) for row in rows])
    note(out, f"{CONTROL} The verdict is that of the mean of the reps, with its probability.")
    for reason in sessions["withheld"].drop_nulls().unique().sort():
        note(out, f"Withheld where {reason}.")


def _session(row: Row, units: Units) -> tuple[str, ...]:
    start = row["over_from"]
    rate = row["hr_drift_bpm"]
    return (
        f"{row['day']}",
        safe_text(row["workout"]),
        LABELS.get(row["label"], "?"),
        _verdict(row),
        f"{row['under']}/{row['at']}/{row['over']}" if row["judged"] else "",
        "" if start is None else "all" if start == 1 else f"rep {start}",
        "" if row["speed_drift"] is None else f"{row['speed_drift']:+.1%}",
        "" if rate is None else f"{rate:+.0f}",
        _ceiling(row, units),
    )


def _ceiling(row: Row, units: Units) -> str:
    parts = (pace(row["ceiling_speed_mps"], units), whole(row["ceiling_hr_bpm"]))
    return ", ".join(part for part in parts if part)


def _verdict(row: Row) -> str:
    verdict = row["verdict"]
    return "withheld" if verdict is None else f"{verdict} {row[f'p_{verdict}']:.0%}"


def print_control_reps(
    reps: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print `rep_verdicts`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("rep"), Column("time", priority=1), Column("pace"),
        Column("ceiling"), Column("HR end", priority=2), Column("HR ceiling", priority=3),
        Column("over by"), Column("verdict", "left"),
    ]  # fmt: skip
    for athlete, rows in by_athlete(reps):
        heading(out, athlete, reps)
        print_table(out, columns, [_rep(row, units) for row in rows])
    note(out, CONTROL)
    for reason in reps["withheld"].drop_nulls().unique().sort():
        note(out, f"Withheld where {reason}.")


def _rep(row: Row, units: Units) -> tuple[str, ...]:
    over, error = row["over_ceiling"], row["error"]
    return (
        f"{row['day']}",
        f"{row['set']}.{row['rep']}",
        clock(row["seconds"]),
        pace(row["adjusted_speed_mps"], units),
        pace(row["ceiling_speed_mps"], units),
        whole(row["end_hr_bpm"]),
        whole(row["ceiling_hr_bpm"]),
        "" if over is None else f"{100 * over + 0.0:+.1f} ± {100 * error:.1f} %",
        _verdict(row),
    )


def print_races(
    races: pl.DataFrame, *, units: Units = "km", console: Console | None = None
) -> None:
    """Print `race_list`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("race", "left"), Column("time"), Column("pace", priority=3),
        Column("threshold implied"), Column("predicted", priority=1), Column("off", priority=1),
        Column("name", "left", priority=4, fold=12),
    ]  # fmt: skip
    for athlete, rows in by_athlete(races):
        heading(out, athlete, races)
        print_table(out, columns, [_race(row, units) for row in rows])
    held = races["inside"].drop_nulls()
    if held.len():
        note(out, f"{held.sum()} of {held.len()} times lie in their predicted 90 % interval.")
    for reason in races["withheld"].drop_nulls().unique().sort():
        note(out, f"Not predicted: {reason}.")


def _race(row: Row, units: Units) -> tuple[str, ...]:
    metres = METRES[units]
    speed, error, off = row["implied_speed_mps"], row["implied_error_mps"], row["over_predicted"]
    return (
        f"{row['day']}",
        race_name(row["race_m"]),
        clock(row["seconds"]),
        pace(row["speed_mps"], units),
        f"{pace(speed, units)} ± {metres * error / speed**2:.0f} s",
        _interval(row),
        "" if off is None else f"{off:+.1%}",
        safe_text(row["name"]),
    )


def _interval(row: Row) -> str:
    if row["predicted_s"] is None:
        return ""
    return f"{clock(row['predicted_low_s'])} to {clock(row['predicted_high_s'])}"


def print_predictions(times: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `race_predictions`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("predicted", "left"), Column("time"), Column("90 % interval", "left"),
        Column("withheld", "left", fold=30),
    ]  # fmt: skip
    for athlete, rows in by_athlete(times):
        heading(out, athlete, times)
        lines = [
            (race_name(row["race_m"]), clock(row["predicted_s"]), _interval(row),
             row["withheld"] or "")
            for row in rows
        ]  # fmt: skip
        print_table(out, columns, lines)


LOAD = (
    "Load: 100 for an hour at threshold, each second by the fourth power of its speed over"
    " threshold. Muscular load: thousand steps by peak force. Fitness and fatigue are weighted"
    " means of the load of a day, form their difference on the day before."
)


RPE = "Session-RPE load: minutes times perceived exertion of 10."


def print_load(rows: pl.DataFrame, *, first: str = "week", console: Console | None = None) -> None:
    """Print `load_weeks`, or with ``first="day"`` `load_days`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column(first, "left"), Column("runs"), Column("load"), Column("hardest", priority=2),
        Column("muscular", priority=1), Column("session RPE", priority=2), Column("fitness"),
        Column("fatigue"), Column("form"),
    ]  # fmt: skip
    for athlete, mine in by_athlete(rows):
        heading(out, athlete, rows)
        print_table(out, columns, [_load(row, first) for row in mine])
    note(out, LOAD)
    if rows["runs_with_rpe"].sum():
        note(out, f"{RPE} {rows['runs_with_rpe'].sum()} of {rows['runs'].sum()} runs have one.")
    without = int(rows["runs_without_load"].sum())
    if without:
        note(out, f"{counted(without, 'run')} without a load; see --by session.")
    if not rows["settled"].all():
        note(out, "~ marks the first days, in which fitness is still too low.")


def _load(row: Row, first: str) -> tuple[str, ...]:
    steps, form = row["load_steps"], row["form"]
    mark = "" if row["settled"] else "~"
    return (
        f"{row[first]}",
        count(row["runs"]),
        whole(row["load"]) if row["runs"] else "",
        whole(row["hardest"]) if row["runs"] else "",
        f"{steps / 1000.0:.1f}" if steps else "",
        whole(row["rpe_load"]) if row["runs_with_rpe"] else "",
        mark + whole(row["fitness"]),
        mark + whole(row["fatigue"]),
        "" if form is None else f"{mark}{round(form) + 0:+d}",
    )


def print_session_loads(rows: pl.DataFrame, *, console: Console | None = None) -> None:
    """Print `session_loads`."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("day", "left"), Column("workout", "left", fold=18), Column("label", "left"),
        Column("time", priority=2), Column("load"), Column("by", "left", priority=1),
        Column("muscular"), Column("RPE", priority=1), Column("RPE load", priority=1),
        Column("feel", priority=3), Column("said", "left", priority=4, fold=20),
    ]  # fmt: skip
    for athlete, mine in by_athlete(rows):
        heading(out, athlete, rows)
        lines = [
            (
                f"{row['day']}", safe_text(row["workout"]) or (row["kind"] or "").replace("_", " "),
                LABELS.get(row["label"], "?"), clock(row["timer_s"]),
                whole(row["load"]) or "withheld", (row["load_from"] or "").replace("_", " "),
                "" if row["load_steps"] is None else f"{row['load_steps'] / 1000.0:.1f}",
                "" if row["rpe"] is None else f"{row['rpe']:g}", whole(row["rpe_load"]),
                feel(row), said(row),
            )
            for row in mine
        ]  # fmt: skip
        print_table(out, columns, lines)
    note(out, LOAD.split(" Fitness", maxsplit=1)[0])
    if rows["rpe_load"].count():
        note(out, RPE)
    for reason in rows["withheld"].drop_nulls().unique().sort():
        note(out, f"Withheld where {reason}.")


def feel(row: Row) -> str:
    """Return how it felt: as the runner wrote it, of 10, else as entered on the device, of 100."""
    if row["runner_feeling"] is not None:
        return f"{row['runner_feeling']}/10"
    return "" if row["device_feel"] is None else f"{row['device_feel']:.0f}/100"


def said(row: Row) -> str:
    """Return lactate by rep and the note, as the runner wrote them."""
    values = json.loads(row["runner_lactate"] or "[]")
    lactate = ", ".join(f"rep {item['rep']}: {item['mmol']:g} mmol/l" for item in values)
    return "; ".join(part for part in (lactate, safe_text(row["runner_note"])) if part)


def counted(number: int, what: str) -> str:
    """Return a number of things, their plural by it."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def print_week_shares(
    weeks: pl.DataFrame,
    *,
    band: tuple[float, float] = (0.20, 0.25),
    units: Units = "km",
    console: Console | None = None,
) -> None:
    """Print from `training_weeks` the share of threshold work, by length of piece too."""
    out = console or console_for(sys.stdout)
    columns = [
        Column("week", "left"), Column("sub-threshold", "left"),
        *(Column(f"{name}, min", priority=3) for name in FAMILIES.values()),
        Column("double days", priority=1),
        Column(f"long run {units}", priority=2), Column("long run time", priority=4),
    ]  # fmt: skip
    for athlete, rows in by_athlete(weeks):
        heading(out, athlete, weeks)
        print_table(out, columns, [_shares(row, band, units) for row in rows if row["runs"]])
    low, high = band
    note(
        out,
        "Sub-threshold: work labelled threshold as a share of all running time, and where it lies"
        f" to {100 * low:g}-{100 * high:g} %.",
    )


def _shares(row: Row, band: tuple[float, float], units: Units) -> tuple[str, ...]:
    part, far = row["threshold_share"], row["long_run_m"]
    where = ""
    if part is not None:
        where = "below" if part < band[0] else "above" if part > band[1] else "within"
    return (
        row["week"],
        f"{share(part)} {where}".strip(),
        *(count(round(row[f"threshold_{name}_s"] / 60.0)) for name in FAMILIES),
        count(row["double_threshold_days"]),
        "" if far is None else f"{far / METRES[units]:.1f}",
        clock(row["long_run_s"]),
    )


# --- shared --------------------------------------------------------------------------------------
