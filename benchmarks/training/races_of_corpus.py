"""Race times of the corpus against what the earlier files of the same athlete predict.

    INTERVALDETECT_CORPUS=... python benchmarks/training/races_of_corpus.py

Every athlete with a run that the truth calls a race becomes a store. Each race is named to the
program, found or not, and predicted by the threshold as known at the run before it, so that neither
the race nor anything later is seen. Beside it stands what the threshold would say without asking
whether anything supports it. Nothing is fitted to races; the shipped detection has seen the files.
"""

from __future__ import annotations

import math
import statistics
import tempfile
from collections import defaultdict
from pathlib import Path
from typing import Any

from benchmarks.accuracy.corpus_runs import path_of, truth_rows
from intervaldetect.batch.folder import run_batch
from intervaldetect.training import race_list, read_history
from intervaldetect.training.races import _thresholds, race_time

LEAST_FILES = 3


def races_of(rows: list[dict[str, Any]], scratch: Path) -> list[dict[str, Any]]:
    """Return the races of one athlete, as `race_list` has them, with the unsupported prediction."""
    files = scratch / "files"
    files.mkdir(parents=True)
    for row in rows:
        (files / row["file"]).symlink_to(path_of(row))
    run_batch(files, scratch / "store", jobs=1)
    history = read_history(scratch / "store")
    paths = history.runs["path"].to_list()
    named = [r["file"] for r in rows if r["kind"] == "race"]
    named = [name for name in named if any(path.endswith(name) for path in paths)]
    found = set(history.runs.filter(history.runs["kind"] == "race")["path"])
    before = dict(
        zip(
            history.runs["activity"].to_list(),
            history.runs["activity"].shift(1).to_list(),
            strict=True,
        )
    )
    told = []
    for race in race_list(history, named=named).iter_rows(named=True):
        path = next(p for a, p in history.runs.select("activity", "path").rows()
                    if a == race["activity"])  # fmt: skip
        known = _thresholds(history, [before[race["activity"]] or 0])
        free = [race_time(race["race_m"], row["speed"]) for row in known.values()]
        told.append({
            **race, "file": Path(path).name, "true": any(path.endswith(n) for n in named),
            "by_kind": path in found, "free_s": free[0] if free else None,
        })  # fmt: skip
    return told


def main() -> None:
    """Predict and print; athletes are numbered, not named."""
    by_athlete = defaultdict(list)
    for row in truth_rows("run", "run2"):
        by_athlete[row["athlete"]].append(row)
    races: list[dict[str, Any]] = []
    number = 0
    for rows in by_athlete.values():
        if len(rows) < LEAST_FILES or not any(row["kind"] == "race" for row in rows):
            continue
        number += 1
        with tempfile.TemporaryDirectory() as scratch:
            mine = races_of(rows, Path(scratch))
        for race in mine:
            off = race["over_predicted"]
            free = race["free_s"] and race["seconds"] / race["free_s"] - 1.0
            print(
                f"athlete {number} ({len(rows)} files): {race['race_m']:8.0f} m"
                f" in {race['seconds']:6.0f} s, {'true' if race['true'] else 'not in the truth'},"
                f" {'found' if race['by_kind'] else 'named'};"
                f" off {'withheld' if off is None else f'{off:+.1%}'}"
                f"{'' if race['inside'] is None else ' inside' if race['inside'] else ' outside'}"
                f" {'' if free is None else f'(unasked {free:+.1%})'} {race['withheld'] or ''}",
                flush=True,
            )
        races += mine
    true = [race for race in races if race["true"]]
    print(f"{number} athletes, {len(true)} true races, {sum(r['by_kind'] for r in true)} found,"
          f" {len(races) - len(true)} found that are none")  # fmt: skip
    known = [race for race in true if race["over_predicted"] is not None]
    free_off = [r["seconds"] / r["free_s"] - 1.0 for r in true if r["free_s"]]
    for name, offs in (("predicted", [r["over_predicted"] for r in known]), ("unasked", free_off)):
        if offs:
            print(
                f"{name}: {len(offs)}; time over prediction {statistics.median(offs):+.1%} by the"
                f" median, {statistics.median(map(abs, offs)):.1%} absolute,"
                f" root mean square {math.sqrt(statistics.fmean(o * o for o in offs)):.1%}"
            )
    print(f"inside their 90 % interval: {sum(r['inside'] for r in known)} of {len(known)}")


if __name__ == "__main__":
    main()
