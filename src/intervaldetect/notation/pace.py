"""Quantities, ranges, and what stands behind ``@``, read off a cursor."""

from __future__ import annotations

from dataclasses import replace

from intervaldetect.notation import words
from intervaldetect.notation.build import Pace, Quantity
from intervaldetect.notation.cursor import Cursor
from intervaldetect.notation.lexer import TokenKind
from intervaldetect.notation.quantity import KM_M, MILE_M
from intervaldetect.records import Basis

_PACE_UNITS = {"km": KM_M, "k": KM_M, "kms": KM_M, "mi": MILE_M, "mile": MILE_M, "miles": MILE_M}


def read_quantity(cursor: Cursor) -> Quantity:
    """Read one time, distance or bare number."""
    token = cursor.take()
    bases: dict[TokenKind, Basis] = {"time": "time", "distance": "distance"}
    return Quantity(token.value, bases.get(token.kind), token.position, token.unit)


def read_span(cursor: Cursor) -> Quantity:
    """Read a quantity or a range of two; a range counts as its middle."""
    first = read_quantity(cursor)
    if cursor.peek().kind != "-" or cursor.peek(1).kind not in ("time", "distance", "number"):
        return first
    cursor.take()
    second = read_quantity(cursor)
    if first.basis is None and second.basis is not None:
        first = replace(first, value=first.value * second.unit, basis=second.basis)
    if second.basis is None and first.basis is not None and first.unit != 60.0:
        second = replace(second, value=second.value * first.unit, basis=first.basis)
    if first.basis != second.basis:
        raise cursor.fail_at(second.position, "a range has one unit")
    return replace(first, value=(first.value + second.value) / 2, unit=second.unit)


def read_pace(cursor: Cursor) -> Pace:
    """Read what stands behind ``@``: a rep time, a pace, a speed, or an effort in words."""
    while cursor.accept("~"):
        pass
    token = cursor.peek()
    if token.kind not in ("time", "number", "distance"):
        return _effort(cursor)
    speed = _speed(cursor)
    if speed is not None:
        return Pace(token.position, speed_mps=speed)
    if token.kind == "distance" or cursor.word_in(frozenset({"%", "bpm", "mmol"}), 1):
        return _effort(cursor)
    value = read_span(cursor)
    if value.basis == "distance":
        raise cursor.fail("a distance is no pace", token)
    per_m = _per(cursor)
    return Pace(token.position, seconds=value.value, per_m=per_m)


def _speed(cursor: Cursor) -> float | None:
    """Read ``18 km/h``, ``5 m/s`` or ``18 kph`` where it is next; in m/s."""
    token = cursor.peek()
    if token.kind == "number" and cursor.word_in(frozenset({"kph", "kmh"}), 1):
        cursor.index += 2
        return token.value / 3.6
    if token.kind == "distance" and cursor.peek(1).kind == "/":
        unit = cursor.peek(2)
        if unit.kind == "word" and unit.text in ("h", "hr", "s", "sec"):
            cursor.index += 3
            return token.value / (3600.0 if unit.text.startswith("h") else 1.0)
    return None


def _per(cursor: Cursor) -> float | None:
    """Read ``/km``, ``per mile`` or ``/400m`` where it follows."""
    if cursor.peek().kind != "/" and not cursor.word_in(words.PER):
        return None
    unit = cursor.peek(1)
    if unit.kind == "word" and unit.text in _PACE_UNITS:
        per_m = _PACE_UNITS[unit.text]
    elif unit.kind in ("distance", "number") and unit.value >= 50.0:
        per_m = unit.value
    else:
        raise cursor.fail("a pace is per km or per mi", unit)
    cursor.index += 2
    return per_m


def _effort(cursor: Cursor) -> Pace:
    """Skip an effort in words (``sub LT``, ``15k pace or slower``, ``85 % of max``)."""
    start = cursor.index
    spoken = False
    while True:
        token = cursor.peek()
        if token.kind == "word" and words.known_effort(token.text):
            spoken = True
        elif token.kind not in ("distance", "number", "-", "/") or not _effort_goes_on(cursor):
            break
        cursor.index += 1
    if not spoken:
        wrong = cursor.tokens[start]
        found = "the text ends" if wrong.kind == "end" else f"found {wrong.text!r}"
        raise cursor.fail(f"expected a pace, {found}", wrong)
    return Pace(cursor.tokens[start].position)


def _effort_goes_on(cursor: Cursor) -> bool:
    """Tell whether numbers and signs ahead end in another word of effort."""
    ahead = 0
    while cursor.peek(ahead).kind in ("distance", "number", "-", "/"):
        ahead += 1
    token = cursor.peek(ahead)
    signs = words.LEADS | frozenset(words.STYLES)
    return token.kind == "word" and token.text not in signs and words.known_effort(token.text)
