"""The whole table of speed: ratios of CPU time to the peers, with the floors that must hold.

    python -m benchmarks.speed.run [FILE...]

Values are compared with each peer before its time is taken; a peer that differs or fails on a file
does not count there. Of several files the least ratio and the median are printed, and the floor is
held against the least. Kernels run compiled throughout. Without files, the largest file of each
format of the simulated season is read. Process times are those of this environment: measure in one
that has the run-time dependencies only, for numba loads scipy where it finds it.
"""

from __future__ import annotations

import argparse
import gzip
import statistics
import sys
import tempfile
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks.speed import fit_bench, xml_bench
from intervaldetect.kernels._jit import compile_kernels

FLOORS = {
    "fit fitparse": 500, "fit fitdecode": 1000, "fit garmin-fit-sdk": 150, "fit fitfast": 4,
    "gpx gpxpy": 150, "gpx iterparse": 10, "tcx tcxreader": 30, "read_activity fitdecode": 250,
}  # fmt: skip


def unpacked(paths: Sequence[Path], folder: Path) -> Iterator[Path]:
    """Give every file unpacked: what gzip costs is not what is compared."""
    for path in paths:
        stored = path.read_bytes()
        if stored[:2] == b"\x1f\x8b":
            path = folder / path.name.removesuffix(".gz")
            path.write_bytes(gzip.decompress(stored))
        yield path


def season() -> list[Path]:
    return [
        max(xml_bench.SEASON.glob(f"*.{form}*"), key=lambda path: path.stat().st_size)
        for form in ("fit", "gpx", "tcx")
    ]


def ratios(files: Sequence[Path], seconds: float) -> tuple[dict[str, list[float]], list[float]]:
    """Measure all files; returns ratios by comparison, and the checksum in percent of decoding."""
    found: dict[str, list[float]] = {name: [] for name in FLOORS}
    shares: list[float] = []
    for path in files:
        data = path.read_bytes()
        words: dict[str, str]
        if data[8:12] == b".FIT":
            fit = fit_bench.figures(path, seconds)
            words = fit.words
            shares.append(100 * fit.checksum_ms / fit.columns_ms)
            for peer, spent in fit.peers_ms.items():
                found[f"fit {peer}"].append(spent / fit.columns_ms)
            if "fitdecode" in fit.peers_ms:
                found["read_activity fitdecode"].append(fit.peers_ms["fitdecode"] / fit.full_ms)
        else:
            xml = xml_bench.figures(path.name, data, seconds)
            words = xml.words
            for peer, spent in xml.peers_ms.items():
                found[f"{xml.form} {peer}"].append(spent / xml.ours_ms)
        for peer, word in words.items():
            print(f"{path.name}: {peer} {word}", file=sys.stderr)
    return found, shares


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=0.5, help="per peer and file")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        compile_kernels()  # a process that reads one file begins without: that is taken below
        files = list(unpacked(options.files or season(), Path(folder)))
        found, shares = ratios(files, options.seconds)
        print(f"{'CPU time over ours':26}{'floor':>7}{'least':>8}{'median':>8}{'files':>7}")
        held = True
        for name, floor in FLOORS.items():
            if not found[name]:
                print(f"{name:26}{floor:7}{'-':>8}{'-':>8}{0:7}")
                continue
            least, median = min(found[name]), statistics.median(found[name])
            held = held and least >= floor
            below = "  BELOW" if least < floor else ""
            print(f"{name:26}{floor:7}{least:8.0f}{median:8.0f}{len(found[name]):7}{below}")
        fits = [path for path in files if path.read_bytes()[8:12] == b".FIT"]
        if shares:
            least, median = min(shares), statistics.median(shares)
            print(f"{'checksum, % of decoding':26}{10:7}{least:8.0f}{median:8.0f}{len(shares):7}")
        if fits:
            largest = max(fits, key=lambda path: path.stat().st_size)
            peak = fit_bench.peak_bytes(largest)
            print(f"memory, {largest.stat().st_size / 1e6:.2f} MB FIT: {peak / 2**20:.1f} MiB")
            near = min(fits, key=lambda path: abs(path.stat().st_size - 260_000))
            print(f"{near.name}, {near.stat().st_size / 1e3:.0f} kB, as a process:")
            for name, arguments in fit_bench.cold_starts(near).items():
                print(f"  {name:30}{fit_bench.child_cpu_s(arguments):8.2f} s CPU")
    return 0 if held else 1


if __name__ == "__main__":
    sys.exit(main())
