"""Scrubbed recordings: nothing that tells who, where and when; the same reps."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import fitdecode
import numpy as np
import pytest
from typer.testing import CliRunner

from intervaldetect.cli import app
from intervaldetect.errors import CorruptFile
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import Activity
from intervaldetect.scrub import scrub_fit, scrub_markup
from intervaldetect.simulate import Plan, simulate
from intervaldetect.write import encode_fit, encode_gpx, encode_tcx
from intervaldetect.write.fit_bytes import Field, FitWriter
from tests.effort import sampled
from tests.store.test_privacy import traces_of_place

PLACE = (47.318264, 8.749153)
SERIAL, NAME = 3141592653, "Ingrid Østby"
START = datetime(2026, 5, 1, 6, 30, tzinfo=UTC)
FIT_START = int((START - datetime(1989, 12, 31, tzinfo=UTC)).total_seconds())
SEMICIRCLES = [round(value * 2**31 / 180) for value in PLACE]


@pytest.fixture(scope="module")
def run() -> Activity:
    plan = Plan(workout="4 x 400 m @ 1:20 (1:00 jog)", warmup_s=300.0, cooldown_s=200.0,
                start_time=START)  # fmt: skip
    activity = simulate(plan, seed=3).to_activity()
    columns = dict(activity.columns)
    metres = np.nan_to_num(columns["distance"])
    columns["latitude"] = PLACE[0] + np.degrees(metres / 6_371_008.8)
    columns["longitude"] = np.full(metres.size, PLACE[1])
    columns["altitude"] = 1873.0 + 20.0 * np.sin(metres / 300.0)
    named = replace(activity, name=NAME, description=f"with {NAME}", device=f"x {SERIAL}")
    return replace(named, columns=columns)


def reps(activity: Activity) -> list[tuple[float, float]]:
    told = to_dict(analyse(activity, laps="ignore"))
    return [(s["start_s"], s["end_s"]) for s in told["segments"] if s["role"] == "rep"]


def traces(data: bytes) -> list[object]:
    """What tells who, where or when: in text of any encoding, or in the numbers of FIT files."""
    found: list[object] = []
    for encoding in ("utf-8", "latin-1", "utf-16-le", "utf-16-be"):
        text = data.decode(encoding, "replace")
        found += traces_of_place(text)
        found += [w for w in (NAME, "Ingrid", "stby", str(SERIAL), "2026-05") if w in text]
    for order in "<>":
        found += [n for n in (SERIAL, FIT_START) if struct.pack(order + "I", n) in data]
        # The run does not leave a square of 2^16 semicircles (600 m) often; two bytes are rare.
        for value in SEMICIRCLES:
            packed = struct.pack(order + "i", value)
            found += [value] if (packed[1:] if order == "<" else packed[:3]) in data else []
    return found


def with_secrets(activity: Activity) -> bytes:
    """A FIT file with what devices write: serial, names, a bounding box, a waypoint, local time."""
    plain = encode_fit(activity)
    body = plain[14:-2]
    writer = FitWriter()
    for shape in range(12):  # FitWriter counts its local types from 0 again, so these come last
        writer.message(300 + shape, [Field(1, "uint32", SERIAL)])
    place = [Field(k, "sint32", value) for k, value in enumerate(SEMICIRCLES, 3)]
    writer.message(18, [Field(253, "uint32", FIT_START + 9), *place, Field(110, "string", NAME)])
    writer.message(0, [Field(0, "enum", 4), Field(3, "uint32z", SERIAL), Field(8, "string", NAME)])
    writer.message(23, [Field(0, "uint8", 0), Field(3, "uint32z", SERIAL)])
    writer.message(27, [Field(0, "string", NAME), Field(7, "enum", 0), Field(254, "uint16", 0)])
    writer.message(3, [Field(0, "string", NAME), Field(1, "enum", 1)])
    writer.message(34, [Field(253, "uint32", FIT_START), Field(5, "uint32", FIT_START + 7200)])
    whole = FitWriter()
    whole._chunks = [body, writer.to_bytes()[14:-2]]
    return whole.to_bytes()


def test_the_search_finds_every_secret(run: Activity) -> None:
    told = traces(with_secrets(run))
    assert {NAME, SERIAL, FIT_START, *SEMICIRCLES} <= set(told)
    assert {"47.318", "2026-05", NAME} <= set(traces(encode_gpx(run)))
    assert traces("Ingrid".encode("utf-16-be")) == ["Ingrid"]


def test_a_scrubbed_fit_file_tells_nothing_but_the_run(run: Activity) -> None:
    data = with_secrets(run)
    scrubbed = scrub_fit(data, "run.fit")
    assert traces(scrubbed) == []
    before, after = read_activity(data), read_activity(scrubbed)
    assert after.integrity == "intact"
    assert after.start_time.date().isoformat() == "2000-01-01"
    assert after.name is None
    assert after.utc_offset_s is None
    for name in ("time", "distance", "speed", "heart_rate", "cadence", "power", "temperature"):
        np.testing.assert_array_equal(after.columns[name], before.columns[name], name)
    assert not np.isfinite(after.columns["latitude"]).any()
    height = before.columns["altitude"] - before.columns["altitude"].min()
    np.testing.assert_allclose(after.columns["altitude"], height, atol=1e-9)
    assert after.laps == before.laps
    assert after.pauses == before.pauses
    assert [replace(step, name=None) for step in before.steps] == list(after.steps)
    assert reps(after) == reps(before) != []
    assert scrub_fit(scrubbed, "again.fit") == scrubbed


def test_another_decoder_reads_it_with_its_checksum(run: Activity) -> None:
    from io import BytesIO

    scrubbed = scrub_fit(with_secrets(run), "run.fit")
    with fitdecode.FitReader(BytesIO(scrubbed), check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [f for f in reader if isinstance(f, fitdecode.FitDataMessage)]
    records = [frame for frame in frames if frame.name == "record"]
    assert len(records) == len(run)
    assert not any(frame.has_field("position_lat") for frame in records)
    assert not any(frame.has_field("serial_number") for frame in frames)


@pytest.mark.parametrize("encode", [encode_gpx, encode_tcx])
def test_scrubbed_markup_tells_nothing_but_the_run(run: Activity, encode: object) -> None:
    assert callable(encode)
    before = read_activity(encode(run))
    scrubbed = scrub_markup(before)
    assert traces(scrubbed) == []
    after = read_activity(scrubbed)
    assert after.start_time == datetime(2000, 1, 1, tzinfo=UTC)
    np.testing.assert_array_equal(after.columns["time"], before.columns["time"])
    np.testing.assert_array_equal(after.columns["heart_rate"], before.columns["heart_rate"])
    assert np.nanmin(after.columns["altitude"]) == 0.0
    assert len(reps(after)) == len(reps(before)) == 4
    np.testing.assert_allclose(reps(after), reps(before), atol=1.0)


def developer_fit(name: str, unit: str, native: int | None) -> bytes:
    """Three records with a developer field of 16 bits, its description first."""
    described = [Field(0, "uint8", 0), Field(1, "uint8", 5), Field(2, "uint8", 0x84),
                 Field(3, "string", name), Field(8, "string", unit),
                 Field(14, "uint16", 20), Field(15, "uint8", native)]  # fmt: skip
    writer = FitWriter()
    writer.message(206, described)
    records = b"".join(
        struct.pack("<BIIBH", 1, FIT_START + k, 300 * k, 150, 240 + k) for k in range(3)
    )
    definition = struct.pack("<BBBHB", 0x61, 0, 0, 20, 3) + bytes(
        [253, 4, 0x86, 5, 4, 0x86, 3, 1, 2, 1, 5, 2, 0]
    )
    whole = FitWriter()
    whole._chunks = [writer.to_bytes()[14:-2], definition, records]
    return whole.to_bytes()


@pytest.mark.parametrize(
    ("name", "unit", "native", "kept"),
    [("Run Power", "Watts", None, True), (NAME, "Watts", 7, True), (NAME, "m", 2, False),
     (NAME, "x", None, False)],
)  # fmt: skip
def test_developer_fields_stay_where_they_are_a_channel(
    name: str, unit: str, native: int | None, kept: bool
) -> None:
    data = developer_fit(name, unit, native)
    scrubbed = scrub_fit(data, "x")
    assert traces(scrubbed) == []
    power = read_activity(scrubbed).columns["power"]
    np.testing.assert_array_equal(power, [240.0, 241.0, 242.0] if kept else [np.nan] * 3)
    if kept:
        np.testing.assert_array_equal(power, read_activity(data).columns["power"])


def test_times_in_compressed_headers_stay(run: Activity) -> None:
    writer = FitWriter()
    writer.message(20, [Field(253, "uint32", FIT_START), Field(5, "uint32", 0)])
    definition = struct.pack("<BBBHB", 0x42, 0, 0, 20, 1) + bytes([5, 4, 0x86])
    stamps = [FIT_START + step for step in (9, 31, 40, 66)]
    records = b"".join(struct.pack("<BI", 0xC0 | (at & 0x1F), 300) for at in stamps[:2])
    foreign = struct.pack("<BBBHB", 0x43, 0, 0, 999, 1) + bytes([253, 4, 0x86])
    tick = struct.pack("<BI", 3, FIT_START + 39)
    records += foreign + tick + struct.pack("<BI", 0xC0 | (stamps[2] & 0x1F), 300)
    whole = FitWriter()
    whole._chunks = [writer.to_bytes()[14:-2], definition, records]
    data = whole.to_bytes()
    before, after = read_activity(data), read_activity(scrub_fit(data, "x"))
    assert before.columns["time"].tolist() == after.columns["time"].tolist() == [0, 9, 31, 40]


def test_a_damaged_file_is_refused(run: Activity) -> None:
    data = bytearray(encode_fit(run))
    data[len(data) // 2] ^= 1
    with pytest.raises(CorruptFile, match="checksum"):
        scrub_fit(bytes(data), "run.fit")


def test_the_command_writes_another_file(run: Activity, tmp_path: Path) -> None:
    for name, encode in {"a.fit": encode_fit, "a.gpx": encode_gpx, "a.tcx": encode_tcx}.items():
        file, out = tmp_path / name, tmp_path / f"out-{name}"
        file.write_bytes(encode(run))
        done = CliRunner().invoke(app, ["scrub", str(file), "-o", str(out)])
        assert done.exit_code == 0, done.output
        assert traces(out.read_bytes()) == []
        assert len(read_activity(out)) == len(read_activity(file))
        kept = file.read_bytes()
        assert CliRunner().invoke(app, ["scrub", str(file), "-o", str(file)]).exit_code == 2
        assert file.read_bytes() == kept
    command = ["scrub", str(tmp_path / "a.gpx"), "-o", str(tmp_path / "b"), "--part", "2"]
    assert CliRunner().invoke(app, command).exit_code == 2
    assert CliRunner().invoke(app, ["scrub", str(tmp_path / "no"), "-o", "b"]).exit_code == 1


def recorded(corpus: Path, one_in: int) -> Iterator[tuple[str, bytes]]:
    for source in sampled([s for s in iter_sources(corpus / "run") if s.likely], one_in):
        data = source.read()[0]
        if data[8:12] == b".FIT":
            yield source.path, data


@pytest.mark.corpus
def test_real_files_keep_their_reps_and_lose_their_places(corpus: Path) -> None:
    seen = 0
    for path, data in recorded(corpus, 12):
        try:
            scrubbed = scrub_fit(data, path)
        except CorruptFile:
            continue
        before, after = read_activity(data), read_activity(scrubbed)
        assert not np.isfinite(after.columns["latitude"]).any()
        turns = 2.0**31 / 180.0
        places = np.concatenate([before.columns["latitude"], before.columns["longitude"]]) * turns
        known = set(np.round(places[np.isfinite(places)]).astype("<i4").tolist())
        views = [np.frombuffer(scrubbed[k:][: (len(scrubbed) - k) // 4 * 4], t)
                 for k in range(4) for t in ("<i4", ">i4")]  # fmt: skip
        assert sum(int(np.isin(view, list(known)).sum()) for view in views) == 0, path
        if np.isfinite(before.columns["distance"]).any():
            seen += 1
            assert reps(after) == reps(before), path
    assert seen >= 5
