"""Change-points: the kernel against ruptures, equal results first, then CPU time.

    python benchmarks/segmentation/bench.py [--repeat 20]

Prints one line per measurement. With INTERVALDETECT_CORPUS set, also the time per real activity
(median, p99, worst), how often the candidate bound was met, and what a whole analysis costs.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import ruptures

from intervaldetect.errors import ReadError
from intervaldetect.kernels.changepoint import OK, potts_l2
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import Activity
from intervaldetect.simulate import Plan, simulate

CANDIDATES = 64


def cpu_ms(function: Callable[[], object], repeat: int) -> float:
    """Least CPU time of one call, ms."""
    function()
    times = []
    for _ in range(repeat):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return 1e3 * min(times)


def session(n: int, seed: int) -> np.ndarray:
    """Speed of a made-up interval session: easy start, reps, recoveries, coloured noise."""
    rng = np.random.default_rng(seed)
    speed = np.full(n, 3.0)
    t = 600
    while t < n - 600:
        work, rest = rng.integers(60, 300), rng.integers(45, 150)
        speed[t : t + work] = 4.6 + rng.normal(0, 0.1)
        t += work
        speed[t : t + rest] = 2.4 + rng.normal(0, 0.1)
        t += rest
    noise = np.convolve(rng.normal(0, 0.35, n + 4), np.ones(5) / 5, "valid")
    return speed + noise


def against_ruptures(repeat: int) -> bool:
    same = True
    for n, penalty, min_size in [
        (3600, 4.0, 2), (3600, 4.0, 10), (3600, 40.0, 10), (3600, 400.0, 10), (14400, 40.0, 10),
    ]:  # fmt: skip
        values = session(n, seed=n)
        weights = np.ones(n)
        ours = potts_l2(values, weights, penalty, float(min_size), CANDIDATES)
        column = values.reshape(-1, 1)

        def peer(column=column, penalty=penalty, min_size=min_size):
            return ruptures.KernelCPD(kernel="linear", min_size=min_size).fit_predict(
                column, pen=penalty
            )

        theirs = peer()[:-1]
        equal = ours[0] == OK and ours[1].tolist() == theirs
        same = same and equal
        a = cpu_ms(lambda v=values, w=weights, p=penalty, m=min_size: potts_l2(
            v, w, p, float(m), CANDIDATES), repeat)  # fmt: skip
        b = cpu_ms(peer, max(3, repeat // 4))
        print(
            f"potts n={n} penalty={penalty:g} min={min_size}: {len(theirs)} changes, "
            f"{'identical' if equal else 'DIFFERENT'}; {a:.3f} ms, KernelCPD {b:.3f} ms, "
            f"ratio {b / a:.1f}"
        )
    return same


def alone() -> None:
    long = session(100_000, seed=2)
    for penalty in (4.0, 40.0, 4000.0):
        ms = cpu_ms(lambda p=penalty: potts_l2(long, np.ones(100_000), p, 10.0, CANDIDATES), 3)
        print(f"potts n=100000 penalty={penalty:g}: {ms:.1f} ms")


def corpus(root: Path, repeat: int) -> None:
    """Distance-derived speed of every readable FIT file, cut as the segmentation would."""
    times, samples, bounded = [], [], 0
    for path in sorted(root.rglob("*.fit")):
        try:
            activities = read_activity(path)
        except ReadError:
            continue
        for activity in activities if isinstance(activities, (list, tuple)) else [activities]:
            clock, distance = activity.columns["time"], activity.columns["distance"]
            weights = np.diff(clock)
            if weights.size < 60:
                continue
            with np.errstate(all="ignore"):
                values = np.diff(distance) / weights
            values[(weights > 30) | (values > 12)] = np.nan
            for penalty in (2.0, 20.0, 200.0):
                status, _ = potts_l2(values, weights, penalty, 10.0, CANDIDATES)
                bounded += status != OK
                times.append(cpu_ms(
                    lambda v=values, w=weights, p=penalty: potts_l2(v, w, p, 10.0, CANDIDATES),
                    repeat,
                ))  # fmt: skip
                samples.append(weights.size)
    if times:
        worst = int(np.argmax(times))
        print(
            f"corpus: {len(times) // 3} activities x 3 penalties, median {np.median(times):.3f} ms,"
            f" p99 {np.quantile(times, 0.99):.3f} ms, worst {times[worst]:.3f} ms"
            f" ({samples[worst]} samples); bound met {bounded} times"
        )


def whole(root: Path | None, repeat: int) -> None:
    """Cleaning to label, a little more than cleaning to structure, per 3,600 samples."""
    plans = ("6 x 800 m @ 2:10 (3:00 jog)", "25 x 400 m @ 1:08 (0:30 stand)", "10000 m @ 3:08/km")
    for text in plans:
        activity = simulate(Plan(text), seed=1).to_activity()
        print(f"analyse {text}: {_per_hour(activity, repeat):.2f} ms per 3,600 samples")
    for hours in (1, 7, 28):
        plan = Plan(run_type="easy", duration_s=3600.0 * hours)
        activity = simulate(plan, seed=1).to_activity()
        size = activity.columns["time"].size
        print(
            f"analyse an easy run of {hours} h, {size} samples: "
            f"{_per_hour(activity, max(3, repeat // 4)):.2f} ms per 3,600 samples"
        )
    if root is not None:
        times = []
        for path in sorted((root / "run").iterdir()):
            activity = read_activity(path)
            if activity.columns["time"].size >= 1800:
                times.append(_per_hour(activity, 3))
        print(
            f"analyse, {len(times)} runs of the corpus with 1,800 samples and more: median "
            f"{np.median(times):.2f}, p90 {np.quantile(times, 0.9):.2f} ms per 3,600 samples"
        )


def _per_hour(activity: Activity, repeat: int) -> float:
    ms = cpu_ms(lambda: analyse(activity, laps="ignore"), repeat)
    return ms / activity.columns["time"].size * 3600


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeat", type=int, default=20)
    repeat = parser.parse_args().repeat
    same = against_ruptures(repeat)
    alone()
    given = os.environ.get("INTERVALDETECT_CORPUS")
    root = Path(given) if given else None
    whole(root, repeat)
    if root is not None:
        corpus(root, 3)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
