"""Running that is hard whatever lies around it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.check import planned_reps
from intervaldetect.clean import clean_activity
from intervaldetect.notation import parse_workout
from intervaldetect.pipeline import analyse
from intervaldetect.records import Activity, Estimate, Thresholds
from intervaldetect.segment import segment_signal
from intervaldetect.simulate import Athlete, Plan, simulate
from intervaldetect.structure.candidates import find_candidates
from intervaldetect.structure.hard import HARD_MPS, SHARE_OF_GIVEN, find_hard, hard_speed
from tests.clean.build import activity, stretches

Stretch = tuple[float, float]


def hard_spans(*parts: Stretch, grade: float = 0.0) -> list[tuple[float, float]]:
    time, distance = stretches(*parts)
    altitude = 900.0 + grade * distance if grade else None
    signal = clean_activity(activity(time, distance=distance, altitude=altitude))
    pieces = segment_signal(signal)
    found = find_candidates(signal, pieces)
    return [
        (float(found.start_s[q]), float(found.end_s[q]))
        for q in find_hard(signal, pieces, found, HARD_MPS)
    ]


def test_a_fast_run_without_anything_beside_it() -> None:
    ((start, end),) = hard_spans((1500.0, 5.2))
    assert (start, end) == pytest.approx((0.0, 1500.0), abs=10.0)


def test_long_efforts_between_stops_and_jogs() -> None:
    spans = hard_spans((900.0, 3.8), (560.0, 5.3), (90.0, 2.4), (600.0, 5.2), (600.0, 3.2))
    assert [end - start for start, end in spans] == pytest.approx([560.0, 600.0], abs=12.0)


@pytest.mark.parametrize(
    "parts",
    [
        pytest.param(((3000.0, 4.8),), id="too slow"),
        pytest.param(((900.0, 3.5), (400.0, 5.3), (900.0, 3.5)), id="too little"),
        pytest.param(((5400.0, 5.2),), id="the long run of a marathoner"),
        pytest.param(((900.0, 4.7), (700.0, 5.05), (900.0, 4.75)), id="a drift in a steady run"),
    ],
)
def test_what_is_not_hard(parts: tuple[Stretch, ...]) -> None:
    assert hard_spans(*parts) == []


def test_downhill_is_not_hard() -> None:
    assert hard_spans((1500.0, 5.2), grade=-0.04) == []


def test_a_given_threshold_says_what_is_hard() -> None:
    assert hard_speed(None) == HARD_MPS
    assert hard_speed(Estimate(4.0, 0.05, "given")) == pytest.approx(4.0 * SHARE_OF_GIVEN)


def tempo_alone() -> Activity:
    """Ten kilometres at the threshold of a hobby runner, recorded without anything around."""
    athlete = Athlete(threshold_speed_mps=4.0)
    plan = Plan("10000 m @ 4:10/km", athlete=athlete, warmup_s=0.0, cooldown_s=0.0)
    return replace(simulate(plan, seed=4).to_activity(), laps=())


def test_a_tempo_recorded_alone_is_found_once_the_threshold_is_given() -> None:
    given = Thresholds(threshold_speed_mps=Estimate(4.0, 0.05, "given"))
    assert analyse(tempo_alone()).workout.text is None
    found = analyse(tempo_alone(), thresholds=given).workout
    assert found.text is not None
    assert found.text.startswith("10000 m @ 4:")
    assert found.shape == "tempo"


def test_a_plan_does_not_hide_it() -> None:
    given = Thresholds(threshold_speed_mps=Estimate(4.0, 0.05, "given"))
    plan = planned_reps(parse_workout("10000 m @ 4:10/km"))
    found = analyse(tempo_alone(), thresholds=given, plan=plan).workout
    assert found.text == analyse(tempo_alone(), thresholds=given).workout.text
    assert not any("not carried out" in sentence for sentence in found.evidence)


def test_ten_miles_at_the_pace_of_the_table_need_no_warm_up() -> None:
    plan = Plan("10 mi @ 3:10/km", warmup_s=0.0, cooldown_s=0.0)
    run = analyse(simulate(plan, seed=2).to_activity(), laps="ignore")
    assert run.workout.text == "10 mi @ 3:10/km"


def test_a_ride_is_no_hard_run() -> None:
    time, distance = stretches((1500.0, 6.0))
    ride = replace(activity(time, distance=distance), sport="cycling")
    assert analyse(ride).workout.text is None
    assert analyse(replace(ride, sport=None)).workout.text is None  # nor what may be one
    assert analyse(replace(ride, sport="running")).workout.text is not None


def test_a_race_is_one_effort_of_its_own_kind() -> None:
    run = analyse(simulate(Plan(run_type="race"), seed=1).to_activity())
    assert len([s for s in run.workout.segments if s.role == "rep"]) == 1
    assert run.label.kind == "race"
    slow = Athlete(threshold_speed_mps=4.0)
    slower = analyse(simulate(Plan(run_type="race", athlete=slow), seed=1).to_activity())
    assert slower.workout.text is None


def test_unknown_ground_does_not_stand_against_a_fast_run() -> None:
    time, distance = stretches((1500.0, 5.2))
    signal = clean_activity(activity(time, distance=distance))
    unknown = replace(signal, adjusted_speed_mps=np.full_like(signal.speed_mps, np.nan))
    pieces = segment_signal(unknown)
    assert find_hard(unknown, pieces, find_candidates(unknown, pieces), HARD_MPS).size == 1
