"""Activities made by hand, for tests of the stages behind reading."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from intervaldetect.records import Activity, Floats, Pause
from intervaldetect.records.channels import NAMES

EARTH_M = 6_371_008.8


def activity(
    time: ArrayLike, *, pauses: Sequence[tuple[float, float]] = (), **given: Any
) -> Activity:
    """Return an activity with these samples; columns by name, other keywords are its fields."""
    times = np.asarray(time, dtype=np.float64)
    columns = {name: np.full(times.size, np.nan) for name in NAMES} | {"time": times}
    for name in set(given) & set(NAMES):
        columns[name] = np.array(np.broadcast_to(given.pop(name), times.shape), dtype=np.float64)
    fields = {
        "path": "made.fit",
        "sha256": "0" * 64,
        "format": "fit",
        "part": 1,
        "integrity": "intact",
        "start_time": datetime(2025, 9, 2, 5, 30, tzinfo=UTC),
        "columns": columns,
        "pauses": tuple(Pause(*span) for span in pauses),
        "sport": "running",
    }
    return Activity(**{**fields, **given})


def stretches(*parts: tuple[float, float]) -> tuple[Floats, Floats]:
    """Return times, one a second, and distances of (seconds, m/s) run one after the other."""
    edges = np.concatenate(([0.0], np.cumsum([seconds for seconds, _ in parts])))
    gone = np.concatenate(([0.0], np.cumsum([seconds * speed for seconds, speed in parts])))
    time = np.arange(0.0, edges[-1] + 1.0)
    return time, np.interp(time, edges, gone)


def northwards(distance: Floats) -> Floats:
    """Return latitudes in degrees of somebody who runs due north."""
    return np.asarray(59.9 + np.degrees(distance / EARTH_M))
