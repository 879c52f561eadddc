"""The reasons of a label: sentences with numbers, and with the athlete's own threshold."""

from __future__ import annotations

import math
import re
from dataclasses import replace

import pytest

from intervaldetect.label import label_session
from intervaldetect.label.classifiers import LABELS, predict, row_of, shipped_models
from intervaldetect.label.explain import _contradiction
from intervaldetect.label.features import FEATURES, Features, session_features, set_features
from intervaldetect.records import Estimate, RepEvidence, SessionEvidence, Thresholds
from intervaldetect.session_features import work_reps
from intervaldetect.simulate import Plan
from tests.label.table import USUAL, evidence_of

KNOWN = Thresholds(
    Estimate(5.4, 0.054, "history", 41, "12 sessions with reps"),
    Estimate(168.0, 3.0, "history", 41, "12 sessions with reps"),
    Estimate(192.0, 2.0, "history", 41, "12 sessions with reps"),
)


@pytest.fixture(scope="module")
def threshold() -> SessionEvidence:
    return evidence_of(Plan("10 x 1000 m @ 3:06 (1:00 jog)"), 1)


@pytest.fixture(scope="module")
def easy() -> SessionEvidence:
    return evidence_of(Plan(run_type="easy"), 1)


def test_reps_are_told_with_threshold_error_and_source(threshold: SessionEvidence) -> None:
    first = label_session(threshold, KNOWN).evidence[0]
    said = re.fullmatch(
        r"10 reps of 3:0\d at (\d+) % of your threshold pace, 3:05/km ± 2 s "
        r"\(history, 41 runs\), end heart rate (\d\d) % of your highest 192 ± 2 bpm, "
        r"recoveries 3\d % as long as the reps, 31 min of work: threshold \((?:over )?\d\d %\)\.",
        first,
    )
    assert said, first
    assert float(said[1]) == pytest.approx(100.0 * 5.376 / 5.4, abs=2.0)
    assert 80 <= int(said[2]) <= 92


def test_a_run_without_reps_is_told_by_its_typical_speed(easy: SessionEvidence) -> None:
    found = label_session(easy, KNOWN)
    assert found.label == "easy"
    assert re.match(r"Run at 7\d % of your threshold pace, 3:05/km", found.evidence[0])


def test_what_is_given_by_another_source_is_named(threshold: SessionEvidence) -> None:
    given = replace(KNOWN, max_hr_bpm=Estimate(190.0, 0.5, "given"))
    assert "of your highest 190 bpm (given)" in label_session(threshold, given).evidence[0]


def test_a_wide_threshold_is_a_reason_not_to_tell(threshold: SessionEvidence) -> None:
    wide = replace(KNOWN, threshold_speed_mps=Estimate(5.0, 0.4, "history", 41, "2 races"))
    sure = label_session(threshold, KNOWN).probabilities
    found = label_session(threshold, wide)
    assert max(found.probabilities.values()) < max(sure.values())
    if found.label is None:
        assert any("known to 8 % only" in sentence for sentence in found.evidence)


def test_the_label_moves_with_the_threshold(threshold: SessionEvidence) -> None:
    """The same reps are VO2 for a slower and a lower-hearted athlete, and easier for a faster."""
    odds = []
    for scale in (0.86, 1.0, 1.10):
        speed, highest = Estimate(5.4 * scale, 0.05, "given"), Estimate(192.0 * scale, 1, "given")
        odds.append(label_session(threshold, Thresholds(speed, None, highest)).probabilities)
    assert odds[0]["vo2"] > 0.5
    assert odds[0]["vo2"] > odds[1]["vo2"] > odds[2]["vo2"]
    assert odds[2]["easy"] > odds[1]["easy"]


def test_features_are_named_and_known_where_they_can_be(
    threshold: SessionEvidence, easy: SessionEvidence
) -> None:
    names = {feature.name for feature in FEATURES}
    assert len(names) == len(FEATURES)
    with_reps = session_features(threshold, KNOWN)
    assert set(with_reps.values) == names
    unknown = {name for name, value in with_reps.values.items() if math.isnan(value)}
    assert unknown == set()
    assert with_reps.values["rep_rise"] > 0.05
    assert with_reps.speed_error == pytest.approx(0.01)
    without = session_features(easy, KNOWN).values
    assert {name for name, value in without.items() if math.isnan(value)} >= {"rep_speed", "rep_hr"}
    assert set_features(threshold, 1, KNOWN).values == with_reps.values


@pytest.mark.parametrize("classifier", ["fitted", "rules"])
def test_classifiers_share_one_contract(
    threshold: SessionEvidence, easy: SessionEvidence, classifier: str
) -> None:
    for item, expected in ((threshold, "threshold"), (easy, "easy")):
        verdict = predict(session_features(item, KNOWN), classifier=classifier)  # type: ignore[arg-type]
        assert tuple(verdict.probabilities) == LABELS
        assert sum(verdict.probabilities.values()) == pytest.approx(1.0)
        assert verdict.classifier == classifier
        assert verdict.ranked()[0] == expected


def test_shipped_coefficients_name_known_features(threshold: SessionEvidence) -> None:
    values = session_features(threshold, KNOWN).values
    assert shipped_models()
    for name, model in shipped_models().items():
        assert len(row_of(values, model.names)) == len(model.names), name
        assert 1.0 / 3.0 < model.abstain_below < 0.9


def test_a_ride_is_not_labelled(easy: SessionEvidence) -> None:
    found = label_session(replace(easy, sport="cycling"), KNOWN)
    assert (found.label, found.kind) == (None, None)
    assert "cycling" in found.evidence[0]


def test_heat_is_told_and_moves_no_label(threshold: SessionEvidence) -> None:
    hot = label_session(replace(threshold, temperature_c=31.0), KNOWN)
    cool = label_session(replace(threshold, temperature_c=12.0), KNOWN)
    assert hot.probabilities == cool.probabilities
    assert any("31 degrees C" in sentence for sentence in hot.evidence)


def test_the_watch_is_quoted_and_decides_nothing(threshold: SessionEvidence) -> None:
    quoted = label_session(replace(threshold, benefit="vo2max"), KNOWN)
    silent = label_session(replace(threshold, benefit=None), KNOWN)
    assert quoted.probabilities == silent.probabilities
    assert "The watch itself called it vo2max (for comparison)." in quoted.evidence


def test_the_usual_athlete_is_the_one_of_these_thresholds() -> None:
    speed = KNOWN.threshold_speed_mps
    assert speed is not None
    assert speed.value == USUAL.threshold_speed_mps


KINDS: dict[str, tuple[Plan, str]] = {
    "mixed": (Plan("3 x 10:00 @ 3:15/km (2:00 jog) + 8 x 200 m @ 0:34 (1:00 jog)"), "mixed"),
    "hills": (Plan("10 x 1:00 @ 3:00/km (1:30 jog)", hill_grade=0.08), "hills"),
    "speed": (Plan("10 x 200 m @ 0:31 (2:00 walk)"), "speed"),
    "tempo blocks": (Plan("2 x 20:00 @ 3:16/km (3:00 jog)"), "tempo"),
    "45/15": (Plan("2 x (12 x 0:45 @ 2:58/km (0:15 jog)) (3:00)"), "threshold_intervals"),
    "race": (Plan("10000 m @ 3:03/km", warmup_s=0.0, cooldown_s=0.0), "race"),
    "progression": (Plan(run_type="progression"), "progression"),
    "strides": (Plan(run_type="strides"), "strides"),
    "long": (Plan(run_type="long"), "long"),
    "recovery": (Plan(run_type="recovery"), "recovery"),
    "easy": (Plan(run_type="easy"), "easy"),
}


@pytest.mark.parametrize("name", KINDS)
def test_sessions_are_named_by_kind(name: str) -> None:
    plan, kind = KINDS[name]
    assert label_session(evidence_of(plan, 2), KNOWN).kind == kind


def test_sets_of_a_mixed_session_have_labels_of_their_own() -> None:
    found = label_session(evidence_of(KINDS["mixed"][0], 1), KNOWN)
    assert [label for label, _ in found.set_labels] == ["threshold", "vo2"]
    assert found.label == "threshold"


def test_unlike_reps_are_not_told_as_so_many_of_one_length() -> None:
    """Three of ten minutes and eight of half a minute are no eleven of ten minutes."""
    told = label_session(evidence_of(KINDS["mixed"][0], 1), KNOWN).evidence[0]
    assert told.startswith("11 reps (half of the work in those of ")


def test_walking_and_running_in_turn_is_a_kind_of_its_own(easy: SessionEvidence) -> None:
    found = label_session(replace(easy, walk_share=0.4), KNOWN)
    assert (found.label, found.kind) == ("easy", "walk_run")
    assert label_session(replace(easy, walk_share=0.05), KNOWN).kind == "easy"
    hiked = label_session(replace(easy, walk_share=0.97), KNOWN)
    assert hiked.kind != "walk_run"


def test_nine_minutes_are_too_little_to_judge(easy: SessionEvidence) -> None:
    short = label_session(replace(easy, moving_s=530.0, elapsed_s=540.0), KNOWN)
    assert (short.label, short.kind) == (None, None)
    assert short.evidence == ("Not labelled: 9 min of running is too little to judge.",)


def test_a_plain_run_is_threshold_only_near_a_threshold_that_is_known(
    easy: SessionEvidence,
) -> None:
    """20 min near threshold at the heart rate of it, of somebody who has shown their threshold."""
    speed = 5.3
    hard = replace(
        easy, typical_speed_mps=speed, speed_curve_mps=(speed,) * 6 + (None,), moving_s=2600.0,
        hr_curve_bpm=(174.0, 172.0, 170.0, 168.0), median_hr_bpm=169.0, peak_hr_bpm=176.0,
        shape="steady", strides=0,
    )  # fmt: skip
    assert label_session(hard, KNOWN).label == "threshold"
    guessed = Thresholds(
        Estimate(5.4, 0.054, "prior", 41),
        Estimate(168.0, 3.0, "prior", 41),
        Estimate(192.0, 2.0, "history", 41),
    )
    assert label_session(hard, guessed).label in {None, "easy"}


def test_work_far_below_threshold_is_never_called_hard(threshold: SessionEvidence) -> None:
    reps = tuple(
        replace(rep, speed_mps=0.78 * 5.4, start_hr_bpm=140.0, end_hr_bpm=148.0)
        for rep in threshold.reps
    )
    slow = replace(threshold, reps=reps, hr_curve_bpm=(150.0, 149.0, 147.0, None))
    slow = replace(slow, median_hr_bpm=146.0, peak_hr_bpm=152.0)
    assert label_session(slow, KNOWN).label in {"easy", None}


def test_an_easy_run_before_strides_is_no_rep(easy: SessionEvidence) -> None:
    long, stride = RepEvidence(1, 0.0, 2085.0, 30.0, 3.8), RepEvidence(2, 2115.0, 14.0, 60.0, 7.2)
    odd = replace(easy, reps=(long, stride, replace(stride, start_s=2200.0)))
    assert work_reps(odd) == odd.reps[1:]
    features = session_features(odd, KNOWN)
    assert features.reps is not None
    assert features.reps.longest_s == 14.0


@pytest.mark.parametrize(
    ("speed", "rate", "said"),
    [
        (0.05, 0.80, "the speed is high for so low a heart rate"),
        (0.01, 0.80, "speed, heart rate and structure are borderline"),
        (0.05, 0.90, "speed, heart rate and structure are borderline"),
        (-0.10, 0.93, "the heart rate is high for so low a speed"),
        (-0.01, 0.93, "speed, heart rate and structure are borderline"),
        (math.nan, 0.80, "speed or heart rate is missing"),
        (0.05, math.nan, "speed or heart rate is missing"),
    ],
)
def test_what_contradicts_what_is_said(speed: float, rate: float, said: str) -> None:
    values = {"effort_speed": speed, "effort_hr": rate}
    assert _contradiction(Features(values, 0.01, 0.01, known_history=True)) == said
