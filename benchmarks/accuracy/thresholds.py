"""Thresholds from history, on simulated bodies whose threshold is known.

    python -m benchmarks.accuracy.thresholds --seasons FILE [--other FILE] [--bodies 5] [--write]

Every kind of athlete of ``bodies.py`` runs twelve weeks, five bodies each; those that run hard do
so again with a rise of 6 % after eight weeks. Prints the error of the one-hour speed at the end,
how often the stated 90 % interval holds it, how often the rise is told within four weeks, and how
many seasons are told of a move where nothing moved. Seasons are kept in FILE, or taken from it;
``--other`` does the same with the second physiology, of ``other_bodies.py``. ``--write`` rewrites
``docs/accuracy-thresholds.md``.
"""

from __future__ import annotations

import argparse
import math
import pickle
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import numpy as np

from benchmarks.accuracy import other_bodies
from benchmarks.accuracy.bodies import FIRST_DAY, KINDS, Body, Habits, Random, Season, draw, season
from intervaldetect.athlete import thresholds_over_time
from intervaldetect.label import label_session
from intervaldetect.records import Estimate

RISE, WITHIN_DAYS = 0.06, 28.0
NINETY = 1.645
MANY = 10_000
REPORT = Path(__file__).resolve().parents[2] / "docs" / "accuracy-thresholds.md"
HEAD = """# Accuracy of thresholds

    OMP_NUM_THREADS=1 python -m benchmarks.accuracy.thresholds --seasons FILE --write

{seasons} seasons of twelve weeks of simulated bodies (`benchmarks/accuracy/bodies.py`): {kinds}
kinds
of athlete, {each} bodies each, with a threshold at 83-93 % of a highest heart rate of 158-210,
heart-rate
kinetics of two phases, a slow component above threshold, drift, a curve of endurance of their own,
and reps run too fast or too slow by habit. The reps are the true ones but for 7 % of the workouts,
which are missed: this measures the thresholds, not the detection. The truth is the speed that the
body can hold for one hour.

{figures}
| kind | error of threshold speed, each body | stated error | held | rise noticed | false moves |
|---|---|---|---|---|---|
{rows}
*Held* is the share of truths within the interval. Athletes who run only easily are shown "No hard
run seen yet: threshold not known", with the wide interval that follows from what easy runs say.
Without heart rate, and on a treadmill whose belt errs by 3 % from day to day, a rise shows late. A
habit of running reps too fast or too slow can be separated from the threshold only by races and
heart rate; where neither says much, it stays in the error.

The thresholds of 10,000 sessions take {history_s:.1f} s of CPU, features and label of one session
{label_ms:.2f} ms.
"""


FIGURES = """| what | measured | asked |
|---|---|---|
| stated 90 % interval of threshold speed holds | {held:.2f} of {told} | 0.85 to 0.97 |
| the same, where no hard run was seen: said to be not known | {held_unknown:.2f} of {unknown} | |
| median error where a hard run was seen | {error:.1f} % | 3 % at most |
| a rise of 6 % noticed within four weeks | {noticed:.2f} of {risen} | |
| seasons with a move reported where nothing moved | {false:.2f} of {seasons} | 0.05 at most |
| stated 90 % interval of threshold heart rate holds | {held_rate:.2f} | |
| stated 90 % interval of the highest heart rate holds | {held_highest:.2f} | |
"""
OTHER = """
## A second physiology

{seasons} more seasons of bodies with a critical speed and a reserve that empties
(`benchmarks/accuracy/other_bodies.py`), on which nothing was set.

{figures}
| kind | error of threshold speed, each body | stated error | held | rise noticed | false moves |
|---|---|---|---|---|---|
{rows}"""
SeasonPair = tuple[list[Season], list[Season]]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was said at the end of a season, as errors over the truth, and which moves were told."""

    kind: str
    error: float
    stated: float
    known: bool
    rate_held: bool
    highest_held: bool
    moves: tuple[tuple[float, float], ...]

    @property
    def held(self) -> bool:
        return abs(self.error) <= NINETY * self.stated


def outcome(of: Season) -> Outcome:
    """Estimate the thresholds of a season and compare the last with the truth."""
    dated = thresholds_over_time([done.evidence for done in of.done])
    last, truth = dated[-1].thresholds, of.done[-1]
    speed, rate, highest = last.threshold_speed_mps, last.threshold_hr_bpm, last.max_hr_bpm
    assert speed is not None
    assert rate is not None
    assert highest is not None
    moves = tuple(
        (
            (state.time - FIRST_DAY).total_seconds() / 86400.0,
            state.move.after_mps / state.move.before_mps,
        )
        for state in dated
        if state.move is not None
    )
    return Outcome(
        of.kind,
        math.log(speed.value / truth.hour_mps),
        speed.standard_error / speed.value,
        speed.rests_on is not None,
        _holds(rate, truth.threshold_hr_bpm),
        _holds(highest, truth.max_hr_bpm),
        moves,
    )


def _holds(estimate: Estimate, truth: float) -> bool:
    return abs(estimate.value - truth) <= NINETY * estimate.standard_error


def noticed(of: Season, found: Outcome) -> bool:
    """Whether a rise was told within four weeks."""
    assert of.rise_day is not None
    first, last = of.rise_day, of.rise_day + WITHIN_DAYS
    return any(first <= day <= last and change > 1.0 for day, change in found.moves)


def costs(of: Season, repeat: int = 5) -> dict[str, float]:
    """CPU seconds for the thresholds of 10,000 sessions, and ms for one label."""
    evidence = [done.evidence for done in of.done]
    many = [
        replace(evidence[k % len(evidence)], start_time=FIRST_DAY + timedelta(hours=17 * k))
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


def seasons_of(
    path: Path, bodies: int, drawn: Callable[[Random, Habits], Body] = draw
) -> tuple[list[Season], list[Season]]:
    """Simulate the seasons, constant and rising ones, or take them from a file."""
    if path.is_file():
        loaded: tuple[list[Season], list[Season]] = pickle.loads(path.read_bytes())
        return loaded
    kinds = [kind for kind in KINDS if drawn is draw or kind != "table"]
    constant = [season(kind, seed, drawn=drawn) for kind in kinds for seed in range(bodies)]
    rising = [
        season(kind, seed, rise=RISE, drawn=drawn)
        for kind in kinds
        if KINDS[kind].sees_hard
        for seed in range(bodies)
    ]
    path.write_bytes(pickle.dumps((constant, rising)))
    return constant, rising


def report(
    constant: Sequence[Season], rising: Sequence[Season], other: SeasonPair | None = None
) -> str:
    """Return the figures as a page."""
    found, figures = _figures(constant, rising)
    kinds = len({each.kind for each in constant})
    page = HEAD.format(
        seasons=len(constant),
        kinds=kinds,
        each=len(constant) // kinds,
        figures=figures,
        rows=_rows(constant, found, rising),
        **costs(constant[0]),
    )
    if other is None:
        return page
    found, figures = _figures(*other)
    rows = _rows(other[0], found, other[1])
    return page + OTHER.format(seasons=len(other[0]), figures=figures, rows=rows)


def _figures(constant: Sequence[Season], rising: Sequence[Season]) -> tuple[list[Outcome], str]:
    found = [outcome(each) for each in constant]
    known = [item for item in found if item.known]
    unknown = [item for item in found if not item.known]
    risen = [noticed(each, outcome(each)) for each in rising]
    text = FIGURES.format(
        seasons=len(constant),
        held=np.mean([item.held for item in known]),
        told=len(known),
        held_unknown=np.mean([item.held for item in unknown]),
        unknown=len(unknown),
        error=100.0 * np.median([abs(item.error) for item in known]),
        noticed=np.mean(risen),
        risen=len(risen),
        false=np.mean([bool(item.moves) for item in found]),
        held_rate=np.mean([item.rate_held for item in found]),
        held_highest=np.mean([item.highest_held for item in found]),
    )
    return found, text


def _rows(constant: Sequence[Season], found: Sequence[Outcome], rising: Sequence[Season]) -> str:
    risen = [(each.kind, noticed(each, outcome(each))) for each in rising]
    return "".join(_row(kind, found, risen) for kind in dict.fromkeys(s.kind for s in constant))


def _row(kind: str, found: Sequence[Outcome], risen: Sequence[tuple[str, bool]]) -> str:
    mine = [item for item in found if item.kind == kind]
    errors = ", ".join(f"{100.0 * item.error:+.1f}" for item in mine)
    stated = 100.0 * float(np.median([item.stated for item in mine]))
    held = sum(item.held for item in mine)
    told = [said for name, said in risen if name == kind]
    rise = f"{sum(told)} of {len(told)}" if told else ""
    name = kind if all(item.known for item in mine) else f"{kind} (not known)"
    return (
        f"| {name} | {errors} % | {stated:.1f} % | {held} of {len(mine)} | {rise} |"
        f" {sum(bool(item.moves) for item in mine)} |\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seasons", type=Path, required=True)
    parser.add_argument("--other", type=Path)
    parser.add_argument("--bodies", type=int, default=5)
    parser.add_argument("--write", action="store_true")
    options = parser.parse_args()
    other = None
    if options.other is not None:
        other = seasons_of(options.other, options.bodies, other_bodies.draw)
    text = report(*seasons_of(options.seasons, options.bodies), other)
    print(text)
    if options.write:
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
