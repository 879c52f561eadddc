"""Thresholds from history, on a few simulated athletes; the benchmark runs many."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from intervaldetect.athlete import overview, thresholds_over_time
from intervaldetect.records import Estimate, SessionEvidence, Thresholds

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks" / "accuracy"
ATHLETES = (0, 1)


@pytest.fixture(scope="module")
def bench() -> Iterator[ModuleType]:
    sys.path.insert(0, str(BENCHMARKS))
    try:
        yield importlib.import_module("thresholds")
    finally:
        sys.path.remove(str(BENCHMARKS))


@pytest.fixture(scope="module")
def seasons(bench: ModuleType) -> list[list[Any]]:
    return [bench._season(number) for number in ATHLETES]


@pytest.fixture(scope="module")
def trained(seasons: list[list[Any]]) -> list[SessionEvidence]:
    return sorted((item.evidence for item in seasons[0]), key=lambda item: item.start_time)


def test_threshold_speed_is_near_and_its_rise_is_seen(
    bench: ModuleType, seasons: list[list[Any]]
) -> None:
    found = bench.measure(seasons)
    assert found.error <= 0.02
    assert found.covered == 1.0
    assert found.noticed == 1.0
    assert found.false_moves <= 0.5


@pytest.mark.parametrize("damage", ["no heart rate", "all on a treadmill", "no speed"])
def test_damaged_histories_state_wider_intervals_that_hold(
    bench: ModuleType, seasons: list[list[Any]], damage: str
) -> None:
    clean, worse = bench.measure(seasons), bench.measure(seasons, bench.DAMAGES[damage])
    assert worse.stated > clean.stated
    assert worse.covered == 1.0
    assert worse.false_moves == 0.0


def test_sessions_in_heat_tell_of_no_move(trained: list[SessionEvidence]) -> None:
    moves = [state.move is not None for state in thresholds_over_time(trained)]
    first = moves.index(True)
    hot = [replace(item, temperature_c=30.0) for item in trained[first - 1 :]]
    in_heat = thresholds_over_time(trained[: first - 1] + hot)
    assert not any(state.move for state in in_heat)


def test_a_session_is_judged_by_what_was_known_then(trained: list[SessionEvidence]) -> None:
    early = len(trained) * 2 // 3
    whole = thresholds_over_time(trained)
    then = thresholds_over_time(trained[: early + 1])
    assert whole[early].thresholds == then[early].thresholds
    speeds = [state.thresholds.threshold_speed_mps for state in whole]
    assert all(speed is not None and speed.standard_error > 0.0 for speed in speeds)


def test_the_order_of_the_sessions_does_not_matter(trained: list[SessionEvidence]) -> None:
    forward = thresholds_over_time(trained)
    assert thresholds_over_time(trained[::-1]) == forward[::-1]


def test_what_is_given_takes_the_place_of_the_estimate(trained: list[SessionEvidence]) -> None:
    given = Thresholds(Estimate(4.4, 0.05, "given"), None, Estimate(191.0, 2.0, "given"))
    for state in thresholds_over_time(trained[:5], given=given):
        assert state.thresholds.threshold_speed_mps == given.threshold_speed_mps
        assert state.thresholds.max_hr_bpm == given.max_hr_bpm
        assert state.thresholds.threshold_hr_bpm is not None
        assert 0.8 * 191.0 < state.thresholds.threshold_hr_bpm.value < 0.95 * 191.0


def test_one_spike_of_a_strap_does_not_set_the_highest_heart_rate(
    trained: list[SessionEvidence],
) -> None:
    clean = thresholds_over_time(trained)[-1].thresholds.max_hr_bpm
    spiked = list(trained)
    peak = spiked[10].peak_hr_bpm
    assert peak is not None
    spiked[10] = replace(spiked[10], peak_hr_bpm=219.0)
    told = thresholds_over_time(spiked)[-1].thresholds.max_hr_bpm
    assert clean is not None
    assert told is not None
    assert abs(told.value - clean.value) <= 5.0


def test_a_single_hard_session_stands_for_itself(trained: list[SessionEvidence]) -> None:
    hard = next(item for item in trained if len(item.reps) > 3 and item.peak_hr_bpm)
    easy = [item for item in trained if not item.reps][:8]
    alone = thresholds_over_time([hard])[0].thresholds.max_hr_bpm
    among = thresholds_over_time([hard, *easy])[0].thresholds.max_hr_bpm
    assert alone is not None
    assert among is not None
    assert hard.peak_hr_bpm is not None
    assert among.value >= hard.peak_hr_bpm
    assert among.value == pytest.approx(alone.value, rel=0.02)


def test_the_overview_sums_up_the_months(trained: list[SessionEvidence]) -> None:
    ride = replace(
        trained[3], sport="cycling", start_time=trained[3].start_time + timedelta(days=1)
    )
    told = overview("me", [*trained, ride])
    assert told is not None
    assert told.runs == len(trained)
    assert sum(month.runs for month in told.months) == told.runs
    assert told.now.thresholds == thresholds_over_time(trained)[-1].thresholds
    assert [move.after_mps > move.before_mps for move in told.moves][-1:] in ([True], [])
    assert list(told.best_efforts) == [400.0, 800.0, 1000.0, 1500.0, 3000.0, 5000.0]
    assert overview("me", [ride]) is None
