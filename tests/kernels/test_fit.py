"""The FIT scanner in both its gears against the plain-Python walker."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from intervaldetect.kernels import fit as kernels
from intervaldetect.kernels import fit_numbers
from intervaldetect.kernels._jit import JIT_ENABLED
from intervaldetect.read import fit_light, fit_scan
from intervaldetect.read.fit import decode_records
from intervaldetect.records.channels import NAMES
from tests.effort import examples, sampled
from tests.read import build
from tests.reference import fit as slow

VARIANTS = build.fit_variants()


@pytest.fixture(params=["scanner", "light"])
def gear(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Read by the scanner of the kernels, and as in a process whose kernels are not compiled."""
    if request.param == "light":
        monkeypatch.setattr(fit_scan, "compiled", lambda: False)
    else:
        monkeypatch.setattr(fit_light, "walk", lambda *_: None)
    return str(request.param)


def table(data: bytes) -> np.ndarray:
    columns = decode_records(data)
    assert tuple(columns) == NAMES
    return np.array(list(columns.values()))


def walked(data: bytes) -> np.ndarray:
    rows = [row for _, row in slow.records(data)]
    return np.array(rows).reshape(len(rows), slow.COLUMNS).T


@pytest.mark.parametrize("name", VARIANTS)
def test_every_encoding_decodes_as_the_walker_does(gear, name):
    data = VARIANTS[name]
    assert len(data) < 4096
    expected = walked(data)
    assert expected.shape[1] == build.N
    np.testing.assert_array_equal(table(data), expected)


@pytest.mark.parametrize("name", VARIANTS)
def test_a_file_cut_anywhere_gives_every_complete_record(name):
    data = VARIANTS[name]
    complete = slow.records(data)
    full = walked(data)
    for length in range(12, len(data), 1 if JIT_ENABLED else 61):
        rows = sum(end <= length for end, _ in complete)
        found = table(data[:length])
        assert found.shape[1] == rows
        np.testing.assert_array_equal(found, full[:, :rows])


def test_chained_files_decode_one_after_the_other(gear):
    data = b"".join(list(VARIANTS.values())[:6])
    np.testing.assert_array_equal(table(data), walked(data))


def test_checksums_agree_with_the_bitwise_one(gear):
    generator = np.random.default_rng(1)
    data = generator.integers(0, 256, 80_000, dtype=np.uint8).tobytes()
    assert slow.crc16(b"123456789") == 0xBB3D
    for first, last in (
        (0, 0),
        (0, 1),
        (3, 18),
        (5, 21),
        (0, 512),
        (7, 520),
        (9, 12_000),
        (1, 80_000),
    ):
        expected = slow.crc16(data[first:last])
        for crc16 in (fit_light.crc16, kernels.crc16):
            assert crc16(fit_scan.as_words(data, first, last)) == expected
    sealed = data + expected.to_bytes(2, "little")
    assert fit_scan.seal_holds(sealed, 1, 80_002)
    assert not fit_scan.seal_holds(sealed, 0, 80_002)


def test_there_is_room_for_any_number_of_records_and_notes(gear):
    """Records of one byte and thousands of laps: both tables must grow on the way."""
    fit = build.begin(build.Fit())
    fit.define(2, 20, [(3, 1, build.UINT8)]).define(1, 19, [(254, 1, build.UINT16)])
    for i in range(1500):
        fit.data(2, i % 200)
        fit.data(1, i)
    walk = fit_scan.walk(fit.bytes(), 14, len(fit.bytes()) - 2)
    assert walk.rows == 1500
    np.testing.assert_array_equal(walk.columns[6], np.arange(1500) % 200)
    np.testing.assert_array_equal(walk.notes[1:, 2], 19)
    assert walk.notes.shape == (1501, 4)


def floats() -> Iterator[float]:
    yield from (0.0, -0.0, 1.0, -2.5, 1e-45, 1.17e-38, 3.4e38, np.inf, -np.inf, np.nan)
    yield from np.random.default_rng(2).normal(0, 1000, 200)


@pytest.mark.parametrize("kind", [8, 9])
@pytest.mark.parametrize("big", [0, 1])
def test_floats_decode_as_struct_does(kind, big):
    dtype = np.dtype(f"{'<>'[big]}f{kind // 9 * 4 + 4}")
    values = np.array(list(floats())).astype(dtype)
    data = fit_scan._buffer(values.tobytes())
    found = [
        fit_numbers.float_at(data, at, kind, big) for at in range(0, values.nbytes, dtype.itemsize)
    ]
    expected = np.where(np.isfinite(values), values, np.nan)
    np.testing.assert_array_equal(found, expected.astype(float))


@pytest.mark.parametrize("kind", [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13])
@pytest.mark.parametrize("big", [0, 1])
def test_a_field_decodes_as_the_walker_does_in_both_gears(kind, big):
    generator = np.random.default_rng(kind)
    values = generator.integers(0, 256, 900, dtype=np.uint8)
    values[generator.random(900) < 0.5] = 0xFF
    data = values.tobytes()
    places = [(at, int(generator.integers(0, 2))) for at in range(0, 800, 25)]
    for items in (1, 2):
        field = (1, 2, kind, items, big)
        table = np.array(places, np.int64).T.copy()
        expected = slow.field_of(data, places, field)
        np.testing.assert_array_equal(fit_light.field_of(data, table, field), expected)
        compiled = fit_numbers.column_of(fit_scan._buffer(data), table, *field)
        np.testing.assert_array_equal(compiled, expected)


def test_random_bytes_behind_a_header_never_break_the_scanner():
    generator = np.random.default_rng(4)
    for _ in range(200 if JIT_ENABLED else 10):
        body = generator.integers(0, 256, generator.integers(0, 3000), dtype=np.uint8)
        body[generator.random(body.size) < generator.random()] = generator.integers(0, 256)
        header = bytearray(build.Fit().bytes()[:14])
        header[4:8] = int(body.size).to_bytes(4, "little")
        columns = decode_records(bytes(header) + body.tobytes())
        assert len({values.size for values in columns.values()}) == 1


def test_both_gears_agree_on_altered_files():
    """Bytes changed at random, checksums ignored: what the light gear takes, it takes alike."""
    generator = np.random.default_rng(9)
    variants = list(VARIANTS.values())
    telling = [0, 7, 8, 20, 206, 0x88, 0xFF]
    taken = 0
    for _ in range(2000 if JIT_ENABLED else 60):
        data = bytearray(variants[generator.integers(len(variants))])
        for _ in range(generator.integers(1, 4)):
            data[generator.integers(14, len(data) - 2)] = generator.choice(telling)
        end = len(data) - 2
        light = fit_light.walk(bytes(data), data[0], end, fit_scan._WANTED)
        if light is None:
            continue
        taken += 1
        full = fit_scan.walk(bytes(data), data[0], end)
        assert (light.status, light.at) == (full.status, full.at)
        np.testing.assert_array_equal(light.columns, full.columns)
        np.testing.assert_array_equal(light.notes, full.notes)
        np.testing.assert_array_equal(light.places, full.places)
    assert taken > 10


@pytest.mark.corpus
def test_real_files_decode_as_the_walker_does_wherever_they_are_cut(corpus: Path):
    files = [f for f in sorted(corpus.glob("r*/*.fit")) if f.stat().st_size < 150_000][::8][:20]
    assert len(files) == 20
    generator = np.random.default_rng(5)
    for file in sampled(files, 4):
        data = file.read_bytes()
        complete = slow.records(data)
        full = walked(data)
        np.testing.assert_array_equal(table(data), full)
        ends = np.array([end for end, _ in complete])
        for length in generator.integers(12, len(data), examples(500) if JIT_ENABLED else 2):
            rows = int((ends <= length).sum())
            np.testing.assert_array_equal(table(data[:length]), full[:, :rows])
