"""Figures and foreign texts as people read them."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from intervaldetect.report.format import (
    TURNING,
    clock,
    distance,
    file_name,
    long_distance,
    pace,
    safe_text,
    speed,
    whole,
)


@given(st.text(max_size=400), st.integers(5, 60))
def test_safe_text_is_one_short_line(text: str, limit: int) -> None:
    shown = safe_text(text, limit)
    assert len(shown) <= limit
    assert not set(shown) & TURNING
    assert all(unicodedata.category(c) not in {"Cc", "Cs", "Zl", "Zp"} for c in shown)
    assert shown == shown.strip()
    assert safe_text(shown, limit) == shown


def test_safe_text_keeps_what_people_write() -> None:
    for text in ("6 × 800 m – Bislett", "רִיצָה קלה", "朝ラン", "Åse's <fast> run 👟", "e\u0301tape"):
        assert safe_text(text) == text
    assert safe_text(None) == ""
    assert safe_text("a\r\n\tb  c") == "a b c"


def test_safe_text_of_a_megabyte_is_short() -> None:
    assert safe_text("x" * 1_000_000) == "x" * 119 + "…"
    assert len(safe_text("a" + "\u0301" * 1_000_000)) == 4


def test_only_the_name_of_a_file_is_told() -> None:
    assert file_name("/home/someone/runs/tuesday.fit") == "tuesday.fit"
    assert file_name(r"C:\Users\someone\tuesday.fit") == "tuesday.fit"
    assert file_name("export.zip!/activities/1.fit.gz") == "1.fit.gz"


FIGURES: list[tuple[Callable[[], str], str]] = [
    (lambda: clock(0.4), "0:00"),
    (lambda: clock(59.6), "1:00"),
    (lambda: clock(3599.6), "1:00:00"),
    (lambda: pace(5.0, "km"), "3:20/km"),
    (lambda: pace(5.0, "mi"), "5:22/mi"),
    (lambda: speed(10.0, "km"), "36.0 km/h"),
    (lambda: long_distance(16093.44, "mi"), "10.00 mi"),
    (lambda: distance(400.2, "km"), "400 m"),
    (lambda: distance(2500.0, "km"), "2.50 km"),
    (lambda: whole(161.6), "162"),
]


@pytest.mark.parametrize(("told", "expected"), FIGURES, ids=range(len(FIGURES)))
def test_figures(told: Callable[[], str], expected: str) -> None:
    assert told() == expected


def test_what_is_not_known_is_empty() -> None:
    in_units = [figure(None, "km") for figure in (pace, speed, long_distance, distance)]
    assert {clock(None), whole(None), *in_units} == {""}
    assert pace(0.1, "km") == ""  # standing
