"""Sessions as HTML pages. Templates escape everything; foreign texts are made harmless before."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

from intervaldetect import __version__
from intervaldetect.output.line import local_time
from intervaldetect.report.format import (
    LABELS,
    Units,
    clock,
    device_told,
    file_name,
    kind_text,
    long_distance,
    pace,
    safe_text,
    sentence,
    workout_text,
    zone_mark,
)
from intervaldetect.report.route_chart import route_data
from intervaldetect.report.rows import check_rows, lap_rows, plan_lines, rep_rows, segment_rows
from intervaldetect.report.session import (
    Session,
    bands_of,
    beside_lines,
    chart_facts,
    is_ride,
    lap_bands,
    panels_of,
    title_of,
    verdict,
)
from intervaldetect.report.session_chart import MARGIN
from intervaldetect.report.traces import rounded, thin

# Scripts and styles come from files of the report, and nothing else comes at all.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'"
)
TEXT_LIMIT = 1000
LINES_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Links:
    """Where a page stands in its report, as relative addresses; None leaves a link out."""

    root: str
    data: str
    home: str | None = None
    before: str | None = None
    after: str | None = None


@cache
def templates() -> Environment:
    """Return the templates, escaping everything that is put into them."""
    return Environment(
        loader=PackageLoader("intervaldetect.report", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def script(name: str, value: Any) -> str:
    """Return a script file that holds one value, in ASCII and without ``<``."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")
    return f'"use strict";\nwindow.{name} = {text};\n'


def session_page(session: Session, links: Links, units: Units) -> str:
    """Return the page of a session.

    Parameters
    ----------
    session : Session
    links : Links
    units : {"km", "mi"}

    Returns
    -------
    str
        HTML that refers to files of the report only.
    """
    return templates().get_template("session.html").render(session_values(session, links, units))


def session_values(session: Session, links: Links, units: Units) -> dict[str, Any]:
    """Return what the template of a session's page is filled with; arguments as `session_page`."""
    summary = session.summary
    moment = local_time(summary)
    zone = zone_mark(summary).replace("?", " (time zone guessed)")
    kind = kind_text(summary["kind"])
    reps = rep_rows(summary, units)
    odds = summary["probabilities"]
    return {
        "policy": POLICY,
        "version": __version__,
        "root": links.root,
        "data": links.data,
        "home": links.home,
        "before": links.before,
        "after": links.after,
        "title": title_of(summary),
        "day": f"{moment:%Y-%m-%d}",
        "facts": [f"{moment:%A %d %B %Y, %H:%M}{zone}", *_facts(summary, units)],
        "workout": workout_text(summary, units),
        "label": summary["label"],
        "verdict": verdict(summary),
        "kind": "" if kind == summary["label"] else kind,
        "odds": [(LABELS[name], odds[name] or 0.0) for name in LABELS] if kind else [],
        "structured": summary["structured_probability"] or 0.0,
        "ride": is_ride(summary),
        "has_distance": session.trace.has_speed,
        "reps": [(number, list(rows)) for number, rows in groupby(reps, lambda row: row["set"])],
        "route": session.latitude is not None,
        "evidence": [
            sentence(safe_text(line, TEXT_LIMIT), units)
            for line in summary["evidence"][:LINES_SHOWN]
        ],
        "thresholds": [] if is_ride(summary) else _thresholds(summary, units),
        "steps": plan_lines(session.steps[:LINES_SHOWN], units),
        "plan": safe_text(session.plan, TEXT_LIMIT),
        "checked": check_rows(session.check, summary, units) if session.check else [],
        "check_verdict": sentence(session.check.verdict, units) if session.check else "",
        "problems": [
            {"message": safe_text(problem["message"], TEXT_LIMIT), "count": problem["count"]}
            for problem in summary["problems"][:LINES_SHOWN]
        ],
        "description": safe_text(summary["description"], TEXT_LIMIT),
        "segments": segment_rows(summary, units),
        "laps": lap_rows(session.laps, units),
    }


def session_data(session: Session, units: Units) -> str:
    """Return the script file with what a session's picture draws."""
    return script("sessionData", session_picture(session, units))


def session_picture(session: Session, units: Units) -> dict[str, Any]:
    """Return what a session's picture draws, JSON-ready."""
    trace = thin(session.trace)
    return {
        "panels": panels_of(session),
        "margin": MARGIN["left"] + MARGIN["right"],
        "facts": chart_facts(session, units),
        "bands": bands_of(session),
        "laps": lap_bands(session),
        "trace": {
            "t": rounded(trace.time_s, 1),
            "d": rounded(trace.distance_m, 0),
            "v": rounded(trace.speed_mps, 2),
            "h": rounded(trace.heart_rate_bpm, 0),
        },
        "beside": beside_lines(trace, is_ride(session.summary)),
        "route": route_data(session, units),
    }


def _facts(summary: Mapping[str, Any], units: Units) -> list[str]:
    sport = summary["sub_sport"] or summary["sport"]
    pause = (summary["elapsed_s"] or 0.0) - (summary["timer_s"] or 0.0)
    degrees = summary["temperature_c"]
    heat = " (heat)" if summary["heat_flag"] else ""
    told = [
        long_distance(summary["distance_m"], units),
        clock(summary["timer_s"]),
        f"{clock(pause)} paused" if summary["timer_s"] is not None and pause >= 1.0 else "",
        "" if sport in {None, "running", "generic"} else safe_text(sport.replace("_", " "), 40),
        "" if degrees is None else f"{degrees:.0f} °C{heat}",
        safe_text(summary["device"], 60),
        file_name(summary["path"]) if safe_text(summary["name"]) else "",
        "" if summary["integrity"] == "intact" else f"file {summary['integrity']}",
        device_told(summary),
    ]
    return [fact for fact in told if fact]


def _thresholds(summary: Mapping[str, Any], units: Units) -> list[tuple[str, str]]:
    told = []
    for key, name in (
        ("threshold_speed_mps", "Threshold pace"),
        ("threshold_hr_bpm", "Threshold heart rate"),
        ("max_hr_bpm", "Highest heart rate"),
    ):
        estimate = summary["thresholds"][key]
        if not estimate:
            continue
        value, error = estimate["value"], estimate["standard_error"]
        if key == "threshold_speed_mps":
            spread = "" if error is None else f" ± {100 * error / value:.0f} %"
            shown = pace(value, units)
        else:
            spread = "" if error is None else f" ± {error:.0f}"
            shown = f"{value:.0f} bpm"
        told.append((name, f"{shown}{spread} ({_source(estimate)})"))
    return told


def _source(estimate: Mapping[str, Any]) -> str:
    told = {"file": "this file alone", "prior": "typical for any runner"}
    sessions = estimate.get("sessions")
    runs = f", {sessions} runs" if sessions and sessions > 1 else ""
    source = str(estimate["source"])
    return told.get(source, source) + runs
