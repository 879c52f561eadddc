"""New files of a folder, known by what they hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from intervaldetect.cli import app
from intervaldetect.errors import ParameterError
from intervaldetect.sync.folder import copy_new

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"
RUN = (SEASON / "2025-09-02-0705-morning-run.fit.gz").read_bytes()
OTHER = (SEASON / "2025-09-08-0715-morning-run.fit").read_bytes()


@pytest.fixture
def watch(tmp_path: Path) -> Path:
    folder = tmp_path / "watch" / "Activity"
    folder.mkdir(parents=True)
    (folder / "A1.FIT.GZ").write_bytes(RUN)
    (folder / "b.fit").write_bytes(OTHER)
    (folder / "notes.txt").write_text("not one")
    (folder / "c.gpx").write_text("<html>")
    return tmp_path / "watch"


def test_files_are_copied_once_whatever_their_name(watch: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "renamed.fit").write_bytes(OTHER)
    done = copy_new(watch, target)
    assert [path.name for path in done.new] == ["A1.FIT.GZ"]
    assert (done.known, len(done.remarks)) == (1, 1)
    assert "neither FIT, GPX nor TCX" in done.remarks[0]
    assert (target / "A1.FIT.GZ").read_bytes() == RUN
    assert copy_new(watch, target).new == ()
    assert sorted(path.name for path in target.iterdir()) == ["A1.FIT.GZ", "renamed.fit"]


def test_another_file_of_the_same_name_stays(watch: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    target.mkdir()
    (target / "b.fit").write_bytes(RUN)
    copy_new(watch, target)
    assert (target / "b.fit").read_bytes() == RUN
    (copy,) = target.glob("b-*.fit")
    assert copy.read_bytes() == OTHER
    assert not list(target.glob("A1*"))  # its content is there


def test_folders_within_one_another_are_refused(watch: Path) -> None:
    for target in (watch, watch / "Activity" / "new", watch.parent):
        with pytest.raises(ParameterError, match="outside of SOURCE"):
            copy_new(watch, target)
    with pytest.raises(ParameterError, match=r"intervals\.icu or a folder"):
        copy_new(watch / "none", watch.parent / "mine")


def test_the_command_says_what_came(watch: Path, tmp_path: Path) -> None:
    target = tmp_path / "mine"
    done = CliRunner().invoke(app, ["sync", str(watch), "-o", str(target)])
    assert done.exit_code == 0
    assert f"2 files new in {target}, 0 there before" in done.output
    refused = CliRunner().invoke(app, ["sync", str(watch), "-o", str(target), "--write-back"])
    assert refused.exit_code == 2
    assert "only with intervals.icu" in refused.output
