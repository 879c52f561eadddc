"""The FIT container: CRC, definitions, invalid values."""

from __future__ import annotations

from datetime import UTC, datetime

import fitdecode
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect.write.fit_bytes import BASE_TYPES, Field, FitWriter, crc16, fit_seconds


def messages(data: bytes) -> list[fitdecode.FitDataMessage]:
    with fitdecode.FitReader(data, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        return [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]


def definitions(data: bytes) -> int:
    with fitdecode.FitReader(data) as reader:
        return sum(isinstance(frame, fitdecode.FitDefinitionMessage) for frame in reader)


def test_the_crc_is_the_common_crc_16_arc() -> None:
    assert crc16(b"123456789") == 0xBB3D


@given(st.binary(max_size=64), st.binary(max_size=64))
def test_the_crc_goes_on_where_it_stopped(first: bytes, second: bytes) -> None:
    assert crc16(second, crc16(first)) == crc16(first + second)


def test_fit_counts_from_the_end_of_1989() -> None:
    assert fit_seconds(datetime(1989, 12, 31, 0, 1, tzinfo=UTC)) == 60


def test_an_empty_file_is_a_header_and_a_crc() -> None:
    data = FitWriter().to_bytes()
    assert len(data) == 16
    assert data[8:12] == b".FIT"
    assert messages(data) == []


def test_every_base_type_comes_back_and_none_is_invalid() -> None:
    values = {base: 5 for base in BASE_TYPES if base != "string"}
    writer = FitWriter()
    fields = [Field(number, base, value) for number, (base, value) in enumerate(values.items())]
    writer.message(0xFF00, [*fields, Field(99, "string", "Zwölf")])
    writer.message(0xFF00, [field._replace(value=None) for field in fields])
    full, empty = messages(writer.to_bytes())
    assert [field.value for field in full.fields] == [*values.values(), "Zwölf"]
    assert [field.value for field in empty.fields] == [None] * len(values)


def test_a_shape_is_defined_once_and_again_only_when_it_was_pushed_out() -> None:
    writer = FitWriter()
    for _ in range(3):
        writer.message(20, [Field(3, "uint8", 150)])
    assert definitions(writer.to_bytes()) == 1
    for number in range(16):
        writer.message(0xFF00 + number, [Field(0, "uint8", number)])
    writer.message(20, [Field(3, "uint8", 151)])
    data = writer.to_bytes()
    assert definitions(data) == 18
    beats = [each.get_value("heart_rate") for each in messages(data) if each.name == "record"]
    assert beats == [150, 150, 150, 151]


def test_a_table_equals_the_same_messages_one_by_one() -> None:
    times, beats = np.arange(1000, 1010), np.arange(120, 130)
    packed, single = FitWriter(), FitWriter()
    packed.append(packed.table(20, [(253, "uint32", times), (3, "uint8", beats)]))
    for time, beat in zip(times.tolist(), beats.tolist(), strict=True):
        single.message(20, [Field(253, "uint32", time), Field(3, "uint8", beat)])
    assert packed.to_bytes() == single.to_bytes()


def test_a_value_that_does_not_fit_its_type_is_an_error_not_a_wrap() -> None:
    with pytest.raises(Exception, match="format requires"):
        FitWriter().message(20, [Field(3, "uint8", 300)])
