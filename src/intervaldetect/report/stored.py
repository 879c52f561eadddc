"""Sessions to be shown from what a store holds; no file is opened again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from intervaldetect.report.session import Session
from intervaldetect.report.traces import trace_of_means
from intervaldetect.store import Store


@dataclass(frozen=True, slots=True)
class Entry:
    """One activity of a store: its key and its printed object."""

    activity: int
    summary: Mapping[str, Any]


def entries_of(store: Store, athlete: str) -> list[Entry]:
    """Return an athlete's activities in order of time."""
    rows = store.query(
        "SELECT activity, summary FROM activities WHERE athlete = ? ORDER BY start_time, activity",
        (athlete,),
    )
    return [Entry(number, json.loads(text)) for number, text in rows]


def sessions_of(store: Store, entries: list[Entry]) -> Iterator[Session]:
    """Yield what is shown of each activity, in the order of ``entries``."""
    for entry in entries:
        rows = store.query(
            "SELECT time_s, speed_mps, heart_rate_bpm FROM traces WHERE activity = ?",
            (entry.activity,),
        )
        time, speed, rate = (json.loads(text) for text in rows[0]) if rows else ([], [], [])
        trace = trace_of_means(time, speed, rate, entry.summary["elapsed_s"] or 0.0)
        yield Session(entry.summary, trace)
