"""The tables of a store and the rows of one activity; ``docs/store.md`` describes them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from intervaldetect.output.line import dumps, local_time, segments_of
from intervaldetect.store.histograms import histogram_parts

if TYPE_CHECKING:
    from intervaldetect.job import ActivityResult, FileResult, Status, Task
    from intervaldetect.output.curves import Places
    from intervaldetect.records import Floats

APPLICATION_ID = 0x49445431  # "IDT1"
_MINUTE_BITS, _HASH_BITS = 28, 35  # minutes reach beyond the year 2400

# Keys of the printed object, some flattened, in the order of the columns.
ACTIVITY_KEYS = (
    "sha256",
    "part",
    "athlete",
    "path",
    "format",
    "integrity",
    "name",
    "sport",
    "sub_sport",
    "device",
    "start_time",
    "utc_offset_s",
    "local_date",
    "elapsed_s",
    "timer_s",
    "distance_m",
    "temperature_c",
    "heat_flag",
    "label",
    "kind",
    "p_easy",
    "p_threshold",
    "p_vo2",
    "structured_probability",
    "workout",
    "laps_used",
    "threshold_speed_mps",
    "threshold_hr_bpm",
    "max_hr_bpm",
)
SEGMENT_KEYS = (
    "role", "start_s", "end_s", "start_error_s", "end_error_s", "distance_m", "moving_s",
    "mean_speed_mps", "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm", "max_hr_bpm",
    "mean_cadence_spm", "mean_power_w", "set", "rep", "confidence", "source",
)  # fmt: skip
# Keys that came later; objects printed before lack them.
SEGMENT_EXTRAS = ("hr_drop_30s_bpm", "hr_drop_60s_bpm")
ESTIMATE_EXTRAS = tuple(
    (name, part)
    for name in ("threshold_speed", "threshold_hr")
    for part in ("error", "source", "rests_on")
)
"""Columns ``NAME_PART`` of what an estimate of a threshold says besides its value."""
REP_LIST_KEYS = (
    "set", "rep", "start_s", "end_s", "moving_s", "distance_m", "mean_speed_mps",
    "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm", *SEGMENT_EXTRAS,
)  # fmt: skip
"""Columns of `rep_lists`, besides ``start_hr_bpm``: at the end of the recovery before."""
SAID_KEYS = (
    ("device_said", ("rpe", "feel", "recovery_hr_bpm")),
    ("runner_said", ("rpe", "feeling", "note")),
)
SET_KEYS = (
    "set", "count", "blocks", "rep_basis", "rep_distance_m", "rep_duration_s", "rep_speed_mps",
    "recovery_basis", "recovery_s", "recovery_distance_m", "recovery_style",
    "recovery_speed_mps", "block_recovery_s",
    "canonical", "label",
)  # fmt: skip

NOTHING: Mapping[str, Any] = {}
Rows = dict[str, list[tuple[Any, ...]]]

ACTIVITY_TABLES = (
    "recordings", "segments", "rep_lists", "sets", "problems", "best_efforts", "histogram_parts",
    "traces", "evidence", "positions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class FileRows:
    """What became of one file, as the rows to be written of each of its activities."""

    task: Task
    status: Status
    sha256: str | None
    reasons: tuple[str, ...]
    rows: tuple[Rows, ...]


def file_rows(result: FileResult, made_by: str) -> FileRows:
    """Return a file's result as rows."""
    rows = tuple(rows_of(judged, made_by) for judged in result.activities)
    return FileRows(result.task, result.status, result.sha256, result.reasons, rows)


def activity_number(summary: Mapping[str, Any]) -> int:
    """Return the key of an activity: the minute it began, 35 bits of a hash of what it is.

    A key that follows from content, part and athlete makes a resumed store equal an uninterrupted
    one. One that begins with the time puts sessions of one month side by side in every table: they
    are written together, and read and judged in that order.
    """
    minute = int(datetime.fromisoformat(summary["start_time"]).timestamp()) // 60
    text = f"{summary['sha256']}\n{summary['part']}\n{summary['athlete']}"
    digest = int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], "big")
    return min(max(minute, 0), (1 << _MINUTE_BITS) - 1) << _HASH_BITS | digest >> 64 - _HASH_BITS


def rows_of(judged: ActivityResult, made_by: str) -> Rows:
    """Return all rows of one activity by table, the activity's own first."""
    summary, views = judged.summary, judged.views
    number = activity_number(summary)
    trace = (
        _json_array(views.trace_time_s, 0),
        _json_array(views.trace_speed_mps, 2),
        _json_array(views.trace_heart_rate_bpm, 0),
    )
    load = {} if views.load_steps is None else {0: round(views.load_steps, 1)}
    histograms = (
        ("heart_rate_bpm", views.heart_rate),
        ("graded_speed_dmps", views.speed),
        ("load_steps", load),
    )
    return {
        **printed_rows(number, summary, made_by),
        "best_efforts": [
            (number, e.distance_m, e.graded, round(e.duration_s, 2), round(e.start_s, 1))
            for e in views.best_efforts
        ],
        "histogram_parts": [
            (number, channel, *part)
            for channel, histogram in histograms
            for part in histogram_parts(histogram)
        ],
        "traces": [(number, *trace)],
        "evidence": []
        if judged.evidence is None
        else [(number, judged.evidence, None, judged.other)],
        "positions": [] if views.places is None else [(number, *_place_texts(views.places))],
    }


def activity_row(number: int, summary: Mapping[str, Any], made_by: str) -> tuple[Any, ...]:
    """Return the row of `recordings` for a printed object."""
    flat = dict(summary)
    flat["local_date"] = local_time(summary).date().isoformat()
    flat.update({f"p_{name}": value for name, value in summary["probabilities"].items()})
    for name, estimate in summary["thresholds"].items():
        flat[name] = estimate and estimate["value"]
    values = (flat[key] for key in ACTIVITY_KEYS)
    return (
        number, *values, made_by, dumps(summary), *estimate_extras(summary), *_said(summary),
        dumps(summary["durability"]) if summary.get("durability") else None,
    )  # fmt: skip


def estimate_extras(summary: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the values of ``ESTIMATE_EXTRAS`` for a printed object."""
    units = {"threshold_speed": "threshold_speed_mps", "threshold_hr": "threshold_hr_bpm"}
    keys = {"error": "standard_error"}
    estimates = {name: summary["thresholds"][key] or {} for name, key in units.items()}
    return tuple(estimates[name].get(keys.get(part, part)) for name, part in ESTIMATE_EXTRAS)


def _said(summary: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return what device and runner said, lactate as a JSON array."""
    told = [(summary.get(name) or {}).get(key) for name, keys in SAID_KEYS for key in keys]
    lactate = (summary.get("runner_said") or {}).get("lactate")
    return (*told, json.dumps(lactate) if lactate else None)


def segment_rows(number: int, summary: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of `segments` for a printed object."""
    return [
        (
            number,
            index,
            *(segment[key] for key in SEGMENT_KEYS),
            *(segment.get(key) for key in SEGMENT_EXTRAS),
        )
        for index, segment in enumerate(summary["segments"], 1)
    ]


def rep_lists(number: int, summary: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the row of `rep_lists` for a printed object, none without reps."""
    reps, start_rates = [], []
    rested: Any = None
    for segment in summary["segments"]:
        if segment["role"] == "rep":
            reps.append(segment)
            start_rates.append(rested)
        rested = segment["end_hr_bpm"] if segment["role"] == "recovery" else None
    if not reps:
        return []
    lists = [[rep.get(key) for rep in reps] for key in REP_LIST_KEYS]
    texts = (json.dumps(values, separators=(",", ":")) for values in (*lists, start_rates))
    return [(number, *texts)]


def printed_rows(
    number: int, summary: Mapping[str, Any], made_by: str, before: Mapping[str, Any] = NOTHING
) -> Rows:
    """Return the rows that repeat a printed object, by table; not those of parts that stay."""
    rows: Rows = {"recordings": [activity_row(number, summary, made_by)]}
    if before.get("segments") != summary["segments"]:
        whole = {**summary, "segments": segments_of(summary)}
        rows["segments"], rows["rep_lists"] = segment_rows(number, whole), rep_lists(number, whole)
    if before.get("sets") != summary["sets"]:
        rows["sets"] = set_rows(number, summary)
    if before.get("problems") != summary["problems"]:
        rows["problems"] = [
            (number, index, problem["code"], problem["message"], problem["count"])
            for index, problem in enumerate(summary["problems"], 1)
        ]
    return rows


def set_rows(number: int, summary: Mapping[str, Any]) -> list[tuple[Any, ...]]:
    """Return the rows of `sets` for a printed object."""
    rows = []
    for item in summary["sets"]:
        odds = item["probabilities"] or {}
        ladders = (item["rep_distances_m"], item["rep_durations_s"])
        rows.append(
            (
                number,
                *(item[key] for key in SET_KEYS),
                *(None if ladder is None else json.dumps(ladder) for ladder in ladders),
                *(odds.get(name) for name in ("easy", "threshold", "vo2")),
            )
        )
    return rows


def _place_texts(places: Places) -> tuple[str, ...]:
    """Return times, degrees and altitudes as JSON arrays, positions to a decimetre."""
    return (
        _json_array(places.time_s, 1),
        _json_array(places.latitude_deg, 6),
        _json_array(places.longitude_deg, 6),
        _json_array(places.altitude_m, 1),
    )


def _json_array(values: Floats, decimals: int) -> str:
    """Return numbers as a JSON array, null where not known."""
    import numpy as np  # noqa: PLC0415 - reading a store needs none of it

    from intervaldetect.kernels import digits  # noqa: PLC0415 - loads numba

    scaled = np.rint(values * 10.0**decimals)
    status, text = digits.json_numbers(scaled, decimals)
    if status == digits.OK:
        return text.tobytes().decode("ascii")
    rounded = values.round(decimals)
    known = np.isfinite(rounded)
    told: list[float | None] = (
        rounded.tolist() if decimals else np.where(known, rounded, 0.0).astype(np.int64).tolist()
    )
    for index in np.flatnonzero(~known).tolist():
        told[index] = None
    return json.dumps(told, separators=(",", ":"))
