"""Conditions met in GPX and TCX of many makers, each built here and read by both readers."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import numpy as np
import pytest

from intervaldetect.read import read_activities, read_activity
from intervaldetect.read.build import RawLap
from intervaldetect.read.moments import parse_time, zone_named
from intervaldetect.read.sports import is_sport, sport_named
from intervaldetect.read.xml_names import one_set, parse_value
from intervaldetect.records import Activity, Pause
from tests.read import build
from tests.read.test_reconcile import a_run, gpx_file, tcx_file

T = build.truth()
START = datetime.fromtimestamp(build.START, UTC)
HALF = build.N // 2
POINTS = build.gpx_points(T, build.GARMIN, 0, build.N)
FIRST = build.gpx_points(T, build.GARMIN, 0, HALF)
SECOND = build.gpx_points(T, build.GARMIN, HALF, build.N)

pytestmark = pytest.mark.scenario


@pytest.fixture(params=["native", "reference"])
def read(request):
    return lambda text, **options: read_activities(text.encode(), reader=request.param, **options)


def segments(*points: str) -> str:
    return "".join(f"<trkseg>{each}</trkseg>" for each in points)


def codes(activity: Activity) -> set[str]:
    return {problem.code for problem in activity.problems}


def assert_whole(activity: Activity) -> None:
    np.testing.assert_allclose(activity.columns["time"], T.time - T.time[0], atol=1e-3)
    np.testing.assert_allclose(activity.columns["heart_rate"], T.heart_rate)
    assert activity.start_time == START


def test_segments_in_the_wrong_order_are_sorted(read):
    (activity,) = read(build.gpx(segments(SECOND, FIRST)))
    assert_whole(activity)
    assert "samples_sorted" in codes(activity)
    assert activity.pauses == ()


def test_segments_that_repeat_the_ones_before_count_once(read):
    (activity,) = read(build.gpx(segments(FIRST, POINTS)))
    assert_whole(activity)
    assert "samples_repeated" in codes(activity)


def test_tracks_within_seconds_are_one_run(read):
    (activity,) = read(build.gpx(segments(FIRST), segments(SECOND)))
    assert_whole(activity)
    assert "tracks_joined" in codes(activity)


def test_tracks_hours_apart_or_of_other_sports_stay_apart(read):
    late = re.sub(r"<time>\d{4}-", "<time>2024-", SECOND)
    assert len(read(build.gpx(segments(FIRST), segments(late)))) == 2
    text = build.gpx(segments(FIRST), segments(SECOND))
    assert len(read(text.replace("<type>running", "<type>cycling", 1))) == 2


def test_decimal_commas_are_read(read):
    text = re.sub(r'(lat|lon)="(-?\d+)\.', r'\1="\2,', build.gpx(segments(POINTS)))
    (activity,) = read(text.replace("<ele>", "<ele>0"))
    np.testing.assert_allclose(activity.columns["latitude"], T.latitude, atol=1e-8)
    assert "decimal_commas" in codes(activity)


@pytest.mark.parametrize(
    ("text", "expected"),
    [("1,5", 1.5), ("-0,25", -0.25), ("1.234,5", 1234.5), (",5", 0.5), ("1,2,3", np.nan),
     ("1,234.5", 1234.5), ("-12,345,678.", -12345678.0), ("150 bpm", 150.0), ("150.0bpm", 150.0),
     ("12,5 km/h", 12.5), ("85 rpm", 85.0), ("150 beats", np.nan), ("bpm", np.nan),
     ("12a", np.nan)],
)  # fmt: skip
def test_a_decimal_comma(text, expected):
    np.testing.assert_equal(parse_value(text)[0], expected)


def test_times_without_a_zone_are_local_where_one_is_given(read):
    text = re.sub(r"Z</time>", "</time>", build.gpx(segments(POINTS)))
    (utc,) = read(text)
    (local,) = read(text, timezone="Asia/Tokyo")
    assert "no_time_zone" in codes(utc)
    assert (utc.start_time - local.start_time).total_seconds() == 9 * 3600
    assert local.utc_offset_s == 9 * 3600
    assert utc.utc_offset_s is None
    (zoned,) = read(build.gpx(segments(POINTS)), timezone="Asia/Tokyo")
    assert zoned.start_time == START


@pytest.mark.parametrize(
    ("zone", "offset"), [("Asia/Tokyo", 32400.0), ("+05:30", 19800.0), ("-25200", -25200.0)]
)
def test_a_zone_named_beside_the_points_gives_the_offset(read, zone, offset):
    named = f"<extensions><a:startTimeZone xmlns:a='a'>{zone}</a:startTimeZone></extensions>"
    (activity,) = read(build.gpx(segments(POINTS) + named))
    assert activity.utc_offset_s == offset
    assert activity.start_time == START


def test_dates_with_slashes_are_read(read):
    text = re.sub(
        r"<time>(\d+)-(\d+)-(\d+)T([\d:]+)[\d.]*Z",
        r"<time>\1/\2/\3 \4",
        build.gpx(segments(POINTS)),
    )
    (activity,) = read(text)
    assert_whole(activity)
    assert "unusual_times" in codes(activity)


@pytest.mark.parametrize(
    "text",
    [
        "2024/05/12 06:00:00", "12.05.2024 06:00:00", "12.05.24 06:00:00", "12/5/24 6:00",
        "5/12/2024 6:00:00 AM", "2024-5-12T6:00:00Z",
        "2024-05-12 06:00:00 UTC", "2024-05-12T08:00:00 +0200", "1715493600", "1715493600000",
        "2024-05-12T08:00:00+02:00[Europe/Berlin]", "2024-05-12T08:00:30+02:00:30",
    ],
)  # fmt: skip
def test_a_time_written_in_another_way(text):
    moment = parse_time(text)
    assert moment is not None
    assert datetime.fromtimestamp(moment.unix, UTC) == datetime(2024, 5, 12, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    "text", ["", "yesterday", "2024-05-12", "99/99/2024 10:00", "12-05-24 06:00:00", "../etc"]
)
def test_what_is_no_time_or_zone(text):
    assert parse_time(text) is None
    assert zone_named(text) is None


@pytest.mark.parametrize(
    ("name", "sport", "sub_sport"),
    [
        ("Outdoor Run", "running", None), ("ultra_run", "running", None),
        ("TrailRun", "running", "trail"), ("run_treadmill", "running", "treadmill"),
        ("track_run", "running", "track"), ("Laufen", "running", None),
        ("Course à pied", "running", None), ("Løping", "running", None), ("Бег", "running", None),
        ("ランニング", "running", None), ("9", "running", None), ("1", "cycling", None),
        ("Skilanglauf", "cross_country_skiing", None), ("MTB Ride", "cycling", "mountain"),
        ("Vélo", "cycling", None), ("Other", None, None), (None, None, None),
    ],
)  # fmt: skip
def test_sports_are_known_by_many_names(name, sport, sub_sport):
    assert sport_named(name) == (sport, sub_sport)


def test_numbers_of_garmin_are_not_those_of_strava():
    assert sport_named("1", "Garmin Connect") == ("running", None)
    assert is_sport("Run")
    assert not is_sport("Run with Ann")


def test_an_export_names_the_sport_of_a_file_that_does_not(read):
    text = build.gpx(segments(POINTS)).replace("<type>running</type>", "")
    (activity,) = read(text, activity_type="Rad fahren")
    assert activity.sport == "cycling"
    np.testing.assert_allclose(activity.columns["cadence"], T.strides)


def test_a_new_segment_at_running_speed_is_no_pause(read):
    apart = [build.gpx_points(T, build.GARMIN, k, k + 1) for k in range(build.N)]
    times = iter(T.time[0] + 12.0 * np.arange(build.N))
    text = re.sub(
        r"<time>[^<]*", lambda _: f"<time>{build.iso(next(times))}", build.gpx(segments(*apart))
    )
    (activity,) = read(text)
    assert activity.columns["time"][-1] == 12.0 * (build.N - 1)
    assert activity.pauses == ()


def later(points: str, seconds: float, last: int, first: int) -> str:
    """Move the times of built points."""
    times = iter(T.time[first:last] + seconds)
    return re.sub(r"<time>[^<]*", lambda _: f"<time>{build.iso(next(times))}", points)


def test_a_segment_that_begins_minutes_later_is_a_pause(read):
    text = build.gpx(segments(FIRST, later(SECOND, 300.0, build.N, HALF)))
    (activity,) = read(text)
    begin = float(T.time[HALF - 1] - T.time[0])
    assert activity.pauses == (Pause(begin, float(T.time[HALF] - T.time[0]) + 300.0),)


def test_points_at_the_pole_mark_a_pause(read):
    mark = '<trkpt lat="90.0" lon="-80.0"><time>{}</time></trkpt>'
    marks = mark.format(build.iso(T.time[HALF - 1] + 1)) + mark.format(
        build.iso(T.time[HALF] + 299)
    )
    (activity,) = read(build.gpx(segments(FIRST + marks + later(SECOND, 300.0, build.N, HALF))))
    assert "pole_positions" in codes(activity)
    assert np.nanmax(activity.columns["latitude"]) < 90.0
    assert activity.pauses[0].end_s - activity.pauses[0].start_s > 290.0


def test_the_channel_that_has_values_counts(read):
    text = build.tcx(build.tcx_lap(T, 0, build.N))
    both = text.replace("<Extensions>", "<Cadence>0</Cadence><Extensions>")
    (activity,) = read(both)
    (plain,) = read(text)
    np.testing.assert_array_equal(activity.columns["cadence"], plain.columns["cadence"])
    first = re.sub(r"<ns3:RunCadence>[^<]*", "<ns3:RunCadence>0", both)
    (other,) = read(first.replace("<Cadence>0<", "<Cadence>80<"))
    assert set(other.columns["cadence"].tolist()) == {160.0}


def test_heart_rate_without_a_value_element_is_read(read):
    text = build.tcx(build.tcx_lap(T, 0, build.N))
    (activity,) = read(re.sub(r"</?Value>", "", text))
    np.testing.assert_allclose(activity.columns["heart_rate"], T.heart_rate)


def test_laps_listed_twice_count_once(read):
    empty = re.sub(r"<Track>.*?</Track>", "", build.tcx_lap(T, 0, HALF), flags=re.DOTALL)
    rest = re.sub(r"<Track>.*?</Track>", "", build.tcx_lap(T, HALF, build.N), flags=re.DOTALL)
    (activity,) = read(build.tcx(build.tcx_lap(T, 0, build.N) + empty + rest))
    assert len(activity.laps) == 2
    assert activity.session.timer_s == build.N
    assert "laps_overlap" in codes(activity)


def test_of_two_sets_of_laps_the_pressed_one_is_kept():
    auto = [RawLap(60.0 * k, None, timer_s=60.0, trigger="distance") for k in range(4)]
    pressed = [RawLap(80.0 * k, None, timer_s=80.0, trigger="manual") for k in range(3)]
    assert one_set([*auto, *pressed]) == [4, 5, 6]
    assert one_set(auto) == [0, 1, 2, 3]


@pytest.mark.parametrize("timer_s", [-300.0, float("nan"), None])
def test_laps_of_no_length_are_all_kept(timer_s):
    assert one_set([RawLap(60.0 * k, None, timer_s=timer_s) for k in range(3)]) == [0, 1, 2]


@pytest.mark.parametrize("encoding", ["utf-16", "UTF-16LE", "unicode", "ANSI", "utf-8", ""])
@pytest.mark.parametrize("file", [gpx_file, tcx_file])
def test_an_encoding_that_the_bytes_are_not_in_is_not_believed(file, encoding):
    document = file(a_run())
    body = document[document.index(b"?>") + 2 :] if document.startswith(b"<?xml") else document
    declared = f'<?xml version="1.0" encoding="{encoding}"?>\n'.encode()
    activity, right = read_activity(declared + body), read_activity(document)
    assert activity.integrity == "intact"
    for name, values in right.columns.items():
        assert np.array_equal(activity.columns[name], values, equal_nan=True)


@pytest.mark.parametrize("heart_rate", ["bpm", "pulse", "x:heart-rate", "HeartRateBpm"])
@pytest.mark.parametrize("cadence", ["rpm", "spm", "x:run_cadence"])
def test_extensions_have_many_names(heart_rate, cadence):
    right = read_activity(build.gpx(f"<trkseg>{POINTS}</trkseg>").encode())
    points = POINTS.replace("gpxtpx:hr>", f"{heart_rate}>").replace("gpxtpx:cad>", f"{cadence}>")
    assert points.count(heart_rate) == points.count(cadence) == 2 * build.N
    activity = read_activity(build.gpx(f"<trkseg>{points}</trkseg>").encode())
    for name in ("heart_rate", "cadence"):
        np.testing.assert_array_equal(activity.columns[name], right.columns[name])
