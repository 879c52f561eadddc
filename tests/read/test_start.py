"""One file does not pay for the batch: what reading and judging it loads."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.read import build

HEAVY = ("numba", "polars", "lxml", "fitparse", "fitdecode", "gpxpy", "jinja2", "rich")
LIST = f"import sys; print(*[name for name in {HEAVY} if name in sys.modules])"
READ = f"from intervaldetect.read import read_activity; read_activity({{path!r}}); {LIST}"


def loaded(code: str) -> set[str]:
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(ran.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    ("suffix", "expected"), [("fit", set()), ("gpx", {"lxml"}), ("tcx", {"lxml"})]
)
def test_reading_loads_what_the_format_needs(tmp_path: Path, suffix, expected):
    scenario = next(each for each in build.scenarios() if each.format == suffix)
    path = tmp_path / f"run.{suffix}"
    path.write_bytes(scenario.data)
    assert loaded(READ.format(path=str(path))) == expected


def test_summary_of_a_fit_file_loads_neither_peers_nor_tables(season: Path):
    file = min(season.glob("*.fit*"), key=lambda path: path.stat().st_size)
    code = f"from intervaldetect.cli import app; app(['summary', {str(file)!r}], standalone_mode=False); {LIST}"  # noqa: E501
    assert loaded(code) == {"rich"}
