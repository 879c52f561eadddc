"""Frames: what holds between samples, put onto a grid of two seconds."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from intervaldetect.records import Signal
from intervaldetect.structure.frames import (
    FAR_S,
    FRAME_S,
    INPUTS,
    LONGEST_STEP_S,
    TYPICAL_MPS,
    find_frames,
    net_inputs,
)

CHANNELS = ("speed", "covered", "grade", "adjusted", "paused", "heart_rate", "cadence")


def signal_of(time_s: np.ndarray, speed: np.ndarray, **channels: np.ndarray) -> Signal:
    """Return a signal with this speed between its samples, level and without pauses."""
    unknown = np.full(time_s.size, np.nan)
    made = Signal(
        time_s=time_s,
        speed_mps=speed,
        adjusted_speed_mps=speed.copy(),
        grade=np.zeros(speed.size),
        valid=np.isfinite(speed),
        paused=np.zeros(speed.size, dtype=np.bool_),
        distance_m=np.concatenate(([0.0], np.cumsum(np.nan_to_num(speed) * np.diff(time_s)))),
        altitude_m=unknown,
        heart_rate_bpm=unknown,
        cadence_spm=unknown,
        power_w=unknown,
        speed_source="distance",
        start_lag_s=0.0,
        end_lag_s=0.0,
    )
    changes: dict[str, Any] = {**channels}
    return replace(made, **changes)


def channel(signal: Signal, name: str) -> np.ndarray:
    return find_frames(signal).channels[CHANNELS.index(name)]


def test_speed_is_the_mean_over_each_frame() -> None:
    """Steps of 3 s lie across frames of 2 s."""
    time = np.arange(0.0, 63.0, 3.0)
    speed = np.tile((2.0, 4.0), 10)
    frames = channel(signal_of(time, speed), "speed")
    each_second = speed.repeat(3)
    assert frames == pytest.approx(each_second.reshape(-1, 2).mean(axis=1))


def test_unknown_and_paused_time_does_not_count() -> None:
    time = np.arange(0.0, 41.0)
    speed = np.full(40, 3.0)
    speed[10:13] = np.nan
    paused = np.zeros(40, dtype=np.bool_)
    paused[20:24] = True
    signal = signal_of(time, speed, paused=paused)
    covered = channel(signal, "covered")
    assert covered[[4, 5, 6, 7]].tolist() == [1.0, 0.0, 0.5, 1.0]
    assert np.isnan(channel(signal, "speed")[[5, 10, 11]]).all()
    assert channel(signal, "speed")[6] == 3.0
    assert channel(signal, "paused")[9:13].tolist() == [0.0, 1.0, 1.0, 0.0]


def test_a_hole_of_days_adds_a_minute() -> None:
    time = np.append(np.arange(0.0, 100.0), 99.0 + 5 * 86400.0)
    frames = find_frames(signal_of(time, np.full(100, 3.0)))
    assert len(frames) == (99 + LONGEST_STEP_S) / FRAME_S + 0.5
    assert frames.time_s[0] == 0.0
    assert frames.time_s[-1] == time[-1]
    assert (np.diff(frames.time_s) >= 0.0).all()


def test_heart_rate_is_not_known_far_from_a_sample() -> None:
    time = np.arange(0.0, 301.0)
    beats = np.full(301, 150.0)
    beats[100:200] = np.nan
    frames = channel(signal_of(time, np.full(300, 3.0), heart_rate_bpm=beats), "heart_rate")
    middle = np.arange(frames.size) * FRAME_S + FRAME_S / 2
    far = (middle > 99.0 + FAR_S) & (middle < 200.0 - FAR_S)
    assert np.isnan(frames[far]).all()
    assert np.isfinite(frames[~far]).all()


def test_power_is_scaled_to_running() -> None:
    time = np.arange(0.0, 201.0)
    power = np.full(201, 200.0)
    power[:20] = 0.0
    power[150:] = 300.0
    signal = signal_of(time, np.full(200, 9.0), power_w=power)
    frames = find_frames(signal, "power").channels[0]
    assert frames[30] == pytest.approx(TYPICAL_MPS)
    assert frames[-1] == pytest.approx(1.5 * TYPICAL_MPS)
    assert frames[2] == 0.0


@pytest.mark.parametrize("length", [1, 5, 40, 2000])
def test_inputs_are_finite_and_bounded(length: int) -> None:
    random = np.random.default_rng(length)
    channels = random.normal(3.0, 50.0, (7, length))
    channels[random.random((7, length)) < 0.3] = np.nan
    channels[[1, 4]] = random.random((2, length))  # what is covered and paused is always known
    inputs = net_inputs(channels)
    assert inputs.shape == (len(INPUTS), length)
    assert inputs.dtype == np.float32
    assert np.isfinite(inputs).all()
    assert np.abs(inputs).max() <= 5.0


def test_inputs_do_not_depend_on_the_units_of_heart() -> None:
    """A run by somebody whose heart beats 20 higher all the way looks the same."""
    random = np.random.default_rng(1)
    channels = np.tile(np.array([[3.0], [1.0], [0.0], [3.0], [0.0], [150.0], [170.0]]), (1, 400))
    channels[0] += random.normal(0.0, 0.3, 400)
    channels[5] += np.cumsum(random.normal(0.0, 0.5, 400))
    higher = channels.copy()
    higher[5] += 20.0
    assert net_inputs(higher) == pytest.approx(net_inputs(channels), abs=1e-6)
    silent = channels.copy()
    silent[5] = np.nan
    rows = [INPUTS.index(name) for name in INPUTS if "heart" in name or name == "below_highest"]
    assert (net_inputs(silent)[rows] == 0.0).all()
    others = np.delete(np.arange(len(INPUTS)), rows)
    assert (net_inputs(silent)[others] == net_inputs(channels)[others]).all()
