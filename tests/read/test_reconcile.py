"""The stage that decides between the witnesses of speed, distance and cadence."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.robustness import witnesses
from intervaldetect.read import read_activity
from intervaldetect.read.build import RawPart, build_activities
from intervaldetect.records import Activity, Session
from tests.effort import examples
from tests.read import build

N = 120
START = 1.7e9


def a_run(speed: float = 3.2, n: int = N) -> build.Truth:
    """A run that all three formats can hold, a little uneven."""
    t = build.truth(n)
    pace = speed * (1.0 + 0.03 * np.sin(np.arange(n) / 5.0))
    distance = np.concatenate(([0.0], np.cumsum(pace[1:])))
    degrees = distance / 111_195.0
    longitude = np.full(n, 10.0)
    return replace(
        t,
        distance=distance,
        speed=pace,
        latitude=48.0 + degrees,
        longitude=longitude,
        heart_rate=np.full(n, 150.0),
        power=np.full(n, 250.0),
    )


def fit_file(t: build.Truth) -> bytes:
    return build.plain_fit(t).bytes()


def gpx_file(t: build.Truth) -> bytes:
    return build.gpx(
        f"<trkseg>{build.gpx_points(t, build.PLAIN, 0, t.time.size)}</trkseg>"
    ).encode()


def tcx_file(t: build.Truth) -> bytes:
    return build.tcx(build.tcx_lap(t, 0, t.time.size)).encode()


FILES = pytest.mark.parametrize("file", [fit_file, gpx_file, tcx_file])


def codes(activity: Activity) -> set[str]:
    return {problem.code for problem in activity.problems}


def built(columns, sport="running", n=N, **options):
    part = RawPart(
        stamps=START + np.arange(n, dtype=float), columns=columns, sport=sport, **options
    )
    (activity,) = build_activities([part], path="", sha256="", form="gpx")
    return activity


def whole(activity: Activity) -> float:
    distance = activity.columns["distance"]
    return float(np.ptp(distance[np.isfinite(distance)]))


# --- a file of each format with one false witness ------------------------------------------------


@FILES
def test_a_sound_file_is_left_as_it_is(file):
    t = a_run()
    activity = read_activity(file(t))
    assert codes(activity) == set()
    np.testing.assert_allclose(activity.columns["distance"], t.distance, atol=0.06)
    np.testing.assert_allclose(activity.columns["cadence"], 2 * t.strides)


@FILES
def test_speed_in_km_per_h_is_converted(file):
    t = a_run()
    activity = read_activity(file(replace(t, speed=3.6 * t.speed)))
    assert "speed_unit" in codes(activity)
    np.testing.assert_allclose(activity.columns["speed"], t.speed, atol=0.002)


@FILES
def test_distance_since_the_last_point_is_added_up(file):
    t = a_run()
    activity = read_activity(file(replace(t, distance=np.diff(t.distance, prepend=0.0))))
    assert "distance_steps" in codes(activity)
    np.testing.assert_allclose(activity.columns["distance"], t.distance, rtol=0.02, atol=1.0)


@FILES
@pytest.mark.parametrize("at", [1, 2, 60, N - 1])
def test_a_counter_that_starts_again_is_joined(file, at):
    t = a_run()
    distance = np.where(np.arange(N) >= at, t.distance - t.distance[at], t.distance)
    activity = read_activity(file(replace(t, distance=distance)))
    assert whole(activity) == pytest.approx(t.distance[-1], abs=7.0)


@FILES
def test_a_counter_of_a_later_leg_starts_from_nought(file):
    t = a_run()
    activity = read_activity(file(replace(t, distance=t.distance + 40_330.8)))
    if file is not fit_file:  # its session says the same as the counter
        assert "distance_offset" in codes(activity)
        np.testing.assert_allclose(activity.columns["distance"], t.distance, atol=0.2)


@FILES
def test_zero_rows_of_a_sensor_are_drop_outs(file):
    t = a_run()
    lost = np.arange(N) % 10 == 5
    zero = {
        name: np.where(lost, 0.0, getattr(t, name))
        for name in ("distance", "speed", "strides", "power", "heart_rate")
    }
    activity = read_activity(file(replace(t, **zero)))
    assert {"distance_dropouts", "speed_dropouts", "cadence_dropouts", "power_dropouts"} <= codes(
        activity
    )
    for name in ("distance", "speed", "cadence", "power", "heart_rate"):
        assert np.isnan(activity.columns[name][lost]).all(), name
        assert np.isfinite(activity.columns[name][~lost]).all(), name


@FILES
def test_zeros_throughout_are_no_values(file):
    t = a_run()
    nought = np.zeros(N)
    activity = read_activity(file(replace(t, speed=nought, strides=nought)))
    assert np.isnan(activity.columns["speed"]).all()
    assert np.isnan(activity.columns["cadence"]).all()


@FILES
def test_walking_and_running_in_one_file_keep_their_steps(file):
    t = a_run(n=400)
    running = np.arange(400) // 50 % 2 == 1
    speed = np.where(running, 2.8, 1.45)
    steps = np.where(running, 156.0, 112.0)
    distance = np.concatenate(([0.0], np.cumsum(speed[1:])))
    t = replace(t, speed=speed, distance=distance, latitude=48.0 + distance / 111_195.0)
    for counted in (steps, steps / 2):
        activity = read_activity(file(replace(t, strides=counted)))
        np.testing.assert_allclose(activity.columns["cadence"], steps)


# --- the kinds, one by one -----------------------------------------------------------------------


def test_distance_in_km_is_converted():
    t = a_run()
    activity = built({"distance": t.distance / 1000.0, "speed": t.speed})
    assert "distance_unit" in codes(activity)
    np.testing.assert_allclose(activity.columns["distance"], t.distance, rtol=1e-9)


def test_speed_alone_is_judged_by_the_steps_that_go_with_it():
    t = a_run()
    activity = built({"speed": 3.6 * t.speed, "cadence": t.strides})
    assert "speed_unit" in codes(activity)
    np.testing.assert_allclose(activity.columns["speed"], t.speed)


def test_two_witnesses_apart_are_told():
    t = a_run()
    activity = built({"distance": t.distance, "speed": 1.609344 * t.speed})
    assert "witnesses_disagree" in codes(activity)
    assert whole(activity) == pytest.approx(t.distance[-1])


def test_the_average_so_far_is_no_speed():
    t = a_run(n=600)
    speed = np.where(np.arange(600) // 100 % 2 == 1, 4.4, 2.6)
    distance = np.concatenate(([0.0], np.cumsum(speed[1:])))
    average = np.concatenate(([0.0], distance[1:] / np.arange(1.0, 600.0)))
    columns = {"speed": average, "latitude": 48.0 + distance / 111_195.0, "longitude": t.longitude}
    activity = built(columns, n=600)
    assert "speed_contradicts" in codes(activity)
    assert np.isnan(activity.columns["speed"]).all()


@pytest.mark.parametrize("with_speed", [False, True])
def test_a_coarse_counter_is_evened_out(with_speed):
    t = a_run(n=600)
    columns = {"distance": np.floor(t.distance / 16.09344) * 16.09344}
    if with_speed:
        columns["speed"] = t.speed
    activity = built(columns, n=600)
    assert "distance_coarse" in codes(activity)
    fine = activity.columns["distance"]
    known = np.isfinite(fine)
    assert known.sum() > 590
    assert np.diff(fine[known]).max() < 8.0
    np.testing.assert_allclose(fine[known], t.distance[known], atol=17.0)


def test_a_leap_of_the_counter_is_taken_out():
    t = a_run()
    leap = np.where(np.arange(N) >= 50, 50_000.0, 0.0)
    activity = built({"distance": t.distance + leap, "speed": t.speed})
    assert "distance_jump" in codes(activity)
    assert whole(activity) == pytest.approx(t.distance[-1], abs=4.0)


def test_an_equal_step_throughout_is_a_step_or_nothing():
    t = a_run(3.0)
    steps = built({"distance": np.full(N, 3.0), "speed": t.speed})
    assert "distance_steps" in codes(steps)
    assert whole(steps) == pytest.approx(t.distance[-1], rel=0.02)
    stuck = built({"distance": np.full(N, 4711.0), "speed": t.speed})
    assert "distance_constant" in codes(stuck)
    assert np.isnan(stuck.columns["distance"]).all()


@pytest.mark.parametrize("sport", ["running", "generic", None, "fitness_equipment"])
@pytest.mark.parametrize(("speed", "steps"), [(3.2, 168.0), (1.4, 108.0), (5.2, 192.0)])
def test_cadence_is_doubled_by_speed_whatever_the_sport_is_called(sport, speed, steps):
    t = a_run(speed)
    for counted in (steps, steps / 2):
        activity = built({"speed": t.speed, "cadence": np.full(N, counted)}, sport=sport)
        assert set(activity.columns["cadence"]) == {steps}


@pytest.mark.parametrize("mark", [255.0, 20.0])
def test_a_mark_throughout_is_no_cadence(mark):
    activity = built({"speed": a_run().speed, "cadence": np.full(N, mark)})
    assert np.isnan(activity.columns["cadence"]).all()
    assert codes(activity) & {"cadence_invalid", "cadence_constant"}


def test_steps_in_one_half_and_strides_in_the_other():
    t = a_run(n=400)
    counted = np.where(np.arange(400) < 200, 168.0, 84.0)
    activity = built({"speed": t.speed, "cadence": counted}, n=400)
    assert "cadence_mixed" in codes(activity)
    assert np.mean(activity.columns["cadence"] == 168.0) > 0.98


def test_a_ride_without_a_sport_is_known_by_its_speed():
    t = a_run(9.0)
    columns = {"speed": t.speed, "distance": t.distance, "cadence": np.full(N, 85.0)}
    activity = built(columns, sport=None)
    assert activity.sport == "cycling"
    assert "sport_guessed" in codes(activity)
    assert set(activity.columns["cadence"]) == {85.0}


def test_coasting_riders_are_not_on_foot():
    t = a_run(5.0)
    cadence = np.where(np.arange(N) // 10 % 3 == 0, 0.0, 85.0)
    activity = built({"speed": t.speed, "cadence": cadence}, sport=None)
    assert activity.columns["cadence"].max() == 85.0


# --- a witness falsified, a seeded sample --------------------------------------------------------


@pytest.mark.parametrize("number", range(len(witnesses.MUTATIONS)))
def test_one_false_witness_changes_nothing_or_is_told(number):
    random = np.random.default_rng(7)
    for _ in range(8):
        run = witnesses.simulated(random, 600)
        activity, what = witnesses.falsified(random, run, witnesses.MUTATIONS[number])
        assert not witnesses.faults(run, activity), what


@pytest.mark.parametrize("form", ["fit", "gpx", "tcx"])
@pytest.mark.parametrize("number", range(len(witnesses.MUTATIONS)))
def test_one_false_witness_in_a_file_changes_nothing_or_is_told(form, number):
    random = np.random.default_rng(23)
    run = witnesses.simulated(random, 500)
    for _ in range(examples(15, one_in=15)):
        activity, what = witnesses.falsified(random, run, witnesses.MUTATIONS[number], form)
        assert not witnesses.faults(run, activity), what


def test_the_unit_of_a_game_is_left_as_it_was_read():
    t = a_run(speed=0.05, n=900)
    activity = built({"distance": t.distance}, sport="volleyball", n=900)
    assert "distance_unit" not in codes(activity)
    assert whole(activity) == pytest.approx(t.distance[-1])


def test_two_witnesses_still_convert_the_speed_of_any_sport():
    t = a_run()
    columns = {"distance": t.distance, "latitude": t.latitude, "longitude": t.longitude}
    activity = built({**columns, "speed": 3.6 * t.speed}, sport="inline_skating")
    assert "speed_unit" in codes(activity)
    np.testing.assert_allclose(activity.columns["speed"], t.speed)


def test_two_counters_that_take_turns_are_one_rising_total():
    t = a_run(n=600)
    behind = np.where(np.arange(600) // 2 % 2, 8.0, 0.0)
    activity = built({"distance": np.maximum(t.distance - behind, 0.0)}, n=600)
    assert "distance_steps" not in codes(activity)
    assert whole(activity) == pytest.approx(t.distance[-1], rel=0.02)


def test_a_speed_apart_by_a_factor_that_is_no_unit_stays_where_one_witness_contradicts():
    t = a_run()
    speed = t.speed / 1.35
    activity = built({"distance": t.distance * 1.2, "speed": speed})
    assert "speed_unit" not in codes(activity)
    assert "witnesses_disagree" in codes(activity)


def test_a_zero_in_the_last_record_is_no_new_start():
    t = a_run()
    activity = built({"distance": np.append(t.distance[:-1], 0.0)})
    assert codes(activity) == {"distance_dropouts"}
    assert whole(activity) == pytest.approx(t.distance[-2])


def test_a_total_that_is_put_right_at_the_end_is_left():
    t = a_run(n=600)
    corrected = np.append(t.distance[:-5], t.distance[-5] - np.arange(10.0, 60.0, 10.0))
    activity = built({"distance": corrected}, n=600, session=Session(distance_m=corrected[-1]))
    assert activity.columns["distance"][-1] == pytest.approx(corrected[-1])


# --- a counter that the other witnesses outvote --------------------------------------------------


@pytest.mark.parametrize("factor", [10.0, 0.1])
@pytest.mark.parametrize("third", ["positions", "total"])
def test_a_counter_that_two_others_contradict_is_not_used(factor, third):
    t = a_run()
    columns = {"distance": factor * t.distance, "speed": t.speed}
    if third == "positions":
        columns |= {"latitude": t.latitude, "longitude": t.longitude}
    session = Session(distance_m=float(t.distance[-1]) if third == "total" else None)
    activity = built(columns, session=session)
    assert "distance_contradicts" in codes(activity)
    assert np.isnan(activity.columns["distance"]).all()
    np.testing.assert_allclose(activity.columns["speed"], t.speed)


def test_a_counter_a_little_off_two_others_stays():
    t = a_run()
    positions = {"latitude": t.latitude, "longitude": t.longitude}
    activity = built({"distance": 1.15 * t.distance, "speed": t.speed, **positions})
    assert "distance_contradicts" not in codes(activity)
    assert np.isfinite(activity.columns["distance"]).all()


def test_a_counter_that_counts_down_is_turned_round():
    t = a_run()
    activity = built({"distance": 5000.0 - t.distance})
    assert codes(activity) == {"distance_falls"}
    np.testing.assert_allclose(activity.columns["distance"], t.distance)


def test_a_pace_beside_a_way_is_no_speed():
    t = a_run(n=600)
    pace = 3.0 + 1.2 * (np.arange(600) // 60 % 2)
    way = np.concatenate(([0.0], np.cumsum(pace[1:])))
    activity = built({"distance": way, "speed": 1000.0 / 60.0 / pace}, n=600)
    assert "speed_contradicts" in codes(activity)
    assert whole(activity) == pytest.approx(way[-1])
    assert "speed_contradicts" not in codes(built({"distance": way, "speed": t.speed}, n=600))


@pytest.mark.parametrize("turns", [None, 82.0])
def test_a_hilly_ride_of_no_sport_is_no_run(turns):
    speed = np.where(np.arange(720) % 240 < 160, 3.5, 14.0)
    columns = {"distance": np.cumsum(speed), "speed": speed}
    if turns is not None:
        columns["cadence"] = turns + np.arange(720) % 5
    activity = built(columns, sport=None, n=720)
    assert activity.sport == "cycling"
    assert "cadence_doubled" not in codes(activity)


@pytest.mark.parametrize("file", [gpx_file, tcx_file])
def test_a_copied_mark_of_no_speed_is_none(file):
    t = a_run()
    marks = np.arange(N) % 10 < 4
    activity = read_activity(file(replace(t, speed=np.where(marks, 65.535, t.speed))))
    assert {"speed_invalid"} <= codes(activity)
    assert "speed_contradicts" not in codes(activity)
    expected = np.where(marks, np.nan, t.speed)
    np.testing.assert_allclose(activity.columns["speed"], expected, atol=1e-3)


@FILES
@pytest.mark.parametrize("mark", [-500.0, 0.0])
def test_altitudes_of_nothing_are_none(file, mark):
    t = a_run()
    marks = np.arange(N) % 40 < 3
    activity = read_activity(file(replace(t, altitude=np.where(marks, mark, t.altitude))))
    assert "altitude_dropouts" in codes(activity)
    expected = np.where(marks, np.nan, t.altitude)
    np.testing.assert_allclose(activity.columns["altitude"], expected, atol=0.1)


@FILES
def test_a_run_that_comes_down_to_the_sea_keeps_its_zeros(file):
    t = a_run()
    altitude = np.maximum(40.0 - np.arange(N) // 2, 0.0)
    activity = read_activity(file(replace(t, altitude=altitude)))
    assert "altitude_dropouts" not in codes(activity)
    np.testing.assert_allclose(activity.columns["altitude"], altitude, atol=0.1)


def test_a_fit_file_chained_to_itself_is_one_activity():
    data = fit_file(a_run())
    activity = read_activity(data + data)
    assert "parts_repeated" in codes(activity)
