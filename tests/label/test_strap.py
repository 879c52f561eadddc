"""Jumps of the heart rate that nothing in the running explains."""

import numpy as np
import pytest

from intervaldetect.session_features.strap import JUMP_BPM, MAX_JUMPS, after_jumps

TIME = np.arange(0.0, 600.0)


def rates(*jumps: tuple[int, int, float]) -> np.ndarray:
    rate = np.full(TIME.size, 150.0)
    for start, end, higher in jumps:
        rate[start:end] += higher
    return rate


def steady(start_s: np.ndarray, end_s: np.ndarray) -> list[float | None]:
    return [3.0] * start_s.size


def test_what_follows_a_leap_is_left_out_until_it_is_back() -> None:
    found = after_jumps(TIME, rates((200, 320, JUMP_BPM)), steady)
    assert np.flatnonzero(found).tolist() == list(range(200, 320))


def test_a_leap_that_is_never_undone_lasts_to_the_end() -> None:
    found = after_jumps(TIME, rates((200, 600, 40.0)), steady)
    assert np.flatnonzero(found).tolist() == list(range(200, 600))


@pytest.mark.parametrize(("every_s", "left_out"), [(2.2, 400), (2.3, 0)])
def test_a_sensor_that_stays_where_it_jumped_is_believed(every_s: float, left_out: int) -> None:
    found = after_jumps(TIME * every_s, rates((200, 600, 40.0)), steady)
    assert np.count_nonzero(found) == left_out


@pytest.mark.parametrize("after_mps", [3.4, 2.6])
def test_a_change_of_speed_explains_a_leap(after_mps: float) -> None:
    def changed(start_s: np.ndarray, end_s: np.ndarray) -> list[float | None]:
        return [3.0 if end <= 200.0 else after_mps for end in end_s.tolist()]

    assert not after_jumps(TIME, rates((200, 320, 40.0)), changed).any()


def test_without_a_speed_nothing_is_said() -> None:
    found = after_jumps(TIME, rates((200, 320, 40.0)), lambda start_s, end_s: [None] * start_s.size)
    assert not found.any()


def test_a_rise_that_a_heart_can_do_is_believed() -> None:
    slow = 150.0 + np.clip((TIME - 200.0) * (JUMP_BPM - 1.0) / 5.0, 0.0, 40.0)
    assert not after_jumps(TIME, slow, steady).any()
    assert not after_jumps(TIME, rates((200, 320, JUMP_BPM - 0.1)), steady).any()


@pytest.mark.parametrize(("count", "left_out"), [(MAX_JUMPS, 200), (MAX_JUMPS + 1, 600)])
def test_a_strap_that_leaps_all_the_time_is_not_believed_at_all(count: int, left_out: int) -> None:
    jumps = [(10 + 25 * k, 20 + 25 * k, 40.0) for k in range(count)]
    assert np.count_nonzero(after_jumps(TIME, rates(*jumps), steady)) == left_out
