"""GPX and TCX files that hold a route or a course instead of something that was recorded."""

from __future__ import annotations

import re

from intervaldetect.errors import NoRecords, NotAnActivity
from intervaldetect.read.source import Loaded

HEAD_BYTES = 4096
_ACTIVITY = re.compile(rb"<(?:[\w.-]+:)?Activity[\s>]")
_OTHERS = (
    ("a course", re.compile(rb"<(?:[\w.-]+:)?Courses?[\s>]")),
    ("a workout", re.compile(rb"<(?:[\w.-]+:)?Workouts?[\s>]")),
)
_TIME = re.compile(rb"<(?:[\w.-]+:)?time[\s>]")
_POINT = re.compile(rb"<(?:[\w.-]+:)?(?:trkpt|rtept|wpt)\s")


def refuse_course(loaded: Loaded) -> None:
    """Refuse a TCX file of courses or workouts, which may have times like an activity.

    Raises
    ------
    NotAnActivity
    """
    data = loaded.data
    if loaded.format != "tcx" or _ACTIVITY.search(data[:HEAD_BYTES]):
        return
    for name, pattern in _OTHERS:
        if pattern.search(data[:HEAD_BYTES]) and not _ACTIVITY.search(data):
            raise NotAnActivity(loaded.path, "decode", f"not an activity but {name}")


def as_no_activity(error: NoRecords, loaded: Loaded) -> NoRecords:
    """Say of a GPX file without records whether it is a route: points, of which none has a time."""
    data = loaded.data
    if loaded.format != "gpx" or isinstance(error, NotAnActivity):
        return error
    point = _POINT.search(data)
    if point is None or _TIME.search(data, point.start()):
        return error
    return NotAnActivity(error.path, error.stage, f"not an activity but a route: {error.reason}")
