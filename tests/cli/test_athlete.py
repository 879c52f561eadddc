"""`intervaldetect athlete`, and an athlete file's zones in summaries and weeks."""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from intervaldetect.athlete import read_athlete
from intervaldetect.cli import app
from intervaldetect.errors import ParameterError

SEASON = Path(__file__).resolve().parents[2] / "fixtures" / "season"
FILES = (
    "2025-09-01-0710-morning-run.fit.gz",
    "2025-09-02-0705-morning-run.fit.gz",
    "2025-09-02-1740-evening-run.fit.gz",
    "2025-10-03-0710-morning-run.fit.gz",
)
CLUB = """
threshold_pace = "3:05/km"
max_hr_bpm = { value = 192, standard_error = 2 }

[zones]
name = "Club"
basis = "pace"
bounds = ["4:20/km", "3:30/km", "3:05/km"]
names = ["easy", "steady", "threshold", "fast"]
"""


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("runs")
    for name in FILES:
        shutil.copy(SEASON / name, target / name)
    return target


@pytest.fixture(scope="module")
def store(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("store") / "s"
    assert run("batch", folder, "-o", target, "--quiet", "--jobs", "1").exit_code == 0
    return target


@pytest.fixture
def club(tmp_path: Path) -> Path:
    target = tmp_path / "club.toml"
    target.write_text(CLUB, encoding="utf-8")
    return target


def summary(*arguments: str | Path) -> dict[str, Any]:
    result = run("summary", "--json", *arguments)
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def test_a_store_and_its_folder_tell_the_same(store: Path, folder: Path) -> None:
    of_store, of_folder = run("athlete", store), run("athlete", folder)
    assert of_store.exit_code == of_folder.exit_code == 0
    assert of_store.stdout == of_folder.stdout
    lines = of_store.stdout.splitlines()
    assert lines[0] == "me  4 runs, 2025-09-01 to 2025-10-03"
    for told in ("threshold pace", "threshold heart rate", "highest heart rate", "history, 4 runs"):
        assert any(told in line for line in lines), told
    assert any(line.startswith("  threshold by month") for line in lines)
    assert any(line.split()[:2] == ["2025-10", "1"] for line in lines)
    assert any(line.split()[:2] == ["5000", "m"] for line in lines)
    assert max(map(len, lines)) <= 100


def test_paces_follow_the_units(store: Path) -> None:
    told = run("athlete", store, "--units", "mi").stdout
    assert "/mi" in told
    assert "/km" not in told


def test_what_is_exported_can_be_given(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "me.toml"
    assert run("athlete", store, "--export", target).exit_code == 0
    text = target.read_text(encoding="utf-8")
    assert text.startswith("# Thresholds of me as of 2025-10-03, from 4 runs.\n")
    told = run("athlete", store, "--athlete-file", target)
    assert told.exit_code == 0
    assert told.stdout.count(" given") == 3
    speed = read_athlete(target).thresholds.threshold_speed_mps
    assert speed is not None
    assert 4.5 < speed.value < 6.0


def test_an_athlete_that_is_not_in_the_store_is_wrong_usage(store: Path) -> None:
    result = run("athlete", store, "--athlete", "you")
    assert result.exit_code == 2
    assert "'you'" in result.stderr
    assert "me" in result.stderr


def test_nothing_there_is_wrong_usage(tmp_path: Path) -> None:
    result = run("athlete", tmp_path / "none")
    assert result.exit_code == 2
    assert "a store" in result.stderr


def test_a_folder_without_runs_says_so(tmp_path: Path) -> None:
    result = run("athlete", tmp_path)
    assert result.exit_code == 1
    assert "no runs" in result.stderr


def test_a_bad_file_costs_a_line_and_the_others_count(folder: Path, tmp_path: Path) -> None:
    mixed = tmp_path / "mixed"
    mixed.mkdir()
    shutil.copy(folder / FILES[1], mixed)
    (mixed / "broken.fit").write_bytes(b"\x0e\x20\x00\x00no")
    result = run("athlete", mixed)
    assert result.exit_code == 1
    assert "broken.fit: " in result.stderr
    assert "1 run, " in result.stdout


def test_own_zones_stand_in_a_summary(folder: Path, club: Path) -> None:
    found = summary(folder / FILES[1], "--athlete-file", club)
    zones = found["time_in_zones"]
    assert [zone["zone"] for zone in zones] == ["easy", "steady", "threshold", "fast"]
    assert {(zone["scale"], zone["basis"]) for zone in zones} == {("Club", "pace")}
    assert [zone["from"] for zone in zones] == [None, 3.846, 4.762, 5.405]
    assert sum(zone["seconds"] for zone in zones) == pytest.approx(found["timer_s"], abs=30.0)
    assert 1200.0 < zones[2]["seconds"] + zones[3]["seconds"] < 1500.0  # 4 x 6 min
    assert found["thresholds"]["threshold_speed_mps"]["source"] == "given"
    shown = run("summary", folder / FILES[1], "--athlete-file", club)
    assert "Club (by pace): easy " in shown.stdout
    assert summary(folder / FILES[1])["time_in_zones"] == []


@pytest.mark.parametrize(
    ("basis", "bounds", "known"), [("heart_rate", [140, 160], True), ("power", [250, 300], False)]
)
def test_zones_by_heart_rate_and_by_power(
    folder: Path, tmp_path: Path, basis: str, bounds: Sequence[int], known: bool
) -> None:
    target = tmp_path / "zones.toml"
    names = '["low", "middle", "high"]'
    target.write_text(f'[zones]\nbasis = "{basis}"\nbounds = {bounds}\nnames = {names}\n')
    zones = summary(folder / FILES[1], "--athlete-file", target)["time_in_zones"]
    assert [zone["zone"] for zone in zones] == (["low", "middle", "high"] if known else [])
    assert all(zone["scale"] == "own zones" for zone in zones)


def test_weeks_go_by_own_zones(store: Path, club: Path) -> None:
    shown = run("weeks", store, "--athlete-file", club)
    assert shown.exit_code == 0
    assert "Club (easy / steady / threshold / fast)" in shown.stdout
    rows = [json.loads(line) for line in run(
        "weeks", store, "--athlete-file", club, "--json").stdout.splitlines()]  # fmt: skip
    assert all("speed_zone_4_s" in row for row in rows)
    assert rows[0]["speed_scale"].startswith("Club")


def test_weeks_have_no_power(store: Path, tmp_path: Path) -> None:
    target = tmp_path / "power.toml"
    target.write_text('[zones]\nbasis = "power"\nbounds = [250]\nnames = ["low", "high"]\n')
    result = run("weeks", store, "--athlete-file", target)
    assert result.exit_code == 2
    assert "keeps no power" in result.stderr


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("max_hr_bpm = 320\n", 1, "100 to 240"),
        ("\nthreshold_speed_mps = nan\n", 2, "1 to 8"),
        ('threshold_pace = "3.50"\n', 1, "a pace such as 3:50/km"),
        ('threshold_pace = "3:50/km"\nthreshold_speed_mps = 4.3\n', 1, "pace or speed, one"),
        ("threshold_hr_bpm = 190\nmax_hr_bpm = 185\n", 1, "below max_hr_bpm, 185"),
        ("max_hr_bpm = { value = 190, standard_error = inf }\n", 1, "at most a fifth"),
        ("max_hr_bpm = true\n", 1, "a number"),
        ("age = 40\n", 1, "threshold_hr_bpm"),
        ("zones = 3\n", 1, "a table"),
        ('[zones]\nbasis = "feel"\n', 2, "pace, heart_rate or power"),
        ('[zones]\nbasis = "power"\nbounds = [300, 250]\nnames = ["a", "b", "c"]\n', 3, "harder"),
        ('[zones]\nbasis = "power"\nbounds = [250]\nnames = ["a"]\n', 4, "2 different names"),
        ('[zones]\nbasis = "power"\nbounds = [250]\nnames = ["a", "b"]\ncolour = 1\n', 5, "names"),
    ],
)
def test_nonsense_in_an_athlete_file_is_refused_with_its_line(
    tmp_path: Path, text: str, line: int, said: str
) -> None:
    target = tmp_path / "me.toml"
    target.write_text(text, encoding="utf-8")
    with pytest.raises(ParameterError) as caught:
        read_athlete(target)
    assert f"me.toml, line {line}: " in str(caught.value)
    assert said in str(caught.value)


@pytest.mark.parametrize("content", [b"max_hr_bpm = \n", b"\xff\xfe\x00", None])
def test_what_is_no_toml_is_refused(tmp_path: Path, content: bytes | None) -> None:
    target = tmp_path / "me.toml"
    if content is not None:
        target.write_bytes(content)
    with pytest.raises(ParameterError, match="athlete-file"):
        read_athlete(target)
