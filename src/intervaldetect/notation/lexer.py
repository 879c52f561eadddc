"""Characters to tokens: quantities with their unit, brackets, separators and words."""

from __future__ import annotations

import re
from typing import Literal, NamedTuple

from intervaldetect.errors import NotationError
from intervaldetect.notation.quantity import KM_M, MILE_M

TokenKind = Literal[
    "time", "distance", "number", "word", "times", "(", ")", "+", ",", "/", "-", "@", "~", "end"
]


class Token(NamedTuple):
    """One token; ``value`` in s, m or bare, ``unit`` what 1 means, ``position`` in the text."""

    kind: TokenKind
    text: str
    position: int
    value: float = 0.0
    unit: float = 1.0


_PRIME = "['’′´]"
_DOUBLE = "(?:[\"”“″]|''|’’|′′)"
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_END = r"(?![a-z0-9])"

_CLOCK = re.compile(
    r"([0-9]+):([0-9]{2})(?::([0-9]{2}))?(\.[0-9]+)?(?!\d)(?:\s*(?:mins?|minutes)" + _END + ")?"
)
_PRIMES = re.compile(rf"([0-9]+){_PRIME}(?!{_PRIME})([0-9]{{1,2}})(?!\s*[\dx*×:.])(?:{_DOUBLE})?")
_SECONDS = re.compile(rf"({_NUMBER})\s*{_DOUBLE}")
_MINUTES = re.compile(rf"({_NUMBER}){_PRIME}")
_HOURS = re.compile(rf"([0-9]+)\s*h(?:ours?|rs?)?(?:\s*([0-9]{{2}})(?:\s*min(?:utes)?|m)?)?{_END}")
_UNIT = re.compile(rf"({_NUMBER})\s*-?\s*([a-z]+){_END}")
_BARE = re.compile(_NUMBER)
_WORD = re.compile(r"w/|[a-zà-ÿ]+(?:-[a-z]+)*\d?(?:max)?|%")
_GLUED = re.compile(r"(?:r|p|sr|sp|tr|tp|rec|rest)(?=\d)")

_SECOND_WORDS = {"s", "sec", "secs", "second", "seconds"}
_MINUTE_WORDS = {"min", "mins", "minute", "minutes", "mn"}
_METRE_WORDS = {"m", "meter", "meters", "metre", "metres", "mtr"}
_KM_WORDS = {"k", "km", "kms", "kilometer", "kilometers", "kilometre", "kilometres"}
_MILE_WORDS = {"mi", "mile", "miles"}

_SIGNS: dict[str, TokenKind] = {
    "(": "(", "[": "(", ")": ")", "]": ")", "+": "+", "&": "+", ",": ",", ";": ",", "\n": ",",
    "/": "/", "-": "-", "–": "-", "—": "-", "@": "@", "×": "times", "*": "times", "~": "~",
}  # fmt: skip


def tokenize(text: str) -> list[Token]:
    """Split a workout text into tokens, closed by an ``end`` token.

    Raises
    ------
    NotationError
        A character or a clock time (``2:7``, ``1:75``) that cannot be one.
    """
    lower = text.lower()
    if len(lower) != len(text):  # a few capitals grow when lowered; positions must stay true
        lower = text
    tokens: list[Token] = []
    position = 0
    while position < len(lower):
        if lower[position] in " \t\r=:.|" and not (
            lower[position] == "." and lower[position + 1 : position + 2].isdigit()
        ):
            position += 1
            continue
        token, position = _next(text, lower, position, tokens)
        tokens.append(token)
    tokens.append(Token("end", "", len(text)))
    return tokens


def _next(text: str, lower: str, position: int, before: list[Token]) -> tuple[Token, int]:
    letter = lower[position]
    if letter in "0123456789":
        return _quantity(text, lower, position)
    if letter == "x" and before and not lower[position + 1 : position + 2].isalpha():
        return Token("times", letter, position), position + 1
    if letter in _SIGNS:
        return Token(_SIGNS[letter], letter, position), position + 1
    word = _WORD.match(lower, position)
    if word:
        glued = _GLUED.match(lower, position)  # "r200m", "R1'"
        stop = glued.end() if glued else word.end()
        return Token("word", lower[position:stop].rstrip("/"), position), stop
    raise NotationError(text, position, f"cannot read {text[position]!r}")


def _quantity(text: str, lower: str, position: int) -> tuple[Token, int]:
    def token(kind: TokenKind, value: float, stop: int, unit: float = 1.0) -> tuple[Token, int]:
        return Token(kind, lower[position:stop], position, value, unit), stop

    clock = _CLOCK.match(lower, position)
    if clock:
        return token("time", _clock_seconds(text, clock), clock.end())
    bare = _BARE.match(lower, position)
    assert bare is not None
    if lower[bare.end() : bare.end() + 1] == ":":
        raise NotationError(text, bare.end(), "a clock time has two digits after the colon")
    primes = _PRIMES.match(lower, position)
    if primes:
        return token("time", 60.0 * int(primes[1]) + int(primes[2]), primes.end())
    for pattern, factor in ((_SECONDS, 1.0), (_MINUTES, 60.0)):
        match = pattern.match(lower, position)
        if match:
            return token("time", factor * float(match[1]), match.end(), factor)
    hours = _HOURS.match(lower, position)
    if hours:
        return token("time", 3600.0 * int(hours[1]) + 60.0 * int(hours[2] or 0), hours.end())
    unit = _UNIT.match(lower, position)
    if unit:
        for words, kind, factor in _UNITS:
            if unit[2] in words:
                size = float(unit[1]) * factor
                if factor == KM_M:
                    size = round(size, 6)  # 2.01 km are 2010 m, not a little less
                return token(kind, size, unit.end(), factor)
    return token("number", float(bare[0]), bare.end())


_UNITS: tuple[tuple[set[str], TokenKind, float], ...] = (
    (_SECOND_WORDS, "time", 1.0),
    (_MINUTE_WORDS, "time", 60.0),
    (_METRE_WORDS, "distance", 1.0),
    (_KM_WORDS, "distance", KM_M),
    (_MILE_WORDS, "distance", MILE_M),
)


def _clock_seconds(text: str, match: re.Match[str]) -> float:
    first, second, third, fraction = match.groups()
    for group in (2, 3):
        if match[group] is not None and int(match[group]) >= 60:
            raise NotationError(text, match.start(group), "a clock time has less than 60 here")
    value = int(first) * 60 + int(second)
    if third is not None:
        value = value * 60 + int(third)
    return value + float(fraction or 0.0)
