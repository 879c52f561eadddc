"""Views of a signal against plain loops."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.output.curves import (
    EFFORT_DISTANCES_M,
    PLACE_POINTS,
    TRACE_POINTS,
    best_efforts,
    places_of,
    views_of,
)
from intervaldetect.records import Analysis, Signal
from tests.reference.efforts import shortest_window


def make_signal(like: Signal, time: np.ndarray, speed: np.ndarray, valid: np.ndarray) -> Signal:
    distance = np.concatenate(([0.0], np.cumsum(np.nan_to_num(speed) * np.diff(time))))
    flat = np.full(time.size, np.nan)
    return replace(
        like,
        time_s=time,
        speed_mps=speed,
        adjusted_speed_mps=speed * 1.02,
        grade=np.zeros(speed.size),
        valid=valid,
        paused=np.zeros(speed.size, dtype=np.bool_),
        distance_m=distance,
        altitude_m=flat,
        heart_rate_bpm=np.full(time.size, 150.0),
        cadence_spm=flat,
        power_w=flat,
    )


@pytest.mark.parametrize("seed", range(5))
def test_best_efforts_equal_the_slow_twin(analysis: Analysis, seed: int) -> None:
    rng = np.random.default_rng(seed)
    time = np.concatenate(([0.0], np.cumsum(rng.integers(1, 9, 150).astype(float))))
    speed = rng.uniform(1.0, 6.0, 150)
    signal = make_signal(analysis.signal, time, speed, np.ones(150, dtype=np.bool_))
    found = {best.distance_m: best for best in best_efforts(signal) if not best.graded}
    assert set(found) >= {400.0, 800.0, 1000.0, 1500.0}
    graded = {best.distance_m: best for best in best_efforts(signal) if best.graded}
    metres = signal.distance_m
    for distance in (400.0, 1000.0):
        for efforts, total in ((found, metres), (graded, metres * 1.02)):
            slow = shortest_window(time, total, np.zeros(time.size), distance, 0.0)
            assert efforts[distance].duration_s == pytest.approx(slow)


def test_best_effort_over_the_reps_of_a_session(analysis: Analysis) -> None:
    found = {best.distance_m: best for best in best_efforts(analysis.signal) if not best.graded}
    assert found[800.0].duration_s == pytest.approx(130.0)
    assert min(abs(found[800.0].start_s - start) for start in (600.0, 910.0)) < 0.01
    assert max(found) < analysis.signal.distance_m[-1]


def test_a_ride_home_is_no_best_effort(analysis: Analysis) -> None:
    time = np.arange(0.0, 1001.0)
    speed = np.full(1000, 3.0)
    valid = np.ones(1000, dtype=np.bool_)
    speed[500:800] = 12.0
    valid[500:800] = False
    found = best_efforts(make_signal(analysis.signal, time, speed, valid))
    by_distance = {best.distance_m: best.duration_s for best in found if not best.graded}
    assert by_distance[400.0] == pytest.approx(400 / 3.0)
    assert 1600.0 not in by_distance
    assert max(by_distance) == 1500.0


def test_places_are_samples_as_recorded(analysis: Analysis) -> None:
    activity = analysis.activity
    columns = {name: values.copy() for name, values in activity.columns.items()}
    columns["latitude"] = np.linspace(-1.0, 1.0, columns["time"].size)
    columns["longitude"] = np.linspace(179.0, 180.0, columns["time"].size)
    columns["altitude"][:] = np.nan
    columns["latitude"][:7] = columns["longitude"][:7] = np.nan
    columns["altitude"][3] = 12.0
    places = places_of(replace(activity, columns=columns))
    assert places is not None
    assert places.time_s.size == PLACE_POINTS < columns["time"].size
    assert places.time_s[[0, -1]].tolist() == columns["time"][[3, -1]].tolist()
    assert (np.diff(places.time_s) > 0.0).all()
    at = np.searchsorted(columns["time"], places.time_s)
    for kept, name in zip(places[1:], ("latitude", "longitude", "altitude"), strict=True):
        np.testing.assert_array_equal(kept, columns[name][at])
    for name in ("latitude", "longitude", "altitude"):
        columns[name][:] = np.nan
    assert places_of(replace(activity, columns=columns)) is None


def test_histograms_hold_every_second_once(analysis: Analysis) -> None:
    views = views_of(analysis.signal)
    assert sum(views.speed.values()) == pytest.approx(1640.5)
    assert sum(views.heart_rate.values()) == pytest.approx(1640.5, abs=5.0)
    assert views.speed[61] == pytest.approx(260.0)  # 800 m in 130 s is 6.15 m/s
    assert min(views.heart_rate) >= 110
    assert max(views.heart_rate) <= 182


def test_traces_are_thin_and_keep_their_mean(analysis: Analysis) -> None:
    views = views_of(analysis.signal)
    assert views.trace_time_s.size <= TRACE_POINTS
    assert views.trace_time_s.size == views.trace_speed_mps.size == views.trace_heart_rate_bpm.size
    width = np.diff(np.append(views.trace_time_s, analysis.signal.time_s[-1]))
    travelled = analysis.signal.distance_m[-1]
    assert float((width * views.trace_speed_mps).sum()) == pytest.approx(travelled)
    assert np.all(np.diff(views.trace_time_s) > 0)


def test_heart_rate_alone_gives_views_without_speed(analysis: Analysis) -> None:
    signal = replace(
        analysis.signal,
        speed_mps=np.full(analysis.signal.speed_mps.size, np.nan),
        adjusted_speed_mps=np.full(analysis.signal.speed_mps.size, np.nan),
        valid=np.zeros(analysis.signal.speed_mps.size, dtype=np.bool_),
    )
    views = views_of(signal)
    assert views.best_efforts == ()
    assert views.speed == {}
    assert sum(views.heart_rate.values()) > 1600.0
    assert np.isnan(views.trace_speed_mps).all()


def test_distances_are_those_of_critical_speed() -> None:
    assert min(EFFORT_DISTANCES_M) == 400.0
    assert max(EFFORT_DISTANCES_M) == 5000.0
