from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.records import Signal
from intervaldetect.simulate import Plan, simulate
from intervaldetect.structure.edges import (
    RARE,
    REACH_S,
    _device_scale,
    grid,
    round_sizes,
    time_edges,
)


def run_of(speeds: list[tuple[float, float]]) -> Signal:
    """Build a signal second by second from stretches of (seconds, m/s)."""
    speed = np.concatenate([np.full(int(s), v) for s, v in speeds])
    distance = np.concatenate(([0.0], np.cumsum(speed)))
    plain = simulate(Plan("4 x 400 m @ 1:20 (1:00 jog)"), seed=1).to_activity()
    columns = {name: np.full(distance.size, np.nan) for name in plain.columns}
    columns["time"] = np.arange(distance.size, dtype=np.float64)
    columns["distance"] = distance
    return clean_activity(replace(plain, columns=columns, pauses=(), laps=()))


def test_a_start_after_a_few_steps_of_jogging() -> None:
    """Walk, ten seconds of jog, then the rep: the rep starts with the rep."""
    signal = run_of([(300, 1.3), (10, 2.2), (180, 4.5), (200, 1.3)])
    start, end = time_edges(signal, np.array([300.0]), np.array([490.0]))
    assert start[0] == pytest.approx(310.0, abs=2.5)
    assert end[0] == pytest.approx(490.0, abs=3.0)


@pytest.mark.parametrize("rest_s", [15.0, 18.0, 24.0])
def test_both_sides_of_a_short_recovery_are_told(rest_s: float) -> None:
    """The level beside an edge is that of the middle of the gap, however short that is."""
    signal = run_of([(300, 2.5), (45, 4.5), (rest_s, 2.2), (45, 4.5), (300, 2.5)])
    off = np.array([300.0, 345.0 + rest_s]), np.array([345.0, 390.0 + rest_s])
    start, end = time_edges(signal, off[0] - 2.0, off[1] + 2.0)
    assert start[1] == pytest.approx(off[0][1], abs=1.6)
    assert end[0] == pytest.approx(off[1][0], abs=3.0)
    assert start[1] - end[0] == pytest.approx(rest_s, abs=2.5)


def test_an_edge_without_a_step_or_far_from_its_crossing_stays() -> None:
    flat = run_of([(600, 3.0)])
    start, end = time_edges(flat, np.array([200.0]), np.array([400.0]))
    assert (start[0], end[0]) == (200.0, 400.0)
    late = run_of([(300 + REACH_S + 10, 2.0), (180, 4.5), (200, 2.0)])
    start, _ = time_edges(late, np.array([300.0]), np.array([500.0]))
    assert start[0] == 300.0


def test_an_edge_at_a_pause_stays() -> None:
    plan = Plan("6 x 400 m @ 1:20 (1:00 stand)", pause_recoveries=True)
    signal = clean_activity(simulate(plan, seed=3).to_activity())
    stop = np.flatnonzero(signal.paused & (np.diff(signal.time_s) > 20.0))
    ends, starts = signal.time_s[stop[1:]], signal.time_s[stop[:-1] + 1]
    assert starts.size >= 3
    start, end = time_edges(signal, starts, ends)
    assert start.tolist() == starts.tolist()
    assert end.tolist() == ends.tolist()


@pytest.mark.parametrize("basis", ["time", "distance"])
def test_round_sizes_bring_edges_together(basis: str) -> None:
    """Edges seen some seconds off land nearer to where a round plan has them."""
    seconds = 240.0 if basis == "time" else 1000.0 / 4.2
    signal = run_of([(600, 2.5), *[(seconds, 4.2), (120, 2.5)] * 6, (300, 2.5)])
    true_start = 600.0 + (int(seconds) + 120.0) * np.arange(6)
    true_end = true_start + seconds
    random = np.random.default_rng(5)
    off_start, off_end = random.normal(0.0, 3.0, 6), random.normal(0.0, 2.0, 6)
    start, end, start_share, end_share = round_sizes(
        signal, true_start + off_start, true_end + off_end
    )
    before = np.abs(np.concatenate((off_start, off_end))).mean()
    after = np.abs(np.concatenate((start - true_start, end - true_end))).mean()
    assert after < 0.7 * before
    assert max(start_share.max(), end_share.max()) < 1.0


def test_edges_stay_within_the_recording() -> None:
    signal = run_of([*[(240, 4.2), (120, 2.5)] * 5, (240, 4.2)])
    edges = np.arange(0.0, 2160.0, 360.0)
    whole_s = float(signal.time_s[-1])
    start, end, *_ = round_sizes(signal, edges, edges + 237.0)
    assert start[0] == 0.0  # and not before: timed reps of 4:00 pull all edges apart
    assert start[1] < 360.0
    start, end, *_ = round_sizes(signal, edges + 3.0, np.minimum(edges + 240.0, whole_s))
    assert end[-1] == whole_s
    assert end[-2] > 4 * 360.0 + 240.0


def test_sizes_that_are_not_round_move_nothing() -> None:
    random = np.random.default_rng(2)
    # 98 s and 446 m, 67 s and 168 m: no size of any list is within reach of their edges.
    seconds, rests = random.uniform(97, 99, 6), random.uniform(66, 68, 6)
    pieces = [p for s, r in zip(seconds, rests, strict=True) for p in ((s, 4.55), (r, 2.5))]
    signal = run_of([(600, 2.5), *pieces, (300, 2.5)])
    edges = 600.0 + np.concatenate(([0.0], np.cumsum(np.column_stack((seconds, rests)).ravel())))
    start, end, start_share, end_share = round_sizes(signal, edges[:-1:2], edges[1::2])
    assert start.tolist() == edges[:-1:2].tolist()
    assert end.tolist() == edges[1::2].tolist()
    assert set(start_share) == set(end_share) == {1.0}


def test_a_size_seldom_planned_counts_less() -> None:
    sizes, room = grid((180, 240), (210, 330))
    assert sizes.tolist() == [180.0, 210.0, 240.0, 330.0]
    # Half of the way to both neighbours: 90 to 195, 195 to 225, 225 to 285, 285 to 363.
    assert room.tolist() == pytest.approx([105.0, RARE * 30.0, 60.0, RARE * 78.0])


def test_a_device_that_measures_short_is_seen_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reps of 1000 m that a device takes for 993 m are not taken for reps of three minutes."""
    seconds = [176.0, 183.0, 178.0, 185.0, 180.0, 177.0, 184.0]
    parts = [(600.0, 2.5)]
    for each in seconds:
        parts += [(each, 993.0 / each), (90.0, 2.5)]
    signal = run_of([*parts, (300, 2.5)])
    true_start = 600.0 + np.concatenate(([0.0], np.cumsum(np.array(seconds) + 90.0)[:-1]))
    true_end = true_start + seconds
    random = np.random.default_rng(2)
    start, end = true_start + random.normal(0, 1.0, 7), true_end + random.normal(0, 1.0, 7)

    def off() -> float:
        placed_start, placed_end, *_ = round_sizes(signal, start, end)
        return float(
            np.abs(np.concatenate((placed_start - true_start, placed_end - true_end))).mean()
        )

    with_scale = off()
    monkeypatch.setattr("intervaldetect.structure.edges.MOST_SCALE", 0.0)
    assert with_scale < 0.8 * off()


def test_without_distance_edges_are_placed_by_time() -> None:
    signal = run_of([(600, 2.5), *[(240, 4.2), (120, 2.5)] * 4, (300, 2.5)])
    unknown = replace(signal, distance_m=np.zeros_like(signal.distance_m))
    start = np.arange(600.0, 2040.0, 360.0)
    placed_start, placed_end, *_ = round_sizes(unknown, start + 1.0, start + 241.5)
    assert (placed_end - placed_start).tolist() == pytest.approx([240.0] * 4, abs=0.6)


@pytest.mark.parametrize(("metres", "scale"), [(1012.0, 1.012), (1030.0, 1.0), (980.0, 1.0)])
def test_no_device_measures_so_far_off(metres: float, scale: float) -> None:
    assert _device_scale(np.full(6, metres)) == pytest.approx(scale)
