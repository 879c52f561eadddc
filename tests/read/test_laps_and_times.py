"""Laps and times that are off by a rule: zones, names of months, newest first."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.read import read_activity
from intervaldetect.read.build import RawLap
from intervaldetect.read.moments import parse_time
from intervaldetect.read.order import in_order
from tests.read import build
from tests.read.test_reconcile import START, a_run, built, codes

N = 600
EDGES = [(0.0, 200.0), (200.0, 350.0), (350.0, 599.0)]


def laps_of(change, *, sport="running"):
    t = a_run(n=N)
    laps = [change(START + a, START + b) for a, b in EDGES]
    return built({"distance": t.distance}, sport=sport, n=N, laps=laps)


def edges(activity):
    return [(lap.start_s, lap.end_s) for lap in activity.laps]


@pytest.mark.parametrize("off", [3600.0, -7200.0, 19_800.0, 50_400.0])
def test_laps_in_another_zone_are_brought_to_that_of_the_samples(off):
    activity = laps_of(lambda a, b: RawLap(a + off, b + off, stamp=b + off))
    assert edges(activity) == EDGES
    assert "laps_shifted" in codes(activity)


@pytest.mark.parametrize("off", [1000.0, 90_000.0])
def test_laps_that_no_zone_explains_are_not_moved(off):
    activity = laps_of(lambda a, b: RawLap(a + off, b + off, stamp=b + off))
    assert edges(activity) != EDGES
    assert "laps_shifted" not in codes(activity)


def test_laps_written_within_the_recording_are_in_its_zone_whatever_their_start():
    """All of them claim one start, hours before: what they were written at is right."""
    activity = laps_of(lambda a, b: RawLap(START - 21_600.0, START - 21_600.0 + b - a, stamp=b))
    assert edges(activity) == EDGES
    assert codes(activity) == {"laps_start_wrong"}


@pytest.mark.parametrize("length", [0.0, 0.001, 1000.0])
def test_a_lap_of_no_usable_length_ends_when_it_was_written(length):
    activity = laps_of(lambda a, b: RawLap(a, a + length * (b - a), stamp=b))
    assert edges(activity) == EDGES
    assert "laps_end_wrong" in codes(activity)


def test_a_lap_that_starts_at_its_own_end_begins_by_its_length():
    activity = laps_of(lambda a, b: RawLap(b, b + (b - a), stamp=b))
    assert edges(activity) == EDGES
    assert "laps_start_wrong" in codes(activity)


def test_a_lap_stamped_with_its_start_is_left_alone():
    activity = laps_of(lambda a, b: RawLap(a, b, stamp=a))
    assert edges(activity) == EDGES
    assert codes(activity) == set()


def test_of_pressed_and_automatic_laps_side_by_side_the_pressed_ones_are_kept():
    t = a_run(n=N)
    pressed = [RawLap(START + a, START + b, trigger="manual") for a, b in EDGES[:-1]]
    pressed.append(RawLap(START + EDGES[-1][0], START + EDGES[-1][1], trigger="session_end"))
    ticks = [(k * 120.0, k * 120.0 + 120.0) for k in range(4)]
    counted = [RawLap(START + a, START + b, trigger="distance") for a, b in ticks]
    mixed = sorted([*pressed, *counted], key=lambda lap: lap.end or 0.0)
    activity = built({"distance": t.distance}, n=N, laps=mixed)
    assert edges(activity) == EDGES
    (problem,) = activity.problems
    assert (problem.code, problem.count) == ("laps_overlap", 4)
    timed = [RawLap(lap.start, lap.end, trigger="time") for lap in pressed]
    activity = built({"distance": t.distance}, n=N, laps=[*timed, *counted])
    assert edges(activity) == EDGES  # none pressed: those that cover most


def test_laps_of_several_triggers_one_after_the_other_are_all_kept():
    t = a_run(n=N)
    triggers = ("distance", "manual", "session_end")
    laps = [
        RawLap(START + a, START + b, trigger=trigger)
        for (a, b), trigger in zip(EDGES, triggers, strict=True)
    ]
    activity = built({"distance": t.distance}, n=N, laps=laps)
    assert edges(activity) == EDGES
    assert codes(activity) == set()


@pytest.mark.parametrize("reader", ["native", "reference"])
def test_tcx_laps_of_one_start_begin_behind_the_points_of_the_lap_before(reader):
    t = a_run(n=120)
    laps = build.tcx_lap(t, 0, 40) + build.tcx_lap(t, 40, 90) + build.tcx_lap(t, 90, 120)
    for at in (40, 90):
        laps = laps.replace(
            f'StartTime="{build.iso(t.time[at])}"', f'StartTime="{build.iso(t.time[0])}"'
        )
    activity = read_activity(build.tcx(laps).encode(), reader=reader)
    assert [lap.start_s for lap in activity.laps] == [0.0, 39.0, 89.0]
    assert "laps_start_wrong" in codes(activity)


@pytest.mark.parametrize(
    "text",
    [
        "May 18, 2024 6:00:00 AM UTC",
        "18 May 2024 06:00:00 GMT",
        "Sat, 18 May 2024 06:00:00 +0000",
        "Sat May 18 06:00:00 UTC 2024",
        "Saturday, May 18, 2024, 6:00:00 AM Z",
        "18-May-2024 06:00:00Z",
        "2024-5-18T6:0:0Z",
        "2024-05-18T06:00:00ZZ",
        "2024-05-18T06:00:00.0+00:00Z",
        "2024-05-18T04:00:00\u221202:00",
        "1716012000000",
        "1716012000",
    ],
)
def test_times_in_words_and_numbers(text):
    moment = parse_time(text)
    assert moment is not None
    assert moment.unix == 1716012000
    assert moment.zoned


@pytest.mark.parametrize(
    "text", ["Foo 18, 2024 6:00 AM", "May 32, 2024 6:00:00 AM", "17160120000000"]
)
def test_what_is_no_time(text):
    assert parse_time(text) is None


def test_a_file_that_lists_its_newest_sample_first_is_turned_round():
    t = a_run(n=N)
    stamps = START + np.arange(N, dtype=float)
    ordered = in_order(stamps[::-1], {"distance": t.distance[::-1]}, [0, 100])
    np.testing.assert_array_equal(ordered.stamps, stamps)
    np.testing.assert_array_equal(ordered.columns["distance"], t.distance)
    assert ordered.breaks == [500]
    assert [problem.code for problem in ordered.problems] == ["samples_sorted"]


# --- cadence -------------------------------------------------------------------------------------


def run_with(cadence):
    t = a_run(n=N)
    return built({"distance": t.distance, "speed": t.speed, "cadence": cadence}, n=N)


@pytest.mark.parametrize("mark", [127.0, 254.0, 255.0])
def test_a_mark_of_no_cadence_is_none(mark):
    strides = 84.0 + np.arange(N) % 3
    activity = run_with(np.where(np.arange(N) % 2, mark, strides))
    np.testing.assert_allclose(activity.columns["cadence"][::2], 2 * strides[::2])
    assert np.isnan(activity.columns["cadence"][1::2]).all()
    assert "cadence_invalid" in codes(activity)


def test_steps_of_127_among_others_are_steps():
    t = a_run(speed=1.6, n=N)
    steps = 115.0 + np.arange(N) % 13
    activity = built({"distance": t.distance, "cadence": steps}, sport="walking", n=N)
    np.testing.assert_array_equal(activity.columns["cadence"], steps)


def test_cadence_of_a_second_is_brought_to_a_minute():
    steps = 168.0 + np.arange(N) % 3
    activity = run_with(steps / 60.0)
    np.testing.assert_allclose(activity.columns["cadence"], steps)
    assert "cadence_unit" in codes(activity)


def test_one_cadence_at_every_speed_is_none():
    speed = np.where(np.arange(N) // 100 % 2, 4.2, 2.4)
    distance = np.concatenate(([0.0], np.cumsum(speed[1:])))
    activity = built({"distance": distance, "cadence": np.full(N, 60.0)}, n=N)
    assert np.isnan(activity.columns["cadence"]).all()
    assert "cadence_constant" in codes(activity)


def test_zeros_for_two_seconds_are_drop_outs_and_longer_ones_are_rests():
    strides = 84.0 + np.arange(N) % 3
    strides[100:102] = 0.0
    strides[200:230] = 0.0
    cadence = run_with(strides).columns["cadence"]
    assert np.isnan(cadence[100:102]).all()
    assert (cadence[200:230] == 0.0).all()
