"""Sessions to be shown from what a store holds; no file is opened again."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from intervaldetect.records import Floats
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


def sessions_of(
    store: Store, entries: list[Entry], *, positions: bool = False
) -> Iterator[Session]:
    """Yield what is shown of each activity, in the order of ``entries``; its route if asked."""
    for entry in entries:
        rows = store.query(
            "SELECT time_s, speed_mps, heart_rate_bpm FROM traces WHERE activity = ?",
            (entry.activity,),
        )
        time, speed, rate = (json.loads(text) for text in rows[0]) if rows else ([], [], [])
        trace = trace_of_means(time, speed, rate, entry.summary["elapsed_s"] or 0.0)
        route = _route_of(store, entry.activity) if positions else (None, None, None)
        yield Session(entry.summary, trace, (), (), *route)


def has_positions(store: Store) -> bool:
    """Whether a store keeps any positions, which it does only where that was asked for."""
    return bool(store.query("SELECT 1 FROM positions LIMIT 1"))


def _route_of(store: Store, activity: int) -> tuple[Floats | None, Floats | None, Floats | None]:
    """Return time, latitude and longitude of the samples that have a place."""
    rows = store.query(
        "SELECT time_s, latitude_deg, longitude_deg FROM positions WHERE activity = ?", (activity,)
    )
    if not rows:
        return None, None, None
    route = np.array([json.loads(text) for text in rows[0]], dtype=np.float64)
    time, latitude, longitude = route[:, np.isfinite(route).all(axis=0)]
    return (time, latitude, longitude) if time.size else (None, None, None)
