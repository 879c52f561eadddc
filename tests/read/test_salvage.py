"""What stands before damage counts, whatever it is packed in or written with."""

from __future__ import annotations

import gzip
import random
import zlib
from dataclasses import replace

import pytest

from intervaldetect.errors import CorruptFile
from intervaldetect.read import read_activities
from intervaldetect.read.salvage import inflate_before_damage
from intervaldetect.read.source import gunzip
from tests.read import build

TRUTH = build.truth()
GPX = build.gpx(f"<trkseg>{build.gpx_points(TRUTH, build.PLAIN, 0, build.N)}</trkseg>")
FIT = build.plain_fit(TRUTH).bytes()


def slowly(packed: bytes) -> bytes:
    """Unpack a byte at a time, in and out."""
    machine = zlib.decompressobj(31)
    found = b""
    for k in range(len(packed)):
        rest: bytes | None = packed[k : k + 1]
        while rest is not None:
            try:
                piece = machine.decompress(rest, 1)
            except zlib.error:
                return found
            found += piece
            rest = machine.unconsumed_tail if piece or machine.unconsumed_tail else None
    return found


def test_not_a_byte_before_damaged_gzip_data_is_lost():
    rng = random.Random(5)
    text = "".join(f"{rng.random():.6f} {i % 97}\n" for i in range(6_000)).encode()
    packed = gzip.compress(text, mtime=0)
    for _ in range(8):
        at = rng.randrange(2000, len(packed) - 2000)
        damaged = packed[:at] + rng.randbytes(200) + packed[at + 200 :]
        data, (problem,) = gunzip(damaged, "a.gz")
        assert data == slowly(damaged)
        assert problem.code == "gzip_damaged"
        assert len(data) > at // 2  # packing makes this text smaller, never larger


def test_what_is_salvaged_fits_the_room():
    packed = zlib.compress(bytes(100_000), 9)[:-4] + b"\xff" * 4
    with pytest.raises(zlib.error):
        zlib.decompress(packed)
    assert inflate_before_damage(zlib.decompressobj(), packed, 1 << 20) == bytes(100_000)
    assert inflate_before_damage(zlib.decompressobj(), packed, 4097) == bytes(4097)
    assert inflate_before_damage(zlib.decompressobj(), b"\xff" * 9, 100) == b""


def test_damage_in_a_packed_activity_costs_what_lies_behind_it():
    packed = gzip.compress(GPX.encode(), mtime=0)
    at = len(packed) * 2 // 3
    (activity,) = read_activities(packed[:at] + b"\xff" * 20 + packed[at + 20 :])
    assert build.N // 3 < len(activity) < build.N
    assert activity.integrity == "partial"
    assert "gzip_damaged" in {problem.code for problem in activity.problems}


def test_what_is_no_gzip_data_behind_it_is_told():
    packed = gzip.compress(FIT, mtime=0)
    assert read_activities(packed + bytes(100))[0].problems == ()
    (activity,) = read_activities(packed + b"more")
    assert len(activity) == build.N
    assert [(problem.code, problem.count) for problem in activity.problems] == [
        ("bytes_left_out", 4)
    ]
    with pytest.raises(CorruptFile, match="damaged gzip data"):
        read_activities(b"\x1f\x8b" + b"\xff" * 50)


@pytest.mark.parametrize("reference", ["&#xD800;", "&#55296;", "&#x00DFff;", "&#057343;"])
def test_half_a_character_in_a_damaged_document_costs_no_point(reference):
    (activity,) = read_activities(GPX.replace("strides", reference).encode())
    assert len(activity) == build.N
    assert activity.name is not None
    assert activity.name.startswith("6 x 800 &")
    assert activity.integrity == "partial"
    (sound,) = read_activities(GPX.replace("strides", "&#55203;</name2>").encode())
    assert sound.name is not None
    assert sound.name.endswith("\ud7a3")


def test_each_file_of_a_chain_has_an_integrity_of_its_own():
    other = build.plain_fit(replace(TRUTH, heart_rate=TRUTH.heart_rate + 1)).bytes()
    broken = other[:-2] + bytes(2)
    for data, grades in (
        (FIT + broken, ["intact", "repaired"]),
        (broken + FIT, ["repaired", "intact"]),
        (FIT + other[:-70], ["intact", "partial"]),
    ):
        parts = read_activities(data)
        assert [part.integrity for part in parts] == grades
        assert [bool(part.problems) for part in parts] == [grade != "intact" for grade in grades]


@pytest.mark.parametrize("first", [True, False])
def test_of_a_recording_and_its_damaged_copy_the_sound_one_is_kept(first):
    both = (FIT, FIT[:-2] + bytes(2))
    (part,) = read_activities(b"".join(both if first else both[::-1]))
    assert part.integrity == "intact"
    assert [problem.code for problem in part.problems] == ["parts_repeated"]


def test_each_session_of_a_damaged_file_says_why():
    fit = build.begin(build.Fit()).define(2, 20, build.RECORD)
    for i in range(build.N):
        fit.data(2, *build.record_values(TRUTH, i))
    fit.define(3, 18, [(2, 1, build.UINT32), (5, 1, build.ENUM)])
    fit.data(3, build.FIT_START, 1).data(3, build.FIT_START + build.N // 2, 2)
    parts = read_activities(fit.bytes()[:-2] + bytes(2))
    assert [part.sport for part in parts] == ["running", "cycling"]
    for part in parts:
        assert part.integrity == "repaired"
        assert [problem.code for problem in part.problems] == ["crc_mismatch"]
