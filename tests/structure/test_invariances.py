"""What may change in a recording without changing what was run."""

# mypy: disable-error-code="assignment,attr-defined"
# (before and after are segments, then sets)

from __future__ import annotations

import functools
import itertools
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from types import MappingProxyType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from intervaldetect.clean import clean_activity
from intervaldetect.output.summary import to_dict
from intervaldetect.pipeline import analyse
from intervaldetect.read import read_activity
from intervaldetect.records import (
    Activity,
    Bools,
    Estimate,
    Floats,
    Lap,
    Segment,
    Thresholds,
    Workout,
    WorkoutStep,
)
from intervaldetect.simulate import Plan, simulate
from intervaldetect.write import encode_fit
from tests.effort import examples, sampled
from tests.structure.sessions import NEGATIVES, SHAPES, TABLE, Session, read_back

FEW = settings(max_examples=examples(15, 3), deadline=None, derandomize=True)

PLANS: dict[str, Plan] = {
    "800s": Plan("6 x 800 m @ 2:10 (3:00 jog)"),
    "six minutes": Plan("4 x 6:00 @ 3:15/km (1:00 jog)", timer_pauses=1),
    "minutes": Plan("15 x 1:00 @ 2:58/km (0:45 jog)", warmup_s=600.0),
    "watch paused": Plan("5 x 3:00 @ 3:06/km (1:30 paused)", timer_pauses=1),
    "tempo": Plan("30:00 @ 3:15/km", warmup_s=1200.0),
    "easy": Plan(run_type="easy"),
    "long": Plan(run_type="long", duration_s=4800.0, timer_pauses=2),
}
WORKOUTS = ["800s", "six minutes", "minutes", "watch paused", "tempo"]
EVERY_SECOND = ["800s", "six minutes", "minutes", "tempo"]

Span = tuple[float, float]


@functools.cache
def recording(name: str) -> Activity:
    return simulate(PLANS[name], seed=2).to_activity()


@functools.cache
def plain(name: str) -> Workout:
    return find(recording(name))


def find(activity: Activity) -> Workout:
    return analyse(activity, laps="ignore").workout


def reps(workout: Workout) -> list[Span]:
    return [(each.start_s, each.end_s) for each in workout.segments if each.role == "rep"]


def changed(activity: Activity, **columns: Floats) -> Activity:
    return replace(activity, columns=MappingProxyType({**activity.columns, **columns}))


def kept(activity: Activity, keep: Bools) -> Activity:
    """Leave samples out, as a device that records less often would."""
    columns = {name: values[keep] for name, values in activity.columns.items()}
    return replace(activity, columns=MappingProxyType(columns))


def assert_close(found: list[Span], expected: list[Span], seconds: float) -> None:
    assert len(found) == len(expected)
    for got, wanted in zip(found, expected, strict=True):
        assert got == pytest.approx(wanted, abs=seconds)


def assert_tiles(segments: tuple[Segment, ...], elapsed_s: float) -> None:
    assert segments[0].start_s == 0.0
    assert segments[-1].end_s == elapsed_s
    for before, after in itertools.pairwise(segments):
        assert before.end_s == after.start_s
    assert all(each.end_s > each.start_s for each in segments)


ANY = st.sampled_from([*TABLE, *SHAPES, *NEGATIVES])


@settings(max_examples=examples(40, 6), deadline=None, derandomize=True)
@given(ANY, st.integers(0, 1000), st.sampled_from(["low", "typical", "high"]))
def test_segments_tile_the_activity(session: Session, seed: int, noise: str) -> None:
    run = session.run(seed, noise)  # type: ignore[arg-type]
    for laps in ("ignore", "auto"):
        workout = analyse(run.to_activity(), laps=laps).workout
        assert_tiles(workout.segments, run.elapsed_s)
        counted = [(each.set, each.rep) for each in workout.segments if each.role == "rep"]
        wanted = [
            (number, rep)
            for number, each in enumerate(workout.sets, start=1)
            for rep in range(1, each.count + 1)
        ]
        assert counted == wanted
        assert (workout.text is None) == (not workout.sets)


@FEW
@given(ANY, st.integers(0, 1000))
def test_a_rep_overlaps_no_pause(session: Session, seed: int) -> None:
    """By more than its edges may be off."""
    plan = replace(session.plan, timer_pauses=2, pause_recoveries=seed % 2 == 0)
    activity = simulate(plan, seed=seed).to_activity()
    stops = clean_activity(activity)
    found = find(activity)
    reps = [each for each in found.segments if each.role == "rep"]
    assert bool(reps) == bool(found.sets)
    for each in reps:
        assert each.start_error_s is not None
        assert each.end_error_s is not None
        inside = (stops.time_s[1:] > each.start_s) & (stops.time_s[:-1] < each.end_s)
        long = stops.paused & (np.diff(stops.time_s) > 8.0)
        for k in np.flatnonzero(inside & long):
            shared = min(each.end_s, stops.time_s[k + 1]) - max(each.start_s, stops.time_s[k])
            assert shared <= each.start_error_s + each.end_error_s


@pytest.mark.parametrize("name", sorted(PLANS))
def test_twice_the_same(name: str) -> None:
    first, second = (to_dict(analyse(recording(name), laps="ignore")) for _ in range(2))
    assert first == second


@FEW
@given(st.sampled_from(sorted(PLANS)), st.integers(-4_000, 4_000), st.integers(0, 3599))
def test_the_date_does_not_matter(name: str, hours: int, seconds: int) -> None:
    activity = recording(name)
    moved = activity.start_time + timedelta(hours=hours, seconds=seconds)
    again = find(read_activity(encode_fit(replace(activity, start_time=moved))))
    here = find(read_activity(encode_fit(activity)))
    assert again == here


@FEW
@given(st.sampled_from(sorted(PLANS)), st.floats(0.75, 1.25))
def test_the_speed_of_the_athlete_does_not_matter(name: str, factor: float) -> None:
    """Distances, heights and thresholds all scaled: a slower athlete doing the same."""
    activity = recording(name)
    scaled = {
        channel: factor * activity.columns[channel] for channel in ("distance", "speed", "altitude")
    }
    first, second = (
        analyse(
            made,
            laps="ignore",
            thresholds=Thresholds(threshold_speed_mps=Estimate(speed, 0.1, "given")),
        )
        for made, speed in ((activity, 5.4), (changed(activity, **scaled), 5.4 * factor))
    )
    pairs = list(zip(first.workout.segments, second.workout.segments, strict=True))
    assert [before.role for before, _ in pairs] == [after.role for _, after in pairs]
    # What is round in metres for one of them is not for the other: edges lean on that a little.
    for before, after in pairs:
        assert after.start_s == pytest.approx(before.start_s, abs=2.0)
    for before, after in zip(first.workout.sets, second.workout.sets, strict=True):
        speed = factor * (before.rep_speed_mps or 0.0)
        assert after.rep_speed_mps == pytest.approx(speed, rel=0.01)


@FEW
@given(
    st.sampled_from(sorted(PLANS)),
    st.lists(st.tuples(st.floats(0.0, 1.0), st.floats(2.0, 240.0)), min_size=1, max_size=4),
    st.sampled_from(["speed", "heart rate"]),
)
def test_what_is_not_known_adds_no_rep(
    name: str, holes: list[tuple[float, float]], channel: str
) -> None:
    activity = recording(name)
    time = activity.columns["time"]
    unknown = np.zeros(time.size, dtype=np.bool_)
    for place, length in holes:
        unknown |= (time >= place * time[-1]) & (time < place * time[-1] + length)
    lost: Mapping[str, tuple[str, ...]] = {
        "speed": ("distance", "speed", "latitude", "longitude"),
        "heart rate": ("heart_rate",),
    }
    columns = {each: np.where(unknown, np.nan, activity.columns[each]) for each in lost[channel]}
    assert len(reps(find(changed(activity, **columns)))) <= len(reps(plain(name)))


@pytest.mark.parametrize("name", sorted(PLANS))
def test_without_any_heart_rate_there_are_no_more_reps(name: str) -> None:
    activity = recording(name)
    none = np.full(len(activity), np.nan)
    assert len(reps(find(changed(activity, heart_rate=none)))) <= len(reps(plain(name)))


@pytest.mark.parametrize("name", EVERY_SECOND)
@pytest.mark.parametrize("odd", [0, 1])
def test_every_other_second_is_enough(name: str, odd: int) -> None:
    activity = recording(name)
    time = activity.columns["time"]
    keep = time % 2 == odd
    keep[0] = keep[-1] = True
    assert_close(reps(find(kept(activity, keep))), reps(plain(name)), 3.0)


@FEW
@given(st.sampled_from(EVERY_SECOND), st.floats(0.01, 0.3), st.integers(0, 1000))
def test_dropped_samples_move_edges_little(name: str, share: float, seed: int) -> None:
    activity = recording(name)
    keep = np.random.default_rng(seed).random(len(activity)) >= share
    keep[0] = keep[-1] = True
    assert_close(reps(find(kept(activity, keep))), reps(plain(name)), 4.0)


@pytest.mark.parametrize("name", sorted(PLANS))
@pytest.mark.parametrize("bpm", [-12.0, -6.0, 6.0, 12.0])
def test_a_heart_that_beats_faster_changes_no_rep(name: str, bpm: float) -> None:
    """Another athlete, or a strap that reads high.

    Within reason: the absolute heart rate has a small say in whether a session was planned work,
    so this is asked for sessions that are clear, and for a dozen beats.
    """
    activity = recording(name)
    shifted = changed(activity, heart_rate=activity.columns["heart_rate"] + bpm)
    assert reps(find(shifted)) == reps(plain(name))


laps = st.lists(
    st.builds(
        Lap,
        st.floats(0.0, 3000.0),
        st.floats(3000.0, 5000.0),
        distance_m=st.sampled_from([None, 400.0, 1000.0]),
        trigger=st.sampled_from([None, "manual", "distance", "time"]),
        intensity=st.sampled_from([None, "active", "rest", "interval"]),
        step=st.sampled_from([None, 0, 1, 2]),
    ),
    max_size=8,
)


@FEW
@given(st.sampled_from(sorted(PLANS)), laps, st.booleans())
def test_laps_that_are_to_be_ignored_are(name: str, laps: list[Lap], planned: bool) -> None:
    activity = recording(name)
    step = WorkoutStep(0, duration_type="time", duration_value=60.0, intensity="active")
    marked = replace(activity, laps=tuple(laps), steps=(step,) * 3 if planned else ())
    assert find(marked) == plain(name)
    assert plain(name).laps_used == "none"


def test_every_session_is_equal_in_fit_and_tcx() -> None:
    """Both hold the same samples, so the same is read from them."""
    chosen = sampled(TABLE, 8)
    assert chosen
    for session in chosen:
        run = session.run(3)
        assert reps(read_back(run, "fit").workout) == reps(read_back(run, "tcx").workout)


@pytest.mark.parametrize("name", WORKOUTS)
def test_the_recordings_behind_these_tests_are_clear(name: str) -> None:
    """Otherwise nothing would follow from the tests above."""
    truth = simulate(PLANS[name], seed=2).truth
    assert_close(reps(plain(name)), list(truth.reps), 6.0)
    assert reps(plain("easy")) == reps(plain("long")) == []
