"""Strides and progressions: what is no planned work and yet has a name."""

from __future__ import annotations

import numpy as np
import pytest

from intervaldetect.records import Pieces, Signal
from intervaldetect.segment import segment_signal
from intervaldetect.structure.sets import MIN_ALIKE
from intervaldetect.structure.shape import (
    FASTER,
    MAX_STRIDE_S,
    MICRO_REST,
    MIN_SHORT_REPS,
    SPRINT_REST_S,
    find_strides,
    part_strides,
    rises,
    too_little,
)
from intervaldetect.structure.tiling import LITTLE_S, Span
from tests.structure.test_frames import signal_of


def efforts(count: int, seconds: float, rest: float, begin: float = 600.0) -> list[Span]:
    starts = [begin + k * (seconds + rest) for k in range(count)]
    return [Span("rep", start, start + seconds) for start in starts]


def run(spans: list[tuple[float, float]], faster: float = 1.6) -> tuple[Signal, Pieces]:
    speed = np.full(1800, 2.8)
    for start, end in spans:
        speed[int(start) : int(end)] *= faster
    signal = signal_of(np.arange(0.0, 1801.0), speed)
    return signal, segment_signal(signal)


def spans_of(reps: list[Span]) -> list[tuple[float, float]]:
    return [(rep.start_s, rep.end_s) for rep in reps]


@pytest.mark.parametrize(
    ("count", "seconds", "rest", "are_strides"),
    [
        (6, 20.0, 60.0, True),
        (MIN_SHORT_REPS - 1, 20.0, 60.0, True),
        (MIN_SHORT_REPS, 20.0, 60.0, False),
        (5, 20.0, 20.0 * MICRO_REST - 1.0, False),
        (5, 20.0, 20.0 * MICRO_REST + 1.0, True),
        (5, 20.0, SPRINT_REST_S - 1.0, True),
        (5, 20.0, SPRINT_REST_S, False),
        (5, MAX_STRIDE_S + 1.0, 60.0, False),
        (5, MAX_STRIDE_S, 60.0, True),
    ],
)
def test_a_few_short_efforts_are_strides(
    count: int, seconds: float, rest: float, are_strides: bool
) -> None:
    strides, reps = part_strides(efforts(count, seconds, rest))
    assert (len(strides), len(reps)) == ((count, 0) if are_strides else (0, count))


@pytest.mark.parametrize(("seconds", "parted"), [(MAX_STRIDE_S, 4), (MAX_STRIDE_S + 1.0, 0)])
def test_short_efforts_before_a_longer_one_are_strides(seconds: float, parted: int) -> None:
    quick, long = efforts(4, seconds, 60.0), efforts(3, 180.0, 60.0, begin=1200.0)
    strides, reps = part_strides([*quick, *long])
    assert len(strides) == parted
    assert reps[-3:] == long


@pytest.mark.parametrize(("seconds", "parted"), [(110.0, 6), (130.0, 0)])
def test_a_longer_moment_beside_strides_makes_no_session(seconds: float, parted: int) -> None:
    """Six strides are two minutes of work: the longer effort has to be more."""
    moment, quick = efforts(1, seconds, 60.0), efforts(6, 20.0, 60.0, begin=1000.0)
    strides, reps = part_strides([*moment, *quick])
    assert len(strides) == parted
    assert len(reps) == (0 if parted else 7)


@pytest.mark.parametrize(
    ("seconds", "strides"), [(2 * MAX_STRIDE_S - 1.0, 7), (2 * MAX_STRIDE_S + 1.0, 6)]
)
def test_a_moment_twice_as_long_as_a_stride_is_none(seconds: float, strides: int) -> None:
    moment, quick = efforts(1, seconds, 60.0), efforts(6, 20.0, 60.0, begin=1000.0)
    found, reps = part_strides([*moment, *quick])
    assert (len(found), len(reps)) == (strides, 0)


@pytest.mark.parametrize(
    ("count", "parted"), [(MIN_SHORT_REPS - 2, True), (MIN_SHORT_REPS - 1, False)]
)
def test_an_odd_one_counts_among_many_short_efforts(count: int, parted: bool) -> None:
    """Eight are a session, and one of them may be a little longer than a stride."""
    odd, quick = efforts(1, MAX_STRIDE_S + 2.0, 60.0), efforts(count, 25.0, 60.0, begin=1000.0)
    strides, reps = part_strides([*odd, *quick])
    assert (len(strides), len(reps)) == ((count + 1, 0) if parted else (0, count + 1))


@pytest.mark.parametrize(("seconds", "parted"), [(26.0, 5), (28.0, 0)])
def test_efforts_of_one_size_stay_together(seconds: float, parted: int) -> None:
    """Five about the limit are all strides or all reps, before longer ones and by themselves."""
    sizes = (seconds - 2.0, seconds, seconds + 3.0, seconds, seconds - 1.0)
    quick = [Span("rep", 90.0 * k, 90.0 * k + size) for k, size in enumerate(sizes)]
    long = efforts(3, 180.0, 60.0, begin=1200.0)
    assert len(part_strides([*quick, *long])[0]) == parted
    assert len(part_strides(quick)[0]) == parted


@pytest.mark.parametrize(
    ("count", "seconds", "little"),
    [(1, LITTLE_S - 1.0, True), (1, LITTLE_S, False), (2, 59.0, True), (3, 39.0, False)],
)
def test_one_or_two_short_efforts_are_too_little(count: int, seconds: float, little: bool) -> None:
    assert too_little(efforts(count, seconds, 60.0)) is little


def test_short_efforts_after_longer_ones_are_reps() -> None:
    long, quick = efforts(3, 180.0, 60.0), efforts(4, 25.0, 60.0, begin=1500.0)
    assert part_strides([*long, *quick]) == ([], [*long, *quick])


def test_of_nothing_nothing_is_parted() -> None:
    assert part_strides([]) == ([], [])


@pytest.mark.parametrize("count", [MIN_ALIKE - 1, MIN_ALIKE, 6])
def test_strides_are_found_from_three_on(count: int) -> None:
    wanted = spans_of(efforts(count, 20.0, 60.0))
    found = find_strides(*run(wanted), ())
    assert len(found) == (count if count >= MIN_ALIKE else 0)
    for got, true in zip(found, wanted, strict=False):
        assert (got.start_s, got.end_s) == pytest.approx(true, abs=4.0)


@pytest.mark.parametrize(("faster", "count"), [(FASTER - 0.05, 0), (FASTER + 0.3, 4)])
def test_a_stride_is_clearly_faster(faster: float, count: int) -> None:
    assert len(find_strides(*run(spans_of(efforts(4, 20.0, 60.0)), faster), ())) == count


def test_strides_between_reps_are_part_of_the_session() -> None:
    quick = efforts(4, 20.0, 60.0)
    around = [Span("rep", 200.0, 400.0), Span("rep", 1200.0, 1400.0)]
    assert len(find_strides(*run(spans_of(quick)), around[:1])) == 4
    assert find_strides(*run(spans_of(quick)), around) == []


@pytest.mark.parametrize(("rise", "rising"), [(FASTER - 1.03, False), (2.0 * (FASTER - 1.0), True)])
def test_a_progression_rises_by_enough(rise: float, rising: bool) -> None:
    """From the middle of the first third to that of the last it rises by two thirds of all."""
    steps = np.repeat(np.linspace(1.0, 1.0 + 1.5 * rise, 10), 180)
    signal = signal_of(np.arange(0.0, 1801.0), 2.8 * steps)
    assert rises(segment_signal(signal)) is rising


def test_a_fast_end_is_no_progression() -> None:
    _, pieces = run([(1500.0, 1800.0)], 1.25)
    assert not rises(pieces)
