"""Segmentation: where it cuts, where it does not, and what holds for any signal."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.clean import clean_activity
from intervaldetect.errors import MissingChannel, ParameterError
from intervaldetect.records import Activity, Floats, Pieces, Signal
from intervaldetect.segment import segment_signal
from tests.clean.build import activity, stretches


def cut(made: Activity, channel: str = "speed") -> tuple[Signal, Pieces]:
    signal = clean_activity(made)
    return signal, segment_signal(signal, channel=channel)  # type: ignore[arg-type]


def edges(signal: Signal, pieces: Pieces) -> list[float]:
    return signal.time_s[pieces.start[1:]].tolist()


def noisy(distance: Floats, seed: int, spread: float, tau: float = 1.0) -> Floats:
    """Add autocorrelated noise of this spread in m/s to the speed behind a distance."""
    random = np.random.default_rng(seed)
    decay = np.exp(-1.0 / tau)
    noise = np.empty(distance.size - 1)
    value = 0.0
    for k, shock in enumerate(random.normal(size=noise.size)):
        value = decay * value + np.sqrt(1.0 - decay**2) * shock
        noise[k] = value
    speed = np.clip(np.diff(distance) + spread * noise, 0.0, None)
    return np.concatenate(([0.0], np.cumsum(speed)))


FARTLEK = ((600.0, 3.0), (180.0, 4.5), (120.0, 2.5), (180.0, 4.5), (120.0, 2.5), (300.0, 3.0))


def test_steps_are_cut_where_they_are() -> None:
    time, distance = stretches(*FARTLEK)
    signal, pieces = cut(activity(time, distance=distance))
    assert edges(signal, pieces) == list(itertools.accumulate(s for s, _ in FARTLEK))[:-1]
    assert pieces.level * pieces.reference == pytest.approx([v for _, v in FARTLEK])
    assert pieces.seconds == pytest.approx([s for s, _ in FARTLEK])
    assert pieces.reference == pytest.approx(3.0)
    assert not pieces.bounded


@pytest.mark.parametrize("spread", [0.1, 0.3, 0.6])
def test_noise_moves_edges_little(spread: float) -> None:
    time, distance = stretches(*FARTLEK)
    signal, pieces = cut(activity(time, distance=noisy(distance, 1, spread)))
    found = np.array(edges(signal, pieces))
    for true in (600.0, 780.0, 900.0, 1080.0):
        assert np.abs(found - true).min() <= 4.0


def test_glassy_data_does_not_shatter() -> None:
    """A treadmill without noise: changes too small to matter cost more than they explain."""
    time, distance = stretches(*[(60.0, 3.0 + 0.04 * (k % 2)) for k in range(40)])
    _, pieces = cut(activity(time, distance=distance))
    assert pieces.noise < 1e-3
    assert pieces.start.size == 1


def test_wild_data_does_not_go_blind() -> None:
    """However bad the reception, three minutes at one and a half times the pace show."""
    time, distance = stretches((600.0, 3.0), (180.0, 4.5), (600.0, 3.0))
    for seed in range(5):
        signal, pieces = cut(activity(time, distance=noisy(distance, seed, 0.8, tau=8.0)))
        found = np.array(edges(signal, pieces))
        assert np.abs(found - 600.0).min() <= 20.0
        assert np.abs(found - 780.0).min() <= 20.0


def test_more_noise_means_fewer_pieces() -> None:
    """White noise alone, from GPS or gait, is no change of effort."""
    time, distance = stretches((2400.0, 3.0))
    for spread in (0.05, 0.3, 0.8):
        _, pieces = cut(activity(time, distance=noisy(distance, 5, spread)))
        assert pieces.start.size <= 3


def test_no_piece_is_shorter_than_a_stride() -> None:
    time, distance = stretches(*[(3.0, 2.0 + 4.0 * (k % 2)) for k in range(200)])
    signal, pieces = cut(activity(time, distance=distance))
    assert np.diff([0.0, *edges(signal, pieces), time[-1]]).min() >= 5.0


def test_a_pause_parts_two_efforts() -> None:
    """The watch stopped in the recovery: a hole in the records between two equal efforts."""
    time, distance = stretches((300.0, 4.0), (60.0, 0.1), (300.0, 4.0))
    keep = (time <= 300.0) | (time >= 360.0)
    made = activity(time[keep], distance=distance[keep], pauses=[(300.0, 360.0)])
    signal, pieces = cut(made)
    assert edges(signal, pieces) == [300.0, 360.0]
    assert pieces.level[1] == 0.0
    assert pieces.seconds[1] < 30.0


def test_unknown_speed_counts_nothing_and_parts_nothing() -> None:
    time, _ = stretches((600.0, 4.0))
    speed = np.full(time.size, 4.0)
    speed[300:360] = np.nan
    signal, pieces = cut(activity(time, speed=speed))
    assert edges(signal, pieces) == []
    assert pieces.seconds.sum() == pytest.approx(600.0 - 59.0)
    assert signal.valid.sum() == 541


def test_the_weight_of_a_sample_is_its_time() -> None:
    """Samples every 8 s in the second half: the same cut, the same levels."""
    time, distance = stretches((400.0, 3.0), (400.0, 4.0))
    keep = (time <= 400.0) | (time % 8 == 0)
    signal, pieces = cut(activity(time[keep], distance=distance[keep]))
    assert edges(signal, pieces) == [400.0]
    assert pieces.seconds == pytest.approx([400.0, 400.0])


def test_power_is_cut_where_asked_for() -> None:
    time, distance = stretches((1200.0, 9.0))
    watts = np.where((time > 400) & (time <= 700), 280.0, 160.0)
    made = activity(time, distance=distance, power=watts, sport="cycling")
    signal, by_power = cut(made, "power")
    assert edges(signal, by_power) == [400.0, 700.0]
    assert by_power.level * by_power.reference == pytest.approx([160.0, 280.0, 160.0])
    assert segment_signal(signal).start.size == 1


def test_grade_adjusted_speed_sees_the_hill() -> None:
    time, distance = stretches((1200.0, 3.0))
    climb = np.interp(distance, [0.0, 1200.0, 2400.0, 3600.0], [0.0, 0.0, 120.0, 120.0])
    signal, pieces = cut(activity(time, distance=distance, altitude=climb), "adjusted_speed")
    assert segment_signal(signal).start.size == 1
    found = np.array(edges(signal, pieces))
    assert np.abs(found - 400.0).min() <= 15.0
    assert np.abs(found - 800.0).min() <= 15.0


@pytest.mark.parametrize(
    ("made", "channel"),
    [
        (activity(np.arange(300.0), heart_rate=140.0), "speed"),
        (activity(np.arange(300.0), heart_rate=140.0, distance=0.0), "speed"),
        (activity(np.arange(300.0), speed=3.0), "power"),
        (activity(np.arange(300.0), speed=3.0, power=0.0), "power"),
    ],
)
def test_a_channel_without_anything_in_it(made: Activity, channel: str) -> None:
    with pytest.raises(MissingChannel, match=channel):
        cut(made, channel)


def test_an_unknown_channel() -> None:
    with pytest.raises(ParameterError, match="cadence"):
        cut(activity(np.arange(300.0), speed=3.0), "cadence")


parts = st.lists(
    st.tuples(st.floats(5.0, 300.0), st.sampled_from([0.0, 1.2, 2.5, 3.0, 3.2, 4.4, 5.5])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, deadline=None)
@given(parts, st.integers(0, 5), st.sampled_from([0.0, 0.2, 0.6]))
def test_pieces_tile_and_measure(
    parts: list[tuple[float, float]], seed: int, spread: float
) -> None:
    time, distance = stretches((60.0, 3.0), *parts)
    signal, pieces = cut(activity(time, distance=noisy(distance, seed, spread)))
    assert pieces.start[0] == 0
    assert (pieces.start[1:] == pieces.end[:-1]).all()
    assert pieces.end[-1] == signal.speed_mps.size == pieces.values.size
    assert (pieces.end > pieces.start).all()
    for start, end, level in zip(pieces.start, pieces.end, pieces.level, strict=True):
        inside = signal.speed_mps[start:end]
        assert level * pieces.reference == pytest.approx(inside.mean(), abs=1e-9)


@settings(max_examples=40, deadline=None)
@given(parts, st.integers(0, 5), st.floats(0.6, 1.4))
def test_the_speed_of_the_athlete_changes_no_cut(
    parts: list[tuple[float, float]], seed: int, factor: float
) -> None:
    time, distance = stretches((60.0, 3.0), *parts)
    distance = noisy(distance, seed, 0.2)
    _, first = cut(activity(time, distance=distance))
    _, second = cut(activity(time, distance=factor * distance))
    np.testing.assert_array_equal(first.start, second.start)
    assert second.level == pytest.approx(first.level, rel=1e-6)
    assert second.reference == pytest.approx(factor * first.reference)
