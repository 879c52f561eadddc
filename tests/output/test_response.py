"""Recovery and decoupling on signals whose answer is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from intervaldetect.output import response
from intervaldetect.output.response import Response
from intervaldetect.records import Floats, Segment, Signal


def signal_of(speed: Floats, rate: Floats, time: Floats | None = None) -> Signal:
    """Return a level run of n intervals of a second, ``rate`` on n + 1 times."""
    seconds = np.arange(rate.size, dtype=np.float64) if time is None else time
    return Signal(
        time_s=seconds,
        speed_mps=speed,
        adjusted_speed_mps=speed,
        grade=np.zeros(speed.size),
        valid=np.ones(speed.size, np.bool_),
        paused=np.zeros(speed.size, np.bool_),
        distance_m=np.concatenate(([0.0], np.cumsum(speed * np.diff(seconds)))),
        altitude_m=np.zeros(seconds.size),
        heart_rate_bpm=rate,
        cadence_spm=np.full(seconds.size, np.nan),
        power_w=np.full(seconds.size, np.nan),
        speed_source="distance",
        start_lag_s=0.0,
        end_lag_s=0.0,
    )


def rep(start: float, end: float, **told: Any) -> Segment:
    return Segment("rep", start, end, set=1, rep=1, **told)


def test_the_drop_is_that_of_the_line_it_falls_along() -> None:
    """From 180 at 300 s by half a beat a second; the mean of 8 s on a line is its middle."""
    time = np.arange(501.0)
    rate = np.where(time < 300.0, 180.0, 180.0 - 0.5 * (time - 300.0))
    signal = signal_of(np.full(500, 4.0), rate)
    segments = [
        Segment("warmup", 0.0, 100.0, end_hr_bpm=180.0),
        rep(100.0, 300.0, end_hr_bpm=180.0),
        Segment("recovery", 300.0, 345.0, end_hr_bpm=160.0),
        rep(345.0, 400.0, end_hr_bpm=150.0),
        Segment("cooldown", 400.0, 500.0),
    ]
    drops = Response(signal).drops(segments)
    assert drops[0] == drops[2] == drops[4] == (None, None)
    assert drops[1] == (pytest.approx(15.0), None), "the next rep begins after 45 s"
    assert drops[3] == (pytest.approx(150.0 - 115.0), pytest.approx(150.0 - 100.0))


def test_no_drop_in_a_hole_nor_beyond_the_end_nor_without_heart_rate() -> None:
    rate = np.full(401, 170.0)
    rate[310:345] = np.nan
    signal = signal_of(np.full(400, 4.0), rate)
    told = Response(signal).drops([rep(0.0, 300.0, end_hr_bpm=175.0), rep(360.0, 390.0)])
    assert told == [(None, pytest.approx(5.0)), (None, None)]
    late = Response(signal).drops([rep(0.0, 380.0, end_hr_bpm=175.0)])
    assert late == [(None, None)]
    nothing = signal_of(np.full(400, 4.0), np.full(401, np.nan))
    assert Response(nothing).drops([rep(0.0, 300.0, end_hr_bpm=175.0)]) == [(None, None)]
    assert Response(nothing).durability([rep(0.0, 400.0)])["withheld"] == response.NO_HEART_RATE


def test_decoupling_of_a_drift_is_exact() -> None:
    """Heart rate of 150 at first and 165 then, at one pace: 10 % less for a beat."""
    rate = np.where(np.arange(1001.0) < 560.0, 150.0, 165.0)
    signal = signal_of(np.full(1000, 4.0), rate)
    told = Response(signal).durability([rep(0.0, 1000.0)])
    assert told["scope"] == "reps"
    assert told["over_s"] == 880.0
    assert told["decoupling"] == pytest.approx(0.1, abs=2e-4)
    assert told["parts"] == []


def test_reps_count_by_their_time_and_short_ones_not() -> None:
    time = np.arange(2001.0)
    rate = np.where((time >= 300.0) & (time < 480.0), 165.0, 150.0)
    signal = signal_of(np.full(2000, 4.0), rate)
    long_drifting, level, short = rep(0.0, 480.0), rep(600.0, 1500.0), rep(1600.0, 1900.0)
    told = Response(signal).durability([long_drifting, level, short])
    assert told["over_s"] == 360.0 + 780.0
    assert told["decoupling"] == pytest.approx(0.1 * 360.0 / 1140.0, abs=3e-4)
    assert Response(signal).durability([short])["withheld"] == response.NO_LONG_REP


def test_a_long_steady_run_has_decoupling_and_its_parts() -> None:
    """Speed 3.5 m/s throughout; heart rate 140 + 10 an hour."""
    time = np.arange(6001.0)
    signal = signal_of(np.full(6000, 3.5), 140.0 + time / 360.0)
    told = Response(signal).durability([Segment("steady", 0.0, 6000.0)])
    first, second = 140.0 + 1950.0 / 360.0, 140.0 + 4650.0 / 360.0
    assert told["scope"] == "run"
    assert told["over_s"] == 5400.0
    assert told["decoupling"] == pytest.approx(second / first - 1.0, rel=1e-3)
    assert [part["from_s"] for part in told["parts"]] == [600.0, 3300.0, 5100.0]
    assert [part["hr_bpm"] for part in told["parts"]] == pytest.approx(
        [140.0 + middle / 360.0 for middle in (900.0, 3600.0, 5400.0)], rel=1e-4
    )


def test_uneven_and_shorter_runs_are_withheld() -> None:
    time = np.arange(6001.0)
    uneven = np.where(np.arange(6000) < 3300, 3.0, 4.0)
    rate = np.full(time.size, 150.0)
    steady = [Segment("steady", 0.0, 6000.0)]
    assert Response(signal_of(uneven, rate)).durability(steady)["withheld"] == response.NOT_STEADY
    short = [Segment("warmup", 0.0, 2500.0), Segment("steady", 2500.0, 6000.0)]
    even = signal_of(np.full(6000, 3.5), rate)
    assert Response(even).durability(short)["withheld"] == response.NO_LONG_RUN
    half = rate.copy()
    half[1000:3000] = np.nan
    assert Response(signal_of(np.full(6000, 3.5), half)).durability(steady)["withheld"] == (
        response.NO_HEART_RATE
    )
