"""Write recorded files back with the detected reps as laps, and have other decoders read them.

    INTERVALDETECT_CORPUS=... python benchmarks/write/roundtrip.py [--files 100]

Every written FIT file must be accepted, checksums on, by fitdecode, fitparse and garmin-fit-sdk
wherever they accept the recording, keep every record byte for byte, and hold the laps as detected;
a second rewrite must change nothing, and a second analysis must find the same reps. TCX must be
accepted by tcxreader and by the package's own reader, with laps that begin as detected (TCX times
laps by the timer, so ends do not count pauses).
"""

from __future__ import annotations

import argparse
import io
import os
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import fitdecode
import fitparse
import garmin_fit_sdk
from tcxreader.tcxreader import TCXReader

from intervaldetect import analyse, read_activities
from intervaldetect.errors import IntervalDetectError
from intervaldetect.read.source import load
from intervaldetect.records import Activity, Analysis, Lap, Workout
from intervaldetect.write import detected_laps, encode_tcx, rewrite_fit, with_detected_laps
from intervaldetect.write.fit_walk import chunks

LAP, SESSION = 19, 18


def by_fitdecode(data: bytes) -> int:
    """Return the number of laps; a wrong checksum is an error."""
    check = fitdecode.CrcCheck.RAISE
    with fitdecode.FitReader(io.BytesIO(data), check_crc=check) as reader:
        return sum(isinstance(m, fitdecode.FitDataMessage) and m.name == "lap" for m in reader)


def by_fitparse(data: bytes) -> int:
    """As the others."""
    with fitparse.FitFile(io.BytesIO(data), check_crc=True) as file:
        file.parse()
        return sum(1 for _ in file.get_messages("lap"))


def by_garmin(data: bytes) -> int:
    """As the others."""
    streams = [garmin_fit_sdk.Stream.from_byte_array(bytearray(data)) for _ in range(2)]
    if not garmin_fit_sdk.Decoder(streams[0]).check_integrity():
        raise ValueError("integrity")
    messages, errors = garmin_fit_sdk.Decoder(streams[1]).read()
    if errors:
        raise ValueError(str(errors[0]))
    return len(messages.get("lap_mesgs", ()))


DECODERS: dict[str, Callable[[bytes], int]] = {
    "fitdecode": by_fitdecode, "fitparse": by_fitparse, "garmin-fit-sdk": by_garmin,
}  # fmt: skip


def laps_by(decoder: Callable[[bytes], int], data: bytes) -> int | None:
    """Return how many laps a decoder reads, None where it refuses the file."""
    try:
        return decoder(data)
    except Exception:  # noqa: BLE001 - any error of a peer is a refusal
        return None


def kept(data: bytes) -> list[bytes]:
    """Return every data message that is neither lap nor session."""
    return [
        message.raw
        for chunk in chunks(data, "x")
        for message in chunk.messages
        if message.is_data and message.definition.number not in {LAP, SESSION}
    ]


def edges(laps: tuple[Lap, ...]) -> list[tuple[float, float]]:
    """Return the laps' edges on whole seconds."""
    return [(round(lap.start_s), round(lap.end_s)) for lap in laps]


def same_reps(one: Workout, two: Workout) -> bool:
    """Whether reps have the same edges within the rounding of a lap."""
    first, second = (
        [edge for s in workout.segments if s.role == "rep" for edge in (s.start_s, s.end_s)]
        for workout in (one, two)
    )
    return len(first) == len(second) and all(
        abs(a - b) < 1.01 for a, b in zip(first, second, strict=True)
    )


def recordings(corpus: Path) -> Iterator[tuple[Path, bytes, Activity, Analysis]]:
    """Yield intact FIT recordings of one activity in which reps are found."""
    for folder in ("run", "ride", "odd"):
        for file in sorted((corpus / folder).iterdir()):
            try:
                data = load(str(file)).data
                activities = read_activities(str(file)) if data[8:12] == b".FIT" else ()
                if len(activities) != 1:
                    continue
                found = analyse(activities[0])
            except IntervalDetectError:
                continue
            if any(segment.role == "rep" for segment in found.workout.segments):
                yield file, data, activities[0], found


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--files", type=int, default=100)
    wanted = parser.parse_args().files
    told: Counter[str] = Counter()
    for file, data, activity, found in recordings(Path(os.environ["INTERVALDETECT_CORPUS"])):
        laps = detected_laps(found)
        try:
            new = rewrite_fit(data, activity, laps)
        except IntervalDetectError as error:
            told["refused"] += 1
            print(f"refused: {str(error).removeprefix(str(file))}")
            continue
        told["written"] += 1
        again = read_activities(new)[0]
        told["records and the rest byte-equal"] += kept(new) == kept(data)
        told["laps as detected"] += edges(again.laps) == edges(laps)
        told["second rewrite changes nothing"] += rewrite_fit(new, again, laps) == new
        told["second analysis finds the same reps"] += same_reps(
            found.workout, analyse(again).workout
        )
        for name, decoder in DECODERS.items():
            before, after = laps_by(decoder, data), laps_by(decoder, new)
            told[f"{name} refuses the recording"] += before is None
            told[f"{name} accepts, laps as written"] += after == len(laps)
            if before is not None and after != len(laps):
                print(f"{file.name}: {name} reads {before} laps, then {after} of {len(laps)}")
        tcx = encode_tcx(with_detected_laps(found))
        own = read_activities(tcx)[0].laps
        told["TCX: own reader, laps as detected"] += [round(lap.start_s) for lap in own] == [
            round(lap.start_s) for lap in laps
        ]
        with tempfile.NamedTemporaryFile(suffix=".tcx") as stream:
            stream.write(tcx)
            stream.flush()
            read = TCXReader().read(stream.name)
        told["TCX: tcxreader, laps as detected"] += len(read.laps) == len(laps)
        if told["written"] == wanted:
            break
    for name, count in told.items():
        print(f"{name:<44} {count:4d}")


if __name__ == "__main__":
    main()
