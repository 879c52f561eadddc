"""docs/training.md against the tables and constants it describes."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path

from intervaldetect.training import BY_HEART_RATE, BY_SPEED, ceiling, families, pace, scales
from intervaldetect.training.columns import TABLES

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "docs" / "training.md").read_text("utf-8")
COLUMNS = (ROOT / "docs" / "columns.md").read_text("utf-8")


def test_every_column_is_in_the_documents() -> None:
    spec = importlib.util.spec_from_file_location("refresh", ROOT / "docs" / "refresh.py")
    assert spec is not None
    assert spec.loader is not None
    refresh = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(refresh)
    assert refresh.column_tables() in COLUMNS, "run `make docs`"
    assert sum(map(len, TABLES.values())) > 150
    assert all(column.meaning for columns in TABLES.values() for column in columns.values())


def test_the_numbers_in_the_text_are_those_in_use() -> None:
    flat = " ".join(TEXT.split())
    low, high = (100 * border for border in BY_HEART_RATE.borders)
    assert f"{low:g} and {high:g} % of threshold heart rate" in flat
    low, high = (100 * border for border in BY_SPEED.borders)
    assert f"{low:g} and {high:g} % of threshold speed" in flat
    for band in (scales.NEAR_HEART_RATE, scales.NEAR_SPEED):
        begin, full, fading, end = band
        assert re.search(rf"{full:.2f} to {fading:.2f}[^.]* ", flat)
        assert f"fading out at {begin:.2f} and {end:.2f}" in flat
    assert f"({100 * pace.DAY_ERROR:g} %; in a laboratory" in flat
    assert f"(standard error {pace.HR_PER_SPEED_ERROR:g})" in flat
    assert f"more than {families.SERIES_DAYS:g} days" in flat
    assert f"within {families.REMEMBERED_DAYS:g} days" in flat
    assert f"at is within {100 * ceiling.AT:g} %" in flat
    assert "1.07 of threshold speed for a minute, 1.04 for 3 min, 1.02 for 6" in flat
    assert ceiling.CEILING_SPEED == (1.07, 1.04, 1.02, 1.00)
    for step in (families.LENGTH_STEP, families.RECOVERY_STEP, families.SPEED_STEP):
        assert f"by {100 * (2.718281828**step - 1):.0f} %" in flat


def test_examples_name_no_day_and_no_place() -> None:
    real = TEXT[TEXT.index("## Three real histories") : TEXT.index("## What it costs")]
    assert real.count("```text") == 3
    assert not re.search(r"20\d\d|\d\d:\d\d:\d\d [A-Z]|lat|lon\b", real)
