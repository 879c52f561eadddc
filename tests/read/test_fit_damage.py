"""FIT files that lie or are damaged: everything that is there comes out, and nothing else."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.robustness import holes
from intervaldetect.errors import CorruptFile, NoRecords, ReadError
from intervaldetect.kernels._jit import JIT_ENABLED
from intervaldetect.read import read_activities
from intervaldetect.read.fit import decode_records
from intervaldetect.records import Activity
from tests.read import build
from tests.reference import fit as slow

TRUTH = build.truth()
PLAIN = build.plain_fit(TRUTH).bytes()


def read_one(data: bytes) -> Activity:
    (activity,) = read_activities(data, path="damaged.fit")
    return activity


def codes(activity: Activity) -> set[str]:
    return {problem.code for problem in activity.problems}


def with_size(size: int) -> bytes:
    return PLAIN[:4] + size.to_bytes(4, "little") + PLAIN[8:]


@pytest.mark.parametrize(
    ("data", "integrity", "code"),
    [
        (with_size(0), "repaired", "header_wrong"),
        (with_size(700), "repaired", "header_wrong"),
        (with_size(0xFFFFFFFF), "partial", "truncated"),
        (PLAIN[:-2], "partial", "truncated"),
        (PLAIN[:-1], "partial", "truncated"),
        (PLAIN[:-2] + b"\0\0", "repaired", "crc_mismatch"),
        (PLAIN[:8] + b"\0\0\0\0" + PLAIN[12:], "repaired", "header_missing"),
        (bytes(14) + PLAIN[14:], "repaired", "header_missing"),
    ],
)
def test_a_header_that_lies_costs_no_record(data, integrity, code):
    activity = read_one(data)
    assert len(activity) == build.N
    np.testing.assert_array_equal(activity.columns["heart_rate"], TRUTH.heart_rate)
    assert len(activity.laps) == 1
    assert activity.integrity == integrity
    assert codes(activity) == {code}


def test_a_sound_file_says_nothing():
    activity = read_one(PLAIN)
    assert activity.integrity == "intact"
    assert activity.problems == ()


def test_padding_behind_the_file_is_no_damage():
    assert read_one(PLAIN + bytes(500)).problems == ()


def test_remains_behind_the_file_are_told():
    activity = read_one(PLAIN + b"\x21\x43" * 40)
    assert len(activity) == build.N
    assert activity.integrity == "partial"
    assert codes(activity) == {"bytes_left_out"}


def test_the_next_file_of_a_chain_is_found_behind_a_damaged_one():
    first = PLAIN[:4] + b"\xff\xff\x00\x00" + PLAIN[8:]
    other = build.plain_fit(replace(TRUTH, heart_rate=TRUTH.heart_rate + 1)).bytes()
    parts = read_activities(first + other)
    assert [len(part) for part in parts] == [build.N, build.N]
    assert parts[0].integrity == "repaired"
    assert parts[1].integrity == "intact"


def test_nothing_but_a_header_is_no_activity():
    with pytest.raises(NoRecords, match="no file_id"):
        read_activities(build.Fit().bytes())
    with pytest.raises(CorruptFile, match="no FIT message"):
        read_activities(PLAIN[:14])


def test_a_clock_that_is_set_is_no_damage():
    fit = build.begin(build.Fit())
    fit.define(2, 20, build.RECORD)
    for i in range(build.N):
        values = build.record_values(TRUTH, i)
        values[0] += 68_000_000 if i > 10 else 0
        fit.data(2, *values)
    for data in (fit.bytes(), fit.bytes()[:-2]):
        activity = read_one(data)
        assert len(activity) == build.N
        assert "damaged" not in codes(activity)
        np.testing.assert_array_equal(activity.columns["time"], np.arange(build.N))


def long_truth(n: int) -> build.Truth:
    """A run with values that move as real ones do, so that records are told apart."""
    generator = np.random.default_rng(11)
    time = build.START + np.cumsum(generator.choice([1, 1, 1, 2, 4], n)).astype(float)
    speed = np.round(3.0 + np.cumsum(generator.normal(0, 0.02, n)), 3)
    semicircles = np.round(np.cumsum(generator.normal(310, 9, n)))
    return build.Truth(
        time=time,
        latitude=(572662306 + semicircles) * 180.0 / 2**31,
        longitude=(119304647 - np.round(semicircles / 3)) * 180.0 / 2**31,
        altitude=120.0 + np.round(5 * np.sin(np.arange(n) / 50), 1) // 0.2 * 0.2,
        distance=np.round(np.cumsum(speed * np.diff(time, prepend=time[0])), 2),
        speed=speed,
        heart_rate=np.round(150 + 10 * np.sin(np.arange(n) / 40)),
        strides=85.0 + np.arange(n) % 3,
        power=np.round(250 + generator.normal(0, 15, n)),
        temperature=np.full(n, 17.0),
    )


def redefined_fit(t: build.Truth) -> bytes:
    """As devices write: definitions again every hundred records, other messages between."""
    fit = build.begin(build.Fit())
    for i in range(t.time.size):
        if i % 100 == 0:
            fit.define(2, 20, build.RECORD).define(
                4, 140, [(253, 1, build.UINT32), (2, 9, build.UINT16)]
            )
        if i % 60 == 30:
            fit.data(4, build.record_values(t, i)[0], [None, 7])
        fit.data(2, *build.record_values(t, i))
    return build.end(fit, t).bytes()


@pytest.mark.parametrize("fill", ["zeros", "noise"])
def test_holes_cost_little_and_invent_nothing(fill):
    """Bytes overwritten anywhere behind the header; see docs/performance.md for ten thousand."""
    data = redefined_fit(long_truth(600))
    found = slow.records(data)
    ends = np.array([end for end, _ in found])
    true = Counter(np.array(row).tobytes() for _, row in found)
    generator = np.random.default_rng(12)
    kept = untouched = 0
    for _ in range(400 if JIT_ENABLED else 8):
        length = int(generator.integers(1, 65))
        at = int(generator.integers(14, len(data) - 2 - length))
        noise = generator.integers(0, 256, length, dtype=np.uint8).tobytes()
        holed = data[:at] + (noise if fill == "noise" else bytes(length)) + data[at + length :]
        table = np.array(list(decode_records(holed).values()))
        rows = Counter(column.tobytes() for column in table.T)
        first, last = np.searchsorted(ends, (at, at + length - 1), side="right")
        touched = int(min(last, ends.size - 1) - first + 1) if first < ends.size else 0
        lost = (true - rows).total()
        untouched += ends.size - touched
        kept += ends.size - max(lost, touched)
        assert (rows - true).total() <= touched
    assert kept >= 0.95 * untouched


def test_bytes_lost_in_the_middle_do_not_end_the_file():
    data = redefined_fit(long_truth(600))
    true = Counter(np.array(row).tobytes() for _, row in slow.records(data))
    generator = np.random.default_rng(13)
    for _ in range(100 if JIT_ENABLED else 4):
        length = int(generator.integers(1, 65))
        at = int(generator.integers(400, len(data) - 400))
        table = np.array(list(decode_records(data[:at] + data[at + length :]).values()))
        rows = Counter(column.tobytes() for column in table.T)
        assert (rows & true).total() >= 480  # at worst up to the next definitions
        assert (rows - true).total() <= 1  # two halves may meet as one record


REACHED = {
    "nick.fit": 14391,
    "8CS90646.FIT": 4041,
    "2018-04-15-09-18-20.fit": 10856,
    "2018-02-24-10-04-10.fit": 4882,
    "FR70-intervals.fit": 633,
    "compressed-speed-distance.fit": 755,
    "antfs-dump.63.fit": 686,
}


@pytest.mark.corpus
@pytest.mark.parametrize("name", REACHED)
def test_damaged_files_of_others_give_what_is_in_them(corpus: Path, name):
    records = decode_records((corpus / "damaged" / name).read_bytes())
    assert records["time"].size == REACHED[name]


@pytest.mark.corpus
def test_what_is_read_does_not_hang_on_what_was_read_before(corpus: Path):
    files = sorted((corpus / "odd").glob("*.fit"))[::6]

    def outcome(file: Path) -> object:
        try:
            return [
                (a.problems, a.laps, [values.tobytes() for values in a.columns.values()])
                for a in read_activities(file)
            ]
        except ReadError as error:
            return str(error)

    forwards = [outcome(file) for file in files]
    backwards = [outcome(file) for file in files[::-1]]
    assert forwards == backwards[::-1]


@pytest.mark.skipif(not JIT_ENABLED, reason="benchmarks/robustness/holes.py has no such mode")
@pytest.mark.parametrize("kind", holes.KINDS)
@pytest.mark.parametrize("layout", ["plain", "compressed", "enhanced"])
def test_holes_in_every_layout_cost_little(layout, kind):
    """A definition that is written once may lie in the hole: then its records are lost."""
    data = holes.layouts()[layout]
    count = holes.measure(data, kind, 100, np.random.default_rng(2))
    assert count.kept >= 0.95 * count.untouched
    assert count.invented <= 3e-4 * count.untouched


def test_a_turn_too_many_of_a_clock_of_five_bits_is_damage():
    data = bytearray(build.compressed_fit(TRUTH).bytes())
    at = data.index(bytes([0x80 | 3 << 5 | (build.FIT_START + 12) & 0x1F]), 120)
    data[at] ^= 0x17  # 23 s on: the next record would be a turn of 32 s late
    activity = read_one(bytes(data))
    assert set(activity.columns["time"]) < set(range(build.N))
    assert len(activity) >= build.N - 2
    assert activity.integrity == "partial"
