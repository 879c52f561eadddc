"""The closer look: more reps of a set, and nothing where there is none."""

from __future__ import annotations

import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.records import Workout
from intervaldetect.segment import cut_again, segment_signal
from intervaldetect.simulate import Plan, simulate
from intervaldetect.structure import structure_workout

FLOATS = Plan("10 x 400 m @ 1:12 (200 m float @ 3:35/km)")
SEEDS = (100, 101)


def read(plan: Plan, seed: int, price: float | None) -> Workout:
    """Read a simulated session, looking closer at this price per change, or not at all."""
    activity = simulate(plan, seed=seed).to_activity()
    signal = clean_activity(activity)
    pieces = segment_signal(signal)
    closer = None if price is None else lambda: cut_again(pieces, price)
    return structure_workout(activity, signal, pieces, closer=closer, laps="ignore")


@pytest.mark.parametrize("seed", SEEDS)
def test_reps_that_floats_had_joined_are_parted(seed: int) -> None:
    plain, closer = read(FLOATS, seed, None), read(FLOATS, seed, 0.125)
    assert sum(each.count for each in plain.sets) < 10
    assert [each.count for each in closer.sets] == [10]


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize(
    "plan",
    [
        Plan("6 x 800 m @ 2:10 (3:00 jog)"),
        Plan(run_type="easy"),
        Plan(run_type="stop_and_go", traffic_lights=True),
        Plan("10000 m @ 3:08/km"),
    ],
    ids=["plain set", "easy", "stops", "tempo"],
)
def test_where_there_is_no_more_nothing_changes(plan: Plan, seed: int) -> None:
    assert read(plan, seed, 0.125) == read(plan, seed, None)


def test_it_is_asked_for_only_where_a_set_may_have_more() -> None:
    activity = simulate(Plan(run_type="easy"), seed=3).to_activity()
    signal = clean_activity(activity)

    def never() -> None:
        raise AssertionError("nothing to look at")

    structure_workout(activity, signal, segment_signal(signal), closer=never, laps="ignore")  # type: ignore[arg-type]
