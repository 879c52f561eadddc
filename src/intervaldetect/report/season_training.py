"""A season's sheets: control, shares of the week, load, races, recovery and durability as tables.

They say what the tables of `training` say, in the units of the reader; here nothing is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from intervaldetect.report.format import LABELS, METRES, Units, clock, pace, race_name, whole
from intervaldetect.report.season import Tables

Row = Mapping[str, Any]
MAX_ROWS = 60
"""The latest; the commands print all."""


class Cell(NamedTuple):
    """A text, and the address it leads to."""

    text: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table: its name, headings and rows, what explains it, and how many rows are left out."""

    key: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    notes: tuple[str, ...] = ()
    left_out: int = 0


def sheets_of(tables: Tables, addresses: Mapping[int, str], units: Units) -> list[Sheet]:
    """Return the sheets that have rows.

    Parameters
    ----------
    tables : Tables
    addresses : mapping
        Address of the page of each activity.
    units : {"km", "mi"}
    """
    made = (
        _control(tables, addresses, units),
        _shares(tables, units),
        _load(tables),
        _races(tables, addresses, units),
        _predictions(tables),
        _recovery(tables, addresses),
        _durability(tables, addresses),
    )
    return [sheet for sheet in made if sheet.rows]


def _sheet(
    key: str,
    title: str,
    heads: Sequence[str],
    rows: Sequence[Row],
    cells: Callable[[Row], Sequence[Cell | str]],
    notes: Sequence[str] = (),
) -> Sheet:
    """Return a sheet of the latest rows, the last first, with the reasons of what is withheld."""
    latest = list(reversed(rows))[:MAX_ROWS]
    told = tuple(
        tuple(Cell(cell) if isinstance(cell, str) else cell for cell in cells(row))
        for row in latest
    )
    reasons = sorted({row["withheld"] for row in latest if row.get("withheld")})
    withheld = tuple(f"Withheld where {reason}." for reason in reasons)
    left_out = len(rows) - len(latest)
    return Sheet(key, title, tuple(heads), told, (*notes, *withheld), left_out)


def _day(row: Row, addresses: Mapping[int, str]) -> Cell:
    return Cell(f"{row['day']:%Y-%m-%d}", addresses.get(row["activity"]))


def _what(row: Row) -> str:
    return row["workout"] or (row.get("kind") or "").replace("_", " ").replace("vo2", "VO2")


def _control(tables: Tables, addresses: Mapping[int, str], units: Units) -> Sheet:
    def cells(row: Row) -> Sequence[Cell | str]:
        verdict, start = row["verdict"], row["over_from"]
        ceiling = (pace(row["ceiling_speed_mps"], units), whole(row["ceiling_hr_bpm"]))
        return (
            _day(row, addresses),
            row["workout"] or "",
            LABELS.get(row["label"], "?"),
            "withheld" if verdict is None else f"{verdict} {row[f'p_{verdict}']:.0%}",
            f"{row['under']} / {row['at']} / {row['over']}" if row["judged"] else "",
            "" if start is None else "all" if start == 1 else f"rep {start}",
            _percent(row["speed_drift"]),
            _beats(row["hr_drift_bpm"]),
            ", ".join(part for part in ceiling if part),
        )

    return _sheet(
        "control",
        "Reps against the ceiling",
        ("day", "workout", "label", "verdict", "under / at / over", "over from", "drift",
         "HR drift", "ceiling"),
        tables.control,
        cells,
        (
            "Over: faster than the ceiling by more than 1.5 %. The ceiling is threshold pace for"
            " reps of up to 3 min (1.07 of it for 1 min), threshold heart rate from 6 min on,"
            " both between. The verdict is that of the mean of the reps, with its probability.",
        ),
    )  # fmt: skip


def _shares(tables: Tables, units: Units) -> Sheet:
    def minutes(row: Row, name: str) -> str:
        seconds = row[f"threshold_{name}_s"]
        return f"{seconds / 60.0:.0f}" if seconds else ""

    def cells(row: Row) -> Sequence[Cell | str]:
        share, far = row["threshold_share"], row["long_run_m"]
        return (
            row["week"],
            "" if share is None else f"{share:.0%}",
            *(minutes(row, name) for name in ("1_2_min", "2_5_min", "6_12_min")),
            str(row["double_threshold_days"] or ""),
            "" if far is None else f"{far / METRES[units]:.1f} {units}",
            clock(row["long_run_s"]),
        )

    return _sheet(
        "week-shares",
        "Shares of the week",
        ("week", "sub-threshold", "1-2 min", "2-5 min", "6-12 min", "double days", "long run",
         "long run time"),
        [row for row in tables.weeks if row["runs"]],
        cells,
        ("Sub-threshold: work labelled threshold as a share of all running time; then minutes of it"
         " by length of rep. A usual band is 20-25 %.",),
    )  # fmt: skip


def _load(tables: Tables) -> Sheet:
    def cells(row: Row) -> Sequence[Cell | str]:
        mark, ran = "" if row["settled"] else "~", bool(row["runs"])
        form, steps = row["form"], row["load_steps"]
        return (
            row["week"],
            str(row["runs"] or ""),
            whole(row["load"]) if ran else "",
            whole(row["hardest"]) if ran else "",
            f"{steps / 1000.0:.1f}" if steps else "",
            whole(row["rpe_load"]) if row["runs_with_rpe"] else "",
            mark + whole(row["fitness"]),
            mark + whole(row["fatigue"]),
            "" if form is None else f"{mark}{round(form) + 0:+d}",
        )

    unsettled = any(not row["settled"] for row in tables.load)
    return _sheet(
        "load",
        "Load, fitness, fatigue and form",
        ("week", "runs", "load", "hardest", "muscular", "session RPE", "fitness", "fatigue",
         "form"),
        tables.load,
        cells,
        (
            "Load: 100 for an hour at threshold, each second by the fourth power of its speed over"
            " threshold. Muscular load: thousand steps by peak force. Fitness and fatigue are"
            " weighted means of the load of a day, form their difference on the day before.",
            *(["~ marks the first days, in which fitness is still too low."] if unsettled else []),
        ),
    )  # fmt: skip


def _races(tables: Tables, addresses: Mapping[int, str], units: Units) -> Sheet:
    def cells(row: Row) -> Sequence[Cell | str]:
        speed, error = row["implied_speed_mps"], row["implied_error_mps"]
        return (
            _day(row, addresses),
            race_name(row["race_m"]),
            clock(row["seconds"]),
            pace(row["speed_mps"], units),
            f"{pace(speed, units)} ± {METRES[units] * error / speed**2:.0f} s",
            _interval(row),
            _percent(row["over_predicted"]),
        )

    return _sheet(
        "races",
        "Races",
        ("day", "race", "time", "pace", "threshold implied", "predicted", "off"),
        tables.races,
        cells,
    )


def _predictions(tables: Tables) -> Sheet:
    def cells(row: Row) -> Sequence[Cell | str]:
        return (
            race_name(row["race_m"]),
            clock(row["predicted_s"]),
            _interval(row),
            row["withheld"] or "",
        )

    made = _sheet(
        "predictions",
        "Predicted times",
        ("race", "time", "90 % interval", "withheld"),
        list(reversed(tables.predictions)),
        cells,
    )
    return Sheet(made.key, made.title, made.heads, made.rows)


def _interval(row: Row) -> str:
    if row["predicted_s"] is None:
        return ""
    return f"{clock(row['predicted_low_s'])} to {clock(row['predicted_high_s'])}"


def _recovery(tables: Tables, addresses: Mapping[int, str]) -> Sheet:
    def cells(row: Row) -> Sequence[Cell | str]:
        return (
            _day(row, addresses),
            row["workout"] or "",
            whole(row["hr_drop_30s_bpm"]),
            _beats(row["trend_30s_bpm"], 1),
            whole(row["hr_drop_60s_bpm"]),
            _beats(row["trend_60s_bpm"], 1),
            str(row["reps"]),
            whole(row["device_recovery_hr_bpm"]),
        )

    return _sheet(
        "recovery",
        "Recovery between reps",
        ("day", "workout", "drop in 30 s", "a rep", "drop in 60 s", "a rep", "reps", "device"),
        tables.recovery,
        cells,
        ("Fall of heart rate after the end of a rep: medians, then the slope over the session in"
         " bpm a rep. Device: its own heart rate two minutes after the timer stopped.",),
    )  # fmt: skip


def _durability(tables: Tables, addresses: Mapping[int, str]) -> Sheet:
    def cells(row: Row) -> Sequence[Cell | str]:
        return (
            _day(row, addresses),
            _what(row),
            {"reps": "reps", "run": "whole run"}.get(row["scope"], ""),
            clock(row["over_s"]),
            _percent(row["decoupling"]),
            row["band"] or "",
            _percent(row["speed_change_60_min"]),
            _percent(row["speed_change_90_min"]),
        )

    return _sheet(
        "durability",
        "Durability",
        ("day", "run", "over", "time", "decoupling", "band", "after 60 min", "90 min"),
        [row for row in tables.durability if row["decoupling"] is not None],
        cells,
        ("Decoupling: speed over heart rate of the first half over that of the second, minus 1; in"
         " reps of 6 min and more from the second minute on, or over a steady part of an hour and"
         " more. Bands of Smyth 2022 for the marathon: low to 10 %, moderate to 20 %. After 60 and"
         " 90 min: speed at equal heart rate over that of minutes 10 to 20.",),
    )  # fmt: skip


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100.0 * value + 0.0:+.1f} %"


def _beats(value: float | None, decimals: int = 0) -> str:
    return "" if value is None else f"{round(value, decimals) + 0.0:+.{decimals}f}"
