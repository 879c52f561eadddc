"""Local time of an activity: by its own times, by a zone named in the file, or by an option."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from intervaldetect.read.moments import zone_named
from intervaldetect.records import Activity, Problem

ZONE_PROBLEM = "local_time_from_zone"
"""Training views tell by this code that a local day is as good as the zone that was given."""


def in_zone(activity: Activity, zoned: bool, named: str | None, given: str | None) -> Activity:
    """Complete the start and the offset from UTC of an activity.

    Parameters
    ----------
    activity : Activity
        As built; times without a zone are taken for UTC.
    zoned : bool
        Whether the times say their zone.
    named, given : str or None
        The zone that the file names, and that of the option for times that name none.
    """
    if zoned:
        if activity.utc_offset_s is None and named is not None:
            return replace(activity, utc_offset_s=_offset(activity.start_time, named))
        return activity
    if named is not None and _offset(activity.start_time, named) is not None:
        return _moved(activity, named)
    if given is not None:
        message = f"Times without a zone were taken as local time of {given}."
        return _moved(activity, given, Problem(ZONE_PROBLEM, message))
    message = "the times name no zone and were taken as UTC"
    return replace(activity, problems=(*activity.problems, Problem("no_time_zone", message)))


def _offset(moment: datetime, zone: str) -> float | None:
    found = zone_named(zone)
    shift = None if found is None else moment.astimezone(found).utcoffset()
    return None if shift is None else shift.total_seconds()


def _moved(activity: Activity, zone: str, *problems: Problem) -> Activity:
    """Read the start, which stands for a local time, in its zone."""
    local = activity.start_time.replace(tzinfo=zone_named(zone))
    shift = (local.utcoffset() or timedelta()).total_seconds()
    return replace(
        activity,
        start_time=local.astimezone(UTC),
        utc_offset_s=shift,
        problems=(*activity.problems, *problems),
    )
