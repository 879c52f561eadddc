"""Plans written as FIT workouts: read back equal by this reader and by Garmin's own."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Literal

import garmin_fit_sdk
import pytest
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect import analyse
from intervaldetect.errors import ParameterError
from intervaldetect.notation import format_workout, parse_workout
from intervaldetect.plan.check import check_plan
from intervaldetect.plan.planned import PlannedRep, planned_reps
from intervaldetect.plan.sources import reps_of_steps, workout_steps
from intervaldetect.plan.workout_file import at_pace, encode_workout, plus_one_rep
from intervaldetect.simulate import Athlete, Plan, simulate
from tests.notation.test_notation import WILD, canonical_sets

CREATED = datetime(2026, 5, 1, tzinfo=UTC)


def facts(reps: Sequence[PlannedRep]) -> list[tuple[object, ...]]:
    """Sizes, speeds and recoveries in FIT's resolution; a plan numbers its sets in its own way."""
    return [
        (
            None if each.distance_m is None else round(100 * each.distance_m),
            None if each.duration_s is None else round(1000 * each.duration_s),
            None if each.speed_mps is None else round(1000 * each.speed_mps),
            None if each.recovery_s is None else round(1000 * each.recovery_s),
            None if each.recovery_distance_m is None else round(100 * each.recovery_distance_m),
        )
        for each in reps
    ]


def read_back(data: bytes) -> tuple[PlannedRep, ...]:
    return reps_of_steps(workout_steps(data, "plan.fit"))


def unrolled(data: bytes) -> list[tuple[str, float | None, str]]:
    """Duration kind, value and intensity of every step that Garmin's decoder sees, in order."""
    stream = garmin_fit_sdk.Stream.from_byte_array(bytearray(data))
    assert garmin_fit_sdk.Decoder(stream).check_integrity()
    stream.reset()
    messages, errors = garmin_fit_sdk.Decoder(stream).read()
    assert errors == []
    (workout,) = messages["workout_mesgs"]
    steps = messages["workout_step_mesgs"]
    assert (workout["sport"], workout["num_valid_steps"]) == ("running", len(steps))
    assert messages["file_id_mesgs"][0]["type"] == "workout"
    row: list[tuple[str, float | None, str]] = []
    begins = []
    for step in steps:
        begins.append(len(row))
        if step["duration_type"] == "repeat_until_steps_cmplt":
            body = row[begins[step["duration_step"]] :]
            row += body * (step["repeat_steps"] - 1)
        else:
            size = step.get("duration_time", step.get("duration_distance"))
            row.append((str(step["duration_type"]), size, str(step["intensity"])))
    return row


def expected(reps: Sequence[PlannedRep]) -> list[tuple[str, Any, str]]:
    row: list[tuple[str, Any, str]] = [("open", None, "warmup")]
    for each in reps:
        for seconds, metres, intensity in (
            (each.duration_s, each.distance_m, "active"),
            (each.recovery_s, each.recovery_distance_m, "rest"),
        ):
            kind = "time" if seconds is not None else "open" if metres is None else "distance"
            size = seconds if seconds is not None else metres
            row.append((kind, None if size is None else pytest.approx(size, abs=0.006), intensity))
    return row


def holds(reps: tuple[PlannedRep, ...]) -> bytes:
    data = encode_workout(reps, "x", created=CREATED)
    assert facts(read_back(data)) == facts(reps)
    seen = unrolled(data)
    assert seen.pop() == ("open", None, "cooldown")
    wanted = expected(reps)
    if seen[-1][2] == "rest":  # of the last repeat: whatever lies between its reps
        seen.pop()
    assert seen == wanted[:-1]
    return data


@pytest.mark.parametrize("text", [written for written, _ in WILD])
def test_the_forms_of_the_notation_are_read_back(text: str) -> None:
    holds(planned_reps(parse_workout(text)))


def assert_plan_round_trip(source: random.Random, units: Literal["km", "mi"]) -> None:
    """A workout made at random: the plan of its text is the plan of its file, all readers alike."""
    text = format_workout(canonical_sets(source.randint, units), units=units, between_sets=True)
    holds(planned_reps(parse_workout(text)))


def test_generated_workouts_are_read_back() -> None:
    source = random.Random(4)
    for number in range(25):
        assert_plan_round_trip(source, "km" if number % 2 else "mi")


def matched(text: str, seed: int) -> bool:
    """Whether a plan, sent to the watch, run as simulated and recorded, is found as it was sent."""
    reps = read_back(holds(planned_reps(parse_workout(text))))
    fast = Athlete(threshold_speed_mps=5.4)
    found = analyse(simulate(Plan(text, athlete=fast), seed=seed).to_activity())
    checked = check_plan(reps, found.workout)
    return checked.executed == "yes" and {each.status for each in checked.reps} == {"done"}


@pytest.mark.parametrize("text", ["4 x 6:00 @ 3:15/km (1:00 jog)", "6 x 800 m @ 2:10 (3:00 jog)"])
def test_a_plan_that_was_run_is_matched(text: str) -> None:
    assert matched(text, seed=1)


lengths = st.one_of(st.none(), st.integers(10, 900).map(float))
rep = st.builds(
    PlannedRep, st.just(1), st.just(1), st.integers(100, 9000).map(float), st.none(),
    st.one_of(st.none(), st.floats(2.0, 8.0)), lengths, st.none(),
)  # fmt: skip
timed = rep.map(lambda each: replace(each, duration_s=each.distance_m, distance_m=None))
walked = rep.map(lambda each: replace(each, recovery_distance_m=200.0, recovery_s=None))
runs = st.lists(
    st.tuples(st.one_of(rep, timed, walked), st.integers(1, 12)), min_size=1, max_size=5
).map(lambda parts: [each for each, times in parts for _ in range(times)])


@given(st.one_of(runs, st.tuples(st.lists(rep, min_size=2, max_size=4), st.integers(2, 5)).map(
    lambda pair: pair[0] * pair[1])))  # fmt: skip
def test_any_plan_is_read_back(reps: list[PlannedRep]) -> None:
    last = replace(reps[-1], recovery_s=None, recovery_distance_m=None)
    holds((*reps[:-1], last))


def test_equal_reps_are_one_repeat() -> None:
    reps = planned_reps(parse_workout("6 x 800 m @ 2:10 (3:00)"))
    steps = workout_steps(encode_workout(reps, "x", created=CREATED), "x")
    assert [step.intensity for step in steps] == ["warmup", "active", "rest", None, "cooldown"]
    assert (steps[3].duration_type, steps[3].duration_value) == ("repeat_until_steps_cmplt", 1)
    assert steps[3].target_value == 6
    assert steps[1].target_low == pytest.approx(0.98 * 800 / 130, abs=1e-3)
    assert steps[1].target_high == pytest.approx(1.02 * 800 / 130, abs=1e-3)
    plain = workout_steps(encode_workout(reps, "x", created=CREATED, around=False), "x")
    assert len(plain) == 3
    pattern = planned_reps(parse_workout("3x(2000,150),2000"))
    assert len(workout_steps(encode_workout(pattern, "x", created=CREATED), "x")) == 8


def test_a_ceiling_of_heart_rate_takes_the_place_of_pace() -> None:
    reps = planned_reps(parse_workout("4 x 6:00 @ 3:40/km (1:00)"))
    steps = workout_steps(encode_workout(reps, "x", created=CREATED, ceiling_bpm=172.4), "x")
    assert (steps[1].target_type, steps[1].target_low, steps[1].target_high) == (
        "heart_rate", 152.0, 172.0,
    )  # fmt: skip


def test_what_cannot_be_written_is_refused() -> None:
    with pytest.raises(ParameterError, match="at least one rep"):
        encode_workout((), "x", created=CREATED)
    with pytest.raises(ParameterError, match="a distance or a time"):
        encode_workout((PlannedRep(1, 1),), "x", created=CREATED)


@pytest.mark.parametrize(
    ("text", "longer"),
    [
        ("6 x 800 m @ 2:10 (3:00)", "7 x 800 m @ 2:10 (3:00)"),
        ("3 x 10:00 (2:00) + 8 x 200 m (1:00)", "3 x 10:00 (2:00) + 9 x 200 m (1:00)"),
        ("2 x (10 x 1:00 (1:00)) (4:00)", "2 x (11 x 1:00 (1:00)) (4:00)"),
        ("400-800-1200 w/ 90 s", "(400 + 800 + 1200 + 1200 m) (1:30)"),
    ],
)
def test_one_more_rep(text: str, longer: str) -> None:
    assert format_workout(plus_one_rep(parse_workout(text))) == longer


def test_another_pace() -> None:
    sets = at_pace(parse_workout("4 x 6:00 @ 3:40/km (1:00)"), 1000 / 190)
    assert format_workout(sets) == "4 x 6:00 @ 3:10/km (1:00)"
