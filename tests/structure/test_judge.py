"""The judge: features that say what they are called, and a softmax over readings."""

from __future__ import annotations

import json
import math
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.structure.judge import (
    FEATURES,
    LEAST_UNEVEN,
    MOST_UNEVEN,
    NEVER,
    NOTHING,
    REP_FEATURES,
    EdgeErrors,
    Weights,
    decide,
    describe,
    shipped_weights,
    weights_from,
)
from intervaldetect.structure.plan_prior import due_to_plan
from intervaldetect.structure.readings import Reading
from tests.structure.test_readings import REPS, run, seen

SPANS = np.array(REPS)


def reading(*spans: tuple[float, float]) -> Reading:
    both = np.array(spans)
    return Reading("test", both[:, 0].copy(), both[:, 1].copy())


def features(*readings: Reading) -> list[dict[str, float]]:
    signal = run()
    described = describe(signal, seen(signal, REPS), readings)
    return [dict(zip(FEATURES, row.tolist(), strict=True)) for row in described.features]


def weights(**slopes: float) -> Weights:
    """Return weights that heed these features only."""
    blank = EdgeErrors(np.array([0.3, 0.6]), np.array([9.0, 4.0, 1.0]), np.array([8.0, 3.0, 2.0]))
    return Weights(
        "test",
        np.array([slopes.get(name, 0.0) for name in FEATURES]),
        np.zeros(len(NOTHING)),
        (1.0, 0.0),
        np.zeros(len(REP_FEATURES)),
        blank,
    )


def test_features_say_what_they_are_called() -> None:
    (found,) = features(reading(*REPS))
    assert found["count"] == pytest.approx(math.log(3))
    assert found["work"] == pytest.approx(math.log(360.0) - 6.0)
    assert found["spread_seconds"] == found["spread_gap"] == pytest.approx(0.0, abs=1e-9)
    assert found["singles"] == 0.0
    assert found["contrast"] == pytest.approx(math.log(4.0 / 2.8), abs=0.01)
    assert found["over_easy_worst"] == pytest.approx(math.log(4.0 / 2.8), abs=0.01)
    assert found["share"] == pytest.approx(360.0 / 1200.0, abs=0.01)
    assert found["little"] == 0.0


def test_uphill_the_speed_on_level_ground_counts() -> None:
    """As fast over the ground as the recoveries, but as hard as 4 m/s on the level."""
    hills = run(())
    adjusted = run().speed_mps.copy()
    described = describe(
        replace(hills, adjusted_speed_mps=adjusted), seen(hills, REPS), [reading(*REPS)]
    )
    found = dict(zip(FEATURES, described.features[0].tolist(), strict=True))
    assert found["contrast"] == pytest.approx(math.log(4.0 / 2.8), abs=0.01)


def test_little_work_shows() -> None:
    whole, one = features(reading(*REPS), reading(REPS[0]))
    assert whole["little"] == 0.0
    assert one["little"] == pytest.approx(math.log(300.0 / 120.0))


def test_uneven_reps_show() -> None:
    even, uneven = features(reading(*REPS), reading((300.0, 420.0), (480.0, 530.0), (660.0, 780.0)))
    assert uneven["spread_seconds"] > even["spread_seconds"]
    assert (even["singles"], uneven["singles"]) == (0.0, 1.0)


def test_reps_are_even_beside_those_of_their_set() -> None:
    """Long and short in turn are even; one alone, or unlike the others, is not."""
    turns = [(100.0, 220.0), (250.0, 280.0), (310.0, 430.0), (460.0, 490.0)]
    odd = [*turns[:3], (460.0, 520.0)]
    found = [each["uneven"] for each in features(reading(*turns), reading(*odd), reading(turns[0]))]
    exact, apart = math.log(LEAST_UNEVEN), math.log(MOST_UNEVEN + LEAST_UNEVEN)
    assert found == pytest.approx([exact, (2 * exact + 2 * apart) / 4, apart])


def test_the_best_score_is_taken() -> None:
    signal = run()
    described = describe(signal, seen(signal, REPS), [reading(REPS[0]), reading(*REPS)])
    many = decide(described, weights(count=5.0)).reading
    few = decide(described, weights(count=-5.0)).reading
    assert many is described.readings[1]
    assert few is described.readings[0]


def test_a_bonus_moves_the_choice_and_not_the_claim() -> None:
    signal = run()
    described = describe(signal, seen(signal, REPS), [reading(REPS[0]), reading(*REPS)])
    plain = decide(described, weights(count=1.0))
    helped = decide(described, weights(count=1.0), np.array([5.0, 0.0]))
    assert helped.reading is described.readings[0]
    assert plain.reading is described.readings[1]
    assert helped.log_odds == plain.log_odds


def test_log_odds_are_those_against_nothing() -> None:
    signal = run()
    described = describe(signal, seen(signal, REPS), [reading(*REPS)])
    plain = weights(count=1.0)
    against = replace(plain, nothing=np.eye(len(NOTHING))[0] * 2.0, claim=(0.5, 0.25))
    assert decide(described, plain).log_odds == pytest.approx(math.log(3))
    assert decide(described, against).log_odds == pytest.approx(0.5 * (math.log(3) - 2.0) + 0.25)


def test_errors_follow_how_sure_an_edge_is() -> None:
    signal = run()
    described = describe(signal, seen(signal, REPS), [reading(REPS[0], (900.0, 960.0))])
    verdict = decide(described, weights())
    assert verdict.start_error_s.tolist() == [1.0, 9.0]
    assert verdict.end_error_s.tolist() == [2.0, 8.0]


def test_without_readings_nothing_is_claimed() -> None:
    signal = run()
    verdict = decide(describe(signal, seen(signal, REPS), []))
    assert verdict.reading is None
    assert verdict.log_odds == NEVER


def test_shipped_weights_name_every_feature() -> None:
    from importlib.resources import files

    data = json.loads((files("intervaldetect.structure") / "judge.json").read_text())
    assert set(data["readings"]) == set(FEATURES)
    assert set(data["nothing"]) == set(NOTHING)
    assert set(data["rep"]) == set(REP_FEATURES)
    assert weights_from(data).version == shipped_weights().version
    edges = shipped_weights().edges
    assert edges.start_s[-1] == edges.start_s.min()
    assert edges.end_s[-1] == edges.end_s.min()


def test_a_rep_is_due_to_the_plan_where_none_is_found_without() -> None:
    taken = reading(*REPS, (900.0, 960.0))
    unaided = reading((290.0, 310.0), (590.0, 670.0))  # over the start of one, and two others
    assert due_to_plan(taken, unaided) == [False, False, False, True]
    assert due_to_plan(taken, reading((600.0, 660.0), (960.0, 990.0))) == [True] * 4  # they touch
    assert due_to_plan(taken, taken) == due_to_plan(taken, None) == [False] * 4
