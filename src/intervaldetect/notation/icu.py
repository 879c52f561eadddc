"""intervals.icu workout text, in which ``m`` means minutes and metres are ``mtr`` or km."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from intervaldetect.errors import NotationError
from intervaldetect.notation.quantity import KM_M, MILE_M
from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet

_REPEAT = re.compile(r"^(?P<name>[^\d\n]*?)\s*(?P<count>\d+)\s*x\s*$", re.IGNORECASE)
_STEP = re.compile(r"^\s*[-*]\s*(?P<body>\S.*)$")
_TIME = re.compile(
    r"(?<![\w:.])(?=\d)(?:(\d+)h)?(?:(\d+(?:\.\d+)?)(?:m(?!i|tr|et)|'))?(?:(\d+)(?:s|\"))?(\d+)?(?![\w:%])"
)
_DISTANCE = re.compile(
    r"(?<![\w:.])(\d+(?:\.\d+)?)\s*(km|mtr|meters|mi|miles?|yrd)(?!\w)", re.IGNORECASE
)
_PACE = re.compile(
    r"(\d+):([0-5]\d)(?:-(\d+):([0-5]\d))?\s*/\s*(km|mi|mile|100m|400m)\b", re.IGNORECASE
)
_ZONE = re.compile(r"\bz(\d)\b", re.IGNORECASE)
_PERCENT = re.compile(r"(\d+)(?:-(\d+))?%")
_RESTING = re.compile(
    r"\b(rest|recover\w*|easy|jog\w*|walk\w*|stand\w*|float|off)\b", re.IGNORECASE
)
_STYLES: dict[str, RecoveryStyle] = {
    "jog": "jog", "wal": "walk", "sta": "stand", "flo": "float",
}  # fmt: skip
_PER_M = {"km": KM_M, "mi": MILE_M, "mile": MILE_M, "100m": 100.0, "400m": 400.0}
_LENGTH_M = {"km": KM_M, "mtr": 1.0, "meters": 1.0, "mi": MILE_M, "mile": MILE_M, "miles": MILE_M}


@dataclass(frozen=True, slots=True)
class _Step:
    value: float
    basis: Basis
    speed_mps: float | None
    rests: bool | None  # None: the line does not say
    style: RecoveryStyle | None


def parse_icu(text: str) -> tuple[WorkoutSet, ...]:
    r"""Read a workout in the syntax of intervals.icu.

    Parameters
    ----------
    text : str
        Lines such as ``6x`` and, below it, ``- 0.8km 4:00/km Pace`` and ``- 3m Z1 HR``; ``m`` is
        minutes. Steps below ``Warmup`` or ``Cooldown`` and easy steps outside repeats are left out.

    Returns
    -------
    tuple of WorkoutSet
        Like ``parse_workout``. Paces relative to a threshold (``95% Pace``) leave the speed None.

    Raises
    ------
    NotationError
        A line is neither a step, a repeat nor a heading, or nothing in it is an effort.

    Examples
    --------
    >>> parse_icu("6x\n- 0.8km 2:45/km Pace\n- 3m Z1 HR")[0].recovery_s
    180.0
    """
    sets: list[WorkoutSet] = []
    for count, steps in _blocks(text):
        if count is not None:
            sets.append(_repeat(count, steps))
            continue
        for step in steps:
            if _is_rest(step):
                if sets and step.basis == "time":
                    sets[-1] = replace(sets[-1], set_recovery_s=step.value)
            else:
                sets.append(_sized(1, [step]))
    if not sets:
        raise NotationError(text, 0, "no effort in it")
    return (*sets[:-1], replace(sets[-1], set_recovery_s=None))


def _blocks(text: str) -> Iterator[tuple[int | None, list[_Step]]]:
    """Yield (repeats or None, steps); a blank line or a heading ends a block."""
    count: int | None = None
    steps: list[_Step] = []
    warming = False
    opened = position = 0
    for line in [*text.split("\n"), ""]:
        body = _STEP.match(line)
        if body:
            step = _step(text, position + body.start("body"), body["body"])
            if not warming:
                steps.append(step)
        else:
            if steps:
                yield count, steps
            elif count is not None and line.strip():
                raise NotationError(text, opened, "a repeat without steps")
            repeat = _REPEAT.match(line.strip())
            warming = bool(re.match(r"\s*(warm|cool)", line, re.IGNORECASE))
            if repeat:
                count, opened = int(repeat["count"]), position
                if not 1 <= count <= 500:
                    raise NotationError(text, position, "a count is a whole number from 1 to 500")
            elif steps or line.strip():
                count = None
            if line.strip() and not repeat and re.search(r"\d", line):
                raise NotationError(text, position, "neither a step (- 5m Z2) nor a repeat (6x)")
            steps = []
        position += len(line) + 1
    if count is not None:
        raise NotationError(text, opened, "a repeat without steps")


def _step(text: str, position: int, body: str) -> _Step:
    pace = _PACE.search(body)
    speed: float | None = None
    rest = body
    if pace:
        low = int(pace[1]) * 60 + int(pace[2])
        high = int(pace[3]) * 60 + int(pace[4]) if pace[3] else low
        if low + high == 0:
            raise NotationError(text, position + pace.start(), "a pace is more than 0:00")
        speed = _PER_M[pace[5].lower()] / ((low + high) / 2)
        rest = body[: pace.start()] + " " * (pace.end() - pace.start()) + body[pace.end() :]
    distance = _DISTANCE.search(rest)
    time = next((m for m in _TIME.finditer(rest) if m[1] or m[2] or m[3]), None)
    if distance and (time is None or distance.start() <= time.start()):
        metres = float(distance[1]) * _LENGTH_M.get(distance[2].lower(), 0.9144)
        value, basis = round(metres, 6), "distance"  # 2.01 km are 2010 m, not a little less
    elif time:
        extra = float(time[4] or 0)
        if time[4]:  # 1h30, 1m30
            extra *= 60.0 if time[1] and not time[2] else 1.0
        value = 3600.0 * float(time[1] or 0) + 60.0 * float(time[2] or 0) + float(time[3] or 0)
        value, basis = value + extra, "time"
    else:
        raise NotationError(text, position, "expected a length, such as 3m, 90s or 0.8km")
    if value <= 0.0:
        raise NotationError(text, position, "a step is longer than nothing")
    word = _RESTING.search(rest)
    zone, percent = _ZONE.search(rest), _PERCENT.search(rest)
    rests: bool | None = None
    if word or "intensity=rest" in rest:
        rests = True
    elif "intensity=active" in rest:
        rests = False
    elif zone:
        rests = int(zone[1]) <= 2
    elif percent:
        rests = int(percent[2] or percent[1]) < 80
    style = _STYLES.get(word[1].lower()[:3]) if word else None
    return _Step(value, "distance" if basis == "distance" else "time", speed, rests, style)


def _is_rest(step: _Step) -> bool:
    return step.rests if step.rests is not None else step.speed_mps is None


def _repeat(count: int, steps: list[_Step]) -> WorkoutSet:
    """Read a repeat: one effort, effort and recovery, or a ladder of both in blocks."""
    work = [step for step in steps if not step.rests]
    if not work:
        work = steps[:1]
    if len(steps) == 2 and len(work) == 2 and work[0].rests is None and work[1].rests is None:
        fast, slow = steps  # nothing is named: the slower one, else the second, is the recovery
        if (fast.speed_mps or 99.0) < (slow.speed_mps or 0.0):
            fast, slow = slow, fast
        work = [fast]
    rests = [step for step in steps if not any(step is each for each in work)]
    if any(step.basis != work[0].basis for step in work):
        work = work[:1]
    found = _sized(count, work)
    if len(work) > 1 and len(rests) == len(work):
        between = rests[-1]
        if between != rests[0] and between.basis == "time":
            found = replace(found, block_recovery_s=between.value)
    if not rests:
        return found
    rest = rests[0]
    found = replace(found, recovery_style=rest.style, recovery_basis=rest.basis)
    if rest.style == "float":
        found = replace(found, recovery_speed_mps=rest.speed_mps)
    if rest.basis == "distance":
        return replace(found, recovery_distance_m=rest.value)
    return replace(found, recovery_s=rest.value)


def _sized(count: int, work: list[_Step]) -> WorkoutSet:
    values = tuple(step.value for step in work)
    basis = work[0].basis
    found = WorkoutSet(count, basis, rep_speed_mps=work[0].speed_mps, canonical=True)
    if len(set(values)) == 1:
        found = replace(found, count=count * len(values), blocks=count if len(values) > 1 else 1)
        if basis == "distance":
            return replace(found, rep_distance_m=values[0])
        return replace(found, rep_duration_s=values[0])
    found = replace(found, count=count * len(values), blocks=count)
    if basis == "distance":
        return replace(found, rep_distances_m=values * count)
    return replace(found, rep_durations_s=values * count)
