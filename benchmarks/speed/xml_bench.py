"""GPX and TCX: the native readers against gpxpy, lxml iterparse and tcxreader.

    python benchmarks/speed/xml_bench.py FILE...

Equal values first (time, position, altitude, heart rate as far as the peer reads them), then CPU
time of one call, the least of several, bytes in memory to columns. One line per file and peer.
Without files, the longest GPX and TCX of the simulated season are read.
"""

from __future__ import annotations

import argparse
import gzip
import io
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import gpxpy
import numpy as np
from lxml import etree
from tcxreader.tcxreader import TCXReader

from intervaldetect.read import read_activities
from intervaldetect.read.build import RawPart
from intervaldetect.read.gpx import read_gpx
from intervaldetect.read.tcx import read_tcx
from intervaldetect.read.xml_names import to_plain

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"

Columns = dict[str, np.ndarray]


def cpu_ms(function: Callable[[], object], seconds: float) -> float:
    """Least CPU time of one call, ms, over calls that take ``seconds`` in all."""
    function()
    times: list[float] = []
    begin = time.perf_counter()
    while len(times) < 3 or time.perf_counter() - begin < seconds:
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def by_gpxpy(plain: bytes) -> Columns:
    points = [
        point
        for track in gpxpy.parse(plain).tracks
        for segment in track.segments
        for point in segment.points
    ]
    return {
        "time": np.array([unix(point.time) for point in points]),
        "latitude": np.array([point.latitude for point in points], float),
        "longitude": np.array([point.longitude for point in points], float),
        "altitude": np.array([point.elevation for point in points], float),
    }


def by_iterparse(plain: bytes) -> Columns:
    rows: list[tuple[float, ...]] = []
    hr: list[float] = []
    for _, point in etree.iterparse(io.BytesIO(plain), tag="{*}trkpt"):
        moment = altitude = rate = None
        for child in point.iter():
            name = child.tag.rsplit("}", 1)[-1] if isinstance(child.tag, str) else ""
            if name == "time" and moment is None:
                moment = child.text
            elif name == "ele":
                altitude = child.text
            elif name == "hr":
                rate = child.text
        stamp = unix(datetime.fromisoformat(moment)) if moment else np.nan
        rows.append((
            stamp, float(point.get("lat")), float(point.get("lon")), float(altitude or "nan"),
        ))  # fmt: skip
        hr.append(float(rate or "nan"))
        point.clear()
    table = np.array(rows).reshape(-1, 4)
    names = ("time", "latitude", "longitude", "altitude")
    return {**{name: table[:, k] for k, name in enumerate(names)}, "heart_rate": np.array(hr)}


def by_tcxreader(plain: bytes) -> Columns:
    # It takes a path or a file object; the latter keeps the disk out of the comparison.
    points = TCXReader().read(io.BytesIO(plain), only_gps=False).trackpoints
    return {
        "time": np.array([unix(point.time) for point in points]),
        "latitude": np.array([point.latitude for point in points], float),
        "longitude": np.array([point.longitude for point in points], float),
        "altitude": np.array([point.elevation for point in points], float),
        "distance": np.array([point.distance for point in points], float),
        "heart_rate": np.array([point.hr_value for point in points], float),
    }


def unix(moment: datetime | None) -> float:
    if moment is None:
        return np.nan
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def differences(parts: list[RawPart], theirs: Columns) -> list[str]:
    """Columns in which a peer differs from us; a peer may leave points out, not change them."""
    ours = {
        "time": np.concatenate([part.stamps for part in parts]),
        **{
            name: np.concatenate([part.columns[name] for part in parts])
            for name in theirs
            if name != "time"
        },
    }
    if theirs["time"].size != ours["time"].size:
        return [f"{theirs['time'].size} points against {ours['time'].size}"]
    return [
        name
        for name, values in theirs.items()
        if not np.allclose(values, ours[name], rtol=0, atol=5e-7, equal_nan=True)
    ]


@dataclass
class Figures:
    """CPU times of one file, ms; a peer that fails or differs has a word instead."""

    form: str
    points: int
    ours_ms: float
    full_ms: float
    peers_ms: dict[str, float] = field(default_factory=dict)
    words: dict[str, str] = field(default_factory=dict)


def figures(name: str, data: bytes, seconds: float) -> Figures:
    """Compare values with each peer, and only then take times."""
    plain = to_plain(data)
    form = "gpx" if b"<gpx" in plain[:4096] else "tcx"
    read = read_gpx if form == "gpx" else read_tcx
    parts = read(data, name)
    found = Figures(
        form,
        sum(part.stamps.size for part in parts),
        cpu_ms(lambda: read(data, name), seconds),
        cpu_ms(lambda: read_activities(data, path=name), seconds),
    )
    for peer, function in PEERS[form].items():
        try:
            wrong = differences(parts, function(plain))
        except Exception as error:  # noqa: BLE001 - a peer may fail in any way
            found.words[peer] = f"fails with {type(error).__name__}: {str(error)[:60]}"
            continue
        if wrong:
            found.words[peer] = f"other values, not timed: {', '.join(wrong)}"
            continue
        found.peers_ms[peer] = cpu_ms(lambda function=function: function(plain), seconds)
        # Once more beside each peer: a busy machine slows a moment, seldom all of them.
        found.ours_ms = min(found.ours_ms, cpu_ms(lambda: read(data, name), seconds))
    return found


PEERS: dict[str, dict[str, Callable[[bytes], Columns]]] = {
    "gpx": {"gpxpy": by_gpxpy, "iterparse": by_iterparse},
    "tcx": {"tcxreader": by_tcxreader},
}


def measure(name: str, data: bytes, seconds: float) -> bool:
    found = figures(name, data, seconds)
    print(
        f"{name}: {len(data) / 1e3:.0f} kB, {found.points} points; {found.ours_ms:.3f} ms"
        f" ({len(data) / found.ours_ms / 1e3:.0f} MB/s),"
        f" through read_activities {found.full_ms:.3f} ms"
    )
    for peer, theirs in found.peers_ms.items():
        print(
            f"    {peer}: {theirs:.1f} ms, ratio {theirs / found.ours_ms:.0f}"
            f" (through read_activities {theirs / found.full_ms:.0f}); values equal"
        )
    for peer, word in found.words.items():
        print(f"    {peer}: {word}")
    return not any("other values" in word for word in found.words.values())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--seconds", type=float, default=0.5, help="time for each measurement")
    arguments = parser.parse_args()
    files = arguments.files or [
        max(SEASON.glob(f"*.{form}*"), key=lambda path: path.stat().st_size)
        for form in ("gpx", "tcx")
    ]
    equal = True
    for path in files:
        data = path.read_bytes()
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        equal = measure(path.name, data, arguments.seconds) and equal
    return 0 if equal else 1


if __name__ == "__main__":
    sys.exit(main())
