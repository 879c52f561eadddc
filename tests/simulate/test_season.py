"""The committed season is what its script makes, and its truth is what was planned."""

from __future__ import annotations

import gzip
import importlib.util
import json
from datetime import datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from intervaldetect.notation import format_workout, parse_workout

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def script() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make", ROOT / "fixtures" / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def rows() -> list[dict[str, Any]]:
    lines = (ROOT / "fixtures" / "season" / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


def local(row: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(row["start_time"]) + timedelta(seconds=row["utc_offset_s"])


def test_every_file_has_its_truth_and_all_are_small(
    season: Path, rows: list[dict[str, Any]]
) -> None:
    files = sorted(path for path in season.iterdir() if path.name != "truth.jsonl")
    assert sorted(row["file"] for row in rows) == [path.name for path in files]
    assert 55 <= len(files) <= 70
    assert sum(path.stat().st_size for path in files) < 4_000_000
    suffixes = {path.name.split(".", 1)[1] for path in files}
    assert suffixes == {"fit", "fit.gz", "gpx", "gpx.gz", "tcx", "tcx.gz"}


def test_the_script_makes_these_files(script: ModuleType, season: Path) -> None:
    by_suffix = {session.suffix: (number, session) for number, session in enumerate(script.SEASON)}
    rows = (season / "truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(by_suffix) > 1
    for number, session in by_suffix.values():
        file, data, row = script.make(number, session)
        committed = (season / file).read_bytes()
        if file.endswith(".gz"):  # the packing differs between builds of zlib, the content must not
            data, committed = gzip.decompress(data), gzip.decompress(committed)
        assert data == committed, file
        assert json.loads(rows[number]) == row


def test_the_series_stands_in_order(rows: list[dict[str, Any]]) -> None:
    vo2 = [row for row in rows if row["kind"] == "vo2_intervals"]
    assert [row["start_time"] for row in vo2] == sorted(row["start_time"] for row in vo2)
    assert [row["workout"].removesuffix(" (3:00 jog)") for row in vo2] == [
        "6 x 500 m @ 1:15",
        "4 x 600 m @ 1:30",
        "6 x 600 m @ 1:30",
        "4 x 700 m @ 1:50",
        "6 x 700 m @ 1:50",
        "4 x 800 m @ 2:06",
        "4 x 800 m @ 2:02",
        "6 x 800 m @ 2:10",
        "6 x 800 m @ 2:05",
        "6 x 800 m @ 2:00",
    ]
    assert {row["label"] for row in vo2} == {"vo2"}


def test_there_are_double_threshold_days(rows: list[dict[str, Any]]) -> None:
    days: dict[Any, list[str]] = {}
    for row in rows:
        if row["label"] == "threshold":
            days.setdefault(local(row).date(), []).append(row["workout"])
    double = {day: texts for day, texts in days.items() if len(texts) == 2}
    assert len(double) >= 6
    assert {day.weekday() for day in double} == {1, 3}
    evenings = [texts for texts in double.values() if texts[1].startswith("25 x 400 m")]
    assert all(texts[0].startswith("4 x 6:00") for texts in evenings)
    assert len(evenings) >= 5


def test_the_texts_are_canonical_and_count_the_reps(rows: list[dict[str, Any]]) -> None:
    assert any(row["workout"] is None for row in rows)
    assert any(row["workout"] for row in rows)
    for row in rows:
        if row["workout"] is None:
            assert row["structured"] is False
            assert row["reps"] is None
            continue
        sets = parse_workout(row["workout"])
        assert format_workout(sets) == row["workout"]
        assert sum(each.count for each in sets) == len(row["reps"])
        assert max(each.count for each in sets) == row["main_count"]
        assert all(b > a for a, b in row["reps"])


def test_local_time_follows_the_clocks_of_the_place(rows: list[dict[str, Any]]) -> None:
    offsets = [row["utc_offset_s"] for row in rows]
    assert set(offsets) == {3600.0, 7200.0}
    change = datetime.fromisoformat("2025-10-26T01:00:00+00:00")
    for row in rows:
        summer = datetime.fromisoformat(row["start_time"]) < change
        assert row["utc_offset_s"] == (7200.0 if summer else 3600.0)
        assert row["file"].startswith(f"{local(row):%Y-%m-%d-%H%M}")
        part = "Morning" if local(row).hour < 11 else "Lunch" if local(row).hour < 14 else "Evening"
        assert row["name"] == f"{part} run"
