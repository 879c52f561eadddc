"""Thresholds from history, on simulated athletes whose threshold is known.

    python benchmarks/accuracy/thresholds.py [--athletes 40] [--cache FILE] [--write]

Each athlete trains for 60 days (three hard sessions a week out of ``simulated_training``), then
becomes 5 % fitter and runs three more hard sessions. Prints the error of threshold speed on day
60, how often its 90 % interval holds the truth, how often the rise is noticed within the three
sessions, how many moves are seen where nothing moved, and the same for damaged recordings.
``--write`` rewrites ``docs/accuracy-thresholds.md``.
"""

from __future__ import annotations

import argparse
import math
import multiprocessing
import os
import pickle
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np
from simulated_training import Trained, season

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.label import label_session
from intervaldetect.records import SessionEvidence

GAIN, AFTER = 0.05, 3
NINETY = 1.645
MANY = 10_000

REPORT = Path(__file__).resolve().parents[2] / "docs" / "accuracy-thresholds.md"
HEAD = """# Accuracy of thresholds

    OMP_NUM_THREADS=1 python benchmarks/accuracy/thresholds.py --athletes {athletes} --write

{athletes} simulated athletes with a known threshold speed train for 60 days, three hard sessions a
week; then they are 5 % fitter and run three more. On day 60, the error of threshold speed is to be
2 % at most in the median, and the stated 90 % interval is to hold the truth for 80 to 97 %.

| history | median error | mean error | stated error | held | rise noticed | false moves |
|---|---|---|---|---|---|---|
{rows}
*Held* is the share of truths within the interval. *Rise noticed* is the share of athletes whose
rise is told by the third session after it; *false moves* are those told in the 60 days before it,
for each athlete. A rise stays unnoticed mostly where a false move came shortly before, which leaves
too few sessions to compare with. Without heart rate, or on a treadmill, no move is told: what is
left does not compare from one session to the next. Real training is less regular than this, so
read the errors as the least that can be expected.

The thresholds of 10,000 sessions take {history_s:.1f} s of CPU, features and label of one session
{label_ms:.2f} ms.
"""

Damage = Callable[[SessionEvidence], SessionEvidence]


@dataclass(frozen=True, slots=True)
class Figures:
    """What is known of threshold speed on day 60, over all athletes."""

    athletes: int
    error: float
    bias: float
    stated: float
    covered: float
    noticed: float
    false_moves: float


def measure(seasons: Sequence[Sequence[Trained]], damage: Damage = lambda item: item) -> Figures:
    """Estimate thresholds from each season and compare them with the truth."""
    errors, stated, noticed, false_moves = [], [], [], 0
    for trained in seasons:
        ordered = sorted(trained, key=lambda item: item.evidence.start_time)
        dated = thresholds_over_time([damage(item.evidence) for item in ordered])
        last = len(ordered) - AFTER - 1
        speed = dated[last].thresholds.threshold_speed_mps
        assert speed is not None
        errors.append(math.log(speed.value / ordered[last].threshold_mps))
        stated.append(speed.standard_error / speed.value)
        noticed.append(any(state.move and state.move.after_mps > state.move.before_mps
                           for state in dated[last + 1 :]))  # fmt: skip
        false_moves += sum(state.move is not None for state in dated[: last + 1])
    size, error = np.abs(errors), np.array(stated)
    return Figures(
        len(seasons), float(np.median(size)), float(np.mean(errors)), float(np.median(error)),
        float((size <= NINETY * error).mean()), float(np.mean(noticed)),
        false_moves / len(seasons),
    )  # fmt: skip


def without_heart(evidence: SessionEvidence) -> SessionEvidence:
    """Forget the heart rate."""
    reps = tuple(replace(rep, start_hr_bpm=None, end_hr_bpm=None) for rep in evidence.reps)
    return replace(
        evidence, reps=reps, steady=(), hr_curve_bpm=(None,) * len(evidence.hr_curve_bpm),
        median_hr_bpm=None, peak_hr_bpm=None, hr_drift=None, doubts=("no heart rate",),
    )  # fmt: skip


def on_treadmill(evidence: SessionEvidence) -> SessionEvidence:
    """Say that every session was run on a treadmill."""
    return replace(evidence, treadmill=True)


def without_speed(evidence: SessionEvidence) -> SessionEvidence:
    """Forget the speed."""
    reps = tuple(replace(rep, speed_mps=None) for rep in evidence.reps)
    return replace(
        evidence, reps=reps, steady=(), typical_speed_mps=None, easy_speed_mps=None,
        speed_curve_mps=(None,) * len(evidence.speed_curve_mps),
        best_times_s=(None,) * len(evidence.best_times_s), doubts=("no speed",),
    )  # fmt: skip


DAMAGES: dict[str, Damage] = {
    "as recorded": lambda item: item,
    "no heart rate": without_heart,
    "all on a treadmill": on_treadmill,
    "no speed": without_speed,
}


def costs(trained: Sequence[Trained], repeat: int = 5) -> dict[str, float]:
    """CPU seconds for the thresholds of 10,000 sessions, and ms for one label."""
    evidence = [item.evidence for item in trained]
    first = evidence[0].start_time
    many = [
        replace(evidence[k % len(evidence)], start_time=first + timedelta(hours=17 * k))
        for k in range(MANY)
    ]
    start = time.process_time()
    dated = thresholds_over_time(many)
    history = time.process_time() - start
    start = time.process_time()
    for _ in range(repeat):
        for item, state in zip(evidence, dated, strict=False):
            label_session(item, state.thresholds)
    label = (time.process_time() - start) / (repeat * len(evidence))
    return {"history_s": history, "label_ms": 1e3 * label}


def seasons_of(athletes: int, cache: Path | None, jobs: int) -> list[list[Trained]]:
    """Simulate the seasons, or take them from the cache."""
    if cache and cache.is_file():
        loaded: list[list[Trained]] = pickle.loads(cache.read_bytes())
        return loaded
    with multiprocessing.Pool(jobs) as pool:
        made = pool.map(_season, range(athletes), chunksize=1)
    if cache:
        cache.write_bytes(pickle.dumps(made))
    return made


def _season(number: int) -> list[Trained]:
    return list(season(5000 + number, gain=GAIN, after=AFTER))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--athletes", type=int, default=40)
    parser.add_argument("--cache", type=Path)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    seasons = seasons_of(options.athletes, options.cache, options.jobs)
    figures = {name: measure(seasons, damage) for name, damage in DAMAGES.items()}
    text = report(figures, costs(seasons[0]))
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


def report(figures: Mapping[str, Figures], cost: Mapping[str, float]) -> str:
    """Return the figures as a page."""
    rows = "".join(
        f"| {name} | {100 * item.error:.1f} % | {100 * item.bias:+.1f} % |"
        f" {100 * item.stated:.1f} % | {item.covered:.2f} | {item.noticed:.2f} |"
        f" {item.false_moves:.2f} |\n"
        for name, item in figures.items()
    )
    athletes = next(iter(figures.values())).athletes
    return HEAD.format(athletes=athletes, rows=rows, **cost)


if __name__ == "__main__":
    main()
