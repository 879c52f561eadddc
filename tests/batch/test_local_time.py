"""A recording without local time takes that of the nearest other one of its athlete."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest

from intervaldetect.batch.local_time import HISTORY_PROBLEM, settle_local_time
from intervaldetect.batch.one_file import GIVEN_ZONE
from intervaldetect.job import ActivityResult, FileResult, Task
from intervaldetect.output.curves import views_of
from intervaldetect.output.summary import ZONE_PROBLEM, to_dict
from intervaldetect.read.archive import Source
from intervaldetect.records import Analysis, Problem
from intervaldetect.report.format import zone_mark
from intervaldetect.store import Store

START = datetime.fromisoformat("2026-03-20T23:30:00+00:00")
GIVEN = Problem(ZONE_PROBLEM, f"{GIVEN_ZONE} Asia/Tokyo: the file does not record it.")


def put(
    store: Store, analysis: Analysis, days: float, offset_s: float | None, *, athlete: str = "me",
    problem: Problem | None = None,
) -> None:  # fmt: skip
    name = f"{athlete} {days}.fit"
    problems = () if problem is None else (problem,)
    activity = replace(
        analysis.activity, path=name, sha256=sha256(name.encode()).hexdigest(),
        utc_offset_s=offset_s, start_time=START + timedelta(days=days), problems=problems,
    )  # fmt: skip
    changed = replace(analysis, activity=activity, athlete=athlete)
    judged = ActivityResult(to_dict(changed), views_of(changed.signal), "{}")
    task = Task(Source(name, file=name), athlete)
    store.put(FileResult(task, "read", activity.sha256, (judged,)), "maker")


def offsets(store: Store) -> dict[str, tuple[float | None, str | None]]:
    found = (json.loads(text) for text in store.summaries())
    return {one["path"]: (one["utc_offset_s"], one["utc_offset_source"]) for one in found}


def test_the_nearest_with_local_time_counts(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        put(store, analysis, 0, 3600.0)
        put(store, analysis, 12, 7200.0)
        put(store, analysis, 5, None)
        put(store, analysis, 7, None)
        put(store, analysis, 25.9, None)
        put(store, analysis, 26.1, None)  # more than 14 days away
        put(store, analysis, 6, None, athlete="bo")  # somebody else
        assert settle_local_time(store, "me", "maker") == 3
        assert settle_local_time(store, "bo", "maker") == 0
        expected = {
            "me 0.fit": (3600.0, "file"),
            "me 12.fit": (7200.0, "file"),
            "me 5.fit": (3600.0, "history"),
            "me 7.fit": (7200.0, "history"),
            "me 25.9.fit": (7200.0, "history"),
            "me 26.1.fit": (None, None),
            "bo 6.fit": (None, None),
        }
        assert offsets(store) == {path: expected[path] for path in offsets(store)}
        assert len(offsets(store)) == len(expected)
        rows = store.query(
            "SELECT local_date, utc_offset_s FROM recordings WHERE path = 'me 5.fit'"
        )
        assert rows == [("2026-03-26", 3600.0)]  # 00:30 on the next day
        assert settle_local_time(store, "me", "maker") == 0  # nothing is left to do


def test_what_comes_later_is_nearer(tmp_path: Path, analysis: Analysis) -> None:
    with Store.create(tmp_path) as store:
        put(store, analysis, 0, 3600.0)
        put(store, analysis, 5, None)
        settle_local_time(store, "me", "maker")
        put(store, analysis, 6, 7200.0)
        assert settle_local_time(store, "me", "maker") == 1
        assert offsets(store)["me 5.fit"] == (7200.0, "history")
        (kept,) = store.query("SELECT message FROM problems WHERE code = ?", (HISTORY_PROBLEM,))
        assert kept == (
            "Local time as in the recording of 2026-03-26: the file does not record it.",
        )


@pytest.mark.parametrize("near", [True, False])
def test_other_files_come_before_the_zone_that_was_given(
    near: bool, tmp_path: Path, analysis: Analysis
) -> None:
    with Store.create(tmp_path) as store:
        put(store, analysis, 0 if near else -30, 3600.0)
        put(store, analysis, 5, 32400.0, problem=GIVEN)
        assert settle_local_time(store, "me", "maker") == near
        assert offsets(store)["me 5.fit"] == ((3600.0, "history") if near else (32400.0, "option"))


@pytest.mark.parametrize(
    ("problem", "offset_s"),
    [
        (Problem("no_time_zone", "the times name no zone and were taken as UTC"), None),
        (Problem(ZONE_PROBLEM, "Times without a zone were taken as local time of X."), 7200.0),
    ],
)
def test_times_that_named_no_zone_are_left(
    problem: Problem, offset_s: float | None, tmp_path: Path, analysis: Analysis
) -> None:
    with Store.create(tmp_path) as store:
        put(store, analysis, 0, 3600.0)
        put(store, analysis, 1, offset_s, problem=problem)
        assert settle_local_time(store, "me", "maker") == 0


def test_a_guess_is_marked() -> None:
    marks = [
        zone_mark({"utc_offset_s": offset, "utc_offset_source": source})
        for offset, source in ((None, None), (3600.0, "history"), (3600.0, "file"))
    ]
    assert marks == [" UTC", "?", ""]
