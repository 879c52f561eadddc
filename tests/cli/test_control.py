"""control as a user meets it."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from rich.theme import Theme
from typer.testing import CliRunner, Result

from intervaldetect.cli import app
from intervaldetect.report import control_terminal as terminal
from intervaldetect.report.console import PLAIN
from intervaldetect.store import Store
from intervaldetect.training import (
    History,
    control_weeks,
    load_weeks,
    race_list,
    race_predictions,
    rep_verdicts,
    session_control,
    session_loads,
    training_weeks,
)
from intervaldetect.training.columns import TABLES


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(season_history: History) -> Path:
    return season_history.folder


def test_control_for_people(store: Path) -> None:
    result = run("control", store)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split()[:4] == ["week", "sessions", "reps", "over"]
    assert lines[1].split()[0] == "2025-W36"
    assert "% of " in lines[1]
    sessions = run("control", store, "--by", "session", "--since", "2025-11-01").stdout
    assert "15 x 1000 m" in sessions
    assert "2025-10" not in sessions
    assert "±" in run("control", store, "--by", "rep").stdout
    assert "No reps among 63 runs." in run("control", store, "--since", "2031-01-01").stdout


@pytest.mark.parametrize(
    ("arguments", "table"),
    [
        (("control",), "control_weeks"),
        (("control", "--by", "session"), "session_control"),
        (("control", "--by", "rep", "--ceiling", "3:10/km"), "rep_verdicts"),
        (("recovery",), "recovery_sessions"),
        (("recovery", "--by", "rep"), "recovery_reps"),
        (("durability",), "session_durability"),
    ],
)
def test_programs_get_the_library_s_columns(
    store: Path, arguments: tuple[str, ...], table: str
) -> None:
    result = run(arguments[0], store, *arguments[1:], "--json")
    assert result.exit_code == 0, result.output
    rows: list[dict[str, Any]] = [json.loads(line) for line in result.stdout.splitlines()]
    assert rows
    assert all(list(row) == list(TABLES[table]) for row in rows)
    printed = run(arguments[0], store, *arguments[1:], "--csv").stdout
    assert list(csv.DictReader(io.StringIO(printed)).fieldnames or ()) == list(TABLES[table])


def test_a_ceiling_that_is_none_is_wrong_use(store: Path) -> None:
    result = run("control", store, "--ceiling", "fast")
    assert result.exit_code == 2
    assert "a pace such as 3:20/km or a heart rate such as 172" in result.stderr


@pytest.mark.parametrize("command", ["control", "races", "load", "recovery", "durability"])
def test_an_empty_store_is_a_sentence(tmp_path: Path, command: str) -> None:
    Store.create(tmp_path).close()
    result = run(command, tmp_path)
    assert result.exit_code == 0, result.output
    assert "holds no activity yet" in result.stdout


def narrow(print_rows: Any, *tables: Any) -> list[str]:
    """Return what is printed on a terminal of 80 columns."""
    out = Console(file=io.StringIO(), width=80)
    out.push_theme(Theme(PLAIN))
    print_rows(*tables, console=out)
    assert isinstance(out.file, io.StringIO)
    return out.file.getvalue().splitlines()


def test_tables_fit_80_columns(season_history: History) -> None:
    for print_rows, table in (
        (terminal.print_control_weeks, control_weeks(season_history)),
        (terminal.print_control_sessions, session_control(season_history)),
        (terminal.print_control_reps, rep_verdicts(season_history)),
    ):
        assert max(map(len, narrow(print_rows, table))) <= 80


def test_races_for_people_and_programs(store: Path) -> None:
    result = run("races", store)
    assert result.exit_code == 0, result.output
    assert "half marathon" in result.stdout
    named = run("races", store, "--race", "2025-11-08", "--json")
    assert named.exit_code == 0, named.output
    rows = [json.loads(line) for line in named.stdout.splitlines()]
    assert rows
    assert all(list(row) == list(TABLES["race_list"]) for row in rows)
    times = run("races", store, "--predictions", "--csv").stdout
    assert list(csv.DictReader(io.StringIO(times)).fieldnames or ()) == list(
        TABLES["race_predictions"]
    )
    wrong = run("races", store, "--race", "never")
    assert wrong.exit_code == 2
    assert "race cannot be 'never'; it must be the local date of a session" in wrong.stderr


def test_load_for_people_and_programs(store: Path, season_history: History) -> None:
    result = run("load", store)
    assert result.exit_code == 0, result.output
    assert result.stdout.splitlines()[0].split() == [
        "week", "runs", "load", "hardest", "muscular", "fitness", "fatigue", "form"
    ]  # fmt: skip
    assert "~" in result.stdout
    for by, table in (("week", "load_weeks"), ("day", "load_days"), ("session", "session_loads")):
        assert run("load", store, "--by", by).exit_code == 0
        told = run("load", store, "--by", by, "--json").stdout
        assert all(list(json.loads(line)) == list(TABLES[table]) for line in told.splitlines())
    assert run("load", store, "--fatigue-days", "50").exit_code == 2
    for print_rows, rows in (
        (terminal.print_load, load_weeks(season_history)),
        (terminal.print_session_loads, session_loads(season_history)),
        (terminal.print_races, race_list(season_history, named=["2025-11-08"])),
        (terminal.print_predictions, race_predictions(season_history)),
    ):
        assert max(map(len, narrow(print_rows, rows))) <= 80


def test_weeks_show_the_sub_threshold_share(store: Path, season_history: History) -> None:
    weeks = training_weeks(season_history)
    lines = run("weeks", store, "--share", "10-15").stdout.splitlines()
    (head,) = [n for n, line in enumerate(lines) if "sub-threshold" in line and "week" in line]
    for row, line in zip(weeks.to_dicts(), lines[head + 1 :], strict=False):
        part = row["threshold_work_s"] / row["timer_s"]
        where = "below" if part < 0.10 else "above" if part > 0.15 else "within"
        assert line.split()[:3] == [row["week"], f"{part:.0%}", where]
    assert "10-15 %" in " ".join(lines)
    wrong = run("weeks", store, "--share", "25-20")
    assert wrong.exit_code == 2
    assert "a band in percent" in wrong.stderr
    assert max(map(len, narrow(terminal.print_week_shares, weeks))) <= 80


def test_lactate_of_a_table(store: Path, tmp_path: Path) -> None:
    assert "No lactate value" in run("lactate", store).stdout
    rows = [f"{1000.0 / v // 60:.0f}:{1000.0 / v % 60:04.1f},{1.0 + 0.5 * (v - 3.0) ** 3:.3f}"
            for v in (3.0, 3.4, 3.8, 4.2, 4.6, 5.0, 5.4)]  # fmt: skip
    path = tmp_path / "lab.csv"
    path.write_text("pace,mmol\n" + "\n".join(rows) + "\n")
    told = run("lactate", store, "--table", path)
    assert told.exit_code == 0, told.output
    (line,) = [line for line in told.stdout.splitlines() if line.split()[:2] == ["LT2", "4"]]
    assert "3:28/km" in line  # 3 + 6 ** (1 / 3) m/s
    assert max(map(len, told.stdout.splitlines())) <= 120
    for option, table in (((), "lactate_curve"), (("--values",), "lactate_values")):
        assert run("lactate", store, "--table", path, *option).exit_code == 0
        lines = run("lactate", store, "--table", path, *option, "--json").stdout.splitlines()
        assert all(list(json.loads(line)) == list(TABLES[table]) for line in lines)
    path.write_text("pace,mmol\n3:20,200\n")
    assert run("lactate", store, "--table", path).exit_code == 1
