"""One contract for all readers, on built files."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path

import numpy as np
import pytest

from intervaldetect.errors import ParameterError
from intervaldetect.read import Reader, read_activities, read_activity
from intervaldetect.records import Activity
from intervaldetect.records.channels import CHANNELS, NAMES
from tests.read import build

SCENARIOS = build.scenarios()
READERS: tuple[Reader, ...] = ("native", "reference")

pytestmark = pytest.mark.scenario


@pytest.fixture(params=SCENARIOS, ids=str, scope="module")
def scenario(request: pytest.FixtureRequest) -> build.Scenario:
    return request.param


@pytest.fixture(params=READERS, scope="module")
def activities(request: pytest.FixtureRequest, scenario: build.Scenario) -> tuple[Activity, ...]:
    return read_activities(scenario.data, path="run", reader=request.param)


def test_columns_are_those_that_were_written(scenario, activities):
    assert len(activities) == len(scenario.parts)
    for activity, columns in zip(activities, scenario.parts, strict=True):
        for name in NAMES:
            np.testing.assert_allclose(
                activity.columns[name], columns[name], atol=scenario.tolerance, err_msg=name
            )


def test_every_activity_has_the_same_shape(scenario, activities):
    assert len(activities) == len(scenario.parts)
    for number, activity in enumerate(activities, start=1):
        assert activity.part == number
        assert activity.path == "run"
        assert activity.format == scenario.format
        assert activity.sha256 == hashlib.sha256(scenario.data).hexdigest()
        assert activity.integrity == "intact"
        assert activity.problems == ()
        assert tuple(activity.columns) == NAMES
        for channel in CHANNELS:
            values = activity.columns[channel.name]
            assert values.dtype == np.float64
            assert values.shape == (len(activity),)
            known = values[~np.isnan(values)]
            assert ((known >= channel.low) & (known <= channel.high)).all()
        time = activity.columns["time"]
        assert time[0] == 0.0
        assert (np.diff(time) >= 0.0).all()
        days = 0 if scenario.format == "fit" else number - 1
        assert activity.start_time.timestamp() == build.START + 86400.0 * days
        assert activity.sport == "running"


def test_laps_lie_on_elapsed_time(scenario, activities):
    assert activities
    for activity in activities:
        last = float(activity.columns["time"][-1])
        if scenario.format == "gpx":
            assert activity.laps == ()
            continue
        assert activity.laps[0].start_s == 0.0
        assert activity.laps[-1].end_s == pytest.approx(last, abs=1.0)
        assert activity.laps[0].intensity == "active"
        for earlier, later in zip(activity.laps, activity.laps[1:], strict=False):
            assert earlier.end_s == later.start_s


def test_serial_numbers_never_leave_the_reader(activities):
    assert activities
    for activity in activities:
        assert "3815748186" not in repr(activity)
        assert "123456" not in repr(activity)


@pytest.mark.parametrize("reader", READERS)
def test_paths_streams_and_bytes_give_the_same(tmp_path: Path, reader: Reader):
    data = SCENARIOS[0].data
    file = tmp_path / "no.suffix"
    file.write_bytes(data)
    with file.open("rb") as stream:
        found = [
            read_activity(source, path="same", reader=reader)
            for source in (data, file, str(file), stream, io.BytesIO(data))
        ]
    assert len(found) == 5
    for activity in found[1:]:
        assert activity.laps == found[0].laps
        assert activity.sha256 == found[0].sha256
        for name in NAMES:
            np.testing.assert_array_equal(activity.columns[name], found[0].columns[name])


def test_of_several_parts_the_longest_is_the_activity():
    chained = next(s for s in SCENARIOS if s.name == "chained")
    assert len(read_activity(chained.data)) == build.N
    assert len(read_activities(chained.data)) == 2


def test_wrong_arguments_are_named():
    with pytest.raises(ParameterError, match="reader cannot be 'other'"):
        read_activity(SCENARIOS[0].data, reader="other")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="source cannot be 5"):
        read_activity(5)  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match="binary mode"):
        read_activity(io.StringIO("<gpx/>"))  # type: ignore[arg-type]
