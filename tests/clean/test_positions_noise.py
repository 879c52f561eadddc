"""The way of a walk whose positions err independently of one another."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.clean.positions import track_speed


def test_independent_errors_of_positions_neither_lengthen_nor_shorten_a_walk():
    random = np.random.default_rng(5)
    n, speed = 3000, 1.41
    time = np.arange(n, dtype=float)
    east, north = 0.4 * random.standard_normal((2, n))
    latitude = 48.0 + (speed * time + north) / 111_195.0
    longitude = 10.0 + east / 111_195.0 / np.cos(np.radians(48.0))
    metres = track_speed(time, latitude, longitude).sum()
    assert abs(metres / (speed * time[-1]) - 1.0) < 0.02


def bent(speed: float, error_m: float, kept: float, seconds: int = 1500) -> float:
    """Way by noisy positions of each second over the true one, on bends and a track in turns.

    ``kept`` is the share of an error that is left a second later.
    """
    rng = np.random.default_rng(3)
    time = np.arange(float(seconds))
    on_track = (speed * time // 100.0) % 2.0
    heading = np.cumsum(rng.normal(0.0, 0.02, seconds) + on_track * speed / 36.5)
    way = np.concatenate(([0.0], np.cumsum(speed * np.exp(1j * heading[:-1]))))
    fresh = error_m * (rng.normal(size=seconds) + 1j * rng.normal(size=seconds))
    error = fresh.copy()
    for i in range(1, seconds):
        error[i] = kept * error[i - 1] + np.sqrt(1.0 - kept**2) * fresh[i]
    place = (way + error) / METRES_PER_DEGREE
    found = track_speed(time, 48.0 + place.imag, 11.0 + place.real / np.cos(np.radians(48.0)))
    return float(found.sum()) / (speed * (seconds - 1))


METRES_PER_DEGREE = 111_195.0


@pytest.mark.parametrize("speed", [2.5, 3.3, 4.5])
@pytest.mark.parametrize("error_m", [0.0, 1.0, 2.0, 3.0])
def test_errors_of_metres_in_each_second_do_not_lengthen_a_run(speed, error_m):
    assert bent(speed, error_m, 0.0) == pytest.approx(1.0, abs=0.015)


def test_errors_that_last_for_seconds_are_not_evened_out():
    assert bent(3.3, 3.0, 0.99) == pytest.approx(1.0, abs=0.005)


def test_noisy_positions_with_gaps_have_a_speed_where_they_are_known():
    rng = np.random.default_rng(4)
    time = np.arange(600.0)
    latitude = 48.0 + (3.0 * time + rng.normal(0.0, 3.0, 600)) / METRES_PER_DEGREE
    longitude = 11.0 + rng.normal(0.0, 3.0, 600) / METRES_PER_DEGREE
    latitude[:40] = latitude[300:500] = np.nan
    speed = track_speed(time, latitude, longitude)
    assert np.isnan(speed[:39]).all()
    assert np.isfinite(speed[40:299]).all()
    assert speed[41:299].mean() == pytest.approx(3.0, abs=0.1)


def test_noisy_positions_of_a_few_seconds_are_taken_as_they_are():
    rng = np.random.default_rng(4)
    time = np.arange(0.0, 16.0, 0.4)
    latitude = 48.0 + (3.0 * time + rng.normal(0.0, 3.0, time.size)) / METRES_PER_DEGREE
    assert np.isfinite(track_speed(time, latitude, np.full(time.size, 11.0))).all()
