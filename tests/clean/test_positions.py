"""Speed from positions, with and without errors."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.clean.positions import EARTH_RADIUS_M, track_speed
from intervaldetect.records import Floats


def degrees(east: Floats, north: Floats) -> tuple[Floats, Floats]:
    return (
        59.9 + np.degrees(north / EARTH_RADIUS_M),
        10.7 + np.degrees(east / (EARTH_RADIUS_M * np.cos(np.radians(59.9)))),
    )


def way(time: Floats, east: Floats, north: Floats) -> float:
    return float(track_speed(time, *degrees(east, north)) @ np.diff(time))


@pytest.mark.parametrize("step_s", [1.0, 4.0])
def test_exact_positions_give_the_exact_speed(step_s: float) -> None:
    time = np.arange(0.0, 900.0, step_s)
    speed = track_speed(time, *degrees(0.0 * time, 3.0 * time))
    assert speed == pytest.approx(3.0, rel=1e-6)


@pytest.mark.parametrize(("speed", "error_m"), [(2.2, 0.25), (3.0, 0.3), (5.4, 0.3)])
def test_errors_do_not_lengthen_the_way(speed: float, error_m: float) -> None:
    random = np.random.default_rng(3)
    time = np.arange(0.0, 3600.0)
    # Errors that wander: each step has one of its own.
    wrong = [np.cumsum(error_m * random.normal(size=time.size)) for _ in range(2)]
    east, north = wrong[0], speed * time + wrong[1]
    plain = float(np.hypot(np.diff(east), np.diff(north)).sum())
    truth = speed * time[-1] + wrong[1][-1] - wrong[1][0]
    assert plain / truth > 1.001
    assert way(time, east, north) == pytest.approx(truth, rel=0.25 * (plain / truth - 1.0))


def test_bends_are_hardly_shortened() -> None:
    time = np.arange(0.0, 1200.0)
    angle = 3.0 * time / 40.0  # round and round a circle of 40 m
    assert way(time, 40.0 * np.cos(angle), 40.0 * np.sin(angle)) == pytest.approx(
        3.0 * time[-1], rel=2e-3
    )


def test_unknown_positions_share_the_way_between_those_beside_them() -> None:
    time = np.arange(0.0, 400.0)
    latitude, longitude = degrees(0.0 * time, 3.0 * time)
    latitude[[0, *range(50, 60), *range(100, 230), 399]] = np.nan
    speed = track_speed(time, latitude, longitude)
    unknown = np.flatnonzero(np.isnan(speed)).tolist()
    assert unknown == [0, *range(99, 230), 398]  # at the ends, and where it is too long
    assert speed[1:99] == pytest.approx(3.0, rel=1e-6)
    assert np.isnan(track_speed(time, np.full(400, np.nan), longitude)).all()


@pytest.mark.parametrize("step_s", [1.0, 2.0])
def test_rounded_positions_are_evened_out(step_s: float) -> None:
    time = np.arange(0.0, 1800.0, step_s)
    pace = np.where(time % 300.0 < 150.0, 4.5, 3.0)
    gone = np.concatenate(([0.0], np.cumsum(pace[1:] * step_s)))
    latitude, longitude = degrees(0.6 * gone, 0.8 * gone)
    speed = track_speed(time, latitude.round(4), longitude.round(4))
    assert speed @ np.diff(time) == pytest.approx(gone[-1], rel=0.02)
    inside = np.abs(time[1:] % 150.0 - 75.0) < 50.0
    assert speed[inside] == pytest.approx(pace[1:][inside], rel=0.4)
    exact = track_speed(time, latitude, longitude)
    assert track_speed(time, latitude.round(6), longitude.round(6)) == pytest.approx(exact, rel=0.1)
    few = time.searchsorted(np.arange(0.0, 1800.0, 20.0))
    rough = track_speed(time[few], latitude[few].round(4), longitude[few].round(4))
    assert rough @ np.diff(time[few]) == pytest.approx(gone[few[-1]], rel=0.02)
