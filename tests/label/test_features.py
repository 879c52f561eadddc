"""What tells strides, sprints and races apart, and what heart rate says: inside and outside."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.athlete.session import is_hard, what_is_seen
from intervaldetect.label import label_session
from intervaldetect.label.classifiers import MADE_NAMES, MODELS, predict, row_of, with_doubt
from intervaldetect.label.features import session_features
from intervaldetect.label.kinds import RACE_SPREAD
from intervaldetect.records import Estimate, Thresholds
from tests.label.made import KNOWN, MAX_BPM, even, reps, session


def value(name: str, *args: object, **changed: object) -> float:
    return session_features(session(reps(*args), **changed), KNOWN).values[name]  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("count", "seconds", "rest_s", "strides"),
    [
        (6, 15.0, 45.0, 1.0),
        (6, 19.0, 45.0, 1.0),
        (6, 23.0, 45.0, 0.5),
        (6, 27.0, 45.0, 0.0),
        (6, 15.0, 75.0, 1.0),
        (6, 15.0, 105.0, 0.5),
        (6, 15.0, 135.0, 0.0),
        (3, 15.0, 180.0, 1.0),
        (4, 15.0, 180.0, 0.0),
        (6, 27.0, 180.0, 0.0),
    ],
)
def test_strides_and_sprints_differ_by_length_recovery_and_count(
    count: int, seconds: float, rest_s: float, strides: float
) -> None:
    assert value("strides", count, seconds, rest_s, 1.4, 0.75) == pytest.approx(strides)


def test_heart_rate_above_nine_tenths_of_the_highest_counts_once_more() -> None:
    known = session_features(session(reps(6, 180.0, 60.0, 1.04, 0.93)), KNOWN).values
    assert row_of(known, ("high_hr", "effort_hr")) == pytest.approx((0.03, 0.93))
    assert row_of({**known, "effort_hr": 0.88}, ("high_hr", "reps"))[0] == 0.0
    assert math.isnan(row_of({**known, "effort_hr": math.nan}, ("high_hr", "reps"))[0])


def test_a_row_holds_the_features_by_name_in_any_order() -> None:
    values = session_features(session(reps(4, 240.0, 90.0, 1.05, 0.95)), KNOWN).values
    for names in MODELS.values():
        turned = names[::-1]
        row = dict(zip(names, row_of(values, names), strict=True))
        assert row.keys() > set(MADE_NAMES)
        np.testing.assert_equal(row_of(values, turned), [row[name] for name in turned])
        np.testing.assert_equal(
            [row[name] for name in names if name not in MADE_NAMES],
            [values[name] for name in names if name not in MADE_NAMES],
        )


def test_six_strides_are_easy_and_ten_sprints_are_not() -> None:
    strides = label_session(session(reps(6, 15.0, 45.0, 1.45, 0.74)), KNOWN)
    assert (strides.label, strides.kind) == ("easy", "strides")
    sprints = label_session(session(reps(10, 20.0, 180.0, 1.45, 0.74)), KNOWN)
    assert sprints.probabilities["vo2"] > 0.5
    assert sprints.kind == "speed"


@pytest.mark.parametrize(
    ("seconds", "rest_s", "told"),
    [(20.0, 90.0, 0.0), (40.0, 90.0, 0.5), (60.0, 90.0, 1.0), (20.0, 20.0, 1.0)],
)
def test_the_heart_rate_of_short_reps_with_full_recoveries_says_nothing(
    seconds: float, rest_s: float, told: float
) -> None:
    found = value("rep_hr", 8, seconds, rest_s, 1.2, 0.70)
    assert found == pytest.approx(told * 0.70 + (1.0 - told) * 0.88)


def test_the_effort_of_a_plain_run_is_its_fastest_20_min_else_5() -> None:
    run = session()
    values = session_features(run, KNOWN).values
    assert values["effort_speed"] == pytest.approx(math.log(0.76))
    assert values["effort_hr"] == pytest.approx(136.0 / MAX_BPM)
    short = replace(
        run,
        speed_curve_mps=(*run.speed_curve_mps[:4], None, None, None),
        hr_curve_bpm=(*run.hr_curve_bpm[:2], None, None),
    )
    values = session_features(short, KNOWN).values
    assert values["effort_speed"] == pytest.approx(math.log(0.78))
    assert values["effort_hr"] == pytest.approx(138.0 / MAX_BPM)


def test_a_plain_run_has_no_features_of_reps() -> None:
    values = session_features(session(), KNOWN).values
    zero = ("reps", "very_short", "dense_short", "strides", "race")
    unknown = (
        "rep_speed", "rep_hr", "rep_length", "recovery", "work", "rep_rise", "rep_climb",
    )  # fmt: skip
    assert {name: values[name] for name in zero} == dict.fromkeys(zero, 0.0)
    assert [name for name in unknown if not math.isnan(values[name])] == []
    assert values["duration"] == pytest.approx(math.log(3600.0 / 3000.0))
    assert values["longest"] == pytest.approx(math.log(3600.0 / 1200.0))


def test_what_reps_are_in_numbers() -> None:
    """Four of 3 min with 1 min, 15 bpm up each and no drift."""
    work = reps(4, 180.0, 60.0, 1.02, 0.9)
    values = session_features(session(work), KNOWN).values
    assert values["reps"] == 1.0
    assert values["rep_speed"] == values["effort_speed"] == pytest.approx(math.log(1.02))
    assert values["rep_length"] == pytest.approx(0.0)
    assert values["recovery"] == pytest.approx(math.log(60.0 / 180.0 + 10.0 / 180.0))
    assert values["work"] == pytest.approx(math.log(720.0 / 1200.0))
    assert values["longest"] == pytest.approx(math.log(180.0 / 1200.0))
    assert values["rep_rise"] == pytest.approx(15.0 / MAX_BPM)
    assert values["rep_climb"] == 0.0
    single = [replace(rep, recovery_s=None) for rep in reps(1, 600.0, None, 1.0, 0.9)]
    assert session_features(session(single), KNOWN).values["recovery"] == -1.5
    assert value("recovery", 4, 20.0, 600.0, 1.0, 0.9) == 1.5
    # Dense is less than three tenths of the work, and not seven tenths and more.
    assert value("dense_short", 8, 60.0, 18.0, 1.0, 0.9) == pytest.approx(math.log(3.0))
    assert value("dense_short", 8, 60.0, 30.0, 1.0, 0.9) == pytest.approx(0.5 * math.log(3.0))
    assert value("dense_short", 8, 60.0, 42.0, 1.0, 0.9) == pytest.approx(0.0)
    assert value("dense_short", 8, 240.0, 18.0, 1.0, 0.9) == 0.0
    assert value("very_short", 8, 30.0, 30.0, 1.0, 0.9) == pytest.approx(math.log(30.0 / 45.0))
    assert value("very_short", 8, 50.0, 30.0, 1.0, 0.9) == 0.0


def test_what_rules_say_is_bounded_for_the_fitted_model() -> None:
    values = session_features(session(), KNOWN).values
    far = {**values, "speed_20min": -3.0}
    assert row_of(far, ("rule_easy", "rule_vo2")) == pytest.approx((6.0, -2.0))
    near = {**values, "speed_20min": 1.0, "median_hr": math.nan}
    assert row_of(near, ("rule_easy", "reps"))[0] == pytest.approx(-6.0)


@pytest.mark.parametrize(
    ("share", "seconds", "rate", "spread", "race"),
    [
        (1.05, 1200.0, 0.93, 0.05, math.log(1.25)),
        (1.05, 1800.0, 0.93, 0.05, math.log(1500.0 / 1800.0)),
        (1.05, 4000.0, 0.93, 0.05, -0.5),
        (1.05, 590.0, 0.93, 0.05, 0.0),
        (1.05, 1200.0, 0.93, 0.09, 0.0),
        (1.05, 1200.0, 0.86, 0.05, 0.0),
        (0.95, 1200.0, 0.93, 0.05, 0.0),
    ],
)
def test_a_race_is_a_whole_even_hard_run(
    share: float, seconds: float, rate: float, spread: float, race: float
) -> None:
    found = session_features(even(share, seconds, rate, speed_spread=spread), KNOWN)
    assert found.values["race"] == pytest.approx(race)


@pytest.mark.parametrize("spread", [0.07, 0.075])
def test_an_uneven_hard_run_is_no_race(spread: float) -> None:
    assert (label_session(even(1.05, 1200.0, 0.94, speed_spread=spread), KNOWN).kind == "race") is (
        spread <= RACE_SPREAD
    )


def test_a_race_is_labelled_by_its_time() -> None:
    short = label_session(even(1.05, 1200.0, 0.94), KNOWN)
    assert (short.label, short.kind) == ("vo2", "race")
    long = label_session(even(1.0, 2400.0, 0.92), KNOWN)
    assert (long.label, long.kind) == ("threshold", "race")
    assert predict(session_features(even(1.0, 2400.0, 0.92), KNOWN)).classifier == "rules"


def test_doubt_is_shared_between_threshold_and_vo2_alone() -> None:
    assert with_doubt([0.2, 0.7, 0.1], 0.0) == pytest.approx([0.2, 0.7, 0.1])
    assert with_doubt([0.2, 0.7, 0.1], 0.1) == pytest.approx([0.2, 0.67, 0.13])
    assert with_doubt([0.0, 1.0, 0.0], 1.0) == pytest.approx([0.0, 0.5, 0.5])


def test_the_highest_rate_counts_for_the_heart_of_a_session() -> None:
    lower = Thresholds(KNOWN.threshold_speed_mps, None, Estimate(MAX_BPM - 10.0, 2.0, "given"))
    of = session(reps(5, 240.0, 120.0, 1.05, 0.9))
    assert (
        session_features(of, lower).values["rep_hr"] > session_features(of, KNOWN).values["rep_hr"]
    )


@pytest.mark.parametrize(
    ("seconds", "rate", "hard"), [(300.0, 124.0, False), (300.0, 126.0, True), (50.0, 110.0, True)]
)
def test_reps_that_end_at_the_heart_rate_of_a_walk_show_no_threshold(
    seconds: float, rate: float, hard: bool
) -> None:
    """An easy run cut into pieces is no work; reps too short to raise the rate may be."""
    work = reps(9, seconds, 60.0, 1.0, rate / MAX_BPM)
    assert is_hard(session(work)) is hard
    assert (what_is_seen(session(work)).reps is not None) is hard


def test_strides_are_easy_where_nothing_is_known_of_the_athlete() -> None:
    guessed = Thresholds(Estimate(3.5, 0.2, "prior", 40), None, Estimate(200.0, 9.0, "history", 40))
    found = label_session(session(reps(10, 14.0, 32.0, 1.5, 0.78)), guessed)
    assert (found.label, found.kind) == ("easy", "strides")


@pytest.mark.parametrize(("mean_c", "hot"), [(25.0, True), (24.9, False), (None, False)])
def test_heat_begins_at_25_degrees_wherever_it_is_judged(mean_c: float | None, hot: bool) -> None:
    of = session(reps(5, 240.0, 120.0, 1.0, 0.88), temperature_c=mean_c)
    said = label_session(of, KNOWN).evidence
    assert any("heart rate runs higher" in sentence for sentence in said) is hot
