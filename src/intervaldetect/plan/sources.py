"""Where plans come from: a text, a file of dated texts, the steps of a FIT workout or activity."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Literal

from intervaldetect.errors import (
    CorruptFile,
    NotationError,
    ParameterError,
    ReadError,
    UnknownFormat,
)
from intervaldetect.notation import parse_icu, parse_workout
from intervaldetect.plan.check import check_plan
from intervaldetect.plan.planned import PlannedRep, planned_reps
from intervaldetect.records import Activity, Analysis, WorkoutSet, WorkoutStep

Role = Literal["work", "rest", "around"]
WORK = frozenset({"active", "interval", None})
REST = frozenset({"rest", "recovery"})
MAX_STEPS = 1000
_DATED = re.compile(r"^(\d{4}-\d{2}-\d{2})\s*[:,;]?\s+(\S.*)$")


@dataclass(frozen=True, slots=True)
class Plan:
    """One planned session: its reps, how it was written, and its local day where it has one."""

    reps: tuple[PlannedRep, ...]
    text: str
    day: date | None = None


def read_plan(given: str) -> tuple[Plan, ...]:
    """Read a plan as the command line takes it.

    Parameters
    ----------
    given : str
        A workout text; or the path of a file: a FIT workout, a text in runner's shorthand or in
        the syntax of intervals.icu, or one session per line with its date in front
        (``2026-05-31 6x800m @ 2:10 (3:00)``; blank lines and those that begin with ``#`` do not
        count).

    Returns
    -------
    tuple of Plan
        One, or as many as the file has dates.

    Raises
    ------
    NotationError
        A text cannot be read; it points at the character.
    ReadError
        The file cannot be read, or one of its lines; it names the line.
    """
    path = Path(given)
    if "\n" in given or len(given) > 500 or not path.is_file():
        return (_of_text(given),)
    try:
        data = path.read_bytes()
        if data[8:12] == b".FIT":
            return (Plan(reps_of_steps(workout_steps(data, given)), given),)
        text = data.decode("utf-8-sig")
    except OSError as error:
        raise ReadError(given, "open", error.strerror or str(error)) from error
    except UnicodeDecodeError as error:
        raise ReadError(given, "open", "not UTF-8 text", offset=error.start) from error
    return _of_file(given, text)


def _of_file(path: str, text: str) -> tuple[Plan, ...]:
    """Read the text of a file: one workout, or one a line with its date in front."""
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    lines = [(number, line) for number, line in lines if line and not line.startswith("#")]
    if not lines:
        raise ReadError(path, "decode", "no plan in it")
    if not _DATED.match(lines[0][1]):
        return (_of_text(text.strip()),)
    return tuple(_of_line(path, number, line) for number, line in lines)


def _of_text(text: str) -> Plan:
    return Plan(planned_reps(_sets_of_text(text)), text)


def _sets_of_text(text: str) -> tuple[WorkoutSet, ...]:
    icu = re.search(r"^\s*[-*]\s", text, re.MULTILINE) is not None
    return parse_icu(text) if icu else parse_workout(text)


def sets_of_plan(plan: Plan) -> tuple[WorkoutSet, ...]:
    """Return the sets of a plan that was written as text.

    Raises
    ------
    ParameterError
        It was read from a FIT workout, which has steps and no sets.
    """
    try:
        return _sets_of_text(plan.text)
    except NotationError as error:
        raise ParameterError("plan", plan.text, "a plan written as text") from error


def _of_line(path: str, number: int, line: str) -> Plan:
    dated = _DATED.match(line)
    if dated is None:
        raise ReadError(path, "decode", "expected YYYY-MM-DD and a workout", line=number)
    try:
        return replace(_of_text(dated[2]), day=date.fromisoformat(dated[1]))
    except NotationError as error:
        raise ReadError(path, "decode", str(error), line=number) from error
    except ValueError as error:
        raise ReadError(path, "decode", f"{dated[1]} is no date", line=number) from error


def reps_of_steps(steps: Sequence[WorkoutStep]) -> tuple[PlannedRep, ...]:
    """Spell out the steps of a FIT workout rep by rep, repeats unrolled.

    Parameters
    ----------
    steps : sequence of WorkoutStep
        From an activity, or from `workout_steps`.

    Returns
    -------
    tuple of PlannedRep
        Steps of intensity ``active`` or ``interval``; those for rest give the recoveries, warm-up
        and cool-down are left out. Empty without any. A target range of speed counts as its
        middle; targets of heart rate or power leave the speed open. Where everything is called
        active: of two steps repeated one is the recovery (the one without a target, else the one
        timed beside a distance, else the second), steps that a button ends are recoveries, and
        steps outside the repeats without a target of speed are warm-up and cool-down.

    Raises
    ------
    ParameterError
        A repeat goes to a step that is not there, or the steps unroll beyond 1000.
    """
    return _reps(_unrolled(steps), _roles(steps))


def _unrolled(steps: Sequence[WorkoutStep]) -> list[tuple[WorkoutStep, int]]:
    """Return steps as they are run, each with the first step of the repeat that it belongs to."""
    row: list[tuple[WorkoutStep, int]] = []
    begins: dict[int, int] = {}
    for step in steps:
        begins[step.index] = len(row)
        if not _repeats(step):
            row.append((step, step.index))
            continue
        back = None if step.duration_value is None else int(step.duration_value)
        if back is None or back not in begins or back >= step.index:
            raise ParameterError("steps", step.index, "a repeat of steps before it")
        times = 1
        if step.duration_type == "repeat_until_steps_cmplt" and step.target_value:
            times = int(step.target_value)
        body = [(each, back) for each, _ in row[begins[back] :]]
        if len(row) + len(body) * (times - 1) > MAX_STEPS:
            raise ParameterError("steps", step.index, f"at most {MAX_STEPS} steps, unrolled")
        row[begins[back] :] = body * times
    return row


def _roles(steps: Sequence[WorkoutStep]) -> dict[int, Role]:
    """Say what each step is for; see `reps_of_steps` for steps that do not say so themselves."""
    roles: dict[int, Role] = {
        step.index: _stated_role(step) for step in steps if not _repeats(step)
    }
    bodies = [_body(step, steps) for step in steps if _repeats(step)]
    for body in bodies:
        if len(body) == 2 and all(roles[each.index] == "work" for each in body):
            roles[min(body, key=_effort).index] = "rest"
    if not bodies:
        return roles
    work = [step for step in steps if roles.get(step.index) == "work"]
    sized = any(step.duration_value for step in work)
    repeated = {each.index for body in bodies for each in body}
    for step in work:
        if step.duration_type == "open" and sized:
            roles[step.index] = "rest"
        elif step.index not in repeated and _is_around(step, steps, repeated):
            roles[step.index] = "around"
    return roles


def _stated_role(step: WorkoutStep) -> Role:
    if step.intensity in REST:
        return "rest"
    return "work" if step.intensity in WORK else "around"


def _body(repeat: WorkoutStep, steps: Sequence[WorkoutStep]) -> list[WorkoutStep]:
    """Return the steps that a repeat goes back over, without the repeats among them."""
    first = -1 if repeat.duration_value is None else int(repeat.duration_value)
    return [each for each in steps if first <= each.index < repeat.index and not _repeats(each)]


def _is_around(step: WorkoutStep, steps: Sequence[WorkoutStep], repeated: Set[int]) -> bool:
    """Tell a warm-up or a cool-down that is called active: outside all repeats, without a speed."""
    before = step.index < min(repeated, default=0)
    outside = before or step.index > max(repeated, default=0)
    named = "warmup" if before else "cooldown"
    stated = any(each.intensity == named for each in steps)
    return step.target_type != "speed" and outside and not stated


def _repeats(step: WorkoutStep) -> bool:
    return step.duration_type is not None and step.duration_type.startswith("repeat_until")


def _effort(step: WorkoutStep) -> tuple[bool, float, bool, int]:
    """Order the two steps of a repeat: the recovery comes first."""
    aimed = step.target_type not in {None, "open"}
    return aimed, step.target_low or 0.0, step.duration_type == "distance", -step.index


def _reps(
    row: Sequence[tuple[WorkoutStep, int]], roles: Mapping[int, Role]
) -> tuple[PlannedRep, ...]:
    out: list[PlannedRep] = []
    group: int | None = None
    for step, own in row:
        kind = step.duration_type
        metres = step.duration_value if kind == "distance" else None
        seconds = step.duration_value if kind == "time" else None
        if roles[step.index] == "rest" and out:
            out[-1] = replace(out[-1], recovery_s=seconds, recovery_distance_m=metres)
        elif roles[step.index] == "work":
            number = out[-1].set + (own != group) if out else 1
            rank = out[-1].rep + 1 if out and own == group else 1
            group = own
            out.append(PlannedRep(number, rank, metres, seconds, _target_mps(step)))
    if out:
        out[-1] = replace(out[-1], recovery_s=None, recovery_distance_m=None)
    return tuple(out)


def _target_mps(step: WorkoutStep) -> float | None:
    """Return the middle of the speeds that a step asks for."""
    if step.target_type == "speed" and step.target_low and step.target_high:
        return (step.target_low + step.target_high) / 2.0
    return None


def workout_steps(data: bytes, path: str) -> tuple[WorkoutStep, ...]:
    """Read the steps of a FIT workout file, which has no records.

    Parameters
    ----------
    data : bytes
    path : str
        For errors.

    Returns
    -------
    tuple of WorkoutStep

    Raises
    ------
    ReadError
        The file is damaged, or holds no steps.
    """
    from intervaldetect.read.fit_messages import WORKOUT_STEP, decode_messages
    from intervaldetect.read.fit_scan import walk
    from intervaldetect.read.fit_steps import step_of

    if data[8:12] != b".FIT":
        raise UnknownFormat(path, "sniff", "not a FIT file", offset=0)
    end = min(data[0] + int.from_bytes(data[4:8], "little"), len(data))
    messages = decode_messages(data, walk(data, data[0], end).notes.tolist())
    found = tuple(step_of(m, i) for i, m in enumerate(messages.get(WORKOUT_STEP, ())))
    if not found:
        raise CorruptFile(path, "decode", "no workout steps in it", offset=end)
    return found


def local_day(activity: Activity) -> date:
    """Return the day an activity began, local where the file says so, else UTC."""
    return (activity.start_time + timedelta(seconds=activity.utc_offset_s or 0.0)).date()


def plans_due(plans: Sequence[Plan], activity: Activity) -> tuple[Plan, ...]:
    """Return the plans of an activity's day; a plan without a date is for every day."""
    day = local_day(activity)
    return tuple(plan for plan in plans if plan.reps and plan.day in {None, day})


def hint_from(plans: Sequence[Plan]) -> Callable[[Activity], tuple[PlannedRep, ...]]:
    """Return what gives the hint for an activity: the one plan due, none where several are."""

    def hint(activity: Activity) -> tuple[PlannedRep, ...]:
        due = plans_due(plans, activity)
        return due[0].reps if len(due) == 1 else ()

    return hint


def best_plan(plans: Sequence[Plan], found: Analysis) -> Plan | None:
    """Return the plan of an activity's day; of several, the one that most of was run of.

    Parameters
    ----------
    plans : sequence of Plan
        A plan without a date is for every day.
    found : Analysis

    Returns
    -------
    Plan or None
        None where the day has no plan.
    """

    def share(plan: Plan) -> float:
        met = [each for each in check_plan(plan.reps, found.workout).reps if each.status == "done"]
        return len(met) / len(plan.reps)

    return max(plans_due(plans, found.activity), key=share, default=None)


def verdict_on(plans: Sequence[Plan], found: Analysis) -> str:
    """Return one line for people: what became of the plan of an activity's day."""
    chosen = best_plan(plans, found)
    if chosen is None:
        return f"no plan for {local_day(found.activity)}"
    return check_plan(chosen.reps, found.workout).verdict
