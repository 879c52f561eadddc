"""Work is bounded by samples, laps and reps, never by the time that a file claims to span."""

from __future__ import annotations

import itertools
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.contract import to_dict
from intervaldetect.evidence import gather
from intervaldetect.kernels import turns
from intervaldetect.pipeline import analyse
from intervaldetect.read.clock import Clock
from intervaldetect.records import Activity
from intervaldetect.structure import alternation, choice, laps, reading, sets
from intervaldetect.structure.laps import Snapped
from tests.clean.build import activity, stretches
from tests.contract_faults import faults

DAY_S = 86400.0


def sparse(samples: int, days: float) -> Activity:
    """Run on for days, with a sample every few hours and faster stretches in between."""
    time = np.linspace(0.0, days * DAY_S, samples)
    speed = np.where(np.arange(samples) % 7 < 3, 3.4, 2.6)
    distance = np.concatenate(([0.0], np.cumsum(speed[1:] * np.diff(time))))
    return replace(activity(time, distance=distance), sport="running")


def test_turns_are_looked_for_by_samples(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def counted(weight, total, fewest, most, shares):
        asked.append((weight.size, most))
        return 0.0, -1, -1

    monkeypatch.setattr(turns, "regular_turns", counted)
    for samples in (40, 150, 5000):
        weight = np.linspace(0.0, 20 * DAY_S, samples)
        alternation._regular(weight, 1.1 * weight)
    assert all(most <= min(size // 2, alternation.MAX_TURNS) for size, most in asked)
    assert len(asked) == 3


def test_a_place_is_found_wherever_the_samples_lie() -> None:
    weight = np.concatenate((np.arange(50.0), [5e5, 5e5 + 1.0, 1e6]))
    for start in (0, 7, 49):
        for moment in (49.0, 49.5, 4e5, 5e5, 5e5 + 0.5, 1e6, 2e6):
            expected = int(np.searchsorted(weight, moment, "right")) - 1
            assert turns._place(weight, moment, start) == expected


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
    found = laps.snap_to_laps([Snapped(a, b, 2.0, 2.0) for a, b in efforts], (), 600.0)
    assert [(each.start_s, each.end_s) for each in found] == expected


def test_edges_that_cross_are_told() -> None:
    start, end = np.array([0.0, 10.0, 30.0, 50.0]), np.array([8.0, 32.0, 45.0, 49.0])
    assert reading._in_order(start, end).tolist() == [True, False, False, False]


def test_a_stride_gives_way_to_a_rep() -> None:
    from intervaldetect.structure import _beside

    reps = [Snapped(100.0, 200.0, 1.0, 1.0), Snapped(300.0, 400.0, 1.0, 1.0)]
    strides = [Snapped(a, b, 1.0, 1.0) for a, b in ((80.0, 105.0), (190.0, 220.0), (120.0, 140.0))]
    found = [(each.start_s, each.end_s) for each in _beside(strides, reps)]
    assert found == [(80.0, 100.0), (200.0, 220.0)]


def test_what_nobody_writes_down_is_no_rep() -> None:
    time, distance = stretches((300.0, 3.0), (4.0, 6.0), (60.0, 2.0), (4.0, 6.0), (300.0, 3.0))
    run = activity(time, distance=distance)
    edges = [0.0, 300.0, 304.0, 364.0, 368.0, 668.0]
    marked = tuple(
        laps.Lap(a, b, trigger="manual", intensity=("rest", "active")[k % 2])
        for k, (a, b) in enumerate(itertools.pairwise(edges))
    )
    found = analyse(replace(run, laps=marked, format="fit"))
    assert faults(to_dict(found)) == ()
    assert all(s.end_s - s.start_s >= 5.0 for s in found.workout.segments if s.role == "rep")


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


def test_the_most_alike_are_found_block_by_block(monkeypatch: pytest.MonkeyPatch) -> None:
    random = np.random.default_rng(6)
    size, speed = random.normal(5.0, 0.3, 50), random.normal(0.3, 0.1, 50)
    whole = choice._alike(size, speed, slice(0, 50))
    monkeypatch.setattr(choice, "ROWS", 7)
    found = SimpleNamespace(seconds=np.exp(size), effort=np.exp(speed))
    core = choice.most_alike(found, np.arange(50))  # type: ignore[arg-type]
    assert core.tolist() == np.flatnonzero(whole[whole.sum(axis=1).argmax()]).tolist()


def test_thousands_of_laps_take_no_square_of_time() -> None:
    """Twenty thousand laps, fast and slow in turn: by all pairs this took minutes."""
    count = 20_000
    edges = np.arange(count + 1) * 8.0
    made = [laps.Lap(a, b, trigger="manual") for a, b in itertools.pairwise(edges.tolist())]
    run = replace(activity(np.arange(20.0), distance=np.arange(20.0)), laps=tuple(made))
    found = laps.read_laps(run, float(edges[-1]), lambda a, b: 5.0 if a % 16 else 2.0)
    assert found is not None
    assert len(found.efforts) == count // 2
    efforts = [sets.Effort(a, b, 40.0, 8.0) for a, b in found.efforts]
    assert [len(group) for group in sets.group_efforts(efforts)] == [count // 2]
    assert sets._sizes(efforts)[0].value in {8.0, 40.0}
