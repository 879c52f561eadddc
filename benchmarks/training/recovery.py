"""The device's own recovery heart rate beside that of the stream, over a folder of FIT files.

    python benchmarks/training/recovery.py FOLDER

A device writes its event two minutes after the timer stopped. Most stop recording too: the stream
is compared only where it knows a heart rate within 30 s of the event.
"""

from __future__ import annotations

import statistics
import sys
from pathlib import Path

import numpy as np

from intervaldetect.errors import IntervalDetectError
from intervaldetect.kernels._jit import compile_kernels
from intervaldetect.read import read_activities

WITHIN_S = 30.0


def main(folder: Path) -> None:
    """Print how many events there are, how many can be compared, and the median difference."""
    compile_kernels()
    files = events = compared_files = told = 0
    differences: list[float] = []
    for path in sorted(folder.rglob("*.fit*")):
        try:
            activities = read_activities(path)
        except IntervalDetectError:
            continue
        mine: list[float] = []
        found = [
            (activity, event)
            for activity in activities
            for event in activity.events
            if event.heart_rate_bpm is not None
        ]
        told += any(a.session.rpe is not None or a.session.feel is not None for a in activities)
        for activity, event in found:
            rate, time = activity.columns["heart_rate"], activity.columns["time"]
            known = np.isfinite(rate)
            away = np.abs(time[known] - event.time_s)
            if away.size and away.min() <= WITHIN_S:
                streamed = float(rate[known][int(away.argmin())])
                mine.append(streamed - (event.heart_rate_bpm or 0.0))
        files += bool(found)
        events += len(found)
        compared_files += bool(mine)
        differences += mine
    print(f"{files} files with {events} events; {told} files with RPE or feel")
    if differences:
        spread = statistics.median(map(abs, differences))
        print(
            f"{len(differences)} events of {compared_files} files compared: stream minus device"
            f" {statistics.median(differences):+.1f} bpm by the median, {spread:.1f} absolute"
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
