"""Work is bounded by samples, laps and reps, never by the time that a file claims to span."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read.clock import Clock
from intervaldetect.records import Activity, Lap
from intervaldetect.segment import segment_signal
from intervaldetect.session_features import gather
from intervaldetect.structure import _of_a_size, frames, grouping, laps, net, readings, sets
from intervaldetect.structure.shape import find_strides
from intervaldetect.structure.tiling import Ruler, Span, fill
from tests.clean.build import activity, stretches
from tests.output.faults import faults

DAY_S = 86400.0


def sparse(samples: int, days: float) -> Activity:
    """Run on for days, with a sample every few hours and faster stretches in between."""
    time = np.linspace(0.0, days * DAY_S, samples)
    speed = np.where(np.arange(samples) % 7 < 3, 3.4, 2.6)
    distance = np.concatenate(([0.0], np.cumsum(speed[1:] * np.diff(time))))
    return replace(activity(time, distance=distance), sport="running")


@pytest.mark.parametrize("samples", [60, 400])
def test_days_of_few_samples_are_analysed_within_their_bounds(samples: int) -> None:
    run = sparse(samples, 20.0)
    grid = gather._Ground(clean_activity(run)).grid
    assert grid.size <= (gather.MAX_GRID_S + gather.MIN_HOLE_S * samples) / gather.STEP_S + 1
    assert faults(to_dict(analyse(run))) == ()


def test_a_day_is_gathered_as_it_is() -> None:
    time = np.arange(0.0, 4000.0)
    same, way = gather.shortened(time, 3.0 * time)
    assert same is time
    assert (way == 3.0 * time).all()


def test_holes_of_days_are_shortened_and_speeds_stay() -> None:
    """An hour at an even pace, a week without a sample, and an hour again."""
    time = np.concatenate((np.arange(3600.0), 7 * DAY_S + np.arange(3600.0)))
    distance = np.concatenate((3.0 * np.arange(3600.0), 12000.0 + 3.0 * np.arange(3600.0)))
    ground = gather._Ground(clean_activity(activity(time, distance=distance)))
    assert ground.grid.size < 4000
    starts = np.array([100.0, 7 * DAY_S + 100.0])
    moved = ground.on_grid(starts)
    assert ground.means(moved, moved + 600.0) == pytest.approx([3.0, 3.0], rel=1e-3)


def test_a_clock_of_many_stretches_maps_by_the_nearest() -> None:
    runs = tuple((10.0 * k, 10.0 * k + 4.0, float(k)) for k in range(50))
    clock = Clock(np.zeros(1), 0.0, runs)
    for stamp in (-5.0, 0.0, 3.0, 6.9, 7.1, 204.0, 999.0):
        off = [max(low - stamp, stamp - high, 0.0) for low, high, _ in runs]
        assert clock.to_elapsed(stamp) == stamp - runs[off.index(min(off))][2]


@pytest.mark.parametrize(
    ("efforts", "presses", "expected"),
    [
        # One press beside both edges of a short effort.
        ([(100.0, 108.0)], [104.0], [(100.0, 108.0)]),
        # A press in the next effort is not the end of the one before.
        ([(100.0, 140.0), (143.0, 180.0)], [145.0], [(100.0, 140.0), (145.0, 180.0)]),
        ([(100.0, 140.0)], [102.0, 139.0], [(102.0, 139.0)]),
        ([], [102.0], []),
    ],
)
def test_snapped_efforts_stay_apart(
    efforts: list[tuple[float, float]],
    presses: list[float],
    expected: list[tuple[float, float]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(laps, "lap_presses", lambda _: np.array(presses))
    found = laps.snap_to_laps([Span("rep", a, b) for a, b in efforts], (), 600.0)
    assert [(each.start_s, each.end_s) for each in found] == expected


def test_what_nobody_writes_down_is_no_rep() -> None:
    time, distance = stretches((300.0, 3.0), (4.0, 6.0), (60.0, 2.0), (4.0, 6.0), (300.0, 3.0))
    run = activity(time, distance=distance)
    edges = [0.0, 300.0, 304.0, 364.0, 368.0, 668.0]
    marked = tuple(
        Lap(a, b, trigger="manual", intensity=("rest", "active")[k % 2])
        for k, (a, b) in enumerate(itertools.pairwise(edges))
    )
    found = analyse(replace(run, laps=marked, format="fit"))
    assert faults(to_dict(found)) == ()
    assert all(s.end_s - s.start_s >= 5.0 for s in found.workout.segments if s.role == "rep")


def test_readings_are_disjoint_whatever_an_edge_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """Edges that were moved at random, across each other and out of the recording."""
    run = clean_activity(activity(np.arange(1000.0), distance=3.0 * np.arange(1000.0)))
    random = np.random.default_rng(3)
    for _ in range(50):
        spans = np.sort(random.uniform(0.0, 1000.0, 24)).reshape(-1, 2)
        moved = tuple(spans.T + random.normal(0.0, 60.0, (2, 12)))
        start, end = readings.in_order(run, *moved)
        edge_s = np.column_stack((start, end)).ravel()
        assert (np.diff(edge_s) >= 0.0).all()
        assert edge_s[0] >= 0.0
        assert edge_s[-1] <= 999.0
        monkeypatch.setattr(readings, "time_edges", lambda *_, moved=moved: moved)
        ((_, placed),) = readings._placed(run, [("moved", spans)])
        assert (placed[:, 1] - placed[:, 0] >= readings.MIN_REP_S).all()
        assert (placed[1:, 0] - placed[:-1, 1] >= readings.MIN_RECOVERY_S).all()
    in_place = np.array([100.0, 300.0]), np.array([200.0, 400.0])
    assert np.array(readings.in_order(run, *in_place)).tolist() == np.array(in_place).tolist()


@pytest.mark.parametrize(("samples", "step_s"), [(60, 28800.0), (3000, 60.0), (9000, 3600.0)])
def test_frames_are_bounded_by_samples(samples: int, step_s: float) -> None:
    time = step_s * np.arange(samples)
    found = frames.find_frames(clean_activity(activity(time, distance=3.0 * time)))
    most_s = max(frames.MAX_CLOCK_S, frames.FRAME_S * samples)
    assert len(found) <= np.ceil(most_s / frames.FRAME_S)
    assert found.time_s[0] == 0.0
    assert found.time_s[-1] == time[-1]
    assert (np.diff(found.time_s) >= 0.0).all()


def test_the_net_sees_no_more_at_once_than_its_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def counted(_: object, inputs: np.ndarray) -> tuple[np.ndarray, np.float32]:
        asked.append(inputs.shape[1])
        return np.full((inputs.shape[1], 3), float(len(asked))), np.float32(len(asked))

    monkeypatch.setattr(net, "forward", counted)
    monkeypatch.setattr(net, "MAX_FRAMES", 100)
    logits, planned = net._in_parts({}, np.zeros((4, 230), np.float32))
    assert asked == [77, 77, 76]
    assert logits.shape == (230, 3)
    assert logits[[0, 100, 229], 0].tolist() == [1.0, 2.0, 3.0]
    assert planned == 3.0


def test_strides_lie_around_the_reps_and_apart() -> None:
    quick = [(20.0, 5.0), (60.0, 2.8)] * 5
    time, distance = stretches((600.0, 2.8), *quick, (300.0, 4.2), (120.0, 2.0), (300.0, 4.2))
    signal = clean_activity(activity(time, distance=distance))
    reps = [Span("rep", 1000.0, 1300.0), Span("rep", 1420.0, 1720.0)]
    found = find_strides(signal, segment_signal(signal), reps)
    assert len(found) == 5
    edges = [edge for each in found for edge in (each.start_s, each.end_s)]
    assert all(a < b for a, b in itertools.pairwise(edges))
    for moved in (700.0, 770.0):
        reps[0] = Span("rep", moved, 1300.0)
        left = find_strides(signal, segment_signal(signal), reps)
        assert all(each.end_s <= moved for each in left)


@pytest.mark.parametrize(
    ("seconds", "speed_mps", "kept"),
    [(4.0, 9.0, 0), (10.0, 2.0, 0), (60.0, 4.0, 1), (80000.0, 3.5, 1), (80000.0, 4.5, 0),
     (90000.0, 2.0, 0)],
)  # fmt: skip
def test_reps_have_sizes_that_can_be_written(seconds: float, speed_mps: float, kept: int) -> None:
    time = np.arange(0.0, 100000.0, 2.0)
    ruler = Ruler(clean_activity(activity(time, distance=speed_mps * time)))
    assert len(_of_a_size([Span("rep", 100.0, 100.0 + seconds)], ruler)) == kept


def many(count: int, seed: int) -> list[tuple[float, float]]:
    edges = np.sort(np.random.default_rng(seed).uniform(0.0, 20.0 * count, 2 * count))
    return list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))


def test_agreement_is_that_of_all_pairs() -> None:
    named, found = many(40, 1), many(60, 2)
    pairs = sum(
        any(2 * (min(b, d) - max(a, c)) > max(b, d) - min(a, c) for c, d in found) for a, b in named
    )
    assert pairs > 0
    assert laps.agreement(named, found) == 2.0 * pairs / (len(named) + len(found))


def test_laps_are_parted_where_their_variance_is_largest() -> None:
    random = np.random.default_rng(5)
    speeds, seconds = np.sort(random.uniform(1.0, 6.0, 30)), random.uniform(20.0, 300.0, 30)
    expected = [
        seconds[:k].sum()
        * seconds[k:].sum()
        * (
            np.average(speeds[k:], weights=seconds[k:])
            - np.average(speeds[:k], weights=seconds[:k])
        )
        ** 2
        for k in range(1, 30)
    ]
    assert laps._parting(speeds, seconds) == pytest.approx(expected)


def test_thousands_of_laps_take_no_square_of_time() -> None:
    """Twenty thousand laps, fast and slow in turn: by all pairs this took minutes."""
    count = 20_000
    edges = np.arange(count + 1) * 8.0
    made = [Lap(a, b, trigger="manual") for a, b in itertools.pairwise(edges.tolist())]
    run = replace(activity(np.arange(20.0), distance=np.arange(20.0)), laps=tuple(made))
    found = laps.read_laps(run, float(edges[-1]), lambda a, b: 5.0 if a % 16 else 2.0)
    assert found is not None
    assert len(found.efforts) == count // 2
    efforts = [sets.Effort(a, b, 40.0, 8.0) for a, b in found.efforts]
    assert [len(group) for group in grouping.group_efforts(efforts)] == [count // 2]
    assert sets._sizes(efforts, None)[0].value in {8.0, 40.0}


def test_segments_last_a_millisecond_at_least() -> None:
    dust = 1e-7
    spans = [
        Span("rep", dust, 60.0, 1, 1),
        Span("recovery", 60.0 + dust, 90.0, 1, 1),
        Span("rep", 90.0, 150.0 - dust, 1, 2),
    ]
    filled = fill(spans, [], 150.0)
    assert [(span.role, span.start_s, span.end_s) for span in filled] == [
        ("rep", 0.0, 60.0 + dust),
        ("recovery", 60.0 + dust, 90.0),
        ("rep", 90.0, 150.0),
    ]
