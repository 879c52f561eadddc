"""The size that was meant."""

from __future__ import annotations

import itertools

import pytest

from intervaldetect.notation import format_workout
from intervaldetect.records import WorkoutSet
from intervaldetect.structure.sets import (
    COMMON_DISTANCES_M,
    COMMON_TIMES_S,
    OTHER_DISTANCES_M,
    OTHER_TIMES_S,
    Effort,
    _size_on,
    describe_set,
)


@pytest.mark.parametrize(
    ("seconds", "meant", "canonical"), [(62.9, 60.0, True), (63.0, 65.0, False), (60.4, 60.0, True)]
)
def test_a_size_three_errors_off_was_not_meant(
    seconds: float, meant: float, canonical: bool
) -> None:
    size = _size_on("time", [Effort(0.0, seconds, None, seconds)])
    assert (size.value, size.canonical) == (meant, canonical)


@pytest.mark.parametrize(
    "sizes", [COMMON_DISTANCES_M, OTHER_DISTANCES_M, COMMON_TIMES_S, OTHER_TIMES_S]
)
def test_sizes_rise(sizes: tuple[float, ...]) -> None:
    assert list(sizes) == sorted(set(sizes))


def _described(*reps: tuple[float, float, float]) -> WorkoutSet:
    """Describe reps given by seconds, the gap behind them, and speed."""
    start_s, efforts = 0.0, []
    for seconds, gap_s, speed_mps in reps:
        efforts.append(Effort(start_s, start_s + seconds, speed_mps * seconds, seconds))
        start_s += seconds + gap_s
    gaps = [
        Effort(a.end_s, b.start_s, 2.0 * (b.start_s - a.end_s), b.start_s - a.end_s)
        for a, b in itertools.pairwise(efforts)
    ]
    return describe_set(efforts, gaps, ["jog"] * len(gaps))


@pytest.mark.parametrize("gap_s", [0.0, 0.4])
def test_reps_without_anything_between_have_no_recovery(gap_s: float) -> None:
    found = _described(*[(90.0, gap_s, 4.0)] * 5)
    assert found.recovery_s is found.recovery_style is found.recovery_basis is None
    assert format_workout((found,)) == "5 x 1:30 @ 4:10/km"
    blocks = _described(*[(90.0, 0.0, 4.0), (90.0, 60.0, 4.0)] * 3)
    assert format_workout((blocks,)) == "3 x (2 x 1:30 @ 4:10/km) (1:00)"


def test_equal_distances_in_unequal_times_are_no_ladder() -> None:
    found = _described((75.0, 60.0, 4.0), (100.0, 60.0, 3.0), (60.0, 60.0, 5.0), (150.0, 60.0, 2.0))
    assert (found.rep_distance_m, found.rep_distances_m) == (300.0, None)
