"""A plan as a hint: it helps to choose, its weight is stated, and it never makes a rep."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from intervaldetect import analyse, parse_workout
from intervaldetect.cli import app
from intervaldetect.plan.check import check_plan
from intervaldetect.plan.planned import PlannedRep, planned_reps
from intervaldetect.plan.sources import hint_from, read_plan
from intervaldetect.records import Activity
from intervaldetect.simulate import Plan, simulate
from intervaldetect.simulate.files import to_fit
from intervaldetect.simulate.plan import RunType, Terrain
from intervaldetect.structure.plan_prior import (
    PLAN_LOG_ODDS,
    due_to_plan,
    evidence_of_plan,
    favour,
    planned_share,
)
from intervaldetect.structure.readings import Reading
from intervaldetect.structure.tiling import Span

PLANS = ("6 x 800 m @ 2:40 (3:00)", "5 x 6:00 @ 3:30/km (1:00)", "20 x 0:30 (0:30)", "8000 m")


def reps(text: str) -> tuple[PlannedRep, ...]:
    return planned_reps(parse_workout(text))


def run_of(kind: RunType, terrain: Terrain = "flat") -> Activity:
    plan = Plan(None, run_type=kind, duration_s=2700.0, terrain=terrain)
    return simulate(plan, seed=3, noise="typical").to_activity()


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
    assert "not carried out and was not used" in hinted.evidence[-1]
    assert check_plan(reps(plan), hinted).executed != "yes"


def test_reps_that_show_anyway_are_not_owed_to_the_plan() -> None:
    activity = simulate(Plan("5 x 1000 m @ 3:10 (2:00 jog)"), seed=2).to_activity()
    hinted = analyse(activity, plan=reps("5 x 1000 m (2:00)")).workout
    plain = analyse(activity).workout
    assert [(s.role, s.start_s, s.end_s, s.source) for s in hinted.segments] == [
        (s.role, s.start_s, s.end_s, s.source) for s in plain.segments
    ]
    assert hinted.structured_probability == plain.structured_probability
    assert hinted.evidence[-1].endswith("5 of their size were run. They are found without it.")


def reading(*spans: tuple[float, float]) -> Reading:
    start, end = np.array(spans).T.copy()
    return Reading("test", start, end)


def by_speed(start_s: float, end_s: float) -> float:
    return 4.0 * (end_s - start_s)


@pytest.mark.parametrize(("share", "gain"), [(2, 0.0), (3, 0.5), (6, 1.0)])
def test_a_reading_gains_by_the_share_of_the_plan_it_holds(share: int, gain: float) -> None:
    """Below 40 % of the plan nothing is gained."""
    right = [(400.0 * k, 400.0 * k + 200.0) for k in range(share)]
    wrong = [(4000.0 + 100.0 * k, 4050.0 + 100.0 * k) for k in range(6 - share)]
    (found,) = favour([reading(*right, *wrong)], reps("6 x 800 m (3:00)"), by_speed)
    assert found == pytest.approx(gain * PLAN_LOG_ODDS)


@pytest.mark.parametrize(("size_s", "counts"), [(247.0, True), (252.0, False)])
def test_a_size_counts_within_a_fifth(size_s: float, counts: bool) -> None:
    planned = reps("3 x 800 m (3:00)")
    spans = [(600.0 * k, 600.0 * k + size_s) for k in range(3)]
    assert planned_share(spans, planned, by_speed) == float(counts)


def test_only_reps_that_are_in_no_unaided_reading_are_due_to_the_plan() -> None:
    unaided = reading((100.0, 200.0), (300.0, 400.0))
    helped = reading((101.0, 199.0), (299.0, 402.0), (500.0, 600.0))
    assert due_to_plan(helped, unaided) == [False, False, True]
    assert due_to_plan(unaided, unaided) == [False, False]
    snapped = [Span("rep", 100.0, 300.0, source=source) for source in ("plan", "stream", "stream")]
    (sentence,) = evidence_of_plan(snapped, reps("3 x 800 m (3:00)"), by_speed)
    assert sentence.endswith("3 of their size were run. 1 of the reps found are due to the plan.")


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
    assert "The plan has 5 reps" in " ".join(done.stdout.split())
    (line,) = run("summary", file, "--json", "--plan", "9 x 200 m").stdout.splitlines()
    told = json.loads(line)["evidence"]
    assert any("not carried out" in sentence for sentence in told)
    assert run("summary", file, "--plan", "9 x").exit_code == 2


def test_check_hints_only_when_asked(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []

    def count(readings: object, plan: Sequence[object], distance_m: object) -> None:
        asked.append(len(plan))

    monkeypatch.setattr("intervaldetect.structure.favour", count)
    assert run("check", "5 x 1000 m @ 3:10 (2:00)", file).exit_code == 0
    assert run("check", "5 x 1000 m @ 3:10 (2:00)", file, "--hint").exit_code == 0
    assert asked == [0, 5]


def test_a_report_with_a_plan_tells_its_weight(file: Path, tmp_path: Path) -> None:
    out = tmp_path / "page"
    assert run("report", file, "-o", out, "--plan", "5 x 1000 m (2:00)").exit_code == 0
    page = (out / "index.html").read_text("utf-8")
    assert "The plan has 5 reps" in page
    assert "Planned and run" in page
