"""What is shown of one session: the printed object, its lines, laps, plan and, if asked, its route.

`Session` is made from an analysis or from what a store holds; pages, pictures and the terminal
draw it. Nothing is judged here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from intervaldetect.output.line import local_time
from intervaldetect.output.summary import to_dict
from intervaldetect.plan.check import PlanCheck
from intervaldetect.records import Analysis, Floats, Lap, WorkoutStep
from intervaldetect.report.format import (
    LABELS,
    METRES,
    Units,
    clock,
    file_name,
    long_distance,
    pace,
    safe_text,
    workout_text,
)
from intervaldetect.report.session_chart import Panels
from intervaldetect.report.traces import Trace, rounded, thin, trace_of_signal

SUFFIXES = re.compile(r"(?<=.)(\.(fit|gpx|tcx))?(\.gz)?$", re.IGNORECASE)
PACE_STEPS_S = (5.0, 10.0, 15.0, 30.0, 60.0, 120.0, 300.0, 600.0)
RATE_STEPS = (5.0, 10.0, 20.0, 50.0)
SPEED_STEPS = (1.0, 2.0, 5.0, 10.0, 20.0)
PACE_LINES = 7
# Slower than this share of the fastest lies on the bottom line: walking would squeeze the reps.
SLOWEST_SHARE = 0.42
# An even run is not drawn as if it were a workout.
LEAST_SPREAD = 0.22
AROUND_STRIDE_S = 20.0
# So many have room for their numbers on a phone, between them if not within.
FEW_REPS = 8
BESIDE = (
    ("altitude_m", "elevation (m)"),
    ("cadence_spm", "cadence (steps/min)"),
    ("power_w", "power (W)"),
)


@dataclass(frozen=True, slots=True, eq=False)
class Session:
    """One session to be shown.

    ``summary`` is the printed object. ``latitude`` and ``longitude`` (degrees, at ``route_time_s``)
    are there only where positions were asked for. ``check`` is the plan, if there is one, against
    what was done, and ``plan`` how the plan was written.
    """

    summary: Mapping[str, Any]
    trace: Trace
    laps: tuple[Lap, ...] = ()
    steps: tuple[WorkoutStep, ...] = ()
    route_time_s: Floats | None = None
    latitude: Floats | None = None
    longitude: Floats | None = None
    check: PlanCheck | None = None
    plan: str | None = None


def session_of(
    analysis: Analysis,
    *,
    positions: bool = False,
    check: PlanCheck | None = None,
    plan: str | None = None,
) -> Session:
    """Return what is shown of an analysed activity.

    Parameters
    ----------
    analysis : Analysis
    positions : bool
        Whether its route may be shown.
    check : PlanCheck, optional
        A plan held against it, as `check_plan` returns it.
    plan : str, optional
        How that plan was written.

    Returns
    -------
    Session
    """
    activity = analysis.activity
    route: tuple[Floats | None, Floats | None, Floats | None] = (None, None, None)
    latitude, longitude = activity.columns["latitude"], activity.columns["longitude"]
    fixed = np.isfinite(latitude) & np.isfinite(longitude)
    if positions and fixed.any():
        route = (activity.columns["time"][fixed], latitude[fixed], longitude[fixed])
    laps = activity.laps if len(activity.laps) > 1 else ()
    trace = trace_of_signal(analysis.signal)
    return Session(to_dict(analysis), trace, laps, activity.steps, *route, check, plan)


def title_of(summary: Mapping[str, Any]) -> str:
    """Return a session's name, else the name of its file without what says its format."""
    return safe_text(summary["name"]) or SUFFIXES.sub("", file_name(summary["path"]))


def verdict(summary: Mapping[str, Any]) -> str:
    """Return the label with its probability, or that there is none."""
    label = summary["label"]
    if label is None:
        return "not labelled"
    return f"{LABELS[label]} {summary['probabilities'][label]:.0%}"


def is_ride(summary: Mapping[str, Any]) -> bool:
    """Whether the session is shown in km/h instead of a pace."""
    return bool(summary["sport"] == "cycling")


def panels_of(session: Session) -> Panels:
    """Return which panels a session's picture needs."""
    trace = session.trace
    if trace.has_speed and trace.has_heart_rate:
        return "both"
    return "heart" if trace.has_heart_rate else "pace"


def chart_facts(session: Session, units: Units) -> dict[str, Any]:
    """Return the signal ``facts`` of a session's picture."""
    summary, trace = session.summary, session.trace
    wheels = is_ride(summary)
    low, high, ticks = _speed_range(session, units, wheels)
    heart_low, heart_high = _heart_range(trace)
    evened = f", mean of {trace.window_s:.0f} s" if trace.window_s else ""
    facts = {
        "unit": METRES[units],
        "unitName": units,
        "wheels": wheels,
        "seconds": max(float(summary["elapsed_s"] or 0.0), 1.0),
        "metres": max(_metres(trace), 1.0),
        "pace": [low, high],
        "paceTicks": ticks,
        "paceTitle": (f"speed ({units}/h)" if wheels else f"pace (min/{units})") + evened,
        "heart": [heart_low, heart_high],
        "heartTicks": tick_values(heart_low, heart_high, RATE_STEPS, 6),
        "heartTitle": "heart rate (bpm)",
        "beside": len(beside_lines(trace, wheels)),
        "title": f"{title_of(summary)}, {local_time(summary):%a %Y-%m-%d %H:%M}",
        "subtitle": _subtitle(summary, units),
    }
    return {**facts, **_limits(summary, units, wheels, facts)}


def chart_data(session: Session, *, width: int = 1400) -> dict[str, list[dict[str, Any]]]:
    """Return the data sets of a session's picture, its lines as fine as ``width`` can show."""
    thinned = thin(session.trace, buckets=width // 2)
    columns = (
        ("t", thinned.time_s, 1),
        ("d", thinned.distance_m, 0),
        ("v", thinned.speed_mps, 2),
        ("h", thinned.heart_rate_bpm, 0),
    )
    lists = {name: rounded(values, decimals) for name, values, decimals in columns}
    trace = [dict(zip(lists, row, strict=True)) for row in zip(*lists.values(), strict=True)]
    return {
        "trace": trace,
        "bands": bands_of(session),
        "laps": lap_bands(session),
        "beside": [
            {"row": row, **{k: line[k] for k in ("title", "low", "high")}, "t": t, "d": d, "v": v}
            for row, line in enumerate(beside_lines(thinned, is_ride(session.summary)))
            for t, d, v in zip(lists["t"], lists["d"], line["values"], strict=True)
        ],
    }


def beside_lines(trace: Trace, ride: bool) -> list[dict[str, Any]]:
    """Return the small lines below the panels: title, values, and the range they are drawn in."""
    lines = []
    for name, title in BESIDE:
        title = title.replace("steps/min", "rpm") if ride else title
        values = getattr(trace, name)
        if values is None:
            continue
        known = values[np.isfinite(values)]
        low, high = np.quantile(known, (0.005, 0.995))
        room = max(0.05 * (high - low), 5.0)
        lines.append(
            {
                "title": title,
                "low": float(np.floor(low - room)),
                "high": float(np.ceil(high + room)),
                "values": rounded(values, 0),
            }
        )
    return lines


def bands_of(session: Session) -> list[dict[str, Any]]:
    """Return each segment with its ends in time and distance, its number and its means."""
    summary = session.summary
    several = len(summary["sets"]) > 1
    reps = sum(segment["role"] == "rep" for segment in summary["segments"])
    every = 1 if reps <= FEW_REPS else 5
    bands = []
    for index, segment in enumerate(summary["segments"]):
        number = "" if segment["rep"] is None else str(segment["rep"])
        if several and number:
            number = f"{segment['set']}.{number}"
        bands.append(
            {
                "i": index,
                "role": segment["role"],
                "n": number if segment["role"] == "rep" else "",
                # Numbers that are printed even where they are wider than their rep.
                "few": (segment["rep"] or 1) % every == 0,
                **_ends(session.trace, segment["start_s"], segment["end_s"]),
                "v": segment["mean_speed_mps"],
                "h": segment["mean_hr_bpm"],
            }
        )
    return bands


def lap_bands(session: Session) -> list[dict[str, Any]]:
    """Return the file's laps with their ends in time and distance, counted from 1."""
    return [
        {"n": number, **_ends(session.trace, lap.start_s, lap.end_s)}
        for number, lap in enumerate(session.laps, 1)
    ]


def _ends(trace: Trace, start_s: float, end_s: float) -> dict[str, float]:
    return {
        "t0": round(start_s, 1),
        "t1": round(end_s, 1),
        "d0": round(trace.distance_at(start_s), 1),
        "d1": round(trace.distance_at(end_s), 1),
    }


def _metres(trace: Trace) -> float:
    return float(trace.distance_m[-1]) if trace.distance_m.size else 0.0


def _subtitle(summary: Mapping[str, Any], units: Units) -> list[str]:
    facts = [long_distance(summary["distance_m"], units), clock(summary["timer_s"])]
    kind = (summary["kind"] or "").replace("_", " ").replace("vo2", "VO2")
    told = workout_text(summary, units) or "no planned efforts"
    judged = verdict(summary) + (f", {kind}" if kind and kind != summary["label"] else "")
    return [told, " · ".join(fact for fact in (judged, *facts) if fact)]


def _limits(
    summary: Mapping[str, Any], units: Units, wheels: bool, facts: Mapping[str, Any]
) -> dict[str, Any]:
    """Threshold lines, where something is known and lies within the picture."""
    limits: dict[str, Any] = {"paceLimit": None, "heartLimit": None}
    told = summary["thresholds"]
    speed, rate = told["threshold_speed_mps"], told["threshold_hr_bpm"]
    slow, fast = facts["pace"]
    speed, rate = (e if e and e["source"] != "prior" else None for e in (speed, rate))
    if speed and not wheels and fast < METRES[units] / speed["value"] < slow:
        limits["paceLimit"] = METRES[units] / speed["value"]
        limits["paceLimitText"] = f"threshold {pace(speed['value'], units)}"
    if rate and facts["heart"][0] < rate["value"] < facts["heart"][1]:
        limits["heartLimit"] = rate["value"]
        limits["heartLimitText"] = f"threshold {rate['value']:.0f}"
    return limits


def _speed_range(session: Session, units: Units, wheels: bool) -> tuple[float, float, list[float]]:
    """Bottom and top of the speed panel, and its lines; a pace is given in seconds, fast on top."""
    unit = METRES[units]
    speeds = session.trace.speed_mps[np.isfinite(session.trace.speed_mps)]
    if not (speeds > 0.5).any():
        return (0.0, 10.0, [0.0, 5.0, 10.0]) if wheels else (600.0, 240.0, [300.0, 420.0, 540.0])
    slow, fast = _usual_speeds(session)
    if wheels:
        top = fast * 3.6 * 1000.0 / unit * 1.03
        return 0.0, top, tick_values(0.0, top, SPEED_STEPS, PACE_LINES)
    slow = min(max(slow, fast * SLOWEST_SHARE), fast * 0.8)
    high, low = unit / (fast * 1.08), unit / (slow * 0.97)
    return low, high, tick_values(high, low, PACE_STEPS_S, PACE_LINES)


def _usual_speeds(session: Session) -> tuple[float, float]:
    """Return the slow and the fast end of what a panel shows, in m/s.

    A few strides, a walk or a glitch do not stretch it; reps and the jogs around them lie inside.
    """
    trace, segments = session.trace, session.summary["segments"]
    counted = np.isfinite(trace.speed_mps) & (trace.speed_mps > 0.5)
    for segment in segments:
        if segment["role"] == "stride":
            ends = segment["start_s"] - AROUND_STRIDE_S, segment["end_s"] + AROUND_STRIDE_S
            counted &= (trace.time_s < ends[0]) | (trace.time_s > ends[1])
    if not counted.any():
        counted = np.isfinite(trace.speed_mps) & (trace.speed_mps > 0.5)
    # Stored points are unevenly spaced; each counts for the time until the next.
    seconds = np.diff(trace.time_s, append=trace.time_s[-1] + 1.0).clip(0.0, 60.0)[counted]
    speed = trace.speed_mps[counted]
    order = np.argsort(speed)
    share = np.cumsum(seconds[order]) / seconds.sum()
    slow, middle, fast = np.interp((0.03, 0.5, 0.985), share, speed[order])
    top = max(fast, middle * (1.0 + LEAST_SPREAD), *_mean_speeds(segments, {"rep"}))
    easy = _mean_speeds(segments, {"warmup", "cooldown", "recovery"})
    jogs = [0.92 * mean for mean in easy if mean > top * SLOWEST_SHARE]
    return min(slow, middle * (1.0 - LEAST_SPREAD), *jogs), float(top)


def _mean_speeds(segments: Sequence[Mapping[str, Any]], roles: Set[str]) -> list[float]:
    own = (each["mean_speed_mps"] for each in segments if each["role"] in roles)
    return [mean for mean in own if mean]


def _heart_range(trace: Trace) -> tuple[float, float]:
    known = trace.heart_rate_bpm[np.isfinite(trace.heart_rate_bpm)]
    if not known.size:
        return 60.0, 200.0
    low, high = np.quantile(known, [0.005, 1.0])
    middle, half = (low + high) / 2, max((high - low) / 2 * 1.08, 15.0)
    return float(np.floor(middle - half)), float(np.ceil(middle + half))


def tick_values(low: float, high: float, steps: tuple[float, ...], most: int) -> list[float]:
    """Return round values from low to high, about ``most`` of them."""
    step = next((step for step in steps if (high - low) / step <= most), steps[-1])
    first = np.ceil(low / step - 1e-9) * step
    return [float(value) for value in np.arange(first, high + step * 1e-9, step)]
