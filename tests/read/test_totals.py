"""Totals of sessions and laps held against the samples, and parts that a file repeats."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from intervaldetect.read import read_activities
from intervaldetect.read.build import RawLap, RawPart, build_activities
from intervaldetect.read.tracks import without_copies
from intervaldetect.records import Activity, Session
from tests.read import build

N = 600
START = 1.7e9
SPEED = 3.5 + 0.3 * np.sin(np.arange(N) / 30.0)
DISTANCE = np.concatenate(([0.0], np.cumsum(SPEED[1:])))
WHOLE = float(DISTANCE[-1])
POSITIONS = {"latitude": 48.0 + DISTANCE / 111_195.0, "longitude": np.full(N, 10.0)}
WITNESSES = {"distance": {"distance": DISTANCE}, "speed": {"speed": SPEED}, "positions": POSITIONS}
TOTALS = pytest.mark.parametrize("witness", WITNESSES)


def built(witness: str, *, sub_sport: str | None = None, laps=(), **session: Any) -> Activity:
    part = RawPart(
        stamps=START + np.arange(N, dtype=float),
        columns=WITNESSES[witness],
        sport="running",
        sub_sport=sub_sport,
        laps=laps,
        session=Session(**session),
    )
    (activity,) = build_activities([part], path="", sha256="", form="fit")
    return activity


def codes(activity: Activity) -> set[str]:
    return {problem.code for problem in activity.problems}


@TOTALS
@pytest.mark.parametrize("total", [42_949_673.0, 2.0 * WHOLE, 0.4 * WHOLE])
def test_a_total_that_any_witness_of_the_way_contradicts_is_not_used(witness, total):
    activity = built(witness, distance_m=total)
    assert activity.session.distance_m is None
    assert "total_contradicts" in codes(activity)


@TOTALS
@pytest.mark.parametrize("unit", [1000.0, 1609.344, 0.3048, 0.01])
def test_a_total_in_another_unit_is_converted(witness, unit):
    activity = built(witness, distance_m=WHOLE / unit)
    assert activity.session.distance_m == pytest.approx(WHOLE)
    assert codes(activity) == {"total_unit"}


@TOTALS
def test_a_total_that_is_right_is_left(witness):
    activity = built(witness, distance_m=1.01 * WHOLE)
    assert activity.session.distance_m == pytest.approx(1.01 * WHOLE)
    assert codes(activity) == set()


@pytest.mark.parametrize("witness", ["distance", "speed"])
@pytest.mark.parametrize("timer", [0.0, 0.6, 300.0, 5000.0])
def test_a_timer_shorter_than_one_moved_or_longer_than_the_file_is_not_used(witness, timer):
    activity = built(witness, timer_s=timer)
    assert activity.session.timer_s is None
    assert codes(activity) == {"total_contradicts"}


def laps_of(unit: float) -> list[RawLap]:
    edges = [0, 150, 300, 450, N - 1]
    return [
        RawLap(START + a, START + b, distance_m=float(DISTANCE[b] - DISTANCE[a]) / unit)
        for a, b in pairwise(edges)
    ]


@TOTALS
@pytest.mark.parametrize("unit", [1000.0, 1609.344, 0.3048, 100.0, 0.1])
def test_lap_distances_in_another_unit_are_converted(witness, unit):
    activity = built(witness, laps=laps_of(unit))
    assert sum(lap.distance_m or 0.0 for lap in activity.laps) == pytest.approx(WHOLE)
    assert "lap_unit" in codes(activity)
    assert "lap_unit" not in codes(built(witness, laps=laps_of(1.0)))


def test_laps_that_cover_a_part_are_not_held_against_the_whole():
    activity = built("distance", laps=laps_of(0.3048)[:2])
    assert "lap_unit" not in codes(activity)


def test_a_tcx_file_of_laps_in_km_and_speeds_alone_has_its_way_in_metres():
    points = "".join(
        f"<Trackpoint><Time>{build.iso(START + i)}</Time><Extensions><TPX><Speed>{SPEED[i]:.3f}"
        "</Speed></TPX></Extensions></Trackpoint>"
        for i in range(N)
    )
    lap = (
        f"<Lap StartTime='{build.iso(START)}'><TotalTimeSeconds>{N - 1}</TotalTimeSeconds>"
        f"<DistanceMeters>{WHOLE / 1000:.4f}</DistanceMeters><Track>{points}</Track></Lap>"
    )
    (activity,) = read_activities(build.tcx(lap).encode())
    assert activity.session.distance_m == pytest.approx(WHOLE, rel=1e-3)
    assert activity.laps[0].distance_m == pytest.approx(WHOLE, rel=1e-3)
    assert {"total_unit", "lap_unit"} <= codes(activity)


# --- parts written twice -------------------------------------------------------------------------


def track(t: build.Truth, last: int) -> str:
    return f"<trkseg>{build.gpx_points(t, build.PLAIN, 0, last)}</trkseg>"


@pytest.mark.parametrize("lengths", [(24, 24), (8, 16, 24), (24, 8)])
def test_tracks_that_another_one_repeats_count_once(lengths):
    t = build.truth()
    parts = read_activities(build.gpx(*(track(t, n) for n in lengths)).encode())
    assert [len(part) for part in parts] == [24]
    assert "parts_repeated" in codes(parts[0])


def test_a_tcx_activity_written_twice_is_one_and_its_laps_stay():
    lap = build.tcx_lap(build.truth(), 0, 24)
    parts = read_activities(build.tcx(lap, lap).encode())
    assert [len(part) for part in parts] == [24]
    assert len(parts[0].laps) == 1


def test_parts_of_one_start_with_other_values_are_no_copies():
    part = RawPart(stamps=START + np.arange(9.0), columns={"heart_rate": np.full(9, 140.0)})
    other = replace(part, columns={"heart_rate": np.full(9, 141.0)})
    empty = replace(part, stamps=np.empty(0), columns={"heart_rate": np.empty(0)})
    assert without_copies([part, other, empty]) == [part, other, empty]
