"""What one gets without this project: plain ways to find reps, as predictions to be scored.

Each takes the same activities and gives the parts of ``summary --json`` that the score reads. None
has been tuned on the corpus. Two are other packages, which live in interpreters of their own.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import ruptures

from benchmarks.accuracy.corpus_runs import path_of
from benchmarks.accuracy.scoring import Predictions, Row, activities_of, prediction
from intervaldetect.clean import clean_activity
from intervaldetect.errors import IntervalDetectError
from intervaldetect.records import Activity, Floats, Signal

Spans = list[tuple[float, float]]

BAR = 1.15
"""Over the median running speed, as measured beside the first prototype."""
RUNNING_MPS = 1.5
SMOOTH_S = 9
LEAST_S, JOIN_S = 20.0, 10.0
CHANGE_PENALTY = 8.0
"""Price of a change, in log n variances of the noise of a second, the usual order of BIC."""
LEVELS_APART = 1.12
"""Two levels closer than this are one."""
AROUND = frozenset({"rest", "recovery", "warmup", "cooldown"})
CHIPTIME = """
import json, sys
import chiptime
from chiptime.metrics.intervals import detect_structure
for line in sys.stdin:
    run, spans = json.loads(line), []
    try:
        for session in chiptime.parse(run["path"]).activity.sessions:
            first = next(t for t in session.records.time if t is not None)
            spans += [
                [(i.start_time - first).total_seconds(), (i.end_time - first).total_seconds()]
                for i in detect_structure(session).intervals if i.kind == "work"]
    except Exception as error:
        spans = []
    print(json.dumps({"file": run["file"], "spans": spans}), flush=True)
"""
HEART_RATE = """
import json, sys
from datetime import datetime, timedelta
from sport_activities_features.interval_identification import IntervalIdentificationByHeartRate
for line in sys.stdin:
    run = json.loads(line)
    start = datetime(2025, 1, 1)
    stamps = [start + timedelta(seconds=s) for s in run["time"]]
    try:
        finder = IntervalIdentificationByHeartRate(
            run["distance"], stamps, [0.0] * len(stamps), run["heart_rate"])
        finder.identify_intervals()
        spans = [[run["time"][i[0]], run["time"][i[-1]]] for i in finder.return_intervals()]
    except Exception as error:
        spans = []
    print(json.dumps({"file": run["file"], "spans": spans}), flush=True)
"""


def speed_bar(activity: Activity) -> Spans:
    """Find what is faster than 1.15 times the median running speed for 20 s and more."""
    time, speed = _every_second(clean_activity(activity))
    smooth = np.convolve(speed, np.ones(SMOOTH_S) / SMOOTH_S, mode="same")
    running = smooth[smooth > RUNNING_MPS]
    if running.size == 0:
        return []
    return _stretches(time, smooth > BAR * float(np.median(running)))


def two_levels(activity: Activity) -> Spans:
    """Cut with ruptures' KernelCPD and take the faster of two levels."""
    time, speed = _every_second(clean_activity(activity))
    if speed.size < 60:
        return []
    noise = float(np.median(np.abs(np.diff(speed)))) / 0.6745 / np.sqrt(2.0)
    price = CHANGE_PENALTY * max(noise, 0.05) ** 2 * np.log(speed.size)
    ends = ruptures.KernelCPD(kernel="linear", min_size=10).fit_predict(speed, pen=price)
    starts = [0, *ends[:-1]]
    level = np.array([speed[a:b].mean() for a, b in zip(starts, ends, strict=True)])
    seconds = np.subtract(ends, starts).astype(np.float64)
    moving = level > RUNNING_MPS
    if not moving.any():
        return []
    low, high = _two_means(level[moving], seconds[moving])
    if high < LEVELS_APART * low:
        return []
    fast = np.repeat(level > (low + high) / 2, np.subtract(ends, starts))
    return _stretches(time, fast)


def device_laps(activity: Activity) -> Spans:
    """Take the file's laps as they are: each a rep that does not say it was something else."""
    if len(activity.laps) < 2:
        return []
    return [(lap.start_s, lap.end_s) for lap in activity.laps if lap.intensity not in AROUND]


BASELINES: dict[str, Callable[[Activity], Spans]] = {
    "bar on speed": speed_bar,
    "KernelCPD, two levels": two_levels,
    "device laps as they are (not hidden)": device_laps,
}


def run_baseline(rows: Sequence[Row], find: Callable[[Activity], Spans], kept: Path) -> Predictions:
    """Run one of the ways over all runs; what cannot be read or cleaned has no prediction."""
    if kept.exists():
        loaded: Predictions = json.loads(kept.read_text(encoding="utf-8"))
        return loaded
    out: Predictions = {}
    for row in rows:
        for activity in activities_of(row)[:1]:
            try:
                out[row["file"]] = prediction(row["file"], find(activity))
            except IntervalDetectError:
                continue
    kept.write_text(json.dumps(out), encoding="utf-8")
    return out


def heart_rate_bar(rows: Sequence[Row], python: Path, folder: Path) -> Predictions:
    """Ask sport-activities-features for its intervals by heart rate."""
    lines = []
    for row in rows:
        for activity in activities_of(row)[:1]:
            time, heart, distance = (
                activity.columns[name] for name in ("time", "heart_rate", "distance")
            )
            known = np.isfinite(heart) & np.isfinite(distance)
            run = {
                "file": row["file"],
                "time": time[known].tolist(),
                "heart_rate": [int(beats) for beats in heart[known]],
                "distance": distance[known].tolist(),
            }
            lines.append(json.dumps(run))
    return _asked(HEART_RATE, lines, python, folder / "baseline-heart-rate.jsonl")


def chiptime(rows: Sequence[Row], python: Path, folder: Path) -> Predictions:
    """Ask chiptime for the structure it sees in the stream, its laps hidden; FIT only."""
    lines = [json.dumps({"file": row["file"], "path": str(path_of(row))}) for row in rows]
    return _asked(CHIPTIME, lines, python, folder / "baseline-chiptime.jsonl")


def _asked(script: str, lines: Sequence[str], python: Path, kept: Path) -> Predictions:
    """Send lines to a script in another interpreter, or take its answers from where they are."""
    if not kept.exists():
        command = [str(python), "-c", script]
        done = subprocess.run(
            command, input="\n".join(lines), capture_output=True, text=True, check=True
        )
        kept.write_text(done.stdout, encoding="utf-8")
    found = map(json.loads, kept.read_text(encoding="utf-8").splitlines())
    return {run["file"]: prediction(run["file"], map(tuple, run["spans"])) for run in found}


def _every_second(signal: Signal) -> tuple[Floats, Floats]:
    """Speed by the second; standing where nothing is known."""
    time = np.arange(0.0, signal.time_s[-1], 1.0)
    place = np.searchsorted(signal.time_s, time, side="right") - 1
    return time, np.nan_to_num(signal.speed_mps[place])


def _stretches(time: Floats, fast: Sequence[bool] | np.ndarray[Any, Any]) -> Spans:
    edges = np.flatnonzero(np.diff(np.concatenate(([0], np.asarray(fast).astype(np.int8), [0]))))
    joined: Spans = []
    for start, end in zip(time[edges[::2]], time[edges[1::2] - 1] + 1.0, strict=True):
        if joined and start - joined[-1][1] < JOIN_S:
            joined[-1] = (joined[-1][0], float(end))
        else:
            joined.append((float(start), float(end)))
    return [(a, b) for a, b in joined if b - a >= LEAST_S]


def _two_means(level: Floats, seconds: Floats) -> tuple[float, float]:
    low, high = float(level.min()), float(level.max())
    for _ in range(50):
        fast = level > (low + high) / 2
        if fast.all() or not fast.any():
            break
        low = float(np.average(level[~fast], weights=seconds[~fast]))
        high = float(np.average(level[fast], weights=seconds[fast]))
    return low, high
