"""Local time of recordings that do not say it: as in the athlete's other recordings near that date.

A file's own offset from UTC counts first, then that of the athlete's recordings of those days, then
the zone of ``--timezone``.
"""

from __future__ import annotations

from bisect import bisect_left
from datetime import datetime
from typing import Any, NamedTuple

from intervaldetect.batch.one_file import GIVEN_ZONE
from intervaldetect.read.local_time import ZONE_PROBLEM
from intervaldetect.store import Store

HISTORY_PROBLEM = "local_time_from_history"
NO_ZONE_PROBLEM = "no_time_zone"
MAX_DAYS = 14.0
"""A recording further away says nothing: the clocks may have changed, or the runner travelled."""


class _Known(NamedTuple):
    """A recording whose own file says its offset from UTC."""

    start_days: float
    offset_s: float
    day: str


def settle_local_time(store: Store, athlete: str, maker: str) -> int:
    """Give recordings without local time that of the nearest one with it; how many changed.

    Times that named no zone at all stay in UTC: what they stand for is not known.

    Parameters
    ----------
    store : Store
        Open for writing.
    athlete : str
    maker : str
        Version and settings, as in ``made_by``.
    """
    known, unsure = _sorted_out(store, athlete)
    changed = 0
    with store.together() as keep:
        for number, start in unsure:
            near = _nearest(known, start)
            if near is None:
                continue
            stored = store.outline(number)
            anew = _as_in(stored, near)
            if anew != stored:
                store.reread(number, anew, maker, before=stored)
                changed += 1
            keep()
    return changed


def _sorted_out(store: Store, athlete: str) -> tuple[list[_Known], list[tuple[int, float]]]:
    """Return what is known by files, and key and start (days) of those to be completed."""
    marks: dict[int, set[str]] = {}
    for number, code, message in store.query(
        "SELECT activity, code, message FROM problems JOIN recordings USING (activity)"
        " WHERE athlete = ? AND code IN (?, ?, ?)",
        (athlete, HISTORY_PROBLEM, NO_ZONE_PROBLEM, ZONE_PROBLEM),
    ):
        given = code == ZONE_PROBLEM and message.startswith(GIVEN_ZONE)
        marks.setdefault(number, set()).add("given" if given else code)
    known, unsure = [], []
    for number, began, offset_s in store.query(
        "SELECT activity, start_time, utc_offset_s FROM recordings WHERE athlete = ?"
        " ORDER BY start_time, activity",
        (athlete,),
    ):
        days = datetime.fromisoformat(began).timestamp() / 86400.0
        said = marks.get(number, set())
        if NO_ZONE_PROBLEM in said or ZONE_PROBLEM in said:
            continue
        if offset_s is None or said:
            unsure.append((number, days))
        else:
            known.append(_Known(days, offset_s, began[:10]))
    return known, unsure


def _nearest(known: list[_Known], start: float) -> _Known | None:
    """Return the nearest of recordings in order of time, None where none is near."""
    place = bisect_left(known, start, key=lambda one: one.start_days)
    around = known[max(place - 1, 0) : place + 1]
    near = min(around, key=lambda one: abs(one.start_days - start), default=None)
    return near if near is not None and abs(near.start_days - start) <= MAX_DAYS else None


def _as_in(summary: dict[str, Any], near: _Known) -> dict[str, Any]:
    """Return a printed object with the offset of another recording, and its problem saying so."""
    problems = [each for each in summary["problems"] if not _is_of_time(each)]
    message = f"Local time as in the recording of {near.day}: the file does not record it."
    problems.append({"code": HISTORY_PROBLEM, "message": message, "count": 1})
    changed = {"utc_offset_s": near.offset_s, "utc_offset_source": "history", "problems": problems}
    return {**summary, **changed}


def _is_of_time(problem: dict[str, Any]) -> bool:
    return problem["code"] in {HISTORY_PROBLEM, ZONE_PROBLEM}
