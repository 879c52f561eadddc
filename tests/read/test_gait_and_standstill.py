"""Sports that no file names, and witnesses that stand still while the others move."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.read import read_activities, read_activity
from intervaldetect.read.reconcile import counter
from intervaldetect.records import Session
from tests.read import build
from tests.read.test_reconcile import FILES, a_run, built, codes, whole

N = 400


def moved(speed, n: int = N) -> build.Truth:
    """A run of given speeds that all three formats can hold."""
    t = a_run(n=n)
    pace = np.broadcast_to(np.asarray(speed, dtype=float), n) * (1 + 0.03 * np.sin(np.arange(n)))
    distance = np.concatenate(([0.0], np.cumsum(pace[1:])))
    return replace(t, distance=distance, speed=pace, latitude=48.0 + distance / 111_195.0)


def nameless(t: build.Truth) -> dict[str, bytes]:
    """The file in three formats, none of which names a sport."""
    fit = build.begin(build.Fit())
    fit.define(2, 20, build.RECORD)
    for i in range(t.time.size):
        fit.data(2, *build.record_values(t, i))
    gpx = build.gpx(f"<trkseg>{build.gpx_points(t, build.PLAIN, 0, t.time.size)}</trkseg>")
    tcx = build.tcx(build.tcx_lap(t, 0, t.time.size))
    return {
        "fit": build.end(fit, t, sport=0).bytes(),
        "gpx": gpx.replace("<type>running</type>", "").encode(),
        "tcx": tcx.replace('Sport="Running"', 'Sport="Other"').encode(),
    }


@pytest.mark.parametrize(
    ("speed", "cadence", "sport"),
    [
        (3.2, 85.0, "running"),
        (3.2, 170.0, "running"),
        (1.4, 55.0, "walking"),
        (1.4, 110.0, "walking"),
        (6.5, 80.0, "cycling"),
        (9.0, 0.0, "cycling"),
    ],
)
@pytest.mark.parametrize("form", ["fit", "gpx", "tcx"])
def test_speed_and_cadence_name_the_sport_that_the_file_does_not(form, speed, cadence, sport):
    t = replace(moved(speed), strides=np.full(N, cadence) + (np.arange(N) % 3 if cadence else 0))
    activity = read_activity(nameless(t)[form])
    assert activity.sport == sport
    assert "sport_guessed" in codes(activity)
    if sport != "cycling":
        steps = np.nanmean(activity.columns["cadence"])
        assert steps == pytest.approx(170.0 if sport == "running" else 111.0, rel=0.03)


def test_speed_alone_names_no_run():
    t = moved(3.2)
    activity = built({"distance": t.distance, "speed": t.speed}, sport=None, n=N)
    assert activity.sport is None
    assert "sport_guessed" not in codes(activity)


def test_a_sport_that_is_named_is_left():
    t = moved(3.2)
    columns = {"distance": t.distance, "speed": t.speed, "cadence": t.strides}
    for sport in ("cross_country_skiing", "training", "walking"):
        assert built(columns, sport=sport, n=N).sport == sport


@pytest.mark.parametrize(
    ("sub", "sport"), [("treadmill", "running"), ("indoor_walking", "walking")]
)
def test_a_sub_sport_names_its_sport(sub, sport):
    t = moved(2.4)
    activity = built({"distance": t.distance}, sport="generic", sub_sport=sub, n=N)
    assert activity.sport == sport


def test_all_that_depends_on_the_sport_follows_the_table_of_an_export():
    """Steps, zeros between two and the speed it is judged by are those of the named sport."""
    t = replace(moved(2.0), strides=np.where(np.arange(N) % 10 == 5, 0.0, 60.0 + np.arange(N) % 2))
    columns = {}
    for named in ("Ride", "Walk", None):
        (activity,) = read_activities(nameless(t)["fit"], activity_type=named)
        columns[named] = activity.columns["cadence"]
        assert activity.sport == {"Ride": "cycling", "Walk": "walking", None: "walking"}[named]
    assert np.nanmean(columns["Ride"]) < 60.0
    assert (columns["Ride"] == 0.0).any()
    np.testing.assert_allclose(np.nanmean(columns["Walk"]), 121.0, atol=0.2)
    assert not (columns["Walk"] == 0.0).any()


# --- witnesses that stand ------------------------------------------------------------------------


@FILES
def test_speeds_of_zero_while_one_moves_are_no_values(file):
    t = moved(3.0)
    early = np.arange(N) < 150
    activity = read_activity(file(replace(t, speed=np.where(early, 0.0, t.speed))))
    assert "speed_dropouts" in codes(activity)
    assert np.isnan(activity.columns["speed"][early]).sum() == 150
    np.testing.assert_allclose(activity.columns["speed"][~early], t.speed[~early], atol=0.001)


@FILES
def test_a_counter_that_is_stuck_goes_on_by_speed_and_positions(file):
    t = moved(3.0)
    at = np.arange(N)
    missing = t.distance[250] - t.distance[150]
    stuck = np.where(at < 150, t.distance, np.maximum(t.distance[150], t.distance - missing))
    data = file(replace(t, distance=stuck))
    activity = read_activity(data)
    if activity.format == "gpx":  # the totals of the others bear the counter out
        assert "distance_stuck" in codes(activity)
        assert whole(activity) == pytest.approx(t.distance[-1], rel=0.02)


@pytest.mark.parametrize(("total", "right"), [(None, True), ("whole", True), ("counted", False)])
def test_a_total_says_whether_a_counter_that_stood_was_stuck(total, right):
    t = moved(3.0)
    at = np.arange(N)
    missing = t.distance[250] - t.distance[150]
    stuck = np.where(at < 150, t.distance, np.maximum(t.distance[150], t.distance - missing))

    metres = {None: None, "whole": t.distance[-1], "counted": stuck[-1]}[total]
    columns = {"distance": stuck, "speed": t.speed, "latitude": t.latitude}
    activity = built(columns | {"longitude": t.longitude}, n=N, session=Session(distance_m=metres))
    assert ("distance_stuck" in codes(activity)) == right
    expected = t.distance[-1] if right else stuck[-1]
    assert whole(activity) == pytest.approx(expected, rel=0.02)


def test_a_stuck_counter_of_every_other_record_is_told_and_not_filled():
    t = moved(3.0)
    at = np.arange(N)
    missing = t.distance[250] - t.distance[150]
    stuck = np.where(at < 150, t.distance, np.maximum(t.distance[150], t.distance - missing))
    columns = {"distance": np.where(at % 2, np.nan, stuck), "speed": t.speed}
    activity = built(columns, n=N, session=Session(distance_m=t.distance[-1]))
    assert "witnesses_disagree" in codes(activity)
    assert all(problem.count > 0 for problem in activity.problems)


def test_a_counter_that_is_late_is_not_stuck():
    t = moved(3.0)
    late = np.interp(np.arange(N), [0, 150, 190, 200, N - 1], t.distance[[0, 150, 150, 200, N - 1]])
    late = np.where((np.arange(N) > 150) & (np.arange(N) < 200), late, t.distance)
    columns = {"distance": late, "speed": t.speed, "latitude": t.latitude}
    activity = built(columns | {"longitude": t.longitude}, n=N)
    assert "distance_stuck" not in codes(activity)
    assert whole(activity) < 1.05 * t.distance[-1]


def test_a_speed_that_never_changes_is_no_speed():
    speed = np.where(np.arange(N) // 50 % 2 == 1, 4.4, 2.6)
    t = moved(speed)
    activity = built({"distance": t.distance, "speed": np.full(N, 3.4)}, n=N)
    assert "speed_contradicts" in codes(activity)
    assert np.isnan(activity.columns["speed"]).all()


def test_a_speed_in_two_units_does_not_follow_the_way():
    t = moved(3.0)
    mixed = np.where(np.arange(N) < 160, 3.6, 1.0) * t.speed
    activity = built({"distance": t.distance, "speed": mixed}, n=N)
    assert "speed_contradicts" in codes(activity)
    assert whole(activity) == pytest.approx(t.distance[-1], rel=0.01)


@pytest.mark.parametrize("factor", [2.2369, 3.6])
def test_nobody_keeps_such_a_speed_up(factor):
    """Where nothing else is in the file, the fastest stretches tell the unit."""
    speed = np.where(np.arange(N) // 100 % 2 == 1, 4.3, 2.6)
    t = moved(speed)
    strides = (70.0 + 4.5 * speed).round()
    activity = built({"speed": factor * t.speed, "cadence": strides}, n=N)
    assert "speed_unit" in codes(activity)
    np.testing.assert_allclose(activity.columns["speed"], t.speed, rtol=0.01)


def test_small_steps_are_known_by_their_sum():
    t = moved(3.0)

    steps = np.round(np.diff(t.distance, prepend=0.0) / 1000.0, 3)
    steps[100] = 0.002
    steps[200:202] = 0.004, 0.003
    activity = built({"distance": steps}, n=N, session=Session(distance_m=float(t.distance[-1])))
    assert "distance_steps" in codes(activity)
    assert whole(activity) == pytest.approx(t.distance[-1], rel=0.02)


def test_a_counter_that_stood_while_one_witness_moved_is_told():
    t = moved(3.0)
    missing = t.distance[250] - t.distance[150]
    at = np.arange(N)
    stuck = np.where(at < 150, t.distance, np.maximum(t.distance[150], t.distance - missing))
    positions = {"latitude": t.latitude, "longitude": t.longitude}
    for others in ({"speed": t.speed}, positions):
        activity = built({"distance": stuck, **others}, n=N)
        assert "witnesses_disagree" in codes(activity)
        assert whole(activity) == pytest.approx(stuck[-1], rel=0.01)


@FILES
@pytest.mark.parametrize(("every", "stands"), [(N, 100), (140, 10), (N, 40)])
def test_a_counter_that_waits_for_a_fix_and_leaps_is_spread(file, every, stands):
    t = moved(3.2)
    place = np.arange(N)
    held = np.where(place % every < stands, place - place % every, place)
    blind = held < place
    late = replace(
        t,
        distance=t.distance[held],
        speed=np.where(blind, 0.0, t.speed),
        latitude=np.where(blind, 0.0, t.latitude),
        longitude=np.where(blind, 0.0, t.longitude),
    )
    activity = read_activity(file(late))
    signal = clean_activity(activity)
    assert signal.distance_m[-1] == pytest.approx(t.distance[-1], rel=0.01)
    assert np.nanmax(signal.speed_mps) < 4.0
    assert "distance_late" in codes(activity)


@pytest.mark.parametrize(
    ("stands", "leap_m", "total"),
    [
        (60, 3.0, None),
        (60, 15.0, None),
        (60, 1200.0, None),
        (310, 1000.0, None),
        (60, 195.0, 1085.0),
    ],
    ids=["stood", "set off", "far off", "too long", "not in the total"],
)
def test_a_counter_that_stood_or_leapt_is_not_spread(stands, leap_m, total):
    gains = np.full(399, 3.2)
    gains[50 : 50 + stands] = 0.0
    gains[50 + stands] = leap_m
    distance = np.concatenate(([0.0], np.cumsum(gains)))
    spread, problem = counter.late_counts(np.arange(400.0), distance, total)
    assert problem is None
    assert spread is distance
