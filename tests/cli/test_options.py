"""Every option is heeded or refused, and what is wrong is answered by what is wanted."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from intervaldetect import analyse
from intervaldetect.batch.folder import run_batch
from intervaldetect.cli import app
from intervaldetect.errors import ParameterError
from intervaldetect.records import Thresholds
from intervaldetect.simulate import Plan, simulate, to_fit

SIX = "6 x 800 m @ 2:10 (3:00 jog)"


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workout, an easy run three days later, and the same workout a week later."""
    made = tmp_path_factory.mktemp("runs")
    first = Plan(SIX)
    for name, plan in (
        ("a", first),
        ("b", Plan(run_type="easy", duration_s=1500.0)),
        ("c", Plan(SIX)),
    ):
        start = first.start_time + timedelta(days={"a": 0, "b": 3, "c": 7}[name])
        plan = Plan(plan.workout, plan.run_type, duration_s=plan.duration_s, start_time=start)
        (made / f"{name}.fit").write_bytes(to_fit(simulate(plan, seed=3)))
    return made


@pytest.fixture(scope="module")
def store(folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("options") / "store"
    run_batch(folder, made, jobs=1)
    return made


@pytest.mark.parametrize(
    "options",
    [
        ("report", "--laps", "ignore"),
        ("report", "--reader", "reference"),
        ("report", "--athlete", "nobody"),
        ("report", "--plan", SIX),
        ("weeks", "--block", "4", "--units", "mi"),
        ("athlete", "--laps", "ignore"),
        ("athlete", "--timezone", "Europe/Oslo"),
    ],
)
def test_what_has_no_effect_is_refused(
    options: tuple[str, ...], store: Path, tmp_path: Path
) -> None:
    command, *more = options
    target = ("-o", tmp_path / "out") if command == "report" else ()
    done = run(command, store, *more, *target)
    assert done.exit_code == 2, done.output
    assert done.stderr.count("\n") == 1
    assert more[-2] in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_hint_needs_a_plan(folder: Path) -> None:
    done = run("check", "steps", folder / "a.fit", "--hint")
    assert done.exit_code == 2
    assert "--hint" in done.stderr


def test_a_report_of_one_athlete(store: Path, tmp_path: Path) -> None:
    done = run("report", store, "--athlete", "me", "--output", tmp_path / "out")
    assert done.exit_code == 0, done.output
    assert done.stdout.startswith("3 sessions: ")


@pytest.mark.parametrize(
    ("command", "ending"), [("plot", "x.svg"), ("write", "x.csv"), ("export", "x.jsonl")]
)
def test_output_has_a_long_name(
    command: str, ending: str, folder: Path, store: Path, tmp_path: Path
) -> None:
    source = store if command == "export" else folder / "a.fit"
    more = {"write": ("--to", "csv"), "export": ("--format", "jsonl")}.get(command, ())
    done = run(command, source, *more, "--output", tmp_path / ending)
    assert done.exit_code == 0, done.output
    assert (tmp_path / ending).stat().st_size > 0


def test_a_folder_is_told_what_takes_it(folder: Path) -> None:
    done = run("summary", folder)
    assert done.exit_code == 1
    assert f"intervaldetect batch {folder} -o STORE" in done.stderr


def test_compare_names_the_nearest_session(store: Path) -> None:
    easy = run("compare", store, "2025-09-05")
    assert easy.exit_code == 2
    assert "this one is " in easy.stderr
    assert "2025-09-02T07:30" in easy.stderr
    nothing = run("compare", store, "2025-09-08")
    assert nothing.exit_code == 2
    assert "the nearest is 2025-09-09T07:30 (6 x 800 m" in nothing.stderr
    assert "2025-09-06T10:00" in run("compare", store, "2025-13-01").stderr


def test_paces_of_workouts_follow_the_units(store: Path) -> None:
    text = run("days", store, "--all", "--units", "mi").stdout
    assert "/km" not in text


def test_two_people_in_one_folder_are_noticed(folder: Path, tmp_path: Path) -> None:
    files = tmp_path / "runs"
    files.mkdir()
    for name in ("a", "c"):
        (files / f"{name}.fit").write_bytes((folder / f"{name}.fit").read_bytes())
    for name, day in (("d", 0), ("e", 7)):
        plan = Plan(run_type="long", start_time=Plan().start_time + timedelta(days=day))
        (files / f"{name}.fit").write_bytes(to_fit(simulate(plan, seed=9)))
    done = run("batch", files, "-o", tmp_path / "store", "--jobs", "1")
    assert done.exit_code == 0, done.output
    assert "2 runs of athlete 'me' overlap in time" in done.stderr
    alone = run("batch", folder, "-o", tmp_path / "other", "--jobs", "1")
    assert "overlap" not in alone.stderr


def test_the_library_names_what_is_wanted() -> None:
    with pytest.raises(ParameterError, match="read_activity"):
        analyse("x.fit")  # type: ignore[arg-type]
    with pytest.raises(ParameterError, match=r"threshold_hr_bpm cannot be 170.*Estimate\(170"):
        Thresholds(threshold_hr_bpm=170)  # type: ignore[arg-type]
