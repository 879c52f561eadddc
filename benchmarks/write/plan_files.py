"""Plans through FIT workout files and back, and the fixtures' sessions planned, run and checked.

    python benchmarks/write/plan_files.py [--workouts 1000] [--seeds 1]

Every workout is made at random, printed, read, written as a file, and read back by this reader and
by Garmin's own; the first difference stops it. Every session of fixtures/season with a workout is
planned, simulated as run, analysed without a hint and held against the plan as read from its file.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.plan.test_workout_file import assert_plan_round_trip, matched

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"


def main() -> None:
    """Run both, print what held."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--workouts", type=int, default=1000)
    parser.add_argument("--seeds", type=int, default=1)
    given = parser.parse_args()
    source = random.Random(22)
    for number in range(given.workouts):
        assert_plan_round_trip(source, "km" if number % 2 else "mi")
    print(f"{given.workouts} generated workouts read back equal")
    truth = (SEASON / "truth.jsonl").read_text().splitlines()
    texts = sorted({json.loads(row)["workout"] for row in truth} - {None})
    for seed in range(given.seeds):
        missed = [text for text in texts if not matched(text, seed)]
        print(f"seed {seed}: {len(texts) - len(missed)} of {len(texts)} workouts matched")
        for text in missed:
            print(f"  not matched: {text}")


if __name__ == "__main__":
    main()
