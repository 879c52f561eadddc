"""The way of a walk whose positions err independently of one another."""

from __future__ import annotations

import numpy as np

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
