"""Memory of `summary` on files made to be too large: laps by the million, records, a gzip bomb.

    python -m benchmarks.robustness.bounds
    python -m benchmarks.robustness.bounds --only laps

Each file is summed up by a process of its own, whose highest resident memory (``VmHWM``) is held
against its bound. The bomb is read beside a small file in the same run, and may add so much to the
peak of the small file alone. Exit status 1 where a bound is broken.
"""

from __future__ import annotations

import argparse
import gzip
import struct
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np

from intervaldetect.simulate import Plan, simulate
from intervaldetect.write import encode_fit
from tests.read import build

LAPS, RECORDS, BOMB_BYTES = 1_000_000, 1_000_000, 1 << 30
LAPS_MB, RECORDS_MB, BOMB_MORE_MB = 300.0, 600.0, 15.0
LAP = [(253, 1, build.UINT32), (2, 1, build.UINT32), (7, 1, build.UINT32), (8, 1, build.UINT32),
       (9, 1, build.UINT32), (23, 1, build.ENUM), (24, 1, build.ENUM), (25, 1, build.ENUM),
       (39, 1, build.ENUM)]  # fmt: skip
RECORD = [*build.RECORD, (53, 1, build.UINT8), (30, 2, build.UINT16)]
RUN = """
import runpy, sys
sys.argv = ["intervaldetect", "summary", "--json", *sys.argv[1:]]
try:
    runpy.run_module("intervaldetect", run_name="__main__")
finally:
    high = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
    print(high.strip(), file=sys.stderr)
"""


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--only", choices=("laps", "records", "bomb"))
    options = parser.parse_args()
    broken = 0
    with tempfile.TemporaryDirectory() as folder:
        for name, check in CHECKS.items():
            if options.only in (None, name):
                broken += not check(Path(folder))
    return int(broken > 0)


def many_laps(folder: Path) -> bool:
    """A run of ten minutes with a million laps."""
    t = build.truth(600)
    t = replace(t, heart_rate=np.full(600, 140.0))
    fit = build.begin(build.Fit())
    fit.define(2, 20, build.RECORD)
    for i in range(t.time.size):
        fit.data(2, *build.record_values(t, i))
    rows = np.zeros(LAPS, _dtype(LAP))
    rows["header"] = 6
    start = build.FIT_START + (np.arange(LAPS) * 599) // LAPS
    rows["f0"], rows["f1"], rows["f2"], rows["f3"], rows["f4"] = start + 1, start, 1000, 1000, 350
    fit.define(6, 19, LAP)
    fit.body += rows.tobytes()
    return held("1,000,000 laps", written(folder / "laps.fit", whole(build.end(fit, t))), LAPS_MB)


def many_records(folder: Path) -> bool:
    """Eleven days of records, one a second."""
    t = build.truth(60)
    fit = build.begin(build.Fit())
    fit.define(2, 20, RECORD)
    rows = np.zeros(RECORDS, _dtype(RECORD))
    i = np.arange(RECORDS)
    rows["header"] = 2
    rows["f0"] = build.FIT_START + i
    rows["f1"], rows["f2"] = 572662306 + 310 * (i % 100_000), 119304647
    rows["f3"], rows["f4"], rows["f5"] = 3100 + i % 7, 300 * i, 3000 + i % 40
    rows["f6"], rows["f7"], rows["f8"], rows["f9"] = 140 + i % 9, 85 + i % 3, 250, 17
    fit.body += rows.tobytes()
    content = whole(build.end(fit, t))
    size = f"{len(content) / 1e6:.0f} MB of records"
    return held(size, written(folder / "records.fit", content), RECORDS_MB)


def bomb(folder: Path) -> bool:
    """A gibibyte of zeros in a megabyte, beside a small file."""
    small = written(
        folder / "small.fit", encode_fit(simulate(Plan("6 x 800 m (2 min)"), seed=1).to_activity())
    )
    path = folder / "bomb.fit.gz"
    with gzip.open(path, "wb", compresslevel=9) as stream:
        for _ in range(BOMB_BYTES >> 24):
            stream.write(bytes(1 << 24))
    alone, both = peak_mb(small), peak_mb(small, path)
    print(f"small file {alone:.0f} MB, with a bomb of 1 GiB {both:.0f} MB", flush=True)
    return both - alone <= BOMB_MORE_MB


CHECKS: dict[str, Callable[[Path], bool]] = {
    "laps": many_laps,
    "records": many_records,
    "bomb": bomb,
}


def _dtype(fields: list[build.FieldDef]) -> np.dtype[np.void]:
    letters = {build.UINT8: "u1", build.ENUM: "u1", build.SINT8: "i1", build.UINT16: "<u2",
               build.UINT32: "<u4", build.SINT32: "<i4"}  # fmt: skip
    columns: list[tuple[str, str] | tuple[str, str, tuple[int]]] = [("header", "u1")]
    for k, (_, count, base) in enumerate(fields):
        columns.append(
            (f"f{k}", letters[base], (count,)) if count > 1 else (f"f{k}", letters[base])
        )
    return np.dtype(columns)


def whole(fit: build.Fit) -> bytes:
    """Give the file without checksums, which plain Python would be long about."""
    header = struct.pack("<BBHI4sH", 14, 0x20, 2184, len(fit.body), b".FIT", 0)
    return header + bytes(fit.body) + bytes(2)


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


def held(name: str, path: Path, bound_mb: float) -> bool:
    peak = peak_mb(path)
    print(
        f"{name} ({path.stat().st_size / 1e6:.0f} MB): {peak:.0f} MB of {bound_mb:.0f}", flush=True
    )
    return peak <= bound_mb


def peak_mb(*paths: Path) -> float:
    """Highest resident memory of a process that sums up files, in MB."""
    ran = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, paths)], capture_output=True, text=True, check=False
    )
    line = next(line for line in reversed(ran.stderr.splitlines()) if line.startswith("VmHWM"))
    return float(line.split()[1]) / 1024


if __name__ == "__main__":
    raise SystemExit(main())
