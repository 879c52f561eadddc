"""FIT: the native reader against fitparse, fitdecode, garmin-fit-sdk and fitfast.

    python benchmarks/speed/fit_bench.py [FILE...]

For every file, values are checked equal first (time, heart rate, distance, speed, power, altitude,
as far as the peer reads the file), then CPU time is taken: the least of several calls, bytes in
memory to record columns, all with checksums on. Then, in processes of their own: the peak of
memory over the imports, and what one file costs from a cold start. Peers that are not installed
are left out with a word. Without files, the longest FIT of the simulated season is read.
"""

from __future__ import annotations

import argparse
import gzip
import io
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.speed.limit import crc16_by_tables
from intervaldetect.read import read_activity
from intervaldetect.read.fit import decode_records

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"
FIELDS = {
    "time": ("timestamp",),
    "heart_rate": ("heart_rate",),
    "distance": ("distance",),
    "speed": ("enhanced_speed", "speed"),
    "power": ("power",),
    "altitude": ("enhanced_altitude", "altitude"),
}
FIT_EPOCH = 631065600

Columns = dict[str, np.ndarray]


def cpu_ms(function: Callable[[], object], seconds: float) -> float:
    """Least CPU time of one call, ms, over calls that take ``seconds`` in all, at least two."""
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < 2 or time.perf_counter() - begin < seconds:
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


# --- the peers: every record message decoded, the compared fields as columns -------------------


def gather(rows: list[dict[str, Any]]) -> Columns:
    def value(row: dict[str, Any], names: tuple[str, ...]) -> float:
        for name in names:
            found = row.get(name)
            if isinstance(found, list | tuple):
                found = next((item for item in found if item is not None), None)
            if found is not None:
                return float(found)
        return np.nan

    return {
        column: np.array([value(row, names) for row in rows]) for column, names in FIELDS.items()
    }


def by_fitparse(data: bytes) -> Columns:
    import fitparse  # noqa: PLC0415 - a peer may be absent

    rows = []
    for message in fitparse.FitFile(io.BytesIO(data)).get_messages("record"):
        row = {}
        for each in message.fields:
            name = each.name
            row.setdefault(name, each.raw_value if name == "timestamp" else each.value)
        row["timestamp"] = row["timestamp"] + FIT_EPOCH
        rows.append(row)
    return gather(rows)


def by_fitdecode(data: bytes) -> Columns:
    import fitdecode  # noqa: PLC0415 - a peer may be absent

    rows = []
    options = {
        "check_crc": fitdecode.CrcCheck.RAISE,
        "error_handling": fitdecode.ErrorHandling.IGNORE,
    }
    with fitdecode.FitReader(io.BytesIO(data), **options) as reader:
        for frame in reader:
            if isinstance(frame, fitdecode.FitDataMessage) and frame.name == "record":
                row = {}
                for each in frame.fields:
                    name = each.name
                    row.setdefault(name, each.raw_value if name == "timestamp" else each.value)
                row["timestamp"] = row["timestamp"] + FIT_EPOCH
                rows.append(row)
    return gather(rows)


def by_garmin(data: bytes) -> Columns:
    import garmin_fit_sdk  # noqa: PLC0415 - a peer may be absent

    decoder = garmin_fit_sdk.Decoder(garmin_fit_sdk.Stream.from_byte_array(bytearray(data)))
    messages, errors = decoder.read(convert_datetimes_to_dates=False, enable_crc_check=True)
    if errors:
        raise ValueError(str(errors[0]))
    rows = [dict(row) for row in messages.get("record_mesgs", [])]
    for row in rows:
        row["timestamp"] += FIT_EPOCH
    return gather(rows)


def by_fitfast(data: bytes) -> Columns:
    import fitfast  # noqa: PLC0415 - a peer may be absent

    found = fitfast.records(data)
    empty = np.full(len(found["timestamp"]), np.nan)
    columns = {}
    for column, names in FIELDS.items():
        first, *rest = [np.asarray(found.get(name, empty), float) for name in names]
        columns[column] = np.where(np.isnan(first), rest[0], first) if rest else first
    return columns


PEERS: dict[str, Callable[[bytes], Columns]] = {
    "fitparse": by_fitparse,
    "fitdecode": by_fitdecode,
    "garmin-fit-sdk": by_garmin,
    "fitfast": by_fitfast,
}


def agree(ours: Columns, theirs: Columns) -> str | None:
    """Say what differs; None where all compared columns hold the same values."""
    for name, values in theirs.items():
        if values.size != ours[name].size:
            return f"{values.size} records against {ours[name].size}"
        unequal = ~np.isclose(values, ours[name], rtol=0, atol=1e-6, equal_nan=True)
        if name == "power":  # here developer fields that stand for power count, too
            unequal &= ~np.isnan(values)
        if unequal.any():
            return f"{name} differs"
    return None


# --- one file ----------------------------------------------------------------------------------


@dataclass
class Figures:
    """CPU times of one file, ms; a peer that fails or differs has a word instead."""

    size: int
    records: int
    checksum_ms: float
    columns_ms: float
    full_ms: float
    peers_ms: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def figures(path: Path, seconds: float) -> Figures:
    """Compare values with each peer, and only then take times."""
    stored = path.read_bytes()
    data = gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
    ours = decode_records(data)
    buffer = np.frombuffer(data, np.uint8)
    crc16_by_tables(buffer)
    read_activity(data)
    found = Figures(
        len(data),
        ours["time"].size,
        cpu_ms(lambda: crc16_by_tables(buffer), seconds / 4),
        cpu_ms(lambda: decode_records(data), seconds),
        cpu_ms(lambda: read_activity(data), seconds),
    )
    for name, peer in PEERS.items():
        try:
            different = agree(ours, peer(data))
        except ImportError:
            found.words[name] = "not installed"
            continue
        except Exception as error:  # noqa: BLE001 - a peer may raise anything on a real file
            found.words[name] = f"does not read it: {str(error)[:60]}"
            continue
        if different:
            found.words[name] = f"other values, not timed: {different}"
            continue
        found.peers_ms[name] = cpu_ms(lambda peer=peer: peer(data), seconds)
        # Once more beside each peer: a busy machine slows a moment, seldom all of them.
        found.columns_ms = min(found.columns_ms, cpu_ms(lambda: decode_records(data), seconds))
        found.full_ms = min(found.full_ms, cpu_ms(lambda: read_activity(data), seconds))
    return found


def measure(path: Path, seconds: float) -> None:
    found = figures(path, seconds)
    print(f"\n{path.name}: {found.size / 1e3:.0f} kB, {found.records} records")
    rate = found.size / found.checksum_ms / 1e6
    print(f"  {'checksum by tables':28}{found.checksum_ms:10.3f} ms   {rate:.2f} GB/s")
    share = 100 * found.checksum_ms / found.columns_ms
    print(f"  {'decode_records':28}{found.columns_ms:10.3f} ms   the checksum is {share:.0f} %")
    print(f"  {'read_activity':28}{found.full_ms:10.3f} ms")
    for name in PEERS:
        if name in found.words:
            print(f"  {name:28}{'':13}{found.words[name]}")
            continue
        peer_ms = found.peers_ms[name]
        columns, full = peer_ms / found.columns_ms, peer_ms / found.full_ms
        ratio = f"{columns:6.0f} x decode_records, {full:5.0f} x read_activity; values equal"
        print(f"  {name:28}{peer_ms:10.2f} ms {ratio}")


MEMORY = """
import sys
from intervaldetect.kernels import fit as kernels
from intervaldetect.read import fit, fit_parts, read_activity
tiny = bytes.fromhex(sys.argv[2])
try:
    read_activity(tiny)
except Exception:
    pass
def status(key):  # of this process alone; ru_maxrss goes on from the parent's
    line = next(line for line in open("/proc/self/status") if line.startswith(key))
    return int(line.split()[1])
before = status("VmRSS")
read_activity(sys.argv[1])
print(status("VmHWM") - before)
"""

FITDECODE = """
import sys, fitdecode
with fitdecode.FitReader(sys.argv[1]) as reader:
    for frame in reader:
        pass
"""

READ = "import sys; from intervaldetect.read import read_activity; read_activity(sys.argv[1])"


def child_cpu_s(arguments: list[str]) -> float:
    """CPU seconds of a process; the least of five, after one to fill the caches."""
    least = float("inf")
    for turn in range(6):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(arguments, check=False, capture_output=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        spent = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        least = min(least, spent) if turn else least
    return least


def peak_bytes(path: Path) -> int:
    """Peak of memory of reading a file, over what the process has when it begins."""
    tiny = (b"\x0e\x20\x88\x08\0\0\0\0.FIT\0\0" + b"\0\0").hex()
    command = [sys.executable, "-c", MEMORY, str(path), tiny]
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return 1024 * int(printed)


def cold_starts(path: Path) -> dict[str, list[str]]:
    """Name the processes whose CPU time is taken."""
    python = sys.executable
    program = str(Path(python).with_name("intervaldetect"))
    return {
        "python -c pass": [python, "-c", "pass"],
        "import numpy": [python, "-c", "import numpy"],
        "fitdecode over the file": [python, "-c", FITDECODE, str(path)],
        "read_activity of the file": [python, "-c", READ, str(path)],
        "intervaldetect summary": [program, "summary", str(path)],
        "intervaldetect --help": [program, "--help"],
    }


def processes(path: Path) -> None:
    peak, size = peak_bytes(path), path.stat().st_size
    print(f"\n{path.name}, in processes of their own")
    print(f"  peak of memory over the imports: {peak / 2**20:.1f} MiB, {peak / size:.1f} x file")
    for name, arguments in cold_starts(path).items():
        print(f"  {name:32}{child_cpu_s(arguments):8.3f} s CPU")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=2.0, help="per peer and file")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    files = options.files
    with tempfile.TemporaryDirectory() as folder:
        if not files:
            packed = max(SEASON.glob("*.fit*"), key=lambda file: file.stat().st_size)
            stored = packed.read_bytes()
            plain = Path(folder) / packed.name.removesuffix(".gz")
            plain.write_bytes(gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored)
            files = [plain]
        print(f"Python {sys.version.split()[0]}, numpy {np.__version__}, {os.cpu_count()} cores")
        for path in files:
            measure(path, options.seconds)
        for path in files:
            processes(path)


if __name__ == "__main__":
    main()
