"""Measure plan alignment on recorded sessions that carry workout steps, and what a hint changes.

    INTERVALDETECT_CORPUS=... python benchmarks/write/plans.py

A planned rep counts as confirmed where the true reps (from laps), aligned with the plan, have it as
done; it is found where it stands as run in the plan held against what was detected. The same with
the laps hidden, and then with the plan as a hint. A wrong plan as a hint is tried on every run
without planned efforts, and should change none of them.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from intervaldetect import analyse, parse_workout
from intervaldetect.errors import IntervalDetectError
from intervaldetect.plan.check import check_plan
from intervaldetect.plan.planned import PlannedRep, planned_reps
from intervaldetect.plan.sources import reps_of_steps
from intervaldetect.read import read_activity
from intervaldetect.records import Activity, Segment, Workout

MODES = ("laps auto", "laps ignore", "laps ignore, plan as hint")
WRONG = ("6 x 800 m @ 2:40 (3:00)", "5 x 6:00 (1:00)", "20 x 1:00 (1:00)", "8000 m")


def detected(activity: Activity, mode: str, plan: Sequence[PlannedRep]) -> Workout:
    """Return what is found in one of the modes."""
    if mode == "laps auto":
        return analyse(activity).workout
    return analyse(activity, laps="ignore", plan=plan if "hint" in mode else ()).workout


def met(plan: Sequence[PlannedRep], workout: Workout) -> set[tuple[int, int]]:
    """Return which reps of a plan were run, by set and rep."""
    checked = check_plan(plan, workout).reps
    return {(own.set, own.rep) for each in checked if each.done for own in each.planned}


def true_workout(reps: Sequence[Sequence[float]], activity: Activity) -> Workout:
    """Return the true reps as segments with the distance the device has for them."""
    by_device = activity.columns["distance"]
    time = activity.columns["time"]

    def metres(start: float, end: float) -> float | None:
        a, b = by_device[[time.searchsorted(start), min(time.searchsorted(end), time.size - 1)]]
        return float(b - a) if b > a else None

    return Workout(tuple(Segment("rep", a, b, distance_m=metres(a, b)) for a, b in reps))


def main() -> None:
    """Measure and print."""
    corpus = Path(os.environ["INTERVALDETECT_CORPUS"])
    truth = [json.loads(line) for line in (corpus / "truth.jsonl").read_text().splitlines()]
    found: Counter[str] = Counter()
    confirmed = sessions = plain = moved = made = 0
    for each in truth:
        try:
            activity = read_activity(corpus / "run" / each["file"])
            plan = reps_of_steps(activity.steps)
            if each["reps"] and plan:
                true = met(plan, true_workout(each["reps"], activity))
                sessions += 1
                confirmed += len(true)
                for mode in MODES:
                    found[mode] += len(true & met(plan, detected(activity, mode, plan)))
            elif each["structured"] is False:
                plain += 1
                before = analyse(activity, laps="ignore").workout
                for text in WRONG:
                    hint = planned_reps(parse_workout(text))
                    after = analyse(activity, laps="ignore", plan=hint).workout
                    moved += after.text != before.text
                    made += before.text is None and after.text is not None
        except IntervalDetectError as error:
            print(f"{each['file']}: {error}")
    print(f"{sessions} sessions with steps, {confirmed} planned reps that the laps confirm")
    for mode in MODES:
        print(f"  {mode:<28} {found[mode]:4d} found, {100.0 * found[mode] / confirmed:5.1f} %")
    print(
        f"{plain} plain runs with {len(WRONG)} wrong plans each: {moved} results changed,"
        f" {made} of them claimed where nothing was"
    )


if __name__ == "__main__":
    main()
