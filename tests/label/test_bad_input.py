"""Damaged recordings: a wider interval and a reason, never a confident wrong label."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from intervaldetect.athlete import thresholds_over_time
from intervaldetect.label import label_session
from intervaldetect.pipeline import analyse
from intervaldetect.records import Floats, Label, SessionEvidence, SessionLabel, Thresholds
from intervaldetect.simulate import Plan, simulate
from tests.label.table import FIRST_DAY, USUAL, history, rows_of

Columns = dict[str, Floats]
Damage = Callable[[Columns, np.random.Generator], Columns]

PLANS: dict[str, tuple[Plan, Label]] = {
    "VO2": (Plan("6 x 800 m @ 2:05 (3:00 jog)"), "vo2"),
    "threshold": (Plan("4 x 6:00 @ 3:15/km (1:00 jog)"), "threshold"),
    "short reps": (Plan("25 x 400 m @ 1:08 (0:30 stand)"), "threshold"),
    "easy": (Plan(run_type="easy"), "easy"),
}


def no_strap(columns: Columns, random: np.random.Generator) -> Columns:
    return {**columns, "heart_rate": np.full_like(columns["time"], np.nan)}


def cadence_lock(columns: Columns, random: np.random.Generator) -> Columns:
    steps = columns["cadence"] + random.normal(0.0, 1.0, columns["time"].size)
    return {
        **columns,
        "heart_rate": np.where(steps > 120.0, np.round(steps), columns["heart_rate"]),
    }


def drop_outs(columns: Columns, random: np.random.Generator) -> Columns:
    lost = np.arange(columns["time"].size) % 200 >= 70
    return {**columns, "heart_rate": np.where(lost, np.nan, columns["heart_rate"])}


def impossible(columns: Columns, random: np.random.Generator) -> Columns:
    high = np.arange(columns["time"].size) % 400 < 60
    return {**columns, "heart_rate": np.where(high, 235.0, columns["heart_rate"])}


def jumping_strap(columns: Columns, random: np.random.Generator) -> Columns:
    within = (columns["time"] >= 300.0) & (columns["time"] < 700.0)
    return {**columns, "heart_rate": columns["heart_rate"] + np.where(within, 40.0, 0.0)}


def altitude_noise(columns: Columns, random: np.random.Generator) -> Columns:
    wrong = random.normal(0.0, 15.0, columns["time"].size)
    return {**columns, "altitude": columns["altitude"] + wrong}


# What is done to a recording, and what is said of it.
DAMAGES: dict[str, tuple[Damage, str]] = {
    "no heart rate": (no_strap, "no heart rate"),
    "cadence lock": (cadence_lock, "follows the cadence"),
    "drop-outs": (drop_outs, "% of the time only"),
    "220+": (impossible, "above 220 left out"),
    "jumping strap": (jumping_strap, "jumped at constant speed"),
    "altitude noise": (altitude_noise, "altitude too noisy"),
}


@functools.cache
def evidence_of(name: str, damage: str | None) -> SessionEvidence:
    plan, _ = PLANS[name]
    if damage == "treadmill":
        plan = replace(plan, terrain="treadmill")
    activity = simulate(plan, seed=5).to_activity()
    if damage in DAMAGES:
        columns = DAMAGES[damage][0](dict(activity.columns), np.random.default_rng(3))
        activity = replace(activity, columns=columns)
    found = analyse(activity, laps="ignore").evidence
    assert found is not None
    return replace(found, start_time=FIRST_DAY + timedelta(days=70))


@functools.cache
def before() -> tuple[SessionEvidence, ...]:
    rows = rows_of(USUAL)
    return tuple(item for _, item in history(USUAL, 7, [rows[1], rows[10], rows[12], rows[7]]))


def judged(item: SessionEvidence, *, alone: bool) -> tuple[SessionLabel, Thresholds]:
    known = [item] if alone else [*before(), item]
    thresholds = thresholds_over_time(known)[-1].thresholds
    return label_session(item, thresholds), thresholds


def relative_error(thresholds: Thresholds) -> float:
    speed = thresholds.threshold_speed_mps
    assert speed is not None
    return speed.standard_error / speed.value


@pytest.mark.parametrize("alone", [True, False], ids=["alone", "with history"])
@pytest.mark.parametrize("damage", [*DAMAGES, "treadmill"])
@pytest.mark.parametrize("name", PLANS)
def test_damage_never_makes_a_wrong_label(name: str, damage: str, alone: bool) -> None:
    item = evidence_of(name, damage)
    found, thresholds = judged(item, alone=alone)
    assert found.label in {PLANS[name][1], None}, found.evidence
    told = " ".join(found.evidence)
    assert ("Treadmill" if damage == "treadmill" else DAMAGES[damage][1]) in told
    if found.label is None:
        assert "Could be " in told
    if alone:
        _, clean = judged(evidence_of(name, None), alone=True)
        assert relative_error(thresholds) >= 0.9 * relative_error(clean)


@pytest.mark.parametrize("damage", ["no heart rate", "cadence lock", "treadmill"])
@pytest.mark.parametrize("name", PLANS)
def test_what_is_lacking_widens_the_interval(name: str, damage: str) -> None:
    _, clean = judged(evidence_of(name, None), alone=True)
    _, worse = judged(evidence_of(name, damage), alone=True)
    assert relative_error(worse) > 1.1 * relative_error(clean)


def test_neither_speed_nor_heart_rate_abstains_by_rule() -> None:
    item = evidence_of("easy", "no heart rate")
    blind = replace(
        item,
        speed_curve_mps=(None,) * len(item.speed_curve_mps),
        best_times_s=(None,) * len(item.best_times_s),
        typical_speed_mps=None,
        doubts=("no speed", "no heart rate"),
    )
    found, thresholds = judged(blind, alone=True)
    assert found.label is None
    assert "neither speed nor heart rate is known" in found.evidence[0].lower()
    speed = thresholds.threshold_speed_mps
    assert speed is not None
    assert speed.source == "prior"
    assert relative_error(thresholds) >= 0.2


def test_a_season_of_one_easy_run_knows_little_and_says_so() -> None:
    found, thresholds = judged(evidence_of("easy", None), alone=True)
    speed, highest = thresholds.threshold_speed_mps, thresholds.max_hr_bpm
    assert speed is not None
    assert highest is not None
    assert found.label in {"easy", None}
    assert (speed.source, speed.sessions, speed.rests_on) == ("prior", 1, None)
    assert relative_error(thresholds) > 0.05
    assert highest.standard_error > 6.0
    assert thresholds.notes == ("No hard run seen yet: threshold not known.",)
    assert not any("of your threshold pace" in sentence for sentence in found.evidence)


def test_no_sessions_no_thresholds() -> None:
    assert thresholds_over_time([]) == []
