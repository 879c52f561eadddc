"""Laps whose times and distances count on from lap to lap."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from intervaldetect.read import read_activity
from intervaldetect.records import Activity
from tests.read import build

READERS = ["native", "reference"]
SECONDS = 600
EDGES = [(0, 120), (120, 180), (180, 480), (480, 599)]
SPEED = 3.5


def told(activity: Activity) -> list[str]:
    return [problem.code for problem in activity.problems]


def so_far(values: Sequence[float]) -> list[float]:
    return [float(value) for value in np.cumsum(values)]


def tcx_file(times: Sequence[float], metres: Sequence[float], *, counter: bool = True) -> bytes:
    laps = []
    for (first, last), seconds, way in zip(EDGES, times, metres, strict=True):
        points = "".join(
            f"<Trackpoint><Time>{build.iso(build.START + i)}</Time>"
            f"{f'<DistanceMeters>{SPEED * i:.1f}</DistanceMeters>' if counter else ''}"
            f"<HeartRateBpm><Value>{140 + i % 5}</Value></HeartRateBpm></Trackpoint>"
            for i in range(first, last + (last == 599))
        )
        laps.append(
            f'<Lap StartTime="{build.iso(build.START + first)}">'
            f"<TotalTimeSeconds>{seconds}</TotalTimeSeconds>"
            f"<DistanceMeters>{way}</DistanceMeters><TriggerMethod>Manual</TriggerMethod>"
            f"<Track>{points}</Track></Lap>"
        )
    return (
        '<?xml version="1.0"?><TrainingCenterDatabase xmlns='
        '"http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"><Activities>'
        f'<Activity Sport="Running"><Id>{build.iso(build.START)}</Id>{"".join(laps)}'
        "</Activity></Activities></TrainingCenterDatabase>"
    ).encode()


def fit_file(times: Sequence[float], metres: Sequence[float], *, counter: bool = True) -> bytes:
    fit = build.begin(build.Fit())
    fit.define(7, 12, [(0, 1, build.ENUM)]).data(7, 1)
    fit.define(2, 20, [(253, 1, build.UINT32), (5, 1, build.UINT32), (3, 1, build.UINT8)])
    for i in range(SECONDS):
        fit.data(2, build.FIT_START + i, round(350 * i) if counter else None, 140 + i % 5)
    whole = [(253, 1, build.UINT32), (2, 1, build.UINT32), (7, 1, build.UINT32)]
    fit.define(6, 19, [*whole, (8, 1, build.UINT32), (9, 1, build.UINT32)])
    for (first, last), seconds, way in zip(EDGES, times, metres, strict=True):
        start = build.FIT_START + first
        fit.data(6, build.FIT_START + last, start, seconds * 1000, seconds * 1000, way * 100)
    return fit.bytes()


FILES = {"tcx": tcx_file, "fit": fit_file}
TIMES = [last - first for first, last in EDGES]
METRES = [SPEED * seconds for seconds in TIMES]


def whole(values: Sequence[float]) -> list[int]:
    return [round(value) for value in values]


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize(
    ("which", "counter"),
    [("times", True), ("times", False), ("both", True), ("both", False), ("distances", True)],
)
def test_laps_that_count_on_get_their_own_lengths(form, which, counter, reader):
    times = whole(TIMES if which == "distances" else so_far(TIMES))
    metres = whole(METRES if which == "times" else so_far(METRES))
    activity = read_activity(FILES[form](times, metres, counter=counter), reader=reader)
    assert [(lap.start_s, lap.end_s) for lap in activity.laps] == EDGES
    assert [lap.timer_s for lap in activity.laps] == TIMES
    assert [lap.distance_m for lap in activity.laps] == pytest.approx(METRES, abs=1.0)
    assert told(activity).count("lap_totals") == 1
    if form == "tcx":
        assert activity.session.timer_s == 599


@pytest.mark.parametrize("form", FILES)
def test_laps_of_their_own_lengths_are_left_alone(form):
    activity = read_activity(FILES[form](TIMES, whole(METRES)))
    assert [(lap.start_s, lap.end_s) for lap in activity.laps] == EDGES
    assert "lap_totals" not in told(activity)


@pytest.mark.parametrize("form", FILES)
def test_ever_longer_laps_are_no_totals(form, monkeypatch):
    longer = [(0, 50), (50, 150), (150, 320), (320, 599)]
    monkeypatch.setattr(f"{__name__}.EDGES", longer)
    times = [last - first for first, last in longer]
    activity = read_activity(FILES[form](times, whole([SPEED * t for t in times])))
    assert [lap.timer_s for lap in activity.laps] == times
    assert "lap_totals" not in told(activity)


def listed(order: list[int], form: str, monkeypatch: pytest.MonkeyPatch) -> Activity:
    edges = [EDGES[k] for k in order]
    monkeypatch.setattr(f"{__name__}.EDGES", edges)
    return read_activity(FILES[form]([TIMES[k] for k in order], whole([METRES[k] for k in order])))


@pytest.mark.parametrize("form", FILES)
@pytest.mark.parametrize(
    ("order", "code"),
    [
        ([3, 2, 1, 0], "laps_sorted"),
        ([0, 0, 1, 1, 2, 2, 3, 3], "laps_repeated"),
        ([0, 1, 2, 3, 0, 1, 2, 3], "laps_repeated"),
    ],
    ids=["backwards", "each twice", "all twice"],
)
def test_laps_listed_twice_or_backwards_are_put_right(form, order, code, monkeypatch):
    edges = EDGES
    activity = listed(order, form, monkeypatch)
    assert [(lap.start_s, lap.end_s) for lap in activity.laps] == edges
    assert told(activity).count(code) == 1
    assert "laps_overlap" not in told(activity)
    assert activity.columns["time"].size == SECONDS
