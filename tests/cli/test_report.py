"""report and plot on the command line."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
from PIL import Image
from typer.testing import CliRunner, Result

from intervaldetect.cli import app
from intervaldetect.report.site import INDEX
from intervaldetect.simulate import to_fit
from intervaldetect.simulate.activity import simulate
from intervaldetect.simulate.plan import Plan


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("files") / "tuesday.fit"
    path.write_bytes(to_fit(simulate(Plan("6 x 800 m @ 2:10 (3:00 jog)"), seed=4)))
    return path


def test_a_report_of_a_file(file: Path, tmp_path: Path) -> None:
    done = run("report", file, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout == f"1 session: open {tmp_path / 'out' / INDEX}\n"
    assert "6 x 800 m" in (tmp_path / "out" / INDEX).read_text("utf-8")
    assert "the route" not in (tmp_path / "out" / INDEX).read_text("utf-8").lower()
    again = run("report", file, "-o", tmp_path / "out", "--with-positions", "--units", "mi")
    assert again.exit_code == 0
    page = (tmp_path / "out" / INDEX).read_text("utf-8")
    assert 'id="map"' in page
    assert "/mi" in page


def test_a_plan_is_held_against_the_file(file: Path, tmp_path: Path) -> None:
    plan = "7 x 800 m @ 2:10 (3:00)"
    done = run("report", file, "-o", tmp_path / "out", "--plan", plan)
    assert done.exit_code == 0, done.output
    page = (tmp_path / "out" / INDEX).read_text("utf-8")
    assert "Missed: 1." in page
    (tmp_path / "plan.txt").write_text(f"1999-01-01 {plan}\n")
    done = run("report", file, "-o", tmp_path / "out", "--plan", tmp_path / "plan.txt")
    assert done.exit_code == 0
    assert "Missed" not in (tmp_path / "out" / INDEX).read_text("utf-8")  # not of that day
    refused = run("report", file, "-o", tmp_path / "no", "--plan", "7 x 800 m @ (")
    assert refused.exit_code == 2
    assert "^" in refused.stderr
    assert not (tmp_path / "no").exists()


def test_steps_in_the_file_are_a_plan(tmp_path: Path) -> None:
    made = simulate(Plan("5 x 1000 m @ 3:10 (1:30 jog)", laps="steps"), seed=6)
    (tmp_path / "steps.fit").write_bytes(to_fit(made))
    done = run("report", tmp_path / "steps.fit", "-o", tmp_path / "out")
    assert done.exit_code == 0
    page = (tmp_path / "out" / INDEX).read_text("utf-8")
    assert "Planned and run" in page
    assert "5 of 5 reps" in page


def test_a_report_of_an_archive_goes_on_past_a_bad_member(file: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(file, "a.fit")
        archive.writestr("b.fit", to_fit(simulate(Plan("10 x 3:00 (1:00 jog)"), seed=5)))
        archive.writestr("c.fit", b"\x0e\x10no fit at all")
    done = run("report", tmp_path / "export.zip", "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "c.fit" in done.stderr
    assert done.stdout.startswith("2 sessions: ")
    assert len(list((tmp_path / "out" / "sessions").glob("*.html"))) == 2


def test_what_cannot_be_read_leaves_no_report(tmp_path: Path) -> None:
    (tmp_path / "bad.fit").write_bytes(b"nothing")
    done = run("report", tmp_path / "bad.fit", "-o", tmp_path / "out")
    assert done.exit_code == 1
    assert "bad.fit" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_report_of_a_store(season_store: Path, tmp_path: Path) -> None:
    done = run("report", season_store, "-o", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("63 sessions: ")
    for option in (["--with-positions"], ["--plan", "6 x 800 m"]):
        refused = run("report", season_store, "-o", tmp_path / "out", *option)
        assert refused.exit_code == 2
        assert option[0] in refused.stderr


def test_a_store_that_keeps_positions_shows_the_way(file: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    made = run("batch", file, "-o", store, "--jobs", "1", "--quiet", "--with-positions")
    assert made.exit_code == 0
    for more in ([], ["--with-positions"]):
        done = run("report", store, "-o", tmp_path / "out", *more)
        assert done.exit_code == 0, done.output
        pages = [page.read_text("utf-8") for page in (tmp_path / "out").rglob("*.html")]
        assert any('id="map"' in page for page in pages) == bool(more)


def test_what_is_no_store_and_what_is_no_report(file: Path, tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "thesis.tex").write_text("dear")
    done = run("report", tmp_path / "folder", "-o", tmp_path / "out")
    assert done.exit_code == 3
    assert not (tmp_path / "out").exists()
    done = run("report", file, "-o", tmp_path / "folder")
    assert done.exit_code == 2
    assert [entry.name for entry in (tmp_path / "folder").iterdir()] == ["thesis.tex"]


def test_plots(file: Path, tmp_path: Path) -> None:
    done = run("plot", file, "-o", tmp_path / "x.png", "--width", "600", "--dark")
    assert done.exit_code == 0, done.output
    assert done.output == ""
    with Image.open(tmp_path / "x.png") as picture:
        assert picture.size[0] == 1200
        assert picture.convert("RGB").getpixel((3, 3)) == (0x14, 0x18, 0x1D)
    done = run("plot", file, "-o", tmp_path / "x.svg", "--axis", "distance", "--units", "mi")
    assert done.exit_code == 0
    assert "distance (mi)" in (tmp_path / "x.svg").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("{file}", "-o", "{out}/x.gif"), 2, "ends in .png or .svg"),
        (("{file}", "-o", "{out}/x.png", "--width", "9"), 2, "width cannot be 9"),
        (("{file}", "-o", "{out}/no/such/x.png"), 1, "cannot write"),
        (("{out}/none.fit", "-o", "{out}/x.png"), 1, "none.fit"),
    ],
    ids=["gif", "narrow", "folder", "file"],
)
def test_plots_that_are_refused(
    arguments: tuple[str, ...], status: int, told: str, file: Path, tmp_path: Path
) -> None:
    filled = [argument.format(file=file, out=tmp_path) for argument in arguments]
    done = run("plot", *filled)
    assert done.exit_code == status, done.output
    assert told in done.stderr
    assert not list(tmp_path.glob("x.*"))
