"""What a person changes in a session: its reps, and what is said of it.

A `Draft` is what would be saved; each edit gives a new one, and `Drafts` remembers them for undo.
Nothing is measured here: a draft becomes text, and the text is read as any file of corrections is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from typing import Any, get_args

from intervaldetect.corrections.parse import Corrections
from intervaldetect.corrections.template import Rep as Written
from intervaldetect.errors import IntervalDetectError
from intervaldetect.records import Kind, Label

LEAST_S = 2.0
"""A rep is not made shorter than this with the mouse."""
NEW_S = 60.0
NOTE_CHARS = 2000
KEPT = 500
"""So many edits can be undone."""


class EditError(IntervalDetectError, ValueError):
    """An edit that cannot be made; a sentence for the page."""


@dataclass(frozen=True, slots=True)
class Rep:
    """A rep of a draft: its edges in elapsed seconds, and what was said of it."""

    start_s: float
    end_s: float
    speed_mps: float | None = None
    distance_m: float | None = None
    lactate_mmol: float | None = None


@dataclass(frozen=True, slots=True)
class Draft:
    """All that a person says of a session."""

    reps: tuple[Rep, ...] = ()
    label: Label | None = None
    kind: Kind | None = None
    rpe: float | None = None
    feeling: int | None = None
    note: str | None = None

    def corrections(self, sha256: str, part: int) -> Corrections:
        """Return it as corrections, but for the reps."""
        numbered = list(enumerate(self.reps, 1))
        return Corrections(
            "",
            sha256=sha256,
            part=part,
            speeds_mps={n: rep.speed_mps for n, rep in numbered if rep.speed_mps is not None},
            distances_m={n: rep.distance_m for n, rep in numbered if rep.distance_m is not None},
            lactate_mmol={n: r.lactate_mmol for n, r in numbered if r.lactate_mmol is not None},
            label=self.label,
            kind=self.kind,
            rpe=self.rpe,
            feeling=self.feeling,
            note=self.note,
        )

    def written(self, metres: Mapping[int, float | None] | None = None) -> list[Written]:
        """Return its reps as they are written, with the metres of some numbers."""
        known = metres or {}
        return [(rep.start_s, rep.end_s, known.get(n)) for n, rep in enumerate(self.reps, 1)]


def draft_of(said: Corrections | None, found: list[tuple[float, float]]) -> Draft:
    """Return the draft to begin with: what was corrected before, else what was found."""
    if said is None:
        return Draft(tuple(Rep(*_tenths(edges)) for edges in found))
    edges = found if said.reps is None else [(start, end) for start, end, _ in said.reps]
    reps = tuple(
        Rep(
            *_tenths(each),
            said.speeds_mps.get(n),
            said.distances_m.get(n),
            said.lactate_mmol.get(n),
        )
        for n, each in enumerate(edges, 1)
    )
    return Draft(reps, said.label, said.kind, said.rpe, said.feeling, said.note)


def _tenths(edges: tuple[float, float]) -> tuple[float, float]:
    return round(edges[0], 1), round(edges[1], 1)


@dataclass(slots=True)
class Drafts:
    """The drafts of a session while it is edited; ``saved`` is the one that is written down."""

    now: Draft
    saved: Draft
    whole_s: float
    past: list[Draft] = field(default_factory=list)
    future: list[Draft] = field(default_factory=list)
    _last: tuple[object, ...] = ()

    def edit(self, asked: Mapping[str, Any]) -> None:
        """Make the edit that a page asks for; nothing changes where it cannot be made.

        Raises
        ------
        EditError
            It cannot be made.
        """
        op = asked.get("op")
        if op == "undo":
            self._step(self.past, self.future, "undo")
        elif op == "redo":
            self._step(self.future, self.past, "redo")
        elif isinstance(op, str) and op in OPERATIONS:
            made = OPERATIONS[op](self.now, asked, self.whole_s)
            # Nudges of one edge, key after key, are one step to undo.
            what = (op, asked.get("rep"), asked.get("edge")) if asked.get("again") is True else ()
            if made != self.now and not (what and what == self._last and self.past):
                self.past = [*self.past[-KEPT:], self.now]
            self._last = what
            self.now, self.future = made, [] if made != self.now else self.future
        else:
            raise EditError("Unknown edit.")

    def _step(self, back: list[Draft], forth: list[Draft], name: str) -> None:
        if not back:
            raise EditError(f"There is nothing to {name}.")
        forth.append(self.now)
        self.now = back.pop()
        self._last = ()


def move(draft: Draft, asked: Mapping[str, Any], whole_s: float) -> Draft:
    """Move the ``edge`` of a rep to ``at``, no further than its neighbours let it."""
    index, rep = _rep(draft, asked)
    at = _number(asked, "at")
    if asked.get("edge") == "start":
        low = draft.reps[index - 1].end_s if index else 0.0
        moved = replace(rep, start_s=_within(at, low, rep.end_s - LEAST_S))
    elif asked.get("edge") == "end":
        after = draft.reps[index + 1].start_s if index + 1 < len(draft.reps) else whole_s
        moved = replace(rep, end_s=_within(at, rep.start_s + LEAST_S, after))
    else:
        raise EditError("An edge is the start or the end of a rep.")
    return _with(draft, index, index + 1, moved)


def split(draft: Draft, asked: Mapping[str, Any], _whole_s: float) -> Draft:
    """Make two reps of one, ``at`` a moment or in its middle; a gap is made by moving edges."""
    index, rep = _rep(draft, asked)
    at = (rep.start_s + rep.end_s) / 2.0 if asked.get("at") is None else _number(asked, "at")
    at = round(at, 1)
    if not rep.start_s + LEAST_S <= at <= rep.end_s - LEAST_S:
        raise EditError(f"Rep {index + 1} is too short to be split there.")
    # A pace holds for both halves, a distance for neither; lactate was taken at the end.
    first = replace(rep, end_s=at, distance_m=None, lactate_mmol=None)
    return _with(draft, index, index + 1, first, replace(rep, start_s=at, distance_m=None))


def join(draft: Draft, asked: Mapping[str, Any], _whole_s: float) -> Draft:
    """Make one rep of a rep and the next."""
    index, rep = _rep(draft, asked)
    if index + 1 >= len(draft.reps):
        raise EditError(f"Rep {index + 1} is the last: there is none to join it with.")
    after = draft.reps[index + 1]
    joined = Rep(rep.start_s, after.end_s, lactate_mmol=after.lactate_mmol)
    return _with(draft, index, index + 2, joined)


def drop(draft: Draft, asked: Mapping[str, Any], _whole_s: float) -> Draft:
    """Take a rep away."""
    index, _ = _rep(draft, asked)
    return _with(draft, index, index + 1)


def add(draft: Draft, asked: Mapping[str, Any], whole_s: float) -> Draft:
    """Put a rep of a minute ``at`` a moment, or in the longest gap; shorter where there is less."""
    edges = [0.0, *(edge for rep in draft.reps for edge in (rep.start_s, rep.end_s)), whole_s]
    gaps = list(zip(edges[::2], edges[1::2], strict=True))
    if asked.get("at") is None:
        low, high = max(gaps, key=lambda gap: gap[1] - gap[0])
        at = (low + high) / 2.0
    else:
        at = _number(asked, "at")
        inside = [gap for gap in gaps if gap[0] <= at <= gap[1]]
        if not inside:
            raise EditError("There is a rep already; add one where there is none.")
        low, high = max(inside, key=lambda gap: gap[1] - gap[0])
    seconds = min(NEW_S, high - low)
    if seconds < LEAST_S:
        raise EditError("There is no room for a rep.")
    start = round(_within(at - seconds / 2.0, low, high - seconds), 1)
    end = min(round(start + seconds, 1), high)
    index = sum(rep.end_s <= start for rep in draft.reps)
    return _with(draft, index, index, Rep(start, end))


def say(draft: Draft, asked: Mapping[str, Any], _whole_s: float) -> Draft:
    """Set the ``field`` of the session, or of a rep, to ``value``; null takes it back."""
    name, value = asked.get("field"), asked.get("value")
    if name == "lactate":
        index, rep = _rep(draft, asked)
        mmol = None if value is None else _number(asked, "value")
        if mmol is not None and not 0.3 <= mmol <= 30.0:
            raise EditError("Lactate is from 0.3 to 30 mmol/l.")
        return _with(draft, index, index + 1, replace(rep, lactate_mmol=mmol))
    if name not in CHECKS:
        raise EditError("Unknown field.")
    fits, sentence = CHECKS[name]
    if value is not None and not fits(value):
        raise EditError(sentence)
    changed: dict[str, Any] = {name: None if value == "" else value}
    return replace(draft, **changed)


CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "label": (
        lambda value: value in get_args(Label),
        f"A label is one of {', '.join(get_args(Label))}.",
    ),
    "kind": (lambda value: value in get_args(Kind), "There is no such kind of session."),
    "rpe": (
        lambda value: type(value) in {int, float} and 0.0 <= value <= 10.0,
        "Perceived exertion is from 0 to 10.",
    ),
    "feeling": (lambda value: type(value) is int and 1 <= value <= 10, "Feeling is from 1 to 10."),
    "note": (
        lambda value: isinstance(value, str) and len(value) <= NOTE_CHARS,
        f"A note has at most {NOTE_CHARS:,} characters.",
    ),
}
OPERATIONS: dict[str, Callable[[Draft, Mapping[str, Any], float], Draft]] = {
    "move": move, "split": split, "join": join, "drop": drop, "add": add, "say": say,
}  # fmt: skip


def _with(draft: Draft, first: int, after: int, *reps: Rep) -> Draft:
    """Return the draft with other reps in place of some."""
    return replace(draft, reps=(*draft.reps[:first], *reps, *draft.reps[after:]))


def _rep(draft: Draft, asked: Mapping[str, Any]) -> tuple[int, Rep]:
    number = asked.get("rep")
    if type(number) is not int or not 1 <= number <= len(draft.reps):
        raise EditError(f"There is no rep {number} of {len(draft.reps)}.")
    return number - 1, draft.reps[number - 1]


def _number(asked: Mapping[str, Any], name: str) -> float:
    value: Any = asked.get(name)
    if type(value) not in {int, float} or not isfinite(value):
        raise EditError(f"{name} is a number.")
    return round(float(value), 1)


def _within(value: float, low: float, high: float) -> float:
    return round(min(max(value, low), max(low, high)), 1)
