"""FIT times of another clock: counted from 1970, or in local time beside UTC."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.read import read_activity
from intervaldetect.records import Activity
from tests.read import build

READERS = ["native", "reference"]
SECONDS, EPOCH, HOUR = 240, 631065600, 3600
TIMES = [(253, 1, build.UINT32), (2, 1, build.UINT32), (7, 1, build.UINT32)]


def a_file(
    *, records: int = 0, rest: int = 0, created: int | None = 0, local: int | None = None
) -> bytes:
    """A run whose records, and whose other messages, are stamped so many seconds late."""
    t = build.truth(SECONDS)
    fit = build.Fit()
    start = build.FIT_START
    fit.define(0, 0, [(0, 1, build.ENUM), (4, 1, build.UINT32)])
    fit.data(0, 4, None if created is None else start + created)
    fit.define(2, 20, build.RECORD)
    for i in range(SECONDS):
        values = build.record_values(t, i)
        values[0], values[6] = start + i + records, 140
        fit.data(2, *values)
    start += rest
    fit.define(3, 21, [(253, 1, build.UINT32), (0, 1, build.ENUM), (1, 1, build.ENUM)])
    fit.data(3, start + 100, 0, 4).data(3, start + 110, 0, 0)
    fit.define(1, 19, TIMES)
    for first, last in ((0, 100), (110, 239)):
        fit.data(1, start + last, start + first, (last - first) * 1000)
    fit.define(1, 18, [*TIMES, (5, 1, build.ENUM)])
    fit.data(1, start + 239, start, 239_000, 1)
    if local is not None:
        fit.define(1, 34, [(253, 1, build.UINT32), (5, 1, build.UINT32)])
        fit.data(1, start + 239, start + 239 + local)
    return fit.bytes()


def codes(activity: Activity) -> set[str]:
    return {problem.code for problem in activity.problems}


def is_right(activity: Activity) -> bool:
    """Whether start, laps and pause are where they were run."""
    edges = [(lap.start_s, lap.end_s) for lap in activity.laps]
    pauses = [(pause.start_s, pause.end_s) for pause in activity.pauses]
    return (
        activity.start_time.timestamp() == build.START
        and edges == [(0, 100), (110, 239)]
        and pauses in ([(100, 110)], [])
    )


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "what", [("records",), ("rest", "created"), ("records", "rest", "created")]
)
def test_times_counted_from_1970_are_brought_to_their_date(reader, what):
    activity = read_activity(a_file(**dict.fromkeys(what, EPOCH), local=7200), reader=reader)
    assert is_right(activity)
    assert "clock_epoch" in codes(activity)
    assert activity.utc_offset_s == 7200


def test_a_file_of_one_clock_is_left_alone():
    activity = read_activity(a_file(local=7200))
    assert is_right(activity)
    assert not {"clock_epoch", "records_shifted", "laps_shifted"} & codes(activity)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("off", [2 * HOUR, -8 * HOUR, round(5.75 * HOUR)])
@pytest.mark.parametrize("witness", ["local time", "created", "created at the end"])
def test_records_in_local_time_are_brought_to_the_rest_of_the_file(reader, off, witness):
    local = off if witness == "local time" else None
    created = {"created": 0, "created at the end": 239}.get(witness)
    activity = read_activity(a_file(records=off, created=created, local=local), reader=reader)
    assert is_right(activity)
    assert "records_shifted" in codes(activity)
    assert activity.utc_offset_s == local


@pytest.mark.parametrize(
    "change",
    [
        {"records": 2 * HOUR, "created": None},
        {"records": 2 * HOUR, "created": 2 * HOUR},
        {"rest": -2 * HOUR, "local": HOUR},
        {"records": 1000, "local": 1000},
    ],
    ids=["no witness", "created with the records", "another zone", "no zone"],
)
def test_records_that_no_witness_contradicts_keep_their_time(change):
    activity = read_activity(a_file(**change))
    assert activity.start_time.timestamp() == build.START + change.get("records", 0)
    assert "records_shifted" not in codes(activity)


def test_records_that_begin_late_in_a_session_are_not_moved():
    t = build.truth(SECONDS)
    fit = build.begin(build.Fit())
    fit.define(2, 20, build.RECORD)
    for i in range(SECONDS):
        values = build.record_values(t, i)
        values[0], values[6] = build.FIT_START + 900 + i, 140
        fit.data(2, *values)
    fit.define(1, 18, [*TIMES, (5, 1, build.ENUM)])
    fit.data(1, build.FIT_START + 900 + 239, build.FIT_START, 1_139_000, 1)
    activity = read_activity(fit.bytes())
    assert activity.start_time.timestamp() == build.START + 900
    assert "records_shifted" not in codes(activity)
    assert np.isfinite(activity.columns["speed"]).all()
