"""The commands check, edit and write, as a person calls them."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from intervaldetect.cli import app
from intervaldetect.read import read_activity
from intervaldetect.simulate import Plan, simulate, to_fit, to_gpx

REPS = "6 x 800 m @ 2:30 (3:00 jog)"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def recorded() -> bytes:
    return to_fit(simulate(Plan(REPS), seed=3))


@pytest.fixture
def file(tmp_path: Path, recorded: bytes) -> Path:
    (tmp_path / "run.fit").write_bytes(recorded)
    return tmp_path / "run.fit"


def test_check_names_what_is_missing(file: Path) -> None:
    done = run("check", "7 x 800 m @ 2:30 (3:00)", file)
    assert done.exit_code == 0
    assert "6 of 7 reps. Missed: 1.7." in done.stdout
    assert len(done.stdout.splitlines()) == 8


def test_check_prints_json_and_knows_days_without_a_plan(file: Path, tmp_path: Path) -> None:
    told = json.loads(run("check", REPS, file, "--json").stdout)
    assert (told["executed"], told["part"], len(told["reps"])) == ("yes", 1, 6)
    assert {each["status"] for each in told["reps"]} == {"done"}
    (tmp_path / "plan.txt").write_text("1999-01-01 6x800\n")
    assert (
        json.loads(run("check", tmp_path / "plan.txt", file, "--json").stdout)["executed"] is None
    )
    assert "no plan for 20" in run("check", tmp_path / "plan.txt", file).stdout


def test_check_points_at_the_character(file: Path) -> None:
    done = run("check", "6x y", file)
    assert done.exit_code == 2
    assert "6x y\n   ^" in done.stderr


def test_check_goes_on_after_a_bad_file(file: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.fit").write_bytes(b"nonsense")
    done = run("check", REPS, tmp_path / "bad.fit", file)
    assert done.exit_code == 1
    assert "As planned" in done.stdout
    assert "bad.fit" in done.stderr


@pytest.mark.parametrize("form", ["fit", "tcx", "icu", "csv"])
def test_write_leaves_the_recording_alone(file: Path, tmp_path: Path, form: str) -> None:
    before = file.read_bytes()
    out = tmp_path / f"out.{form}"
    done = run("write", file, "--to", form, "-o", out)
    assert (done.exit_code, done.stdout) == (0, f"6 reps written to {out}\n")
    assert file.read_bytes() == before
    if form in {"fit", "tcx"}:
        kinds = [lap.intensity for lap in read_activity(out).laps]
        # TCX knows work and rest only, so warm-up and cool-down are work there
        assert kinds.count("active") == (6 if form == "fit" else 8)
        assert kinds.count("rest") == 5


def test_rewriting_a_rewritten_file_changes_nothing(file: Path, tmp_path: Path) -> None:
    first, second = tmp_path / "1.fit", tmp_path / "2.fit"
    assert run("write", file, "--to", "fit", "-o", first).exit_code == 0
    assert run("write", first, "--to", "fit", "-o", second).exit_code == 0
    assert first.read_bytes() == second.read_bytes()


def test_write_refuses_the_recording_itself_and_fit_from_gpx(file: Path, tmp_path: Path) -> None:
    assert run("write", file, "--to", "fit", "-o", file).exit_code == 2
    gpx = tmp_path / "run.gpx"
    gpx.write_bytes(to_gpx(simulate(Plan(REPS), seed=3)))
    done = run("write", gpx, "--to", "fit", "-o", tmp_path / "x.fit")
    assert done.exit_code == 1
    assert "tcx, icu or csv for gpx" in done.stderr
    assert not (tmp_path / "x.fit").exists()
    assert run("write", gpx, "--to", "tcx", "-o", tmp_path / "x.tcx").exit_code == 0


def test_write_has_nothing_to_write_of_an_easy_run(file: Path, tmp_path: Path) -> None:
    (tmp_path / "run.fit.intervals.toml").write_text("reps = []\n")
    done = run("write", file, "--to", "csv", "-o", tmp_path / "x.csv")
    assert done.exit_code == 1
    assert "no reps were found" in done.stderr


def test_edit_writes_checks_and_keeps(
    file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sidecar = tmp_path / "run.fit.intervals.toml"
    script = tmp_path / "editor.py"
    script.write_text(
        "import sys\nfrom pathlib import Path\nfile = Path(sys.argv[1])\n"
        "rows = file.read_text().splitlines()\n"
        "file.write_text('\\n'.join(row for row in rows if '# 6  ' not in row))\n"
    )
    monkeypatch.setenv("VISUAL", f"'{sys.executable}' '{script}'")
    done = run("edit", file)
    assert done.exit_code == 0
    assert f"{sidecar}: 5 x 800 m" in done.stdout
    again = run("edit", "--no-open", file)
    assert again.stdout == done.stdout
    (told,) = [json.loads(line) for line in run("summary", "--json", file).stdout.splitlines()]
    assert told["sets"][0]["count"] == 5
    sidecar.write_text(sidecar.read_text().replace("reps = [", "reps = [\n  '0:10-0:05',"))
    wrong = run("edit", "--no-open", file)
    assert wrong.exit_code == 1
    assert "a rep ends after it starts (override, line " in wrong.stderr
    assert json.loads(run("summary", "--json", file).stdout)["sets"][0]["count"] == 6


def test_edit_says_when_there_is_no_editor(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VISUAL", "/no/such/editor")
    assert run("edit", file).exit_code == 2
