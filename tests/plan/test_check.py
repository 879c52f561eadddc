"""Plans against what was done: every planned and every found rep is named once."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect.errors import NotationError, ParameterError, ReadError
from intervaldetect.notation import parse_workout
from intervaldetect.pipeline import analyse
from intervaldetect.plan.check import RepCheck, check_plan
from intervaldetect.plan.planned import PlannedRep, planned_reps
from intervaldetect.plan.sources import (
    best_plan,
    local_day,
    read_plan,
    reps_of_steps,
    workout_steps,
)
from intervaldetect.read import read_activity
from intervaldetect.records import Analysis, Segment, Workout, WorkoutStep
from intervaldetect.write.fit_bytes import Field, FitWriter

PLAN = planned_reps(parse_workout("6 x 800 m @ 2:10 (3:00)"))


def run(
    plan: tuple[PlannedRep, ...], *, skip: tuple[int, ...] = (), wait: bool = True, **shares: float
) -> list[Segment]:
    """Carry out a plan, leaving out the reps in ``skip``; shares such as ``r2=0.6`` cut short."""
    at = 600.0
    out: list[Segment] = []
    for index, rep in enumerate(plan):
        seconds = (rep.seconds or 60.0) * shares.get(f"r{index}", 1.0)
        if index in skip:
            at += (seconds + (rep.recovery_s or 0.0)) * wait
            continue
        speed = rep.speed_mps or 5.0
        out.append(
            Segment("rep", at, at + seconds, distance_m=speed * seconds, mean_speed_mps=speed)
        )
        at += seconds + (rep.recovery_s or 60.0)
    return out


def judged(done: list[Segment], plan: tuple[PlannedRep, ...] = PLAN) -> tuple[RepCheck, ...]:
    result = check_plan(plan, Workout(tuple(done)))
    assert [p for each in result.reps for p in each.planned] == list(plan)
    assert [s for each in result.reps for s in each.done] == done
    return result.reps


def statuses(done: list[Segment], plan: tuple[PlannedRep, ...] = PLAN) -> list[str]:
    return [each.status for each in judged(done, plan)]


def test_a_plan_carried_out_is_done_without_differences() -> None:
    for each in judged(run(PLAN)):
        assert each.status == "done"
        assert each.distance_m == pytest.approx(0.0, abs=1e-6)
        assert each.pace_s_per_km == pytest.approx(0.0, abs=1e-6)
        assert each.recovery_s is None or each.recovery_s == pytest.approx(0.0)
    result = check_plan(PLAN, Workout(tuple(run(PLAN))))
    assert (result.executed, result.verdict) == ("yes", "As planned: 6 of 6 reps. On pace.")


@pytest.mark.parametrize("missing", range(6))
def test_a_rep_left_out_is_the_one_named(missing: int) -> None:
    expected = ["done"] * 6
    expected[missing] = "missed"
    assert statuses(run(PLAN, skip=(missing,)))[1:5] == expected[1:5]
    assert statuses(run(PLAN, skip=(missing,))).count("missed") == 1


def test_of_a_ladder_the_rung_left_out_is_named_whatever_the_gaps() -> None:
    ladder = planned_reps(parse_workout("(400 + 800 + 1200 + 1600 + 1000 m) @ 3:20/km (1:30)"))
    for missing in range(5):
        found = statuses(run(ladder, skip=(missing,), wait=False), ladder)
        assert found.index("missed") == missing
        assert found.count("done") == 4


def test_cut_short_and_long() -> None:
    assert statuses(run(PLAN, r2=0.7, r4=1.3)) == [
        "done", "done", "cut_short", "done", "long", "done",
    ]  # fmt: skip


def test_extra_reps_are_counted() -> None:
    more = planned_reps(parse_workout("8 x 800 m @ 2:10 (3:00)"))
    result = check_plan(PLAN, Workout(tuple(run(more))))
    assert [each.status for each in result.reps].count("extra") == 2
    assert "2 extra." in result.verdict
    assert result.executed == "yes"


def test_two_reps_run_as_one_and_one_run_in_two() -> None:
    done = run(PLAN)
    first, second = done[2:4]
    joined = replace(first, end_s=second.end_s, distance_m=800 + 800 + 180 * 2.5)
    assert statuses([*done[:2], joined, *done[4:]]) == ["done", "done", "merged", "done", "done"]
    half = 0.5 * (first.end_s - first.start_s)
    parts = [
        replace(first, end_s=first.start_s + half, distance_m=400.0),
        replace(
            first, start_s=first.start_s + half + 5.0, end_s=first.end_s + 5.0, distance_m=400.0
        ),
    ]
    assert statuses([*done[:2], *parts, *done[3:]])[2] == "split"


def test_differences_are_done_minus_planned() -> None:
    fast = [replace(s, end_s=s.start_s + 120.0) for s in run(PLAN)]
    first = judged(fast)[0]
    assert first.duration_s == pytest.approx(-10.0)
    assert first.pace_s_per_km == pytest.approx(150.0 - 162.5)
    assert first.recovery_s == pytest.approx(10.0)
    assert "12 s/km faster than planned" in check_plan(PLAN, Workout(tuple(fast))).verdict


def test_an_easy_run_is_no_execution() -> None:
    easy = check_plan(PLAN, Workout((Segment("steady", 0.0, 3600.0),)))
    assert (easy.executed, easy.verdict) == (
        "no", "The plan was not carried out: no reps were found.",
    )  # fmt: skip
    other = planned_reps(parse_workout("20 x 0:30 @ 3:00/km (0:30)"))
    assert check_plan(PLAN, Workout(tuple(run(other)))).executed == "no"


@given(st.lists(st.tuples(st.floats(10, 900), st.floats(5, 400)), max_size=12))
def test_every_planned_and_found_rep_stands_in_it_once(pieces: list[tuple[float, float]]) -> None:
    done, at = [], 0.0
    for seconds, rest in pieces:
        done.append(Segment("rep", at, at + seconds, distance_m=4.5 * seconds))
        at += seconds + rest
    judged(done)


def test_three_hundred_simulated_sessions_have_their_skipped_reps_named() -> None:
    chance = random.Random(7)
    for _ in range(300):
        count = chance.randint(4, 12)
        size = chance.choice(["400 m @ 1:20", "1000 m @ 3:20", "3:00 @ 3:30/km"])
        plan = planned_reps(parse_workout(f"{count} x {size} ({chance.choice(['1:00', '2:00'])})"))
        skip = tuple(sorted(chance.sample(range(1, count - 1), chance.randint(1, 2))))
        noisy = [replace(s, end_s=s.end_s + chance.uniform(-2, 2)) for s in run(plan, skip=skip)]
        named = [k for k, each in enumerate(judged(noisy, plan)) if each.status == "missed"]
        assert tuple(named) == skip


def step(index: int, kind: str, value: float, intensity: str | None = None) -> WorkoutStep:
    return WorkoutStep(index, duration_type=kind, duration_value=value, intensity=intensity)


def repeat(index: int, back: int, times: int) -> WorkoutStep:
    return WorkoutStep(
        index, duration_type="repeat_until_steps_cmplt", duration_value=back, target_value=times
    )


def test_steps_unroll_nested_repeats() -> None:
    steps = (
        step(0, "time", 600.0, "warmup"),
        step(1, "distance", 400.0, "active"),
        step(2, "time", 60.0, "rest"),
        repeat(3, 1, 3),
        step(4, "time", 240.0, "recovery"),
        repeat(5, 1, 2),
        step(6, "time", 300.0, "interval"),
        step(7, "open", 0.0, "cooldown"),
    )
    reps = reps_of_steps(steps)
    assert [(rep.set, rep.rep) for rep in reps] == [
        (1, 1), (1, 2), (1, 3), (1, 4), (1, 5), (1, 6), (2, 1),
    ]  # fmt: skip
    assert [rep.recovery_s for rep in reps] == [60.0, 60.0, 240.0, 60.0, 60.0, 240.0, None]
    assert reps[-1].duration_s == 300.0
    assert reps[0].distance_m == 400.0


def test_of_steps_that_are_all_called_active_one_is_the_recovery() -> None:
    aimed = replace(step(1, "distance", 800.0, "active"), target_type="heart_rate", target_low=66.0)
    steps = (
        step(0, "time", 1800.0, "active"),
        aimed,
        step(2, "time", 180.0, "active"),
        repeat(3, 1, 4),
        step(4, "distance", 1609.0, "active"),
    )
    reps = reps_of_steps(steps)
    assert [rep.distance_m for rep in reps] == [800.0] * 4
    assert [rep.recovery_s for rep in reps] == [180.0] * 3 + [None]
    timed = (step(0, "time", 60.0, "active"), step(1, "time", 30.0, "active"), repeat(2, 0, 3))
    assert [rep.duration_s for rep in reps_of_steps(timed)] == [60.0] * 3


def test_a_step_that_a_button_ends_is_a_recovery_beside_sized_work() -> None:
    steps = (step(0, "open", 0.0, "active"), step(1, "distance", 400.0, "active"), repeat(2, 0, 5))
    assert [rep.distance_m for rep in reps_of_steps(steps)] == [400.0] * 5


def test_a_single_step_stays_a_plan() -> None:
    assert [rep.duration_s for rep in reps_of_steps((step(0, "time", 2400.0, "active"),))] == [
        2400.0
    ]


@pytest.mark.parametrize(
    "steps",
    [
        (repeat(0, 0, 2),),
        (step(0, "time", 60.0), repeat(1, 5, 2)),
        (step(0, "time", 60.0), repeat(1, 0, 900), repeat(2, 0, 900)),
    ],
)
def test_steps_that_lead_nowhere_are_refused(steps: tuple[WorkoutStep, ...]) -> None:
    with pytest.raises(ParameterError, match="steps"):
        reps_of_steps(steps)


def test_a_workout_file_is_a_plan(tmp_path: Path) -> None:
    writer = FitWriter()
    writer.message(0, [Field(0, "enum", 5)])
    for index, (kind, value, intensity) in enumerate([(1, 100_000, 0), (0, 60_000, 1)]):
        writer.message(
            27,
            [Field(254, "uint16", index), Field(1, "enum", kind), Field(2, "uint32", value),
             Field(3, "enum", 2), Field(4, "uint32", 0), Field(7, "enum", intensity)],
        )  # fmt: skip
    writer.message(
        27,
        [Field(254, "uint16", 2), Field(1, "enum", 6), Field(2, "uint32", 0),
         Field(3, "enum", 2), Field(4, "uint32", 5), Field(7, "enum", None)],
    )  # fmt: skip
    (tmp_path / "plan.fit").write_bytes(writer.to_bytes())
    (plan,) = read_plan(str(tmp_path / "plan.fit"))
    assert [rep.distance_m for rep in plan.reps] == [1000.0] * 5
    assert [rep.recovery_s for rep in plan.reps] == [60.0] * 4 + [None]
    with pytest.raises(ReadError, match="no workout steps"):
        workout_steps(FitWriter().to_bytes(), "empty.fit")


def test_plans_of_dates_are_matched_by_local_day(tmp_path: Path, analysis: Analysis) -> None:
    file = tmp_path / "plan.txt"
    file.write_text(
        "# week 22\n\n2026-05-30 4 x 6:00 @ 3:40/km (1:00)\n2026-06-01: 2 x 800 m @ 2:10 (3:00)\n"
        "2026-06-01 10 x 0:30 (0:30)\n"
    )
    plans = read_plan(str(file))
    assert [plan.day for plan in plans] == [date(2026, 5, 30), date(2026, 6, 1), date(2026, 6, 1)]
    late = replace(analysis.activity, start_time=datetime(2026, 5, 31, 22, 30, tzinfo=UTC))
    assert local_day(late) == date(2026, 6, 1)
    assert best_plan(plans, replace(analysis, activity=late)) == plans[1]
    assert best_plan(plans, analysis) is None


@pytest.mark.parametrize(
    ("text", "line"),
    [("2026-05-30 6x800\n2026-05-31 6 y 800\n", 2), ("2026-05-30 6x800\n\n6x400\n", 3),
     ("2026-13-30 6x800\n", 1)],
)  # fmt: skip
def test_a_wrong_line_of_a_plan_is_named(tmp_path: Path, text: str, line: int) -> None:
    (tmp_path / "plan.txt").write_text(text)
    with pytest.raises(ReadError, match=f"line {line}"):
        read_plan(str(tmp_path / "plan.txt"))


def test_texts_in_both_spellings() -> None:
    (short,) = read_plan("6x800m @ 2:10 (3:00)")
    (icu,) = read_plan("6x\n- 0.8km 2:42/km Pace\n- 3m Z1 HR")
    assert [rep.distance_m for rep in short.reps] == [rep.distance_m for rep in icu.reps]
    assert [rep.recovery_s for rep in short.reps] == [rep.recovery_s for rep in icu.reps]
    with pytest.raises(NotationError):
        read_plan("nonsense")


def test_a_plan_has_reps() -> None:
    with pytest.raises(ParameterError, match="at least one rep"):
        check_plan((), Workout(()))


@pytest.mark.corpus
def test_steps_of_sessions_that_laps_confirm_are_found_executed(corpus: Path) -> None:
    """Two of these sessions were broken off, which is 5 %: they must not be called executed.

    One more is a single tempo that the streams do not show at all.
    """
    met: list[str] = []
    for line in (corpus / "truth.jsonl").read_text("utf-8").splitlines():
        truth = json.loads(line)
        if not truth.get("reps"):
            continue
        activity = read_activity(corpus / "run" / Path(truth["file"]).name)
        plan = reps_of_steps(activity.steps)
        if plan:
            result = check_plan(plan, analyse(activity).workout)
            met.append(result.executed)
    assert len(met) > 30
    assert met.count("yes") >= 0.92 * len(met)
    assert met.count("no") <= 1


def test_another_session_is_not_this_plan_run_as_one() -> None:
    """Five reps of 1000 m are as long as ten of 400 m with their recoveries, and yet not those."""
    plan = planned_reps(parse_workout("12 x 400 m @ 1:10 (1:00)"))
    done = [Segment("rep", t, t + 190, distance_m=1000) for t in range(600, 2150, 310)]
    assert check_plan(plan, Workout(tuple(done))).executed == "no"
    more = [Segment("rep", t, t + 130, distance_m=800) for t in range(600, 6000, 310)]
    few = planned_reps(parse_workout("6 x 800 m @ 2:10 (3:00)"))
    assert check_plan(few, Workout(tuple(more))).executed == "no"
    assert check_plan(few, Workout(tuple(more[:8]))).executed == "yes"
