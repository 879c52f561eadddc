"""A file of corrections -> `Corrections`; what is wrong in it is named with its line."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

from intervaldetect.errors import ReadError
from intervaldetect.records import Kind, Label
from intervaldetect.toml_text import line_of, parse_toml

STORE_FILE = "overrides.toml"
REFUSED = "corrections_refused"
"""Code of the problem that says why corrections were left out."""
MILE_M = 1609.344
KEYS = (
    "sha256", "part", "reps", "pace", "distance", "lactate", "label", "kind", "rpe", "feeling",
    "note",
)  # fmt: skip
_CLOCK = r"(?:(?:(\d+):)?(\d+):)?(\d+(?:\.\d+)?)"
_SPAN = re.compile(rf"^\s*{_CLOCK}\s*-\s*{_CLOCK}\s*$")
_NUMBERED = re.compile(r"^\s*(\d+)(?:\s*-\s*(\d+))?\s*:\s*(\S.*?)\s*$")
_PACE = re.compile(r"^(\d+):([0-5]\d)\s*/\s*(km|mi)$")
_DISTANCE = re.compile(r"^(\d+(?:\.\d+)?)\s*(m|km|mi)$")
_LACTATE = re.compile(r"^(\d+(?:\.\d+)?)$")


@dataclass(frozen=True, slots=True)
class Corrections:
    """What a person says of one activity; None and empty leave to the detector what it found.

    ``reps`` holds ``(start_s, end_s, line)`` in order of time; an empty tuple says that there were
    none. ``speeds_mps``, ``distances_m`` and ``lactate_mmol`` go by the number of the rep, from 1.
    """

    path: str
    sha256: str | None = None
    part: int = 1
    reps: tuple[tuple[float, float, int], ...] | None = None
    speeds_mps: Mapping[int, float] = field(default_factory=dict)
    distances_m: Mapping[int, float] = field(default_factory=dict)
    lactate_mmol: Mapping[int, float] = field(default_factory=dict)
    label: Label | None = None
    rpe: float | None = None
    kind: Kind | None = None
    feeling: int | None = None
    note: str | None = None
    lines: Mapping[str, int] = field(default_factory=dict)


def parse_corrections(text: str, path: str) -> Corrections:
    """Read and validate one file of corrections.

    Parameters
    ----------
    text : str
        TOML; every key is optional. ``reps`` is a list of ``"10:00-12:10"`` in elapsed time,
        ``pace``, ``distance`` and ``lactate`` lists of ``"1-5: 4:00/km"``, ``"6: 400 m"``,
        ``"3: 2.4"`` by the number of the rep.
    path : str
        For errors.

    Returns
    -------
    Corrections

    Raises
    ------
    ReadError
        Stage ``override``, with the line: not TOML, an unknown key, a value out of its range, reps
        that overlap or are out of order, a rep that is corrected twice or not there.
    """
    try:
        values = parse_toml(text)
    except ValueError as error:
        line = line_of(error, text)
        raise ReadError(path, "override", f"not TOML: {error}", line=line) from error
    return checked(values, Lines(text, path))


class Lines:
    """Finds keys and the items of their lists in the text, for messages."""

    def __init__(self, text: str, path: str, first: int = 0) -> None:
        self.path = path
        self._rows = text.splitlines()
        self._first = first

    def key(self, key: str) -> int:
        """Return the line of a key, from 1."""
        pattern = re.compile(rf"""^\s*["']?{re.escape(key)}["']?\s*=""")
        for number, row in enumerate(self._rows[self._first :], self._first + 1):
            if pattern.match(row):
                return number
        return self._first + 1

    def items(self, key: str, items: Sequence[str]) -> list[int]:
        """Return the line of each string in the list of a key."""
        number, column, out = self.key(key), 0, []
        for item in items:
            for row in range(number - 1, len(self._rows)):
                code = self._rows[row].split("#")[0]
                at = code.find(item, column if row == number - 1 else 0)
                if at >= 0:
                    number, column = row + 1, at + len(item)
                    break
            out.append(number)
        return out

    def fail(self, line: int, reason: str) -> ReadError:
        """Make the error that names a line."""
        return ReadError(self.path, "override", reason, line=line)


def checked(values: Mapping[str, Any], lines: Lines) -> Corrections:
    """Validate the values of one table of corrections; as `parse_corrections`."""
    for key in values:
        if key not in KEYS:
            raise lines.fail(lines.key(key), f"unknown key {key!r}; known are {', '.join(KEYS)}")
    _typed(values, lines)
    reps = _reps(values, lines)
    speeds = _numbered(values, "pace", "a pace such as 4:00/km", _speed, lines)
    distances = _numbered(values, "distance", "a distance such as 1000 m", _metres, lines)
    lactate = _numbered(values, "lactate", "mmol/l from 0.3 to 30", _mmol, lines)
    for number in sorted(set(speeds) & set(distances)):
        raise lines.fail(distances[number][1], f"rep {number} has a pace already")
    told = {number: at for each in (speeds, distances, lactate) for number, (_, at) in each.items()}
    for number, at in told.items():
        if reps is not None and number > len(reps):
            raise lines.fail(at, f"there is no rep {number}; reps lists {len(reps)}")
    places = {key: lines.key(key) for key in values} | {f"rep {n}": at for n, at in told.items()}
    return Corrections(
        lines.path,
        values.get("sha256"),
        values.get("part", 1),
        reps,
        _values(speeds),
        _values(distances),
        _values(lactate),
        values.get("label"),
        values.get("rpe"),
        values.get("kind"),
        values.get("feeling"),
        values.get("note"),
        places,
    )


def _values(told: Mapping[int, tuple[float, int]]) -> dict[int, float]:
    """Return the value of each rep, without the line it stands on."""
    return {number: value for number, (value, _) in told.items()}


def _typed(values: Mapping[str, Any], lines: Lines) -> None:
    def need(key: str, fits: bool, what: str) -> None:
        if key in values and not fits:
            raise lines.fail(lines.key(key), f"{key} is {what}, not {values[key]!r}")

    for key in ("reps", "pace", "distance", "lactate"):
        value = values.get(key)
        strings = isinstance(value, list) and all(isinstance(item, str) for item in value)
        need(key, strings, "a list of strings")
    for key, low, high in (("part", 1, 1000), ("feeling", 1, 10)):
        value = values.get(key)
        whole = isinstance(value, int) and not isinstance(value, bool)
        need(key, whole and low <= (value or 0) <= high, f"a whole number from {low} to {high}")
    rpe = values.get("rpe")
    number = isinstance(rpe, int | float) and not isinstance(rpe, bool)
    need("rpe", number and 0.0 <= (rpe or 0.0) <= 10.0, "a number from 0 to 10")
    for key, known in (("label", get_args(Label)), ("kind", get_args(Kind))):
        need(key, values.get(key) in known, f"one of {', '.join(known)}")
    need("note", isinstance(values.get("note"), str), "a string")
    digest = values.get("sha256")
    proper = isinstance(digest, str) and re.fullmatch(r"[0-9a-f]{64}", digest) is not None
    need("sha256", proper, "64 hexadecimal digits")


def _reps(values: Mapping[str, Any], lines: Lines) -> tuple[tuple[float, float, int], ...] | None:
    if "reps" not in values:
        return None
    out: list[tuple[float, float, int]] = []
    items = values["reps"]
    for item, line in zip(items, lines.items("reps", items), strict=True):
        found = _SPAN.match(item)
        if found is None:
            raise lines.fail(line, f"{item!r}: expected a start and an end such as 10:00-12:10")
        start, end = _seconds(found.groups()[:3]), _seconds(found.groups()[3:])
        if end <= start:
            raise lines.fail(line, f"{item!r}: a rep ends after it starts")
        if out and start < out[-1][1]:
            before = items[len(out) - 1]
            overlaps = end > out[-1][0]
            what = f"overlaps {before!r}" if overlaps else f"belongs before {before!r}"
            raise lines.fail(line, f"{item!r} {what}, line {out[-1][2]}")
        out.append((start, end, line))
    return tuple(out)


def _seconds(parts: Sequence[str | None]) -> float:
    hours, minutes, seconds = (float(part or 0) for part in parts)
    return 3600.0 * hours + 60.0 * minutes + seconds


def _numbered(
    values: Mapping[str, Any],
    key: str,
    what: str,
    read: Callable[[str], float | None],
    lines: Lines,
) -> dict[int, tuple[float, int]]:
    out: dict[int, tuple[float, int]] = {}
    items = values.get(key, [])
    for item, line in zip(items, lines.items(key, items), strict=True):
        found = _NUMBERED.match(item)
        value = read(found[3]) if found else None
        if found is None or value is None:
            raise lines.fail(line, f"{item!r}: expected the number of a rep and {what}")
        first, last = int(found[1]), int(found[2] or found[1])
        if not 1 <= first <= last <= 1000:
            raise lines.fail(line, f"{item!r}: reps count from 1, in order")
        for number in range(first, last + 1):
            if number in out:
                raise lines.fail(line, f"{key} of rep {number} was given, line {out[number][1]}")
            out[number] = (value, line)
    return out


def _speed(text: str) -> float | None:
    found = _PACE.match(text)
    seconds = int(found[1]) * 60 + int(found[2]) if found else 0
    speed = (1000.0 if found and found[3] == "km" else MILE_M) / seconds if seconds else 0.0
    return speed if 0.3 <= speed <= 12.0 else None


def _metres(text: str) -> float | None:
    found = _DISTANCE.match(text)
    metres = float(found[1]) * {"m": 1.0, "km": 1000.0, "mi": MILE_M}[found[2]] if found else 0.0
    return metres if 10.0 <= metres <= 300_000.0 else None


def _mmol(text: str) -> float | None:
    value = float(text) if _LACTATE.match(text) else 0.0
    return value if 0.3 <= value <= 30.0 else None
