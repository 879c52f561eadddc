"""What names the kind of a session: each condition just inside and just outside."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest

from intervaldetect.endurance import all_out_share
from intervaldetect.label.features import session_features
from intervaldetect.label.kinds import session_kind
from intervaldetect.records import Estimate, Kind, Label, RepEvidence, SessionEvidence
from tests.label.made import KNOWN, MAX_BPM, T_MPS, even, reps, session

HELD_OF_5_KM = all_out_share(1200.0) * math.exp(-0.03)
"""Over threshold speed, at 20 min or a little less: what a race has to be held at."""


def kind(evidence: SessionEvidence, label: Label, *set_labels: Label) -> Kind:
    return session_kind(evidence, session_features(evidence, KNOWN), label, set_labels)


@pytest.mark.parametrize(
    ("changed", "label", "expected"),
    [
        ({}, "easy", "easy"),
        ({"moving_s": 5400.0}, "easy", "long"),
        ({"moving_s": 5399.0}, "easy", "easy"),
        ({"shape": "strides"}, "easy", "strides"),
        ({"shape": "strides", "moving_s": 5400.0}, "easy", "strides"),
        ({"shape": "strides"}, "threshold", "steady"),
        ({"strides": 4}, "easy", "strides"),
        ({"strides": 4, "claimed": True}, "easy", "easy"),
        ({"shape": "progression"}, "easy", "progression"),
        ({"shape": "progression"}, "threshold", "progression"),
        ({"walk_share": 0.15}, "easy", "walk_run"),
        ({"walk_share": 0.14}, "easy", "easy"),
        ({"walk_share": 0.9}, "easy", "walk_run"),
        ({"walk_share": 0.91}, "easy", "easy"),
        ({"speed_trend": 0.06}, "threshold", "progression"),
        ({"speed_trend": 0.05}, "threshold", "steady"),
        ({"typical_speed_mps": 0.71 * T_MPS, "moving_s": 2700.0}, "easy", "recovery"),
        ({"typical_speed_mps": 0.71 * T_MPS, "moving_s": 2701.0}, "easy", "easy"),
        ({"typical_speed_mps": 0.73 * T_MPS, "moving_s": 2700.0}, "easy", "easy"),
        (
            {"typical_speed_mps": 0.71 * T_MPS, "moving_s": 2700.0, "median_hr_bpm": 134.0},
            "easy",
            "easy",
        ),
        ({"typical_speed_mps": 0.87 * T_MPS, "median_hr_bpm": 0.77 * MAX_BPM}, "easy", "steady"),
        ({"typical_speed_mps": 0.87 * T_MPS, "median_hr_bpm": 0.75 * MAX_BPM}, "easy", "easy"),
        ({"typical_speed_mps": 0.87 * T_MPS, "median_hr_bpm": None}, "easy", "steady"),
        ({"typical_speed_mps": 0.85 * T_MPS, "median_hr_bpm": 0.77 * MAX_BPM}, "easy", "easy"),
    ],
)
def test_runs_without_reps(changed: dict[str, Any], label: Label, expected: Kind) -> None:
    assert kind(session(**{"median_hr_bpm": 0.69 * MAX_BPM, **changed}), label) == expected


@pytest.mark.parametrize(("share", "expected"), [(0.945, "tempo"), (0.935, "steady")])
def test_a_tempo_without_a_block_holds_its_fastest_20_min(share: float, expected: Kind) -> None:
    run = session()
    curve = (*run.speed_curve_mps[:4], share * T_MPS, *run.speed_curve_mps[5:])
    assert kind(replace(run, speed_curve_mps=curve), "threshold") == expected
    assert kind(replace(run, speed_curve_mps=(None,) * 7), "threshold") == "tempo"


@pytest.mark.parametrize(
    ("count", "seconds", "rest_s", "label", "expected"),
    [
        (6, 180.0, 60.0, "threshold", "threshold_intervals"),
        (6, 180.0, 60.0, "vo2", "vo2_intervals"),
        (2, 480.0, 120.0, "threshold", "tempo"),
        (2, 479.0, 120.0, "threshold", "threshold_intervals"),
        (3, 480.0, 120.0, "threshold", "threshold_intervals"),
        (2, 480.0, 120.0, "vo2", "vo2_intervals"),
        (8, 50.0, 60.0, "vo2", "speed"),
        (8, 51.0, 62.0, "vo2", "vo2_intervals"),
        (8, 50.0, 59.0, "vo2", "vo2_intervals"),
        (10, 30.0, 60.0, "easy", "strides"),
        (10, 30.5, 60.0, "easy", "easy"),
        (9, 31.0, 60.0, "easy", "easy"),
    ],
)
def test_sessions_of_one_set(
    count: int, seconds: float, rest_s: float, label: Label, expected: Kind
) -> None:
    assert kind(session(reps(count, seconds, rest_s, 1.0, 0.7)), label, label) == expected


@pytest.mark.parametrize(("grade", "expected"), [(0.03, "hills"), (0.029, "vo2_intervals")])
def test_hills_are_reps_uphill_more_than_one(grade: float, expected: Kind) -> None:
    up = [replace(rep, grade=grade) for rep in reps(2, 90.0, 90.0, 1.0, 0.9)]
    assert kind(session(up), "vo2", "vo2") == expected
    assert kind(session(up[:1]), "vo2", "vo2") == "vo2_intervals"


def in_sets(*lengths_s: float) -> SessionEvidence:
    """Make a session of sets, each of two reps of one length."""
    work = tuple(
        replace(rep, set=number, start_s=2000.0 * number + rep.start_s, recovery_s=60.0)
        for number, seconds in enumerate(lengths_s, start=1)
        for rep in reps(2, seconds, 60.0, 1.0, 0.9)
    )
    return session(work)


@pytest.mark.parametrize(
    ("lengths", "labels", "expected"),
    [
        ((400.0, 100.0), ("threshold", "vo2"), "mixed"),
        ((400.0, 45.0), ("threshold", "vo2"), "mixed"),
        ((400.0, 44.0), ("threshold", "vo2"), "threshold_intervals"),
        ((400.0, 100.0), ("threshold", "threshold"), "threshold_intervals"),
        # Two short sets of one intensity together are a tenth of the work.
        ((400.0, 25.0, 25.0), ("threshold", "vo2", "vo2"), "mixed"),
    ],
)
def test_mixed_is_work_of_two_intensities_a_tenth_each(
    lengths: tuple[float, ...], labels: tuple[Label, ...], expected: Kind
) -> None:
    assert kind(in_sets(*lengths), "threshold", *labels) == expected


def uneven(*pairs: tuple[float, float]) -> SessionEvidence:
    work, at = [], 900.0
    for length, rest in pairs:
        work.append(RepEvidence(1, at, length, rest, T_MPS, 150.0, 165.0, 0.0))
        at += length + rest
    return session(work)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        (((60.0, 60.0), (180.0, 200.0), (90.0, 60.0), (240.0, 200.0)), "fartlek"),
        (((60.0, 60.0), (180.0, 200.0), (240.0, 60.0)), "threshold_intervals"),
        (((60.0, 60.0), (180.0, 60.0), (90.0, 60.0), (240.0, 60.0)), "threshold_intervals"),
        (((180.0, 60.0), (180.0, 200.0), (180.0, 60.0), (180.0, 200.0)), "threshold_intervals"),
        # Spreads of .31 and .29 of the mean.
        (((131.0, 131.0), (69.0, 69.0), (131.0, 131.0), (69.0, 69.0)), "fartlek"),
        (((129.0, 129.0), (71.0, 71.0), (129.0, 129.0), (71.0, 71.0)), "threshold_intervals"),
    ],
)
def test_efforts_uneven_in_length_and_recovery_are_a_fartlek(
    pairs: tuple[tuple[float, float], ...], expected: Kind
) -> None:
    assert kind(uneven(*pairs), "threshold", "threshold") == expected


def test_a_fartlek_in_shape_needs_four_efforts() -> None:
    even_work = session(reps(4, 120.0, 60.0, 1.0, 0.9), shape="fartlek")
    assert kind(even_work, "vo2", "vo2") == "fartlek"
    three = session(reps(3, 120.0, 60.0, 1.0, 0.9), shape="fartlek")
    assert kind(three, "vo2", "vo2") == "vo2_intervals"


@pytest.mark.parametrize(
    ("share", "seconds", "rate", "changed", "expected"),
    [
        (1.0, 1800.0, 0.9, {}, "race"),
        (1.0, 600.0, 0.9, {}, "race"),
        (1.0, 599.0, 0.9, {}, "steady"),
        (1.0, 1800.0, 0.9, {"speed_spread": 0.07}, "race"),
        (1.0, 1800.0, 0.9, {"speed_spread": 0.071}, "tempo"),
        (1.0, 1800.0, 0.9, {"speed_spread": None}, "tempo"),
        (1.0, 1800.0, 0.86, {}, "race"),
        (1.0, 1800.0, 0.85, {}, "tempo"),
        (0.981, 1800.0, 0.9, {}, "race"),
        (0.979, 1800.0, 0.9, {}, "tempo"),
        # Over 100 min a race is slower by 5 % of the log of time over 50 min.
        (0.95, 6000.0, 0.9, {}, "race"),
        (0.94, 6000.0, 0.9, {}, "tempo"),
        (1.0, 1800.0, 0.9, {"walk_share": 0.14}, "race"),
        (1.0, 1800.0, 0.9, {"walk_share": 0.15}, "tempo"),
    ],
)
def test_a_whole_run_is_a_race(
    share: float, seconds: float, rate: float, changed: dict[str, Any], expected: Kind
) -> None:
    run = even(share, seconds, rate, **changed)
    found = kind(run, "threshold")
    assert (found == "race") is (expected == "race")
    assert kind(run, "easy") != "race"


@pytest.mark.parametrize(
    ("metres", "speed", "rate", "expected"),
    [
        (5000.0, HELD_OF_5_KM * T_MPS * 1.005, 0.901, "race"),
        (5000.0, HELD_OF_5_KM * T_MPS * 1.005, 0.899, "tempo"),
        (5000.0, HELD_OF_5_KM * T_MPS * 0.995, 0.901, "tempo"),
        (5099.0, HELD_OF_5_KM * T_MPS * 1.005, 0.901, "race"),
        (5101.0, HELD_OF_5_KM * T_MPS * 1.005, 0.901, "tempo"),  # nobody races that
    ],
)
def test_one_effort_over_the_distance_of_a_race(
    metres: float, speed: float, rate: float, expected: Kind
) -> None:
    work = RepEvidence(1, 900.0, metres / speed, None, speed, 150.0, rate * MAX_BPM, 0.0)
    assert kind(session([work]), "threshold", "threshold") == expected
    twice = session([work, replace(work, set=2, start_s=4000.0)])
    assert kind(twice, "threshold", "threshold", "threshold") != "race"


@pytest.mark.parametrize(("of_all", "expected"), [(0.86, "race"), (0.84, "tempo")])
def test_one_effort_that_fills_the_recording_evenly_is_a_race(
    of_all: float, expected: Kind
) -> None:
    """Not over the distance of a race, and with little around it."""
    run = even(1.0, 2150.0, 0.9)
    seconds = of_all * run.elapsed_s
    work = RepEvidence(1, 100.0, seconds, None, T_MPS, 150.0, 0.9 * MAX_BPM, 0.0)
    assert abs(T_MPS * seconds / 10_000.0 - 1.0) > 0.1
    assert kind(replace(run, reps=(work,)), "threshold", "threshold") == expected


@pytest.mark.parametrize(("seconds", "expected"), [(600.0, "race"), (599.0, "tempo")])
def test_one_effort_of_ten_minutes_may_be_a_race(seconds: float, expected: Kind) -> None:
    """Of 3 km: shorter ones are reps."""
    speed = 3000.0 / seconds
    held = all_out_share(seconds) * T_MPS
    scaled = replace(KNOWN, threshold_speed_mps=Estimate(T_MPS * speed / held, 0.05, "given"))
    work = RepEvidence(1, 900.0, seconds, None, speed, 150.0, 0.92 * MAX_BPM, 0.0)
    run = session([work])
    found = session_kind(run, session_features(run, scaled), "threshold", ["threshold"])
    assert found == expected
