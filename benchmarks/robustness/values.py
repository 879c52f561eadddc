"""Distance, timer, cadence and heart rate of real files against what other libraries read in them.

    python -m benchmarks.robustness.values FOLDER... [--every 1]
    python -m benchmarks.robustness.values --pairs one.fit=same.gpx ...

FIT is decoded by fitdecode, GPX by gpxpy, TCX by lxml, and the values are added up here, without
any of the project's code. Differences over 1 % are listed with their reason, as far as one can be
worked out from both readings (`reason_of`), and counted by it; ``???`` is a difference that nothing
explains. ``--pairs`` compares files of the same activity with one another.
"""

from __future__ import annotations

import argparse
import gzip
import io
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import fitdecode
import gpxpy
import numpy as np
from lxml import etree

from intervaldetect import analyse
from intervaldetect.errors import IntervalDetectError
from intervaldetect.kernels import _jit
from intervaldetect.output.summary import to_dict
from intervaldetect.read import read_activities
from intervaldetect.records import Activity

Values = dict[str, float]
NAMES = ("distance_m", "timer_s", "cadence", "heart_rate")
TOLERANCE = 0.01
FOOT = {"running", "walking", "hiking"}
MIN_SAMPLES = 30


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--every", type=int, default=1, help="only every so many files")
    parser.add_argument("--pairs", nargs="*", default=[], metavar="ONE=OTHER")
    options = parser.parse_args()
    _jit.compile_kernels()
    for pair in options.pairs:
        one, _, other = pair.partition("=")
        _print_pair(Path(one), Path(other))
    seen: Counter[str] = Counter()
    for folder in options.folders:
        files = sorted(path for path in folder.iterdir() if path.is_file())
        for path in files[:: options.every]:
            _print_differences(path, seen)
    for what, count in sorted(seen.items()):
        print(f"{count:6}  {what}")
    return 0


def _print_pair(one: Path, other: Path) -> None:
    first, second = ours(one)[0], ours(other)[0]
    for name in NAMES:
        a, b = first.get(name), second.get(name)
        if a is not None and b is not None:
            print(f"{one.name} {other.name} {name}: {a:.1f} {b:.1f} ({100 * (b / a - 1):+.2f} %)")


def _print_differences(path: Path, seen: Counter[str]) -> None:
    try:
        theirs = peer(path)
    except Exception as error:  # noqa: BLE001 - whatever a peer raises, it has no values
        seen[f"not read by the peer: {type(error).__name__}"] += 1
        return
    try:
        values, codes = ours(path)
    except IntervalDetectError as error:
        seen[f"not read here: {type(error).__name__}"] += 1
        return
    for name in NAMES:
        right, value = theirs.get(name), values.get(name)
        if right is None and value is None:
            continue
        off = float("inf") if not right or not value else value / right - 1.0
        if abs(off) <= TOLERANCE:
            seen[f"{name} within {TOLERANCE:.0%}"] += 1
            continue
        reason = reason_of(name, value, right, values, set(codes))
        seen[f"{name} over {TOLERANCE:.0%}: {reason}"] += 1
        print(f"{path.parent.name}/{path.name} {name} {value} {right} {reason} {' '.join(codes)}")


def reason_of(
    name: str, value: float | None, right: float | None, values: Values, codes: set[str]
) -> str:
    """Say why a value differs from the peer's; ``???`` where nothing does."""
    if value is None:
        return "not analysed: too short, or nothing moves"
    if right is None or not right:
        return "the peer has none"
    for reason, holds in REASONS[name]:
        if holds(value, right, values, codes):
            return reason
    return "???"


Holds = Callable[[float, float, Values, set[str]], bool]
CODES = {
    "totals that the samples contradict": {"total_contradicts", "total_out_of_range"},
    "stretches as fast as a vehicle are left out": {"not_running", "speed_spike"},
    "laps listed twice or overlapping": {"laps_overlap", "laps_clipped", "laps_too_long"},
    "another unit or kind of distance": {"distance_unit", "distance_steps", "distance_restarts"},
    "leaps, an offset or steps of the counter": {
        "distance_jump", "distance_offset", "distance_dropouts", "distance_coarse",
        "distance_stuck",
    },
    "samples sorted, repeated or without a time": {
        "samples_sorted", "samples_repeated", "untimed_samples", "same_time",
    },
    "the clock was set": {"clock_jump", "clock_step_back", "clock_stray", "clock_not_set"},
    "the file is damaged": {"bytes_left_out", "fit_damaged", "xml_damaged", "cut_short"},
}  # fmt: skip


def _told(reason: str) -> tuple[str, Holds]:
    return reason, lambda _, __, ___, codes: bool(codes & CODES[reason])


def _pauses(value: float, right: float, values: Values, _: set[str]) -> bool:
    whole = value + values.get("pauses_s", 0.0)
    return value < right and (abs(whole / right - 1.0) <= TOLERANCE or whole >= right)


def _skipped(value: float, right: float, values: Values, _: set[str]) -> bool:
    known = value + values.get("pauses_s", 0.0)
    return known < right <= (1.0 + TOLERANCE) * (known + values.get("skipped_s", 0.0))


def _holes(value: float, right: float, values: Values, codes: set[str]) -> bool:
    """Whether what is missing was covered at under 0.5 m/s in holes, which count as pauses."""
    return "speed_source" in codes and 0.0 < right - value <= 0.5 * values.get("pauses_s", 0.0)


def _standing(value: float, right: float, values: Values, _: set[str]) -> bool:
    """Whether the peer leaves out the time in which nobody moves, and the file has no stops."""
    return value > right >= values.get("moving_s", value) * (1.0 - 5.0 * TOLERANCE)


def _noise(value: float, right: float, _: Values, codes: set[str]) -> bool:
    return 0.9 * right < value < right and "speed_source" in codes


REASONS: dict[str, tuple[tuple[str, Holds], ...]] = {
    "distance_m": (
        *(_told(reason) for reason in CODES),
        ("the peer's way by positions has the noise of standing and of fixes", _noise),
        ("the way in holes slower than 0.5 m/s is that of a pause", _holes),
    ),
    "timer_s": (
        ("pauses are left out that the peer counts", _pauses),
        ("parts of a few points are not analysed", _skipped),
        *(_told(reason) for reason in CODES),
        ("the peer's total leaves standing out, the file has no stops", _standing),
    ),
    "cadence": (
        (
            "turns of a ride, which the peer doubles, or strides of one leg",
            lambda value, right, *_: (
                abs(value / right - 0.5) < 0.05 or abs(value / right - 2.0) < 0.2
            ),
        ),
        (
            "zeros, marks or constants that are none",
            lambda _, __, ___, codes: any(code.startswith("cadence_") for code in codes),
        ),
        *(_told(reason) for reason in CODES),
    ),
    "heart_rate": tuple(_told(reason) for reason in CODES),
}


def ours(path: Path) -> tuple[Values, list[str]]:
    """Read a file here: values of all its parts together, and the codes of their problems."""
    activities = read_activities(path)
    totals: defaultdict[str, list[float]] = defaultdict(list)
    codes: set[str] = set()
    for activity in activities:
        codes |= {problem.code for problem in activity.problems}
        try:
            shown: dict[str, Any] = to_dict(analyse(activity))
        except IntervalDetectError:
            totals["skipped_s"].append(float(activity.columns["time"][-1]))
            continue
        codes |= {problem["code"] for problem in shown["problems"]}
        for name in ("distance_m", "timer_s"):
            if shown[name] is not None:
                totals[name].append(shown[name])
        totals["pauses_s"].append(shown["elapsed_s"] - (shown["timer_s"] or 0.0))
        totals["moving_s"].append(sum(part["moving_s"] or 0.0 for part in shown["segments"]))
    values = {name: sum(each) for name, each in totals.items()}
    for name in ("cadence", "heart_rate"):
        values |= _mean(name, _column(activities, name))
    return values, sorted(codes)


def _column(activities: Sequence[Activity], name: str) -> np.ndarray:
    return np.concatenate([activity.columns[name] for activity in activities])


def _mean(name: str, samples: Iterable[float | None]) -> Values:
    """Average what is above zero; a channel of a few samples has no average worth comparing."""
    known = np.array([x for x in samples if x is not None], dtype=float)
    known = known[known > 0.0]
    return {name: float(known.mean())} if known.size >= MIN_SAMPLES else {}


def peer(path: Path) -> Values:
    """Read a file with the library for its format."""
    raw = path.read_bytes()
    if raw[:2] == b"\x1f\x8b":
        raw = gzip.decompress(raw)
    readers: list[tuple[bytes, Callable[[bytes], Values]]] = [
        (b"<gpx", by_gpxpy),
        (b"TrainingCenterDatabase", by_lxml),
    ]
    for mark, reader in readers:
        if mark in raw[:4000]:
            return reader(raw)
    return by_fitdecode(raw)


def by_fitdecode(raw: bytes) -> Values:
    """Take totals of the sessions, and means over the records."""
    rows: defaultdict[str, list[float]] = defaultdict(list)
    totals: defaultdict[str, float] = defaultdict(float)
    sports: set[str] = set()
    with fitdecode.FitReader(io.BytesIO(raw), check_crc=fitdecode.CrcCheck.DISABLED) as reader:
        for frame in reader:
            if not isinstance(frame, fitdecode.FitDataMessage):
                continue
            if frame.name == "record":
                for name in ("distance", "heart_rate", "cadence", "fractional_cadence"):
                    value = frame.get_value(name, fallback=None)
                    rows[name].append(np.nan if value is None else float(value))
            elif frame.name == "session":
                sports.add(str(frame.get_value("sport", fallback=None)))
                for name in ("total_distance", "total_timer_time"):
                    value = frame.get_value(name, fallback=None)
                    totals[name] += 0.0 if value is None else float(value)
    values: Values = {}
    distance = np.array(rows["distance"])
    if totals["total_distance"]:
        values["distance_m"] = totals["total_distance"]
    elif np.isfinite(distance).any():
        values["distance_m"] = float(np.nanmax(distance))
    if totals["total_timer_time"]:
        values["timer_s"] = totals["total_timer_time"]
    cadence = np.array(rows["cadence"]) + np.nan_to_num(np.array(rows["fractional_cadence"]))
    legs = 2.0 if sports & FOOT else 1.0
    return values | _mean("cadence", legs * cadence) | _mean("heart_rate", rows["heart_rate"])


def by_gpxpy(raw: bytes) -> Values:
    """Take the way and the time within segments, and means over what extensions hold."""
    gpx = gpxpy.parse(raw.decode("utf-8-sig"))
    segments = [segment for track in gpx.tracks for segment in track.segments]
    spans = [segment.get_duration() or 0.0 for segment in segments]
    heart, cadence = [], []
    for segment in segments:
        for point in segment.points:
            held = {
                etree.QName(node).localname: node.text
                for extension in point.extensions
                for node in extension.iter()
            }
            heart.append(_number(held.get("hr") or held.get("heartrate")))
            cadence.append(_number(held.get("cad") or held.get("cadence")))
    values = {"distance_m": gpx.length_2d(), "timer_s": sum(spans)}
    return {k: v for k, v in values.items() if v} | _mean("heart_rate", heart) | _feet(cadence)


def by_lxml(raw: bytes) -> Values:
    """Take totals of the laps, and means over the points."""
    root = etree.fromstring(raw.strip(), etree.XMLParser(huge_tree=True))
    laps = root.findall(".//{*}Lap")
    values = {
        "distance_m": sum(_number(lap.findtext("{*}DistanceMeters")) or 0.0 for lap in laps),
        "timer_s": sum(_number(lap.findtext("{*}TotalTimeSeconds")) or 0.0 for lap in laps),
    }
    points = root.findall(".//{*}Trackpoint")
    heart = [_number(point.findtext("{*}HeartRateBpm/{*}Value")) for point in points]
    cadence = [
        _number(point.findtext("{*}Cadence") or point.findtext(".//{*}RunCadence"))
        for point in points
    ]
    on_foot = any(node.get("Sport") == "Running" for node in root.iter("{*}Activity"))
    values = {k: v for k, v in values.items() if v} | _mean("heart_rate", heart)
    return values | (_feet(cadence) if on_foot else _mean("cadence", cadence))


def _feet(cadence: list[float | None]) -> Values:
    """Count both feet where the mean is that of one leg; XML does not say which it is."""
    mean = _mean("cadence", cadence)
    return {name: 2.0 * value if value < 110.0 else value for name, value in mean.items()}


def _number(text: str | None) -> float | None:
    try:
        return None if text is None else float(text)
    except ValueError:
        return None


if __name__ == "__main__":
    raise SystemExit(main())
