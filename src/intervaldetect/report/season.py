"""A season's pages: what the training view says of a store, drawn, and a list of all sessions.

Every figure comes from the printed objects and from the tables of `training`; here they are only
put into rows, in the units of the reader.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    long_distance,
    pace,
    workout_text,
)
from intervaldetect.report.session import PACE_LINES, PACE_STEPS_S, tick_values, title_of

Rows = Sequence[Mapping[str, Any]]
LETTERS = {"easy": "E", "threshold": "T", "vo2": "V", None: "?"}
METHODS = {
    "heart_rate": "by heart rate",
    "speed": "by speed",
    "critical_speed": "by critical speed",
    "session_goal": "by goal of session",
}


@dataclass(frozen=True, slots=True)
class Tables:
    """Tables of `training` for one athlete, as rows; columns as `training.columns` has them.

    ``begun`` is the local start of each run by its key.
    """

    weeks: Rows = ()
    distribution: Rows = ()
    days: Rows = ()
    series: Rows = ()
    steps: Rows = ()
    control: Rows = ()
    load: Rows = ()
    races: Rows = ()
    predictions: Rows = ()
    recovery: Rows = ()
    durability: Rows = ()
    remarks: tuple[str, ...] = ()
    begun: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Page:
    """A session's summary, the address of its page, and its start by the local clock."""

    summary: Mapping[str, Any]
    address: str
    begun: datetime


@dataclass(slots=True)
class Week:
    """A column of the calendar: its Monday, the month that begins in it, its seven days."""

    monday: date
    month: str = ""
    days: list[dict[str, Any]] = field(default_factory=list)


def moment(day: date) -> int:
    """Return a day as milliseconds since 1970, as if in UTC."""
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp() * 1000)


def list_rows(pages: Iterable[Page], units: Units) -> list[dict[str, Any]]:
    """Return a row of texts for each session, the latest first."""
    rows = []
    for page in pages:
        summary = page.summary
        begun, label = page.begun, summary["label"]
        rows.append(
            {
                "address": page.address,
                "day": f"{begun:%Y-%m-%d}",
                "clock": f"{begun:%H:%M}",
                "name": title_of(summary),
                "distance": long_distance(summary["distance_m"], units),
                "time": clock(summary["timer_s"]),
                "workout": workout_text(summary, units) or "",
                "label": label or "none",
                "told": LABELS[label] if label else "not labelled",
                "kind": (summary["kind"] or "").replace("_", " ").replace("vo2", "VO2"),
            }
        )
    rows.sort(key=lambda row: (row["day"], row["clock"]), reverse=True)
    return rows


def calendar(pages: Iterable[Page], doubles: Iterable[date]) -> list[tuple[int, list[Week]]]:
    """Return the years, the latest first, each as weeks of seven days with their sessions."""
    by_day: dict[date, list[dict[str, Any]]] = {}
    for page in pages:
        by_day.setdefault(page.begun.date(), []).append(_session_in_calendar(page))
    marked = set(doubles)
    years = []
    for year in sorted({day.year for day in by_day}, reverse=True):
        own = [day for day in by_day if day.year == year]
        years.append((year, _weeks(min(own), max(own), year, by_day, marked)))
    return years


def _session_in_calendar(page: Page) -> dict[str, Any]:
    label = page.summary["label"]
    told = LABELS[label] if label else "not labelled"
    what = page.summary["workout"] or (page.summary["kind"] or "").replace("_", " ")
    return {
        "letter": LETTERS[label],
        "label": label or "none",
        "address": page.address,
        "told": f"{page.begun:%a %Y-%m-%d %H:%M}: {told}" + (f", {what}" if what else ""),
        "at": page.begun,
    }


def _weeks(
    first: date,
    last: date,
    year: int,
    by_day: Mapping[date, list[dict[str, Any]]],
    marked: set[date],
) -> list[Week]:
    weeks = []
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        week = Week(monday)
        for offset in range(7):
            day = monday + timedelta(days=offset)
            if day.day == 1 and day.year == year:
                week.month = f"{day:%b}"
            sessions = by_day.get(day, []) if day.year == year else []
            week.days.append(
                {
                    "day": f"{day:%Y-%m-%d}",
                    "sessions": sorted(sessions, key=lambda session: session["at"]),
                    "double": bool(sessions) and day in marked,
                }
            )
        weeks.append(week)
        monday += timedelta(days=7)
    return weeks


def season_data(
    tables: Tables, addresses: Mapping[int, str], reach: tuple[date, date], units: Units
) -> dict[str, Any]:
    """Return what the charts of a season draw.

    Parameters
    ----------
    tables : Tables
    addresses : mapping
        Address of the page of each activity.
    reach : (date, date)
        First and last day.
    units : {"km", "mi"}
    """
    weeks = [_week(row, units) for row in tables.weeks]
    steps = _steps(tables, addresses, units)
    order = {method: index for index, (method, _) in enumerate(scales_of(tables))}
    limits = [value for week in weeks for value in (week["p"], week["fast"], week["slow"]) if value]
    return {
        "facts": {"unit": METRES[units], "unitName": units, "scales": len(order)},
        "reach": [moment(reach[0]), moment(reach[1] + timedelta(days=1))],
        "weeks": weeks,
        "zones": [_zone(row, order) for row in tables.distribution if row["zone"] > 0],
        "steps": steps,
        "seriesRange": _pace_range([step["p"] for step in steps]),
        "thresholdRange": _pace_range(limits),
    }


def _steps(tables: Tables, addresses: Mapping[int, str], units: Units) -> list[dict[str, Any]]:
    """Return the sessions of each series, the last of it marked."""
    steps = [_step(row, addresses, units) for row in tables.steps if row["rep_speed_mps"]]
    lasts = {step["series"]: step["id"] for step in steps}
    for step in steps:
        step["last"] = lasts[step["series"]] == step["id"]
    return steps


def _week(row: Mapping[str, Any], units: Units) -> dict[str, Any]:
    unit = METRES[units]

    def paced(name: str) -> float | None:
        value = row[name]
        return round(unit / value, 1) if value else None

    return {
        "x": moment(row["monday"]),
        "week": row["week"],
        "threshold": round((row["threshold_work_s"] or 0.0) / 60.0, 1),
        "vo2": round((row["vo2_work_s"] or 0.0) / 60.0, 1),
        "distance": round((row["distance_m"] or 0.0) / unit, 1),
        "doubles": row["double_threshold_days"] or 0,
        "p": paced("threshold_speed_mps"),
        "fast": paced("threshold_speed_high_mps"),
        "slow": paced("threshold_speed_low_mps"),
    }


def _zone(row: Mapping[str, Any], order: Mapping[str, int]) -> dict[str, Any]:
    return {
        "x": moment(row["monday"]),
        "order": order[row["method"]],
        "title": METHODS[row["method"]],
        "zone": row["zone"],
        "name": row["zone_name"],
        "seconds": round(row["seconds"]),
    }


def _step(row: Mapping[str, Any], addresses: Mapping[int, str], units: Units) -> dict[str, Any]:
    return {
        "id": f"{row['series']}.{row['step']}",
        "series": row["series"],
        "x": moment(row["day"]),
        "p": round(METRES[units] / row["rep_speed_mps"], 1),
        "label": row["label"] or "none",
        "workout": row["workout"] or "",
        "address": addresses.get(row["activity"]),
    }


def scales_of(tables: Tables) -> list[tuple[str, str]]:
    """Return the methods by which something is known of intensity, each with its scale's name."""
    known = {row["method"]: row["scale"] for row in tables.distribution if row["zone"] > 0}
    return [(method, known[method]) for method in METHODS if method in known]


def week_rows(tables: Tables, units: Units) -> list[dict[str, Any]]:
    """Return a row of texts for every week, the latest first."""
    return [
        {
            "week": row["week"],
            "monday": f"{row['monday']:%Y-%m-%d}",
            "runs": row["runs"],
            "distance": long_distance(row["distance_m"], units),
            "time": clock(row["timer_s"]),
            "threshold": clock(row["threshold_work_s"]),
            "threshold_distance": long_distance(row["threshold_work_m"], units),
            "vo2": clock(row["vo2_work_s"]),
            "longest": clock(row["longest_piece_s"]),
            "quality": row["quality_sessions"],
            "doubles": row["double_threshold_days"],
            "limit": pace(row["threshold_speed_mps"], units),
        }
        for row in reversed(tables.weeks)
    ]


def series_rows(tables: Tables, addresses: Mapping[int, str], units: Units) -> list[dict[str, Any]]:
    """Return each series with the rows of its sessions, as texts."""
    steps: dict[int, list[dict[str, Any]]] = {}
    for row in tables.steps:
        steps.setdefault(row["series"], []).append(_step_row(row, addresses, units))
    return [
        {
            "series": row["series"],
            "told": LABELS.get(row["label"], "not labelled"),
            "sessions": row["sessions"],
            "first": row["first_workout"] or "",
            "last": row["last_workout"] or "",
            "days": f"{row['first_day']:%Y-%m-%d} to {row['last_day']:%Y-%m-%d}",
            "moved": row["moved"] or "",
            "change": _change(row),
            "steps": steps.get(row["series"], []),
        }
        for row in tables.series
    ]


def _step_row(row: Mapping[str, Any], addresses: Mapping[int, str], units: Units) -> dict[str, Any]:
    kept = row["recovery_kept"]
    drift = row["speed_drift"]
    degrees = row["temperature_c"]
    return {
        "address": addresses.get(row["activity"]),
        "day": f"{row['day']:%Y-%m-%d}",
        "workout": row["workout"] or "",
        "moved": row["moved"] or "",
        "pace": pace(row["rep_speed_mps"], units),
        "hr_end": "" if row["end_hr_bpm"] is None else f"{row['end_hr_bpm']:.0f}",
        "equal": _equal(row, units),
        "drift": "" if drift is None else f"{100 * drift:+.1f} %",
        "kept": "" if kept is None else "yes" if kept else "no",
        "degrees": ""
        if degrees is None
        else f"{degrees:.0f} °C" + (" heat" if row["heat_flag"] else ""),
    }


def _equal(row: Mapping[str, Any], units: Units) -> str:
    value, error = row["speed_at_equal_hr_mps"], row["speed_at_equal_hr_error_mps"]
    if value is None:
        return ""
    unit = METRES[units]
    spread = "" if error is None else f" ±{unit * error / value**2:.0f} s"
    return f"{pace(value, units)}{spread} at {row['equal_hr_bpm']:.0f}"


def _change(row: Mapping[str, Any]) -> str:
    if row["change"] is None:
        return ""
    spread = "" if row["change_error"] is None else f" ±{100 * row['change_error']:.1f}"
    rate = "" if row["equal_hr_bpm"] is None else f" at {row['equal_hr_bpm']:.0f} bpm"
    return f"{100 * row['change']:+.1f}{spread} % in speed{rate}"


def day_rows(tables: Tables, addresses: Mapping[int, str], units: Units) -> list[dict[str, Any]]:
    """Return a row of texts for every double-threshold day, the latest first."""
    return [
        {
            "day": f"{row['day']:%a %Y-%m-%d}",
            "hours": "" if row["hours_between"] is None else f"{row['hours_between']:.1f} h",
            "faster": {True: "yes", False: "no", None: ""}[row["evening_faster"]],
            "work": clock(row["threshold_work_s"]),
            "work_distance": long_distance(row["threshold_work_m"], units),
            "halves": [
                {
                    "address": addresses.get(row[f"{half}_activity"]),
                    "workout": row[f"{half}_workout"] or "",
                    "clock": f"{row[f'{half}_start']:%H:%M}",
                    "pace": pace(row[f"{half}_speed_mps"], units),
                }
                for half in ("morning", "evening")
            ],
        }
        for row in reversed(tables.days)
    ]


def _pace_range(paces: Sequence[float]) -> dict[str, Any]:
    """Return slow and fast end of an axis of paces in seconds, and its lines."""
    if not paces:
        return {"pace": [300.0, 180.0], "paceTicks": [180.0, 240.0, 300.0]}
    room = max((max(paces) - min(paces)) * 0.08, 3.0)
    fast, slow = math.floor(min(paces) - room), math.ceil(max(paces) + room)
    return {
        "pace": [slow, fast],
        "paceTicks": tick_values(fast, slow, PACE_STEPS_S, PACE_LINES),
    }
