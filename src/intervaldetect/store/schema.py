"""The tables of a store and the rows of one activity; ``docs/store.md`` describes them."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from intervaldetect.output.line import dumps, local_time

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

Rows = dict[str, list[tuple[Any, ...]]]

ACTIVITY_TABLES = (
    "recordings", "segments", "sets", "problems", "best_efforts", "histograms", "traces",
    "evidence", "positions",
)  # fmt: skip
_BRIEF = (
    "athlete", "start_time", "path", "name", "sport", "sub_sport", "utc_offset_s", "elapsed_s",
    "timer_s", "distance_m", "temperature_c", "heat_flag", "label", "kind", "p_easy",
    "p_threshold", "p_vo2", "workout", "threshold_speed_mps", "threshold_hr_bpm", "max_hr_bpm",
    *(f"{name}_{part}" for name, part in ESTIMATE_EXTRAS),
    *(f"{name.split('_')[0]}_{key}" for name, keys in SAID_KEYS for key in keys),
    "runner_lactate", "durability",
)  # fmt: skip
_OWNER = "activity INTEGER NOT NULL"

MIGRATIONS: tuple[tuple[str, ...], ...] = (
    (
        """CREATE TABLE sources (
            path TEXT PRIMARY KEY, athlete TEXT NOT NULL, size INTEGER,
            modified REAL, sha256 TEXT, status TEXT NOT NULL,
            reasons TEXT NOT NULL, made_by TEXT NOT NULL
        ) WITHOUT ROWID""",
        "CREATE INDEX sources_by_size ON sources (size)",
        "CREATE INDEX sources_by_content ON sources (sha256)",
        """CREATE TABLE activities (
            activity INTEGER PRIMARY KEY, sha256 TEXT NOT NULL, part INTEGER NOT NULL,
            athlete TEXT NOT NULL, path TEXT NOT NULL, format TEXT NOT NULL,
            integrity TEXT NOT NULL, name TEXT, sport TEXT, sub_sport TEXT, device TEXT,
            start_time TEXT NOT NULL, utc_offset_s REAL, local_date TEXT NOT NULL,
            elapsed_s REAL, timer_s REAL, distance_m REAL, temperature_c REAL, heat_flag INTEGER,
            label TEXT, kind TEXT, p_easy REAL, p_threshold REAL, p_vo2 REAL,
            structured_probability REAL, workout TEXT, laps_used TEXT, threshold_speed_mps REAL,
            threshold_hr_bpm REAL, max_hr_bpm REAL, made_by TEXT NOT NULL, summary TEXT NOT NULL
        )""",
        "CREATE INDEX activities_by_time ON activities (athlete, start_time)",
        """CREATE TABLE source_activities (
            path TEXT NOT NULL, activity INTEGER NOT NULL, PRIMARY KEY (path, activity)
        ) WITHOUT ROWID""",
        "CREATE TABLE stale (athlete TEXT PRIMARY KEY) WITHOUT ROWID",
        "CREATE INDEX source_activities_by_activity ON source_activities (activity)",
        f"""CREATE TABLE segments (
            {_OWNER}, number INTEGER NOT NULL, role TEXT NOT NULL, start_s REAL NOT NULL,
            end_s REAL NOT NULL, start_error_s REAL, end_error_s REAL, distance_m REAL,
            moving_s REAL, mean_speed_mps REAL, grade_adjusted_speed_mps REAL, mean_hr_bpm REAL,
            end_hr_bpm REAL, max_hr_bpm REAL, mean_cadence_spm REAL, mean_power_w REAL,
            set_number INTEGER, rep_number INTEGER, confidence REAL, source TEXT NOT NULL,
            PRIMARY KEY (activity, number)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE sets (
            {_OWNER}, set_number INTEGER NOT NULL, count INTEGER NOT NULL, blocks INTEGER NOT NULL,
            rep_basis TEXT NOT NULL, rep_distance_m REAL, rep_duration_s REAL, rep_speed_mps REAL,
            recovery_basis TEXT, recovery_s REAL, recovery_distance_m REAL, recovery_style TEXT,
            recovery_speed_mps REAL, block_recovery_s REAL, canonical INTEGER NOT NULL, label TEXT,
            rep_distances_m TEXT, rep_durations_s TEXT, p_easy REAL, p_threshold REAL, p_vo2 REAL,
            PRIMARY KEY (activity, set_number)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE problems (
            {_OWNER}, number INTEGER NOT NULL, code TEXT NOT NULL, message TEXT NOT NULL,
            count INTEGER NOT NULL, PRIMARY KEY (activity, number)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE best_efforts (
            {_OWNER}, distance_m REAL NOT NULL, graded INTEGER NOT NULL, duration_s REAL NOT NULL,
            start_s REAL NOT NULL, PRIMARY KEY (activity, graded, distance_m)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE histograms (
            {_OWNER}, channel TEXT NOT NULL, low INTEGER NOT NULL, seconds REAL NOT NULL,
            PRIMARY KEY (activity, channel, low)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE traces (
            {_OWNER}, time_s TEXT NOT NULL, speed_mps TEXT NOT NULL, heart_rate_bpm TEXT NOT NULL,
            PRIMARY KEY (activity)
        ) WITHOUT ROWID""",
        f"""CREATE TABLE evidence (
            {_OWNER}, session TEXT NOT NULL, PRIMARY KEY (activity)
        ) WITHOUT ROWID""",
    ),
    (
        "ALTER TABLE activities RENAME TO recordings",
        f"""CREATE TABLE duplicates (
            {_OWNER}, kept INTEGER NOT NULL, verdict TEXT NOT NULL, shift_s REAL NOT NULL,
            PRIMARY KEY (activity, kept)
        ) WITHOUT ROWID""",
        "CREATE INDEX duplicates_by_kept ON duplicates (kept)",
        """CREATE VIEW activities AS SELECT * FROM recordings r WHERE NOT EXISTS (
            SELECT 1 FROM duplicates d WHERE d.activity = r.activity AND d.verdict = 'merged')""",
        """CREATE VIEW activity_sources AS SELECT coalesce(kept, s.activity) AS activity, path
            FROM source_activities s
            LEFT JOIN duplicates d ON d.activity = s.activity AND d.verdict = 'merged'""",
        "INSERT OR IGNORE INTO stale SELECT DISTINCT athlete FROM recordings",
    ),
    ("ALTER TABLE evidence ADD COLUMN judged_by TEXT",),
    (
        f"""CREATE TABLE positions (
            {_OWNER}, time_s TEXT NOT NULL, latitude_deg TEXT NOT NULL,
            longitude_deg TEXT NOT NULL, altitude_m TEXT NOT NULL, PRIMARY KEY (activity)
        ) WITHOUT ROWID""",
    ),
    ("ALTER TABLE evidence ADD COLUMN other TEXT",),
    (
        """UPDATE evidence SET session = with_remarks(session,
            (SELECT summary FROM recordings r WHERE r.activity = evidence.activity))""",
    ),
    (
        *(
            f"ALTER TABLE recordings ADD COLUMN {name}"
            for name in (
                "threshold_speed_error REAL",
                "threshold_speed_source TEXT",
                "threshold_speed_rests_on TEXT",
                "threshold_hr_error REAL",
                "threshold_hr_source TEXT",
                "threshold_hr_rests_on TEXT",
                "device_rpe REAL",
                "device_feel REAL",
                "device_recovery_hr_bpm REAL",
                "runner_rpe REAL",
                "runner_feeling INTEGER",
                "runner_note TEXT",
                "runner_lactate TEXT",
                "durability TEXT",
            )
        ),
        """UPDATE recordings SET
            (threshold_speed_error, threshold_speed_source, threshold_speed_rests_on)
            = (SELECT json_extract(t, '$.standard_error'), json_extract(t, '$.source'),
                json_extract(t, '$.rests_on')
               FROM (SELECT json_extract(summary, '$.thresholds.threshold_speed_mps') AS t)),
            (threshold_hr_error, threshold_hr_source, threshold_hr_rests_on)
            = (SELECT json_extract(t, '$.standard_error'), json_extract(t, '$.source'),
                json_extract(t, '$.rests_on')
               FROM (SELECT json_extract(summary, '$.thresholds.threshold_hr_bpm') AS t))""",
        "ALTER TABLE segments ADD COLUMN hr_drop_30s_bpm REAL",
        "ALTER TABLE segments ADD COLUMN hr_drop_60s_bpm REAL",
        # All that histories read of a recording: the printed object is a hundred times as long.
        f"CREATE INDEX recordings_in_brief ON recordings ({', '.join(_BRIEF)})",
    ),
)
_BY_HAND = re.compile(r"Labelled (easy|threshold|vo2) by hand\.")
_REMARK = re.compile(r"Lactate after rep |Perceived exertion |Feeling |Note: ")


@dataclass(frozen=True, slots=True)
class FileRows:
    """What became of one file, as the rows to be written of each of its activities."""

    task: Task
    status: Status
    sha256: str | None
    reasons: tuple[str, ...]
    rows: tuple[Rows, ...]


def with_remarks(session: str, summary: str | None) -> str:
    """Return stored evidence with what a person said, which older stores hold as sentences only."""
    said = json.loads(summary)["evidence"] if summary else []
    labels = [found[1] for sentence in said if (found := _BY_HAND.fullmatch(sentence))]
    remarks = [sentence for sentence in said if _REMARK.match(sentence)]
    if not labels and not remarks:
        return session
    by_hand = {"label_by_hand": labels[-1] if labels else None, "remarks_by_hand": remarks}
    return json.dumps({**json.loads(session), **by_hand}, ensure_ascii=False, separators=(",", ":"))


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
        "histograms": [
            (number, channel, low, seconds)
            for channel, histogram in histograms
            for low, seconds in histogram.items()
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


def printed_rows(number: int, summary: Mapping[str, Any], made_by: str) -> Rows:
    """Return the rows that repeat a printed object, by table."""
    return {
        "recordings": [activity_row(number, summary, made_by)],
        "segments": segment_rows(number, summary),
        "sets": set_rows(number, summary),
        "problems": [
            (number, index, problem["code"], problem["message"], problem["count"])
            for index, problem in enumerate(summary["problems"], 1)
        ],
    }


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
