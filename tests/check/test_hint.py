"""A plan as a hint: it helps to choose, its weight is stated, and it never makes a rep."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from intervaldetect import analyse, parse_workout
from intervaldetect.check import PlannedRep, check_plan, planned_reps
from intervaldetect.cli import app
from intervaldetect.plans import hint_from, read_plan
from intervaldetect.records import Activity
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.files import to_fit
from intervaldetect.simulate.plan import RunType, Terrain

PLANS = ("6 x 800 m @ 2:40 (3:00)", "5 x 6:00 @ 3:30/km (1:00)", "20 x 0:30 (0:30)", "8000 m")
ON_HILLS = "6 x 800 m @ 2:40 (1:30 jog)"


def reps(text: str) -> tuple[PlannedRep, ...]:
    return planned_reps(parse_workout(text))


def run_of(kind: RunType, terrain: Terrain = "flat") -> Activity:
    plan = Plan(None, run_type=kind, duration_s=2700.0, terrain=terrain)
    return simulate(plan, seed=3, noise="typical").to_activity()


def hilly(seed: int) -> Activity:
    return simulate(Plan(ON_HILLS, terrain="hilly"), seed=seed, noise="high").to_activity()


@pytest.mark.parametrize("plan", PLANS)
@pytest.mark.parametrize(("kind", "terrain"), [("easy", "hilly"), ("progression", "flat")])
def test_a_plan_makes_no_reps_of_a_plain_run(kind: RunType, terrain: Terrain, plan: str) -> None:
    activity = run_of(kind, terrain)
    plain, hinted = analyse(activity).workout, analyse(activity, plan=reps(plan)).workout
    assert plain.text is None
    assert hinted.segments == plain.segments
    assert hinted.text is None
    assert hinted.structured_probability == plain.structured_probability
    assert "not carried out" in hinted.evidence[-1]


@pytest.mark.parametrize("plan", ["12 x 400 m @ 1:10 (1:00)", "20:00", "3 x 2000 m (3:00)"])
def test_a_plan_that_was_not_run_changes_nothing(plan: str) -> None:
    activity = simulate(Plan("5 x 1000 m @ 3:10 (2:00 jog)"), seed=2).to_activity()
    plain, hinted = analyse(activity).workout, analyse(activity, plan=reps(plan)).workout
    assert (hinted.segments, hinted.sets) == (plain.segments, plain.sets)
    assert hinted.structured_probability == plain.structured_probability
    assert "not carried out and had no say" in hinted.evidence[-1]
    assert check_plan(reps(plan), hinted).executed != "yes"


def test_reps_that_show_anyway_are_not_owed_to_the_plan() -> None:
    activity = simulate(Plan("5 x 1000 m @ 3:10 (2:00 jog)"), seed=2).to_activity()
    hinted = analyse(activity, plan=reps("5 x 1000 m (2:00)")).workout
    plain = analyse(activity).workout
    assert [(s.role, s.start_s, s.end_s, s.source) for s in hinted.segments] == [
        (s.role, s.start_s, s.end_s, s.source) for s in plain.segments
    ]
    assert hinted.structured_probability == plain.structured_probability
    assert hinted.evidence[-1].endswith("5 of their size were run; they show without it.")


def test_a_plan_decides_between_hypotheses_and_says_so() -> None:
    """On hills two of six reps drown; with the plan they are chosen, and marked."""
    activity, plan = hilly(6), reps(ON_HILLS)
    plain, hinted = analyse(activity).workout, analyse(activity, plan=plan).workout
    done = [
        sum(each.status == "done" for each in check_plan(plan, workout).reps)
        for workout in (plain, hinted)
    ]
    assert done[0] < done[1]
    owed = [s for s in hinted.segments if s.source == "plan"]
    assert owed
    assert all(s.role == "rep" for s in owed)
    assert f"{len(owed)} of the reps found stand out by its weight of 1.5" in hinted.evidence[-1]


def test_only_one_plan_for_the_day_is_a_hint(tmp_path: Path) -> None:
    activity = run_of("easy")
    day = activity.start_time.date()
    file = tmp_path / "plans.txt"
    file.write_text(f"{day} 6 x 800 m\n2001-01-01 5 x 1000 m\n")
    assert len(hint_from(read_plan(str(file)))(activity)) == 6
    file.write_text(f"{day} 6 x 800 m\n{day} 5 x 1000 m\n")
    assert hint_from(read_plan(str(file)))(activity) == ()


# --- the command line ----------------------------------------------------------------------------


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(each) for each in arguments])


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("hint") / "run.fit"
    path.write_bytes(to_fit(simulate(Plan("5 x 1000 m @ 3:10 (2:00 jog)"), seed=2)))
    return path


def test_summary_says_what_became_of_the_plan(file: Path) -> None:
    done = run("summary", file, "--plan", "5 x 1000 m @ 3:10 (2:00)")
    assert done.exit_code == 0
    assert "Against the plan: As planned: 5 of 5 reps." in done.stdout
    assert "The plan names 5 efforts" in " ".join(done.stdout.split())
    (line,) = run("summary", file, "--json", "--plan", "9 x 200 m").stdout.splitlines()
    told = json.loads(line)["evidence"]
    assert any("not carried out" in sentence for sentence in told)
    assert run("summary", file, "--plan", "9 x").exit_code == 2


def test_check_hints_only_when_asked(tmp_path: Path) -> None:
    path = tmp_path / "hills.fit"
    path.write_bytes(to_fit(simulate(Plan(ON_HILLS, terrain="hilly"), seed=6, noise="high")))
    found = [
        sum(
            rep["status"] == "done"
            for rep in json.loads(run("check", ON_HILLS, path, "--json", *more).stdout)["reps"]
        )
        for more in ((), ("--hint",))
    ]
    assert found[0] < found[1]


def test_a_report_with_a_plan_tells_its_weight(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "page"
    assert run("report", file, "-o", out, "--plan", "5 x 1000 m (2:00)").exit_code == 0
    page = (out / "index.html").read_text("utf-8")
    assert "The plan names 5 efforts" in page
    assert "Planned and done" in page
