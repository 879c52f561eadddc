"""Numbers and times out of bytes against Python's own parsers."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from intervaldetect.kernels import _jit
from intervaldetect.kernels.text import parse_number, parse_time
from tests.effort import examples

EXAMPLES = settings(max_examples=examples(400, 4) if _jit.JIT_ENABLED else 30, deadline=None)
NUMBER = r"-?[0-9]{0,20}(\.[0-9]{0,24})?"


def padded(text):
    data = np.frombuffer(text.encode() + bytes(64), np.uint8)
    return data, np.ndarray(data.size - 7, np.uint64, data.data, strides=(1,))


def bits(value):
    return np.float64(value).tobytes()


@EXAMPLES
@given(st.one_of(st.from_regex(NUMBER, fullmatch=True), st.floats(-1e6, 1e6).map(repr)))
@example("9007199254740993.0")  # halfway between two floats, to even
@example("0.500000000000000166533453693773481063544750213623046875")  # halfway, by digits past 18
@example("139.66006063856184482574462890625")
@example("-0.0")
@example("4503599627370497.5")
@example("1152921504606846976.5")
@example("0.99999999999999994")
@example("1.00000000000000011")
def test_a_number_is_the_float_that_python_reads_or_left_to_it(text):
    end, value = parse_number(padded(text)[0], 0)
    if end >= 0:
        assert end == len(text.split("e")[0])
        assert bits(value) == bits(float(text[:end]))


@EXAMPLES
@given(st.decimals(-400, 9000, places=25, allow_nan=False))
def test_nearly_every_number_of_25_decimals_is_read(number):
    end, value = parse_number(padded(f"{number:f}")[0], 0)
    assert end < 0 or bits(value) == bits(float(number))


def test_hardly_a_number_of_a_device_is_left_to_python():
    rng = np.random.default_rng(5)
    texts = [f"{np.float64(x):.28f}" for x in rng.uniform(1, 180, 2000)]
    texts += [repr(float(x)) for x in rng.uniform(-180, 180, 2000)]
    texts += [f"{x:.6f}" for x in rng.uniform(0, 9000, 2000)]
    left = sum(parse_number(padded(text)[0], 0)[0] < 0 for text in texts)
    assert left < 0.02 * len(texts)


@pytest.mark.parametrize("text", ["", "-", ".", "-.", "+1", "e5", " 1", "--1", "1" * 19])
def test_what_is_no_plain_number_is_refused(text):
    assert parse_number(padded(text)[0], 0)[0] == -1


@pytest.mark.parametrize("text", ["1e5", "12 ", "1_0", "1.2.3"])
def test_a_number_ends_where_it_ends(text):
    end, value = parse_number(padded(text)[0], 0)
    assert value == float(text[:end])
    assert end < len(text)


zones = st.one_of(
    st.sampled_from(["", "Z"]),
    st.tuples(st.sampled_from("+-"), st.integers(0, 23), st.integers(0, 59)).map(
        lambda z: f"{z[0]}{z[1]:02}:{z[2]:02}"
    ),
)


@EXAMPLES
@given(
    st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)),  # noqa: DTZ001
    st.sampled_from("T "),
    st.one_of(st.just(""), st.from_regex(r"\.[0-9]{1,9}", fullmatch=True)),
    zones,
)
def test_a_time_is_the_one_that_python_reads(moment, between, decimals, zone):
    text = moment.strftime(f"%m-%d{between}%H:%M:%S{decimals}{zone}")
    text = f"{moment.year:04}-{text}"
    memo = np.full(2, -1, np.int64)
    data, words = padded(text)
    end, value, offset = parse_time(data, words, 0, memo)
    expected = datetime.fromisoformat(text)
    shift = expected.utcoffset()
    if expected.tzinfo is None:
        expected = expected.replace(tzinfo=UTC)
    if end < 0:  # microseconds that a float cannot hold are left to Python
        assert decimals
        assert abs(expected.timestamp()) > 2**32 - 90_000
        return
    assert end == len(text)
    assert bits(value) == bits(expected.timestamp())
    assert offset == (shift.total_seconds() if shift else 0)


@EXAMPLES
@given(st.text("0123456789-:TZ+. ", max_size=26))
@example("2024-02-30T00:00:00Z")
@example("2023-02-29T00:00:00Z")
@example("1900-02-29T00:00:00Z")
@example("2024-05-01T24:00:00Z")
@example("2024-05-01T23:60:00Z")
@example("2024-05-01T23:59:60Z")
@example("2024-00-01T00:00:00Z")
@example("0000-01-01T00:00:00Z")
@example("2024-05-01T10:00:00+24:00")
@example("2024-05-01T10:00:00.Z")
def test_what_python_refuses_is_refused(text):
    data, words = padded(text)
    end, _, _ = parse_time(data, words, 0, np.full(2, -1, np.int64))
    if end >= 0:
        assert datetime.fromisoformat(text[:end])


@EXAMPLES
@given(st.lists(st.integers(0, 200), min_size=1, max_size=8))
def test_the_memo_changes_nothing(seconds):
    texts = [
        datetime.fromtimestamp(1_700_000_000 + s, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        for s in seconds
    ]
    data, words = padded("".join(texts))
    memo = np.full(2, -1, np.int64)
    at = 0
    for second in seconds:
        at, value, _ = parse_time(data, words, at, memo)
        assert value == 1_700_000_000 + second
    assert math.isfinite(value)
