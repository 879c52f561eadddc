"""CPU time of every training view over a store of 10,000 activities.

    python benchmarks/training/bench.py [--activities N] [--store FOLDER] [--processes]

With --processes the commands are timed as a user starts them, imports and printing included, and
beside them `weeks --help`, which is what starting takes.

The store is made of simulated runs of one athlete, with as many segments, bins and trace points as
real files have; a folder given with --store is kept and used again. Each view is timed from opening
the store to its frame, as the command line runs it, and once more after one new file.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from intervaldetect import training
from intervaldetect.job import ActivityResult, FileResult, Task
from intervaldetect.output.curves import views_of
from intervaldetect.output.summary import to_dict
from intervaldetect.read.archive import Source
from intervaldetect.records import Analysis
from intervaldetect.simulate import Plan
from intervaldetect.store import DATABASE, Store
from tests.training.truth import MAKER, TrueRun, analysis_of, athlete_at

OSLO = ZoneInfo("Europe/Oslo")
START = datetime(2005, 1, 3, 7, tzinfo=OSLO)
HOURS_APART = 17.5
REPEATS = 5
T = {"kind": "threshold_intervals", "label": "threshold"}
V = {"kind": "vo2_intervals", "label": "vo2"}
TEMPLATES = [
    Plan(run_type="easy"), Plan("5 x 6:00 @ 3:15/km (1:00 jog)", **T),
    Plan("25 x 400 m @ 1:08 (0:30 stand)", strides=4, **T), Plan(run_type="recovery"),
    Plan("10 x 1000 m @ 3:06 (1:00 jog)", **T), Plan(run_type="strides"),
    Plan("6 x 800 m @ 2:10 (3:00 jog)", strides=4, **V), Plan(run_type="long"),
    Plan("10 mi @ 3:10/km", kind="tempo", label="threshold"), Plan(run_type="easy"),
    Plan("4 x 8:00 @ 3:18/km (1:00 jog)", **T), Plan("30 x 0:45 @ 2:58/km (0:15 stand)", **T),
    Plan(run_type="easy", duration_s=4200.0), Plan("6 x 500 m @ 1:15 (3:00 jog)", **V),
    Plan("12 x 1:00 @ 2:50/km (1:30 jog)", kind="hills", label="vo2"),
    Plan(run_type="long", duration_s=7200.0), Plan("15 x 1000 m @ 3:06 (1:00 jog)", **T),
    Plan(run_type="easy"), Plan("3 x 10:00 @ 3:14/km (2:00 jog) + 8 x 200 m @ 0:34 (1:00)", **T),
    Plan(run_type="recovery"),
]  # fmt: skip
VIEWS: dict[str, Callable[[training.History], object]] = {
    "weeks": lambda history: training.side_by_side(
        training.training_weeks(history), training.intensity_distribution(history)
    ),
    "weeks --block 4": training.training_blocks,
    "days": training.double_threshold_days,
    "days --all": training.session_costs,
    "series": lambda history: training.series_of(training.series_steps(history)),
    "control": training.control_weeks,
    "control --by session": training.session_control,
    "races": lambda history: (
        training.race_list(history),
        training.race_predictions(history),
    ),
    "load": training.load_weeks,
    "compare": lambda history: training.compare_sessions(history, str(history.reps["activity"][0])),
}


def rough(analysis: Analysis, random: np.random.Generator) -> Analysis:
    """Give a smooth signal the unevenness of a real one, so that it fills as many bins."""
    signal = analysis.signal
    uneven = 1.0 + 0.05 * random.normal(size=signal.speed_mps.size)
    beats = random.normal(0.0, 2.0, signal.time_s.size)
    return replace(
        analysis,
        signal=replace(
            signal,
            speed_mps=signal.speed_mps * uneven,
            adjusted_speed_mps=signal.adjusted_speed_mps * uneven,
            heart_rate_bpm=signal.heart_rate_bpm + beats,
        ),
    )


def result(template: ActivityResult, number: int) -> FileResult:
    """Date a template anew."""
    local = START + timedelta(hours=HOURS_APART * number)
    offset = local.utcoffset()
    assert offset is not None
    path = f"/bench/{number:06d}.fit"
    summary = template.summary | {
        "path": path,
        "sha256": f"{number:064x}",
        "start_time": (local - offset).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "utc_offset_s": offset.total_seconds(),
    }
    source = Source(path, 1000, 1.0, file=path)
    judged = replace(template, summary=summary)
    return FileResult(Task(source), "read", summary["sha256"], (judged,))


def templates() -> list[ActivityResult]:
    """Make three variants of every plan."""
    random = np.random.Generator(np.random.PCG64(1))
    made = []
    for variant in range(3):
        for seed, plan in enumerate(TEMPLATES):
            run = TrueRun(
                START, replace(plan, athlete=athlete_at(5.4)), day_hr=0.01 * (variant - 1)
            )
            analysis = rough(analysis_of(run, 100 * variant + seed, grid_s=1.0), random)
            made.append(ActivityResult(to_dict(analysis), views_of(analysis.signal)))
    return made


def fill(folder: Path, count: int) -> None:
    """Write a store of ``count`` activities."""
    made = templates()
    with Store.create(folder) as store:
        for number in range(count):
            store.put(result(made[number % len(made)], number), MAKER)


def cpu(function: Callable[[], object]) -> float:
    """Return the least CPU time of several runs, in seconds."""
    times = []
    for _ in range(REPEATS):
        start = time.process_time()
        function()
        times.append(time.process_time() - start)
    return min(times)


def measure(folder: Path) -> dict[str, float]:
    """Time every view from an unopened store to its frame."""
    return {
        name: cpu(lambda view=view: view(training.read_history(folder)))
        for name, view in VIEWS.items()
    }


def processes(folder: Path) -> None:
    """Print the least CPU time of several runs of each command, user and system, in seconds.

    Modules are compiled once, as an installation leaves them.
    """
    environment = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    for command in ("weeks --help", "weeks", "control", "load", "races", "days --all", "series"):
        times = []
        for _ in range(REPEATS):
            before = os.times()
            subprocess.run(
                [sys.executable, "-m", "intervaldetect", *command.split(), str(folder)],
                stdout=subprocess.DEVNULL, check=True, env=environment,
            )  # fmt: skip
            after = os.times()
            times.append(sum(after[2:4]) - sum(before[2:4]))
        print(f"{command:22}{min(times):8.2f}")


def main() -> None:
    """Make or open the store, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--activities", type=int, default=10_000)
    parser.add_argument("--store", type=Path)
    parser.add_argument("--processes", action="store_true")
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = told.store or Path(scratch) / "store"
        if not (folder / DATABASE).exists():
            fill(folder, told.activities)
        size = (folder / DATABASE).stat().st_size / 1e6
        with Store.open(folder) as store:
            ((runs,),) = store.query("SELECT count(*) FROM activities")
            ((segments,),) = store.query("SELECT count(*) FROM segments")
            ((bins,),) = store.query("SELECT count(*) FROM histograms")
        print(f"{runs} activities, {segments} segments, {bins} bins, {size:.0f} MB")
        if told.processes:
            print(f"{'command':22}{'CPU s':>8}")
            processes(folder)
            return
        before = measure(folder)
        with Store.create(folder) as store:
            store.put(result(templates()[0], runs), MAKER)
        after = measure(folder)
        print(f"{'view':22}{'CPU s':>8}{'after one new file':>22}")
        for name in VIEWS:
            print(f"{name:22}{before[name]:8.2f}{after[name]:22.2f}")


if __name__ == "__main__":
    main()
