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
from pathlib import Path
from typing import Any

import numpy as np

from intervaldetect.kernels import fit as kernels
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
        for field in message.fields:
            name = field.name
            row.setdefault(name, field.raw_value if name == "timestamp" else field.value)
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
                for field in frame.fields:
                    name = field.name
                    row.setdefault(name, field.raw_value if name == "timestamp" else field.value)
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


def measure(path: Path, seconds: float) -> None:
    stored = path.read_bytes()
    data = gzip.decompress(stored) if stored[:2] == b"\x1f\x8b" else stored
    ours = decode_records(data)
    buffer = np.frombuffer(data, np.uint8)
    kernels.crc16(buffer, 0, len(data))
    read_activity(data)
    columns_ms = cpu_ms(lambda: decode_records(data), seconds)
    crc_ms = cpu_ms(lambda: kernels.crc16(buffer, 0, len(data)), seconds / 4)
    full_ms = cpu_ms(lambda: read_activity(data), seconds)
    print(f"\n{path.name}: {len(data) / 1e3:.0f} kB, {ours['time'].size} records")
    print(f"  {'checksum alone':28}{crc_ms:10.3f} ms   {len(data) / crc_ms / 1e6:.2f} GB/s")
    share = 100 * crc_ms / columns_ms
    print(f"  {'decode_records':28}{columns_ms:10.3f} ms   checksum alone is {share:.0f} % of it")
    print(f"  {'read_activity':28}{full_ms:10.3f} ms")
    for name, peer in PEERS.items():
        try:
            theirs = peer(data)
        except ImportError:
            print(f"  {name:28}{'not installed':>13}")
            continue
        except Exception as error:  # noqa: BLE001 - a peer may raise anything on a real file
            print(f"  {name:28}{'no':>10}      does not read it: {str(error)[:60]}")
            continue
        different = agree(ours, theirs)
        peer_ms = cpu_ms(lambda peer=peer: peer(data), seconds)
        ratio = f"{peer_ms / columns_ms:6.0f} x decode_records, {peer_ms / full_ms:5.0f} x read"
        note = f"   VALUES: {different}" if different else ""
        print(f"  {name:28}{peer_ms:10.2f} ms {ratio}{note}")


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


def processes(path: Path) -> None:
    python = sys.executable
    program = str(Path(python).with_name("intervaldetect"))
    tiny = (b"\x0e\x20\x88\x08\0\0\0\0.FIT\0\0" + b"\0\0").hex()
    command = [python, "-c", MEMORY, str(path), tiny]
    peak = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    size = path.stat().st_size
    print(f"\n{path.name}, in processes of their own")
    print(
        f"  peak of memory over the imports: {peak / 1024:.1f} MiB, {peak * 1024 / size:.1f} x file"
    )
    for name, arguments in (
        ("python -c pass", [python, "-c", "pass"]),
        ("import numpy", [python, "-c", "import numpy"]),
        ("fitdecode over the file", [python, "-c", FITDECODE, str(path)]),
        ("read_activity of the file", [python, "-c", READ, str(path)]),
        ("intervaldetect summary", [program, "summary", str(path)]),
        ("intervaldetect --help", [program, "--help"]),
    ):
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
