"""Structure: reps grouped into sets, strides kept apart, laps weighed against the streams."""

from __future__ import annotations

import functools
import itertools
from dataclasses import replace

import numpy as np
import pytest

from intervaldetect.clean import clean_activity
from intervaldetect.errors import ParameterError
from intervaldetect.records import CLAIMED, Activity, Lap, Workout, WorkoutStep
from intervaldetect.segment import segment_signal
from intervaldetect.simulate import Plan, SimulatedActivity, simulate
from intervaldetect.structure import Laps, structure_workout


@functools.cache
def ran(plan: Plan, seed: int = 1) -> SimulatedActivity:
    return simulate(plan, seed=seed, noise="low")


def found(activity: Activity, laps: Laps = "ignore") -> Workout:
    signal = clean_activity(activity)
    return structure_workout(activity, signal, segment_signal(signal), laps=laps)


def reps(workout: Workout) -> list[tuple[float, float]]:
    return [(each.start_s, each.end_s) for each in workout.segments if each.role == "rep"]


def roles(workout: Workout) -> list[str]:
    return [each.role for each in workout.segments]


# --- sets -------------------------------------------------------------------------------------


def test_equal_reps_are_one_set() -> None:
    workout = found(ran(Plan("8 x 600 m @ 1:48 (1:30 walk)")).to_activity())
    (only,) = workout.sets
    assert (only.count, only.blocks, only.rep_basis) == (8, 1, "distance")
    assert (only.rep_distance_m, only.canonical) == (600.0, True)
    assert only.rep_duration_s == pytest.approx(108.0, abs=2.5)
    assert only.rep_distances_m is only.rep_durations_s is None
    assert (only.recovery_basis, only.recovery_s, only.recovery_style) == ("time", 90.0, "walk")
    assert only.block_recovery_s is None
    assert roles(workout) == ["warmup", *["rep", "recovery"] * 7, "rep", "cooldown"]
    assert workout.shape == "intervals"


def test_timed_reps_are_told_from_measured_ones() -> None:
    (only,) = found(ran(Plan("6 x 4:00 @ 3:12/km (1:30 jog)")).to_activity()).sets
    assert (only.rep_basis, only.rep_duration_s, only.canonical) == ("time", 240.0, True)
    assert only.rep_distance_m == pytest.approx(240.0 / 192.0 * 1000.0, rel=0.02)


def test_a_ladder_is_one_set() -> None:
    text = "(400 + 800 + 1200 + 800 + 400 m) @ 3:02/km (1:30 jog)"
    (only,) = found(ran(Plan(text)).to_activity()).sets
    assert (only.count, only.rep_basis) == (5, "distance")
    assert only.rep_distances_m == (400.0, 800.0, 1200.0, 800.0, 400.0)
    assert only.rep_distance_m is only.rep_duration_s is only.rep_durations_s is None


def test_blocks_are_parted_by_longer_rests() -> None:
    text = "3 x (4 x 400 m @ 1:10 (1:00 jog)) (4:00)"
    workout = found(ran(Plan(text)).to_activity())
    (only,) = workout.sets
    assert (only.count, only.blocks) == (12, 3)
    assert (only.recovery_s, only.block_recovery_s) == (60.0, pytest.approx(240.0, abs=5.0))
    assert [each.rep for each in workout.segments if each.role == "rep"] == list(range(1, 13))


def test_two_sizes_are_two_sets() -> None:
    text = "3 x 8:00 @ 3:18/km (2:00 jog) + 8 x 0:45 @ 2:48/km (1:00 jog)"
    workout = found(ran(Plan(text)).to_activity())
    assert [(s.count, s.rep_basis, s.rep_duration_s) for s in workout.sets] == [
        (3, "time", 480.0),
        (8, "time", 45.0),
    ]
    counted = [(each.set, each.rep) for each in workout.segments if each.role == "rep"]
    assert counted == [(1, k) for k in (1, 2, 3)] + [(2, k) for k in range(1, 9)]
    rest = [each for each in workout.segments if each.role == "recovery" and each.rep == 3]
    assert rest[0].set == 1


def test_a_last_rep_cut_short_stands_by_itself() -> None:
    plan = "(1000 + 1000 + 1000 + 1000 + 600 m) @ 3:06/km (2:00 jog)"
    text = found(ran(Plan(plan)).to_activity()).text
    assert (text or "").startswith("4 x 1000 m @ 3:06 (2:00 jog) + 600 m @ 1:5")


def test_a_tempo_is_a_set_of_one() -> None:
    workout = found(ran(Plan("30:00 @ 3:15/km")).to_activity())
    (only,) = workout.sets
    assert (only.count, only.rep_duration_s, only.recovery_basis) == (1, 1800.0, None)
    assert workout.shape == "tempo"
    assert roles(workout) == ["warmup", "rep", "cooldown"]


def test_recoveries_by_distance() -> None:
    (only,) = found(ran(Plan("6 x 800 m @ 2:26 (400 m jog)")).to_activity()).sets
    assert (only.recovery_basis, only.recovery_distance_m) == ("distance", 400.0)


@pytest.mark.parametrize("style", ["jog", "walk", "stand", "paused"])
def test_how_recoveries_are_spent(style: str) -> None:
    workout = found(ran(Plan(f"6 x 3:00 @ 3:06/km (2:00 {style})")).to_activity())
    (only,) = workout.sets
    assert (only.recovery_style, only.recovery_s) == (style, pytest.approx(120.0, abs=5.0))
    if style == "paused":
        rests = [each for each in workout.segments if each.role == "recovery"]
        assert all(each.moving_s == pytest.approx(0.0, abs=6.0) for each in rests)
        assert "pause" not in roles(workout)


def test_a_pause_outside_the_sets_is_a_pause() -> None:
    run = ran(Plan("5 x 1000 m @ 3:06 (1:30 jog)", timer_pauses=1))
    (stop,) = run.pauses
    pauses = [each for each in found(run.to_activity()).segments if each.role == "pause"]
    assert [(each.start_s, each.end_s) for each in pauses] == [(stop.start_s, stop.end_s)]
    assert pauses[0].moving_s == 0.0


def test_strides_in_the_warm_up_are_no_reps() -> None:
    run = ran(
        Plan("6 x 1000 m @ 3:06 (1:30 jog)", warmup_s=300.0, strides=4, first_rep_slower=0.06)
    )
    workout = found(run.to_activity())
    assert [each.count for each in workout.sets] == [6]
    strides = [each for each in workout.segments if each.role == "stride"]
    assert len(strides) == 4
    for each, (start, end) in zip(strides, run.truth.strides, strict=True):
        assert (each.start_s, each.end_s) == pytest.approx((start, end), abs=5.0)
        assert each.set is each.rep is None


def test_laps_name_strides_as_reps_where_steps_do() -> None:
    run = ran(Plan("4 x 0:20 @ 2:50/km (1:00 jog) + 5 x 1000 m @ 3:06 (1:30 jog)", laps="steps"))
    activity = run.to_activity()
    assert [each.count for each in found(activity).sets] == [5]
    assert [each.count for each in found(activity, "auto").sets] == [4, 5]


def test_a_recovery_at_easy_pace_is_a_jog_and_a_faster_one_a_float() -> None:
    for speed, style in (("3:40/km", "float"), ("4:40/km", "jog")):
        text = f"6 x 3:00 @ 3:06/km (2:00 float @ {speed})"
        (only,) = found(ran(Plan(text)).to_activity()).sets
        assert only.recovery_style == style


def test_what_was_measured_in_a_rep() -> None:
    run = ran(Plan("5 x 1000 m @ 3:06 (2:00 jog)"))
    signal = clean_activity(run.to_activity())
    segments = found(run.to_activity()).segments
    assert [each.role for each in segments].count("rep") == 5
    for each in segments:
        inside = (signal.time_s >= each.start_s) & (signal.time_s < each.end_s)
        beats = signal.heart_rate_bpm[inside]
        assert each.mean_hr_bpm == pytest.approx(beats.mean(), abs=0.6)
        assert each.max_hr_bpm == beats.max()
        assert each.mean_cadence_spm == pytest.approx(signal.cadence_spm[inside].mean(), abs=0.6)
        assert each.distance_m == pytest.approx(
            np.diff(np.interp((each.start_s, each.end_s), signal.time_s, signal.distance_m))[0]
        )
        assert each.moving_s == pytest.approx(each.end_s - each.start_s)
        assert each.mean_power_w is None
        if each.role == "rep":
            assert each.end_hr_bpm is not None
            assert each.mean_hr_bpm is not None
            assert each.end_hr_bpm > each.mean_hr_bpm
            assert 0.0 < (each.confidence or 0.0) <= 1.0


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("0:50 @ 2:50/km", False),
        ("2 x 0:45 @ 2:50/km (3:00 jog)", False),
        ("2 x 1:15 @ 2:55/km (3:00 jog)", True),
    ],
)
def test_two_short_efforts_are_no_session(text: str, claimed: bool) -> None:
    workout = found(ran(Plan(text)).to_activity())
    assert workout.text == (text if claimed else None)
    assert (workout.structured_probability > CLAIMED) is claimed


# --- laps and steps ---------------------------------------------------------------------------

MARKED = Plan("6 x 800 m @ 2:10 (3:00 jog)", laps="manual")


def edge_errors(run: SimulatedActivity, workout: Workout) -> np.ndarray:
    return np.abs(np.array(reps(workout)) - np.array(run.truth.reps))


@pytest.mark.parametrize("mode", ["manual", "steps"])
def test_presses_sharpen_edges(mode: str) -> None:
    marked = replace(MARKED, laps=mode, recording="smart")  # type: ignore[arg-type]
    run = simulate(marked, seed=1, noise="high")
    activity = run.to_activity()
    deaf, listening = found(activity), found(activity, "auto")
    assert len(reps(listening)) == len(reps(deaf)) == 6
    assert edge_errors(run, listening).max() <= 1.5
    assert edge_errors(run, listening).mean() < edge_errors(run, deaf).mean()
    assert deaf.laps_used == "none"
    assert {each.source for each in deaf.segments} == {"stream"}
    assert listening.laps_used in ("laps", "steps")
    presses = {lap.start_s for lap in run.laps}
    for before, after in zip(
        [s for s in deaf.segments if s.role == "rep"],
        [s for s in listening.segments if s.role == "rep"],
        strict=True,
    ):
        assert {after.start_s, after.end_s} <= presses
        assert after.source in ("lap", "step")
        assert after.start_error_s is not None
        assert before.start_error_s is not None
        assert after.start_error_s < before.start_error_s


@pytest.mark.parametrize("mode", ["auto_km", "auto_mile"])
@pytest.mark.parametrize("marked", [True, False])
def test_automatic_laps_are_seen_through(mode: str, marked: bool) -> None:
    run = ran(replace(MARKED, laps=mode))  # type: ignore[arg-type]
    activity = run.to_activity()
    if not marked:  # some brands write no trigger at all
        bare = tuple(replace(lap, trigger=None) for lap in activity.laps)
        activity = replace(activity, laps=bare)
    assert found(activity, "auto") == found(activity)


def test_stray_presses_change_nothing_but_near_edges() -> None:
    activity = ran(Plan("6 x 800 m @ 2:10 (3:00 jog)")).to_activity()
    deaf = found(activity)
    whole = activity.columns["time"][-1]
    # One in the warm-up, one in the middle of the second rep, two within three seconds.
    middle = float(np.mean(reps(deaf)[1]))
    cuts = [0.0, 333.0, middle, whole - 200.0, whole - 197.0, whole]
    laps = tuple(Lap(a, b, trigger="manual") for a, b in itertools.pairwise(cuts))
    assert reps(found(replace(activity, laps=laps), "auto")) == reps(deaf)


@pytest.mark.parametrize("intensity", ["interval", "active", "rest"])
def test_an_intensity_on_every_lap_makes_no_workout(intensity: str) -> None:
    run = ran(Plan(run_type="easy", laps="auto_km"))
    laps = tuple(replace(lap, intensity=intensity) for lap in run.laps)
    workout = found(replace(run.to_activity(), laps=laps), "auto")
    assert workout.text is None
    assert reps(workout) == []
    assert workout.laps_used == "none"


def test_laps_may_overlap_by_part_of_a_second() -> None:
    """FIT starts laps on whole seconds and times them in thousandths."""
    activity = ran(Plan("5 x 1000 m @ 3:10 (1:30 jog)", laps="steps")).to_activity()
    laps = tuple(replace(lap, end_s=lap.end_s + 0.6) for lap in activity.laps)
    segments = found(replace(activity, laps=laps), "auto").segments
    assert [a.end_s for a in segments[:-1]] == [b.start_s for b in segments[1:]]
    assert sum(segment.source == "step" for segment in segments) == 5


def test_laps_that_say_what_they_are_name_the_efforts() -> None:
    activity = ran(Plan("20:00 @ 3:20/km", laps="steps")).to_activity()
    kinds = ("warmup", "active", "cooldown")
    told = tuple(
        replace(lap, step=None, trigger="manual", intensity=kind)
        for lap, kind in zip(activity.laps, kinds, strict=True)
    )
    plain = replace(activity, format="fit", steps=(), laps=told)
    assert reps(found(plain, "auto")) == [(told[1].start_s, told[1].end_s)]
    silent = replace(plain, laps=tuple(replace(lap, intensity=None) for lap in told))
    assert all(s.source == "stream" for s in found(silent, "auto").segments if s.role == "warmup")
    assert found(silent, "auto").segments != found(plain, "auto").segments


def test_a_plan_is_not_an_execution() -> None:
    """The watch counted six reps through an easy run."""
    run = ran(Plan(run_type="easy"))
    marked = ran(Plan("6 x 3:00 (2:00)", laps="steps", warmup_s=600.0, cooldown_s=300.0))
    steps: tuple[WorkoutStep, ...] = marked.steps
    laps = tuple(lap for lap in marked.laps if lap.end_s < run.elapsed_s)
    workout = found(replace(run.to_activity(), laps=laps, steps=steps), "auto")
    assert workout.text is None
    assert reps(workout) == []


def test_laps_are_ignored_or_weighed_and_nothing_else() -> None:
    activity = ran(MARKED).to_activity()
    with pytest.raises(ParameterError, match="always"):
        found(activity, "always")  # type: ignore[arg-type]


def test_a_warm_up_marked_as_an_effort_is_none() -> None:
    """Plans whose every step is active, but for the recoveries."""
    run = ran(Plan("6 x 3:00 (2:00)", laps="steps", warmup_s=600.0, cooldown_s=300.0))
    ends = {"warmup", "cooldown"}
    steps = tuple(
        replace(step, intensity="active") if step.intensity in ends else step for step in run.steps
    )
    workout = found(replace(run.to_activity(), steps=steps), "auto")
    assert workout.laps_used == "steps"
    assert [each.count for each in workout.sets] == [6]
    assert roles(workout)[0] == "warmup"
    assert roles(workout)[-1] == "cooldown"
