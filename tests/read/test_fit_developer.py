"""Developer fields: units, names, late descriptions, and the channel that is there twice."""

from __future__ import annotations

import struct
from collections.abc import Sequence

import numpy as np
import pytest

from intervaldetect.read import read_activity
from intervaldetect.records import Activity
from tests.read import build

READERS = ["native", "reference"]
Described = tuple[str, str, int | None, int | None]
"""Name, unit, native message, native field."""


def developer_file(
    fields: Sequence[Described],
    values: Sequence[Sequence[float] | np.ndarray],
    *,
    without: Sequence[int] = (),
    zero: Sequence[int] = (),
    late: bool = False,
    endian: str = "<",
    scale: int | None = None,
) -> bytes:
    """A run with float developer fields; native fields are left out, or zero throughout."""
    t = build.truth()
    fit = build.begin(build.Fit(endian=endian))
    fit.define(3, 207, [(3, 1, build.UINT8), (1, 16, build.BYTE)])
    fit.data(3, 0, list(range(16)))
    native = [entry for entry in build.RECORD if entry[0] not in without]
    numbers = [entry[0] for entry in native]
    layout = [(key, 4, 0) for key in range(len(fields))]
    if late:
        fit.define(2, 20, native, developer=layout)
    numbered = [(0, 1, build.UINT8), (1, 1, build.UINT8), (2, 1, build.UINT8)]
    texts = [(3, 24, build.STRING), (8, 12, build.STRING)]
    said = [(6, 1, build.UINT8), (14, 1, build.UINT16), (15, 1, build.UINT8)]
    fit.define(4, 206, [*numbered, *texts, *said])
    for key, (name, unit, message, field) in enumerate(fields):
        fit.data(4, 0, key, build.FLOAT32, name, unit, scale, message, field)
    if not late:
        fit.define(2, 20, native, developer=layout)
    for i in range(t.time.size):
        row = dict(
            zip([entry[0] for entry in build.RECORD], build.record_values(t, i), strict=True)
        )
        row |= dict.fromkeys(zero, 0)
        extra = struct.pack(f"{fit.endian}{len(fields)}f", *(column[i] for column in values))
        fit.data(2, *(row[key] for key in numbers), developer=extra)
    return build.end(fit, t).bytes()


def codes(activity: Activity) -> set[str]:
    return {problem.code for problem in activity.problems}


@pytest.mark.scenario
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("channel", "native", "field"),
    [
        ("power", 7, ("Power", "Watts", 20, 7)),
        ("power", 7, ("Power", "Watts", None, 7)),
        ("power", 7, ("Power", "Watts", 20, None)),
        ("power", 7, ("RP_Power", "W", None, None)),
        ("heart_rate", 3, ("Heart Rate", "bpm", None, None)),
        ("distance", 5, ("d", "m", 20, 5)),
        ("speed", 6, ("s", "m/s", 20, 73)),
        ("altitude", 2, ("a", "", 20, 78)),
    ],
)
@pytest.mark.parametrize("endian", ["<", ">"])
def test_a_developer_field_fills_the_channel_it_stands_for(reader, channel, native, field, endian):
    t = build.truth()
    values = getattr(t, channel)
    data = developer_file([field], [values], without=[native], endian=endian)
    activity = read_activity(data, reader=reader)
    np.testing.assert_allclose(activity.columns[channel], values, rtol=1e-6)
    assert activity.integrity == "intact"


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    "field",
    [
        ("Form Power", "Watts", 20, None),
        ("Air Power", "Watts", None, None),
        ("Power", "%", 20, None),
        ("Power", "Watts", 18, 7),
        ("Power", "Watts", 19, None),
        ("Power", "Watts", 20, 200),
    ],
)
def test_a_field_like_a_channel_is_none(reader, field):
    t = build.truth()
    activity = read_activity(developer_file([field], [t.power], without=[7]), reader=reader)
    assert np.isnan(activity.columns["power"]).all()


@pytest.mark.scenario
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("channel", "key", "unit", "factor"),
    [
        ("distance", 5, "km", 1000.0),
        ("distance", 5, "mi", 1609.344),
        ("distance", 5, "Meters", 1.0),
        ("speed", 6, "km/h", 1 / 3.6),
        ("speed", 6, "KPH", 1 / 3.6),
        ("speed", 6, "mph", 0.44704),
        ("speed", 6, "M/S", 1.0),
        ("altitude", 2, "ft", 0.3048),
        ("speed", 6, "m/min", 1 / 60),
        ("speed", 6, "km . h^-1", 1 / 3.6),
        ("distance", 5, "dm", 0.1),
    ],
)
def test_a_stated_unit_is_heeded(reader, channel, key, unit, factor):
    values = getattr(build.truth(), channel)
    data = developer_file([("field", unit, 20, key)], [values / factor], without=[key])
    activity = read_activity(data, reader=reader)
    np.testing.assert_allclose(activity.columns[channel], values, rtol=1e-6)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(
    ("channel", "key", "name", "unit", "factor"),
    [
        ("speed", 6, "Speed", "km/h", 1 / 3.6),
        ("speed", 6, "Run_Speed", "mph", 0.44704),
        ("distance", 5, "Distance", "km", 1000.0),
        ("heart_rate", 3, "hr", "beats/min", 1.0),
    ],
)
def test_a_name_and_a_unit_do_where_no_native_number_is_given(
    reader, channel, key, name, unit, factor
):
    values = getattr(build.truth(), channel)
    data = developer_file([(name, unit, 20, None)], [values / factor], without=[key])
    activity = read_activity(data, reader=reader)
    np.testing.assert_allclose(activity.columns[channel], values, rtol=1e-6)
    data = developer_file([(name, "points", 20, None)], [values / factor], without=[key])
    assert np.isnan(read_activity(data, reader=reader).columns[channel]).all()


@pytest.mark.parametrize("reader", READERS)
def test_a_scale_and_a_unit_go_together(reader):
    values = build.truth().distance
    data = developer_file([("d", "km", 20, 5)], [values / 1000 * 10], without=[5], scale=10)
    activity = read_activity(data, reader=reader)
    np.testing.assert_allclose(activity.columns["distance"], values, rtol=1e-6)


@pytest.mark.parametrize("reader", READERS)
def test_a_pace_is_not_taken_for_a_speed(reader):
    data = developer_file([("pace", "min/km", 20, 6)], [np.full(build.N, 5.0)], without=[6])
    assert np.isnan(read_activity(data, reader=reader).columns["speed"]).all()


@pytest.mark.scenario
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize(("channel", "key"), [("power", 7), ("cadence", 4), ("distance", 5)])
def test_zeros_throughout_the_native_field_are_no_values(reader, channel, key):
    t = build.truth()
    values = t.strides if channel == "cadence" else getattr(t, channel)
    data = developer_file([(channel, "", 20, key)], [values], zero=[key])
    activity = read_activity(data, reader=reader)
    expected = 2 * values if channel == "cadence" else values
    np.testing.assert_allclose(activity.columns[channel], expected, rtol=1e-6)
    assert "channel_switched" in codes(activity)


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("zeros_first", [True, False])
@pytest.mark.parametrize("names", [("Power", "Power"), ("Power", "RP_Power")])
def test_of_two_developer_fields_the_one_with_values_counts(reader, zeros_first, names):
    t = build.truth()
    columns = [t.power, np.zeros(build.N)][:: -1 if zeros_first else 1]
    fields = [(name, "W", 20, 7) for name in names]
    activity = read_activity(developer_file(fields, columns, without=[7]), reader=reader)
    np.testing.assert_allclose(activity.columns["power"], t.power, rtol=1e-6)


@pytest.mark.parametrize("reader", READERS)
def test_a_native_field_with_values_is_not_replaced(reader):
    t = build.truth()
    data = developer_file([("Power", "W", 20, 7)], [t.power + 50])
    activity = read_activity(data, reader=reader)
    np.testing.assert_allclose(activity.columns["power"], t.power)
    assert codes(activity) == set()


def test_a_description_after_the_definition_counts():
    t = build.truth()
    data = developer_file([("Power", "W", 20, 7)], [t.power], without=[7], late=True)
    np.testing.assert_allclose(read_activity(data).columns["power"], t.power, rtol=1e-6)


def test_fitdecode_gives_nothing_for_a_late_description_and_says_so():
    data = developer_file([("Power", "W", 20, 7)], [build.truth().power], without=[7], late=True)
    activity = read_activity(data, reader="reference")
    assert np.isnan(activity.columns["power"]).all()
    assert {"reader_switched", "developer_fields_left_out"} <= codes(activity)
