"""What FIT messages besides records come to, in both readers."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from intervaldetect.read import Reader, read_activities
from intervaldetect.records import Activity, Lap, Pause
from tests.read import build
from tests.read.build import ENUM, FIT_START, SINT32, STRING, UINT8, UINT16, UINT32

READERS: tuple[Reader, ...] = ("native", "reference")
TRUTH = build.truth()
S = FIT_START


@pytest.fixture(params=READERS)
def read(request: pytest.FixtureRequest):
    def read_one(fit: build.Fit) -> Activity:
        (activity,) = read_activities(fit.bytes(), reader=request.param)
        return activity

    return read_one


def records(fit: build.Fit, t: build.Truth = TRUTH) -> build.Fit:
    fit.define(2, 20, build.RECORD)
    for i in range(t.time.size):
        fit.data(2, *build.record_values(t, i))
    return fit


def test_session_device_and_local_time(read):
    activity = read(build.plain_fit(TRUTH))
    assert (activity.sport, activity.sub_sport) == ("running", "track")
    assert activity.device == "garmin fr235"
    assert activity.utc_offset_s == 7200.0
    session = activity.session
    assert session.timer_s == session.elapsed_s == build.N - 1
    assert session.distance_m == 3.5 * (build.N - 1)
    assert session.aerobic_training_effect == 3.4
    assert session.anaerobic_training_effect == 1.2


def test_what_the_runner_told_the_device_and_its_recovery_heart_rate(read):
    fit = records(build.begin(build.Fit()))
    fit.define(1, 21, [(253, 1, UINT32), (0, 1, ENUM), (1, 1, ENUM), (3, 1, UINT32)])
    fit.data(1, S + 12, 21, 3, 118)
    fit.data(1, S + 13, 21, 3, 900)
    fit.data(1, S + 14, 0, 4, 77)
    session = [(253, 1, UINT32), (2, 1, UINT32), (192, 1, UINT8), (193, 1, UINT8)]
    fit.define(2, 18, session)
    fit.data(2, S + 20, S, 75, 60)
    activity = read(fit)
    assert (activity.session.feel, activity.session.rpe) == (75.0, 6.0)
    rates = [event.heart_rate_bpm for event in activity.events]
    assert rates == [118.0, None, None]
    fit.data(2, S + 21, S, 101, 150)
    assert read(fit).session.rpe in {None, 6.0}


def test_laps_keep_trigger_intensity_and_step(read):
    fit = records(build.begin(build.Fit()))
    lap = [(2, 1, UINT32), (7, 1, UINT32), (8, 1, UINT32), (9, 1, UINT32), (253, 1, UINT32)]
    fit.define(1, 19, [*lap, (23, 1, ENUM), (24, 1, ENUM), (71, 1, UINT16)])
    fit.data(1, S, 5000, 4000, 1750, S + 5, 5, 0, 2)
    fit.data(1, S + 5, None, None, None, S + 11, 4, 2, None)
    fit.data(1, None, 9500, None, None, S + 21, None, None, 0x8003)
    assert read(fit).laps == (
        Lap(0.0, 5.0, 17.5, 4.0, "manual", "interval", 2),
        Lap(5.0, 11.0, None, None, "distance", "recovery", None),
        Lap(11.5, 21.0, None, None, None, None, 3),
    )


def test_timer_events_make_pauses(read):
    fit = records(build.begin(build.Fit()))
    fit.define(1, 21, [(253, 1, UINT32), (0, 1, ENUM), (1, 1, ENUM)])
    for time, event, kind in (
        (S, 0, 0),
        (S + 4, 0, 4),
        (S + 9, 0, 0),
        (S + 12, 9, 3),
        (S + 23, 0, 4),
    ):
        fit.data(1, time, event, kind)
    activity = read(fit)
    assert activity.pauses == (Pause(4.0, 9.0),)
    assert [(e.time_s, e.event, e.event_type) for e in activity.events] == [
        (0.0, "timer", "start"),
        (4.0, "timer", "stop_all"),
        (9.0, "timer", "start"),
        (12.0, "lap", "marker"),
        (23.0, "timer", "stop_all"),
    ]


def test_workout_steps_come_in_si_units(read):
    fit = records(build.begin(build.Fit()))
    fit.define(1, 26, [(8, 16, STRING)]).data(1, "6 x 800")
    fields = [(254, 1, UINT16), (0, 8, STRING), (1, 1, ENUM), (2, 1, UINT32), (3, 1, ENUM)]
    fit.define(1, 27, [*fields, (4, 1, UINT32), (5, 1, UINT32), (6, 1, UINT32), (7, 1, ENUM)])
    fit.data(1, 0, "warm", 0, 600_000, 2, None, None, None, 2)
    fit.data(1, 1, "fast", 1, 80_000, 0, 0, 3700, 3900, 0)
    fit.data(1, 2, "jog", 5, None, 1, 0, 220, 240, 1)
    fit.data(1, 3, "", 6, 1, None, 6, None, None, None)
    fit.data(1, 4, "easy", 2, 250, 1, 0, 60, 75, 3)
    activity = read(fit)
    assert activity.session.workout_name == "6 x 800"
    warm, fast, jog, repeat, easy = activity.steps
    assert (warm.name, warm.duration_type, warm.duration_value) == ("warm", "time", 600.0)
    assert (fast.duration_type, fast.duration_value) == ("distance", 800.0)
    assert (fast.target_type, fast.target_low, fast.target_high) == ("speed", 3.7, 3.9)
    assert (jog.duration_type, jog.intensity) == ("open", "rest")
    assert (jog.target_type, jog.target_low, jog.target_high) == ("heart_rate", 120.0, 140.0)
    assert (repeat.duration_type, repeat.duration_value) == ("repeat_until_steps_cmplt", 1.0)
    assert (repeat.index, repeat.name, repeat.target_value) == (3, None, 6.0)
    assert (easy.duration_type, easy.duration_value) == ("hr_less_than", 150.0)
    assert (easy.target_type, easy.target_low) == ("heart_rate_percent", 60.0)


def test_sessions_split_the_records(read):
    fit = records(build.begin(build.Fit()))
    fit.define(1, 18, [(2, 1, UINT32), (5, 1, ENUM), (7, 1, UINT32)])
    fit.data(1, S + 10, 2, 8000)
    fit.data(1, S, 1, 9000)
    fit.data(1, S + 18, 3, 5000)
    fit.define(1, 19, [(2, 1, UINT32), (7, 1, UINT32)])
    fit.data(1, S, 5000).data(1, S + 5, 5000).data(1, S + 10, 8000).data(1, S + 18, 5000)
    parts = read_activities(fit.bytes())
    assert [(p.sport, len(p), len(p.laps)) for p in parts] == [
        ("running", 10, 2),
        ("cycling", 8, 1),
        ("transition", 6, 1),
    ]
    assert [p.part for p in parts] == [1, 2, 3]
    np.testing.assert_array_equal(parts[0].columns["cadence"], 2 * TRUTH.strides[:10])
    np.testing.assert_array_equal(parts[1].columns["cadence"], TRUTH.strides[10:18])
    assert parts[1].laps[0].start_s == 0.0


def test_sessions_that_start_together_stay_one(read):
    fit = records(build.begin(build.Fit()))
    fit.define(1, 18, [(2, 1, UINT32), (5, 1, ENUM)]).data(1, S, 1).data(1, S, 2)
    activity = read(fit)
    assert len(activity) == build.N
    assert [problem.code for problem in activity.problems] == ["sessions_not_split"]


def test_heart_rate_of_a_strap_fills_records_without(read):
    """hr messages: one with a full time, then packed 12-bit times that count on from it."""
    t = TRUTH
    fit = build.begin(build.Fit())
    plain = [entry for entry in build.RECORD if entry[0] != 3]
    fit.define(2, 20, plain)
    for i in range(t.time.size):
        values = build.record_values(t, i)
        fit.data(2, *values[:6], *values[7:])
    fit.define(3, 132, [(253, 1, UINT32), (9, 1, UINT32), (6, 1, UINT8)])
    fit.data(3, S + 2, 5000, 101)
    fit.define(3, 132, [(10, 3, build.BYTE), (6, 2, UINT8)])
    ticks = [5000 + 1024 * k for k in (1, 2, 3, 4)]
    for pair, rates in ((ticks[:2], [102, 103]), (ticks[2:], [104, None])):
        low, high = (tick & 0xFFF for tick in pair)
        fit.data(3, [low & 0xFF, low >> 8 | (high & 0x0F) << 4, high >> 4], rates)
    rate = read(fit).columns["heart_rate"]
    assert np.isnan(rate[:2]).all()
    assert rate[2:6].tolist() == [101, 102, 103, 104]
    assert rate[6:9].tolist() == [104, 104, 104]  # three seconds old at most
    assert np.isnan(rate[9:]).all()


def test_a_name_that_is_no_text_and_strange_numbers_are_null(read):
    fit = build.Fit()
    fit.define(0, 0, [(0, 1, ENUM), (1, 1, UINT16), (2, 1, UINT16), (8, 4, STRING)])
    fit.body += bytes([0]) + struct.pack("<BHH", 4, 60000, 60000) + b"\xff\xfe\x01\x02"
    records(fit)
    fit.define(1, 18, [(5, 1, ENUM), (6, 1, ENUM), (24, 1, UINT8)]).data(1, 200, None, None)
    activity = read(fit)
    assert (activity.device, activity.sub_sport) == (None, None)
    assert "sport_guessed" in {problem.code for problem in activity.problems}
    assert activity.session.aerobic_training_effect is None
    assert activity.utc_offset_s is None


def test_power_on_time_is_dated_by_the_file(read):
    fit = build.begin(build.Fit())
    fit.define(2, 20, [(253, 1, UINT32), (0, 1, SINT32), (3, 1, UINT8)])
    for i in range(20):
        fit.data(2, 1000 + i, None, 140)
    activity = read(fit)
    assert activity.start_time.timestamp() == build.START
    assert [problem.code for problem in activity.problems] == ["clock_not_set"]


def test_a_course_with_records_says_that_it_is_one(read):
    activity = read(records(build.begin(build.Fit(), kind=6)))
    told = {problem.code: problem.message for problem in activity.problems}
    assert told["not_an_activity"] == "the file calls itself a course"


@pytest.mark.parametrize("reader", READERS)
def test_developer_power_stands_for_power(reader):
    scenario = build.developer_scenario()
    (activity,) = read_activities(scenario.data, reader=reader)
    assert "power" in scenario.parts[0]
    for name, values in scenario.parts[0].items():
        np.testing.assert_allclose(activity.columns[name], values, atol=1e-6, err_msg=name)
