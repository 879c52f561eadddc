"""The schema of a store as steps from one version to the next; only ever added to."""

from __future__ import annotations

import json
import re

from intervaldetect.store.schema import ESTIMATE_EXTRAS, SAID_KEYS

_BRIEF = (
    "athlete", "start_time", "path", "name", "sport", "sub_sport", "utc_offset_s", "elapsed_s",
    "timer_s", "distance_m", "temperature_c", "heat_flag", "label", "kind", "p_easy",
    "p_threshold", "p_vo2", "workout", "threshold_speed_mps", "threshold_hr_bpm", "max_hr_bpm",
    *(f"{name}_{part}" for name, part in ESTIMATE_EXTRAS),
    *(f"{name.split('_')[0]}_{key}" for name, keys in SAID_KEYS for key in keys),
    "runner_lactate", "durability",
)  # fmt: skip
_REP_BRIEF = (
    "activity", "number", "role", "set_number", "rep_number", "start_s", "end_s", "moving_s",
    "distance_m", "mean_speed_mps", "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm",
    "hr_drop_30s_bpm", "hr_drop_60s_bpm",
)  # fmt: skip
_REP_LISTS = (
    "set_number", "rep_number", "start_s", "end_s", "moving_s", "distance_m", "mean_speed_mps",
    "grade_adjusted_speed_mps", "mean_hr_bpm", "end_hr_bpm", "hr_drop_30s_bpm", "hr_drop_60s_bpm",
    "start_hr_bpm",
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
    (
        # One row a channel in place of a hundred: histories read all of them at once.
        f"""CREATE TABLE histogram_parts (
            {_OWNER}, channel TEXT NOT NULL, low INTEGER NOT NULL, seconds TEXT NOT NULL,
            PRIMARY KEY (activity, channel, low)
        ) WITHOUT ROWID""",
        """INSERT INTO histogram_parts
            SELECT activity, channel, json_extract(value, '$[0]'), json_extract(value, '$[1]')
            FROM (SELECT activity, channel, histogram_parts(json_group_object(low, seconds)) AS
                  parts FROM histograms GROUP BY activity, channel), json_each(parts)""",
        "DROP TABLE histograms",
        """CREATE VIEW histograms AS SELECT activity, channel, low + key AS low,
            CAST(value AS REAL) AS seconds FROM histogram_parts, json_each(seconds)
            WHERE value > 0""",
        # Of a tenth of all segments, histories read a third of the columns.
        f"CREATE INDEX reps_in_brief ON segments ({', '.join(_REP_BRIEF)}) WHERE role = 'rep'",
    ),
    (
        # One row a session in place of ten: histories read all reps at once.
        f"""CREATE TABLE rep_lists (
            activity INTEGER PRIMARY KEY,
            {", ".join(f"{name} TEXT NOT NULL" for name in _REP_LISTS)}
        )""",
        f"""INSERT INTO rep_lists
            SELECT activity, {", ".join(f"json_group_array({name})" for name in _REP_LISTS)}
            FROM (SELECT g.*, CASE WHEN before.role = 'recovery' THEN before.end_hr_bpm END
                    AS start_hr_bpm
                FROM segments g LEFT JOIN segments before
                    ON before.activity = g.activity AND before.number = g.number - 1
                WHERE g.role = 'rep' ORDER BY g.activity, g.number)
            GROUP BY activity""",  # noqa: S608 - own names
        "DROP INDEX reps_in_brief",
    ),
)

_BY_HAND = re.compile(r"Labelled (easy|threshold|vo2) by hand\.")
_REMARK = re.compile(r"Lactate after rep |Perceived exertion |Feeling |Note: ")


def with_remarks(session: str, summary: str | None) -> str:
    """Return stored evidence with what a person said, which older stores hold as sentences only."""
    said = json.loads(summary)["evidence"] if summary else []
    labels = [found[1] for sentence in said if (found := _BY_HAND.fullmatch(sentence))]
    remarks = [sentence for sentence in said if _REMARK.match(sentence)]
    if not labels and not remarks:
        return session
    by_hand = {"label_by_hand": labels[-1] if labels else None, "remarks_by_hand": remarks}
    return json.dumps({**json.loads(session), **by_hand}, ensure_ascii=False, separators=(",", ":"))
