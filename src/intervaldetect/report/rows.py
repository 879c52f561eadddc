"""The tables of a session's page as rows of text: reps, segments, laps, the plan in the file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from intervaldetect.plan.check import PlanCheck
from intervaldetect.plan.planned import PlannedRep
from intervaldetect.records import Lap, Segment, WorkoutStep
from intervaldetect.report.format import (
    METRES,
    Units,
    clock,
    distance,
    pace,
    safe_text,
    speed,
    whole,
)

ROLES = {
    "warmup": "warm-up", "cooldown": "cool-down", "steady": "steady", "rep": "rep",
    "recovery": "recovery", "stride": "stride", "pause": "pause", "other": "other",
}  # fmt: skip
# What is told beside the reps: not the steps between two strides.
AROUND = {"warmup", "cooldown", "steady"}
AROUND_S = 120.0
Row = dict[str, Any]


def rep_rows(summary: Mapping[str, Any], units: Units) -> list[Row]:
    """Return a row for each rep and stride, and for what lies before and after them.

    Parameters
    ----------
    summary : mapping
        The printed object.
    units : {"km", "mi"}

    Returns
    -------
    list of dict
        ``band`` is the index of the segment, ``number`` its count within the set, the rest texts.
        Empty without reps and strides.
    """
    segments = summary["segments"]
    if not any(segment["role"] in {"rep", "stride"} for segment in segments):
        return []
    recoveries = {
        (segment["set"], segment["rep"]): segment
        for segment in segments
        if segment["role"] == "recovery" and segment["rep"] is not None
    }
    styles = {item["set"]: item["recovery_style"] or "" for item in summary["sets"]}
    wheels = summary["sport"] == "cycling"
    rows: list[Row] = []
    strides = 0
    for index, segment in enumerate(segments):
        if not _is_told(segment):
            continue
        role, place = segment["role"], (segment["set"], segment["rep"])
        strides += role == "stride"
        row = {"band": index, "role": role, "told": ROLES[role], "set": None, "recovery": ""}
        row["number"] = str(strides) if role == "stride" else ""
        if role == "rep":
            row["set"] = segment["set"] if len(summary["sets"]) > 1 else None
            row["number"] = str(segment["rep"] or "")
            row["recovery"] = _recovery(recoveries.get(place), styles.get(segment["set"], ""))
        rows.append({**row, **_figures(segment, units, wheels)})
    return rows


def _is_told(segment: Mapping[str, Any]) -> bool:
    """Whether a segment has a row of its own beside the reps: not what is brief around them."""
    long = segment["end_s"] - segment["start_s"] >= AROUND_S
    return segment["role"] in {"rep", "stride"} or (segment["role"] in AROUND and long)


def segment_rows(summary: Mapping[str, Any], units: Units) -> list[Row]:
    """Return a row of texts for every segment, with how sure its edges are."""
    wheels = summary["sport"] == "cycling"
    rows = []
    for index, segment in enumerate(summary["segments"]):
        sure = segment["confidence"]
        rows.append(
            {
                "band": index,
                "role": segment["role"],
                "told": ROLES[segment["role"]],
                "place": ".".join(str(n) for n in (segment["set"], segment["rep"]) if n),
                "start": clock(segment["start_s"]),
                "start_error": _error(segment["start_error_s"]),
                "end": clock(segment["end_s"]),
                "end_error": _error(segment["end_error_s"]),
                "graded": pace(segment["grade_adjusted_speed_mps"], units),
                "cadence": whole(segment["mean_cadence_spm"]),
                "power": whole(segment["mean_power_w"]),
                "confidence": "" if sure is None else f"{sure:.0%}",
                "source": segment["source"],
                **_figures(segment, units, wheels),
            }
        )
    return rows


def lap_rows(laps: Sequence[Lap], units: Units) -> list[Row]:
    """Return a row of texts for every lap of the file."""
    rows = []
    for number, lap in enumerate(laps, 1):
        seconds = lap.timer_s or lap.end_s - lap.start_s
        mean = lap.distance_m / seconds if lap.distance_m and seconds > 0 else None
        rows.append(
            {
                "number": number,
                "start": clock(lap.start_s),
                "time": clock(lap.end_s - lap.start_s),
                "distance": distance(lap.distance_m, units),
                "pace": pace(mean, units),
                "why": safe_text(
                    " ".join(x.replace("_", " ") for x in (lap.intensity, lap.trigger) if x)
                ),
            }
        )
    return rows


def plan_lines(steps: Sequence[WorkoutStep], units: Units) -> list[str]:
    """Return the file's workout steps in words, one line a step, in their order."""
    return [line for step in steps if (line := _step(step, units))]


def check_rows(check: PlanCheck, summary: Mapping[str, Any], units: Units) -> list[Row]:
    """Return a row of texts for every rep of a plan and what became of it.

    ``band`` is the index of the segment it was run in, None where it was missed.
    """
    begins = {segment["start_s"]: i for i, segment in enumerate(summary["segments"])}
    return [
        {
            "band": begins.get(round(each.done[0].start_s, 3)) if each.done else None,
            "number": _planned_number(each.planned),
            "status": each.status.replace("_", " "),
            "planned": " + ".join(_planned(rep, units) for rep in each.planned),
            **_done(each.done, units),
            "pace_change": _pace_change(each.pace_s_per_km, units),
            "recovery_change": "" if each.recovery_s is None else f"{each.recovery_s:+.0f} s",
        }
        for each in check.reps
    ]


def _planned_number(planned: Sequence[PlannedRep]) -> str:
    """Return ``1.4``, or ``1.4–6`` for reps that were run as one."""
    if not planned:
        return ""
    further = f"–{planned[-1].rep}" if len(planned) > 1 else ""
    return f"{planned[0].set}.{planned[0].rep}{further}"


def _done(done: Sequence[Segment], units: Units) -> Row:
    metres = [segment.distance_m for segment in done if segment.distance_m is not None]
    seconds = sum(segment.end_s - segment.start_s for segment in done)
    return {
        "distance": distance(sum(metres), units) if metres else "",
        "time": clock(seconds) if done else "",
        "pace": pace(sum(metres) / seconds, units) if metres and seconds > 0 else "",
    }


def _pace_change(s_per_km: float | None, units: Units) -> str:
    return "" if s_per_km is None else f"{s_per_km * METRES[units] / 1000.0:+.0f} s/{units}"


def _planned(rep: PlannedRep, units: Units) -> str:
    size = clock(rep.duration_s) if rep.distance_m is None else distance(rep.distance_m, units)
    wanted = pace(rep.speed_mps, units)
    return f"{size} @ {wanted}" if wanted else size


def _step(step: WorkoutStep, units: Units) -> str:
    kind, value = step.duration_type or "", step.duration_value
    if kind.startswith("repeat"):
        again = whole(step.target_value) or "some"
        return f"{again} times from step {(value or 0) + 1:.0f}"
    intensity, name = (step.intensity or "").replace("_", " "), safe_text(step.name, 40)
    if name.replace(" ", "").replace("-", "").casefold() == intensity.replace(" ", ""):
        intensity = ""  # a warm-up called "Warm up"
    told = [
        _step_length(kind, value, units),
        intensity,
        "".join(_target(step, units)),
        name,
    ]
    return ", ".join(part for part in told if part)


def _step_length(kind: str, value: float | None, units: Units) -> str:
    if value is not None and kind in {"time", "distance"}:
        return clock(value) if kind == "time" else distance(value, units)
    return kind.replace("_", " ") or "open"


def _target(step: WorkoutStep, units: Units) -> Iterator[str]:
    low, high = step.target_low, step.target_high
    if not low or not high:
        return
    if step.target_type == "speed":
        yield f"{clock(METRES[units] / high)} to {pace(low, units)}"
    elif step.target_type == "heart_rate":
        yield f"{low:.0f} to {high:.0f} bpm"
    elif step.target_type == "power":
        yield f"{low:.0f} to {high:.0f} W"


def _figures(segment: Mapping[str, Any], units: Units, wheels: bool) -> Row:
    mean = segment["mean_speed_mps"]
    return {
        "distance": distance(segment["distance_m"], units),
        "time": clock(segment["end_s"] - segment["start_s"]),
        "pace": speed(mean, units) if wheels else pace(mean, units),
        "hr_mean": whole(segment["mean_hr_bpm"]),
        "hr_end": whole(segment["end_hr_bpm"]),
    }


def _recovery(segment: Mapping[str, Any] | None, style: str) -> str:
    if segment is None:
        return ""
    return f"{clock(segment['end_s'] - segment['start_s'])} {style}".strip()


def _error(seconds: float | None) -> str:
    return "" if seconds is None else f"±{seconds:.0f} s"
