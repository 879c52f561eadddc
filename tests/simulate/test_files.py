"""What is simulated reads back equal through other people's readers."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import fitdecode
import fitparse
import gpxpy
import numpy as np
import pytest
from tcxreader.tcxreader import TCXReader

from intervaldetect.errors import ParameterError
from intervaldetect.records import Floats
from intervaldetect.records.channels import NAMES
from intervaldetect.simulate import Plan, SimulatedActivity, simulate, to_fit, to_gpx, to_tcx
from intervaldetect.simulate.files import to_bytes

PLANS: dict[str, Plan] = {
    "laps and pauses": Plan(
        "3 x 400 m @ 1:15 (1:00 jog)", warmup_s=300.0, cooldown_s=200.0, timer_pauses=2,
        laps="manual", power=True, name="Morning <run> & more",
    ),
    "steps, smart recording": Plan(
        "4 x 1:00 (0:30)", warmup_s=200.0, cooldown_s=100.0, laps="steps", recording="smart"
    ),
    "watch paused in every recovery": Plan(
        "4 x 300 m @ 0:55 (1:00)", warmup_s=200.0, cooldown_s=60.0, pause_recoveries=True
    ),
    "no workout, auto-laps, below zero": Plan(
        run_type="easy", duration_s=900.0, laps="auto_km", temperature_c=-7.0, utc_offset_s=None
    ),
    "treadmill": Plan(run_type="easy", duration_s=400.0, terrain="treadmill", temperature_c=None),
}  # fmt: skip
PARSE_UNITS = 180.0 / 2**31


@pytest.fixture(scope="module", params=sorted(PLANS))
def simulated(request: pytest.FixtureRequest) -> SimulatedActivity:
    return simulate(PLANS[request.param], seed=5)


def in_semicircles(degrees: Floats) -> Floats:
    return np.round(degrees / PARSE_UNITS)


def seconds(moment: Any, simulated: SimulatedActivity) -> float:
    """Elapsed seconds of a reader's time stamp, whether it knows its zone or not."""
    start = simulated.start_time
    return float((moment.replace(tzinfo=start.tzinfo) - start).total_seconds())


def columns_of_records(
    records: list[dict[str, Any]], simulated: SimulatedActivity
) -> dict[str, Floats]:
    """FIT record values as the package's columns."""

    def column(name: str, scale: float = 1.0) -> Floats:
        return np.array(
            [np.nan if row.get(name) is None else row[name] * scale for row in records], dtype=float
        )

    return {
        "time": np.array([seconds(row["timestamp"], simulated) for row in records]),
        "latitude": column("position_lat", PARSE_UNITS),
        "longitude": column("position_long", PARSE_UNITS),
        "altitude": column("enhanced_altitude"),
        "distance": column("distance"),
        "speed": column("enhanced_speed"),
        "heart_rate": column("heart_rate"),
        "cadence": column("cadence", 2.0),
        "power": column("power"),
        "temperature": column("temperature"),
    }


def assert_equal(read: dict[str, Floats], written: dict[str, Floats], names: list[str]) -> None:
    for name in names:
        expected = written[name]
        if name in ("latitude", "longitude"):
            np.testing.assert_array_equal(
                in_semicircles(read[name]), in_semicircles(expected), err_msg=name
            )
        else:  # scaled integers come back within the last bit of a division
            np.testing.assert_allclose(read[name], expected, rtol=0, atol=1e-9, err_msg=name)


def fitdecode_messages(data: bytes, name: str) -> list[dict[str, Any]]:
    with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        return [
            {field.name: field.value for field in frame.fields}
            for frame in reader
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == name
        ]


def fitparse_messages(data: bytes, name: str) -> list[dict[str, Any]]:
    return [each.get_values() for each in fitparse.FitFile(data).get_messages(name)]


READERS = {"fitdecode": fitdecode_messages, "fitparse": fitparse_messages}


@pytest.mark.parametrize("reader", sorted(READERS))
def test_fit_records(simulated: SimulatedActivity, reader: str) -> None:
    records = READERS[reader](to_fit(simulated), "record")
    assert_equal(columns_of_records(records, simulated), simulated.columns, list(NAMES))


@pytest.mark.parametrize("reader", sorted(READERS))
def test_fit_laps(simulated: SimulatedActivity, reader: str) -> None:
    laps = READERS[reader](to_fit(simulated), "lap")
    assert len(laps) == len(simulated.laps)
    for read, lap in zip(laps, simulated.laps, strict=True):
        assert seconds(read["start_time"], simulated) == lap.start_s
        assert read["total_elapsed_time"] == lap.end_s - lap.start_s
        assert read["total_timer_time"] == lap.timer_s
        assert read["total_distance"] == pytest.approx(lap.distance_m, abs=1e-9)
        assert read.get("intensity") == lap.intensity
        assert read.get("lap_trigger") == lap.trigger
        assert read.get("wkt_step_index") == lap.step


@pytest.mark.parametrize("reader", sorted(READERS))
def test_fit_timer_events_and_totals(simulated: SimulatedActivity, reader: str) -> None:
    data = to_fit(simulated)
    events = [
        (seconds(each["timestamp"], simulated), each["event_type"])
        for each in READERS[reader](data, "event")
    ]
    pauses = [
        pair
        for pause in simulated.pauses
        for pair in ((pause.start_s, "stop_all"), (pause.end_s, "start"))
    ]
    assert events == [(0.0, "start"), *pauses, (simulated.elapsed_s, "stop_all")]
    (session,) = READERS[reader](data, "session")
    assert session["total_elapsed_time"] == simulated.elapsed_s
    assert session["total_timer_time"] == simulated.timer_s
    assert session["sport"] == "running"
    (activity,) = READERS[reader](data, "activity")
    local = activity.get("local_timestamp")
    if simulated.utc_offset_s is None:
        assert local is None
    else:
        assert seconds(local, simulated) - simulated.elapsed_s == simulated.utc_offset_s


@pytest.mark.parametrize("reader", sorted(READERS))
def test_fit_steps(simulated: SimulatedActivity, reader: str) -> None:
    read = READERS[reader](to_fit(simulated), "workout_step")
    assert len(read) == len(simulated.steps)
    for got, step in zip(read, simulated.steps, strict=True):
        assert got["message_index"] == step.index
        assert got["duration_type"] == step.duration_type
        if step.duration_type in ("time", "distance"):
            assert got[f"duration_{step.duration_type}"] == step.duration_value
        if step.target_value is not None:
            assert got["repeat_steps"] == step.target_value


def test_gpx(simulated: SimulatedActivity) -> None:
    if np.isnan(simulated.columns["latitude"]).all():
        with pytest.raises(ParameterError, match="positions"):
            to_gpx(simulated)
        return
    track = gpxpy.parse(to_gpx(simulated).decode()).tracks[0]
    assert track.name == simulated.name
    assert len(track.segments) == len(simulated.pauses) + 1
    points = [point for segment in track.segments for point in segment.points]

    def extension(point: Any, name: str) -> float:
        found = [
            element.text
            for outer in point.extensions
            for element in (outer, *outer)
            if element.tag.rpartition("}")[2] == name
        ]
        return float(found[0]) if found else np.nan

    read = {
        "time": np.array([seconds(point.time, simulated) for point in points]),
        "latitude": np.array([point.latitude for point in points]),
        "longitude": np.array([point.longitude for point in points]),
        "altitude": np.array([point.elevation for point in points], dtype=float),
        "heart_rate": np.array([extension(point, "hr") for point in points]),
        "cadence": np.array([2.0 * extension(point, "cad") for point in points]),
        "power": np.array([extension(point, "power") for point in points]),
        "temperature": np.array([extension(point, "atemp") for point in points]),
    }
    assert_equal(read, simulated.columns, list(read))


def test_tcx(simulated: SimulatedActivity, tmp_path: Path) -> None:
    path = tmp_path / "simulated.tcx"
    path.write_bytes(to_tcx(simulated))
    exercise = TCXReader().read(str(path), only_gps=False)
    points = exercise.trackpoints

    def column(values: list[Any]) -> Floats:
        return np.array([np.nan if value is None else value for value in values], dtype=float)

    read = {
        "time": np.array([seconds(point.time, simulated) for point in points]),
        "latitude": column([point.latitude for point in points]),
        "longitude": column([point.longitude for point in points]),
        "altitude": column([point.elevation for point in points]),
        "distance": column([point.distance for point in points]),
        "heart_rate": column([point.hr_value for point in points]),
        "speed": column([point.tpx_ext.get("Speed") for point in points]),
        "cadence": 2.0 * column([point.tpx_ext.get("RunCadence") for point in points]),
        "power": column([point.tpx_ext.get("Watts") for point in points]),
    }
    assert_equal(read, simulated.columns, list(read))
    assert len(exercise.laps) == len(simulated.laps)


def test_packed_files_depend_on_nothing_but_the_activity() -> None:
    plan = PLANS["steps, smart recording"]
    first, second = (simulate(plan, seed=3) for _ in range(2))
    for suffix in ("fit.gz", "gpx.gz", "tcx.gz"):
        data = to_bytes(first, suffix)
        assert data == to_bytes(second, suffix)
        assert gzip.decompress(data) == to_bytes(first, suffix.removesuffix(".gz"))
    with pytest.raises(ParameterError, match="with or without"):
        to_bytes(first, "fit.zip")
