"""The printed object: one JSON object per activity, versioned and described by a JSON Schema.

`to_dict` builds it, ``schema/summary-v1.json`` documents each key, `schema` loads that file.
``null`` means not known; a number is never invented.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from importlib import resources
from math import isfinite
from typing import Any, Literal, cast

import numpy as np

from intervaldetect.output.line import LABELS, dumps, format_time, printable
from intervaldetect.output.printed import Summary
from intervaldetect.output.response import Response
from intervaldetect.records import (
    Activity,
    Analysis,
    Estimate,
    Label,
    Problem,
    Said,
    Segment,
    SessionLabel,
    Thresholds,
    WorkoutSet,
)

ZONE_PROBLEM = "local_time_from_zone"
SCHEMA_VERSION = 1
_DECIMALS = 3
_MOVING_MPS = 0.5
_MOVING_SHARE = 0.8
"""A total of the timer below this share of the time that the samples show moving is wrong."""
_PROBABILITY_DECIMALS = 4
_JUDGED = frozenset(
    {"label", "kind", "probabilities", "sets", "thresholds", "evidence", "structured_probability"}
)
"""Keys of what is judged within a history; of ``sets``, the labels alone."""
_NO_LABEL = {"label": None, "probabilities": None}


def to_dict(analysis: Analysis) -> Summary:
    """Return what ``summary --json`` prints for one activity.

    Parameters
    ----------
    analysis : Analysis
        An activity with its signal, workout and label.

    Returns
    -------
    Summary
        JSON-ready: only str, int, float, bool, None, list and dict; no NaN. Seconds, metres and
        m/s carry three decimals, probabilities four and a sum of exactly 1.
    """
    return cast("Summary", _printed(analysis))


def _printed(analysis: Analysis) -> dict[str, Any]:
    activity, workout, label = analysis.activity, analysis.workout, analysis.label
    elapsed = float(activity.columns["time"][-1]) if len(activity) else 0.0
    response = Response(analysis.signal)
    return {
        "schema_version": SCHEMA_VERSION,
        "path": printable(activity.path),
        "sha256": activity.sha256,
        "format": activity.format,
        "part": activity.part,
        "integrity": activity.integrity,
        "name": _text(activity.name),
        "description": _text(activity.description),
        "athlete": printable(analysis.athlete),
        "sport": _text(activity.sport),
        "sub_sport": _text(activity.sub_sport),
        "device": _text(activity.device),
        "start_time": format_time(activity.start_time),
        "utc_offset_s": _number(activity.utc_offset_s),
        "utc_offset_source": _offset_source(activity),
        "elapsed_s": _number(elapsed),
        "timer_s": _number(_timer(analysis, elapsed)),
        "distance_m": _number(_distance(analysis)),
        "temperature_c": _number(analysis.temperature_c),
        "heat_flag": analysis.heat_flag,
        "label": label.label,
        "kind": label.kind,
        "probabilities": _probabilities(label.probabilities),
        "structured_probability": _number(workout.structured_probability, _PROBABILITY_DECIMALS),
        "workout": workout.text,
        "sets": [
            _set(number, workout_set, label) for number, workout_set in enumerate(workout.sets, 1)
        ],
        "segments": [
            _segment(segment, drops)
            for segment, drops in zip(
                workout.segments,
                response.drops(workout.segments),
                strict=True,
            )
        ],
        "laps_used": workout.laps_used,
        "thresholds": _thresholds(analysis.thresholds),
        "durability": _durability(response.durability(workout.segments)),
        "device_said": _device_said(activity),
        "runner_said": _runner_said(analysis.said),
        "time_in_zones": [
            {
                "scale": printable(item.scale),
                "basis": item.basis,
                "zone": printable(item.zone),
                "from": _number(item.from_value),
                "seconds": _number(item.seconds),
            }
            for item in analysis.time_in_zones
        ],
        "evidence": _evidence(workout.evidence, label, analysis.thresholds),
        "problems": _problems(
            (
                *activity.problems,
                *analysis.signal.problems,
                *workout.problems,
                *analysis.problems,
            )
        ),
    }


def ways_of(analysis: Analysis, first: Summary) -> dict[str, Any] | None:
    """Return both ways in which a doubtful activity may be read, None beyond doubt.

    Parameters
    ----------
    analysis : Analysis
    first : Summary
        What `to_dict` says of it.

    Returns
    -------
    dict
        ``first`` and ``other``: what differs between the printed objects, as the streams alone
        decide and otherwise. `read_as` puts one of them in place.
    """
    if analysis.workout.other is None:
        return None
    other = _printed(replace(analysis, workout=analysis.workout.other))
    differs = [key for key, value in first.items() if value != other[key]]
    return {
        name: {key: each[key] for key in differs}
        for name, each in (("first", dict(first)), ("other", other))
    }


def read_as(
    summary: Mapping[str, Any], way: Mapping[str, Any], structured_probability: float
) -> dict[str, Any]:
    """Return a printed object read one of its `ways_of`, labels and evidence still to come."""
    chance = _number(structured_probability, _PROBABILITY_DECIMALS)
    return {**summary, **way, "structured_probability": chance}


def read_alike(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say if two printed objects of an activity differ in nothing but what `relabelled` changes."""
    return all(value == other[key] for key, value in one.items() if key not in _JUDGED) and [
        {**item, **_NO_LABEL} for item in one["sets"]
    ] == [{**item, **_NO_LABEL} for item in other["sets"]]


def relabelled(
    summary: Mapping[str, Any],
    label: SessionLabel,
    thresholds: Thresholds,
    findings: Sequence[str],
) -> dict[str, Any]:
    """Return a printed object judged anew, without its file.

    Parameters
    ----------
    summary : mapping
        From `to_dict`, or stored.
    label, thresholds
        What is now said of it.
    findings : sequence of str
        What its structure rests on (``Workout.evidence``); stays as it was.
    """
    sets = [dict(item) for item in summary["sets"]]
    for item, (judged, probabilities) in zip(sets, label.set_labels, strict=False):
        item["label"], item["probabilities"] = judged, _probabilities(probabilities)
    return {
        **summary,
        "label": label.label,
        "kind": label.kind,
        "probabilities": _probabilities(label.probabilities),
        "sets": sets,
        "thresholds": _thresholds(thresholds),
        "evidence": _evidence(findings, label, thresholds),
    }


def to_json(analysis: Analysis) -> str:
    """Return `to_dict` as one line of JSON, without a line end."""
    return dumps(to_dict(analysis))


def sets_of(summary: Mapping[str, Any]) -> tuple[WorkoutSet, ...]:
    """Return the sets of a printed object as records, their labels left out."""
    left_out = {"set", "label", "probabilities", "rep_distances_m", "rep_durations_s"}
    return tuple(
        WorkoutSet(
            **{key: value for key, value in item.items() if key not in left_out},
            rep_distances_m=_tuple(item["rep_distances_m"]),
            rep_durations_s=_tuple(item["rep_durations_s"]),
        )
        for item in summary["sets"]
    )


def schema() -> dict[str, Any]:
    """Return the JSON Schema (draft 2020-12) of `to_dict`, each key with its meaning."""
    text = (
        resources.files("intervaldetect.output")
        .joinpath("schema/summary-v1.json")
        .read_text("utf-8")
    )
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def _text(text: str | None) -> str | None:
    return None if text is None else printable(text)


def _number(value: float | None, decimals: int = _DECIMALS) -> float | None:
    if value is None or not isfinite(value):
        return None
    return round(float(value), decimals) + 0.0  # + 0.0 turns -0.0 into 0.0


def _numbers(values: Sequence[float] | None) -> list[float | None] | None:
    return None if values is None else [_number(value) for value in values]


def _offset_source(activity: Activity) -> Literal["file", "option"] | None:
    """Say where local time is from; a store knows ``history`` as well."""
    if activity.utc_offset_s is None:
        return None
    given = any(problem.code == ZONE_PROBLEM for problem in activity.problems)
    return "option" if given else "file"


def _timer(analysis: Analysis, elapsed: float) -> float:
    """Elapsed time without pauses: the device's own total where the samples allow it.

    That is at least the time spent moving, and at most what pauses and holes leave.
    """
    activity = analysis.activity
    counted = elapsed - _stopped(analysis, elapsed)
    told = activity.session.timer_s
    if told is not None and any(p.code == "records_cover_part" for p in activity.problems):
        return told
    if told is None or activity.integrity != "intact" or not 0.0 < told <= elapsed + 1.0:
        return counted
    signal = analysis.signal
    moving = np.diff(signal.time_s)[signal.valid & (signal.speed_mps > _MOVING_MPS)].sum()
    return counted if told < _MOVING_SHARE * moving else min(told, counted)


def _stopped(analysis: Analysis, elapsed: float) -> float:
    """Seconds in pauses and in the holes that count as such."""
    time = analysis.signal.time_s
    paused = np.diff(np.concatenate(([0], analysis.signal.paused.view(np.int8), [0])))
    holes = zip(time[np.flatnonzero(paused == 1)], time[np.flatnonzero(paused == -1)], strict=True)
    spans = [(pause.start_s, pause.end_s) for pause in analysis.activity.pauses]
    stopped, reached = 0.0, 0.0
    for first, last in sorted([*spans, *holes]):
        start, end = max(first, reached), min(last, elapsed)
        stopped += max(end - start, 0.0)
        reached = max(reached, end)
    return float(stopped)


def _distance(analysis: Analysis) -> float | None:
    """Whole distance: the device's own total where the file is whole, else of the samples."""
    told = analysis.activity.session.distance_m
    if told is not None and told > 0.0 and analysis.activity.integrity == "intact":
        return told
    total = analysis.activity.columns["distance"]
    known = total[np.isfinite(total)]
    if known.size and known[-1] > 0.0:
        return float(known[-1] - min(known[0], 0.0))
    travelled = analysis.signal.distance_m
    known = travelled[np.isfinite(travelled)]
    if known.size and analysis.signal.speed_source is not None:
        return float(known[-1] - known[0])
    return told


def _tuple(values: list[float] | None) -> tuple[float, ...] | None:
    return None if values is None else tuple(values)


def _probabilities(given: Mapping[Label, float] | None) -> dict[str, float | None] | None:
    if given is None:
        return None
    scale = 10**_PROBABILITY_DECIMALS
    parts = {name: round(given.get(name, 0.0) * scale) for name in LABELS}
    top = max(parts, key=lambda name: parts[name])
    parts[top] += scale - sum(parts.values())  # what rounding lost, so that they sum to 1
    return {name: part / scale for name, part in parts.items()}


def _set(number: int, workout_set: WorkoutSet, label: SessionLabel) -> dict[str, Any]:
    judged, probabilities = workout_set.label, workout_set.probabilities
    if probabilities is None and number <= len(label.set_labels):
        judged, probabilities = label.set_labels[number - 1]
    return {
        "set": number,
        "count": workout_set.count,
        "blocks": workout_set.blocks,
        "rep_basis": workout_set.rep_basis,
        "rep_distance_m": _number(workout_set.rep_distance_m),
        "rep_duration_s": _number(workout_set.rep_duration_s),
        "rep_distances_m": _numbers(workout_set.rep_distances_m),
        "rep_durations_s": _numbers(workout_set.rep_durations_s),
        "rep_speed_mps": _number(workout_set.rep_speed_mps),
        "recovery_basis": workout_set.recovery_basis,
        "recovery_s": _number(workout_set.recovery_s),
        "recovery_distance_m": _number(workout_set.recovery_distance_m),
        "recovery_style": workout_set.recovery_style,
        "recovery_speed_mps": _number(workout_set.recovery_speed_mps),
        "block_recovery_s": _number(workout_set.block_recovery_s),
        "canonical": workout_set.canonical,
        "label": judged,
        "probabilities": _probabilities(probabilities),
    }


def _durability(told: dict[str, Any]) -> dict[str, Any]:
    parts = [{key: _number(value) for key, value in part.items()} for part in told["parts"]]
    return {
        **told,
        "decoupling": _number(told["decoupling"], _PROBABILITY_DECIMALS),
        "over_s": _number(told["over_s"]),
        "parts": parts,
    }


def _device_said(activity: Activity) -> dict[str, Any]:
    """Return what device and runner agreed on after the end; the last recovery heart rate."""
    rates = [event.heart_rate_bpm for event in activity.events if event.event == "recovery_hr"]
    known = [rate for rate in rates if rate is not None]
    session = activity.session
    return {
        "rpe": _number(session.rpe),
        "feel": _number(session.feel),
        "recovery_hr_bpm": _number(known[-1]) if known else None,
    }


def _runner_said(said: Said) -> dict[str, Any]:
    return {
        "rpe": _number(said.rpe),
        "feeling": said.feeling,
        "note": _text(said.note),
        "lactate": [{"rep": rep, "mmol": _number(value)} for rep, value in said.lactate_mmol],
    }


def _segment(segment: Segment, drops: Sequence[float | None]) -> dict[str, Any]:
    return {
        "role": segment.role,
        "start_s": _number(segment.start_s),
        "end_s": _number(segment.end_s),
        "start_error_s": _number(segment.start_error_s),
        "end_error_s": _number(segment.end_error_s),
        "distance_m": _number(segment.distance_m),
        "moving_s": _number(segment.moving_s),
        "mean_speed_mps": _number(segment.mean_speed_mps),
        "grade_adjusted_speed_mps": _number(segment.grade_adjusted_speed_mps),
        "mean_hr_bpm": _number(segment.mean_hr_bpm, 1),
        "end_hr_bpm": _number(segment.end_hr_bpm, 1),
        "max_hr_bpm": _number(segment.max_hr_bpm, 1),
        "mean_cadence_spm": _number(segment.mean_cadence_spm, 1),
        "mean_power_w": _number(segment.mean_power_w, 1),
        "set": segment.set,
        "rep": segment.rep,
        "confidence": _number(segment.confidence),
        "source": segment.source,
        "hr_drop_30s_bpm": _number(drops[0], 1),
        "hr_drop_60s_bpm": _number(drops[1], 1),
    }


def _thresholds(thresholds: Thresholds) -> dict[str, Any]:
    return {
        "threshold_speed_mps": _estimate(thresholds.threshold_speed_mps),
        "threshold_hr_bpm": _estimate(thresholds.threshold_hr_bpm),
        "max_hr_bpm": _estimate(thresholds.max_hr_bpm),
    }


def _evidence(findings: Sequence[str], label: SessionLabel, thresholds: Thresholds) -> list[str]:
    notes = thresholds.notes if label.kind is not None else ()  # of a ride they say nothing
    return list(dict.fromkeys((*findings, *label.evidence, *notes)))


def _estimate(estimate: Estimate | None) -> dict[str, Any] | None:
    value = _number(estimate.value) if estimate else None
    error = _number(estimate.standard_error) if estimate else None
    if estimate is None or value is None:
        return None
    return {
        "value": value,
        "standard_error": error,
        "source": estimate.source,
        "sessions": estimate.sessions,
        "rests_on": estimate.rests_on,
    }


def _problems(problems: Iterable[Problem]) -> list[dict[str, Any]]:
    return [
        {
            "code": problem.code,
            "message": printable(problem.message),
            "count": problem.count,
        }
        for problem in dict.fromkeys(problems)
    ]
