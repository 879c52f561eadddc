"""Thinning keeps what can be seen; windows and breaks follow the recording."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.records import Analysis, Floats
from intervaldetect.report.session import bands_of
from intervaldetect.report.traces import (
    Trace,
    rounded,
    thin,
    trace_of_means,
    trace_of_signal,
    window_of,
)
from tests.report.scenes import activity, session


def trace(size: int, seed: int, missing: float = 0.0) -> Trace:
    generator = np.random.default_rng(seed)
    time = np.cumsum(generator.uniform(0.2, 3.0, size))
    speed = 3.0 + np.cumsum(generator.normal(0.0, 0.1, size))
    rate = np.round(140 + np.cumsum(generator.normal(0.0, 1.0, size)))
    for values in (speed, rate):
        values[generator.random(size) < missing] = np.nan
    return Trace(time, np.cumsum(np.nan_to_num(speed)), speed, rate)


def m4_by_loop(time: Floats, columns: list[Floats], buckets: int) -> list[int]:
    """Say in plain loops which points M4 keeps, and the first break of each bucket."""
    width = (time[-1] - time[0]) / buckets
    members: dict[int, list[int]] = {}
    bucket = 0
    for index, moment in enumerate(time):
        while bucket + 1 < buckets and moment >= time[0] + (bucket + 1) * width:
            bucket += 1
        members.setdefault(bucket, []).append(index)
    kept: set[int] = set()
    for indices in members.values():
        kept |= {indices[0], indices[-1]}
        for column in columns:
            known = [index for index in indices if np.isfinite(column[index])]
            broken = [index for index in indices if not np.isfinite(column[index])]
            if known:
                kept |= {min(known, key=lambda i: column[i]), max(known, key=lambda i: column[i])}
            kept |= set(broken[:1])
    return sorted(kept)


@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10_000),
    size=st.integers(60, 900),
    buckets=st.integers(3, 12),
    missing=st.sampled_from([0.0, 0.05, 0.6]),
)
def test_thinning_keeps_what_plain_loops_keep(
    seed: int, size: int, buckets: int, missing: float
) -> None:
    whole = trace(size, seed, missing)
    thinned = thin(whole, buckets)
    kept = m4_by_loop(whole.time_s, [whole.speed_mps, whole.heart_rate_bpm], buckets)
    drawn = set(np.flatnonzero(np.isin(whole.time_s, thinned.time_s)))
    # Where a bucket knows nothing of a line, an arbitrary point of it may be kept besides.
    assert set(kept) <= drawn
    assert len(drawn) <= 9 * buckets
    assert len(drawn - set(kept)) <= 4 * buckets


def test_a_thinned_line_covers_the_same_pixels() -> None:
    whole = trace(20_000, 3)
    thinned = thin(whole, 200)
    assert thinned.time_s.size < 2000
    edges = np.linspace(whole.time_s[0], whole.time_s[-1], 200, endpoint=False)
    for before, after in (
        (whole.speed_mps, thinned.speed_mps),
        (whole.heart_rate_bpm, thinned.heart_rate_bpm),
    ):
        for extreme in (np.minimum, np.maximum):
            full = extreme.reduceat(before, np.unique(np.searchsorted(whole.time_s, edges)))
            left = extreme.reduceat(after, np.unique(np.searchsorted(thinned.time_s, edges)))
            assert np.array_equal(full, left)


def test_short_traces_stay_whole() -> None:
    short = trace(400, 1)
    assert thin(short, 100) is short


def test_a_pause_breaks_both_lines(analysis: Analysis) -> None:
    signal = analysis.signal
    paused = signal.paused.copy()
    paused[700:760] = True
    speed = np.where(paused, np.nan, signal.speed_mps)
    drawn = trace_of_signal(replace(signal, paused=paused, speed_mps=speed))
    assert np.isnan(drawn.speed_mps[700:760]).all()
    assert np.isnan(drawn.heart_rate_bpm[700:760]).all()
    assert np.isfinite(drawn.speed_mps[:690]).all()


def test_a_long_step_breaks_the_line_whatever_the_device_says(analysis: Analysis) -> None:
    signal = analysis.signal
    keep = np.ones(signal.time_s.size, dtype=bool)
    keep[200:245] = False
    cut = {
        name: getattr(signal, name)[keep]
        for name in ("time_s", "distance_m", "heart_rate_bpm", "altitude_m")
    }
    of_intervals = {
        name: getattr(signal, name)[keep[1:]]
        for name in ("speed_mps", "adjusted_speed_mps", "grade", "valid", "paused")
    }
    drawn = trace_of_signal(replace(signal, **cut, **of_intervals))
    assert np.isnan(drawn.speed_mps[199])
    assert np.isnan(drawn.heart_rate_bpm[199])
    assert np.isfinite(drawn.speed_mps[[198, 200]]).all()


def test_the_window_is_that_of_plain_means(analysis: Analysis) -> None:
    signal = analysis.signal
    generator = np.random.default_rng(0)
    noisy = replace(signal, speed_mps=signal.speed_mps + generator.normal(0, 0.5, 1640))
    drawn = trace_of_signal(noisy)
    assert drawn.window_s == 9.0
    # Nine whole seconds around the middle of second 100.
    assert drawn.speed_mps[100] == pytest.approx(noisy.speed_mps[96:105].mean())


def test_the_window_grows_with_the_recording() -> None:
    assert window_of(3600.0) == 9.0
    assert window_of(28 * 3600.0) == 101.0
    assert window_of(1e6) == 120.0


def test_heart_rate_known_now_and_then_is_one_line(analysis: Analysis) -> None:
    rate = analysis.signal.heart_rate_bpm.copy()
    rate[np.arange(rate.size) % 10 != 0] = np.nan
    rate[800:900] = np.nan
    drawn = trace_of_signal(replace(analysis.signal, heart_rate_bpm=rate)).heart_rate_bpm
    assert np.isfinite(drawn[:790]).all()
    assert np.isnan(drawn[795:895]).all()


def test_stored_means_break_where_a_stretch_spans_a_hole() -> None:
    time = [0.0, 5.0, 10.0, 15.0, 400.0, 405.0]
    drawn = trace_of_means(time, [3.0, 3.0, None, 3.0, 2.0, 2.0], [100] * 6, 410.0)
    broken = np.isnan(drawn.speed_mps)
    assert np.array_equal(broken, [False, False, True, False, True, False, False])
    assert drawn.time_s[4] == pytest.approx(207.5)
    assert np.all(np.diff(drawn.time_s) > 0)
    # 15 s at 3 m/s, the hole counts for nothing, 10 s at 2 m/s.
    assert drawn.distance_m[-1] == pytest.approx(45.0 + 15.0)


def test_an_empty_stored_trace_draws_nothing() -> None:
    drawn = trace_of_means([], [], [], 0.0)
    assert not drawn.has_speed
    assert not drawn.has_heart_rate
    assert drawn.distance_at(10.0) == 0.0


def test_numbers_for_json() -> None:
    values = np.array([1.26, np.nan, -0.0])
    assert rounded(values, 1) == [1.3, None, 0.0]
    assert rounded(values, 0) == [1, None, 0]
    assert all(not isinstance(value, float) for value in rounded(values, 0))


@pytest.mark.parametrize(
    ("workout", "numbered"),
    [("6 x 200 m @ 0:36 (1:00 jog)", 6), ("12 x 200 m @ 0:36 (1:00 jog)", 2)],
)
def test_few_reps_all_keep_their_numbers(workout: str, numbered: int) -> None:
    bands = bands_of(session(activity(workout)))
    assert sum(band["few"] for band in bands if band["role"] == "rep") == numbered
