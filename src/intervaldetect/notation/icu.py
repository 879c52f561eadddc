"""intervals.icu workout text, in which ``m`` means minutes and metres are ``mtr`` or km."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from intervaldetect.errors import NotationError
from intervaldetect.notation.quantity import KM_M, MILE_M
from intervaldetect.records import Basis, RecoveryStyle, WorkoutSet

_REPEAT = re.compile(r"^(?P<name>[^\d\n]*?)\s*(?P<count>\d+)\s*x\s*$", re.IGNORECASE)
_WARMING = re.compile(r"\s*(warm|cool)", re.IGNORECASE)
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
            if steps or line.strip():
                count, opened = _repeats(text, position, line), position
            warming = _WARMING.match(line) is not None
            steps = []
        position += len(line) + 1
    if count is not None:
        raise NotationError(text, opened, "a repeat without steps")


def _repeats(text: str, position: int, line: str) -> int | None:
    """Return how often a line such as ``6x`` says; None for a heading and a blank line."""
    repeat = _REPEAT.match(line.strip())
    if repeat is None:
        if re.search(r"\d", line):
            raise NotationError(text, position, "neither a step (- 5m Z2) nor a repeat (6x)")
        return None
    count = int(repeat["count"])
    if not 1 <= count <= 500:
        raise NotationError(text, position, "a count is a whole number from 1 to 500")
    return count


def _step(text: str, position: int, body: str) -> _Step:
    pace = _PACE.search(body)
    speed = None if pace is None else _mean_speed(text, position, pace)
    rest = body if pace is None else _blanked(body, pace)
    value, basis = _length(text, position, rest)
    word = _RESTING.search(rest)
    style = _STYLES.get(word[1].lower()[:3]) if word else None
    return _Step(value, basis, speed, _rests(rest), style)


def _mean_speed(text: str, position: int, pace: re.Match[str]) -> float:
    low = int(pace[1]) * 60 + int(pace[2])
    high = int(pace[3]) * 60 + int(pace[4]) if pace[3] else low
    if low + high == 0:
        raise NotationError(text, position + pace.start(), "a pace is more than 0:00")
    return _PER_M[pace[5].lower()] / ((low + high) / 2)


def _blanked(body: str, match: re.Match[str]) -> str:
    """Return a text of the same length without what was matched."""
    return body[: match.start()] + " " * (match.end() - match.start()) + body[match.end() :]


def _length(text: str, position: int, body: str) -> tuple[float, Basis]:
    """Return how long a step is, in m or s: whichever comes first."""
    distance = _DISTANCE.search(body)
    time = next((m for m in _TIME.finditer(body) if m[1] or m[2] or m[3]), None)
    basis: Basis = "time"
    if distance and (time is None or distance.start() <= time.start()):
        metres = float(distance[1]) * _LENGTH_M.get(distance[2].lower(), 0.9144)
        value, basis = round(metres, 6), "distance"  # 2.01 km are 2010 m, not a little less
    elif time:
        value = _seconds(time)
    else:
        raise NotationError(text, position, "expected a length, such as 3m, 90s or 0.8km")
    if value <= 0.0:
        raise NotationError(text, position, "a step is longer than nothing")
    return value, basis


def _seconds(time: re.Match[str]) -> float:
    hours, minutes, seconds, unnamed = (float(part or 0) for part in time.groups())
    of_minutes = time[1] and not time[2]  # 1h30; else 1m30
    return 3600.0 * hours + 60.0 * minutes + seconds + unnamed * (60.0 if of_minutes else 1.0)


def _rests(body: str) -> bool | None:
    """Whether a step is a recovery by its words, its intensity, its zone or its share; or None."""
    if _RESTING.search(body) or "intensity=rest" in body:
        return True
    if "intensity=active" in body:
        return False
    if zone := _ZONE.search(body):
        return int(zone[1]) <= 2
    if percent := _PERCENT.search(body):
        return int(percent[2] or percent[1]) < 80
    return None


def _is_rest(step: _Step) -> bool:
    return step.rests if step.rests is not None else step.speed_mps is None


def _repeat(count: int, steps: list[_Step]) -> WorkoutSet:
    """Read a repeat: one effort, effort and recovery, or a ladder of both in blocks."""
    work = _work_of(steps)
    rests = [step for step in steps if not any(step is each for each in work)]
    if any(step.basis != work[0].basis for step in work):
        work = work[:1]
    found = _sized(count, work)
    if len(work) > 1 and len(rests) == len(work) and rests[-1] != rests[0]:
        found = replace(found, block_recovery_s=_seconds_of(rests[-1]))
    return _with_recovery(found, rests[0]) if rests else found


def _seconds_of(step: _Step) -> float | None:
    return step.value if step.basis == "time" else None


def _work_of(steps: list[_Step]) -> list[_Step]:
    """Return the efforts of a repeat; of two steps that do not say, the faster or the first."""
    if len(steps) == 2 and all(step.rests is None for step in steps):
        first, second = steps
        return [second if (first.speed_mps or 99.0) < (second.speed_mps or 0.0) else first]
    return [step for step in steps if not step.rests] or steps[:1]


def _with_recovery(repeat: WorkoutSet, rest: _Step) -> WorkoutSet:
    found = replace(repeat, recovery_style=rest.style, recovery_basis=rest.basis)
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
