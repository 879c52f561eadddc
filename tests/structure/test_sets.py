"""Reps to sets: sizes that were meant, what belongs together, and how recoveries were spent."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.notation import TEXT_CHARS, format_workout, parse_workout
from intervaldetect.records import RecoveryStyle, WorkoutSet
from intervaldetect.structure.grouping import describe_session, group_efforts
from intervaldetect.structure.sets import (
    COMMON_DISTANCES_M,
    COMMON_TIMES_S,
    OTHER_DISTANCES_M,
    OTHER_TIMES_S,
    Effort,
    _size_on,
    describe_set,
    recovery_style,
)
from intervaldetect.structure.tiling import Ruler
from tests.structure.test_frames import signal_of

MPS = 5.0


def timed(
    seconds: Sequence[float], *, speeds: Sequence[float] = (), gap_s: float = 60.0
) -> list[Effort]:
    """Return efforts of these durations with equal gaps."""
    efforts: list[Effort] = []
    at = 600.0
    for k, each in enumerate(seconds):
        speed = speeds[k] if speeds else MPS
        efforts.append(Effort(at, at + each, speed * each, each))
        at += each + gap_s
    return efforts


def measured(
    metres: Sequence[float], *, speeds: Sequence[float] = (), gap_s: float = 60.0
) -> list[Effort]:
    """Return efforts over these distances with equal gaps."""
    speeds = speeds or [MPS] * len(metres)
    return timed([m / v for m, v in zip(metres, speeds, strict=True)], speeds=speeds, gap_s=gap_s)


def described(efforts: Sequence[Effort]) -> list[WorkoutSet]:
    sets = []
    for group in group_efforts(efforts):
        members = [efforts[k] for k in group]
        gaps = [
            Effort(a.end_s, b.start_s, 2.5 * (b.start_s - a.end_s), b.start_s - a.end_s)
            for a, b in itertools.pairwise(members)
        ]
        styles: list[RecoveryStyle] = ["jog"] * len(gaps)
        sets.append(describe_set(members, gaps, styles))
    return sets


def sizes(efforts: Sequence[Effort]) -> list[int]:
    return [len(group) for group in group_efforts(efforts)]


# --- sizes ------------------------------------------------------------------------------------


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


@pytest.mark.parametrize("seconds", [*COMMON_TIMES_S, *OTHER_TIMES_S])
def test_times_are_what_a_watch_is_set_to(seconds: float) -> None:
    """Half minutes and a few shorter ones below 5 min, then minutes and half minutes."""
    assert seconds % (5 if seconds < 60 else 15 if seconds < 300 else 30) == 0


@pytest.mark.parametrize("metres", [*COMMON_DISTANCES_M, *OTHER_DISTANCES_M])
def test_distances_are_round_in_metres_or_miles_or_a_half_marathon(metres: float) -> None:
    if metres != 21097.5:
        miles = round(metres / 1609.344)
        assert metres % (50 if metres < 1000 else 100) == 0 or metres == round(miles * 1609.344, 3)


# --- what makes a set -------------------------------------------------------------------------


@pytest.mark.parametrize(("last", "groups"), [(860.0, [5]), (840.0, [4, 1])])
def test_a_set_is_within_15_percent_of_its_size(last: float, groups: list[int]) -> None:
    assert sizes(measured([1000.0] * 4 + [last])) == groups


@pytest.mark.parametrize(("first", "groups"), [(860.0, [5]), (840.0, [1, 4])])
def test_the_first_rep_too(first: float, groups: list[int]) -> None:
    assert sizes(measured([first] + [1000.0] * 4)) == groups


@pytest.mark.parametrize(("last", "groups"), [(12.5, [5]), (11.5, [4, 1])])
def test_short_reps_may_differ_by_what_their_edges_are_off(last: float, groups: list[int]) -> None:
    assert sizes(timed([15.0] * 4 + [last])) == groups


def test_reps_alike_in_metres_or_in_seconds_are_one_set() -> None:
    slower = [5.4, 5.4, 5.1, 5.0, 4.8, 4.7, 4.6]
    assert sizes(measured([400.0] * 7, speeds=slower)) == [7]
    assert sizes(timed([180.0] * 7, speeds=slower)) == [7]


@pytest.mark.parametrize(("faster", "groups"), [(1.15, [3, 3]), (1.10, [6])])
def test_a_step_in_speed_parts_a_set(faster: float, groups: list[int]) -> None:
    speeds = [4.6, 4.65, 4.6, 4.6 * faster, 4.65 * faster, 4.6 * faster]
    assert sizes(measured([800.0] * 6, speeds=speeds)) == groups


def test_a_set_run_faster_and_faster_stays_one() -> None:
    assert sizes(measured([800.0] * 6, speeds=[4.2, 4.35, 4.5, 4.65, 4.8, 4.95])) == [6]


@pytest.mark.parametrize(("slower", "groups"), [(0.8, [1, 5]), (0.85, [6])])
def test_a_rep_far_slower_is_none_of_the_set(slower: float, groups: list[int]) -> None:
    assert sizes(measured([800.0] * 6, speeds=[5.0 * slower] + [5.0] * 5)) == groups


@pytest.mark.parametrize(
    ("metres", "groups"),
    [
        ([400, 800, 1200, 800, 400], [5]),
        ([1600, 1200, 800], [3]),
        ([1600, 800], [1, 1]),
        ([400, 400, 300, 300, 200, 200], [2, 2, 2]),
        ([1000, 1000, 1000, 500, 500, 500, 200, 200, 200], [3, 3, 3]),
        ([1000, 1000, 1000, 500, 300, 200], [3, 3]),
        ([300, 700, 200, 1000, 450, 1400, 350], [7]),
    ],
)
def test_the_fewest_words_part_a_session(metres: list[float], groups: list[int]) -> None:
    assert sizes(measured(metres)) == groups


def test_alternating_sizes_are_blocks() -> None:
    (only,) = described(measured([330.0, 200.0] * 6))
    assert (only.count, only.blocks, only.block_recovery_s) == (12, 6, None)
    assert format_workout([only]) == "6 x (330 + 200 m @ 3:20/km (1:00 jog))"


@pytest.mark.parametrize(("gap_s", "blocks"), [(110.0, 2), (90.0, 1)])
def test_a_pattern_that_comes_twice_needs_a_longer_gap(gap_s: float, blocks: int) -> None:
    first = measured([800.0, 600.0, 400.0])
    later = first[-1].end_s + gap_s - first[0].start_s
    second = [Effort(e.start_s + later, e.end_s + later, e.distance_m, e.moving_s) for e in first]
    assert [each.blocks for each in described([*first, *second])] == [blocks]


def test_an_uneven_set_is_a_list_of_every_size() -> None:
    (only,) = described(timed([60.0, 72.0, 60.0, 50.0, 60.0, 71.0, 49.0]))
    assert (only.count, only.rep_duration_s, only.rep_distance_m) == (7, None, None)
    listed = only.rep_durations_s or only.rep_distances_m
    assert listed is not None
    assert len(listed) == 7


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    st.lists(
        st.tuples(st.floats(8.0, 2400.0), st.floats(2.5, 7.5), st.integers(1, 6)),
        min_size=1,
        max_size=6,
    ),
    st.floats(10.0, 400.0),
)
def test_what_is_printed_holds_and_reads_back(
    blocks: list[tuple[float, float, int]], gap_s: float
) -> None:
    seconds = [s for s, _, n in blocks for _ in range(n)]
    speeds = [v for _, v, n in blocks for _ in range(n)]
    efforts = timed(seconds, speeds=speeds, gap_s=gap_s)
    groups, sets = group_efforts(efforts), described(efforts)
    assert [k for group in groups for k in group] == list(range(len(efforts)))
    for group, each in zip(groups, sets, strict=True):
        assert each.count == len(group)
        if each.rep_distances_m is each.rep_durations_s is None:
            for k in group:
                if each.rep_basis == "time":
                    size, slack = each.rep_duration_s, 3.0
                    own: float | None = efforts[k].seconds
                else:
                    size, slack = each.rep_distance_m, 3.0 * 7.5
                    own = efforts[k].distance_m
                assert size is not None
                assert own is not None
                assert abs(own - size) <= max(0.15 * size, slack) + 1e-6
    whole, short = format_workout(sets), format_workout(sets, at_most=TEXT_CHARS)
    assert format_workout(parse_workout(whole)) == whole
    again = format_workout(parse_workout(short))
    assert short == again or short.startswith(f"{again} + ")


# --- recoveries -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speed", "easy", "style"),
    [
        (3.80, 3.6, "jog"),
        (3.83, 3.6, "float"),  # 1.06 of easy pace is 3.816
        (3.68, 3.0, "jog"),
        (3.72, 3.0, "float"),  # 0.74 of the reps is 3.7
        (3.68, None, "jog"),
        (3.72, None, "float"),
        (1.95, 3.6, "jog"),
        (1.85, 3.6, "walk"),
        (0.65, 3.6, "walk"),
        (0.55, 3.6, "stand"),
    ],
)
def test_a_recovery_at_easy_pace_is_a_jog(speed: float, easy: float | None, style: str) -> None:
    for seconds in (60.0, 600.0):
        gap = Effort(0.0, seconds, speed * seconds, seconds)
        assert recovery_style(gap, 5.0, easy) == style


@pytest.mark.parametrize(("gap_s", "recovery_s"), [(2.9, None), (3.1, 3.0)])
def test_what_edges_alone_may_be_off_is_no_recovery(gap_s: float, recovery_s: float | None) -> None:
    (only,) = described(measured([1000.0] * 4, gap_s=gap_s))
    assert (only.count, only.recovery_s) == (4, recovery_s)


def test_slowing_down_and_speeding_up_do_not_say_how_a_recovery_was_spent() -> None:
    parts = [(60, 5.0), (6, 4.5), (18, 0.0), (6, 4.5), (60, 5.0)]
    speed = np.concatenate([np.full(seconds, mps) for seconds, mps in parts])
    signal = signal_of(np.arange(speed.size + 1.0), speed)
    ruler = Ruler(signal)
    _, (only,) = describe_session(ruler, ruler.efforts([(0.0, 60.0), (90.0, 150.0)]))
    assert only.recovery_style == "stand"


@pytest.mark.parametrize(("moving_s", "style"), [(15.0, "paused"), (16.0, "jog")])
def test_a_recovery_with_the_watch_stopped_is_paused(moving_s: float, style: str) -> None:
    assert recovery_style(Effort(0.0, 100.0, 2.5 * moving_s, moving_s), 5.0, 3.6) == style
