"""Which sessions are judged, and by which bounds: one just inside and one just outside of each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from intervaldetect.endurance import all_out_share
from intervaldetect.label import label_session
from intervaldetect.records import NOT_STATED, Estimate, SessionEvidence
from tests.label.made import KNOWN, T_MPS, even, reps, session


def judged(evidence: SessionEvidence) -> bool:
    found = label_session(evidence, KNOWN)
    assert (found.kind is None) == found.evidence[0].startswith("Not labelled")
    return found.kind is not None


@pytest.mark.parametrize(("moving_s", "expected"), [(599.0, False), (601.0, True)])
def test_ten_minutes_of_running_are_judged(moving_s: float, expected: bool) -> None:
    assert judged(session(moving_s=moving_s)) is expected


@pytest.mark.parametrize(
    ("seconds", "walked", "expected"), [(99.0, 0.0, False), (101.0, 0.0, True), (150.0, 0.2, False)]
)
def test_less_is_judged_for_five_minutes_of_work_that_is_no_jog_walk(
    seconds: float, walked: float, expected: bool
) -> None:
    work = reps(3, seconds, 60.0, 1.1, 0.93)
    assert judged(session(work, moving_s=550.0, walk_share=walked)) is expected


@pytest.mark.parametrize(
    ("typical", "expected"), [(0.79, False), (0.81, True), (7.9, True), (8.1, False)]
)
def test_what_is_no_speed_of_a_runner_is_not_judged(typical: float, expected: bool) -> None:
    assert judged(session(typical_speed_mps=typical)) is expected


@pytest.mark.parametrize(
    ("sport", "expected"),
    [("running", True), (None, True), ("generic", True), ("cycling", False), ("walking", False)],
)
def test_runs_alone_are_judged(sport: str | None, expected: bool) -> None:
    assert judged(session(sport=sport)) is expected


@pytest.mark.parametrize(("share", "label"), [(1.0, "threshold"), (0.88, None)])
def test_a_plain_run_is_threshold_where_it_was_surely_run_near_it(
    share: float, label: str | None
) -> None:
    """0.90 of threshold less its error is the bound, whatever the heart rate."""
    found = label_session(even(share, 2400.0, 0.92, speed_spread=0.2), KNOWN)
    assert found.label == label, found.evidence


def test_work_surely_at_easy_pace_is_never_hard() -> None:
    slow = label_session(session(reps(5, 720.0, 120.0, 0.78, 0.77)), KNOWN)
    assert slow.label in {"easy", None}
    assert "no label" in slow.evidence[0] or "easy" in slow.evidence[0]
    work = label_session(session(reps(5, 480.0, 90.0, 1.0, 0.88)), KNOWN)
    assert work.label == "threshold"


@pytest.mark.parametrize("known", [False, True])
def test_where_no_threshold_is_known_low_heart_rate_gives_no_hard_label(known: bool) -> None:
    guess = Estimate(T_MPS, 0.2, "prior", 40)
    at = KNOWN if known else replace(KNOWN, threshold_speed_mps=guess)
    work = label_session(session(reps(3, 900.0, 120.0, 1.0, 0.79)), at)
    assert max(work.probabilities, key=work.probabilities.__getitem__) == "threshold"
    assert (work.label == "threshold") is known, work.evidence


def test_a_threshold_that_nobody_has_gives_no_label() -> None:
    odd = replace(KNOWN, notes=(f"{NOT_STATED} threshold speed: too high.",))
    assert label_session(even(1.0, 2400.0, 0.92), odd).label is None


def test_a_less_certain_threshold_gives_a_less_certain_label() -> None:
    work = session(reps(6, 300.0, 90.0, 1.01, 0.89))
    wide = replace(KNOWN, threshold_speed_mps=Estimate(T_MPS, 0.24, "history", 41, "1 race"))
    sure, unsure = (label_session(work, by).probabilities for by in (KNOWN, wide))
    assert max(unsure.values()) < max(sure.values())


@pytest.mark.parametrize(
    ("metres", "below", "rate", "kind"),
    [
        (5000.0, 0.02, 0.93, "race"),
        (5000.0, 0.04, 0.93, "tempo"),
        (5000.0, 0.02, 0.89, "tempo"),
        (5080.0, 0.02, 0.93, "race"),
        (5150.0, 0.02, 0.93, "tempo"),
    ],
)
def test_a_parkrun_between_warm_up_and_cool_down_is_a_race(
    metres: float, below: float, rate: float, kind: str
) -> None:
    """5 km at the speed that can be held for its time, less three in a hundred at most."""
    speed = 1.0
    for _ in range(20):
        speed = all_out_share(metres / (speed * T_MPS)) * (1.0 - below)
    work = reps(1, metres / (speed * T_MPS), None, speed, rate)
    found = label_session(session(work, shape="tempo"), KNOWN)
    assert found.label != "easy"
    assert found.kind == kind or (kind == "tempo" and found.kind != "race")


@pytest.mark.parametrize(("walked", "kind"), [(0.14, "easy"), (0.16, "walk_run"), (0.95, "easy")])
def test_walking_and_running_in_turn(walked: float, kind: str) -> None:
    found = label_session(session(walk_share=walked), KNOWN)
    assert (found.label, found.kind) == ("easy", kind)
