"""Thresholds from history: near where something hard was seen, and not known where nothing was.

The seasons are those of ``benchmarks/accuracy/bodies.py``, whose bodies share nothing with the
simulator that ships with the package.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from benchmarks.accuracy.bodies import Season, season
from benchmarks.accuracy.thresholds import noticed, outcome
from intervaldetect.athlete import overview, posterior, thresholds_over_time, to_toml
from intervaldetect.athlete.posterior import Posterior
from intervaldetect.athlete.session import plausible_bests, what_is_seen
from intervaldetect.endurance import all_out_share
from intervaldetect.label import label_session
from intervaldetect.records import Estimate, RepEvidence, SessionEvidence, Thresholds
from tests.label.made import DAY, KNOWN, reps, session

HARD = ("mixed", "parkrunner", "double threshold", "no heart rate")


@functools.cache
def of_kind(kind: str, seed: int = 1, rise: float = 0.0) -> Season:
    return season(kind, seed, rise=rise)


def evidence_of(of: Season) -> list[SessionEvidence]:
    return [done.evidence for done in of.done]


@pytest.fixture(scope="module")
def trained() -> list[SessionEvidence]:
    return evidence_of(of_kind("mixed"))


def speed_of(thresholds: Thresholds) -> Estimate:
    assert thresholds.threshold_speed_mps is not None
    return thresholds.threshold_speed_mps


@pytest.mark.parametrize("kind", HARD)
def test_the_interval_holds_and_is_narrow_where_something_hard_was_seen(kind: str) -> None:
    found = outcome(of_kind(kind))
    assert found.known
    assert found.held
    assert found.stated < 0.04
    assert found.moves == ()


@pytest.mark.parametrize(
    ("kind", "seed"), [("parkrunner", 1), ("parkrunner", 2), ("hot summer", 2)]
)
def test_the_intervals_of_heart_rate_hold_on_bodies_unlike_the_model(kind: str, seed: int) -> None:
    found = outcome(of_kind(kind, seed))
    assert found.rate_held
    assert found.highest_held


@pytest.mark.parametrize("kind", ["mixed", "singles"])
def test_a_rise_of_six_per_cent_is_told_within_four_weeks(kind: str) -> None:
    rising = of_kind(kind, rise=0.06)
    assert noticed(rising, outcome(rising))


def test_easy_runs_say_nothing_of_the_threshold_however_many_they_are() -> None:
    easy = evidence_of(of_kind("easy only"))
    few, many = thresholds_over_time(easy[:5])[-1], thresholds_over_time(easy)[-1]
    assert speed_of(many.thresholds).source == "prior"
    assert speed_of(many.thresholds).rests_on is None
    assert "No hard run seen yet: threshold not known." in many.thresholds.notes
    error = [
        speed_of(s.thresholds).standard_error / speed_of(s.thresholds).value for s in (few, many)
    ]
    assert error[1] > 0.04
    assert error[1] > 0.7 * error[0]
    for item, state in zip(easy, thresholds_over_time(easy), strict=True):
        assert label_session(item, state.thresholds).label in {"easy", None}


def test_what_rests_on_nothing_hard_is_not_exported(trained: list[SessionEvidence]) -> None:
    easy = thresholds_over_time(evidence_of(of_kind("easy only")))[-1].thresholds
    lines = to_toml(easy).splitlines()
    assert lines
    assert all(line.startswith("# ") and "not known" in line for line in lines)
    text = to_toml(thresholds_over_time(trained)[-1].thresholds)
    assert text.count("standard_error") == 3
    assert "sessions with reps" in text


def test_a_race_fixes_the_threshold_by_its_distance() -> None:
    """5 km in 20:16 at 93 % of the highest heart rate is about 4:20/km for one hour."""
    easy = evidence_of(of_kind("easy only"))[0]
    seconds, metres = 1216.0, 5000.0
    speed = metres / seconds
    race = replace(
        easy, moving_s=seconds, elapsed_s=seconds, typical_speed_mps=speed, speed_spread=0.02,
        speed_trend=0.0, speed_curve_mps=(speed, speed, speed, speed, speed, None, None),
        hr_curve_bpm=(184.0, 180.0, 177.0, None), median_hr_bpm=177.0, peak_hr_bpm=186.0,
        steady=((speed, 177.0, 1200.0),), best_times_s=(97.0, 194.5, 243.0, 364.0, 729.0, 1216.0),
    )  # fmt: skip
    found = speed_of(thresholds_over_time([race])[0].thresholds)
    assert found.rests_on == "1 race"
    assert 1000.0 / found.value == pytest.approx(260.0, abs=5.0)
    assert found.standard_error < 0.04 * found.value
    slow = replace(race, median_hr_bpm=140.0, hr_curve_bpm=(150.0, 145.0, 140.0, None))
    slow = replace(slow, peak_hr_bpm=152.0, steady=((speed, 140.0, 1200.0),))
    assert (
        speed_of(thresholds_over_time([race, later(slow, 1)])[-1].thresholds).rests_on == "1 race"
    )


def later(evidence: SessionEvidence, days: float) -> SessionEvidence:
    return replace(evidence, start_time=evidence.start_time + timedelta(days=days))


def test_what_can_be_held_follows_time() -> None:
    assert all_out_share(3600.0) == pytest.approx(1.0)
    assert all_out_share(1200.0) == pytest.approx(1.067, abs=0.01)
    assert all_out_share(10800.0) == pytest.approx(0.93, abs=0.03)


def test_no_critical_speed_below_the_threshold_is_told() -> None:
    for kind in (*HARD, "easy only"):
        states = thresholds_over_time(evidence_of(of_kind(kind)))
        assert states
        for state in states:
            critical = state.critical_speed_mps
            assert critical is None or critical >= speed_of(state.thresholds).value


def test_nothing_faster_than_the_world_record_is_a_best_effort(
    trained: list[SessionEvidence],
) -> None:
    ridden = replace(trained[0], best_times_s=(30.0, 90.0, 200.0, 320.0, 700.0, 1300.0))
    assert plausible_bests(ridden) == (None, None, 200.0, 320.0, 700.0, 1300.0) or (
        plausible_bests(ridden)[:2] == (None, None)
    )
    driven = replace(trained[0], speed_curve_mps=(14.0,) * 7)
    assert what_is_seen(driven).at_least is None


def test_estimates_no_runner_can_have_are_not_stated(trained: list[SessionEvidence]) -> None:
    crawl = replace(trained[0], typical_speed_mps=0.2, speed_curve_mps=(0.2,) * 7, steady=())
    for speed in (0.2, 13.0):
        reps = (RepEvidence(1, 0.0, 600.0, 60.0, speed), RepEvidence(1, 660.0, 600.0, None, speed))
        wild = replace(crawl, reps=reps, structured_probability=0.99, easy_speed_mps=None)
        found = thresholds_over_time([later(wild, k) for k in range(60)])[-1].thresholds
        assert found.threshold_speed_mps is None
        assert any("is outside 1 to 8" in note for note in found.notes)


def test_damaged_histories_state_wider_intervals() -> None:
    clean = outcome(of_kind("mixed"))
    indoors = of_kind("mixed")
    belts = replace_all(indoors, treadmill=True)
    assert outcome(belts).stated > clean.stated


def replace_all(of: Season, **changes: object) -> Season:
    done = [replace(each, evidence=replace(each.evidence, **changes)) for each in of.done]  # type: ignore[arg-type]
    return Season(of.kind, of.seed, done)


def test_a_session_is_judged_by_what_was_known_then(trained: list[SessionEvidence]) -> None:
    early = len(trained) * 2 // 3
    whole = thresholds_over_time(trained)
    then = thresholds_over_time(trained[: early + 1])
    assert whole[early].thresholds == then[early].thresholds


def test_the_first_weeks_are_judged_by_all_of_them(trained: list[SessionEvidence]) -> None:
    whole = thresholds_over_time(trained)
    first = trained[0].start_time
    start = [k for k, item in enumerate(trained) if item.start_time - first <= timedelta(days=28)]
    assert {whole[k].thresholds for k in start} == {whole[start[-1]].thresholds}
    cut = thresholds_over_time(trained, start_up=False)
    assert cut[0].thresholds == thresholds_over_time(trained[:1])[0].thresholds
    assert cut[start[-1]].thresholds == whole[start[-1]].thresholds


def test_the_order_of_the_sessions_does_not_matter(trained: list[SessionEvidence]) -> None:
    forward = thresholds_over_time(trained)
    assert thresholds_over_time(trained[::-1]) == forward[::-1]


def test_what_is_given_takes_the_place_of_the_estimate(trained: list[SessionEvidence]) -> None:
    given = Thresholds(Estimate(4.4, 0.05, "given"), None, Estimate(191.0, 2.0, "given"))
    states = thresholds_over_time(trained[:5], given=given)
    assert len(states) == 5
    for state in states:
        assert state.thresholds.threshold_speed_mps == given.threshold_speed_mps
        assert state.thresholds.max_hr_bpm == given.max_hr_bpm
        assert state.thresholds.threshold_hr_bpm is not None
        assert 0.8 * 191.0 < state.thresholds.threshold_hr_bpm.value < 0.95 * 191.0


def test_one_spike_of_a_strap_does_not_set_the_highest_heart_rate(
    trained: list[SessionEvidence],
) -> None:
    clean = thresholds_over_time(trained)[-1].thresholds.max_hr_bpm
    spiked = list(trained)
    spiked[10] = replace(spiked[10], peak_hr_bpm=219.0)
    told = thresholds_over_time(spiked)[-1].thresholds.max_hr_bpm
    assert clean is not None
    assert told is not None
    assert abs(told.value - clean.value) <= 5.0


def test_threshold_work_alone_leaves_the_highest_heart_rate_open() -> None:
    """Somebody who never runs harder has never shown it, however many sessions there are."""
    singles = thresholds_over_time(evidence_of(of_kind("singles")))[-1].thresholds.max_hr_bpm
    mixed = thresholds_over_time(evidence_of(of_kind("mixed")))[-1].thresholds.max_hr_bpm
    assert singles is not None
    assert mixed is not None
    assert singles.standard_error > mixed.standard_error


def test_sessions_in_heat_tell_of_no_move() -> None:
    rising = of_kind("mixed", rise=0.06)
    hot = [
        replace(item, temperature_c=30.0) if k > 5 else item
        for k, item in enumerate(evidence_of(rising))
    ]
    assert not any(state.move for state in thresholds_over_time(hot))


@pytest.mark.parametrize("kind", ["mixed", "parkrunner"])
def test_what_cannot_be_a_race_is_not_held_against_the_threshold(
    kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Speed adds no more to the odds of a race than is supposed: skipping it changes nothing."""
    runs = evidence_of(of_kind(kind))
    skipped = thresholds_over_time(runs)
    asked = []
    odds_of_speed = Posterior._odds_of_speed

    def counted(self: Posterior, log_speed: float) -> float:
        asked.append(odds_of_speed(self, log_speed))
        return asked[-1]

    monkeypatch.setattr(Posterior, "_odds_of_speed", counted)
    thresholds_over_time(runs)
    few = len(asked)
    monkeypatch.setattr(posterior, "MOST_BY_SPEED", math.inf)
    assert thresholds_over_time(runs) == skipped
    assert max(asked) < 2.3
    assert few < 0.6 * (len(asked) - few)


def test_the_filter_takes_no_step_from_nothing(trained: list[SessionEvidence]) -> None:
    posterior = Posterior()
    before = posterior.read()
    posterior.see(1.0, what_is_seen(replace(trained[0], **blank(trained[0]))))  # type: ignore[arg-type]
    after = posterior.read()
    assert after.log_speed == pytest.approx(before.log_speed)
    assert after.log_speed_error == pytest.approx(before.log_speed_error, rel=0.01)
    assert math.isfinite(after.threshold_bpm)


def test_what_the_filter_keeps_is_of_what_was_seen_last(trained: list[SessionEvidence]) -> None:
    walked = Posterior()
    assert len(trained) > 30
    for day, item in enumerate(trained):
        seen = replace(what_is_seen(item), held_20_bpm=150.0 + day, peak_bpm=170.0 + day)
        walked.see(float(day), seen)
        walked.read()
        anew = Posterior()
        anew.held_bpm, anew.peaks = walked.held_bpm, replace(walked.peaks, _known=None)
        np.testing.assert_array_equal(walked._held(), anew._held())
        np.testing.assert_array_equal(
            walked._rates(walked._highest()), anew._rates(anew._highest())
        )


def blank(item: SessionEvidence) -> dict[str, Sequence[None] | tuple[()] | None]:
    """Everything that a session can say, taken away."""
    return {
        "reps": (), "steady": (), "typical_speed_mps": None, "median_hr_bpm": None,
        "peak_hr_bpm": None, "speed_spread": None,
        "speed_curve_mps": (None,) * len(item.speed_curve_mps),
        "hr_curve_bpm": (None,) * len(item.hr_curve_bpm),
        "best_times_s": (None,) * len(item.best_times_s),
    }  # fmt: skip


def test_the_overview_sums_up_the_months(trained: list[SessionEvidence]) -> None:
    ride = replace(later(trained[3], 1), sport="cycling")
    told = overview("me", [*trained, ride])
    assert told is not None
    assert told.runs == len(trained)
    assert sum(month.runs for month in told.months) == told.runs
    assert told.now.thresholds == thresholds_over_time(trained)[-1].thresholds
    assert list(told.best_efforts) == [400.0, 800.0, 1000.0, 1500.0, 3000.0, 5000.0]
    assert overview("me", [ride]) is None


@pytest.mark.parametrize("odd", [1.25, 1.4])
def test_one_odd_session_hardly_moves_the_threshold(odd: float) -> None:
    """Twelve alike; one of them, by a wrong distance, a quarter faster and more."""

    def estimate(of_sixth: float) -> Estimate:
        sessions = [
            replace(
                session(reps(5, 360.0, 60.0, of_sixth if k == 6 else 1.0, 0.88)),
                start_time=DAY + timedelta(days=5 * k),
            )
            for k in range(12)
        ]
        return speed_of(thresholds_over_time(sessions)[-1].thresholds)

    even = estimate(1.0)
    assert abs(estimate(odd).value - even.value) < 0.1 * even.standard_error


@pytest.mark.parametrize("what", ["threshold_speed_mps", "max_hr_bpm"])
def test_a_label_is_less_sure_where_a_threshold_is(what: str) -> None:
    of = session(reps(5, 240.0, 60.0, 1.0, 0.86))
    sure, unsure = (
        label_session(of, replace(KNOWN, **{what: replace(known, standard_error=error)}))
        for known in [getattr(KNOWN, what)]
        for error in (0.005 * known.value, 0.06 * known.value)
    )
    assert sure.label == "threshold"
    assert unsure.probabilities["threshold"] < sure.probabilities["threshold"] - 0.01
