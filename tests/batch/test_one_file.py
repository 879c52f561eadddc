"""One file as a pure function: whatever goes wrong is one line and costs that file only."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from intervaldetect.batch.local_time import HISTORY_PROBLEM
from intervaldetect.batch.one_file import analyse_source, analysis_version
from intervaldetect.errors import MissingChannel, ParameterError, ReadError, TooShort
from intervaldetect.job import Settings, Task
from intervaldetect.output.summary import ZONE_PROBLEM
from intervaldetect.read.archive import Source

INTERVALS = "2025-09-02-0705-morning-run.fit.gz"


def task_of(path: Path, **told: Any) -> Task:
    return Task(Source(str(path), file=str(path), **told))


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ReadError("/x.fit", "decode", "cut short", offset=99), "cut short (decode, byte 99)"),
        (TooShort("3 samples"), "3 samples (clean)"),
        (MissingChannel("speed", "nothing"), "no usable speed: nothing (clean)"),
        (ParameterError("x", 1, "2"), "x cannot be 1; it must be 2 (analyse)"),
        (OSError(5, "Input/output error"), "Input/output error (analyse)"),
        (MemoryError(), "internal error, MemoryError: (analyse)"),
        (ValueError("a\nb \udcff"), "internal error, ValueError: a b \\udcff (analyse)"),
    ],
)
def test_any_error_is_one_line(
    error: Exception, line: str, season: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr("intervaldetect.pipeline.analyse", fail)
    result = analyse_source(task_of(season / INTERVALS), Settings())
    assert (result.status, result.reasons) == ("refused", (line,))
    assert result.sha256 is not None
    assert result.activities == ()


def test_an_export_names_its_activities(season: Path) -> None:
    named = task_of(season / INTERVALS, name="Club night", description="windy")
    (judged,) = analyse_source(named, Settings()).activities
    assert (judged.summary["name"], judged.summary["description"]) == ("Club night", "windy")
    assert judged.summary["utc_offset_s"] == 7200.0


def test_the_time_zone_is_for_files_without_local_time(season: Path) -> None:
    gpx = task_of(season / "2025-09-03-0655-morning-run.gpx.gz")
    (alone,) = analyse_source(gpx, Settings()).activities
    (told,) = analyse_source(gpx, Settings(timezone="Europe/Oslo")).activities
    assert alone.summary["utc_offset_s"] is None
    assert told.summary["utc_offset_s"] == 7200.0  # summer time
    (fit,) = analyse_source(task_of(season / INTERVALS), Settings(timezone="Asia/Tokyo")).activities
    assert fit.summary["utc_offset_s"] == 7200.0
    guessed = [
        {problem["code"] for problem in judged.summary["problems"]} & {ZONE_PROBLEM}
        for judged in (alone, told, fit)
    ]
    assert guessed == [set(), {ZONE_PROBLEM}, set()]


def test_a_zone_is_told_to_the_training_views() -> None:
    from intervaldetect.output import summary
    from intervaldetect.training import history

    assert history.ZONE_PROBLEM == ZONE_PROBLEM
    assert summary.ZONE_PROBLEM == ZONE_PROBLEM
    assert history.HISTORY_PROBLEM == HISTORY_PROBLEM


@pytest.mark.parametrize(
    ("edited", "decides"),
    [
        ("training/weeks.py", False),
        ("cli/training.py", False),
        ("cli/report.py", False),
        ("report/site.py", False),
        ("batch/dask.py", False),
        ("batch/dataset.py", False),
        ("plan/check.py", False),
        ("sync/icu.py", False),
        ("clean/__init__.py", True),
        ("climb.py", True),
        ("kernels/fit.py", True),
        ("structure/judge.json", True),
        ("structure/net.npz", True),
        ("store/schema.py", True),
        ("batch/relabel.py", True),
    ],
)
def test_what_only_shows_results_does_not_make_them_anew(
    edited: str, decides: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "intervaldetect.batch.one_file.__file__", str(tmp_path / "batch" / "one_file.py")
    )
    file = tmp_path / edited
    file.parent.mkdir(parents=True, exist_ok=True)
    versions = set()
    for text in ("before", "after"):
        file.write_text(text)
        versions.add(analysis_version.__wrapped__())
    assert (len(versions) == 2) is decides
