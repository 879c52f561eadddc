"""Laps written back: every other byte kept, other decoders agree, twice is once."""

from __future__ import annotations

import csv
import io
import json
import struct
from dataclasses import replace
from pathlib import Path
from typing import Any

import fitdecode
import fitparse
import garmin_fit_sdk
import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from tcxreader.tcxreader import TCXReader

from intervaldetect.errors import CorruptFile, ParameterError
from intervaldetect.notation import parse_icu, parse_workout
from intervaldetect.pipeline import analyse
from intervaldetect.plan.planned import planned_reps
from intervaldetect.read import read_activities, read_activity
from intervaldetect.read.archive import iter_sources
from intervaldetect.records import Activity, Analysis, Lap, Pause, Segment, Workout, WorkoutSet
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.plan import LapMode
from intervaldetect.write import (
    detected_laps,
    encode_csv,
    encode_fit,
    encode_icu,
    encode_tcx,
    is_rewritten,
    rewrite_fit,
    with_detected_laps,
    workout_text,
)
from intervaldetect.write.fit_bytes import Field, FitWriter, crc16
from intervaldetect.write.fit_walk import chunks
from tests.effort import sampled
from tests.notation.test_notation import WILD

LAP, SESSION = 19, 18
START = 1_000_000_000


def kept(data: bytes) -> list[tuple[bytes, bytes]]:
    """Every data message that is neither lap nor session, with the definition it is read by."""
    return [
        (message.definition.raw, message.raw)
        for chunk in chunks(data, "x")
        for message in chunk.messages
        if message.is_data and message.definition.number not in {LAP, SESSION}
    ]


def edges(activity: Activity) -> list[tuple[float, float, str | None]]:
    return [(lap.start_s, lap.end_s, lap.intensity) for lap in activity.laps]


def recorded(analysis: Analysis, laps: tuple[Lap, ...] = ()) -> tuple[bytes, Activity]:
    data = encode_fit(replace(analysis.activity, laps=laps))
    return data, read_activity(data)


def with_laps_between(*, big: bool = False, compressed: bool = False) -> bytes:
    """A hand-built file: two laps between the records, developer fields, any byte order."""
    order = ">" if big else "<"

    def define(
        local: int, number: int, fields: list[tuple[int, int, int]], dev: bytes = b""
    ) -> bytes:
        head = 0x40 | local | (0x20 if dev else 0)
        raw = struct.pack("BBB", head, 0, int(big)) + struct.pack(order + "HB", number, len(fields))
        raw += b"".join(bytes(field) for field in fields)
        return raw + (bytes([len(dev) // 3]) + dev if dev else b"")

    def lap(at: int, index: int, since: int) -> bytes:
        ms = (at - since) * 1000
        return b"\x01" + struct.pack(order + "IHIII", START + at, index, START + since, ms, ms)

    body = define(0, 0, [(0, 1, 0), (4, 4, 0x86)]) + b"\x00\x04" + struct.pack(order + "I", START)
    body += define(2, 207, [(3, 1, 2)]) + b"\x02\x00"
    body += define(2, 206, [(0, 1, 2), (1, 1, 2), (2, 1, 2), (3, 2, 7)]) + b"\x02\x00\x00\x02a\x00"
    records = define(0, 20, [(253, 4, 0x86), (5, 4, 0x86), (3, 1, 2)], bytes((0, 1, 0)))
    lap_definition = define(
        1, LAP, [(253, 4, 0x86), (254, 2, 0x84), (2, 4, 0x86), (7, 4, 0x86), (8, 4, 0x86)]
    )
    # Without its own clock: local 1 is a lap until local 1 becomes a record with five bits of time.
    slim = define(1, 20, [(5, 4, 0x86), (3, 1, 2)])

    def record(at: int) -> bytes:
        return b"\x00" + struct.pack(order + "IIBB", START + at, at * 300, 150, at % 250)

    body += records
    body += b"".join(record(at) for at in range(100))
    body += lap_definition + lap(100, 0, 0)
    if compressed:
        body += slim
        for at in range(100, 140):
            five = (START + at) & 0x1F
            body += bytes([0xA0 | five]) + struct.pack(order + "IB", at * 300, 150)
        body += lap_definition
    body += b"".join(record(at) for at in range(140 if compressed else 100, 200))
    body += lap(199, 1, 100)
    session = [(253, 4, 0x86), (2, 4, 0x86), (25, 2, 0x84), (26, 2, 0x84), (5, 1, 0)]
    body += define(1, SESSION, session)
    body += b"\x01" + struct.pack(order + "IIHHB", START + 199, START, 0, 2, 1)
    head = struct.pack("<BBHI4s", 12, 0x20, 2132, len(body), b".FIT")
    return head + body + struct.pack("<H", crc16(head + body))


def three_laps() -> tuple[Lap, ...]:
    cuts = [(0.0, 50.0, "warmup"), (50.0, 150.0, "active"), (150.0, 199.0, "cooldown")]
    return tuple(Lap(a, b, 1.0, b - a, "manual", kind) for a, b, kind in cuts)


def test_laps_follow_the_segments_and_pauses_outside_join_the_lap_before(
    analysis: Analysis,
) -> None:
    first, *others = analysis.workout.segments
    parts = (
        replace(first, end_s=300.2),
        Segment("pause", 300.2, 400.0),
        replace(first, start_s=400.0),
        *others,
    )
    activity = replace(analysis.activity, pauses=(Pause(310.0, 390.0),))
    changed = replace(
        analysis, activity=activity, workout=replace(analysis.workout, segments=parts)
    )
    laps = detected_laps(changed)
    assert [(lap.start_s, lap.end_s) for lap in laps] == [
        (0.0, 600.0), (600.0, 730.0), (730.0, 910.0), (910.0, 1040.0), (1040.0, 1640.0),
    ]  # fmt: skip
    assert [lap.intensity for lap in laps] == ["warmup", "active", "rest", "active", "cooldown"]
    assert laps[0].timer_s == 520.0
    assert laps[1].distance_m == pytest.approx(800.0)
    assert [lap.trigger for lap in laps] == ["manual"] * 4 + ["session_end"]


def test_a_corrected_distance_counts_more_than_the_device(analysis: Analysis) -> None:
    segments = list(analysis.workout.segments)
    segments[1] = replace(segments[1], distance_m=777.0, source="override")
    workout = replace(analysis.workout, segments=tuple(segments))
    assert detected_laps(replace(analysis, workout=workout))[1].distance_m == 777.0


def test_without_reps_nothing_is_written(analysis: Analysis) -> None:
    plain = replace(analysis.workout, segments=(Segment("steady", 0.0, 1640.5),), sets=())
    with pytest.raises(ParameterError, match="reps were found"):
        detected_laps(replace(analysis, workout=plain))


@pytest.mark.parametrize("old", [(), (Lap(0.0, 1000.0), Lap(1000.0, 1640.0))])
def test_a_written_fit_holds_the_detected_laps_and_every_other_message(
    analysis: Analysis, old: tuple[Lap, ...]
) -> None:
    data, activity = recorded(analysis, old)
    laps = detected_laps(analysis)
    new = rewrite_fit(data, activity, laps)
    assert kept(new) == kept(data)
    again = read_activity(new)
    assert edges(again) == [(lap.start_s, lap.end_s, lap.intensity) for lap in laps]
    assert again.laps[1].distance_m == pytest.approx(800.0, abs=0.01)
    assert rewrite_fit(new, again, laps) == new
    assert is_rewritten(new, "x")
    assert not is_rewritten(data, "x")
    assert not is_rewritten(new[:-1], "x")


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("compressed", [False, True])
def test_laps_between_records_are_replaced_in_any_byte_order(big: bool, compressed: bool) -> None:
    data = with_laps_between(big=big, compressed=compressed)
    activity = read_activity(data)
    assert len(activity) == 200
    assert len(activity.laps) == 2
    new = rewrite_fit(data, activity, three_laps())
    again = read_activity(new)
    assert kept(new) == kept(data)
    for name, values in activity.columns.items():
        np.testing.assert_array_equal(values, again.columns[name])
    assert edges(again) == [
        (0.0, 50.0, "warmup"),
        (50.0, 150.0, "active"),
        (150.0, 199.0, "cooldown"),
    ]
    assert rewrite_fit(new, again, three_laps()) == new
    with fitdecode.FitReader(new, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    (session,) = [frame for frame in frames if frame.name == "session"]
    assert session.get_value("num_laps") == 3
    steps = [frame.get_value("a", fallback=None) for frame in frames if frame.name == "record"]
    assert steps[:100] == list(range(100))


def test_a_time_that_counts_from_a_lap_is_not_moved() -> None:
    """A compressed stamp after a gap of 40 s means what it says only behind the lap at its end."""
    writer = FitWriter()
    writer.message(0, [Field(0, "enum", 4)])
    for at in range(50):
        writer.message(20, [Field(253, "uint32", START + at), Field(3, "uint8", 140)])
    writer.message(LAP, [Field(253, "uint32", START + 95), Field(2, "uint32", START)])
    writer.message(20, [Field(3, "uint8", 141)])
    data = bytearray(writer.to_bytes()[:-2])
    local = data[-2]
    data[-2] = 0x80 | local << 5 | ((START + 100) & 0x1F)
    whole = bytes(data) + struct.pack("<H", crc16(bytes(data)))
    activity = read_activity(whole)
    assert activity.columns["time"][-1] == 100.0
    with pytest.raises(CorruptFile, match="compressed time stamps"):
        rewrite_fit(whole, activity, (Lap(0.0, 100.0),))


def test_of_several_sessions_only_the_one_meant_gets_new_laps() -> None:
    writer = FitWriter()
    writer.message(0, [Field(0, "enum", 4)])
    for at in range(300):
        writer.message(20, [Field(253, "uint32", START + at), Field(3, "uint8", 140)])
    for index in range(3):
        begin = START + 100 * index
        writer.message(
            LAP,
            [Field(253, "uint32", begin + 99), Field(254, "uint16", index),
             Field(2, "uint32", begin), Field(7, "uint32", 99000)],
        )  # fmt: skip
    for index in range(3):
        begin = START + 100 * index
        writer.message(
            SESSION,
            [Field(253, "uint32", begin + 99), Field(2, "uint32", begin), Field(5, "enum", 1),
             Field(25, "uint16", index), Field(26, "uint16", 1)],
        )  # fmt: skip
    data = writer.to_bytes()
    parts = read_activities(data)
    assert [len(part.laps) for part in parts] == [1, 1, 1]
    laps = (Lap(0.0, 30.0), Lap(30.0, 60.0), Lap(60.0, 99.0))
    new = rewrite_fit(data, parts[1], laps)
    assert [len(part.laps) for part in read_activities(new)] == [1, 3, 1]
    assert kept(new) == kept(data)
    with fitdecode.FitReader(new, check_crc=fitdecode.CrcCheck.RAISE) as reader:
        frames = [frame for frame in reader if isinstance(frame, fitdecode.FitDataMessage)]
    numbers = sorted(f.get_value("message_index") for f in frames if f.name == "lap")
    assert numbers == [0, 1, 2, 3, 4]
    sessions = [f for f in frames if f.name == "session"]
    assert [f.get_value("first_lap_index") for f in sessions] == [0, 1, 4]
    assert [f.get_value("num_laps") for f in sessions] == [1, 3, 1]
    assert rewrite_fit(new, read_activities(new)[1], laps) == new


def test_chained_files_change_one_at_a_time(analysis: Analysis) -> None:
    first, activity = recorded(analysis)
    second = with_laps_between()
    laps = detected_laps(analysis)
    both = first + second
    assert rewrite_fit(both, activity, laps) == rewrite_fit(first, activity, laps) + second


def test_of_chained_files_that_cover_the_same_time_the_right_one_changes() -> None:
    whole = with_laps_between()
    writer = FitWriter()
    writer.message(0, [Field(0, "enum", 4)])
    for at in range(0, 200, 4):
        writer.message(20, [Field(253, "uint32", START + at), Field(3, "uint8", 140)])
    sparse = writer.to_bytes()
    laps = three_laps()
    for data, number in ((whole + sparse, 1), (sparse + whole, 0)):
        activity = read_activities(data)[number]
        new = rewrite_fit(data, activity, laps[:1])
        alone = rewrite_fit(sparse, activity, laps[:1])
        assert new == (whole + alone if number else alone + whole)


@pytest.mark.parametrize("damage", ["cut", "flipped", "trailing"])
def test_a_damaged_file_is_refused(damage: str) -> None:
    data = with_laps_between()
    activity = read_activity(data)
    broken = {
        "cut": data[:-40],
        "flipped": data[:300] + bytes([data[300] ^ 0x10]) + data[301:],
        "trailing": data + b"more than a file",
    }[damage]
    with pytest.raises(CorruptFile, match="byte"):
        rewrite_fit(broken, activity, three_laps())


def test_another_file_s_activity_is_refused(analysis: Analysis) -> None:
    with pytest.raises(ParameterError, match="activity of this file"):
        rewrite_fit(with_laps_between(), analysis.activity, three_laps())


def test_three_other_decoders_accept_it(analysis: Analysis, tmp_path: Path) -> None:
    data, activity = recorded(analysis)
    laps = detected_laps(analysis)
    new = rewrite_fit(data, activity, laps)
    parsed = fitparse.FitFile(new, check_crc=True)
    times = [m.get_value("total_elapsed_time") for m in parsed.get_messages("lap")]
    assert times == [lap.end_s - lap.start_s for lap in laps]
    streams = [garmin_fit_sdk.Stream.from_byte_array(bytearray(new)) for _ in range(2)]
    assert garmin_fit_sdk.Decoder(streams[0]).check_integrity()
    messages, errors = garmin_fit_sdk.Decoder(streams[1]).read()
    assert errors == []
    assert [m["intensity"] for m in messages["lap_mesgs"]] == [lap.intensity for lap in laps]
    assert messages["session_mesgs"][0]["num_laps"] == len(laps)
    heart = [m["avg_heart_rate"] for m in messages["lap_mesgs"]]
    time, beats = analysis.activity.columns["time"], analysis.activity.columns["heart_rate"]
    inside = (time >= 600.0) & (time < 730.0)
    assert heart[1] == pytest.approx(beats[inside].mean(), abs=1.0)


def test_tcx_holds_the_detected_laps(analysis: Analysis, tmp_path: Path) -> None:
    laps = detected_laps(analysis)
    paused = replace(analysis.activity, pauses=(Pause(780.0, 850.0),))
    data = encode_tcx(with_detected_laps(replace(analysis, activity=paused)))
    read = read_activity(data).laps
    assert [lap.start_s for lap in read] == [lap.start_s for lap in laps]
    ends = [lap.end_s for lap in laps[:-1]]
    assert [lap.end_s for lap in read[:-1]] == pytest.approx(ends, abs=1.0)  # its last point
    assert read[2].timer_s == 110.0
    (tmp_path / "x.tcx").write_bytes(data)
    found = TCXReader().read(str(tmp_path / "x.tcx"))
    assert len(found.laps) == len(laps)


def test_csv_has_a_row_a_rep(analysis: Analysis) -> None:
    rows = list(csv.DictReader(io.StringIO(encode_csv(analysis).decode())))
    assert [(row["set"], row["rep"]) for row in rows] == [("1", "1"), ("1", "2")]
    assert [row["duration_s"] for row in rows] == ["130.0", "130.0"]
    assert [row["recovery_s"] for row in rows] == ["180.0", ""]
    assert rows[0]["mean_power_w"] == ""


def test_icu_intervals_name_work_and_samples(analysis: Analysis) -> None:
    told = json.loads(encode_icu(analysis))
    assert [each["type"] for each in told["icu_intervals"]] == [
        "RECOVERY", "WORK", "RECOVERY", "WORK", "RECOVERY",
    ]  # fmt: skip
    work = told["icu_intervals"][1]
    assert (work["start_index"], work["end_index"], work["label"]) == (600, 730, "rep 1.1")
    assert work["average_watts"] is None
    (found,) = parse_icu(told["workout"])
    assert (found.count, found.rep_distance_m, found.recovery_s) == (2, 800.0, 180.0)


@pytest.mark.parametrize(
    "text",
    [
        "6 x 800 m @ 2:10 (3:00 jog)",
        "4 x 6:00 @ 3:15/km (1:00)",
        "(400 + 800 + 1200 + 800 + 400 m) @ 3:10/km (1:30)",
        "35:00 @ 3:50/km",
        "8 x 400 m (200 m jog)",
        "20 x 0:45 (0:15)",
    ],
)
def test_workout_text_reads_back(text: str) -> None:
    (planned,) = parse_workout(text)
    (found,) = parse_icu(workout_text([planned]))
    for name in ("count", "rep_basis", "rep_distance_m", "rep_duration_s", "rep_distances_m"):
        assert getattr(found, name) == getattr(planned, name), name
    if planned.count > 1:
        assert found.recovery_s == planned.recovery_s
        assert found.recovery_distance_m == planned.recovery_distance_m
    if planned.rep_speed_mps:
        assert found.rep_speed_mps is not None
        assert 1000 / found.rep_speed_mps == pytest.approx(1000 / planned.rep_speed_mps, abs=0.51)


@pytest.mark.parametrize("text", [written for written, _ in WILD])
def test_every_form_of_the_notation_reads_back_from_intervals_icu(text: str) -> None:
    def facts(sets: tuple[WorkoutSet, ...]) -> list[tuple[object, ...]]:
        return [
            (each.distance_m and round(each.distance_m), each.duration_s,
             each.speed_mps and round(1000.0 / each.speed_mps), each.recovery_s,
             each.recovery_distance_m)
            for each in planned_reps(sets)
        ]  # fmt: skip

    sets = parse_workout(text)
    assert facts(parse_icu(workout_text(sets))) == facts(sets)


@example(count=2, tens=201, timed=False, rest=10, speed=3.0)  # 2.01 km is no round number of binary
@given(
    st.integers(2, 40), st.integers(2, 1000), st.booleans(), st.integers(10, 600),
    st.floats(2.5, 7.0),
)  # fmt: skip
def test_any_plain_set_reads_back(
    count: int, tens: int, timed: bool, rest: int, speed: float
) -> None:
    size: dict[str, Any] = (
        {"rep_duration_s": 5.0 * tens} if timed else {"rep_distance_m": 10.0 * tens}
    )
    planned = WorkoutSet(
        count,
        "time" if timed else "distance",
        rep_speed_mps=speed,
        recovery_basis="time",
        recovery_s=float(rest),
        **size,
    )
    (found,) = parse_icu(workout_text([planned]))
    assert found.count == count
    assert found.recovery_s == rest
    assert (found.rep_duration_s, found.rep_distance_m) == (
        planned.rep_duration_s, planned.rep_distance_m,
    )  # fmt: skip


def test_workout_text_needs_sets() -> None:
    with pytest.raises(ParameterError, match="at least one set"):
        workout_text([])


def reps_of(workout: Workout) -> list[float]:
    return [edge for s in workout.segments if s.role == "rep" for edge in (s.start_s, s.end_s)]


@pytest.mark.parametrize(
    ("text", "laps"),
    [
        ("25:00 @ 3:20/km", "steps"),
        ("5 x 1000 m @ 3:10 (1:30 jog)", "none"),
        ("5 x 1000 m @ 3:10 (1:30 jog)", "steps"),
        ("5 x 1000 m @ 3:10 (1:30 jog)", "manual"),
        ("5 x 1000 m @ 3:10 (1:30 jog)", "auto_km"),
        ("8 x 0:20 @ 2:30/km (1:30 walk)", "steps"),
    ],
)
def test_a_rewritten_file_is_read_as_it_was(text: str, laps: LapMode) -> None:
    """Its laps say what they are, so neither strides nor a block without laps beside it change."""
    made = simulate(Plan(text, laps=laps, strides=4), seed=5)
    data = encode_fit(made.to_activity())
    activity = read_activity(data)
    first = analyse(activity)
    written = detected_laps(first)
    second = analyse(read_activity(rewrite_fit(data, activity, written)))
    assert second.workout.laps_used == "laps"
    assert [s.role for s in second.workout.segments] == [s.role for s in first.workout.segments]
    assert reps_of(second.workout) == pytest.approx(reps_of(first.workout), abs=0.51)
    assert detected_laps(second) == written


@pytest.mark.corpus
def test_real_files_round_trip(corpus: Path) -> None:
    done = refused = 0
    sources = sorted(iter_sources(corpus / "run"), key=lambda each: each.path)
    for source in sampled(sources, 20):
        data, _ = source.read()
        if data[8:12] != b".FIT":
            continue
        activity = read_activity(data)
        found = analyse(activity)
        if not found.workout.sets:
            continue
        laps = detected_laps(found)
        try:
            new = rewrite_fit(data, activity, laps)
        except (CorruptFile, ParameterError):
            refused += 1
            continue
        done += 1
        assert kept(new) == kept(data), source.path
        again = read_activity(new)
        assert [lap.start_s for lap in again.laps] == [lap.start_s for lap in laps], source.path
        assert rewrite_fit(new, again, laps) == new, source.path
        second = analyse(again).workout
        assert reps_of(second) == pytest.approx(reps_of(found.workout), abs=1.01), source.path
    assert done >= 10 * refused
