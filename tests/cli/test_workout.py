"""The command that writes a plan, its refusals, and the way back through `check`'s reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from intervaldetect.cli import app
from intervaldetect.notation import format_workout, parse_icu
from intervaldetect.plan.planned import planned_reps
from intervaldetect.plan.sources import read_plan, workout_steps
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.files import to_bytes


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["plan", *[str(each) for each in arguments]])


def test_a_text_becomes_a_workout_that_check_reads(tmp_path: Path) -> None:
    out = tmp_path / "a.fit"
    done = run("6x800m @ 2:10 (3:00)", "-o", out, "--plus-one-rep", "--pace", "2:50")
    assert done.exit_code == 0, done.output
    assert done.output == f"7 x 800 m @ 2:16 (3:00): written to {out}\n"
    (plan,) = read_plan(str(out))
    assert [(rep.distance_m, rep.recovery_s) for rep in plan.reps] == [
        *[(800.0, 180.0)] * 6, (800.0, None),
    ]  # fmt: skip
    assert plan.reps[0].speed_mps == pytest.approx(1000 / 170, abs=1e-3)


def test_a_plan_becomes_text_for_intervals_icu(tmp_path: Path) -> None:
    written, out = tmp_path / "plan.txt", tmp_path / "icu.txt"
    written.write_text("3 x 10:00 @ 3:35/km (2:00) + (4:00) + 8 x 200 m @ 0:34 (1:00)\n")
    assert run(written, "-o", out, "--to", "icu").exit_code == 0
    found = format_workout(parse_icu(out.read_text()), between_sets=True)
    assert found == "3 x 10:00 @ 3:35/km (2:00) + (4:00) + 8 x 200 m @ 0:34 (1:00)"


def test_a_session_that_was_run_is_planned_again(tmp_path: Path) -> None:
    file, out = tmp_path / "run.fit", tmp_path / "next.fit"
    made = simulate(Plan("5 x 1000 m @ 3:10 (1:30 jog)", warmup_s=600.0, cooldown_s=300.0), seed=5)
    file.write_bytes(to_bytes(made, "fit"))
    done = run(file, "--same-again", "--plus-one-rep", "-o", out)
    assert done.exit_code == 0, done.output
    reps = read_plan(str(out))[0].reps
    assert len(reps) == 6
    assert {rep.distance_m for rep in reps} == {1000.0}


def test_heart_rate_takes_its_ceiling_from_the_athlete(tmp_path: Path) -> None:
    athlete, out = tmp_path / "me.toml", tmp_path / "a.fit"
    athlete.write_text("threshold_hr_bpm = 172\n")
    command = ["4x6 min @ 3:40/km (1 min)", "-o", out, "--heart-rate", "--no-warmup"]
    assert run(*command).exit_code == 2
    assert run(*command, "--athlete-file", athlete).exit_code == 0
    steps = workout_steps(out.read_bytes(), "a.fit")
    assert (len(steps), steps[0].target_type, steps[0].target_high) == (3, "heart_rate", 172.0)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [(["6x"], 2), (["6x800", "--pace", "fast"], 2), (["nothing.fit", "--same-again"], 1)],
)
def test_what_cannot_be_planned_is_refused(
    arguments: list[str], status: int, tmp_path: Path
) -> None:
    assert run(*arguments, "-o", tmp_path / "a").exit_code == status
    assert not (tmp_path / "a").exists()


def test_a_plan_of_several_days_or_of_a_watch_is_refused(tmp_path: Path) -> None:
    dated = tmp_path / "dated.txt"
    dated.write_text("2026-05-30 6x800\n2026-05-31 5x1000\n")
    assert run(dated, "-o", tmp_path / "a").exit_code == 2
    assert run("6x800m", "-o", tmp_path / "a.fit").exit_code == 0
    assert run(tmp_path / "a.fit", "-o", tmp_path / "b.fit").exit_code == 2
    assert planned_reps(parse_icu("- 10km intensity=active"))[0].distance_m == 10000.0
