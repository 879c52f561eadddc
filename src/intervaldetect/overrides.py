"""Corrections by hand that stick: a small TOML file beside a recording, applied last on every run.

The file lists the reps as they were, so that a later version of the detector changes nothing in
them; moving, splitting, merging, dropping and adding a rep are edits of that list. It belongs to
the content of the recording (``sha256``), whatever that is called.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from intervaldetect.errors import ReadError
from intervaldetect.notation import TEXT_CHARS, format_workout
from intervaldetect.records import (
    Activity,
    Analysis,
    Label,
    Problem,
    Segment,
    SessionLabel,
    Signal,
    Workout,
    WorkoutSet,
)
from intervaldetect.structure.grouping import group_efforts
from intervaldetect.structure.sets import Effort, describe_set, recovery_style
from intervaldetect.structure.tiling import Ruler, Span, easy_speed, fill, long_pauses

SUFFIX = ".intervals.toml"
STORE_FILE = "overrides.toml"
REFUSED = "corrections_refused"
"""Code of the problem that says why corrections were left out."""
SAME_EDGE_S = 0.06
"""Edges are written in tenths of a second; nearer than this they are the detector's own."""
RAMP_S = 6.0
"""Slowing down and speeding up at the ends of a recovery do not say how it was spent."""
MILE_M = 1609.344
KEYS = (
    "sha256", "part", "reps", "pace", "distance", "lactate", "label", "feeling", "note",
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
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else text.rstrip().count("\n") + 1
        raise ReadError(path, "override", f"not TOML: {error}", line=line) from error
    return _checked(values, _Lines(text, path))


class _Lines:
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


def _checked(values: Mapping[str, Any], lines: _Lines) -> Corrections:
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
        {number: value for number, (value, _) in speeds.items()},
        {number: value for number, (value, _) in distances.items()},
        {number: value for number, (value, _) in lactate.items()},
        values.get("label"),
        values.get("feeling"),
        values.get("note"),
        places,
    )


def _typed(values: Mapping[str, Any], lines: _Lines) -> None:
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
    labels = get_args(Label)
    need("label", values.get("label") in labels, f"one of {', '.join(labels)}")
    need("note", isinstance(values.get("note"), str), "a string")
    digest = values.get("sha256")
    proper = isinstance(digest, str) and re.fullmatch(r"[0-9a-f]{64}", digest) is not None
    need("sha256", proper, "64 hexadecimal digits")


def _reps(values: Mapping[str, Any], lines: _Lines) -> tuple[tuple[float, float, int], ...] | None:
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
            what = f"overlaps {before!r}" if overlaps else f"stands behind {before!r}"
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
    lines: _Lines,
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


# --- where they are ----------------------------------------------------------------------------


def beside(path: str) -> Path:
    """Return where the corrections of a file stand: ``FILE.intervals.toml``."""
    return Path(path + SUFFIX)


def find_corrections(path: str, sha256: str, *, listed: str = "") -> Corrections | None:
    """Find the corrections of a recording by its content.

    Parameters
    ----------
    path : str
        The recording. ``FILE.intervals.toml`` beside it counts if it names this content or none;
        else any other in the folder that names it, so that a renamed recording keeps its own.
    sha256 : str
    listed : str
        The text of a store's ``overrides.toml``, with one table per hash; it counts first.

    Raises
    ------
    ReadError
        They are there, but cannot be read; see `parse_corrections`.
    """
    found = _of_store(listed, sha256)
    if found is not None:
        return found
    others = _in_folder(os.path.dirname(path))  # noqa: PTH120 - Path is slow, as below
    if not others and not os.path.lexists(path + SUFFIX):  # as for most
        return None
    own = beside(path)
    for file in [own, *(other for other in others if other != own)]:
        text = _text(file)
        if text is None:
            continue
        named = re.search(r"^\s*sha256\s*=\s*[\"']([0-9a-f]{64})", text, re.MULTILINE)
        if (named and named[1] == sha256) or (named is None and file == own):
            return parse_corrections(text, str(file))
    return None


def _in_folder(folder: str) -> list[Path]:
    """List the corrections in a folder, which is looked at again only when it changes."""
    try:
        return _listed(folder, os.stat(folder or ".").st_mtime_ns)  # noqa: PTH116 - as above
    except OSError:
        return []


@lru_cache(maxsize=64)
def _listed(folder: str, _changed_ns: int) -> list[Path]:
    return sorted(Path(folder).glob(f"*{SUFFIX}"))


def _text(file: str | Path) -> str | None:
    if not os.path.lexists(file):  # few recordings have any, and Path is slow
        return None
    try:
        return Path(file).read_text("utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise ReadError(str(file), "override", f"cannot be read: {error}") from error


def _of_store(text: str, sha256: str) -> Corrections | None:
    if sha256 not in text:  # as for most; to compile a pattern for each file is slow
        return None
    at = re.search(rf"""^\s*\[\s*["']?{sha256}["']?\s*\]""", text, re.MULTILINE)
    if at is None:
        return None
    try:
        values = tomllib.loads(text)[sha256]
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"line (\d+)", str(error))
        line = int(found[1]) if found else 1
        raise ReadError(STORE_FILE, "override", f"not TOML: {error}", line=line) from error
    first = text.count("\n", 0, at.end()) + 1
    return replace(_checked(values, _Lines(text, STORE_FILE, first)), sha256=sha256)


def listed_corrections(store: Path) -> str:
    """Return the text of a store's ``overrides.toml``, empty without one.

    Raises
    ------
    ReadError
        It is there, but cannot be read.
    """
    return _text(store / STORE_FILE) or ""


def corrections_digest(path: str) -> str:
    """Return a short hash of what stands beside a recording; empty without corrections."""
    text = _text(path + SUFFIX)
    return "" if text is None else hashlib.sha256(text.encode()).hexdigest()[:8]


# --- applying ----------------------------------------------------------------------------------


def apply_corrections(
    activity: Activity, signal: Signal, workout: Workout, corrections: Corrections
) -> Workout:
    """Put the corrected reps in place of the detected ones.

    Parameters
    ----------
    activity : Activity
    signal : Signal
        Measures the corrected reps.
    workout : Workout
        As detected. Reps whose edges are not changed keep their source.
    corrections : Corrections

    Returns
    -------
    Workout
        Changed reps have ``source="override"``; sets and text are made anew. If the corrections do
        not fit the activity they are left out as a whole, and a `Problem` says why.
    """
    try:
        return _applied(activity, signal, workout, corrections)
    except ReadError as error:
        problem = Problem(REFUSED, str(error))
        return replace(workout, problems=(*workout.problems, problem))


def _applied(activity: Activity, signal: Signal, workout: Workout, told: Corrections) -> Workout:
    if told.sha256 is not None and told.sha256 != activity.sha256:
        reason = "sha256 is of another recording"
        raise ReadError(told.path, "override", reason, line=told.lines.get("sha256"))
    if told.part != activity.part:
        return workout
    whole_s = float(signal.time_s[-1])
    found = [segment for segment in workout.segments if segment.role == "rep"]
    if told.reps is not None:
        for _, end_s, line in told.reps:
            if end_s > whole_s + 1.0:
                reason = f"a rep ends at {end_s:.1f} s, the recording at {whole_s:.1f} s"
                raise ReadError(told.path, "override", reason, line=line)
        edges = [(start, min(end, whole_s)) for start, end, _ in told.reps]
    else:
        edges = [(segment.start_s, segment.end_s) for segment in found]
    for number in (*told.speeds_mps, *told.distances_m, *told.lactate_mmol):
        if number > len(edges):
            reason = f"there is no rep {number} of {len(edges)}"
            raise ReadError(told.path, "override", reason, line=told.lines.get(f"rep {number}"))
    changed = told.reps is not None and (
        len(edges) != len(found) or any(_same(workout, *edge) is None for edge in edges)
    )
    if not changed and not told.speeds_mps and not told.distances_m:
        return workout
    return _rebuilt(signal, workout, told, edges)


def _rebuilt(
    signal: Signal, workout: Workout, told: Corrections, edges: Sequence[tuple[float, float]]
) -> Workout:
    ruler = Ruler(signal)
    whole_s = float(signal.time_s[-1])
    efforts = [_effort(ruler, told, number, *edge) for number, edge in enumerate(edges, 1)]
    groups = group_efforts(efforts) if efforts else []
    easy = easy_speed(ruler, edges, whole_s)
    sets = tuple(
        _described(ruler, efforts, group, easy, last=group is groups[-1]) for group in groups
    )
    place = {k: (n, r) for n, group in enumerate(groups, 1) for r, k in enumerate(group, 1)}
    spans: list[Span] = []
    for k, effort in enumerate(efforts):
        own = _same(workout, effort.start_s, effort.end_s)
        number, rank = place[k]
        source = own.source if own else "override"
        spans.append(
            Span("rep", effort.start_s, effort.end_s, number, rank,
                 own.confidence if own else 1.0, source,
                 own.start_error_s if own else None, own.end_error_s if own else None)
        )  # fmt: skip
        if k + 1 < len(efforts) and efforts[k + 1].start_s > effort.end_s:
            spans.append(Span("recovery", effort.end_s, efforts[k + 1].start_s, number, rank))
    around = [s for s in workout.segments if s.role == "stride" and _free(s, edges)]
    spans += [Span("stride", s.start_s, s.end_s, source=s.source) for s in around]
    spans.sort(key=lambda span: span.start_s)
    segments = list(ruler.segments(fill(spans, long_pauses(signal), whole_s)))
    numbers = {effort.start_s: number for number, effort in enumerate(efforts, 1)}
    for index, segment in enumerate(segments):
        number = numbers.get(segment.start_s, 0) if segment.role == "rep" else 0
        if number in told.speeds_mps or number in told.distances_m:
            effort = efforts[number - 1]
            segments[index] = replace(
                segment,
                distance_m=effort.distance_m,
                mean_speed_mps=effort.speed_mps,
                grade_adjusted_speed_mps=None,
                source="override",
            )
    segments = [each if _as_before(workout, each) else replace(each, source="override")
                for each in segments]  # fmt: skip
    before = sum(segment.role == "rep" for segment in workout.segments)
    changed = sum(segment.source == "override" for segment in segments if segment.role == "rep")
    shape = workout.shape if workout.sets and sets else "intervals" if sets else "steady"
    listed = told.reps is not None
    return replace(
        workout,
        segments=tuple(segments),
        sets=sets,
        text=format_workout(sets, at_most=TEXT_CHARS) if sets else None,
        shape=shape,
        structured_probability=float(bool(sets)) if listed else workout.structured_probability,
        evidence=(
            *workout.evidence,
            f"Corrected by hand: {len(efforts)} reps in place of {before}, {changed} of them new.",
        ),
    )


def _effort(ruler: Ruler, told: Corrections, number: int, start_s: float, end_s: float) -> Effort:
    moving = ruler.moving_s(start_s, end_s)
    distance = told.distances_m.get(number)
    if number in told.speeds_mps:
        distance = told.speeds_mps[number] * moving
    if distance is None:
        distance = ruler.distance_m(start_s, end_s)
    return Effort(start_s, end_s, distance, moving)


def _described(
    ruler: Ruler, efforts: Sequence[Effort], group: Sequence[int], easy: float | None, *, last: bool
) -> WorkoutSet:
    members = [efforts[k] for k in group]
    speeds = [each.speed_mps for each in members if each.speed_mps is not None]
    usual = sorted(speeds)[len(speeds) // 2] if speeds else None
    gaps = [_gap(ruler, a.end_s, b.start_s) for a, b in pairwise(members)]
    ramps = [min(RAMP_S, gap.seconds / 3.0) for gap in gaps]
    middles = [
        _gap(ruler, gap.start_s + ramp, gap.end_s - ramp)
        for gap, ramp in zip(gaps, ramps, strict=True)
    ]
    described = describe_set(members, gaps, [recovery_style(gap, usual, easy) for gap in middles])
    if last:
        return described
    return replace(described, set_recovery_s=efforts[group[-1] + 1].start_s - members[-1].end_s)


def _gap(ruler: Ruler, start_s: float, end_s: float) -> Effort:
    covered = ruler.distance_m(start_s, end_s)
    return Effort(start_s, end_s, covered, ruler.moving_s(start_s, end_s))


def _as_before(workout: Workout, segment: Segment) -> bool:
    """Tell whether a segment has the role and the edges that a detected one has."""
    return any(
        each.role == segment.role
        and abs(each.start_s - segment.start_s) <= SAME_EDGE_S
        and abs(each.end_s - segment.end_s) <= SAME_EDGE_S
        for each in workout.segments
    ) and (segment.source != "override")


def _same(workout: Workout, start_s: float, end_s: float) -> Segment | None:
    """Return the detected rep with these edges."""
    for segment in workout.segments:
        near = abs(segment.start_s - start_s) <= SAME_EDGE_S
        if segment.role == "rep" and near and abs(segment.end_s - end_s) <= SAME_EDGE_S:
            return segment
    return None


def _free(stride: Segment, edges: Sequence[tuple[float, float]]) -> bool:
    """Tell whether a stride lies before or after all reps, or there are none."""
    return not edges or stride.end_s <= edges[0][0] or stride.start_s >= edges[-1][1]


def apply_label(
    label: SessionLabel, corrections: Corrections, activity: Activity, workout: Workout
) -> SessionLabel:
    """Put the label given by hand in place, and say what else was told, one sentence each.

    Nothing where `apply_corrections` has refused them (a problem of ``workout``).
    """
    told = corrections
    if any(problem.code == REFUSED for problem in workout.problems):
        return label
    if told.part != activity.part or (told.sha256 or activity.sha256) != activity.sha256:
        return label
    sentences: list[str] = []
    # `repeated` knows these sentences again.
    if told.label is not None:
        sentences.append(f"Labelled {told.label} by hand.")
    sentences += [f"Lactate after rep {n}: {v:g} mmol/l." for n, v in told.lactate_mmol.items()]
    if told.feeling is not None:
        sentences.append(f"Feeling {told.feeling} of 10.")
    if told.note:
        sentences.append(f"Note: {' '.join(told.note.split())}")
    named = told.label if told.label is not None else label.label
    return replace(label, label=named, evidence=(*label.evidence, *sentences))


_BY_HAND = re.compile(r"Labelled (easy|threshold|vo2) by hand\.|Lactate after rep |Feeling |Note: ")


def repeated(label: SessionLabel, evidence: Sequence[str]) -> SessionLabel:
    """Put what was told by hand on a label made anew from a stored session.

    Parameters
    ----------
    label : SessionLabel
    evidence : sequence of str
        Sentences of the stored session, among them those of `apply_label`.
    """
    told = [sentence for sentence in evidence if _BY_HAND.match(sentence)]
    for sentence in told:
        found = _BY_HAND.match(sentence)
        for name in get_args(Label):
            if found and found[1] == name:
                label = replace(label, label=name)
    return replace(label, evidence=(*label.evidence, *told)) if told else label


# --- writing -----------------------------------------------------------------------------------


def template(analysis: Analysis) -> str:
    """Write a file of corrections filled in with what was found, ready to be edited.

    Unchanged it changes nothing: edges are written in tenths of a second.
    """
    rows = [
        "# Corrections, applied last on every run. Change, split, join, remove or add lines;",
        "# times are elapsed, pauses included. Lines that begin with # do not count.",
        f"sha256 = {json.dumps(analysis.activity.sha256)}",
    ]
    if analysis.activity.part != 1:
        rows.append(f"part = {analysis.activity.part}")
    rows += ["", "reps = ["]
    for number, segment in enumerate(_reps_of(analysis), 1):
        told = f"{segment.distance_m:.0f} m" if segment.distance_m is not None else ""
        rows.append(
            f'  "{_clock(segment.start_s)}-{_clock(segment.end_s)}",  # {number}  {told}'.rstrip()
        )
    rows += [
        "]",
        "",
        '# pace = ["1-5: 4:00/km"]        # a treadmill, or a better measure',
        '# distance = ["6: 400 m"]',
        '# lactate = ["3: 2.4"]           # mmol/l after a rep',
        f'# label = "{analysis.label.label or "threshold"}"           # easy, threshold or vo2',
        "# feeling = 7                    # 1 to 10",
        '# note = ""',
        "",
    ]
    return "\n".join(rows)


def _reps_of(analysis: Analysis) -> list[Segment]:
    return [segment for segment in analysis.workout.segments if segment.role == "rep"]


def _clock(seconds: float) -> str:
    tenths = round(seconds * 10.0)
    minutes, rest = divmod(tenths, 600)
    return f"{minutes}:{rest // 10:02d}" + (f".{rest % 10}" if rest % 10 else "")
