"""What a FIT file says of itself, held against its records."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from intervaldetect.batch.one_file import analyse_source, analyses
from intervaldetect.errors import NoRecords, NotAnActivity
from intervaldetect.job import NoActivity, Settings, Task
from intervaldetect.read import read_activities, read_activity
from intervaldetect.read.archive import iter_sources
from intervaldetect.read.fit_messages import MAX_MESSAGES, bounded
from intervaldetect.records import Activity
from tests.read import build

READERS = ["native", "reference"]
SECONDS = 240
S = build.FIT_START
UINT32, ENUM, UINT8 = build.UINT32, build.ENUM, build.UINT8
SESSION = [(253, 1, UINT32), (2, 1, UINT32), (7, 1, UINT32), (8, 1, UINT32), (9, 1, UINT32)]


def records(seconds: int = SECONDS, *, without: tuple[int, ...] = (), kind: int = 4) -> build.Fit:
    """A run of 3.5 m/s, without the built positions, which are those of a slower one."""
    without = (0, 1, *without)
    t = build.truth(seconds)
    fit = build.begin(build.Fit(), kind)
    fit.define(7, 12, [(0, 1, ENUM)]).data(7, 1)
    fit.define(2, 20, [entry for entry in build.RECORD if entry[0] not in without])
    for i in range(seconds):
        row = dict(
            zip([entry[0] for entry in build.RECORD], build.record_values(t, i), strict=True)
        )
        row[3] = 140
        fit.data(2, *(value for key, value in row.items() if key not in without))
    return fit


def session(
    fit: build.Fit, start: int, seconds: float, metres: float | None, sport: int = 1, end: int = 0
) -> build.Fit:
    fit.define(1, 18, [*SESSION, (5, 1, ENUM)])
    elapsed = round(seconds * 1000)
    written = S + (end or round(start + seconds))
    centimetres = None if metres is None else round(metres * 100)
    return fit.data(1, written, S + start, elapsed, elapsed, centimetres, sport)


def event(fit: build.Fit, second: int, kind: int) -> build.Fit:
    fit.define(5, 21, [(253, 1, UINT32), (0, 1, ENUM), (1, 1, ENUM)])
    return fit.data(5, S + second, 0, kind)


def lap(fit: build.Fit, start: int, end: int, seconds: float, metres: float = 100.0) -> build.Fit:
    fit.define(6, 19, [*SESSION, (24, 1, ENUM)])
    return fit.data(6, S + end, S + start, round(seconds * 1000), None, round(metres * 100), 0)


def codes(activity: Activity) -> dict[str, int]:
    return {problem.code: problem.count for problem in activity.problems}


# --- laps ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("wrong", [-22_000, -400, 0])
def test_laps_that_all_claim_one_start_begin_by_their_end_and_length(reader, wrong):
    fit = records()
    for start, end in ((0, 60), (60, 100), (100, 239)):
        lap(fit, wrong, end, end - start)
    activity = read_activity(fit.bytes(), reader=reader)
    assert [(one.start_s, one.end_s) for one in activity.laps] == [(0, 60), (60, 100), (100, 239)]
    assert codes(activity)["laps_start_wrong"] == (2 if wrong == 0 else 3)


def test_laps_that_are_right_are_left_alone():
    fit = records()
    for start, end in ((0, 60), (60, 100), (100, 239)):
        lap(fit, start, end + 1, end - start)  # written a second late
    activity = read_activity(fit.bytes())
    assert [(one.start_s, one.end_s) for one in activity.laps] == [(0, 60), (60, 100), (100, 239)]
    assert codes(activity) == {}


def test_laps_longer_than_the_file_and_standing_ones_are_told():
    fit = lap(lap(records(), 0, 100, 100.0), 100, 140, 40.0, 0.0)
    activity = read_activity(lap(fit, 140, 700, 560.0).bytes())
    assert {"laps_too_long": 1, "laps_standing": 1}.items() <= codes(activity).items()


def test_more_messages_of_a_kind_than_any_device_writes_are_left_out():
    notes = np.zeros((MAX_MESSAGES + 30, 4), np.int64)
    notes[:, 0], notes[:, 2] = np.arange(notes.shape[0]), 19
    notes[-10:, 2] = 18
    kept, left_out = bounded(notes)
    assert left_out == 20
    assert (kept[:-10, 2] == 19).all()
    assert (kept[-10:, 2] == 18).all()
    assert (np.diff(kept[:, 0]) > 0).all()


# --- pauses --------------------------------------------------------------------------------------


@pytest.mark.parametrize("stops", [(100, 150), (100,)])
def test_a_stop_that_is_run_through_is_no_pause(stops):
    fit = records()
    for second in stops:
        event(fit, second, 4)
    event(fit, 160, 0)
    activity = read_activity(session(fit, 0, SECONDS - 1, 3.5 * 239).bytes())
    assert activity.pauses == ()
    assert codes(activity) == {"pauses_run_through": 1}


def test_a_stop_that_is_run_through_is_no_pause_without_a_timer_either():
    activity = read_activity(event(event(records(), 100, 4), 160, 0).bytes())
    assert (activity.session is None) or (activity.session.timer_s is None)
    assert activity.pauses == ()
    assert codes(activity)["pauses_run_through"] == 1


def test_a_pause_that_the_timer_bears_out_stands_though_records_go_on():
    fit = event(event(records(), 100, 4), 160, 0)
    fit.define(1, 18, SESSION)
    fit.data(1, S + 239, S, 239_000, 179_000, round(3.5 * 239 * 100))
    activity = read_activity(fit.bytes())
    assert [(pause.start_s, pause.end_s) for pause in activity.pauses] == [(100, 160)]


# --- sessions ------------------------------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
def test_sessions_of_one_start_add_up(reader):
    fit = session(session(records(), 0, 100, 350.0), 0, 139, 486.5, end=239)
    activity = read_activity(fit.bytes(), reader=reader)
    assert len(activity) == SECONDS
    assert activity.session.timer_s == 239.0
    assert activity.session.distance_m == 836.5
    assert codes(activity) == {"sessions_not_split": 2}


def test_sessions_that_count_on_do_not_add_up():
    fit = session(session(records(), 0, 100, 350.0), 0, 239, 836.5)
    told = read_activity(fit.bytes()).session
    assert (told.timer_s, told.distance_m) == (239.0, 836.5)


def test_a_session_written_twice_is_one():
    fit = session(session(records(), 0, 239, 836.5), 0, 239, 836.5)
    activity = read_activity(fit.bytes())
    assert activity.session.distance_m == 836.5
    assert codes(activity) == {}


def test_sports_that_claim_one_start_are_parted_by_their_ends():
    fit = session(records(), 0, 100, 350.0, sport=2)
    parts = read_activities(session(fit, 0, 139, 486.5, sport=1, end=239).bytes())
    assert [(part.sport, len(part)) for part in parts] == [("cycling", 100), ("running", 140)]


@pytest.mark.parametrize("reader", READERS)
def test_the_distance_of_a_later_session_starts_anew(reader):
    fit = session(session(records(), 0, 100, None, sport=2), 100, 139, None)
    ride, run = read_activities(fit.bytes(), reader=reader)
    assert ride.columns["distance"][-1] == pytest.approx(346.5)
    assert run.columns["distance"][-1] == pytest.approx(490.0)
    assert run.columns["distance"][0] == pytest.approx(3.5)


# --- totals --------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.5, 2.0, 3.6, 1.2])
def test_a_distance_that_the_samples_contradict_is_told_and_not_used(share):
    activity = read_activity(session(records(), 0, 239, share * 836.5).bytes())
    assert activity.session.distance_m is None
    assert codes(activity) == {"total_contradicts": 1}


def test_a_distance_corrected_on_a_treadmill_stays_and_is_told():
    fit = records()
    fit.define(1, 18, [*SESSION, (5, 1, ENUM), (6, 1, ENUM)])
    fit.data(1, S + 239, S, 239_000, 239_000, 95_000, 1, 1)
    activity = read_activity(fit.bytes())
    assert activity.session.distance_m == 950.0
    assert codes(activity) == {"total_contradicts": 1}


@pytest.mark.parametrize("timer", [5.0, 4000.0])
def test_a_timer_that_the_samples_contradict_is_told_and_not_used(timer):
    fit = records()
    fit.define(1, 18, SESSION)
    fit.data(1, S + 239, S, 239_000, round(timer * 1000), 83_650)
    activity = read_activity(fit.bytes())
    assert activity.session.timer_s is None
    assert codes(activity) == {"total_contradicts": 1}


def test_totals_hold_where_the_records_cover_a_part():
    fit = lap(records(), 0, 900, 900.0, 3150.0)
    activity = read_activity(session(fit, 0, 900, 3150.0).bytes())
    assert (activity.session.timer_s, activity.session.distance_m) == (900.0, 3150.0)
    assert codes(activity)["records_cover_part"] == 1


# --- files that are no activity ------------------------------------------------------------------


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("kind", [6, 15, 34])
def test_a_file_of_another_kind_without_sensors_is_refused(reader, kind):
    fit = session(records(without=(3, 4, 7), kind=kind), 0, 239, 836.5)
    with pytest.raises(NotAnActivity, match="type"):
        read_activity(fit.bytes(), reader=reader)


def test_an_activity_without_sensors_is_read_and_so_is_a_course_with_heart_rate():
    assert len(read_activity(records(without=(3, 4, 7)).bytes())) == SECONDS
    assert "not_an_activity" in codes(read_activity(records(kind=6).bytes()))


def test_settings_are_no_activity_but_an_activity_without_records_is_refused():
    with pytest.raises(NotAnActivity):
        read_activity(build.begin(build.Fit(), 2).bytes())
    with pytest.raises(NoRecords) as raised:
        read_activity(build.begin(build.Fit(), 4).bytes())
    assert not isinstance(raised.value, NotAnActivity)


ROUTE = b"""<?xml version="1.0"?><gpx xmlns="http://www.topografix.com/GPX/1/1"><metadata><time>
2024-01-01T00:00:00Z</time></metadata>%s</gpx>"""
POINTS = b'<trkpt lat="1" lon="1"><ele>3</ele></trkpt><trkpt lat="1.1" lon="1"/>'
COURSE = b"""<?xml version="1.0"?><TrainingCenterDatabase><Courses><Course><Name>a</Name><Track>
<Trackpoint><Time>2024-01-01T00:00:00Z</Time><DistanceMeters>1</DistanceMeters></Trackpoint>
</Track></Course></Courses></TrainingCenterDatabase>"""


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "data",
    [
        ROUTE % (b"<trk><trkseg>" + POINTS + b"</trkseg></trk>"),
        ROUTE % b'<rte><rtept lat="1" lon="1"/></rte>',
        ROUTE % b'<wpt lat="1" lon="1"><name>a</name></wpt>',
        COURSE,
    ],
)
def test_routes_and_courses_are_no_activities(reader, data):
    with pytest.raises(NotAnActivity):
        read_activity(data, reader=reader)


def test_a_track_with_times_that_cannot_be_read_is_refused():
    points = POINTS.replace(b"<ele>3</ele>", b"<time>sometime</time>")
    with pytest.raises(NoRecords) as raised:
        read_activity(ROUTE % (b"<trk><trkseg>" + points + b"</trkseg></trk>"))
    assert not isinstance(raised.value, NotAnActivity)


def test_a_folder_counts_what_is_no_activity_apart(tmp_path: Path):
    (tmp_path / "course.tcx").write_bytes(COURSE)
    (tmp_path / "broken.fit").write_bytes(build.begin(build.Fit(), 4).bytes())
    found = {
        Path(source.path).name: analyse_source(Task(source), Settings())
        for source in iter_sources(tmp_path)
    }
    assert {name: result.status for name, result in found.items()} == {
        "course.tcx": "other",
        "broken.fit": "refused",
    }
    (task,) = (Task(source) for source in iter_sources(tmp_path / "course.tcx"))
    assert [type(each) for each in analyses(task, Settings())] == [NoActivity]


# --- a field and its enhanced twin ----------------------------------------------------------------


def twins(speeds, altitudes) -> bytes:
    """A run whose enhanced speed (mm/s) and altitude are what is given for each record."""
    t = build.truth(SECONDS)
    fit = build.begin(build.Fit())
    fit.define(7, 12, [(0, 1, ENUM)]).data(7, 1)
    fit.define(2, 20, [*build.RECORD, (73, 1, UINT32), (78, 1, UINT32)])
    for i in range(SECONDS):
        values = build.record_values(t, i)
        values[6] = 140
        fit.data(2, *values, speeds(values[5], i), altitudes(values[3], i))
    return fit.bytes()


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "speeds",
    [
        lambda _, i: 0,
        lambda _, i: 3000,
        lambda _, i: 0xFFFF,
        lambda true, i: true if i % 3 == 0 else 0,
        lambda true, i: true if i % 3 else 0xFFFF,
        lambda true, i: None,
    ],
    ids=["zeros", "constant", "mark", "mostly-zeros", "marks", "invalid"],
)
def test_of_speed_and_enhanced_speed_the_one_with_values_is_taken(reader, speeds):
    data = twins(speeds, lambda true, i: true)
    activity = read_activity(data, reader=reader)
    np.testing.assert_allclose(activity.columns["speed"], build.truth(SECONDS).speed, atol=1e-3)
    told = "speed taken from the plain field: the enhanced one holds no values"
    assert (told in [p.message for p in activity.problems]) == (speeds(1, 1) is not None)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("altitude", [0, 2500, 0xFFFF, None])
def test_of_altitude_and_enhanced_altitude_the_one_with_values_is_taken(reader, altitude):
    data = twins(lambda true, i: true, lambda true, i: altitude)
    activity = read_activity(data, reader=reader)
    truth = build.truth(SECONDS)
    np.testing.assert_allclose(activity.columns["altitude"], truth.altitude, atol=1e-6)
    np.testing.assert_allclose(activity.columns["speed"], truth.speed, atol=1e-3)
    assert ("channel_switched" in codes(activity)) == (altitude is not None)


def test_an_enhanced_speed_of_somebody_who_stands_is_believed():
    data = twins(lambda true, i: true if i < 40 else 0, lambda true, i: true)
    plain = read_activity(data, reader="native")
    assert "channel_switched" in codes(plain)  # the plain field says that he ran on
    t = build.truth(SECONDS)
    fit = build.begin(build.Fit())
    fit.define(2, 20, [*build.RECORD, (73, 1, UINT32)])
    for i in range(SECONDS):
        values = build.record_values(t, i)
        values[5], values[6] = values[5] if i < 40 else 0, 140
        fit.data(2, *values, values[5])
    assert "channel_switched" not in codes(read_activity(fit.bytes()))


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("finer", [0, 90 * 256])
def test_of_cadence_and_its_finer_twin_the_one_with_values_is_taken(reader, finer):
    t = build.truth(SECONDS)
    fit = build.begin(build.Fit())
    fit.define(7, 12, [(0, 1, ENUM)]).data(7, 1)
    fit.define(2, 20, [*build.RECORD, (52, 1, build.UINT16)])
    for i in range(SECONDS):
        values = build.record_values(t, i)
        values[6] = 140
        fit.data(2, *values, finer)
    activity = read_activity(fit.bytes(), reader=reader)
    np.testing.assert_array_equal(activity.columns["cadence"], 2.0 * t.strides)
    assert "channel_switched" in codes(activity)
