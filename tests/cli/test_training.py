"""weeks, days, series and compare as a user meets them."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from intervaldetect.cli import HISTORIES, _show_history, app, plain_history
from intervaldetect.store import Store
from intervaldetect.training import History
from intervaldetect.training.columns import TABLES

ZONE = ("--timezone", "Europe/Oslo")
COMMANDS = ("weeks", "days", "series")


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


@pytest.fixture(scope="module")
def store(season_history: History) -> Path:
    return season_history.folder


def rows_of(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def test_weeks_for_people(store: Path) -> None:
    result = run("weeks", store, *ZONE)
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert lines[1].split()[:4] == ["week", "runs", "km", "time"]
    assert [line.split()[0] for line in lines[2:12]] == [f"2025-W{n}" for n in range(36, 46)]
    assert "Seiler's three zones by heart rate: borders at 94 and 100 %" in result.stdout
    assert "Local time: 44 from the file, 19 from the zone Europe/Oslo." in result.stdout
    shares = re.findall(r"(\d+) / (\d+) / (\d+)", lines[13])
    assert len(shares) == 3
    assert all(sum(map(int, share)) in (99, 100, 101) for share in shares)


def test_units_change_what_people_read_and_nothing_else(store: Path) -> None:
    km = run("weeks", store, *ZONE).stdout.splitlines()[2].split()
    mi = run("weeks", store, *ZONE, "--units", "mi").stdout.splitlines()[2].split()
    assert float(km[2]) / float(mi[2]) == pytest.approx(1.609, rel=0.01)
    assert (
        run("weeks", store, "--json").stdout
        == run("weeks", store, "--json", "--units", "mi").stdout
    )


def test_days_for_people(store: Path) -> None:
    result = run("days", store, *ZONE)
    assert result.exit_code == 0, result.output
    assert "Tue 2025-09-02" in result.stdout
    assert "% faster" in result.stdout
    assert result.stdout.count("4 x 6:00") == 9


def test_every_session_on_one_scale(store: Path) -> None:
    result = run("days", store, "--all", "--since", "2025-11-01")
    assert result.exit_code == 0, result.output
    assert "relative to running at 3 m/s." in re.sub(r"\s+", " ", result.stdout)
    assert "15 x 1000 m" in result.stdout
    assert "2025-10" not in result.stdout


def test_series_say_what_moved(store: Path) -> None:
    result = run("series", store, *ZONE, "--min-sessions", "10")
    assert result.exit_code == 0, result.output
    assert "10 sessions, 2025-W36 to 2025-W45; speed at HR" in result.stdout
    told = re.sub(r"\s+", " ", result.stdout)
    for moved in ("6 to 4 reps, 500 to 600 m", "4 to 6 reps", "700 to 800 m", "3:00 kept"):
        assert moved in told
    assert "25 x 400 m" not in result.stdout


def test_blocks_never_advise(store: Path) -> None:
    result = run("weeks", store, "--block", "2")
    assert result.exit_code == 0, result.output
    told = re.sub(r"\s+", " ", result.stdout)
    assert "not what caused what" in told
    assert re.search(r"[+-]\d\.\d% \([+-]\d+\.\d% to [+-]\d+\.\d%\)", told)
    assert not re.search(r"\b(should|recommend|better to|try)\b", told)


def test_a_comparison_for_people(store: Path) -> None:
    result = run("compare", store, "2025-09-06", "2025-11-08", *ZONE)
    assert result.exit_code == 0, result.output
    assert "6 x 500 m @ 1:15" in result.stdout
    assert "6 x 800 m @ 2:00" in result.stdout
    assert "The second is" not in result.stdout


@pytest.mark.parametrize(
    ("arguments", "columns"),
    [
        (("days",), TABLES["double_threshold_days"]),
        (("days", "--all"), TABLES["session_costs"]),
        (("series",), TABLES["series_steps"]),
        (("weeks", "--block", "4"), TABLES["training_blocks"]),
    ],
)
def test_json_and_csv_hold_the_library_s_columns(
    store: Path, arguments: tuple[str, ...], columns: Any
) -> None:
    rows = rows_of(run(arguments[0], store, *arguments[1:], "--json"))
    assert rows
    assert all(list(row) == list(columns) for row in rows)
    result = run(arguments[0], store, *arguments[1:], "--csv")
    assert result.exit_code == 0
    table = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [row["athlete"] for row in table] == [row["athlete"] for row in rows]
    assert list(table[0]) == list(columns)


def test_weeks_as_json_carry_the_distributions(store: Path) -> None:
    rows = rows_of(run("weeks", store, "--json"))
    assert len(rows) == 10
    for row in rows:
        assert list(row)[: len(TABLES["training_weeks"])] == list(TABLES["training_weeks"])
        for method in ("heart_rate", "speed", "session_goal"):
            assert isinstance(row[f"{method}_scale"], str)
            zones = [value for key, value in row.items() if key.startswith(f"{method}_zone_")]
            assert 0.0 < sum(zones) <= row["timer_s"] + 1.0


def test_a_comparison_as_json_is_one_object(store: Path) -> None:
    (told,) = rows_of(run("compare", store, "2025-09-06", "--json"))
    assert list(told) == ["first", "second", "chosen", "reps"]
    assert list(told["first"]) == list(TABLES["Comparison.sessions"])
    assert list(told["reps"][0]) == list(TABLES["Comparison.reps"])
    assert "of its kind" in told["chosen"]


@pytest.mark.parametrize("form", ["--json", "--csv"])
def test_remarks_go_beside_the_data(store: Path, form: str) -> None:
    result = run("weeks", store, form)
    assert "Local days" not in result.stdout
    assert "19 runs have no time zone and are shown in UTC" in result.stderr


@pytest.mark.parametrize("command", [*COMMANDS, "compare"])
def test_an_empty_store_is_a_sentence_and_no_error(tmp_path: Path, command: str) -> None:
    Store.create(tmp_path).close()
    more = ["2025-09-06"] if command == "compare" else []
    result = run(command, tmp_path, *more)
    assert result.exit_code == 0, result.output
    assert result.stdout.count("\n") == 1
    assert "holds no activity yet" in result.stdout
    for form in ("--json", "--csv"):
        result = run(command, tmp_path, *more, form)
        assert result.exit_code == 0
        assert len(result.stdout.splitlines()) == (form == "--csv")
        assert "holds no activity yet" in result.stderr


def test_no_double_and_no_series_are_said(tmp_path: Path, season_history: History) -> None:
    assert (
        "No double-threshold day among 63 runs."
        in run("days", season_history.folder, "--since", "2030-01-01").stdout
    )
    assert "No series among" in run("series", season_history.folder, "--min-sessions", "50").stdout


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (("weeks", "--json", "--csv"), 2, "--csv cannot be True; it must be left out with --json"),
        (("weeks", "--since", "soon"), 2, "a date such as 2026-05-31"),
        (("weeks", "--timezone", "Mars"), 2, "IANA name"),
        (("weeks", "--athlete", "bo"), 2, "athlete cannot be 'bo'; it must be me"),
        (("weeks", "--block", "0"), 2, "greater than or equal to 1"),
        (("compare", "2031-01-01"), 2, "the nearest is 2025-11-08"),
    ],
)
def test_wrong_use(store: Path, arguments: tuple[str, ...], status: int, told: str) -> None:
    result = run(arguments[0], store, *arguments[1:])
    assert result.exit_code == status
    assert told in result.stderr
    assert result.stdout == ""


def test_an_unusable_store_is_status_3(tmp_path: Path) -> None:
    result = run("weeks", tmp_path)
    assert result.exit_code == 3
    assert "no store here" in result.stderr


def test_names_from_files_cannot_style_the_terminal(tmp_path: Path) -> None:
    from datetime import datetime

    from intervaldetect.simulate import Plan
    from tests.training.truth import TrueRun, write_runs
    from tests.training.two_years import OSLO

    plan = Plan("4 x 6:00 @ 3:15/km (1:00)", label="threshold", kind="threshold_intervals")
    runs = [
        TrueRun(datetime(2025, 6, day, 8, tzinfo=OSLO), plan, athlete="[red]eve[/red]")
        for day in (2, 9)
    ]
    bo = TrueRun(datetime(2025, 6, 2, 8, tzinfo=OSLO), plan, athlete="bo")
    write_runs(tmp_path, [*runs, bo])
    for command in COMMANDS:
        assert run(command, tmp_path).exit_code == 0
    assert "[red]eve[/red]" in run("weeks", tmp_path).stdout


@pytest.mark.parametrize("command", [*COMMANDS, "compare"])
def test_help_imports_nothing_heavy(command: str) -> None:
    code = (
        "import sys\n"
        "from intervaldetect.cli import main\n"
        f"sys.argv = ['intervaldetect', {command!r}, '--help']\n"
        "try:\n"
        "    main()\n"
        "except SystemExit:\n"
        "    pass\n"
        "print(sorted({'polars', 'numba', 'numpy'} & set(sys.modules)), file=sys.stderr)\n"
    )
    done = ran(code)
    assert done.stderr.strip() == "[]"
    assert "Usage: " in done.stdout


def ran(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_views_load_no_compiler(store: Path) -> None:
    """They read a store and compute in polars: no kernel, and so no numba."""
    code = (
        "import sys\n"
        "from intervaldetect.training import read_history, training_weeks, training_series\n"
        f"history = read_history({str(store)!r})\n"
        "training_weeks(history), training_series(history)\n"
        "print(sorted({'numba', 'rich', 'typer'} & set(sys.modules)))\n"
    )
    assert ran(code).stdout.strip() == "[]"


@pytest.mark.parametrize("command", sorted(HISTORIES))
@pytest.mark.parametrize("form", [(), ("--json",), ("--csv",)])
def test_without_options_a_view_is_the_same(
    store: Path, command: str, form: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    told = plain_history([command, str(store), *form])
    assert told == (command, str(store), "".join(form)[2:])
    _show_history(*told)
    assert capsys.readouterr().out == run(command, store, *form).stdout


@pytest.mark.parametrize(
    "arguments",
    ["weeks", "weeks A B", "weeks --help", "weeks A --block 4", "weeks A --json --csv", "plot A"],
)
def test_options_go_through_typer(arguments: str) -> None:
    assert plain_history(arguments.split()) is None


def test_the_weeks_of_a_store_load_neither_numpy_nor_what_reads_options(store: Path) -> None:
    code = (
        "import sys\n"
        "from intervaldetect.cli import main\n"
        f"sys.argv = ['intervaldetect', 'weeks', {str(store)!r}]\n"
        "main()\n"
        "print(sorted({'numpy', 'numba', 'pydantic'} & set(sys.modules)), file=sys.stderr)\n"
    )
    assert ran(code).stderr.strip() == "[]"
