"""Parts of what is known of an athlete, one by one."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from intervaldetect.athlete import to_toml
from intervaldetect.athlete.file import read_athlete
from intervaldetect.athlete.posterior import OUTLIER, Posterior
from intervaldetect.athlete.session import REP_S, plausible_bests, usual_speed, what_is_seen
from intervaldetect.athlete.speed import critical_speed
from intervaldetect.athlete.zones import Basis, Zones, time_in_zones
from intervaldetect.records import Estimate, Thresholds
from intervaldetect.session_features import BEST_DISTANCES_M
from tests.label.made import session
from tests.structure.test_frames import signal_of


@pytest.mark.parametrize("recovery", [0.2, 0.7, 1.5])
def test_longer_reps_are_slower_within_a_fifth_of_threshold(recovery: float) -> None:
    speeds = [usual_speed(seconds, recovery * seconds) for seconds in REP_S]
    assert all(shorter > longer for shorter, longer in pairwise(speeds))
    assert 0.9 < min(speeds) < max(speeds) < 1.2


def test_beyond_the_longest_usual_rep_the_speed_is_that_of_the_longest() -> None:
    longest = usual_speed(REP_S[-1], None)
    assert usual_speed(1.5 * REP_S[-1], None) == longest < usual_speed(REP_S[-2], None)


@pytest.mark.parametrize(("unit", "metres"), [("km", 1000.0), ("mi", 1609.344)])
def test_a_threshold_pace_is_read_per_km_and_per_mile(
    tmp_path: Path, unit: str, metres: float
) -> None:
    file = tmp_path / "athlete.toml"
    file.write_text(f'threshold_pace = "5:00/{unit}"\n')
    told = read_athlete(file).thresholds.threshold_speed_mps
    assert told is not None
    assert told.value == pytest.approx(metres / 300.0)


def test_a_pause_is_in_no_zone() -> None:
    zones = Zones("mine", "pace", (3.0,), ("easy", "hard"))
    speed = np.array([2.0] * 10 + [4.0] * 20)
    paused = np.arange(30) >= 25
    signal = signal_of(np.arange(31.0), speed, paused=paused)
    assert time_in_zones(signal, zones) == {"easy": 10.0, "hard": 15.0}


@pytest.mark.parametrize(("basis", "hard"), [("heart_rate", 12.0), ("power", 7.0)])
def test_zones_go_by_what_they_are_made_of(basis: Basis, hard: float) -> None:
    signal = replace(
        signal_of(np.arange(31.0), np.full(30, 4.0)),
        heart_rate_bpm=np.where(np.arange(31) > 18, 170.0, 120.0),
        power_w=np.where(np.arange(31) > 23, 350.0, 120.0),
    )
    zones = Zones("mine", basis, (150.0,), ("easy", "hard"))
    assert time_in_zones(signal, zones) == {"easy": 30.0 - hard, "hard": hard}


def test_one_threshold_that_is_not_known_keeps_no_other_from_being_written() -> None:
    unknown = Estimate(4.0, 0.3, "prior")
    text = to_toml(Thresholds(unknown, None, Estimate(189.0, 2.0, "given")))
    assert text.startswith("# threshold_speed_mps: not known")
    assert "max_hr_bpm = { value = 189.0" in text


def test_a_peak_counts_where_no_whole_minute_is_known() -> None:
    short = session(hr_curve_bpm=(None,) * 4, peak_hr_bpm=171.0)
    assert what_is_seen(short).peak_bpm == 171.0
    assert what_is_seen(replace(short, hr_curve_bpm=(160.0, *(None,) * 3))).peak_bpm == 164.0


def test_what_equals_the_world_record_is_a_best_and_what_beats_it_is_none() -> None:
    records = (42.0, 100.0, 131.0, 205.0, 437.0, 755.0)
    assert plausible_bests(session(best_times_s=records)) == records
    faster = tuple(seconds - 0.1 for seconds in records)
    assert plausible_bests(session(best_times_s=faster)) == (None,) * 6


def test_critical_speed_takes_three_efforts_one_of_them_long() -> None:
    times = [(metres - 170.0) / 4.5 for metres in BEST_DISTANCES_M]
    three = [time if k >= len(times) - 3 else None for k, time in enumerate(times)]
    found = critical_speed(three)
    assert found is not None
    assert found[0] == pytest.approx(4.5)
    assert critical_speed([*three[:-1], None]) is None
    assert critical_speed([*times[:3], None, None, None]) is None  # none from 1500 m on


def test_what_lies_far_off_moves_and_costs_little() -> None:
    """As Huber has it: beyond 2.5 standard errors neither step nor cost grow as they would."""

    def after(errors: float) -> tuple[float, float]:
        one = Posterior()
        row = np.zeros((1, one.mean.shape[1]))
        row[0, 0] = 1.0
        spread = one.covariance[0, 0, 0] + 0.01
        was = one.mean[0, 0]
        one._update(row, was + errors * math.sqrt(spread), 0.01)
        cost = one.log_chance[0] + 0.5 * math.log(spread * max(errors / OUTLIER, 1.0) ** 2)
        return one.mean[0, 0] - was, cost

    (near, near_cost), (far, far_cost) = after(OUTLIER), after(4 * OUTLIER)
    assert far == pytest.approx(near / 4)
    assert near_cost == pytest.approx(-0.5 * OUTLIER**2)
    assert far_cost == pytest.approx(near_cost)
