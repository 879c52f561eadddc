"""Race times of simulated bodies against what the runs before predict, and the 90 % interval.

    python -m benchmarks.training.races_of_bodies [--seasons 5]

Both simulators of bodies (``bodies.py`` and ``other_bodies.py`` of ``benchmarks/accuracy``) run
twelve weeks of each kind of athlete that races. A race is predicted by the threshold as known at
the run before it, where `races` would predict it; those of the first 28 days are not. Bodies know
no day better or worse: races differ by how hard they are run (all out half of the time, else 1, 2
or 7 % slower) and by the body's own curve of speed over time, so that what varies from race to race
in people is not in the figures. Nothing is fitted to them.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

from benchmarks.accuracy import bodies, other_bodies
from intervaldetect.athlete import thresholds_over_time
from intervaldetect.records import SessionEvidence
from intervaldetect.training.races import (
    NINETY,
    REPS_S,
    START_UP_DAYS,
    SUPPORT_FACTOR,
    prediction_error,
    race_time,
)

SIMULATORS = {"bodies": bodies.draw, "other bodies": other_bodies.draw}

RACING = ("mixed", "parkrunner", "masters", "races only", "no heart rate", "hot summer")

WHOLE = 0.05
"""So near to a race's distance is that of a file which holds the race alone."""


class Predicted(NamedTuple):
    """A race: its kind of athlete, log of time over prediction, its standard error, and parts."""

    kind: str
    off: float
    error: float
    of_threshold: float


def seconds_of(race: SessionEvidence, metres: float) -> float | None:
    """Return the time of a race: of its only rep, or of the run that is nothing else."""
    if race.reps:
        return metres / max(race.reps, key=lambda rep: rep.duration_s).speed_mps
    whole = (race.typical_speed_mps or 0.0) * race.elapsed_s
    return race.elapsed_s if abs(whole / metres - 1.0) < WHOLE else None


def races_of(season: bodies.Season) -> Iterator[Predicted]:
    """Yield the races of a season that are predicted."""
    done = season.done
    dated = thresholds_over_time([each.evidence for each in done])
    first = done[0].evidence.start_time
    before: list[float] = []
    for number, each in enumerate(done):
        if not each.name.startswith("race"):
            continue
        metres = float(each.name.split()[1])
        seconds = seconds_of(each.evidence, metres)
        if seconds is None:
            continue
        if number and (each.evidence.start_time - first).days > START_UP_DAYS:
            known: Any = dated[number - 1].thresholds.threshold_speed_mps
            if known is not None and known.rests_on is not None:
                told = race_time(metres, known.value)
                near = [abs(math.log(told / time)) <= math.log(SUPPORT_FACTOR) for time in before]
                by_reps = "rep" in known.rests_on and REPS_S[0] <= told <= REPS_S[1]
                if any(near) or by_reps:
                    of_threshold = known.standard_error / known.value
                    error = prediction_error(metres, told, of_threshold)
                    yield Predicted(season.kind, math.log(seconds / told), error, of_threshold)
        before.append(seconds)


def line(name: str, races: list[Predicted]) -> str:
    """Return the figures of some races."""
    offs = [race.off for race in races]
    inside = sum(abs(race.off) <= NINETY * race.error for race in races) / len(races)
    root = math.sqrt(sum(off * off for off in offs) / len(offs))
    stated = math.sqrt(sum(race.error**2 for race in races) / len(races))
    threshold = math.sqrt(sum(race.of_threshold**2 for race in races) / len(races))
    return (
        f"{name:<24} races {len(races):4d}  inside 90 % {inside:.3f}"
        f"  off {sum(offs) / len(offs):+.3f} root mean square {root:.3f}"
        f"  stated {stated:.3f} (threshold {threshold:.3f})"
    )


def main() -> None:
    """Run the seasons and print the coverage, by simulator and by kind."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seasons", type=int, default=5)
    told = parser.parse_args()
    races: list[Predicted] = []
    for name, drawn in SIMULATORS.items():
        mine: list[Predicted] = []
        for kind in RACING:
            for seed in range(told.seasons):
                mine += races_of(bodies.season(kind, 700 + seed, drawn=drawn))
        print(line(name, mine), flush=True)
        races += mine
    for kind in sorted({race.kind for race in races}):
        print(line(kind, [race for race in races if race.kind == kind]))
    print(line("all", races))


if __name__ == "__main__":
    main()
